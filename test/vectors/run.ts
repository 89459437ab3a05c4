/** `npm run vectors -- <files or folders>`: runs worked cases and ends with `N passed, N failed`. */
import { exit } from 'node:process';
import { corrections } from './corrections.ts';
import { kinds, pendingKinds } from './kinds.ts';
import { differences, readVectorFiles, type Vector } from './vector-file.ts';

const paths = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
if (paths.length === 0) paths.push(new URL('../fixtures/vectors', import.meta.url).pathname);

let passed = 0;
let failed = 0;
const pending = new Map<string, number>();

for (const file of readVectorFiles(paths)) {
  const before = { passed, failed };
  for (const vector of file.vectors) run(vector);
  console.log(
    `${file.file.padEnd(24)} ${String(passed - before.passed).padStart(4)} passed ${String(failed - before.failed).padStart(4)} failed`,
  );
}
for (const [kind, count] of pending) console.log(`pending: ${count} of kind ${kind}: ${pendingKinds[kind]}`);
console.log(`${passed} passed, ${failed} failed`);
exit(failed === 0 ? 0 : 1);

function run(given: Vector): void {
  const correction = corrections[given.id];
  const vector = correction === undefined ? given : { ...given, expected: correction.expected };
  if (correction !== undefined) console.log(`corrected: ${given.id}: ${correction.why}`);
  const kind = kinds[vector.kind];
  if (kind === undefined && vector.kind in pendingKinds) {
    pending.set(vector.kind, (pending.get(vector.kind) ?? 0) + 1);
    return;
  }
  const problems = kind === undefined ? [`no rule computes kind ${vector.kind}`] : problemsOf(kind, vector);
  if (problems.length === 0) passed++;
  else {
    failed++;
    console.log(`FAILED ${vector.id}\n  ${problems.join('\n  ')}`);
  }
}

function problemsOf(kind: (input: never) => unknown, vector: Vector): string[] {
  try {
    return differences(vector, kind(vector.input as never));
  } catch (error) {
    return [`threw ${error instanceof Error ? error.message : String(error)}`];
  }
}
