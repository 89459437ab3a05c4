/**
 * One time for a client and a server that know nothing of each other.
 *
 * The official clients read `Date.now`, which cannot be passed in, and the servers refuse signatures that are some
 * seconds old. So for the length of a scenario `Date.now` is the wall of the servers' clock: it goes on by itself,
 * faster when asked, and jumps over hours when a scenario does.
 */

import { micros } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';

const TICK_MS = 2;

export class SharedTime {
  readonly clock: VirtualClock;
  readonly #realNow: () => number;
  readonly #ticking: NodeJS.Timeout;
  #lastReal: number;
  /** How many of its milliseconds pass in one of ours. */
  speed = 1;

  constructor() {
    this.#realNow = Date.now;
    this.#lastReal = performance.now();
    this.clock = new VirtualClock({ wall: micros(this.#realNow() * 1_000) });
    Date.now = () => Math.floor(this.clock.wall() / 1_000);
    this.#ticking = setInterval(() => this.#follow(), TICK_MS);
  }

  get nowMs(): number {
    return Math.floor(this.clock.wall() / 1_000);
  }

  jump(ms: number): void {
    this.#follow();
    this.clock.advanceBy(ms);
  }

  stop(): void {
    clearInterval(this.#ticking);
    Date.now = this.#realNow;
  }

  #follow(): void {
    const real = performance.now();
    const passed = (real - this.#lastReal) * this.speed;
    this.#lastReal = real;
    this.clock.advanceBy(passed);
  }
}
