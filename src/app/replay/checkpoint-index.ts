/** A recorder's checkpoints, found again by (connection, ticker, sequence). */
import type { Checkpoint } from '../capture/checkpoints.ts';
import type { CheckpointTally } from './book-checks.ts';

/** The recorder stamps frames and checkpoints with one clock, but not in one step. */
const CLOCK_SLACK_MS = 100;

export class CheckpointIndex {
  readonly tally: CheckpointTally = { equal: 0, unequal: 0, notComparable: 0, notReached: 0 };
  readonly #pending = new Map<string, Checkpoint[]>();
  #key = '';

  constructor(checkpoints: readonly Checkpoint[]) {
    for (const checkpoint of checkpoints) {
      const key = keyOf(checkpoint.ticker, checkpoint.seq);
      const others = this.#pending.get(key);
      if (others === undefined) this.#pending.set(key, [checkpoint]);
      else others.push(checkpoint);
    }
  }

  /** The book of `ticker` has just become what it is after `seq`. */
  onFrame(ticker: string, seq: number): void {
    this.#key = keyOf(ticker, seq);
  }

  /**
   * The checkpoints of the book as it is, before a record received at `nextAtMs` changes it.
   *
   * Sequence numbers start again with each connection and checkpoints do not name theirs. One that
   * was written later than the next record belongs to a later connection and stays.
   */
  due(nextAtMs: number): readonly Checkpoint[] {
    const candidates = this.#pending.get(this.#key);
    if (candidates === undefined) return [];
    const due = candidates.filter((checkpoint) => checkpoint.atMs <= nextAtMs + CLOCK_SLACK_MS);
    if (due.length === candidates.length) this.#pending.delete(this.#key);
    else if (due.length > 0) {
      this.#pending.set(
        this.#key,
        candidates.filter((checkpoint) => !due.includes(checkpoint)),
      );
    }
    return due;
  }

  /** Checkpoints of books that the capture never came to, in the order of their time. */
  notReached(): readonly Checkpoint[] {
    return [...this.#pending.values()].flat().sort((a, b) => a.atMs - b.atMs);
  }
}

function keyOf(ticker: string, seq: number): string {
  return `${ticker}/${seq}`;
}
