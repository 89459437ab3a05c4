/** What an order leg may hear in each of its standings, from a venue that tells the truth about fills, if late. */
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import { isImmediate } from '../../src/domain/execution/leg-evidence.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import type { FillSettlement, OrderState, TimeInForce } from '../../src/domain/ports/venue.ts';
import { contracts, micros, priceE4 } from '../../src/domain/units.ts';
import type { OrderLegEvent } from '../../src/machines/order-leg.events.ts';
import type { orderLegMachine } from '../../src/machines/order-leg.machine.ts';
import type { OrderLegContext } from '../../src/machines/order-leg.setup.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';

type Machine = typeof orderLegMachine;
type Event = ModelEvent<Machine>;
type Refused = Extract<OrderLegEvent, { readonly type: 'order.refused' }>;

export const SIZE = 10;

/** Of a virtual clock at its start. */
export const STARTED_AT = 1_767_225_600_000_000;
const LIFE_MICROS = 120_000_000;
const BOOK = { kalshi: 'kalshi/KXTWO-26JAN02-A', polymarket: `polymarket/${'13'.repeat(38)}` } as const;

/** As the two venues of the tests know it. */
export function orderAt(venue: VenueName, timeInForce: TimeInForce): LegOrder {
  return {
    attemptId: 'a1',
    legId: `1-${venue}`,
    venue,
    role: 'entry',
    basketLeg: 0,
    clientOrderId: '6f1f3c9e-0d52-4a57-9a39-3d1a4a0b0c01',
    instrument: { book: BOOK[venue], inverted: false },
    action: 'buy',
    limitE4: priceE4(5_000),
    sizeE6: contracts(SIZE),
    timeInForce,
    expiresAt: timeInForce === 'goodTillDate' ? micros(STARTED_AT + LIFE_MICROS) : undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
  };
}

/** Short ways to say what is heard; a driver finds the ids and the cash. */
export const hears = {
  recorded: { type: 'intent.recorded' },
  withheld: { type: 'submission.withheld', reason: 'closed' },
  sent: { type: 'submission.sent' },
  acknowledged: (filled: number, resting: number): OrderLegEvent => ({
    type: 'order.acknowledged',
    venueOrderId: 'v1',
    filledE6: contracts(filled),
    restingE6: contracts(resting),
    isProvisional: false,
    tradeIds: [],
  }),
  refused: (reason: Refused['reason']): OrderLegEvent => ({ type: 'order.refused', reason, detail: 'said so' }),
  unknown: (hasLanded = false): OrderLegEvent => ({ type: 'order.unknown', detail: 'reset', hasLanded }),
  fill: (size: number, settlement: FillSettlement = 'final', tradeId = 't1'): OrderLegEvent => ({
    type: 'fill.reported',
    tradeId,
    sizeE6: contracts(size),
    cashMicroUsd: size * 500_000,
    settlement,
  }),
  record: (
    type: 'order.reported' | 'order.found',
    standing: OrderState['standing'],
    filled = standing === 'filled' ? SIZE : 0,
  ): OrderLegEvent => ({
    type,
    venueOrderId: 'v1',
    filledE6: contracts(filled),
    restingE6: standing === 'resting' ? contracts(SIZE - filled) : 0,
    standing,
  }),
  absent: (isPastExpiry = true): OrderLegEvent => ({ type: 'order.absent', isPastExpiry }),
  unread: { type: 'reconciliation.failed', detail: 'reset' },
  cancel: { type: 'cancel.requested', reason: 'test' },
  canceled: (size?: number): OrderLegEvent => ({
    type: 'cancel.acknowledged',
    ...(size === undefined ? {} : { canceledE6: contracts(size) }),
  }),
  notCanceled: { type: 'cancel.refused', reason: 'rateLimited', detail: '429' },
  cancelUnknown: { type: 'cancel.unknown', detail: '404' },
  gap: { type: 'reconciliation.requested', reason: 'gap' },
  broken: (effect: string): OrderLegEvent => ({ type: 'effect.failed', effect, message: 'broken' }),
  concluded: (word: 'confirmed' | 'failed' | 'quarantined', tradeId = 't1', size = SIZE): OrderLegEvent => ({
    type: 'trade.concluded',
    tradeId,
    sizeE6: contracts(size),
    word,
  }),
  reviewed: (settlement: 'confirmed' | 'failed', tradeId = 't1'): OrderLegEvent => ({
    type: 'trade.reviewed',
    tradeId,
    settlement,
  }),
  lostTrade: (tradeId = 't1'): OrderLegEvent =>
    ({
      type: `xstate.error.actor.trade/${tradeId}`,
      actorId: `trade/${tradeId}`,
      error: 'broken',
    }) as never,
  stranger: { type: 'nobody.knows' } as never as OrderLegEvent,
} as const;

/** What guards read. Sizes matter as nothing, some and all. */
export function keep({ evidence, hasLanded, cancelReason, absences, looks }: OrderLegContext): unknown {
  const matched = Math.max(
    evidence.claimedE6,
    evidence.fills.reduce((sum, { sizeE6 }) => sum + sizeE6, 0),
  );
  const sized = matched === 0 ? 'none' : matched < contracts(SIZE) ? 'some' : 'all';
  const standings = evidence.fills.map(({ standing }) => standing);
  return [sized, standings, hasLanded, cancelReason !== undefined, Math.min(absences, 2), looks > 0];
}

export function eventsFor(order: LegOrder): (state: ModelState<Machine>) => readonly Event[] {
  const isLater = order.venue === 'polymarket';
  return ({ text, context }) => [
    ...heardIn(text, order, context),
    ...(isLater ? aboutTrades(context) : []),
    ...(text === 'planned' ? [] : [hears.gap, hears.cancel]),
    hears.stranger,
  ];
}

function heardIn(text: string, order: LegOrder, context: OrderLegContext): readonly Event[] {
  const [top = ''] = text.split('.');
  switch (top) {
    case 'planned':
      return [hears.recorded, hears.withheld, hears.cancel];
    case 'sending':
      return [...(text.endsWith('intentWritten') ? [hears.sent] : []), ...replies(order), ...reports(order, context)];
    case 'live':
      return [
        ...reports(order, context),
        hears.acknowledged(0, SIZE),
        ...(order.expiresAt === undefined ? [] : [{ type: 'order.expired' } as const]),
      ];
    case 'canceling':
      return [
        ...cancelWords(order),
        ...reports(order, context),
        text.endsWith('Requested') ? { type: 'cancelAcknowledgement.overdue' } : { type: 'cancelPause.over' },
      ];
    case 'uncertain':
      return [
        ...reports(order, context),
        ...replies(order).slice(0, 3),
        ...(text.endsWith('reconciling')
          ? [...reads(order, context), { type: 'reconciliation.overdue' } as const]
          : [{ type: 'reconciliation.due' } as const]),
      ];
    case 'ended':
      return [...fills(order, context), ...(context.looks > 0 ? reads(order, context) : []), { type: 'look.due' }];
    default:
      return [];
  }
}

function replies(order: LegOrder): readonly Event[] {
  return [
    ...(isImmediate(order)
      ? [hears.acknowledged(SIZE, 0), hears.refused('killed')]
      : [hears.acknowledged(0, SIZE), hears.acknowledged(4, SIZE - 4)]),
    hears.unknown(),
    hears.refused('insufficientBalance'),
    hears.refused('notSent'),
    { type: 'acknowledgement.overdue' },
  ];
}

function fills({ venue, timeInForce }: LegOrder, { evidence }: OrderLegContext): readonly Event[] {
  const tradeId = `t${evidence.fills.length + 1}`;
  const matched = evidence.fills.reduce((sum, { sizeE6 }) => sum + sizeE6, 0);
  const left = (contracts(SIZE) - matched) / 1_000_000;
  if (left <= 0 || evidence.fills.length > (venue === 'kalshi' ? 1 : 0)) return [];
  const sizes = timeInForce === 'fillOrKill' || left < 5 ? [left] : [4, left];
  return sizes.map((size) => hears.fill(size, venue === 'kalshi' ? 'final' : 'matched', tradeId));
}

function reports(order: LegOrder, context: OrderLegContext): readonly Event[] {
  return [
    ...fills(order, context),
    hears.record('order.reported', 'filled'),
    hears.record('order.reported', 'canceled', claimed(context)),
    ...(isImmediate(order) ? [] : [hears.record('order.reported', 'resting', claimed(context))]),
  ];
}

/** A record counts at least what was said before. */
function claimed({ evidence }: OrderLegContext): number {
  const matched = evidence.fills.reduce((sum, { sizeE6 }) => sum + sizeE6, 0);
  return Math.min(SIZE, Math.max(matched, evidence.claimedE6) / 1_000_000);
}

function reads(order: LegOrder, context: OrderLegContext): readonly Event[] {
  return [
    hears.record('order.found', 'filled'),
    hears.record('order.found', 'canceled', claimed(context)),
    ...(isImmediate(order) ? [] : [hears.record('order.found', 'resting', claimed(context))]),
    hears.absent(),
    hears.unread,
  ];
}

function cancelWords({ venue }: LegOrder): readonly Event[] {
  return [hears.canceled(venue === 'kalshi' ? SIZE : undefined), hears.notCanceled, hears.cancelUnknown];
}

function aboutTrades({ evidence }: OrderLegContext): readonly Event[] {
  return evidence.fills.flatMap(({ tradeId, sizeE6, standing }): Event[] => {
    const size = sizeE6 / 1_000_000;
    if (standing === 'provisional')
      return [hears.concluded('confirmed', tradeId, size), hears.concluded('failed', tradeId, size)];
    return standing === 'quarantined' ? [hears.reviewed('confirmed', tradeId), hears.reviewed('failed', tradeId)] : [];
  });
}
