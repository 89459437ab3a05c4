/**
 * One side of a book: how much rests at each slot of the price grid.
 *
 * A flat array of sizes, one slot a tick, with two rows of bits above it that say which slots are
 * taken. Setting a level costs the same at any depth, and the next level is found by looking at one
 * word of bits, so an emptied touch never scans the grid.
 */
export type Towards = 'lower' | 'higher';

export class LevelArray {
  readonly #sizes: Float64Array;
  readonly #words: Uint32Array;
  readonly #summary: Uint32Array;
  /** In which direction prices get worse from the best one: lower for bids, higher for asks. */
  readonly #worse: Towards;
  #best = -1;

  constructor(slots: number, worse: Towards) {
    this.#sizes = new Float64Array(slots);
    this.#words = new Uint32Array((slots + 31) >>> 5);
    this.#summary = new Uint32Array((this.#words.length + 31) >>> 5);
    this.#worse = worse;
  }

  /** The best taken slot, or −1 when the side is empty. */
  get best(): number {
    return this.#best;
  }

  /** Millionths of a contract at a slot; 0 where nothing rests. */
  sizeAt(slot: number): number {
    return this.#sizes[slot] as number;
  }

  /** Sets the size at a slot; 0 removes the level. */
  set(slot: number, size: number): void {
    this.#sizes[slot] = size;
    if (size > 0) this.#take(slot);
    else this.#release(slot);
  }

  /** The next taken slot that is worse than `slot`, or −1 when there is none. */
  after(slot: number): number {
    return this.#worse === 'lower' ? this.#atOrBelow(slot - 1) : this.#atOrAbove(slot + 1);
  }

  clear(): void {
    this.#sizes.fill(0);
    this.#words.fill(0);
    this.#summary.fill(0);
    this.#best = -1;
  }

  #take(slot: number): void {
    const word = slot >>> 5;
    this.#words[word] = (this.#words[word] as number) | (1 << (slot & 31));
    this.#summary[word >>> 5] = (this.#summary[word >>> 5] as number) | (1 << (word & 31));
    const best = this.#best;
    if (best < 0 || (this.#worse === 'lower' ? slot > best : slot < best)) this.#best = slot;
  }

  #release(slot: number): void {
    const word = slot >>> 5;
    const left = (this.#words[word] as number) & ~(1 << (slot & 31));
    this.#words[word] = left;
    if (left === 0) this.#summary[word >>> 5] = (this.#summary[word >>> 5] as number) & ~(1 << (word & 31));
    if (slot === this.#best) this.#best = this.after(slot);
  }

  #atOrBelow(slot: number): number {
    if (slot < 0) return -1;
    const word = slot >>> 5;
    const here = (this.#words[word] as number) & (0xffffffff >>> (31 - (slot & 31)));
    if (here !== 0) return (word << 5) + highestBit(here);
    for (let row = (word - 1) >> 5; row >= 0; row--) {
      let bits = this.#summary[row] as number;
      if (row === (word - 1) >> 5) bits &= 0xffffffff >>> (31 - ((word - 1) & 31));
      if (bits !== 0) {
        const found = (row << 5) + highestBit(bits);
        return (found << 5) + highestBit(this.#words[found] as number);
      }
    }
    return -1;
  }

  #atOrAbove(slot: number): number {
    if (slot >= this.#sizes.length) return -1;
    const word = slot >>> 5;
    const here = (this.#words[word] as number) & (0xffffffff << (slot & 31));
    if (here !== 0) return (word << 5) + lowestBit(here);
    const first = (word + 1) >>> 5;
    for (let row = first; row < this.#summary.length; row++) {
      let bits = this.#summary[row] as number;
      if (row === first) bits &= 0xffffffff << ((word + 1) & 31);
      if (bits !== 0) {
        const found = (row << 5) + lowestBit(bits);
        return (found << 5) + lowestBit(this.#words[found] as number);
      }
    }
    return -1;
  }
}

function highestBit(bits: number): number {
  return 31 - Math.clz32(bits);
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
