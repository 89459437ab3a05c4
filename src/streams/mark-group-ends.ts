import { Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import type { MarketDataEvent } from '../domain/ports/market-data.ts';

/** Says that the run of events with one venue timestamp is complete: books may be looked at now. */
export interface GroupEnd {
  readonly kind: 'group.ended';
}

export type GroupedEvent = MarketDataEvent | GroupEnd;

const GROUP_END: GroupEnd = { kind: 'group.ended' };

/**
 * Passes one connection's events on and marks where each run of equal venue timestamps ends.
 *
 * A venue that moves several levels at one instant sends several frames with one timestamp, and the
 * book is crossed between them for no time at all (docs/rules.md §17: 569 false complements in 1.28
 * million deltas). A run ends when a book event with another timestamp arrives, before that event is passed
 * on, or when `silenceMs` pass without a further event. Book events without a timestamp are runs of
 * their own, and so are gaps, grid changes and readings of the venue's books outside a run. Trades, quotes
 * and notices neither start nor end a run.
 *
 * Emits synchronously, except for the end by silence. Drops nothing. On completion the open run
 * ends; an error passes through at once. Holds one timer at most, however many events arrive.
 */
export function markGroupEnds(options: {
  readonly silenceMs: number;
  readonly scheduler: SchedulerLike;
}): OperatorFunction<MarketDataEvent, GroupedEvent> {
  const { silenceMs, scheduler } = options;
  return (source) =>
    new Observable<GroupedEvent>((subscriber) => {
      let isOpen = false;
      let openStamp: string | undefined;
      let lastArrivalMs = 0;
      let timer: Subscription | undefined;

      function end(): void {
        isOpen = false;
        subscriber.next(GROUP_END);
      }

      function onSilence(): void {
        timer = undefined;
        if (!isOpen) return;
        const leftMs = lastArrivalMs + silenceMs - scheduler.now();
        if (leftMs > 0) timer = scheduler.schedule(onSilence, leftMs);
        else end();
      }

      function onBookEvent(event: MarketDataEvent, stamp: string | undefined): void {
        if (isOpen && stamp !== openStamp) end();
        subscriber.next(event);
        if (stamp === undefined) {
          end();
          return;
        }
        isOpen = true;
        openStamp = stamp;
        lastArrivalMs = scheduler.now();
        if (timer === undefined) timer = scheduler.schedule(onSilence, silenceMs);
      }

      function onEvent(event: MarketDataEvent): void {
        switch (event.kind) {
          case 'book.delta':
          case 'book.levels':
          case 'book.snapshot':
            onBookEvent(event, event.stamp);
            return;
          case 'book.gapped':
          case 'tick.changed':
            subscriber.next(event);
            if (!isOpen) end();
            return;
          case 'books.proven':
            subscriber.next(event);
            if (!isOpen && event.by === 'reading') end();
            return;
          default:
            subscriber.next(event);
        }
      }

      const subscription = source.subscribe({
        next: onEvent,
        error: (error) => subscriber.error(error),
        complete: () => {
          if (isOpen) end();
          subscriber.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        timer?.unsubscribe();
      };
    });
}
