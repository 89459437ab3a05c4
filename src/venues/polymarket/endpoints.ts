/** The paths of the venue's interfaces, as the official client of July 2026 calls them. */

export const CLOB = {
  time: '/time',
  version: '/version',
  createApiKey: '/auth/api-key',
  deriveApiKey: '/auth/derive-api-key',
  closedOnly: '/auth/ban-status/closed-only',
  book: '/book',
  books: '/books',
  clobMarket: (conditionId: string): string => `/clob-markets/${encodeURIComponent(conditionId)}`,
  marketByToken: (tokenId: string): string => `/markets-by-token/${encodeURIComponent(tokenId)}`,
  order: '/order',
  orders: '/orders',
  cancelAll: '/cancel-all',
  cancelMarketOrders: '/cancel-market-orders',
  orderById: (orderId: string): string => `/data/order/${encodeURIComponent(orderId)}`,
  openOrders: '/data/orders',
  trades: '/data/trades',
  balance: '/balance-allowance',
  updateBalance: '/balance-allowance/update',
  heartbeats: '/v1/heartbeats',
  rateLimitTier: '/v1/user/rate-limit-tier',
} as const;

export const GAMMA = { markets: '/markets/keyset', events: '/events/keyset' } as const;

export const DATA = { positions: '/positions' } as const;

/** The first page of a CLOB list, and the cursor that says there is no other. */
export const FIRST_CURSOR = 'MA==';
export const LAST_CURSOR = 'LTE=';

/** Orders in one `POST /orders`, ids in one `DELETE /orders` (since 2026-06-15), tokens in one `POST /books`. */
export const BATCH_ORDERS_MAX = 15;
export const BATCH_CANCELS_MAX = 1_000;
export const BOOKS_MAX = 500;
/** Gamma clamps pages to 100 without saying so, and takes about 100 condition ids in one query (September 2026). */
export const GAMMA_PAGE = 100;
