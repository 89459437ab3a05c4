import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

type Work = (this: SchedulerAction<unknown>, state?: unknown) => void;

interface Timer {
  readonly dueMs: number;
  readonly work: Work;
  readonly state: unknown;
  readonly subscription: Subscription;
}

/**
 * The least clock that the streams can run on: it stands until it is moved, and rings what is due on the way.
 *
 * RxJS's virtual time, which a replay uses, sorts its whole queue at every timer; a live process arms a timer of the
 * operating system, once per pause of a few milliseconds. This clock stands for neither, so its cost is small and
 * counted.
 */
export class BenchClock implements SchedulerLike {
  #nowMs = 0;
  /** When the next timer is due, so that moving on is one comparison. */
  #nextMs = Number.POSITIVE_INFINITY;
  /** The next one last: the streams hold a handful of timers, and the newest is nearly always the next. */
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#nowMs;
  }

  schedule<State>(
    work: (this: SchedulerAction<State>, state?: State) => void,
    delayMs = 0,
    state?: State,
  ): Subscription {
    const dueMs = this.#nowMs + delayMs;
    const subscription = new Subscription();
    const timer: Timer = { dueMs, work: work as Work, state, subscription };
    if (dueMs < this.#nextMs) {
      this.#timers.push(timer);
      this.#nextMs = dueMs;
    } else {
      const at = this.#timers.findIndex((other) => other.dueMs <= dueMs);
      this.#timers.splice(at, 0, timer);
    }
    return subscription;
  }

  advanceTo(ms: number): void {
    while (this.#nextMs <= ms) this.#ringNext();
    this.#nowMs = ms;
  }

  #ringNext(): void {
    const timer = this.#timers.pop();
    this.#nextMs = this.#timers.at(-1)?.dueMs ?? Number.POSITIVE_INFINITY;
    if (timer === undefined) return;
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    // None of our streams schedules again through `this`, which is what a real action would be for.
    if (!timer.subscription.closed) timer.work.call(timer.subscription as SchedulerAction<unknown>, timer.state);
  }
}
