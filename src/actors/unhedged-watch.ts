/**
 * Opens the breaker when more than a little stays without a partner for too long (docs/invariants.md I5).
 *
 * It is told after every change of the exposure book and holds one timer, from the moment the limit is
 * passed until it is kept again. What is planned to have one leg only for a while does not count: the book's
 * imbalance leaves it out, and an overdue hedge is an asymmetry, which its attempt reports at once.
 */
import type { ExposureSpan } from '../domain/limits/exposure.ts';
import { isImbalanced, worseEnd } from '../domain/limits/exposure.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock, Timer } from '../domain/ports/clock.ts';
import type { Exposures } from '../domain/risk/reservation.ts';
import type { MicroUsd, Millis } from '../domain/units.ts';

export interface UnhedgedWatchParts {
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  /** Strictly above it counts (design C: $10). */
  readonly limitMicroUsd: MicroUsd;
  /** For longer than this (default of the invariant: 5 s). */
  readonly patienceMs: Millis;
  readonly imbalance: () => ExposureSpan;
  readonly report: ReportTrigger;
}

export class UnhedgedWatch {
  readonly #parts: UnhedgedWatchParts;
  #timer: Timer | undefined;

  constructor(parts: UnhedgedWatchParts) {
    this.#parts = parts;
  }

  /** The exposure book has changed. */
  changed(): void {
    const { clock, patienceMs } = this.#parts;
    if (this.#isAbove()) this.#timer ??= clock.setTimeout(() => this.#onTime(), patienceMs);
    else this.stop();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Reported once each time that it lasts too long; the breaker is open from then on. */
  #onTime(): void {
    const { imbalance, limitMicroUsd, patienceMs, report } = this.#parts;
    const found = worseEnd(imbalance());
    if (!this.#isAbove()) {
      this.#timer = undefined;
      return;
    }
    const detail = `expected at most ${limitMicroUsd} micro-dollars unhedged for ${patienceMs} ms, found ${found}`;
    report({ kind: 'UNHEDGED', detail });
  }

  #isAbove(): boolean {
    const { imbalance, limitMicroUsd } = this.#parts;
    return isImbalanced(worseEnd(imbalance()), limitMicroUsd);
  }
}

type Changed = Pick<Exposures, 'reserve' | 'report' | 'release'>;

/** The exposure book, with the watch told of every change. */
export function mindedBy(watch: UnhedgedWatch, exposures: Changed): Changed {
  return {
    reserve: (request) => exposures.reserve(request),
    report: (attemptId, reports, at) => {
      exposures.report(attemptId, reports, at);
      watch.changed();
    },
    release: (attemptId, reports, at) => {
      exposures.release(attemptId, reports, at);
      watch.changed();
    },
  };
}
