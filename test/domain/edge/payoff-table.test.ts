import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basketPayoffs,
  binaryPayoff,
  oppositePayoff,
  payoffTable,
  worstPayoffE4,
} from '../../../src/domain/edge/payoff-table.ts';
import { priceE4 } from '../../../src/domain/units.ts';

const pays = (...payouts: readonly number[]) => payouts.map(priceE4);

describe('worstPayoffE4', () => {
  it('is the smallest payoff over states, not their mean', () => {
    const table = payoffTable({ states: ['a', 'b', 'none'], payoffs: [pays(10_000, 0, 0), pays(0, 10_000, 0)] });
    expect(basketPayoffs(table)).toEqual([10_000, 10_000, 0]);
    expect(worstPayoffE4(table)).toBe(0);
  });

  it('adds fractional settlement of the legs', () => {
    const table = { states: ['yes', 'void'], payoffs: [pays(10_000, 5_000), pays(0, 5_000)] };
    expect(worstPayoffE4(payoffTable(table))).toBe(10_000);
  });
});

describe('oppositePayoff', () => {
  it('makes a dollar with its own side in every state', () => {
    const payouts = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(payouts, (some) => {
        const own = pays(...some);
        const table = { states: some.map((_payout, at) => `s${at}`), payoffs: [own, oppositePayoff(own)] };
        expect(new Set(basketPayoffs(payoffTable(table)))).toEqual(new Set([10_000]));
      }),
    );
  });
});

describe('payoffTable', () => {
  it('refuses a leg that says nothing about a state', () => {
    expect(() => payoffTable({ states: ['a', 'b'], payoffs: [pays(0)] })).toThrow('each of 2 states, found 1');
  });

  it('refuses a state that is listed twice', () => {
    expect(() => payoffTable({ states: ['a', 'a'], payoffs: [pays(0, 0)] })).toThrow('must differ');
  });

  it('refuses a table without states', () => {
    expect(() => payoffTable({ states: [], payoffs: [[]] })).toThrow('needs a state');
  });
});

describe('binaryPayoff', () => {
  it('pays a dollar where the claim holds and nothing elsewhere', () => {
    expect(binaryPayoff([1, 2, 3], (x) => x > 1)).toEqual([0, 10_000, 10_000]);
  });
});
