import { Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';

/**
 * Lets each book through at most once per `intervalMs`: the first change at once, later ones as a
 * single emission when the interval is over.
 *
 * Nothing is queued: an index stands for the book as it is when it is read, so the newest wins. An
 * interval of 0 passes everything on. On completion an index still waiting is emitted first; an
 * error passes through at once.
 */
export function throttlePerBook(intervalMs: number, scheduler: SchedulerLike): OperatorFunction<number, number> {
  if (intervalMs === 0) return (source) => source;
  return (source) =>
    new Observable<number>((subscriber) => {
      const waiting = new Set<number>();
      const timers = new Map<number, Subscription>();

      function open(index: number): void {
        subscriber.next(index);
        timers.set(
          index,
          scheduler.schedule(() => {
            timers.delete(index);
            if (waiting.delete(index)) open(index);
          }, intervalMs),
        );
      }

      const subscription = source.subscribe({
        next: (index) => {
          if (timers.has(index)) waiting.add(index);
          else open(index);
        },
        error: (error) => subscriber.error(error),
        complete: () => {
          for (const index of waiting) subscriber.next(index);
          subscriber.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        for (const timer of timers.values()) timer.unsubscribe();
      };
    });
}
