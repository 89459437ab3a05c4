/** Compiles `src` to `dist` when a source file changed since the last time. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { runQuietly } from './child.mjs';
import { Failure } from './failure.mjs';

const STAMP = 'dist/.tandem-build';
const COMPILER = 'node_modules/typescript/bin/tsc';
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'node_modules/typescript/package.json'];

export async function ensureBuilt(root) {
  if (isBuilt(root)) return;
  const sources = inputs(root);
  const content = contentOf(root, sources);
  if (content !== readStamp(root)?.content) {
    console.error('building …');
    // Without a stamp, a build that dies half-way is done again.
    rmSync(join(root, STAMP), { force: true });
    const { code, output } = await runQuietly(process.execPath, [COMPILER, '-p', 'tsconfig.build.json'], { cwd: root });
    if (code !== 0)
      throw new Failure(
        `expected the sources to compile, found:\n${output.trim()}\nMend these and run the same command again.`,
      );
    removeOrphans(root);
  }
  writeFileSync(join(root, STAMP), JSON.stringify({ quick: quickOf(root, sources), content }));
}

/** Looks at names, sizes and times only; content is read when one of them differs, as after a fresh checkout. */
export function isBuilt(root) {
  return readStamp(root)?.quick === quickOf(root, inputs(root));
}

function readStamp(root) {
  const stamp = join(root, STAMP);
  return existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : undefined;
}

function inputs(root) {
  const sources = filesIn(join(root, 'src')).filter((file) => file.endsWith('.ts') || file.endsWith('.json'));
  return [...sources.map((file) => relative(root, file)).sort(), ...SETTINGS];
}

function quickOf(root, files) {
  const lines = files.map((file) => {
    const { size, mtimeMs } = statSync(join(root, file));
    return `${file} ${size} ${mtimeMs}`;
  });
  return digest(lines.join('\n'));
}

function contentOf(root, files) {
  return digest(files.map((file) => `${file} ${digest(readFileSync(join(root, file)))}`).join('\n'));
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** Output of sources that are gone. The rest stays, because a running process may still load from it. */
function removeOrphans(root) {
  const dist = join(root, 'dist');
  for (const file of filesIn(dist)) {
    const source = relative(dist, file)
      .replace(/\.js(\.map)?$/, '.ts')
      .split(sep);
    if (/\.js(\.map)?$/.test(file) && !existsSync(join(root, 'src', ...source))) rmSync(file);
  }
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}
