import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usdFromText } from '../../../src/domain/decimal.ts';
import { legacyPerContract } from '../../../src/domain/fees/fee-models.ts';
import {
  type FeeModel,
  type FeeSchedule,
  feeFloorPerContract,
  makerFee,
  takerFee,
} from '../../../src/domain/fees/fee-schedule.ts';
import { contracts, microUsd, priceE4, rateE6, sizeE6 } from '../../../src/domain/units.ts';
import { levels } from '../../support/books.ts';
import { kalshiFees, polymarketFees } from '../../support/fee-schedules.ts';

const models: readonly FeeModel[] = ['real', 'legacy', 'stress'];

const anySchedule: fc.Arbitrary<FeeSchedule> = fc.oneof(
  fc
    .record({ multiplier: fc.constantFrom(0, 500_000, 1_000_000, 1_500_000), precision: fc.constantFrom(10_000, 100) })
    .map(({ multiplier, precision }) =>
      kalshiFees({ multiplierE6: rateE6(multiplier), precision: microUsd(precision) }),
    ),
  fc
    .record({ rate: fc.constantFrom('0', '0.03', '0.05', '0.07'), exponent: fc.integer({ min: 0, max: 2 }) })
    .chain(({ rate, exponent }) =>
      fc
        .record({
          collected: fc.constantFrom('cash' as const, 'sharesOnBuy' as const),
          builder: fc.constantFrom(0, 3_000),
        })
        .map(({ collected, builder }) => polymarketFees(rate, { exponent, collected, builderRateE6: rateE6(builder) })),
    ),
);

const anyLevels = fc.array(
  fc.record({
    priceE4: fc.integer({ min: 1, max: 9_999 }).map(priceE4),
    sizeE6: fc.integer({ min: 1_000_000, max: 5_000_000_000 }).map(sizeE6),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('fee model', () => {
  it('stress is half as much again', () => {
    const order = levels({ '0.50': '100' });
    expect(takerFee(kalshiFees(), 'stress')(order)).toBe(usdFromText('2.625'));
    expect(takerFee(polymarketFees('0.07'), 'stress')(order)).toBe(usdFromText('2.625'));
  });

  it('legacy charges a purchase on Polymarket 2 % and one on Kalshi nothing', () => {
    const order = levels({ '0.45': '50' });
    expect(takerFee(polymarketFees('0.07'), 'legacy')(order)).toBe(usdFromText('0.45'));
    expect(takerFee(kalshiFees(), 'legacy')(order)).toBe(0);
  });

  it('legacy reproduces the published example of design C', () => {
    const trade = { buyVenue: 'polymarket', sellVenue: 'kalshi' } as const;
    const example = legacyPerContract({ ...trade, buyPriceE4: priceE4(4_500), sellPriceE4: priceE4(5_200) });
    expect(example).toEqual({ feeMicroUsd: usdFromText('0.0426'), netMicroUsd: usdFromText('0.0274') });
  });

  it('never charges less for more of the same levels', () => {
    fc.assert(
      fc.property(anySchedule, fc.constantFrom(...models), anyLevels, (schedule, model, order) => {
        const fee = takerFee(schedule, model);
        expect(fee(order)).toBeGreaterThanOrEqual(fee(order.slice(1)));
      }),
    );
  });
});

describe('screening floor', () => {
  it('never exceeds the true fee of any order of whole-contract levels', () => {
    fc.assert(
      fc.property(anySchedule, fc.constantFrom(...models), anyLevels, (schedule, model, order) => {
        const bound = order.reduce(
          (sum, level) => sum + feeFloorPerContract(schedule, level.priceE4, model) * 100 * (level.sizeE6 / 1e6),
          0,
        );
        expect(bound).toBeLessThanOrEqual(takerFee(schedule, model)(order) * (1 + 1e-15));
      }),
      { numRuns: 500 },
    );
  });

  it('comes within a hundredth of a cent of the true fee of a large order', () => {
    for (const schedule of [kalshiFees(), polymarketFees('0.05')]) {
      const order = [{ priceE4: priceE4(5_000), sizeE6: contracts(10_000) }];
      const perContract = takerFee(schedule, 'real')(order) / 10_000 / 100;
      expect(perContract - feeFloorPerContract(schedule, priceE4(5_000))).toBeLessThan(1);
    }
  });
});

// The table of docs/rules.md §5, in cents per pair, both legs near price p and before rounding.
describe('break-even gap', () => {
  const half = kalshiFees({ multiplierE6: rateE6(500_000) });
  const maker = kalshiFees({ feeType: 'quadratic_with_maker_fees' });
  const table = [
    ['0.05', [0.33, 0.48, 0.52, 0.57, 0.67, 0.4, 0.32]],
    ['0.10', [0.63, 0.9, 0.99, 1.08, 1.26, 0.77, 0.61]],
    ['0.20', [1.12, 1.6, 1.76, 1.92, 2.24, 1.36, 1.08]],
    ['0.30', [1.47, 2.1, 2.31, 2.52, 2.94, 1.79, 1.42]],
    ['0.50', [1.75, 2.5, 2.75, 3.0, 3.5, 2.12, 1.69]],
  ] as const;

  it.each(table)('at %s is %s cents by venue and rate', (price, expected) => {
    const order = levels({ [price]: '100000' });
    const cents = (...fees: readonly number[]) => fees.reduce((sum, fee) => sum + fee, 0) / 100_000 / 10_000;
    const kalshi = takerFee(kalshiFees(), 'real')(order);
    const polymarket = (rate: string) => takerFee(polymarketFees(rate), 'real')(order);
    const found = [
      cents(kalshi, polymarket('0')),
      cents(kalshi, polymarket('0.03')),
      cents(kalshi, polymarket('0.04')),
      cents(kalshi, polymarket('0.05')),
      cents(kalshi, polymarket('0.07')),
      cents(takerFee(half, 'real')(order), polymarket('0.05')),
      cents(makerFee(maker, 'real')(order), polymarket('0.05')),
    ];
    for (const [at, gap] of found.entries()) expect(Math.abs(gap - (expected[at] ?? 0))).toBeLessThan(0.00501);
  });
});
