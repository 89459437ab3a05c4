import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFloat } from '../../src/domain/fraction.ts';
import {
  arocCompound,
  arocSimple,
  flooredLockUp,
  hurdle,
  lockUp,
  opportunityScore,
  roi,
  withInventoryBonus,
} from '../../src/domain/return.ts';
import { contracts, micros, microUsd, rateE6, sizeE6 } from '../../src/domain/units.ts';

const HOUR = 3_600_000_000;
const year = { daysE6: 365_000_000 };

describe('lock-up', () => {
  it('runs to the later of the two releases of cash', () => {
    const held = lockUp({ now: micros(0), releases: [micros(48 * HOUR), micros(72 * HOUR)] });
    expect(held).toEqual({ daysE6: 3_000_000 });
  });

  it('counts at least one day', () => {
    expect(lockUp({ now: micros(0), releases: [micros(HOUR)] })).toEqual({ daysE6: 1_000_000 });
    expect(lockUp({ now: micros(5 * HOUR), releases: [micros(HOUR)] })).toEqual({ daysE6: 1_000_000 });
  });

  it('is rounded up', () => {
    expect(lockUp({ now: micros(0), releases: [micros(24 * HOUR + 1)] })).toEqual({ daysE6: 1_000_001 });
  });

  it('refuses a floor that makes annualising meaningless', () => {
    expect(() => flooredLockUp({ daysE6: 1, daysE6Min: 1 })).toThrow('daysE6Min');
  });
});

describe('annualised return', () => {
  it('is the plain return over exactly one year, simple and compound', () => {
    const investment = { capital: microUsd(80_000_000), profit: microUsd(4_000_000) };
    expect(toFloat(roi(investment))).toBe(0.05);
    expect(arocSimple(investment, year)).toBe(0.05);
    expect(arocCompound(investment, year)).toBeCloseTo(0.05, 15);
  });

  it('compounds a one-day return without magnifying the last bit of a float', () => {
    // 1.05^365 − 1 to 17 digits, computed in whole numbers.
    const exact = Number((105n ** 365n * 10n ** 12n) / 100n ** 365n) / 1e12 - 1;
    const daily = arocCompound({ capital: microUsd(20_000_000), profit: microUsd(1_000_000) }, { daysE6: 1_000_000 });
    expect(Math.abs(daily - exact)).toBeLessThan(1e-7);
  });

  it('loses everything when more than the capital is lost', () => {
    expect(arocCompound({ capital: microUsd(5), profit: microUsd(-6) }, year)).toBe(-1);
  });

  it('compounds to at least the simple return within a year', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000_000 }),
        fc.integer({ min: 0, max: 100_000_000 }),
        fc.integer({ min: 1_000_000, max: 365_000_000 }),
        (capital, profit, daysE6) => {
          const investment = { capital: microUsd(capital + profit), profit: microUsd(profit) };
          const simple = arocSimple(investment, { daysE6 });
          expect(arocCompound(investment, { daysE6 }) * (1 + 1e-12) + 1e-12).toBeGreaterThanOrEqual(simple);
        },
      ),
    );
  });
});

describe('hurdle', () => {
  const tenPercent = rateE6(100_000);

  it('is not cleared by earning exactly what the capital would have earned elsewhere', () => {
    const exactly = hurdle({ capital: microUsd(10_000_000), profit: microUsd(1_000_000) }, year, tenPercent);
    const more = hurdle({ capital: microUsd(10_000_000), profit: microUsd(1_000_001) }, year, tenPercent);
    expect([exactly.isCleared, more.isCleared]).toEqual([false, true]);
  });

  it('is never cleared by a longer wait that a shorter one did not clear', () => {
    const days = fc.integer({ min: 1_000_000, max: 1_000_000_000 });
    fc.assert(
      fc.property(fc.nat(10_000_000), days, days, (profit, a, b) => {
        const investment = { capital: microUsd(10_000_000), profit: microUsd(profit) };
        const shorter = hurdle(investment, { daysE6: Math.min(a, b) }, tenPercent).isCleared;
        const longer = hurdle(investment, { daysE6: Math.max(a, b) }, tenPercent).isCleared;
        expect(longer && !shorter).toBe(false);
      }),
    );
  });
});

describe('opportunity score', () => {
  const edge = { roi: 0.05, confidence: 0.95 };

  it('is 0 for one contract', () => {
    expect(opportunityScore({ ...edge, liquidityE6: contracts(1) })).toEqual({ kind: 'scored', scoreE12: 0 });
  });

  it('refuses less than one contract', () => {
    expect(opportunityScore({ ...edge, liquidityE6: sizeE6(999_999) })).toEqual({
      kind: 'refused',
      reason: 'LIQUIDITY_BELOW_ONE',
    });
  });
});

describe('inventory bonus', () => {
  const scored = { scoreE12: 70_000_000_000, direction: 'a-to-b', preferredDirection: 'a-to-b' };

  it('adds exactly one fifth to what rebalances', () => {
    expect(withInventoryBonus({ ...scored, needsRebalancing: true })).toBe(84_000_000_000);
  });

  it('adds nothing when balance is not needed, or in the other direction', () => {
    expect(withInventoryBonus({ ...scored, needsRebalancing: false })).toBe(70_000_000_000);
    expect(withInventoryBonus({ ...scored, direction: 'b-to-a', needsRebalancing: true })).toBe(70_000_000_000);
  });
});
