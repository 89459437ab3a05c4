/** The clock of the machine we run on: the only place where the product reads time or starts a timer. */
import type { Clock, Timer } from '../domain/ports/clock.ts';
import { micros, millis } from '../domain/units.ts';

const MICROS_PER_MILLI = 1_000;
/** About 25 days. Node runs a longer delay at once, so a longer wait is made of several. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/**
 * Holds the timer of the moment, which changes while a long wait goes on, or when Node, which counts whole
 * milliseconds, comes a fraction of one too early: nobody is called before their time.
 */
class SystemTimer {
  readonly #run: () => void;
  readonly #dueAtMs: number;
  #handle: NodeJS.Timeout;

  constructor(run: () => void, delayMs: number) {
    this.#run = run;
    this.#dueAtMs = performance.now() + delayMs;
    this.#handle = this.#start(delayMs);
  }

  stop(): void {
    clearTimeout(this.#handle);
  }

  #start(leftMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#onTime(), Math.min(Math.max(0, leftMs), DELAY_MS_MAX));
  }

  #onTime(): void {
    const leftMs = this.#dueAtMs - performance.now();
    if (leftMs > 0) this.#handle = this.#start(leftMs);
    else this.#run();
  }
}

/**
 * What has to be added to the monotonic clock to get the wall. The wall itself ticks in whole milliseconds; the
 * monotonic clock tells the microseconds between, and the sum is kept within the millisecond that the wall shows,
 * so that it follows a correction of the host's clock at once.
 */
let wallOffsetMicros = 0;

function wallMicros(): number {
  const earliest = Date.now() * MICROS_PER_MILLI;
  const latest = earliest + MICROS_PER_MILLI - 1;
  const monotonic = Math.floor(performance.now() * MICROS_PER_MILLI);
  const told = Math.min(Math.max(wallOffsetMicros + monotonic, earliest), latest);
  wallOffsetMicros = told - monotonic;
  return told;
}

export const systemClock: Clock = {
  nowMs: () => millis(performance.now()),
  wall: () => micros(wallMicros()),
  setTimeout: (run, delayMs) => new SystemTimer(run, delayMs),
  clearTimeout: (timer: Timer) => (timer as SystemTimer).stop(),
};

/** One turn of the event loop: every microtask, and all input and output that is ready, has run. */
export function systemTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
