import { Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import type { BookStore } from '../domain/book/book-store.ts';
import type { GroupedEvent } from './mark-group-ends.ts';

/**
 * Applies events to the books and emits, at the end of each run, the index of every book the run
 * touched, once.
 *
 * Books are changed in place the moment an event arrives, so whoever reads them between runs may
 * see half of a change: read them on emission only. A run can also be cut in two by the network:
 * frames with one timestamp have arrived up to 50 ms apart. A book that is crossed when its run ends
 * is therefore held back until a run ends with it uncrossed, for `patienceMs` at most; then it is
 * emitted crossed, because then it is wrong.
 *
 * Emits synchronously on `group.ended`, and from one timer when patience is over. On completion
 * what is held back is emitted first; an error passes through at once. An event that a book refuses
 * is reported by the store, never thrown.
 */
export function applyToBooks(options: {
  readonly books: BookStore;
  readonly patienceMs: number;
  readonly scheduler: SchedulerLike;
}): OperatorFunction<GroupedEvent, number> {
  const { books, patienceMs, scheduler } = options;
  return (source) =>
    new Observable<number>((subscriber) => {
      const touched: number[] = [];
      /** Books held back, and since when. */
      const held = new Map<number, number>();
      let timer: Subscription | undefined;

      function emitTouched(): void {
        if (touched.length === 1 && held.size === 0) {
          emitOrHold(touched.pop() as number);
          return;
        }
        const run = new Set([...touched, ...held.keys()]);
        touched.length = 0;
        for (const index of run) emitOrHold(index);
      }

      function emitOrHold(index: number): void {
        if (!books.at(index).isCrossed || isOverdue(index)) {
          if (held.size > 0) held.delete(index);
          subscriber.next(index);
        } else if (!held.has(index)) {
          held.set(index, scheduler.now());
          if (timer === undefined) timer = scheduler.schedule(onPatienceOver, patienceMs);
        }
      }

      function isOverdue(index: number): boolean {
        const since = held.get(index);
        return since !== undefined && scheduler.now() - since >= patienceMs;
      }

      function onPatienceOver(): void {
        timer = undefined;
        for (const index of [...held.keys()]) emitOrHold(index);
        if (held.size === 0) return;
        const oldest = Math.min(...held.values());
        timer = scheduler.schedule(onPatienceOver, Math.max(0, oldest + patienceMs - scheduler.now()));
      }

      const subscription = source.subscribe({
        next: (event) => {
          if (event.kind === 'group.ended') emitTouched();
          else books.apply(event, scheduler.now(), touched);
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          for (const index of held.keys()) subscriber.next(index);
          subscriber.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        timer?.unsubscribe();
      };
    });
}
