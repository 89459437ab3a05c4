/** The trading day: which date a fill belongs to, what a new day resets, and when the day's loss ends trading. */
import { type Micros, type MicroUsd, microUsd, type SizeE6, sizeE6 } from '../units.ts';

/** A UTC calendar date, `2026-11-20`. Dates of one form compare as text. */
export type TradingDate = string;

/** The UTC date of an instant. Local time and daylight saving play no part (docs/rules.md §16). */
export function tradingDate(at: Micros): TradingDate {
  return new Date(Math.floor(at / 1_000)).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

export interface DayCounters {
  readonly date: TradingDate;
  /** Realised today, fees included; negative is a loss. */
  readonly pnlMicroUsd: MicroUsd;
  readonly trades: number;
  /** Contracts filled today. */
  readonly volumeE6: SizeE6;
}

/**
 * The counters as they stand on `today`: fresh on a later date, unchanged on the same one.
 *
 * An earlier date is a clock that went back, and gives nobody a second allowance. The breaker is not
 * among the counters: midnight never closes it.
 */
export function rollOver<Counters extends DayCounters>(counters: Counters, today: TradingDate): Counters {
  if (today <= counters.date) return counters;
  return { ...counters, date: today, pnlMicroUsd: microUsd(0), trades: 0, volumeE6: sizeE6(0) };
}

/** Trips at a loss of the limit or more. Design C's code says `>`; the stricter reading is ours (docs/rules.md §18). */
export function tripsDailyLoss(day: { readonly pnlMicroUsd: MicroUsd; readonly limitMicroUsd: MicroUsd }): boolean {
  return -day.pnlMicroUsd >= day.limitMicroUsd;
}
