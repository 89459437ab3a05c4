/**
 * Takes everything that rests off the books of every venue. A venue that does not say that it did is asked again: to
 * cancel what is canceled already changes nothing.
 */
import type { VenueName } from '../domain/instrument.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock, Timer } from '../domain/ports/clock.ts';
import type { CancelOutcome, Venue } from '../domain/ports/venue.ts';
import { millis } from '../domain/units.ts';

export interface CancelAllParts {
  readonly clock: Clock;
  readonly venues: Readonly<Record<VenueName, Pick<Venue, 'name' | 'cancelAll'>>>;
  readonly report: ReportTrigger;
}

/** Before each time that a venue is asked again: half a minute in all. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000].map(millis);

type CancelVenue = CancelAllParts['venues'][VenueName];

export class CancelAll {
  readonly #parts: CancelAllParts;
  readonly #pauses = new Set<Timer>();
  /** What is asked for anew makes answers from before nobody's. */
  #round = 0;

  constructor(parts: CancelAllParts) {
    this.#parts = parts;
  }

  /** Every venue is asked, also where another one cannot be. Throws what the first of those threw. */
  start(): void {
    this.stop();
    const failures: unknown[] = [];
    for (const venue of Object.values(this.#parts.venues)) {
      try {
        this.#ask(venue, 0);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Nobody is asked again. */
  stop(): void {
    this.#round++;
    for (const pause of this.#pauses) this.#parts.clock.clearTimeout(pause);
    this.#pauses.clear();
  }

  #ask(venue: CancelVenue, asked: number): void {
    const round = this.#round;
    venue.cancelAll((outcome) => {
      if (outcome.kind !== 'done' && round === this.#round) this.#failed(venue, asked, foundIn(outcome));
    });
  }

  #failed(venue: CancelVenue, asked: number, found: string): void {
    const pauseMs = PAUSES_MS[asked];
    const next = pauseMs === undefined ? 'it is not asked again: look there by hand' : `asked again in ${pauseMs} ms`;
    const detail = `expected ${venue.name} to cancel everything that rests, found ${found}; ${next}`;
    this.#parts.report({ kind: 'API_ERRORS', venue: venue.name, detail });
    if (pauseMs === undefined) return;
    const pause = this.#parts.clock.setTimeout(() => {
      this.#pauses.delete(pause);
      try {
        this.#ask(venue, asked + 1);
      } catch (error) {
        this.#failed(venue, asked + 1, String(error));
      }
    }, pauseMs);
    this.#pauses.add(pause);
  }
}

function foundIn(outcome: Exclude<CancelOutcome, { kind: 'done' }>): string {
  return outcome.kind === 'refused' ? `a refusal (${outcome.reason}: ${outcome.detail})` : outcome.detail;
}
