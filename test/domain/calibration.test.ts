import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betaPosterior,
  fitHalfLife,
  halfLifeOfMaximumLikelihood,
  learnedRates,
  monotoneRates,
  nonIncreasing,
  parametricPrior,
} from '../../src/domain/calibration.ts';

const weighted = fc.array(
  fc.record({ value: fc.double({ min: 0, max: 1, noNaN: true }), weight: fc.integer({ min: 1, max: 1_000 }) }),
  { minLength: 1, maxLength: 20 },
);

describe('Beta-Binomial posterior', () => {
  it('is the model where nothing was tried', () => {
    const prior = parametricPrior({ mean: 0.3, strength: 10 });
    expect(betaPosterior(prior, { filled: 0, attempts: 0 }).mean).toBeCloseTo(0.3, 15);
  });

  it('lies between model and observation', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (model, attempts, share) => {
          const filled = Math.round(share * attempts);
          const { mean } = betaPosterior(parametricPrior({ mean: model, strength: 10 }), { filled, attempts });
          expect(mean).toBeGreaterThanOrEqual(Math.min(model, filled / attempts) - 1e-12);
          expect(mean).toBeLessThanOrEqual(Math.max(model, filled / attempts) + 1e-12);
        },
      ),
    );
  });

  it('refuses more fills than attempts', () => {
    expect(() => betaPosterior({ a: 1, b: 1 }, { filled: 2, attempts: 1 })).toThrow('2 of 1');
  });
});

describe('pool-adjacent-violators', () => {
  it('never rises', () => {
    fc.assert(
      fc.property(weighted, (values) => {
        const pooled = nonIncreasing(values);
        expect(pooled).toHaveLength(values.length);
        for (const [at, value] of pooled.entries()) expect(value).toBeLessThanOrEqual(pooled[at - 1] ?? 1);
      }),
    );
  });

  it('preserves the weighted mean', () => {
    fc.assert(
      fc.property(weighted, (values) => {
        const total = (of: readonly number[]) =>
          values.reduce((sum, { weight }, at) => sum + weight * (of[at] ?? 0), 0);
        expect(total(nonIncreasing(values))).toBeCloseTo(total(values.map(({ value }) => value)), 6);
      }),
    );
  });

  it('leaves a sequence that already falls as it is', () => {
    fc.assert(
      fc.property(weighted, (values) => {
        const falling = [...values].sort((a, b) => b.value - a.value);
        expect(nonIncreasing(falling)).toEqual(falling.map(({ value }) => value));
      }),
    );
  });

  it('gives an entry without weight no say', () => {
    const rates = nonIncreasing([
      { value: 0.2, weight: 10 },
      { value: 0.9, weight: 0 },
    ]);
    expect(rates).toEqual([0.2, 0.2]);
  });

  it('weighs by attempts', () => {
    const rates = monotoneRates([
      { filled: 0, attempts: 10 },
      { filled: 20, attempts: 30 },
    ]);
    expect(rates).toEqual([0.5, 0.5]);
  });
});

describe('learned rates', () => {
  it('are the model where nothing was tried, and fall with age where luck says otherwise', () => {
    const rates = learnedRates([
      { modelMean: 0.6, filled: 0, attempts: 0 },
      { modelMean: 0.4, filled: 5, attempts: 40 },
      { modelMean: 0.2, filled: 30, attempts: 40 },
    ]);
    expect(rates[0]).toBeCloseTo(0.6, 12);
    expect(rates[1]).toBe(rates[2]);
  });
});

describe('half-life', () => {
  it('is the age at which half of the attempts filled', () => {
    expect(halfLifeOfMaximumLikelihood([{ ageMs: 320, filled: 50, attempts: 100 }])).toBeCloseTo(320, 9);
  });

  it('is recovered from rates that follow the model', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 5_000 }), (halfLife) => {
        const tallies = [0.2, 0.5, 1, 2, 4].map((ages) => ({
          ageMs: ages * halfLife,
          filled: 1_000 * 2 ** -ages,
          attempts: 1_000,
        }));
        expect(halfLifeOfMaximumLikelihood(tallies)).toBeCloseTo(halfLife, 4);
      }),
    );
  });

  it('has no answer where everything or nothing filled', () => {
    expect(halfLifeOfMaximumLikelihood([{ ageMs: 100, filled: 9, attempts: 9 }])).toBeUndefined();
    expect(halfLifeOfMaximumLikelihood([{ ageMs: 100, filled: 0, attempts: 9 }])).toBeUndefined();
  });

  it('is not fitted from 99 attempts and is from 100', () => {
    const few = fitHalfLife([{ ageMs: 100, filled: 40, attempts: 99 }]);
    expect(few).toEqual({ kind: 'refused', reason: 'TOO_FEW_ATTEMPTS' });
    expect(fitHalfLife([{ ageMs: 100, filled: 40, attempts: 100 }]).kind).toBe('fitted');
  });
});
