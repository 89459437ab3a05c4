/** Everything about the venue that is configuration, with the public hosts and limits of autumn 2026. */
import { type RateLimit, shareOf } from '../../domain/rate-limit.ts';
import { type Millis, millis } from '../../domain/units.ts';
import type { ChainId } from './contracts.ts';
import type { SignatureType } from './order-struct.ts';

/** Base addresses without a trailing slash; socket addresses are complete. */
export interface PolymarketHosts {
  readonly clob: string;
  readonly gamma: string;
  readonly data: string;
  /** The complete address of the region check, on the website's host. */
  readonly geoblock: string;
  readonly marketSocket: string;
  readonly userSocket: string;
}

const PRODUCTION_HOSTS: PolymarketHosts = {
  clob: 'https://clob.polymarket.com',
  gamma: 'https://gamma-api.polymarket.com',
  data: 'https://data-api.polymarket.com',
  geoblock: 'https://polymarket.com/api/geoblock',
  marketSocket: 'wss://ws-subscriptions-clob.polymarket.com/ws/market',
  userSocket: 'wss://ws-subscriptions-clob.polymarket.com/ws/user',
};

export interface PolymarketSettings {
  readonly hosts: PolymarketHosts;
  readonly chainId: ChainId;
  readonly signatureType: SignatureType;
  /** The proxy, Safe or deposit wallet; `undefined` exactly for an ordinary account (type 0). */
  readonly funder: string | undefined;
  /** A timeout of an order is an unknown outcome, so it is long enough for the slowest replies seen (5.4 s, 2026-02). */
  readonly orderTimeoutMs: Millis;
  readonly readTimeoutMs: Millis;
  readonly orderLimit: RateLimit;
  readonly cancelLimit: RateLimit;
  readonly readLimit: RateLimit;
  /** Beyond 500 assets the first snapshots silently do not come (third parties, 2026). */
  readonly assetsPerConnectionMax: number;
  readonly messageBytesMax: number;
}

const SHARE = { share: 0.5, reserveShare: 0.25, unitCost: 1 };

/** The standard tier of August 2026 (orders 40 a second and 60 at once, cancels twice that), of which we use half. */
export const PRODUCTION_SETTINGS: Omit<PolymarketSettings, 'signatureType' | 'funder'> = {
  hosts: PRODUCTION_HOSTS,
  chainId: 137,
  orderTimeoutMs: millis(10_000),
  readTimeoutMs: millis(10_000),
  orderLimit: shareOf({ capacity: 60, refillPerSecond: 40 }, SHARE),
  cancelLimit: shareOf({ capacity: 120, refillPerSecond: 80 }, SHARE),
  // Order and trade reads share 90 a second per address; books alone have more.
  readLimit: shareOf({ capacity: 100, refillPerSecond: 80 }, SHARE),
  assetsPerConnectionMax: 500,
  messageBytesMax: 16 * 1_024 * 1_024,
};
