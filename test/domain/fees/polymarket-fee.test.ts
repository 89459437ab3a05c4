import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceFromText, rateFromText, sizeFromText, usdFromText } from '../../../src/domain/decimal.ts';
import {
  polymarketCash,
  polymarketFillFee,
  polymarketOrderFee,
  resolvePolymarketFees,
} from '../../../src/domain/fees/polymarket-fee.ts';
import { historicalPolymarketFees } from '../../../src/domain/fees/polymarket-fee-history.ts';
import { usLegacyCharge, usMakerRebate, usTakerFee } from '../../../src/domain/fees/polymarket-us-fee.ts';
import { contracts, priceE4, rateE6 } from '../../../src/domain/units.ts';
import { levels } from '../../support/books.ts';
import { polymarketFees } from '../../support/fee-schedules.ts';

function at(price: string, size: string) {
  return { priceE4: priceFromText(price), sizeE6: sizeFromText(size) };
}

describe('polymarket fee', () => {
  it.each([
    ['0.04', '0.45', '50', '0.495'],
    ['0.07', '0.47', '5', '0.08718'],
    ['0.07', '0.38', '20', '0.32984'],
  ])('at rate %s and price %s is floored to 5 decimals for %s shares: %s', (rate, price, size, fee) => {
    expect(polymarketFillFee(polymarketFees(rate), 'taker', at(price, size))).toBe(usdFromText(fee));
  });

  // On-chain fills of 2026-09-24 to 30, from the venue reference.
  it.each([
    ['0.05', '0.66', '7.575758', '0.085'],
    ['0.07', '0.82', '1.219511', '0.01259'],
    ['0.05', '0.65', '7.57', '0.0861'],
    ['0.05', '0.31', '5', '0.05347'],
    ['0.07', '0.971', '5.14931', '0.01014'],
    ['0.05', '0.55', '9.33', '0.11545'],
  ])('equals the fill charged on chain at rate %s, price %s, %s shares: %s', (rate, price, size, fee) => {
    expect(polymarketFillFee(polymarketFees(rate), 'taker', at(price, size))).toBe(usdFromText(fee));
  });

  it('follows the exponent that was read', () => {
    const squared = polymarketFees('0.25', { exponent: 2 });
    expect(polymarketFillFee(squared, 'taker', at('0.50', '100'))).toBe(usdFromText('1.5625'));
  });

  it('is nothing for makers, unless the schedule charges them too', () => {
    expect(polymarketFillFee(polymarketFees('0.05'), 'maker', at('0.44', '75'))).toBe(0);
    expect(polymarketFillFee(polymarketFees('0.05', { takerOnly: false }), 'maker', at('0.50', '100'))).toBe(
      usdFromText('1.25'),
    );
  });

  it('is floored level by level and carries the builder fee on top', () => {
    const book = levels({ '0.47': '5', '0.48': '5' });
    expect(polymarketOrderFee(polymarketFees('0.07'), 'taker', book)).toBe(usdFromText('0.17454'));
    const withCode = polymarketFees('0.07', { builderRateE6: rateE6(3_000) });
    expect(polymarketOrderFee(withCode, 'taker', book)).toBe(usdFromText('0.18879'));
  });

  it('is paid in cash on both sides, the shares in full', () => {
    const fees = polymarketFees('0.05');
    const fill = { ...at('0.62', '37.5'), role: 'taker' as const };
    const paid = polymarketCash(fees, { ...fill, direction: 'buy' });
    const brought = polymarketCash(fees, { ...fill, direction: 'sell' });
    expect(paid).toEqual({ feeMicroUsd: 441_750, cashMicroUsd: -23_691_750, sharesE6: 37_500_000 });
    expect(brought).toEqual({ feeMicroUsd: 441_750, cashMicroUsd: 22_808_250, sharesE6: -37_500_000 });
  });

  it('was withheld in shares from a BUY early in 2026', () => {
    const fees = polymarketFees('0.25', { exponent: 2, collected: 'sharesOnBuy' });
    const bought = polymarketCash(fees, { ...at('0.10', '100'), direction: 'buy', role: 'taker' });
    expect(bought).toEqual({ feeMicroUsd: 20_250, cashMicroUsd: -10_000_000, sharesE6: 99_797_500 });
  });

  it('never falls when the size grows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.nat(5_000), fc.nat(500), (price, size, more) => {
        const fee = (count: number) =>
          polymarketFillFee(polymarketFees('0.07'), 'taker', { priceE4: priceE4(price), sizeE6: contracts(count) });
        expect(fee(size + more)).toBeGreaterThanOrEqual(fee(size));
      }),
    );
  });
});

describe('polymarket fee parameters', () => {
  const fields = { rateE6: rateE6(40_000), exponent: 1, takerOnly: true, rebateRateE6: undefined };
  const base = { market: undefined, override: undefined, builderRateE6: rateE6(0), readAtMs: 7 };

  it('come from the market before the configuration', () => {
    const override = { ...fields, rateE6: rateE6(70_000) };
    const resolved = resolvePolymarketFees({ ...base, market: fields, override });
    expect(resolved).toMatchObject({ kind: 'known', fees: { rateE6: 40_000, assumed: false, readAtMs: 7 } });
  });

  it('are marked as assumed when only the configuration has them', () => {
    expect(resolvePolymarketFees({ ...base, override: fields })).toMatchObject({ fees: { assumed: true } });
  });

  it('are refused when nobody states them', () => {
    expect(resolvePolymarketFees(base)).toMatchObject({ kind: 'refused', reason: 'FEE_UNKNOWN' });
  });

  it('are refused with an exponent that is not whole', () => {
    const resolved = resolvePolymarketFees({ ...base, market: { ...fields, exponent: 0.5 } });
    expect(resolved).toMatchObject({ kind: 'refused', reason: 'UNSUPPORTED_FEE_EXPONENT' });
  });
});

describe('polymarket fee history', () => {
  const origin = { category: 'politics', isShortCrypto: false, createdAtMs: 0 } as const;

  it.each([
    ['2025-12-31T23:59:59Z', 'no fee before 2026', 0],
    ['2026-02-01T00:00:00Z', 'no fee on this market in 2026 Q1', 0],
    ['2026-03-30T00:00:00Z', 'category politics', 40_000],
  ])('of a market created %s is %s', (created, source, rate) => {
    const fees = historicalPolymarketFees({ ...origin, createdAtMs: Date.parse(created) });
    expect(fees).toMatchObject({ source, rateE6: rate, assumed: true });
  });

  it('charged short crypto markets of early 2026 in shares', () => {
    const createdAtMs = Date.parse('2026-02-01T00:00:00Z');
    const fees = historicalPolymarketFees({ category: 'crypto', isShortCrypto: true, createdAtMs });
    expect(fees).toMatchObject({ exponent: 2, collected: 'sharesOnBuy', rateE6: rateFromText('0.25') });
  });

  it('takes the worst credible rate for an unknown category', () => {
    const createdAtMs = Date.parse('2026-06-01T00:00:00Z');
    const fees = historicalPolymarketFees({ category: undefined, isShortCrypto: false, createdAtMs });
    expect(fees.rateE6).toBe(rateFromText('0.07'));
  });
});

describe('polymarket US fee', () => {
  it('rounds half a cent to the even cent', () => {
    const charge = usTakerFee(rateFromText('0.05'), levels({ '0.50': '2' }));
    expect(charge.roundedMicroUsd).toBe(usdFromText('0.02'));
    expect(usTakerFee(rateFromText('0.06'), levels({ '0.50': '1' })).roundedMicroUsd).toBe(usdFromText('0.02'));
  });

  it('pays makers back what a negative coefficient says', () => {
    expect(usMakerRebate(-12_500, levels({ '0.65': '1000' })).roundedMicroUsd).toBe(usdFromText('2.84'));
  });

  it('charged what was at risk in 2025, and rounded small fees away', () => {
    const sale = { ...at('0.90', '10'), direction: 'sell', role: 'taker' } as const;
    expect(usLegacyCharge(sale)).toEqual({ amountMicroUsd: 0, isRebate: false });
    expect(usLegacyCharge({ ...at('0.65', '1000'), direction: 'sell', role: 'maker' })).toEqual({
      amountMicroUsd: usdFromText('0.7'),
      isRebate: true,
    });
  });
});
