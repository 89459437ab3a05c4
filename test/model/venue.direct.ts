/** A real desk whose scripted venue answers, refuses and disappears as the model says, whichever timer is first. */
import { expect } from 'vitest';
import type { AnyActorRef } from 'xstate';
import type { BookId } from '../../src/domain/instrument.ts';
import type { VenueStanding } from '../../src/domain/ports/venue.ts';
import { millis } from '../../src/domain/units.ts';
import {
  availabilityOf,
  type MetStanding,
  type VenueEvent,
  type venueMachine,
} from '../../src/machines/venue.machine.ts';
import { listingOf } from '../support/scripted-venue.ts';
import { DirectDesk } from './desk.direct.ts';
import type { ModelState } from './harness/model.ts';
import { DESK, VenueWorld } from './venue-world.ts';

type Machine = typeof venueMachine;

/** Thursday 2026-01-08 03:30 in New York, in the weekly pause, and the day before. */
const IN_WINDOW = 1_767_861_000_000_000;
const BEFORE = IN_WINDOW - 86_400_000_000;

const REFUSED: Readonly<Partial<Record<MetStanding, string>>> = {
  paused: 'venuePaused',
  postOnly: 'postOnlyMode',
  cancelOnly: 'cancelOnlyMode',
  restarting: 'tradingDisabled',
};

export class DirectVenue extends DirectDesk<Machine, VenueEvent> {
  #books = 0;

  constructor() {
    super(new VenueWorld({ hasPrivate: false }), 'venue/kalshi');
  }

  protected begin(): AnyActorRef {
    this.world.clock.setWall(BEFORE);
    this.world.start([]);
    return this.world.actor();
  }

  /** What is unknown takes no order that adds risk. */
  check(model: ModelState<Machine>): void {
    const available = this.world.bench.desk.availability();
    expect(available).toEqual(availabilityOf(model.snapshot.value, model.context));
    const isWell = /^standing\.open\|timetable\.clear\|clock\.(trusted|drifting)$/.test(model.text);
    expect(available.entries).toBe(isWell);
    expect(available.reason).not.toBe('');
  }

  protected async bring(event: VenueEvent): Promise<string | undefined> {
    const { bench, clock, venue } = this.world;
    switch (event.type) {
      case 'connection.wanted':
        return this.#watch();
      case 'status.read':
      case 'status.failed': {
        await this.#asked(() => venue.statusReads.count, [DESK.venue.statusMsOpen, DESK.venue.statusMsElse]);
        if (event.type === 'status.failed') venue.statusReads.fail();
        else venue.statusReads.answer(statusOf(event.standing));
        return 'nobody asked';
      }
      case 'standing.met':
        return this.#meet(event.standing);
      case 'window.began':
      case 'window.ended':
        clock.setWall(event.type === 'window.began' ? IN_WINDOW : BEFORE);
        clock.fire(DESK.lookMs);
        return 'the timetable says so already';
      case 'clock.measured':
      case 'clock.failed':
        await this.#asked(() => venue.clockReads.count, [DESK.venue.clockMs, DESK.venue.clockRetryMs]);
        if (event.type === 'clock.failed') venue.clockReads.fail();
        else venue.clockReads.answer(millis(event.offsetMs));
        return 'nobody asked';
      case 'status.due':
        return clock.fire(DESK.venue.statusMsOpen) || clock.fire(DESK.venue.statusMsElse) ? undefined : 'no timer runs';
      case 'clock.due':
        return clock.fire(DESK.venue.clockRetryMs) || clock.fire(DESK.venue.clockMs) ? undefined : 'no timer runs';
      default:
        return this.#endConnection((event as { type: string }).type, bench);
    }
  }

  async #asked(count: () => number, timers: readonly number[]): Promise<void> {
    for (const ms of timers) if (count() === 0) this.world.clock.fire(ms);
    await this.world.settle();
  }

  #watch(): string | undefined {
    const book: BookId = `kalshi/V${this.#books++}`;
    this.world.bench.desk.watch([book], [listingOf(book)]);
    return 'a connection has room for it';
  }

  #meet(standing: MetStanding): string | undefined {
    const { desk } = this.world.bench;
    const reason = REFUSED[standing];
    if (reason !== undefined)
      desk.noteOutcome({ kind: 'refused', reason: reason as never, detail: standing, retryAfterMs: undefined });
    else {
      // Nobody refuses an order with these words: they are seen in what the adapter knows when a fate stays open.
      this.world.standing = statusOf(standing);
      desk.noteOutcome({ kind: 'unknown', detail: 'no reply', hasLanded: false, venueOrderId: undefined });
    }
    return undefined;
  }

  #endConnection(type: string, bench: VenueWorld['bench']): string | undefined {
    const { subscriptionsOf } = this;
    if (subscriptionsOf().length === 0) this.#watch();
    const [id] = subscriptionsOf();
    if (id === undefined) return 'there is no connection';
    if (!bench.has(id)) return 'a connection that broke twice is replaced after a pause';
    if (type.startsWith('xstate.done')) bench.desk.unwatch(this.world.carriedBy(id));
    else bench.send(id, brokenEnd());
    return undefined;
  }

  readonly subscriptionsOf = (): readonly string[] =>
    this.world.bench.desk.figures().flatMap(({ id }) => (id === 'private' ? [] : [id]));
}

/** No event of ours is like this; it is the shortest way to make a chart throw. */
function brokenEnd() {
  return {
    type: 'socket.ended',
    kind: 'failed',
    get detail(): string {
      throw new Error('broken');
    },
  };
}

function statusOf(standing: MetStanding) {
  const isRestarting = standing === 'restarting';
  return {
    standing: isRestarting ? ('paused' as const) : (standing as VenueStanding),
    acceptsCancels: !isRestarting && standing !== 'closed',
    detail: standing,
  };
}
