/** Builds market data and books with defaults, so that what a test sets is what it is about. */
import { priceFromText, sizeFromText } from '../../src/domain/decimal.ts';
import { type BookId, bookId } from '../../src/domain/instrument.ts';
import type {
  BookDelta,
  BookLevels,
  BookSide,
  BookSnapshot,
  Level,
  VenueTime,
} from '../../src/domain/ports/market-data.ts';

export const KALSHI_BOOK = bookId('kalshi', 'FED-26DEC');
export const POLYMARKET_BOOK = bookId('polymarket', '1234');

/** Levels from `price: size` text, e.g. `{ '0.45': '10', '0.44': '2.5' }`. */
export function levels(of: Readonly<Record<string, string>>): Level[] {
  return Object.entries(of).map(([price, size]) => ({ priceE4: priceFromText(price), sizeE6: sizeFromText(size) }));
}

export function at(stamp: string | undefined): VenueTime {
  return { stamp, venueAtMs: undefined };
}

export function snapshot(
  of: {
    readonly book?: BookId;
    readonly bids?: Readonly<Record<string, string>>;
    readonly asks?: Readonly<Record<string, string>>;
    readonly stamp?: string;
    readonly feed?: string;
    readonly grid?: BookSnapshot['grid'];
  } = {},
): BookSnapshot {
  return {
    kind: 'book.snapshot',
    book: of.book ?? KALSHI_BOOK,
    bids: levels(of.bids ?? { '0.45': '10' }),
    asks: levels(of.asks ?? { '0.47': '20' }),
    grid: of.grid,
    feed: of.feed,
    ...at(of.stamp),
  };
}

export function delta(
  of: {
    readonly book?: BookId;
    readonly side?: BookSide;
    readonly price?: string;
    readonly by?: number;
    readonly stamp?: string;
  } = {},
): BookDelta {
  return {
    kind: 'book.delta',
    book: of.book ?? KALSHI_BOOK,
    side: of.side ?? 'bid',
    priceE4: priceFromText(of.price ?? '0.45'),
    deltaE6: Math.round((of.by ?? 1) * 1_000_000),
    ...at(of.stamp),
  };
}

export function levelChange(
  changes: readonly { readonly book: BookId; readonly side: BookSide; readonly price: string; readonly size: string }[],
  stamp?: string,
): BookLevels {
  return {
    kind: 'book.levels',
    changes: changes.map(({ book, side, price, size }) => ({
      book,
      side,
      priceE4: priceFromText(price),
      sizeE6: sizeFromText(size),
    })),
    ...at(stamp),
  };
}
