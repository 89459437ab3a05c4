/** What Kalshi's REST interface offers that we use: method, path below `/trade-api/v2`, bucket and cost. */
import type { HttpMethod } from '../../domain/ports/http.ts';

/** Each account has one bucket of tokens for reads and one for writes. */
export type Bucket = 'read' | 'write';

export interface Endpoint {
  readonly name: string;
  readonly method: HttpMethod;
  /** With `:names` for what differs, as the venue writes it in its list of costs. */
  readonly template: string;
  readonly bucket: Bucket;
  /** Tokens, unless the venue's list says otherwise; of a batch, for each of its orders. */
  readonly cost: number;
}

const COST = 10;
/** Recorded 2026-06-11: cancelling, and reading one order, cost a fifth of other requests. */
const COST_LOW = 2;

const read = (name: string, template: string, cost = COST): Endpoint => ({
  name,
  method: 'GET',
  template,
  bucket: 'read',
  cost,
});
const write = (name: string, method: HttpMethod, template: string, cost = COST): Endpoint => ({
  name,
  method,
  template,
  bucket: 'write',
  cost,
});

export const endpoints = {
  markets: read('markets', '/markets'),
  market: read('market', '/markets/:ticker'),
  orderbook: read('order book', '/markets/:ticker/orderbook'),
  orderbooks: read('order books', '/markets/orderbooks'),
  events: read('events', '/events'),
  event: read('event', '/events/:event_ticker'),
  eventFeeChanges: read('event fee changes', '/events/fee_changes'),
  seriesList: read('series list', '/series'),
  series: read('series', '/series/:series_ticker'),
  seriesFeeChanges: read('series fee changes', '/series/fee_changes'),
  exchangeStatus: read('exchange status', '/exchange/status'),
  exchangeSchedule: read('exchange schedule', '/exchange/schedule'),
  userDataTimestamp: read('user data timestamp', '/exchange/user_data_timestamp'),
  accountLimits: read('account limits', '/account/limits'),
  endpointCosts: read('endpoint costs', '/account/endpoint_costs'),
  apiKeys: read('api keys', '/api_keys'),
  balance: read('balance', '/portfolio/balance'),
  positions: read('positions', '/portfolio/positions'),
  fills: read('fills', '/portfolio/fills'),
  settlements: read('settlements', '/portfolio/settlements'),
  // Reads stayed below /portfolio/orders when the writes moved (2026-06-18..25).
  orders: read('orders', '/portfolio/orders'),
  order: read('order', '/portfolio/orders/:order_id', COST_LOW),
  queuePositions: read('queue positions', '/portfolio/orders/queue_positions'),
  queuePosition: read('queue position', '/portfolio/orders/:order_id/queue_position'),
  orderGroups: read('order groups', '/portfolio/order_groups'),
  orderGroup: read('order group', '/portfolio/order_groups/:order_group_id'),

  createOrder: write('create order', 'POST', '/portfolio/events/orders'),
  cancelOrder: write('cancel order', 'DELETE', '/portfolio/events/orders/:order_id', COST_LOW),
  amendOrder: write('amend order', 'POST', '/portfolio/events/orders/:order_id/amend'),
  decreaseOrder: write('decrease order', 'POST', '/portfolio/events/orders/:order_id/decrease'),
  createOrders: write('batch create', 'POST', '/portfolio/events/orders/batched'),
  cancelOrders: write('batch cancel', 'DELETE', '/portfolio/events/orders/batched', COST_LOW),
  cancelAllOrders: write('cancel all', 'DELETE', '/portfolio/events/orders'),
  createOrderGroup: write('create order group', 'POST', '/portfolio/order_groups/create'),
  resetOrderGroup: write('reset order group', 'PUT', '/portfolio/order_groups/:order_group_id/reset'),
  triggerOrderGroup: write('trigger order group', 'PUT', '/portfolio/order_groups/:order_group_id/trigger'),
  limitOrderGroup: write('limit order group', 'PUT', '/portfolio/order_groups/:order_group_id/limit'),
  deleteOrderGroup: write('delete order group', 'DELETE', '/portfolio/order_groups/:order_group_id'),
} as const;

export type PathIds = Readonly<Record<string, string>>;
/** In the order in which they are sent; `undefined` is left out. A name may repeat. */
export type Query = readonly (readonly [name: string, value: string | number | boolean | undefined])[];

/** The path of an endpoint below the base, its `:names` filled in. */
export function pathOf(endpoint: Endpoint, ids: PathIds = {}): string {
  return endpoint.template.replace(/:(\w+)/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined || id === '') throw new TypeError(`${endpoint.name} needs a ${name}, found none`);
    return encodeURIComponent(id);
  });
}

/** `?a=1&b=2`, or nothing. */
export function queryText(query: Query): string {
  const pairs = query.flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** What each request costs: the table above until the venue's own list was read. */
export class EndpointCosts {
  readonly #basePath: string;
  readonly #listed = new Map<string, number>();
  #defaultCost: number | undefined;

  /** `basePath` is what the venue's list puts before each path: `/trade-api/v2`. */
  constructor(basePath: string) {
    this.#basePath = basePath;
  }

  of(endpoint: Endpoint): number {
    return this.#listed.get(keyOf(endpoint.method, this.#basePath + endpoint.template)) ?? this.#unlisted(endpoint);
  }

  adopt(list: {
    readonly defaultCost: number;
    readonly costs: readonly { readonly method: string; readonly path: string; readonly cost: number }[];
  }): void {
    this.#defaultCost = list.defaultCost;
    this.#listed.clear();
    for (const { method, path, cost } of list.costs) this.#listed.set(keyOf(method, path), cost);
  }

  #unlisted(endpoint: Endpoint): number {
    return this.#defaultCost ?? endpoint.cost;
  }
}

function keyOf(method: string, path: string): string {
  return `${method} ${path}`;
}
