/** What a recorded Kalshi stream says about one book, read here only as far as a twin of it needs. */
import type { BookSide, FlowBook, FlowLevel } from './flow-venue.ts';

export interface RecordedFrame {
  /** When it was received, from any zero. */
  readonly atMs: number;
  readonly frame: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export class RecordedBook {
  readonly #sizes = { bid: new Map<number, number>(), ask: new Map<number, number>() };

  /** Whether the frame was about a book. */
  apply(frame: unknown): boolean {
    const msg = messageOf(frame);
    const type = typeOf(frame);
    if (msg === undefined || type === undefined) return false;
    if (type === 'orderbook_snapshot') {
      this.#fill('bid', msg.yes_dollars_fp);
      this.#fill('ask', msg.no_dollars_fp);
      return true;
    }
    const side = msg.side === 'yes' ? 'bid' : 'ask';
    const price = priceOf(side, msg.price_dollars);
    const size = (this.#sizes[side].get(price) ?? 0) + sizeOf(msg.delta_fp);
    if (size > 0) this.#sizes[side].set(price, size);
    else this.#sizes[side].delete(price);
    return true;
  }

  /** At most so many levels a side. */
  book(levels: number): FlowBook {
    const side = (name: BookSide): FlowLevel[] =>
      [...this.#sizes[name]]
        .map(([priceE4, sizeE6]) => ({ priceE4, sizeE6 }))
        .sort((a, b) => (name === 'bid' ? b.priceE4 - a.priceE4 : a.priceE4 - b.priceE4))
        .slice(0, levels);
    return { bids: side('bid'), asks: side('ask') };
  }

  #fill(side: BookSide, rows: unknown): void {
    this.#sizes[side].clear();
    for (const row of Array.isArray(rows) ? rows : []) {
      const [price, size] = Array.isArray(row) ? row : [];
      this.#sizes[side].set(priceOf(side, price), sizeOf(size));
    }
  }
}

/** The market of an order book frame, or `undefined` for any other frame. */
export function recordedMarket(frame: unknown): string | undefined {
  const ticker = typeOf(frame) === undefined ? undefined : messageOf(frame)?.market_ticker;
  return typeof ticker === 'string' ? ticker : undefined;
}

function typeOf(frame: unknown): 'orderbook_snapshot' | 'orderbook_delta' | undefined {
  const type = isFields(frame) ? frame.type : undefined;
  return type === 'orderbook_snapshot' || type === 'orderbook_delta' ? type : undefined;
}

function messageOf(frame: unknown): Fields | undefined {
  const msg = isFields(frame) ? frame.msg : undefined;
  return isFields(msg) ? msg : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bids for NO are offers of YES. */
function priceOf(side: BookSide, text: unknown): number {
  const price = Math.round(Number(text) * 10_000);
  if (!(price >= 0 && price <= 10_000)) throw new Error(`a recorded price must lie within 0..1, found ${String(text)}`);
  return side === 'bid' ? price : 10_000 - price;
}

function sizeOf(text: unknown): number {
  const hundredths = Math.round(Number(text) * 100);
  if (!Number.isSafeInteger(hundredths)) throw new Error(`a recorded size must be a number, found ${String(text)}`);
  return hundredths * 10_000;
}
