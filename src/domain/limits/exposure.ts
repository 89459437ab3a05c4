/** What we stand to lose, and whether it fits under a limit. */
import { addUsd, CONTRACT, type MicroUsd, microUsd, mulDiv, type SizeE6 } from '../units.ts';

/**
 * Money that is not known exactly while a leg is unknown: from `least` if nothing of it filled to
 * `most` if all of it did. A limit is held against the worse end (docs/rules.md §16).
 */
export interface ExposureSpan {
  readonly leastMicroUsd: MicroUsd;
  readonly mostMicroUsd: MicroUsd;
}

export function certain(exposure: MicroUsd): ExposureSpan {
  return { leastMicroUsd: exposure, mostMicroUsd: exposure };
}

export function worseEnd(span: ExposureSpan): MicroUsd {
  return microUsd(Math.max(span.mostMicroUsd, span.leastMicroUsd));
}

/** Whether open exposure, reservations included, and a new cost, both legs and fees, stay within a limit. Equality does. */
export function isWithinExposure(exposure: {
  readonly openMicroUsd: MicroUsd;
  readonly addedMicroUsd: MicroUsd;
  readonly limitMicroUsd: MicroUsd;
}): boolean {
  return addUsd(exposure.openMicroUsd, exposure.addedMicroUsd) <= exposure.limitMicroUsd;
}

export interface LegGap {
  readonly sizeAE6: SizeE6;
  readonly sizeBE6: SizeE6;
  /** What one contract of the larger leg cost on average, rounded up. */
  readonly averageCostMicroUsd: MicroUsd;
}

/** What the contracts without a partner cost: `|a − b| × average cost`, rounded against us. */
export function unhedgedCost(gap: LegGap): MicroUsd {
  return microUsd(mulDiv(Math.abs(gap.sizeAE6 - gap.sizeBE6), gap.averageCostMicroUsd, CONTRACT, 'ceil'));
}

/** An imbalance breaches strictly above its limit (docs/rules.md §18). */
export function isImbalanced(unhedged: MicroUsd, limit: MicroUsd): boolean {
  return unhedged > limit;
}
