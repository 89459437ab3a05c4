/**
 * Baskets over outcomes: the box across venues, sets of outcomes of one event, one market's own two
 * sides, and single legs with an estimated payoff (the table of docs/rules.md §6).
 *
 * Each generator builds the payoff table from what the contracts say and leaves the verdict to
 * `makeBasket`. Baskets over strikes and deadlines are in `strike-families.ts`.
 */
import { invariant } from '../invariant.ts';
import { complement, PRICE_ONE, type PriceE4, priceE4 } from '../units.ts';
import { claimTable, type SpecialState } from './atoms.ts';
import {
  type BasketLeg,
  type BasketProof,
  type BasketResult,
  type LegReference,
  makeBasket,
  NOTHING_PROVEN,
} from './basket.ts';
import { binaryPayoff, oppositePayoff, type PayoffTable, type PayoffVector, payoffTable } from './payoff-table.ts';

export type Side = 'yes' | 'no';

/** A contract that pays YES or NO, at one venue. */
export interface Listing {
  readonly label: string;
  readonly yes: LegReference;
  readonly no: LegReference;
}

/** The same event at two venues. */
export interface ListedPair {
  readonly a: Listing;
  readonly b: Listing;
  /** B asks the opposite question: its YES is A's NO. */
  readonly isInverted: boolean;
  /** Voids and ties that the rules foresee, with the YES payouts of A and B. They may differ by venue. */
  readonly special: readonly SpecialState[];
  readonly proof: BasketProof;
}

/** Both boxes of a pair: YES of A with NO of B, and NO of A with YES of B (the reverse sides when inverted). */
export function crossVenueBoxes(pair: ListedPair): readonly BasketResult[] {
  return (['yes', 'no'] as const).map((sideA) => {
    const sideB = opposingSide(sideA, pair.isInverted);
    const legs = [buy(pair.a, sideA), buy(pair.b, sideB)];
    const table = pairTable(pair, { sideA, sideB });
    return makeBasket({ family: 'box', legs, table, proof: pair.proof, promisedE4: PRICE_ONE });
  });
}

/**
 * A box whose second half we already hold: sell what is held at one venue and buy the same claim at
 * the other. Selling at bid b is the mirror of buying the opposite outcome at 1 − b, so the sale is
 * a leg like any other, whose ladder is the mirrored bids and whose size is what we hold.
 */
export function boxAgainstHeld(
  pair: ListedPair,
  held: { readonly venue: 'a' | 'b'; readonly side: Side },
): BasketResult {
  const other = held.venue === 'a' ? 'b' : 'a';
  const opposite = opposingSide(held.side, false);
  const bought = opposingSide(opposite, pair.isInverted);
  const sides = { [held.venue]: opposite, [other]: bought } as Readonly<Record<'a' | 'b', Side>>;
  const table = pairTable(pair, { sideA: sides.a, sideB: sides.b });
  const sale = sell(pair[held.venue], held.side);
  const purchase = buy(pair[other], bought);
  const legs = held.venue === 'a' ? [sale, purchase] : [purchase, sale];
  return makeBasket({ family: 'boxAgainstHeld', legs, table, proof: pair.proof, promisedE4: PRICE_ONE });
}

function pairTable(pair: ListedPair, sides: { readonly sideA: Side; readonly sideB: Side }): PayoffTable {
  const happens = { kind: 'outcome', outcome: 'yes' } as const;
  const inverse = { kind: 'outcome', outcome: 'no' } as const;
  return claimTable(
    [
      { claim: happens, side: sides.sideA },
      { claim: pair.isInverted ? inverse : happens, side: sides.sideB },
    ],
    { outcomes: ['yes', 'no'], special: pair.special },
  );
}

/** The side of the other contract that pays when this side does not. */
function opposingSide(side: Side, isInverted: boolean): Side {
  return (side === 'yes') === isInverted ? 'yes' : 'no';
}

/** Outcomes of one event, each its own contract. */
export interface OutcomeSet {
  readonly outcomes: readonly Listing[];
  /** Voids and ties that the rules foresee, with one YES payout an outcome. */
  readonly special: readonly SpecialState[];
  readonly proof: BasketProof;
}

/** One YES of each outcome: pays 1 when the set is exclusive and leaves nothing out. */
export function sumOfYes(set: OutcomeSet): BasketResult {
  const legs = set.outcomes.map((listing) => buy(listing, 'yes'));
  return makeBasket({ family: 'sumOfYes', legs, table: setTable(set, 'yes'), proof: set.proof, promisedE4: PRICE_ONE });
}

/** One NO of each outcome: pays n − 1 when the outcomes exclude each other, n when none happens. */
export function sumOfNo(set: OutcomeSet): BasketResult {
  const legs = set.outcomes.map((listing) => buy(listing, 'no'));
  const promisedE4 = (set.outcomes.length - 1) * PRICE_ONE;
  return makeBasket({ family: 'sumOfNo', legs, table: setTable(set, 'no'), proof: set.proof, promisedE4 });
}

/**
 * What one side of every outcome pays. Unless the set is proven exhaustive, a state in which none
 * happens is in the table; unless it is proven exclusive, one in which all happen.
 */
export function setTable(set: OutcomeSet, side: Side): PayoffTable {
  const names = set.outcomes.map((listing) => listing.label);
  const states = [
    ...names.map((name, at) => ({ name, happening: new Set([at]) })),
    ...(set.proof.exhaustive ? [] : [{ name: 'none of them', happening: new Set<number>() }]),
    ...(set.proof.exclusive ? [] : [{ name: 'all of them', happening: new Set(names.keys()) }]),
  ];
  const payoffs = names.map((_name, at): PayoffVector => {
    const special = set.special.map((state) => {
      const payout = state.yesPayouts[at];
      invariant(payout !== undefined, () => `state ${state.name} must pay outcome ${names[at]}, found no payout`);
      return payout;
    });
    const yes = [...binaryPayoff(states, (state) => state.happening.has(at)), ...special];
    return side === 'yes' ? yes : oppositePayoff(yes);
  });
  const all = [...states.map((state) => state.name), ...set.special.map((state) => state.name)];
  return payoffTable({ states: all, payoffs });
}

/**
 * YES and NO of one contract at one venue. Below a dollar it is a crossed or stale book until a fresh
 * snapshot says otherwise, so the basket carries its alarm (docs/rules.md §6).
 */
export function complementSet(listing: Listing): BasketResult {
  const happens = { kind: 'outcome', outcome: 'yes' } as const;
  const table = claimTable(
    [
      { claim: happens, side: 'yes' },
      { claim: happens, side: 'no' },
    ],
    { outcomes: ['yes', 'no'] },
  );
  const legs = [buy(listing, 'yes'), buy(listing, 'no')];
  return makeBasket({ family: 'complement', legs, table, proof: NOTHING_PROVEN, promisedE4: PRICE_ONE });
}

/** A probability from outside the venue, with the interval that its source stands for. */
export interface EstimatedProbability {
  readonly lowE4: PriceE4;
  readonly estimateE4: PriceE4;
  readonly highE4: PriceE4;
}

/**
 * One leg whose payoff is a probability (a model's, or the consensus of sportsbooks). Its states are
 * the ends of the interval, so the worst payoff is the end that is against us.
 */
export function estimatedEdge(input: {
  readonly family: 'model' | 'sportsbook';
  readonly listing: Listing;
  readonly side: Side;
  readonly probability: EstimatedProbability;
}): BasketResult {
  const { lowE4, estimateE4, highE4 } = input.probability;
  invariant(
    lowE4 <= estimateE4 && estimateE4 <= highE4,
    () => `an estimate must lie within its interval, found ${lowE4}, ${estimateE4}, ${highE4} (${input.listing.label})`,
  );
  const yes = [priceE4(lowE4), estimateE4, priceE4(highE4)];
  return makeBasket({
    family: input.family,
    legs: [buy(input.listing, input.side)],
    table: payoffTable({
      states: ['low end', 'estimate', 'high end'],
      payoffs: [input.side === 'yes' ? yes : yes.map(complement)],
    }),
    proof: NOTHING_PROVEN,
    promisedE4: 0,
  });
}

/** The leg that buys one side of a contract. */
export function buy(listing: Listing, side: Side): BasketLeg {
  return { reference: listing[side], action: 'buy', label: `${side.toUpperCase()} ${listing.label}` };
}

/** The leg that gives up one side of a contract. */
export function sell(listing: Listing, side: Side): BasketLeg {
  return { reference: listing[side], action: 'sell', label: `sell ${side.toUpperCase()} ${listing.label}` };
}
