/** REST of orders: V2 mutations under `/portfolio/events/orders`, reads under `/portfolio/orders`. */
import { type Call, integerIn, isWithin, paginate, param, type Route, type SignedCall, textIn } from './call.ts';
import { notFound, Refusal, refuse } from './errors.ts';
import { isObject, type JsonObject, reply } from './json.ts';
import type { OrderRecord } from './model.ts';
import { countText, priceText } from './numbers.ts';
import type { CancelPlace, Placed } from './order-entry.ts';
import { afterCanceling, afterPlacing, beforePlacing } from './order-faults.ts';
import { type CreateRequest, checkCreate, parseBody, readAmend, readCreate, readDecrease } from './order-request.ts';
import { orderView } from './views.ts';

const ORDERS = '/portfolio/events/orders';

/** Categories that need a location attestation (Kalshi changelog 2026-08-16). */
const ATTESTED = new Set(['Sports', 'Elections', 'Entertainment']);

const trade = { access: 'write::trade' } as const;

export const ORDER_ROUTES: readonly Route[] = [
  { method: 'POST', path: ORDERS, ...trade, run: create },
  { method: 'POST', path: `${ORDERS}/batched`, ...trade, items: countRows, run: createBatch },
  { method: 'DELETE', path: `${ORDERS}/batched`, ...trade, items: countRows, run: cancelBatch },
  { method: 'DELETE', path: ORDERS, ...trade, items: countResting, run: cancelAll },
  { method: 'DELETE', path: `${ORDERS}/:order_id`, ...trade, run: cancel },
  { method: 'POST', path: `${ORDERS}/:order_id/amend`, ...trade, run: amend },
  { method: 'POST', path: `${ORDERS}/:order_id/decrease`, ...trade, run: decrease },
  { method: 'GET', path: '/portfolio/orders', access: 'read', run: list },
  { method: 'GET', path: '/portfolio/orders/queue_positions', access: 'read', run: listQueuePositions },
  { method: 'GET', path: '/portfolio/orders/:order_id', access: 'read', run: get },
  { method: 'GET', path: '/portfolio/orders/:order_id/queue_position', access: 'read', run: getQueuePosition },
  // Switched off between 2026-06-18 and 2026-06-25 (Kalshi changelog).
  ...[
    ['POST', '/portfolio/orders'],
    ['POST', '/portfolio/orders/batched'],
    ['DELETE', '/portfolio/orders/batched'],
    ['DELETE', '/portfolio/orders/:order_id'],
    ['POST', '/portfolio/orders/:order_id/amend'],
    ['POST', '/portfolio/orders/:order_id/decrease'],
  ].map(([method = '', path = '']) => ({ method, path, ...trade, run: retired })),
];

function create(call: SignedCall) {
  const request = readCreate(parseBody(call.request.body), call.core.nowMicros());
  return reply(201, createdView(place(call, request), call.core.nowMs()));
}

function place(call: SignedCall, request: CreateRequest): Placed {
  const { core, accountId, key } = call;
  if (key.subaccount !== undefined && key.subaccount !== request.subaccount) throw refuse(403, 'forbidden');
  requireAttestation(call, request.ticker);
  const placed = core.entry.place(accountId, request, beforePlacing(core, accountId, request));
  afterPlacing(core, placed.order);
  return placed;
}

/** The venue's code for this is not known; 403 is what its table says for keys that may not. */
function requireAttestation({ core, key }: SignedCall, ticker: string): void {
  const market = core.catalog.find(ticker);
  if (market === undefined || key.regionExpirationTs === undefined) return;
  const isExpired = key.regionExpirationTs * 1_000 <= core.nowMs();
  if (isExpired && ATTESTED.has(core.catalog.eventOf(market).category))
    throw refuse(403, 'forbidden', 'region attestation expired');
}

/** Averages are per contract and cut to four decimals: multiplied back they lose money (seen on production). */
function createdView({ order, filledE6, yesNotionalMicro, feesMicro }: Placed, nowMs: number): JsonObject {
  const contracts = filledE6 / 10_000;
  const average = (micro: number): string => priceText(Math.trunc(micro / contracts));
  return {
    order_id: order.orderId,
    client_order_id: order.clientOrderId,
    fill_count: countText(filledE6),
    remaining_count: countText(order.remainingE6),
    average_fill_price: filledE6 === 0 ? undefined : average(yesNotionalMicro),
    average_fee_paid: filledE6 === 0 ? undefined : average(feesMicro),
    ts_ms: nowMs,
  };
}

function createBatch(call: SignedCall) {
  const rows = rowsOf(call);
  for (const row of rows) checkCreate(row);
  const orders = rows.map((row) => {
    const clientOrderId = isObject(row) && typeof row.client_order_id === 'string' ? row.client_order_id : undefined;
    return perRow({ client_order_id: clientOrderId }, () =>
      createdView(place(call, readCreate(row, call.core.nowMicros())), call.core.nowMs()),
    );
  });
  return reply(201, { orders });
}

function perRow(echo: JsonObject, run: () => JsonObject): JsonObject {
  try {
    return run();
  } catch (error) {
    if (error instanceof Refusal) return { ...echo, error: error.row };
    throw error;
  }
}

function rowsOf(call: Call): readonly unknown[] {
  const body = parseBody(call.request.body);
  const rows = isObject(body) ? body.orders : undefined;
  if (!Array.isArray(rows) || rows.length === 0) throw refuse(400, 'missing_parameters');
  return rows;
}

function countRows(call: Call): number {
  return rowsOf(call).length;
}

/** Cancel-all costs as much as canceling each order (Kalshi changelog 2026-09-03): a fifth of a request each. */
function countResting({ core, accountId }: SignedCall): number {
  const mine = core.blotter.orders().filter((order) => order.accountId === accountId);
  const resting = mine.filter(({ status }) => status === 'resting').length;
  return Math.max(1, resting) / 5;
}

function cancel(call: SignedCall) {
  return reply(200, canceledView(call, placeOf(call)));
}

function canceledView(call: SignedCall, at: CancelPlace): JsonObject {
  const { core, accountId } = call;
  if (call.losesCancel) {
    const order = core.entry.requireResting(accountId, at);
    return { order_id: order.orderId, reduced_by: countText(order.remainingE6), ts_ms: core.nowMs() };
  }
  const { order, reducedE6 } = core.entry.cancel(accountId, at);
  afterCanceling(core, order, reducedE6);
  const { orderId, clientOrderId } = order;
  return {
    order_id: orderId,
    client_order_id: clientOrderId,
    reduced_by: countText(reducedE6),
    ts_ms: core.nowMs(),
  };
}

function cancelBatch(call: SignedCall) {
  const orders = rowsOf(call).map((row) => {
    const fields = isObject(row) ? row : {};
    const orderId = String(fields.order_id ?? '');
    const marketTicker = typeof fields.market_ticker === 'string' ? fields.market_ticker : undefined;
    const exchangeIndex = typeof fields.exchange_index === 'number' ? fields.exchange_index : undefined;
    const subaccount = typeof fields.subaccount === 'number' ? fields.subaccount : undefined;
    return perRow({ order_id: orderId, reduced_by: '0.00' }, () =>
      canceledView(call, { orderId, marketTicker, exchangeIndex, subaccount }),
    );
  });
  return reply(200, { orders });
}

function cancelAll({ core, accountId, query }: SignedCall) {
  core.entry.cancelAll(accountId, {
    subaccount: integerIn(query, 'subaccount'),
    lingersMs: core.settings.cancelAllLingersMs,
  });
  return reply(204, undefined);
}

function amend(call: SignedCall) {
  const { core, accountId } = call;
  const placed = core.entry.amend(accountId, placeOf(call), readAmend(call.request.body));
  const { fill_count: filled, ...view } = createdView(placed, core.nowMs());
  return reply(200, { ...view, fill_count: placed.filledE6 === 0 ? undefined : filled });
}

function decrease(call: SignedCall) {
  const request = readDecrease(call.request.body);
  const at = placeOf(call);
  const marketTicker = at.marketTicker ?? request.marketTicker;
  const exchangeIndex = at.exchangeIndex ?? request.exchangeIndex;
  const order = call.core.entry.decrease(call.accountId, { ...at, marketTicker, exchangeIndex }, request);
  const { orderId, clientOrderId, remainingE6 } = order;
  return reply(200, {
    order_id: orderId,
    client_order_id: clientOrderId,
    remaining_count: countText(remainingE6),
    ts_ms: call.core.nowMs(),
  });
}

function placeOf(call: SignedCall): CancelPlace {
  return {
    orderId: param(call, 'order_id'),
    marketTicker: textIn(call.query, 'market_ticker'),
    exchangeIndex: integerIn(call.query, 'exchange_index'),
    subaccount: integerIn(call.query, 'subaccount'),
  };
}

/** Not there for a while after the order was accepted, and older than the truth afterwards. */
function get(call: SignedCall) {
  const { core, accountId } = call;
  const order = core.blotter.seenAt(param(call, 'order_id'), core.nowMs() - core.settings.readLag.orderMs);
  if (order === undefined || order.accountId !== accountId) throw notFound();
  return reply(200, { order: orderView(order, core.accounts.get(accountId).userId) });
}

function list({ core, accountId, query }: SignedCall) {
  const [ticker, eventTicker, status] = ['ticker', 'event_ticker', 'status'].map((name) => textIn(query, name));
  const subaccount = integerIn(query, 'subaccount');
  const rows = core.blotter
    .ordersSeenAt(core.nowMs() - core.settings.readLag.orderListMs)
    .filter(
      (order) =>
        order.accountId === accountId &&
        (ticker === undefined || order.ticker === ticker) &&
        (eventTicker === undefined || core.catalog.market(order.ticker).eventTicker === eventTicker) &&
        (status === undefined || order.status === status) &&
        (subaccount === undefined || order.subaccount === subaccount) &&
        isWithin(query, order.createdMicros),
    )
    .toReversed();
  const rules = { operation: 'GetOrders', max: 1_000, normal: 100, idOf: (order: OrderRecord) => order.orderId };
  const page = paginate(rows, query, rules);
  const { userId } = core.accounts.get(accountId);
  return reply(200, { orders: page.rows.map((order) => orderView(order, userId)), cursor: page.cursor });
}

function getQueuePosition({ core, accountId, params }: SignedCall) {
  const order = core.blotter.find(params.order_id ?? '');
  if (order === undefined || order.accountId !== accountId) throw notFound();
  const ahead = core.catalog.book(order.ticker).aheadE6(order.orderId);
  if (ahead === undefined) throw notFound();
  return reply(200, { queue_position_fp: countText(ahead) });
}

function listQueuePositions({ core, accountId, query }: SignedCall) {
  const tickers = textIn(query, 'market_tickers')?.split(',');
  const eventTicker = textIn(query, 'event_ticker');
  const rows = core.blotter.orders().flatMap((order) => {
    const { orderId, ticker } = order;
    const isAsked =
      (tickers === undefined || tickers.includes(ticker)) &&
      (eventTicker === undefined || core.catalog.market(ticker).eventTicker === eventTicker);
    const ahead = core.catalog.book(ticker).aheadE6(orderId);
    if (order.accountId !== accountId || !isAsked || ahead === undefined) return [];
    return [{ order_id: orderId, market_ticker: ticker, queue_position_fp: countText(ahead) }];
  });
  return reply(200, { queue_positions: rows });
}

function retired(): never {
  const code = 'deprecated_v1_order_endpoint';
  const row = { code, message: 'Please switch to the V2 endpoints' };
  throw new Refusal(410, { error: row }, row);
}
