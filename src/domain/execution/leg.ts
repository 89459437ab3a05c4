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
 * A purchase at Polymarket that takes is a budget: where it meets a better price than its limit it buys more contracts
 * than it was sized for (docs/decisions/0018-a-budget-has-two-bounds.md).
 */
export function isBudget({ venue, action, timeInForce }: LegOrder): boolean {
  return venue === 'polymarket' && action === 'buy' && TAKES.has(timeInForce);
}

const TAKES: ReadonlySet<TimeInForce> = new Set(['fillOrKill', 'immediateOrCancel']);

/** What decisions take an order to fill at most: of a budget, what it buys at the best price that was shown. */
export function fillableE6(order: LegOrder): SizeE6 {
  const { sizeE6: size, limitE4, bestE4 } = order;
  if (!isBudget(order) || bestE4 === undefined || bestE4 <= 0 || bestE4 >= limitE4) return size;
  return sizeE6(mulDiv(size, limitE4, bestE4, 'ceil'));
}

/** The finest tick of either venue, and so the least that a contract can be bought for. */
const LEAST_E4 = 1;

/** What an order fills at most, whatever becomes of the price on its way: of a budget, what it buys at the least price. */
export function fillableE6Max(order: LegOrder): SizeE6 {
  const { sizeE6: size, limitE4 } = order;
  return isBudget(order) ? sizeE6(mulDiv(size, limitE4, LEAST_E4, 'floor')) : size;
}

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

/** What a leg knows. What is truly filled lies within its `filledSpan` at every moment. */
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
  /** May still fill, as far as decisions go: what a better price than any that was shown may add is not in it. */
  readonly openE6: SizeE6;
  /** Cash that the fills so far moved, fees included: positive left us. Estimated at the limit until a fill says. */
  readonly cashMicroUsd: MicroUsd;
  /** Every fill is reported in full (price and fee), so that the ledger has it all. */
  readonly isAccounted: boolean;
}

/** Whatever may still fill, at whatever price. */
function openE6Max({ order, standing, finalE6, provisionalE6, openE6 }: LegReport): SizeE6 {
  if (standing === 'ended' || !isBudget(order)) return openE6;
  return sizeE6(Math.max(openE6, fillableE6Max(order) - finalE6 - provisionalE6));
}

/** Contracts that the leg certainly or possibly has, provisional ones counted as possible. */
export function filledSpan(report: LegReport): { readonly leastE6: number; readonly mostE6: number } {
  const { finalE6, provisionalE6 } = report;
  return { leastE6: finalE6, mostE6: finalE6 + provisionalE6 + openE6Max(report) };
}

/** What decisions are sized by: what the venue confirmed, matches that may still fail included (docs/invariants.md, S12). */
export function confirmedE6({ finalE6, provisionalE6 }: LegReport): number {
  return finalE6 + provisionalE6;
}
