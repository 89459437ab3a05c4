/**
 * Ten thousand attempts in one process: live actors against live work, and the heap after forced collection.
 *
 *     NODE_OPTIONS=--expose-gc npm run bench -- attempts-soak [--attempts 10000] [--every 2000] [--json]
 *
 * Virtual time and memory for wires. The heap includes the simulated venues, which keep every order for ever.
 */
import { parseArgs } from 'node:util';
import { type Checkpoint, soak } from './support/attempts-soak.ts';
import { environment, environmentLine } from './support/environment.ts';

const { values } = parseArgs({
  options: {
    attempts: { type: 'string', default: '10000' },
    every: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
  },
});

const MEBIBYTE = 1_048_576;
const collect = (globalThis as { gc?: () => void }).gc;
if (!values.json) console.log(environmentLine(environment()));
const checkpoints = await soak({
  attempts: Number(values.attempts),
  every: Number(values.every),
  heapBytes: () => {
    collect?.();
    return process.memoryUsage().heapUsed;
  },
  onCheckpoint: (one) => (values.json ? undefined : print(one)),
});
const isClean = checkpoints.every(({ workActors, positions }) => workActors === positions);
if (values.json)
  console.log(
    JSON.stringify({
      bench: 'attempts-soak',
      environment: environment(),
      wasCollected: collect !== undefined,
      checkpoints,
      isClean,
    }),
  );
if (!isClean) process.exitCode = 1;

function print({ attempts, workActors, positions, liveAttempts, openOrders, timers, heapBytes }: Checkpoint): void {
  const heap = `${(heapBytes / MEBIBYTE).toFixed(1)} MiB`;
  console.log(
    `${attempts} attempts: ${workActors} actors for ${liveAttempts} attempts and ${positions} positions, ${openOrders} open orders, ${timers} timers, ${heap}`,
  );
}
