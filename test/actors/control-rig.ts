/** Clock, journal and runtime for a chart that stands alone. */
import type { ActorFault } from '../../src/actors/actor-runtime.ts';
import type { JournalRecord } from '../../src/domain/ports/journal.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { Edge } from '../../src/machines/edges.ts';
import { KeepingRuntime } from './keeping-runtime.ts';

export function controlRig(onEdge?: (machine: string, edge: Edge) => void) {
  const clock = new VirtualClock();
  const records: JournalRecord[] = [];
  const faults: ActorFault[] = [];
  const journal = { append: (record: JournalRecord) => records.push(record) };
  const runtime = new KeepingRuntime({
    clock,
    journal,
    onFault: (fault) => faults.push(fault),
    definitionOf: () => 'sha256:0',
    ...(onEdge === undefined ? {} : { onEdge }),
  });
  return { clock, records, faults, journal, runtime };
}

export type ControlRig = ReturnType<typeof controlRig>;
