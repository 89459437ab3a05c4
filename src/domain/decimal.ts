/**
 * Decimal text to whole numbers and back, exactly. This is the only door through which a price, a
 * size or money enters from a wire, a file or a person.
 */
import { InvariantError, invariant } from './invariant.ts';
import { type MicroUsd, microUsd, PRICE_ONE, type PriceE4, type RateE6, rateE6, type SizeE6, sizeE6 } from './units.ts';

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const MINUS = 45;
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000] as const;

/**
 * Reads plain decimal text (`-12.50`, `.5`, `7`) as a whole number of 10^−`decimals`, or `undefined`
 * when it is anything else: empty, an exponent, a sign other than a leading minus, white space, more
 * significant decimals than asked for, or a value beyond 2^53. Trailing zeros beyond `decimals` are
 * accepted because they lose nothing. `decimals` lies within 0..8.
 */
export function parseDecimal(text: string, decimals: number): number | undefined {
  const length = text.length;
  const negative = length > 0 && text.charCodeAt(0) === MINUS;
  let value = 0;
  let digits = 0;
  let places = -1;
  for (let at = negative ? 1 : 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT && places < 0) {
      places = 0;
    } else if (code < ZERO || code > NINE) {
      return undefined;
    } else if (places >= decimals) {
      if (code !== ZERO) return undefined;
      digits++;
    } else {
      value = value * 10 + (code - ZERO);
      digits++;
      if (places >= 0) places++;
    }
  }
  if (digits === 0) return undefined;
  const scaled = value * (POWERS[decimals - Math.max(places, 0)] as number);
  if (scaled > Number.MAX_SAFE_INTEGER) return undefined;
  return negative && scaled !== 0 ? -scaled : scaled;
}

/** A price in dollars as text (`0.4550`), or `undefined` when malformed, finer than 0.0001 or outside 0..1. */
export function parsePrice(text: string): PriceE4 | undefined {
  const count = parseDecimal(text, 4);
  return count === undefined || count < 0 || count > PRICE_ONE ? undefined : (count as PriceE4);
}

/** A number of contracts as text (`83.74`), or `undefined` when malformed, negative or finer than a millionth. */
export function parseSize(text: string): SizeE6 | undefined {
  const count = parseDecimal(text, 6);
  return count === undefined || count < 0 ? undefined : (count as SizeE6);
}

/** As `parseDecimal`, for text that our own configuration or tests must have right. Throws otherwise. */
export function requireDecimal(text: string, decimals: number): number {
  const value = parseDecimal(text, decimals);
  if (value === undefined)
    throw new InvariantError(`expected decimal text with at most ${decimals} decimals, found ${JSON.stringify(text)}`);
  return value;
}

export function priceFromText(text: string): PriceE4 {
  const price = parsePrice(text);
  invariant(
    price !== undefined,
    () => `expected a price within 0..1 in steps of 0.0001, found ${JSON.stringify(text)}`,
  );
  return price;
}

export function sizeFromText(text: string): SizeE6 {
  return sizeE6(requireDecimal(text, 6));
}

export function usdFromText(text: string): MicroUsd {
  return microUsd(requireDecimal(text, 6));
}

export function rateFromText(text: string): RateE6 {
  return rateE6(requireDecimal(text, 6));
}

/** Plain decimal text of a whole number of 10^−`decimals`, without trailing zeros beyond `keep` of them. */
export function formatDecimal(value: number, decimals: number, keep = 0): string {
  invariant(Number.isSafeInteger(value), () => `expected a whole number within 2^53, found ${value}`);
  const digits = Math.abs(value)
    .toString()
    .padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  let fraction = decimals === 0 ? '' : digits.slice(-decimals);
  while (fraction.length > keep && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${value < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
