import { afterEach, describe, expect, it } from 'vitest';
import { type AttemptBench, attemptBench, type BenchOptions, cents, GAP } from './attempt-bench.ts';

let bench: AttemptBench | undefined;

async function begun(options: BenchOptions = {}): Promise<AttemptBench> {
  bench = await attemptBench(options);
  return bench;
}

afterEach(async () => {
  await bench?.end();
  bench = undefined;
});

const kindsOf = ({ triggers }: AttemptBench) => triggers.map(({ kind }) => kind);
const kalshiOnce = (id: string, parameters: object = {}) =>
  ({ id, times: 1, match: { method: 'POST' }, parameters }) as never;
const polymarketOnce = (id: string, parameters: object = {}) =>
  ({ id, times: 1, match: { step: 'order' }, parameters }) as never;

/** The house has gone when the orders arrive: the last look still saw it. */
async function started(at: AttemptBench, change: () => void = () => undefined): Promise<AttemptBench> {
  const approval = at.approve();
  if (approval.kind !== 'started') throw new Error(`expected a start, found ${approval.reason}: ${approval.detail}`);
  change();
  await at.run(1_000);
  return at;
}

/** The venue that is asked first trades nothing for a moment. */
function refuseFirstOrder(at: AttemptBench): void {
  let isRefused = false;
  const body = '{"error":{"code":"trading_is_paused","message":"trading is paused"}}';
  for (const { server } of [at.kalshi, at.polymarket])
    server.instead = ({ method, target }) => {
      if (isRefused || method !== 'POST' || !target.includes('order')) return undefined;
      isRefused = true;
      return { kind: 'reply', reply: { status: 409, headers: { 'content-type': 'application/json' }, body } };
    };
}

/** What is believed when nothing is open any more is exactly what is true. */
function believesTruth(at: AttemptBench): boolean {
  const truth = at.truth();
  return (['kalshi', 'polymarket'] as const).every((venue) => {
    const { least, most } = at.believed(venue);
    return least === truth[venue] && most === truth[venue];
  });
}

describe('attempt at two venues', () => {
  it('takes both legs at once and closes when the chain has confirmed', async () => {
    const at = await started(await begun());
    const soon = at.state();
    await at.run(15_000, 100);
    expect([soon, at.state(), at.outcomes[0]?.end, at.truth(), kindsOf(at), believesTruth(at)]).toEqual([
      'balanced',
      'gone',
      'balanced',
      { kalshi: 10, polymarket: 10 },
      [],
      true,
    ]);
  });

  it('has its plan and its intents on their way to the disk before any of its actors exists', async () => {
    const at = await started(await begun());
    const kinds = at.journal.appended.map(({ kind }) => kind);
    const [decision, first, second] = at.journal.appended.slice(kinds.indexOf('decision'));
    expect([decision?.kind, first?.kind, second?.kind]).toEqual(['decision', 'intent', 'intent']);
    expect(kinds.filter((kind) => kind === 'intent')).toHaveLength(2);
    expect(kinds).not.toContain('withdrawal');
  });

  it('looks again with the cash that it has set aside itself', async () => {
    const at = await begun({ cashUsd: 8, policy: 'sequential' });
    refuseFirstOrder(at);
    await started(at);
    await at.run(15_000, 100);
    expect([at.outcomes[0]?.end, at.truth()]).toEqual(['balanced', { kalshi: 10, polymarket: 10 }]);
    expect(at.outcomes[0]?.reports.map(({ end }) => end)).toEqual(['refused', 'filled', 'filled']);
  });

  it('withdraws its intents when the look finds the venue closed', async () => {
    const at = await begun();
    at.availability.set('kalshi', { entries: false, reducing: true, reason: 'paused' });
    await started(at);
    const withdrawn = at.journal.appended.filter(({ kind }) => kind === 'withdrawal');
    expect([withdrawn.length, at.outcomes[0]?.end, at.truth()]).toEqual([2, 'refused', { kalshi: 0, polymarket: 0 }]);
  });

  it('completes the leg that was killed where that is cheaper (S10)', async () => {
    const at = await begun();
    await started(at, () => at.polymarket.house({ bids: [cents(50, 100)], asks: [cents(54, 100)] }));
    await at.run(15_000, 100);
    expect([at.outcomes[0]?.end, at.truth(), kindsOf(at), believesTruth(at)]).toEqual([
      'balanced',
      { kalshi: 10, polymarket: 10 },
      ['ASYMMETRIC_EXECUTION'],
      true,
    ]);
  });

  it('starts the repair in the step of the evidence', async () => {
    const at = await begun();
    await started(at, () => at.polymarket.house({ bids: [cents(50, 100)], asks: [cents(54, 100)] }));
    await at.run(15_000, 100);
    expect(at.outcomes[0]?.repairStartMs).toBe(0);
  });

  it('takes back the leg that filled where that is cheaper (S10)', async () => {
    const at = await begun();
    await started(at, () => at.polymarket.house({ bids: [cents(38, 100)], asks: [cents(54, 100)] }));
    await at.run(2_000);
    expect([at.outcomes[0]?.end, at.truth(), kindsOf(at), believesTruth(at)]).toEqual([
      'unwound',
      { kalshi: 0, polymarket: 0 },
      ['ASYMMETRIC_EXECUTION'],
      true,
    ]);
  });

  it('waits for tokens to settle before it sells them back (S15)', async () => {
    const at = await begun();
    await started(at, () => at.kalshi.house({ bids: [cents(43, 100)], asks: [cents(80, 100)] }));
    const waiting = [at.state(), at.truth()];
    await at.run(20_000, 100);
    expect([waiting, at.state(), at.truth()]).toEqual([
      ['deciding.awaitingTokens', { kalshi: 0, polymarket: 10 }],
      'gone',
      { kalshi: 0, polymarket: 0 },
    ]);
  });

  it('does nothing when the first leg of a sequence finds nobody', async () => {
    const at = await begun({ policy: 'sequential' });
    await started(at, () => at.kalshi.house({ bids: [cents(43, 100)], asks: [cents(60, 100)] }));
    await at.run(2_000);
    expect([at.state(), at.outcomes[0]?.end, at.truth()]).toEqual(['gone', 'unfilled', { kalshi: 0, polymarket: 0 }]);
  });

  it('sizes the second leg to what filled of the first (S12)', async () => {
    const at = await begun({ policy: 'sequential' });
    await started(at, () => at.kalshi.house({ bids: [cents(43, 100)], asks: [cents(45, 4), cents(60, 50)] }));
    expect([at.state(), at.truth(), kindsOf(at)]).toEqual(['balanced', { kalshi: 4, polymarket: 4 }, []]);
  });

  it('hedges each fill of a resting order by what is confirmed in all', async () => {
    const at = await begun({ policy: 'makerThenHedge' });
    await started(at);
    const resting = at.state();
    at.kalshi.counterparty('sell', cents(44, 3));
    await at.run(200);
    const once = at.truth();
    at.kalshi.counterparty('sell', cents(44, 5));
    await at.run(200);
    const twice = at.truth();
    await at.run(30_000, 100);
    expect([resting, once, twice, at.outcomes[0]?.end, at.truth(), kindsOf(at)]).toEqual([
      'resting',
      { kalshi: 3, polymarket: 3 },
      { kalshi: 8, polymarket: 8 },
      'balanced',
      { kalshi: 8, polymarket: 8 },
      [],
    ]);
  });

  it('kills or fills the first leg of a sniper, then hedges it', async () => {
    const at = await started(await begun({ policy: 'sniper' }));
    expect([at.state(), at.truth(), kindsOf(at)]).toEqual(['balanced', { kalshi: 10, polymarket: 10 }, []]);
  });

  it.each([
    ['O1', 'polymarket'],
    ['O3', 'polymarket'],
    ['O1', 'kalshi'],
    ['O3', 'kalshi'],
  ] as const)('adopts an order whose reply was lost (%s at %s), and sends nothing twice', async (fault, venue) => {
    const at = await begun();
    at.polymarket.setFaults(...(venue === 'polymarket' ? [polymarketOnce(fault)] : []));
    at.kalshi.setFaults(...(venue === 'kalshi' ? [kalshiOnce(fault)] : []));
    await started(at);
    await at.run(60_000, 250);
    expect([at.outcomes[0]?.end, at.truth(), at.side(venue).truth.ordersReceived()]).toEqual([
      'balanced',
      { kalshi: 10, polymarket: 10 },
      1,
    ]);
  });

  it('completes only after it is certain that a lost order never came', async () => {
    const at = await begun();
    at.polymarket.setFaults(polymarketOnce('N2'));
    await started(at);
    await at.run(3_000);
    const waiting = [at.state(), at.truth(), at.polymarket.truth.ordersReceived()];
    await at.run(60_000, 250);
    expect([waiting, at.outcomes[0]?.end, kindsOf(at).slice(0, 1), at.truth().kalshi - at.truth().polymarket]).toEqual([
      ['deciding.awaitingLegs', { kalshi: 10, polymarket: 0 }, 1],
      'balanced',
      ['ASYMMETRIC_EXECUTION'],
      0,
    ]);
  });

  it('is stuck while nobody trades, and gets out when somebody does (S16)', async () => {
    const at = await begun();
    await started(at, () => {
      at.polymarket.house({ bids: [], asks: [cents(54, 100)] });
      at.kalshi.house({ bids: [], asks: [cents(45, 100)] });
    });
    const stuck = [at.state(), kindsOf(at)];
    at.polymarket.house(GAP.polymarket);
    await at.run(6_000, 100);
    expect([stuck, at.state(), at.truth()]).toEqual([
      ['stuck.waiting', ['ASYMMETRIC_EXECUTION', 'STUCK_EXPOSURE']],
      'balanced',
      { kalshi: 10, polymarket: 10 },
    ]);
  });

  it('repairs as much as its loss limit allows, and is stuck with the rest', async () => {
    const at = await begun({ repair: { repairLossMicroUsdMax: 200_000 as never } });
    await started(at, () => at.polymarket.house({ bids: [cents(38, 100)], asks: [cents(54, 100)] }));
    await at.run(12_000, 100);
    const { kalshi, polymarket } = at.truth();
    expect([at.state(), kalshi < 10 && kalshi > 5, polymarket, kindsOf(at).at(-1)]).toEqual([
      'stuck.waiting',
      true,
      0,
      'STUCK_EXPOSURE',
    ]);
  });

  it('leaves what no venue trades as dust, within its limit (S13)', async () => {
    const at = await begun({ policy: 'sequential' });
    await started(at, () => at.kalshi.house({ bids: [cents(43, 100)], asks: [cents(45, 4.6), cents(60, 50)] }));
    const state = at.state();
    await at.run(15_000, 100);
    expect([state, at.outcomes[0]?.end, at.outcomes[0]?.leftoverE6, at.truth(), kindsOf(at)]).toEqual([
      'dust',
      'dust',
      100_000,
      { kalshi: 4.6, polymarket: 4.5 },
      [],
    ]);
  });

  it('opens the decision again when a matched trade fails on chain (S20)', async () => {
    const at = await begun();
    at.polymarket.sim.control.scriptSettlement([
      { status: 'MINED', afterMs: 1_000 },
      { status: 'FAILED', afterMs: 3_000 },
    ]);
    await started(at);
    const balanced = at.state();
    await at.run(10_000, 50);
    const { kalshi, polymarket } = at.truth();
    expect([balanced, kindsOf(at).slice(0, 2).sort(), kalshi === polymarket]).toEqual([
      'balanced',
      ['ASYMMETRIC_EXECUTION', 'TRADE_FAILED'],
      true,
    ]);
  });

  it('puts a broken leg back in its place and adopts what it finds', async () => {
    const at = await begun();
    at.polymarket.setFaults(polymarketOnce('O1'));
    await started(at);
    const leg = (at.attempt() as never as { getSnapshot(): { children: Record<string, never> } }).getSnapshot()
      .children['leg/2-polymarket'];
    at.runtime.send(
      leg as never,
      { type: 'fill.reported', tradeId: 'x', sizeE6: -1, cashMicroUsd: 0.5, settlement: 'nonsense' } as never,
    );
    await at.run(40_000, 250);
    expect([at.faults.length > 0, at.outcomes[0]?.end, at.truth()]).toEqual([
      true,
      'balanced',
      { kalshi: 10, polymarket: 10 },
    ]);
  });

  it('follows the orders of an attempt that broke until their ends', async () => {
    const at = await begun();
    at.polymarket.setFaults(polymarketOnce('O1'));
    await started(at);
    at.runtime.send(at.attempt() as never, { type: 'leg.reported', report: null } as never);
    const orphans = at.strategy.actor.getSnapshot().context.orphans.length;
    await at.run(60_000, 250);
    expect([
      at.state(),
      orphans > 0,
      at.strategy.actor.getSnapshot().context.orphans,
      kindsOf(at)[0],
      at.truth(),
    ]).toEqual(['gone', true, [], 'ACTOR_FAULT', { kalshi: 10, polymarket: 10 }]);
    expect(believesTruth(at)).toBe(true);
  });

  it('sends nothing when the book moves between the last look and the wire', async () => {
    const at = await begun({ syncMs: 50 });
    at.approve();
    at.polymarket.house({ bids: [cents(40, 100)], asks: [cents(54, 100)] });
    await at.run(500);
    expect([
      at.outcomes[0]?.end,
      at.kalshi.truth.ordersReceived(),
      at.polymarket.truth.ordersReceived(),
      kindsOf(at),
    ]).toEqual(['refused', 0, 0, []]);
  });

  it('sends nothing to one venue while the other takes no entries (S51)', async () => {
    const at = await begun();
    at.availability.set('polymarket', { entries: false, reducing: true, reason: 'restarting' });
    at.approve();
    await at.run(500);
    expect([at.outcomes[0]?.reason, at.kalshi.truth.ordersReceived()]).toEqual([
      'VENUE_UNAVAILABLE polymarket: restarting',
      0,
    ]);
  });

  it('lets one attempt at a time try a watch', async () => {
    const at = await started(await begun());
    const second = at.approve();
    expect(second).toMatchObject({ kind: 'refused', reason: 'WATCH_BUSY' });
  });

  it('drains: the maker is taken off, what it bought stays hedged, and nothing new begins', async () => {
    const at = await begun({ policy: 'makerThenHedge' });
    await started(at);
    at.kalshi.counterparty('sell', cents(44, 3));
    await at.run(200);
    at.strategy.drain('shutdown');
    await at.run(40_000, 250);
    expect([at.strategy.standing, at.truth(), at.approve().kind, at.kalshi.truth.restingIds()]).toEqual([
      'stopped',
      { kalshi: 3, polymarket: 3 },
      'refused',
      [],
    ]);
  });
});
