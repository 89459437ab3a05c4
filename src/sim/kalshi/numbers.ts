/**
 * The venue's numbers: decimal text on the wire, whole numbers inside. Prices count 1e-4 dollars, sizes
 * 1e-6 contracts (always whole hundredths here), money 1e-6 dollars.
 */
import { type PriceE4, priceE4, type SizeE6, sizeE6 } from '../../domain/units.ts';

/** Millionths of a contract in the hundredth that is the venue's finest count. */
const COUNT_STEP_E6 = 10_000;

/** At most four decimals; anything else is not a price. */
export function readPrice(text: string): PriceE4 | undefined {
  const count = readDecimal(text, 4);
  return count === undefined || count > 10_000 ? undefined : priceE4(count);
}

/** At most two decimals. */
export function readCount(text: string): SizeE6 | undefined {
  const count = readDecimal(text, 2);
  return count === undefined || count > 10_000_000_000 ? undefined : sizeE6(count * COUNT_STEP_E6);
}

function readDecimal(text: string, decimals: number): number | undefined {
  const parts = /^(\d{1,12})(?:\.(\d{1,12}))?$/.exec(text);
  const fraction = parts?.[2] ?? '';
  if (parts === null || fraction.length > decimals) return undefined;
  return Number(`${parts[1]}${fraction.padEnd(decimals, '0')}`);
}

/** `0.4700` */
export function priceText(price: number): string {
  return fixed(price, 4);
}

/** `12.50`, signed. A finer remainder is cut: the venue has none. */
export function countText(size: number): string {
  return fixed(Math.trunc(size / COUNT_STEP_E6), 2);
}

/** `0.017500` */
export function moneyText(micro: number): string {
  return fixed(micro, 6);
}

/** `98.0186`: money on the venue's four-decimal fields, cut toward zero. */
export function moneyText4(micro: number): string {
  return fixed(Math.trunc(micro / 100), 4);
}

/** Whole cents, cut toward zero, where the venue still sends cents as integers. */
export function wholeCents(micro: number): number {
  return Math.trunc(micro / 10_000);
}

/** Exact: a whole hundredth of a contract at a ten-thousandth of a dollar is a whole micro-dollar. */
export function costMicro(price: number, size: number): number {
  if (size % COUNT_STEP_E6 !== 0) throw new Error(`a count has whole hundredths, found ${size} millionths`);
  return price * (size / COUNT_STEP_E6);
}

/** `2026-06-11T06:29:20.866753Z`; whole seconds carry no fraction. */
export function instantText(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1_000_000) * 1_000).toISOString().slice(0, 19);
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000;
  const digits = fraction === 0 ? '' : `.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
  return `${seconds}${digits}Z`;
}

function fixed(value: number, decimals: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`a number on the wire must be whole within 2^53, found ${value}`);
  const digits = Math.abs(value)
    .toString()
    .padStart(decimals + 1, '0');
  const at = digits.length - decimals;
  return `${value < 0 ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
}
