/** How long a wire in memory takes. */
import { invariant } from '../../domain/invariant.ts';
import type { Random } from '../../domain/ports/random.ts';

export interface Delay {
  readonly toServerMs: number;
  readonly toClientMs: number;
}

/** Draws the way there and the way back: together for an HTTP exchange, one of them for each frame of a socket. */
export type Delays = (random: Random) => Delay;

/** The same time each way, always. */
export function fixedDelays(oneWayMs: number): Delays {
  return () => ({ toServerMs: oneWayMs, toClientMs: oneWayMs });
}

/** A point of a distribution: this share of round trips takes at most so many milliseconds. */
export type Quantile = readonly [share: number, ms: number];

/**
 * Round trips drawn from quantiles, with logarithms interpolated between them and half of each trip spent in
 * either direction. The first and the last point bound what can be drawn.
 */
export function roundTrips(quantiles: readonly Quantile[]): Delays {
  invariant(quantiles.length > 0, 'round trips need at least one quantile, found none');
  for (const [index, [share, ms]] of quantiles.entries()) {
    const [shareBefore, msBefore] = quantiles[index - 1] ?? [-1, 0];
    invariant(
      ms > 0 && ms >= msBefore && share > shareBefore && share <= 1,
      () =>
        `quantiles must rise, with times above 0, found ${ms} ms at ${share} after ${msBefore} ms at ${shareBefore}`,
    );
  }
  return (random) => {
    const ms = quantile(quantiles, random.next());
    return { toServerMs: ms / 2, toClientMs: ms / 2 };
  };
}

function quantile(quantiles: readonly Quantile[], share: number): number {
  const at = quantiles.findIndex(([upTo]) => share <= upTo);
  const [upTo, ms] = (at < 0 ? quantiles.at(-1) : quantiles[at]) as Quantile;
  const before = quantiles[at - 1];
  if (before === undefined || at < 0) return ms;
  const part = (share - before[0]) / (upTo - before[0]);
  return before[1] * (ms / before[1]) ** part;
}
