/**
 * What became of an order whose reply was lost: by its hash, which was known before it was sent. The venue drops
 * finished orders from its order query, so the open orders and the trades are read too before it is called absent.
 */
import type { Fill, OrderState, PreparedOrder, Reading } from '../../domain/ports/venue.ts';
import { type Micros, type SizeE6, sizeE6 } from '../../domain/units.ts';
import type { PolymarketAccount } from './account.ts';
import { SIZE_STEP } from './amounts.ts';
import { mayRest } from './order-build.ts';
import { failed, mapReading } from './rest.ts';

/** `undefined` only after three complete, successful reads none of which knows the order. */
export async function findOrderByHash(
  account: PolymarketAccount,
  { order, since }: { readonly order: PreparedOrder; readonly since: Micros },
): Promise<Reading<OrderState | undefined>> {
  const id = order.venueOrderId;
  if (id === undefined) return failed('unsupported', 'expected an order with its hash, found none');
  const { clientOrderId } = order.request;
  const named = (state: OrderState): OrderState => ({ ...state, clientOrderId });
  const direct = await account.order(id);
  if (direct.kind === 'read') return mapReading(direct, named);
  if (direct.fault !== 'notFound') return direct;
  const open = await account.openOrders();
  if (open.kind === 'failed') return open;
  const resting = open.value.find((state) => isSame(state.venueOrderId, id));
  if (resting !== undefined) return mapReading(open, () => named(resting));
  const fills = await account.fills(since);
  return mapReading(fills, (all) => stateFromFills(order, id, all));
}

/** A failed match brought no shares, so it is not counted as filled; it still proves that the order landed. */
function stateFromFills(order: PreparedOrder, id: string, all: readonly Fill[]): OrderState | undefined {
  const own = all.filter((fill) => isSame(fill.venueOrderId, id));
  if (own.length === 0) return undefined;
  const { request } = order;
  const filledE6 = sizeE6(own.reduce((sum, fill) => (fill.settlement === 'failed' ? sum : sum + fill.sizeE6), 0));
  return {
    venueOrderId: id,
    clientOrderId: request.clientOrderId,
    instrument: request.instrument,
    action: request.action,
    limitE4: request.limitE4,
    originalE6: request.sizeE6,
    filledE6,
    restingE6: sizeE6(0),
    standing: standingOf(order, filledE6),
    createdAt: undefined,
  };
}

/** Not among the open orders, so nothing rests: whatever was not filled is gone. */
function standingOf({ request }: PreparedOrder, filledE6: SizeE6): OrderState['standing'] {
  if (request.sizeE6 - filledE6 < SIZE_STEP) return 'filled';
  // The open orders were read first, so one that rests may have been missed by a moment.
  return mayRest(request.timeInForce) ? 'unknown' : 'canceled';
}

function isSame(found: string, id: string): boolean {
  return found.toLowerCase() === id.toLowerCase();
}
