import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookQuote, consensus, QUOTE_AGE_MS_MAX } from '../../../src/domain/sports/consensus.ts';
import { millis } from '../../../src/domain/units.ts';

const rule = { method: undefined, ageMsMax: QUOTE_AGE_MS_MAX.preGame, halfLifeMs: millis(60_000) };

function quote(set: Partial<BookQuote> = {}): BookQuote {
  return { bookmaker: 'draftkings', odds: [1.8, 2.05], ageMs: millis(5_000), weight: 1, ...set };
}

function poolOf(...quotes: BookQuote[]): number {
  const view = consensus(quotes, rule);
  if (view.kind !== 'consensus') throw new Error(`expected a consensus, found ${view.reason}`);
  return view.logOddsPool;
}

describe('consensus', () => {
  it('keeps a quote of exactly the limit and drops an older one', () => {
    const view = consensus(
      [quote({ ageMs: millis(120_000) }), quote({ bookmaker: 'fanduel', ageMs: millis(120_001) })],
      rule,
    );
    expect(view).toMatchObject({
      used: [{ bookmaker: 'draftkings' }],
      dropped: [{ bookmaker: 'fanduel', reason: 'stale' }],
    });
  });

  it('refuses when no fresh book is left', () => {
    const old = quote({ ageMs: millis(11_000) });
    expect(consensus([old], { ...rule, ageMsMax: QUOTE_AGE_MS_MAX.inPlay })).toMatchObject({
      kind: 'refused',
      reason: 'NO_FRESH_BOOKS',
    });
    expect(consensus([], rule).kind).toBe('refused');
  });

  it('drops a book whose odds cannot be odds', () => {
    const view = consensus([quote(), quote({ bookmaker: 'broken', odds: [1.8, 1] })], rule);
    expect(view.dropped).toEqual([{ bookmaker: 'broken', reason: 'malformed' }]);
  });

  it('is what a single book says', () => {
    expect(poolOf(quote({ odds: [2, 2] }))).toBeCloseTo(0.5, 15);
  });

  it('counts a book of half the age limit less the older it is', () => {
    const high = quote({ odds: [1.5, 2.8] });
    const low = quote({ bookmaker: 'low', odds: [2.8, 1.5] });
    expect(poolOf(high, { ...low, ageMs: millis(65_000) })).toBeGreaterThan(poolOf(high, low));
  });

  it('does not count a quote from the future more than a fresh one', () => {
    const low = quote({ bookmaker: 'low', odds: [2.8, 1.5] });
    expect(poolOf(quote({ ageMs: millis(-60_000) }), low)).toBe(poolOf(quote({ ageMs: millis(0) }), low));
  });

  it('lies between the lowest and the highest book', () => {
    const anyQuote = fc
      .record({ first: fc.double({ min: 1.05, max: 20, noNaN: true }), ageMs: fc.integer({ min: 0, max: 120_000 }) })
      .map(({ first, ageMs }) => quote({ odds: [first, 1.04 / (1.04 - 1 / first)], ageMs: millis(ageMs) }))
      .filter(({ odds }) => odds.every((one) => one > 1.01));
    fc.assert(
      fc.property(fc.array(anyQuote, { minLength: 1, maxLength: 6 }), (quotes) => {
        const view = consensus(quotes, rule);
        if (view.kind !== 'consensus') throw new Error('expected a consensus');
        const probabilities = view.used.map((book) => book.probability);
        for (const answer of [view.logOddsPool, view.weightedMean, view.equalMean, view.median]) {
          expect(answer).toBeGreaterThanOrEqual(Math.min(...probabilities) - 1e-12);
          expect(answer).toBeLessThanOrEqual(Math.max(...probabilities) + 1e-12);
        }
      }),
    );
  });

  it('gives complementary answers for the two outcomes of a market', () => {
    const quotes = [quote(), quote({ bookmaker: 'fanduel', odds: [1.77, 2.1], ageMs: millis(30_000) })];
    const second = consensus(quotes, rule, 1);
    if (second.kind !== 'consensus') throw new Error('expected a consensus');
    expect(poolOf(...quotes) + second.logOddsPool).toBeCloseTo(1, 12);
  });
});
