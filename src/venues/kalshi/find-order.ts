/**
 * Finds an order whose reply was lost. Kalshi has no look-up by client id, so the orders of its ticker are
 * listed since the intent and matched; fills, which the venue writes sooner, have the last word on size.
 */
import { instrumentId } from '../../domain/instrument.ts';
import type { OrderState, PreparedOrder, Reading } from '../../domain/ports/venue.ts';
import { type Micros, type SizeE6, sizeE6 } from '../../domain/units.ts';
import type { KalshiAccount } from './account.ts';
import { failed } from './classify.ts';
import { tickerOf } from './direction.ts';
import { orderFactsOf, orderStateOf, type RequestOf } from './portfolio.ts';
import type { FillRow, OrderRow } from './rest-wire.ts';

/** `undefined` only when every page of orders and fills was read and no fill is left unexplained. */
export async function findOrder(
  account: KalshiAccount,
  order: PreparedOrder,
  since: Micros,
  requestOf: RequestOf,
): Promise<Reading<OrderState | undefined>> {
  const ticker = tickerOf(order.request.instrument);
  if (ticker === undefined)
    return failed('unsupported', `expected a Kalshi order, found ${instrumentId(order.request.instrument)}`);
  const orders = await account.orders({ ticker, since });
  if (orders.kind === 'failed') return orders;
  const fills = await account.fills({ ticker, since });
  if (fills.kind === 'failed') return fills;
  const row = orders.value.find((one) => isOf(one, order)) ?? (await rowBehindFills(account, order, orders, fills));
  if (row === undefined) return { ...fills, value: undefined };
  if ('fault' in row) return row;
  return { ...fills, value: withFills(orderStateOf(orderFactsOf(row), requestOf), fills.value) };
}

type Read<T> = Extract<Reading<T>, { readonly kind: 'read' }>;
type Failed = Extract<Reading<never>, { readonly kind: 'failed' }>;

/**
 * A fill may name an order that the list does not have: some lists drop what is completed. Each such order
 * is asked for, because only it knows its client id; one that cannot be read leaves the question open.
 */
async function rowBehindFills(
  account: KalshiAccount,
  order: PreparedOrder,
  orders: Read<readonly OrderRow[]>,
  fills: Read<readonly FillRow[]>,
): Promise<OrderRow | Failed | undefined> {
  const listed = new Set(orders.value.map((row) => row.order_id));
  const unlisted = new Set(fills.value.map((fill) => fill.order_id).filter((id) => !listed.has(id)));
  let open: Failed | undefined;
  for (const id of unlisted) {
    const reading = await account.order(id);
    if (reading.kind === 'failed') open = failed(reading.fault, `a fill names order ${id}: ${reading.detail}`);
    else if (isOf(reading.value, order)) return reading.value;
  }
  return open;
}

function isOf(row: OrderRow, { request }: PreparedOrder): boolean {
  return row.client_order_id.toLowerCase() === request.clientOrderId.toLowerCase();
}

/** Evidence of a trade stands above the record of the order, which may lag behind it by a second. */
function withFills(state: OrderState, fills: readonly FillRow[]): OrderState {
  let filled = 0;
  for (const fill of fills) if (fill.order_id === state.venueOrderId) filled += fill.count_fp;
  const extra = filled - state.filledE6;
  if (extra <= 0) return state;
  const restingE6 = Math.max(0, state.restingE6 - extra) as SizeE6;
  return { ...state, filledE6: sizeE6(filled), restingE6 };
}
