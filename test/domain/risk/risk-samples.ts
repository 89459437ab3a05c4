/** Orders, reports and limits with defaults, so that a test sets what it is about. */
import type { LegOrder, LegReport } from '../../../src/domain/execution/leg.ts';
import type { RiskLimits } from '../../../src/domain/limits/risk-limits.ts';
import type { Moment, ReservationRequest, RiskGroup } from '../../../src/domain/risk/reservation.ts';
import { contracts, micros, microUsd, millis, priceE4 } from '../../../src/domain/units.ts';

export const GROUP: RiskGroup = { eventId: 'fed-sep', category: 'rates', correlated: 'fed' };
const WALL = 1_767_225_600_000_000;

export function moment(nowMs = 0, wall = WALL): Moment {
  return { nowMs: millis(nowMs), wall: micros(wall + nowMs * 1_000) };
}

export const UNLIMITED: RiskLimits = {
  tradeMicroUsdMax: undefined,
  tradeSizeE6Max: undefined,
  tradeLossMicroUsdMax: undefined,
  eventMicroUsdMax: undefined,
  eventSizeE6Max: undefined,
  totalMicroUsdMax: undefined,
  categoryShareE6Max: undefined,
  correlatedShareE6Max: undefined,
  imbalanceMicroUsdMax: undefined,
  dailyLossMicroUsdMax: undefined,
  dailyTradesMax: undefined,
  dailyVolumeE6Max: undefined,
  ordersPerMinuteMax: undefined,
  openOrdersMax: undefined,
  orderIntervalMsMin: undefined,
  tradeMicroUsdMin: undefined,
  profitMicroUsdMin: undefined,
  profitShareE6Min: undefined,
  slippageShareE6Max: undefined,
  gasShareE6Max: undefined,
};

export function legOrder(over: Partial<LegOrder> = {}): LegOrder {
  const venue = over.venue ?? 'kalshi';
  const attemptId = over.attemptId ?? 'a1';
  const legId = over.legId ?? `${over.basketLeg ?? 0}-${venue}`;
  return {
    clientOrderId: `${attemptId}-${legId}`,
    instrument: { book: venue === 'kalshi' ? 'kalshi/FED' : 'polymarket/1', inverted: false },
    action: 'buy',
    limitE4: priceE4(4_000),
    sizeE6: contracts(10),
    timeInForce: 'fillOrKill',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    attemptId,
    legId,
    venue,
    role: 'entry',
    basketLeg: 0,
    ...over,
  };
}

/** YES at 40 cents on Kalshi and NO at 55 cents on Polymarket, ten of each. */
export function boxLegs(attemptId = 'a1', size = contracts(10)): readonly [LegOrder, LegOrder] {
  return [
    legOrder({ attemptId, sizeE6: size }),
    legOrder({ attemptId, venue: 'polymarket', basketLeg: 1, limitE4: priceE4(5_500), sizeE6: size }),
  ];
}

export function legReport(order: LegOrder, over: Partial<LegReport> = {}): LegReport {
  return {
    order,
    standing: 'working',
    end: undefined,
    refusal: undefined,
    finalE6: contracts(0),
    provisionalE6: contracts(0),
    openE6: order.sizeE6,
    cashMicroUsd: microUsd(0),
    isAccounted: true,
    ...over,
  };
}

/** Filled wholly at its limit, without a fee. */
export function filled(order: LegOrder, over: Partial<LegReport> = {}): LegReport {
  const cash = (order.sizeE6 / 10_000) * order.limitE4;
  return legReport(order, {
    ...{ standing: 'ended', end: 'filled', finalE6: order.sizeE6, openE6: contracts(0) },
    cashMicroUsd: microUsd(order.action === 'buy' ? cash : -cash),
    ...over,
  });
}

export function killed(order: LegOrder): LegReport {
  return legReport(order, { standing: 'ended', end: 'killed', openE6: contracts(0) });
}

export function request(over: Partial<ReservationRequest> = {}): ReservationRequest {
  const attemptId = over.attemptId ?? 'a1';
  const legs = over.legs ?? boxLegs(attemptId);
  return {
    attemptId,
    group: GROUP,
    legs,
    repairMicroUsdMax: microUsd(0),
    entry: {
      capitalMicroUsd: microUsd(0),
      sizeE6: legs[0]?.sizeE6 ?? contracts(0),
      worstLossMicroUsd: microUsd(0),
      profitMicroUsd: microUsd(1_000_000),
      slippageMicroUsd: microUsd(0),
      gasMicroUsd: microUsd(0),
    },
    at: moment(),
    ...over,
  };
}
