/** Single values of Kalshi's replies, read exactly: text of the wire in, our units out, or malformed. */
import { z } from 'zod';
import { parseDecimal, parsePrice, parseSize } from '../../domain/decimal.ts';
import { CENT, type Micros, type MicroUsd, micros, microUsd, type RateE6, type SizeE6 } from '../../domain/units.ts';
import { shown } from './order-book.ts';

function textAs<Value>(read: (text: string) => Value | undefined, expected: string) {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${expected}, found ${shown(text)}` });
    return z.NEVER;
  });
}

/** `"0.4700"`, within 0..1. */
export const wirePrice = textAs(parsePrice, 'a price within 0..1 in steps of 0.0001');
/** `"12.50"` contracts. */
export const wireSize = textAs(parseSize, 'a count of 0 or more with at most 6 decimals');
/** `"-3.00"`: contracts with a sign, positive for YES. */
export const wireSignedSize = textAs((text) => parseDecimal(text, 6), 'a signed count with at most 6 decimals');
/** `"0.017500"` dollars. */
export const wireMoney = textAs<MicroUsd>((text) => {
  const count = parseDecimal(text, 6);
  return count === undefined ? undefined : microUsd(count);
}, 'dollars with at most 6 decimals');
/** `"2026-06-11T06:29:20.866753Z"`. */
export const wireInstant = textAs(parseInstant, 'an RFC 3339 instant');
/** A whole number of cents, as settlements still count. */
export const wireCents = z.int().transform((cents) => microUsd(cents * CENT));

/** The size of a signed count. */
export function sizeOfSigned(signed: number): SizeE6 {
  return Math.abs(signed) as SizeE6;
}

/** A JSON number such as the fee multiplier 0.5 as exact millionths, or `undefined` when it is finer. */
export function rateOfNumber(value: number): RateE6 | undefined {
  const count = parseDecimal(String(value), 6);
  return count === undefined || count < 0 ? undefined : (count as RateE6);
}

const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;
const MICROS_PER_MILLI = 1_000;

/** An RFC 3339 instant to the microsecond; digits beyond are cut off. */
export function parseInstant(text: string): Micros | undefined {
  const parts = INSTANT.exec(text);
  if (parts === null) return undefined;
  const [, upToSeconds, fraction = '', zone] = parts;
  const wholeMs = Date.parse(`${upToSeconds}${zone}`);
  if (Number.isNaN(wholeMs)) return undefined;
  return micros(wholeMs * MICROS_PER_MILLI + Number(fraction.slice(0, 6).padEnd(6, '0')));
}

/** 2001-09-09 and 2100-01-01: a time outside is not in milliseconds. */
const VENUE_MS_MIN = 1_000_000_000_000;
const VENUE_MS_MAX = 4_102_444_800_000;

export function isVenueMs(value: number): boolean {
  return Number.isInteger(value) && value >= VENUE_MS_MIN && value < VENUE_MS_MAX;
}

export function instantOfMs(ms: number): Micros {
  return micros(ms * MICROS_PER_MILLI);
}

/** Where a reply breaks its schema first, and how. Only values of ours are quoted, never the whole reply. */
export function whyMalformed(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'must have the declared shape' : `${issue.path.join('.') || 'body'}: ${issue.message}`;
}
