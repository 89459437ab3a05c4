import { describe, expect, it } from 'vitest';
import { type Conversion, convert } from '../../../src/domain/edge/neg-risk.ts';
import { contracts, microUsd, priceE4 } from '../../../src/domain/units.ts';
import { FREE, POLITICS } from './support.ts';

function conversion(of: Partial<Conversion> = {}): Conversion {
  return {
    sizeE6: contracts(100),
    noAsksE4: [priceE4(3_000)],
    yesBidsE4: [priceE4(4_000), priceE4(3_300)],
    outcomes: 3,
    adapterFeeBips: 0,
    fee: FREE,
    gasMicroUsd: microUsd(0),
    ...of,
  };
}

describe('convert', () => {
  it('returns k − 1 dollars and one YES of every other outcome', () => {
    const result = convert(conversion({ noAsksE4: [priceE4(3_000), priceE4(5_000)], yesBidsE4: [priceE4(3_300)] }));
    expect(result.collateralMicroUsd).toBe(100_000_000);
    expect(result.yesSizeE6).toBe(contracts(100));
    expect(result.profitMicroUsd).toBe(100_000_000 + 33_000_000 - 80_000_000);
  });

  it('charges the fee on the purchase and on the sale', () => {
    const result = convert(conversion({ fee: POLITICS }));
    expect(result.buyFeesMicroUsd).toBe(840_000);
    expect(result.saleFeesMicroUsd).toBe(1_844_400);
    expect(result.profitMicroUsd).toBe(40_315_600);
  });

  it('keeps the adapter fee from the cash and from the YES', () => {
    const result = convert(
      conversion({ noAsksE4: [priceE4(3_000), priceE4(5_000)], yesBidsE4: [priceE4(3_300)], adapterFeeBips: 100 }),
    );
    expect(result.collateralMicroUsd).toBe(99_000_000);
    expect(result.yesSizeE6).toBe(contracts(99));
  });

  it('leaves cash locked only while YES is held', () => {
    expect(convert(conversion({ yesBidsE4: [] })).lockedMicroUsd).toBe(30_000_000);
    expect(convert(conversion()).lockedMicroUsd).toBe(0);
  });

  it('counts gas as spent', () => {
    expect(convert(conversion({ gasMicroUsd: microUsd(10_000) })).profitMicroUsd).toBe(42_990_000);
  });

  it('refuses bids for some of the other outcomes only', () => {
    expect(() => convert(conversion({ yesBidsE4: [priceE4(4_000)] }))).toThrow('all 2 other outcomes or none');
  });
});
