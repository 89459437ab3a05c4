/** Section 1.2: one leg is filled, and its partner is not. */
import { describe, expect, it } from 'vitest';
import type { VenueName } from '../../src/domain/instrument.ts';
import { microUsd } from '../../src/domain/units.ts';
import { FAIR, GAP, GAP_AT_POLYMARKET, level, onMatch, onOrder, type Quotes, scenarios } from './rig.ts';

const begin = scenarios();
const NOTHING = { kalshi: 0, yes: 0, no: 0 };
const BALANCED = { kalshi: 11, yes: 0, no: 11 };
const killed = (name: VenueName) => ({ id: 'O6', ...onMatch[name] });

/** What Polymarket bids for YES decides what NO costs there. */
function bidAtPolymarket(cents: number): Quotes {
  return { ...GAP, polymarket: { bids: [level(cents, 100)], asks: [level(54, 100)] } };
}

describe('leg asymmetry', () => {
  it('S10 › a second leg that is killed is completed where that loses less, in the step of the evidence', async () => {
    const at = await begin();
    at.setFaults('polymarket', killed('polymarket'));
    await at.open({ after: bidAtPolymarket(47), afterMs: 0 });
    await at.settled();
    expect([at.end, at.intended.slice(2), at.truth, at.outcomes[0]?.repairStartMs]).toEqual([
      'balanced',
      ['polymarket buy 11 @53 completion'],
      BALANCED,
      0,
    ]);
    expect([at.triggers, at.breaker]).toEqual([['ASYMMETRIC_EXECUTION'], 'latched']);
  });

  it('S10 › a second leg that is killed has the first one unwound where that loses less, within the limit', async () => {
    const at = await begin();
    at.setFaults('polymarket', killed('polymarket'));
    await at.open({ after: bidAtPolymarket(35), afterMs: 0 });
    await at.settled();
    const { profitMicroUsd = 0 } = at.outcomes[0] ?? {};
    expect([at.end, at.intended.slice(2), at.truth]).toEqual(['unwound', ['kalshi sell 11 @38 unwind'], NOTHING]);
    expect(profitMicroUsd).toBeGreaterThan(-5_000_000);
    expect([at.triggers, at.breaker]).toEqual([['ASYMMETRIC_EXECUTION'], 'latched']);
  });

  it('S11 › cash is set aside at both venues before the first order leaves', async () => {
    const at = await begin();
    await at.open();
    const sent = at.received('kalshi') + at.received('polymarket');
    const free = (name: VenueName): number =>
      at.side(name).truth.cash() - (at.trading.exposures.availableAt(name) ?? 0);
    expect([sent, free('kalshi') >= 11 * 410_000, free('polymarket') >= 11 * 520_000]).toEqual([0, true, true]);
    await at.settled();
  });

  it('S11 › an empty account opens the breaker at its first refusal, and no second attempt follows', async () => {
    const at = await begin();
    at.setFaults('kalshi', { id: 'O18', ...onMatch.kalshi });
    await at.open({ after: GAP });
    await at.run(5_000);
    await at.settled();
    expect([at.triggers[0], at.breaker, at.started]).toEqual(['INSUFFICIENT_BALANCE', 'latched', 1]);
    expect(at.approvals.slice(1).every(({ kind }) => kind === 'refused')).toBe(true);
    expect(at.approvals.length).toBeGreaterThan(1);
  });

  it('S12 › the hedge is sized by what filled of the first leg, not by the plan', async () => {
    const at = await begin({ policy: 'sequential' });
    const thin = { ...GAP, kalshi: { ...GAP.kalshi, asks: [level(41, 4), level(60, 100)] } };
    await at.open({ after: thin, afterMs: 0 });
    await at.run(20);
    at.quote(FAIR);
    await at.settled();
    expect([at.end, at.intended, at.truth, at.triggers]).toEqual([
      'balanced',
      ['kalshi buy 11 @41 entry', 'polymarket buy 4 @52 hedge'],
      { kalshi: 4, yes: 0, no: 4 },
      [],
    ]);
  });

  it('S12 › a first leg of more than ten dollars may rest alone for as long as it was planned to', async () => {
    const at = await begin({ policy: 'makerThenHedge' });
    const deep = { bids: [level(48, 200)], asks: [level(52, 200)] };
    const quotes = { kalshi: { bids: [level(38, 200)], asks: [level(41, 200)] }, polymarket: deep };
    await at.open({ quotes, after: quotes });
    await at.run(8_000);
    const resting = [at.attempt, at.intended];
    at.kalshi.counterparty('sell', level(39, 50));
    await at.run(100);
    at.quote(FAIR);
    await at.settled();
    expect(resting).toEqual(['resting', ['kalshi buy 50 @39 entry']]);
    expect([at.end, at.intended.slice(1), at.truth, at.triggers]).toEqual([
      'balanced',
      ['polymarket buy 50 @52 hedge'],
      { kalshi: 50, yes: 0, no: 50 },
      [],
    ]);
  });

  it('S13 › what is below the minimum of every venue is dust, within a limit of its own', async () => {
    const at = await begin({ policy: 'sequential' });
    at.setFaults('kalshi', { id: 'O16', ...onMatch.kalshi });
    await at.open();
    await at.settled();
    expect(at.journal.states('attempt/*').slice(-2)).toEqual(['dust', 'closed']);
    expect([at.end, at.outcomes[0]?.leftoverE6, at.truth]).toEqual(['dust', 70_000, { kalshi: 4.07, yes: 0, no: 4 }]);
    expect([at.triggers, at.breaker]).toEqual([[], 'closed']);
  });

  it('S13 › dust above its limit is no dust: the breaker opens, and the attempt stays open', async () => {
    const none = microUsd(0);
    const at = await begin({
      policy: 'sequential',
      profile: (profile) => ({ ...profile, repair: { ...profile.repair, dustMicroUsdMax: none } }),
    });
    at.setFaults('kalshi', { id: 'O16', ...onMatch.kalshi });
    await at.open();
    await at.run(30_000);
    expect([at.attempt.startsWith('stuck'), at.triggers, at.breaker, at.truth]).toEqual([
      true,
      ['ASYMMETRIC_EXECUTION', 'STUCK_EXPOSURE'],
      'latched',
      { kalshi: 4.07, yes: 0, no: 4 },
    ]);
  });

  it('S14 › a fill that crosses the cancel still finds its leg, and is hedged', async () => {
    // Between the match and its report the venue contradicts its own acknowledgement.
    const at = await begin({ policy: 'makerThenHedge', liesMs: { kalshi: 10 } });
    at.setFaults('kalshi', { id: 'O11', times: 1, parameters: { sizeE6: 3_000_000 } });
    await at.open({ after: GAP });
    await at.settled();
    const fill = at.journal.transitions('leg/1-kalshi').find(({ event }) => event.type === 'fill.reported');
    expect(fill?.from).toBe('ended.canceled.awaitingProof');
    expect([at.intended, at.truth]).toEqual([
      ['kalshi buy 11 @39 entry', 'polymarket buy 3 @52 hedge'],
      { kalshi: 3, yes: 0, no: 3 },
    ]);
  });

  it('S14 › a fill after its attempt was over is heard by the attempt that lives again, and that one ends', async () => {
    const at = await begin({ policy: 'makerThenHedge', liesMs: { kalshi: 10 } });
    at.setFaults('kalshi', { id: 'O11', times: 1, parameters: { sizeE6: 3_000_000, delayMs: 60_000 } });
    await at.open();
    await at.until(() => at.attempt === 'gone');
    const first = at.end;
    await at.until(() => at.attempt !== 'gone', 120_000);
    await at.settled();
    expect([first, at.end, at.triggers.slice(0, 1), at.report('1-kalshi').isAccounted]).toEqual([
      'unfilled',
      'balanced',
      ['LATE_FILL'],
      true,
    ]);
    expect([at.intended.slice(1), at.truth]).toEqual([['polymarket buy 3 @52 hedge'], { kalshi: 3, yes: 0, no: 3 }]);
  });

  it('S15 › tokens are sold back once they are in a block, and a refusal waits and has the venue look again', async () => {
    const at = await begin();
    at.setFaults('kalshi', killed('kalshi'));
    at.setFaults('polymarket', { id: 'O18', times: 1, match: { step: 'SELL' } });
    await at.open({ after: { ...GAP, kalshi: { ...GAP.kalshi, asks: [level(80, 100)] } }, afterMs: 0 });
    await at.run(1_500);
    const waiting = [at.attempt, at.intended.length, at.truth.no];
    await at.settled();
    expect(waiting).toEqual(['deciding.awaitingTokens', 2, 11]);
    const refreshes = at.polymarket.server.requests.filter(({ target }) =>
      target.startsWith('/balance-allowance/update'),
    );
    const token = at.polymarket.no.book.slice('polymarket/'.length);
    expect(refreshes.length).toBeGreaterThan(0);
    expect(refreshes.every(({ target }) => target.includes(`token_id=${token}`))).toBe(true);
    expect([at.end, at.intended.slice(2), at.truth]).toEqual([
      'unwound',
      ['polymarket sell 11 @48 unwind', 'polymarket sell 11 @48 unwind'],
      NOTHING,
    ]);
    expect(at.report('3-polymarket')).toMatchObject({ end: 'refused', refusal: 'insufficientBalance' });
  });

  it('S11 › a venue that has no money of ours for a leg is not asked for it again, however cheap it is', async () => {
    const at = await begin();
    at.setFaults('kalshi', { id: 'O18', ...onMatch.kalshi });
    await at.open({ after: GAP });
    await at.settled();
    expect([at.end, at.intended.slice(2), at.truth]).toEqual(['unwound', ['polymarket sell 11 @48 unwind'], NOTHING]);
  });

  it('S16 › exposure without a way out is a standing of its own, and it goes on looking', async () => {
    const at = await begin();
    at.setFaults('polymarket', killed('polymarket'));
    const deserted = { bids: [], asks: [level(41, 20)] };
    await at.open({ after: { kalshi: deserted, polymarket: { bids: [], asks: [level(52, 100)] } }, afterMs: 0 });
    await at.run(12_000);
    const stuck = [at.attempt, at.truth.kalshi, at.intended.length, at.triggers];
    const alerts = at.alerts.map(({ kind }) => kind);
    at.quote(GAP);
    await at.settled();
    expect(stuck).toEqual(['stuck.waiting', 11, 2, ['ASYMMETRIC_EXECUTION', 'STUCK_EXPOSURE']]);
    expect(alerts).toContain('opened');
    const looks = at.journal.transitions('attempt/*').filter(({ to }) => to === 'stuck.looking');
    expect(looks.length).toBe(3);
    expect([at.end, at.intended.slice(2), at.truth, at.started, at.breaker]).toEqual([
      'balanced',
      ['polymarket buy 11 @52 completion'],
      BALANCED,
      1,
      'latched',
    ]);
  });

  it.each([
    ['YES at Kalshi', 'polymarket', GAP, false, 'kalshi sell 11 @38 unwind'],
    ['YES at Kalshi', 'kalshi', GAP, false, 'polymarket sell 11 @48 unwind'],
    ['NO at Kalshi', 'polymarket', GAP_AT_POLYMARKET, false, 'kalshi sell no 11 @48 unwind'],
    ['NO at Kalshi', 'kalshi', GAP_AT_POLYMARKET, false, 'polymarket sell 11 @38 unwind'],
    ['YES of an inverted pair', 'polymarket', GAP, true, 'kalshi sell 11 @38 unwind'],
    ['YES of an inverted pair', 'kalshi', GAP, true, 'polymarket sell 11 @48 unwind'],
  ] as const)(
    'S17 › %s, killed at %s: what is closed is what was bought',
    async (_, name, quotes, isInverted, unwind) => {
      const at = await begin({ isInverted });
      at.setFaults(name, killed(name));
      // Whoever wants to complete finds nobody.
      const dear = {
        kalshi: withoutOffers(quotes, 'kalshi', name),
        polymarket: withoutOffers(quotes, 'polymarket', name),
      };
      await at.open({ quotes, after: dear, afterMs: 0 });
      await at.settled();
      expect([at.end, at.intended.slice(2), at.truth]).toEqual(['unwound', [unwind], NOTHING]);
    },
  );

  it('S18 › a close that arrives after the position is gone opens nothing', async () => {
    const at = await begin();
    at.setFaults('polymarket', killed('polymarket'));
    at.setFaults('kalshi', { id: 'O14', after: 1, ...onOrder.kalshi, parameters: { delayMs: 40_000 } });
    await at.open({ after: bidAtPolymarket(30), afterMs: 0 });
    await at.run(60_000);
    await at.settled();
    const closes = at.kalshi.server.orders.slice(1).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(closes).toHaveLength(2);
    expect(closes.every(({ side, reduce_only }) => side === 'ask' && reduce_only === true)).toBe(true);
    expect([at.end, at.report('3-kalshi').end, at.truth]).toEqual(['unwound', 'notAccepted', NOTHING]);
  });

  it('S19 › a leg that is taken back after both had filled makes the pair one-sided again', async () => {
    const at = await begin();
    at.polymarket.sim.control.scriptSettlement([
      { status: 'MINED', afterMs: 2_000 },
      { status: 'FAILED', afterMs: 8_000 },
    ]);
    await at.open();
    await at.run(7_000);
    const before = at.attempt;
    await at.settled();
    expect(before).toBe('balanced');
    expect(at.journal.states('attempt/*').slice(-5)).toEqual([
      'balanced',
      'deciding.planning',
      'completing',
      'balanced',
      'closed',
    ]);
    expect([at.triggers.toSorted(), at.intended.slice(2), at.truth]).toEqual([
      ['ASYMMETRIC_EXECUTION', 'TRADE_FAILED'],
      ['polymarket buy 11 @52 completion'],
      BALANCED,
    ]);
  });
});

/** Where the killed leg would be bought again there is nothing to buy; what can be sold is as it was. */
function withoutOffers(quotes: Quotes, name: VenueName, of: VenueName): Quotes[VenueName] {
  return name === of ? { bids: [], asks: [] } : quotes[name];
}
