/** A venue at the port whose every word is spoken by a test: streams that it opens, reads that wait for an answer. */
import type { BookId } from '../../src/domain/instrument.ts';
import type { BookSnapshot, MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import type {
  Fill,
  Listing,
  PrivateEvent,
  Reading,
  Stream,
  StreamListener,
  Venue,
  VenueStatus,
} from '../../src/domain/ports/venue.ts';
import { type Millis, micros, priceE4, sizeE6 } from '../../src/domain/units.ts';

export class ScriptedStream<Event> implements Stream {
  readonly listener: StreamListener<Event>;
  readonly books = new Set<BookId>();
  isClosed = false;
  heartbeats = 0;
  /** The next call throws. */
  broken: 'subscribe' | 'heartbeat' | undefined;
  readonly #hasSnapshots: boolean;
  readonly snapshotsAsked: BookId[] = [];

  constructor(listener: StreamListener<Event>, hasSnapshots: boolean) {
    this.listener = listener;
    this.#hasSnapshots = hasSnapshots;
  }

  subscribe(books: readonly BookId[]): void {
    this.#breakOn('subscribe');
    for (const book of books) this.books.add(book);
  }

  unsubscribe(books: readonly BookId[]): void {
    for (const book of books) this.books.delete(book);
  }

  requestSnapshots(books: readonly BookId[]): boolean {
    this.snapshotsAsked.push(...books);
    return this.#hasSnapshots;
  }

  heartbeat(): void {
    this.#breakOn('heartbeat');
    this.heartbeats++;
  }

  close(): void {
    this.isClosed = true;
  }

  #breakOn(what: 'subscribe' | 'heartbeat'): void {
    if (this.broken !== what) return;
    this.broken = undefined;
    throw new Error(`${what} broke`);
  }
}

/** Questions that wait for their answers, oldest first. */
class Questions<T> {
  readonly #waiting: ((reading: Reading<T>) => void)[] = [];

  ask = (): Promise<Reading<T>> => new Promise((resolve) => this.#waiting.push(resolve));

  get count(): number {
    return this.#waiting.length;
  }

  answer(value: T): void {
    this.#waiting.shift()?.({ kind: 'read', value, receivedAt: micros(0) });
  }

  fail(): void {
    this.#waiting.shift()?.({ kind: 'failed', fault: 'unreachable', detail: 'no answer' });
  }
}

type Reads = Pick<Venue, 'status' | 'clockOffsetMs' | 'warm' | 'fills' | 'openMarketData' | 'openPrivate' | 'close'>;

export class ScriptedVenue implements Reads {
  readonly name = 'kalshi' as const;
  readonly unsupported: Venue['unsupported'];
  readonly market: ScriptedStream<MarketDataEvent>[] = [];
  readonly ours: ScriptedStream<PrivateEvent>[] = [];
  readonly statusReads = new Questions<VenueStatus>();
  readonly clockReads = new Questions<Millis>();
  readonly warmings = new Questions<void>();
  readonly fillReads = new Questions<readonly Fill[]>();
  readonly bookReads = new Questions<readonly BookSnapshot[]>();
  /** The next socket cannot even be asked for. */
  isOpeningBroken = false;
  /** The next stream breaks at its first heartbeat. */
  isHeartbeatBroken = false;
  readonly #hasSnapshots: boolean;

  constructor(given: { readonly unsupported?: Venue['unsupported']; readonly hasSnapshots?: boolean } = {}) {
    this.unsupported = given.unsupported ?? new Set<never>();
    this.#hasSnapshots = given.hasSnapshots ?? true;
  }

  /** The port has more; a desk must not need it, and fails here if it does. */
  asVenue(): Venue {
    return this as unknown as Venue;
  }

  status(): Promise<Reading<VenueStatus>> {
    return this.statusReads.ask();
  }

  clockOffsetMs(): Promise<Reading<Millis>> {
    return this.clockReads.ask();
  }

  warm(_listings: readonly Listing[]): Promise<Reading<void>> {
    return this.warmings.ask();
  }

  fills(): Promise<Reading<readonly Fill[]>> {
    return this.fillReads.ask();
  }

  openMarketData(listener: StreamListener<MarketDataEvent>): Stream {
    return this.#opened(this.market, listener);
  }

  openPrivate(listener: StreamListener<PrivateEvent>): Stream {
    return this.#opened(this.ours, listener);
  }

  /** Cuts short what waits, as a closed client does. */
  close(): Promise<void> {
    while (this.statusReads.count > 0) this.statusReads.fail();
    return Promise.resolve();
  }

  #opened<Event>(streams: ScriptedStream<Event>[], listener: StreamListener<Event>): Stream {
    if (this.isOpeningBroken) {
      this.isOpeningBroken = false;
      throw new Error('no socket can be had');
    }
    const stream = new ScriptedStream(listener, this.#hasSnapshots);
    if (this.isHeartbeatBroken) stream.broken = 'heartbeat';
    this.isHeartbeatBroken = false;
    streams.push(stream);
    return stream;
  }
}

/** Ten at 48, ten asked at 52, unless the bid is said to be another. */
export function snapshotOf(book: BookId, bidE4 = 4_800): BookSnapshot {
  return {
    kind: 'book.snapshot',
    book,
    bids: [{ priceE4: priceE4(bidE4), sizeE6: sizeE6(10_000_000) }],
    asks: [{ priceE4: priceE4(5_200), sizeE6: sizeE6(10_000_000) }],
    grid: undefined,
    feed: undefined,
    stamp: undefined,
    venueAtMs: undefined,
  };
}

/** Only what a desk reads of it. */
export function listingOf(book: BookId): Listing {
  const yes = { book, inverted: false };
  return { venue: 'kalshi', venueKey: book, yes, no: { book, inverted: true } } as Listing;
}
