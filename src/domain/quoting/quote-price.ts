/** Where a maker quote belongs: one tick better than the best bid of others, never crossing, never beyond its edge (X3). */
import type { Book } from '../book/book.ts';
import type { Instrument, TickGrid } from '../instrument.ts';
import type { PriceE4, SizeE6 } from '../units.ts';
import { atOrBelow, mirroredGrid, nextAbove } from './grid-price.ts';

/** Our own order in the book that is looked at. */
export interface OwnQuote {
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
}

export interface QuoteView {
  /** Best bid of others for the outcome that we want. */
  readonly bidE4: PriceE4 | undefined;
  readonly askE4: PriceE4 | undefined;
  readonly grid: TickGrid;
}

export type QuotePrice =
  | { readonly kind: 'at'; readonly priceE4: PriceE4 }
  /** nobody else bids, so there is nothing to be better than */
  | { readonly kind: 'noBid' }
  /** everything that would not cross, or be better, costs more than it is worth */
  | { readonly kind: 'noEdge' };

/**
 * One tick above the best bid of others; at it where one tick better would take the ask, or cost more than the
 * quote is worth. A post-only order at this price is not refused by the book that was seen.
 */
export function quotePrice({ bidE4, askE4, grid }: QuoteView, worstE4: PriceE4): QuotePrice {
  if (bidE4 === undefined) return { kind: 'noBid' };
  if (bidE4 > worstE4) return { kind: 'noEdge' };
  const better = nextAbove(grid, bidE4);
  const most = askE4 === undefined ? worstE4 : Math.min(worstE4, askE4 - 1);
  if (better !== undefined && better <= most) return { kind: 'at', priceE4: better };
  const joined = atOrBelow(grid, Math.min(bidE4, most));
  return joined === undefined || joined < bidE4 ? { kind: 'noEdge' } : { kind: 'at', priceE4: joined };
}

/**
 * The book without our own order, in the terms of the outcome that is bought; `undefined` while the book may not
 * be believed. What is ours at a price is taken off it, and what the venue shows there beside it is of others.
 */
export function viewOf(book: Book, { inverted }: Instrument, own: OwnQuote | undefined): QuoteView | undefined {
  const { grid } = book;
  if (book.standing !== 'live' || book.isCrossed || grid === undefined) return undefined;
  // Two levels are enough: at most one of them is wholly ours.
  const bid = book
    .bids(inverted, 2)
    .find(({ priceE4, sizeE6 }) => own === undefined || priceE4 !== own.priceE4 || sizeE6 > own.sizeE6);
  const ask = book.asks(inverted, 1)[0];
  return { bidE4: bid?.priceE4, askE4: ask?.priceE4, grid: inverted ? mirroredGrid(grid) : grid };
}
