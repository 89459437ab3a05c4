/**
 * What one order of an attempt may turn out to be, from what is known of it: contracts, cash, and the room
 * that it needs until nothing of it can happen any more. Every bound holds for every way the leg can end.
 *
 * The fee bound of an order is what its venue charges at most if all of it fills at the limit; a part of it
 * is charged its share. Price and fee together never fall when the price rises, so a fill at a better price
 * stays below the bound. A budget has two bounds: what decisions count on, by the prices that were shown, and
 * what holds whatever price it meets.
 */
import { fillableE6, fillableE6Max, filledSpan, isBudget, type LegOrder, type LegReport } from '../execution/leg.ts';
import {
  addUsd,
  type MicroUsd,
  microUsd,
  mulDiv,
  notional,
  PRICE_ONE,
  priceE4,
  type SizeE6,
  sizeE6,
} from '../units.ts';
import type { ContractSpan } from './reservation.ts';

/** What the venue charges at most for this order, filled wholly at its limit. */
export type FeeBound = (order: LegOrder) => MicroUsd;

/** A leg as the exposure book keeps it. */
export interface BookedLeg {
  readonly order: LegOrder;
  readonly feeMicroUsdMax: MicroUsd;
  /** The same of a budget at whatever price it meets. */
  readonly budgetFeeMicroUsdMax: MicroUsd;
  /** `undefined` until its first report: all of it may still happen. */
  readonly report: LegReport | undefined;
}

/** Net cash out, from the best of the ends to the worst. */
export interface CashSpan {
  readonly least: number;
  readonly most: number;
}

interface Filled {
  readonly finalE6: SizeE6;
  readonly provisionalE6: SizeE6;
  readonly openE6: SizeE6;
  /** Positive left us. */
  readonly paidMicroUsd: number;
}

function filledOf({ order, report }: BookedLeg): Filled {
  if (report === undefined) return { finalE6: ZERO, provisionalE6: ZERO, openE6: fillableE6(order), paidMicroUsd: 0 };
  const { finalE6, provisionalE6, openE6, cashMicroUsd } = report;
  return { finalE6, provisionalE6, openE6, paidMicroUsd: cashMicroUsd };
}

const ZERO = sizeE6(0);

/** Contracts that the leg adds to what is held, sales negative, whatever becomes of it. */
export function contractSpan({ order, report }: BookedLeg): ContractSpan {
  const span = report === undefined ? { leastE6: 0, mostE6: fillableE6Max(order) } : filledSpan(report);
  return order.action === 'buy' ? span : { leastE6: 0 - span.mostE6, mostE6: 0 - span.leastE6 };
}

/** The same as far as decisions go. */
export function plannedSpan(leg: BookedLeg): ContractSpan {
  const { finalE6, provisionalE6, openE6 } = filledOf(leg);
  const [least, most] = [finalE6, finalE6 + provisionalE6 + openE6];
  return leg.order.action === 'buy' ? { leastE6: least, mostE6: most } : { leastE6: 0 - most, mostE6: 0 - least };
}

/** A budget that is not spent yet, as far as is known. */
export function isOpenBudget(leg: BookedLeg): boolean {
  return isBudget(leg.order) && isOpen(leg);
}

/** Contracts that decisions count on: confirmed and matched, sales negative. */
export function matchedE6(leg: BookedLeg): number {
  const { finalE6, provisionalE6 } = filledOf(leg);
  const matched = finalE6 + provisionalE6;
  return leg.order.action === 'buy' ? matched : -matched;
}

/** May anything still fill? An order that nobody knows the fate of may. */
export function isOpen({ order, report }: BookedLeg): boolean {
  return report === undefined ? order.sizeE6 > 0 : report.openE6 > 0 || report.standing !== 'ended';
}

export function isProvisional({ report }: BookedLeg): boolean {
  return report !== undefined && report.provisionalE6 > 0;
}

/** Net cash that the leg takes, from the best of its ends to the worst. Sales are negative. */
export function costSpan(leg: BookedLeg): CashSpan {
  return leg.order.action === 'buy' ? purchaseSpan(leg) : saleSpan(leg);
}

/** Every provisional match may be taken back, and everything open may fill at the limit. */
function purchaseSpan(leg: BookedLeg): CashSpan {
  const { provisionalE6 } = filledOf(leg);
  const paid = paidSpan(leg);
  const kept = paid.least - purchaseAtMost(leg, provisionalE6);
  return {
    least: provisionalE6 === 0 ? paid.least : Math.min(paid.least, Math.max(0, kept)),
    most: isOpenBudget(leg) ? Math.max(paid.most, budgetAtMost(leg)) : paid.most + openCash(leg),
  };
}

/** All of it is spent: what the fills so far have left of it does not matter. */
function budgetAtMost({ order, budgetFeeMicroUsdMax }: BookedLeg): MicroUsd {
  return addUsd(notional(order.limitE4, order.sizeE6), budgetFeeMicroUsdMax);
}

/**
 * What is open may bring a dollar a contract at best, and at worst cost its fee beyond its proceeds. A
 * provisional match that is taken back gives the proceeds back, and never more than all there were.
 */
function saleSpan(leg: BookedLeg): CashSpan {
  const { finalE6, provisionalE6, openE6 } = filledOf(leg);
  const paid = paidSpan(leg);
  const takenBack = Math.min(paid.most + atADollar(provisionalE6), Math.max(0, paid.most) + feeOf(leg, finalE6));
  const most = provisionalE6 === 0 ? paid.most : Math.max(paid.most, takenBack);
  const feeBeyond = Math.max(0, feeOf(leg, openE6) - notional(leg.order.limitE4, openE6, 'floor'));
  const feeBack = feeOf(leg, provisionalE6);
  return { least: paid.least - atADollar(openE6) - feeBack, most: most + feeBeyond };
}

/** What has moved for the fills so far. Until every fill said so itself, it is a guess, and its limits count. */
function paidSpan(leg: BookedLeg): CashSpan {
  const { finalE6, provisionalE6, paidMicroUsd } = filledOf(leg);
  if (leg.report?.isAccounted !== false) return { least: paidMicroUsd, most: paidMicroUsd };
  const size = sizeE6(finalE6 + provisionalE6);
  if (leg.order.action === 'buy') {
    return { least: Math.min(0, paidMicroUsd), most: Math.max(paidMicroUsd, purchaseAtMost(leg, size)) };
  }
  const atLeast = feeOf(leg, size) - notional(leg.order.limitE4, size, 'floor');
  return { least: Math.min(paidMicroUsd, -atADollar(size)), most: Math.max(paidMicroUsd, atLeast) };
}

/** Cash that the venue may still take for what is open. Sales need none. */
export function openCash(leg: BookedLeg): MicroUsd {
  if (leg.order.action === 'sell') return microUsd(0);
  const { finalE6, provisionalE6, openE6 } = filledOf(leg);
  // A budget that buys more contracts than were ordered is no larger for it; its fee is.
  const ordered = sizeE6(Math.min(openE6, Math.max(0, leg.order.sizeE6 - finalE6 - provisionalE6)));
  return microUsd(notional(leg.order.limitE4, ordered) + feeOf(leg, openE6));
}

/** Cash that is, or may be, gone without our own books knowing yet. */
export function unbookedCash(leg: BookedLeg): MicroUsd {
  const isBooked = leg.report?.isAccounted !== false;
  return microUsd(openCash(leg) + (isBooked ? 0 : Math.max(0, paidSpan(leg).most)));
}

function purchaseAtMost(leg: BookedLeg, size: SizeE6): MicroUsd {
  return microUsd(notional(leg.order.limitE4, size) + feeOf(leg, size));
}

function feeOf({ order, feeMicroUsdMax }: BookedLeg, size: number): number {
  return order.sizeE6 === 0 ? 0 : mulDiv(feeMicroUsdMax, size, order.sizeE6, 'ceil');
}

function atADollar(size: SizeE6): number {
  return notional(priceE4(PRICE_ONE), size);
}

/** A contract of this leg at most costs so much, in millionths of a dollar: limit and fee, or what it did cost if more. */
export function unitCost(leg: BookedLeg): number {
  const { finalE6, provisionalE6, paidMicroUsd } = filledOf(leg);
  const atLimit = leg.order.limitE4 * 100 + feeOf(leg, CONTRACT_E6);
  const filled = finalE6 + provisionalE6;
  return filled === 0 ? atLimit : Math.max(atLimit, mulDiv(Math.max(0, paidMicroUsd), CONTRACT_E6, filled, 'ceil'));
}

const CONTRACT_E6 = 1_000_000;
