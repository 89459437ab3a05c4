import { beforeEach, describe, expect, it } from 'vitest';
import type { LegOrder, LegReport } from '../../../src/domain/execution/leg.ts';
import type { RiskLimits } from '../../../src/domain/limits/risk-limits.ts';
import { ExposureBook } from '../../../src/domain/risk/exposure-book.ts';
import { contracts, microUsd, millis, priceE4, rateE6, sizeE6, USD } from '../../../src/domain/units.ts';
import { boxLegs, filled, GROUP, killed, legOrder, legReport, moment, request, UNLIMITED } from './risk-samples.ts';

const usd = (dollars: number) => microUsd(Math.round(dollars * USD));
const AT = moment();

function bookWith(limits: Partial<RiskLimits> = {}, fee = 0): ExposureBook {
  const book = new ExposureBook({
    limits: { ...UNLIMITED, ...limits },
    feeBound: () => microUsd(fee),
    navMicroUsd: usd(1_000),
  });
  book.setCash('kalshi', usd(500));
  book.setCash('polymarket', usd(500));
  return book;
}

describe('exposure book', () => {
  let book: ExposureBook;
  let kalshi: LegOrder;
  let polymarket: LegOrder;
  beforeEach(() => {
    book = bookWith();
    [kalshi, polymarket] = boxLegs();
  });

  describe('reserving', () => {
    it('takes both legs at their limits with fees, and what a repair may cost', () => {
      book = bookWith({}, 10_000);
      const reservation = book.reserve(request({ repairMicroUsdMax: usd(1) }));
      expect(reservation).toEqual({ kind: 'reserved', reservedMicroUsd: usd(4 + 5.5 + 0.02 + 1) });
      expect(book.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: usd(10.52) });
    });

    it('counts capital as the plan says where that is more than its orders need', () => {
      const { entry } = request();
      expect(book.reserve(request({ entry: { ...entry, capitalMicroUsd: usd(12) } }))).toMatchObject({
        reservedMicroUsd: usd(12),
      });
    });

    it('takes nothing when one limit stands in the way, and names all that do', () => {
      book = bookWith({ totalMicroUsdMax: usd(9), openOrdersMax: 1 });
      const refused = book.reserve(request());
      expect(refused).toMatchObject({
        kind: 'refused',
        violations: [{ reason: 'total_exposure' }, { reason: 'open_orders' }],
      });
      expect(book.span().mostMicroUsd).toBe(0);
      expect(book.state(GROUP, AT)).toMatchObject({ openOrders: 0, ordersLastMinute: 0, dayTrades: 0 });
    });

    it('lets a second attempt have only what the first left, at the same instant', () => {
      book = bookWith({ totalMicroUsdMax: usd(15) });
      expect(book.reserve(request()).kind).toBe('reserved');
      expect(book.reserve(request({ attemptId: 'a2' }))).toMatchObject({ violations: [{ reason: 'total_exposure' }] });
    });

    it('allows exactly the limit', () => {
      expect(bookWith({ totalMicroUsdMax: usd(9.5) }).reserve(request()).kind).toBe('reserved');
    });

    it('needs cash for its leg at each venue before either is sent (S11, B37)', () => {
      book.setCash('polymarket', usd(5.49));
      expect(book.reserve(request())).toMatchObject({
        violations: [{ reason: 'insufficient_balance', name: 'polymarket', limit: usd(5.49), value: usd(5.5) }],
      });
    });

    it('does not lend the cash of one attempt to the next, at either venue', () => {
      book.setCash('polymarket', usd(10));
      book.reserve(request());
      expect(book.reserve(request({ attemptId: 'a2' }))).toMatchObject({
        violations: [{ reason: 'insufficient_balance', name: 'polymarket', limit: usd(4.5) }],
      });
      book.setCash('polymarket', usd(500));
      book.setCash('kalshi', usd(7.99));
      expect(book.reserve(request({ attemptId: 'a2' }))).toMatchObject({
        violations: [{ reason: 'insufficient_balance', name: 'kalshi', limit: usd(3.99) }],
      });
    });

    it('knows of no cash at a venue that nobody has told it about', () => {
      const silent = new ExposureBook({ limits: UNLIMITED, feeBound: () => microUsd(0), navMicroUsd: usd(1) });
      expect(silent.reserve(request())).toMatchObject({
        violations: [{ name: 'kalshi' }, { name: 'polymarket' }],
      });
    });

    it('counts an event, a category and what moves together separately', () => {
      book = bookWith({ eventMicroUsdMax: usd(15), categoryShareE6Max: rateE6(25_000) });
      book.reserve(request());
      const other = { ...GROUP, eventId: 'fed-oct' };
      expect(book.reserve(request({ attemptId: 'a2' }))).toMatchObject({
        violations: [{ reason: 'event_concentration' }],
      });
      expect(book.reserve(request({ attemptId: 'a3', group: other })).kind).toBe('reserved');
      expect(book.reserve(request({ attemptId: 'a4', group: { ...other, eventId: 'ecb' } }))).toMatchObject({
        violations: [{ reason: 'sport_concentration' }],
      });
    });

    it('counts the orders of the last minute and the pause since the last one', () => {
      book = bookWith({ ordersPerMinuteMax: 3, orderIntervalMsMin: millis(100) });
      book.reserve(request());
      expect(book.reserve(request({ attemptId: 'a2', at: moment(99) }))).toMatchObject({
        violations: [{ reason: 'rate_limit' }, { reason: 'order_interval' }],
      });
      expect(book.reserve(request({ attemptId: 'a2', at: moment(59_999) }))).toMatchObject({
        violations: [{ reason: 'rate_limit' }],
      });
      expect(book.reserve(request({ attemptId: 'a2', at: moment(60_000) })).kind).toBe('reserved');
    });

    it('refuses to reserve twice for one attempt', () => {
      book.reserve(request());
      expect(() => book.reserve(request())).toThrow('an attempt reserves once, found a second request (a1)');
    });
  });

  describe('an attempt under way', () => {
    beforeEach(() => {
      book = bookWith({}, 10_000);
      book.reserve(request({ repairMicroUsdMax: usd(1) }));
    });

    it('is an interval from nothing to everything before the first report', () => {
      expect(book.spanOf(kalshi.instrument)).toEqual({ leastE6: 0, mostE6: contracts(10) });
      expect(book.spanOfAttempt('a1')).toEqual({ leastMicroUsd: 0, mostMicroUsd: usd(9.52) });
    });

    it('narrows with every report', () => {
      book.report('a1', [filled(kalshi)], AT);
      expect(book.spanOf(kalshi.instrument)).toEqual({ leastE6: contracts(10), mostE6: contracts(10) });
      expect(book.spanOfAttempt('a1')).toEqual({ leastMicroUsd: usd(4), mostMicroUsd: usd(9.51) });
      book.report('a1', [killed(polymarket)], AT);
      expect(book.spanOfAttempt('a1')).toEqual({ leastMicroUsd: usd(4), mostMicroUsd: usd(4) });
    });

    it('keeps all of its room until it is released, whatever came back (B31)', () => {
      book.report('a1', [filled(kalshi), killed(polymarket)], AT);
      expect(book.span().mostMicroUsd).toBe(usd(10.52));
      book.release('a1', [], AT);
      expect(book.span()).toEqual({ leastMicroUsd: usd(4), mostMicroUsd: usd(4) });
    });

    it('keeps an order of unknown fate at its worst, for as long as nobody knows', () => {
      const unknown = legReport(kalshi, { standing: 'unresolved' });
      book.report('a1', [unknown, killed(polymarket)], moment(3_600_000));
      expect(book.spanOfAttempt('a1')).toEqual({ leastMicroUsd: 0, mostMicroUsd: usd(4.01) });
      expect(() => book.release('a1', [], AT)).toThrow(
        'a reservation ends when every order has ended, found 0-kalshi open (a1)',
      );
    });

    it('lets a match that may fail on chain go either way', () => {
      const matched = filled(polymarket, { finalE6: sizeE6(0), provisionalE6: contracts(10) });
      book.report('a1', [killed(kalshi), matched], AT);
      expect(book.spanOf(polymarket.instrument)).toEqual({ leastE6: 0, mostE6: contracts(10) });
      expect(book.spanOfAttempt('a1')).toEqual({ leastMicroUsd: 0, mostMicroUsd: usd(5.5) });
    });

    it('does not give cash back that our own books have not booked yet', () => {
      book.report('a1', [filled(kalshi, { isAccounted: false })], AT);
      expect(book.state(GROUP, AT).available).toContainEqual({ venue: 'kalshi', microUsd: usd(500 - 4.01) });
      book.setCash('kalshi', usd(496));
      book.report('a1', [filled(kalshi)], AT);
      expect(book.state(GROUP, AT).available).toContainEqual({ venue: 'kalshi', microUsd: usd(496) });
    });

    it('takes what was sold back from what is at risk', () => {
      const unwind = legOrder({ legId: '2-kalshi', action: 'sell', role: 'unwind', limitE4: priceE4(3_500) });
      book.report('a1', [filled(kalshi), killed(polymarket), filled(unwind)], AT);
      expect(book.spanOf(kalshi.instrument)).toEqual({ leastE6: 0, mostE6: 0 });
      book.release('a1', [], AT);
      expect(book.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
    });

    it('nets the two outcomes of a Kalshi market as the venue does', () => {
      const opposite = legOrder({
        ...{ legId: '2-kalshi', role: 'unwind', limitE4: priceE4(6_500) },
        instrument: { book: 'kalshi/FED', inverted: true },
      });
      book.report('a1', [filled(kalshi), killed(polymarket), filled({ ...opposite, sizeE6: contracts(4) })], AT);
      expect(book.spanOf(kalshi.instrument)).toEqual({ leastE6: contracts(6), mostE6: contracts(6) });
      expect(book.spanOf(opposite.instrument)).toEqual({ leastE6: -contracts(6), mostE6: -contracts(6) });
      book.release('a1', [], AT);
      expect(book.span().mostMicroUsd).toBe(usd(2.4));
    });
  });

  describe('contracts without a partner', () => {
    beforeEach(() => {
      book = bookWith({ imbalanceMicroUsdMax: usd(3) });
      book.reserve(request());
    });

    it('do not hold back others while the partner is on its way as planned', () => {
      book.report('a1', [filled(kalshi), legReport(polymarket)], AT);
      expect(book.state(GROUP, AT).unhedged.mostMicroUsd).toBe(0);
      // The partner is a budget: at a better price nearly all that it buys is too much.
      expect(book.unhedged()).toEqual({ leastMicroUsd: 0, mostMicroUsd: usd(5.5) });
    });

    it('hold back every entry once the partner ended short', () => {
      book.report('a1', [filled(kalshi), killed(polymarket)], AT);
      expect(book.unhedged()).toEqual({ leastMicroUsd: usd(4), mostMicroUsd: usd(4) });
      expect(book.reserve(request({ attemptId: 'a2' }))).toMatchObject({ violations: [{ reason: 'imbalance' }] });
    });

    it('are possible on either side while one order is of unknown fate', () => {
      book.report('a1', [legReport(kalshi, { standing: 'unresolved' }), filled(polymarket)], AT);
      expect(book.state(GROUP, AT).unhedged.mostMicroUsd).toBe(usd(5.5));
    });

    it('stay, when the attempt is closed with them', () => {
      book.report('a1', [filled(kalshi), filled({ ...polymarket, sizeE6: contracts(2) })], AT);
      book.release('a1', [], AT);
      expect(book.state(GROUP, AT).unhedged.mostMicroUsd).toBe(usd(3.2));
    });
  });

  describe('what is held', () => {
    beforeEach(() => {
      book.reserve(request());
      book.release('a1', [filled(kalshi), filled(polymarket)], AT);
    });

    it('stays exposure after the attempt until it is paid out, venue by venue', () => {
      expect(book.span()).toEqual({ leastMicroUsd: usd(9.5), mostMicroUsd: usd(9.5) });
      book.settle('kalshi/FED');
      expect(book.span().mostMicroUsd).toBe(usd(5.5));
      book.settle('polymarket/1');
      expect(book.span().mostMicroUsd).toBe(0);
      expect(book.state(GROUP, AT).eventSizeE6).toBe(0);
    });

    it('comes back when its payout is taken back, however many attempts have ended since', () => {
      for (const { instrument } of [kalshi, polymarket]) book.settle(instrument.book);
      for (let at = 0; at < 600; at++) {
        const legs = boxLegs(`flat${at}`);
        book.reserve(request({ attemptId: `flat${at}`, legs }));
        book.release(`flat${at}`, legs.map(killed), AT);
      }
      const paid = book.span();
      book.unsettle(kalshi.instrument.book);
      expect([paid.mostMicroUsd, book.span()]).toEqual([0, { leastMicroUsd: usd(4), mostMicroUsd: usd(4) }]);
      expect(book.reserve(request({ attemptId: 'flat0', legs: boxLegs('flat0') })).kind).toBe('reserved');
    });

    it('is forgotten in the end, also when flat attempts were forgotten while it was paid out', () => {
      const attempts = (name: string, count: number, end: (order: LegOrder) => LegReport) => {
        for (let at = 0; at < count; at++) {
          const attemptId = `${name}${at}`;
          const legs = boxLegs(attemptId, contracts(1));
          book.reserve(request({ attemptId, legs }));
          book.release(attemptId, legs.map(end), AT);
        }
      };
      attempts('held', 600, filled);
      attempts('flat', 600, killed);
      for (const { instrument } of [kalshi, polymarket]) book.settle(instrument.book);
      for (const { instrument } of [kalshi, polymarket]) book.close(instrument.book);
      attempts('later', 1_200, killed);
      expect(book.reserve(request({ attemptId: 'later0', legs: boxLegs('later0') })).kind).toBe('reserved');
    });

    it('is reduced by whoever sells it', () => {
      const exit = legOrder({ attemptId: 'x1', action: 'sell', role: 'exit', sizeE6: contracts(4) });
      book.adopt({ attemptId: 'x1', group: GROUP, basketLegs: 1, reports: [filled(exit)], at: AT });
      expect(book.spanOf(kalshi.instrument)).toEqual({ leastE6: contracts(6), mostE6: contracts(6) });
      book.release('x1', [], AT);
      expect(book.span().mostMicroUsd).toBe(usd(2.4 + 5.5));
      expect(book.spanOf(kalshi.instrument)).toEqual({ leastE6: contracts(6), mostE6: contracts(6) });
    });

    it('costs a dollar a contract where more was sold than is held', () => {
      const exit = legOrder({ attemptId: 'x1', action: 'sell', role: 'exit', sizeE6: contracts(12) });
      book.adopt({ attemptId: 'x1', group: GROUP, basketLegs: 1, reports: [filled(exit)], at: AT });
      book.release('x1', [], AT);
      expect(book.span().mostMicroUsd).toBe(usd(2 + 5.5));
    });

    it('comes back when a fill arrives after everything seemed over', () => {
      book.reserve(request({ attemptId: 'a2' }));
      const [late, partner] = boxLegs('a2');
      book.release('a2', [killed(late), killed(partner)], AT);
      expect(book.span().mostMicroUsd).toBe(usd(9.5));
      book.report('a2', [filled(late)], AT);
      expect(book.span().mostMicroUsd).toBe(usd(13.5));
    });

    it('counts a fill of an attempt that nobody knows, and as unhedged', () => {
      book.report('a9', [filled(legOrder({ attemptId: 'a9' }))], AT);
      expect(book.span().mostMicroUsd).toBe(usd(13.5));
      expect(book.unhedged().mostMicroUsd).toBe(usd(4));
    });
  });

  describe('cash', () => {
    it('is the smaller of what we booked and what the venue says', () => {
      expect(book.reconcile('kalshi', usd(3))).toEqual({
        ...{ venue: 'kalshi', bookedMicroUsd: usd(500), reportedMicroUsd: usd(3) },
      });
      expect(book.reserve(request())).toMatchObject({ violations: [{ name: 'kalshi', limit: usd(3) }] });
      book.reconcile('kalshi', usd(5_000));
      expect(book.state(GROUP, AT).available).toContainEqual({ venue: 'kalshi', microUsd: usd(500) });
    });
  });

  describe('the day', () => {
    const NIGHT = 24 * 3_600_000;

    it('counts a trade once, on the day of its first fill', () => {
      book.reserve(request());
      expect(book.dayCounters(moment(1)).trades).toBe(0);
      book.report('a1', [filled({ ...kalshi, sizeE6: contracts(3) })], moment(2));
      expect(book.dayCounters(moment(3))).toMatchObject({ date: '2026-01-01', trades: 1, volumeE6: contracts(3) });
      book.report('a1', [filled(kalshi), filled(polymarket)], moment(NIGHT));
      expect(book.dayCounters(moment(NIGHT))).toMatchObject({ date: '2026-01-02', trades: 0, volumeE6: contracts(7) });
    });

    it('counts reserved trades against the limit before they fill', () => {
      book = bookWith({ dailyTradesMax: 1 });
      book.reserve(request());
      expect(book.reserve(request({ attemptId: 'a2' }))).toMatchObject({ violations: [{ reason: 'daily_trades' }] });
      book.release('a1', [killed(kalshi), killed(polymarket)], AT);
      expect(book.reserve(request({ attemptId: 'a2' })).kind).toBe('reserved');
    });

    it('refuses entries at a loss of exactly the limit (B50), until it is another day', () => {
      book = bookWith({ dailyLossMicroUsdMax: usd(20) });
      book.recordRealised(usd(-19.99), AT);
      expect(book.reserve(request()).kind).toBe('reserved');
      book.recordRealised(usd(-0.01), AT);
      expect(book.reserve(request({ attemptId: 'a2' }))).toMatchObject({ violations: [{ reason: 'daily_loss' }] });
      expect(book.reserve(request({ attemptId: 'a2', at: moment(NIGHT) })).kind).toBe('reserved');
    });

    it('goes on after a restart where it was (S50, B28)', () => {
      book.recordRealised(usd(-20), AT);
      const day = book.dayCounters(AT);
      const limits = { ...UNLIMITED, dailyLossMicroUsdMax: usd(20) };
      const restarted = new ExposureBook({ limits, feeBound: () => microUsd(0), navMicroUsd: usd(1_000), day });
      restarted.setCash('kalshi', usd(500));
      restarted.setCash('polymarket', usd(500));
      expect(restarted.reserve(request({ at: moment(1) }))).toMatchObject({ violations: [{ reason: 'daily_loss' }] });
    });
  });
});
