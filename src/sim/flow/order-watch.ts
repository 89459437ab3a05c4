/** Sees orders on their way to a venue, a moment before the venue does: what others do because of them happens then. */
import type { LocalServer, ServerRequest } from '../../domain/ports/local-server.ts';
import type { BookSide } from './flow-venue.ts';

export interface SeenOrder {
  /** A Kalshi ticker or a Polymarket token. */
  readonly instrument: string;
  /** Of that instrument's book. */
  readonly takes: BookSide;
}

export type OrderReader = (request: ServerRequest) => SeenOrder | undefined;

/** The same server; `onOrder` is called before it gets a request that is an order. */
export function watchOrders(server: LocalServer, read: OrderReader, onOrder: (order: SeenOrder) => void): LocalServer {
  return {
    onRequest(request, answer) {
      const order = read(request);
      if (order !== undefined) onOrder(order);
      server.onRequest(request, answer);
    },
    onUpgrade: (request) => server.onUpgrade(request),
  };
}

export const kalshiOrder: OrderReader = ({ method, target, body }) => {
  if (method !== 'POST' || !target.startsWith('/trade-api/v2/portfolio/events/orders')) return undefined;
  const order = objectOf(body);
  if (typeof order?.ticker !== 'string' || (order.side !== 'bid' && order.side !== 'ask')) return undefined;
  return { instrument: order.ticker, takes: order.side === 'bid' ? 'ask' : 'bid' };
};

export const polymarketOrder: OrderReader = ({ method, target, body }) => {
  if (method !== 'POST' || target.split('?')[0] !== '/order') return undefined;
  const order = objectOf(body)?.order;
  if (typeof order !== 'object' || order === null) return undefined;
  const { tokenId, side } = order as Readonly<Record<string, unknown>>;
  if (typeof tokenId !== 'string' || (side !== 'BUY' && side !== 'SELL')) return undefined;
  return { instrument: tokenId, takes: side === 'BUY' ? 'ask' : 'bid' };
};

function objectOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // Not JSON, so no order: the venue says so itself.
    return undefined;
  }
}
