/**
 * How attempts end where orders fail as often as a public bot recorded: repair within 50 ms, nothing left open.
 *
 *     npm run bench -- failure-distribution [--attempts 500] [--policy sequential|together] [--seed a] [--json] [--write-docs]
 *
 * Virtual time and simulated venues with the recorded round trips; fates of orders and prices are drawn as recorded.
 * Without a policy both are run. Ends with 1 where something is left open, believed wrongly, repaired late or not resumed.
 */
import { parseArgs } from 'node:util';
import { writeSection } from './support/benchmark-page.ts';
import { environment, environmentLine } from './support/environment.ts';
import { RECORDED, runDistribution } from './support/failure-distribution.ts';
import { isAsItMustBe, linesOf, sectionOf } from './support/failure-report.ts';

const PROGRESS_EVERY = 50;

const { values } = parseArgs({
  options: {
    attempts: { type: 'string', default: '500' },
    policy: { type: 'string' },
    seed: { type: 'string', default: 'a' },
    json: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
});

const attempts = Number(values.attempts);
const policies = (['sequential', 'together'] as const).filter((one) => (values.policy ?? one) === one);
const runs: Awaited<ReturnType<typeof runDistribution>>[] = [];
for (const policy of policies) {
  const onProgress = (ended: number): void => {
    if (ended % PROGRESS_EVERY === 0) console.error(`${policy}: ${ended} of ${attempts} attempts`);
  };
  runs.push(await runDistribution({ attempts, policy, seed: values.seed, onProgress }));
}
const { seed } = values;
if (values.json)
  console.log(
    JSON.stringify({ bench: 'failure-distribution', environment: environment(), recorded: RECORDED, seed, runs }),
  );
else console.log([environmentLine(environment()), ...runs.flatMap(linesOf)].join('\n'));
if (values['write-docs']) writeSection('failure-distribution', sectionOf(runs, seed, environment()));
if (!runs.every(isAsItMustBe)) process.exitCode = 1;
