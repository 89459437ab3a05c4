/** How many orders went out lately: for the limit of a minute and for the pause between two. */
import { type Millis, millis } from '../units.ts';

const MINUTE_MS = 60_000;

export class OrderPace {
  /** Oldest first. */
  #sentMs: number[] = [];

  note(orders: number, nowMs: number): void {
    this.#forget(nowMs);
    for (let order = 0; order < orders; order++) this.#sentMs.push(nowMs);
  }

  lastMinute(nowMs: number): number {
    this.#forget(nowMs);
    return this.#sentMs.length;
  }

  since(nowMs: number): Millis | undefined {
    const last = this.#last;
    return last === undefined ? undefined : millis(nowMs - last);
  }

  #last: number | undefined;

  #forget(nowMs: number): void {
    this.#last = this.#sentMs.at(-1) ?? this.#last;
    const kept = this.#sentMs.findIndex((sentMs) => nowMs - sentMs < MINUTE_MS);
    if (kept !== 0) this.#sentMs = kept < 0 ? [] : this.#sentMs.slice(kept);
  }
}
