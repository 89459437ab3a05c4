/**
 * One book per condition, seen from both tokens.
 *
 * All orders of a condition meet on the scale of its first token: a BUY of the second at q is a sale of the first
 * at 1 - q (together they pay for a new pair: a mint), a SELL of the second at q is a purchase of the first (a
 * merge). So each level shows twice, once per token, and is there only once.
 */
import { complement, type PriceE4, priceE4, type SizeE6 } from '../../domain/units.ts';
import {
  type BookHooks,
  type CancelReason,
  type Level,
  MatchingBook,
  type Outcome,
  type SelfTrade,
  type Side,
  type Submission,
  type TimeInForce,
} from '../matching/engine.ts';
import type { Market, Order, TradeSide } from './model.ts';
import { cashOf, sharesFor } from './numbers.ts';

export interface Quotes {
  /** Best first, both. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export type BookHooksOf = BookHooks<string, string>;

const TIME_IN_FORCE: Readonly<Record<Order['type'], TimeInForce>> = {
  GTC: 'goodTillCanceled',
  GTD: 'goodTillCanceled',
  FOK: 'fillOrKill',
  FAK: 'immediateOrCancel',
};

export class MirrorBooks {
  readonly #books = new Map<string, MatchingBook<string, string>>();
  readonly #hooks: BookHooksOf;
  readonly #selfTrade: SelfTrade;

  constructor(given: { readonly hooks: BookHooksOf; readonly selfTrade: SelfTrade }) {
    this.#hooks = given.hooks;
    this.#selfTrade = given.selfTrade;
  }

  /** `sizeE6` replaces the order's own where a budget or a fault decided otherwise. */
  submit(market: Market, order: Order, sizeE6: number, timeInForce?: TimeInForce): Submission<string, string> {
    return this.#book(market).submit({
      id: order.id,
      owner: order.wallet.toLowerCase(),
      side: bookSide(market, order),
      priceE4: bookPrice(market, order.tokenId, order.priceE4),
      sizeE6: sizeE6 as SizeE6,
      timeInForce: timeInForce ?? TIME_IN_FORCE[order.type],
      selfTrade: this.#selfTrade,
    });
  }

  cancel(market: Market, orderId: string, reason: CancelReason): Outcome<string, string> | undefined {
    const book = this.#book(market);
    return book.get(orderId) === undefined ? undefined : book.cancel(orderId, reason);
  }

  remainingE6(market: Market, orderId: string): number {
    return this.#book(market).get(orderId)?.remainingE6 ?? 0;
  }

  wouldCross(market: Market, order: Pick<Order, 'tokenId' | 'side' | 'priceE4'>): boolean {
    const priceE4 = bookPrice(market, order.tokenId, order.priceE4);
    return this.#book(market).wouldCross({ side: bookSide(market, order), priceE4 });
  }

  /** What a holder of this token sees. */
  quotes(market: Market, tokenId: string): Quotes {
    const book = this.#book(market);
    if (market.tokens[0].tokenId === tokenId) return { bids: book.levels('bid'), asks: book.levels('ask') };
    const mirrored = (levels: readonly Level[]): Level[] =>
      levels.map((level) => ({ ...level, priceE4: complement(level.priceE4) }));
    return { bids: mirrored(book.levels('ask')), asks: mirrored(book.levels('bid')) };
  }

  /** The shares that a budget buys within the price limit, and what of it stays unspent. */
  budget(
    market: Market,
    order: Order,
    budgetMicro: number,
  ): { readonly sizeE6: number; readonly unspentMicro: number } {
    let left = budgetMicro;
    let sizeE6 = 0;
    for (const level of this.quotes(market, order.tokenId).asks) {
      if (left <= 0 || level.priceE4 > order.priceE4) break;
      const taken = Math.min(level.sizeE6, sharesFor(left, level.priceE4));
      sizeE6 += taken;
      left -= cashOf(taken, level.priceE4);
    }
    return { sizeE6, unspentMicro: Math.max(0, left) };
  }

  #book(market: Market): MatchingBook<string, string> {
    let book = this.#books.get(market.conditionId);
    if (book === undefined) {
      book = new MatchingBook<string, string>(this.#hooks);
      this.#books.set(market.conditionId, book);
    }
    return book;
  }
}

function bookSide(market: Market, order: { readonly tokenId: string; readonly side: TradeSide }): Side {
  const isFirst = market.tokens[0].tokenId === order.tokenId;
  return (order.side === 'BUY') === isFirst ? 'bid' : 'ask';
}

/** Between a token's own price and the book's. Its own inverse. */
export function bookPrice(market: Market, tokenId: string, price: number): PriceE4 {
  return market.tokens[0].tokenId === tokenId ? priceE4(price) : complement(priceE4(price));
}
