/**
 * What the feed charts of one venue ask for, gathered for a moment: a gap concerns every book of its
 * subscription, and a thousand books need one request. Market data passes by here and wakes a chart only where
 * a book begins or ceases to be believed.
 */
import type { BookId } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Listing, Reading, Stream } from '../domain/ports/venue.ts';
import type { BookFeedEvent, bookFeedEffects } from '../machines/book-feed.machine.ts';
import type { ActorHandle, ActorRuntime, EffectHandlers } from './actor-runtime.ts';

export interface FeedKeeperParts {
  readonly runtime: Pick<ActorRuntime, 'step'>;
  readonly clock: Clock;
  readonly tell: (book: BookId, event: BookFeedEvent) => void;
  /** The feed that stands for this book now, and not one that its dead parent left behind. */
  readonly isCurrent: (book: BookId, actor: ActorHandle) => boolean;
  readonly streamOf: (book: BookId) => Stream | undefined;
  readonly warm: (listings: readonly Listing[]) => Promise<Reading<void>>;
}

/** Feeds that ask at one instant do so in as many timers. */
const GATHER_MS = 5;

export class FeedKeeper {
  readonly #parts: FeedKeeperParts;
  /** Books whose next snapshot is news. */
  readonly #waiting = new Set<BookId>();
  readonly #listings = new Map<BookId, Listing>();
  #resyncs: { readonly book: BookId; readonly isAnew: boolean }[] = [];
  #cold: BookId[] = [];

  constructor(parts: FeedKeeperParts) {
    this.#parts = parts;
  }

  get handlers(): EffectHandlers<typeof bookFeedEffects> {
    return {
      requestResync: (actor, params) => {
        const book = params.book as BookId;
        if (!this.#parts.isCurrent(book, actor)) return;
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

  forget(books: readonly BookId[]): void {
    for (const book of books) {
      this.#waiting.delete(book);
      this.#listings.delete(book);
    }
  }

  /** These books were asked for: their next snapshot is the first. */
  asked(books: readonly BookId[]): void {
    for (const book of books) {
      this.#waiting.add(book);
      this.#parts.tell(book, { type: 'subscription.sent' });
    }
  }

  lost(books: readonly BookId[]): void {
    for (const book of books) {
      this.#waiting.add(book);
      this.#parts.tell(book, { type: 'connection.lost' });
    }
  }

  /** True when the event is the first snapshot of a book that waited for one. */
  follow(event: MarketDataEvent): boolean {
    if (event.kind === 'book.snapshot') {
      if (!this.#waiting.delete(event.book)) return false;
      this.#parts.tell(event.book, { type: 'snapshot.received' });
      return true;
    }
    // The end of a connection is told to every feed by its connection.
    if (event.kind === 'book.gapped' && event.reason !== 'disconnected')
      this.#parts.runtime.step(() => {
        for (const book of event.books) {
          this.#waiting.add(book);
          this.#parts.tell(book, { type: 'book.gapped', reason: `${event.reason}: ${event.detail}` });
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
        for (const book of told) this.#parts.tell(book, event);
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
