/**
 * Asks a venue at once whether books that have been quiet are still what it shows, because somebody would trade on
 * them: the book by REST, and whether its market is open. Never about a book that is being asked about, never again
 * within the pause, and only while requests are to spare: hedges and cancels come first.
 */
import type { BookId } from '../domain/instrument.ts';
import type { Listing, Reading } from '../domain/ports/venue.ts';
import { type CrossCheckParts, crossCheckBooks } from './cross-check.ts';

export interface BookProverParts extends CrossCheckParts {
  readonly readListings: (books: readonly BookId[]) => Promise<Reading<readonly Listing[]>>;
  /** Whether ordinary requests should go out now. */
  readonly mayAsk: () => boolean;
  /** Between two questions about one book, and about one whose market is closed: that takes longer to change. */
  readonly pauseMs: number;
  readonly closedPauseMs: number;
  readonly onListings: (listings: readonly Listing[]) => void;
  readonly onAgreed: (books: readonly BookId[]) => void;
  readonly onContradicted: (books: readonly BookId[], detail: string) => void;
  readonly onReading: (reading: Reading<unknown>) => void;
}

export class BookProver {
  readonly #parts: BookProverParts;
  readonly #underWay = new Set<BookId>();
  readonly #askedAtMs = new Map<BookId, number>();

  constructor(parts: BookProverParts) {
    this.#parts = parts;
  }

  /** Returns how many are asked about. */
  prove(books: readonly BookId[]): number {
    const { clock, mayAsk } = this.#parts;
    const nowMs = clock.nowMs();
    const due = [...new Set(books)].filter((book) => this.#isDue(book, nowMs));
    if (due.length === 0 || !mayAsk()) return 0;
    for (const book of due) {
      this.#underWay.add(book);
      this.#askedAtMs.set(book, nowMs);
    }
    void this.#ask(due);
    return due.length;
  }

  forget(books: readonly BookId[]): void {
    for (const book of books) this.#askedAtMs.delete(book);
  }

  #isDue(book: BookId, nowMs: number): boolean {
    const { bookOf, pauseMs, closedPauseMs } = this.#parts;
    if (this.#underWay.has(book)) return false;
    const isClosed = bookOf(book)?.market.closedBecause !== undefined;
    const sinceMs = nowMs - (this.#askedAtMs.get(book) ?? Number.NEGATIVE_INFINITY);
    return sinceMs >= (isClosed ? closedPauseMs : pauseMs);
  }

  async #ask(books: readonly BookId[]): Promise<void> {
    const { onReading, onListings, onAgreed, onContradicted, readBooks, readListings } = this.#parts;
    const heard = async <Value>(reading: Promise<Reading<Value>>): Promise<Reading<Value>> => {
      const answer = await reading;
      onReading(answer);
      return answer;
    };
    try {
      const [listings, verdict] = await Promise.all([
        heard(readListings(books)),
        crossCheckBooks(books, { ...this.#parts, readBooks: (asked) => heard(readBooks(asked)) }),
      ]);
      // Prices of a market that may be closed are not fresh, whatever they are.
      if (listings.kind === 'failed') return;
      onListings(listings.value);
      if (verdict.kind === 'agreed' && verdict.books.length > 0) onAgreed(verdict.books);
      else if (verdict.kind === 'contradicted') onContradicted(verdict.books, verdict.detail);
    } catch (error) {
      onReading({ kind: 'failed', fault: 'venueError', detail: String(error) });
    } finally {
      for (const book of books) this.#underWay.delete(book);
    }
  }
}
