/** Kalshi WebSocket frames in our units, as `parse.ts` reads them. */
import type { TickGrid } from '../../domain/instrument.ts';
import type { BookSide, Level, VenueTime } from '../../domain/ports/market-data.ts';
import type { PriceE4, SizeE6 } from '../../domain/units.ts';
import type { FillMsg, MarketPositionMsg, OrderGroupUpdateMsg, UserOrderMsg } from './wire.ts';

/** Where a frame belongs. `seq` counts per `sid`; unsequenced channels carry none. */
export interface KalshiEnvelope {
  readonly sid: number | undefined;
  readonly seq: number | undefined;
  /** The command that this frame answers. */
  readonly id: number | undefined;
  readonly sendingAtMs: number | undefined;
}

interface Sequenced extends KalshiEnvelope {
  readonly sid: number;
  readonly seq: number;
}

export interface SnapshotFrame extends Sequenced, VenueTime {
  readonly kind: 'snapshot';
  readonly ticker: string;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface DeltaFrame extends Sequenced, VenueTime {
  readonly kind: 'delta';
  readonly ticker: string;
  readonly side: BookSide;
  readonly priceE4: PriceE4;
  readonly deltaE6: number;
}

export interface TradeFrame extends Sequenced, VenueTime {
  readonly kind: 'trade';
  readonly ticker: string;
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
  readonly tradeId: string;
}

export interface TickerFrame extends KalshiEnvelope, VenueTime {
  readonly kind: 'ticker';
  readonly ticker: string;
  readonly bestBidE4: PriceE4 | undefined;
  readonly bestAskE4: PriceE4 | undefined;
}

export interface LifecycleFrame extends Sequenced {
  readonly kind: 'lifecycle';
  /** The message type, in the venue's words. */
  readonly type: string;
  /** A market ticker or an event ticker. */
  readonly venueKey: string;
  /** The venue's `event_type`; the message type itself where there is none. */
  readonly change: string;
  readonly isKnownChange: boolean;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
  /** Only of `price_level_structure_updated`; without a grid the venue named a structure we do not know. */
  readonly regrid: { readonly grid: TickGrid | undefined } | undefined;
}

export interface SubscribedFrame extends KalshiEnvelope {
  readonly kind: 'subscribed';
  readonly channel: string;
  readonly newSid: number;
}

export interface UnsubscribedFrame extends KalshiEnvelope {
  readonly kind: 'unsubscribed';
  readonly sid: number;
}

export interface OkFrame extends KalshiEnvelope {
  readonly kind: 'ok';
  /** Every ticker of the subscription after the update, when the venue says. */
  readonly tickers: readonly string[] | undefined;
  /** The answer to `list_subscriptions`, which has no sid of its own. */
  readonly subscriptions: readonly { readonly channel: string; readonly sid: number }[] | undefined;
}

export interface ErrorFrame extends KalshiEnvelope {
  readonly kind: 'error';
  readonly code: number;
  readonly message: string;
  readonly ticker: string | undefined;
  /** The subscription is dead. */
  readonly isTerminal: boolean;
}

/** A message about us, validated and kept in the venue's words: its money is read where it is booked. */
export type PrivateFrame = KalshiEnvelope & { readonly kind: 'private' } & (
    | { readonly type: 'fill'; readonly message: FillMsg }
    | { readonly type: 'user_order'; readonly message: UserOrderMsg }
    | { readonly type: 'market_position'; readonly message: MarketPositionMsg }
    | { readonly type: 'order_group_updates'; readonly message: OrderGroupUpdateMsg }
  );

/** A type that we know by name and have no use for. */
export interface OtherFrame extends KalshiEnvelope {
  readonly kind: 'other';
  readonly type: string;
}

export interface UnknownKindFrame extends KalshiEnvelope {
  readonly kind: 'unknownKind';
  readonly type: string;
}

/** `sid`, `seq`, `type` and `ticker` are what could still be read. */
export interface MalformedFrame extends KalshiEnvelope {
  readonly kind: 'malformed';
  readonly type: string | undefined;
  readonly ticker: string | undefined;
  readonly message: string;
}

export type KalshiFrame =
  | SnapshotFrame
  | DeltaFrame
  | TradeFrame
  | TickerFrame
  | LifecycleFrame
  | SubscribedFrame
  | UnsubscribedFrame
  | OkFrame
  | ErrorFrame
  | PrivateFrame
  | OtherFrame
  | UnknownKindFrame
  | MalformedFrame;
