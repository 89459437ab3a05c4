import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usdFromText } from '../../../src/domain/decimal.ts';
import { certain, isImbalanced, isWithinExposure, unhedgedCost } from '../../../src/domain/limits/exposure.ts';
import { losesConnection, RECONNECT, reconnectDelay } from '../../../src/domain/limits/reconnect.ts';
import {
  checkLimits,
  type EntryRequest,
  type RiskLimits,
  type RiskState,
} from '../../../src/domain/limits/risk-limits.ts';
import { rollOver, tradingDate, tripsDailyLoss } from '../../../src/domain/limits/trading-day.ts';
import { contracts, micros, microUsd, millis, rateE6, sizeE6 } from '../../../src/domain/units.ts';

const usd = usdFromText;

const unlimited: RiskLimits = {
  tradeMicroUsdMax: undefined,
  tradeSizeE6Max: undefined,
  tradeLossMicroUsdMax: undefined,
  eventMicroUsdMax: undefined,
  eventSizeE6Max: undefined,
  totalMicroUsdMax: undefined,
  categoryShareE6Max: undefined,
  correlatedShareE6Max: undefined,
  imbalanceMicroUsdMax: undefined,
  dailyLossMicroUsdMax: undefined,
  dailyTradesMax: undefined,
  dailyVolumeE6Max: undefined,
  ordersPerMinuteMax: undefined,
  openOrdersMax: undefined,
  orderIntervalMsMin: undefined,
  tradeMicroUsdMin: undefined,
  profitMicroUsdMin: undefined,
  profitShareE6Min: undefined,
  slippageShareE6Max: undefined,
  gasShareE6Max: undefined,
};

const request: EntryRequest = {
  capitalMicroUsd: usd('46.50'),
  sizeE6: contracts(50),
  worstLossMicroUsd: usd('2'),
  profitMicroUsd: usd('2.125'),
  slippageMicroUsd: usd('0'),
  gasMicroUsd: usd('0'),
  orders: 2,
  cash: [
    { venue: 'polymarket', microUsd: usd('22.995') },
    { venue: 'kalshi', microUsd: usd('24.88') },
  ],
};

const state: RiskState = {
  event: certain(usd('0')),
  eventSizeE6: contracts(0),
  total: certain(usd('0')),
  category: certain(usd('0')),
  correlated: certain(usd('0')),
  unhedged: certain(usd('0')),
  navMicroUsd: usd('100'),
  dayPnlMicroUsd: usd('0'),
  dayTrades: 0,
  dayVolumeE6: contracts(0),
  ordersLastMinute: 0,
  openOrders: 0,
  sinceOrderMs: undefined,
  available: [
    { venue: 'polymarket', microUsd: usd('50') },
    { venue: 'kalshi', microUsd: usd('50') },
  ],
};

describe('limits', () => {
  it.each<[string, string, Partial<RiskLimits>, Partial<RiskLimits>, Partial<RiskState>]>([
    ['trade_size', 'capital', { tradeMicroUsdMax: usd('46.50') }, { tradeMicroUsdMax: usd('46.499999') }, {}],
    ['position_size', 'contracts', { tradeSizeE6Max: contracts(50) }, { tradeSizeE6Max: contracts(49) }, {}],
    ['risk_per_trade', 'loss', { tradeLossMicroUsdMax: usd('2') }, { tradeLossMicroUsdMax: usd('1.99') }, {}],
    [
      'event_concentration',
      'event cost',
      { eventMicroUsdMax: usd('100') },
      { eventMicroUsdMax: usd('99.99') },
      { event: certain(usd('53.50')) },
    ],
    [
      'event_concentration',
      'event contracts',
      { eventSizeE6Max: contracts(60) },
      { eventSizeE6Max: contracts(59) },
      { eventSizeE6: contracts(10) },
    ],
    [
      'total_exposure',
      'worse end of the total',
      { totalMicroUsdMax: usd('100') },
      { totalMicroUsdMax: usd('99.99') },
      { total: { leastMicroUsd: usd('0'), mostMicroUsd: usd('53.50') } },
    ],
    [
      'sport_concentration',
      'category share',
      { categoryShareE6Max: rateE6(465_000) },
      { categoryShareE6Max: rateE6(464_999) },
      {},
    ],
    [
      'correlated_exposure',
      'correlated share',
      { correlatedShareE6Max: rateE6(465_000) },
      { correlatedShareE6Max: rateE6(464_999) },
      {},
    ],
    [
      'imbalance',
      'unhedged cost',
      { imbalanceMicroUsdMax: usd('10') },
      { imbalanceMicroUsdMax: usd('9.99') },
      { unhedged: certain(usd('10')) },
    ],
    [
      'daily_loss',
      'loss of the day',
      { dailyLossMicroUsdMax: usd('20.01') },
      { dailyLossMicroUsdMax: usd('20') },
      { dayPnlMicroUsd: usd('-20') },
    ],
    ['daily_trades', 'trades', { dailyTradesMax: 5 }, { dailyTradesMax: 4 }, { dayTrades: 4 }],
    [
      'daily_volume',
      'volume',
      { dailyVolumeE6Max: contracts(150) },
      { dailyVolumeE6Max: contracts(149) },
      { dayVolumeE6: contracts(100) },
    ],
    ['rate_limit', 'orders a minute', { ordersPerMinuteMax: 20 }, { ordersPerMinuteMax: 19 }, { ordersLastMinute: 18 }],
    ['open_orders', 'open orders', { openOrdersMax: 4 }, { openOrdersMax: 3 }, { openOrders: 2 }],
    [
      'order_interval',
      'time since the last order',
      { orderIntervalMsMin: millis(100) },
      { orderIntervalMsMin: millis(101) },
      { sinceOrderMs: millis(100) },
    ],
    ['min_trade', 'least capital', { tradeMicroUsdMin: usd('46.50') }, { tradeMicroUsdMin: usd('46.51') }, {}],
    ['min_profit', 'least profit', { profitMicroUsdMin: usd('2.125') }, { profitMicroUsdMin: usd('2.13') }, {}],
    ['min_return', 'least return', { profitShareE6Min: rateE6(45_698) }, { profitShareE6Min: rateE6(45_699) }, {}],
  ])(
    '%s: allows the %s to equal its limit (at the loss of a day, to stay below it) and no more',
    (reason, _what, wide, tight, standing) => {
      expect(checkLimits(request, { ...state, ...standing }, { ...unlimited, ...wide })).toEqual([]);
      const violations = checkLimits(request, { ...state, ...standing }, { ...unlimited, ...tight });
      expect(violations.map((violation) => violation.reason)).toEqual([reason]);
    },
  );

  it('name every limit that an entry would break, with limit and value', () => {
    const limits = { ...unlimited, totalMicroUsdMax: usd('40'), tradeSizeE6Max: contracts(10) };
    expect(checkLimits(request, state, limits)).toEqual([
      { reason: 'position_size', name: 'tradeSizeE6Max', limit: 10_000_000, value: 50_000_000 },
      { reason: 'total_exposure', name: 'totalMicroUsdMax', limit: 40_000_000, value: 46_500_000 },
    ]);
  });

  it('hold slippage and gas against the capital', () => {
    const costly = { ...request, slippageMicroUsd: usd('0.4651'), gasMicroUsd: usd('0.9301') };
    const limits = { ...unlimited, slippageShareE6Max: rateE6(10_000), gasShareE6Max: rateE6(20_000) };
    expect(checkLimits(costly, state, limits).map(({ reason }) => reason)).toEqual(['slippage', 'gas']);
  });

  it('refuse what a venue cannot pay, and a venue whose balance is unknown', () => {
    const available = [{ venue: 'polymarket', microUsd: usd('22.99') } as const];
    const names = checkLimits(request, { ...state, available }, unlimited).map(({ reason, name }) => [reason, name]);
    expect(names).toEqual([
      ['insufficient_balance', 'polymarket'],
      ['insufficient_balance', 'kalshi'],
    ]);
  });

  it('refuse every share of a net asset value that is gone', () => {
    const limits = { ...unlimited, categoryShareE6Max: rateE6(1_000_000) };
    const reasons = checkLimits(request, { ...state, navMicroUsd: usd('0') }, limits).map(({ reason }) => reason);
    expect(reasons).toEqual(['sport_concentration']);
  });
});

const money = fc.integer({ min: 0, max: 200_000_000 }).map(microUsd);
const signedMoney = fc.integer({ min: -50_000_000, max: 50_000_000 }).map(microUsd);
const size = fc.integer({ min: 0, max: 200_000_000 }).map(sizeE6);
const count = fc.integer({ min: 0, max: 30 });
const share = fc.integer({ min: 0, max: 1_500_000 }).map(rateE6);
const duration = fc.integer({ min: 0, max: 500 }).map(millis);
const span = fc.tuple(money, money).map(([leastMicroUsd, mostMicroUsd]) => ({ leastMicroUsd, mostMicroUsd }));
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const anyLimits: fc.Arbitrary<RiskLimits> = fc.record({
  tradeMicroUsdMax: maybe(money),
  tradeSizeE6Max: maybe(size),
  tradeLossMicroUsdMax: maybe(money),
  eventMicroUsdMax: maybe(money),
  eventSizeE6Max: maybe(size),
  totalMicroUsdMax: maybe(money),
  categoryShareE6Max: maybe(share),
  correlatedShareE6Max: maybe(share),
  imbalanceMicroUsdMax: maybe(money),
  dailyLossMicroUsdMax: maybe(money),
  dailyTradesMax: maybe(count),
  dailyVolumeE6Max: maybe(size),
  ordersPerMinuteMax: maybe(count),
  openOrdersMax: maybe(count),
  orderIntervalMsMin: maybe(duration),
  tradeMicroUsdMin: maybe(money),
  profitMicroUsdMin: maybe(money),
  profitShareE6Min: maybe(share),
  slippageShareE6Max: maybe(share),
  gasShareE6Max: maybe(share),
});

const anyRequest: fc.Arbitrary<EntryRequest> = fc.record({
  capitalMicroUsd: money,
  sizeE6: size,
  worstLossMicroUsd: money,
  profitMicroUsd: signedMoney,
  slippageMicroUsd: money,
  gasMicroUsd: money,
  orders: count,
  cash: fc.constant([]),
});

const anyState: fc.Arbitrary<RiskState> = fc.record({
  event: span,
  eventSizeE6: size,
  total: span,
  category: span,
  correlated: span,
  unhedged: span,
  navMicroUsd: signedMoney,
  dayPnlMicroUsd: signedMoney,
  dayTrades: count,
  dayVolumeE6: size,
  ordersLastMinute: count,
  openOrders: count,
  sinceOrderMs: maybe(duration),
  available: fc.constant([]),
});

describe('tightening a limit (I23)', () => {
  it('never turns a refusal into an approval, and keeps every reason', () => {
    const isLimit = (name: string): name is keyof RiskLimits => name in unlimited;
    const names = Object.keys(unlimited).filter(isLimit);
    fc.assert(
      fc.property(
        anyRequest,
        anyState,
        anyLimits,
        fc.constantFrom(...names),
        fc.integer({ min: 0, max: 100_000_000 }),
        (entry, standing, limits, name, by) => {
          const before = limits[name];
          const isFloor = name.endsWith('Min');
          const after = before === undefined ? by : Math.max(0, isFloor ? before + by : before - by);
          const broken = checkLimits(entry, standing, limits).map((violation) => violation.name);
          const tightened = checkLimits(entry, standing, { ...limits, [name]: after });
          expect(tightened.map((violation) => violation.name)).toEqual(expect.arrayContaining(broken));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('exposure', () => {
  it('may equal its limit', () => {
    const exposure = { openMicroUsd: usd('99.99'), addedMicroUsd: usd('0.01') };
    expect(isWithinExposure({ ...exposure, limitMicroUsd: usd('100') })).toBe(true);
    expect(isWithinExposure({ ...exposure, limitMicroUsd: usd('99.999999') })).toBe(false);
  });

  it('without a partner costs its average, rounded against us, and breaches strictly above the limit', () => {
    const gap = { sizeAE6: contracts(51), sizeBE6: contracts(0), averageCostMicroUsd: usd('0.20') };
    expect(unhedgedCost(gap)).toBe(usd('10.20'));
    expect(unhedgedCost({ ...gap, sizeAE6: sizeE6(1) })).toBe(1);
    expect(isImbalanced(usd('10'), usd('10'))).toBe(false);
    expect(isImbalanced(usd('10.000001'), usd('10'))).toBe(true);
  });
});

describe('trading day', () => {
  it('is the UTC date, to the last microsecond', () => {
    const midnight = Date.parse('2026-11-21T00:00:00Z') * 1_000;
    expect(tradingDate(micros(midnight - 1))).toBe('2026-11-20');
    expect(tradingDate(micros(midnight))).toBe('2026-11-21');
  });

  const yesterday = { date: '2026-11-19', pnlMicroUsd: usd('-25'), trades: 9, volumeE6: contracts(40), isOpen: true };

  it('starts its counters afresh and never closes the breaker', () => {
    expect(rollOver(yesterday, '2026-11-20')).toEqual({
      date: '2026-11-20',
      pnlMicroUsd: 0,
      trades: 0,
      volumeE6: 0,
      isOpen: true,
    });
  });

  it('gives no second allowance when the clock goes back', () => {
    expect(rollOver(yesterday, '2026-11-19')).toBe(yesterday);
    expect(rollOver(yesterday, '2026-11-18')).toBe(yesterday);
  });

  it('ends at a loss of the limit or more', () => {
    const limitMicroUsd = usd('20');
    expect(tripsDailyLoss({ pnlMicroUsd: usd('-19.999999'), limitMicroUsd })).toBe(false);
    expect(tripsDailyLoss({ pnlMicroUsd: usd('-20'), limitMicroUsd })).toBe(true);
    expect(tripsDailyLoss({ pnlMicroUsd: usd('30'), limitMicroUsd })).toBe(false);
  });
});

describe('reconnecting', () => {
  it('waits 1 s, doubles, and stops growing at 30 s', () => {
    expect([1, 2, 4, 5, 6, 5_000].map((failures) => reconnectDelay(failures, RECONNECT))).toEqual([
      1_000, 2_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });

  it('opens the breaker at the fifth failure', () => {
    expect([4, 5, 6].map((failures) => losesConnection(failures, RECONNECT))).toEqual([false, true, true]);
  });
});
