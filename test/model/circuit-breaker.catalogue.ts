/** What a circuit breaker may hear, and what tells two of its states apart. */
import type { TriggerKind } from '../../src/domain/limits/trigger.ts';
import { type BreakerPolicy, breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { NO_REASONS } from '../../src/domain/risk/breaker-reasons.ts';
import {
  type BreakerMemory,
  type CircuitBreakerEvent,
  circuitBreakerMachine,
} from '../../src/machines/circuit-breaker.machine.ts';
import type { ModelState } from './harness/model.ts';

export type Machine = typeof circuitBreakerMachine;
export type State = ModelState<Machine>;

export const POLICY: BreakerPolicy = breakerPolicy('sports-standard');
const CLEAN = [{ name: 'positions/kalshi', isClean: true, detail: '' }];
const UNCLEAN = [{ name: 'positions/kalshi', isClean: false, detail: 'expected no differences, found 3' }];
/** What no caller can send is still written down. */
export const UNKNOWN = { type: 'nobody.declared' } as unknown as CircuitBreakerEvent;
const BROKEN = 'breaker: requestAlert';

export function trigger(kind: TriggerKind, attemptId?: string): CircuitBreakerEvent {
  const detail = `found ${kind}`;
  return {
    type: 'trigger.reported',
    trigger: attemptId === undefined ? { kind, detail } : { kind, detail, attemptId },
    atMs: 0,
  };
}

function resume(state: State, over: Partial<CircuitBreakerEvent & { type: 'resume.requested' }> = {}) {
  const seenReports = state.context.reports;
  return {
    type: 'resume.requested',
    by: 'ann',
    reason: '',
    force: false,
    checks: CLEAN,
    seenReports,
    ...over,
  } as const;
}

function events(state: State): CircuitBreakerEvent[] {
  return [
    trigger('EXECUTION_FAILED', 'a1'),
    trigger('EXECUTION_FAILED', 'a2'),
    trigger('EXECUTION_FAILED', 'a3'),
    trigger('ASYMMETRIC_EXECUTION', 'a1'),
    trigger('SEQUENCE_GAP'),
    trigger('CONNECTION_LOST'),
    { type: 'execution.succeeded', attemptId: 'a1' },
    { type: 'execution.succeeded', attemptId: 'p1' },
    { type: 'execution.abandoned', attemptId: 'a1' },
    { type: 'execution.abandoned', attemptId: 'p1' },
    { type: 'probe.started', attemptId: 'p1' },
    { type: 'cooldown.elapsed' },
    { type: 'halt.requested', by: 'ann', reason: 'lunch', scope: 'entries', atMs: 0 },
    { type: 'halt.requested', by: 'ann', reason: 'fire', scope: 'all', atMs: 0 },
    resume(state),
    resume(state, { checks: UNCLEAN }),
    resume(state, { checks: [] }),
    resume(state, { seenReports: state.context.reports - 1 }),
    resume(state, { checks: UNCLEAN, force: true, reason: 'seen and accepted' }),
    resume(state, { checks: UNCLEAN, force: true, reason: ' ' }),
    { type: 'effect.failed', effect: 'requestAlert', message: 'no line' },
    UNKNOWN,
  ];
}

export const shared = {
  machine: circuitBreakerMachine,
  events,
  keep: ({ tallies, probe, reports }: State['context']) => [tallies.EXECUTION_FAILED?.length ?? 0, probe, reports > 0],
  stopWhen: ({ context }: State) => context.reasons.list.some(({ detail }) => detail.startsWith(BROKEN)),
};

export function leftBy(standing: BreakerMemory['standing']): BreakerMemory {
  return {
    standing,
    reasons: { ...NO_REASONS, list: [{ kind: 'CONNECTION_LOST', detail: 'before', times: 1, sinceMs: 0 }] },
    tallies: {},
    trips: 1,
    resumes: 0,
  };
}
