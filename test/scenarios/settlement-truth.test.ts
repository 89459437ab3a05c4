/** Section 1.3: what a venue said of a match, and what became of it. */
import { describe, expect, it } from 'vitest';
import { FAIR, GAP, level, onMatch, onOrder, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();
const BALANCED = { kalshi: 11, yes: 0, no: 11 };
const COMPLETED = ['deciding.planning', 'completing', 'balanced', 'closed'];

/** Kinds of ledger transactions of Polymarket trades, in order. */
function booked(at: Scenario): readonly unknown[] {
  return at.journal
    .recordsOf('ledger')
    .filter(({ transaction }) => String(transaction.id).includes('/polymarket/'))
    .map(({ transaction }) => transaction.kind);
}

/** What the actor of the one match heard, and where it stood then. */
function heard(at: Scenario): readonly (readonly unknown[])[] {
  return at.journal
    .recordsOf('transition')
    .filter(({ machine, event }) => machine === 'venueTrade' && event.type === 'trade.reported')
    .map(({ event, to }) => [event.settlement, to]);
}

function tradeId(at: Scenario): string {
  const [trade] = at.polymarket.trades();
  if (trade === undefined) throw new Error('expected a trade of ours, found none');
  return trade.id;
}

describe('settlement and truth', () => {
  it('S20 › a match that fails on chain is taken back by a posting, and the hedge is decided anew', async () => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'C1', times: 1, match: { step: 'BUY' } });
    await at.open();
    await at.settled();
    expect(booked(at)).toEqual(['cash', 'fill', 'reversal', 'fill', 'confirmation']);
    expect(at.journal.states('attempt/*').slice(-5)).toEqual(['balanced', ...COMPLETED]);
    expect([at.triggers.toSorted(), at.intended.slice(2), at.truth]).toEqual([
      ['ASYMMETRIC_EXECUTION', 'TRADE_FAILED'],
      ['polymarket buy 11 @52 completion'],
      BALANCED,
    ]);
  });

  it('S21 › a match that takes 50 seconds to settle stays provisional, and is not bought a second time', async () => {
    const at = await begin();
    at.polymarket.sim.control.scriptSettlement([
      { status: 'MINED', afterMs: 45_000 },
      { status: 'CONFIRMED', afterMs: 50_000 },
    ]);
    await at.open({ after: GAP });
    await at.run(40_000);
    const ghost = at.report('2-polymarket');
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.polymarket.no);
    const [attempt, sent] = [at.attempt, at.received('polymarket')];
    at.quote(FAIR);
    await at.settled();
    expect(ghost).toMatchObject({ standing: 'ended', finalE6: 0, provisionalE6: 11_000_000, openE6: 0 });
    expect([leastE6, mostE6, attempt, sent]).toEqual([0, 11_000_000, 'balanced', 1]);
    expect([at.end, at.received('polymarket'), at.truth, at.triggers]).toEqual(['balanced', 1, BALANCED, []]);
  });

  it('S21 › a match of more than ten dollars is no open leg while its chain takes its time', async () => {
    const at = await begin();
    const deep = { bids: [level(48, 200)], asks: [level(52, 200)] };
    const quotes = { kalshi: { bids: [level(38, 200)], asks: [level(41, 200)] }, polymarket: deep };
    await at.open({ quotes });
    await at.settled();
    expect([at.end, at.truth, at.triggers, at.breaker]).toEqual([
      'balanced',
      { kalshi: 50, yes: 0, no: 50 },
      [],
      'closed',
    ]);
  });

  it.each([
    ['in order', ['MATCHED', 'MINED', 'CONFIRMED']],
    ['backwards', ['CONFIRMED', 'MINED', 'MATCHED']],
    ['again and again', ['MINED', 'MINED', 'MATCHED', 'CONFIRMED', 'MINED', 'CONFIRMED', 'MATCHED']],
  ] as const)('S22 › reports of a match that come %s are one fill', async (_, told) => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'O10', parameters: { copies: 2 } });
    at.setFaults('kalshi', { id: 'O10' });
    at.polymarket.sim.control.scriptSettlement([{ status: 'CONFIRMED', afterMs: 2_000 }]);
    await at.open();
    await at.run(500);
    for (const status of told) at.polymarket.sim.control.tellTrade(tradeId(at), status);
    await at.run(3_000);
    await at.settled();
    expect(booked(at)).toEqual(['cash', 'fill', 'confirmation']);
    expect(at.report('2-polymarket')).toMatchObject({ end: 'filled', finalE6: 11_000_000, provisionalE6: 0 });
    expect([at.end, at.truth, at.triggers]).toEqual(['balanced', BALANCED, []]);
  });

  it('S22 › a failure that contradicts a confirmation is put aside, and nothing is bought for it', async () => {
    const at = await begin();
    at.polymarket.sim.control.scriptSettlement([]);
    await at.open();
    await at.run(500);
    at.polymarket.sim.control.tellTrade(tradeId(at), 'CONFIRMED');
    at.polymarket.sim.control.tellTrade(tradeId(at), 'FAILED');
    await at.run(20_000);
    expect(heard(at).slice(0, 2)).toEqual([
      ['confirmed', 'confirmed'],
      ['failed', 'quarantined'],
    ]);
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.polymarket.no);
    expect([leastE6, mostE6, at.received('polymarket'), at.breaker]).toEqual([0, 11_000_000, 1, 'latched']);
    expect(at.triggers).toContain('LATE_FILL');
  });

  it('S22 › a confirmation that contradicts a failure is believed of what is held, and waits for a person', async () => {
    // Until the chain says otherwise, the failure is the venue's last word.
    const at = await begin({ liesMs: { polymarket: 10_000 } });
    at.polymarket.sim.control.scriptSettlement([{ status: 'CONFIRMED', afterMs: 10_000 }]);
    await at.open();
    await at.run(500);
    at.polymarket.sim.control.tellTrade(tradeId(at), 'FAILED');
    await at.run(30_000);
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.polymarket.no);
    expect([leastE6, mostE6, at.truth]).toEqual([22_000_000, 22_000_000, { kalshi: 11, yes: 0, no: 22 }]);
    expect([at.triggers.toSorted(), at.breaker]).toEqual([
      ['ASYMMETRIC_EXECUTION', 'LATE_FILL', 'LEDGER_DIFFERS', 'TRADE_FAILED'],
      'latched',
    ]);
  });

  it('S23 › a fill that the stream missed is read after the reconnect, and hedged', async () => {
    const at = await begin({ policy: 'makerThenHedge' });
    await at.open({ after: GAP });
    await at.run(500);
    at.kalshi.setPlugged(false);
    at.kalshi.cutSockets();
    at.kalshi.counterparty('sell', level(39, 3));
    await at.run(500);
    const away = [at.truth, at.intended.length];
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.kalshi.yes);
    const requests = at.kalshi.server.requests.length;
    at.kalshi.setPlugged(true);
    await at.run(5_000);
    const read = at.kalshi.server.requests.slice(requests).map(({ target }) => target);
    await at.settled();
    expect([away, leastE6, mostE6]).toEqual([[{ kalshi: 3, yes: 0, no: 0 }, 1], 0, 11_000_000]);
    expect(read.some((target) => target.includes('/portfolio/orders'))).toBe(true);
    expect(read.some((target) => target.includes('/portfolio/fills'))).toBe(true);
    const [, , , live, uncertain, partly] = at.journal.states('leg/1-kalshi');
    expect([live, uncertain, partly]).toEqual(['live.resting', 'uncertain.reconciling', 'live.partlyFilled']);
    expect([at.intended.slice(1), at.truth]).toEqual([['polymarket buy 3 @52 hedge'], { kalshi: 3, yes: 0, no: 3 }]);
  });

  it('S24 › a maker fill that is told in terms of the opposite asset is ours as we ordered it', async () => {
    const at = await begin({
      policy: 'makerThenHedge',
      profile: (profile) => ({ ...profile, makerVenue: 'polymarket' }),
    });
    await at.open({ after: GAP });
    await at.run(500);
    // Whoever buys YES at 51 takes our bid for NO at 49.
    at.polymarket.counterparty('buy', level(51, 3));
    await at.settled();
    const [trade] = at.polymarket.trades();
    expect(trade?.tokenId).toBe(at.polymarket.yes.book.slice('polymarket/'.length));
    expect([at.end, at.intended, at.truth, at.triggers]).toEqual([
      'balanced',
      ['polymarket buy 11 @49 entry', 'kalshi buy 3 @41 hedge'],
      { kalshi: 3, yes: 0, no: 3 },
      [],
    ]);
  });

  it('S25 › a residual of 0.002286 keeps nothing open', async () => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'O16', ...onMatch.polymarket });
    await at.open();
    await at.settled();
    expect(at.report('2-polymarket')).toMatchObject({ standing: 'ended', end: 'filled', openE6: 0 });
    expect([at.end, at.outcomes[0]?.leftoverE6, at.truth.no, at.triggers]).toEqual(['balanced', 2_286, 10.997714, []]);
  });

  it('S26 › a position counts as closed only on evidence of the venue', async () => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'O6', ...onMatch.polymarket });
    at.setFaults('kalshi', { id: 'O2', after: 1, ...onOrder.kalshi });
    await at.open({ after: { ...GAP, polymarket: { bids: [level(30, 100)], asks: [level(52, 100)] } }, afterMs: 0 });
    await at.run(4_000);
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.kalshi.yes);
    const [attempt, held] = [at.attempt, at.truth.kalshi];
    await at.settled();
    expect([attempt, held, leastE6, mostE6]).toEqual(['unwinding', 11, 0, 11_000_000]);
    expect([at.end, at.intended.slice(2), at.truth.kalshi]).toEqual([
      'unwound',
      ['kalshi sell 11 @38 unwind', 'kalshi sell 11 @38 unwind'],
      0,
    ]);
    expect(at.report('3-kalshi').end).toBe('notAccepted');
  });

  it('S27 › positions that lag by a minute size nothing: nobody asks for them', async () => {
    const at = await begin({ policy: 'sequential', polymarket: { positionsLagMs: 60_000 } });
    const before = { kalshi: at.kalshi.server.requests.length, polymarket: at.polymarket.server.requests.length };
    await at.open();
    await at.run(5_000);
    const asked = [
      ...at.kalshi.server.requests.slice(before.kalshi),
      ...at.polymarket.server.requests.slice(before.polymarket),
    ].filter(({ target }) => target.includes('/positions'));
    await at.settled();
    expect(asked).toEqual([]);
    expect([at.end, at.intended, at.truth]).toEqual([
      'balanced',
      ['kalshi buy 11 @41 entry', 'polymarket buy 11 @52 hedge'],
      BALANCED,
    ]);
  });
});
