/** One life of the process: once it is over, nothing of it runs, and nobody hears of what comes back. */
import type { MemoryJournal } from '../../src/db/journal/memory-journal.ts';
import type { Clock } from '../../src/domain/ports/clock.ts';
import type { PreparedOrder, Venue } from '../../src/domain/ports/venue.ts';

export interface Life {
  /** Name of its run in the journal, and the seed of its ids. */
  readonly run: string;
  readonly journal: MemoryJournal;
  isOver: boolean;
}

/** Timers that were started in a life end with it. */
export function mortalClock(clock: Clock, life: Life): Clock {
  return {
    nowMs: () => clock.nowMs(),
    wall: () => clock.wall(),
    setTimeout: (run, delayMs) =>
      clock.setTimeout(() => {
        if (!life.isOver) run();
      }, delayMs),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
}

/** The venue as it is, telling when an order is handed over to be sent. */
export function watchedVenue(venue: Venue, life: Life, onSubmit: (order: PreparedOrder) => void): Venue {
  const submit: Venue['submit'] = (order, onOutcome, onSent) => {
    if (life.isOver) return;
    onSubmit(order);
    venue.submit(
      order,
      (outcome) => {
        if (!life.isOver) onOutcome(outcome);
      },
      () => {
        if (!life.isOver) onSent?.();
      },
    );
  };
  return new Proxy(venue, {
    get: (target, key) => {
      if (key === 'submit') return submit;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
