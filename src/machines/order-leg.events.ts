/** What an order leg can hear, and what each of it proves. Pure. */
import type { LegOrder } from '../domain/execution/leg.ts';
import {
  type EvidentFill,
  type FillStanding,
  isImmediate,
  type LegEvidence,
  withClaim,
  withFill,
} from '../domain/execution/leg-evidence.ts';
import type { CancelRefusal, FillSettlement, OrderRefusal, OrderState } from '../domain/ports/venue.ts';
import type { ChildEnded, EffectFailed } from './effects.ts';
import type { TradeConcluded } from './venue-trade.machine.ts';

/** A fill as the accounts booked it. */
export interface LegFill {
  readonly tradeId: string;
  readonly sizeE6: number;
  /** What it moved, fee included: positive left us. */
  readonly cashMicroUsd: number;
  readonly settlement: FillSettlement;
}

/** An order as the venue keeps it. */
export interface OrderRecordFacts {
  readonly venueOrderId: string;
  readonly filledE6: number;
  readonly restingE6: number;
  readonly standing: OrderState['standing'];
  /** From now until the venue drops it. */
  readonly expiresInMs?: number | undefined;
}

/** Answers of the desk. */
export type DeskEvent =
  /** The intent is on disk, and the last look allows it. */
  | {
      readonly type: 'intent.recorded';
      readonly venueOrderId?: string | undefined;
      readonly expiresInMs?: number | undefined;
    }
  /** Nothing was sent and nothing will be. */
  | { readonly type: 'submission.withheld'; readonly reason: string }
  | { readonly type: 'submission.sent' }
  | {
      readonly type: 'order.acknowledged';
      readonly venueOrderId: string;
      readonly filledE6: number;
      readonly restingE6: number;
      readonly isProvisional: boolean;
      readonly tradeIds: readonly string[];
    }
  | {
      readonly type: 'order.refused';
      readonly reason: OrderRefusal;
      readonly detail: string;
      readonly retryAfterMs?: number | undefined;
    }
  | {
      readonly type: 'order.unknown';
      readonly detail: string;
      readonly hasLanded: boolean;
      readonly venueOrderId?: string | undefined;
    }
  | { readonly type: 'cancel.acknowledged'; readonly canceledE6?: number | undefined }
  | {
      readonly type: 'cancel.refused';
      readonly reason: CancelRefusal;
      readonly detail: string;
      readonly retryAfterMs?: number | undefined;
    }
  | { readonly type: 'cancel.unknown'; readonly detail: string }
  /** A read found it. */
  | ({ readonly type: 'order.found' } & OrderRecordFacts)
  /** A complete, successful read of orders and fills does not know it. */
  | { readonly type: 'order.absent'; readonly isPastExpiry: boolean }
  | { readonly type: 'reconciliation.failed'; readonly detail: string };

/** What the venue says by itself, over its private stream. */
export type StreamEvent =
  | ({ readonly type: 'fill.reported' } & LegFill)
  | ({ readonly type: 'order.reported' } & OrderRecordFacts);

/** What the attempt, or a person, wishes. */
export type WishEvent =
  | { readonly type: 'cancel.requested'; readonly reason: string }
  | { readonly type: 'reconciliation.requested'; readonly reason: string }
  | { readonly type: 'trade.reviewed'; readonly tradeId: string; readonly settlement: 'confirmed' | 'failed' };

export type LegTimer =
  | { readonly type: 'acknowledgement.overdue' }
  | { readonly type: 'cancelAcknowledgement.overdue' }
  | { readonly type: 'cancelPause.over' }
  | { readonly type: 'reconciliation.due' }
  | { readonly type: 'reconciliation.overdue' }
  | { readonly type: 'order.expired' }
  | { readonly type: 'look.due' };

export type OrderLegEvent =
  | DeskEvent
  | StreamEvent
  | WishEvent
  | LegTimer
  | TradeConcluded
  | EffectFailed
  | Extract<ChildEnded, { readonly error: unknown }>;

/** The evidence with what this event proves of fills. */
export function evidenceAfter(evidence: LegEvidence, order: LegOrder, event: OrderLegEvent): LegEvidence {
  switch (event.type) {
    case 'fill.reported':
      return withFill(evidence, evidentFill(event));
    case 'order.acknowledged':
    case 'order.reported':
    case 'order.found':
      return withClaim(evidence, event.filledE6);
    case 'cancel.acknowledged':
      return event.canceledE6 === undefined ? evidence : withClaim(evidence, order.sizeE6 - event.canceledE6);
    default:
      return evidence;
  }
}

function evidentFill({ tradeId, sizeE6, cashMicroUsd, settlement }: LegFill): EvidentFill {
  return { tradeId, sizeE6, cashMicroUsd, standing: standingOf(settlement) };
}

function standingOf(settlement: FillSettlement): FillStanding {
  if (settlement === 'final' || settlement === 'confirmed') return 'final';
  return settlement === 'failed' || settlement === 'mined' ? settlement : 'provisional';
}

/** The venue's id, from whatever names it. */
export function venueOrderIdIn(event: OrderLegEvent): string | undefined {
  return 'venueOrderId' in event ? event.venueOrderId : undefined;
}

/** Whether the event proves that the order reached the venue. */
export function provesLanding(event: OrderLegEvent): boolean {
  switch (event.type) {
    case 'fill.reported':
    case 'order.acknowledged':
    case 'order.reported':
    case 'order.found':
    case 'cancel.acknowledged':
      return true;
    case 'order.unknown':
      return event.hasLanded;
    default:
      return false;
  }
}

/** Whether the event says that nothing of the order works any more. A read that is not sure proves nothing. */
export function saysDead(event: OrderLegEvent): boolean {
  switch (event.type) {
    case 'order.acknowledged':
      return event.restingE6 === 0;
    case 'order.reported':
    case 'order.found':
      return event.standing === 'canceled' || event.standing === 'filled';
    case 'cancel.acknowledged':
      return event.canceledE6 !== undefined;
    default:
      return false;
  }
}

/** Whether it rests at the venue. An order that matches at once cannot, so one that is said to is still on its way. */
export function saysResting(event: OrderLegEvent, order: LegOrder): boolean {
  if (isImmediate(order)) return false;
  if (event.type === 'order.acknowledged') return event.restingE6 > 0;
  return (event.type === 'order.found' || event.type === 'order.reported') && event.standing === 'resting';
}

/** Refusals by which nothing left us. */
export function isKeptHere(reason: OrderRefusal): boolean {
  return reason === 'budgetExhausted' || reason === 'unsupported' || reason === 'notSent';
}
