/** Chance as something that is given: from the system in production, from one seed in a simulation. */

export interface Random {
  /** At least 0 and below 1, with 53 random bits. */
  next(): number;
  /** A whole number, at least 0 and below `bound` (at most 2^32). */
  below(bound: number): number;
  /** That many random bytes. */
  bytes(count: number): Uint8Array;
}

export interface Ids {
  /** A random UUID, version 4: client order ids. */
  uuid(): string;
}
