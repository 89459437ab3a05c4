/**
 * What Polymarket charged a market by its category and creation date: for backtests, where the
 * market's own schedule is not recorded, and for plausibility checks. Never for a live decision.
 */
import { rateE6 } from '../units.ts';
import type { PolymarketFees } from './fee-schedule.ts';

/** The category schedule (Polymarket, July 2026; docs/rules.md §3). `sportsOlder`: sports markets from before then. */
const CATEGORY_RATE = {
  crypto: rateE6(70_000),
  sports: rateE6(50_000),
  sportsOlder: rateE6(30_000),
  economics: rateE6(50_000),
  culture: rateE6(50_000),
  weather: rateE6(50_000),
  other: rateE6(50_000),
  finance: rateE6(40_000),
  politics: rateE6(40_000),
  tech: rateE6(40_000),
  mentions: rateE6(40_000),
  geopolitics: rateE6(0),
} as const;

export type FeeCategory = keyof typeof CATEGORY_RATE;

const FIRST_FEES_MS = Date.UTC(2026, 0, 1);
const CATEGORY_SCHEDULE_MS = Date.UTC(2026, 2, 30);
const SHORT_CRYPTO_RATE = rateE6(250_000);

export interface MarketOrigin {
  /** `undefined` when it cannot be told: the worst credible rate then applies. */
  readonly category: FeeCategory | undefined;
  /** Whether it is one of the 5- and 15-minute crypto markets. */
  readonly isShortCrypto: boolean;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** The schedule of a market by when it was created, or the dearest one it can have had. */
export function historicalPolymarketFees(origin: MarketOrigin): PolymarketFees {
  const { category, isShortCrypto, createdAtMs } = origin;
  const base: PolymarketFees = {
    venue: 'polymarket',
    rateE6: rateE6(0),
    exponent: 1,
    takerOnly: true,
    rebateRateE6: undefined,
    builderRateE6: rateE6(0),
    collected: 'cash',
    source: 'no fee before 2026',
    readAtMs: createdAtMs,
    assumed: true,
  };
  if (createdAtMs < FIRST_FEES_MS) return base;
  if (createdAtMs < CATEGORY_SCHEDULE_MS) {
    if (!isShortCrypto) return { ...base, source: 'no fee on this market in 2026 Q1' };
    return {
      ...base,
      rateE6: SHORT_CRYPTO_RATE,
      exponent: 2,
      collected: 'sharesOnBuy',
      source: 'short crypto in 2026 Q1',
    };
  }
  if (category === undefined) return { ...base, rateE6: worstCredible(), source: 'worst credible category' };
  return { ...base, rateE6: CATEGORY_RATE[category], source: `category ${category}` };
}

function worstCredible() {
  return rateE6(Math.max(...Object.values(CATEGORY_RATE)));
}
