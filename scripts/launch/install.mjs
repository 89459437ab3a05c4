/** Brings `node_modules` of a folder to what its lock file says, and does nothing when it is there already. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runQuietly } from './child.mjs';
import { Failure } from './failure.mjs';

const STAMP = 'node_modules/.tandem-install';
const OUTPUT_LINES_SHOWN = 20;

/**
 * `ignoreScripts` is what the product always uses: none of its packages may need an install script. The Node 24
 * package in `test/tools` does.
 */
export async function ensureInstalled(folder, { ignoreScripts }) {
  if (isInstalled(folder)) return;
  if (!matchesLock(folder)) {
    console.error('installing packages (npm ci), this takes a minute the first time …');
    const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error', `--ignore-scripts=${ignoreScripts}`];
    const { code, output } = await runNpm(['ci', ...flags], folder);
    if (code !== 0) throw new Failure(installFailed(code, output));
  }
  writeFileSync(join(folder, STAMP), wanted(folder));
}

export function isInstalled(folder) {
  const stamp = join(folder, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted(folder);
}

function wanted(folder) {
  const hash = createHash('sha256');
  for (const name of ['package-lock.json', 'package.json']) hash.update(readFileSync(join(folder, name))).update('\0');
  return hash.digest('hex');
}

/**
 * Whether npm itself has already installed exactly this lock file, as after a developer's own `npm install`:
 * npm notes what it installed in `node_modules/.package-lock.json`. Installing again would only cost time and
 * pull the packages away from under running processes.
 */
function matchesLock(folder) {
  const noted = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(noted)) return false;
  const installed = readJson(noted).packages;
  const { '': root, ...locked } = readJson(join(folder, 'package-lock.json')).packages;
  const manifest = readJson(join(folder, 'package.json'));
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
  if (kinds.some((kind) => JSON.stringify(manifest[kind] ?? {}) !== JSON.stringify(root[kind] ?? {}))) return false;
  const isInPlace = ([path, { version, optional, devOptional }]) =>
    installed[path] === undefined
      ? optional === true || devOptional === true
      : installed[path].version === version && existsSync(join(folder, path, 'package.json'));
  return Object.keys(installed).every((path) => path in locked) && Object.entries(locked).every(isInPlace);
}

function runNpm(args, cwd) {
  // npm tells scripts where it is; another package manager would put itself there.
  const npm = process.env.npm_execpath ?? '';
  const isNpm = /^npm-cli\.[cm]?js$/.test(basename(npm)) && existsSync(npm);
  if (isNpm) return runQuietly(process.execPath, [npm, ...args], { cwd });
  return runQuietly('npm', args, { cwd, shell: process.platform === 'win32' }).catch((error) => {
    throw new Failure(`expected the command npm, which comes with Node, found none (${error.message}).`);
  });
}

function installFailed(code, output) {
  const lines = output.trim().split('\n');
  return [
    `expected npm ci to succeed, it ended with exit code ${code}. Its last lines:`,
    ...lines.slice(-OUTPUT_LINES_SHOWN).map((line) => `  ${line}`),
    'Check the network and the lock file, then run the same command again.',
  ].join('\n');
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
