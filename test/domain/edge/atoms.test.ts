import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bound, type Claim, type Comparator, claimTable } from '../../../src/domain/edge/atoms.ts';
import { basketPayoffs, worstPayoffE4 } from '../../../src/domain/edge/payoff-table.ts';
import { priceE4 } from '../../../src/domain/units.ts';

const bound = (comparator: Comparator, strike: number): Bound => ({ comparator, strike });
const value = (...bounds: readonly Bound[]): Claim => ({ kind: 'value', bounds });
const yes = (claim: Claim) => ({ claim, side: 'yes' }) as const;
const no = (claim: Claim) => ({ claim, side: 'no' }) as const;

function satisfies({ comparator, strike }: Bound, x: number): boolean {
  if (comparator === 'greater') return x > strike;
  if (comparator === 'greater_or_equal') return x >= strike;
  return comparator === 'less' ? x < strike : x <= strike;
}

describe('claimTable over values', () => {
  const bounds = fc.record({
    comparator: fc.constantFrom<Comparator>('greater', 'greater_or_equal', 'less', 'less_or_equal'),
    strike: fc.integer({ min: -4, max: 4 }),
  });
  const legs = fc.array(
    fc.record({ bounds: fc.array(bounds, { minLength: 1, maxLength: 2 }), side: fc.constantFrom('yes', 'no') }),
    { minLength: 1, maxLength: 4 },
  );

  it('has a state for what every value, on a strike or between strikes, really pays', () => {
    fc.assert(
      fc.property(legs, fc.integer({ min: -10, max: 10 }), (drawn, halves) => {
        const x = halves / 2;
        const table = claimTable(drawn.map((one) => ({ claim: value(...one.bounds), side: one.side })));
        const paid = drawn.map((one) =>
          one.bounds.every((each) => satisfies(each, x)) === (one.side === 'yes') ? 10_000 : 0,
        );
        const rows = table.states.map((_state, at) => table.payoffs.map((payoff) => payoff[at]));
        expect(rows).toContainEqual(paid);
      }),
    );
  });

  it('tells "greater" from "greater or equal" at the same strike', () => {
    const claims = [yes(value(bound('greater', 3))), no(value(bound('greater_or_equal', 3)))];
    expect(claimTable(claims).states).toEqual(['x<3', '3<=x<=3', '3<x']);
    expect(worstPayoffE4(claimTable(claims))).toBe(0);
    const reversed = [yes(value(bound('greater_or_equal', 3))), no(value(bound('greater', 3)))];
    expect(worstPayoffE4(claimTable(reversed))).toBe(10_000);
  });

  it('knows that above 50 and at least 51 are one strike on whole numbers, and two otherwise', () => {
    const claims = [yes(value(bound('greater_or_equal', 51))), no(value(bound('greater', 50)))];
    expect(worstPayoffE4(claimTable(claims, { granularity: 1 }))).toBe(10_000);
    expect(claimTable(claims, { granularity: 1 }).states).toHaveLength(2);
    expect(worstPayoffE4(claimTable(claims))).toBe(0);
  });

  it('refuses a strike that is not whole in its unit', () => {
    expect(() => claimTable([yes(value(bound('greater', 0.5)))])).toThrow('whole number');
  });
});

describe('claimTable over deadlines', () => {
  const reach = (strike: number, deadline: number): Claim => ({
    kind: 'by',
    deadline,
    reaches: bound('greater_or_equal', strike),
  });

  it('knows that what has happened by the earlier deadline has happened by the later one', () => {
    const claims = [yes({ kind: 'by', deadline: 20 }), no({ kind: 'by', deadline: 10 })];
    expect(basketPayoffs(claimTable(claims))).toEqual([10_000, 20_000, 10_000]);
  });

  it('has the path that reaches one level early and another late', () => {
    const claims = [no(reach(90, 1)), no(reach(100, 2)), yes(reach(100, 1))];
    expect(worstPayoffE4(claimTable(claims))).toBe(0);
  });

  it('has a state for every rising path', () => {
    const heights = fc.tuple(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 4 }),
    );
    const drawn = fc.array(
      fc.record({ strike: fc.integer({ min: 1, max: 3 }), deadline: fc.integer({ min: 0, max: 2 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(heights, drawn, ([first, second, third], claims) => {
        const highest = [first, Math.max(first, second), Math.max(first, second, third)];
        const table = claimTable(claims.map((one) => yes(reach(one.strike, one.deadline))));
        const paid = claims.map((one) => ((highest[one.deadline] ?? 0) >= one.strike ? 10_000 : 0));
        expect(table.states.map((_state, at) => table.payoffs.map((payoff) => payoff[at]))).toContainEqual(paid);
      }),
    );
  });

  it('does not take "on a day" for cumulative', () => {
    const on = (after: number, deadline: number): Claim => ({ kind: 'within', after, deadline });
    expect(worstPayoffE4(claimTable([yes(on(1, 2)), no(on(0, 1))]))).toBe(0);
    expect(worstPayoffE4(claimTable([yes({ kind: 'by', deadline: 2 }), no(on(0, 1))]))).toBe(10_000);
  });

  it('refuses a level that is reached from above', () => {
    const falls: Claim = { kind: 'by', deadline: 1, reaches: bound('less', 5) };
    expect(() => claimTable([yes(falls)])).toThrow('greater');
  });
});

describe('claimTable, special states', () => {
  const happens: Claim = { kind: 'outcome', outcome: 'yes' };

  it('pays what the rules say in a void, and the opposite of it to NO', () => {
    const special = [{ name: 'void', yesPayouts: [priceE4(5_000), priceE4(4_000)] }];
    const table = claimTable([yes(happens), no(happens)], { outcomes: ['yes', 'no'], special });
    expect(table.states).toEqual(['yes', 'no', 'void']);
    expect(basketPayoffs(table)).toEqual([10_000, 10_000, 11_000]);
  });

  it('refuses a state that forgets a leg', () => {
    const special = [{ name: 'void', yesPayouts: [priceE4(5_000)] }];
    expect(() => claimTable([yes(happens), no(happens)], { outcomes: ['yes', 'no'], special })).toThrow('void');
  });
});
