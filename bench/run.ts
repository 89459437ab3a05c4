/**
 * `npm run bench -- <name> [options]`: runs `bench/<name>.bench.ts`, one file per number that we claim.
 *
 * A bench is a program of its own: it reads its own options, and with `--json` prints one JSON value whose
 * `ratioToFloor` says how it stands to a floor measured in the same run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const SUFFIX = '.bench.ts';
const USAGE_EXIT = 64;

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || name === '--help' || name === '-h') console.log(usage());
else if (benches().includes(name)) await start(join(FOLDER, `${name}${SUFFIX}`));
else refuse(name);

async function start(path: string): Promise<void> {
  process.argv = [process.execPath, path, ...rest];
  await import(pathToFileURL(path).href);
}

function refuse(found: string): void {
  console.error(`expected one of ${benches().join(', ')}; found ${JSON.stringify(found)}.\n${usage()}`);
  process.exitCode = USAGE_EXIT;
}

function usage(): string {
  const width = Math.max(...benches().map((bench) => bench.length));
  const lines = benches().map((bench) => `  ${bench.padEnd(width)}  ${summaryOf(bench)}`);
  return `Usage: npm run bench -- <name> [options]\n\n${lines.join('\n')}\n\nEach takes --json. Options of one: npm run bench -- <name> --help`;
}

function benches(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
}

/** The first line of the comment that opens the file. */
function summaryOf(bench: string): string {
  const source = readFileSync(join(FOLDER, `${bench}${SUFFIX}`), 'utf8');
  return /^\/\*\*\s*(?:\*\s)?(.+?)(?:\s*\*\/)?$/m.exec(source)?.[1] ?? '';
}
