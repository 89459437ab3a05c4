/**
 * What Kalshi's WebSocket v2 says, in its own words: one schema for the `msg` of each message type.
 *
 * Shapes are the venue's AsyncAPI 2.0.0 (October 2026), checked against frames recorded from May to
 * August 2026. A schema lists what we need and what we keep; other keys are ignored, because the venue
 * adds some every month. Decimals arrive as text and stay text here: `parse.ts` reads them exactly. Schemas of
 * busy types are compiled, which accepts and refuses the same for half the time.
 */
import { z } from 'zod';

/** One price level: `[price in dollars, contracts]`. */
const levelPairs = z.array(z.tuple([z.string(), z.string()]));
const side = z.enum(['yes', 'no']);
const bookSide = z.enum(['bid', 'ask']);

/** An empty side is an absent key, and a closed market has neither (recorded 2026-05). */
export const orderbookSnapshotMsg = z.compile(
  z.object({
    market_ticker: z.string(),
    yes_dollars_fp: levelPairs.optional(),
    no_dollars_fp: levelPairs.optional(),
    ts: z.string().optional(),
    ts_ms: z.number().optional(),
  }),
);

/**
 * The hot message, which is read from its text as long as it is spelled as usual (`delta-text.ts`). Checks beyond
 * the type cost 0.1 µs a field in a schema, so `parse.ts` makes them.
 */
export const orderbookDeltaMsg = z.compile(
  z.object({
    market_ticker: z.string(),
    price_dollars: z.string(),
    delta_fp: z.string(),
    side,
    ts: z.string().optional(),
    ts_ms: z.number(),
  }),
);

export const tradeMsg = z.compile(
  z.object({
    trade_id: z.string(),
    market_ticker: z.string(),
    yes_price_dollars: z.string(),
    count_fp: z.string(),
    ts_ms: z.number(),
  }),
);

export const tickerMsg = z.compile(
  z.object({
    market_ticker: z.string(),
    yes_bid_dollars: z.string(),
    yes_ask_dollars: z.string(),
    ts_ms: z.number(),
  }),
);

const priceRanges = z.array(z.object({ start: z.string(), end: z.string(), step: z.string() }));
export type PriceRange = z.infer<typeof priceRanges>[number];

const lifecycleMetadata = z.object({
  event_ticker: z.string().optional(),
  name: z.string().optional(),
  title: z.string().optional(),
  yes_sub_title: z.string().optional(),
  no_sub_title: z.string().optional(),
  can_close_early: z.boolean().optional(),
  expected_expiration_ts: z.int().optional(),
  strike_type: z.string().optional(),
  floor_strike: z.number().optional(),
  cap_strike: z.number().optional(),
});

/** `market_lifecycle_v2` and `multivariate_market_lifecycle`. Times are unix seconds. */
export const marketLifecycleMsg = z.object({
  market_ticker: z.string().min(1),
  event_type: z.string().min(1),
  exchange_index: z.int().optional(),
  open_ts: z.int().optional(),
  close_ts: z.int().optional(),
  determination_ts: z.int().optional(),
  settled_ts: z.int().optional(),
  result: z.string().optional(),
  settlement_value: z.string().optional(),
  is_deactivated: z.boolean().optional(),
  price_level_structure: z.string().optional(),
  price_ranges: priceRanges.optional(),
  strike_type: z.string().optional(),
  floor_strike: z.number().optional(),
  cap_strike: z.number().optional(),
  yes_sub_title: z.string().optional(),
  additional_metadata: lifecycleMetadata.optional(),
});

export const eventLifecycleMsg = z.object({
  event_ticker: z.string().min(1),
  exchange_index: z.int().optional(),
  series_ticker: z.string().optional(),
  title: z.string().optional(),
  subtitle: z.string().optional(),
  collateral_return_type: z.string().optional(),
  strike_date: z.int().optional(),
  strike_period: z.string().optional(),
});

/** Both overrides are null when the override was cleared; absent is not the same and is refused. */
export const eventFeeUpdateMsg = z.object({
  event_ticker: z.string().min(1),
  fee_type_override: z.string().nullable(),
  fee_multiplier_override: z.number().nullable(),
});

export const subscribedMsg = z.object({ channel: z.string().min(1), sid: z.int().positive() });

/**
 * Answer to `update_subscription`. `market_tickers` is the full list after the update (recorded 2026-08);
 * it is left out on request (`skip_ticker_ack`) and on channels that are not filtered by ticker.
 */
export const okUpdateMsg = z.object({ market_tickers: z.array(z.string()).optional() });

/** Answer to `list_subscriptions`. */
export const okListMsg = z.array(subscribedMsg);

export const errorMsg = z.object({
  code: z.int(),
  msg: z.string(),
  market_ticker: z.string().optional(),
});

/** Direction is read from `outcome_side` and `book_side` only: the older fields may vanish any day. */
export const fillMsg = z.object({
  trade_id: z.string().min(1),
  order_id: z.string().min(1),
  client_order_id: z.string().optional(),
  market_ticker: z.string().min(1),
  exchange_index: z.int(),
  is_taker: z.boolean(),
  outcome_side: side,
  book_side: bookSide,
  yes_price_dollars: z.string(),
  count_fp: z.string(),
  fee_cost: z.string(),
  post_position_fp: z.string(),
  ts_ms: z.int().positive(),
  subaccount: z.int().optional(),
});

export const userOrderMsg = z.object({
  order_id: z.string().min(1),
  client_order_id: z.string(),
  ticker: z.string().min(1),
  exchange_index: z.int(),
  status: z.string().min(1),
  outcome_side: side,
  book_side: bookSide,
  yes_price_dollars: z.string(),
  fill_count_fp: z.string(),
  remaining_count_fp: z.string(),
  initial_count_fp: z.string(),
  taker_fill_cost_dollars: z.string(),
  maker_fill_cost_dollars: z.string(),
  taker_fees_dollars: z.string(),
  maker_fees_dollars: z.string(),
  created_ts_ms: z.int().nullable(),
  last_updated_ts_ms: z.int().optional(),
  expiration_ts_ms: z.int().optional(),
  last_update_reason: z.string().optional(),
  order_group_id: z.string().optional(),
  subaccount_number: z.int().optional(),
});

export const marketPositionMsg = z.object({
  market_ticker: z.string().min(1),
  position_fp: z.string(),
  position_cost_dollars: z.string(),
  realized_pnl_dollars: z.string(),
  fees_paid_dollars: z.string(),
  position_fee_cost_dollars: z.string(),
  volume_fp: z.string(),
  subaccount: z.int().optional(),
});

export const orderGroupUpdateMsg = z.object({
  event_type: z.string().min(1),
  order_group_id: z.string().min(1),
  contracts_limit_fp: z.string().optional(),
  ts_ms: z.int().positive(),
});

export type FillMsg = z.infer<typeof fillMsg>;
export type UserOrderMsg = z.infer<typeof userOrderMsg>;
export type MarketPositionMsg = z.infer<typeof marketPositionMsg>;
export type OrderGroupUpdateMsg = z.infer<typeof orderGroupUpdateMsg>;
export type MarketLifecycleMsg = z.infer<typeof marketLifecycleMsg>;

/** Body of `GET /markets/{ticker}/orderbook`: both lists are always there, NO prices on the NO scale. */
export const orderbookSides = z.object({ yes_dollars: levelPairs, no_dollars: levelPairs });
export const orderbookBody = z.object({ orderbook_fp: orderbookSides });

/** Message types that we know by name and have no use for: combo quotes and index values. */
export const otherTypes: ReadonlySet<string> = new Set([
  'rfq_created',
  'rfq_deleted',
  'quote_created',
  'quote_accepted',
  'quote_executed',
  'cfbenchmarks_value',
  'cfbenchmarks_value_indexlist',
  'cfbenchmarks_value_5hz',
  'cfbenchmarks_value_5hz_indexlist',
  'pyth_value',
  'pyth_value_underlying_list',
]);

/** Event types of `market_lifecycle_v2` that we know. A new one is reported, and passed on by its name. */
export const lifecycleEventTypes: ReadonlySet<string> = new Set([
  'created',
  'activated',
  'deactivated',
  'close_date_updated',
  'determined',
  'settled',
  'metadata_updated',
  'price_level_structure_updated',
]);

/** After one of these the subscription is dead and must be made again: channel error, buffer overflow. */
export const terminalErrorCodes: ReadonlySet<number> = new Set([10, 25]);

/** The one channel whose subscriptions carry books. */
export const bookChannel = 'orderbook_delta';

/** Channels whose frames carry no seq: a lost frame there cannot be seen in the stream. */
export const unsequencedChannels: ReadonlySet<string> = new Set(['ticker', 'fill', 'user_orders', 'market_positions']);

/**
 * Types that never say anything about a book, so that a malformed one of an unknown sid leaves the books
 * alone. An answer or an error that cannot be read may have ended a subscription: those are not here.
 */
export const booklessTypes: ReadonlySet<string> = new Set([
  'ticker',
  'trade',
  'fill',
  'user_order',
  'market_position',
  'order_group_updates',
  'market_lifecycle_v2',
  'multivariate_market_lifecycle',
  'event_lifecycle',
  'event_fee_update',
  'subscribed',
  ...otherTypes,
]);
