/** What each word of `scripts/run.mjs` prepares and which program it hands over to. */
import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, isBuilt } from './build.mjs';
import { handOver } from './child.mjs';
import { Failure } from './failure.mjs';
import { ensureInstalled, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FREE_BYTES_MIN = 2 ** 30;
const USAGE_EXIT = 64;

const tsx = (script) => ['--import', 'tsx', script];

/** `program` is what Node is started with; the caller's arguments follow it. */
const WORDS = {
  start: { build: true, program: ['dist/app/cli.js', 'start'] },
  tandem: { build: true, program: ['dist/app/cli.js'] },
  test: { build: false, program: ['node_modules/vitest/vitest.mjs', 'run'] },
  'test:model': { build: false, program: tsx('scripts/test-model.ts') },
  check: { build: false, program: tsx('scripts/check.ts') },
  vectors: { build: false, program: tsx('test/vectors/run.ts') },
  conformance: { build: false, program: tsx('test/conformance/run.ts') },
  bench: { build: false, program: tsx('bench/run.ts') },
};

export async function launch([word, ...rest]) {
  try {
    const target = Object.hasOwn(WORDS, word ?? '') ? WORDS[word] : undefined;
    if (target === undefined) throw new Failure(unknownWord(word), USAGE_EXIT);
    requireDiskSpace();
    await prepare(target.build);
    await handOver(process.execPath, [...target.program, ...rest], ROOT);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

/** The usual second start finds everything in place and never touches the lock. */
async function prepare(needsBuild) {
  const isReady = () => isInstalled(ROOT) && (!needsBuild || isBuilt(ROOT));
  if (isReady()) return;
  await withLock(join(ROOT, '.tandem', 'setup.lock'), async () => {
    await ensureInstalled(ROOT, { ignoreScripts: true });
    if (needsBuild) await ensureBuilt(ROOT);
  });
}

function requireDiskSpace() {
  const { bavail, bsize } = statfsSync(ROOT);
  const free = bavail * bsize;
  if (free >= FREE_BYTES_MIN) return;
  throw new Failure(
    `tandem needs at least 1 GiB of free disk space for its packages, journal and database, found ${Math.floor(free / 2 ** 20)} MiB.\n` +
      'Free some space on the disk that holds this folder, then run the same command again.',
  );
}

function unknownWord(word) {
  const found = word === undefined ? 'found none' : `found "${word}"`;
  return `expected one of ${Object.keys(WORDS).join(', ')}; ${found}.\nUsage: node scripts/run.mjs <word> [arguments]`;
}
