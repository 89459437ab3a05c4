/** A breaker with its gate and runtime, on a virtual clock and a journal in memory. */
import type { ActorFault } from '../../src/actors/actor-runtime.ts';
import { Breaker, type BreakerAlert } from '../../src/actors/breaker.actor.ts';
import { BreakerGate, type EntryCondition } from '../../src/actors/breaker-gate.ts';
import type { TriggerKind } from '../../src/domain/limits/trigger.ts';
import type { JournalRecord } from '../../src/domain/ports/journal.ts';
import { type BreakerPolicy, breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { BreakerMemory } from '../../src/machines/circuit-breaker.machine.ts';
import type { Edge } from '../../src/machines/edges.ts';
import { KeepingRuntime } from './keeping-runtime.ts';

export interface BreakerRigOptions {
  readonly policy?: BreakerPolicy;
  readonly restored?: BreakerMemory;
  readonly conditions?: readonly EntryCondition[];
  /** Called where the alert is sent: may throw, as a broken sink does. */
  readonly onAlert?: (alert: BreakerAlert) => void;
  readonly onEdge?: (machine: string, edge: Edge) => void;
}

export function breakerRig(options: BreakerRigOptions = {}) {
  const clock = new VirtualClock();
  const records: JournalRecord[] = [];
  const faults: ActorFault[] = [];
  const alerts: BreakerAlert[] = [];
  const cancels: string[] = [];
  const deaths: string[] = [];
  const conditions = options.conditions ?? [];
  const gate = new BreakerGate({ conditions, onDeath: (because) => deaths.push(because) });
  const journal = { append: (record: JournalRecord) => records.push(record) };
  const runtime = new KeepingRuntime({
    clock,
    journal,
    onFault: (fault) => {
      faults.push(fault);
      gate.onFault(fault);
    },
    definitionOf: () => 'sha256:0',
    ...(options.onEdge === undefined ? {} : { onEdge: options.onEdge }),
  });
  const breaker = new Breaker({
    runtime,
    journal,
    clock,
    gate,
    policy: options.policy ?? breakerPolicy('conservative-100'),
    restored: options.restored,
    onAlert: (alert) => {
      alerts.push(alert);
      options.onAlert?.(alert);
    },
    cancelAll: (reason) => cancels.push(reason),
  });
  return { clock, records, faults, alerts, cancels, deaths, runtime, gate, breaker };
}

export type BreakerRig = ReturnType<typeof breakerRig>;

export function entry(attemptId = 'a1') {
  return { isReducing: false, attemptId };
}

export function reducing(attemptId = 'a1') {
  return { isReducing: true, attemptId };
}

export function report(rig: BreakerRig, kind: TriggerKind, attemptId?: string): void {
  rig.breaker.report({ kind, detail: `found ${kind}`, ...(attemptId === undefined ? {} : { attemptId }) });
}
