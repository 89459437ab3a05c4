/**
 * How to close the gap of an attempt whose legs filled unequally: complete the missing leg, or take the
 * surplus back, whichever loses less at the books as they are now (S10).
 *
 * A repair never sizes by the plan, never counts on an order whose fate is open, and never goes beyond
 * what is left of its loss limit even if every contract of it trades at the limit price.
 */
import { payoutOf } from '../edge/set-price.ts';
import type { VenueName } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import type { OrderRefusal } from '../ports/venue.ts';
import { addUsd, type MicroUsd, microUsd, notional, PRICE_ONE, type SizeE6, sizeE6, subtractUsd } from '../units.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { basisOf, entryOf, gapE6, type Holding, shortfallE6, unhedgedMicroUsd } from './holdings.ts';
import type { LegReport } from './leg.ts';
import { type Taking, type TakingProblem, type TakingSide, takeUpTo } from './order-size.ts';

export type RepairKind = 'completion' | 'unwind';

/** What one leg of the basket can be traded for now, in either direction. */
export interface LegMarket {
  readonly basketLeg: number;
  readonly venue: VenueName;
  /** `undefined` while orders that reduce are not taken there, or its book may not be believed. */
  readonly complete: TakingSide | undefined;
  readonly unwind: TakingSide | undefined;
  /** Matches settle later: only what is settled can be sold back (S15). */
  readonly settlesLater: boolean;
}

export interface RepairRequest {
  readonly plan: AttemptPlan;
  readonly holdings: readonly Holding[];
  readonly markets: readonly LegMarket[];
  /** What repairs of this attempt have lost so far. */
  readonly lostMicroUsd: MicroUsd;
  /** Legs of the basket whose venue would refuse more of them: completed last, when there is no other way. */
  readonly shut: readonly number[];
}

/** Refusals that are about us: the next order of this kind is refused as well, until a person has done something. */
const ABOUT_US: ReadonlySet<OrderRefusal> = new Set([
  'insufficientBalance',
  'unauthenticated',
  'forbidden',
  'unsupported',
]);

/** Whether the venue has refused the attempt more of this leg for a reason that lasts. */
export function isShut(plan: AttemptPlan, reports: readonly LegReport[], basketLeg: number): boolean {
  const { action } = entryOf(plan, basketLeg);
  return reports.some(
    ({ order, refusal }) =>
      order.basketLeg === basketLeg && order.action === action && refusal !== undefined && ABOUT_US.has(refusal),
  );
}

export interface RepairOrder {
  readonly basketLeg: number;
  readonly taking: Taking;
}

export type RepairPlan =
  | {
      readonly kind: 'planned';
      readonly repair: RepairKind;
      readonly orders: readonly RepairOrder[];
      /** What these contracts lose by it, at the prices shown; negative is a gain. */
      readonly costMicroUsd: MicroUsd;
      /** The same if everything trades at the limits. */
      readonly worstMicroUsd: MicroUsd;
    }
  | { readonly kind: 'impossible'; readonly reason: string }
  /** What would have to be sold has not settled yet. */
  | { readonly kind: 'postponed'; readonly reason: string }
  | { readonly kind: 'dust'; readonly sizeE6: SizeE6; readonly costMicroUsd: MicroUsd };

type Problem = TakingProblem | 'unavailable' | 'unsettled' | 'partial';

interface Way {
  readonly repair: RepairKind;
  readonly orders: readonly RepairOrder[];
  readonly sizeE6: SizeE6;
  readonly costMicroUsd: MicroUsd;
  readonly worstMicroUsd: MicroUsd;
}

interface Asked {
  readonly holding: Holding;
  readonly market: LegMarket;
  readonly sizeE6: SizeE6;
}

export function planRepair(request: RepairRequest): RepairPlan {
  const { shut, markets } = request;
  if (shut.length === 0) return planAmong(request);
  const open = markets.map((market) => (shut.includes(market.basketLeg) ? { ...market, complete: undefined } : market));
  const repair = planAmong({ ...request, markets: open });
  return repair.kind === 'impossible' ? planAmong(request) : repair;
}

function planAmong(request: RepairRequest): RepairPlan {
  const { holdings } = request;
  const short = shortfallE6(holdings);
  if (short === 0) {
    return { kind: 'impossible', reason: 'expected a gap that no open order can close, found none' };
  }
  const left = microUsd(Math.max(0, request.plan.repair.repairLossMicroUsdMax - request.lostMicroUsd));
  const ways = [completion(request, short, left), unwinding(request, short, left)];
  const found = ways.filter((way) => typeof way !== 'string');
  const problems = ways.filter((way) => typeof way === 'string');
  const [one, other] = found;
  if (one === undefined) return withoutWay(request, problems);
  if (problems.includes('unsettled') && isWorthWaiting(request, one, short, left)) {
    return { kind: 'postponed', reason: 'unwind unsettled, and cheaper than completion' };
  }
  return planned(other === undefined ? one : cheaper(request, one, other));
}

/** Whether selling back, once it has settled, loses less at the books as they are now than completing at once. */
function isWorthWaiting(request: RepairRequest, now: Way, short: SizeE6, left: MicroUsd): boolean {
  const markets = request.markets.map((market) => ({ ...market, settlesLater: false }));
  const later = unwinding({ ...request, markets }, short, left);
  return typeof later !== 'string' && cheaper(request, now, later) === later;
}

/** Supplies what the emptier legs lack. */
function completion(request: RepairRequest, short: SizeE6, left: MicroUsd): Way | Problem {
  const longest = Math.max(...request.holdings.map(({ leastE6 }) => leastE6));
  const asked = askedOf(request, ({ mostE6 }) => longest - mostE6);
  return wayOf({ request, repair: 'completion', asked, short, left });
}

/** Takes back what the fuller legs have too much of. */
function unwinding(request: RepairRequest, short: SizeE6, left: MicroUsd): Way | Problem {
  const shortest = Math.min(...request.holdings.map(({ mostE6 }) => mostE6));
  const asked = askedOf(request, ({ leastE6 }) => leastE6 - shortest);
  return wayOf({ request, repair: 'unwind', asked, short, left });
}

function askedOf({ holdings, markets }: RepairRequest, sizeOf: (holding: Holding) => number): readonly Asked[] {
  const asked: Asked[] = [];
  for (const holding of holdings) {
    const size = sizeOf(holding);
    if (size <= 0) continue;
    const market = markets.find(({ basketLeg }) => basketLeg === holding.basketLeg);
    invariant(market !== undefined, () => `expected a market for leg ${holding.basketLeg}, found none`);
    asked.push({ holding, market, sizeE6: sizeE6(size) });
  }
  return asked;
}

/** One order may close a part of the gap; several only go together, because a part of each would be a new gap. */
function wayOf(given: {
  readonly request: RepairRequest;
  readonly repair: RepairKind;
  readonly asked: readonly Asked[];
  readonly short: SizeE6;
  readonly left: MicroUsd;
}): Way | Problem {
  const { request, repair, asked, short, left } = given;
  const orders: RepairOrder[] = [];
  let [cash, worst] = [microUsd(0), microUsd(0)];
  for (const one of asked) {
    const taking = takingFor(repair, one, (candidate) => {
      const size = asked.length === 1 ? candidate.sizeE6 : short;
      return lossOf(request, repair, { sizeE6: size, cash: addUsd(worst, candidate.worstMicroUsd) }) <= left;
    });
    if (typeof taking === 'string') return taking;
    if (asked.length > 1 && taking.sizeE6 < one.sizeE6) return 'partial';
    orders.push({ basketLeg: one.holding.basketLeg, taking });
    cash = addUsd(cash, taking.cashMicroUsd);
    worst = addUsd(worst, taking.worstMicroUsd);
  }
  const size = orders.length === 1 ? sizeE6(Math.min(...orders.map(({ taking }) => taking.sizeE6))) : short;
  const costMicroUsd = lossOf(request, repair, { sizeE6: size, cash });
  return {
    repair,
    orders,
    sizeE6: size,
    costMicroUsd,
    worstMicroUsd: lossOf(request, repair, { sizeE6: size, cash: worst }),
  };
}

function takingFor(
  repair: RepairKind,
  { market, holding, sizeE6: wanted }: Asked,
  isAffordable: (taking: Taking) => boolean,
): Taking | Problem {
  const side = repair === 'completion' ? market.complete : market.unwind;
  if (side === undefined) return 'unavailable';
  if (side.action === 'buy' || !market.settlesLater) return takeUpTo(side, wanted, isAffordable);
  const settled = sizeE6(Math.min(wanted, holding.settledE6));
  return settled === 0 ? 'unsettled' : takeUpTo(side, settled, isAffordable);
}

/**
 * What so many contracts of the gap lose if they are traded for this cash. A completed set pays its
 * promise for what all its legs cost; what is taken back returns its proceeds for what it cost. A leg
 * that gives up what was held is priced as its opposite: a dollar less what the sale brought.
 */
function lossOf(
  { plan, holdings }: RepairRequest,
  repair: RepairKind,
  { sizeE6: size, cash }: { readonly sizeE6: SizeE6; readonly cash: MicroUsd },
): MicroUsd {
  const shortest = Math.min(...holdings.map(({ heldE6 }) => heldE6));
  const paid = holdings.map((holding) => basisOf(holding, Math.min(size, Math.max(0, holding.heldE6 - shortest))));
  if (repair === 'unwind') return addUsd(...paid, cash);
  const mirrored = plan.legs.filter(({ action }) => action === 'sell').map(() => notional(PRICE_ONE, size));
  return subtractUsd(addUsd(...paid, ...mirrored, cash), payoutOf(plan.promisedE4, size));
}

/** Held against each other at the size that both can do; the one that does more wins a tie. */
function cheaper(request: RepairRequest, one: Way, other: Way): Way {
  const size = sizeE6(Math.min(one.sizeE6, other.sizeE6));
  const [costOne, costOther] = [costAt(request, one, size), costAt(request, other, size)];
  if (costOne !== costOther) return costOne < costOther ? one : other;
  return other.sizeE6 > one.sizeE6 ? other : one;
}

function costAt(request: RepairRequest, way: Way, size: SizeE6): MicroUsd {
  if (way.sizeE6 === size || way.orders.length !== 1) return way.costMicroUsd;
  const [order] = way.orders;
  const market = request.markets.find(({ basketLeg }) => basketLeg === order?.basketLeg);
  const side = way.repair === 'completion' ? market?.complete : market?.unwind;
  if (side === undefined) return way.costMicroUsd;
  const taking = takeUpTo(side, size, () => true);
  if (typeof taking === 'string' || taking.sizeE6 < size) return way.costMicroUsd;
  return lossOf(request, way.repair, { sizeE6: size, cash: taking.cashMicroUsd });
}

function planned({ repair, orders, costMicroUsd, worstMicroUsd }: Way): RepairPlan {
  return { kind: 'planned', repair, orders, costMicroUsd, worstMicroUsd };
}

function withoutWay({ plan, holdings }: RepairRequest, problems: readonly Problem[]): RepairPlan {
  const costMicroUsd = unhedgedMicroUsd(holdings);
  if (problems.includes('tooSmall') && costMicroUsd <= plan.repair.dustMicroUsdMax) {
    return { kind: 'dust', sizeE6: gapE6(holdings), costMicroUsd };
  }
  const [toComplete, toUnwind] = problems;
  const reason = `completion ${toComplete ?? 'possible'}, unwind ${toUnwind ?? 'possible'}`;
  return problems.includes('unsettled') ? { kind: 'postponed', reason } : { kind: 'impossible', reason };
}
