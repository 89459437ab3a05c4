/** What exits have sold of a basket before its markets ended, order by order, and what is left of its legs. */
import { addUsd, type MicroUsd, type SizeE6, sizeE6 } from '../units.ts';
import { type BasketLeg, resized } from './held-basket.ts';

/** What one order has sold of a leg so far that nothing reverses. It replaces what was said of the order before. */
export interface LegSale {
  readonly leg: number;
  /** The order, as its reports call it. */
  readonly legId: string;
  readonly sizeE6: SizeE6;
  /** Cash that it brought, fees paid. Positive came to us. */
  readonly proceedsMicroUsd: MicroUsd;
}

export function withSale(sales: readonly LegSale[], sale: LegSale): readonly LegSale[] {
  const isKnown = sales.some((each) => isSameOrder(each, sale));
  return isKnown ? sales.map((each) => (isSameOrder(each, sale) ? sale : each)) : [...sales, sale];
}

/** The legs as they were bought, less what was sold of them since. */
export function unsold(bought: readonly BasketLeg[], sales: readonly LegSale[]): readonly BasketLeg[] {
  return bought.map((leg) => {
    const soldE6 = sales.reduce((sum, sale) => (sale.leg === leg.leg ? sum + sale.sizeE6 : sum), 0);
    return soldE6 === 0 ? leg : resized(leg, sizeE6(Math.max(0, leg.sizeE6 - soldE6)));
  });
}

export function proceedsOf(sales: readonly LegSale[]): MicroUsd {
  return addUsd(...sales.map(({ proceedsMicroUsd }) => proceedsMicroUsd));
}

function isSameOrder(one: LegSale, other: LegSale): boolean {
  return one.leg === other.leg && one.legId === other.legId;
}
