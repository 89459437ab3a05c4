/** What the ends of attempts mean to the circuit breaker and to the day. */
import { describe, expect, it } from 'vitest';
import type { ResumeAnswer } from '../../src/actors/breaker.actor.ts';
import type { TradingProfile } from '../../src/actors/trading-parts.ts';
import { breakerPolicy } from '../../src/domain/risk/breaker-policy.ts';
import { millis, USD } from '../../src/domain/units.ts';
import { level } from '../support/two-venues.ts';
import { FAIR, GAP, onMatch, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();

/** Two levels of Polymarket within the limit: the budget buys a little more than it was sized for. */
const SURPLUS = { ...GAP, polymarket: { bids: [level(48, 5), level(47, 100)], asks: [level(52, 100)] } };

const sports = (profile: TradingProfile): TradingProfile => ({
  ...profile,
  breaker: { ...breakerPolicy('sports-standard'), cooldownMs: millis(10_000) },
});

function turnedAway(at: Scenario, attemptId: string): void {
  at.trading.gate.report({ kind: 'EXECUTION_FAILED', attemptId, detail: 'turned away' });
}

async function attempt(at: Scenario, quotes = GAP): Promise<void> {
  const before = at.started;
  await at.open({ quotes });
  await at.until(() => at.started > before, 5_000);
  await at.settled();
  at.quote(FAIR);
  await at.run(1_000);
}

async function findsNobody(at: Scenario): Promise<void> {
  for (const name of ['kalshi', 'polymarket'] as const) at.setFaults(name, { id: 'O6', ...onMatch[name] });
  await attempt(at);
  for (const name of ['kalshi', 'polymarket'] as const) at.setFaults(name);
}

async function resume(at: Scenario): Promise<ResumeAnswer> {
  const asked = at.trading.resume({ by: 'operator', reason: 'looked at it', force: false });
  let isAnswered = false;
  asked.finally(() => {
    isAnswered = true;
  });
  await at.until(() => isAnswered, 10_000);
  return asked;
}

describe('attempts at the breaker', () => {
  it('a filled pair ends a row of failures, also when a better price bought more of one leg', async () => {
    const at = await begin();
    for (const attemptId of ['x1', 'x2']) turnedAway(at, attemptId);
    await attempt(at, SURPLUS);
    turnedAway(at, 'x3');
    expect([at.end, at.breaker]).toEqual(['dust', 'closed']);
  });

  it('attempts that find nobody count towards nothing, however many there are', async () => {
    const at = await begin();
    for (let times = 0; times < 4; times++) await findsNobody(at);
    expect([at.started, at.end, at.triggers, at.breaker]).toEqual([4, 'unfilled', [], 'closed']);
  });

  it('an attempt that finds nobody leaves the probe to the next one', async () => {
    const at = await begin({ profile: sports });
    at.trading.gate.report({ kind: 'CONNECTION_LOST', detail: 'away' });
    await at.until(() => at.breaker === 'halfOpen');
    await findsNobody(at);
    const first = [at.end, at.breaker];
    await attempt(at);
    expect([first, at.end, at.breaker]).toEqual([['unfilled', 'halfOpen'], 'balanced', 'closed']);
  });

  it('one leg alone is one trip, which is resumed once its contracts are gone and not before', async () => {
    const at = await begin();
    at.setFaults('kalshi', { id: 'O6', ...onMatch.kalshi });
    const after = { ...GAP, kalshi: { ...GAP.kalshi, asks: [level(80, 100)] } };
    const quotes = { ...GAP, kalshi: { ...GAP.kalshi, asks: [level(41, 100)] } };
    await at.open({ quotes, after, afterMs: 0 });
    await at.run(1_000);
    const early = await resume(at);
    await at.settled();
    await at.run(15_000);
    const late = await resume(at);
    const because = early.kind === 'refused' ? early.because : [];
    expect(because.map((text) => text.split(':')[0])).toContain('nothing is unhedged');
    expect([late.kind, at.truth.kalshi, at.trading.breaker.view().trips]).toEqual(['resumed', 0, 1]);
  });

  it.each(['kalshi', 'polymarket'] as const)(
    'money that somebody else took from %s is a reason not to resume, and money of our own orders is none',
    async (name) => {
      const at = await begin();
      await attempt(at);
      at.trading.breaker.halt({ by: 'operator', reason: 'lunch', scope: 'entries' });
      expect((await resume(at)).kind).toBe('resumed');
      at.trading.breaker.halt({ by: 'operator', reason: 'lunch', scope: 'entries' });
      at.venues.side(name).deposit(-5 * USD);
      const answer = await resume(at);
      expect(answer.kind === 'refused' ? answer.because.map((text) => text.split(':')[0]) : []).toEqual([
        `${name} balance`,
      ]);
    },
  );

  it('the profit of a set that is held with a surplus counts when it is paid, not when it is bought', async () => {
    const at = await begin();
    await attempt(at, SURPLUS);
    const { clock } = at.venues;
    const { pnlMicroUsd } = at.trading.exposures.dayCounters({ nowMs: clock.nowMs(), wall: clock.wall() });
    expect([at.end, pnlMicroUsd]).toEqual(['dust', 0]);
  });
});
