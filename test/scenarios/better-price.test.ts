/** A purchase that takes at Polymarket is a budget: where the price gets better on the way, it buys more contracts. */
import { describe, expect, it } from 'vitest';
import { GAP, level, type Quotes, scenarios } from './rig.ts';

const begin = scenarios();
/** NO at Polymarket has come down from 52 to 40 cents, and Kalshi sells YES as before. */
const BETTER: Quotes = {
  kalshi: { bids: [level(56, 100), level(55, 100)], asks: [level(59, 100)] },
  polymarket: { bids: [level(60, 100), level(59, 100)], asks: [level(62, 100)] },
};
/** 5.72 dollars at 40 cents. */
const BOUGHT = 14.3;

describe('a budget that meets a better price than any that was shown', () => {
  it.each(['together', 'sequential'] as const)(
    'buys more than was ordered, and belief holds it all the while (%s)',
    async (policy) => {
      const at = await begin({ policy });
      const spans: (readonly [number, number])[] = [];
      await at.open({ after: { ...BETTER, kalshi: policy === 'together' ? BETTER.kalshi : GAP.kalshi }, afterMs: 0 });
      await at.until(() => {
        const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.polymarket.no);
        spans.push([leastE6 / 1_000_000, mostE6 / 1_000_000]);
        return at.truth.no > 0;
      });
      const bought = at.truth.no;
      await at.settled();
      expect([bought, spans.some(([least, most]) => least === 0 && most >= BOUGHT)]).toEqual([BOUGHT, true]);
      const { kalshi, no } = at.truth;
      expect(Math.abs(kalshi - no)).toBeLessThan(1);
      expect(at.triggers).not.toContain('LATE_FILL');
    },
  );
});
