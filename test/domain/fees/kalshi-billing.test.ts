import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceFromText, sizeFromText, usdFromText } from '../../../src/domain/decimal.ts';
import type { KalshiAccountTerms } from '../../../src/domain/fees/fee-schedule.ts';
import { type BillableFill, billOrder, isFeeDrift, kalshiTradeFee } from '../../../src/domain/fees/kalshi-billing.ts';
import { KALSHI_DIRECT_MEMBER, KALSHI_ORDINARY_ACCOUNT } from '../../../src/domain/fees/kalshi-fee.ts';
import { addUsd, CENT, microUsd, priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { kalshiFees } from '../../support/fee-schedules.ts';

function fill(price: string, size: string, terms: KalshiAccountTerms = KALSHI_ORDINARY_ACCOUNT): BillableFill {
  const level = { priceE4: priceFromText(price), sizeE6: sizeFromText(size) };
  return { ...level, direction: 'buy', tradeFeeMicroUsd: kalshiTradeFee(kalshiFees(terms), 'taker', level) };
}

const anyTerms: fc.Arbitrary<KalshiAccountTerms> = fc.record({
  precision: fc.constantFrom(CENT, microUsd(100)),
  tradeFeeStep: fc.constantFrom(microUsd(100), microUsd(1)),
  accumulator: fc.record({
    threshold: fc.constantFrom('strict', 'inclusive'),
    rebateUnit: fc.constantFrom('cent', 'precision'),
    shortfall: fc.constantFrom('defer', 'partial'),
  }),
});

const anyFills: fc.Arbitrary<BillableFill[]> = fc.array(
  fc.record({
    direction: fc.constantFrom('buy', 'sell'),
    priceE4: fc.integer({ min: 1, max: 9_999 }).map(priceE4),
    sizeE6: fc.integer({ min: 1, max: 20_000 }).map((hundredths) => sizeE6(hundredths * 10_000)),
    tradeFeeMicroUsd: fc.integer({ min: 0, max: 200_000 }).map(microUsd),
  }),
  { maxLength: 30 },
);

describe('kalshi billing', () => {
  it('charges ten one-lot fills of one order 18 cents', () => {
    const fills = Array.from({ length: 10 }, () => fill('0.50', '1'));
    expect(billOrder(KALSHI_ORDINARY_ACCOUNT, fills).netFeeMicroUsd).toBe(usdFromText('0.18'));
  });

  it('keeps an overpayment of exactly one cent, unless the threshold is inclusive', () => {
    const fills = [fill('0.50', '34'), fill('0.50', '33'), fill('0.50', '33')];
    const { accumulator } = KALSHI_ORDINARY_ACCOUNT;
    const inclusive = { ...KALSHI_ORDINARY_ACCOUNT, accumulator: { ...accumulator, threshold: 'inclusive' as const } };
    expect(billOrder(KALSHI_ORDINARY_ACCOUNT, fills).netFeeMicroUsd).toBe(usdFromText('1.76'));
    expect(billOrder(inclusive, fills).netFeeMicroUsd).toBe(usdFromText('1.75'));
  });

  it('brings the recorded fill of a direct member to $0.0001', () => {
    const bill = billOrder(KALSHI_DIRECT_MEMBER, [fill('0.929', '1', KALSHI_DIRECT_MEMBER)]);
    expect(bill.fills[0]).toMatchObject({ tradeFeeMicroUsd: 4_618, roundingFeeMicroUsd: 82, netFeeMicroUsd: 4_700 });
    expect(bill.balanceChangeMicroUsd).toBe(usdFromText('-0.9337'));
  });

  it('defers a rebate that would make the net fee negative to a fill that can bear it', () => {
    const dust = fill('0.50', '0.01');
    const bill = billOrder(KALSHI_ORDINARY_ACCOUNT, [dust, dust, dust, fill('0.50', '10')]);
    expect(bill.fills.map((each) => each.rebateMicroUsd)).toEqual([0, 0, 0, 10_000]);
  });

  it('gives back what the fill paid where the account is billed that way', () => {
    const { accumulator } = KALSHI_ORDINARY_ACCOUNT;
    const partial = { ...KALSHI_ORDINARY_ACCOUNT, accumulator: { ...accumulator, shortfall: 'partial' as const } };
    const dust = fill('0.50', '0.01');
    expect(billOrder(partial, [dust, dust, dust]).fills.map((each) => each.netFeeMicroUsd)).toEqual([5_000, 5_000, 0]);
  });

  it('never charges a negative net fee and never loses a fraction', () => {
    fc.assert(
      fc.property(anyTerms, anyFills, (terms, fills) => {
        const bill = billOrder(terms, fills);
        const last = bill.fills.at(-1);
        const carried = last === undefined ? 0 : last.accumulatorMicroUsd - last.rebateMicroUsd;
        const tradeFees = addUsd(...fills.map((each) => each.tradeFeeMicroUsd));
        expect(bill.fills.every((each) => each.netFeeMicroUsd >= 0)).toBe(true);
        expect(carried).toBeGreaterThanOrEqual(0);
        expect(bill.netFeeMicroUsd).toBe(tradeFees + carried);
      }),
    );
  });

  it('leaves the balance on the precision of the account when whole units are given back', () => {
    fc.assert(
      fc.property(anyTerms, anyFills, (terms, fills) => {
        const deferring = { ...terms, accumulator: { ...terms.accumulator, shortfall: 'defer' as const } };
        expect(Math.abs(billOrder(deferring, fills).balanceChangeMicroUsd % terms.precision)).toBe(0);
      }),
    );
  });
});

describe('fee drift', () => {
  it('is a difference of more than one cent, either way', () => {
    const predicted = usdFromText('0.88');
    expect(isFeeDrift({ predicted, charged: usdFromText('0.89') })).toBe(false);
    expect(isFeeDrift({ predicted, charged: usdFromText('0.890001') })).toBe(true);
    expect(isFeeDrift({ predicted, charged: usdFromText('0.86') })).toBe(true);
  });
});
