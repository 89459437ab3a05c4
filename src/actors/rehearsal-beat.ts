/**
 * When to rehearse: every few milliseconds, never while a real order is on its way to the disk, and not while the
 * loop is late, which has better things to do then. A pass takes two beats, its beginning and its end, so that
 * neither is a long pause.
 *
 * A pass that does not come to its end says that the way of an order is broken, before an order finds out.
 */
import { invariant } from '../domain/invariant.ts';
import type { Clock, Timer } from '../domain/ports/clock.ts';
import type { Millis } from '../domain/units.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface RehearsalBeatParts {
  readonly clock: Clock;
  readonly rehearsal: Pick<Rehearsal, 'begin' | 'end' | 'isOver'>;
  /** From the beginning of one pass to that of the next. */
  readonly everyMs: Millis;
  /** A beat that comes later than this does nothing. */
  readonly lagMsMax: Millis;
  /** A pass that takes longer is stalled. */
  readonly stallMs: Millis;
  /** An order is on its way, and the loop is its own. */
  readonly isBusy: () => boolean;
  /** Told once for each stall. */
  readonly onStall: (detail: string) => void;
}

export interface RehearsalView {
  readonly passes: number;
  /** Beats that did nothing: the loop was late, or an order was on its way. */
  readonly pausedLate: number;
  readonly pausedBusy: number;
  readonly isStalled: boolean;
  /** Of the loop, in the part of all passes that ran in its beats. */
  readonly busyMs: number;
}

export class RehearsalBeat {
  readonly #parts: RehearsalBeatParts;
  readonly #view = { passes: 0, pausedLate: 0, pausedBusy: 0, isStalled: false, busyMs: 0 };
  #timer: Timer | undefined;
  #begunAtMs: number | undefined;

  constructor(parts: RehearsalBeatParts) {
    invariant(parts.everyMs > 0, () => `a beat must take time, found ${parts.everyMs} ms`);
    this.#parts = parts;
  }

  start(): void {
    if (this.#timer === undefined) this.#arm();
  }

  /** A pass under way is left where it is: nothing of it is anywhere but in memory. */
  stop(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get view(): RehearsalView {
    return { ...this.#view };
  }

  #arm(): void {
    const { clock, everyMs } = this.#parts;
    const dueAtMs = clock.nowMs() + everyMs / 2;
    this.#timer = clock.setTimeout(() => {
      this.#arm();
      this.#beat(dueAtMs);
    }, everyMs / 2);
  }

  #beat(dueAtMs: number): void {
    const { clock, lagMsMax, isBusy } = this.#parts;
    const nowMs = clock.nowMs();
    if (nowMs - dueAtMs > lagMsMax) this.#view.pausedLate++;
    else if (isBusy()) this.#view.pausedBusy++;
    else {
      this.#pass(nowMs);
      this.#view.busyMs += clock.nowMs() - nowMs;
    }
  }

  #pass(nowMs: number): void {
    const { rehearsal } = this.#parts;
    if (this.#begunAtMs === undefined) {
      this.#begunAtMs = nowMs;
      rehearsal.begin();
    } else if (rehearsal.isOver) {
      this.#begunAtMs = undefined;
      this.#view.isStalled = false;
      this.#view.passes++;
      rehearsal.end();
    } else this.#wait(nowMs - this.#begunAtMs);
  }

  #wait(sinceMs: number): void {
    const { stallMs, onStall } = this.#parts;
    if (this.#view.isStalled || sinceMs < stallMs) return;
    this.#view.isStalled = true;
    onStall(`expected both orders of a rehearsal to be answered within ${stallMs} ms, found none for ${sinceMs} ms`);
  }
}
