/**
 * A budget of requests: a token bucket with a reserve, given the monotonic time by its caller.
 *
 * In every window of `w` seconds at most `capacity + refillPerSecond × w` cost is granted, wherever the
 * window starts. Ordinary traffic never takes the last `reserve` of the bucket, so that a hedge, an
 * unwind or a cancel still goes out when scanning has used everything else (429 on the hedge is a loss).
 */
import { invariant } from './invariant.ts';
import { type Millis, millis } from './units.ts';

/** Costs are in the venue's own tokens; one request of Kalshi usually costs ten. */
export interface RateLimit {
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** The part of the capacity that only reducing traffic may use. */
  readonly reserve: number;
  /** What an ordinary request costs: with less than that left, the ordinary part is exhausted. */
  readonly unitCost: number;
}

/** Reducing: hedges, unwinds, cancels, and the reads that find out what became of an order. */
export type Traffic = 'ordinary' | 'reducing';

/** `slowed` from 80 % use on: ordinary requests then go out no faster than the bucket refills. */
export type RateState = 'ample' | 'slowed' | 'exhausted' | 'cooling';

export type RateVerdict =
  | { readonly kind: 'granted'; readonly state: RateState }
  | {
      readonly kind: 'refused';
      readonly state: RateState;
      /** When the same request may be granted; `undefined` when the bucket can never hold its cost. */
      readonly waitMs: Millis | undefined;
    };

export interface RateRequest {
  readonly cost: number;
  readonly traffic: Traffic;
  readonly nowMs: Millis;
}

const SLOWED_AT_PERCENT = 80;
const BACKOFF_MS_FIRST = 1_000;
const BACKOFF_MS_MAX = 32_000;

export class RateLimiter {
  #limit: RateLimit;
  #level: number;
  #filledAtMs: number;
  #lastOrdinaryAtMs = Number.NEGATIVE_INFINITY;
  /** The venue named a time: nothing at all goes out before it. */
  #allCoolUntilMs = Number.NEGATIVE_INFINITY;
  /** The venue named no time: ordinary traffic backs off, reducing traffic may still try. */
  #ordinaryCoolUntilMs = Number.NEGATIVE_INFINITY;
  #refusalsInARow = 0;

  /** Starts full. */
  constructor(limit: RateLimit, nowMs: Millis) {
    checkLimit(limit);
    this.#limit = limit;
    this.#level = limit.capacity;
    this.#filledAtMs = nowMs;
  }

  get limit(): RateLimit {
    return this.#limit;
  }

  /** Takes the cost out of the bucket, or says how long to wait. Never takes a part of it. */
  take({ cost, traffic, nowMs }: RateRequest): RateVerdict {
    invariant(cost > 0 && Number.isFinite(cost), () => `a request must cost more than 0 tokens, found ${cost}`);
    this.#refill(nowMs);
    const { capacity, reserve } = this.#limit;
    const floor = traffic === 'ordinary' ? reserve : 0;
    if (cost > capacity - floor) return { kind: 'refused', state: 'exhausted', waitMs: undefined };
    const waitMs = Math.max(this.#coolingMs(traffic, nowMs), this.#refillMs(cost + floor), this.#paceMs(cost, traffic));
    if (waitMs > 0) {
      const state = this.state(nowMs);
      return { kind: 'refused', state: state === 'ample' ? 'slowed' : state, waitMs: wholeWait(waitMs) };
    }
    this.#level -= cost;
    if (traffic === 'ordinary') this.#lastOrdinaryAtMs = this.#filledAtMs;
    return { kind: 'granted', state: this.state(nowMs) };
  }

  /**
   * The venue refused for its limit. With a time to wait everything waits that long; without one
   * ordinary traffic backs off for 1 s, doubled with every refusal in a row up to 32 s.
   */
  limited(nowMs: Millis, retryAfterMs: Millis | undefined): void {
    if (retryAfterMs !== undefined) {
      this.#allCoolUntilMs = Math.max(this.#allCoolUntilMs, nowMs + retryAfterMs);
      return;
    }
    const backoffMs = Math.min(BACKOFF_MS_FIRST * 2 ** this.#refusalsInARow, BACKOFF_MS_MAX);
    this.#refusalsInARow++;
    this.#ordinaryCoolUntilMs = Math.max(this.#ordinaryCoolUntilMs, nowMs + backoffMs);
  }

  /** The venue answered something else than its limit. */
  accepted(): void {
    this.#refusalsInARow = 0;
  }

  /** How ordinary traffic stands. */
  state(nowMs: Millis): RateState {
    this.#refill(nowMs);
    if (this.#coolingMs('ordinary', nowMs) > 0) return 'cooling';
    const { reserve, unitCost } = this.#limit;
    if (this.#level - reserve < unitCost) return 'exhausted';
    return this.#isSlowed() ? 'slowed' : 'ample';
  }

  /** Adopts another limit, as read from the venue. What was used stays used. */
  adopt(limit: RateLimit, nowMs: Millis): void {
    checkLimit(limit);
    this.#refill(nowMs);
    const used = this.#limit.capacity - this.#level;
    this.#limit = limit;
    this.#level = Math.max(0, limit.capacity - used);
  }

  #refill(nowMs: number): void {
    // A monotonic clock does not go back; if one did, no token would appear twice.
    if (nowMs <= this.#filledAtMs) return;
    const gained = ((nowMs - this.#filledAtMs) * this.#limit.refillPerSecond) / 1_000;
    this.#level = Math.min(this.#limit.capacity, this.#level + gained);
    this.#filledAtMs = nowMs;
  }

  #coolingMs(traffic: Traffic, nowMs: number): number {
    const backingOffUntilMs = traffic === 'ordinary' ? this.#ordinaryCoolUntilMs : Number.NEGATIVE_INFINITY;
    return Math.max(0, this.#allCoolUntilMs - nowMs, backingOffUntilMs - nowMs);
  }

  #refillMs(level: number): number {
    return ((level - this.#level) / this.#limit.refillPerSecond) * 1_000;
  }

  #paceMs(cost: number, traffic: Traffic): number {
    if (traffic === 'reducing' || !this.#isSlowed()) return 0;
    return this.#lastOrdinaryAtMs + (cost / this.#limit.refillPerSecond) * 1_000 - this.#filledAtMs;
  }

  /** Of the part that ordinary traffic may use. */
  #isSlowed(): boolean {
    const { capacity, reserve } = this.#limit;
    return (capacity - this.#level) * 100 >= SLOWED_AT_PERCENT * (capacity - reserve);
  }
}

/** The configured share of what a venue allows, with a share of that kept for reducing traffic. */
export function shareOf(
  venue: { readonly capacity: number; readonly refillPerSecond: number },
  terms: { readonly share: number; readonly reserveShare: number; readonly unitCost: number },
): RateLimit {
  const { share, reserveShare, unitCost } = terms;
  invariant(share > 0 && share <= 1, () => `a share of a limit must lie within 0..1, found ${share}`);
  invariant(reserveShare >= 0 && reserveShare < 1, () => `a reserve must be a share below 1, found ${reserveShare}`);
  const capacity = Math.floor(venue.capacity * share);
  // At least one request fits on either side of the line, whatever the shares are.
  const reserve = Math.min(Math.max(Math.floor(capacity * reserveShare), unitCost), capacity - unitCost);
  return { capacity, refillPerSecond: venue.refillPerSecond * share, reserve, unitCost };
}

/**
 * A limit under which no window of `windowMs` ever holds more than `costMax`: a burst of at most
 * `burst`, and the rest spread over the window. For venues that count windows instead of tokens.
 */
export function limitPerWindow(terms: {
  readonly costMax: number;
  readonly windowMs: Millis;
  readonly burst: number;
  readonly reserve: number;
}): RateLimit {
  const { costMax, windowMs, burst, reserve } = terms;
  invariant(burst < costMax, () => `a burst must be below the limit of its window, ${costMax}, found ${burst}`);
  return { capacity: burst, refillPerSecond: ((costMax - burst) * 1_000) / windowMs, reserve, unitCost: 1 };
}

function checkLimit({ capacity, refillPerSecond, reserve, unitCost }: RateLimit): void {
  invariant(
    refillPerSecond > 0 && unitCost > 0 && reserve >= 0 && capacity - reserve >= unitCost,
    () =>
      `a limit must refill and hold a request of ${unitCost} beside its reserve, ` +
      `found capacity ${capacity}, reserve ${reserve}, refill ${refillPerSecond}`,
  );
}

/** Rounded up: a timer of whole milliseconds must not wake a hair too early. */
function wholeWait(waitMs: number): Millis {
  return millis(Math.ceil(waitMs));
}
