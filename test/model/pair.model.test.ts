import { bindPair, Pair } from '../../src/actors/pair.actor.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type PairEvent, type PairInput, pairMachine } from '../../src/machines/pair.machine.ts';
import { type ControlRig, controlRig } from '../actors/control-rig.ts';
import { onEdge } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import {
  APPROVAL_MS,
  EVENTS,
  eventsAtVenues,
  INPUT_AT_VENUES,
  type Machine,
  PROOF_MS,
  QUARANTINE,
  type State,
  shared,
  UNKNOWN,
} from './pair.catalogue.ts';
import { PairAtVenues } from './pair.driver.ts';

class PairDriver implements Driver<Machine> {
  readonly #input: PairInput;
  #rig: ControlRig = controlRig();
  #pair: Pair | undefined;
  #isScreenBroken = false;
  readonly differences: string[] = [];

  constructor(input: PairInput) {
    this.#input = input;
  }

  start(): void {
    this.#rig = controlRig(onEdge);
    const machine = bindPair(this.#rig.runtime, {
      onListingsWanted: () => undefined,
      onTradable: () => {
        if (this.#isScreenBroken) throw new Error('no screen');
      },
      onUntradable: () => undefined,
      onApprovalRefused: () => undefined,
      onDifference: (_, detail) => this.differences.push(detail),
    });
    this.#pair = new Pair(this.#rig.runtime, machine, this.#input);
  }

  apply(event: PairEvent, { text }: State): Applied<Machine> {
    if (event === UNKNOWN) return void this.#rig.runtime.sendUnknown('pair/p1');
    switch (event.type) {
      case 'proof.lapsed':
        if (text !== 'vouched.tradable') return unrealisable('only a tradable pair has this timer');
        return void this.#rig.clock.advanceBy(PROOF_MS);
      case 'approval.expired':
        if (text !== 'vouched.approved') return unrealisable('a tradable pair is read again before its approval ends');
        return void this.#rig.clock.advanceBy(APPROVAL_MS);
      case 'effect.failed':
        if (text !== 'vouched.approved') return unrealisable('only this step has a listener that is broken here');
        this.#isScreenBroken = true;
        this.#running.send({ type: 'listings.agreed' });
        this.#isScreenBroken = false;
        return { took: [{ type: 'listings.agreed' }, event] };
      default:
        return void this.#running.send(event);
    }
  }

  state(): string {
    const { standing } = this.#running;
    return standing === 'approved' || standing === 'tradable' ? `vouched.${standing}` : standing;
  }

  /** I12, and every standing but tradable has its reason. */
  check({ text, context }: State): void {
    const pair = this.#running;
    if (pair.standing === 'tradable' && context.scoreE6 < 950_000) throw new Error('tradable below the least score');
    if (pair.standing === 'tradable' && context.approvedBy === undefined) throw new Error('tradable and not approved');
    if (pair.reason !== context.reason) throw new Error(`expected the reason ${context.reason}, found ${pair.reason}`);
    const isLost = ['suspended', 'quarantined', 'expired'].includes(text);
    if (isLost && pair.reason === '') throw new Error(`expected a reason in ${text}, found none`);
  }

  stop(): void {
    this.#pair = undefined;
  }

  get #running(): Pair {
    if (this.#pair === undefined) throw new Error('expected a driver that was started');
    return this.#pair;
  }
}

const INPUT: PairInput = { pairId: 'p1', scoreE6: 1_000_000, proofMs: PROOF_MS };

for (const input of [INPUT, { ...INPUT, quarantine: QUARANTINE }]) {
  describeModel({
    ...shared,
    variant: input.quarantine === undefined ? 'new' : 'quarantined before a restart',
    input,
    events: EVENTS,
    driver: () => new PairDriver(input),
    walks: { seed: 'pair', count: 20, steps: 30 },
  });
}

const EDGES = edgesOf(pairMachine).map(({ id }) => id);

describeModel({
  ...shared,
  variant: 'at venues',
  input: INPUT_AT_VENUES,
  events: eventsAtVenues,
  driver: () => new PairAtVenues(),
  wanted: new Set(EDGES),
  place: 'venues',
});

describeModel({
  ...shared,
  variant: 'at venues, quarantined before a restart',
  input: { ...INPUT_AT_VENUES, quarantine: QUARANTINE },
  events: eventsAtVenues,
  driver: () => new PairAtVenues(QUARANTINE),
  wanted: new Set(EDGES.filter((edge) => edge.startsWith('pair.quarantined'))),
  place: 'venues',
});
