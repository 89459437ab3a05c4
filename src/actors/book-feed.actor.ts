/**
 * The feeds of one venue. They are roots with the names of children: stopping one of a thousand children takes
 * XState 4.6 ms, because it copies what is left, and a connection carries a thousand books.
 *
 * What they ask for is gathered for a moment: a gap concerns every book of its
 * subscription, and a thousand books need one request. Market data passes by here and wakes a chart only where
 * a book begins or ceases to be believed.
 */
import type { Actor } from 'xstate';
import type { BookId } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Listing, Reading, Stream } from '../domain/ports/venue.ts';
import { type BookFeedEvent, bookFeedEffects, bookFeedMachine, type FeedTerms } from '../machines/book-feed.machine.ts';
import type { ActorRuntime, EffectHandlers } from './actor-runtime.ts';

export interface FeedKeeperParts {
  readonly runtime: ActorRuntime;
  readonly clock: Clock;
  readonly terms: FeedTerms;
  /** The name of the feed among the actors: below its connection. */
  readonly pathOf: (book: BookId) => string;
  /** Whether a connection has asked for this book, or is asking. */
  readonly isAskedFor: (book: BookId) => boolean;
  readonly onExhausted: (book: BookId) => void;
  readonly streamOf: (book: BookId) => Stream | undefined;
  readonly warm: (listings: readonly Listing[]) => Promise<Reading<void>>;
}

type Feed = Actor<typeof bookFeedMachine>;

/** Feeds that ask at one instant do so in as many timers. */
const GATHER_MS = 5;
/** Until a feed whose chart broke is replaced. */
const REPLACEMENT_MS = 250;

export class FeedKeeper {
  readonly #parts: FeedKeeperParts;
  /** Books whose next snapshot is news. */
  readonly #waiting = new Set<BookId>();
  readonly #listings = new Map<BookId, Listing>();
  readonly #feeds = new Map<BookId, Feed>();
  readonly #machine: typeof bookFeedMachine;
  #resyncs: { readonly book: BookId; readonly isAnew: boolean }[] = [];
  #cold: BookId[] = [];

  constructor(parts: FeedKeeperParts) {
    this.#parts = parts;
    this.#machine = parts.runtime.bind(bookFeedMachine, bookFeedEffects, this.#handlers());
  }

  feedOf(book: BookId): Feed | undefined {
    return this.#feeds.get(book);
  }

  add(books: readonly BookId[]): void {
    for (const book of books) if (!this.#feeds.has(book)) this.#start(book);
  }

  remove(books: readonly BookId[]): void {
    for (const book of books) {
      this.#tell(book, { type: 'unwatch.requested' });
      this.#feeds.delete(book);
      this.#waiting.delete(book);
      this.#listings.delete(book);
    }
  }

  #start(book: BookId): void {
    const { runtime, terms, pathOf, isAskedFor } = this.#parts;
    const feed = runtime.start(this.#machine, { id: pathOf(book), input: { book, terms } });
    this.#feeds.set(book, feed);
    // A chart that broke is told to the breaker by the runtime; the book itself gets another, and not at once: what
    // breaks whenever it starts would start for ever.
    const replace = (): void => {
      if (this.#feeds.get(book) !== feed) return;
      this.#start(book);
      if (isAskedFor(book)) this.asked([book]);
    };
    feed.subscribe({ error: () => this.#parts.clock.setTimeout(replace, REPLACEMENT_MS) });
  }

  #tell(book: BookId, event: BookFeedEvent): void {
    const feed = this.#feeds.get(book);
    if (feed?.getSnapshot().status === 'active') this.#parts.runtime.send(feed, event);
  }

  #handlers(): EffectHandlers<typeof bookFeedEffects> {
    return {
      requestNewConnection: (_, params) => this.#parts.onExhausted(params.book as BookId),
      requestResync: (_, params) => {
        const book = params.book as BookId;
        if (this.#resyncs.length === 0) this.#parts.clock.setTimeout(() => this.#resync(), GATHER_MS);
        this.#resyncs.push({ book, isAnew: params.isAnew });
      },
      requestWarming: (_, params) => {
        if (this.#cold.length === 0) this.#parts.clock.setTimeout(() => this.#warm(), GATHER_MS);
        this.#cold.push(params.book as BookId);
      },
    };
  }

  learn(listings: readonly Listing[]): void {
    for (const listing of listings) for (const { book } of [listing.yes, listing.no]) this.#listings.set(book, listing);
  }

  /** These books were asked for: their next snapshot is the first. */
  asked(books: readonly BookId[]): void {
    for (const book of books) {
      this.#waiting.add(book);
      this.#tell(book, { type: 'subscription.sent' });
    }
  }

  lost(books: readonly BookId[]): void {
    for (const book of books) {
      this.#waiting.add(book);
      this.#tell(book, { type: 'connection.lost' });
    }
  }

  /** True when the event is the first snapshot of a book that waited for one. */
  follow(event: MarketDataEvent): boolean {
    if (event.kind === 'book.snapshot') {
      if (!this.#waiting.delete(event.book)) return false;
      this.#tell(event.book, { type: 'snapshot.received' });
      return true;
    }
    // The end of a connection is told to every feed by its connection.
    if (event.kind === 'book.gapped' && event.reason !== 'disconnected')
      this.#parts.runtime.step(() => {
        for (const book of event.books) {
          this.#waiting.add(book);
          this.#tell(book, { type: 'book.gapped', reason: `${event.reason}: ${event.detail}` });
        }
      });
    return false;
  }

  #resync(): void {
    const asked = this.#resyncs;
    this.#resyncs = [];
    const byStream = new Map<Stream, { snapshots: BookId[]; anew: BookId[] }>();
    for (const { book, isAnew } of asked) {
      const stream = this.#parts.streamOf(book);
      if (stream === undefined) continue;
      const wants = byStream.get(stream) ?? { snapshots: [], anew: [] };
      byStream.set(stream, wants);
      (isAnew ? wants.anew : wants.snapshots).push(book);
    }
    // A gap that the venue tells while we give books up belongs to the same step.
    this.#parts.runtime.step(() => {
      for (const [stream, { snapshots, anew }] of byStream) {
        const isTaken = snapshots.length === 0 || stream.requestSnapshots(snapshots);
        const again = isTaken ? anew : [...anew, ...snapshots];
        if (again.length === 0) continue;
        stream.unsubscribe(again);
        stream.subscribe(again);
      }
    });
  }

  #warm(): void {
    const books = this.#cold;
    this.#cold = [];
    const known = books.filter((book) => this.#listings.has(book));
    const listings = new Set(known.flatMap((book) => this.#listings.get(book) ?? []));
    const tellAll = (told: readonly BookId[], event: BookFeedEvent): void =>
      this.#parts.runtime.step(() => {
        for (const book of told) this.#tell(book, event);
      });
    const unknown = books.filter((book) => !this.#listings.has(book));
    tellAll(unknown, { type: 'warming.failed', detail: 'nobody gave a listing of it' });
    if (listings.size === 0) return;
    this.#parts.warm([...listings]).then(
      (reading) =>
        tellAll(
          known,
          reading.kind === 'read'
            ? { type: 'metadata.warmed' }
            : { type: 'warming.failed', detail: `${reading.fault}: ${reading.detail}` },
        ),
      (error: unknown) => tellAll(known, { type: 'warming.failed', detail: String(error) }),
    );
  }
}
