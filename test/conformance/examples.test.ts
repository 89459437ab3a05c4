/** The official clients place, fill and cancel orders at the simulators, by the code that docs/simulators.md shows. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scenarioSchema } from '../../src/app/sim/scenario-file.ts';
import { serveSim } from '../../src/app/sim/serve-sim.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { tradeOnKalshi } from './examples/kalshi-order.ts';
import { tradeOnPolymarket } from './examples/polymarket-order.ts';

const SCENARIO = scenarioSchema.parse({
  version: 1,
  markets: [{ id: 'sample', title: 'The sample happens', kalshi: { ticker: 'KXSAMPLE-26DEC01-A' }, polymarket: {} }],
  latency: 'none',
  flow: { kind: 'generated', pace: 'quiet' },
});

async function served() {
  const sim = await serveSim({ scenario: SCENARIO, seed: '1', clock: systemClock, secretRandom: systemRandom });
  onTestFinished(() => sim.close());
  return sim;
}

describe('the official clients at the simulators', { timeout: 20_000 }, () => {
  it('trade on Kalshi as the example says', async () => {
    const { world, announcement } = await served();
    const { resting, canceled, bought } = await tradeOnKalshi(announcement);
    expect({ filled: resting.fill_count, reduced: canceled.reduced_by }).toEqual({ filled: '0.00', reduced: '5.00' });
    expect(bought.fill_count).toBe('5.00');
    expect(world.kalshi.position('main', 'KXSAMPLE-26DEC01-A').sizeE6).toBe(5_000_000);
  });

  it('trade on Polymarket as the example says', async () => {
    const { world, announcement } = await served();
    const { resting, canceled, bought } = await tradeOnPolymarket(announcement);
    expect(resting).toMatchObject({ success: true, status: 'live' });
    expect(canceled).toMatchObject({ canceled: [resting.orderID] });
    expect(bought).toMatchObject({ success: true, status: 'matched' });
    const wallet = announcement.polymarket.accounts[0]?.wallet.toLowerCase();
    const trades = world.polymarket.control.trades().filter(({ takerWallet }) => takerWallet.toLowerCase() === wallet);
    expect(trades.length).toBeGreaterThan(0);
  });

  it.each(['kalshi-order', 'polymarket-order'])('are shown in the documents as they run: %s', (name) => {
    const code = readFileSync(new URL(`examples/${name}.ts`, import.meta.url), 'utf8');
    const page = readFileSync(new URL('../../docs/simulators.md', import.meta.url), 'utf8');
    expect(page).toContain(code.trim());
  });
});
