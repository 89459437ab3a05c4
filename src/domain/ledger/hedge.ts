/** How much of an event is hedged, what the rest cost, and what profit is already certain. */
import type { Outcome } from '../instrument.ts';
import { addUsd, type MicroUsd, microUsd, mulDiv, type SizeE6, sizeE6, subtractUsd } from '../units.ts';
import type { Holding } from './ledger.ts';
import { atOneDollar, otherOutcome } from './netting.ts';

/** Contracts held on one event, at either venue. `pays` is in the terms of the pair, its polarity already applied. */
export interface HeldLeg {
  readonly pays: Outcome;
  readonly sizeE6: SizeE6;
  readonly costMicroUsd: MicroUsd;
  readonly isProvisional: boolean;
}

/** A holding as a leg of a pair. A short of one outcome counts as its opposite, with the dollar it still owes. */
export function legOf(
  holding: Holding,
  pair: { readonly isInverted: boolean; readonly isProvisional: boolean },
): HeldLeg {
  const isShort = holding.sizeE6 < 0;
  const pays = isShort === pair.isInverted ? holding.outcome : otherOutcome(holding.outcome);
  const size = sizeE6(Math.abs(holding.sizeE6));
  const costMicroUsd = isShort ? addUsd(atOneDollar(size), holding.costMicroUsd) : holding.costMicroUsd;
  return { pays, sizeE6: size, costMicroUsd, isProvisional: pair.isProvisional };
}

export interface Hedge {
  /** Complete pairs: each pays $1 whichever way the event goes. */
  readonly pairsE6: SizeE6;
  readonly unhedgedE6: SizeE6;
  /** What the contracts without a partner cost, without fees, rounded against us. */
  readonly unhedgedMicroUsd: MicroUsd;
  /** What the pairs pay less what they cost, without fees, rounded against us. */
  readonly surplusMicroUsd: MicroUsd;
  /** Some of it may still be reversed. */
  readonly isProvisional: boolean;
}

/** Matches the YES side of an event against its NO side, across venues, at average cost. */
export function hedgeOf(legs: readonly HeldLeg[]): Hedge {
  const [yes, no] = [sideOf(legs, 'yes'), sideOf(legs, 'no')];
  const pairs = Math.min(yes.sizeE6, no.sizeE6);
  const larger = yes.sizeE6 > no.sizeE6 ? yes : no;
  const unhedged = Math.abs(yes.sizeE6 - no.sizeE6);
  const paid = addUsd(costOf(yes, pairs), costOf(no, pairs));
  return {
    pairsE6: sizeE6(pairs),
    unhedgedE6: sizeE6(unhedged),
    unhedgedMicroUsd: costOf(larger, unhedged),
    surplusMicroUsd: subtractUsd(atOneDollar(pairs), paid),
    isProvisional: legs.some((leg) => leg.isProvisional),
  };
}

/**
 * One leg filled and its partner did not, or has been reversed: what opens the breaker as
 * `ASYMMETRIC_EXECUTION` once the attempt's legs have ended (docs/invariants.md I5).
 */
export function isAsymmetric(hedge: Hedge): boolean {
  return hedge.unhedgedE6 > 0;
}

/** Profit and loss by how sure it is (docs/rules.md §15). The parts add up to what is left if every open pair pays. */
export interface PnlSplit {
  /** Closed, fees of everything included. */
  readonly settledMicroUsd: MicroUsd;
  /** Complete pairs of confirmed trades. */
  readonly lockedMicroUsd: MicroUsd;
  /** Complete pairs of which a trade may still be reversed. */
  readonly provisionalMicroUsd: MicroUsd;
  readonly whenPairsPayMicroUsd: MicroUsd;
}

export function splitPnl(settledMicroUsd: MicroUsd, hedges: readonly Hedge[]): PnlSplit {
  const surplus = (isProvisional: boolean) =>
    addUsd(...hedges.filter((hedge) => hedge.isProvisional === isProvisional).map((hedge) => hedge.surplusMicroUsd));
  const [lockedMicroUsd, provisionalMicroUsd] = [surplus(false), surplus(true)];
  const whenPairsPayMicroUsd = addUsd(settledMicroUsd, lockedMicroUsd, provisionalMicroUsd);
  return { settledMicroUsd, lockedMicroUsd, provisionalMicroUsd, whenPairsPayMicroUsd };
}

interface Side {
  readonly sizeE6: number;
  readonly costMicroUsd: MicroUsd;
}

function sideOf(legs: readonly HeldLeg[], pays: Outcome): Side {
  const mine = legs.filter((leg) => leg.pays === pays);
  const size = mine.reduce((sum, leg) => sum + leg.sizeE6, 0);
  return { sizeE6: size, costMicroUsd: addUsd(...mine.map((leg) => leg.costMicroUsd)) };
}

function costOf(side: Side, partE6: number): MicroUsd {
  return partE6 === 0 ? microUsd(0) : microUsd(mulDiv(side.costMicroUsd, partE6, side.sizeE6, 'ceil'));
}
