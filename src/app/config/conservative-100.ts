/** Profile `conservative-100` as trading uses it (design C, REQUIREMENTS R2): $100 in all, closed by hand only. */
import type { TradingProfile } from '../../actors/trading-parts.ts';
import type { ExecutionPolicy } from '../../domain/execution/attempt-plan.ts';
import type { RiskLimits } from '../../domain/limits/risk-limits.ts';
import { breakerPolicy } from '../../domain/risk/breaker-policy.ts';
import { CONTRACT, contracts, type MicroUsd, microUsd, millis, rateE6, sizeE6, USD } from '../../domain/units.ts';
import { CONSERVATIVE_100 } from './detection.ts';

const NAME = 'conservative-100';
const usd = (dollars: number): MicroUsd => microUsd(Math.round(dollars * USD));
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

const LIMITS: RiskLimits = {
  tradeMicroUsdMax: usd(100),
  tradeSizeE6Max: contracts(50),
  tradeLossMicroUsdMax: usd(10),
  eventMicroUsdMax: usd(100),
  eventSizeE6Max: undefined,
  totalMicroUsdMax: usd(100),
  categoryShareE6Max: undefined,
  correlatedShareE6Max: undefined,
  imbalanceMicroUsdMax: usd(10),
  dailyLossMicroUsdMax: usd(20),
  dailyTradesMax: undefined,
  dailyVolumeE6Max: undefined,
  ordersPerMinuteMax: undefined,
  openOrdersMax: undefined,
  orderIntervalMsMin: undefined,
  tradeMicroUsdMin: usd(5),
  profitMicroUsdMin: usd(0.1),
  profitShareE6Min: rateE6(30_000),
  slippageShareE6Max: rateE6(10_000),
  gasShareE6Max: rateE6(20_000),
};

/** Kalshi takes hundredths of a contract; whole ones keep both legs of a set alike. */
const LOT = { lotE6: CONTRACT };

export function conservative100(execution: ExecutionPolicy): TradingProfile {
  return {
    name: NAME,
    detection: CONSERVATIVE_100,
    limits: LIMITS,
    losses: { dailyLossMicroUsdMax: usd(20), lossesInARowMax: undefined, drawdownShareE6Max: undefined },
    breaker: breakerPolicy(NAME),
    repair: {
      hedgeDeadlineMs: millis(5 * SECOND_MS),
      restMsMax: millis(10 * SECOND_MS),
      repairMsMax: millis(20 * SECOND_MS),
      repairLossMicroUsdMax: usd(5),
      repairOrdersMax: 6,
      stuckRetryMs: millis(5 * SECOND_MS),
      dustMicroUsdMax: usd(1),
    },
    execution,
    makerVenue: 'kalshi',
    market: {
      rules: {
        kalshi: { ...CONSERVATIVE_100.orderRules.kalshi, ...LOT },
        polymarket: { ...CONSERVATIVE_100.orderRules.polymarket, lotE6: sizeE6(10_000) },
      },
      staleAfterMs: CONSERVATIVE_100.staleAfterMs,
      settlesLater: { kalshi: false, polymarket: true },
      depth: CONSERVATIVE_100.depth,
    },
    feeModel: 'real',
    position: { checkMsMin: 5 * SECOND_MS, checkMsMax: 300 * SECOND_MS, paymentMsMax: DAY_MS, revisionMs: DAY_MS },
  };
}
