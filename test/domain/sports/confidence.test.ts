import { describe, expect, it } from 'vitest';
import { type ConfidenceEvidence, confidence } from '../../../src/domain/sports/confidence.ts';
import { contracts, microUsd, millis, priceE4 } from '../../../src/domain/units.ts';

const DAY = 86_400_000;

/** Nothing that speaks for or against: the score is the base. */
function plain(set: Partial<ConfidenceEvidence> = {}): ConfidenceEvidence {
  return {
    books: 3,
    bookSpread: microUsd(20_000),
    volumeE6: contracts(5_000),
    untilEventMs: millis(DAY),
    priceE4: priceE4(5_000),
    ...set,
  };
}

describe('confidence', () => {
  it.each([
    ['every bound just missed', plain(), 20],
    ['four books', plain({ books: 4 }), 40],
    ['a spread below 2 cents', plain({ bookSpread: microUsd(19_999) }), 35],
    ['more than 5,000 contracts', plain({ volumeE6: contracts(5_001) }), 30],
    ['less than a day', plain({ untilEventMs: millis(DAY - 1) }), 30],
    ['a price of 10 cents', plain({ priceE4: priceE4(1_000) }), 20],
    ['a price below 10 cents', plain({ priceE4: priceE4(999) }), 10],
    ['a price above 90 cents', plain({ priceE4: priceE4(9_001) }), 10],
    ['two books', plain({ books: 2 }), 5],
  ])('with %s', (_what, evidence, score) => {
    expect(confidence(evidence).score).toBe(score);
  });

  it('is clamped to 0..100', () => {
    expect(confidence(plain({ books: 1, priceE4: priceE4(500) })).score).toBe(0);
    expect(confidence(plain({ books: 9 }), 95).score).toBe(100);
  });

  it('has its tiers at 70, 50 and 30', () => {
    const tiers = [70, 69, 50, 49, 30, 29].map((base) => confidence(plain(), base).tier);
    expect(tiers).toEqual(['HIGH', 'MEDIUM', 'MEDIUM', 'LOW', 'LOW', 'SKIP']);
  });
});
