/** An order as the venue reports it, over HTTP or the user channel, in our words. Dirty values are read as such. */
import { parseDecimal, parseSize } from '../../domain/decimal.ts';
import { bookId } from '../../domain/instrument.ts';
import type { OrderState } from '../../domain/ports/venue.ts';
import { type Micros, micros, type SizeE6, sizeE6 } from '../../domain/units.ts';
import { SIZE_STEP } from './amounts.ts';
import { restingPrice, shown } from './order-book.ts';
import type { OrderRecord } from './rest-wire.ts';

/** Times come in seconds, in milliseconds or as a date: 2001-09-09 in milliseconds is the year 33,000 in seconds. */
const SECONDS_MAX = 1_000_000_000_000;

/** The order, or what is wrong with the record. */
export function orderStateOf(record: OrderRecord): OrderState | string {
  const limitE4 = restingPrice(record.price);
  if (limitE4 === undefined) return `order ${record.id}: price must lie inside 0..1, found ${shown(record.price)}`;
  const originalE6 = optionalSize(record.original_size);
  const filledE6 = optionalSize(record.size_matched);
  if (originalE6 === null || filledE6 === null)
    return `order ${record.id}: sizes must be decimals, found ${shown(record.original_size ?? '')}, ${shown(record.size_matched ?? '')}`;
  const matched = filledE6 ?? sizeE6(0);
  const original = isBudget(record) ? undefined : originalE6;
  const standing = standingOf(record, { original, matched });
  const restingE6 = standing === 'resting' ? remaining(original, matched) : sizeE6(0);
  return {
    venueOrderId: record.id,
    clientOrderId: undefined,
    instrument: { book: bookId('polymarket', record.asset_id), inverted: false },
    action: record.side === 'BUY' ? 'buy' : 'sell',
    limitE4,
    originalE6: original,
    filledE6: matched,
    restingE6,
    standing,
    createdAt: instantOf(record.created_at),
  };
}

/** What the venue adds to a status, as in `CANCELED_order couldn't be fully filled…`, or the word itself. */
export function reasonOf(record: OrderRecord): string | undefined {
  const status = plainStatus(record.status);
  const rest = /^CANCELED_(?!MARKET_RESOLVED)(.+)$/s.exec(status)?.[1];
  if (rest !== undefined) return rest.slice(0, 120);
  return ['LIVE', 'MATCHED', 'CANCELED', ''].includes(status) ? undefined : status.slice(0, 120);
}

/** The original size of a FOK or FAK purchase may be a budget in money (seen live in 2026), so it is not believed. */
function isBudget({ side, order_type }: OrderRecord): boolean {
  return side === 'BUY' && (order_type === 'FOK' || order_type === 'FAK');
}

function standingOf(
  record: OrderRecord,
  { original, matched }: { readonly original: SizeE6 | undefined; readonly matched: SizeE6 },
): OrderState['standing'] {
  const status = plainStatus(record.status);
  // A remainder below the smallest size cannot trade and would keep the order open for ever.
  const isWhole = original !== undefined && original - matched < SIZE_STEP && matched > 0;
  const mayRest = record.order_type !== 'FOK' && record.order_type !== 'FAK';
  if (status.startsWith('CANCELED') || status === 'INVALID' || status === 'UNMATCHED') return 'canceled';
  // A FOK or FAK said to be live has been seen to fill later, so it is not known to rest.
  if (status === 'LIVE') return isWhole ? 'filled' : mayRest ? 'resting' : 'unknown';
  if (status !== 'MATCHED') return 'unknown';
  if (isWhole || record.order_type === 'FOK') return 'filled';
  // A FAK that matched in part: the rest was killed at once (recorded 2026-01-20).
  if (record.order_type === 'FAK') return 'canceled';
  return 'unknown';
}

function plainStatus(status: string): string {
  return status.replace(/^ORDER_STATUS_/, '');
}

function remaining(original: SizeE6 | undefined, matched: SizeE6): SizeE6 {
  return sizeE6(Math.max(0, (original ?? matched) - matched));
}

/** `undefined` for an absent size, which is sent as `""`; `null` when malformed. */
function optionalSize(text: string | null | undefined): SizeE6 | undefined | null {
  if (text === undefined || text === null || text === '') return undefined;
  return parseSize(text) ?? null;
}

/** An instant given in seconds, in milliseconds or as a date; `undefined` when absent or anything else. */
export function instantOf(value: string | number | null | undefined): Micros | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = String(value);
  const count = parseDecimal(text, 0);
  if (count !== undefined) {
    if (count <= 0) return undefined;
    const scaled = count < SECONDS_MAX ? count * 1_000_000 : count * 1_000;
    return Number.isSafeInteger(scaled) ? micros(scaled) : undefined;
  }
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : micros(ms * 1_000);
}
