/** Drawing from what was measured. */
import type { Random } from '../../domain/ports/random.ts';

export interface Share {
  /** Within 0..1, ascending. */
  readonly share: number;
  readonly value: number;
}

/** Between two quantiles the logarithm grows evenly; below the first everything is as large as the first. */
export function quantileAt(quantiles: readonly Share[], share: number): number {
  let below: Share | undefined;
  for (const at of quantiles) {
    if (share > at.share) {
      below = at;
      continue;
    }
    if (below === undefined) return at.value;
    const part = (share - below.share) / (at.share - below.share);
    return Math.exp(Math.log(below.value) + part * (Math.log(at.value) - Math.log(below.value)));
  }
  return below?.value ?? 0;
}

export function drawn(quantiles: readonly Share[], random: Random): number {
  return quantileAt(quantiles, random.next());
}

/** The mean of what `drawn` gives. */
export function meanOf(quantiles: readonly Share[]): number {
  let sum = 0;
  let below: Share | undefined;
  for (const at of quantiles) {
    const width = at.share - (below?.share ?? 0);
    const isFlat = below === undefined || below.value === at.value;
    const mean = below === undefined || isFlat ? at.value : (at.value - below.value) / Math.log(at.value / below.value);
    sum += width * mean;
    below = at;
  }
  return sum;
}

/** Exponential: the wait for something that happens so often on average, whatever happened before. */
export function waitMs(perSecond: number, random: Random): number {
  return (-Math.log(1 - random.next()) / perSecond) * 1_000;
}

/** Contracts in millionths, whole hundredths: nearly always whole contracts, sometimes fractional. */
export function contractsE6(count: number, isFractional: boolean): number {
  return isFractional ? Math.max(1, Math.round(count * 100)) * 10_000 : Math.max(1, Math.round(count)) * 1_000_000;
}
