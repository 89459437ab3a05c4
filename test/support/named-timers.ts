/**
 * A clock on which a test lets one timer run by its length, whichever is due first: model tests walk through
 * every order of timeouts, and so through every setting of their lengths.
 */
import type { Clock, Timer } from '../../src/domain/ports/clock.ts';
import { type Micros, type Millis, micros, millis } from '../../src/domain/units.ts';

interface Pending {
  readonly run: () => void;
  readonly delayMs: number;
}

export class NamedTimers implements Clock {
  readonly #pending = new Set<Pending>();
  readonly #broken = new Set<number>();
  #now = 1_000;
  #wallOffset = 1_767_225_600_000_000;

  nowMs(): Millis {
    return millis(this.#now);
  }

  wall(): Micros {
    return micros(this.#wallOffset + this.#now * 1_000);
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    if (this.#broken.delete(delayMs)) throw new Error(`no timer of ${delayMs} ms can be had`);
    const pending = { run, delayMs };
    this.#pending.add(pending);
    return pending;
  }

  clearTimeout(timer: Timer): void {
    this.#pending.delete(timer as Pending);
  }

  has(delayMs: number): boolean {
    return [...this.#pending].some((pending) => pending.delayMs === delayMs);
  }

  /** Runs the oldest timer of this length; false when there is none. */
  fire(delayMs: number): boolean {
    const due = [...this.#pending].find((pending) => pending.delayMs === delayMs);
    if (due === undefined) return false;
    this.#pending.delete(due);
    this.#now += 1;
    due.run();
    return true;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  setWall(at: number): void {
    this.#wallOffset = at - this.#now * 1_000;
  }

  /** The next timer of this length cannot be started. */
  breakNext(delayMs: number): void {
    this.#broken.add(delayMs);
  }
}
