import { describe, expect, it } from 'vitest';
import type { AnyActorRef } from 'xstate';
import type { BookId } from '../../src/domain/instrument.ts';
import type { MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import { type BookFeedContext, type BookFeedEvent, bookFeedMachine } from '../../src/machines/book-feed.machine.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type ScriptedStream, snapshotOf } from '../support/scripted-venue.ts';
import { edgesFired } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import type { ModelEvent, ModelSpec, ModelState } from './harness/model.ts';
import { A, GATHER_MS, MARKET_TERMS, VenueWorld } from './venue-world.ts';

type Machine = typeof bookFeedMachine;
type Event = ModelEvent<Machine>;

const { feed: TERMS } = MARKET_TERMS;
const CONNECTION = 'market-1';

/** One book of a real desk. Its connection goes up and down as the model says; the rest of it stands still. */
class FeedDriver implements Driver<Machine> {
  readonly #world: VenueWorld;
  #ref: AnyActorRef | undefined;

  constructor(hasSnapshots: boolean) {
    this.#world = new VenueWorld({ hasPrivate: false, hasSnapshots });
  }

  start(): void {
    this.#world.start([A]);
    this.#ref = this.#world.feed(CONNECTION, A);
    this.#heard();
  }

  async apply(event: Event): Promise<Applied<Machine>> {
    const problem = await this.#bring(event as BookFeedEvent);
    await this.#world.settle();
    const took = this.#heard();
    return problem !== undefined && took.length === 0 ? unrealisable(problem) : { took: took as readonly Event[] };
  }

  state(): string {
    return this.#ref === undefined ? '' : this.#world.text(this.#ref);
  }

  /** I11: what the desk calls tradable is live in the chart, and in the books. */
  check(model: ModelState<Machine>): void {
    const { bench } = this.#world;
    const isTradable = model.text === 'watched.content.live|metadata.warm';
    expect(bench.desk.isTradable(A)).toBe(isTradable);
    if (isTradable) expect(bench.books.find(A)?.standing).toBe('live');
  }

  stop(): void {
    this.#world.stop();
  }

  #heard() {
    return this.#world.heard(`venue/kalshi/${CONNECTION}/feed/${A}`);
  }

  get #stream(): ScriptedStream<MarketDataEvent> | undefined {
    return this.#world.venue.market.at(-1);
  }

  async #bring(event: BookFeedEvent): Promise<string | undefined> {
    const { clock, bench, venue } = this.#world;
    switch (event.type) {
      case 'subscription.sent':
        if (bench.standing(CONNECTION) === 'backingOff') clock.fire(this.#backOffMs());
        this.#stream?.listener.onOpen();
        return 'it is subscribed';
      case 'connection.lost':
        this.#stream?.listener.onEnd({ kind: 'failed', code: undefined, message: 'reset' });
        return 'there is no connection';
      case 'snapshot.received':
        this.#stream?.listener.onEvent(snapshotOf(A));
        return 'nobody waits for a snapshot';
      case 'book.gapped':
        this.#stream?.listener.onEvent({ kind: 'book.gapped', books: [A], reason: 'malformed', detail: 'not JSON' });
        return 'there is no connection';
      case 'metadata.warmed':
      case 'warming.failed':
        clock.fire(GATHER_MS);
        if (event.type === 'metadata.warmed') venue.warmings.answer(undefined);
        else venue.warmings.fail();
        return 'nobody asked';
      case 'unwatch.requested':
        bench.desk.unwatch([A]);
        return undefined;
      case 'snapshot.overdue':
        return clock.fire(TERMS.snapshotMs) ? undefined : 'no snapshot is waited for';
      case 'resync.due':
        return clock.fire(this.#pauseMs()) ? undefined : 'nothing is gapped';
      case 'warming.due':
        return clock.fire(TERMS.warmingPauseMs) ? undefined : 'it is not waiting';
      case 'effect.failed':
        return this.#breakEffect(event.effect);
    }
  }

  /**
   * What gathers requests starts a timer; one that cannot be had breaks the effect. The state that asks was entered
   * already, so it is left and entered again.
   */
  async #breakEffect(effect: string): Promise<string | undefined> {
    const { clock, venue } = this.#world;
    while (clock.fire(GATHER_MS)) await this.#world.settle();
    if (effect === 'requestWarming') {
      venue.warmings.fail();
      await this.#world.settle();
      clock.breakNext(GATHER_MS);
      clock.fire(TERMS.warmingPauseMs);
      return 'nobody asked';
    }
    clock.fire(TERMS.snapshotMs);
    clock.breakNext(GATHER_MS);
    return clock.fire(this.#pauseMs()) ? undefined : 'nothing is gapped any more';
  }

  #pauseMs(): number {
    const { context } = (this.#ref as AnyActorRef).getSnapshot() as { context: BookFeedContext };
    return TERMS.resyncPauseMs * 2 ** context.failures;
  }

  #backOffMs(): number {
    return (this.#world.actor(CONNECTION).getSnapshot() as { context: { delayMs: number } }).context.delayMs;
  }
}

const EVENTS: readonly Event[] = [
  { type: 'subscription.sent' },
  { type: 'connection.lost' },
  { type: 'snapshot.received' },
  { type: 'book.gapped', reason: 'malformed: not JSON' },
  { type: 'metadata.warmed' },
  { type: 'warming.failed', detail: 'no answer' },
  { type: 'unwatch.requested' },
  { type: 'snapshot.overdue' },
  { type: 'resync.due' },
  { type: 'warming.due' },
  { type: 'effect.failed', effect: 'requestResync', message: 'broken' },
  { type: 'effect.failed', effect: 'requestWarming', message: 'broken' },
];

/** Only what somebody could send in that state. */
function possible(state: ModelState<Machine>): readonly Event[] {
  const [, content = '', metadata = ''] = /content\.(\w+)\|metadata\.(\w+)/.exec(state.text) ?? [];
  return EVENTS.filter((event) => {
    switch (event.type) {
      case 'subscription.sent':
        return content === 'unsubscribed';
      case 'connection.lost':
        return content !== 'unsubscribed';
      case 'snapshot.received':
        return !['unsubscribed', 'live'].includes(content);
      case 'metadata.warmed':
      case 'warming.failed':
        return metadata === 'cold';
      case 'warming.due':
        return metadata === 'waiting';
      case 'snapshot.overdue':
        return content === 'awaitingSnapshot' || content === 'resyncing';
      case 'resync.due':
        return content === 'gapped';
      case 'effect.failed':
        return event.effect === 'requestWarming'
          ? metadata === 'cold'
          : content === 'resyncing' && state.context.failures === 0;
      default:
        return true;
    }
  });
}

const spec: ModelSpec<Machine> = {
  machine: bookFeedMachine,
  input: { book: A as BookId, terms: TERMS },
  events: possible,
  keep: ({ failures }) => Math.min(failures, TERMS.failuresMax),
};

for (const hasSnapshots of [true, false])
  describeModel({
    ...spec,
    variant: hasSnapshots ? 'venue with snapshots' : 'venue without snapshots',
    driver: () => new FeedDriver(hasSnapshots),
    walks: { seed: `feed ${hasSnapshots}`, count: 12, steps: 60 },
  });

describe('book feed under interleavings', () => {
  it.each(['a', 'b', 'c', 'd'])('stands where its model stands (seed %s)', async (seed) => {
    const report = await interleave(spec, new FeedDriver(true), { seed, steps: 150 });
    expect(report.steps).toBeGreaterThan(0);
  });
});

describe('coverage of the book feed chart', () => {
  it('journals an event that no state expects', () => {
    const world = new VenueWorld({ hasPrivate: false });
    world.start([A]);
    world.surprise(world.feed(CONNECTION, A));
    expect(world.bench.unexpected).toHaveLength(1);
  });

  it('takes every declared edge in the real actor', () => {
    const missed = edgesOf(bookFeedMachine).filter(({ id }) => !edgesFired('bookFeed').has(id));
    expect(missed.map(({ id }) => id)).toEqual([]);
  });
});
