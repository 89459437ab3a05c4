/**
 * Fees as exact fractions, before any venue's rounding touches them. A fraction of money counts
 * micro-dollars; one of shares counts millionths of a share.
 */
import type { Fraction } from '../fraction.ts';
import type { Level } from '../ports/market-data.ts';
import {
  divideExact,
  type MicroUsd,
  microUsd,
  PRICE_ONE,
  RATE_ONE,
  type RateE6,
  type Rounding,
  toSafeNumber,
} from '../units.ts';

const RATE_UNIT = BigInt(RATE_ONE);
const PRICE_UNIT = BigInt(PRICE_ONE);

/** The product of rates, as a fraction: a coefficient times a multiplier. */
export function rateProduct(...rates: readonly RateE6[]): Fraction {
  let numerator = 1n;
  let denominator = 1n;
  for (const rate of rates) {
    numerator *= BigInt(rate);
    denominator *= RATE_UNIT;
  }
  return { numerator, denominator };
}

/**
 * `Σ C · rate · (P · (1 − P))^exponent` over levels: the curve that both venues charge by
 * (docs/rules.md §2, §3), in micro-dollars. It is symmetric in P and 1 − P, so YES and NO prices give the same.
 * The exponent is a whole number, 0 or more.
 */
export function curveFee(rate: Fraction, levels: readonly Level[], exponent = 1): Fraction {
  if (exponent === 1) return linearCurveFee(rate, levels);
  const power = BigInt(exponent);
  let sum = 0n;
  for (const level of levels) {
    const price = BigInt(level.priceE4);
    sum += BigInt(level.sizeE6) * (price * (PRICE_UNIT - price)) ** power;
  }
  return {
    numerator: rate.numerator * sum,
    denominator: rate.denominator * (PRICE_UNIT * PRICE_UNIT) ** power,
  };
}

const CURVE_UNIT = PRICE_UNIT * PRICE_UNIT;

/** The same for the exponent that all markets have, in plain numbers as long as they are exact. */
function linearCurveFee(rate: Fraction, levels: readonly Level[]): Fraction {
  let large = 0n;
  let sum = 0;
  for (const { priceE4, sizeE6 } of levels) {
    const curve = priceE4 * (PRICE_ONE - priceE4);
    const next = sum + sizeE6 * curve;
    if (Number.isSafeInteger(next)) sum = next;
    else {
      large += BigInt(sum) + BigInt(sizeE6) * BigInt(curve);
      sum = 0;
    }
  }
  return { numerator: rate.numerator * (large + BigInt(sum)), denominator: rate.denominator * CURVE_UNIT };
}

/** A fraction of money: `amount × rate`, exactly. */
export function shareOf(amount: MicroUsd, rate: RateE6): Fraction {
  return { numerator: BigInt(amount) * BigInt(rate), denominator: RATE_UNIT };
}

/** Times a rate, still exact. */
export function timesRate(exact: Fraction, rate: RateE6): Fraction {
  return { numerator: exact.numerator * BigInt(rate), denominator: exact.denominator * RATE_UNIT };
}

/** To whole steps (a cent, 0.00001 dollar, …), once, in the direction that the caller names. */
export function roundToStep(exact: Fraction, step: MicroUsd, rounding: Rounding): MicroUsd {
  const unit = BigInt(step);
  return microUsd(toSafeNumber(divideExact(exact.numerator, exact.denominator * unit, rounding) * unit));
}
