import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  indelDistance,
  indelRatio,
  levenshteinDistance,
  levenshteinSimilarity,
  normaliseText,
  tokenSetRatio,
  tokenSortRatio,
} from '../../src/domain/text-similarity.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 });
const anything = fc.string({ unit: 'grapheme', maxLength: 30 });

describe('normalised text', () => {
  it('keeps dots only between digits', () => {
    expect(normaliseText('U.S. CPI above 3.0%.')).toBe('us cpi above 3.0%');
    expect(normaliseText('1..2 and .5')).toBe('12 and 5');
  });

  it('drops accents and unifies compatibility characters', () => {
    expect(normaliseText('Atlético  Madrid — ½ time')).toBe('atletico madrid 1 2 time');
  });

  it('does not change when normalised again', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(normaliseText(normaliseText(text))).toBe(normaliseText(text));
      }),
    );
  });
});

describe('Levenshtein distance', () => {
  it('is 0 between equal texts only', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(levenshteinDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it('is symmetric', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(levenshteinDistance(a, b)).toBe(levenshteinDistance(b, a));
      }),
    );
  });

  it('is never shorter by a detour', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(levenshteinDistance(a, c)).toBeLessThanOrEqual(levenshteinDistance(a, b) + levenshteinDistance(b, c));
      }),
    );
  });

  it('is at most the indel distance, which is at most twice as far', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(levenshteinDistance(a, b)).toBeLessThanOrEqual(indelDistance(a, b));
        expect(indelDistance(a, b)).toBeLessThanOrEqual(2 * levenshteinDistance(a, b));
      }),
    );
  });

  it('counts a character outside the basic plane as one', () => {
    expect(levenshteinDistance('🏈', '⚾')).toBe(1);
  });

  it('finds two empty texts alike', () => {
    expect(levenshteinSimilarity('', '')).toBe(1);
    expect(indelRatio('', '')).toBe(100);
  });
});

describe('token ratios', () => {
  it('ignore the order of words', () => {
    expect(tokenSortRatio('celtics boston', 'boston celtics')).toBe(100);
  });

  it('give 100 when one set of words contains the other, and 0 when one is empty', () => {
    expect(tokenSetRatio('new york', 'new york jets')).toBe(100);
    expect(tokenSetRatio('', '')).toBe(0);
  });

  it('lie within 0..100 and do not depend on which text comes first', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        for (const ratio of [tokenSortRatio, tokenSetRatio, indelRatio]) {
          expect(ratio(a, b)).toBeGreaterThanOrEqual(0);
          expect(ratio(a, b)).toBeLessThanOrEqual(100);
          expect(ratio(a, b)).toBeCloseTo(ratio(b, a), 10);
        }
      }),
    );
  });

  it('rank the teams of one city above two names of one team, which is why they only propose', () => {
    const rivals = indelRatio('new york jets', 'new york giants');
    const same = indelRatio('la lakers', 'los angeles lakers');
    expect([rivals.toFixed(1), same.toFixed(1)]).toEqual(['78.6', '66.7']);
  });
});
