/**
 * Polymarket's fee since its second exchange: `C · rate · (p(1 − p))^exponent`, floored to 5 decimals
 * per fill, in cash on both sides (exact on 19 of 19 on-chain fills of September 2026; docs/rules.md §3).
 */
import type { Fraction } from '../fraction.ts';
import type { Level } from '../ports/market-data.ts';
import {
  addUsd,
  type MicroUsd,
  microUsd,
  notional,
  PRICE_ONE,
  type PriceE4,
  RATE_ONE,
  type RateE6,
  rateE6,
  type SizeE6,
  sizeE6,
  subtractUsd,
} from '../units.ts';
import { curveFee, rateProduct, roundToStep, shareOf, timesRate } from './exact-fee.ts';
import type { FeeResolution, PolymarketFees, Role } from './fee-schedule.ts';

/** $0.00001: what a fee is floored to. A smaller fee is none. */
export const POLYMARKET_FEE_STEP: MicroUsd = microUsd(10);

const MICRO: MicroUsd = microUsd(1);

/** Parameters as the venue states them: `fd` of the CLOB market record, or `feeSchedule` of Gamma. */
export interface PolymarketFeeFields {
  readonly rateE6: RateE6;
  readonly exponent: number;
  readonly takerOnly: boolean;
  readonly rebateRateE6: RateE6 | undefined;
}

export interface PolymarketFeeReading {
  /**
   * The market's own schedule; `undefined` when neither record carries one. Never filled from
   * `base_fee`, `feeRateBps` or the 1000-bps fields, which are caps.
   */
  readonly market: PolymarketFeeFields | undefined;
  /** What the configuration says for this market. */
  readonly override: PolymarketFeeFields | undefined;
  readonly builderRateE6: RateE6;
  readonly readAtMs: number;
}

/** The market's own schedule, else the configured override, else a refusal: an unknown fee is not traded. */
export function resolvePolymarketFees(reading: PolymarketFeeReading): FeeResolution<PolymarketFees> {
  const fields = reading.market ?? reading.override;
  if (fields === undefined) {
    return { kind: 'refused', reason: 'FEE_UNKNOWN', detail: 'expected a fee schedule of the market, found none' };
  }
  if (!Number.isInteger(fields.exponent) || fields.exponent < 0) {
    const detail = `expected a whole fee exponent, 0 or more, found ${fields.exponent}`;
    return { kind: 'refused', reason: 'UNSUPPORTED_FEE_EXPONENT', detail };
  }
  const assumed = reading.market === undefined;
  return {
    kind: 'known',
    fees: {
      venue: 'polymarket',
      rateE6: fields.rateE6,
      exponent: fields.exponent,
      takerOnly: fields.takerOnly,
      rebateRateE6: fields.rebateRateE6,
      builderRateE6: reading.builderRateE6,
      collected: 'cash',
      source: assumed ? 'configured override' : 'market schedule',
      readAtMs: reading.readAtMs,
      assumed,
    },
  };
}

/** The fee before rounding, in micro-dollars (in millionths of a share where it is collected in shares). */
export function polymarketRawFee(fees: PolymarketFees, level: Level): Fraction {
  return curveFee(rateProduct(fees.rateE6), [level], fees.exponent);
}

/** The platform fee of one fill. */
export function polymarketFillFee(fees: PolymarketFees, role: Role, fill: Level): MicroUsd {
  if (role === 'maker' && fees.takerOnly) return microUsd(0);
  const raw = polymarketRawFee(fees, fill);
  // Shares withheld cost what they were bought for; that value is ours to bear, so it is rounded up.
  if (fees.collected === 'sharesOnBuy') return roundToStep(worthOf(raw, fill.priceE4), MICRO, 'ceil');
  return roundToStep(raw, POLYMARKET_FEE_STEP, 'floor');
}

/**
 * The fee of one order as decided: each level is one fill, and the builder fee comes on top.
 *
 * A level that turns out to be several makers is floored once for each, which can only be less.
 */
export function polymarketOrderFee(fees: PolymarketFees, role: Role, levels: readonly Level[]): MicroUsd {
  const platform = addUsd(...levels.map((level) => polymarketFillFee(fees, role, level)));
  if (fees.builderRateE6 === 0) return platform;
  const traded = addUsd(...levels.map((level) => notional(level.priceE4, level.sizeE6)));
  return addUsd(platform, builderFee(traded, fees.builderRateE6));
}

export interface PolymarketFill extends Level {
  readonly direction: 'buy' | 'sell';
  readonly role: Role;
}

export interface PolymarketCash {
  readonly feeMicroUsd: MicroUsd;
  /** Negative when it leaves us. */
  readonly cashMicroUsd: MicroUsd;
  /** Signed millionths of a share. */
  readonly sharesE6: number;
}

/**
 * What one fill moves: a BUY pays notional and fee for the full shares, a SELL brings notional less
 * fee. Under the schedule of early 2026 a BUY pays the notional alone and receives fewer shares.
 */
export function polymarketCash(fees: PolymarketFees, fill: PolymarketFill): PolymarketCash {
  const isWithheld = fees.collected === 'sharesOnBuy' && fill.direction === 'buy' && fill.role === 'taker';
  if (isWithheld) {
    const { feeValue, receivedE6 } = feeInShares(fees, fill);
    const cashMicroUsd = microUsd(0 - notional(fill.priceE4, fill.sizeE6));
    return { feeMicroUsd: roundToStep(feeValue, MICRO, 'ceil'), cashMicroUsd, sharesE6: receivedE6 };
  }
  const feeMicroUsd = polymarketFillFee(fees, fill.role, fill);
  if (fill.direction === 'sell') {
    const cashMicroUsd = subtractUsd(notional(fill.priceE4, fill.sizeE6, 'floor'), feeMicroUsd);
    return { feeMicroUsd, cashMicroUsd, sharesE6: 0 - fill.sizeE6 };
  }
  const cashMicroUsd = microUsd(0 - addUsd(notional(fill.priceE4, fill.sizeE6), feeMicroUsd));
  return { feeMicroUsd, cashMicroUsd, sharesE6: fill.sizeE6 };
}

/**
 * The most that a purchase for so much money is charged, whatever prices it meets between the finest tick and a dollar.
 * With an exponent of 1 or more a dollar is charged less than the rate at any price; with 0, each contract is charged it.
 */
export function polymarketBudgetFee(
  { rateE6: rate, exponent, builderRateE6 }: PolymarketFees,
  budget: MicroUsd,
): MicroUsd {
  const sized = exponent === 0 ? microUsd(budget * PRICE_ONE) : budget;
  const platform = roundToStep(shareOf(sized, rate), MICRO, 'ceil');
  return addUsd(platform, builderFee(budget, builderRateE6));
}

/** Of the notional, rounded against us; only orders with a builder code pay it. */
export function builderFee(traded: MicroUsd, rate: RateE6): MicroUsd {
  return roundToStep(shareOf(traded, rate), MICRO, 'ceil');
}

export interface MakerRebate {
  /** The fee that the taker of this fill pays. */
  readonly feeEquivalent: Fraction;
  /** Our share of it: paid daily and pro rata, so an estimate that no entry edge may count. */
  readonly rebate: Fraction;
}

export function estimateMakerRebate(fees: PolymarketFees, fill: Level): MakerRebate {
  const feeEquivalent = polymarketRawFee(fees, fill);
  return { feeEquivalent, rebate: timesRate(feeEquivalent, fees.rebateRateE6 ?? rateE6(0)) };
}

export interface FeeInShares {
  readonly feeShares: Fraction;
  readonly feeValue: Fraction;
  readonly received: Fraction;
  /** The shares that reach us, in whole millionths, rounded against us. */
  readonly receivedE6: SizeE6;
}

/** A BUY of the first quarter of 2026, whose fee was withheld in shares: for backtests. */
export function feeInShares(fees: PolymarketFees, fill: Level): FeeInShares {
  const feeShares = polymarketRawFee(fees, fill);
  const { numerator, denominator } = feeShares;
  const received = { numerator: BigInt(fill.sizeE6) * denominator - numerator, denominator };
  return {
    feeShares,
    feeValue: worthOf(feeShares, fill.priceE4),
    received,
    receivedE6: sizeE6(roundToStep(received, MICRO, 'floor')),
  };
}

function worthOf(shares: Fraction, price: PriceE4): Fraction {
  return { numerator: shares.numerator * BigInt(price), denominator: shares.denominator * BigInt(PRICE_ONE) };
}

/** A rate given in basis points, exactly. */
export function rateFromBasisPoints(basisPoints: number): RateE6 {
  return rateE6(basisPoints * (RATE_ONE / 10_000));
}
