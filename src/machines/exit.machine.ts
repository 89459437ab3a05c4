/** How one held leg is closed before its market is: by the bid, the clock or a person, with one order at a time. */
import { assign, cancel, enqueueActions, raise, sendParent, setup, stopChild } from 'xstate';
import { type ExitPlan, leftToCloseE6, soldE6 } from '../domain/execution/exit-plan.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import type { Trigger } from '../domain/limits/trigger.ts';
import type { ExitTrigger } from '../domain/sports/exits.ts';
import { microUsd } from '../domain/units.ts';
import {
  actorIdOf,
  cancellable,
  childLeg,
  inputAfterFault,
  isFirstFault,
  isLive,
  parentOf,
  placedLeg,
  reportsOf,
  restoredId,
  restoredInput,
  withLost,
  withReport,
  withRestored,
  withSettled,
} from './child-leg.ts';
import { effect, reportUnexpected } from './effects.ts';
import type { ExitContext, ExitEvent, ExitInput, ExitNews, ExitOutput, ReportLegs } from './exit.events.ts';

export const exitEffects = {
  /** Looks at the book and the clock from now on, and says `exit.due`. */
  watchPrices: effect<{ readonly plan: ExitPlan }>(),
  /** Looks at what is held now and what is promised, and answers with one order, or with why there is none. */
  requestClose: effect<{ readonly plan: ExitPlan; readonly trigger: ExitTrigger; readonly leftE6: number }>(),
  unwatchPrices: effect<{ readonly plan: ExitPlan }>(),
  /** Says `holding.fell` when what is held no longer covers what still rests. */
  watchHolding: effect<{ readonly plan: ExitPlan; readonly legId: string; readonly openE6: number }>(),
  /** To risk: what our orders may still sell. */
  reportLegs: effect<ReportLegs['params']>(),
  reportTrigger: effect<Trigger>(),
};

/** A report, and to the position whatever it added to what is sold for good. */
const adoptReport = enqueueActions<
  ExitContext,
  ExitEvent,
  LegReport,
  ExitEvent,
  never,
  ReportLegs,
  never,
  never,
  never
>(({ context, enqueue, self }, report) => {
  const before = context.placed.find(({ legId }) => legId === report.order.legId)?.report;
  const placed = withReport(context.placed, report);
  enqueue.assign({ placed });
  enqueue({ type: 'reportLegs', params: { plan: context.plan, reports: reportsOf(placed) } });
  const isNews = report.finalE6 !== before?.finalE6 || report.cashMicroUsd !== before.cashMicroUsd;
  if (isNews && report.finalE6 > 0) enqueue.sendTo(parentOf(self), soldBy(context, report));
});

/** What an actor that broke may not have passed on. */
const tellKnown = enqueueActions<ExitContext, ExitEvent, undefined, ExitEvent, never, ReportLegs, never, never, never>(
  ({ context, enqueue, self }) => {
    const reports = reportsOf(context.placed);
    enqueue({ type: 'reportLegs', params: { plan: context.plan, reports } });
    for (const report of reports.filter(({ finalE6 }) => finalE6 > 0))
      enqueue.sendTo(parentOf(self), soldBy(context, report));
  },
);

const begin = enqueueActions<ExitContext, ExitEvent, ExitTrigger, ExitEvent, never, never, never, never, never>(
  ({ context, enqueue, self }, trigger) => {
    enqueue.assign({ trigger, orders: 0 });
    enqueue.sendTo(parentOf(self), news(context, { type: 'exit.triggered', trigger }));
  },
);

const cancelOrder = enqueueActions<ExitContext, ExitEvent, undefined, ExitEvent, never, never, never, never, never>(
  ({ context, enqueue }) => {
    const order = cancellable(context.placed);
    if (order !== undefined) enqueue.sendTo(order.actorId, { type: 'cancel.requested', reason: 'exit' });
  },
);

export const exitMachine = setup({
  types: {} as { context: ExitContext; events: ExitEvent; input: ExitInput; output: ExitOutput },
  actors: { orderLeg: childLeg },
  actions: {
    ...exitEffects,
    reportUnexpected,
    begin,
    adoptReport,
    tellKnown,
    forgetTrigger: assign({ trigger: undefined, orders: 0 }),
    place: assign(({ context }, placed: { order: LegOrder; atMicros: number }) => ({
      orders: context.orders + 1,
      placed: [...context.placed, placedLeg(placed)],
    })),
    noteSettled: assign(({ context }, actorId: string) => ({ placed: withSettled(context.placed, actorId) })),
    noteLost: assign(({ context }, actorId: string) => ({ placed: withLost(context.placed, actorId) })),
    noteRestored: assign(({ context }, actorId: string) => ({ placed: withRestored(context.placed, actorId) })),
    noteResize: assign(({ context }, byE6: number) => ({ sizeE6: Math.max(0, context.sizeE6 + byE6) })),
    closeNothingMore: assign({ sizeE6: 0 }),
    cancelOrder,
    tellLapsed: sendParent(({ context }) => news(context, { type: 'exit.lapsed' })),
    stopEnded: stopChild(({ event }) => ('actorId' in event ? event.actorId : '')),
    spawnPlanned: assign(({ event, spawn }) => {
      if ('order' in event) spawn('orderLeg', { id: actorIdOf(event.order.legId), input: { order: event.order } });
      return {};
    }),
    spawnRestored: assign(({ context, event, spawn }) => {
      if (!('actorId' in event)) return {};
      const { actorId } = event;
      spawn('orderLeg', { id: restoredId(actorId), input: inputAfterFault(context.placed, actorId) });
      return {};
    }),
    respawnLegs: assign(({ context, spawn }) => {
      for (const leg of context.placed) {
        if (!leg.isSettled) spawn('orderLeg', { id: leg.actorId, input: restoredInput(leg) });
      }
      return {};
    }),
  },
  guards: {
    isRestored: ({ context }) => context.placed.length > 0,
    isFollowing: ({ context: { trigger, placed } }) => trigger === undefined && placed.some(isLive),
    restsFirst: ({ context: { plan } }) => plan.style === 'resting' && plan.orders !== undefined,
    isTriggered: ({ context }) => context.trigger !== undefined,
    hasLiveOrder: ({ context }) => context.placed.some(isLive),
    isSoldOut: ({ context }) => leftOf(context) <= 0,
    isOver: ({ context }) => leftOf(context) <= 0 && context.placed.every((leg) => leg.isSettled),
    isSpent: ({ context }) => context.orders >= context.plan.ordersMax,
    fits: ({ context }, order: LegOrder) => order.sizeE6 <= leftOf(context),
    wouldOversell: ({ context }, byE6: number) =>
      leftOf({ ...context, sizeE6: context.sizeE6 + byE6 }) < 0 && context.placed.some(isLive),
    ends: (_, report: LegReport) => report.standing === 'ended',
    overrides: ({ context }, trigger: ExitTrigger) => context.trigger !== trigger && !isForGood(context.trigger),
    isFirstFault: ({ context }, actorId: string) => isFirstFault(context.placed, actorId),
  },
  delays: { retry: ({ context }) => context.plan.retryMs },
}).createMachine({
  id: 'exit',
  description:
    'One per held leg that may be closed before its market is: by take profit, stop loss, nearness of settlement or a person. It sells one order at a time, never more than is certainly held, and is done only when fills that nothing reverses say so.',
  meta: {
    invariants: [
      'S18: a close never opens the opposite position: its size is what is certainly held less our other open closes, and it is canceled when the holding is gone',
      'S26: done only when final fills of the venue cover what was to be closed',
      'one exit has at most one live order',
    ],
  },
  context: ({ input }) => ({
    plan: input.plan,
    sizeE6: input.sizeE6,
    trigger: input.restored?.trigger,
    placed: input.restored?.placed ?? [],
    orders: input.restored?.placed.length ?? 0,
  }),
  output: ({ context }) => ({ leg: context.plan.leg, soldE6: soldE6(reportsOf(context.placed)) }),
  entry: { type: 'watchPrices', params: ({ context }) => ({ plan: context.plan }) },
  initial: 'starting',
  states: {
    starting: {
      description: 'Where to begin: an earlier life may have left orders at the venue.',
      always: [
        { guard: 'isOver', target: 'done', actions: 'tellKnown' },
        { guard: 'isFollowing', target: 'cancelling', actions: ['respawnLegs', 'tellKnown'] },
        { guard: 'isRestored', target: 'weighing', actions: ['respawnLegs', 'tellKnown'] },
        {
          guard: 'restsFirst',
          target: 'triggered',
          actions: { type: 'begin', params: 'takeProfit' as const },
        },
        { target: 'watching' },
      ],
    },
    watching: {
      description: 'Nothing is to be sold yet.',
      on: {
        'exit.due': {
          target: 'triggered',
          actions: { type: 'begin', params: ({ event }) => event.trigger },
        },
        'exit.requested': {
          target: 'triggered',
          actions: { type: 'begin', params: 'manual' as const },
        },
      },
    },
    triggered: {
      description: 'Asks for the one order that closes what is left, sized by what is certainly held.',
      entry: [
        {
          type: 'requestClose',
          params: ({ context }) => ({
            plan: context.plan,
            trigger: context.trigger ?? 'manual',
            leftE6: leftOf(context),
          }),
        },
        raise({ type: 'retry.due' }, { delay: 'retry', id: 'retry' }),
      ],
      exit: cancel('retry'),
      on: {
        'close.planned': [
          {
            guard: { type: 'fits', params: ({ event }) => event.order },
            target: 'working',
            actions: [
              { type: 'place', params: ({ event }) => ({ order: event.order, atMicros: event.atMicros }) },
              'spawnPlanned',
            ],
          },
          { target: 'pausing' },
        ],
        'close.deferred': 'pausing',
        'close.lapsed': { target: 'watching', actions: ['forgetTrigger', 'tellLapsed'] },
        'close.impossible': 'leftover',
        'effect.failed': 'pausing',
        'retry.due': { target: 'triggered', reenter: true },
      },
    },
    working: {
      description: 'One order of ours may sell. What is held is watched, so that it cannot sell what is gone.',
      entry: { type: 'watchHolding', params: ({ context }) => liveOrderOf(context) },
      on: {
        'leg.reported': [
          {
            guard: { type: 'ends', params: ({ event }) => event.report },
            target: 'weighing',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          { actions: { type: 'adoptReport', params: ({ event }) => event.report } },
        ],
        'holding.fell': 'cancelling',
        'exit.due': {
          guard: { type: 'overrides', params: ({ event }) => event.trigger },
          target: 'cancelling',
          actions: { type: 'begin', params: ({ event }) => event.trigger },
        },
        'exit.requested': {
          guard: { type: 'overrides', params: 'manual' as const },
          target: 'cancelling',
          actions: { type: 'begin', params: 'manual' as const },
        },
      },
    },
    cancelling: {
      description: 'The order is being taken back. Until the venue has spoken its last word it may still fill.',
      entry: 'cancelOrder',
      on: {
        'leg.reported': [
          {
            guard: { type: 'ends', params: ({ event }) => event.report },
            target: 'weighing',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          { actions: { type: 'adoptReport', params: ({ event }) => event.report } },
        ],
      },
    },
    weighing: {
      description: 'What is left to close after the last news?',
      always: [
        { guard: 'isOver', target: 'done' },
        { guard: 'hasLiveOrder', target: 'working' },
        { guard: 'isSoldOut', target: 'settling' },
        { guard: 'isSpent', target: 'stuck' },
        { guard: 'isTriggered', target: 'pausing' },
        { target: 'watching' },
      ],
    },
    pausing: {
      description: 'Waits a moment before the next order, so that a venue that refuses is not asked in a circle.',
      entry: raise({ type: 'retry.due' }, { delay: 'retry', id: 'retry' }),
      exit: cancel('retry'),
      on: { 'retry.due': 'triggered' },
    },
    settling: {
      description: 'All is sold, and some of it may still fail on chain.',
      on: {
        'leg.reported': {
          target: 'weighing',
          actions: { type: 'adoptReport', params: ({ event }) => event.report },
        },
        'xstate.done.actor.*': {
          target: 'weighing',
          actions: ['stopEnded', { type: 'noteSettled', params: ({ event }) => event.actorId }],
        },
      },
    },
    leftover: {
      description: 'Less is left than the venue takes in one order. It stays, and settles with its market.',
    },
    stuck: {
      description: 'So many orders did not close it, or an order cannot be followed. A person says how it goes on.',
      entry: {
        type: 'reportTrigger',
        params: ({ context }) => ({
          kind: 'STUCK_EXPOSURE' as const,
          venue: context.plan.venue,
          detail: `expected to close leg ${context.plan.leg} of ${context.plan.positionId} within ${context.plan.ordersMax} orders, found ${leftOf(context)} millionths left`,
        }),
      },
      on: {
        'exit.requested': {
          target: 'weighing',
          actions: { type: 'begin', params: 'manual' as const },
        },
      },
    },
    done: {
      type: 'final',
      description: 'Nothing is left to close, and nothing of it can be reversed.',
      entry: { type: 'unwatchPrices', params: ({ context }) => ({ plan: context.plan }) },
    },
  },
  on: {
    'leg.reported': { actions: { type: 'adoptReport', params: ({ event }) => event.report } },
    // The report that came before it says all.
    'leg.reversed': {},
    'exit.due': [
      {
        guard: { type: 'overrides', params: ({ event }) => event.trigger },
        actions: { type: 'begin', params: ({ event }) => event.trigger },
      },
      {},
    ],
    'exit.requested': { actions: { type: 'begin', params: 'manual' as const } },
    'holding.fell': {},
    'position.resized': [
      {
        guard: { type: 'wouldOversell', params: ({ event }) => event.byE6 },
        target: '.cancelling',
        actions: { type: 'noteResize', params: ({ event }) => event.byE6 },
      },
      { target: '.weighing', actions: { type: 'noteResize', params: ({ event }) => event.byE6 } },
    ],
    'position.ended': [
      { guard: 'hasLiveOrder', target: '.cancelling', actions: 'closeNothingMore' },
      { target: '.weighing', actions: 'closeNothingMore' },
    ],
    'xstate.done.actor.*': {
      actions: ['stopEnded', { type: 'noteSettled', params: ({ event }) => event.actorId }],
    },
    'xstate.error.actor.*': [
      {
        guard: { type: 'isFirstFault', params: ({ event }) => event.actorId },
        // The order may be at the venue. A new actor asks what became of it, and sends nothing.
        actions: ['stopEnded', { type: 'noteRestored', params: ({ event }) => event.actorId }, 'spawnRestored'],
      },
      {
        target: '.stuck',
        actions: ['stopEnded', { type: 'noteLost', params: ({ event }) => event.actorId }],
      },
    ],
    'effect.failed': {
      actions: {
        type: 'reportTrigger',
        params: ({ context, event }) => ({
          kind: 'ACTOR_FAULT' as const,
          venue: context.plan.venue,
          detail: `exit of leg ${context.plan.leg} of ${context.plan.positionId}: ${event.effect} failed: ${event.message}`,
        }),
      },
    },
    '*': { actions: 'reportUnexpected' },
  },
});

function leftOf({ sizeE6, placed }: ExitContext): number {
  return leftToCloseE6(sizeE6, reportsOf(placed));
}

/** What nobody takes back: a person's word, and the clock. */
function isForGood(trigger: ExitTrigger | undefined): boolean {
  return trigger === 'manual' || trigger === 'beforeSettlement';
}

function news<News extends { readonly type: ExitNews['type'] }>({ plan }: ExitContext, said: News) {
  return { ...said, leg: plan.leg };
}

function soldBy(context: ExitContext, { order, finalE6, cashMicroUsd }: LegReport) {
  const { legId } = order;
  return news(context, {
    type: 'exit.sold',
    legId,
    sizeE6: finalE6,
    proceedsMicroUsd: microUsd(0 - cashMicroUsd),
  });
}

function liveOrderOf(context: ExitContext): { plan: ExitPlan; legId: string; openE6: number } {
  const live = context.placed.find(isLive);
  return { plan: context.plan, legId: live?.legId ?? '', openE6: live?.report.openE6 ?? 0 };
}
