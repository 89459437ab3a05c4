/**
 * How many sets to buy: the joint walk over the ask ladders of a basket (docs/rules.md §7).
 *
 * Ladders come in as executable depth (after the race haircut) and the walk returns the size that
 * earns most at the worst payoff, with everything an order and a report need, or the reason why
 * nothing is traded. Limits only ever take sizes away, so lowering one never raises the result
 * (docs/invariants.md I23).
 */
import type { OrderFee } from '../fees/fee-schedule.ts';
import { invariant } from '../invariant.ts';
import type { Level } from '../ports/market-data.ts';
import {
  CENT,
  CONTRACT,
  type MicroUsd,
  microUsd,
  notional,
  type PriceE4,
  type RateE6,
  rateE6,
  SIZE_E6_MAX,
  type SizeE6,
  sizeE6,
} from '../units.ts';
import type { SizingRefusal } from './decline.ts';
import { Ladder } from './ladder.ts';
import { payoutOf } from './set-price.ts';
import { type Point, type SearchTerms, SizeSearch } from './size-search.ts';

/** Cash at a venue. Legs that name the same account share it. */
export interface WalkAccount {
  readonly id: string;
  readonly balanceMicroUsd: MicroUsd;
}

export interface WalkLeg {
  /** Executable asks, best first. For a sale: the mirrored bids, 1 − bid. */
  readonly asks: readonly Level[];
  readonly fee: OrderFee;
  /** Who pays, or `undefined` for a sale of what is held, which needs no cash. */
  readonly account: WalkAccount | undefined;
  /** The venue's smallest order, in contracts and in cash before fees. */
  readonly minSizeE6?: SizeE6;
  readonly minNotionalMicroUsd?: MicroUsd;
  /** What is held, when the leg sells it. */
  readonly maxSizeE6?: SizeE6;
  /** The venue refuses an order whose size × limit price is not a whole cent (Polymarket, 2026). */
  readonly isWholeCent?: boolean;
  /** How far the fee may lie from a straight line at one price; the default covers a cent and its stress. */
  readonly feeNoiseMicroUsd?: MicroUsd;
}

export interface WalkLimits {
  readonly maxSizeE6?: SizeE6;
  /** Room for both legs and all fees. */
  readonly maxCapitalMicroUsd?: MicroUsd;
  /** Venues reserve size × limit price and the fee of that, which is more than the walk will cost. */
  readonly reservesAtLimit?: boolean;
}

export interface WalkTerms {
  /** What one set pays at least, in ten-thousandths of a dollar. */
  readonly worstPayoffE4: number;
  /** Whole contracts unless both venues take less. */
  readonly lotE6?: SizeE6;
  /** What the last set must still earn (m of docs/rules.md §7); 0 unless given. */
  readonly marginalEdgeMicroUsd?: MicroUsd;
  /** What the last dollar of capital must still earn; 0 unless given. With it, equality is enough. */
  readonly marginalOfCapitalE6?: RateE6;
  /** Paid once for any size: operations on the chain. */
  readonly fixedCostMicroUsd?: MicroUsd;
  readonly minProfitMicroUsd?: MicroUsd;
  /** Smallest capital of a trade. */
  readonly minTradeValueMicroUsd?: MicroUsd;
}

export interface WalkedLeg {
  readonly costMicroUsd: MicroUsd;
  readonly feeMicroUsd: MicroUsd;
  /** The price of the worst level used, never beyond it. */
  readonly limitE4: PriceE4;
  /** What is taken of each level: with the cost, all that an average price needs. */
  readonly taken: readonly Level[];
}

export interface DepthWalk {
  /** Contracts of each leg. Reported also when `trade` is false for being too small. */
  readonly sizeE6: SizeE6;
  /** Empty when the size is 0. */
  readonly legs: readonly WalkedLeg[];
  readonly costMicroUsd: MicroUsd;
  readonly feesMicroUsd: MicroUsd;
  readonly fixedCostMicroUsd: MicroUsd;
  readonly payoffMicroUsd: MicroUsd;
  readonly profitMicroUsd: MicroUsd;
  /** All legs, all fees and what is paid once: the denominator of every return. */
  readonly capitalMicroUsd: MicroUsd;
  /** Contracts that were worth taking and cannot be ordered as whole lots and whole cents at once. */
  readonly dustE6: SizeE6;
  readonly trade: boolean;
  /** Why not, when `trade` is false. */
  readonly reason: SizingRefusal | undefined;
}

/** A cent of rounding and half as much again under the stressed fee model, itself rounded up. */
const FEE_NOISE = microUsd(1.5 * CENT + 1);
const NOTHING = microUsd(0);

interface Walker {
  readonly legs: readonly WalkLeg[];
  readonly ladders: readonly Ladder[];
  readonly terms: WalkTerms;
  readonly limits: WalkLimits;
  readonly lotE6: SizeE6;
  readonly search: SizeSearch;
}

/** The most profitable size of a basket within all limits, and whether it is worth trading. */
export function walkDepth(legs: readonly WalkLeg[], terms: WalkTerms, limits: WalkLimits): DepthWalk {
  const walker = walkerOf(legs, terms, limits);
  const least = smallestOrder(walker);
  const most = largestFit(walker);
  const isAligned = legs.some((leg) => leg.isWholeCent === true);
  const best = walker.search.best({ least, most, isAligned });
  const ideal = isAligned ? walker.search.best({ least, most, isAligned: false }) : best;
  const dustE6 = sizeE6(Math.max(0, ideal.sizeE6 - best.sizeE6));
  const reason = best.lots === 0 ? whyNothing(walker, { least, most, isAligned }) : tooSmall(terms, best);
  return { ...reported(walker, best), dustE6, trade: reason === undefined, reason };
}

/** What a given size comes to, whether or not it is a good one: full depth, top of book, a confirmed fill. */
export function priceAtSize(legs: readonly WalkLeg[], terms: WalkTerms, size: SizeE6): DepthWalk {
  const walker = walkerOf(legs, { ...terms, lotE6: size > 0 ? size : CONTRACT }, {});
  const point = walker.search.at(size > 0 ? 1 : 0);
  const reason = point.lots === 0 ? 'NO_ASKS' : tooSmall(terms, point);
  return { ...reported(walker, point), dustE6: sizeE6(0), trade: reason === undefined, reason };
}

/** The size that every leg can deliver: of all levels, or of the best ones alone. */
export function commonDepth(legs: readonly Pick<WalkLeg, 'asks'>[], what: 'all' | 'top'): SizeE6 {
  const ladders = legs.map((leg) => new Ladder(leg.asks));
  return sizeE6(Math.min(...ladders.map((ladder) => (what === 'all' ? ladder.totalE6 : ladder.topE6))));
}

function walkerOf(legs: readonly WalkLeg[], terms: WalkTerms, limits: WalkLimits): Walker {
  const lotE6 = terms.lotE6 ?? CONTRACT;
  const ladders = legs.map((leg) => new Ladder(leg.asks));
  return { legs, ladders, terms, limits, lotE6, search: searchOf(legs, ladders, { ...searchTerms(terms), lotE6 }) };
}

function searchOf(legs: readonly WalkLeg[], ladders: readonly Ladder[], terms: SearchTerms): SizeSearch {
  const searched = legs.map((leg, at) => ({
    ladder: ladderAt(ladders, at),
    fee: leg.fee,
    feeNoiseMicroUsd: leg.feeNoiseMicroUsd ?? FEE_NOISE,
    isWholeCent: leg.isWholeCent === true,
  }));
  return new SizeSearch(searched, terms);
}

function searchTerms(terms: WalkTerms): SearchTerms {
  const marginalEdgeMicroUsd = terms.marginalEdgeMicroUsd ?? NOTHING;
  const fixedCostMicroUsd = terms.fixedCostMicroUsd ?? NOTHING;
  invariant(
    marginalEdgeMicroUsd >= 0 && fixedCostMicroUsd >= 0,
    () => `marginal edge and fixed cost must not be negative, found ${marginalEdgeMicroUsd} and ${fixedCostMicroUsd}`,
  );
  return {
    worstPayoffE4: terms.worstPayoffE4,
    lotE6: terms.lotE6 ?? CONTRACT,
    marginalEdgeMicroUsd,
    marginalOfCapitalE6: terms.marginalOfCapitalE6 ?? rateE6(0),
    fixedCostMicroUsd,
  };
}

/** The fewest lots that reach every venue's smallest order, by size and by cash. */
function smallestOrder({ legs, ladders, lotE6, search }: Walker): number {
  let least = 1;
  for (const [at, leg] of legs.entries()) {
    least = Math.max(least, Math.ceil((leg.minSizeE6 ?? 0) / lotE6));
    const cash = leg.minNotionalMicroUsd ?? 0;
    const ladder = ladderAt(ladders, at);
    const reaches = (lots: number): boolean => lots > 0 && ladder.costOf(sizeE6(lots * lotE6)) >= cash;
    if (cash > 0) least = Math.max(least, lastWhere(search.depthLots, (lots) => !reaches(lots)) + 1);
  }
  return least;
}

/** The most lots that depth, inventory, contract and capital limits and every balance allow. */
function largestFit(walker: Walker): number {
  // Balances are asked about no more than the rest allows: what an order reserves is the dearest question here.
  return balanceFit(walker, exposureFit(walker));
}

function exposureFit({ legs, limits, lotE6, search }: Walker): number {
  const held = Math.min(...legs.map((leg) => leg.maxSizeE6 ?? SIZE_E6_MAX), limits.maxSizeE6 ?? SIZE_E6_MAX);
  const most = Math.min(search.depthLots, Math.floor(held / lotE6));
  const room = limits.maxCapitalMicroUsd;
  return room === undefined ? most : lastWhere(most, (lots) => search.at(lots).capitalMicroUsd <= room);
}

/** Each venue must hold what its legs take, with the fee as rounded, and what it reserves meanwhile. */
function balanceFit(walker: Walker, most: number): number {
  const { legs, ladders, limits, lotE6 } = walker;
  const balances = new Map<string, number>();
  for (const { account } of legs) {
    if (account === undefined) continue;
    balances.set(account.id, Math.min(account.balanceMicroUsd, balances.get(account.id) ?? account.balanceMicroUsd));
  }
  return lastWhere(most, (lots) => {
    const left = new Map(balances);
    for (const [at, leg] of legs.entries()) {
      if (leg.account === undefined) continue;
      const needed = cashNeeded(leg, ladderAt(ladders, at), {
        sizeE6: sizeE6(lots * lotE6),
        reservesAtLimit: limits.reservesAtLimit === true,
      });
      left.set(leg.account.id, (left.get(leg.account.id) ?? 0) - needed);
    }
    return [...left.values()].every((balance) => balance >= 0);
  });
}

/**
 * Cash that a venue must hold for one leg. At the limit, the whole size is taken at the worst price
 * with its fee; the largest such sum over the prices reached is used, so that it never falls with
 * size even where the fee per contract does.
 */
function cashNeeded(
  leg: WalkLeg,
  ladder: Ladder,
  order: { readonly sizeE6: SizeE6; readonly reservesAtLimit: boolean },
): number {
  const size = order.sizeE6;
  if (size === 0) return 0;
  const walked = ladder.costOf(size) + leg.fee(ladder.taken(size));
  if (!order.reservesAtLimit) return walked;
  const reserved = ladder
    .pricesReached(size)
    .map((priceE4) => notional(priceE4, size) + leg.fee([{ priceE4, sizeE6: size }]));
  return Math.max(walked, ...reserved);
}

/** The largest whole number in 0..most for which `holds`, which is true up to some number and false beyond. */
function lastWhere(most: number, holds: (count: number) => boolean): number {
  let [low, high] = [0, most];
  if (most > 0 && holds(most)) return most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function tooSmall(terms: WalkTerms, best: Point): SizingRefusal | undefined {
  if (best.profitMicroUsd < (terms.minProfitMicroUsd ?? Number.NEGATIVE_INFINITY)) return 'BELOW_MIN_PROFIT';
  if (best.capitalMicroUsd < (terms.minTradeValueMicroUsd ?? 0)) return 'BELOW_MIN_TRADE_VALUE';
  return undefined;
}

/** Takes constraints away one after the other until something is worth buying: the last one taken is the cause. */
function whyNothing(
  walker: Walker,
  range: { readonly least: number; readonly most: number; readonly isAligned: boolean },
): SizingRefusal {
  const { ladders, terms, search, legs, lotE6 } = walker;
  if (search.depthLots === 0) return 'NO_ASKS';
  const best = ladders.reduce((sum, ladder) => sum + (ladder.bestE4 ?? 0), 0);
  if (best >= terms.worstPayoffE4) return 'NO_GROSS_EDGE';
  const whole = { least: 1, most: search.depthLots, isAligned: false };
  const plain = searchOf(legs, ladders, {
    ...searchTerms(terms),
    lotE6,
    marginalEdgeMicroUsd: NOTHING,
    marginalOfCapitalE6: rateE6(0),
  });
  if (plain.best(whole).lots === 0) return 'NO_NET_EDGE';
  if (search.best(whole).lots === 0) return 'BELOW_MIN_EDGE';
  const sized = { ...whole, least: range.least };
  if (search.best(sized).lots === 0) return 'BELOW_MIN_ORDER';
  if (search.best({ ...sized, isAligned: range.isAligned }).lots === 0) return 'NO_VALID_SIZE';
  return balanceFit(walker, search.depthLots) <= exposureFit(walker) ? 'INSUFFICIENT_BALANCE' : 'LIMIT_EXPOSURE';
}

function reported(walker: Walker, point: Point): Omit<DepthWalk, 'dustE6' | 'trade' | 'reason'> {
  const { legs, ladders, terms } = walker;
  const size = point.sizeE6;
  const walked = (size === 0 ? [] : legs).map((leg, at): WalkedLeg => {
    const ladder = ladderAt(ladders, at);
    const taken = ladder.taken(size);
    return {
      costMicroUsd: ladder.costOf(size),
      feeMicroUsd: leg.fee(taken),
      limitE4: ladder.limitE4(size),
      taken,
    };
  });
  return {
    sizeE6: size,
    legs: walked,
    costMicroUsd: point.costMicroUsd,
    feesMicroUsd: point.feesMicroUsd,
    fixedCostMicroUsd: point.lots > 0 ? (terms.fixedCostMicroUsd ?? NOTHING) : NOTHING,
    payoffMicroUsd: payoutOf(terms.worstPayoffE4, size),
    profitMicroUsd: point.profitMicroUsd,
    capitalMicroUsd: point.capitalMicroUsd,
  };
}

function ladderAt(ladders: readonly Ladder[], at: number): Ladder {
  const ladder = ladders[at];
  invariant(ladder !== undefined, () => `expected a ladder for leg ${at}, found none`);
  return ladder;
}
