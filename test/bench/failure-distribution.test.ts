import { describe, expect, it } from 'vitest';
import { environment } from '../../bench/support/environment.ts';
import { RECORDED, runDistribution } from '../../bench/support/failure-distribution.ts';
import { FailureMarket } from '../../bench/support/failure-market.ts';
import { isAsItMustBe, sectionOf } from '../../bench/support/failure-report.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import type { BookSides } from '../support/two-venues.ts';

const best = (side: BookSides['bids']): number => side[0]?.priceE4 ?? Number.NaN;
const setCostE4 = ({ kalshi, polymarket }: ReturnType<FailureMarket['gap']>): number =>
  10_000 + best(kalshi.asks) - best(polymarket.bids);

describe('orders that fail as often as was recorded', () => {
  it.each(['sequential', 'together'] as const)(
    '%s › every repair starts within 50 ms of its evidence, every attempt ends, and belief is what the venues hold',
    async (policy) => {
      const found = await runDistribution({ attempts: 30, policy, seed: 'test' });
      expect(found).toMatchObject({ ended: 30, leftOpen: 0, isAtRest: true, isBelievedTrue: true, late: [] });
      expect(found.oneLegged).toBeGreaterThan(0);
      expect(found.repairStartMs.count).toBe(found.oneLegged);
      expect(found.repairStartMs.max).toBeLessThanOrEqual(RECORDED.startMsMax);
      expect(isAsItMustBe(found)).toBe(true);
    },
    120_000,
  );

  it('a run that left something open, believed wrongly, repaired late or was not resumed is not as it must be', async () => {
    const found = await runDistribution({ attempts: 3, policy: 'sequential', seed: 'test' });
    const late = [{ attemptId: 'a1', end: 'unwound' as const, reason: '', repairStartMs: 51 }];
    const bad = [
      { leftOpen: 1 },
      { isAtRest: false },
      { isBelievedTrue: false },
      { late },
      { oneLegged: found.oneLegged + 1 },
      { standing: 'latched' as const },
      { trips: found.resumes + 1 },
    ];
    expect(bad.filter((one) => isAsItMustBe({ ...found, ...one }))).toEqual([]);
    expect(sectionOf([found], 'test', environment())).toContain('| left open |  | 0 |');
  });
});

describe('the market of those orders', () => {
  it('offers a gap of whole cents up to the eight that the profile takes, and none once it has closed', () => {
    const market = new FailureMarket(seededRandom('market'));
    for (let times = 0; times < 200; times++) {
      const [gapE4, closedE4] = [10_000 - setCostE4(market.gap(5.15)), 10_000 - setCostE4(market.closed())];
      expect(gapE4).toBe(800);
      expect(closedE4).toBeLessThan(0);
    }
  });

  it('holds 5 to 200 contracts at each price, the thinner part of a gap at Polymarket', () => {
    const market = new FailureMarket(seededRandom('depth'));
    const sizes: number[] = [];
    for (let times = 0; times < 200; times++) {
      const { kalshi, polymarket } = market.gap(4.81);
      sizes.push(...[...kalshi.asks, ...kalshi.bids, ...polymarket.bids].map(({ sizeE6 }) => sizeE6 / 1_000_000));
      expect(polymarket.bids[0]?.sizeE6).toBeLessThanOrEqual(kalshi.asks[0]?.sizeE6 ?? 0);
    }
    expect([Math.min(...sizes) >= 5, Math.max(...sizes) <= 200]).toEqual([true, true]);
  });

  it('moves both venues together, by the recorded share of seconds not at all', () => {
    const market = new FailureMarket(seededRandom('moves'));
    market.gap(4.81);
    let still = 0;
    for (let second = 0; second < 2_000; second++) {
      const before = best(market.closed().polymarket.bids);
      market.move();
      const { kalshi, polymarket } = market.closed();
      expect(best(kalshi.bids)).toBe(best(polymarket.bids));
      if (best(polymarket.bids) === before) still++;
    }
    expect(still / 2_000).toBeGreaterThan(0.5);
    expect(still / 2_000).toBeLessThan(0.6);
  });
});
