/**
 * What Kalshi's REST interface answers, in its own words: one schema for each reply that is used.
 *
 * Shapes are the venue's schema 3.30.0 (September 2026), checked against a demo session recorded on
 * 2026-06-11. Values become our units where they are read. A key that we need and do not get makes the
 * reply malformed; other keys are ignored, and members of an enumeration that only inform stay text,
 * because new ones appear every month. An absent key is how the venue often sends null.
 */
import { z } from 'zod';
import { wireCents, wireInstant, wireMoney, wirePrice, wireSignedSize, wireSize } from './wire-values.ts';

/** `""` on the last page (recorded 2026-06-11). */
const cursor = z.string();
const bookSide = z.enum(['bid', 'ask']);
const exchangeIndex = z.int();

/** Kept as text: a grid that cannot be read leaves the market listed, and not tradable. */
const priceRanges = z.array(z.object({ start: z.string(), end: z.string(), step: z.string() }));

export const marketRow = z.object({
  ticker: z.string().min(1),
  event_ticker: z.string().min(1),
  market_type: z.string(),
  title: z.string().optional(),
  yes_sub_title: z.string(),
  no_sub_title: z.string(),
  status: z.string().min(1),
  result: z.string(),
  close_time: wireInstant,
  expected_expiration_time: wireInstant.nullish(),
  can_close_early: z.boolean(),
  notional_value_dollars: wireMoney,
  price_ranges: priceRanges.optional(),
  strike_type: z.string().optional(),
  floor_strike: z.number().nullish(),
  cap_strike: z.number().nullish(),
  rules_primary: z.string(),
  rules_secondary: z.string(),
  settlement_value_dollars: z.string().nullish(),
  fee_waiver_expiration_time: wireInstant.nullish(),
  mve_collection_ticker: z.string().optional(),
  exchange_index: exchangeIndex.optional(),
});
export const marketsPage = z.object({ markets: z.array(marketRow), cursor });
export const marketReply = z.object({ market: marketRow });

/** Overrides are absent or null where the series decides. */
export const eventRow = z.object({
  event_ticker: z.string().min(1),
  series_ticker: z.string().min(1),
  title: z.string(),
  mutually_exclusive: z.boolean(),
  fee_type_override: z.string().nullish(),
  fee_multiplier_override: z.number().nullish(),
  exchange_index: exchangeIndex.optional(),
});
export const eventsPage = z.object({ events: z.array(eventRow), cursor });
export const eventReply = z.object({ event: eventRow });

export const seriesRow = z.object({
  ticker: z.string().min(1),
  category: z.string(),
  fee_type: z.string(),
  fee_multiplier: z.number(),
});
export const seriesReply = z.object({ series: seriesRow });
export const seriesListReply = z.object({ series: z.array(seriesRow) });

export const seriesFeeChangesReply = z.object({
  series_fee_change_arr: z.array(
    z.object({
      series_ticker: z.string().min(1),
      fee_type: z.string(),
      fee_multiplier: z.number(),
      scheduled_ts: wireInstant,
    }),
  ),
});
/** Null clears an override; an absent key is refused, because it would say nothing. */
const eventFeeChangeRow = z.object({
  event_ticker: z.string().min(1),
  fee_type_override: z.string().nullable(),
  fee_multiplier_override: z.number().nullable(),
  scheduled_ts: wireInstant,
});
export const eventFeeChangesPage = z.object({ event_fee_changes: z.array(eventFeeChangeRow), cursor });

/** Each book keeps its raw body, which the order book reader takes. */
export const orderbooksReply = z.object({
  orderbooks: z.array(z.object({ ticker: z.string().min(1), orderbook_fp: z.unknown() })),
});

/** Shards are missing from older recordings. */
export const exchangeStatusReply = z.object({
  exchange_active: z.boolean(),
  trading_active: z.boolean(),
  exchange_estimated_resume_time: z.string().nullish(),
  exchange_index_statuses: z
    .array(z.object({ exchange_index: exchangeIndex, exchange_active: z.boolean(), trading_active: z.boolean() }))
    .optional(),
});

/** `HH:MM` in New York; a day may have several sessions, and none when it is closed. */
const sessions = z.array(z.object({ open_time: z.string(), close_time: z.string() }));
export const exchangeScheduleReply = z.object({
  schedule: z.object({
    standard_hours: z.array(
      z.object({
        start_time: wireInstant,
        end_time: wireInstant,
        monday: sessions,
        tuesday: sessions,
        wednesday: sessions,
        thursday: sessions,
        friday: sessions,
        saturday: sessions,
        sunday: sessions,
      }),
    ),
    maintenance_windows: z.array(z.object({ start_datetime: wireInstant, end_datetime: wireInstant })),
  }),
});

export const userDataTimestampReply = z.object({ as_of_time: wireInstant });

const bucket = z.object({ refill_rate: z.number().positive(), bucket_capacity: z.number().positive() });
export const accountLimitsReply = z.object({ usage_tier: z.string(), read: bucket, write: bucket });
export const endpointCostsReply = z.object({
  default_cost: z.number().positive(),
  endpoint_costs: z.array(z.object({ method: z.string(), path: z.string(), cost: z.number().positive() })),
});

/** Unix seconds after which Sports, Elections and Entertainment are closed to the account (2026-08-16). */
export const apiKeysReply = z.object({ api_key_region_expiration_ts: z.int().nullish() });

/** The whole-cent `balance` is truncated and not read. */
export const balanceReply = z.object({
  balance_dollars: wireMoney,
  balance_breakdown: z.array(z.object({ exchange_index: exchangeIndex, balance: wireMoney })).optional(),
});

export const positionRow = z.object({ ticker: z.string().min(1), position_fp: wireSignedSize });
export const positionsPage = z.object({ market_positions: z.array(positionRow), cursor: cursor.optional() });

/** `trade_id` names a fill everywhere; `fill_id` is the same value. Direction is `book_side` and nothing else. */
export const fillRow = z.object({
  trade_id: z.string().min(1),
  order_id: z.string().min(1),
  ticker: z.string().min(1),
  book_side: bookSide,
  yes_price_dollars: wirePrice,
  count_fp: wireSize,
  fee_cost: wireMoney,
  is_taker: z.boolean(),
  created_time: wireInstant.optional(),
});
export const fillsPage = z.object({ fills: z.array(fillRow), cursor });

/** `yes_price_dollars` is the limit of the order, also after it was filled. */
export const orderRow = z.object({
  order_id: z.string().min(1),
  client_order_id: z.string(),
  ticker: z.string().min(1),
  book_side: bookSide,
  status: z.string().min(1),
  yes_price_dollars: wirePrice,
  fill_count_fp: wireSize,
  remaining_count_fp: wireSize,
  initial_count_fp: wireSize,
  created_time: wireInstant.nullish(),
});
export const orderReply = z.object({ order: orderRow });
export const ordersPage = z.object({ orders: z.array(orderRow), cursor });

/** `revenue` and `value` still count cents. `value` is the payout of one YES contract. */
export const settlementRow = z.object({
  ticker: z.string().min(1),
  market_result: z.string(),
  revenue: wireCents,
  value: z.int().nullish(),
  settled_time: wireInstant,
});
export const settlementsPage = z.object({ settlements: z.array(settlementRow), cursor });

export const queuePositionReply = z.object({ queue_position_fp: wireSize });
export const queuePositionsReply = z.object({
  queue_positions: z.array(z.object({ order_id: z.string().min(1), queue_position_fp: wireSize })),
});

export const orderGroupReply = z.object({
  is_auto_cancel_enabled: z.boolean(),
  contracts_limit_fp: wireSize.optional(),
  orders: z.array(z.string()),
});
export const orderGroupsReply = z.object({
  order_groups: z.array(z.object({ id: z.string().min(1), is_auto_cancel_enabled: z.boolean() })).optional(),
});
export const orderGroupCreated = z.object({ order_group_id: z.string().min(1) });

/** Flat, without a wrapper. The average is there only after a fill, and always on the YES scale. */
export const orderCreated = z.object({
  order_id: z.string().min(1),
  client_order_id: z.string().nullish(),
  fill_count: wireSize,
  remaining_count: wireSize,
  average_fill_price: z.string().nullish(),
});
export const orderCanceled = z.object({ order_id: z.string().min(1), reduced_by: wireSize });
/** Of an amend and of a decrease. */
export const orderChanged = z.object({
  order_id: z.string().min(1),
  remaining_count: wireSize.optional(),
  fill_count: wireSize.optional(),
});
/** Rows are read one by one: a row that cannot be read makes its own order unknown and no other. */
export const batchReply = z.object({ orders: z.array(z.unknown()) });
export const batchRowIds = z.object({
  order_id: z.string().optional(),
  client_order_id: z.string().nullish(),
  error: z.unknown().optional(),
});

export type MarketRow = z.infer<typeof marketRow>;
export type EventRow = z.infer<typeof eventRow>;
export type SeriesRow = z.infer<typeof seriesRow>;
export type FillRow = z.infer<typeof fillRow>;
export type OrderRow = z.infer<typeof orderRow>;
export type PositionRow = z.infer<typeof positionRow>;
export type SettlementRow = z.infer<typeof settlementRow>;
export type OrderCreated = z.infer<typeof orderCreated>;
