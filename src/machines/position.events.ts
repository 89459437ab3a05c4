/** What a position is given, hears and remembers. */
import type { BasketLeg, LegEvidence, LegSettlement, Payment } from '../domain/execution/held-basket.ts';
import type { SizeE6 } from '../domain/units.ts';
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
  readonly legs: readonly BasketLeg[];
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
}

export interface PositionOutput {
  readonly positionId: string;
  readonly settlements: readonly LegSettlement[];
}

/** So many contracts are held of a leg now, and have cost so much in all. */
export type LegHolding = Pick<BasketLeg, 'leg' | 'sizeE6' | 'costMicroUsd'>;

/** The accounts hold another number of contracts than before, and not because an exit of ours sold. */
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
  | { readonly type: 'payment.overdue' }
  | { readonly type: 'revision.expired' }
  | ExitNews
  | ChildEnded
  | EffectFailed;
