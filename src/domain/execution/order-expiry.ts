/** When an order that nobody knows of can no longer arrive. */
import { type Micros, type Millis, millis } from '../units.ts';
import type { LegOrder } from './leg.ts';
import { isImmediate } from './leg-evidence.ts';

/** An order that matches at once is over once the venue has it; what is left is its way there. */
const IMMEDIATE_MS = 5_000;
/** No request is on its way for longer, whatever it crosses: an order that is not there by then never will be. */
const ARRIVAL_MS = 60_000;
const MICROS_PER_MILLI = 1_000;

/** From `now` until the venue drops it; `undefined` for one that it keeps. Zero once that has passed. */
export function expiresInMs({ expiresAt }: Pick<LegOrder, 'expiresAt'>, now: Micros): Millis | undefined {
  if (expiresAt === undefined) return undefined;
  return millis(Math.max(0, Math.ceil((expiresAt - now) / MICROS_PER_MILLI)));
}

/** Whether an order, absent everywhere, is past its own expiry or past any way on which it could still arrive. */
export function isPastExpiry(
  order: Pick<LegOrder, 'timeInForce' | 'expiresAt'>,
  { ageMs, now }: { readonly ageMs: number; readonly now: Micros },
): boolean {
  if (ageMs <= IMMEDIATE_MS) return false;
  if (isImmediate(order) || ageMs > ARRIVAL_MS) return true;
  return order.expiresAt !== undefined && now > order.expiresAt;
}
