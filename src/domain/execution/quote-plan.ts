/** A maker quote as it is wished for (docs/rules.md §11): how much, how long, and down to which price it is an edge. */
import type { Instrument, VenueName } from '../instrument.ts';
import type { Millis, PriceE4, SizeE6 } from '../units.ts';

export interface QuotePlan {
  readonly quoteId: string;
  /** Whose entry it is: limits and permits go by it. */
  readonly attemptId: string;
  readonly basketLeg: number;
  readonly venue: VenueName;
  /** What is bought. */
  readonly instrument: Instrument;
  readonly sizeE6: SizeE6;
  readonly minSizeE6: SizeE6;
  /** The highest price at which it still pays to be filled, fees and hedge included. */
  readonly worstE4: PriceE4;
  /** From the start until it is withdrawn, filled or not. */
  readonly restMsMax: Millis;
  /** Between the end of one order and the next: a venue's write budget is small. */
  readonly pauseMs: Millis;
  /** Orders in all. */
  readonly ordersMax: number;
}
