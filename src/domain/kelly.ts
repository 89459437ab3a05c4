/**
 * How much of a bankroll an edge deserves (docs/rules.md §10), in exact arithmetic.
 *
 * `f* = p − q/b` maximises `p·ln(1 + f·b) + q·ln(1 − f)`. With `b = (payout − cost) ÷ cost` it is
 * `(p·payout − cost) ÷ (payout − cost)`, which is computed here in whole numbers and floored to whole
 * contracts once.
 */
import { type Fraction, fraction, ZERO } from './fraction.ts';
import { invariant } from './invariant.ts';
import { requireProbabilityE6 } from './probability.ts';
import {
  contracts,
  divideExact,
  type MicroUsd,
  microUsd,
  mulDiv,
  PRICE_ONE,
  type PriceE4,
  RATE_ONE,
  type RateE6,
  rateE6,
  type SizeE6,
  toSafeNumber,
  USD,
} from './units.ts';

/** One contract that pays $1 or nothing, with what it costs to get in and to be paid. */
export interface BinaryBet {
  /** Our estimate, rounded down. */
  readonly probability: RateE6;
  readonly priceE4: PriceE4;
  /** Per contract. */
  readonly entryFee: MicroUsd;
  /** Per contract; 0 on both venues today. */
  readonly settlementFee: MicroUsd;
}

export interface Stakes {
  readonly bankroll: MicroUsd;
  /** The share of full Kelly to stake, after `appliedFraction`. */
  readonly fraction: RateE6;
}

export interface BinaryKelly {
  readonly netCost: MicroUsd;
  readonly netPayout: MicroUsd;
  /** `(netPayout − netCost) ÷ netCost`. */
  readonly netOdds: Fraction;
  /** Expected gain of one contract, in dollars. May be negative. */
  readonly edge: Fraction;
  /** Share of the bankroll, 0 when there is no edge. */
  readonly fullKelly: Fraction;
  /** Dollars. */
  readonly stake: Fraction;
  /** Whole contracts that the stake pays for, fees included. */
  readonly size: SizeE6;
}

export function binaryKelly(bet: BinaryBet, stakes: Stakes): BinaryKelly {
  requireProbabilityE6(bet.probability, 'probability');
  const netCost = microUsd(mulDiv(bet.priceE4, USD, PRICE_ONE, 'ceil') + bet.entryFee);
  const netPayout = microUsd(USD - bet.settlementFee);
  invariant(netCost > 0, () => `a contract must cost something, found ${netCost} micro-dollars`);
  const gain = BigInt(netPayout) - BigInt(netCost);
  const edgeE12 = BigInt(bet.probability) * BigInt(netPayout) - BigInt(RATE_ONE) * BigInt(netCost);
  // No gain means no odds to bet on; no edge means nothing to stake.
  const fullKelly = gain > 0n && edgeE12 > 0n ? fraction(edgeE12, gain * BigInt(RATE_ONE)) : ZERO;
  const stake = stakeOf(fullKelly, stakes);
  const whole = divideExact(stake.numerator * BigInt(USD), stake.denominator * BigInt(netCost), 'floor');
  return {
    netCost,
    netPayout,
    netOdds: fraction(gain, netCost),
    edge: fraction(edgeE12, BigInt(RATE_ONE) * BigInt(USD)),
    fullKelly,
    stake,
    size: contracts(toSafeNumber(whole)),
  };
}

/** A pair of contracts that pays $1 together, unless the venues decide differently and against us. */
export interface BoxBet {
  /** Net edge of one pair, after all fees. */
  readonly edge: MicroUsd;
  /** Probability of an adverse mismatch. Mandatory: without it Kelly would say "everything". */
  readonly adverseMismatch: RateE6;
}

export interface BoxKelly {
  readonly netOdds: Fraction;
  readonly fullKelly: Fraction;
  /** Dollars. */
  readonly stake: Fraction;
}

/** `b = e ÷ (1 − e)` and `f* = 1 − m − m/b`, which is `1 − m/e`; zero when m ≥ e. */
export function boxKelly(bet: BoxBet, stakes: Stakes): BoxKelly {
  requireProbabilityE6(bet.adverseMismatch, 'adverseMismatch');
  invariant(bet.edge < USD, () => `the edge of a pair must stay below its payout, found ${bet.edge} micro-dollars`);
  // One dollar and a rate of one both count a million, so edge and mismatch subtract as they are.
  const surplus = bet.edge - bet.adverseMismatch;
  const fullKelly = surplus > 0 ? fraction(surplus, bet.edge) : ZERO;
  return { netOdds: fraction(bet.edge, USD - bet.edge), fullKelly, stake: stakeOf(fullKelly, stakes) };
}

function stakeOf(fullKelly: Fraction, stakes: Stakes): Fraction {
  requireProbabilityE6(stakes.fraction, 'fraction');
  invariant(stakes.bankroll >= 0, () => `bankroll must be 0 or more, found ${stakes.bankroll} micro-dollars`);
  return fraction(
    fullKelly.numerator * BigInt(stakes.fraction) * BigInt(stakes.bankroll),
    fullKelly.denominator * BigInt(RATE_ONE) * BigInt(USD),
  );
}

/** Whether sizing is as configured, or cut after a drawdown and waiting for recovery. */
export type SizingStance = 'full' | 'reduced';

export interface DrawdownRule {
  /** A drawdown of this much of the peak, or more, reduces the stance. */
  readonly reduceAt: RateE6;
  /** A drawdown of this much, or less, counts as recovered. */
  readonly recoverAt: RateE6;
  /** The Kelly fraction is at most this while reduced. */
  readonly fractionMax: RateE6;
}

/** Design H: 5 % of peak NAV, then at most 0.10 until recovered, which we read as back at the peak. */
export const DRAWDOWN_SEED: DrawdownRule = {
  reduceAt: rateE6(50_000),
  recoverAt: rateE6(0),
  fractionMax: rateE6(100_000),
};

export interface NavReading {
  readonly nav: MicroUsd;
  readonly peak: MicroUsd;
}

/** Share of the peak that is lost; 0 at or above it. */
export function drawdown(reading: NavReading): Fraction {
  invariant(reading.peak > 0, () => `peak NAV must be positive, found ${reading.peak} micro-dollars`);
  return fraction(Math.max(0, reading.peak - reading.nav), reading.peak);
}

/** The stance after a reading of NAV. Between recovery and trigger, whatever held before still holds. */
export function nextStance(stance: SizingStance, reading: NavReading, rule: DrawdownRule): SizingStance {
  invariant(
    rule.recoverAt < rule.reduceAt,
    () => `recoverAt must lie below reduceAt ${rule.reduceAt}, found ${rule.recoverAt}`,
  );
  const lost = drawdown(reading);
  const lostE6 = lost.numerator * BigInt(RATE_ONE);
  if (lostE6 >= BigInt(rule.reduceAt) * lost.denominator) return 'reduced';
  return lostE6 <= BigInt(rule.recoverAt) * lost.denominator ? 'full' : stance;
}

export function appliedFraction(configured: RateE6, stance: SizingStance, rule: DrawdownRule): RateE6 {
  return stance === 'reduced' && configured > rule.fractionMax ? rule.fractionMax : configured;
}
