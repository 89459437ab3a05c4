import { describe, expect, it } from 'vitest';
import { contracts, millis, priceE4 } from '../../src/domain/units.ts';
import { type Bench, benchAt, quotePlan } from '../support/exit-and-quote.ts';
import { level } from '../support/two-venues.ts';

function restingPrices(bench: Bench): readonly number[] {
  return bench.kalshi.sim
    .orders('us')
    .flatMap((order) => (order.status === 'resting' ? [(order as unknown as { priceE4: number }).priceE4] : []));
}

async function resting(changes: Parameters<typeof quotePlan>[1] = {}) {
  const bench = await benchAt('kalshi');
  const quote = bench.start('quote', { plan: quotePlan(bench, changes) });
  await bench.time.advance(1_000);
  return { bench, quote };
}

describe('quote at Kalshi', () => {
  it('rests one tick better than the best bid', async () => {
    const { bench, quote } = await resting();
    expect(quote.state()).toBe('resting');
    expect(restingPrices(bench)).toEqual([4_900]);
  });

  it('is not moved by its own order in the book', async () => {
    const { bench, quote } = await resting();
    await bench.time.advance(5_000);
    expect(quote.state()).toBe('resting');
    expect(bench.side.truth.ordersReceived()).toBe(1);
  });

  it('follows the market, and never has two orders in the book', async () => {
    const { bench, quote } = await resting();
    bench.side.house({ bids: [level(49, 50), level(48, 100)], asks: [level(52, 100)] });
    for (let step = 0; step < 40; step++) {
      await bench.time.advance(50);
      expect(bench.side.truth.restingIds().length).toBeLessThanOrEqual(1);
    }
    expect(quote.state()).toBe('resting');
    expect(restingPrices(bench)).toEqual([5_000]);
  });

  it('fades when the market leaves its edge behind, and comes back with it', async () => {
    const { bench, quote } = await resting();
    bench.side.house({ bids: [level(51, 100)], asks: [level(53, 100)] });
    await bench.time.advance(2_000);
    expect(bench.side.truth.restingIds()).toEqual([]);
    expect(quote.state()).toBe('idle');
    bench.side.house({ bids: [level(47, 100)], asks: [level(52, 100)] });
    await bench.time.advance(2_000);
    expect(restingPrices(bench)).toEqual([4_800]);
  });

  it('says at once what filled, and places only the rest anew', async () => {
    const { bench, quote } = await resting();
    bench.side.counterparty('sell', level(49, 4));
    await bench.time.advance(500);
    expect(bench.heard).toEqual([{ type: 'quote.filled', quoteId: 'q1', filledE6: contracts(4) }]);
    bench.side.house({ bids: [level(47, 100)], asks: [level(52, 100)] });
    await bench.time.advance(2_000);
    expect(quote.state()).toBe('resting');
    expect(bench.kalshi.sim.book(bench.side.listing.venueKey).levels('bid')[0]).toMatchObject({
      priceE4: 4_800,
      sizeE6: contracts(6),
    });
  });

  it('is done when all of it filled', async () => {
    const { bench, quote } = await resting();
    bench.side.counterparty('sell', level(49, 10));
    await bench.time.advance(2_000);
    expect(quote.state()).toBe('done');
    expect(bench.heard).toContainEqual({ type: 'quote.filled', quoteId: 'q1', filledE6: contracts(10) });
  });

  it('counts a fill that comes between its cancel and its replacement', async () => {
    const { bench, quote } = await resting();
    bench.kalshi.setFaults({ id: 'N5', times: 1, match: { method: 'DELETE' }, parameters: { delayMs: 400 } });
    bench.side.house({ bids: [level(49, 50), level(48, 100)], asks: [level(52, 100)] });
    await bench.time.advance(120);
    bench.side.counterparty('sell', level(49, 53));
    await bench.time.advance(5_000);
    const last = bench.heard.at(-1);
    const filledE6 = last !== undefined && 'filledE6' in last ? last.filledE6 : 0;
    expect(bench.side.truth.matchedE6(bench.side.yes)).toBe(filledE6);
    expect(quote.state()).toBe('resting');
  });

  it('is withdrawn when its time is over, or when somebody wishes it', async () => {
    const { bench, quote } = await resting({ restMsMax: millis(3_000) });
    await bench.time.advance(5_000);
    expect(quote.state()).toBe('done');
    expect(bench.side.truth.restingIds()).toEqual([]);
    const other = await resting();
    other.quote.send({ type: 'withdrawal.requested', reason: 'halt' });
    await other.bench.time.advance(2_000);
    expect(other.quote.state()).toBe('done');
  });

  it('joins the best bid where one tick better would cost too much', async () => {
    const { bench } = await resting({ worstE4: priceE4(4_800) });
    expect(restingPrices(bench)).toEqual([4_800]);
  });

  it('fades when somebody else says that it is worth nothing', async () => {
    const { bench, quote } = await resting();
    bench.worth.isWorthwhile = false;
    bench.quotes.bookChanged(bench.side.yes.book);
    await bench.time.advance(2_000);
    expect(quote.state()).toBe('idle');
  });
});
