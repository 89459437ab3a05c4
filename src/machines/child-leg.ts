/**
 * The order leg as its parents see it: what it is given, and what it says. A parent spawns it by the name
 * `orderLeg`; its actor binds the chart behind the name, and until then there is nothing behind it.
 */
import { type AnyActorRef, type AnyStateMachine, setup } from 'xstate';
import { plannedReport } from '../domain/execution/exit-plan.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import { invariant } from '../domain/invariant.ts';

export interface ChildLegInput {
  readonly order: LegOrder;
  /** A leg whose order may already be at the venue: it asks and sends nothing. */
  readonly restored?: {
    readonly report: LegReport;
    readonly venueOrderId?: string;
    readonly sinceMicros: number;
  };
}

/** What a leg tells its parent. It ends when it is accounted for and nothing of it can be reversed any more. */
export type ChildLegEvent =
  | { readonly type: 'leg.reported'; readonly report: LegReport }
  /** A matched trade failed on chain. The new report has come before this. */
  | { readonly type: 'leg.reversed'; readonly legId: string; readonly tradeId: string; readonly sizeE6: number };

export const childLeg: AnyStateMachine = setup({
  types: {} as { input: ChildLegInput },
}).createMachine({ id: 'orderLeg' });

/** An order that was placed by a parent, and what is known of it. */
export interface PlacedLeg {
  readonly legId: string;
  /** The id of its actor: another one when it was restored after a fault. */
  readonly actorId: string;
  readonly sinceMicros: number;
  readonly report: LegReport;
  readonly isSettled: boolean;
}

export function actorIdOf(legId: string): string {
  return `leg/${legId}`;
}

export function isLive({ report }: PlacedLeg): boolean {
  return report.standing !== 'ended';
}

export function withReport(placed: readonly PlacedLeg[], report: LegReport): readonly PlacedLeg[] {
  return placed.map((leg) => (leg.legId === report.order.legId ? { ...leg, report } : leg));
}

export function withSettled(placed: readonly PlacedLeg[], actorId: string): readonly PlacedLeg[] {
  return placed.map((leg) => (leg.actorId === actorId ? { ...leg, isSettled: true } : leg));
}

export function reportsOf(placed: readonly PlacedLeg[]): readonly LegReport[] {
  return placed.map(({ report }) => report);
}

export function placedLeg({ order, atMicros }: { readonly order: LegOrder; readonly atMicros: number }): PlacedLeg {
  const { legId } = order;
  const report = plannedReport(order);
  return { legId, actorId: actorIdOf(legId), sinceMicros: atMicros, report, isSettled: false };
}

/** A leg whose actor broke comes back under a name of its own: the order may be at the venue. */
export function restoredId(actorId: string): string {
  return `${actorId}/restored`;
}

export function withRestored(placed: readonly PlacedLeg[], actorId: string): readonly PlacedLeg[] {
  return placed.map((leg) => (leg.actorId === actorId ? { ...leg, actorId: restoredId(actorId) } : leg));
}

export function restoredInput({ report, sinceMicros }: PlacedLeg): ChildLegInput {
  return { order: report.order, restored: { report, sinceMicros } };
}

/** The same for the order whose actor has just broken, once it is noted as restored. */
export function inputAfterFault(placed: readonly PlacedLeg[], brokenActorId: string): ChildLegInput {
  const actorId = restoredId(brokenActorId);
  const leg = placed.find((each) => each.actorId === actorId);
  invariant(leg !== undefined, () => `a child that broke must be one of the orders of its parent, found ${actorId}`);
  return restoredInput(leg);
}

/** Whom an exit or a quote tells: it belongs to somebody. */
export function parentOf(self: unknown): AnyActorRef {
  const parent = (self as { readonly _parent?: AnyActorRef })._parent;
  invariant(parent !== undefined, 'an actor with news must belong to another, found none');
  return parent;
}

/** Whether it may come back: not when it was brought back already, and not when nothing of it is open. */
export function isFirstFault(placed: readonly PlacedLeg[], actorId: string): boolean {
  return !actorId.endsWith('/restored') && placed.some((leg) => leg.actorId === actorId && !leg.isSettled);
}

/** A leg that broke twice: its order may be at the venue, and only the next life of the process asks for it. */
export function withLost(placed: readonly PlacedLeg[], actorId: string): readonly PlacedLeg[] {
  return placed.map((leg) => (leg.actorId === actorId ? { ...leg, actorId: LOST } : leg));
}

/** The live order, if somebody is there to cancel it. */
export function cancellable(placed: readonly PlacedLeg[]): PlacedLeg | undefined {
  return placed.find((leg) => isLive(leg) && leg.actorId !== LOST);
}

const LOST = 'leg/lost';
