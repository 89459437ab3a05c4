/** Markets as the CLOB prints them: long, short, and as a list item. */
import { PUSD } from './exchanges.ts';
import type { MirrorBooks } from './mirror.ts';
import type { Market } from './model.ts';
import { decimalNumber } from './numbers.ts';

/** `base_fee` and its relatives are caps of ten percent in hundredths of a percent, and not the fee. */
export const FEE_CAP_BPS = 1_000;

export function clobMarketView(market: Market): Readonly<Record<string, unknown>> {
  return {
    c: market.conditionId,
    gst: market.gameStartIso ?? null,
    r: null,
    t: market.tokens.map(({ tokenId, outcome }) => ({ t: tokenId, o: outcome })),
    mos: decimalNumber(market.minSizeE6, 6),
    mts: decimalNumber(market.tickE4, 4),
    mbf: FEE_CAP_BPS,
    tbf: FEE_CAP_BPS,
    nr: market.negRisk,
    rfqe: false,
    ...(market.takerDelayMs > 0 ? { itode: true } : {}),
    ibce: false,
    fd: { r: decimalNumber(market.fee.rateE6, 6), e: market.fee.exponent, to: market.fee.takerOnly },
    oas: 0,
  };
}

export function marketView(market: Market, books: MirrorBooks): Readonly<Record<string, unknown>> {
  return {
    enable_order_book: !market.closed,
    active: market.active,
    closed: market.closed,
    archived: false,
    accepting_orders: market.acceptingOrders,
    accepting_order_timestamp: market.startIso,
    minimum_order_size: decimalNumber(market.minSizeE6, 6),
    minimum_tick_size: decimalNumber(market.tickE4, 4),
    condition_id: market.conditionId,
    question_id: market.questionId,
    question: market.question,
    description: market.description,
    market_slug: market.slug,
    end_date_iso: market.endIso,
    game_start_time: market.gameStartIso ?? null,
    seconds_delay: Math.floor(market.takerDelayMs / 1000),
    fpmm: '',
    maker_base_fee: FEE_CAP_BPS,
    taker_base_fee: FEE_CAP_BPS,
    notifications_enabled: true,
    neg_risk: market.negRisk,
    neg_risk_market_id: market.negRiskMarketId,
    neg_risk_request_id: '',
    icon: '',
    image: '',
    rewards: { rates: [{ asset_address: PUSD, rewards_daily_rate: 0 }], min_size: 0, max_spread: 0 },
    is_50_50_outcome: market.payouts !== undefined && market.payouts[0] === market.payouts[1],
    tokens: tokenViews(market, books),
    tags: market.tags,
  };
}

export function simplifiedView(market: Market, books: MirrorBooks): Readonly<Record<string, unknown>> {
  return {
    condition_id: market.conditionId,
    rewards: { rates: null, min_size: 0, max_spread: 0 },
    tokens: tokenViews(market, books),
    active: market.active,
    closed: market.closed,
    archived: false,
    accepting_orders: market.acceptingOrders,
  };
}

function tokenViews(market: Market, books: MirrorBooks): Readonly<Record<string, unknown>>[] {
  return market.tokens.map(({ tokenId, outcome }, index) => ({
    token_id: tokenId,
    outcome,
    price: decimalNumber(displayPriceE4(market, books, index === 0 ? 0 : 1), 4),
    winner: market.payouts !== undefined && (market.payouts[index] ?? 0) > 500_000,
  }));
}

/** What the site shows: the payout once decided, else the middle of the book, else the last trade, else a half. */
export function displayPriceE4(market: Market, books: MirrorBooks, index: 0 | 1): number {
  if (market.payouts !== undefined) return Math.round(market.payouts[index] / 100);
  const { bids, asks } = books.quotes(market, market.tokens[0].tokenId);
  const [bid, ask] = [bids[0]?.priceE4, asks[0]?.priceE4];
  const first = bid !== undefined && ask !== undefined ? Math.round((bid + ask) / 2) : (market.lastTradeE4 ?? 5_000);
  return index === 0 ? first : 10_000 - first;
}
