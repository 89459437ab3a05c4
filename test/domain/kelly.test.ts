import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFloat } from '../../src/domain/fraction.ts';
import {
  appliedFraction,
  type BinaryBet,
  binaryKelly,
  boxKelly,
  DRAWDOWN_SEED,
  nextStance,
  type SizingStance,
} from '../../src/domain/kelly.ts';
import { contracts, microUsd, priceE4, rateE6 } from '../../src/domain/units.ts';

const stakes = { bankroll: microUsd(10_000_000_000), fraction: rateE6(250_000) };
const bet: BinaryBet = {
  probability: rateE6(550_000),
  priceE4: priceE4(4_800),
  entryFee: microUsd(17_500),
  settlementFee: microUsd(0),
};
const bets = fc.record({
  probability: fc.integer({ min: 0, max: 1_000_000 }).map(rateE6),
  priceE4: fc.integer({ min: 100, max: 9_900 }).map(priceE4),
  entryFee: fc.integer({ min: 0, max: 20_000 }).map(microUsd),
  settlementFee: fc.integer({ min: 0, max: 20_000 }).map(microUsd),
});

describe('binary Kelly', () => {
  it('shrinks from 13.46 % to 10.45 % when the fee is counted', () => {
    expect(toFloat(binaryKelly({ ...bet, entryFee: microUsd(0) }, stakes).fullKelly)).toBeCloseTo(0.1346, 4);
    expect(toFloat(binaryKelly(bet, stakes).fullKelly)).toBeCloseTo(0.1045, 4);
  });

  it('buys nothing without an edge after fees', () => {
    const none = binaryKelly({ ...bet, probability: rateE6(497_500) }, stakes);
    expect(toFloat(none.fullKelly)).toBe(0);
    expect(none.size).toBe(0);
  });

  it('buys nothing where winning costs more than it pays', () => {
    const hopeless = { ...bet, probability: rateE6(1_000_000), priceE4: priceE4(9_900), entryFee: microUsd(20_000) };
    expect(binaryKelly(hopeless, stakes).size).toBe(0);
  });

  it('buys a whole number of contracts where the stake pays for exactly that many', () => {
    const certain = { ...bet, probability: rateE6(1_000_000), priceE4: priceE4(2_900), entryFee: microUsd(0) };
    const exactly = { bankroll: microUsd(29_000_000), fraction: rateE6(1_000_000) };
    expect(binaryKelly(certain, exactly).size).toBe(contracts(100));
  });

  it('never stakes more than the fraction of the bankroll, and pays for what it buys', () => {
    fc.assert(
      fc.property(bets, (any) => {
        const kelly = binaryKelly(any, stakes);
        expect(toFloat(kelly.fullKelly)).toBeLessThanOrEqual(1);
        expect((kelly.size / 1e6) * kelly.netCost).toBeLessThanOrEqual(toFloat(kelly.stake) * 1e6 * (1 + 1e-12));
      }),
    );
  });

  it('maximises the expected logarithm of wealth', () => {
    fc.assert(
      fc.property(bets, fc.double({ min: 0, max: 0.99, noNaN: true }), (any, other) => {
        const kelly = binaryKelly(any, stakes);
        const best = toFloat(kelly.fullKelly);
        fc.pre(best > 0 && best < 0.999);
        const [p, b] = [any.probability / 1e6, toFloat(kelly.netOdds)];
        const growth = (f: number) => p * Math.log1p(f * b) + (1 - p) * Math.log1p(-f);
        expect(growth(best)).toBeGreaterThanOrEqual(growth(other) - 1e-12);
      }),
    );
  });
});

describe('box Kelly', () => {
  it('stakes nothing once a mismatch is as likely as the edge is large', () => {
    const at = (m: number) => boxKelly({ edge: microUsd(30_000), adverseMismatch: rateE6(m) }, stakes);
    expect(toFloat(at(30_000).fullKelly)).toBe(0);
    expect(toFloat(at(29_999).fullKelly)).toBeGreaterThan(0);
  });

  it('stakes nothing on a losing box', () => {
    const losing = boxKelly({ edge: microUsd(-10_000), adverseMismatch: rateE6(0) }, stakes);
    expect(toFloat(losing.stake)).toBe(0);
  });

  it('agrees with the published form 1 − m − m/b', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: 0, max: 1_000_000 }), (edge, m) => {
        const kelly = boxKelly({ edge: microUsd(edge), adverseMismatch: rateE6(m) }, stakes);
        const [mismatch, b] = [m / 1e6, toFloat(kelly.netOdds)];
        expect(toFloat(kelly.fullKelly)).toBeCloseTo(Math.max(0, 1 - mismatch - mismatch / b), 9);
      }),
    );
  });
});

describe('drawdown', () => {
  const peak = microUsd(10_000_000);
  const stanceAfter = (stance: SizingStance, nav: number) =>
    nextStance(stance, { nav: microUsd(nav), peak }, DRAWDOWN_SEED);

  it('reduces the stance at exactly 5 %', () => {
    expect(stanceAfter('full', 9_500_000)).toBe('reduced');
    expect(stanceAfter('full', 9_500_001)).toBe('full');
  });

  it('stays reduced until NAV is back at its peak', () => {
    expect(stanceAfter('reduced', 9_999_999)).toBe('reduced');
    expect(stanceAfter('reduced', 10_000_000)).toBe('full');
  });

  it('caps the fraction while reduced and never raises it', () => {
    expect(appliedFraction(rateE6(250_000), 'reduced', DRAWDOWN_SEED)).toBe(100_000);
    expect(appliedFraction(rateE6(50_000), 'reduced', DRAWDOWN_SEED)).toBe(50_000);
    expect(appliedFraction(rateE6(250_000), 'full', DRAWDOWN_SEED)).toBe(250_000);
  });
});
