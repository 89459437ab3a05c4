/** Reading other people's records: whatever does not fit the declared shape becomes a fault, never a guess. */
import { z } from 'zod';
import { parsePrice, parseSize } from '../../domain/decimal.ts';
import type { Level } from '../../domain/ports/market-data.ts';
import type { PriceE4, SizeE6 } from '../../domain/units.ts';
import type { CaptureStep, FaultStep } from './capture.ts';

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller says what it expected and where.
    return undefined;
  }
}

export function fault(message: string): FaultStep {
  return { kind: 'fault', message };
}

/** The steps of a record, or one fault when the text is not of the declared shape. */
export function stepsOf<T>(
  text: string,
  schema: z.ZodType<T>,
  convert: (record: T) => readonly CaptureStep[],
): readonly CaptureStep[] {
  const record = parseJson(text);
  if (record === undefined) return [fault(`expected JSON, found ${text.length} characters that are not`)];
  const parsed = schema.safeParse(record);
  if (parsed.success) return convert(parsed.data);
  return [fault(z.prettifyError(parsed.error).split('\n').slice(0, 2).join(' '))];
}

/** ISO text as milliseconds since 1970 with its microseconds as a fraction, or `undefined` when it is not a date. */
export function instantMs(text: string): number | undefined {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const beyondMillis = /\.\d{3}(\d{1,3})/.exec(text)?.[1];
  return beyondMillis === undefined ? ms : ms + Number(beyondMillis.padEnd(3, '0')) / 1_000;
}

/** Says of each key whether it comes for the first time. */
export function firstTime(): (key: string) => boolean {
  const known = new Set<string>();
  return (key) => !known.has(key) && known.add(key) !== undefined;
}

/**
 * A recorder's binary float as the decimal it stands for (0.30000000000000004 is 0.3), as text.
 *
 * Twelve significant digits are far more than any price or size on either venue has, and far fewer
 * than the noise of a subtraction in a recorder.
 */
function decimalText(value: number): string {
  const text = value.toPrecision(12);
  return text.includes('e') ? Number(text).toFixed(12) : text;
}

/** A price in dollars that a recorder kept as a number, or `undefined` when it is not one. */
export function priceOfDollars(value: number): PriceE4 | undefined {
  return parsePrice(decimalText(value));
}

/** A price in cents, possibly with tenths, that a recorder kept as a number. */
export function priceOfCents(value: number): PriceE4 | undefined {
  return parsePrice(decimalText(value / 100));
}

export function sizeOf(value: number | string): SizeE6 | undefined {
  return parseSize(typeof value === 'string' ? value : decimalText(value));
}

/** Levels from pairs of price and size, or `undefined` when any of them is not one. */
export function levelsOf(
  pairs: readonly (readonly [number | string, number | string])[],
  toPrice: (price: number) => PriceE4 | undefined = priceOfDollars,
): Level[] | undefined {
  const levels: Level[] = [];
  for (const [price, size] of pairs) {
    const priceE4 = typeof price === 'string' ? parsePrice(price) : toPrice(price);
    const sizeE6 = sizeOf(size);
    if (priceE4 === undefined || sizeE6 === undefined) return undefined;
    levels.push({ priceE4, sizeE6 });
  }
  return levels;
}
