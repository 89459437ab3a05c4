/** What follows from an attempt's context: the questions its guards ask, and its outcome. Pure. */

import { payoutOf } from '../domain/edge/set-price.ts';
import { gapE6, holdingsOf, setsE6, shortfallE6 } from '../domain/execution/holdings.ts';
import { confirmedE6, type LegReport } from '../domain/execution/leg.ts';
import { DUST_E6 } from '../domain/execution/leg-evidence.ts';
import { areAllEnded, canRest, hedgesDue, isEven, isFlat } from '../domain/execution/policy.ts';
import type { Trigger, TriggerKind } from '../domain/limits/trigger.ts';
import { type MicroUsd, microUsd, mulDiv, type SizeE6, sizeE6, subtractUsd } from '../domain/units.ts';
import type { AttemptContext, AttemptOutcome, Repair, RepairAsked } from './attempt.events.ts';
import type { EffectFailed } from './effects.ts';

export function gapOf({ plan, reports }: AttemptContext): SizeE6 {
  return gapE6(holdingsOf(plan, reports));
}

/** Everything has ended and every leg holds the same. */
export function isComplete({ plan, reports }: AttemptContext): boolean {
  return areAllEnded(reports) && isEven(plan, reports);
}

export function isEmptyHanded(context: AttemptContext): boolean {
  return isComplete(context) && isFlat(context.plan, context.reports);
}

/** A hedge is owed that is more than what was found too small. */
export function owesHedge({ plan, reports, deferredE6 }: AttemptContext): boolean {
  return hedgesDue(plan, reports).some(({ sizeE6: size }) => size > deferredE6);
}

/** Legs differ by more than what is carried as too small. */
export function isUneven(context: AttemptContext): boolean {
  return !isEven(context.plan, context.reports) && gapOf(context) > context.deferredE6;
}

/** Everything has ended, and what is missing was found too small to be hedged. */
export function isLeftOver(context: AttemptContext): boolean {
  return areAllEnded(context.reports) && !isEven(context.plan, context.reports) && !owesHedge(context);
}

/**
 * A gap that no order in flight can close, with none of our own orders resting in the way of a reversal:
 * those have been asked off, and are gone within a round trip or unresolved.
 */
export function isRepairable({ plan, reports }: AttemptContext): boolean {
  const isInTheWay = reports.some((report) => canRest(report) && report.standing !== 'unresolved');
  return !isInTheWay && shortfallE6(holdingsOf(plan, reports)) >= DUST_E6;
}

export function repairOrders({ repairs }: AttemptContext): number {
  return repairs.reduce((sum, { legIds }) => sum + legIds.length, 0);
}

function reportsOfRepair({ reports }: AttemptContext, repair: Repair): readonly LegReport[] {
  return reports.filter(({ order }) => repair.legIds.includes(order.legId));
}

/** The orders of the latest repair have come to their ends. */
export function isRepairOver(context: AttemptContext): boolean {
  const latest = context.repairs.at(-1);
  return latest === undefined || areAllEnded(reportsOfRepair(context, latest));
}

/** The latest repair was to sell back what the venue does not let go yet (S15). */
export function wasSaleRefused(context: AttemptContext): boolean {
  const latest = context.repairs.at(-1);
  if (latest === undefined || latest.kind !== 'unwind') return false;
  return reportsOfRepair(context, latest).some(
    ({ order, refusal }) => order.action === 'sell' && refusal === 'insufficientBalance',
  );
}

/** What repairs have lost or may still lose, at their limits: what did not fill has cost nothing. */
function lostMicroUsd(context: AttemptContext): MicroUsd {
  return microUsd(context.repairs.reduce((sum, repair) => sum + lossOf(context, repair), 0));
}

function lossOf(context: AttemptContext, repair: Repair): number {
  if (repair.worstMicroUsd <= 0) return 0;
  const reports = reportsOfRepair(context, repair);
  const ordered = reports.reduce((sum, { order }) => sum + order.sizeE6, 0);
  const possible = reports.reduce((sum, report) => sum + confirmedE6(report) + report.openE6, 0);
  return ordered === 0 ? 0 : mulDiv(repair.worstMicroUsd, Math.min(possible, ordered), ordered, 'ceil');
}

/** Of every leg the venue has said its last word. */
export function isEverySettled({ reports, settled }: AttemptContext): boolean {
  return reports.every(({ order }) => settled.includes(order.legId));
}

/** Nobody can be asked about a leg any more, or all have ended: a person may take what is left. */
export function isForPerson({ reports, dead }: AttemptContext): boolean {
  return reports.every((report) => report.standing === 'ended' || dead.includes(report.order.legId));
}

export function hasTraded({ reports }: AttemptContext): boolean {
  return reports.some((report) => confirmedE6(report) > 0);
}

/** Our own gate kept every order: nothing was tried. */
function wasWithheld({ reports }: AttemptContext): boolean {
  return reports.every(({ end }) => end === 'withheld');
}

/** A venue would not have an order, or nobody can say that it had it; a kill is the market's answer, and none of these. */
export function wasTurnedAway({ reports }: AttemptContext): boolean {
  return reports.some(({ end }) => end === 'refused' || end === 'notAccepted');
}

export function outcomeOf(context: AttemptContext, isAbandoned = false): AttemptOutcome {
  const { plan, reports, evidenceAtMs } = context;
  const holdings = holdingsOf(plan, reports);
  const sets = setsE6(holdings);
  const cash = microUsd(reports.reduce((sum, { cashMicroUsd }) => sum + cashMicroUsd, 0));
  // A leg that sells what was held gives up the dollar that its opposite would have paid.
  const givenUp = plan.legs.filter(({ action }) => action === 'sell').length;
  return {
    attemptId: plan.attemptId,
    opportunityId: plan.opportunityId,
    watchId: plan.watchId,
    end: isAbandoned ? 'abandoned' : endOf(context),
    reason: context.reason,
    setsE6: sets,
    leftoverE6: sizeE6(gapE6(holdings)),
    cashMicroUsd: cash,
    profitMicroUsd: subtractUsd(payoutOf(plan.promisedE4, sets), microUsd(cash + givenUp * sets)),
    plannedProfitMicroUsd: plan.profitMicroUsd,
    wasAsymmetric: evidenceAtMs !== undefined,
    repairStartMs: sinceEvidence(context, context.repairAtMs),
    repairOrderMs: sinceEvidence(context, context.repairOrderAtMs),
    repairOrders: repairOrders(context),
    unsettled: reports
      .filter(({ order }) => !context.settled.includes(order.legId))
      .map((report) => ({ report, sinceMicros: context.sinceMicros })),
    reports,
  };
}

function sinceEvidence({ evidenceAtMs }: AttemptContext, atMs: number | undefined): number | undefined {
  return evidenceAtMs === undefined || atMs === undefined ? undefined : atMs - evidenceAtMs;
}

function endOf(context: AttemptContext): AttemptOutcome['end'] {
  if (!isEven(context.plan, context.reports)) return 'dust';
  if (!isFlat(context.plan, context.reports)) return 'balanced';
  if (hasTraded(context)) return 'unwound';
  return wasWithheld(context) ? 'refused' : 'unfilled';
}

export function exposureIn({ plan, reports }: AttemptContext) {
  return { attemptId: plan.attemptId, reports };
}

export function repairAsked(context: AttemptContext): RepairAsked {
  return { plan: context.plan, reports: context.reports, lostMicroUsd: lostMicroUsd(context) };
}

/** `leg/1-kalshi` of the event that its actor's end is told with. */
export function legOf({ actorId }: { readonly actorId: string }): { readonly legId: string } {
  return { legId: actorId.slice('leg/'.length) };
}

export function asymmetryIn(context: AttemptContext): { readonly trigger: Trigger } {
  return triggerOf(context, 'ASYMMETRIC_EXECUTION', `expected every leg to hold the same, found ${heldText(context)}`);
}

export function stuckIn(context: AttemptContext): { readonly trigger: Trigger } {
  return triggerOf(context, 'STUCK_EXPOSURE', `expected a way out, found ${heldText(context)}: ${context.reason}`);
}

export function failureIn(context: AttemptContext): { readonly trigger: Trigger } {
  const ends = context.reports.map(({ order, end, refusal }) => `${order.legId} ${refusal ?? end}`).join(', ');
  return triggerOf(context, 'EXECUTION_FAILED', `expected orders to be taken, found ${ends}`);
}

export function faultIn(context: AttemptContext, { effect, message }: EffectFailed): { readonly trigger: Trigger } {
  return triggerOf(context, 'ACTOR_FAULT', `expected ${effect} to be done, found ${message}`);
}

export function reversalIn(
  context: AttemptContext,
  reversed: { readonly legId: string; readonly tradeId: string; readonly sizeE6: number },
): { readonly trigger: Trigger } {
  const { legId, tradeId, sizeE6: size } = reversed;
  const venue = context.reports.find(({ order }) => order.legId === legId)?.order.venue;
  const detail = `expected trade ${tradeId} to be confirmed, found it failed (leg ${legId}, ${size} millionths)`;
  const { trigger } = triggerOf(context, 'TRADE_FAILED', detail);
  return { trigger: venue === undefined ? trigger : { ...trigger, venue } };
}

function triggerOf({ plan }: AttemptContext, kind: TriggerKind, detail: string): { readonly trigger: Trigger } {
  return { trigger: { kind, attemptId: plan.attemptId, detail: `${detail} (attempt ${plan.attemptId})` } };
}

function heldText({ plan, reports }: AttemptContext): string {
  return holdingsOf(plan, reports)
    .map(({ basketLeg, leastE6, heldE6, mostE6 }) => `leg ${basketLeg} ${heldE6} (${leastE6}..${mostE6})`)
    .join(', ');
}
