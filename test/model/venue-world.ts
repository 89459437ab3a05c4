/** A real venue desk over a scripted venue, for the models of its charts: what a chart really heard is read in the journal. */
import type { Actor, AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import { stateText } from '../../src/actors/record-fields.ts';
import { KALSHI_DESK, type VenueDeskSettings } from '../../src/actors/venue-desk-settings.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { VenueStatus } from '../../src/domain/ports/venue.ts';
import type { RateState } from '../../src/domain/rate-limit.ts';
import type { ConnectionTerms } from '../../src/machines/connection.events.ts';
import { DeskBench } from '../support/desk-bench.ts';
import { NamedTimers } from '../support/named-timers.ts';
import { listingOf, ScriptedVenue } from '../support/scripted-venue.ts';

/** No two are alike, so that each timer has a name. */
export const MARKET_TERMS: ConnectionTerms = {
  ...KALSHI_DESK.market,
  connectMs: 10_001,
  loginMs: 10_002,
  subscriptionMs: 10_003,
  heartbeatMs: 5_004,
  stableMs: 30_005,
  probeMs: 30_006,
  suspicionMs: 10_007,
  recheckMs: 10_008,
  contradictionsMax: 1,
  feed: { snapshotMs: 5_009, resyncPauseMs: 101, failuresMax: 2, warmingPauseMs: 5_010 },
};

export const DESK: VenueDeskSettings = {
  ...KALSHI_DESK,
  market: MARKET_TERMS,
  private: MARKET_TERMS,
  privateLogin: 'firstFrame',
  venue: {
    ...KALSHI_DESK.venue,
    statusMsOpen: 15_011,
    statusMsElse: 5_012,
    failedReadsMax: 2,
    clockMs: 60_013,
    clockRetryMs: 1_014,
    coolDownMs: 1_015,
  },
  lookMs: 1_016,
  secondLookMs: 1_017,
  refreshMs: undefined,
};

export const GATHER_MS = 5;
export const A: BookId = 'kalshi/A';
export const B: BookId = 'kalshi/B';

/** One market connection that carries A and B, or our own stream, below a venue. */
export class VenueWorld {
  readonly clock = new NamedTimers();
  readonly venue: ScriptedVenue;
  readonly bench: DeskBench;
  rates: Record<string, RateState> = { write: 'ample' };
  standing: VenueStatus = { standing: 'open', acceptsCancels: true, detail: 'open' };
  isRandomBroken = false;
  #read = 0;

  constructor(given: {
    readonly hasPrivate: boolean;
    readonly hasSnapshots?: boolean;
    readonly settings?: VenueDeskSettings;
  }) {
    const { hasPrivate, hasSnapshots = true, settings = DESK } = given;
    this.venue = new ScriptedVenue({ unsupported: new Set(hasPrivate ? [] : ['privateStream']), hasSnapshots });
    this.bench = new DeskBench({
      venue: this.venue.asVenue(),
      clock: this.clock,
      time: { advance: () => this.settle(), until: (promise) => promise },
      settings,
      parts: {
        rateStates: () => this.rates,
        standingNow: () => this.standing,
        readBooks: () => this.venue.bookReads.ask(),
        random: {
          next: () => {
            if (!this.isRandomBroken) return 0.5;
            this.isRandomBroken = false;
            throw new Error('no number can be drawn');
          },
          below: () => 0,
          bytes: (count) => new Uint8Array(count),
        },
      },
    });
  }

  start(books: readonly BookId[]): void {
    this.bench.desk.start();
    if (books.length > 0) this.bench.desk.watch(books, books.map(listingOf));
  }

  /** The chart at a path below the venue, `''` for the venue itself. It stays the same one after its end. */
  actor(...path: readonly string[]): AnyActorRef {
    let ref: AnyActorRef | undefined = this.bench.root;
    for (const id of path) ref = (ref as Actor<AnyStateMachine> | undefined)?.getSnapshot().children[id];
    if (ref === undefined) throw new Error(`expected an actor at ${path.join('/')}, found none`);
    return ref;
  }

  /** The feed of a book, also after its end. */
  feed(connection: string, book: BookId): AnyActorRef {
    const ref = this.bench.roots.get(`venue/kalshi/${connection}/feed/${book}`);
    if (ref === undefined) throw new Error(`expected a feed of ${book}, found none`);
    return ref;
  }

  /** Books whose feeds live. */
  carriedBy(connection: string): readonly BookId[] {
    const prefix = `venue/kalshi/${connection}/feed/`;
    return [...this.bench.roots].flatMap(([path, ref]) =>
      path.startsWith(prefix) && ref.getSnapshot().status === 'active' ? [path.slice(prefix.length) as BookId] : [],
    );
  }

  text(ref: AnyActorRef): string {
    return stateText((ref as Actor<AnyStateMachine>).getSnapshot().value);
  }

  /** What the chart heard since this was asked last. */
  heard(path: string): EventObject[] {
    const fresh = this.bench.records.slice(this.#read);
    this.#read = this.bench.records.length;
    return fresh.flatMap((record) =>
      (record.kind === 'transition' || record.kind === 'ignored') && record.actor === path
        ? [record.event as unknown as EventObject]
        : [],
    );
  }

  surprise(ref: AnyActorRef): void {
    this.bench.runtime.send(ref, { type: 'never.heard' });
  }

  /** Lets everything run that waits for nothing but its turn. */
  async settle(): Promise<void> {
    for (let step = 0; step < 60; step++) await undefined;
  }

  stop(): void {
    this.bench.stop();
  }
}
