/**
 * The general engine of docs/rules.md §6: of any contracts over the same states, the basket of a few
 * legs that guarantees most for its cost.
 *
 * Each contract is taken once or not at all, and only baskets that pay at least a dollar in every
 * state count: below that it is a bet. Among those the one with the largest guaranteed profit after
 * fees is best, which need not be the cheapest: three legs that pay two dollars everywhere can beat
 * the cheapest two that pay one. Ties go to fewer legs, then to the contracts listed first.
 */
import type { OrderFee } from '../fees/fee-schedule.ts';
import { invariant } from '../invariant.ts';
import { type MicroUsd, microUsd, notional, PRICE_ONE, type PriceE4, type SizeE6 } from '../units.ts';
import { type BasketLeg, type BasketProof, type BasketResult, makeBasket } from './basket.ts';
import type { PayoffVector } from './payoff-table.ts';
import { payoutOf } from './set-price.ts';

export interface Candidate {
  readonly leg: BasketLeg;
  readonly payoff: PayoffVector;
  readonly askE4: PriceE4;
  readonly fee: OrderFee;
}

export interface BasketSearch {
  readonly states: readonly string[];
  readonly candidates: readonly Candidate[];
  /** Contracts of each leg, at which fees are rounded. */
  readonly sizeE6: SizeE6;
  readonly legsMax: number;
}

export interface BestBasket {
  readonly chosen: readonly Candidate[];
  readonly guaranteedMicroUsd: MicroUsd;
  readonly costMicroUsd: MicroUsd;
  readonly feesMicroUsd: MicroUsd;
  readonly profitMicroUsd: MicroUsd;
}

interface Priced {
  readonly candidate: Candidate;
  readonly costMicroUsd: number;
  readonly feeMicroUsd: number;
}

/**
 * The best basket, or `undefined` when no basket of at most `legsMax` pays a dollar everywhere.
 * The work grows as (contracts choose legs) × states: some 100,000 baskets for 40 contracts and 4 legs.
 */
export function bestBasket(search: BasketSearch): BestBasket | undefined {
  const { states, candidates, sizeE6, legsMax } = search;
  for (const { leg, payoff } of candidates) {
    invariant(
      payoff.length === states.length,
      () => `${leg.label} must pay in each of ${states.length} states, found ${payoff.length}`,
    );
  }
  const priced = candidates.map((candidate) => ({
    candidate,
    costMicroUsd: notional(candidate.askE4, sizeE6),
    feeMicroUsd: candidate.fee([{ priceE4: candidate.askE4, sizeE6 }]),
  }));
  let best: BestBasket | undefined;
  for (let count = 1; count <= legsMax; count++) {
    forEachChoice(priced, count, states.length, (chosen, worstE4) => {
      const found = valued(chosen, payoutOf(worstE4, sizeE6));
      if (best === undefined || found.profitMicroUsd > best.profitMicroUsd) best = found;
    });
  }
  return best;
}

/** The basket of a search result, if its contracts are proven to read the same facts. */
export function generalBasket(
  search: Pick<BasketSearch, 'states'>,
  best: BestBasket,
  proof: BasketProof,
): BasketResult {
  return makeBasket({
    family: 'general',
    legs: best.chosen.map((candidate) => candidate.leg),
    table: { states: search.states, payoffs: best.chosen.map((candidate) => candidate.payoff) },
    proof,
    promisedE4: PRICE_ONE,
  });
}

function valued(chosen: readonly Priced[], guaranteed: MicroUsd): BestBasket {
  const cost = chosen.reduce((sum, leg) => sum + leg.costMicroUsd, 0);
  const fees = chosen.reduce((sum, leg) => sum + leg.feeMicroUsd, 0);
  return {
    chosen: chosen.map((leg) => leg.candidate),
    guaranteedMicroUsd: guaranteed,
    costMicroUsd: microUsd(cost),
    feesMicroUsd: microUsd(fees),
    profitMicroUsd: microUsd(guaranteed - cost - fees),
  };
}

/** Every choice of `count` legs that pays at least a dollar in each state, in the order of the list. */
function forEachChoice(
  priced: readonly Priced[],
  count: number,
  states: number,
  visit: (chosen: readonly Priced[], worstE4: number) => void,
): void {
  const chosen: Priced[] = [];
  const extend = (from: number, payoffs: readonly number[]): void => {
    const worst = Math.min(...payoffs);
    const missing = count - chosen.length;
    if (missing === 0) {
      if (worst >= PRICE_ONE) visit(chosen, worst);
      return;
    }
    for (let at = from; at <= priced.length - missing; at++) {
      const leg = priced[at];
      if (leg === undefined) return;
      chosen.push(leg);
      extend(
        at + 1,
        payoffs.map((payoff, state) => payoff + (leg.candidate.payoff[state] ?? 0)),
      );
      chosen.pop();
    }
  };
  extend(0, new Array<number>(states).fill(0));
}
