/** Token buckets: one for reads and one for writes per account, refilled continuously. */
import { tooManyRequests } from './errors.ts';

export interface Bucket {
  readonly bucketCapacity: number;
  readonly refillRate: number;
}

export interface TierLimits {
  readonly read: Bucket;
  readonly write: Bucket;
}

const bucket = (refillRate: number, seconds: number): Bucket => ({ bucketCapacity: refillRate * seconds, refillRate });

/**
 * Kalshi's rate limit page, 2026: writes above basic and reads of the second tier hold two seconds, all others
 * one. Basic reads are as the recorded demo session 2026-06-11 had them (a later page says two seconds).
 */
export const TIERS: Readonly<Record<string, TierLimits>> = {
  basic: { read: bucket(200, 1), write: bucket(100, 1) },
  advanced: { read: bucket(300, 2), write: bucket(300, 2) },
  expert: { read: bucket(600, 1), write: bucket(600, 2) },
  premier: { read: bucket(1_000, 1), write: bucket(1_000, 2) },
  paragon: { read: bucket(2_000, 1), write: bucket(2_000, 2) },
  prime: { read: bucket(4_000, 1), write: bucket(4_000, 2) },
  prestige: { read: bucket(6_000, 1), write: bucket(8_000, 2) },
};

export interface EndpointCost {
  readonly cost: number;
  readonly method: string;
  /** With `:name` for a variable part. */
  readonly path: string;
}

export const DEFAULT_COST = 10;

/** Recorded demo session 2026-06-11, the rows that concern the endpoints of today. */
export const ENDPOINT_COSTS: readonly EndpointCost[] = [
  { cost: 30, method: 'POST', path: '/trade-api/v2/account/api_usage_level/upgrade' },
  { cost: 2, method: 'DELETE', path: '/trade-api/v2/portfolio/events/orders/:order_id' },
  { cost: 2, method: 'DELETE', path: '/trade-api/v2/portfolio/events/orders/batched' },
  { cost: 2, method: 'GET', path: '/trade-api/v2/portfolio/orders/:order_id' },
  { cost: 2, method: 'POST', path: '/trade-api/v2/communications/quotes' },
  { cost: 2, method: 'DELETE', path: '/trade-api/v2/communications/quotes/:quote_id' },
  { cost: 150, method: 'GET', path: '/trade-api/v2/cfbenchmarks' },
];

interface Fill {
  tokens: number;
  atMs: number;
}

export class RateLimits {
  readonly #limits: TierLimits;
  readonly #read: Fill;
  readonly #write: Fill;

  constructor(limits: TierLimits, nowMs: number) {
    this.#limits = limits;
    this.#read = { tokens: limits.read.bucketCapacity, atMs: nowMs };
    this.#write = { tokens: limits.write.bucketCapacity, atMs: nowMs };
  }

  /** All or nothing; throws the venue's 429. A refusal costs nothing and has no other consequence. */
  take(kind: 'read' | 'write', spend: { readonly cost: number; readonly nowMs: number }): void {
    const fill = kind === 'read' ? this.#read : this.#write;
    const { bucketCapacity, refillRate } = this.#limits[kind];
    const gained = (Math.max(0, spend.nowMs - fill.atMs) / 1_000) * refillRate;
    fill.tokens = Math.min(bucketCapacity, fill.tokens + gained);
    fill.atMs = spend.nowMs;
    if (fill.tokens < spend.cost) throw tooManyRequests();
    fill.tokens -= spend.cost;
  }
}
