/** Kalshi's two bid lists as one book on the YES scale. */
import { parsePrice, parseSize } from '../../domain/decimal.ts';
import type { Level } from '../../domain/ports/market-data.ts';
import { complement, PRICE_ONE, type PriceE4 } from '../../domain/units.ts';
import { orderbookBody, orderbookSides } from './wire.ts';

type LevelPairs = readonly (readonly [string, string])[];

export interface BookSides {
  readonly kind: 'sides';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export type BookReading = BookSides | { readonly kind: 'malformed'; readonly message: string };

/**
 * Both sides of a market on the YES scale.
 *
 * This venue publishes bids for both outcomes and no asks. A NO bid at q is a YES ask at 1 − q, so the
 * ask side is derived here, and a book with an empty side is still complete. With `noOnYesScale` the
 * venue has done that subtraction already (`use_yes_price`, recorded 2026-06-11).
 */
export function bookSidesOf(yes: LevelPairs, no: LevelPairs, noOnYesScale: boolean): BookReading {
  const bids = levelsOf(yes, 'yes', false);
  if (typeof bids === 'string') return { kind: 'malformed', message: bids };
  const asks = levelsOf(no, 'no', !noOnYesScale);
  if (typeof asks === 'string') return { kind: 'malformed', message: asks };
  return { kind: 'sides', bids, asks };
}

/** The levels of one side, or what is wrong with them. A level of size 0 is no level. */
function levelsOf(pairs: LevelPairs, side: 'yes' | 'no', mirrored: boolean): readonly Level[] | string {
  const levels: Level[] = [];
  const seen = new Set<PriceE4>();
  for (const [priceText, sizeText] of pairs) {
    const quoted = restingPrice(priceText);
    if (quoted === undefined)
      return `${side} level ${seen.size} must have a price above 0 and below 1 in steps of 0.0001, found ${shown(priceText)}`;
    const sizeE6 = parseSize(sizeText);
    if (sizeE6 === undefined)
      return `${side} level ${seen.size} must have a size of 0 or more with at most 6 decimals, found ${shown(sizeText)}`;
    if (seen.has(quoted)) return `${side} levels must have different prices, found ${shown(priceText)} twice`;
    seen.add(quoted);
    if (sizeE6 > 0) levels.push({ priceE4: mirrored ? complement(quoted) : quoted, sizeE6 });
  }
  return levels;
}

/** A price at which an order can rest: strictly between 0 and 1. */
export function restingPrice(text: string): PriceE4 | undefined {
  const price = parsePrice(text);
  return price === undefined || price === 0 || price === PRICE_ONE ? undefined : price;
}

/** Found text for a message, cut short: a message never carries a whole frame. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}…` : text);
}

/**
 * The book in the body of `GET /markets/{ticker}/orderbook`: `{ orderbook_fp: { yes_dollars, no_dollars } }`,
 * or the inner object alone, as recordings keep it. Unlike the socket, REST always sends both lists.
 */
export function parseKalshiOrderbook(body: unknown): BookReading {
  const wrapped = orderbookBody.safeParse(body);
  const sides = wrapped.success ? wrapped.data.orderbook_fp : orderbookSides.safeParse(body).data;
  if (sides === undefined)
    return {
      kind: 'malformed',
      message: 'an order book must be { orderbook_fp: { yes_dollars, no_dollars } } with lists of [price, size] texts',
    };
  return bookSidesOf(sides.yes_dollars, sides.no_dollars, false);
}
