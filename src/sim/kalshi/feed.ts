/** What the venue tells its streams. The sockets implement it. */
import type { JsonObject } from './json.ts';
import type { FillRecord, Market, OrderRecord, TradeRecord } from './model.ts';
import type { Position } from './purse.ts';

export interface BookChange {
  readonly ticker: string;
  readonly side: 'bid' | 'ask';
  /** On the YES scale. */
  readonly priceE4: number;
  readonly deltaE6: number;
  readonly atMicros: number;
  /** Whose change it was; only they are told. */
  readonly owner:
    | { readonly accountId: string; readonly clientOrderId: string; readonly subaccount: number }
    | undefined;
}

export interface PositionChange {
  readonly accountId: string;
  readonly shard: number;
  readonly subaccount: number;
  readonly ticker: string;
  readonly position: Position;
}

export interface Feed {
  book(change: BookChange): void;
  /** The whole book again, unasked: after a close the venue sends one without sides. */
  bookReset(ticker: string): void;
  trade(trade: TradeRecord): void;
  quote(ticker: string): void;
  fill(fill: FillRecord): void;
  order(order: OrderRecord): void;
  position(change: PositionChange): void;
  group(accountId: string, message: JsonObject): void;
  lifecycle(market: Market, message: JsonObject): void;
  event(kind: 'event_lifecycle' | 'event_fee_update', message: JsonObject): void;
  /** Nothing passes on any socket for so long, either way; what the venue says meanwhile follows in order. */
  stall(forMs: number): void;
}

export const SILENT_FEED: Feed = {
  book: () => undefined,
  bookReset: () => undefined,
  trade: () => undefined,
  quote: () => undefined,
  fill: () => undefined,
  order: () => undefined,
  position: () => undefined,
  group: () => undefined,
  lifecycle: () => undefined,
  event: () => undefined,
  stall: () => undefined,
};
