/**
 * `node scripts/node24.mjs`: runs the fast rings (types, lint, quick tests) once more on Node 24, which we advise
 * for production, while everything else runs on the Node that is installed.
 *
 * Node 24 comes from the npm package `node`. It lives in `test/tools` because in the root manifest it would
 * shadow the installed Node in every npm script.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './launch/failure.mjs';
import { ensureInstalled } from './launch/install.mjs';
import { withLock } from './launch/lock.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TOOLS = join(ROOT, 'test', 'tools');
const RINGS = ['domain', 'streams', 'machines', 'model', 'venues'];

process.exitCode = await main();

async function main() {
  const root = (path) => join(ROOT, 'node_modules', path);
  await withLock(join(ROOT, '.tandem', 'setup.lock'), async () => {
    await ensureInstalled(ROOT, { ignoreScripts: true });
    await ensureInstalled(TOOLS, { ignoreScripts: false });
  }).catch((error) => {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exit(error.exitCode);
  });
  const rings = RINGS.map((ring) => `test/${ring}`).filter((folder) => existsSync(join(ROOT, folder)));
  const parts = [
    ['types', root('typescript/bin/tsc'), '--noEmit'],
    ['lint', root('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '.'],
    ['tests', root('vitest/vitest.mjs'), 'run', ...rings],
  ];
  const node24 = join(TOOLS, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const version = spawnSync(node24, ['--version'], { encoding: 'utf8' });
  if (!version.stdout?.startsWith('v24.')) {
    console.error(
      `expected Node 24 in test/tools/node_modules/node, found ${version.stdout?.trim() || version.error?.message}.`,
    );
    console.error(
      'Its install script fetches the binary: allow install scripts, delete test/tools/node_modules, run again.',
    );
    return 1;
  }
  console.log(`Node ${version.stdout.trim()}`);
  const failed = parts.filter(([name, ...args]) => {
    const { status } = spawnSync(node24, args, { cwd: ROOT, stdio: 'inherit' });
    console.log(`${status === 0 ? '✓' : '✗'} ${name} on Node 24`);
    return status !== 0;
  });
  console.log(`${parts.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}
