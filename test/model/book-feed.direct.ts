/** One book of a real desk over a scripted venue: for what no simulated venue brings about. */

import { expect } from 'vitest';
import type { AnyActorRef } from 'xstate';
import type { MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import type { BookFeedContext, BookFeedEvent, bookFeedMachine } from '../../src/machines/book-feed.machine.ts';
import { type ScriptedStream, snapshotOf } from '../support/scripted-venue.ts';
import { DirectDesk } from './desk.direct.ts';
import type { ModelState } from './harness/model.ts';
import { A, GATHER_MS, MARKET_TERMS, VenueWorld } from './venue-world.ts';

type Machine = typeof bookFeedMachine;

const { feed: TERMS } = MARKET_TERMS;
const CONNECTION = 'market-1';

/** One book of a real desk. Its connection goes up and down as the model says; the rest of it stands still. */
export class DirectFeed extends DirectDesk<Machine, BookFeedEvent> {
  constructor(hasSnapshots: boolean) {
    super(new VenueWorld({ hasPrivate: false, hasSnapshots }), `venue/kalshi/${CONNECTION}/feed/${A}`);
  }

  protected begin(): AnyActorRef {
    this.world.start([A]);
    return this.world.feed(CONNECTION, A);
  }

  /** I11: what the desk calls tradable is live in the chart, and in the books. */
  check(model: ModelState<Machine>): void {
    const { bench } = this.world;
    const isTradable = model.text === 'watched.content.live|metadata.warm';
    expect(bench.desk.isTradable(A)).toBe(isTradable);
    if (isTradable) expect(bench.books.find(A)?.standing).toBe('live');
  }

  get #stream(): ScriptedStream<MarketDataEvent> | undefined {
    return this.world.venue.market.at(-1);
  }

  protected async bring(event: BookFeedEvent): Promise<string | undefined> {
    const { clock, bench, venue } = this.world;
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
    const { clock, venue } = this.world;
    while (clock.fire(GATHER_MS)) await this.world.settle();
    if (effect === 'requestWarming') {
      venue.warmings.fail();
      await this.world.settle();
      clock.breakNext(GATHER_MS);
      clock.fire(TERMS.warmingPauseMs);
      return 'nobody asked';
    }
    clock.fire(TERMS.snapshotMs);
    clock.breakNext(GATHER_MS);
    return clock.fire(this.#pauseMs()) ? undefined : 'nothing is gapped any more';
  }

  #pauseMs(): number {
    const { context } = this.ref.getSnapshot() as { context: BookFeedContext };
    return TERMS.resyncPauseMs * 2 ** context.failures;
  }

  #backOffMs(): number {
    return (this.world.actor(CONNECTION).getSnapshot() as { context: { delayMs: number } }).context.delayMs;
  }
}
