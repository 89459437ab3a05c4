import type { TriggerKind } from '../../src/domain/limits/trigger.ts';
import { breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { NO_REASONS } from '../../src/domain/risk/breaker-reasons.ts';
import {
  type BreakerMemory,
  type CircuitBreakerEvent,
  circuitBreakerMachine,
} from '../../src/machines/circuit-breaker.machine.ts';
import { type BreakerRig, breakerRig, entry, reducing } from '../actors/breaker-rig.ts';
import { onEdge } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelState } from './harness/model.ts';

type Machine = typeof circuitBreakerMachine;
type State = ModelState<Machine>;

const POLICY = breakerPolicy('sports-standard');
const CLEAN = [{ name: 'positions/kalshi', isClean: true, detail: '' }];
const UNCLEAN = [{ name: 'positions/kalshi', isClean: false, detail: 'expected no differences, found 3' }];
/** What no caller can send is still written down. */
const UNKNOWN = { type: 'nobody.declared' } as unknown as CircuitBreakerEvent;
const BROKEN = 'breaker: requestAlert';

function trigger(kind: TriggerKind, attemptId?: string): CircuitBreakerEvent {
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

class BreakerDriver implements Driver<Machine> {
  readonly #restored: BreakerMemory | undefined;
  #rig: BreakerRig | undefined;
  #isSinkBroken = false;

  constructor(restored?: BreakerMemory) {
    this.#restored = restored;
  }

  start(): void {
    this.#rig = breakerRig({
      policy: POLICY,
      onEdge,
      ...(this.#restored === undefined ? {} : { restored: this.#restored }),
      onAlert: () => {
        if (this.#isSinkBroken) throw new Error('no line');
      },
    });
  }

  apply(event: CircuitBreakerEvent, model: State): Applied<Machine> {
    const { breaker, gate, clock, runtime } = this.#running;
    if (event === UNKNOWN) {
      runtime.sendUnknown('breaker');
      return;
    }
    switch (event.type) {
      case 'trigger.reported':
        breaker.report(event.trigger);
        return;
      case 'execution.succeeded':
        breaker.succeeded(event.attemptId);
        return;
      case 'execution.abandoned':
        breaker.abandoned(event.attemptId);
        return;
      case 'probe.started':
        if (model.text !== 'halfOpen.waiting') return unrealisable('the gate names a probe only where there is none');
        gate.permit(entry(event.attemptId));
        return;
      case 'cooldown.elapsed':
        if (model.text !== 'open.cooling') return unrealisable('only an open breaker that cools has this timer');
        clock.advanceBy(POLICY.cooldownMs);
        return;
      case 'halt.requested':
        breaker.halt(event);
        return;
      case 'resume.requested':
        breaker.resume(event);
        return;
      case 'effect.failed':
        this.#isSinkBroken = true;
        breaker.report({ kind: 'JOURNAL_FAULT', detail: 'disk full' });
        return { took: [trigger('JOURNAL_FAULT'), event] };
    }
  }

  state(): string {
    const { standing, probe } = this.#running.breaker.view();
    if (standing === 'closed') return 'closed';
    // The gate is dead once its breaker failed; the chart itself stays latched.
    if (standing === 'dead') return 'open.latched';
    if (standing === 'halfOpen') return probe === undefined ? 'halfOpen.waiting' : 'halfOpen.probing';
    return `open.${standing}`;
  }

  /** I6: entries only where the chart says so, reducing orders always, and a permit never outlives its period. */
  check({ text, context }: State): void {
    const { gate, breaker } = this.#running;
    if (gate.permit(reducing('z9')).kind !== 'live') throw new Error('expected a reducing order to pass');
    const isAdmitted = gate.refusalOf('z9') === undefined;
    const isExpected = text === 'closed' || text === 'halfOpen.waiting';
    if (isAdmitted !== isExpected)
      throw new Error(`expected an entry ${isExpected ? 'to pass' : 'held back'} in ${text}`);
    const { reasons, trips, resumes } = breaker.view();
    const [found, expected] = [reasons.list.length, context.reasons.list.length];
    if (found !== expected) throw new Error(`expected ${expected} reasons, found ${found}`);
    if (trips !== context.trips || resumes !== context.resumes) throw new Error('trips and resumes differ');
    if (text.startsWith('open') && found === 0) throw new Error('expected a reason for being open, found none');
  }

  stop(): void {
    this.#rig = undefined;
  }

  get #running(): BreakerRig {
    if (this.#rig === undefined) throw new Error('expected a driver that was started');
    return this.#rig;
  }
}

const shared = {
  machine: circuitBreakerMachine,
  events,
  keep: ({ tallies, probe, reports }: State['context']) => [tallies.EXECUTION_FAILED?.length ?? 0, probe, reports > 0],
  stopWhen: ({ context }: State) => context.reasons.list.some(({ detail }) => detail.startsWith(BROKEN)),
};

describeModel({
  ...shared,
  input: { policy: POLICY },
  driver: () => new BreakerDriver(),
  walks: { seed: 'circuit-breaker', count: 40, steps: 30 },
});

for (const standing of ['latched', 'cooling', 'halfOpen'] as const) {
  const restored: BreakerMemory = {
    standing,
    reasons: { ...NO_REASONS, list: [{ kind: 'CONNECTION_LOST', detail: 'before', times: 1, sinceMs: 0 }] },
    tallies: {},
    trips: 1,
    resumes: 0,
  };
  describeModel({
    ...shared,
    variant: `left ${standing} by the last process`,
    input: { policy: POLICY, restored },
    driver: () => new BreakerDriver(restored),
  });
}
