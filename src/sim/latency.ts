/** How long the simulated venues take to answer, drawn from measured quantiles. */
import type { Random } from '../domain/ports/random.ts';

export interface Quantile {
  /** Within 0..1, ascending. */
  readonly share: number;
  readonly ms: number;
}

/**
 * Order round trips of a public two-venue bot with real money, 1,939 attempts in 54 hours, 2026-02-08 to
 * 02-10. One operator, one region: a realistic default, not a law. The 100th percentile is the worst seen.
 */
export const ORDER_ROUND_TRIP = {
  kalshi: [
    { share: 0.5, ms: 243 },
    { share: 0.95, ms: 256 },
    { share: 0.99, ms: 265 },
    { share: 1, ms: 337 },
  ],
  polymarket: [
    { share: 0.5, ms: 576 },
    { share: 0.95, ms: 1_123 },
    { share: 0.99, ms: 2_477 },
    { share: 1, ms: 5_407 },
  ],
} as const satisfies Readonly<Record<string, readonly Quantile[]>>;

export type LatencySampler = (random: Random) => number;

/** Between two quantiles the logarithm grows evenly; below the first everything takes as long as the first. */
export function quantileSampler(quantiles: readonly Quantile[]): LatencySampler {
  return (random) => {
    const share = random.next();
    let below: Quantile | undefined;
    for (const at of quantiles) {
      if (share > at.share) {
        below = at;
        continue;
      }
      if (below === undefined) return at.ms;
      const part = (share - below.share) / (at.share - below.share);
      return Math.exp(Math.log(below.ms) + part * (Math.log(at.ms) - Math.log(below.ms)));
    }
    return below?.ms ?? 0;
  };
}
