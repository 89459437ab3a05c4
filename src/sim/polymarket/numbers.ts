/** Whole numbers to the venue's decimal text and back, on this simulator's own arithmetic. */
import { type PriceE4, priceE4 } from '../../domain/units.ts';

/** `0.6`, `100`, `0.0025`: never padded, as the market channel showed on 2026-09-24. */
export function decimalText(count: number | bigint, decimals: number): string {
  const value = BigInt(count);
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

export function priceText(price: number): string {
  return decimalText(price, 4);
}

export function sizeText(size: number | bigint): string {
  return decimalText(size, 6);
}

/** With at least so many decimals: `0.500` is how books and midpoints print the last trade. */
export function paddedText(count: number, { decimals, least }: { decimals: number; least: number }): string {
  const [whole = '', fraction = ''] = decimalText(count, decimals).split('.');
  return `${whole}.${fraction.padEnd(least, '0')}`;
}

/** A JSON number for the few fields that are not text. */
export function decimalNumber(count: number | bigint, decimals: number): number {
  return Number(decimalText(count, decimals));
}

/** A plain whole number as text, or undefined for anything else. */
export function wholeOf(text: unknown): bigint | undefined {
  return typeof text === 'string' && /^\d{1,78}$/.test(text) ? BigInt(text) : undefined;
}

/** `0.0025` to 25, exactly. Throws on what has more decimals: it was typed by us, in a test or a scenario. */
export function priceOf(text: string): PriceE4 {
  return priceE4(Number(scaled(text, 4)));
}

export function scaled(text: string, decimals: number): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[2] ?? '';
  if (match === null || fraction.length > decimals)
    throw new Error(`expected a number with at most ${decimals} decimals, found ${text}`);
  return BigInt((match[1] ?? '0') + fraction.padEnd(decimals, '0'));
}

/** Micro-dollars of `size` at `price`, rounded down: what the exchange contract moves for a taker. */
export function cashOf(size: number, price: number): number {
  return Number((BigInt(size) * BigInt(price)) / 10_000n);
}

/** The most shares that `cash` micro-dollars buy at `price`; the last millionth is rounded up, as fills of September 2026 show. */
export function sharesFor(cash: number, price: number): number {
  const [money, cost] = [BigInt(cash) * 10_000n, BigInt(price)];
  return Number((money + cost - 1n) / cost);
}

/** The price of the other token. */
export function complementOf(price: number): number {
  return 10_000 - price;
}
