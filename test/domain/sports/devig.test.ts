import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEVIG_METHODS, devig, devigByAllMethods, probabilityOf } from '../../../src/domain/sports/devig.ts';
import { type DecimalOdds, requireDecimalOdds } from '../../../src/domain/sports/odds.ts';

function odds(...quoted: number[]): DecimalOdds[] {
  return quoted.map(requireDecimalOdds);
}

const anyOdds = fc
  .array(fc.double({ min: 1.01, max: 1_000, noNaN: true }), { minLength: 2, maxLength: 12 })
  .map((quoted) => odds(...quoted));

describe('taking out the margin', () => {
  for (const method of DEVIG_METHODS) {
    it(`gives probabilities that sum to 1 by the ${method} method`, () => {
      fc.assert(
        fc.property(anyOdds, (all) => {
          const { probabilities } = devig(all, method);
          expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
          for (const p of probabilities) {
            expect(p).toBeGreaterThanOrEqual(0);
            expect(p).toBeLessThanOrEqual(1);
          }
        }),
      );
    });

    it(`never makes longer odds more likely by the ${method} method`, () => {
      fc.assert(
        fc.property(anyOdds, (all) => {
          const { probabilities } = devig(all, method);
          const byOdds = all
            .map((one, at) => ({ one, p: probabilities[at] ?? Number.NaN }))
            .sort((a, b) => a.one - b.one);
          for (const [at, { p }] of byOdds.entries()) expect(p).toBeLessThanOrEqual((byOdds[at - 1]?.p ?? 1) + 1e-12);
        }),
      );
    });

    it(`leaves odds without margin as they are by the ${method} method`, () => {
      const { probabilities } = devig(odds(2, 4, 4), method);
      for (const [at, expected] of [0.5, 0.25, 0.25].entries()) expect(probabilities[at]).toBeCloseTo(expected, 14);
    });
  }

  it('gives the published Shin figures at odds 2.6, 2.4, 4.3', () => {
    const { probabilities, parameter } = devig(odds(2.6, 2.4, 4.3), 'shin');
    expect(probabilities[0]).toBeCloseTo(0.37299406033208965, 12);
    expect(probabilities[1]).toBeCloseTo(0.4047794109200184, 12);
    expect(parameter).toBeCloseTo(0.01694251276407055, 10);
  });

  it('is the same by Shin as by the additive method for two outcomes with a margin', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.05, max: 30, noNaN: true }), fc.double({ min: 0.5, max: 0.99 }), (one, share) => {
        const other = 1 / Math.max(1 / 30, (1 - 1 / one) / share);
        fc.pre(other > 1.01 && 1 / one + 1 / other > 1);
        const all = odds(one, other);
        const [shin, additive] = [devig(all, 'shin'), devig(all, 'additive')];
        for (const at of [0, 1]) expect(probabilityOf(shin, at)).toBeCloseTo(probabilityOf(additive, at), 9);
      }),
    );
  });

  it('falls back to proportions where the additive method would leave nothing', () => {
    const lost = devig(odds(1.05, 8, 200), 'additive');
    expect(lost.hasFallenBack).toBe(true);
    expect(lost.probabilities).toEqual(devig(odds(1.05, 8, 200), 'multiplicative').probabilities);
  });

  it('uses power for two outcomes and Shin for more unless told otherwise', () => {
    expect(devig(odds(1.9, 1.9)).method).toBe('power');
    expect(devig(odds(2.6, 2.4, 4.3)).method).toBe('shin');
  });

  it('is uncertain by 2 cents at 1.10 / 8.0', () => {
    expect(devigByAllMethods(odds(1.1, 8)).spread[0]).toBeCloseTo(0.0208, 4);
  });

  it('solves for odds at the edge of what can be written', () => {
    for (const method of DEVIG_METHODS) {
      const { probabilities } = devig(odds(1.0001, 1.0001, 10_000), method);
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    }
  });

  it('needs two outcomes', () => {
    expect(() => devig(odds(1.9))).toThrow('at least two');
  });
});
