import { Observable, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { type Decision, type DetectionPolicy, decide } from '../domain/edge/decide.ts';
import type { WatchList } from '../domain/edge/watch-list.ts';

/**
 * Decides on every watched basket that has a leg in the book at the index that arrives, reading all
 * its books as they are at that moment.
 *
 * Emits one decision a basket, also for every decline, synchronously and in the order in which the
 * baskets were added. Keeps nothing between two indexes. Passes error and completion on.
 */
export function detectEdges(options: {
  readonly watches: WatchList;
  readonly policy: DetectionPolicy;
  readonly scheduler: SchedulerLike;
}): OperatorFunction<number, Decision> {
  const { watches, policy, scheduler } = options;
  return (source) =>
    new Observable<Decision>((subscriber) =>
      source.subscribe({
        next: (index) => {
          const nowMs = scheduler.now();
          for (const watch of watches.of(index)) subscriber.next(decide(watch, policy, nowMs));
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}
