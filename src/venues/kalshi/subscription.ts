/** One Kalshi subscription of a connection: its count of frames, and the books that the count covers. */
import type { BookId } from '../../domain/instrument.ts';

/** A market whose snapshot was seen. Only a `live` one follows its deltas. */
export interface HeldBook {
  readonly id: BookId;
  readonly ticker: string;
  subscription: Subscription;
  isLive: boolean;
}

export class Subscription {
  readonly sid: number;
  /** Names the subscription across connections: every frame in sequence proves all its books. */
  readonly feed: string;
  /** `undefined` for a subscription first met in mid-stream. */
  channel: string | undefined;
  lastSeq: number;
  readonly #books = new Set<HeldBook>();
  // Both lists are handed out with events, so a change makes a new list instead of changing one.
  #all: readonly BookId[] | undefined;
  #live: readonly BookId[] | undefined;

  constructor(start: {
    readonly connection: string;
    readonly sid: number;
    readonly channel: string | undefined;
    readonly lastSeq: number;
  }) {
    this.sid = start.sid;
    this.feed = `${start.connection}/${start.sid}`;
    this.channel = start.channel;
    this.lastSeq = start.lastSeq;
  }

  get books(): ReadonlySet<HeldBook> {
    return this.#books;
  }

  get bookIds(): readonly BookId[] {
    this.#all ??= [...this.#books].map((book) => book.id);
    return this.#all;
  }

  get liveBookIds(): readonly BookId[] {
    this.#live ??= [...this.#books].filter((book) => book.isLive).map((book) => book.id);
    return this.#live;
  }

  /** Takes over a book: the subscription with its latest snapshot is the only one whose deltas count. */
  adopt(book: HeldBook): void {
    if (book.subscription !== this) book.subscription.release(book);
    book.subscription = this;
    this.#books.add(book);
    this.#all = undefined;
    this.#live = undefined;
  }

  release(book: HeldBook): void {
    this.#books.delete(book);
    this.#all = undefined;
    this.#live = undefined;
  }

  markLive(book: HeldBook): void {
    if (!book.isLive) this.#live = undefined;
    book.isLive = true;
  }

  /** From here every book of the subscription waits for its snapshot. */
  markAllGapped(): void {
    for (const book of this.#books) this.markGapped(book);
  }

  markGapped(book: HeldBook): void {
    if (book.isLive) this.#live = undefined;
    book.isLive = false;
  }
}
