/**
 * Where the walk would stop if fees were not rounded (docs/rules.md §7): the largest size whose last
 * set still costs, with its fee, less than it pays. The rounding-aware search decides what is bought;
 * this says what it is compared with.
 */
import type { Fraction } from '../fraction.ts';
import type { Level } from '../ports/market-data.ts';
import { CONTRACT, type MicroUsd, type PriceE4, type SizeE6, sizeE6 } from '../units.ts';
import { Ladder } from './ladder.ts';

export interface MarginalLeg {
  readonly asks: readonly Level[];
  /** The fee of these levels before rounding, in micro-dollars. */
  readonly rawFee: (levels: readonly Level[]) => Fraction;
}

/** In whole contracts. `marginalEdge` is what the last set must still earn. */
export function marginalStop(
  legs: readonly MarginalLeg[],
  terms: { readonly worstPayoffE4: number; readonly marginalEdgeMicroUsd: MicroUsd },
): SizeE6 {
  const ladders = legs.map((leg) => new Ladder(leg.asks));
  const depth = Math.floor(Math.min(...ladders.map((ladder) => ladder.totalE6)) / CONTRACT);
  const ends = ladders.flatMap((ladder) => ladder.boundariesE6());
  const sizes = ends
    .flatMap((end) => [Math.floor(end / CONTRACT), Math.ceil(end / CONTRACT)])
    .filter((count) => count >= 1 && count <= depth)
    .sort((a, b) => a - b);
  let stop = 0;
  for (const count of sizes) {
    const size = sizeE6(count * CONTRACT);
    const prices = ladders.map((ladder) => ladder.limitE4(size));
    if (earnsMore(legs, prices, terms)) stop = count;
  }
  return sizeE6(stop * CONTRACT);
}

/** Whether one contract of each leg at these prices leaves more than the marginal edge: strictly, as the rule says. */
function earnsMore(
  legs: readonly MarginalLeg[],
  prices: readonly PriceE4[],
  terms: { readonly worstPayoffE4: number; readonly marginalEdgeMicroUsd: MicroUsd },
): boolean {
  let left: Fraction = { numerator: BigInt(terms.worstPayoffE4 * 100 - terms.marginalEdgeMicroUsd), denominator: 1n };
  for (const [at, leg] of legs.entries()) {
    const priceE4 = prices[at];
    if (priceE4 === undefined) return false;
    const fee = leg.rawFee([{ priceE4, sizeE6: CONTRACT }]);
    const price = BigInt(priceE4 * 100);
    left = {
      numerator: (left.numerator - price * left.denominator) * fee.denominator - fee.numerator * left.denominator,
      denominator: left.denominator * fee.denominator,
    };
  }
  return left.numerator > 0n;
}
