/** Time as something that is given, so that a simulation can hold it still. */
import type { Micros, Millis } from '../units.ts';

/** What a timer was started as; only its clock knows what it is. */
export type Timer = object;

export interface Clock {
  /** Monotonic: for durations and ages. Never goes back. */
  nowMs(): Millis;
  /** The wall: for signatures, records and dates. May be stepped. */
  wall(): Micros;
  /** Runs once after at least `delayMs`. */
  setTimeout(run: () => void, delayMs: number): Timer;
  /** Does nothing when the timer has run or was stopped. */
  clearTimeout(timer: Timer): void;
}
