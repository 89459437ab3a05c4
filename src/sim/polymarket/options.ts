/** What a simulated venue is built with. Defaults follow what was documented or measured in 2026. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { LatencySampler } from '../latency.ts';
import type { SelfTrade } from '../matching/engine.ts';
import { CHAIN_ID } from './exchanges.ts';

export interface Span {
  readonly leastMs: number;
  readonly mostMs: number;
}

export type Tier = 'standard' | 'copper' | 'bronze' | 'silver' | 'gold' | 'platinum' | 'diamond' | 'elite';

export interface PolymarketSettings {
  readonly chainId: number;
  /** What `GET /version` says. */
  readonly clobVersion: number;
  /** How far a signed timestamp may lie from the venue's clock. The real window is not published. */
  readonly skewMs: number;
  /** Which of the two texts seen in April and June 2026 refuses an order of the old format. */
  readonly oldOrderText: 'order_version_mismatch' | 'invalid order version, please use the latest clob-client';
  /** Matched replies carry hashes, as they did before 2026-07-24. */
  readonly inlineHashes: boolean;
  /** FOK and FAK BUY amounts are dollars to spend, not shares to get. */
  readonly buyBudget: boolean;
  /** One trade per price level, or one per incoming order with an average price. */
  readonly tradeGrouping: 'perPrice' | 'perMatch';
  readonly selfTrade: SelfTrade;
  /** From the match. The second is drawn anew and never earlier than the first. */
  readonly mined: Span;
  readonly confirmed: Span;
  readonly ledgerMovesAt: 'MINED' | 'CONFIRMED';
  /** Expired orders stay so much longer; sweeps were up to three minutes late. */
  readonly expirySweepLagMs: number;
  readonly heartbeatMs: number;
  readonly idleCloseMs: number;
  /** Beyond so many assets on one socket the first snapshots silently do not come. */
  readonly snapshotAssetsMax: number;
  readonly defaultTier: Tier;
  /** Requests of one address per ten seconds are counted only when this is set. */
  readonly countAddresses: boolean;
  /** Round trips; half of it before the venue acts and half after. Undefined takes no time. */
  readonly orderLatency: LatencySampler | undefined;
  readonly readLatency: LatencySampler | undefined;
  /** How long after the fact slow views tell it. */
  readonly positionsLagMs: number;
  readonly tradeTapeLagMs: number;
  readonly gammaResolutionLagMs: number;
  readonly redemptionDelayMs: number;
  /** Whether `GET /data/order` still knows orders that are done: seen both ways in 2026. */
  readonly finishedOrders: 'kept' | 'dropped';
  /** How long trades and orders that are over, and the log of requests, are remembered. */
  readonly keptMs: number;
}

export const DEFAULT_SETTINGS: PolymarketSettings = {
  chainId: CHAIN_ID,
  clobVersion: 2,
  skewMs: 60_000,
  oldOrderText: 'invalid order version, please use the latest clob-client',
  inlineHashes: false,
  buyBudget: true,
  tradeGrouping: 'perPrice',
  selfTrade: 'takerAtCross',
  mined: { leastMs: 2_000, mostMs: 4_000 },
  confirmed: { leastMs: 10_000, mostMs: 50_000 },
  ledgerMovesAt: 'MINED',
  expirySweepLagMs: 0,
  heartbeatMs: 10_000,
  idleCloseMs: 60_000,
  snapshotAssetsMax: 500,
  defaultTier: 'standard',
  countAddresses: false,
  orderLatency: undefined,
  readLatency: undefined,
  positionsLagMs: 10_000,
  tradeTapeLagMs: 90_000,
  gammaResolutionLagMs: 900_000,
  redemptionDelayMs: 0,
  finishedOrders: 'kept',
  keptMs: 92 * 86_400_000,
};

export interface PolymarketSimOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings?: Partial<PolymarketSettings>;
}
