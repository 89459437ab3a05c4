import { Observable, type OperatorFunction, type SchedulerLike } from 'rxjs';
import type { BookStore } from '../domain/book/book-store.ts';
import type { GroupedEvent } from './mark-group-ends.ts';

/**
 * Applies events to the books and emits, at the end of each run, the index of every book the run
 * touched, once.
 *
 * Books are changed in place the moment an event arrives, so whoever reads them between runs may
 * see half of a change: read them on emission only. Emits synchronously on `group.ended`; passes
 * error and completion on; an event that a book refuses is reported by the store, never thrown.
 */
export function applyToBooks(books: BookStore, scheduler: SchedulerLike): OperatorFunction<GroupedEvent, number> {
  return (source) =>
    new Observable<number>((subscriber) => {
      let touched: number[] = [];

      function emitTouched(): void {
        if (touched.length === 1) {
          const only = touched[0] as number;
          touched.length = 0;
          subscriber.next(only);
          return;
        }
        const run = touched;
        touched = [];
        for (const index of new Set(run)) subscriber.next(index);
      }

      return source.subscribe({
        next: (event) => {
          if (event.kind === 'group.ended') emitTouched();
          else books.apply(event, scheduler.now(), touched);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
