/**
 * What the CLOB, Gamma and Data interfaces reply, in the venue's words (2026). A schema lists what we need; other
 * keys are ignored. Absent values come as `null`, as `""` or not at all.
 */
import { z } from 'zod';

const text = z.string();
const optionalText = z.string().nullish();

/** Every refusal. `code` and `retry_after_seconds` come with the modes after a restart (HTTP 503). */
export const errorReply = z.object({
  error: text,
  orderID: optionalText,
  code: optionalText,
  retry_after_seconds: z.number().nonnegative().nullish(),
});

/** `POST /order`, and one row of `POST /orders`. Amounts are decimal text; hashes no longer come since 2026-07-24. */
export const orderReply = z.object({
  success: z.boolean(),
  errorMsg: optionalText,
  orderID: optionalText,
  status: optionalText,
  takingAmount: optionalText,
  makingAmount: optionalText,
  tradeIDs: z.array(text).nullish(),
});

export const orderRows = z.array(z.unknown());

export const cancelReply = z.object({
  canceled: z.array(text).nullable(),
  not_canceled: z.record(text, text).nullable(),
});

export const versionReply = z.object({ version: z.number().int() });

/** A bare number of seconds. */
export const timeReply = z.number().int().positive();

/** `apiKey` where our own words say key. */
export const apiKeyReply = z.object({ apiKey: text.min(1), secret: text.min(1), passphrase: text.min(1) });

/** Short names: tokens, minimum tick, minimum size, neg-risk, fee (rate, exponent, taker only), taker delay. */
export const clobMarketReply = z.object({
  c: text,
  t: z.array(z.object({ t: text, o: text }).nullable()),
  mts: z.number().positive(),
  mos: z.number().nonnegative(),
  nr: z.boolean().nullish(),
  fd: z.object({ r: z.number().nonnegative(), e: z.number(), to: z.boolean() }).nullish(),
  itode: z.boolean().nullish(),
});

export const marketByTokenReply = z.object({
  condition_id: text.min(1),
  primary_token_id: text.min(1),
  secondary_token_id: text.min(1),
});

/** One order of ours. `original_size` of a FOK purchase may be in money (seen live in 2026). */
export const orderRecord = z.object({
  id: text.min(1),
  status: text,
  market: optionalText,
  asset_id: text.min(1),
  side: z.enum(['BUY', 'SELL']),
  original_size: optionalText,
  size_matched: optionalText,
  price: text,
  order_type: optionalText,
  created_at: z.union([z.string(), z.number()]).nullish(),
  /** On the user channel only: PLACEMENT, UPDATE or CANCELLATION. */
  type: optionalText,
});
export type OrderRecord = z.infer<typeof orderRecord>;

/** Our side of a match. As a maker, our part is the entry with our order, not the fields at the top. */
export const tradeRecord = z.object({
  id: text.min(1),
  taker_order_id: text,
  market: optionalText,
  asset_id: text.min(1),
  side: z.enum(['BUY', 'SELL']),
  size: text,
  price: text,
  status: text,
  match_time: z.union([z.string(), z.number()]).nullish(),
  owner: optionalText,
  maker_address: optionalText,
  trader_side: z.enum(['TAKER', 'MAKER']).nullish(),
  maker_orders: z
    .array(
      z.object({
        order_id: text.min(1),
        owner: optionalText,
        maker_address: optionalText,
        matched_amount: text,
        price: text,
        asset_id: text.min(1),
        side: z.enum(['BUY', 'SELL']).nullish(),
      }),
    )
    .nullish(),
});
export type TradeRecord = z.infer<typeof tradeRecord>;

export const ordersPage = z.object({ data: z.array(orderRecord), next_cursor: text.min(1) });
export const tradesPage = z.object({ data: z.array(tradeRecord), next_cursor: text.min(1) });

/** Millionths as whole text; one source has seen decimals. */
export const balanceReply = z.object({
  balance: text,
  allowances: z.record(text, text).nullish(),
  allowance: optionalText,
});

export const closedOnlyReply = z.object({ closed_only: z.boolean() });

export const geoblockReply = z.object({ blocked: z.boolean(), country: optionalText, region: optionalText });

/** Both the accepted beat and the mismatch carry the id to use next; a mismatch also an `error_msg`. */
export const heartbeatReply = z.object({ heartbeat_id: text.min(1), error_msg: optionalText });

/** Undocumented beyond the tier's name (2026-08-05). */
export const rateLimitTierReply = z.object({ tier: text });

const gammaSeries = z.object({ id: text, slug: optionalText });
const gammaEvent = z.object({
  id: text,
  slug: optionalText,
  title: optionalText,
  series: z.array(gammaSeries).nullish(),
});

/** `outcomes`, `outcomePrices` and `clobTokenIds` are JSON inside a string; `positionIds` is a real list. */
export const gammaMarket = z.object({
  conditionId: text.min(1),
  question: optionalText,
  description: optionalText,
  resolutionSource: optionalText,
  outcomes: optionalText,
  outcomePrices: optionalText,
  clobTokenIds: optionalText,
  positionIds: z.array(text).nullish(),
  version: optionalText,
  active: z.boolean().nullish(),
  closed: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  acceptingOrders: z.boolean().nullish(),
  enableOrderBook: z.boolean().nullish(),
  endDate: optionalText,
  umaEndDate: optionalText,
  umaResolutionStatus: optionalText,
  negRisk: z.boolean().nullish(),
  secondsDelay: z.number().nonnegative().nullish(),
  orderPriceMinTickSize: z.number().positive().nullish(),
  orderMinSize: z.number().nonnegative().nullish(),
  feeSchedule: z
    .object({
      rate: z.number().nonnegative(),
      exponent: z.number(),
      takerOnly: z.boolean(),
      rebateRate: z.number().nonnegative().nullish(),
    })
    .nullish(),
  events: z.array(gammaEvent).nullish(),
});
export type GammaMarket = z.infer<typeof gammaMarket>;
export type ClobMarket = z.infer<typeof clobMarketReply>;

/** Unknown entries are kept apart: one legacy market must not hide a page of good ones. */
export const gammaMarketsPage = z.object({ markets: z.array(z.unknown()), next_cursor: optionalText });
export const gammaEventsPage = z.object({
  events: z.array(gammaEvent.extend({ markets: z.array(z.unknown()).nullish() })),
  next_cursor: optionalText,
});

/** Numbers, not text. */
export const positionsReply = z.array(
  z.object({ asset: text.min(1), conditionId: optionalText, size: z.number().nonnegative() }),
);
