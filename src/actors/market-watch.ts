/**
 * Books and decisions: market data of any number of connections goes in, one decision for each basket that a
 * change concerns comes out, in the same synchronous pass. No actor is woken by a book.
 */
import { type Observable, Subject, type Subscription } from 'rxjs';
import type { Book, ChangeRefusal } from '../domain/book/book.ts';
import { BookStore } from '../domain/book/book-store.ts';
import type { Decision, DetectionPolicy } from '../domain/edge/decide.ts';
import { WatchList } from '../domain/edge/watch-list.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';
import { applyToBooks } from '../streams/apply-to-books.ts';
import { clockScheduler } from '../streams/clock-scheduler.ts';
import { detectEdges } from '../streams/detect-edges.ts';
import { markGroupEnds } from '../streams/mark-group-ends.ts';
import { markStale } from '../streams/mark-stale.ts';
import { throttlePerBook } from '../streams/throttle-per-book.ts';

/** Frames of one run of equal timestamps arrive within a millisecond or two (docs/rules.md §17). */
const SILENCE_MS = 3;
/** Recorded frames of one timestamp came up to 43 ms apart in all but one of a thousand cases (May 2026). */
const PATIENCE_MS = 100;

export interface MarketWatchParts {
  readonly clock: Clock;
  readonly policy: DetectionPolicy;
  /** A change that a book refused: the book is gapped, and whoever owns its feed asks for a snapshot. */
  readonly onRefusal: (book: Book, refusal: ChangeRefusal) => void;
}

export class MarketWatch {
  readonly books: BookStore;
  readonly watches = new WatchList();
  readonly #parts: MarketWatchParts;
  readonly #decisions = new Subject<Decision>();

  constructor(parts: MarketWatchParts) {
    this.#parts = parts;
    this.books = new BookStore(parts.onRefusal);
  }

  /** Every decision, declines included, synchronously after the change that led to it. */
  get decisions$(): Observable<Decision> {
    return this.#decisions;
  }

  /**
   * Follows one connection. Runs of equal timestamps are told apart per connection, so each has its own way
   * into the books. Ends with the subscription; the books stay as they are and grow stale.
   */
  follow(marketData$: Observable<MarketDataEvent>): Subscription {
    const { clock, policy } = this.#parts;
    const scheduler = clockScheduler(clock);
    const { books, watches } = this;
    return marketData$
      .pipe(
        markGroupEnds({ silenceMs: SILENCE_MS, scheduler }),
        applyToBooks({ books, patienceMs: PATIENCE_MS, scheduler }),
        markStale({ books, limitMsOf: (book) => policy.staleAfterMs[book.venue], scheduler }),
        throttlePerBook(policy.detectionIntervalMs, scheduler),
        detectEdges({ watches, policy, scheduler }),
      )
      .subscribe((decision) => this.#decisions.next(decision));
  }
}
