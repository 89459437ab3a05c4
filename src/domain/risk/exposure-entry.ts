/** What one attempt contributes to exposure, from its legs, its reservation and what was sold or settled of it. */
import { type BookId, type Instrument, instrumentId, type VenueName, venueOf } from '../instrument.ts';
import { CONTRACT, mulDiv } from '../units.ts';
import {
  type BookedLeg,
  type CashSpan,
  contractSpan,
  costSpan,
  isOpen,
  isOpenBudget,
  isProvisional,
  matchedE6,
  plannedSpan,
  unbookedCash,
  unitCost,
} from './leg-bounds.ts';
import type { ContractSpan, RiskGroup } from './reservation.ts';

export interface Entry {
  readonly attemptId: string;
  readonly group: RiskGroup;
  /** Legs of a complete set: one that was never bought counts as nothing held. */
  readonly basketLegs: number;
  /** Held until release, whatever the legs need of it: a repair may have to use the rest. */
  readonly reservedMicroUsd: number;
  readonly reservedSizeE6: number;
  readonly legs: Map<string, BookedLeg>;
  /** Contracts by holding that another entry sold (negative), or that this one sold of others (positive). */
  readonly shifts: Map<string, number>;
  readonly settled: Set<BookId>;
  /** Of these, books whose payout nobody takes back any more. */
  readonly closed: Set<BookId>;
  isReleased: boolean;
  /** Sets that the day's volume has already counted. */
  countedE6: number;
}

export interface Contribution {
  /** Capital at risk; with the whole reservation until release. */
  readonly least: number;
  readonly most: number;
  /** Everything that may be true. */
  readonly unhedged: CashSpan;
  /** Without the intervals that were planned: a leg on its way may still do what it was sent for. */
  readonly imbalance: CashSpan;
  /** Counted for limits: without what a better price than any that was shown may add. */
  readonly sizeE6: number;
  readonly openOrders: number;
  readonly cash: Readonly<Record<VenueName, number>>;
  readonly held: ReadonlyMap<string, ContractSpan>;
  /** Reserved and not yet filled: the day may still have to count it. */
  readonly waiting: { readonly trades: number; readonly sizeE6: number };
}

/**
 * Names what is held in one place. Kalshi nets both outcomes of a market at once, so a market is one holding
 * there, its opposite counted negative; on Polymarket every outcome is a token of its own.
 */
export function holdingOf(instrument: Instrument): { readonly key: string; readonly sign: 1 | -1 } {
  if (venueOf(instrument.book) === 'polymarket') return { key: instrumentId(instrument), sign: 1 };
  return { key: instrument.book, sign: instrument.inverted ? -1 : 1 };
}

export function newEntry(given: Pick<Entry, 'attemptId' | 'group' | 'basketLegs'> & Partial<Entry>): Entry {
  return {
    reservedMicroUsd: 0,
    reservedSizeE6: 0,
    legs: new Map(),
    shifts: new Map(),
    settled: new Set(),
    closed: new Set(),
    isReleased: false,
    countedE6: 0,
    ...given,
  };
}

/** The legs that count: after release only those that were sent, and never those whose market has paid out. */
function legsOf({ legs, settled, isReleased }: Entry): BookedLeg[] {
  const counted: BookedLeg[] = [];
  for (const leg of legs.values())
    if (!settled.has(leg.order.instrument.book) && !(isReleased && leg.report === undefined)) counted.push(leg);
  return counted;
}

export function contributionOf(entry: Entry): Contribution {
  const legs = legsOf(entry);
  const held = heldOf(entry, legs);
  const planned = legs.some(isOpenBudget) ? heldOf(entry, legs, plannedSpan) : held;
  const cost = entry.isReleased ? heldCost(legs, held) : liveCost(legs);
  return {
    least: cost.least,
    most: entry.isReleased ? cost.most : Math.max(entry.reservedMicroUsd, cost.most),
    ...unhedgedOf(entry, legs),
    sizeE6: Math.max(entry.isReleased ? 0 : entry.reservedSizeE6, ...[...planned.values()].map(largest)),
    openOrders: legs.filter(isOpen).length,
    cash: { kalshi: cashAt('kalshi', legs), polymarket: cashAt('polymarket', legs) },
    held,
    waiting: waitingOf(entry),
  };
}

function waitingOf({ isReleased, reservedSizeE6, countedE6 }: Entry): Contribution['waiting'] {
  if (isReleased || reservedSizeE6 === 0) return { trades: 0, sizeE6: 0 };
  return { trades: countedE6 === 0 ? 1 : 0, sizeE6: Math.max(0, reservedSizeE6 - countedE6) };
}

/** What the legs are known to come to, without the reservation. */
export function knownCost(entry: Entry): CashSpan {
  const legs = legsOf(entry);
  return entry.isReleased ? heldCost(legs, heldOf(entry, legs)) : liveCost(legs);
}

/** Released, nothing of it can change any more, and nothing is held. */
function isFlat(entry: Entry, { held }: Contribution): boolean {
  if (!entry.isReleased || [...entry.legs.values()].some(isProvisional)) return false;
  return [...held.values()].every(({ leastE6, mostE6 }) => leastE6 === 0 && mostE6 === 0);
}

/** Flat for good: nothing was left of it, or no payout of what was left can be taken back any more. */
export function isOver(entry: Entry, now: Contribution): boolean {
  if (!isFlat(entry, now)) return false;
  if ([...entry.settled].every((book) => entry.closed.has(book))) return true;
  return isFlat(entry, contributionOf({ ...entry, settled: new Set() }));
}

function largest({ leastE6, mostE6 }: ContractSpan): number {
  return Math.max(Math.abs(leastE6), Math.abs(mostE6));
}

function cashAt(venue: VenueName, legs: readonly BookedLeg[]): number {
  return legs.reduce((sum, leg) => (leg.order.venue === venue ? sum + unbookedCash(leg) : sum), 0);
}

function liveCost(legs: readonly BookedLeg[]): CashSpan {
  let [least, most] = [0, 0];
  for (const leg of legs) {
    const span = costSpan(leg);
    least += span.least;
    most += span.most;
  }
  return { least: Math.max(0, least), most: Math.max(0, most) };
}

function heldOf(
  entry: Entry,
  legs: readonly BookedLeg[],
  spanOf: (leg: BookedLeg) => ContractSpan = contractSpan,
): ReadonlyMap<string, ContractSpan> {
  const held = new Map<string, ContractSpan>();
  const add = (key: string, leastE6: number, mostE6: number) => {
    const before = held.get(key) ?? { leastE6: 0, mostE6: 0 };
    held.set(key, { leastE6: before.leastE6 + leastE6, mostE6: before.mostE6 + mostE6 });
  };
  for (const leg of legs) {
    const { key, sign } = holdingOf(leg.order.instrument);
    const { leastE6, mostE6 } = spanOf(leg);
    if (sign === 1) add(key, leastE6, mostE6);
    else add(key, -mostE6, -leastE6);
  }
  for (const [key, shift] of entry.shifts) if (held.has(key)) add(key, shift, shift);
  return held;
}

/** What is still held, at what it cost; a contract that we owe, or of which no purchase is known, costs a dollar. */
function heldCost(legs: readonly BookedLeg[], held: ReadonlyMap<string, ContractSpan>): CashSpan {
  let [least, most] = [0, 0];
  for (const [key, { leastE6, mostE6 }] of held) {
    const [same, opposite] = [purchases(legs, key, 1), purchases(legs, key, -1)];
    most += Math.max(costOfPart(same, Math.max(0, mostE6)), costOfPart(opposite, Math.max(0, -leastE6)));
    least += leastOfPart(same, leastE6) + leastOfPart(opposite, -mostE6);
  }
  return { least: Math.min(least, most), most };
}

interface Purchases {
  readonly sizeE6: number;
  readonly cost: CashSpan;
}

function purchases(legs: readonly BookedLeg[], key: string, sign: 1 | -1): Purchases {
  let [sizeE6, least, most] = [0, 0, 0];
  for (const leg of legs) {
    const holding = holdingOf(leg.order.instrument);
    if (leg.order.action !== 'buy' || holding.key !== key || holding.sign !== sign) continue;
    const cost = costSpan(leg);
    sizeE6 += contractSpan(leg).mostE6;
    least += cost.least;
    most += cost.most;
  }
  return { sizeE6, cost: { least, most } };
}

function costOfPart({ sizeE6, cost }: Purchases, partE6: number): number {
  if (partE6 <= 0) return 0;
  const bought = Math.min(partE6, sizeE6);
  const paid = bought === 0 ? 0 : mulDiv(cost.most, bought, sizeE6, 'ceil');
  return paid + (partE6 - bought);
}

function leastOfPart({ sizeE6, cost }: Purchases, certainE6: number): number {
  if (certainE6 <= 0 || sizeE6 === 0) return 0;
  return mulDiv(Math.max(0, cost.least), Math.min(certainE6, sizeE6), sizeE6, 'floor');
}

/** One leg of the basket: what may be held of it, and what orders in their plan may still do about it. */
interface Side {
  least: number;
  most: number;
  matchedLeast: number;
  matchedMost: number;
  mayRise: number;
  mayFall: number;
  /** What a contract of it costs at most. */
  unitMost: number;
  paidLeast: number;
  /** All that was paid for it, and a dollar for each contract that another entry bought. */
  paidMost: number;
  boughtMost: number;
  first: { readonly key: string; readonly sign: 1 | -1 } | undefined;
}

function unhedgedOf(entry: Entry, legs: readonly BookedLeg[]): Pick<Contribution, 'unhedged' | 'imbalance'> {
  const nothing = { least: 0, most: 0 };
  if (entry.basketLegs < 2 || entry.settled.size > 0) return { unhedged: nothing, imbalance: nothing };
  const sides = sidesOf(entry, legs);
  const unhedged = { least: leastExcess(sides), most: mostExcess(sides.map(everything)) };
  return { unhedged, imbalance: { least: unhedged.least, most: mostExcess(sides) } };
}

function sidesOf(entry: Entry, legs: readonly BookedLeg[]): Side[] {
  const sides: Side[] = [];
  for (let at = 0; at < entry.basketLegs; at++) sides.push(nothingOf());
  for (const leg of legs) {
    const side = sides[leg.order.basketLeg];
    if (side !== undefined) addLeg(side, leg);
  }
  for (const side of sides) {
    const shift = side.first === undefined ? 0 : (entry.shifts.get(side.first.key) ?? 0) * side.first.sign;
    side.least += shift;
    side.most += shift;
    side.matchedLeast += shift;
    side.matchedMost += shift;
    side.paidMost += Math.max(0, shift);
  }
  return sides;
}

function nothingOf(): Side {
  return {
    least: 0,
    most: 0,
    matchedLeast: 0,
    matchedMost: 0,
    mayRise: 0,
    mayFall: 0,
    unitMost: 0,
    paidLeast: 0,
    paidMost: 0,
    boughtMost: 0,
    first: undefined,
  };
}

function addLeg(side: Side, leg: BookedLeg): void {
  const holding = holdingOf(leg.order.instrument);
  side.first ??= holding;
  const isSame = holding.key === side.first.key && holding.sign === side.first.sign;
  // Buying the opposite outcome of what is held takes from it: the venue pairs both.
  const [low, high] = bounds(contractSpan(leg), isSame);
  const matched = isSame ? matchedE6(leg) : -matchedE6(leg);
  const isInPlan = leg.report === undefined || PLANNED.has(leg.report.standing);
  side.least += low;
  side.most += high;
  const end = openEnd(leg, isSame);
  if (isInPlan) {
    side.mayRise += Math.max(0, end - matched);
    side.mayFall += Math.max(0, matched - end);
  }
  side.matchedLeast += isInPlan ? matched : Math.min(matched, end);
  side.matchedMost += isInPlan ? matched : Math.max(matched, end);
  if (!isSame) return;
  side.unitMost = Math.max(side.unitMost, unitCost(leg));
  if (leg.order.action === 'sell') return;
  const cost = costSpan(leg);
  side.paidLeast += cost.least;
  side.paidMost += cost.most;
  side.boughtMost += contractSpan(leg).mostE6;
}

const PLANNED: ReadonlySet<string> = new Set(['planned', 'working', 'resting']);

function bounds({ leastE6, mostE6 }: ContractSpan, isSame: boolean): readonly [number, number] {
  return isSame ? [leastE6, mostE6] : [-mostE6, -leastE6];
}

/** With everything filled that may still fill, as planned: an order whose fate nobody knows may have. */
function openEnd(leg: BookedLeg, isSame: boolean): number {
  const { leastE6, mostE6 } = plannedSpan(leg);
  const isBuy = leg.order.action === 'buy';
  const end = isBuy ? mostE6 : leastE6;
  return isSame ? end : -end;
}

function everything(side: Side): Side {
  const { least, most, unitMost, paidLeast, paidMost, boughtMost, first } = side;
  return {
    least,
    most,
    matchedLeast: least,
    matchedMost: most,
    mayRise: 0,
    mayFall: 0,
    unitMost,
    paidLeast,
    paidMost,
    boughtMost,
    first,
  };
}

/** The largest cost of contracts without a partner, when each side ends where it hurts and plans go as planned. */
function mostExcess(sides: readonly Side[]): number {
  let worst = 0;
  for (const short of sides) {
    let excess = 0;
    for (const long of sides) {
      const lonely = long.matchedMost - long.mayFall - (short.matchedLeast + short.mayRise);
      if (long !== short && lonely > 0)
        excess += Math.min(long.paidMost, mulDiv(lonely, long.unitMost, CONTRACT, 'ceil'));
    }
    worst = Math.max(worst, excess);
  }
  return worst;
}

/** Contracts that certainly have no partner, at the least that they can have cost on average. */
function leastExcess(sides: readonly Side[]): number {
  const shortest = Math.min(...sides.map(({ most }) => most));
  let excess = 0;
  for (const { least, paidLeast, boughtMost } of sides) {
    if (least <= shortest || boughtMost === 0) continue;
    const unitE6 = mulDiv(Math.max(0, paidLeast), CONTRACT, boughtMost, 'floor');
    excess += mulDiv(least - shortest, unitE6, CONTRACT, 'floor');
  }
  return excess;
}
