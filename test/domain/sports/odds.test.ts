import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { americanToDecimal, americanToImplied, decimalOdds } from '../../../src/domain/sports/odds.ts';

describe('American odds', () => {
  it('pay the stake and 130 more on 100 at +130, and 100 more on 150 at −150', () => {
    expect(americanToDecimal(130)).toBe(2.3);
    expect(americanToDecimal(-150)).toBeCloseTo(5 / 3, 15);
  });

  it('imply 100/(a + 100) for an underdog and −a/(−a + 100) for a favourite', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 100_000 }), (a) => {
        expect(americanToImplied(a)).toBeCloseTo(100 / (a + 100), 14);
        expect(americanToImplied(-a)).toBeCloseTo(a / (a + 100), 14);
      }),
    );
  });

  it('imply probabilities of 1 together for both signs of a number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 100_000 }), (a) => {
        expect((americanToImplied(a) ?? 0) + (americanToImplied(-a) ?? 0)).toBeCloseTo(1, 14);
      }),
    );
  });

  it('do not exist between −100 and +100', () => {
    for (const wrong of [0, 99, -99, Number.NaN]) expect(americanToDecimal(wrong)).toBeUndefined();
  });
});

describe('decimal odds', () => {
  it('are above 1 and finite', () => {
    for (const wrong of [1, 0, -2, Number.NaN, Number.POSITIVE_INFINITY]) expect(decimalOdds(wrong)).toBeUndefined();
    expect(decimalOdds(1.01)).toBe(1.01);
  });
});
