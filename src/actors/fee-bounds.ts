/** What an order is charged at most, by the fees of its instrument as they were listed last. */
import type { LegOrder } from '../domain/execution/leg.ts';
import { takerFee } from '../domain/fees/fee-schedule.ts';
import { polymarketBudgetFee } from '../domain/fees/polymarket-fee.ts';
import { InvariantError } from '../domain/invariant.ts';
import type { ExposureBookParts } from '../domain/risk/exposure-book.ts';
import { notional } from '../domain/units.ts';
import type { InstrumentFacts } from './accounts.ts';

export function feeBoundsOf(
  instruments: Pick<InstrumentFacts, 'feesOf'>,
): Required<Pick<ExposureBookParts, 'feeBound' | 'budgetFeeBound'>> {
  const feesOf = ({ instrument }: LegOrder) => {
    const fees = instruments.feesOf(instrument);
    if (fees === undefined)
      throw new InvariantError(`an order must have a known fee, found none for ${instrument.book}`);
    return fees;
  };
  const feeBound = (order: LegOrder) =>
    takerFee(feesOf(order), 'real')([{ priceE4: order.limitE4, sizeE6: order.sizeE6 }]);
  return {
    feeBound,
    budgetFeeBound: (order) => {
      const fees = feesOf(order);
      const budget = notional(order.limitE4, order.sizeE6);
      return fees.venue === 'polymarket' ? polymarketBudgetFee(fees, budget) : feeBound(order);
    },
  };
}
