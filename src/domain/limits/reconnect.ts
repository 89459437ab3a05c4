/** How long to wait before the next attempt to reach a venue, and when the breaker should know. */
import { type Millis, millis } from '../units.ts';

export interface ReconnectPolicy {
  readonly initialMs: Millis;
  readonly multiplier: number;
  readonly delayMsMax: Millis;
  /** The failure in a row that opens the breaker as `CONNECTION_LOST`; trying goes on. */
  readonly failuresMax: number;
}

/** Design C's figures (docs/rules.md §16). */
export const RECONNECT: ReconnectPolicy = {
  initialMs: millis(1_000),
  multiplier: 2,
  delayMsMax: millis(30_000),
  failuresMax: 5,
};

/** The delay after the n-th failure in a row, counted from 1. Without jitter: that is added by whoever waits. */
export function reconnectDelay(failures: number, policy: ReconnectPolicy): Millis {
  return millis(Math.min(policy.initialMs * policy.multiplier ** (Math.max(1, failures) - 1), policy.delayMsMax));
}

export function losesConnection(failures: number, policy: ReconnectPolicy): boolean {
  return failures >= policy.failuresMax;
}
