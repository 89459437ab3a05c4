import { describe, expect, it } from 'vitest';
import { systemClock, systemTurn } from '../../src/app/system-clock.ts';

describe('system clock', () => {
  it('never goes back', () => {
    const readings = Array.from({ length: 1_000 }, () => systemClock.nowMs());
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  });

  it('tells the wall in whole microseconds, within the millisecond that the host shows', () => {
    for (let reading = 0; reading < 1_000; reading++) {
      const before = Date.now();
      const wall = systemClock.wall();
      const after = Date.now();
      expect(Number.isInteger(wall)).toBe(true);
      expect(Math.floor(wall / 1_000)).toBeGreaterThanOrEqual(before);
      expect(Math.floor(wall / 1_000)).toBeLessThanOrEqual(after);
    }
  });

  it('runs a timer once, not before its time', async () => {
    const startMs = systemClock.nowMs();
    let runs = 0;
    await new Promise<void>((resolve) => {
      systemClock.setTimeout(() => {
        runs++;
        resolve();
      }, 5);
    });
    expect(systemClock.nowMs() - startMs).toBeGreaterThanOrEqual(5);
    expect(runs).toBe(1);
  });

  it('does not run what was stopped, also when it is further away than Node can count', async () => {
    let runs = 0;
    const timers = [0, 2 ** 31 + 10].map((delayMs) => systemClock.setTimeout(() => runs++, delayMs));
    for (const timer of timers) systemClock.clearTimeout(timer);
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 2));
    await systemTurn();
    expect(runs).toBe(0);
  });
});
