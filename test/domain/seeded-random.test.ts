import { describe, expect, it } from 'vitest';
import { randomIds, seededIds, seededRandom } from '../../src/domain/seeded-random.ts';

describe('seeded random', () => {
  it('gives the same numbers for the same seed, in every version of this program', () => {
    const random = seededRandom('tandem');
    const drawn = Array.from({ length: 4 }, () => random.below(2 ** 32));
    expect(drawn).toMatchInlineSnapshot(`
      [
        4267358297,
        134108510,
        187272023,
        2103703909,
      ]
    `);
    expect(seededRandom('tandem').below(2 ** 32)).toBe(drawn[0]);
  });

  it('gives other numbers for a seed that differs in one character', () => {
    const first = ['a', 'b', 'aa', 'A', '', ' '].map((seed) => seededRandom(seed).next());
    expect(new Set(first).size).toBe(first.length);
  });

  it('draws at least 0 and below 1, with bits below the thirty-second', () => {
    const random = seededRandom('unit');
    const drawn = Array.from({ length: 10_000 }, () => random.next());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(drawn.some((value) => !Number.isInteger(value * 2 ** 32))).toBe(true);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });

  it('draws whole numbers evenly, also for a bound that divides 2^32 badly', () => {
    const random = seededRandom('below');
    const bound = 3 * 2 ** 30;
    let isInUpperThird = 0;
    for (let draw = 0; draw < 30_000; draw++) if (random.below(bound) >= 2 ** 31) isInUpperThird++;
    // Without drawing again, the lower third would come up half of the time.
    expect(isInUpperThird / 30_000).toBeCloseTo(1 / 3, 1);
    const dice = new Set(Array.from({ length: 200 }, () => random.below(6)));
    expect([...dice].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(random.below(1)).toBe(0);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])('refuses the bound %d', (bound) => {
    expect(() => seededRandom('x').below(bound)).toThrow('a bound must be a whole number within 1..2^32');
  });

  it('fills as many bytes as asked for', () => {
    const random = seededRandom('bytes');
    expect([0, 1, 4, 7].map((count) => random.bytes(count).length)).toEqual([0, 1, 4, 7]);
    const counts = new Set(random.bytes(5_000));
    expect(counts.size).toBe(256);
  });
});

describe('ids', () => {
  it('are UUIDs of version 4, each once', () => {
    const ids = seededIds('ids');
    const drawn = Array.from({ length: 1_000 }, () => ids.uuid());
    expect(drawn.every((id) => /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id))).toBe(true);
    expect(new Set(drawn).size).toBe(1_000);
  });

  it('are those of their seed', () => {
    expect(seededIds('one').uuid()).toBe(randomIds(seededRandom('one')).uuid());
    expect(seededIds('one').uuid()).not.toBe(seededIds('two').uuid());
  });
});
