/**
 * What is known of the fills of one order, whatever the order in which it was heard.
 *
 * Fills with trade ids stand above what an acknowledgement or an order record counts: the count is believed only
 * where it says more than the fills do (docs/invariants.md, precedence of evidence). Merging is commutative and
 * idempotent: the same facts in any order, however often, end the same.
 */
import type { VenueName } from '../instrument.ts';
import { addUsd, type MicroUsd, microUsd, notional, type SizeE6, sizeE6 } from '../units.ts';
import { fillableE6, type LegEnd, type LegOrder, type LegReport, type LegStanding } from './leg.ts';

/**
 * `mined`: provisional, but in a block, so that the venue lets it go. `quarantined`: reports of it contradict each
 * other, so it is neither counted nor dropped.
 */
export type FillStanding = 'provisional' | 'mined' | 'final' | 'failed' | 'quarantined';

export interface EvidentFill {
  readonly tradeId: string;
  readonly sizeE6: number;
  /** What it moved, fee included: positive left us. */
  readonly cashMicroUsd: number;
  readonly standing: FillStanding;
}

export interface LegEvidence {
  readonly fills: readonly EvidentFill[];
  /** The most that acknowledgements and order records counted as matched. */
  readonly claimedE6: number;
}

/**
 * A remainder below the smallest lot of either venue cannot trade: the order is whole. Seen: 0.002286 of 100 kept
 * an order open for ever.
 */
export const DUST_E6 = 10_000;

/** Whether a match of this venue may still fail after it was reported. */
const SETTLES_LATER: Readonly<Record<VenueName, boolean>> = { kalshi: false, polymarket: true };

export const noEvidence: LegEvidence = { fills: [], claimedE6: 0 };

/** A fill that was not known yet; one that was is unchanged, its standing moves by `withStanding`. */
export function withFill(evidence: LegEvidence, fill: EvidentFill): LegEvidence {
  if (fillOf(evidence, fill.tradeId) !== undefined) return evidence;
  return { ...evidence, fills: [...evidence.fills, fill] };
}

export function withStanding(evidence: LegEvidence, tradeId: string, standing: FillStanding): LegEvidence {
  const known = fillOf(evidence, tradeId);
  if (known === undefined || known.standing === standing) return evidence;
  return { ...evidence, fills: evidence.fills.map((fill) => (fill === known ? { ...fill, standing } : fill)) };
}

export function withClaim(evidence: LegEvidence, claimedE6: number): LegEvidence {
  return claimedE6 <= evidence.claimedE6 ? evidence : { ...evidence, claimedE6 };
}

export function fillOf(evidence: LegEvidence, tradeId: string): EvidentFill | undefined {
  return evidence.fills.find((fill) => fill.tradeId === tradeId);
}

/** Everything that was ever matched, matches that failed included. */
export function matchedE6(evidence: LegEvidence): number {
  return Math.max(evidence.claimedE6, explainedE6(evidence));
}

/** Whether all of it was matched that can be. */
export function isWhole(evidence: LegEvidence, order: LegOrder): boolean {
  return order.sizeE6 - matchedE6(evidence) < DUST_E6;
}

/**
 * More was matched than was ordered, for more money than was offered. More contracts for the same money are none:
 * a purchase of Polymarket that matches at once is a budget, and a better price buys more.
 */
export function isOverfilled(evidence: LegEvidence, order: LegOrder): boolean {
  const excess = matchedE6(evidence) - order.sizeE6;
  if (excess < DUST_E6) return false;
  if (order.action === 'sell' || !SETTLES_LATER[order.venue] || !isImmediate(order)) return true;
  const gross = evidence.fills.reduce((sum, fill) => sum + fill.cashMicroUsd, 0);
  const budget = notional(order.limitE4, order.sizeE6);
  // Fees come on top of the budget, and are far below this part of it.
  return gross > budget + Math.ceil(budget / 10);
}

/** An order that matches at once or not at all never rests. */
export function isImmediate({ timeInForce }: Pick<LegOrder, 'timeInForce'>): boolean {
  return timeInForce === 'fillOrKill' || timeInForce === 'immediateOrCancel';
}

/** Nothing provisional, nothing contradictory, and a report with price and fee for everything that was matched. */
export function isSettled(evidence: LegEvidence): boolean {
  return isAccounted(evidence) && evidence.fills.every(({ standing }) => standing === 'final' || standing === 'failed');
}

function isAccounted(evidence: LegEvidence): boolean {
  return explainedE6(evidence) >= evidence.claimedE6;
}

export interface LegStands {
  readonly standing: LegStanding;
  readonly end: LegEnd | undefined;
  readonly refusal: LegReport['refusal'];
}

export function reportOf(order: LegOrder, evidence: LegEvidence, { standing, end, refusal }: LegStands): LegReport {
  const unexplained = Math.max(0, evidence.claimedE6 - explainedE6(evidence));
  const settlesLater = SETTLES_LATER[order.venue];
  const finalE6 = sizeOf(evidence, 'final') + (settlesLater ? 0 : unexplained);
  const minedE6 = sizeOf(evidence, 'mined');
  const provisionalE6 =
    sizeOf(evidence, 'provisional') + minedE6 + sizeOf(evidence, 'quarantined') + (settlesLater ? unexplained : 0);
  // A failed match may rest again while the order lives, so it counts as open once more.
  const openE6 = standing === 'ended' ? 0 : Math.max(0, fillableE6(order) - finalE6 - provisionalE6);
  return {
    order,
    standing,
    end,
    refusal,
    finalE6: sizeE6(finalE6),
    provisionalE6: sizeE6(provisionalE6),
    ...(minedE6 > 0 ? { minedE6: sizeE6(minedE6) } : {}),
    openE6: sizeE6(openE6),
    cashMicroUsd: addUsd(cashOf(evidence), estimateOf(order, sizeE6(unexplained))),
    isAccounted: unexplained === 0,
  };
}

export function isSameReport(one: LegReport, other: LegReport): boolean {
  return (
    one.standing === other.standing &&
    one.end === other.end &&
    one.refusal === other.refusal &&
    one.finalE6 === other.finalE6 &&
    one.provisionalE6 === other.provisionalE6 &&
    one.minedE6 === other.minedE6 &&
    one.openE6 === other.openE6 &&
    one.cashMicroUsd === other.cashMicroUsd &&
    one.isAccounted === other.isAccounted
  );
}

function explainedE6({ fills }: LegEvidence): number {
  return fills.reduce((sum, fill) => sum + fill.sizeE6, 0);
}

function sizeOf({ fills }: LegEvidence, standing: FillStanding): number {
  return fills.reduce((sum, fill) => (fill.standing === standing ? sum + fill.sizeE6 : sum), 0);
}

function cashOf({ fills }: LegEvidence): MicroUsd {
  return microUsd(fills.reduce((sum, fill) => (fill.standing === 'failed' ? sum : sum + fill.cashMicroUsd), 0));
}

/** What was matched and not yet reported is taken to have cost its limit. */
function estimateOf({ action, limitE4 }: LegOrder, unexplained: SizeE6): MicroUsd {
  if (unexplained === 0) return microUsd(0);
  return action === 'buy' ? notional(limitE4, unexplained) : microUsd(0 - notional(limitE4, unexplained, 'floor'));
}
