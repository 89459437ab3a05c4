/**
 * What a number of sets costs at one price a leg, and what it pays in each state: the arithmetic of
 * a quote, before depth. A trade is sized by the depth walk and never by this.
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
  subtractUsd,
} from '../units.ts';
import { basketPayoffs, type PayoffTable } from './payoff-table.ts';

export interface QuotedLeg {
  readonly askE4: PriceE4;
  readonly fee: OrderFee;
}

export interface SetPrice {
  readonly costMicroUsd: MicroUsd;
  readonly feePerLeg: readonly MicroUsd[];
  readonly feesMicroUsd: MicroUsd;
  /** In the order of the table's states. */
  readonly payoffPerState: readonly MicroUsd[];
  readonly guaranteedMicroUsd: MicroUsd;
  /** Before fees. */
  readonly grossMicroUsd: MicroUsd;
  readonly profitMicroUsd: MicroUsd;
  /** All legs and all fees (docs/rules.md §9). */
  readonly capitalMicroUsd: MicroUsd;
}

export function priceSets(table: PayoffTable, legs: readonly QuotedLeg[], size: SizeE6): SetPrice {
  invariant(
    legs.length === table.payoffs.length,
    () => `expected ${table.payoffs.length} quoted legs, found ${legs.length}`,
  );
  const costMicroUsd = addUsd(...legs.map((leg) => notional(leg.askE4, size)));
  const feePerLeg = legs.map((leg) => leg.fee([{ priceE4: leg.askE4, sizeE6: size }]));
  const feesMicroUsd = addUsd(...feePerLeg);
  const payoffPerState = basketPayoffs(table).map((payoff) => payoutOf(payoff, size));
  const guaranteedMicroUsd = microUsd(Math.min(...payoffPerState));
  const grossMicroUsd = subtractUsd(guaranteedMicroUsd, costMicroUsd);
  return {
    costMicroUsd,
    feePerLeg,
    feesMicroUsd,
    payoffPerState,
    guaranteedMicroUsd,
    grossMicroUsd,
    profitMicroUsd: subtractUsd(grossMicroUsd, feesMicroUsd),
    capitalMicroUsd: addUsd(costMicroUsd, feesMicroUsd),
  };
}

/** What `size` sets pay at `payoffE4` a set, rounded down. A set may pay more than a dollar. */
export function payoutOf(payoffE4: number, size: SizeE6): MicroUsd {
  return microUsd(mulDiv(payoffE4, size, PRICE_ONE, 'floor'));
}
