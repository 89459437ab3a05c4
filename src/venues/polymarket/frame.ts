/** Polymarket market-channel frames in our units, as `parse.ts` reads them. */
import type { TickGrid } from '../../domain/instrument.ts';
import type { BookSide, Level, VenueTime } from '../../domain/ports/market-data.ts';
import type { PriceE4, SizeE6 } from '../../domain/units.ts';

/** Which book a frame is about: a token, and the condition (market) that the token belongs to. */
interface TokenFrame extends VenueTime {
  readonly tokenId: string;
  readonly conditionId: string;
}

export interface BookFrame extends TokenFrame {
  readonly kind: 'book';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly grid: TickGrid | undefined;
}

export interface TokenLevelChange {
  readonly tokenId: string;
  readonly side: BookSide;
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
}

export interface PriceChangeFrame extends VenueTime {
  readonly kind: 'priceChange';
  readonly conditionId: string;
  readonly changes: readonly TokenLevelChange[];
}

export interface TickSizeChangeFrame extends TokenFrame {
  readonly kind: 'tickSizeChange';
  readonly grid: TickGrid;
}

export interface LastTradeFrame extends TokenFrame {
  readonly kind: 'lastTrade';
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
}

export interface BestBidAskFrame extends TokenFrame {
  readonly kind: 'bestBidAsk';
  readonly bestBidE4: PriceE4 | undefined;
  readonly bestAskE4: PriceE4 | undefined;
}

export interface ListingFrame {
  readonly kind: 'listing';
  readonly conditionId: string;
  /** The event type, in the venue's words. */
  readonly change: 'new_market' | 'market_resolved';
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** Plain text, cut short. */
export interface NoticeFrame {
  readonly kind: 'notice';
  readonly text: string;
}

export interface UnknownKindFrame {
  readonly kind: 'unknownKind';
  readonly eventType: string;
}

/** What could still be read of the books that the frame was about. */
export interface MalformedFrame {
  readonly kind: 'malformed';
  readonly message: string;
  readonly eventType: string | undefined;
  readonly tokenIds: readonly string[];
  /** Whether `tokenIds` names every token of the frame. */
  readonly namesAllTokens: boolean;
  readonly conditionId: string | undefined;
}

export type PolymarketFrame =
  | BookFrame
  | PriceChangeFrame
  | TickSizeChangeFrame
  | LastTradeFrame
  | BestBidAskFrame
  | ListingFrame
  | NoticeFrame
  | UnknownKindFrame
  | MalformedFrame;
