/** Attempts of every policy in bad weather, drawn from seeds: safety while it lasts, an end once it is over. */
import { describe, expect, it } from 'vitest';
import { confirmedE6 } from '../../src/domain/execution/leg.ts';
import type { Random } from '../../src/domain/ports/random.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { type AttemptBench, attemptBench, cents, GAP } from './attempt-bench.ts';

const POLICIES = ['together', 'sequential', 'makerThenHedge', 'sniper'] as const;
/** What may befall one order request. Over-fills and acts long after the end are beyond what anybody can bound. */
const ACCIDENTS = ['O1', 'O2', 'O3', 'O6', 'O8', 'O9', 'O10', 'O13', 'O16', 'O18', 'N2', 'N6', 'N7', 'N8'] as const;
const SEEDS = Array.from({ length: 40 }, (_, at) => `attempt ${at}`);

function pick<T>(random: Random, of: readonly T[]): T {
  return of[random.below(of.length)] as T;
}

function accidents(random: Random, match: object) {
  return Array.from({ length: random.below(4) }, () => ({ id: pick(random, ACCIDENTS), times: 1, match }) as never);
}

/** The house moves as it likes, at either venue, in either direction; sometimes nobody is there. */
function move(random: Random, at: AttemptBench): void {
  const spread = () => 1 + random.below(6);
  const depth = () => pick(random, [1, 3, 8, 100]);
  const isEmpty = () => random.below(6) === 0;
  const kalshi = 40 + random.below(12);
  const yes = 44 + random.below(12);
  at.kalshi.house({
    bids: isEmpty() ? [] : [cents(kalshi - spread(), depth())],
    asks: isEmpty() ? [] : [cents(kalshi, depth())],
  });
  at.polymarket.house({
    bids: isEmpty() ? [] : [cents(yes, depth())],
    asks: isEmpty() ? [] : [cents(yes + spread(), depth())],
  });
}

async function weather(seed: string): Promise<AttemptBench> {
  const random = seededRandom(seed);
  const at = await attemptBench({ policy: pick(random, POLICIES) });
  at.kalshi.setFaults(...accidents(random, { method: 'POST' }));
  at.polymarket.setFaults(...accidents(random, { step: 'order' }));
  if (random.below(4) === 0)
    at.polymarket.sim.control.scriptSettlement([
      { status: 'MINED', afterMs: 1_000 },
      { status: 'FAILED', afterMs: 3_000 },
    ]);
  at.approve();
  for (let round = 0; round < 6; round++) {
    if (random.below(2) === 0) move(random, at);
    if (random.below(3) === 0) at.kalshi.counterparty('sell', cents(40, 1 + random.below(8)));
    await at.run(200 + random.below(3_000), 50);
    if (random.below(5) === 0) at.strategy.breakerOpened('drawn');
  }
  return at;
}

/** Nothing goes wrong any more, and both houses are back. */
async function calm(at: AttemptBench): Promise<void> {
  at.kalshi.setFaults();
  at.polymarket.setFaults();
  at.kalshi.house(GAP.kalshi);
  at.polymarket.house(GAP.polymarket);
  await at.run(180_000, 1_000);
}

describe('attempts in bad weather', () => {
  it.each(SEEDS)('hold within belief what is true, and come to an end (seed "%s")', async (seed) => {
    const at = await weather(seed);
    try {
      await calm(at);
      const truth = at.truth();
      const outcome = at.outcomes[0];
      const intents = at.registry.open().length;
      expect(at.state()).toBe('gone');
      expect(at.faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
      expect(intents).toBe(0);
      const confirmed = (venue: string): number =>
        (outcome?.reports ?? []).reduce(
          (sum, report) =>
            report.order.venue === venue ? sum + (report.order.action === 'buy' ? 1 : -1) * confirmedE6(report) : sum,
          0,
        );
      expect({ kalshi: confirmed('kalshi') / 1e6, polymarket: confirmed('polymarket') / 1e6 }).toEqual(truth);
      for (const venue of ['kalshi', 'polymarket'] as const)
        expect(at.believed(venue)).toEqual({ least: truth[venue], most: truth[venue] });
      const gap = Math.abs(truth.kalshi - truth.polymarket);
      expect(gap).toBeLessThan(outcome?.end === 'dust' ? 1.01 : 0.01);
    } finally {
      await at.end();
    }
  });
});
