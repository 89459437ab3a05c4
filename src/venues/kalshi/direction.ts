/**
 * One book, one scale. Kalshi quotes every order on the YES scale: `bid` buys YES at a price, `ask` sells
 * YES at it. Buying NO at q is an ask at 1 − q, and selling NO at q is a bid at 1 − q. Both parties of a
 * trade see the same YES price; the older fields `side` and `action` are not read.
 */
import { bookId, type Instrument } from '../../domain/instrument.ts';
import type { BookSide } from '../../domain/ports/market-data.ts';
import { complement, type PriceE4 } from '../../domain/units.ts';

export interface Direction {
  readonly instrument: Instrument;
  readonly action: 'buy' | 'sell';
}

export function bookSideOf({ instrument, action }: Direction): BookSide {
  return (action === 'buy') === instrument.inverted ? 'ask' : 'bid';
}

/** A price of this outcome as a YES price, or the other way round. */
export function onYesScale(instrument: Instrument, price: PriceE4): PriceE4 {
  return instrument.inverted ? complement(price) : price;
}

/**
 * What an order on one side of the book does, in words: those of the request that it came from, where
 * we know it, else as the purchase that it is. An ask is a purchase of NO and a sale of YES at once; the
 * venue does not tell them apart, and settles them alike.
 */
export function directionOf(ticker: string, side: BookSide, request: Direction | undefined): Direction {
  const book = bookId('kalshi', ticker);
  if (request !== undefined && request.instrument.book === book && bookSideOf(request) === side)
    return { instrument: request.instrument, action: request.action };
  return { instrument: { book, inverted: side === 'ask' }, action: 'buy' };
}

/** The ticker of a Kalshi book, or `undefined` for another venue's. */
export function tickerOf(instrument: Instrument): string | undefined {
  const prefix = 'kalshi/';
  return instrument.book.startsWith(prefix) ? instrument.book.slice(prefix.length) : undefined;
}
