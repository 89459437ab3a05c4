import { describe, expect, it } from 'vitest';
import { systemIds, systemRandom } from '../../src/app/system-random.ts';

describe('system random', () => {
  it('draws at least 0 and below 1, with 53 bits', () => {
    const drawn = Array.from({ length: 2_000 }, () => systemRandom.next());
    expect(drawn.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 53))).toBe(true);
    expect(drawn.some((value) => !Number.isInteger(value * 2 ** 40))).toBe(true);
  });

  it('draws whole numbers below a bound, up to 2^32', () => {
    expect(new Set(Array.from({ length: 200 }, () => systemRandom.below(3)))).toEqual(new Set([0, 1, 2]));
    expect(systemRandom.below(2 ** 32)).toBeLessThan(2 ** 32);
    expect(systemRandom.bytes(7)).toHaveLength(7);
  });

  it('makes UUIDs of version 4, each once', () => {
    const drawn = Array.from({ length: 100 }, () => systemIds.uuid());
    expect(new Set(drawn).size).toBe(100);
    expect(drawn[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });
});
