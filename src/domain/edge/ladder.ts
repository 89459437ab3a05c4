/** One leg's asks, best first, with the sums that make the cost of any size a lookup. */
import { invariant } from '../invariant.ts';
import type { Level } from '../ports/market-data.ts';
import {
  type MicroUsd,
  microUsd,
  notional,
  PRICE_ONE,
  type PriceE4,
  SIZE_E6_MAX,
  type SizeE6,
  sizeE6,
} from '../units.ts';

interface Rung extends Level {
  /** Size of all better rungs. */
  readonly beforeE6: number;
  /** Cost of all better rungs, each rounded up as one fill. */
  readonly costBefore: number;
}

/**
 * Asks that can be walked. Levels without a size are left out, and what lies beyond 900,000 contracts
 * is not looked at. Throws on a level outside 0..1 or out of order.
 */
export class Ladder {
  readonly #rungs: readonly Rung[];
  readonly totalE6: SizeE6;

  constructor(asks: readonly Level[]) {
    const rungs: Rung[] = [];
    let total = 0;
    let cost = 0;
    for (const { priceE4, sizeE6: displayed } of asks) {
      const last = rungs.at(-1)?.priceE4 ?? 1;
      invariant(
        priceE4 >= last && priceE4 < PRICE_ONE,
        () => `asks must lie within 0..10000 and be best first, found ${priceE4} after ${last}`,
      );
      const size = sizeE6(Math.min(displayed, SIZE_E6_MAX - total));
      if (size === 0) continue;
      rungs.push({ priceE4, sizeE6: size, beforeE6: total, costBefore: cost });
      total += size;
      cost += notional(priceE4, size);
    }
    this.#rungs = rungs;
    this.totalE6 = sizeE6(total);
  }

  get depth(): number {
    return this.#rungs.length;
  }

  get bestE4(): PriceE4 | undefined {
    return this.#rungs[0]?.priceE4;
  }

  /** Size of the best level alone. */
  get topE6(): SizeE6 {
    return this.#rungs[0]?.sizeE6 ?? sizeE6(0);
  }

  /** The sizes at which the price changes, ascending; the last one is the whole depth. */
  boundariesE6(): number[] {
    return this.#rungs.map((rung) => rung.beforeE6 + rung.sizeE6);
  }

  /** The price of the last contract of `size`: what a limit order for it must allow. Size lies within 1..total. */
  limitE4(size: SizeE6): PriceE4 {
    return this.#rung(this.#last(size)).priceE4;
  }

  /** Cash for `size` before fees, each level rounded up as one fill. */
  costOf(size: SizeE6): MicroUsd {
    if (size === 0) return microUsd(0);
    const rung = this.#rung(this.#last(size));
    return microUsd(rung.costBefore + notional(rung.priceE4, sizeE6(size - rung.beforeE6)));
  }

  /** What `size` takes of each level, best first. */
  taken(size: SizeE6): Level[] {
    if (size === 0) return [];
    const last = this.#last(size);
    const levels: Level[] = [];
    for (let at = 0; at < last; at++) levels.push(this.#rung(at));
    const rung = this.#rung(last);
    levels.push({ priceE4: rung.priceE4, sizeE6: sizeE6(size - rung.beforeE6) });
    return levels;
  }

  /** Prices that `size` reaches, best first. */
  pricesReached(size: SizeE6): PriceE4[] {
    return this.taken(size).map((level) => level.priceE4);
  }

  /** Position of the rung that the last contract comes from. */
  #last(size: SizeE6): number {
    invariant(
      size > 0 && size <= this.totalE6,
      () => `size must lie within the ${this.totalE6} millionths on offer, found ${size}`,
    );
    let low = 0;
    let high = this.#rungs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#rung(middle).beforeE6 < size) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #rung(at: number): Rung {
    const rung = this.#rungs[at];
    invariant(rung !== undefined, () => `expected level ${at} of ${this.#rungs.length}, found none`);
    return rung;
  }
}
