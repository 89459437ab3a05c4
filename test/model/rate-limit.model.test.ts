import { describe, expect, it } from 'vitest';
import type { AnyActorRef } from 'xstate';
import type { RateState } from '../../src/domain/rate-limit.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type RateLimitContext, type RateLimitEvent, rateLimitMachine } from '../../src/machines/rate-limit.machine.ts';
import { edgesFired } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import { RateAtVenues } from './rate-limit.driver.ts';
import { DESK, VenueWorld } from './venue-world.ts';

type Machine = typeof rateLimitMachine;
type Event = ModelEvent<Machine>;

/** The budget of writes at a real desk: the adapter’s state and the venue’s refusals are the model’s. */
class RateDriver implements Driver<Machine> {
  readonly #world = new VenueWorld({ hasPrivate: false });
  #ref: AnyActorRef | undefined;

  start(): void {
    this.#world.start([]);
    this.#ref = this.#world.actor('rate/write');
    this.#heard();
  }

  apply(event: Event): Applied<Machine> {
    const problem = this.#bring(event as RateLimitEvent);
    const took = this.#heard();
    return problem !== undefined && took.length === 0 ? unrealisable(problem) : { took: took as readonly Event[] };
  }

  state(): string {
    return this.#ref === undefined ? '' : this.#world.text(this.#ref);
  }

  /** I15, as far as the chart has a say: scanning waits, and every refusal was told. */
  check(model: ModelState<Machine>): void {
    const { desk, triggers } = this.#world.bench;
    expect(desk.budget('write')).toBe(model.text);
    expect(desk.requestBudget('write')).toBe(model.text === 'ample' || model.text === 'slowed');
    expect(triggers.filter(({ kind }) => kind === 'RATE_LIMITED')).toHaveLength(model.context.refusals);
  }

  stop(): void {
    this.#world.stop();
  }

  #heard() {
    return this.#world.heard('venue/kalshi/rate/write');
  }

  #bring(event: RateLimitEvent): string | undefined {
    const { clock, bench } = this.#world;
    switch (event.type) {
      case 'budget.sampled':
        this.#world.rates = { write: event.state };
        clock.fire(DESK.lookMs);
        return 'the adapter said so before';
      case 'limit.refused':
        bench.desk.noteOutcome({
          kind: 'refused',
          reason: 'rateLimited',
          detail: event.detail,
          retryAfterMs: event.retryAfterMs as never,
        });
        return undefined;
      case 'cooling.ended': {
        const { context } = (this.#ref as AnyActorRef).getSnapshot() as { context: RateLimitContext };
        return clock.fire(context.waitMs) ? undefined : 'nothing cools';
      }
    }
  }
}

const STATES: readonly RateState[] = ['ample', 'slowed', 'exhausted', 'cooling'];

const shared = {
  machine: rateLimitMachine,
  input: { venue: 'kalshi', budget: 'write', coolDownMs: DESK.venue.coolDownMs },
  events: (state: ModelState<Machine>): Event[] => [
    ...STATES.filter((each) => each !== state.text).map((each): Event => ({ type: 'budget.sampled', state: each })),
    { type: 'limit.refused', retryAfterMs: 3_000, detail: '429' },
    { type: 'limit.refused', detail: '429' },
    ...(state.text === 'cooling' ? [{ type: 'cooling.ended' } as Event] : []),
  ],
};

describeModel({
  ...shared,
  driver: () => new RateDriver(),
  walks: { seed: 'rate', count: 20, steps: 60 },
});

describeModel({
  ...shared,
  variant: 'at venues',
  events: (state) => [
    ...shared.events(state),
    ...(state.text === 'exhausted' ? [{ type: 'budget.sampled', state: 'exhausted' } as const] : []),
  ],
  driver: () => new RateAtVenues(),
  wanted: new Set(edgesOf(rateLimitMachine).map(({ id }) => id)),
  witnesses: 2,
  place: 'venues',
});

describe('coverage of the rate limit chart', () => {
  it('journals an event that no state expects', () => {
    const world = new VenueWorld({ hasPrivate: false });
    world.start([]);
    world.surprise(world.actor('rate/write'));
    expect(world.bench.unexpected).toHaveLength(1);
  });

  it('takes every declared edge in the real actor', () => {
    const missed = edgesOf(rateLimitMachine).filter(
      ({ id, event }) => event !== '*' && !edgesFired('rateLimit').has(id),
    );
    expect(missed.map(({ id }) => id)).toEqual([]);
  });
});
