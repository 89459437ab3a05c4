/**
 * How busy a generated market is. The shapes are those of one very busy Kalshi series (786,000 recorded deltas:
 * docs/rules.md, market facts); the profiles scale their pace. Polymarket's figures rest on thin evidence.
 */
import type { Share } from './draw.ts';

export interface FlowRates {
  /** Kalshi deltas a second. */
  readonly deltasPerSecond: number;
  /** Polymarket bursts of re-quoted levels a second. */
  readonly refreshesPerSecond: number;
  /** Takers a second, at each venue. */
  readonly takersPerSecond: number;
  /** Moves of the fair price a second, a tick each. */
  readonly movesPerSecond: number;
  /** Cross-venue gaps that begin, a second. */
  readonly gapsPerSecond: number;
}

export const FLOW_RATES = {
  /** The quiet reference: 0.36 deltas a second; 1.8 frames a second over 14 Polymarket markets. */
  quiet: {
    deltasPerSecond: 0.36,
    refreshesPerSecond: 0.13,
    takersPerSecond: 1 / 50,
    movesPerSecond: 1 / 50,
    gapsPerSecond: 0.01,
  },
  /** Between the two: something to see within seconds, and little to wait for. */
  lively: {
    deltasPerSecond: 6,
    refreshesPerSecond: 1,
    takersPerSecond: 0.2,
    movesPerSecond: 0.1,
    gapsPerSecond: 0.06,
  },
  /** 88 deltas a second; 2.8 changes and 7 trades a second at Polymarket. */
  busy: { deltasPerSecond: 88, refreshesPerSecond: 2.8, takersPerSecond: 7, movesPerSecond: 0.5, gapsPerSecond: 0.1 },
} as const satisfies Readonly<Record<string, FlowRates>>;

export type FlowPace = keyof typeof FLOW_RATES;

/** Between two changes: median below 1 ms, 90th percentile 25 to 32, 99th 100 to 140. Its mean is scaled to the pace. */
export const INTER_ARRIVAL_MS: readonly Share[] = [
  { share: 0.5, value: 0.6 },
  { share: 0.9, value: 28 },
  { share: 0.99, value: 120 },
  { share: 1, value: 1_000 },
];

/** Deltas with one venue time: 1, 2 and 3 at the median, the 90th and the 99th percentile. */
export const GROUP_SIZE: readonly Share[] = [
  { share: 0.5, value: 1 },
  { share: 0.9, value: 2 },
  { share: 0.99, value: 3 },
  { share: 1, value: 6 },
];

/** Contracts of one delta: 10th, 50th, 90th and 99th percentile at 2, 25 to 150, 500 to 1,100 and 3,000 to 6,250. */
export const DELTA_SIZE: readonly Share[] = [
  { share: 0.1, value: 2 },
  { share: 0.5, value: 60 },
  { share: 0.9, value: 700 },
  { share: 0.99, value: 4_000 },
  { share: 1, value: 8_000 },
];

/** Contracts of one taker: small, as best sizes of 15 to 40 are in weather markets. */
export const TAKER_SIZE: readonly Share[] = [
  { share: 0.1, value: 1 },
  { share: 0.5, value: 12 },
  { share: 0.9, value: 80 },
  { share: 1, value: 400 },
];

/** Cents: 1 at the median, 2 at the 90th percentile, 3 to 8 at the 99th. */
export const SPREAD_CENTS: readonly Share[] = [
  { share: 0.5, value: 1 },
  { share: 0.9, value: 2 },
  { share: 0.99, value: 5 },
  { share: 1, value: 8 },
];

export const ADD_SHARE = 0.48;
/** 16 to 28 per cent of all deltas. */
export const TOUCH_SHARE = 0.22;
/** 5 to 18 per cent of all deltas. */
export const FRACTIONAL_SHARE = 0.12;
/** Within 3 ms of a whole minute, at 88 deltas a second; scaled with the pace. */
export const MINUTE_BURST = { least: 45, most: 68, withinMs: 3, atDeltasPerSecond: 88 } as const;
/** Orders that one Polymarket refresh changes. */
export const REFRESH_ORDERS = { least: 4, most: 5 } as const;
