/** Waiting at a multiple of the given clock's pace, all of it ended at once. */
import type { Clock, Timer } from '../../domain/ports/clock.ts';

const MINUTE_MS = 60_000;

export class Tempo {
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock, speed: number) {
    if (!(speed > 0)) throw new Error(`a speed must be above 0, found ${speed}`);
    this.#clock = clock;
    this.#speed = speed;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Time that has passed for the flow since a reading of the clock. */
  since(readingMs: number): number {
    return (this.#clock.nowMs() - readingMs) * this.#speed;
  }

  /** To the next whole minute of the wall; at another pace than the wall's a minute is as long, and begins anywhere. */
  toMinuteMs(): number {
    return this.#speed === 1 ? MINUTE_MS - ((this.#clock.wall() / 1_000) % MINUTE_MS) : MINUTE_MS;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs / this.#speed);
    this.#timers.add(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    this.#timers.delete(timer);
    this.#clock.clearTimeout(timer);
  }

  stop(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }
}
