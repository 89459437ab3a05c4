import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usdFromText } from '../../../src/domain/decimal.ts';
import {
  KALSHI_DIRECT_MEMBER,
  KALSHI_ORDINARY_ACCOUNT,
  type KalshiFeeReading,
  kalshiFeeBound,
  kalshiOrderFee,
  resolveKalshiFees,
} from '../../../src/domain/fees/kalshi-fee.ts';
import { contracts, priceE4, rateE6 } from '../../../src/domain/units.ts';
import { levels } from '../../support/books.ts';
import { kalshiFees } from '../../support/fee-schedules.ts';

const HALF = rateE6(500_000);
const withMakerFees = kalshiFees({ feeType: 'quadratic_with_maker_fees' });

describe('kalshi order fee', () => {
  it.each([
    ['taker', '0.50', '1', '0.02'],
    ['taker', '0.50', '100', '1.75'],
    ['taker', '0.05', '100', '0.34'],
    ['taker', '0.52', '50', '0.88'],
    ['taker', '0.82', '100', '1.04'],
    ['maker', '0.50', '100', '0'],
  ] as const)('charges a %s at %s for %s contracts %s dollars', (role, price, size, fee) => {
    expect(kalshiOrderFee(kalshiFees(), role, levels({ [price]: size }))).toBe(usdFromText(fee));
  });

  it('charges makers a quarter of the taker rate on series with maker fees', () => {
    expect(kalshiOrderFee(withMakerFees, 'maker', levels({ '0.50': '100' }))).toBe(usdFromText('0.44'));
  });

  it('charges makers half of the taker rate on combos', () => {
    const combo = kalshiFees({ feeType: 'quadratic_with_combo_maker_fees' });
    expect(kalshiOrderFee(combo, 'maker', levels({ '0.50': '100' }))).toBe(usdFromText('0.88'));
  });

  it('halves the fee of a half-rate series before it rounds', () => {
    expect(kalshiOrderFee(kalshiFees({ multiplierE6: HALF }), 'taker', levels({ '0.50': '100' }))).toBe(
      usdFromText('0.88'),
    );
  });

  it.each([
    [1, 20_000],
    [3, 20_000],
    [5, 18_000],
    [10, 18_000],
    [20, 17_500],
    [100, 17_500],
  ])('costs %i lots at 50 cents %i micro-dollars each', (count, each) => {
    const order = [{ priceE4: priceE4(5_000), sizeE6: contracts(count) }];
    expect(kalshiOrderFee(kalshiFees(), 'taker', order) / count).toBe(each);
  });

  it('rounds once per order, not once per level', () => {
    const swept = levels({ '0.50': '1', '0.51': '1', '0.52': '1' });
    const apart = swept.map((level) => kalshiOrderFee(kalshiFees(), 'taker', [level]));
    expect(kalshiOrderFee(kalshiFees(), 'taker', swept)).toBe(usdFromText('0.06'));
    expect(apart).toEqual([20_000, 20_000, 20_000]);
    expect(kalshiOrderFee(kalshiFees(), 'taker', levels({ '0.10': '1', '0.11': '1' }))).toBe(usdFromText('0.02'));
  });

  it('rounds to $0.0001 for a direct member, as its recorded fills show', () => {
    const direct = kalshiFees(KALSHI_DIRECT_MEMBER);
    expect(kalshiOrderFee(direct, 'taker', levels({ '0.52': '1' }))).toBe(usdFromText('0.0175'));
    expect(kalshiOrderFee(direct, 'taker', levels({ '0.71': '1' }))).toBe(usdFromText('0.0145'));
    expect(kalshiOrderFee(direct, 'taker', levels({ '0.929': '1' }))).toBe(usdFromText('0.0047'));
    expect(kalshiOrderFee(direct, 'taker', levels({ '0.48': '12' }))).toBe(usdFromText('0.2097'));
  });

  it('adds one unit of the precision for every expected fill to its bound', () => {
    expect(kalshiFeeBound(kalshiFees(), 'taker', levels({ '0.50': '100' }), 3)).toBe(usdFromText('1.78'));
  });

  it('never falls when the size grows, and is the same for YES and for NO', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.nat(5_000), fc.nat(500), (price, size, more) => {
        const fee = (at: number, count: number) =>
          kalshiOrderFee(kalshiFees(), 'taker', [{ priceE4: priceE4(at), sizeE6: contracts(count) }]);
        expect(fee(price, size + more)).toBeGreaterThanOrEqual(fee(price, size));
        expect(fee(10_000 - price, size)).toBe(fee(price, size));
      }),
    );
  });
});

const silent = { feeType: undefined, multiplierE6: undefined };
const reading: KalshiFeeReading = {
  series: { feeType: 'quadratic', multiplierE6: rateE6(1_000_000) },
  seriesChanges: [],
  event: silent,
  eventChanges: [],
  waivedUntilMs: undefined,
  readAtMs: 1_000,
};
const options = { atMs: 2_000, terms: KALSHI_ORDINARY_ACCOUNT, makerMultiplierE6: undefined };

function parameters(of: Partial<KalshiFeeReading>, atMs = options.atMs) {
  const resolved = resolveKalshiFees({ ...reading, ...of }, { ...options, atMs });
  if (resolved.kind === 'refused') return resolved.reason;
  return [resolved.fees.feeType, resolved.fees.multiplierE6];
}

describe('kalshi fee parameters', () => {
  it('take a scheduled change from its own instant on', () => {
    const seriesChanges = [{ scheduledAtMs: 2_000, feeType: 'quadratic_with_maker_fees', multiplierE6: HALF }];
    expect(parameters({ seriesChanges }, 1_999)).toEqual(['quadratic', 1_000_000]);
    expect(parameters({ seriesChanges }, 2_000)).toEqual(['quadratic_with_maker_fees', 500_000]);
  });

  it('take the latest change in force, whatever the order of the list', () => {
    const seriesChanges = [
      { scheduledAtMs: 1_500, feeType: 'quadratic', multiplierE6: HALF },
      { scheduledAtMs: 1_200, feeType: 'quadratic', multiplierE6: rateE6(2_000_000) },
    ];
    expect(parameters({ seriesChanges })).toEqual(['quadratic', 500_000]);
  });

  it('let an event override one field and keep the series value of the other', () => {
    expect(parameters({ event: { feeType: undefined, multiplierE6: HALF } })).toEqual(['quadratic', 500_000]);
  });

  it('count a multiplier of zero as a value', () => {
    expect(parameters({ event: { feeType: undefined, multiplierE6: rateE6(0) } })).toEqual(['quadratic', 0]);
  });

  it('clear an override when a scheduled event change says nothing', () => {
    const event = { feeType: undefined, multiplierE6: HALF };
    const eventChanges = [{ scheduledAtMs: 1_500, ...silent }];
    expect(parameters({ event, eventChanges }, 1_499)).toEqual(['quadratic', 500_000]);
    expect(parameters({ event, eventChanges }, 1_500)).toEqual(['quadratic', 1_000_000]);
  });

  it('count a waiver until, and not at, its expiry', () => {
    expect(parameters({ waivedUntilMs: 2_001 })).toEqual(['quadratic', 0]);
    expect(parameters({ waivedUntilMs: 2_000 })).toEqual(['quadratic', 1_000_000]);
  });

  it.each(['flat', 'quadratic_v2', 'toString', undefined])('refuse the fee type %s', (feeType) => {
    expect(parameters({ series: { feeType, multiplierE6: HALF } })).toBe('UNSUPPORTED_FEE_TYPE');
  });

  it('refuse an absent multiplier instead of assuming one', () => {
    expect(parameters({ series: { feeType: 'quadratic', multiplierE6: undefined } })).toBe('FEE_UNKNOWN');
  });

  it('say that they are assumed when the maker multiplier is configured', () => {
    const resolved = resolveKalshiFees(reading, { ...options, makerMultiplierE6: HALF });
    expect(resolved).toMatchObject({ kind: 'known', fees: { makerMultiplierE6: 500_000, assumed: true } });
  });
});
