/** Fills after their legs had closed: of an attempt that is over, and of one that lives. */
import { describe, expect, it } from 'vitest';
import { FAIR, GAP, level, onOrder, type Quotes, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();
const LATE_MS = 150_000;
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
  }, 30_000);

  it('changes the position that it left, and makes no second one', async () => {
    const at = await begin({ policy: 'makerThenHedge', liesMs: { kalshi: 1_000 } });
    at.setFaults('kalshi', { id: 'O11', times: 1, parameters: { sizeE6: 8_000_000, delayMs: 60_000 } });
    await at.open({ after: GAP });
    await at.run(500);
    at.kalshi.counterparty('sell', level(39, 3));
    await at.run(500);
    at.quote({ ...FAIR, polymarket: GAP.polymarket });
    await at.until(() => at.attempt === 'gone');
    const first = at.positions.at(-1)?.legs.map(({ sizeE6 }) => sizeE6);
    await at.until(() => at.attempt !== 'gone', 90_000);
    await at.settled();
    const { legs = [], standing } = at.positions.at(-1) ?? {};
    expect([first, at.truth]).toEqual([[3_000_000, 3_000_000], { kalshi: 11, yes: 0, no: 11 }]);
    expect([standing, legs.map(({ sizeE6 }) => sizeE6)]).toEqual(['open', [11_000_000, 11_000_000]]);
    expect(legs[0]?.costMicroUsd).toBe(at.report('1-kalshi').cashMicroUsd);
    expect(at.journal.recordsOf('spawn').filter(({ machine }) => machine === 'position')).toHaveLength(1);
    expect(at.triggers).not.toContain('UNHEDGED');
  });
});

describe('what an attempt came to before a late fill of its', () => {
  it('counts once in the day, with what the fill brought in the end', async () => {
    const quick = { checkMsMin: 1_000, checkMsMax: 2_000 };
    const at = await begin({
      policy: 'makerThenHedge',
      liesMs: { kalshi: 1_000 },
      polymarket: { gammaResolutionLagMs: 500 },
      profile: (one) => ({ ...one, position: { ...one.position, ...quick } }),
    });
    const { exposures, ledger } = at.trading;
    const cash = () => ledger.cash('kalshi') + ledger.cash('polymarket');
    const before = cash();
    at.setFaults('kalshi', { id: 'O11', times: 1, parameters: { sizeE6: 8_000_000, delayMs: 60_000 } });
    const nobodySells = { bids: [], asks: [level(52, 100)] };
    await at.open({ after: { kalshi: GAP.kalshi, polymarket: nobodySells } });
    await at.run(500);
    at.kalshi.counterparty('sell', level(39, 3));
    await at.until(() => at.attempt === 'gone');
    const first = [at.end, at.truth.kalshi, exposures.dayCounters(now(at)).pnlMicroUsd === cash() - before];
    at.quote({ kalshi: FAIR.kalshi, polymarket: GAP.polymarket });
    await at.until(() => at.attempt !== 'gone', 90_000);
    await at.settled();
    for (const name of ['kalshi', 'polymarket'] as const) at.side(name).house = () => undefined;
    at.kalshi.sim.lifecycle.determine(at.kalshi.listing.venueKey, { result: 'yes' });
    at.kalshi.sim.lifecycle.settle(at.kalshi.listing.venueKey);
    at.polymarket.sim.control.lifecycle.resolve(at.polymarket.listing.venueKey, [1_000_000, 0]);
    await at.venues.time.advance(15_000);
    expect(first).toEqual(['unwound', 0, true]);
    expect([at.end, at.positions.at(-1)?.standing]).toEqual(['balanced', 'settled']);
    expect(exposures.dayCounters(now(at)).pnlMicroUsd).toBe(cash() - before);
  });
});

function now({ venues: { clock } }: Scenario) {
  return { nowMs: clock.nowMs(), wall: clock.wall() };
}

describe('a fill beside an attempt that lives', () => {
  it('is heard by it, and the hedge is sized with it', async () => {
    const at = await begin({ policy: 'makerThenHedge', liesMs: { kalshi: 1_000 } });
    at.setFaults('kalshi', { id: 'O11', times: 1, parameters: { sizeE6: 8_000_000, delayMs: 30_000 } });
    const deserted = { kalshi: { bids: [], asks: [level(41, 20)] }, polymarket: { bids: [], asks: [level(52, 100)] } };
    await at.open({ after: deserted, afterMs: 0 });
    await at.run(500);
    at.kalshi.counterparty('sell', level(39, 3));
    await at.until(() => at.truth.kalshi === 11);
    const before = at.attempt;
    await at.run(1_000);
    at.quote(GAP);
    await at.settled();
    expect(before).toBe('stuck.waiting');
    expect([at.end, at.intended.slice(1).filter((order) => order.endsWith('completion')), at.truth]).toEqual([
      'balanced',
      ['polymarket buy 11 @52 completion'],
      { kalshi: 11, yes: 0, no: 11 },
    ]);
    expect(at.positions.at(-1)).toMatchObject({ legs: [{ sizeE6: 11_000_000 }, { sizeE6: 11_000_000 }] });
  });
});
