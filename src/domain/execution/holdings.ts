/**
 * What an attempt holds of each leg of its basket, computed from the reports of its orders and never
 * from its plan. Contracts count in the direction of the basket: an entry adds, its reversal takes away.
 *
 * Matches that may still fail on chain count as held: they are what there is to hedge (S12). What is
 * merely possible counts against us on both ends, so that nothing is repaired twice.
 */
import { invariant } from '../invariant.ts';
import { type MicroUsd, microUsd, mulDiv, type SizeE6, sizeE6 } from '../units.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { confirmedE6, type LegOrder, type LegReport } from './leg.ts';

export interface Holding {
  readonly basketLeg: number;
  /** Held for certain: every open order that could still reduce it counted as filled. */
  readonly leastE6: number;
  /** Held as far as the venues have confirmed. */
  readonly heldE6: number;
  /** Held if every open order that adds to it fills. */
  readonly mostE6: number;
  /** Of what is held, what has reached the chain: where tokens settle later, only these can be sold back. */
  readonly settledE6: number;
  /** What is held cost, at the average of what was bought: what a reversal lost is not the rest's to bear. */
  readonly costMicroUsd: MicroUsd;
}

/** Whether an order adds to its leg of the basket, or reverses it. */
function isAdding(plan: AttemptPlan, order: LegOrder): boolean {
  return order.action === entryOf(plan, order.basketLeg).action;
}

/** The planned entry of a leg of the basket. */
export function entryOf(plan: AttemptPlan, basketLeg: number): LegOrder {
  const entry = plan.legs.find((leg) => leg.basketLeg === basketLeg);
  invariant(
    entry !== undefined,
    () => `expected a planned entry for leg ${basketLeg} of ${plan.attemptId}, found none`,
  );
  return entry;
}

/** One holding a leg of the basket, in the order in which the plan sends them. */
export function holdingsOf(plan: AttemptPlan, reports: readonly LegReport[]): readonly Holding[] {
  return plan.legs.map(({ basketLeg }) => {
    const mine = reports.filter(({ order }) => order.basketLeg === basketLeg);
    const added = totalsOf(mine.filter(({ order }) => isAdding(plan, order)));
    const reversed = totalsOf(mine.filter(({ order }) => !isAdding(plan, order)));
    const heldE6 = added.confirmedE6 - reversed.confirmedE6;
    return {
      basketLeg,
      leastE6: added.confirmedE6 - reversed.confirmedE6 - reversed.openE6,
      heldE6,
      mostE6: added.confirmedE6 + added.openE6 - reversed.confirmedE6,
      settledE6: Math.max(0, added.settledE6 - reversed.confirmedE6 - reversed.openE6),
      costMicroUsd: heldE6 <= 0 ? microUsd(0) : microUsd(mulDiv(added.cashMicroUsd, heldE6, added.confirmedE6, 'ceil')),
    };
  });
}

function totalsOf(reports: readonly LegReport[]) {
  return {
    confirmedE6: reports.reduce((sum, report) => sum + confirmedE6(report), 0),
    openE6: reports.reduce((sum, { openE6 }) => sum + openE6, 0),
    settledE6: reports.reduce((sum, { finalE6, minedE6 = 0 }) => sum + finalE6 + minedE6, 0),
    cashMicroUsd: reports.reduce((sum, { cashMicroUsd }) => sum + cashMicroUsd, 0),
  };
}

/**
 * Contracts without a partner that no order in flight can still supply: what may be repaired now,
 * however the open orders end. Zero while an unresolved order could close the gap by itself.
 */
export function shortfallE6(holdings: readonly Holding[]): SizeE6 {
  const longest = Math.max(...holdings.map(({ leastE6 }) => leastE6));
  const shortest = Math.min(...holdings.map(({ mostE6 }) => mostE6));
  return sizeE6(Math.max(0, longest - shortest));
}

/** The difference between the fullest and the emptiest leg, as confirmed. */
export function gapE6(holdings: readonly Holding[]): SizeE6 {
  const held = holdings.map(({ heldE6 }) => heldE6);
  return sizeE6(Math.max(...held) - Math.min(...held));
}

/** Complete sets that are held. Never below zero. */
export function setsE6(holdings: readonly Holding[]): SizeE6 {
  return sizeE6(Math.max(0, Math.min(...holdings.map(({ heldE6 }) => heldE6))));
}

/** What so many contracts of a leg cost on average, rounded against us. */
export function basisOf({ heldE6, costMicroUsd }: Holding, size: number): MicroUsd {
  return heldE6 <= 0 ? microUsd(0) : microUsd(mulDiv(costMicroUsd, size, heldE6, 'ceil'));
}

/** What the contracts without a partner cost: the worse end of what an asymmetry may lose. */
export function unhedgedMicroUsd(holdings: readonly Holding[]): MicroUsd {
  const sets = Math.min(...holdings.map(({ heldE6 }) => heldE6));
  return microUsd(
    holdings.reduce((sum, holding) => sum + Math.max(0, basisOf(holding, Math.max(0, holding.heldE6 - sets))), 0),
  );
}
