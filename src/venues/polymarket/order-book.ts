/** Polymarket's order books: levels, ticks and times, from the socket and from `GET /book`. */
import { parseDecimal, parsePrice, parseSize } from '../../domain/decimal.ts';
import { bookId, type TickGrid, uniformGrid } from '../../domain/instrument.ts';
import type { BookSnapshot, Level } from '../../domain/ports/market-data.ts';
import { PRICE_ONE, type PriceE4 } from '../../domain/units.ts';
import type { BookFrame } from './frame.ts';
import { bookMsg } from './wire.ts';

/** 2001-09-09 and 2100-01-01: a time outside is not in milliseconds. */
const VENUE_MS_MIN = 1_000_000_000_000;
const VENUE_MS_MAX = 4_102_444_800_000;

export type PolledBook =
  | { readonly kind: 'snapshot'; readonly snapshot: BookSnapshot }
  | { readonly kind: 'malformed'; readonly message: string };

/** The body of `GET /book`, or one entry of `POST /books`. */
export function parsePolymarketBook(body: unknown): PolledBook {
  const frame = bookFrameOf(body);
  if (typeof frame === 'string') return { kind: 'malformed', message: `book: ${frame}` };
  const { bids, asks, grid, stamp, venueAtMs } = frame;
  const book = bookId('polymarket', frame.tokenId);
  return {
    kind: 'snapshot',
    snapshot: { kind: 'book.snapshot', book, bids, asks, grid, feed: undefined, stamp, venueAtMs },
  };
}

/** A whole book, or why it cannot be believed. The order of the levels is never relied on. */
export function bookFrameOf(body: unknown): BookFrame | string {
  const parsed = bookMsg.safeParse(body);
  if (!parsed.success) return whyNot(parsed.error);
  const msg = parsed.data;
  const bids = levelsOf(msg.bids, 'bids');
  if (typeof bids === 'string') return bids;
  const asks = levelsOf(msg.asks, 'asks');
  if (typeof asks === 'string') return asks;
  const venueAtMs = venueMs(msg.timestamp);
  if (venueAtMs === undefined) return notMilliseconds(msg.timestamp);
  if (msg.asset_id === '') return 'asset_id must not be empty';
  // Captures from 2024 lack the tick; an absent decimal is also sent as "".
  const hasTick = msg.tick_size !== undefined && msg.tick_size !== '';
  const grid = hasTick ? tickGridOf(msg.tick_size) : undefined;
  if (hasTick && grid === undefined) return `tick_size must divide a dollar, found ${shown(msg.tick_size)}`;
  const { asset_id: tokenId, market: conditionId, timestamp: stamp } = msg;
  return { kind: 'book', tokenId, conditionId, bids, asks, grid, stamp, venueAtMs };
}

/** The levels of one side, or what is wrong with them. A level of size 0 is no level. */
function levelsOf(
  entries: readonly { readonly price: string; readonly size: string }[],
  side: 'bids' | 'asks',
): readonly Level[] | string {
  const levels: Level[] = [];
  const seen = new Set<PriceE4>();
  for (const { price, size } of entries) {
    const priceE4 = restingPrice(price);
    const sizeE6 = parseSize(size);
    if (priceE4 === undefined)
      return `${side} must have prices above 0 and below 1 in steps of 0.0001, found ${shown(price)}`;
    if (sizeE6 === undefined)
      return `${side} must have sizes of 0 or more with at most 6 decimals, found ${shown(size)}`;
    if (seen.has(priceE4)) return `${side} must have different prices, found ${shown(price)} twice`;
    seen.add(priceE4);
    if (sizeE6 > 0) levels.push({ priceE4, sizeE6 });
  }
  return levels;
}

/** A price at which an order can rest: strictly between 0 and 1. */
export function restingPrice(text: string): PriceE4 | undefined {
  const price = parsePrice(text);
  return price === undefined || price === 0 || price === PRICE_ONE ? undefined : price;
}

/** The grid of one tick everywhere, or `undefined` unless the tick divides a dollar. */
export function tickGridOf(text: string | undefined): TickGrid | undefined {
  const step = text === undefined ? undefined : restingPrice(text);
  if (step === undefined || PRICE_ONE % step !== 0) return undefined;
  return grids.get(step) ?? uniformGrid(step);
}

/** Ticks in use (0.005 and 0.0025 since July 2026), so that a busy book does not make a grid per frame. */
const grids: ReadonlyMap<number, TickGrid> = new Map(
  [1_000, 100, 50, 25, 10, 1].map((step) => [step, uniformGrid(step)]),
);

/** Milliseconds since 1970 as text, or `undefined` when it is anything else. */
export function venueMs(text: string): number | undefined {
  const count = parseDecimal(text, 0);
  return count === undefined || count < VENUE_MS_MIN || count >= VENUE_MS_MAX ? undefined : count;
}

export function notMilliseconds(text: string): string {
  return `timestamp must be milliseconds since 1970 as text, found ${shown(text)}`;
}

/** The first thing wrong with a message: where, what was expected, what kind of thing was found. */
export function whyNot(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  const issue = error.issues[0];
  return issue === undefined ? 'must have the declared shape' : `${issue.path.join('.')}: ${issue.message}`;
}

/** Found text for a message, cut short: a message never carries a whole frame. */
export function shown(text: string | undefined): string {
  return JSON.stringify(text !== undefined && text.length > 24 ? `${text.slice(0, 24)}…` : (text ?? ''));
}
