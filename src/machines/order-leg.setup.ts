/** The words that the chart of an order leg is written in: its context, effects, actions, guards and delays. */
import { assign, raise, sendParent, setup } from 'xstate';
import { isBudget, type LegEnd, type LegOrder, type LegReport, type LegStanding } from '../domain/execution/leg.ts';
import {
  type FillStanding,
  fillOf,
  isImmediate,
  isOverfilled,
  isSameReport,
  isSettled,
  isWhole,
  type LegEvidence,
  matchedE6,
  reportOf,
  withStanding,
} from '../domain/execution/leg-evidence.ts';
import type { TriggerKind } from '../domain/limits/trigger.ts';
import type { OrderRefusal } from '../domain/ports/venue.ts';
import { effect, reportUnexpected } from './effects.ts';
import {
  evidenceAfter,
  isKeptHere,
  type OrderLegEvent,
  provesLanding,
  saysDead,
  saysResting,
  venueOrderIdIn,
} from './order-leg.events.ts';
import { type TradeWord, venueTradeMachine } from './venue-trade.machine.ts';

export interface RestoredLeg {
  readonly report: LegReport;
  readonly venueOrderId?: string | undefined;
  /** When its intent was written. */
  readonly sinceMicros: number;
}

export interface OrderLegInput {
  readonly order: LegOrder;
  /** An order of an earlier life, or of an attempt that broke: it is asked for, and never sent. */
  readonly restored?: RestoredLeg | undefined;
}

export interface OrderLegContext {
  readonly order: LegOrder;
  readonly isRestored: boolean;
  readonly sinceMicros: number | undefined;
  readonly venueOrderId: string | undefined;
  /** Something that the venue said proves that the order reached it. */
  readonly hasLanded: boolean;
  readonly evidence: LegEvidence;
  readonly standing: LegStanding;
  readonly end: LegEnd | undefined;
  /** What the attempt was told last. */
  readonly told: Omit<LegReport, 'order'>;
  readonly refusal: OrderRefusal | undefined;
  /** Why it should be taken off, once it is known to rest. */
  readonly cancelReason: string | undefined;
  /** Complete reads in a row that did not know it. */
  readonly absences: number;
  /** Reads since it was last certain, for the pauses between them. */
  readonly looks: number;
  readonly expiresInMs: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Trades whose actor broke: the next report of one starts it anew. */
  readonly lostTrades: readonly string[];
}

export const orderLegEffects = {
  /** Prepares the order and writes its intent; `intent.recorded` or `submission.withheld` answers. */
  recordIntent: effect<{ readonly order: LegOrder }>(),
  requestSubmission: effect<{ readonly clientOrderId: string }>(),
  requestCancel: effect<{ readonly clientOrderId: string; readonly venueOrderId: string | undefined }>(),
  /** Asks the venue for the order and its fills. The fills come first, and through the accounts. */
  requestReconciliation: effect<ReconciliationRequest>(),
  /** Keeps what is known where it outlives this actor. */
  noteReport: effect<{ readonly report: LegReport }>(),
  /** The order is over: from now on a fill of it belongs to no leg. */
  releaseOrder: effect<{ readonly clientOrderId: string }>(),
  reportTrigger: effect<{ readonly kind: TriggerKind; readonly detail: string }>(),
};

export interface ReconciliationRequest {
  readonly order: LegOrder;
  readonly venueOrderId: string | undefined;
  /** Of an order that an earlier life of the process sent. */
  readonly sinceMicros: number | undefined;
}

/** Longer than any honest reply was ever seen to take, and than the adapters' own patience. */
const ACKNOWLEDGEMENT_MS = 8_000;
const CANCEL_PAUSE_MS = 1_000;
const PAUSE_MS = 250;
const PAUSE_MS_MAX = 8_000;
/** Longer than all the reads of one question, tried again as adapters do. */
const READING_MS = 60_000;
const LOOK_MS = 1_000;
const LOOK_MS_MAX = 30_000;
/** How long an order that was given up is watched for a fill that proves us wrong. */
const LATE_FILL_WATCH_MS = 30_000;
/** Venues sweep expired orders late. */
const EXPIRY_GRACE_MS = 5_000;
const DOUBLINGS_MAX = 6;
/** Complete, successful reads in a row that must not know an order before it counts as not accepted. */
const ABSENCES_MIN = 3;

const base = setup({
  types: {} as { context: OrderLegContext; events: OrderLegEvent; input: OrderLegInput },
  actors: { venueTrade: venueTradeMachine },
  actions: {
    ...orderLegEffects,
    reportUnexpected,
    stand: assign((_, { standing, end }: { readonly standing: LegStanding; readonly end?: LegEnd }) => ({
      standing,
      end,
    })),
    concludeTrade: assign(({ context, event }) =>
      event.type === 'trade.concluded'
        ? { evidence: withStanding(context.evidence, event.tradeId, STANDING_OF[event.word]) }
        : {},
    ),
    tellReversal: sendParent(({ context, event }) => ({
      type: 'leg.reversed',
      legId: context.order.legId,
      ...(event.type === 'trade.concluded' && { tradeId: event.tradeId, sizeE6: event.sizeE6 }),
    })),
    noteIntent: assign(({ event }) =>
      event.type === 'intent.recorded' ? { venueOrderId: event.venueOrderId, expiresInMs: event.expiresInMs } : {},
    ),
    noteRefusal: assign(({ event }) => (event.type === 'order.refused' ? { refusal: event.reason } : {})),
    noteCancelWish: assign(({ event }) => (event.type === 'cancel.requested' ? { cancelReason: event.reason } : {})),
    wishCancel: assign(({ event }) => ({ cancelReason: `it rests after ${event.type}, at a price of then` })),
    noteRetryAfter: assign(({ event }) => ('retryAfterMs' in event ? { retryAfterMs: event.retryAfterMs } : {})),
    noteExpiry: assign(({ event }) => (event.type === 'order.found' ? { expiresInMs: event.expiresInMs } : {})),
    countAbsence: assign({ absences: ({ context }) => context.absences + 1 }),
    forgetAbsences: assign({ absences: 0 }),
    countLook: assign({ looks: ({ context }) => context.looks + 1 }),
    forgetLooks: assign({ looks: 0, absences: 0 }),
    awaitAcknowledgement: raise(
      { type: 'acknowledgement.overdue' },
      { delay: 'acknowledgement', id: 'acknowledgement' },
    ),
    awaitCancelAcknowledgement: raise(
      { type: 'cancelAcknowledgement.overdue' },
      { delay: 'cancelAcknowledgement', id: 'cancelAcknowledgement' },
    ),
    awaitCancelPause: raise({ type: 'cancelPause.over' }, { delay: 'cancelPause', id: 'cancelPause' }),
    awaitReconciliation: raise({ type: 'reconciliation.due' }, { delay: 'reconciliationPause', id: 'reconciliation' }),
    awaitReading: raise({ type: 'reconciliation.overdue' }, { delay: 'reading', id: 'reading' }),
    awaitLook: raise({ type: 'look.due' }, { delay: 'accountingPatience', id: 'look' }),
    awaitLateFill: raise({ type: 'look.due' }, { delay: 'lateFillWatch', id: 'look' }),
  },
  guards: {
    isRestored: ({ context }) => context.isRestored,
    /** With what this event proves, all of it was matched that can be. Of a budget only its venue can say so. */
    becomesWhole: ({ context: { evidence, order }, event }) =>
      ((!isBudget(order) || saysDead(event)) && isWhole(evidenceAfter(evidence, order, event), order)) ||
      ('standing' in event && event.standing === 'filled'),
    /** The rest of an order that matches at once was killed. */
    diesAtOnce: ({ context, event }) => saysDead(event) && isImmediate(context.order),
    dies: ({ event }) => saysDead(event),
    isToBeCanceled: ({ context, event }) => context.cancelReason !== undefined && saysResting(event, context.order),
    restsPartlyFilled: ({ context, event }) =>
      saysResting(event, context.order) && matchedE6(evidenceAfter(context.evidence, context.order, event)) > 0,
    rests: ({ context, event }) => saysResting(event, context.order),
    wasKilled: ({ event }) => event.type === 'order.refused' && event.reason === 'killed',
    wasKeptHere: ({ event }) => event.type === 'order.refused' && isKeptHere(event.reason),
    isProvedWrong: ({ context }) => context.hasLanded,
    wasGivenUp: ({ context, event }) => isLastAbsence(context, event) && !context.hasLanded,
    hasVanished: ({ context, event }) => isLastAbsence(context, event) && context.hasLanded,
    hasVanishedAtOnce: ({ context, event }) =>
      isLastAbsence(context, event) && context.hasLanded && isImmediate(context.order),
    failedRequest: ({ event }) => event.type === 'effect.failed' && event.effect.startsWith('request'),
    saysFailed: ({ event }) => event.type === 'trade.concluded' && event.word === 'failed',
    isSettled: ({ context }) => isSettled(context.evidence),
    /** Settled, after a moment in which the venue could have said more. */
    hasStayedSettled: ({ context }) => context.looks > 0 && isSettled(context.evidence),
  },
  delays: {
    acknowledgement: ACKNOWLEDGEMENT_MS,
    cancelAcknowledgement: ACKNOWLEDGEMENT_MS,
    cancelPause: ({ context }) => Math.max(CANCEL_PAUSE_MS, context.retryAfterMs ?? 0),
    reconciliationPause: ({ context }) =>
      context.looks === 0 ? 0 : Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(DOUBLINGS_MAX, context.looks - 1)),
    accountingPatience: ({ context }) => Math.min(LOOK_MS_MAX, LOOK_MS * 2 ** Math.min(DOUBLINGS_MAX, context.looks)),
    reading: READING_MS,
    lateFillWatch: LATE_FILL_WATCH_MS,
    expiry: ({ context }) => (context.expiresInMs ?? 0) + EXPIRY_GRACE_MS,
  },
});

export const legSetup = base.extend({
  actions: {
    /** Takes in what the event proves, and passes a report of a trade on to its actor. */
    adopt: base.enqueueActions(({ context, event, enqueue }) => {
      const { order } = context;
      const evidence = evidenceAfter(context.evidence, order, event);
      const isNowOverfilled = isOverfilled(evidence, order) && !isOverfilled(context.evidence, order);
      enqueue.assign({
        evidence,
        venueOrderId: venueOrderIdIn(event) ?? context.venueOrderId,
        hasLanded: context.hasLanded || provesLanding(event),
      });
      if (isNowOverfilled)
        enqueue({
          type: 'reportTrigger',
          params: { kind: 'LATE_FILL', detail: found(context, `${matchedE6(evidence)} filled of ${order.sizeE6}`) },
        });
      if (event.type !== 'fill.reported' || event.settlement === 'final') return;
      const { tradeId, sizeE6, settlement } = event;
      const isLost = context.lostTrades.includes(tradeId);
      if (fillOf(context.evidence, tradeId) !== undefined && !isLost) {
        enqueue.sendTo(tradeActor(tradeId), { type: 'trade.reported', settlement });
        return;
      }
      enqueue.spawnChild('venueTrade', { id: tradeActor(tradeId), input: { tradeId, sizeE6, settlement } });
      if (isLost) enqueue.assign({ lostTrades: context.lostTrades.filter((id) => id !== tradeId) });
    }),
    /** Tells the attempt what is known now, when that is news. */
    report: base.enqueueActions(({ context, enqueue }) => {
      const report = reportOf(context.order, context.evidence, context);
      const { order, ...told } = report;
      if (isSameReport(report, { order, ...context.told })) return;
      enqueue.assign({ told });
      enqueue({ type: 'noteReport', params: { report } });
      enqueue.sendParent({ type: 'leg.reported', report });
    }),
    loseTrade: base.enqueueActions(({ context, event, enqueue }) => {
      if (!('actorId' in event)) return;
      const tradeId = event.actorId.slice(TRADE.length);
      enqueue.stopChild(event.actorId);
      enqueue.assign({
        evidence: withStanding(context.evidence, tradeId, 'quarantined'),
        lostTrades: [...context.lostTrades, tradeId],
      });
    }),
    passReview: base.enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'trade.reviewed') return;
      const { tradeId, settlement } = event;
      if (fillOf(context.evidence, tradeId) === undefined || context.lostTrades.includes(tradeId)) return;
      enqueue.sendTo(tradeActor(tradeId), { type: 'trade.reviewed', settlement });
    }),
    askVenue: base.enqueueActions(({ context: { order, venueOrderId, sinceMicros }, enqueue }) => {
      enqueue({ type: 'requestReconciliation', params: { order, venueOrderId, sinceMicros } });
    }),
    awaitExpiry: base.enqueueActions(({ context, enqueue }) => {
      enqueue.cancel('expiry');
      if (context.expiresInMs !== undefined)
        enqueue.raise({ type: 'order.expired' }, { delay: 'expiry', id: 'expiry' });
    }),
    reportLateFill: base.enqueueActions(({ context, event, enqueue }) => {
      const detail = found(context, `${event.type} after it was ${context.end ?? 'over'}`);
      enqueue({ type: 'reportTrigger', params: { kind: 'LATE_FILL', detail } });
    }),
    reportRefusal: base.enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'order.refused') return;
      const kind = TRIGGER_OF[event.reason];
      if (kind !== undefined)
        enqueue({ type: 'reportTrigger', params: { kind, detail: found(context, event.detail) } });
    }),
  },
});

const TRADE = 'trade/';

function tradeActor(tradeId: string): string {
  return `${TRADE}${tradeId}`;
}

const STANDING_OF: Readonly<Record<TradeWord, FillStanding>> = {
  confirmed: 'final',
  failed: 'failed',
  quarantined: 'quarantined',
  mined: 'mined',
  retrying: 'provisional',
};

/** Refusals that are more than bad luck of this order. */
const TRIGGER_OF: Readonly<Partial<Record<OrderRefusal, TriggerKind>>> = {
  insufficientBalance: 'INSUFFICIENT_BALANCE',
  invalidOrder: 'ORDER_INVALID',
  rateLimited: 'RATE_LIMITED',
  unauthenticated: 'AUTHENTICATION',
  forbidden: 'AUTHENTICATION',
};

function isLastAbsence(context: OrderLegContext, event: OrderLegEvent): boolean {
  return event.type === 'order.absent' && event.isPastExpiry && context.absences + 1 >= ABSENCES_MIN;
}

function found({ order }: OrderLegContext, what: string): string {
  return `${what} (leg ${order.legId} of ${order.attemptId}, client id ${order.clientOrderId})`;
}
