/** What a replay found wrong with a capture, with its place. */

export type ProblemKind =
  /** the file itself: truncated, corrupt, not what its name says */
  | 'damaged'
  /** a record or a frame that is not of its declared shape */
  | 'malformed'
  /** sequence numbers that are missing, repeated or out of order */
  | 'sequence'
  /** a change that would take a level below zero */
  | 'negativeLevel'
  /** a price that the grid cannot place, or a size beyond all reason */
  | 'offGrid'
  /** bid at or above ask once a run of equal timestamps is over */
  | 'crossed'
  /** our book differs from the one that the recorder wrote down */
  | 'checkpoint'
  /** a snapshot in sequence that differs from what its predecessors add up to */
  | 'snapshot'
  /** time runs backwards, one record says two times, or the two clocks drift apart */
  | 'time'
  /** a record that comes twice */
  | 'repeated'
  /** a pair that contradicts an earlier one, or the facts beside the capture */
  | 'pairing'
  /** a message about a market that nobody subscribed to */
  | 'unknownMarket';

export interface Problem {
  readonly kind: ProblemKind;
  /** `path:line`, as an editor opens it. */
  readonly where: string;
  readonly message: string;
}

/** Enough to act on; a capture that is broken throughout would otherwise print for ever. */
const KEPT_PER_KIND = 5;

/** Counts every problem and keeps the first few of each kind. */
export class ProblemLog {
  readonly #counts = new Map<ProblemKind, number>();
  readonly #first: Problem[] = [];

  add(problem: Problem): void {
    const count = (this.#counts.get(problem.kind) ?? 0) + 1;
    this.#counts.set(problem.kind, count);
    if (count <= KEPT_PER_KIND) this.#first.push(problem);
  }

  count(kind: ProblemKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  get counts(): Readonly<Partial<Record<ProblemKind, number>>> {
    return Object.fromEntries(this.#counts);
  }

  get first(): readonly Problem[] {
    return this.#first;
  }
}
