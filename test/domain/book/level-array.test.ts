import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelArray } from '../../../src/domain/book/level-array.ts';

/** The obvious implementation: a map, sorted whenever it is asked. */
function naive(changes: readonly { slot: number; size: number }[], worse: 'lower' | 'higher'): number[] {
  const sizes = new Map<number, number>();
  for (const { slot, size } of changes) {
    if (size > 0) sizes.set(slot, size);
    else sizes.delete(slot);
  }
  return [...sizes.keys()].sort((a, b) => (worse === 'lower' ? b - a : a - b));
}

function walked(levels: LevelArray): number[] {
  const slots: number[] = [];
  for (let slot = levels.best; slot >= 0; slot = levels.after(slot)) slots.push(slot);
  return slots;
}

describe('level array', () => {
  it('walks exactly the taken slots, best first, after any changes on any grid', () => {
    const grid = fc.constantFrom(101, 1_001, 10_001);
    const changes = grid.chain((slots) =>
      fc.record({
        slots: fc.constant(slots),
        changes: fc.array(
          fc.record({ slot: fc.integer({ min: 0, max: slots - 1 }), size: fc.integer({ min: 0, max: 3 }) }),
          {
            maxLength: 200,
          },
        ),
        worse: fc.constantFrom('lower' as const, 'higher' as const),
      }),
    );
    fc.assert(
      fc.property(changes, ({ slots, changes: list, worse }) => {
        const levels = new LevelArray(slots, worse);
        for (const { slot, size } of list) levels.set(slot, size);
        expect(walked(levels)).toEqual(naive(list, worse));
      }),
    );
  });

  it('finds the first and the last slot of the finest grid', () => {
    const bids = new LevelArray(10_001, 'lower');
    bids.set(0, 1);
    bids.set(10_000, 1);
    expect(walked(bids)).toEqual([10_000, 0]);
    bids.set(10_000, 0);
    expect(bids.best).toBe(0);
  });

  it('is empty after it was cleared', () => {
    const asks = new LevelArray(101, 'higher');
    asks.set(7, 5);
    asks.clear();
    expect([asks.best, asks.sizeAt(7), walked(asks)]).toEqual([-1, 0, []]);
  });
});
