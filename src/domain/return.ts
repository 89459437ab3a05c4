/**
 * What an edge earns on the capital it locks up, and how opportunities are ranked (docs/rules.md §9).
 *
 * Capital is both legs plus all fees. The hurdle decides in exact arithmetic; annualised returns
 * are for people to read; a score becomes a whole number, rounded down, before it orders anything.
 */
import { type Fraction, fraction, subtract, toFloat } from './fraction.ts';
import { invariant } from './invariant.ts';
import { requireProbability } from './probability.ts';
import {
  CONTRACT,
  divideExact,
  type Micros,
  type MicroUsd,
  mulDiv,
  RATE_ONE,
  type RateE6,
  type SizeE6,
  toSafeNumber,
  USD,
} from './units.ts';

const DAYS_A_YEAR = 365;
const MICROS_A_DAY = 86_400_000_000n;
const DAY_E6 = 1_000_000;
/** Below a tenth of a day, a year has too many periods for an annualised figure to mean anything. */
const DAYS_E6_LEAST = 100_000;

/** How long cash is away, in whole millionths of a day. */
export interface LockUp {
  readonly daysE6: number;
}

export interface Investment {
  /** Both legs plus all fees. */
  readonly capital: MicroUsd;
  readonly profit: MicroUsd;
}

/**
 * Time until the *later* of the venues' releases of cash, rounded up, at least `daysE6Min` (one day
 * unless configured): money that comes back the same evening is not invested twice that day.
 */
export function lockUp(
  time: { readonly now: Micros; readonly releases: readonly Micros[] },
  daysE6Min: number = DAY_E6,
): LockUp {
  invariant(time.releases.length > 0, 'expected the time of at least one release of cash, found none');
  const waitMicros = BigInt(Math.max(...time.releases)) - BigInt(time.now);
  const daysE6 = toSafeNumber(divideExact(waitMicros * BigInt(DAY_E6), MICROS_A_DAY, 'ceil'));
  return flooredLockUp({ daysE6, daysE6Min });
}

/** A lock-up that counts at least `daysE6Min`. */
export function flooredLockUp(days: { readonly daysE6: number; readonly daysE6Min: number }): LockUp {
  const { daysE6, daysE6Min } = days;
  invariant(Number.isSafeInteger(daysE6), () => `daysE6 must be a whole number of millionths, found ${daysE6}`);
  invariant(
    Number.isSafeInteger(daysE6Min) && daysE6Min >= DAYS_E6_LEAST,
    () => `daysE6Min must be a whole number, at least ${DAYS_E6_LEAST}, found ${daysE6Min}`,
  );
  return { daysE6: Math.max(daysE6, daysE6Min) };
}

/** Profit over capital. Throws unless capital is positive. */
export function roi(investment: Investment): Fraction {
  return fraction(investment.profit, investment.capital);
}

/** `roi × 365 ÷ days`, for display. */
export function arocSimple(investment: Investment, held: LockUp): number {
  return toFloat(
    fraction(
      BigInt(investment.profit) * BigInt(DAYS_A_YEAR) * BigInt(DAY_E6),
      BigInt(investment.capital) * BigInt(held.daysE6),
    ),
  );
}

/**
 * `(1 + roi)^(365 ÷ days) − 1`, for display only.
 *
 * A one-day return is raised to its 365th power, which would magnify the last bit of a float as
 * often; the whole powers are therefore taken exactly and only the rest of the exponent is not.
 */
export function arocCompound(investment: Investment, held: LockUp): number {
  const grown = BigInt(investment.capital) + BigInt(investment.profit);
  if (grown <= 0n) return -1;
  const yearE6 = DAYS_A_YEAR * DAY_E6;
  const { daysE6 } = flooredLockUp({ daysE6: held.daysE6, daysE6Min: DAYS_E6_LEAST });
  const periods = BigInt(Math.floor(yearE6 / daysE6));
  const whole = toFloat(fraction(grown ** periods, BigInt(investment.capital) ** periods));
  const rest = (yearE6 % daysE6) / daysE6;
  return whole * (1 + toFloat(roi(investment))) ** rest - 1;
}

export interface Hurdle {
  /** What the capital would have earned elsewhere, in dollars. */
  readonly cost: Fraction;
  readonly profitAfter: Fraction;
  readonly isCleared: boolean;
}

/** Profit must exceed `capital × hurdleRate × days ÷ 365`; equality is not enough. */
export function hurdle(investment: Investment, held: LockUp, hurdleRate: RateE6): Hurdle {
  const cost = fraction(
    BigInt(investment.capital) * BigInt(hurdleRate) * BigInt(held.daysE6),
    BigInt(USD) * BigInt(RATE_ONE) * BigInt(DAY_E6) * BigInt(DAYS_A_YEAR),
  );
  const profitAfter = subtract(fraction(investment.profit, USD), cost);
  return { cost, profitAfter, isCleared: profitAfter.numerator > 0n };
}

/** A score counts 10^−12, so that ordering is by whole numbers and the bonus is exact. */
export const SCORE_SCALE = 1_000_000_000_000;

export type Score =
  | { readonly kind: 'scored'; readonly scoreE12: number }
  | { readonly kind: 'refused'; readonly reason: 'LIQUIDITY_BELOW_ONE' };

/**
 * Design H's ranking, `roi × confidence × ln(liquidity in contracts)`, rounded down. One contract
 * scores 0, which ends one-contract ghosts; less than one is refused.
 */
export function opportunityScore(input: {
  readonly roi: number;
  readonly confidence: number;
  readonly liquidityE6: SizeE6;
}): Score {
  requireProbability(input.confidence, 'confidence');
  if (input.liquidityE6 < CONTRACT) return { kind: 'refused', reason: 'LIQUIDITY_BELOW_ONE' };
  const score = input.roi * input.confidence * Math.log(input.liquidityE6 / CONTRACT);
  const scoreE12 = Math.floor(score * SCORE_SCALE);
  invariant(Number.isSafeInteger(scoreE12), () => `a score must stay within ±9007, found ${score}`);
  return { kind: 'scored', scoreE12 };
}

/** One fifth more for what brings inventory back into balance (designs C and H): both conditions must hold. */
export function withInventoryBonus(input: {
  readonly scoreE12: number;
  readonly direction: string;
  readonly preferredDirection: string;
  readonly needsRebalancing: boolean;
}): number {
  const isPreferred = input.needsRebalancing && input.direction === input.preferredDirection;
  return isPreferred ? mulDiv(input.scoreE12, 6, 5, 'floor') : input.scoreE12;
}
