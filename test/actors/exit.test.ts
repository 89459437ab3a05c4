import { describe, expect, it } from 'vitest';
import { contracts, millis } from '../../src/domain/units.ts';
import { benchAt, exitPlan } from '../support/exit-and-quote.ts';
import { books, level } from '../support/two-venues.ts';

const SIZE = contracts(10);

async function held(venue: 'kalshi' | 'polymarket' = 'kalshi') {
  const bench = await benchAt(venue);
  await bench.buy();
  return bench;
}

describe.each(['kalshi', 'polymarket'] as const)('exit at %s', (venue) => {
  it('takes profit when the bid is there, and is done when the venue says it is sold', async () => {
    const bench = await held(venue);
    const exit = bench.start('exit', { plan: exitPlan(bench), sizeE6: SIZE });
    await bench.time.advance(2_000);
    expect(exit.state()).toBe('watching');
    bench.side.house({ bids: [level(56, 100)], asks: [level(58, 100)] });
    await bench.time.advance(30_000);
    expect(exit.state()).toBe('done');
    expect(bench.side.truth.heldE6(bench.side.yes)).toBe(0);
    expect(bench.heard).toContainEqual({ type: 'exit.triggered', leg: 0, trigger: 'takeProfit' });
    expect(
      bench.heard.flatMap((each) => (each.type === 'exit.sold' ? [[each.legId, each.sizeE6]] : [])).at(-1),
    ).toEqual([`1-${venue}`, SIZE]);
  });

  it('sells what fills and goes on with the rest, never more than is held', async () => {
    const bench = await held(venue);
    const exit = bench.start('exit', { plan: exitPlan(bench), sizeE6: SIZE });
    bench.side.house({ bids: [level(44, 4)], asks: [level(46, 100)] });
    await bench.time.advance(1_500);
    expect(bench.side.truth.matchedE6(bench.side.yes)).toBe(contracts(6));
    bench.side.house({ bids: [level(44, 100)], asks: [level(46, 100)] });
    await bench.time.advance(30_000);
    expect(exit.state()).toBe('done');
    expect(bench.side.truth.matchedE6(bench.side.yes)).toBe(0);
  });
});

describe('exit', () => {
  it('closes by hand, whatever the price is', async () => {
    const bench = await held();
    const exit = bench.start('exit', { plan: exitPlan(bench, { orders: undefined }), sizeE6: SIZE });
    exit.send({ type: 'exit.requested', reason: 'a person' });
    await bench.time.advance(5_000);
    expect(exit.state()).toBe('done');
  });

  it('closes when settlement is near, although no book moves', async () => {
    const bench = await held();
    const orders = exitPlan(bench).orders;
    if (orders === undefined) throw new Error('expected levels, found none');
    const day = 86_400_000;
    const plan = exitPlan(bench, { orders: { ...orders, untilSettlementMsMin: millis(day - 60_000) } });
    const exit = bench.start('exit', { plan, sizeE6: SIZE });
    await bench.time.advance(10_000);
    expect(exit.state()).toBe('watching');
    await bench.time.advance(60_000);
    expect(exit.state()).toBe('done');
  });

  it('cancels a close that rests when what it closes is gone (S18)', async () => {
    const bench = await held();
    const exit = bench.start('exit', { plan: exitPlan(bench, { style: 'resting' }), sizeE6: SIZE });
    await bench.time.advance(2_000);
    expect(exit.state()).toBe('working');
    expect(bench.side.truth.restingIds()).toHaveLength(1);
    bench.held.minE6 = () => 0;
    bench.exits.holdingChanged();
    await bench.time.advance(2_000);
    expect(bench.side.truth.restingIds()).toEqual([]);
    expect(bench.side.truth.matchedE6(bench.side.yes)).toBe(SIZE);
  });

  it('takes a resting take profit back before the stop sells', async () => {
    const bench = await held();
    const exit = bench.start('exit', { plan: exitPlan(bench, { style: 'resting' }), sizeE6: SIZE });
    await bench.time.advance(2_000);
    bench.side.house({ bids: [level(44, 100)], asks: [level(46, 100)] });
    await bench.time.advance(10_000);
    expect(exit.state()).toBe('done');
    expect(bench.side.truth.matchedE6(bench.side.yes)).toBe(0);
    expect(bench.heard).toContainEqual({ type: 'exit.triggered', leg: 0, trigger: 'stopLoss' });
  });

  it('ends without selling when the position has', async () => {
    const bench = await held();
    const exit = bench.start('exit', { plan: exitPlan(bench), sizeE6: SIZE });
    exit.send({ type: 'position.ended' });
    await bench.time.advance(1_000);
    expect(exit.state()).toBe('done');
    bench.side.house(books);
    expect(bench.side.truth.matchedE6(bench.side.yes)).toBe(SIZE);
  });
});
