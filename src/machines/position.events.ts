/** What a position is given, hears and remembers. */
import type { LegSale } from '../domain/execution/basket-sales.ts';
import type { ExitPlan } from '../domain/execution/exit-plan.ts';
import type { BasketLeg, LegEvidence, LegSettlement, Payment } from '../domain/execution/held-basket.ts';
import type { SizeE6 } from '../domain/units.ts';
import type { PlacedLeg } from './child-leg.ts';
import type { ChildEnded, EffectFailed } from './effects.ts';
import type { ExitInput, ExitNews } from './exit.events.ts';

export interface PositionPatience {
  /** Between looks at the venues: this at first, doubling while nothing is new, up to the most. */
  readonly checkMsMin: number;
  readonly checkMsMax: number;
  /** From a result that is known until its money is late. */
  readonly paymentMsMax: number;
  /** How long a paid basket is watched for a revision. */
  readonly revisionMs: number;
}

export interface PositionInput {
  readonly positionId: string;
  /** The watch, and so the pair, that it came from. */
  readonly watchId: string;
  readonly label: string;
  /** As its attempt left them: what exits sold is not taken off. */
  readonly legs: readonly BasketLeg[];
  /** What exits of an earlier position sold of them. */
  readonly sales?: readonly LegSale[];
  /** What one set pays at least, in ten-thousandths of a dollar, if the legs are what they were taken for. */
  readonly promisedE4: number;
  readonly patience: PositionPatience;
  /** How each leg may be closed before its market is; none where it is held to the end. */
  readonly exits: readonly ExitInput[];
  /** Legs may differ by so much from the start: less than any venue trades, and within the limit for it. */
  readonly dustE6?: SizeE6;
  readonly restored?: { readonly settlements: readonly LegSettlement[] };
}

export interface PositionContext {
  readonly positionId: string;
  readonly watchId: string;
  readonly label: string;
  /** As its attempt left them. */
  readonly bought: readonly BasketLeg[];
  /** What exits sold of that. */
  readonly sales: readonly LegSale[];
  /** What is held: what was bought and not sold since. */
  readonly legs: readonly BasketLeg[];
  readonly promisedE4: number;
  readonly patience: PositionPatience;
  readonly dustE6: SizeE6;
  readonly settlements: readonly LegSettlement[];
  /** Looks in a row that learned nothing. */
  readonly quietChecks: number;
  readonly plannedExits: readonly ExitInput[];
  /** Legs whose exit lives. */
  readonly exits: readonly number[];
  /** Legs whose exit is selling. */
  readonly exiting: readonly number[];
  readonly broken: readonly BrokenExit[];
}

/** A leg whose exit broke, until the orders of that exit have ended. */
export interface BrokenExit {
  readonly leg: number;
  /** Another actor asks what became of them; otherwise one takes them up after a pause. */
  readonly isFollowed: boolean;
}

export interface PositionOutput {
  readonly positionId: string;
  readonly settlements: readonly LegSettlement[];
}

/** So many contracts its attempt left of a leg, and they have cost so much in all. What exits sold is not taken off. */
export type LegHolding = Pick<BasketLeg, 'leg' | 'sizeE6' | 'costMicroUsd'>;

/** Its attempt left another number of contracts than was believed. */
export interface HoldingChanged {
  readonly type: 'holding.changed';
  readonly held: readonly LegHolding[];
  /** Legs may differ by so much from now on; as before where it is left out. */
  readonly dustE6?: SizeE6;
  readonly reason: string;
}

export type PositionEvent =
  /** All markets of the basket were read. */
  | { readonly type: 'settlement.checked'; readonly evidence: readonly LegEvidence[] }
  | { readonly type: 'settlementCheck.failed'; readonly detail: string }
  /** A venue said that something about a market changed. It is a reason to look, never evidence. */
  | { readonly type: 'market.changed'; readonly venueKey: string; readonly change: string }
  | { readonly type: 'check.due' }
  | { readonly type: 'settlement.recorded'; readonly leg: number; readonly payment: Payment }
  | { readonly type: 'settlement.reversed'; readonly leg: number }
  | { readonly type: 'settlement.refused'; readonly leg: number; readonly detail: string }
  | HoldingChanged
  | { readonly type: 'exit.requested'; readonly reason: string }
  /** A person wishes this leg closed: by the exit that it has, or by one that is begun for it. */
  | { readonly type: 'closing.requested'; readonly plan: ExitPlan; readonly by: string; readonly reason: string }
  /** What is known of the orders of an exit that broke. */
  | { readonly type: 'exit.ordersFound'; readonly leg: number; readonly placed: readonly PlacedLeg[] }
  | { readonly type: 'following.due' }
  | { readonly type: 'payment.overdue' }
  | { readonly type: 'revision.expired' }
  | ExitNews
  | ChildEnded
  | EffectFailed;
