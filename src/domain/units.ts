/**
 * Prices, sizes and money as whole numbers, and the arithmetic that keeps them whole.
 *
 * A price counts ten-thousandths of a dollar, a size counts millionths of a contract and money
 * counts millionths of a dollar: the finest step of either venue in each case. All three are safe
 * integers in a branded type, so that mixing them up does not compile and losing a fraction of one
 * throws. Products divide once, in `mulDiv`, in a direction that the caller names.
 */
import { InvariantError, invariant } from './invariant.ts';

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Ten-thousandths of a dollar per contract, 0 to 10,000. */
export type PriceE4 = Unit<'PriceE4'>;
/** Millionths of a contract, never negative. */
export type SizeE6 = Unit<'SizeE6'>;
/** Millionths of a dollar. Negative is money that leaves us. */
export type MicroUsd = Unit<'MicroUsd'>;
/** Millionths: a fee rate, a multiplier or a fraction, as the venue publishes it. */
export type RateE6 = Unit<'RateE6'>;
/** Milliseconds: a duration, or a reading of the monotonic clock. Never a wall instant. */
export type Millis = Unit<'Millis'>;
/** Microseconds since 1970-01-01 UTC: a wall instant. Never a duration. */
export type Micros = Unit<'Micros'>;

export const PRICE_ONE = 10_000 as PriceE4;
export const CONTRACT = 1_000_000 as SizeE6;
export const USD = 1_000_000 as MicroUsd;
export const CENT = 10_000 as MicroUsd;
export const RATE_ONE = 1_000_000 as RateE6;

/** Largest size whose cash at $1 stays a safe integer before the division: 900,000 contracts. */
export const SIZE_E6_MAX = 900_000_000_000 as SizeE6;

/** A price from a count of ten-thousandths of a dollar. Throws outside 0..10,000. */
export function priceE4(count: number): PriceE4 {
  invariant(
    Number.isInteger(count) && count >= 0 && count <= PRICE_ONE,
    () => `price must lie within 0..10000, found ${count}`,
  );
  return count as PriceE4;
}

/** A size from a count of millionths of a contract. Throws when negative, fractional or beyond 2^53. */
export function sizeE6(count: number): SizeE6 {
  invariant(
    Number.isSafeInteger(count) && count >= 0,
    () => `size must be a whole number of millionths, 0 or more, found ${count}`,
  );
  return count as SizeE6;
}

/** Money from a count of millionths of a dollar. Throws when fractional or beyond 2^53. */
export function microUsd(count: number): MicroUsd {
  invariant(
    Number.isSafeInteger(count),
    () => `money must be a whole number of micro-dollars within 2^53, found ${count}`,
  );
  return count as MicroUsd;
}

/** A rate from a count of millionths. Throws when negative, fractional or beyond 2^53. */
export function rateE6(count: number): RateE6 {
  invariant(
    Number.isSafeInteger(count) && count >= 0,
    () => `rate must be a whole number of millionths, 0 or more, found ${count}`,
  );
  return count as RateE6;
}

/** Milliseconds from any finite number. Throws on NaN and infinity. */
export function millis(count: number): Millis {
  invariant(Number.isFinite(count), () => `a duration must be finite, found ${count}`);
  return count as Millis;
}

/** A wall instant from microseconds since 1970. Throws when fractional or beyond 2^53. */
export function micros(count: number): Micros {
  invariant(Number.isSafeInteger(count), () => `an instant must be a whole number of microseconds, found ${count}`);
  return count as Micros;
}

/** Whole contracts as a size. Throws unless `count` is a whole number, 0 or more. */
export function contracts(count: number): SizeE6 {
  invariant(Number.isInteger(count) && count >= 0, () => `contracts must be a whole number, 0 or more, found ${count}`);
  return sizeE6(count * CONTRACT);
}

/** The price of the other side of a binary contract: 1 − p. */
export function complement(price: PriceE4): PriceE4 {
  return (PRICE_ONE - price) as PriceE4;
}

/** Toward −∞, toward +∞, to the nearest with ties away from zero, to the nearest with ties to even. */
export type Rounding = 'floor' | 'ceil' | 'halfUp' | 'halfEven';

/** `numerator ÷ divisor` as a whole number. The divisor must be positive. Never loses a digit before rounding. */
export function divideExact(numerator: bigint, divisor: bigint, rounding: Rounding): bigint {
  if (divisor <= 0n) throw new InvariantError(`divisor must be positive, found ${divisor}`);
  const truncated = numerator / divisor;
  const remainder = numerator % divisor;
  if (remainder === 0n) return truncated;
  const below = remainder < 0n ? truncated - 1n : truncated;
  if (rounding === 'floor') return below;
  if (rounding === 'ceil') return below + 1n;
  return nearest(below, (numerator - below * divisor) * 2n - divisor, rounding, numerator < 0n);
}

function nearest(below: bigint, overHalf: bigint, rounding: 'halfUp' | 'halfEven', negative: boolean): bigint {
  if (overHalf !== 0n) return overHalf > 0n ? below + 1n : below;
  if (rounding === 'halfEven') return below % 2n === 0n ? below : below + 1n;
  return negative ? below : below + 1n;
}

/**
 * `a × b ÷ divisor`, divided once and rounded once, in the direction that the caller names.
 *
 * All three are whole numbers and the divisor is positive. The product is taken in plain numbers
 * while it fits below 2^53 and in bigint beyond, so the result is exact either way; a result beyond
 * 2^53 throws.
 */
export function mulDiv(a: number, b: number, divisor: number, rounding: Rounding): number {
  const product = a * b;
  if (Number.isSafeInteger(product) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const remainder = product % divisor;
    if (remainder === 0) return product / divisor;
    if (rounding === 'floor') return (product - remainder) / divisor - (remainder < 0 ? 1 : 0);
    if (rounding === 'ceil') return (product - remainder) / divisor + (remainder > 0 ? 1 : 0);
  }
  return toSafeNumber(divideExact(BigInt(a) * BigInt(b), BigInt(divisor), rounding));
}

/** A bigint as a plain number. Throws beyond 2^53, where a plain number would silently lose digits. */
export function toSafeNumber(value: bigint): number {
  const result = Number(value);
  invariant(Number.isSafeInteger(result), () => `result must stay within 2^53, found ${value}`);
  return result;
}

/**
 * Cash for `size` at `price`, before fees. `ceil` (the default) is what a purchase costs at most;
 * `floor` is what a sale brings at least.
 *
 * Whole hundredths of a contract, all that either venue accepts in an order, divide without a
 * remainder, so the direction matters only for the six-decimal fills of Polymarket. Throws above
 * 900,000 contracts, where the product would leave the safe integers.
 */
export function notional(price: PriceE4, size: SizeE6, rounding: 'ceil' | 'floor' = 'ceil'): MicroUsd {
  invariant(size <= SIZE_E6_MAX, () => `size must be at most 900000 contracts, found ${size} millionths`);
  return microUsd(mulDiv(price, size, PRICE_ONE, rounding));
}

/** Sum of money. Throws beyond 2^53. */
export function addUsd(...terms: readonly MicroUsd[]): MicroUsd {
  let sum = 0;
  for (const term of terms) sum += term;
  return microUsd(sum);
}

export function subtractUsd(from: MicroUsd, amount: MicroUsd): MicroUsd {
  return microUsd(from - amount);
}
