/** What can be bought: one outcome of one event at one venue, and the grid its prices must lie on. */
import { invariant } from './invariant.ts';
import { PRICE_ONE, type PriceE4, priceE4 } from './units.ts';

export type VenueName = 'kalshi' | 'polymarket';

/** Which way a binary contract pays: `yes` when the event happens. */
export type Outcome = 'yes' | 'no';

/**
 * Names one book: `kalshi/<ticker>` or `polymarket/<token id>`. Kalshi keeps one book a market and
 * quotes it on the YES scale; Polymarket keeps one a token.
 */
export type BookId = `${VenueName}/${string}`;

export function bookId(venue: VenueName, venueKey: string): BookId {
  return `${venue}/${venueKey}`;
}

export function venueOf(id: BookId): VenueName {
  return id.startsWith('kalshi/') ? 'kalshi' : 'polymarket';
}

/**
 * One side of a binary contract, as held: which book prices it, and whether the book quotes this
 * outcome or its opposite. Buying NO on Kalshi lifts the mirror image of the YES bids.
 */
export interface Instrument {
  readonly book: BookId;
  readonly inverted: boolean;
}

/** Stable text of an instrument, for journals, messages and keys. */
export function instrumentId(instrument: Instrument): string {
  return `${instrument.book}/${instrument.inverted ? 'inverse' : 'direct'}`;
}

/** A stretch of prices with one step: from `startE4` up to and including `endE4`. */
export interface TickBand {
  readonly startE4: PriceE4;
  readonly endE4: PriceE4;
  readonly stepE4: PriceE4;
}

/**
 * The prices that a venue accepts for an instrument, as its bands. Bands are ascending, contiguous
 * and cover 0..1 on Kalshi; Polymarket has one band. A price on a boundary between two bands is
 * valid when either accepts it (Kalshi, August 2026: a whole cent is valid everywhere).
 */
export interface TickGrid {
  readonly bands: readonly TickBand[];
}

/** A grid of one step everywhere. Throws unless the step divides a dollar. */
export function uniformGrid(step: number): TickGrid {
  const stepE4 = priceE4(step);
  invariant(stepE4 > 0 && PRICE_ONE % stepE4 === 0, () => `a tick must divide 10000, found ${step}`);
  return { bands: [{ startE4: priceE4(0), endE4: PRICE_ONE, stepE4 }] };
}

/** The finest step of the grid that still places every price of every band: the slot width of a book. */
export function slotWidth(grid: TickGrid): PriceE4 {
  let width = 0;
  for (const band of grid.bands) {
    width = gcd(width, band.stepE4);
    width = gcd(width, band.startE4);
  }
  invariant(
    width > 0 && PRICE_ONE % width === 0,
    () => `a tick grid must divide a dollar, found ${JSON.stringify(grid)}`,
  );
  return width as PriceE4;
}

/** Whether the venue would accept an order at this price: on a band's grid, strictly between 0 and 1. */
export function isOnGrid(grid: TickGrid, price: PriceE4): boolean {
  if (price <= 0 || price >= PRICE_ONE) return false;
  return grid.bands.some(
    (band) => price >= band.startE4 && price <= band.endE4 && (price - band.startE4) % band.stepE4 === 0,
  );
}

export function gcd(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
