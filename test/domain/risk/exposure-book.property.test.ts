import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LegOrder, LegReport } from '../../../src/domain/execution/leg.ts';
import type { PolymarketFees } from '../../../src/domain/fees/fee-schedule.ts';
import { polymarketBudgetFee, polymarketOrderFee } from '../../../src/domain/fees/polymarket-fee.ts';
import { ExposureBook } from '../../../src/domain/risk/exposure-book.ts';
import { microUsd, mulDiv, notional, priceE4, rateE6, type SizeE6, sizeE6, USD } from '../../../src/domain/units.ts';
import { boxLegs, filled, GROUP, killed, legOrder, legReport, moment, request, UNLIMITED } from './risk-samples.ts';

const AT = moment();
const FEE_E6 = 20_000;
/** Two cents a contract. */
const feeBound = ({ sizeE6: size }: LegOrder) => microUsd(mulDiv(size, FEE_E6, 1_000_000, 'ceil'));

const FEES: PolymarketFees = {
  venue: 'polymarket',
  ...{ rateE6: rateE6(70_000), exponent: 1, takerOnly: true, rebateRateE6: undefined, builderRateE6: rateE6(0) },
  ...{ collected: 'cash', source: 'test', readAtMs: 0, assumed: false },
};

function feeAt(price: number, size: SizeE6) {
  return polymarketOrderFee(FEES, 'taker', [{ priceE4: priceE4(price), sizeE6: size }]);
}

function budgetFeeBound({ limitE4, sizeE6: size }: LegOrder) {
  return polymarketBudgetFee(FEES, notional(limitE4, size));
}

function bookWith(totalUsd?: number, imbalanceUsd?: number): ExposureBook {
  const limits = {
    ...UNLIMITED,
    totalMicroUsdMax: totalUsd === undefined ? undefined : microUsd(totalUsd * USD),
    imbalanceMicroUsdMax: imbalanceUsd === undefined ? undefined : microUsd(imbalanceUsd * USD),
  };
  const book = new ExposureBook({ limits, feeBound, navMicroUsd: microUsd(1_000 * USD) });
  book.setCash('kalshi', microUsd(100_000 * USD));
  book.setCash('polymarket', microUsd(100_000 * USD));
  return book;
}

/** What truly becomes of an order: how much fills, at which price, and how much of that is taken back on chain. */
interface Truth {
  readonly order: LegOrder;
  readonly filledE6: SizeE6;
  readonly priceE4: number;
  readonly failedE6: number;
}

/** Tenths of the order. */
const share = fc.integer({ min: 0, max: 10 });

function truthOf(order: LegOrder): fc.Arbitrary<Truth> {
  const better = order.action === 'buy' ? [1, order.limitE4] : [order.limitE4, 9_999];
  return fc
    .record({ filled: share, price: fc.integer({ min: better[0] ?? 1, max: better[1] ?? 1 }), failed: share })
    .map(({ filled, price, failed }) => {
      const filledE6 = sizeE6((order.sizeE6 / 10) * filled);
      return { order, filledE6, priceE4: price, failedE6: (filledE6 / 10) * failed };
    });
}

/** Cash out for a part of a truth, with its share of the fee. */
function cashOf({ order, priceE4: price }: Truth, part: number): number {
  const fee = mulDiv(feeBound(order), part, order.sizeE6, 'floor');
  const size = sizeE6(part);
  const cash = notional(priceE4(price), size, order.action === 'buy' ? 'floor' : 'ceil');
  return order.action === 'buy' ? cash + fee : fee - cash;
}

/** A report that a truth is compatible with: part known as final, part as provisional, the rest open. */
function knowledgeOf(truth: Truth): fc.Arbitrary<LegReport> {
  const kept = truth.filledE6 - truth.failedE6;
  return fc.record({ final: share, matched: share, isAccounted: fc.boolean(), isOver: fc.boolean() }).map((known) => {
    const finalE6 = sizeE6(Math.floor(kept / 10) * known.final);
    const provisionalE6 = sizeE6(Math.floor((truth.filledE6 - finalE6) / 10) * known.matched);
    const rest = truth.order.sizeE6 - finalE6 - provisionalE6;
    const isAllKnown = known.isOver && finalE6 + provisionalE6 === truth.filledE6;
    return legReport(truth.order, {
      standing: isAllKnown ? 'ended' : 'unresolved',
      finalE6,
      provisionalE6,
      openE6: sizeE6(isAllKnown ? 0 : rest),
      cashMicroUsd: microUsd(cashOf(truth, finalE6 + provisionalE6)),
      isAccounted: known.isAccounted,
    });
  });
}

const unwind = legOrder({ legId: '2-kalshi', action: 'sell', role: 'unwind', limitE4: priceE4(3_000) });
const worlds = fc
  .tuple(...boxLegs().map(truthOf), truthOf(unwind))
  .chain((truths) => fc.tuple(fc.constant(truths), fc.tuple(...truths.map(knowledgeOf)), fc.boolean()));

describe('exposure book, whatever happens', () => {
  it('contains every completion of the legs in its intervals of cash and of contracts', () => {
    fc.assert(
      fc.property(worlds, ([truths, reports, hasUnwind]) => {
        const count = hasUnwind ? 3 : 2;
        const book = bookWith();
        book.reserve(request({ attemptId: 'a1' }));
        book.report('a1', reports.slice(0, count), AT);
        const happened = truths.slice(0, count);
        const truth = happened.reduce((sum, one) => sum + cashOf(one, one.filledE6 - one.failedE6), 0);
        const { leastMicroUsd, mostMicroUsd } = book.spanOfAttempt('a1');
        // Rounding of a leg's parts: a micro-dollar each.
        expect(Math.max(0, truth)).toBeGreaterThanOrEqual(leastMicroUsd - 6);
        expect(Math.max(0, truth)).toBeLessThanOrEqual(mostMicroUsd + 6);
        for (const { instrument } of boxLegs()) {
          const held = happened
            .filter(({ order }) => order.instrument.book === instrument.book)
            .reduce(
              (sum, { order, filledE6, failedE6 }) => sum + (order.action === 'buy' ? 1 : -1) * (filledE6 - failedE6),
              0,
            );
          const { leastE6, mostE6 } = book.spanOf(instrument);
          expect(held).toBeGreaterThanOrEqual(leastE6);
          expect(held).toBeLessThanOrEqual(mostE6);
        }
      }),
      { seed: 4_711, numRuns: 1_000 },
    );
  });

  it('contains what a budget buys and costs, whatever price it meets, with its partner filled or not', () => {
    const price = fc.integer({ min: 1, max: 9_999 });
    const met = fc
      .tuple(price, price)
      .map(([one, other]) => ({ limit: Math.max(one, other), met: Math.min(one, other) }));
    fc.assert(
      fc.property(met, fc.boolean(), fc.boolean(), ({ limit, met: priceMet }, isReported, isHedged) => {
        const [lead, plain] = boxLegs();
        const budget = { ...plain, limitE4: priceE4(limit) };
        const bounds = { feeBound: (order: LegOrder) => feeAt(order.limitE4, order.sizeE6), budgetFeeBound };
        const book = new ExposureBook({ limits: UNLIMITED, ...bounds, navMicroUsd: microUsd(USD) });
        for (const venue of ['kalshi', 'polymarket'] as const) book.setCash(venue, microUsd(100_000 * USD));
        book.reserve(request({ attemptId: 'a1', legs: [lead, budget] }));
        const leads = isHedged ? filled(lead) : killed(lead);
        book.report('a1', isReported ? [leads, legReport(budget)] : [leads], AT);
        const boughtE6 = sizeE6(mulDiv(budget.sizeE6, limit, priceMet, 'floor'));
        const paid = mulDiv(boughtE6, priceMet, 10_000, 'floor') + feeAt(priceMet, boughtE6);
        const led = isHedged ? 4_000_000 : 0;
        expect(book.spanOf(budget.instrument).mostE6).toBeGreaterThanOrEqual(boughtE6);
        expect(book.spanOfAttempt('a1').mostMicroUsd).toBeGreaterThanOrEqual(led + paid);
        const lonely = Math.max(0, boughtE6 - (isHedged ? lead.sizeE6 : 0));
        expect(book.unhedged().mostMicroUsd).toBeGreaterThanOrEqual(mulDiv(paid, lonely, boughtE6, 'floor'));
      }),
      { seed: 4_716, numRuns: 1_000 },
    );
  });

  it('contains the cost of contracts without a partner in its interval', () => {
    fc.assert(
      fc.property(worlds, ([truths, reports]) => {
        const book = bookWith();
        book.reserve(request({ attemptId: 'a1' }));
        book.report('a1', reports.slice(0, 2), AT);
        const sides = truths.slice(0, 2).map((truth) => {
          const size = truth.filledE6 - truth.failedE6;
          return { size, unit: size === 0 ? 0 : cashOf(truth, size) / size };
        });
        const shorter = Math.min(...sides.map(({ size }) => size));
        const lonely = sides.reduce((sum, { size, unit }) => sum + (size - shorter) * unit, 0);
        const { leastMicroUsd, mostMicroUsd } = book.unhedged();
        expect(lonely).toBeLessThanOrEqual(mostMicroUsd + 12);
        expect(lonely).toBeGreaterThanOrEqual(leastMicroUsd - 12);
      }),
      { seed: 4_712, numRuns: 1_000 },
    );
  });

  /** Attempts of different sizes, each with the fate of its two legs, in any order of steps. */
  const histories = fc.array(
    fc.record({
      attempt: fc.integer({ min: 0, max: 5 }),
      step: fc.constantFrom<'reserve' | 'report' | 'release' | 'settle' | 'lower'>(
        ...(['reserve', 'report', 'release', 'settle', 'lower'] as const),
      ),
      size: fc.integer({ min: 1, max: 40 }),
      filled: fc.tuple(share, share),
    }),
    { minLength: 5, maxLength: 60 },
  );

  it('never exceeds the limit that stood when the last entry was let in, through any sequence of steps', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const play = new Play();
        for (const step of steps) {
          play[step.step](step);
          const { leastMicroUsd, mostMicroUsd } = play.book.span();
          expect(mostMicroUsd).toBeLessThanOrEqual(play.allowed);
          expect(leastMicroUsd).toBeLessThanOrEqual(mostMicroUsd);
        }
      }),
      { seed: 4_713, numRuns: 500 },
    );
  });

  it('is back at nothing when everything was released and paid out', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(share, share), { maxLength: 20 }), (fates) => {
        const book = bookWith();
        for (const [at, fate] of fates.entries()) {
          const legs = boxLegs(`a${at}`);
          book.reserve(request({ attemptId: `a${at}`, legs }));
          book.release(
            `a${at}`,
            legs.map((order, leg) => endedAt(order, fate[leg] ?? 0)),
            AT,
          );
        }
        book.settle('kalshi/FED');
        book.settle('polymarket/1');
        expect(book.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
        expect(book.unhedged()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
        expect(book.state(GROUP, AT)).toMatchObject({ openOrders: 0, eventSizeE6: 0 });
        for (const { instrument } of boxLegs()) expect(book.spanOf(instrument)).toEqual({ leastE6: 0, mostE6: 0 });
      }),
      { seed: 4_714, numRuns: 200 },
    );
  });

  it('approves nothing under a lower limit that it refused under a higher one (I23)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 100 }),
        (held, size, higher, cut) => {
          const decide = (limit: number) => {
            const book = bookWith();
            for (const [at, one] of held.entries()) {
              book.reserve(request({ attemptId: `h${at}`, legs: boxLegs(`h${at}`, sizeE6(one * 1_000_000)) }));
            }
            book.setLimits({
              ...UNLIMITED,
              totalMicroUsdMax: microUsd(limit * USD),
              eventMicroUsdMax: microUsd(limit * USD),
            });
            return book.reserve(request({ legs: boxLegs('a1', sizeE6(size * 1_000_000)) })).kind;
          };
          if (decide(higher) === 'refused') expect(decide(Math.max(0, higher - cut))).toBe('refused');
        },
      ),
      { seed: 4_715, numRuns: 500 },
    );
  });
});

interface Step {
  readonly attempt: number;
  readonly size: number;
  readonly filled: readonly [number, number];
}

class Play {
  readonly book = bookWith(60);
  allowed = 60 * USD;
  readonly #open = new Map<number, readonly [LegOrder, LegOrder]>();
  #made = 0;

  reserve({ attempt, size }: Step): void {
    if (this.#open.has(attempt)) return;
    const attemptId = `a${attempt}/${this.#made++}`;
    const legs = boxLegs(attemptId, sizeE6(size * 1_000_000));
    const before = this.book.span().mostMicroUsd;
    const { kind } = this.book.reserve(request({ attemptId, legs }));
    if (kind === 'reserved') this.#open.set(attempt, legs);
    else expect(this.book.span().mostMicroUsd).toBe(before);
  }

  report({ attempt, filled }: Step): void {
    const legs = this.#open.get(attempt);
    if (legs !== undefined) this.book.report(legs[0].attemptId, [endedAt(legs[0], filled[0])], AT);
  }

  release({ attempt, filled }: Step): void {
    const legs = this.#open.get(attempt);
    if (legs === undefined) return;
    this.book.release(legs[0].attemptId, [endedAt(legs[0], filled[0]), endedAt(legs[1], filled[1])], AT);
    this.#open.delete(attempt);
  }

  settle({ filled }: Step): void {
    this.book.settle(filled[0] > 5 ? 'kalshi/FED' : 'polymarket/1');
  }

  /** Below what is open a limit only keeps others out: I1 speaks of the limits that an entry was let in under. */
  lower({ size }: Step): void {
    const limit = Math.min(this.allowed, (60 - size) * USD);
    if (this.book.span().mostMicroUsd > limit) return;
    this.allowed = limit;
    this.book.setLimits({ ...this.book.limits, totalMicroUsdMax: microUsd(limit) });
  }
}

function endedAt(order: LegOrder, tenths: number): LegReport {
  const finalE6 = sizeE6((order.sizeE6 / 10) * tenths);
  const fee = mulDiv(feeBound(order), finalE6, order.sizeE6, 'floor');
  const cashMicroUsd = microUsd(notional(order.limitE4, finalE6) + fee);
  return legReport(order, { standing: 'ended', end: 'filled', finalE6, openE6: sizeE6(0), cashMicroUsd });
}
