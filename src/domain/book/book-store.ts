/** All books of a process, and the one way market data changes them. */
import type { BookId, TickGrid } from '../instrument.ts';
import { invariant, unreachable } from '../invariant.ts';
import type { BookLevels, BookSnapshot, GapReason, MarketDataEvent } from '../ports/market-data.ts';
import { Book, type ChangeRefusal, newProof, type Proof } from './book.ts';

/** Told of every change that a book refused, with the refusal: each one is a fault worth a line. */
export type RefusalListener = (book: Book, refusal: ChangeRefusal) => void;

export class BookStore {
  readonly #books: Book[] = [];
  readonly #byId = new Map<BookId, Book>();
  readonly #proofs = new Map<string, Proof>();
  readonly #onRefusal: RefusalListener;
  /** The book of the latest delta, and the very text that named it: deltas come in runs about one book. */
  #latest: Book | undefined;
  #latestId: BookId | undefined;

  constructor(onRefusal: RefusalListener = () => undefined) {
    this.#onRefusal = onRefusal;
  }

  get size(): number {
    return this.#books.length;
  }

  /** The book with this id, created awaiting its snapshot when it is new. */
  open(id: BookId, grid?: TickGrid): Book {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const book = new Book(id, this.#books.length, grid);
    this.#books.push(book);
    this.#byId.set(id, book);
    return book;
  }

  find(id: BookId): Book | undefined {
    return this.#byId.get(id);
  }

  /** The book at an index that this store handed out. */
  at(index: number): Book {
    const book = this.#books[index];
    invariant(book !== undefined, () => `expected a book index below ${this.#books.length}, found ${index}`);
    return book;
  }

  all(): readonly Book[] {
    return this.#books;
  }

  /**
   * Applies one event. The indexes of the books whose tradable content may differ now are appended
   * to `touched`; an index may repeat. `nowMs` is the monotonic instant of receipt.
   */
  apply(event: MarketDataEvent, nowMs: number, touched: number[]): void {
    switch (event.kind) {
      case 'book.delta': {
        const book = this.#latestOrOpen(event.book);
        this.#note(book, book.add(event.side, event.priceE4, event.deltaE6, event, nowMs), touched);
        return;
      }
      case 'book.levels':
        this.#setLevels(event, nowMs, touched);
        return;
      case 'book.snapshot':
        this.#replace(event, nowMs, touched);
        return;
      case 'book.gapped':
        for (const id of event.books) this.#gap(id, event.reason, touched);
        return;
      case 'tick.changed':
        // The lifecycle channel speaks of every market of the venue, also of those without a book here.
        this.find(event.book)?.regrid(event.grid);
        return;
      case 'books.proven':
        for (const id of event.books) {
          if (event.by === 'reading') this.#confirm(this.open(id), nowMs, touched);
          else this.open(id).proof.at = nowMs;
        }
        return;
      case 'trade.printed':
      case 'quote.seen':
      case 'listing.changed':
      case 'frame.fault':
        return;
      default:
        unreachable(event, 'a market data event');
    }
  }

  #latestOrOpen(id: BookId): Book {
    if (this.#latest === undefined || this.#latestId !== id) {
      this.#latest = this.open(id);
      this.#latestId = id;
    }
    return this.#latest;
  }

  #replace(event: BookSnapshot, nowMs: number, touched: number[]): void {
    const book = this.open(event.book);
    if (this.#isContradicted(book, event)) {
      // One of the two is wrong, and nobody can tell which: a snapshot that is asked for decides.
      this.#gap(event.book, 'malformed', touched);
      this.#onRefusal(book, 'contradicted');
      return;
    }
    if (event.grid !== undefined) book.regrid(event.grid);
    if (event.feed !== undefined) book.proof = this.#proofOf(event.feed);
    else if (book.standing !== 'live') book.proof = newProof();
    this.#note(book, book.replace(event, event, nowMs), touched);
  }

  /**
   * In sequence nothing is missing: a snapshot in mid-stream can only say what is held already, unless the market
   * closed, which empties its book.
   */
  #isContradicted(book: Book, event: BookSnapshot): boolean {
    if (event.feed === undefined || book.standing !== 'live') return false;
    if (event.bids.length === 0 && event.asks.length === 0) return false;
    return book.proof === this.#proofs.get(event.feed) && !book.shows(event);
  }

  #setLevels(event: BookLevels, nowMs: number, touched: number[]): void {
    let refused = false;
    for (const change of event.changes) {
      const book = this.open(change.book);
      const refusal = book.set(change.side, change.priceE4, change.sizeE6, event, nowMs);
      this.#note(book, refusal, touched);
      refused ||= refusal !== undefined && refusal !== 'discarded';
    }
    // Half of an atomic change is a wrong book: whatever it touched waits for a snapshot.
    if (refused) for (const change of event.changes) this.#gap(change.book, 'malformed', touched);
  }

  /** What was too old to decide on may be decided on now. */
  #confirm(book: Book, nowMs: number, touched: number[]): void {
    book.confirm(nowMs);
    touched.push(book.index);
  }

  #gap(id: BookId, reason: GapReason, touched: number[]): void {
    const book = this.open(id);
    book.gap(reason);
    touched.push(book.index);
  }

  #note(book: Book, refusal: ChangeRefusal | undefined, touched: number[]): void {
    if (refusal !== undefined) this.#onRefusal(book, refusal);
    if (refusal !== 'discarded') touch(book.index, touched);
  }

  #proofOf(feed: string): Proof {
    const known = this.#proofs.get(feed);
    if (known !== undefined) return known;
    const proof = newProof();
    this.#proofs.set(feed, proof);
    return proof;
  }
}

/** A run of deltas is mostly about one book: noting it once is enough. */
function touch(index: number, touched: number[]): void {
  if (touched.length === 0 || touched[touched.length - 1] !== index) touched.push(index);
}
