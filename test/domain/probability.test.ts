import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ceilProbability, floorProbability } from '../../src/domain/probability.ts';

describe('probability', () => {
  it('refuses what is not a probability, NaN included', () => {
    for (const wrong of [-0.001, 1.001, Number.NaN]) expect(() => floorProbability(wrong)).toThrow('0..1');
  });

  it('lies between its floor and its ceiling, at most a millionth apart', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (p) => {
        const [low, high] = [floorProbability(p), ceilProbability(p)];
        expect(low).toBeLessThanOrEqual(p * 1e6);
        expect(high).toBeGreaterThanOrEqual(p * 1e6);
        expect(high - low).toBeLessThanOrEqual(1);
      }),
    );
  });
});
