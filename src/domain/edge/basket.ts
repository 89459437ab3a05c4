/**
 * A basket: the legs bought together, what they pay in every state, and what was proven about them.
 *
 * Every family of arbitrage is a generator of baskets; everything after this file knows one shape.
 * What a family needs is proven by the metadata of its contracts or the basket is refused with the
 * reason: nothing is inferred from prices (docs/rules.md §6).
 */
import { type Instrument, instrumentId } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import { type PayoffTable, payoffTable, worstPayoffE4 } from './payoff-table.ts';

/** What is bought or sold: one of our instruments, or something that only its name identifies. */
export type LegReference =
  | { readonly kind: 'instrument'; readonly instrument: Instrument }
  | { readonly kind: 'opaque'; readonly name: string };

/**
 * One leg of a basket. A `sell` leg gives up contracts that we hold, or that a conversion yields. It
 * is priced as its mirror image: selling at bid b is buying the opposite outcome at 1 − b, so its payoff
 * is the opposite's and its ladder holds mirrored bids.
 */
export interface BasketLeg {
  readonly reference: LegReference;
  readonly action: 'buy' | 'sell';
  /** What a person calls it: `YES >88`. */
  readonly label: string;
}

export type Family =
  | 'box'
  | 'boxAgainstHeld'
  | 'sumOfYes'
  | 'sumOfNo'
  | 'negRiskConversion'
  | 'ladder'
  | 'bucketIdentity'
  | 'bucketIdentityReverse'
  | 'nestedRange'
  | 'calendar'
  | 'complement'
  | 'strikePair'
  | 'model'
  | 'sportsbook'
  | 'general';

/** What the contracts' own metadata proves. A claim nobody could prove is `false`, never a guess. */
export interface BasketProof {
  /** At most one of the listed outcomes can happen. */
  readonly exclusive: boolean;
  /** At least one of the listed outcomes must happen: no "other", no "none", no cancel state. */
  readonly exhaustive: boolean;
  /** Both venues decide the same question by the same rules: the pair is curated or tradable. */
  readonly equivalent: boolean;
  /** All legs read the same metric from the same source at the same instant. */
  readonly sameObservation: boolean;
  /** The deadlines mean "by" and accumulate; "on a day" does not. */
  readonly cumulativeDeadline: boolean;
  /** The venue's adapter converts NO into cash and YES of every other outcome. */
  readonly convertible: boolean;
}

export const NOTHING_PROVEN: BasketProof = {
  exclusive: false,
  exhaustive: false,
  equivalent: false,
  sameObservation: false,
  cumulativeDeadline: false,
  convertible: false,
};

/** Why a basket was not made. One a cause, in the order in which they are looked for. */
export type BasketRefusal =
  /** the outcomes are not proven to exclude each other */
  | 'EXCLUSIVITY_UNPROVEN'
  /** the outcomes are not proven to leave nothing out */
  | 'EXHAUSTIVENESS_UNPROVEN'
  /** the two venues are not proven to decide the same question */
  | 'EQUIVALENCE_UNPROVEN'
  /** the legs are not proven to read one metric, source and instant */
  | 'OBSERVATION_UNPROVEN'
  /** the deadlines are not proven to mean "by" */
  | 'CUMULATIVE_UNPROVEN'
  /** the venue is not proven to convert these positions */
  | 'CONVERSION_UNPROVEN'
  /** some state pays less than the family promises: strikes in the unsafe order, a void, a gap between ranges */
  | 'PAYOFF_NOT_GUARANTEED';

const REFUSAL: Readonly<Record<keyof BasketProof, BasketRefusal>> = {
  exclusive: 'EXCLUSIVITY_UNPROVEN',
  exhaustive: 'EXHAUSTIVENESS_UNPROVEN',
  equivalent: 'EQUIVALENCE_UNPROVEN',
  sameObservation: 'OBSERVATION_UNPROVEN',
  cumulativeDeadline: 'CUMULATIVE_UNPROVEN',
  convertible: 'CONVERSION_UNPROVEN',
};

/** What metadata must prove (docs/rules.md §6). Order and nesting of strikes are proven by the payoff table itself. */
const NEEDED: Readonly<Record<Family, readonly (keyof BasketProof)[]>> = {
  box: ['equivalent'],
  boxAgainstHeld: ['equivalent'],
  sumOfYes: ['exclusive', 'exhaustive'],
  sumOfNo: ['exclusive'],
  negRiskConversion: ['exclusive', 'convertible'],
  ladder: ['sameObservation'],
  bucketIdentity: ['sameObservation'],
  bucketIdentityReverse: ['sameObservation'],
  nestedRange: ['sameObservation'],
  calendar: ['sameObservation', 'cumulativeDeadline'],
  complement: [],
  strikePair: ['sameObservation'],
  model: [],
  sportsbook: [],
  general: ['sameObservation'],
};

export interface Basket {
  readonly family: Family;
  readonly legs: readonly BasketLeg[];
  readonly table: PayoffTable;
  readonly proof: BasketProof;
  /** The least that one set pays, in ten-thousandths of a dollar, after what a conversion keeps. */
  readonly worstPayoffE4: number;
  /** The payoff is an estimate with an interval (model, sportsbook), not a promise of the contracts. */
  readonly isEstimate: boolean;
  /** Seeing this basket below its payoff is first of all a reason to doubt the book (docs/rules.md §6). */
  readonly isDataAlarm: boolean;
}

export type BasketResult =
  | { readonly kind: 'basket'; readonly basket: Basket }
  | {
      readonly kind: 'refused';
      readonly family: Family;
      readonly reason: BasketRefusal;
      /** What was expected and what was found, with the labels of the legs. */
      readonly detail: string;
    };

export interface BasketDraft {
  readonly family: Family;
  readonly legs: readonly BasketLeg[];
  readonly table: PayoffTable;
  readonly proof: BasketProof;
  /** What the family says one set pays at least, in ten-thousandths of a dollar. */
  readonly promisedE4: number;
  /** What a conversion keeps of each set, in ten-thousandths of a dollar. */
  readonly withheldE4?: number;
}

/** Makes a basket, or says why its family may not be made from these contracts. */
export function makeBasket(draft: BasketDraft): BasketResult {
  const { family, legs, proof } = draft;
  const table = payoffTable(draft.table);
  const labels = legs.map((leg) => leg.label).join(' + ');
  invariant(
    legs.length === table.payoffs.length,
    () => `a basket needs one payoff a leg, found ${legs.length} legs and ${table.payoffs.length} payoffs (${labels})`,
  );
  for (const claim of NEEDED[family]) {
    if (!proof[claim]) {
      const detail = `expected proof that the legs are ${claim}, found none (${labels})`;
      return { kind: 'refused', family, reason: REFUSAL[claim], detail };
    }
  }
  const worst = worstPayoffE4(table);
  if (worst < draft.promisedE4) {
    const detail = `expected at least ${draft.promisedE4} in every state, found ${worst} (${labels})`;
    return { kind: 'refused', family, reason: 'PAYOFF_NOT_GUARANTEED', detail };
  }
  const basket: Basket = {
    family,
    legs,
    table,
    proof,
    worstPayoffE4: worst - (draft.withheldE4 ?? 0),
    isEstimate: family === 'model' || family === 'sportsbook',
    isDataAlarm: family === 'complement',
  };
  return { kind: 'basket', basket };
}

/** Stable text of what a leg refers to, for journals and messages. */
export function referenceText(reference: LegReference): string {
  return reference.kind === 'instrument' ? instrumentId(reference.instrument) : reference.name;
}
