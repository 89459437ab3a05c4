/** What an approved opportunity becomes: the orders, their sequence, and how far repairs may go. */
import type { BookSeen } from '../edge/decide.ts';
import type { MicroUsd, Millis, SizeE6 } from '../units.ts';
import type { LegOrder } from './leg.ts';

/**
 * `together`: every leg at once, fill or kill. `sequential`: the less certain leg first, immediate or
 * cancel, the other sized to what filled. `makerThenHedge`: the first rests, each fill is hedged at once.
 * `sniper`: a single fill-or-kill at the venue that is likelier to vanish, then the other as its hedge.
 */
export type ExecutionPolicy = 'together' | 'sequential' | 'makerThenHedge' | 'sniper';

export interface RepairLimits {
  /** How long a planned one-leg interval may last before it is an asymmetry. */
  readonly hedgeDeadlineMs: Millis;
  /** How long a maker leg rests. */
  readonly restMsMax: Millis;
  /** From the evidence of an asymmetry until what is left is called stuck. */
  readonly repairMsMax: Millis;
  /** What completing or unwinding may lose beyond the plan, in all. */
  readonly repairLossMicroUsdMax: MicroUsd;
  /** Orders that a repair may send before it is stuck. */
  readonly repairOrdersMax: number;
  /** Between two looks of a stuck attempt for a way out. */
  readonly stuckRetryMs: Millis;
  /** At most so much may be left over as dust that no venue trades, at cost. */
  readonly dustMicroUsdMax: MicroUsd;
}

export interface AttemptPlan {
  readonly attemptId: string;
  readonly opportunityId: string;
  /** The watch that found it: its legs, in basket order, are what `basketLeg` counts. */
  readonly watchId: string;
  readonly label: string;
  readonly policy: ExecutionPolicy;
  /** In the order of sending. */
  readonly legs: readonly LegOrder[];
  /** Complete sets, if everything fills. */
  readonly sizeE6: SizeE6;
  /** What one set pays at least, in ten-thousandths of a dollar. */
  readonly promisedE4: number;
  readonly capitalMicroUsd: MicroUsd;
  readonly profitMicroUsd: MicroUsd;
  readonly books: readonly BookSeen[];
  readonly repair: RepairLimits;
}
