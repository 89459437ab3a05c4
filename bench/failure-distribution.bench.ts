/**
 * How attempts end where orders fail as often as a public bot recorded: repair within 50 ms, nothing left open.
 *
 *     npm run bench -- failure-distribution [--attempts 500] [--policy sequential|together] [--seed a] [--json]
 *
 * Virtual time and simulated venues with the recorded round trips; only the fates of orders are drawn. Without a policy
 * both are run. Under `together` the second leg does not wait for the first, so that shares differ from the recorded ones.
 */
import { parseArgs } from 'node:util';
import { environment, environmentLine } from './support/environment.ts';
import { RECORDED, runDistribution } from './support/failure-distribution.ts';

const { values } = parseArgs({
  options: {
    attempts: { type: 'string', default: '500' },
    policy: { type: 'string' },
    seed: { type: 'string', default: 'a' },
    json: { type: 'boolean', default: false },
  },
});

const policies = (['sequential', 'together'] as const).filter((one) => (values.policy ?? one) === one);
const runs: Awaited<ReturnType<typeof runDistribution>>[] = [];
for (const policy of policies)
  runs.push(await runDistribution({ attempts: Number(values.attempts), policy, seed: values.seed }));
if (values.json)
  console.log(JSON.stringify({ bench: 'failure-distribution', environment: environment(), recorded: RECORDED, runs }));
else {
  console.log(environmentLine(environment()));
  for (const run of runs) print(run);
}
if (runs.some(({ leftOpen, isBelievedTrue }) => leftOpen > 0 || !isBelievedTrue)) process.exitCode = 1;

function print(run: (typeof runs)[number]): void {
  const { shares, repairStartMs, lossUsd } = run;
  const share = (one: number): string => `${(one * 100).toFixed(1)} %`;
  console.log(`${run.policy}: ${run.ended} of ${run.attempts} attempts ended, ${run.leftOpen} left open`);
  console.log(`  not filled   ${share(shares.notFilled)} (recorded ${share(RECORDED.notFilled)})`);
  console.log(`  both filled  ${share(shares.bothFilled)} (recorded ${share(RECORDED.bothFilled)})`);
  console.log(
    `  one-legged   ${share(shares.oneLegged)} (recorded ${share(RECORDED.oneLegged)}): ${JSON.stringify(run.ends)}`,
  );
  console.log(
    `  repair       starts after p95 ${repairStartMs.p95} ms, at most ${repairStartMs.max} ms, late ${run.late.length}`,
  );
  const recorded = `recorded $${RECORDED.lossUsd.p50}, $${RECORDED.lossUsd.p95}`;
  console.log(`  loss         p50 $${lossUsd.p50}, p95 $${lossUsd.p95}, max $${lossUsd.max} (${recorded})`);
  console.log(`  breaker      ${run.trips} trips, ${run.resumes} resumed, ${run.resumesRefused} refused first`);
  console.log(`  triggers     ${JSON.stringify(run.triggers)}`);
  console.log(`  belief       ${run.isBelievedTrue ? 'is what the venues hold' : 'differs from what the venues hold'}`);
}
