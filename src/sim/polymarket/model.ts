/** What the simulated venue knows: markets, orders and trades, in the venue's own words. */
import type { FeeSchedule } from './fees.ts';

export type TradeSide = 'BUY' | 'SELL';
export type OrderType = 'GTC' | 'GTD' | 'FOK' | 'FAK';

export interface Token {
  readonly tokenId: string;
  readonly outcome: string;
}

/** The two tokens of one condition; the first is the scale of its book. */
export type TokenPair = readonly [Token, Token];

/** What a test or a scenario says about a market. Everything else has a default. */
export interface MarketSpec {
  readonly conditionId: string;
  readonly tokens: TokenPair;
  readonly question?: string;
  readonly slug?: string;
  readonly description?: string;
  readonly tickE4?: number;
  readonly minSizeE6?: number;
  readonly negRisk?: boolean;
  readonly negRiskMarketId?: string;
  /** `v2` markets trade on ExchangeV3 and show position ids. */
  readonly version?: 'v1' | 'v2';
  readonly fee?: FeeSchedule;
  /** Marketable orders wait so long before they match; 0 matches at once. */
  readonly takerDelayMs?: number;
  readonly acceptingOrders?: boolean;
  readonly startIso?: string;
  readonly endIso?: string;
  readonly gameStartIso?: string;
  readonly tags?: readonly string[];
  readonly eventId?: string;
  readonly groupItemTitle?: string;
  readonly resolutionSource?: string;
}

export type Resolution = 'unresolved' | 'proposed' | 'disputed' | 'resolved';

export interface Market {
  readonly id: string;
  readonly conditionId: string;
  readonly questionId: string;
  readonly tokens: TokenPair;
  readonly question: string;
  readonly slug: string;
  readonly description: string;
  readonly minSizeE6: number;
  readonly negRisk: boolean;
  readonly negRiskMarketId: string;
  readonly version: 'v1' | 'v2';
  readonly startIso: string;
  readonly endIso: string;
  readonly gameStartIso: string | undefined;
  readonly tags: readonly string[];
  readonly eventId: string | undefined;
  readonly groupItemTitle: string;
  readonly resolutionSource: string;
  tickE4: number;
  fee: FeeSchedule;
  takerDelayMs: number;
  acceptingOrders: boolean;
  active: boolean;
  closed: boolean;
  closedAtMs: number | undefined;
  resolution: Resolution;
  /** What a book is stamped with, however late it is read. */
  bookChangedAtMs: number;
  /** Micro-dollars per share of each token; undefined until resolved. */
  payouts: readonly [number, number] | undefined;
  /** Of the first token, ten-thousandths; undefined before the first trade. */
  lastTradeE4: number | undefined;
  lastTradeAtMs: number | undefined;
}

export interface EventSpec {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly description?: string;
  readonly negRisk?: boolean;
  readonly negRiskMarketId?: string;
  readonly tags?: readonly string[];
  readonly startIso?: string;
  readonly endIso?: string;
}

export type OrderStatus =
  | 'DELAYED'
  | 'LIVE'
  | 'MATCHED'
  | 'CANCELED'
  | 'CANCELED_MARKET_RESOLVED'
  | 'INVALID'
  | 'UNMATCHED';

export interface Order {
  readonly id: string;
  /** The API key. */
  readonly owner: string;
  /** Whose money: the maker field of the signed order. */
  readonly wallet: string;
  readonly conditionId: string;
  readonly tokenId: string;
  readonly side: TradeSide;
  readonly type: OrderType;
  readonly postOnly: boolean;
  /** Per share of its own token. */
  readonly priceE4: number;
  readonly sizeE6: number;
  /** Set for a BUY that is counted in dollars: what it may spend. */
  readonly budgetMicro: number | undefined;
  /** Unix seconds; 0 is never. */
  readonly expiration: number;
  readonly createdAtMs: number;
  matchedE6: number;
  status: OrderStatus;
  readonly tradeIds: string[];
}

export type TradeStatus = 'MATCHED' | 'MINED' | 'CONFIRMED' | 'RETRYING' | 'FAILED';

export interface MakerFill {
  readonly orderId: string;
  readonly owner: string;
  readonly wallet: string;
  readonly tokenId: string;
  readonly outcome: string;
  readonly side: TradeSide;
  readonly priceE4: number;
  readonly sizeE6: number;
}

/** What one wallet gains and loses when the trade is on the chain. */
export interface Movement {
  readonly wallet: string;
  readonly cashMicro: number;
  readonly tokenId: string;
  readonly sharesE6: number;
}

export interface Trade {
  readonly id: string;
  readonly takerOrderId: string;
  readonly takerOwner: string;
  readonly takerWallet: string;
  readonly conditionId: string;
  readonly tokenId: string;
  readonly outcome: string;
  readonly side: TradeSide;
  readonly sizeE6: number;
  /** Text, because several levels in one trade have an average. */
  readonly price: string;
  readonly cashMicro: number;
  readonly feeMicro: number;
  readonly matchedAtMs: number;
  readonly makers: readonly MakerFill[];
  readonly movements: readonly Movement[];
  status: TradeStatus;
  updatedAtMs: number;
  transactionHash: string;
  /** Whether the movements are on the ledger. */
  isBooked: boolean;
}
