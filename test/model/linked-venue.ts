/**
 * One venue's real desk over its real adapter, at its simulator, in virtual time. What the desk reads over REST waits
 * at doors, so that a test decides what has happened by the time it is answered; all else takes its course.
 */
import type { Actor, AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import { oneByOne } from '../../src/actors/cross-check.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { KALSHI_DESK, POLYMARKET_DESK, type VenueDeskSettings } from '../../src/actors/venue-desk-settings.ts';
import type { BookId, VenueName } from '../../src/domain/instrument.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { Listing, OrderOutcome, Venue } from '../../src/domain/ports/venue.ts';
import { seededIds } from '../../src/domain/seeded-random.ts';
import { contracts, micros } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { FaultRule } from '../../src/venues/transport/memory-faults.ts';
import { DeskBench } from '../support/desk-bench.ts';
import { type BookSides, level } from '../support/two-venues.ts';
import { KalshiSide } from '../support/two-venues-kalshi.ts';
import { PolymarketSide } from '../support/two-venues-polymarket.ts';
import { Door } from './door.ts';
import { onEdgeAtVenues } from './harness/coverage.ts';

/** Both ways and what the venue does between them. */
const TRAVEL_MS = 20;
/** Between two changes of a busy book. */
const BEAT_MS = 2_500;
const MARKETS = 4;
const CASH_MICRO_USD = 1_000_000_000;
const DAYS_MICROS = 30 * 86_400_000_000;
/** Of these books the desk is told at the start. */
const WATCHED = 2;

export interface LinkGiven {
  readonly venue: VenueName;
  readonly carries: 'market' | 'private';
  readonly booksPerConnectionMax?: number;
}

/**
 * Those of the venue, but that a feed loses its patience before its subscription does, so that either can be met,
 * and that few repetitions are enough.
 */
export function linkedSettings(venue: VenueName): VenueDeskSettings {
  const desk = venue === 'kalshi' ? KALSHI_DESK : POLYMARKET_DESK;
  return {
    ...desk,
    market: {
      ...desk.market,
      contradictionsMax: 1,
      feed: { ...desk.market.feed, snapshotMs: 2_000, failuresMax: 2 },
    },
    private: { ...desk.private, contradictionsMax: 1 },
    venue: { ...desk.venue, failedReadsMax: 2 },
  };
}

export class LinkedVenue {
  readonly clock = new VirtualClock();
  readonly side: KalshiSide | PolymarketSide;
  readonly settings: VenueDeskSettings;
  readonly bench: DeskBench;
  readonly doors = { books: new Door(), fills: new Door(), warming: new Door(), status: new Door(), clock: new Door() };
  readonly #ids = seededIds('linked venue');
  #markets: readonly Listing[] = [];
  readonly #watched = new Set<BookId>();
  /** What an untold change has left the desk to believe, until something shows it. */
  readonly #lies = new Map<BookId, string>();
  readonly #faults = new Set<() => void>();
  /** The next time that this actor asks for it, it breaks. */
  breaking: { readonly path: string; readonly effect: string } | undefined;
  #changes = 0;
  #read = 0;

  static async open(given: LinkGiven): Promise<LinkedVenue> {
    const linked = new LinkedVenue(given);
    const { time, venue } = linked.side;
    const keys = Array.from({ length: MARKETS }, (_, at) => linked.#addMarket(at));
    const listings = await time.until(venue.listings({ venueKeys: keys }));
    if (listings.kind === 'failed') throw new Error(`expected listings, found ${listings.detail}`);
    linked.#markets = listings.value;
    if (given.carries === 'private') await linked.warm();
    linked.side.deposit(CASH_MICRO_USD);
    linked.#move();
    return linked;
  }

  private constructor({ venue: name, carries, booksPerConnectionMax }: LinkGiven) {
    this.side = name === 'kalshi' ? new KalshiSide(this.clock, {}) : new PolymarketSide(this.clock, {});
    const settings = linkedSettings(name);
    this.settings = { ...settings, booksPerConnectionMax: booksPerConnectionMax ?? settings.booksPerConnectionMax };
    const { venue, time } = this.side;
    this.bench = new DeskBench({
      venue: this.#behindDoors(venue, carries),
      clock: this.clock,
      time,
      settings: this.settings,
      onEdge: onEdgeAtVenues,
      bend: (name, { path }, handle) => {
        if (this.breaking?.path !== path || this.breaking.effect !== name) return handle();
        this.breaking = undefined;
        throw new Error('broken');
      },
      parts: {
        readBooks: (books) => this.doors.books.pass(() => this.#readBooks(books)),
        ...(this.side.name === 'polymarket' ? { standingNow: this.side.venue.standing.bind(this.side.venue) } : {}),
      },
    });
  }

  /** Starts the desk, which reads its status and clock, and follows the first books where it carries any. */
  start(carries: LinkGiven['carries']): void {
    this.bench.desk.start();
    if (carries === 'market') for (let at = 0; at < WATCHED; at++) this.watchNext();
  }

  /** Orders of our own need what a desk reads for the books that it follows. */
  async warm(): Promise<void> {
    await this.side.time.until(this.side.venue.warm(this.#markets));
  }

  watchNext(): boolean {
    const listing = this.#markets[this.#watched.size];
    if (listing === undefined) return false;
    this.#watched.add(listing.yes.book);
    this.bench.desk.watch([listing.yes.book], [listing]);
    return true;
  }

  actor(id?: string): AnyActorRef | undefined {
    const { root } = this.bench;
    return id === undefined ? root : (root as Actor<AnyStateMachine> | undefined)?.getSnapshot().children[id];
  }

  text(ref: AnyActorRef): string {
    return stateText((ref as Actor<AnyStateMachine>).getSnapshot().value);
  }

  /** Books whose feeds live. */
  carried(): readonly BookId[] {
    return [...this.#watched].filter((book) => !['unwatched', 'ended'].includes(this.bench.desk.contentOf(book)));
  }

  /** What the chart heard since this was asked last. */
  heard(path: string): EventObject[] {
    const fresh = this.#heardAfter(this.#read, path);
    this.#read = this.bench.records.length;
    return fresh;
  }

  hasHeard(path: string, type: string): boolean {
    return this.#heardAfter(this.#read, path).some((event) => event.type === type);
  }

  /** Time passes until it is so, as long as it may. */
  async until(isSo: () => boolean, forMs: number): Promise<boolean> {
    const { clock } = this;
    const endMs = clock.nowMs() + forMs;
    for (;;) {
      await clock.settleBy(0);
      if (isSo()) return true;
      const { nextAtMs } = clock;
      if (nextAtMs === undefined || nextAtMs > endMs) break;
      await clock.settleTo(nextAtMs);
    }
    await clock.settleTo(endMs);
    return isSo();
  }

  /** The same while every book changes each second. */
  async untilAmidData(isSo: () => boolean, forMs: number, beat: () => Promise<void>): Promise<boolean> {
    const endMs = this.clock.nowMs() + forMs;
    while (this.clock.nowMs() < endMs) {
      if (await this.until(isSo, BEAT_MS)) return true;
      await beat();
    }
    return isSo();
  }

  settle(): Promise<boolean> {
    return this.until(() => false, TRAVEL_MS);
  }

  /** Every book changes, and whoever listens is told. */
  async change(): Promise<void> {
    this.#move();
    await this.settle();
  }

  /** Every book changes, and the sockets stay silent about it. */
  async changeUntold(): Promise<void> {
    const before = new Map(this.carried().map((book) => [book, this.#truthOf(book)]));
    await this.amid({ fault: { kind: 'frozen' }, on: 'socket' }, () => this.change());
    for (const [book, text] of before) if (!this.#lies.has(book)) this.#lies.set(book, text);
  }

  /** Somebody sells one contract to the best bid. */
  trade(book: BookId): void {
    const { priceE4, sizeE6 } = level(48, 1);
    if (this.side.name === 'kalshi')
      this.side.sim.house.place({
        ticker: keyOf(book),
        side: 'ask',
        priceE4,
        sizeE6,
        timeInForce: 'immediateOrCancel',
      });
    else
      this.side.sim.control.flow
        .counterparty()
        .order({ tokenId: keyOf(book), side: 'SELL', type: 'FAK', priceE4, sizeE6 });
  }

  async amid(rule: FaultRule, act: () => Promise<unknown>): Promise<void> {
    const end = this.side.inject(rule);
    await act();
    end();
  }

  /** From now on, until `heal`. */
  inject(rule: FaultRule): void {
    this.#faults.add(this.side.inject(rule));
  }

  heal(): void {
    for (const end of this.#faults) end();
    this.#faults.clear();
    this.side.setFaults();
    this.side.setPlugged(true);
    this.skew(0);
  }

  /** So far is the venue's clock ahead of ours. */
  skew(ms: number): void {
    if (this.side.name === 'kalshi') this.side.sim.setClockSkew(ms);
    else this.side.sim.control.setClockOffset(ms);
  }

  /** An order of our own: it rests, or fills at once. */
  async order(kind: 'resting' | 'filled'): Promise<OrderOutcome> {
    const { venue, time } = this.side;
    const isFilled = kind === 'filled';
    const prepared = venue.prepare({
      clientOrderId: this.#ids.uuid(),
      instrument: { book: (this.#markets[0] as Listing).yes.book, inverted: false },
      action: 'buy',
      limitE4: level(isFilled ? 60 : 10, 1).priceE4,
      sizeE6: contracts(10),
      timeInForce: isFilled ? 'immediateOrCancel' : 'goodTillCanceled',
      expiresAt: undefined,
      postOnly: false,
      reduceOnly: false,
      isReducing: false,
    });
    if ('kind' in prepared) throw new Error(`expected an order, found ${prepared.reason}: ${prepared.detail}`);
    const outcome = await time.until(new Promise<OrderOutcome>((resolve) => venue.submit(prepared, resolve)));
    await this.settle();
    return outcome;
  }

  /** I11: what is called tradable is what the venue shows, but for a change that it kept to itself since. */
  check(): void {
    const { desk } = this.bench;
    for (const book of this.#watched) {
      const held = this.bench.books.find(book);
      if (!desk.isTradable(book)) {
        if (held?.standing !== 'live') this.#lies.delete(book);
        continue;
      }
      const [believed, truth] = [
        held === undefined ? '' : textOf(held.bids(false), held.asks(false)),
        this.#truthOf(book),
      ];
      if (held?.standing === 'live' && believed === truth) this.#lies.delete(book);
      else if (held?.standing !== 'live' || !this.#isMisled(book, believed))
        throw new Error(`expected ${book} as the venue has it, ${truth}, found ${held?.standing} ${believed}`);
    }
  }

  /** Whatever was wrong is over: all books are believed again, and all are right. */
  async calmDown(isWell: () => boolean): Promise<void> {
    this.heal();
    for (const door of Object.values(this.doors)) door.open();
    await this.untilAmidData(isWell, 40_000, () => this.change());
    // Quiet enough to be doubted, and to be compared.
    await this.until(() => false, 30_000);
    await this.until(isWell, 40_000);
    const { desk } = this.bench;
    for (const book of this.carried()) {
      const held = this.bench.books.find(book);
      const believed = held === undefined ? '' : textOf(held.bids(false), held.asks(false));
      if (!desk.isTradable(book) || believed !== this.#truthOf(book))
        throw new Error(
          `expected ${book} to be won back as ${this.#truthOf(book)}, found ${held?.standing} ${believed}`,
        );
    }
  }

  async close(): Promise<void> {
    this.heal();
    this.bench.stop();
    await this.side.close();
  }

  /** Kalshi counts its frames; at Polymarket later changes are believed on top of what one has left wrong. */
  #isMisled(book: BookId, believed: string): boolean {
    const lie = this.#lies.get(book);
    return lie === believed || (lie !== undefined && this.side.name === 'polymarket');
  }

  /** A change on both sides, of which no later one repairs what an earlier one left. */
  #move(): void {
    const count = 100 + (++this.#changes % 50);
    const depth = 40 - (this.#changes % 7);
    const sides = {
      bids: [level(48, count), level(depth, 10)],
      asks: [level(52, count + 1), level(100 - depth, 20)],
    };
    for (const listing of this.#markets.slice(0, Math.max(1, this.#watched.size))) this.#house(listing, sides);
  }

  #house({ venueKey, yes }: Listing, sides: BookSides): void {
    if (this.side.name === 'kalshi') this.side.sim.house.setBook(venueKey, sides);
    else this.side.sim.control.flow.setLevels(keyOf(yes.book), sides);
  }

  #truthOf(book: BookId): string {
    if (this.side.name === 'polymarket') {
      const { bids, asks } = this.side.sim.control.quotes(keyOf(book));
      return textOf(bids as readonly Level[], asks as readonly Level[]);
    }
    const truth = this.side.sim.book(keyOf(book));
    return textOf(truth.levels('bid') as readonly Level[], truth.levels('ask') as readonly Level[]);
  }

  #readBooks(books: readonly BookId[]) {
    if (this.side.name === 'polymarket') return this.side.venue.books(books.map((book) => ({ book, inverted: false })));
    const { venue } = this.side;
    return oneByOne((book) => venue.book({ book, inverted: false }))(books);
  }

  /** Returns its key at the venue. */
  #addMarket(at: number): string {
    if (this.side.name === 'kalshi') {
      const eventTicker = `KXLINK-${at}`;
      const ticker = `${eventTicker}-A`;
      this.side.sim.addMarket({ ticker, eventTicker, closeMicros: micros(this.clock.wall() + DAYS_MICROS) });
      return ticker;
    }
    const conditionId = `0x${String(at).padStart(64, '0')}`;
    this.side.sim.control.lifecycle.addMarket({
      conditionId,
      tokens: [
        { tokenId: `1${String(at).padStart(75, '0')}`, outcome: 'Yes' },
        { tokenId: `2${String(at).padStart(75, '0')}`, outcome: 'No' },
      ],
      question: `Will number ${at} happen?`,
      slug: `number-${at}`,
      description: `Resolves to Yes if number ${at} happens, otherwise to No.`,
    });
    return conditionId;
  }

  #heardAfter(at: number, path: string): EventObject[] {
    return this.bench.records
      .slice(at)
      .flatMap((record) =>
        (record.kind === 'transition' || record.kind === 'ignored') && record.actor === path
          ? [record.event as unknown as EventObject]
          : [],
      );
  }

  #behindDoors(venue: Venue, carries: LinkGiven['carries']): Venue {
    const { doors } = this;
    const own: Partial<Venue> = {
      fills: (since, instrument) => doors.fills.pass(() => venue.fills(since, instrument)),
      warm: (listings) => doors.warming.pass(() => venue.warm(listings)),
      status: () => doors.status.pass(() => venue.status()),
      clockOffsetMs: () => doors.clock.pass(() => venue.clockOffsetMs()),
      ...(carries === 'market' ? { unsupported: new Set([...venue.unsupported, 'privateStream'] as const) } : {}),
    };
    return new Proxy(venue, {
      get: (inner, key) => {
        const value = own[key as keyof Venue] ?? Reflect.get(inner, key, inner);
        return typeof value === 'function' ? value.bind(inner) : value;
      },
    });
  }
}

function textOf(bids: readonly Level[], asks: readonly Level[]): string {
  const side = (levels: readonly Level[]): string => levels.map(({ priceE4, sizeE6 }) => `${priceE4}x${sizeE6}`).join();
  return `${side(bids)}/${side(asks)}`;
}

function keyOf(book: BookId): string {
  return book.slice(book.indexOf('/') + 1);
}
