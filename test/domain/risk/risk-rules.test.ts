import { describe, expect, it } from 'vitest';
import { breakerPolicy } from '../../../src/domain/risk/breaker-policy.ts';
import { ErrorShare } from '../../../src/domain/risk/error-share.ts';
import { LossWatch } from '../../../src/domain/risk/loss-watch.ts';
import { type StartFacts, startChecks } from '../../../src/domain/risk/start-checks.ts';
import { microUsd, millis, rateE6, sizeE6, USD } from '../../../src/domain/units.ts';

const usd = (dollars: number) => microUsd(Math.round(dollars * USD));
const day = (pnl: number) => ({ date: '2026-01-01', pnlMicroUsd: usd(pnl), trades: 0, volumeE6: sizeE6(0) });

describe('breaker policy', () => {
  it('of design C waits for a person, whatever happened', () => {
    const standings = Object.values(breakerPolicy('conservative-100').rules).map(({ standing }) => standing);
    expect(new Set(standings)).toEqual(new Set(['latched']));
  });

  it.each(['conservative-100', 'v3', 'velocity', 'sports-scalp'])(
    '%s never lets time close what costs money or is our fault',
    (profile) => {
      const { rules } = breakerPolicy(profile);
      for (const kind of [
        ...(['DAILY_LOSS', 'ASYMMETRIC_EXECUTION', 'STUCK_EXPOSURE', 'UNHEDGED', 'LEDGER_DIFFERS'] as const),
        ...(['ACTOR_FAULT', 'JOURNAL_FAULT', 'MANUAL_HALT', 'AUTHENTICATION', 'INSUFFICIENT_BALANCE'] as const),
      ]) {
        expect(rules[kind]).toEqual({ kind: 'atOnce', standing: 'latched' });
      }
    },
  );

  it('of a profile that nobody has is refused', () => {
    expect(() => breakerPolicy('reckless')).toThrow('found "reckless"');
  });
});

describe('share of failed calls', () => {
  const limit = { shareE6Max: rateE6(50_000), windowMs: millis(60_000), callsMin: 20 };

  it('is exceeded strictly above its limit', () => {
    const share = new ErrorShare(limit);
    const ends = Array.from({ length: 20 }, (_, call) => share.record(call === 0, 0));
    expect(ends).not.toContain(true);
    expect(share.record(true, 0)).toBe(true);
  });

  it('counts a call for the whole window, and not for long after it', () => {
    const share = new ErrorShare(limit);
    share.record(true, 500);
    expect(share.within(60_499).failures).toBe(1);
    expect(share.within(62_000).failures).toBe(0);
  });

  it('holds after a long pause', () => {
    const share = new ErrorShare(limit);
    for (let call = 0; call < 30; call++) share.record(true, 1_000);
    expect(share.within(3_600_000)).toEqual({ calls: 0, failures: 0 });
  });
});

describe('loss watch', () => {
  const limits = { dailyLossMicroUsdMax: usd(20), lossesInARowMax: 5, drawdownShareE6Max: rateE6(100_000) };

  it('reports the loss of a day at the limit (B50)', () => {
    const watch = new LossWatch(limits);
    expect(watch.realised(usd(-1), day(-19.999_999))).toEqual([]);
    expect(watch.realised(usd(1), day(-20))).toMatchObject([{ kind: 'DAILY_LOSS' }]);
  });

  it('reports losses in a row, and begins again after a trade that lost nothing', () => {
    const watch = new LossWatch(limits);
    const lose = () => watch.realised(usd(-0.01), day(-1)).map(({ kind }) => kind);
    expect([lose(), lose(), lose(), lose()].flat()).toEqual([]);
    watch.realised(usd(0), day(-1));
    expect([lose(), lose(), lose(), lose(), lose()]).toEqual([[], [], [], [], ['CONSECUTIVE_LOSSES']]);
  });

  it('goes on counting after a restart', () => {
    const before = new LossWatch(limits);
    for (let trade = 0; trade < 4; trade++) before.realised(usd(-1), day(-1));
    before.valued(usd(100));
    const after = new LossWatch(limits, JSON.parse(JSON.stringify(before.memory)) as typeof before.memory);
    expect(after.realised(usd(-1), day(-1))).toMatchObject([{ kind: 'CONSECUTIVE_LOSSES' }]);
    expect(after.valued(usd(90))).toMatchObject([{ kind: 'DRAWDOWN' }]);
  });

  it('reports a drawdown from the peak at its limit, and not before', () => {
    const watch = new LossWatch(limits);
    expect([...watch.valued(usd(100)), ...watch.valued(usd(200)), ...watch.valued(usd(180.01))]).toEqual([]);
    expect(watch.valued(usd(180))).toMatchObject([{ kind: 'DRAWDOWN' }]);
  });
});

describe('checks at the start', () => {
  const clean: StartFacts = {
    stateAgeMs: millis(3_600_000),
    breaker: 'closed',
    venues: [
      {
        venue: 'kalshi',
        openOrders: { kind: 'read', unknown: [] },
        positions: { kind: 'read', differences: [] },
      },
    ],
    unresolved: [],
    unhedgedMicroUsd: usd(10),
    unhedgedMicroUsdMax: usd(10),
    day: day(-19.99),
    dailyLossMicroUsdMax: usd(20),
    hasLease: true,
  };
  const unclean = (over: Partial<StartFacts>, purpose: 'start' | 'resume' = 'start') =>
    startChecks({ ...clean, ...over }, purpose)
      .filter(({ isClean }) => !isClean)
      .map(({ name }) => name);
  const [kalshi] = clean.venues;
  if (kalshi === undefined) throw new Error('expected a venue');

  it('are clean at every limit', () => {
    expect(unclean({})).toEqual([]);
    expect(unclean({ stateAgeMs: undefined })).toEqual([]);
  });

  it.each<[string, Partial<StartFacts>]>([
    ['stateAge', { stateAgeMs: millis(3_600_001) }],
    ['breaker', { breaker: 'latched' }],
    ['lease', { hasLease: false }],
    ['openOrders/kalshi', { venues: [{ ...kalshi, openOrders: { kind: 'read', unknown: ['o1'] } }] }],
    ['openOrders/kalshi', { venues: [{ ...kalshi, openOrders: { kind: 'failed', detail: 'no answer' } }] }],
    ['positions/kalshi', { venues: [{ ...kalshi, positions: { kind: 'read', differences: ['3 for 0'] } }] }],
    ['positions/kalshi', { venues: [{ ...kalshi, positions: { kind: 'failed', detail: 'no answer' } }] }],
    ['unresolved', { unresolved: ['a1/0-kalshi'] }],
    ['imbalance', { unhedgedMicroUsd: usd(10.000_001) }],
    ['dailyLoss', { day: day(-20) }],
  ])('are not clean because of %s', (name, over) => {
    expect(unclean(over)).toEqual([name]);
  });

  it('before a resumption leave out the breaker, which is open for that', () => {
    expect(unclean({ breaker: 'latched', stateAgeMs: millis(9_999_999) }, 'resume')).toEqual([]);
    expect(unclean({ day: day(-20) }, 'resume')).toEqual(['dailyLoss']);
  });
});
