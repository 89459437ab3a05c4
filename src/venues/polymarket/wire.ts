/**
 * What Polymarket's market channel and `GET /book` say, in the venue's words: one schema per event type.
 *
 * Shapes are the official unified SDK's wire schemas (July to October 2026), checked against frames
 * recorded on 2026-09-24. Every number is text, an absent decimal is `""`, times are milliseconds as
 * text, and `market` is the condition id. A schema lists what we need; other keys are ignored.
 */
import { z } from 'zod';

const levels = z.array(z.object({ price: z.string(), size: z.string() }));

/** The whole book of one token: on subscribing, after trades, and the body of `GET /book`. */
export const bookMsg = z.object({
  asset_id: z.string(),
  market: z.string(),
  bids: levels,
  asks: levels,
  timestamp: z.string(),
  tick_size: z.string().optional(),
});

/** Since September 2025. `size` is the new total of the level, and both tokens of a market appear. */
export const priceChangeMsg = z.object({
  market: z.string(),
  price_changes: z.array(
    z.object({ asset_id: z.string(), price: z.string(), size: z.string(), side: z.enum(['BUY', 'SELL']) }),
  ),
  timestamp: z.string(),
});

export const tickSizeChangeMsg = z.object({
  asset_id: z.string(),
  market: z.string(),
  new_tick_size: z.string(),
  timestamp: z.string(),
});

/** A trade. There is no trade id: one transaction hash may cover several. */
export const lastTradePriceMsg = z.object({
  asset_id: z.string(),
  market: z.string(),
  price: z.string(),
  size: z.string(),
  timestamp: z.string(),
});

/** Only with `custom_feature_enabled`. Comes before the `price_change` that it summarises (recorded 2026-09-24). */
export const bestBidAskMsg = z.object({
  asset_id: z.string(),
  market: z.string(),
  best_bid: z.string(),
  best_ask: z.string(),
  timestamp: z.string(),
});

/** Only with `custom_feature_enabled`, and about any market of the venue. */
export const newMarketMsg = z.object({
  market: z.string().min(1),
  assets_ids: z.array(z.string()),
  id: z.string().optional(),
  question: z.string().optional(),
  slug: z.string().optional(),
  active: z.boolean().optional(),
  order_price_min_tick_size: z.string().optional(),
  timestamp: z.string().optional(),
});

/** Without a winner for a market that resolved in shares. */
export const marketResolvedMsg = z.object({
  market: z.string().min(1),
  assets_ids: z.array(z.string()),
  id: z.string().optional(),
  winning_asset_id: z.string().optional(),
  winning_outcome: z.string().optional(),
  timestamp: z.string().optional(),
});

/** Event types that never change a book, so that a malformed one leaves the books alone. */
export const booklessEventTypes: ReadonlySet<string> = new Set([
  'last_trade_price',
  'best_bid_ask',
  'new_market',
  'market_resolved',
]);

/** Plain text that means nothing is wrong: the answer to our `PING`, and an answer to a subscription. */
export const harmlessNotices: ReadonlySet<string> = new Set(['PONG', 'NO NEW ASSETS']);
