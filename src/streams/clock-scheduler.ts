import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import type { Clock, Timer } from '../domain/ports/clock.ts';

/**
 * RxJS time over any clock, so that streams, charts and transports share one timeline.
 *
 * `now` is the clock's monotonic reading. Work runs from the clock's timers only: never synchronously,
 * also without a delay. Unsubscribing stops it; work that schedules itself again keeps its
 * subscription, as RxJS operators expect.
 */
export function clockScheduler(clock: Clock): SchedulerLike {
  return {
    now: () => clock.nowMs(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
      return new ClockAction<T>(clock, work).schedule(state, delayMs);
    },
  };
}

class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #clock: Clock;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => this.#stop());
    this.#clock = clock;
    this.#work = work;
  }

  /** One action waits for one time: a new one replaces it. */
  schedule(state?: T, delayMs = 0): Subscription {
    if (this.closed) return this;
    this.#stop();
    this.#timer = this.#clock.setTimeout(() => this.#run(state), delayMs);
    return this;
  }

  #run(state: T | undefined): void {
    this.#timer = undefined;
    try {
      this.#work.call(this, state);
    } finally {
      // Work that did not schedule itself again, or threw, is over, and so is its subscription.
      if (this.#timer === undefined) this.unsubscribe();
    }
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
