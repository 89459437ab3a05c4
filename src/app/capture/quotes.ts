/** One-level books from polled best prices, and the relations between the books of a tape. */
import type { BookId, Instrument } from '../../domain/instrument.ts';
import type { BookSnapshot, Level } from '../../domain/ports/market-data.ts';
import { CONTRACT, PRICE_ONE } from '../../domain/units.ts';
import type { FaultStep, PairRelation, PollStep } from './capture.ts';
import { fault, priceOfCents, priceOfDollars, sizeOf } from './records.ts';

export interface Quote {
  readonly book: BookId;
  readonly unit: 'cents' | 'dollars';
  readonly bid: QuoteSide;
  readonly ask: QuoteSide;
  readonly stamp: string | undefined;
  readonly venueAtMs: number | undefined;
}

export interface QuoteSide {
  /** A price that is absent, 0 or 1 means that nobody quotes this side. */
  readonly price: number | null;
  /** Absent where the recorder kept no sizes: the level then holds one contract, for a gross edge only. */
  readonly size?: string | null;
}

/**
 * Books of at most one level a side, which is what a poll of best prices can honestly say. One price or
 * size that cannot be one makes the whole poll a fault.
 */
export function quotePoll(quotes: readonly Quote[], receivedAtMs: number): PollStep | FaultStep {
  const events: BookSnapshot[] = [];
  for (const quote of quotes) {
    const [bids, asks] = [levelsOf(quote.bid, quote.unit), levelsOf(quote.ask, quote.unit)];
    if (bids === undefined) return fault(malformed('bid', quote.bid, quote));
    if (asks === undefined) return fault(malformed('ask', quote.ask, quote));
    const { book, stamp, venueAtMs } = quote;
    events.push({ kind: 'book.snapshot', book, bids, asks, grid: undefined, feed: undefined, stamp, venueAtMs });
  }
  return { kind: 'poll', events, receivedAtMs };
}

function levelsOf({ price, size }: QuoteSide, unit: Quote['unit']): Level[] | undefined {
  const sizeE6 = size === undefined ? CONTRACT : size === null ? undefined : sizeOf(size);
  if (price === null) return size === undefined || size === null || sizeE6 !== undefined ? [] : undefined;
  const priceE4 = unit === 'cents' ? priceOfCents(price) : priceOfDollars(price);
  if (priceE4 === undefined) return undefined;
  if (priceE4 === 0 || priceE4 === PRICE_ONE) return [];
  // A best price at which nothing is on offer is none.
  return sizeE6 === undefined || sizeE6 === 0 ? undefined : [{ priceE4, sizeE6 }];
}

function malformed(side: 'bid' | 'ask', { price, size }: QuoteSide, { unit, book }: Quote): string {
  const range = unit === 'cents' ? '0..100 cents in hundredths' : '0..1 dollars in steps of 0.0001';
  const found = size === undefined ? `${price}` : `${price} and ${JSON.stringify(size)}`;
  return `expected a price within ${range}${size === undefined ? '' : ' and its size'}, found ${found} (${side} of ${book})`;
}

/** Some recorders also wrote what follows from the best prices: rows whose parts contradict each other are damaged. */
export function isMidpoint(row: {
  readonly bid: number | null;
  readonly ask: number | null;
  readonly mid: number | null;
  readonly spread: number | null;
}): boolean {
  const { bid, ask, mid, spread } = row;
  if (bid === null || ask === null) return mid === null && spread === null;
  if (mid === null || spread === null) return false;
  return Math.abs(mid - (bid + ask) / 2) < FLOAT_NOISE && Math.abs(spread - (ask - bid)) < FLOAT_NOISE;
}

/** Others wrote both outcomes of one book: a NO price is a dollar less the opposite YES price. */
export function isMirrored(row: {
  readonly yes_bid: number | null;
  readonly yes_ask: number | null;
  readonly no_bid?: number | null | undefined;
  readonly no_ask?: number | null | undefined;
}): boolean {
  return makeADollar(row.yes_bid, row.no_ask) && makeADollar(row.yes_ask, row.no_bid);
}

function makeADollar(yes: number | null, no: number | null | undefined): boolean {
  if (yes === null || no === null || no === undefined) return true;
  return Math.abs(yes + no - 1) < FLOAT_NOISE;
}

const FLOAT_NOISE = 1e-6;

/** The books of a pair, both quoting YES: the same outcome pays on both. */
export function pairOf(pairId: string, kalshi: BookId, polymarket: BookId): PairRelation {
  return { kind: 'pair', pairId, yes: { kalshi: direct(kalshi), polymarket: direct(polymarket) } };
}

function direct(book: BookId): Instrument {
  return { book, inverted: false };
}
