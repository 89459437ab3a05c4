import type { BreakerMemory, CircuitBreakerEvent } from '../../src/machines/circuit-breaker.machine.ts';
import { circuitBreakerMachine } from '../../src/machines/circuit-breaker.machine.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type BreakerRig, breakerRig, entry, reducing } from '../actors/breaker-rig.ts';
import { leftBy, type Machine, POLICY, type State, shared, trigger, UNKNOWN } from './circuit-breaker.catalogue.ts';
import { BreakerAtVenues, POLICY_AT_VENUES } from './circuit-breaker.driver.ts';
import { onEdge } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';

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

describeModel({
  ...shared,
  input: { policy: POLICY },
  driver: () => new BreakerDriver(),
  walks: { seed: 'circuit-breaker', count: 40, steps: 30 },
});

for (const standing of ['latched', 'cooling', 'halfOpen'] as const) {
  const restored = leftBy(standing);
  describeModel({
    ...shared,
    variant: `left ${standing} by the last process`,
    input: { policy: POLICY, restored },
    driver: () => new BreakerDriver(restored),
  });
}

const EDGES = new Set(edgesOf(circuitBreakerMachine).map(({ id }) => id));

describeModel({
  ...shared,
  variant: 'at venues',
  input: { policy: POLICY_AT_VENUES },
  driver: () => new BreakerAtVenues(),
  wanted: EDGES,
  witnesses: 2,
  place: 'venues',
});

for (const standing of ['latched', 'cooling', 'halfOpen'] as const) {
  const restored = leftBy(standing);
  describeModel({
    ...shared,
    variant: `at venues, left ${standing} by the last process`,
    input: { policy: POLICY_AT_VENUES, restored },
    driver: () => new BreakerAtVenues(restored),
    wanted: new Set([...EDGES].filter((edge) => edge.includes('resume') || edge.includes('elapsed'))),
    place: 'venues',
  });
}
