/** How long orders take to be answered, as their sender sees it. */
import { heardVenue } from '../../actors/heard-venue.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Venue } from '../../domain/ports/venue.ts';

export class TripTimes {
  readonly #ms: number[] = [];

  note(ms: number): void {
    this.#ms.push(ms);
  }

  /** The value below which that share of all times lies; `undefined` before the first. */
  quantile(share: number): number | undefined {
    return quantileOf(this.#ms, share);
  }
}

export function quantileOf(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const DEAF = { onOrder: () => undefined, onCancel: () => undefined, onReading: () => undefined };

/** The venue itself, with its orders timed. */
export function timedVenue(venue: Venue, times: TripTimes, clock: Clock): Venue {
  return {
    ...heardVenue(venue, DEAF),
    submit: (order, onOutcome, onSent) => {
      const startedMs = clock.nowMs();
      const timed: typeof onOutcome = (outcome) => {
        times.note(clock.nowMs() - startedMs);
        onOutcome(outcome);
      };
      venue.submit(order, timed, onSent);
    },
  };
}
