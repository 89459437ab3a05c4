/** The strike of a Kalshi market as recorders keep it. */
import { bookId } from '../../domain/instrument.ts';
import type { Strike } from './capture.ts';

const STRIKE_TYPES = ['greater', 'greater_or_equal', 'less', 'less_or_equal', 'between'] as const;

export function strikeOf(row: {
  readonly ticker: string;
  readonly strike_type: string;
  readonly floor_strike?: number | null | undefined;
  readonly cap_strike?: number | null | undefined;
}): Strike {
  const type = STRIKE_TYPES.find((known) => known === row.strike_type) ?? 'unknown';
  const [floor, cap] = [strikeValue(row.floor_strike), strikeValue(row.cap_strike)];
  return { book: bookId('kalshi', row.ticker), type, floor, cap };
}

/** Strikes have at most six decimals on either venue: what is finer or beyond all reason is no strike. */
export const STRIKE_SCALE = 1_000_000;

function strikeValue(value: number | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const scaled = Math.round(value * STRIKE_SCALE);
  return Number.isSafeInteger(scaled) && scaled / STRIKE_SCALE === value ? value : undefined;
}
