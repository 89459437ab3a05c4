/**
 * Polymarket's conversion: k NO positions of one event become k − 1 dollars and one YES of every
 * other outcome, at once and in this direction only (docs/rules.md §6).
 *
 * Nothing is won by converting that holding would not pay in the end. What it changes is when: cash
 * comes back today, and YES that others overpay can be sold. It is therefore ranked by the capital
 * it releases.
 */
import type { OrderFee } from '../fees/fee-schedule.ts';
import { invariant } from '../invariant.ts';
import {
  addUsd,
  type MicroUsd,
  microUsd,
  mulDiv,
  notional,
  PRICE_ONE,
  type PriceE4,
  type SizeE6,
  sizeE6,
  subtractUsd,
} from '../units.ts';
import { type BasketResult, makeBasket } from './basket.ts';
import { buy, type OutcomeSet, sell, setTable } from './families.ts';

const BIPS_ONE = 10_000;

export interface ConversionTerms {
  /** Positions in `OutcomeSet.outcomes` whose NO is bought and converted. */
  readonly converted: readonly number[];
  /** Ten-thousandths that the adapter keeps of the converted amount. */
  readonly adapterFeeBips: number;
  /** Sell the YES that conversion yields at once, or hold it to the end. */
  readonly yes: 'sell' | 'hold';
}

/**
 * NO of the converted outcomes, with the YES of the others sold into their bids or held.
 *
 * A sale is the mirror of buying NO, so selling all of them makes this the sum of NO with n − 1 as
 * its payout. The adapter's fee is a share of what comes out; YES that is never delivered is
 * counted at a dollar, its highest worth, so the guarantee is never too large.
 */
export function negRiskConversion(set: OutcomeSet, terms: ConversionTerms): BasketResult {
  const converted = new Set(terms.converted);
  requireTerms({ outcomes: set.outcomes.length, converted: converted.size, adapterFeeBips: terms.adapterFeeBips });
  const no = setTable(set, 'no');
  const chosen = set.outcomes.map((_listing, at) => converted.has(at) || terms.yes === 'sell');
  const legs = set.outcomes.flatMap((listing, at) => {
    if (converted.has(at)) return [buy(listing, 'no')];
    return terms.yes === 'sell' ? [sell(listing, 'yes')] : [];
  });
  const promisedE4 = (legs.length - 1) * PRICE_ONE;
  return makeBasket({
    family: 'negRiskConversion',
    legs,
    table: { states: no.states, payoffs: no.payoffs.filter((_payoff, at) => chosen[at]) },
    proof: set.proof,
    promisedE4,
    withheldE4: mulDiv(promisedE4, terms.adapterFeeBips, BIPS_ONE, 'ceil'),
  });
}

export interface Conversion {
  /** Contracts of each NO that are converted. */
  readonly sizeE6: SizeE6;
  readonly noAsksE4: readonly PriceE4[];
  /** Bids for the YES of every other outcome, or none at all to hold them. */
  readonly yesBidsE4: readonly PriceE4[];
  readonly outcomes: number;
  readonly adapterFeeBips: number;
  readonly fee: OrderFee;
  /** What the chain takes for the operation. */
  readonly gasMicroUsd: MicroUsd;
}

export interface ConversionResult {
  readonly buyCostMicroUsd: MicroUsd;
  readonly buyFeesMicroUsd: MicroUsd;
  readonly collateralMicroUsd: MicroUsd;
  /** YES contracts received of each outcome that was not converted. */
  readonly yesSizeE6: SizeE6;
  readonly saleProceedsMicroUsd: MicroUsd;
  readonly saleFeesMicroUsd: MicroUsd;
  /** Cash in less cash out. YES that is held counts as nothing. */
  readonly profitMicroUsd: MicroUsd;
  /** Cash that came back the same day. */
  readonly releasedMicroUsd: MicroUsd;
  /** Cash that stays out until the event is decided: nothing when every YES is sold or none is left. */
  readonly lockedMicroUsd: MicroUsd;
}

/** What one conversion moves, at one price a leg. The adapter floors its fee on the amount, once. */
export function convert(input: Conversion): ConversionResult {
  const { sizeE6: size, noAsksE4, yesBidsE4, outcomes, adapterFeeBips, fee } = input;
  const others = outcomes - noAsksE4.length;
  requireTerms({ outcomes, converted: noAsksE4.length, adapterFeeBips });
  invariant(
    yesBidsE4.length === 0 || yesBidsE4.length === others,
    () => `expected bids for all ${others} other outcomes or none, found ${yesBidsE4.length}`,
  );
  const outE6 = sizeE6(size - mulDiv(size, adapterFeeBips, BIPS_ONE, 'floor'));
  const buyCostMicroUsd = addUsd(...noAsksE4.map((price) => notional(price, size)));
  const buyFeesMicroUsd = addUsd(...noAsksE4.map((priceE4) => fee([{ priceE4, sizeE6: size }])));
  const collateralMicroUsd = microUsd((noAsksE4.length - 1) * outE6);
  const saleProceedsMicroUsd = addUsd(...yesBidsE4.map((price) => notional(price, outE6, 'floor')));
  const saleFeesMicroUsd = addUsd(...yesBidsE4.map((priceE4) => fee([{ priceE4, sizeE6: outE6 }])));
  const releasedMicroUsd = subtractUsd(addUsd(collateralMicroUsd, saleProceedsMicroUsd), saleFeesMicroUsd);
  const spent = addUsd(buyCostMicroUsd, buyFeesMicroUsd, input.gasMicroUsd);
  const profitMicroUsd = subtractUsd(releasedMicroUsd, spent);
  const isHeld = others > 0 && yesBidsE4.length === 0;
  return {
    buyCostMicroUsd,
    buyFeesMicroUsd,
    collateralMicroUsd,
    yesSizeE6: outE6,
    saleProceedsMicroUsd,
    saleFeesMicroUsd,
    profitMicroUsd,
    releasedMicroUsd,
    lockedMicroUsd: microUsd(isHeld ? Math.max(0, -profitMicroUsd) : 0),
  };
}

function requireTerms(found: {
  readonly outcomes: number;
  readonly converted: number;
  readonly adapterFeeBips: number;
}): void {
  const { outcomes, converted, adapterFeeBips } = found;
  invariant(
    converted >= 1 && converted <= outcomes,
    () => `a conversion takes 1 to ${outcomes} NO positions, found ${converted}`,
  );
  invariant(
    Number.isInteger(adapterFeeBips) && adapterFeeBips >= 0 && adapterFeeBips <= BIPS_ONE,
    () => `the adapter's fee must lie within 0..10000 bips, found ${adapterFeeBips}`,
  );
}
