/** An order of ours as the body of Kalshi's V2 request, or why it cannot be one. Pure. */
import { formatDecimal } from '../../domain/decimal.ts';
import { isOnGrid, type TickGrid } from '../../domain/instrument.ts';
import { unreachable } from '../../domain/invariant.ts';
import type { OrderRequest, Refused, TimeInForce } from '../../domain/ports/venue.ts';
import { type Micros, type PriceE4, SIZE_E6_MAX, type SizeE6 } from '../../domain/units.ts';
import { refused } from './classify.ts';
import { bookSideOf, onYesScale, tickerOf } from './direction.ts';

/** What an order needs to know of its market. */
export interface MarketFacts {
  readonly grid: TickGrid | undefined;
  /** The matching engine of its event; never told from the ticker. */
  readonly exchangeIndex: number | undefined;
}

export interface OrderSettings {
  /** At our own resting order: stop the incoming one, or cancel the resting one and go on. */
  readonly selfTradePrevention: 'taker_at_cross' | 'maker';
  /** Whether resting orders are taken off when the venue pauses. They stay otherwise. */
  readonly cancelOnPause: boolean;
  readonly subaccount: number | undefined;
  /** Direct names the engine that the listing gave, which is fastest; auto lets the venue find it (−1). */
  readonly routing: 'direct' | 'auto';
  /** A venue-side limit on what is matched in 15 s, over all orders of the group. */
  readonly orderGroupId: string | undefined;
}

export type OrderBody =
  | { readonly kind: 'body'; readonly ticker: string; readonly text: string }
  | Refused<'unsupported' | 'invalidOrder'>;

const AUTO_ROUTE = -1;
/** A hundredth of a contract. */
const SIZE_STEP = 10_000;
const MICROS_PER_SECOND = 1_000_000;
/** Client ids are refused for ever once used, and a dot in one is refused at once (2026-05-07): UUIDs only. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function orderBodyOf(
  request: OrderRequest,
  market: MarketFacts | undefined,
  settings: OrderSettings,
  now: Micros,
): OrderBody {
  const ticker = tickerOf(request.instrument);
  if (ticker === undefined) return refused('unsupported', `expected a Kalshi book, found ${request.instrument.book}`);
  const problem = problemOf(request, market, now);
  if (problem !== undefined) return refused('invalidOrder', `${problem} (client id ${request.clientOrderId})`);
  const { orderGroupId, subaccount } = settings;
  const body = {
    ticker,
    client_order_id: request.clientOrderId,
    side: bookSideOf(request),
    count: countText(request.sizeE6),
    price: priceText(onYesScale(request.instrument, request.limitE4)),
    time_in_force: wireTimeInForce(request.timeInForce),
    self_trade_prevention_type: settings.selfTradePrevention,
    ...(request.expiresAt !== undefined && { expiration_time: secondsOf(request.expiresAt) }),
    ...(request.postOnly && { post_only: true }),
    ...(isReduceOnly(request) && { reduce_only: true }),
    ...(settings.cancelOnPause && canRest(request.timeInForce) && { cancel_order_on_pause: true }),
    ...(subaccount !== undefined && { subaccount }),
    ...(orderGroupId !== undefined && { order_group_id: orderGroupId }),
    ...engineOf(market, settings),
  };
  return { kind: 'body', ticker, text: JSON.stringify(body) };
}

/** `"12.50"`. The venue refuses JSON numbers here (recorded 2026-06-11). */
export function countText(size: SizeE6): string {
  return formatDecimal(size / SIZE_STEP, 2, 2);
}

/** `"0.4700"`. */
export function priceText(price: PriceE4): string {
  return formatDecimal(price, 4, 4);
}

/** Counts are whole hundredths of a contract. */
export function isCount(size: SizeE6): boolean {
  return size > 0 && size % SIZE_STEP === 0 && size <= SIZE_E6_MAX;
}

export function engineOf(
  market: MarketFacts | undefined,
  { routing }: Pick<OrderSettings, 'routing'>,
): { readonly exchange_index?: number } {
  if (routing === 'auto') return { exchange_index: AUTO_ROUTE };
  // Left out with a ticker present, the venue routes by the ticker (since 2026-08-27).
  return market?.exchangeIndex === undefined ? {} : { exchange_index: market.exchangeIndex };
}

/** Selling what we do not hold would open the other outcome, so every sale says that it only reduces. */
function isReduceOnly({ action, reduceOnly }: OrderRequest): boolean {
  return reduceOnly || action === 'sell';
}

function problemOf(request: OrderRequest, market: MarketFacts | undefined, now: Micros): string | undefined {
  const { clientOrderId, sizeE6, timeInForce, expiresAt } = request;
  if (!UUID.test(clientOrderId)) return 'a client id must be a UUID';
  if (!isCount(sizeE6)) return `a size must be whole hundredths of a contract above 0, found ${sizeE6} millionths`;
  if (request.postOnly && !canRest(timeInForce)) return `an order that must rest cannot be ${timeInForce}`;
  if ((timeInForce === 'goodTillDate') !== (expiresAt !== undefined))
    return `expiresAt belongs to goodTillDate and to nothing else, found ${expiresAt} with ${timeInForce}`;
  if (expiresAt !== undefined && secondsOf(expiresAt) * MICROS_PER_SECOND <= now)
    return `an order must expire in the future, found ${expiresAt} at ${now}`;
  if (market?.grid === undefined) return 'the price grid of the market must be known before an order is made';
  const yesPrice = onYesScale(request.instrument, request.limitE4);
  if (!isOnGrid(market.grid, yesPrice))
    return `a price must lie on the grid of its market, found ${priceText(yesPrice)} on the YES scale`;
  return undefined;
}

function canRest(timeInForce: TimeInForce): boolean {
  return timeInForce === 'goodTillCanceled' || timeInForce === 'goodTillDate';
}

/** Whole seconds, earlier rather than later: the venue's sweep is minutes late as it is. */
function secondsOf(at: Micros): number {
  return Math.floor(at / MICROS_PER_SECOND);
}

function wireTimeInForce(timeInForce: TimeInForce): string {
  switch (timeInForce) {
    case 'fillOrKill':
      return 'fill_or_kill';
    case 'immediateOrCancel':
      return 'immediate_or_cancel';
    case 'goodTillCanceled':
    case 'goodTillDate':
      return 'good_till_canceled';
    default:
      return unreachable(timeInForce, 'time in force');
  }
}
