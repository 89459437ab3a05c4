/** Worked cases of the logical families: what a set of contracts pays in every state (docs/rules.md §6). */
import type { Bound } from '../../../src/domain/edge/atoms.ts';
import { type BasketProof, type BasketResult, NOTHING_PROVEN } from '../../../src/domain/edge/basket.ts';
import { bestBasket } from '../../../src/domain/edge/best-basket.ts';
import {
  complementSet,
  type Listing,
  type OutcomeSet,
  type Side,
  setTable,
} from '../../../src/domain/edge/families.ts';
import { convert } from '../../../src/domain/edge/neg-risk.ts';
import type { PayoffTable } from '../../../src/domain/edge/payoff-table.ts';
import { priceSets } from '../../../src/domain/edge/set-price.ts';
import {
  bucketIdentity,
  bucketIdentityReverse,
  calendar,
  ladder,
  nestedRange,
  type StrikeListing,
} from '../../../src/domain/edge/strike-families.ts';
import type { VenueName } from '../../../src/domain/instrument.ts';
import { microUsd, priceE4 } from '../../../src/domain/units.ts';
import type { VectorKind } from '../vector-file.ts';
import { feesOf, quantity, usd } from './edge-money.ts';
import { type Given, givenPrice, givenSize } from './given.ts';

export const setKinds: Readonly<Record<string, VectorKind>> = {
  sum_yes: (input: LogicalSet) => pricedSet(input, outcomeTable(input, 'yes')),
  sum_no: (input: LogicalSet) => pricedSet(input, outcomeTable(input, 'no')),
  complement: (input: LogicalSet) => pricedBasket(input, complementSet(listing('')), {}),
  ladder: (input: LogicalSet) =>
    pricedBasket(input, ladder({ low: ABOVE_LOW, high: ABOVE_HIGH }, GIVEN), STRIKE_STATES),
  bucket_identity: (input: LogicalSet) => pricedBasket(input, bucketIdentity(BUCKET, GIVEN), STRIKE_STATES),
  bucket_identity_reverse: (input: LogicalSet) =>
    pricedBasket(input, bucketIdentityReverse(BUCKET, GIVEN), STRIKE_STATES),
  nested_range: (input: LogicalSet) => pricedBasket(input, nestedRange(RANGES, GIVEN), RANGE_STATES),
  calendar: (input: LogicalSet) => pricedBasket(input, calendar(DEADLINES, GIVEN), DEADLINE_STATES),
  negrisk_convert: negRiskConvert,
  best_zero_one_basket: bestZeroOneBasket,
};

/** The cases take every proof for granted; what is refused without one is tested with the families. */
export const PROVEN: BasketProof = {
  exclusive: true,
  exhaustive: true,
  equivalent: true,
  sameObservation: true,
  cumulativeDeadline: true,
  convertible: true,
};

export function listing(label: string): Listing {
  return {
    label,
    yes: { kind: 'opaque', name: `${label} yes` },
    no: { kind: 'opaque', name: `${label} no` },
  };
}

interface LogicalSet {
  readonly venue: VenueName;
  readonly fee_rate?: Given;
  readonly sets: Given;
  readonly legs: readonly { readonly buy: string; readonly ask: Given }[];
  readonly states: readonly string[];
}

const GIVEN = { proof: PROVEN };

const above = (strike: number): Bound => ({ strike, comparator: 'greater' });
const atMost = (strike: number): Bound => ({ strike, comparator: 'less_or_equal' });
const strikes = (label: string, ...bounds: Bound[]): StrikeListing => ({ listing: listing(label), bounds });

const ABOVE_LOW = strikes('>low', above(1));
const ABOVE_HIGH = strikes('>high', above(2));
const BUCKET = { low: ABOVE_LOW, bucket: strikes('in (low,high]', above(1), atMost(2)), high: ABOVE_HIGH };
const RANGES = { outer: strikes('outer', above(1), atMost(4)), inner: strikes('inner', above(2), atMost(3)) };
const DEADLINES = {
  earlier: { listing: listing('by earlier date'), deadline: 1 },
  later: { listing: listing('by later date'), deadline: 2 },
};

/** The cases' words for a state, and ours. */
type StateNames = Readonly<Record<string, string>>;
const STRIKE_STATES: StateNames = { 'x<=low': 'x<=1', 'low<x<=high': '1<x<=2', 'x>high': '2<x' };
const RANGE_STATES: StateNames = { 'outside outer': 'x<=1', 'outer not inner': '1<x<=2', inner: '2<x<=3' };
const DEADLINE_STATES: StateNames = {
  never: 'reached 0/0',
  'after early by late': 'reached 0/1',
  'by early': 'reached 1/1',
};

/** Every state that is no outcome of the set is one in which none of them happens. */
function outcomeTable(input: LogicalSet, side: Side): PayoffTable {
  const outcomes = input.legs.map((leg) => listing(leg.buy.replace(/^(YES|NO) /, '')));
  const names = new Set(outcomes.map((outcome) => outcome.label));
  const exhaustive = input.states.every((state) => names.has(state));
  const set: OutcomeSet = { outcomes, special: [], proof: { ...NOTHING_PROVEN, exclusive: true, exhaustive } };
  const table = setTable(set, side);
  const at = input.states.map((state) => table.states.indexOf(names.has(state) ? state : 'none of them'));
  return only(table, input.states, at);
}

function pricedBasket(input: LogicalSet, result: BasketResult, names: StateNames) {
  if (result.kind !== 'basket') throw new Error(`expected a basket, found ${result.reason}: ${result.detail}`);
  const { legs, table } = result.basket;
  const asked = legs.map((leg) => input.legs.find(({ buy }) => buy === leg.label.trim()));
  const ordered = asked.flatMap((leg) => (leg === undefined ? [] : [leg]));
  const at = input.states.map((state) => table.states.indexOf(names[state] ?? state));
  if (at.includes(-1) || ordered.length !== legs.length) {
    throw new Error(`expected the legs and states of a ${result.basket.family}, found ${JSON.stringify(input)}`);
  }
  return pricedSet({ ...input, legs: ordered }, only(table, input.states, at));
}

function only(table: PayoffTable, states: readonly string[], at: readonly number[]): PayoffTable {
  return { states, payoffs: table.payoffs.map((payoff) => at.map((state) => payoff[state] ?? priceE4(0))) };
}

function pricedSet(input: LogicalSet, table: PayoffTable) {
  const fee = feesOf({ venue: input.venue, rate: input.fee_rate }).order;
  const legs = input.legs.map((leg) => ({ askE4: givenPrice(leg.ask), fee }));
  const priced = priceSets(table, legs, givenSize(input.sets));
  return {
    cost: usd(priced.costMicroUsd),
    fees: usd(priced.feesMicroUsd),
    payoff_by_state: Object.fromEntries(
      input.states.map((state, at) => [state, usd(priced.payoffPerState[at] ?? microUsd(0))]),
    ),
    guaranteed_payoff: usd(priced.guaranteedMicroUsd),
    guaranteed_profit: usd(priced.profitMicroUsd),
    is_arbitrage: priced.profitMicroUsd > 0,
    gross_edge: usd(priced.grossMicroUsd),
  };
}

interface NegRiskText {
  readonly n_outcomes: number;
  readonly amount: Given;
  readonly no_asks: readonly Given[];
  readonly yes_bids_of_others: readonly Given[];
  readonly fee_rate: Given;
  readonly adapter_fee_bips?: number;
}

function negRiskConvert(input: NegRiskText) {
  const result = convert({
    sizeE6: givenSize(input.amount),
    noAsksE4: input.no_asks.map(givenPrice),
    yesBidsE4: input.yes_bids_of_others.map(givenPrice),
    outcomes: input.n_outcomes,
    adapterFeeBips: input.adapter_fee_bips ?? 0,
    fee: feesOf({ venue: 'polymarket', rate: input.fee_rate }).order,
    gasMicroUsd: microUsd(0),
  });
  return {
    buy_cost: usd(result.buyCostMicroUsd),
    buy_fees: usd(result.buyFeesMicroUsd),
    collateral_returned: usd(result.collateralMicroUsd),
    yes_shares_each_other: quantity(result.yesSizeE6),
    yes_sale_proceeds: usd(result.saleProceedsMicroUsd),
    yes_sale_fees: usd(result.saleFeesMicroUsd),
    profit: usd(result.profitMicroUsd),
    is_arbitrage: result.profitMicroUsd > 0,
    capital_locked_after: usd(result.lockedMicroUsd),
  };
}

interface ZeroOneText {
  readonly contracts: readonly {
    readonly label: string;
    readonly ask: Given;
    readonly payoff: Readonly<Record<string, Given>>;
  }[];
  readonly states: readonly string[];
  readonly sets: Given;
  readonly max_legs: number;
  readonly venue: VenueName;
  readonly fee_rate?: Given;
}

function bestZeroOneBasket(input: ZeroOneText) {
  const { order: fee } = feesOf({ venue: input.venue, rate: input.fee_rate });
  const best = bestBasket({
    states: input.states,
    candidates: input.contracts.map(({ label, ask, payoff }) => ({
      leg: { reference: { kind: 'opaque', name: label }, action: 'buy', label },
      payoff: input.states.map((state) => givenPrice(payoff[state] ?? 0)),
      askE4: givenPrice(ask),
      fee,
    })),
    sizeE6: givenSize(input.sets),
    legsMax: input.max_legs,
  });
  return {
    legs: best?.chosen.map((candidate) => candidate.leg.label) ?? [],
    guaranteed_payoff: usd(best?.guaranteedMicroUsd ?? microUsd(0)),
    cost: usd(best?.costMicroUsd ?? microUsd(0)),
    fees: usd(best?.feesMicroUsd ?? microUsd(0)),
    profit: usd(best?.profitMicroUsd ?? microUsd(0)),
    is_arbitrage: (best?.profitMicroUsd ?? 0) > 0,
  };
}
