/** Asks a venue what became of an order: its record and its fills, both read whole, or no answer at all. */
import type { Fill, OrderState, Venue } from '../domain/ports/venue.ts';
import { type Micros, micros } from '../domain/units.ts';
import type { KnownOrder } from './order-registry.ts';

export type Look =
  | { readonly kind: 'found'; readonly order: OrderState; readonly fills: readonly Fill[] }
  /** Both reads were complete, and neither knows it. */
  | { readonly kind: 'absent'; readonly fills: readonly Fill[] }
  | { readonly kind: 'failed'; readonly detail: string };

/** The venue's clock may be half a minute off, and what it wrote a moment too early must not be missed. */
const SINCE_MARGIN_MICROS = 120_000_000;

/** Never rejects. Fills are read after the record, so that they are never older than what it counts. */
export async function lookFor(venue: Venue, known: KnownOrder): Promise<Look> {
  try {
    return await looked(venue, known);
  } catch (error) {
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

async function looked(venue: Venue, known: KnownOrder): Promise<Look> {
  const since = sinceOf(known.intentAt);
  const order = await venue.findOrder(known.prepared, since);
  if (order.kind === 'failed') return { kind: 'failed', detail: `${order.fault}: ${order.detail}` };
  const fills = await venue.fills(since, known.order.instrument);
  if (fills.kind === 'failed') {
    // Without its fills an absent order may have filled; a record that was found is evidence by itself.
    if (order.value === undefined) return { kind: 'failed', detail: `${fills.fault}: ${fills.detail}` };
    return { kind: 'found', order: order.value, fills: [] };
  }
  if (order.value === undefined) return { kind: 'absent', fills: fills.value };
  return { kind: 'found', order: order.value, fills: fills.value };
}

function sinceOf(intentAt: Micros): Micros {
  return micros(Math.max(0, intentAt - SINCE_MARGIN_MICROS));
}
