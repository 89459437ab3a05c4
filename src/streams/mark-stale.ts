import { Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import type { Book } from '../domain/book/book.ts';
import type { BookStore } from '../domain/book/book-store.ts';

/**
 * Repeats the index of each book once when `limitMsOf` it passes without a proof that it is current.
 *
 * Emits every index on arrival and again on expiry, never on a poll: a quiet market costs one
 * timer, shared by all books. A proof that comes through another book of the same subscription
 * postpones the expiry. On completion the books still watched expire at their time, then the
 * result completes; an error passes through at once.
 */
export function markStale(options: {
  readonly books: BookStore;
  readonly limitMsOf: (book: Book) => number;
  readonly scheduler: SchedulerLike;
}): OperatorFunction<number, number> {
  const { books, limitMsOf, scheduler } = options;
  return (source) =>
    new Observable<number>((subscriber) => {
      const watched = new Set<number>();
      /** The same by index: asked for every change, and an array answers faster than a set. */
      const isWatched: boolean[] = [];
      let timer: Subscription | undefined;
      let dueAtMs = Number.POSITIVE_INFINITY;
      let isComplete = false;

      function expireAfter(delayMs: number): void {
        const atMs = scheduler.now() + delayMs;
        if (atMs >= dueAtMs) return;
        timer?.unsubscribe();
        dueAtMs = atMs;
        timer = scheduler.schedule(expire, delayMs);
      }

      function expire(): void {
        dueAtMs = Number.POSITIVE_INFINITY;
        const now = scheduler.now();
        let nextMs = Number.POSITIVE_INFINITY;
        for (const index of watched) {
          const book = books.at(index);
          const leftMs = limitMsOf(book) - book.unprovenMs(now);
          // A book is stale strictly beyond its limit, so it is looked at one millisecond later.
          if (leftMs >= 0) nextMs = Math.min(nextMs, leftMs + 1);
          else {
            watched.delete(index);
            isWatched[index] = false;
            subscriber.next(index);
          }
        }
        if (nextMs < Number.POSITIVE_INFINITY) expireAfter(nextMs);
        else if (isComplete) subscriber.complete();
      }

      const subscription = source.subscribe({
        next: (index) => {
          if (isWatched[index] !== true) {
            isWatched[index] = true;
            watched.add(index);
            expireAfter(limitMsOf(books.at(index)) + 1);
          }
          subscriber.next(index);
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          isComplete = true;
          if (watched.size === 0) subscriber.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        timer?.unsubscribe();
      };
    });
}
