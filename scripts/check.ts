/**
 * `npm run check [-- <part> …] [-- --except <part> …]`: the gate. Runs every part, reports each with its time
 * and the remedy for what it found, and ends with `N passed, N failed`.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ambient } from './checks/ambient.ts';
import { charts } from './checks/charts.ts';
import type { Check, Problem } from './checks/check.ts';
import { documents } from './checks/documents.ts';
import { generated } from './checks/generated.ts';
import { layers } from './checks/layers.ts';
import { lockfile } from './checks/lockfile.ts';
import { money } from './checks/money.ts';
import { openProject, type Project } from './checks/project.ts';
import { secrets } from './checks/secrets.ts';
import { sizes } from './checks/sizes.ts';
import { lint, tests, types, unused } from './checks/tools.ts';

const CHECKS: readonly Check[] = [
  types,
  lint,
  layers,
  ambient,
  money,
  sizes,
  unused,
  secrets,
  lockfile,
  documents,
  charts,
  generated,
  tests,
];

/** A recording full of one thing would scroll every other finding away. */
const PROBLEMS_SHOWN = 50;

const chosen = choose(process.argv.slice(2));
if (typeof chosen === 'string') {
  console.error(chosen);
  process.exitCode = 64;
} else {
  const project = openProject(dirname(dirname(fileURLToPath(import.meta.url))));
  const failed = await runAll(chosen, project);
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

async function runAll(checks: readonly Check[], project: Project): Promise<number> {
  let failed = 0;
  for (const check of checks) {
    const startedAt = performance.now();
    const problems = await check.run(project);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${problems.length === 0 ? '✓' : '✗'} ${check.name.padEnd(10)} ${seconds.padStart(5)} s`);
    if (problems.length === 0) continue;
    failed++;
    report(problems, check.remedy);
  }
  return failed;
}

function report(problems: readonly Problem[], remedy: string): void {
  for (const { where, what } of problems.slice(0, PROBLEMS_SHOWN)) {
    console.log(`    ${`${where}  ${what}`.replaceAll('\n', '\n    ')}`);
  }
  if (problems.length > PROBLEMS_SHOWN) console.log(`    … and ${problems.length - PROBLEMS_SHOWN} more`);
  console.log(`    remedy: ${remedy}`);
}

/** The parts that were asked for, or what is wrong with the asking. */
function choose(words: readonly string[]): readonly Check[] | string {
  const at = words.indexOf('--except');
  const only = at < 0 ? words : words.slice(0, at);
  const except = at < 0 ? [] : words.slice(at + 1);
  const unknown = [...only, ...except].find((word) => CHECKS.every(({ name }) => name !== word));
  if (unknown !== undefined) {
    return `expected parts among ${CHECKS.map(({ name }) => name).join(', ')}; found "${unknown}"`;
  }
  return CHECKS.filter(({ name }) => (only.length === 0 || only.includes(name)) && !except.includes(name));
}
