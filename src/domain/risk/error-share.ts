/**
 * The share of a venue's calls that failed within a sliding window (REQUIREMENTS R4: 5 % in a minute).
 *
 * Calls are counted in slices of the window, so that memory does not grow with traffic; a slice leaves as a
 * whole, at most one slice's length late, and what is late counts longer, never shorter.
 */
import { type Millis, millis, RATE_ONE, type RateE6, rateE6 } from '../units.ts';

export interface ErrorShareLimit {
  /** Exceeded strictly above. */
  readonly shareE6Max: RateE6;
  readonly windowMs: Millis;
  /** Fewer calls than this prove nothing. */
  readonly callsMin: number;
}

export const ERROR_SHARE: ErrorShareLimit = {
  shareE6Max: rateE6(50_000),
  windowMs: millis(60_000),
  callsMin: 20,
};

const SLICES = 60;

interface Slice {
  number: number;
  calls: number;
  failures: number;
}

export class ErrorShare {
  readonly #limit: ErrorShareLimit;
  readonly #slices: Slice[] = Array.from({ length: SLICES + 1 }, () => ({ number: -1, calls: 0, failures: 0 }));

  constructor(limit: ErrorShareLimit = ERROR_SHARE) {
    this.#limit = limit;
  }

  /** Takes in a call that ended, and says whether the share of failures is beyond the limit now. */
  record(hasFailed: boolean, nowMs: number): boolean {
    const slice = this.#sliceAt(nowMs);
    slice.calls++;
    if (hasFailed) slice.failures++;
    const { calls, failures } = this.within(nowMs);
    return calls >= this.#limit.callsMin && failures * RATE_ONE > calls * this.#limit.shareE6Max;
  }

  within(nowMs: number): { readonly calls: number; readonly failures: number } {
    const newest = this.#numberAt(nowMs);
    let calls = 0;
    let failures = 0;
    for (const slice of this.#slices) {
      if (slice.number < newest - SLICES || slice.number > newest) continue;
      calls += slice.calls;
      failures += slice.failures;
    }
    return { calls, failures };
  }

  /** Forgets what led to a trip, so that the calls of before do not trip it again after it was closed. */
  clear(): void {
    for (const slice of this.#slices) Object.assign(slice, { number: -1, calls: 0, failures: 0 });
  }

  #sliceAt(nowMs: number): Slice {
    const number = this.#numberAt(nowMs);
    const slice = this.#slices[number % this.#slices.length] as Slice;
    if (slice.number !== number) Object.assign(slice, { number, calls: 0, failures: 0 });
    return slice;
  }

  #numberAt(nowMs: number): number {
    return Math.floor((nowMs * SLICES) / this.#limit.windowMs);
  }
}
