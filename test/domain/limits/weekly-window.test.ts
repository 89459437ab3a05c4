import { describe, expect, it } from 'vitest';
import { type WeeklyWindow, windowAt } from '../../../src/domain/limits/weekly-window.ts';
import { micros } from '../../../src/domain/units.ts';

const PAUSE: WeeklyWindow = {
  name: 'weekly pause',
  weekday: 'Thu',
  from: '03:00',
  minutes: 120,
  leadMinutes: 5,
  trailMinutes: 0,
  zone: 'America/New_York',
};

function at(utc: string) {
  return micros(Date.parse(`${utc}Z`) * 1_000);
}

describe('weekly window', () => {
  it.each([
    ['2026-01-08T07:54:59', undefined],
    ['2026-01-08T07:55:00', 'weekly pause'],
    ['2026-01-08T09:59:59', 'weekly pause'],
    ['2026-01-08T10:00:00', undefined],
  ])('holds from its lead to its end in winter (%s)', (utc, name) => {
    expect(windowAt([PAUSE], at(utc))?.name).toBe(name);
  });

  it('follows the clocks of its zone in summer', () => {
    expect(windowAt([PAUSE], at('2026-07-09T06:55:00'))?.name).toBe('weekly pause');
    expect(windowAt([PAUSE], at('2026-07-09T09:00:00'))).toBeUndefined();
  });

  it('reaches over the end of the week', () => {
    const late: WeeklyWindow = { ...PAUSE, weekday: 'Sat', from: '23:55', minutes: 10, zone: 'UTC' };
    expect(windowAt([late], at('2026-01-11T00:04:00'))?.name).toBe('weekly pause');
    const early: WeeklyWindow = { ...PAUSE, weekday: 'Sun', from: '00:02', minutes: 1, zone: 'UTC' };
    expect(windowAt([early], at('2026-01-10T23:58:00'))?.name).toBe('weekly pause');
  });

  it('refuses a time that is none', () => {
    expect(() => windowAt([{ ...PAUSE, from: '25:00' }], at('2026-01-08T08:00:00'))).toThrow('Thu 25:00');
  });
});
