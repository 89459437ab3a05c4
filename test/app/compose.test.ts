import { describe, expect, it, onTestFinished } from 'vitest';
import { composeTrading, type PairChoice } from '../../src/app/compose.ts';
import { conservative100 } from '../../src/app/config/conservative-100.ts';
import { accessOf } from '../../src/app/demo/sim-access.ts';
import { scenarioSchema } from '../../src/app/sim/scenario-file.ts';
import { serveSim } from '../../src/app/sim/serve-sim.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemIds, systemRandom } from '../../src/app/system-random.ts';
import { MemoryJournal } from '../../src/db/journal/memory-journal.ts';

const SCENARIO = scenarioSchema.parse({
  version: 1,
  markets: [{ id: 'a', title: 'A', kalshi: { ticker: 'KXA-26DEC01-A' }, polymarket: {} }],
  latency: 'none',
});

async function composed(change: (pair: PairChoice) => PairChoice = (pair) => pair) {
  const sim = await serveSim({ scenario: SCENARIO, seed: '1', clock: systemClock, secretRandom: systemRandom });
  onTestFinished(() => sim.close());
  const [market] = sim.world.markets;
  if (market === undefined) throw new Error('expected a market, found none');
  const { id, title, kalshi, polymarket } = market;
  const pair: PairChoice = {
    id,
    title,
    kalshi: kalshi.ticker,
    polymarket: polymarket.conditionId,
    isInverted: false,
    group: { eventId: id, category: 'test', correlated: id },
    approvedBy: 'test',
  };
  const journal = new MemoryJournal({ clock: systemClock });
  const running = await composeTrading({
    access: accessOf(sim.announcement),
    pairs: [change(pair)],
    profile: conservative100('together'),
    journal,
    clock: systemClock,
    random: systemRandom,
    ids: systemIds,
    mode: { settings: { mode: 'sim', challengeMs: 0 }, blockers: () => [], configHash: () => 'none' },
    listeners: {},
  });
  onTestFinished(() => running.stop());
  return running;
}

describe('a composed Tandem', () => {
  it('runs after clean checks, with the money that the venues say we have', async () => {
    const { trading, pairs } = await composed();
    expect(trading.life.engine.standing).toBe('running');
    expect(trading.ledger.cash('kalshi')).toBe(1_000_000_000);
    expect(trading.ledger.cash('polymarket')).toBe(1_000_000_000);
    expect(pairs.map(({ kalshi, polymarket }) => [kalshi.title, polymarket.title])).toEqual([['A', 'A?']]);
  });

  it('does not start when a market is not listed', async () => {
    await expect(composed((pair) => ({ ...pair, kalshi: 'KXNOWHERE' }))).rejects.toThrow(/KXNOWHERE|must be read/);
  });
});
