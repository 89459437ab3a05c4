import { describe, expect, it } from 'vitest';
import { RECORDED, runDistribution } from '../../bench/support/failure-distribution.ts';

describe('orders that fail as often as was recorded', () => {
  it.each(['sequential', 'together'] as const)(
    '%s › every repair starts within 50 ms of its evidence, every attempt ends, and belief is what the venues hold',
    async (policy) => {
      const found = await runDistribution({ attempts: 30, policy, seed: 'test' });
      expect(found).toMatchObject({ ended: 30, leftOpen: 0, isAtRest: true, isBelievedTrue: true, late: [] });
      expect(found.oneLegged).toBeGreaterThan(0);
      expect(found.repairStartMs.count).toBe(found.oneLegged);
      expect(found.repairStartMs.max).toBeLessThanOrEqual(RECORDED.startMsMax);
      expect(found.resumes).toBe(found.trips);
    },
    120_000,
  );
});
