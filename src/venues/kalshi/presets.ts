/** Where Kalshi is, and what an adapter assumes until it is told otherwise. */
import { KALSHI_DIRECT_MEMBER } from '../../domain/fees/kalshi-fee.ts';
import { millis } from '../../domain/units.ts';
import type { KalshiSettings } from './settings.ts';

export interface KalshiHosts {
  /** With the path that is part of every signature: `/trade-api/v2`. */
  readonly restUrl: string;
  readonly socketUrl: string;
}

/** The recommended hosts since 2026-05-07. Demo has its own accounts, keys, books and mock money. */
export const kalshiHosts: Readonly<Record<'production' | 'demo', KalshiHosts>> = {
  production: {
    restUrl: 'https://external-api.kalshi.com/trade-api/v2',
    socketUrl: 'wss://external-api-ws.kalshi.com/trade-api/ws/v2',
  },
  demo: {
    restUrl: 'https://external-api.demo.kalshi.co/trade-api/v2',
    socketUrl: 'wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2',
  },
};

/** The lowest tier: 20 reads and 10 orders a second, of which we take a quarter and a fifth. */
export const kalshiDefaults: KalshiSettings = {
  limits: {
    read: { capacity: 200, refillPerSecond: 200 },
    write: { capacity: 100, refillPerSecond: 100 },
  },
  shares: { read: 0.25, write: 0.2, readReserve: 0.4, writeReserve: 0.5 },
  timeouts: { readMs: millis(10_000), orderMs: millis(5_000) },
  headers: { size: 4, ageMsMax: millis(1_000) },
  orders: {
    selfTradePrevention: 'taker_at_cross',
    cancelOnPause: true,
    subaccount: undefined,
    routing: 'direct',
    orderGroupId: undefined,
  },
  onLimit: 'refused',
  // Every recorded account of the API is one (June to August 2026).
  accountTerms: KALSHI_DIRECT_MEMBER,
  makerMultiplierE6: undefined,
  useYesPrice: false,
  marketChannels: ['market_lifecycle_v2'],
  messageBytesMax: 16_777_216,
};
