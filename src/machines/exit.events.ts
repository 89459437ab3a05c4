/** What an exit is given, hears, tells and asks for. */
import type { LegSale } from '../domain/execution/basket-sales.ts';
import type { ExitPlan } from '../domain/execution/exit-plan.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import type { ExitTrigger } from '../domain/sports/exits.ts';
import type { ChildLegEvent, PlacedLeg } from './child-leg.ts';
import type { ChildEnded, EffectFailed } from './effects.ts';

export interface ExitInput {
  readonly plan: ExitPlan;
  /** Contracts of the leg that the position holds. */
  readonly sizeE6: number;
  /** Orders of an earlier life, whose ends are asked from the venue first. */
  readonly restored?: {
    /** `undefined` when nobody decides to sell any more: what rests is taken off, and its orders are followed. */
    readonly trigger: ExitTrigger | undefined;
    readonly placed: readonly PlacedLeg[];
  };
}

export interface ExitContext {
  readonly plan: ExitPlan;
  readonly sizeE6: number;
  readonly trigger: ExitTrigger | undefined;
  readonly placed: readonly PlacedLeg[];
  /** Orders placed since the trigger. */
  readonly orders: number;
}

/** What an exit tells its position. */
export type ExitNews =
  | { readonly type: 'exit.triggered'; readonly leg: number; readonly trigger: ExitTrigger }
  /** The price went away before anything was sold; it waits again. */
  | { readonly type: 'exit.lapsed'; readonly leg: number }
  /** What an order of its has sold so far, and nothing reverses it. */
  | ({ readonly type: 'exit.sold' } & LegSale);

export interface ExitOutput {
  readonly leg: number;
  readonly soldE6: number;
}

export type ExitEvent =
  | { readonly type: 'exit.due'; readonly trigger: ExitTrigger }
  | { readonly type: 'exit.requested'; readonly reason: string }
  | { readonly type: 'close.planned'; readonly order: LegOrder; readonly atMicros: number }
  | { readonly type: 'close.deferred'; readonly reason: string }
  | { readonly type: 'close.lapsed'; readonly reason: string }
  /** less than the venue takes in one order is left */
  | { readonly type: 'close.impossible'; readonly reason: string }
  | { readonly type: 'holding.fell'; readonly heldE6: number }
  /** So many contracts more, or fewer, to close; our own sales are not told. */
  | { readonly type: 'position.resized'; readonly byE6: number }
  | { readonly type: 'position.ended' }
  | { readonly type: 'retry.due' }
  | ChildLegEvent
  | ChildEnded
  | EffectFailed;

/** To risk: what the orders of an exit may still sell. */
export interface ReportLegs {
  readonly type: 'reportLegs';
  readonly params: { readonly plan: ExitPlan; readonly reports: readonly LegReport[] };
}
