/** Stretches of the week in which a venue announces that it stands still or comes back (docs/rules.md §16). */
import { invariant } from '../invariant.ts';
import type { Micros } from '../units.ts';

export interface WeeklyWindow {
  /** As an operator reads it: `weekly pause`. */
  readonly name: string;
  readonly weekday: Weekday;
  /** `03:00`, on the clocks of the zone, whatever the season. */
  readonly from: string;
  readonly minutes: number;
  /** No new risk from so long before it begins, and until so long after it has ended. */
  readonly leadMinutes: number;
  readonly trailMinutes: number;
  /** `America/New_York`. */
  readonly zone: string;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
type Weekday = (typeof WEEKDAYS)[number];

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** The first window that the instant lies in, lead and trail included. */
export function windowAt(windows: readonly WeeklyWindow[], at: Micros): WeeklyWindow | undefined {
  return windows.find((window) => {
    const start = minuteOf(window.weekday, window.from) - window.leadMinutes;
    const length = window.leadMinutes + window.minutes + window.trailMinutes;
    const since = (localMinute(at, window.zone) - start + 2 * WEEK_MINUTES) % WEEK_MINUTES;
    return since < length;
  });
}

/** Minutes since the local Sunday began. */
function localMinute(at: Micros, zone: string): number {
  const parts = formatOf(zone).formatToParts(Math.floor(at / 1_000));
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  return minuteOf(part('weekday'), `${part('hour')}:${part('minute')}`);
}

function minuteOf(weekday: string, time: string): number {
  const day = (WEEKDAYS as readonly string[]).indexOf(weekday);
  const [hour, minute] = time.split(':').map(Number);
  const isTime = hour !== undefined && minute !== undefined && hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
  invariant(day >= 0 && isTime, () => `a window must begin like "Thu 03:00", found "${weekday} ${time}"`);
  return day * DAY_MINUTES + Number(hour) * 60 + Number(minute);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, made);
  return made;
}
