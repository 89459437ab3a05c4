/** What each policy sends when, and what may be sent once more: the arithmetic behind the attempt's guards. */
import type { OrderRefusal } from '../ports/venue.ts';
import { microUsd, type SizeE6, sizeE6 } from '../units.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { gapE6, holdingsOf } from './holdings.ts';
import { confirmedE6, fillableE6, type LegOrder, type LegReport } from './leg.ts';
import { DUST_E6 } from './leg-evidence.ts';

/** The orders that leave first: every leg together, or the first one alone. */
export function openingOrders({ policy, legs }: AttemptPlan): readonly LegOrder[] {
  return policy === 'together' ? legs : legs.slice(0, 1);
}

/** An order as nothing is known of it yet: all of it may fill. */
export function plannedReport(order: LegOrder): LegReport {
  return {
    order,
    standing: 'planned',
    end: undefined,
    refusal: undefined,
    finalE6: sizeE6(0),
    provisionalE6: sizeE6(0),
    openE6: fillableE6(order),
    cashMicroUsd: microUsd(0),
    isAccounted: false,
  };
}

/** The same order when whoever watched it is gone: what was known of its fills stands, the rest may still fill. */
export function doubted(report: LegReport): LegReport {
  const open = Math.max(0, fillableE6(report.order) - confirmedE6(report));
  return { ...report, standing: 'unresolved', end: undefined, openE6: sizeE6(open), isAccounted: false };
}

/** A report replaces what was believed of its order; a new order joins at the end. */
export function adopted(reports: readonly LegReport[], report: LegReport): readonly LegReport[] {
  const { legId } = report.order;
  const isKnown = reports.some(({ order }) => order.legId === legId);
  return isKnown ? reports.map((known) => (known.order.legId === legId ? report : known)) : [...reports, report];
}

export interface HedgeDue {
  readonly basketLeg: number;
  readonly sizeE6: SizeE6;
}

/**
 * What the other legs still lack of the cumulative confirmed fill of the first one, open orders of
 * theirs deducted (S12). Nothing under `together`, whose legs are all out already.
 */
export function hedgesDue(plan: AttemptPlan, reports: readonly LegReport[]): readonly HedgeDue[] {
  if (plan.policy === 'together') return [];
  const [lead, ...others] = holdingsOf(plan, reports);
  if (lead === undefined) return [];
  return others
    .map(({ basketLeg, mostE6 }) => ({ basketLeg, sizeE6: sizeE6(Math.max(0, lead.leastE6 - mostE6)) }))
    .filter(({ sizeE6: size }) => size >= DUST_E6);
}

/**
 * One leg is filled and its partner ended short: no order in flight can close the gap, and none that
 * the policy still intends will (docs/invariants.md I5). A planned one-leg interval is not one, and
 * neither is a surplus that a better price bought.
 */
export function isAsymmetric(plan: AttemptPlan, reports: readonly LegReport[]): boolean {
  const holdings = holdingsOf(plan, reports);
  const longest = Math.max(...holdings.map(({ leastE6 }) => leastE6));
  const lead = plan.policy === 'together' ? undefined : plan.legs[0]?.basketLeg;
  return holdings.some(({ basketLeg, mostE6 }) => {
    if (longest - mostE6 < DUST_E6) return false;
    return basketLeg === lead ? wasTakenBack(mostE6, basketLeg, reports) : endedShort(basketLeg, reports);
  });
}

function endedShort(basketLeg: number, reports: readonly LegReport[]): boolean {
  return reports.some(
    (report) =>
      report.order.basketLeg === basketLeg &&
      report.standing === 'ended' &&
      report.order.sizeE6 - confirmedE6(report) >= DUST_E6,
  );
}

/** Hedges were ordered for more than the first leg can still hold: a match of it failed. */
function wasTakenBack(mostE6: number, lead: number, reports: readonly LegReport[]): boolean {
  const hedged = reports.filter(({ order }) => order.basketLeg !== lead && order.role === 'hedge');
  return hedged.reduce((sum, { order }) => sum + order.sizeE6, 0) - mostE6 >= DUST_E6;
}

/** Every order has come to its end, as far as is known. */
export function areAllEnded(reports: readonly LegReport[]): boolean {
  return reports.every(({ standing, openE6 }) => standing === 'ended' && openE6 === 0);
}

/** Every leg holds the same, but for less than the smallest lot of either venue. */
export function isEven(plan: AttemptPlan, reports: readonly LegReport[]): boolean {
  return gapE6(holdingsOf(plan, reports)) < DUST_E6;
}

/** Nothing is held of any leg. */
export function isFlat(plan: AttemptPlan, reports: readonly LegReport[]): boolean {
  return holdingsOf(plan, reports).every(({ heldE6 }) => Math.abs(heldE6) < DUST_E6);
}

/**
 * Refusals after which the same wish may be tried once more, as new orders after a new look. Whatever
 * is about us (funds, rights, parameters, pace) or about the market (killed) is not among them.
 */
const REPEATABLE: ReadonlySet<OrderRefusal> = new Set([
  'notSent',
  'budgetExhausted',
  'venuePaused',
  'postOnlyMode',
  'cancelOnlyMode',
  'tradingDisabled',
  'postOnlyWouldCross',
]);

/** Whether the venues certainly took none of the opening orders, for reasons that may pass (req V6). */
export function mayRepeat(reports: readonly LegReport[]): boolean {
  return (
    reports.length > 0 &&
    reports.every(
      ({ standing, end, refusal, openE6 }) =>
        standing === 'ended' && openE6 === 0 && end === 'refused' && refusal !== undefined && REPEATABLE.has(refusal),
    )
  );
}

/** Orders that stay in a book until somebody takes them off. */
export function canRest({ order, standing }: LegReport): boolean {
  const rests = order.timeInForce === 'goodTillCanceled' || order.timeInForce === 'goodTillDate';
  return rests && standing !== 'ended';
}
