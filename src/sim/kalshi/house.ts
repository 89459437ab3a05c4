/** Liquidity that belongs to nobody who trades here: scripted counterparties and replayed books. */
import { type PriceE4, priceE4, type SizeE6 } from '../../domain/units.ts';
import type { Side, Submission, TimeInForce } from '../matching/engine.ts';
import { sizeOf } from '../matching/ladder.ts';
import { HOUSE } from './clearing.ts';
import type { Core } from './core.ts';
import { isObject } from './json.ts';
import { readPrice } from './numbers.ts';

export interface HouseOrder {
  readonly ticker: string;
  readonly side: Side;
  /** On the YES scale, like everything here. */
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
  /** Rests when not said otherwise. */
  readonly timeInForce?: TimeInForce;
}

export interface HouseLevel {
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
}

export interface HouseBook {
  readonly bids: readonly HouseLevel[];
  readonly asks: readonly HouseLevel[];
}

export class House {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  place(order: HouseOrder): Submission<string, string> {
    const outcome = this.#core.catalog.book(order.ticker).submit({
      ...order,
      id: this.#core.newId(),
      owner: HOUSE,
      timeInForce: order.timeInForce ?? 'goodTillCanceled',
      // A recorded book crosses for moments within one instant; the house never trades with itself.
      selfTrade: 'skip',
    });
    this.#core.clearing.digest(order.ticker, outcome);
    return outcome;
  }

  /** What the house has at one price becomes this much. Orders of accounts that cross are matched first. */
  setLevel(ticker: string, side: Side, level: HouseLevel): void {
    const has = this.#ownAt(ticker, side, level.priceE4);
    if (level.sizeE6 > has) this.place({ ticker, side, priceE4: level.priceE4, sizeE6: sizeOf(level.sizeE6 - has) });
    else this.#take(ticker, side, { priceE4: level.priceE4, sizeE6: sizeOf(has - level.sizeE6) });
  }

  /** The house has exactly these levels and no others. Unchanged levels keep their place in the queue. */
  setBook(ticker: string, book: HouseBook): void {
    for (const side of ['bid', 'ask'] as const) {
      const wanted = new Map((side === 'bid' ? book.bids : book.asks).map((level) => [level.priceE4, level.sizeE6]));
      for (const price of this.#ownPrices(ticker, side))
        if (!wanted.has(price)) this.setLevel(ticker, side, { priceE4: price, sizeE6: sizeOf(0) });
    }
    for (const level of book.bids) this.setLevel(ticker, 'bid', level);
    for (const level of book.asks) this.setLevel(ticker, 'ask', level);
  }

  /** Adds (below zero: takes away) at one price. What accounts have taken already cannot be taken away again. */
  change(ticker: string, side: Side, change: { readonly priceE4: PriceE4; readonly deltaE6: number }): void {
    const { priceE4: price, deltaE6 } = change;
    if (deltaE6 > 0) this.place({ ticker, side, priceE4: price, sizeE6: sizeOf(deltaE6) });
    else this.#take(ticker, side, { priceE4: price, sizeE6: sizeOf(-deltaE6) });
  }

  /**
   * A frame of the venue's own order book channel, as recorded. Frames of other types are ignored; a market
   * that is not listed is a mistake of the script and throws.
   */
  applyRecordedFrame(frame: unknown, options: { readonly ticker?: string; readonly useYesPrice?: boolean } = {}): void {
    const msg = isObject(frame) && isObject(frame.msg) ? frame.msg : undefined;
    if (msg === undefined || !isObject(frame)) return;
    const ticker = options.ticker ?? String(msg.market_ticker);
    const price = (side: Side, text: unknown): PriceE4 => {
      const read = readPrice(String(text));
      if (read === undefined) throw new Error(`no price in a recorded frame: ${String(text)}`);
      return side === 'bid' || options.useYesPrice === true ? read : priceE4(10_000 - read);
    };
    const levels = (side: Side, rows: unknown): HouseLevel[] =>
      (Array.isArray(rows) ? rows : []).map((row: unknown) => {
        const [text, count] = Array.isArray(row) ? row : [];
        return { priceE4: price(side, text), sizeE6: sizeOf(signedCountE6(count)) };
      });
    if (frame.type === 'orderbook_snapshot')
      this.setBook(ticker, { bids: levels('bid', msg.yes_dollars_fp), asks: levels('ask', msg.no_dollars_fp) });
    if (frame.type === 'orderbook_delta') {
      const side = msg.side === 'yes' ? 'bid' : 'ask';
      const deltaE6 = signedCountE6(msg.delta_fp);
      this.change(ticker, side, { priceE4: price(side, msg.price_dollars), deltaE6 });
    }
  }

  #ownAt(ticker: string, side: Side, price: PriceE4): number {
    return this.#own(ticker, side, price).reduce((sum, { remainingE6 }) => sum + remainingE6, 0);
  }

  #ownPrices(ticker: string, side: Side): readonly PriceE4[] {
    const levels = this.#core.catalog.book(ticker).levels(side);
    return levels.map(({ priceE4: price }) => price).filter((price) => this.#ownAt(ticker, side, price) > 0);
  }

  #own(ticker: string, side: Side, price: PriceE4) {
    return this.#core.catalog
      .book(ticker)
      .queue(side, price)
      .filter(({ owner }) => owner === HOUSE);
  }

  /** The house's newest orders go first, as far as they reach. */
  #take(ticker: string, side: Side, level: HouseLevel): void {
    let left: number = level.sizeE6;
    for (const { id, remainingE6 } of this.#own(ticker, side, level.priceE4).toReversed()) {
      if (left === 0) return;
      const part = Math.min(left, remainingE6);
      this.#core.clearing.digest(ticker, this.#core.catalog.book(ticker).cancel(id, 'house', sizeOf(part)));
      left -= part;
    }
  }
}

/** `-12.50` as millionths. */
function signedCountE6(text: unknown): number {
  const parts = /^(-?)(\d{1,10})(?:\.(\d{1,2}))?$/.exec(String(text));
  if (parts === null) throw new Error(`no count in a recorded frame: ${String(text)}`);
  const hundredths = Number(`${parts[2]}${(parts[3] ?? '').padEnd(2, '0')}`);
  return (parts[1] === '-' ? -hundredths : hundredths) * 10_000;
}
