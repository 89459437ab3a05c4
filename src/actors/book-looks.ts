/**
 * Looks at books for those who wait for a price: at once when they begin to wait, and after a change at most once in
 * an interval. Nothing is queued; a look sees the book as it is then. Plain code, so that no actor is woken by a book.
 */
import type { BookId } from '../domain/instrument.ts';
import type { Clock, Timer } from '../domain/ports/clock.ts';
import type { Millis } from '../domain/units.ts';

interface Waiting {
  readonly book: BookId;
  readonly look: () => void;
  lastMs: number;
  timer: Timer | undefined;
}

export class BookLooks {
  readonly #clock: Clock;
  readonly #intervalMs: Millis;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock, intervalMs: Millis) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** Replaces whatever was waited for under this name. */
  start(name: string, book: BookId, look: () => void): void {
    this.stop(name);
    const waiting: Waiting = { book, look, lastMs: Number.NEGATIVE_INFINITY, timer: undefined };
    this.#waiting.set(name, waiting);
    this.#run(name, waiting);
  }

  stop(name: string): void {
    const waiting = this.#waiting.get(name);
    if (waiting?.timer !== undefined) this.#clock.clearTimeout(waiting.timer);
    this.#waiting.delete(name);
  }

  /** The book changed, was gapped, or is gone. */
  changed(book: BookId): void {
    for (const [name, waiting] of [...this.#waiting]) {
      if (waiting.book !== book || waiting.timer !== undefined) continue;
      const dueMs = waiting.lastMs + this.#intervalMs - this.#clock.nowMs();
      if (dueMs <= 0) this.#run(name, waiting);
      else waiting.timer = this.#clock.setTimeout(() => this.#run(name, waiting), dueMs);
    }
  }

  #run(name: string, waiting: Waiting): void {
    if (this.#waiting.get(name) !== waiting) return;
    waiting.timer = undefined;
    waiting.lastMs = this.#clock.nowMs();
    waiting.look();
  }
}
