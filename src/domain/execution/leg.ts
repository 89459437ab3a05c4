/** One order of an attempt, and what is believed of it at any moment. */
import type { VenueName } from '../instrument.ts';
import type { OrderRefusal, OrderRequest, TimeInForce } from '../ports/venue.ts';
import { type MicroUsd, mulDiv, type PriceE4, type SizeE6, sizeE6 } from '../units.ts';

export type LegRole = 'entry' | 'hedge' | 'completion' | 'unwind' | 'exit' | 'quote';

/** An order as the attempt plans it. It survives JSON: `undefined` fields are left out there. */
export interface LegOrder extends OrderRequest {
  readonly attemptId: string;
  /** Unique in the attempt, `<number>-<venue>`: the name of the leg's actor is `leg/<legId>`. */
  readonly legId: string;
  readonly venue: VenueName;
  readonly role: LegRole;
  /** Which leg of the basket it buys, or sells back. */
  readonly basketLeg: number;
  /** The best price that its book showed when it was made, for a purchase that takes. */
  readonly bestE4?: PriceE4;
}

/**
 * All that an order may fill. A purchase at Polymarket that takes is a budget: where it meets a better price than its
 * limit it buys more contracts than it was sized for, at most what the budget buys at the best price that was shown.
 */
export function fillableE6({ venue, action, timeInForce, sizeE6: size, limitE4, bestE4 }: LegOrder): SizeE6 {
  const isBudget = venue === 'polymarket' && action === 'buy' && TAKES.has(timeInForce);
  if (!isBudget || bestE4 === undefined || bestE4 <= 0 || bestE4 >= limitE4) return size;
  return sizeE6(mulDiv(size, limitE4, bestE4, 'ceil'));
}

const TAKES: ReadonlySet<TimeInForce> = new Set(['fillOrKill', 'immediateOrCancel']);

/** How an order came to its end at the venue. */
export type LegEnd =
  | 'filled'
  | 'killed'
  | 'canceled'
  | 'refused'
  /** absent in complete reads past its own expiry */
  | 'notAccepted'
  /** our own gate or budget kept it: nothing was sent */
  | 'withheld';

/** `working` from the intent until the venue's last word; `unresolved` while nobody knows; `ended` is revisable by late fills. */
export type LegStanding = 'planned' | 'working' | 'resting' | 'unresolved' | 'ended';

/**
 * What a leg knows. What is truly filled lies within `finalE6 .. finalE6 + provisionalE6 + openE6`
 * at every moment.
 */
export interface LegReport {
  readonly order: LegOrder;
  readonly standing: LegStanding;
  readonly end: LegEnd | undefined;
  readonly refusal: OrderRefusal | undefined;
  /** Fills that nothing reverses any more, in the venue's words. */
  readonly finalE6: SizeE6;
  /** Matched, and able to fail on chain. */
  readonly provisionalE6: SizeE6;
  /** Of these, what is in a block, so that the venue lets it go; absent while that is nothing. */
  readonly minedE6?: SizeE6;
  /** May still fill, as far as is known. */
  readonly openE6: SizeE6;
  /** Cash that the fills so far moved, fees included: positive left us. Estimated at the limit until a fill says. */
  readonly cashMicroUsd: MicroUsd;
  /** Every fill is reported in full (price and fee), so that the ledger has it all. */
  readonly isAccounted: boolean;
}

/** Contracts that the leg certainly or possibly has, provisional ones counted as possible. */
export function filledSpan({ finalE6, provisionalE6, openE6 }: LegReport): {
  readonly leastE6: number;
  readonly mostE6: number;
} {
  return { leastE6: finalE6, mostE6: finalE6 + provisionalE6 + openE6 };
}

/** What decisions are sized by: what the venue confirmed, matches that may still fail included (docs/invariants.md, S12). */
export function confirmedE6({ finalE6, provisionalE6 }: LegReport): number {
  return finalE6 + provisionalE6;
}
