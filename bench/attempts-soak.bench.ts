/**
 * Ten thousand attempts in one process: live actors against live work, and the heap after forced collection.
 *
 *     npm run bench -- attempts-soak [--attempts 10000] [--every 1000] [--json] [--write-docs]
 *
 * Virtual time and memory for wires. The heap is that of the whole process: the simulated venues are in it, and forget
 * what is over as trading does. Ends with 1 unless every actor has its work and the heap stays flat.
 */
import { parseArgs } from 'node:util';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { soak } from './support/attempts-soak.ts';
import { writeSection } from './support/benchmark-page.ts';
import { environment, environmentLine } from './support/environment.ts';
import { checkpointLine, resultOf, sectionOf, verdictLines } from './support/soak-report.ts';

const { values } = parseArgs({
  options: {
    attempts: { type: 'string', default: '10000' },
    every: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
if (!values.json) console.log(environmentLine(environment()));
const checkpoints = await soak({
  attempts: Number(values.attempts),
  every: Number(values.every),
  heap: () => {
    collect();
    const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
    return { usedBytes: process.memoryUsage().heapUsed, codeBytes: code + bytecode };
  },
  onCheckpoint: (one) => (values.json ? undefined : console.log(checkpointLine(one))),
});
const result = resultOf(checkpoints, environment());
if (values.json) console.log(JSON.stringify(result));
else for (const line of verdictLines(result)) console.log(line);
if (values['write-docs']) writeSection('attempts-soak', sectionOf(result));
if (!result.isEveryActorAtWork || !result.isFlat) process.exitCode = 1;
