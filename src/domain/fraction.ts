/**
 * Exact quotients, for rules whose result is compared or rounded later. Arithmetic on estimates
 * and fees passes through here where a float would decide differently from paper.
 */
import { invariant } from './invariant.ts';
import { divideExact, type Rounding, toSafeNumber } from './units.ts';

/** `numerator ÷ denominator`. The denominator is positive; the fraction need not be in lowest terms. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const ZERO: Fraction = { numerator: 0n, denominator: 1n };

/** A fraction of whole numbers. Throws unless the denominator is positive. */
export function fraction(numerator: bigint | number, denominator: bigint | number): Fraction {
  const divisor = BigInt(denominator);
  invariant(divisor > 0n, () => `the denominator must be positive, found ${divisor}`);
  return { numerator: BigInt(numerator), denominator: divisor };
}

export function add(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function subtract(from: Fraction, amount: Fraction): Fraction {
  return add(from, { numerator: -amount.numerator, denominator: amount.denominator });
}

export function isPositive(value: Fraction): boolean {
  return value.numerator > 0n;
}

/** `value × scale` as a safe whole number, rounded once in the named direction. */
export function roundTo(value: Fraction, scale: number, rounding: Rounding): number {
  return toSafeNumber(divideExact(value.numerator * BigInt(scale), value.denominator, rounding));
}

/** The nearest float, for display and statistics, also where numerator and denominator are beyond the floats. */
export function toFloat(value: Fraction): number {
  const magnitude = value.numerator < 0n ? -value.numerator : value.numerator;
  const spare = bitLength(value.denominator) - bitLength(magnitude);
  // At least 60 bits of quotient, more than a float keeps.
  const shift = Math.max(0, spare + 64);
  const scaled = magnitude << BigInt(shift);
  const truncated = scaled / value.denominator;
  // A last bit for what was cut off, so that the final rounding does not mistake it for a tie.
  const sticky = truncated * value.denominator === scaled ? truncated : truncated | 1n;
  const quotient = Number(sticky) * 2 ** -shift;
  return value.numerator < 0n ? -quotient : quotient;
}

function bitLength(value: bigint): number {
  return value.toString(16).length * 4;
}
