import { describe, expect, it } from 'vitest';
import { soak } from '../../bench/support/attempts-soak.ts';

describe('attempts of every kind', () => {
  it('leave no actor, no order, no trade and no timer behind once their markets have been paid', async () => {
    const checkpoints = await soak({ attempts: 160, every: 40, heap: () => ({ usedBytes: 0, codeBytes: 0 }) });
    const [first, ...later] = checkpoints;
    expect(checkpoints).toHaveLength(4);
    for (const one of checkpoints)
      expect(one).toMatchObject({
        workActors: 0,
        positions: 0,
        liveAttempts: 0,
        strayChildren: 0,
        openOrders: 0,
        tradesKnown: 0,
      });
    for (const { timers } of later) expect(timers).toBeLessThanOrEqual((first?.timers ?? 0) + 4);
  }, 180_000);
});
