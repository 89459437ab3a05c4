/**
 * From an edge to the orders that take it: which leg first, at which limit, for how long, and what all of
 * it ties up at worst. Pure: ids are given, books are read as they are now.
 */
import type { Book } from '../book/book.ts';
import type { Basket } from '../edge/basket.ts';
import type { Decision } from '../edge/decide.ts';
import type { DepthWalk, WalkedLeg } from '../edge/depth-walk.ts';
import type { WatchedLeg } from '../edge/watch-list.ts';
import type { OrderFee } from '../fees/fee-schedule.ts';
import { type Instrument, isOnGrid, slotWidth, type VenueName } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import type { EntryRequest } from '../limits/risk-limits.ts';
import type { TimeInForce } from '../ports/venue.ts';
import { executableLadder, firstLeg, type RaceParameters } from '../race.ts';
import {
  addUsd,
  CONTRACT,
  complement,
  type MicroUsd,
  microUsd,
  millis,
  mulDiv,
  notional,
  type PriceE4,
  priceE4,
  RATE_ONE,
  rateE6,
  type SizeE6,
  subtractUsd,
} from '../units.ts';
import type { AttemptPlan, ExecutionPolicy, RepairLimits } from './attempt-plan.ts';
import type { LegOrder } from './leg.ts';
import { levelsFor } from './order-size.ts';

/** A whole cent is on every grid there is. */
const CENT_STEP = 100;

export interface PlanTerms {
  readonly policy: ExecutionPolicy;
  readonly repair: RepairLimits;
  readonly race: RaceParameters;
  /** Where the first leg rests under `makerThenHedge`. */
  readonly makerVenue: VenueName;
}

export interface PlanIds {
  readonly attemptId: string;
  readonly opportunityId: string;
  /** A fresh one every time. */
  readonly clientOrderId: () => string;
}

export type Planning =
  | { readonly kind: 'planned'; readonly plan: AttemptPlan; readonly entry: Omit<EntryRequest, 'cash' | 'orders'> }
  | {
      readonly kind: 'refused';
      readonly reason: 'NO_EDGE' | 'NOT_AN_INSTRUMENT' | 'NO_RESTING_PRICE' | 'NO_PROFIT_AT_REST';
      readonly detail: string;
    };

interface PlannedLeg {
  readonly basketLeg: number;
  readonly instrument: Instrument;
  readonly action: 'buy' | 'sell';
  readonly watched: WatchedLeg;
  readonly walked: WalkedLeg;
  readonly fee: OrderFee;
  /** In prices of the instrument itself. */
  readonly limitE4: PriceE4;
}

export function planAttempt(decision: Decision, terms: PlanTerms, ids: PlanIds): Planning {
  const { watch, verdict, atMs } = decision;
  if (verdict.kind !== 'edge' || watch.result.kind !== 'basket') {
    return { kind: 'refused', reason: 'NO_EDGE', detail: `expected an edge, found ${verdict.kind} (${watch.id})` };
  }
  const { walk } = verdict.evaluation;
  const legs = plannedLegs(watch.result.basket, watch.legs, walk);
  if (legs === undefined) {
    return {
      kind: 'refused',
      reason: 'NOT_AN_INSTRUMENT',
      detail: `expected tradable legs, found others (${watch.id})`,
    };
  }
  const ordered = inOrder(legs, terms, { atMs, sizeE6: walk.sizeE6 });
  const isMaker = terms.policy === 'makerThenHedge';
  const rest = isMaker ? restingPrice(ordered[0]) : undefined;
  if (isMaker && rest === undefined) {
    return { kind: 'refused', reason: 'NO_RESTING_PRICE', detail: `expected room between bid and ask (${watch.id})` };
  }
  const orders = ordered.map((leg, at) =>
    orderOf(leg, { at, terms, ids, sizeE6: walk.sizeE6, limitE4: at === 0 ? (rest ?? leg.limitE4) : leg.limitE4 }),
  );
  const profitMicroUsd = profitOf(walk, ordered, rest);
  if (profitMicroUsd <= 0) {
    return {
      kind: 'refused',
      reason: 'NO_PROFIT_AT_REST',
      detail: `expected a profit, found ${profitMicroUsd} (${watch.id})`,
    };
  }
  const capitalMicroUsd = addUsd(...ordered.map((leg, at) => tiedUp(leg, orders[at] as LegOrder)));
  const { attemptId, opportunityId } = ids;
  return {
    kind: 'planned',
    plan: {
      attemptId,
      opportunityId,
      watchId: watch.id,
      label: watch.label,
      policy: terms.policy,
      legs: orders,
      sizeE6: walk.sizeE6,
      promisedE4: watch.result.basket.worstPayoffE4,
      capitalMicroUsd,
      profitMicroUsd,
      books: verdict.books,
      repair: terms.repair,
    },
    entry: {
      capitalMicroUsd,
      sizeE6: walk.sizeE6,
      worstLossMicroUsd: microUsd(Math.max(...ordered.map((leg) => lossAlone(leg, walk.sizeE6)))),
      profitMicroUsd,
      slippageMicroUsd: addUsd(...ordered.map(slippageOf)),
      gasMicroUsd: walk.fixedCostMicroUsd,
    },
  };
}

function plannedLegs(
  basket: Basket,
  watched: readonly WatchedLeg[],
  walk: DepthWalk,
): readonly PlannedLeg[] | undefined {
  const legs: PlannedLeg[] = [];
  for (const [basketLeg, { reference, action }] of basket.legs.entries()) {
    const [seen, walked] = [watched[basketLeg], walk.legs[basketLeg]];
    if (reference.kind !== 'instrument' || seen?.fee === undefined || walked === undefined) return undefined;
    // A sale is priced as buying the opposite: its own limit is the mirror image.
    const limitE4 = action === 'sell' ? complement(walked.limitE4) : walked.limitE4;
    const { instrument } = reference;
    legs.push({ basketLeg, instrument, action, watched: seen, walked, fee: seen.fee, limitE4 });
  }
  return legs;
}

/** The less certain leg first, so that the other is sized to what filled; the one that rests before the one that takes. */
function inOrder(
  legs: readonly PlannedLeg[],
  { policy, race, makerVenue }: PlanTerms,
  at: { readonly atMs: number; readonly sizeE6: SizeE6 },
): readonly PlannedLeg[] {
  const kalshiFirst = [...legs].sort((a, b) => rankOf(a, 'kalshi') - rankOf(b, 'kalshi'));
  if (policy === 'together') return kalshiFirst;
  if (policy === 'makerThenHedge') return [...legs].sort((a, b) => rankOf(a, makerVenue) - rankOf(b, makerVenue));
  return kalshiFirst.sort((a, b) => {
    const [fillA, fillB] = [certaintyOf(a, race, at), certaintyOf(b, race, at)];
    return fillA === fillB ? 0 : firstLeg({ fillA, fillB }) === 'a' ? -1 : 1;
  });
}

function rankOf({ watched }: PlannedLeg, first: VenueName): number {
  return watched.book.venue === first ? 0 : 1;
}

/** How many times over the size lies within the limit once the race is counted, in millionths. */
function certaintyOf(
  { watched, walked }: PlannedLeg,
  race: RaceParameters,
  { atMs, sizeE6 }: { readonly atMs: number; readonly sizeE6: SizeE6 },
) {
  const { book, inverted } = watched;
  const shown = book.asks(inverted).filter(({ priceE4: price }) => price <= walked.limitE4);
  const { levels } = executableLadder(shown, { ageMs: millis(book.quietMs(atMs)), lotE6: CONTRACT }, race);
  const depth = levels.reduce((sum, level) => sum + level.sizeE6, 0);
  return rateE6(mulDiv(depth, RATE_ONE, sizeE6, 'floor'));
}

/** One tick better than the best bid, and short of the best ask (design H). */
function restingPrice(leg: PlannedLeg | undefined): PriceE4 | undefined {
  if (leg === undefined || leg.action !== 'buy') return undefined;
  const { book } = leg.watched;
  const { inverted } = leg.instrument;
  const [bid, ask] = [book.bestBidE4(inverted), book.bestAskE4(inverted)];
  const step = book.grid === undefined ? CENT_STEP : slotWidth(book.grid);
  if (ask < 0) return undefined;
  const better = bid < 0 ? ask - step : bid + step;
  const price = better < ask ? better : bid;
  return price > 0 && isPlaceable(book, price) ? priceE4(price) : undefined;
}

/** Bands of a grid are symmetric on both venues, so one check serves both outcomes. */
function isPlaceable({ grid }: Book, price: number): boolean {
  return grid === undefined ? price % CENT_STEP === 0 : isOnGrid(grid, priceE4(price));
}

function orderOf(
  { basketLeg, instrument, action, watched }: PlannedLeg,
  given: {
    readonly at: number;
    readonly terms: PlanTerms;
    readonly ids: PlanIds;
    readonly sizeE6: SizeE6;
    readonly limitE4: PriceE4;
  },
): LegOrder {
  const { at, terms, ids, sizeE6, limitE4 } = given;
  const isOpening = at === 0 || terms.policy === 'together';
  const { venue } = watched.book;
  return {
    attemptId: ids.attemptId,
    legId: `${at + 1}-${venue}`,
    venue,
    role: isOpening ? 'entry' : 'hedge',
    basketLeg,
    clientOrderId: ids.clientOrderId(),
    instrument,
    action,
    limitE4,
    sizeE6,
    timeInForce: timeInForceOf(terms.policy, at),
    expiresAt: undefined,
    postOnly: terms.policy === 'makerThenHedge' && at === 0,
    reduceOnly: action === 'sell',
    isReducing: !isOpening,
    ...bestSeen(watched, action),
  };
}

function bestSeen({ book, inverted }: WatchedLeg, action: 'buy' | 'sell'): { readonly bestE4?: PriceE4 } {
  const best = action === 'buy' ? book.bestAskE4(inverted) : -1;
  return best > 0 ? { bestE4: priceE4(best) } : {};
}

function timeInForceOf(policy: ExecutionPolicy, at: number): TimeInForce {
  if (policy === 'together') return 'fillOrKill';
  if (at > 0) return 'immediateOrCancel';
  if (policy === 'makerThenHedge') return 'goodTillCanceled';
  return policy === 'sniper' ? 'fillOrKill' : 'immediateOrCancel';
}

/** As the walk says, or at the price where the first leg rests: with the taker's fee, which no maker's exceeds. */
function profitOf(walk: DepthWalk, legs: readonly PlannedLeg[], rest: PriceE4 | undefined): MicroUsd {
  const [lead, ...others] = legs;
  if (rest === undefined || lead === undefined) return walk.profitMicroUsd;
  const atRest = [{ priceE4: rest, sizeE6: walk.sizeE6 }];
  const taken = others.map(({ walked }) => addUsd(walked.costMicroUsd, walked.feeMicroUsd));
  const cost = addUsd(notional(rest, walk.sizeE6), lead.fee(atRest), ...taken, walk.fixedCostMicroUsd);
  return subtractUsd(walk.payoffMicroUsd, cost);
}

/** What the venue holds back for the order: all of it at its limit, with its fee. A sale ties up nothing. */
function tiedUp({ fee }: PlannedLeg, { action, limitE4, sizeE6 }: LegOrder): MicroUsd {
  if (action === 'sell') return microUsd(0);
  return addUsd(notional(limitE4, sizeE6), fee([{ priceE4: limitE4, sizeE6 }]));
}

/** What is lost if this leg fills alone and is sold back into its own book; what nobody bids for is worth nothing. */
function lossAlone({ watched, walked, fee }: PlannedLeg, size: SizeE6): MicroUsd {
  const back = levelsFor(watched.book.bids(watched.inverted), size);
  const proceeds = addUsd(...back.map((level) => notional(level.priceE4, level.sizeE6, 'floor')));
  const returned = back.length === 0 ? microUsd(0) : subtractUsd(proceeds, fee(back));
  return subtractUsd(addUsd(walked.costMicroUsd, walked.feeMicroUsd), returned);
}

/** What walking past the best price costs. */
function slippageOf({ walked }: PlannedLeg): MicroUsd {
  const [best] = walked.taken;
  invariant(best !== undefined, 'a leg of an edge takes at least one level, found none');
  const size = walked.taken.reduce((sum, level) => sum + level.sizeE6, 0) as SizeE6;
  return microUsd(Math.max(0, walked.costMicroUsd - notional(best.priceE4, size)));
}
