import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { micros, millis } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';

describe('virtual clock', () => {
  it('stands still until it is told to move', () => {
    const clock = new VirtualClock({ startMs: millis(5), wall: micros(1_000_000) });
    let runs = 0;
    clock.setTimeout(() => runs++, 0);
    expect([clock.nowMs(), clock.wall(), runs, clock.pending, clock.nextAtMs]).toEqual([5, 1_000_000, 0, 1, 5]);
  });

  it('runs timers by time, then by start, and shows each its own time', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    for (const [name, delayMs] of [
      ['c', 30],
      ['a', 10],
      ['d', 30],
      ['b', 10.5],
    ] as const)
      clock.setTimeout(() => seen.push(`${name}@${clock.nowMs()}`), delayMs);
    clock.advanceTo(30);
    expect(seen).toEqual(['a@10', 'b@10.5', 'c@30', 'd@30']);
  });

  it('runs what a timer starts within the same advance, and stands at the target afterwards', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.nowMs());
      clock.setTimeout(again, 40);
    };
    clock.setTimeout(again, 0);
    clock.advanceBy(100);
    expect([seen, clock.nowMs(), clock.pending]).toEqual([[0, 40, 80], 100, 1]);
  });

  it('does not run what was stopped, also by a timer of the same instant', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const second = { timer: {} };
    clock.setTimeout(() => clock.clearTimeout(second.timer), 10);
    second.timer = clock.setTimeout(() => seen.push('second'), 10);
    const third = clock.setTimeout(() => seen.push('third'), 5);
    clock.clearTimeout(third);
    clock.clearTimeout(third);
    clock.runUntilIdle();
    expect([seen, clock.nowMs(), clock.pending]).toEqual([[], 10, 0]);
  });

  it('never goes back', () => {
    const clock = new VirtualClock();
    clock.advanceTo(100);
    clock.advanceTo(50);
    clock.setTimeout(() => undefined, -20);
    clock.advanceBy(0);
    expect([clock.nowMs(), clock.pending]).toEqual([100, 0]);
  });

  it('keeps its place when a timer throws', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.setTimeout(() => {
      throw new Error('broken');
    }, 10);
    clock.setTimeout(() => seen.push('next'), 20);
    expect(() => clock.advanceTo(30)).toThrow('broken');
    expect([clock.nowMs(), clock.pending]).toEqual([10, 1]);
    clock.advanceTo(30);
    expect(seen).toEqual(['next']);
  });

  it('steps the wall without touching timers', () => {
    const clock = new VirtualClock({ wall: micros(10_000_000) });
    let ranAt = -1;
    clock.setTimeout(() => {
      ranAt = clock.nowMs();
    }, 10);
    clock.stepWall(-4_000_000);
    clock.advanceTo(10);
    expect([ranAt, clock.wall()]).toEqual([10, 6_010_000]);
  });

  it('lets microtasks run out before it moves time', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
    const walk = async (): Promise<void> => {
      for (let step = 0; step < 3; step++) {
        await wait(10);
        for (let hop = 0; hop < 20; hop++) await undefined;
        seen.push(`${step}@${clock.nowMs()}`);
      }
    };
    void walk();
    await clock.settleTo(100);
    expect([seen, clock.nowMs()]).toEqual([['0@10', '1@20', '2@30'], 100]);
  });

  it('settles until nothing is left, however the waits are chained', async () => {
    const clock = new VirtualClock({ drain: () => new Promise((resolve) => setImmediate(resolve)) });
    const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
    let isDone = false;
    void Promise.all([wait(5), wait(7).then(() => wait(100))]).then(() => {
      isDone = true;
    });
    await clock.settleUntilIdle();
    expect([isDone, clock.nowMs()]).toEqual([true, 107]);
  });

  it('runs the timers that were not stopped in the order a sorted list gives', () => {
    const plan = fc.array(fc.record({ delayMs: fc.nat(50), isStopped: fc.boolean() }), { maxLength: 400 });
    fc.assert(
      fc.property(plan, (timers) => {
        const clock = new VirtualClock();
        const seen: number[] = [];
        const started = timers.map(({ delayMs }, index) => clock.setTimeout(() => seen.push(index), delayMs));
        for (const [index, { isStopped }] of timers.entries()) if (isStopped) clock.clearTimeout(started[index] ?? {});
        const expected = timers
          .map((timer, index) => ({ ...timer, index }))
          .filter(({ isStopped }) => !isStopped)
          .sort((a, b) => a.delayMs - b.delayMs || a.index - b.index)
          .map(({ index }) => index);
        expect(clock.pending).toBe(expected.length);
        clock.runUntilIdle();
        expect(seen).toEqual(expected);
      }),
    );
  });
});
