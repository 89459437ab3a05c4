/**
 * The limits that every entry is held against, and the check itself (docs/rules.md §16).
 *
 * One pure function: it lists every limit that an entry would break, so that a refusal names them
 * all. It reserves nothing; whoever reserves does so in the same synchronous step.
 */
import type { VenueName } from '../instrument.ts';
import {
  addUsd,
  divideExact,
  type MicroUsd,
  type Millis,
  RATE_ONE,
  type RateE6,
  type SizeE6,
  sizeE6,
} from '../units.ts';
import { type ExposureSpan, isImbalanced, isWithinExposure, worseEnd } from './exposure.ts';
import { tripsDailyLoss } from './trading-day.ts';

/**
 * A profile states each limit; `undefined` says that it has none. Fields that end in `Max` are
 * tightened by lowering them and fields that end in `Min` by raising them.
 */
export interface RiskLimits {
  readonly tradeMicroUsdMax: MicroUsd | undefined;
  readonly tradeSizeE6Max: SizeE6 | undefined;
  readonly tradeLossMicroUsdMax: MicroUsd | undefined;
  readonly eventMicroUsdMax: MicroUsd | undefined;
  readonly eventSizeE6Max: SizeE6 | undefined;
  readonly totalMicroUsdMax: MicroUsd | undefined;
  /** Of the net asset value. */
  readonly categoryShareE6Max: RateE6 | undefined;
  /** Of the net asset value. */
  readonly correlatedShareE6Max: RateE6 | undefined;
  readonly imbalanceMicroUsdMax: MicroUsd | undefined;
  readonly dailyLossMicroUsdMax: MicroUsd | undefined;
  readonly dailyTradesMax: number | undefined;
  readonly dailyVolumeE6Max: SizeE6 | undefined;
  readonly ordersPerMinuteMax: number | undefined;
  readonly openOrdersMax: number | undefined;
  readonly orderIntervalMsMin: Millis | undefined;
  readonly tradeMicroUsdMin: MicroUsd | undefined;
  readonly profitMicroUsdMin: MicroUsd | undefined;
  /** Of the capital, both legs and fees. */
  readonly profitShareE6Min: RateE6 | undefined;
  /** What walking past the best prices costs, of the capital. */
  readonly slippageShareE6Max: RateE6 | undefined;
  /** Chain gas, of the capital. */
  readonly gasShareE6Max: RateE6 | undefined;
}

/** What an entry would do if all of it filled. */
export interface EntryRequest {
  /** Both legs and all fees. */
  readonly capitalMicroUsd: MicroUsd;
  /** What it ties up until it is closed, where that is more than its capital: orders at their limits, room for a repair. */
  readonly reservedMicroUsd?: MicroUsd;
  readonly sizeE6: SizeE6;
  /** What is lost if the worst leg fills alone and is unwound. */
  readonly worstLossMicroUsd: MicroUsd;
  readonly profitMicroUsd: MicroUsd;
  readonly slippageMicroUsd: MicroUsd;
  readonly gasMicroUsd: MicroUsd;
  readonly orders: number;
  /** What each venue reserves: its orders at their limit prices, with rounded fees. */
  readonly cash: readonly { readonly venue: VenueName; readonly microUsd: MicroUsd }[];
}

/** How things stand, open and reserved, in whatever the request's event, category and group are. */
export interface RiskState {
  readonly event: ExposureSpan;
  readonly eventSizeE6: SizeE6;
  readonly total: ExposureSpan;
  readonly category: ExposureSpan;
  readonly correlated: ExposureSpan;
  readonly unhedged: ExposureSpan;
  readonly navMicroUsd: MicroUsd;
  readonly dayPnlMicroUsd: MicroUsd;
  readonly dayTrades: number;
  readonly dayVolumeE6: SizeE6;
  readonly ordersLastMinute: number;
  readonly openOrders: number;
  /** Since the last order; `undefined` when there was none. */
  readonly sinceOrderMs: Millis | undefined;
  /** Free cash by venue. A venue that is absent has none that we know of. */
  readonly available: readonly { readonly venue: VenueName; readonly microUsd: MicroUsd }[];
}

/** Design S's block reasons where it has one (its `sport` is any category), ours in the same form elsewhere. */
export type LimitReason =
  | 'trade_size'
  | 'position_size'
  | 'risk_per_trade'
  | 'event_concentration'
  | 'total_exposure'
  | 'sport_concentration'
  | 'correlated_exposure'
  | 'imbalance'
  | 'daily_loss'
  | 'daily_trades'
  | 'daily_volume'
  | 'rate_limit'
  | 'order_interval'
  | 'open_orders'
  | 'insufficient_balance'
  | 'min_trade'
  | 'min_profit'
  | 'min_return'
  | 'slippage'
  | 'gas';

export interface LimitViolation {
  readonly reason: LimitReason;
  /** The field of `RiskLimits`, or the venue whose balance falls short. */
  readonly name: keyof RiskLimits | VenueName;
  readonly limit: number;
  /** What the entry would make of it, in the unit of the limit. */
  readonly value: number;
}

type Found = LimitViolation | undefined;

/** Every limit that the entry would break; none means that it may go. Equality is allowed, but for a day's loss. */
export function checkLimits(request: EntryRequest, state: RiskState, limits: RiskLimits): readonly LimitViolation[] {
  const found = [
    ...checkTrade(request, limits),
    ...checkExposure(request, state, limits),
    ...checkDay(request, state, limits),
    ...checkPace(request, state, limits),
    ...checkBalances(request, state),
  ];
  return found.filter((violation) => violation !== undefined);
}

function checkTrade(request: EntryRequest, limits: RiskLimits): Found[] {
  const capital = request.capitalMicroUsd;
  return [
    above('trade_size', 'tradeMicroUsdMax', limits, capital),
    above('position_size', 'tradeSizeE6Max', limits, request.sizeE6),
    above('risk_per_trade', 'tradeLossMicroUsdMax', limits, request.worstLossMicroUsd),
    below('min_trade', 'tradeMicroUsdMin', limits, capital),
    below('min_profit', 'profitMicroUsdMin', limits, request.profitMicroUsd),
    below('min_return', 'profitShareE6Min', limits, share(request.profitMicroUsd, capital, 'floor')),
    above('slippage', 'slippageShareE6Max', limits, share(request.slippageMicroUsd, capital, 'ceil')),
    above('gas', 'gasShareE6Max', limits, share(request.gasMicroUsd, capital, 'ceil')),
  ];
}

function checkExposure(request: EntryRequest, state: RiskState, limits: RiskLimits): Found[] {
  const added = request.reservedMicroUsd ?? request.capitalMicroUsd;
  const categoryAfter = addUsd(worseEnd(state.category), added);
  const correlatedAfter = addUsd(worseEnd(state.correlated), added);
  return [
    exposureAbove('event_concentration', 'eventMicroUsdMax', limits, { open: state.event, added }),
    above('event_concentration', 'eventSizeE6Max', limits, sizeE6(state.eventSizeE6 + request.sizeE6)),
    exposureAbove('total_exposure', 'totalMicroUsdMax', limits, { open: state.total, added }),
    above('sport_concentration', 'categoryShareE6Max', limits, share(categoryAfter, state.navMicroUsd, 'ceil')),
    above('correlated_exposure', 'correlatedShareE6Max', limits, share(correlatedAfter, state.navMicroUsd, 'ceil')),
    imbalanceAbove(state, limits),
  ];
}

function checkDay(request: EntryRequest, state: RiskState, limits: RiskLimits): Found[] {
  return [
    dailyLossReached(state, limits),
    above('daily_trades', 'dailyTradesMax', limits, state.dayTrades + 1),
    above('daily_volume', 'dailyVolumeE6Max', limits, sizeE6(state.dayVolumeE6 + request.sizeE6)),
  ];
}

function checkPace(request: EntryRequest, state: RiskState, limits: RiskLimits): Found[] {
  return [
    above('rate_limit', 'ordersPerMinuteMax', limits, state.ordersLastMinute + request.orders),
    above('open_orders', 'openOrdersMax', limits, state.openOrders + request.orders),
    state.sinceOrderMs === undefined
      ? undefined
      : below('order_interval', 'orderIntervalMsMin', limits, state.sinceOrderMs),
  ];
}

function checkBalances(request: EntryRequest, state: RiskState): Found[] {
  const venues = [...new Set(request.cash.map((need) => need.venue))];
  return venues.map((venue) => {
    const value = sumAt(venue, request.cash);
    const limit = sumAt(venue, state.available);
    return value > limit ? { reason: 'insufficient_balance', name: venue, limit, value } : undefined;
  });
}

function sumAt(venue: VenueName, amounts: EntryRequest['cash']): MicroUsd {
  return addUsd(...amounts.filter((amount) => amount.venue === venue).map((amount) => amount.microUsd));
}

function above(reason: LimitReason, name: keyof RiskLimits, limits: RiskLimits, value: number): Found {
  const limit = limits[name];
  return limit !== undefined && value > limit ? { reason, name, limit, value } : undefined;
}

function below(reason: LimitReason, name: keyof RiskLimits, limits: RiskLimits, value: number): Found {
  const limit = limits[name];
  return limit !== undefined && value < limit ? { reason, name, limit, value } : undefined;
}

function exposureAbove(
  reason: LimitReason,
  name: 'eventMicroUsdMax' | 'totalMicroUsdMax',
  limits: RiskLimits,
  exposure: { readonly open: ExposureSpan; readonly added: MicroUsd },
): Found {
  const limit = limits[name];
  const openMicroUsd = worseEnd(exposure.open);
  if (limit === undefined) return undefined;
  if (isWithinExposure({ openMicroUsd, addedMicroUsd: exposure.added, limitMicroUsd: limit })) return undefined;
  return { reason, name, limit, value: addUsd(openMicroUsd, exposure.added) };
}

function imbalanceAbove(state: RiskState, limits: RiskLimits): Found {
  const limit = limits.imbalanceMicroUsdMax;
  const value = worseEnd(state.unhedged);
  if (limit === undefined || !isImbalanced(value, limit)) return undefined;
  return { reason: 'imbalance', name: 'imbalanceMicroUsdMax', limit, value };
}

function dailyLossReached(state: RiskState, limits: RiskLimits): Found {
  const limit = limits.dailyLossMicroUsdMax;
  if (limit === undefined) return undefined;
  if (!tripsDailyLoss({ pnlMicroUsd: state.dayPnlMicroUsd, limitMicroUsd: limit })) return undefined;
  return { reason: 'daily_loss', name: 'dailyLossMicroUsdMax', limit, value: -state.dayPnlMicroUsd };
}

/**
 * A part of a whole in millionths, in the direction that is against us. With nothing to be a part
 * of, any cost is beyond every limit and any profit short of every floor.
 */
function share(part: MicroUsd, whole: MicroUsd, rounding: 'floor' | 'ceil'): number {
  if (whole > 0) {
    const exact = Number(divideExact(BigInt(part) * BigInt(RATE_ONE), BigInt(whole), rounding));
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(exact, Number.MAX_SAFE_INTEGER));
  }
  if (part === 0) return 0;
  return rounding === 'ceil' ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
}
