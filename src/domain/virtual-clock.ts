/**
 * A clock that stands still until it is told to move: for simulations, memory transports and tests.
 *
 * Timers run in the order of their times, and in the order of their starts where the times are equal;
 * while one runs, `nowMs` is exactly its time. One timeline may drive charts, streams and transports:
 * XState takes the clock as it is, RxJS through `clockScheduler`.
 *
 * What a timer awaits happens in microtasks, which a synchronous advance cannot wait for: the `settle`
 * variants let them run out before they move time, so that the same program always sees the same hour.
 */
import { InvariantError, invariant } from './invariant.ts';
import type { Clock, Timer } from './ports/clock.ts';
import { type Micros, type Millis, micros, millis } from './units.ts';

const MICROS_PER_MILLI = 1_000;
/** 2026-01-01T00:00:00Z: a wall that looks like one, and is the same in every run. */
const WALL_AT_START = 1_767_225_600_000_000 as Micros;
/** More timers than any honest run starts; a timer that restarts itself at once never ends otherwise. */
const RUNS_MAX = 10_000_000;
/** Promise chains in our code are a handful of steps long. */
const MICROTASK_STEPS = 100;
/** Stopped timers are swept out of the heap when there are more of them than live ones, and than this. */
const STOPPED_KEPT = 64;

interface Entry {
  readonly atMs: number;
  readonly order: number;
  /** `undefined` once it ran or was stopped. */
  run: (() => void) | undefined;
}

export interface VirtualClockOptions {
  readonly startMs?: Millis;
  readonly wall?: Micros;
  /**
   * Lets everything run that waits for no time. The default runs microtasks a hundred steps deep; where real files
   * or a database take part, pass a turn of the event loop.
   */
  readonly drain?: () => Promise<void>;
}

export class VirtualClock implements Clock {
  readonly #heap: Entry[] = [];
  readonly #drain: () => Promise<void>;
  readonly #startMs: number;
  #nowMs: number;
  #wallAtStart: number;
  #orders = 0;
  #stopped = 0;

  constructor(options: VirtualClockOptions = {}) {
    this.#startMs = options.startMs ?? 0;
    this.#nowMs = this.#startMs;
    this.#wallAtStart = options.wall ?? WALL_AT_START;
    this.#drain = options.drain ?? drainMicrotasks;
  }

  nowMs(): Millis {
    return millis(this.#nowMs);
  }

  wall(): Micros {
    return micros(this.#wallAtStart + Math.round((this.#nowMs - this.#startMs) * MICROS_PER_MILLI));
  }

  /** Steps the wall, as a correction of the host's clock does. Timers do not notice. */
  stepWall(byMicros: number): void {
    this.#wallAtStart = micros(this.#wallAtStart + byMicros);
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    invariant(!Number.isNaN(delayMs), 'a delay must be a number of milliseconds, found NaN');
    const entry: Entry = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#orders++, run };
    push(this.#heap, entry);
    return entry;
  }

  clearTimeout(timer: Timer): void {
    const entry = timer as Entry;
    if (entry.run === undefined) return;
    entry.run = undefined;
    this.#stopped++;
    if (this.#stopped > STOPPED_KEPT && this.#stopped * 2 > this.#heap.length) this.#sweep();
  }

  /** Timers that have neither run nor been stopped. */
  get pending(): number {
    return this.#heap.length - this.#stopped;
  }

  /** When the next timer is due, or `undefined` when none is. */
  get nextAtMs(): Millis | undefined {
    const next = this.#peek();
    return next === undefined ? undefined : millis(next.atMs);
  }

  /** Runs everything that is due up to and including `atMs`, then stands there. Never goes back. */
  advanceTo(atMs: number): void {
    for (let runs = 0; this.#runNext(atMs); runs++) refuseEndless(runs);
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  advanceBy(byMs: number): void {
    this.advanceTo(this.#nowMs + byMs);
  }

  /** Runs until no timer is left. Throws when timers keep starting timers for ever. */
  runUntilIdle(): void {
    for (let runs = 0; this.#runNext(Number.POSITIVE_INFINITY); runs++) refuseEndless(runs);
  }

  /** `advanceTo`, letting microtasks run out before every step of time and once more at the end. */
  async settleTo(atMs: number): Promise<void> {
    await this.#drain();
    for (let runs = 0; this.#runNext(atMs); runs++) {
      refuseEndless(runs);
      await this.#drain();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  async settleBy(byMs: number): Promise<void> {
    await this.settleTo(this.#nowMs + byMs);
  }

  /** `runUntilIdle`, letting microtasks run out before every step of time. */
  async settleUntilIdle(): Promise<void> {
    await this.#drain();
    for (let runs = 0; this.#runNext(Number.POSITIVE_INFINITY); runs++) {
      refuseEndless(runs);
      await this.#drain();
    }
  }

  /** Runs one timer if it is due by `untilMs`; a timer that throws has run, and the clock stands at its time. */
  #runNext(untilMs: number): boolean {
    const next = this.#peek();
    if (next === undefined || next.atMs > untilMs) return false;
    pop(this.#heap);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    const { run } = next;
    next.run = undefined;
    run?.();
    return true;
  }

  #peek(): Entry | undefined {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.run !== undefined) return next;
      pop(this.#heap);
      this.#stopped--;
    }
  }

  #sweep(): void {
    // A sorted array is a heap.
    const live = this.#heap.filter((entry) => entry.run !== undefined).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#heap.splice(0, this.#heap.length, ...live);
    this.#stopped = 0;
  }
}

/** Lets microtasks run, a hundred steps deep. */
async function drainMicrotasks(): Promise<void> {
  for (let step = 0; step < MICROTASK_STEPS; step++) await undefined;
}

function refuseEndless(runs: number): void {
  if (runs >= RUNS_MAX) throw new InvariantError(`timers must come to an end, found ${RUNS_MAX} runs in one advance`);
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Entry;
    if (!isBefore(entry, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const isRightFirst = right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry);
    const child = isRightFirst ? right : left;
    const below = heap[child] as Entry;
    if (!isBefore(below, last)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}
