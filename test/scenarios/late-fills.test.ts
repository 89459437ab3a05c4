/** Fills after their legs had closed: of an attempt that is over, and of one that lives. */
import { describe, expect, it } from 'vitest';
import { FAIR, level, onOrder, type Quotes, scenarios } from './rig.ts';

const begin = scenarios();
const LATE_MS = 400_000;
/** Kalshi sells at 41 again, and what was to be bought at Polymarket has become dear: nobody begins anything on it. */
const DEAR: Quotes = {
  kalshi: { bids: [level(38, 100)], asks: [level(41, 20)] },
  polymarket: { bids: [level(42, 100)], asks: [level(54, 100)] },
};

describe('a fill of an attempt that is over', () => {
  it('is no second failure of an order that was given up', async () => {
    const at = await begin({
      policy: 'sequential',
      liesMs: { kalshi: 1_000 },
      kalshi: { auth: { windowMs: 2 * LATE_MS } },
    });
    at.setFaults('kalshi', { id: 'O14', ...onOrder.kalshi, parameters: { delayMs: LATE_MS } });
    await at.open();
    await at.until(() => at.attempt === 'gone', LATE_MS);
    const first = [at.end, [...at.triggers]];
    at.quote(DEAR);
    await at.until(() => at.truth.kalshi > 0, LATE_MS);
    await at.until(() => at.attempt !== 'gone', 5_000);
    at.quote({ ...FAIR, kalshi: DEAR.kalshi });
    await at.settled();
    expect(first).toEqual(['unfilled', ['EXECUTION_FAILED']]);
    expect(at.triggers.filter((kind) => kind === 'EXECUTION_FAILED')).toHaveLength(1);
    expect(at.triggers).toContain('LATE_FILL');
    expect([at.end, at.truth]).toEqual(['balanced', { kalshi: 11, yes: 0, no: 11 }]);
  });
});
