/**
 * A maker quote: one order that rests one tick better than the others, follows the market by being taken back and
 * placed anew, and never stands in the book twice.
 */
import { assign, cancel, enqueueActions, raise, setup, stopChild } from 'xstate';
import { leftToCloseE6 } from '../domain/execution/exit-plan.ts';
import { confirmedE6, type LegOrder, type LegReport } from '../domain/execution/leg.ts';
import type { QuotePlan } from '../domain/execution/quote-plan.ts';
import type { Trigger } from '../domain/limits/trigger.ts';
import {
  actorIdOf,
  cancellable,
  childLeg,
  inputAfterFault,
  isFirstFault,
  isLive,
  type PlacedLeg,
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
import type { QuoteContext, QuoteEvent, QuoteInput, QuoteNews, QuoteOutput } from './quote.events.ts';

export interface QuoteWatch {
  readonly plan: QuotePlan;
  /** What is not filled and not in the book: what a new order would be for. */
  readonly leftE6: number;
  /** Our order in the book, if one rests. */
  readonly resting: { readonly order: LegOrder; readonly openE6: number } | undefined;
}

export const quoteEffects = {
  /**
   * Looks at the book from now on, in its own time. While nothing rests it says `quote.planned`; while an order
   * does, `market.moved`, `edge.gone` and `queue.moved`.
   */
  watchBook: effect<QuoteWatch>(),
  unwatchBook: effect<{ readonly quoteId: string }>(),
  /** To risk: what our orders may still buy. */
  reportLegs: effect<ReportLegs['params']>(),
  reportTrigger: effect<Trigger>(),
};

interface ReportLegs {
  readonly type: 'reportLegs';
  readonly params: { readonly plan: QuotePlan; readonly reports: readonly LegReport[] };
}

/** A report, and to the parent whatever it changed in what is filled. */
const adoptReport = enqueueActions<
  QuoteContext,
  QuoteEvent,
  LegReport,
  QuoteEvent,
  never,
  ReportLegs,
  never,
  never,
  never
>(({ context, enqueue, self }, report) => {
  const placed = withReport(context.placed, report);
  const filledE6 = filledOf(placed);
  enqueue.assign({ placed, toldE6: filledE6 });
  enqueue({ type: 'reportLegs', params: { plan: context.plan, reports: reportsOf(placed) } });
  if (filledE6 === context.toldE6) return;
  const type = filledE6 > context.toldE6 ? ('quote.filled' as const) : ('quote.reversed' as const);
  const news: QuoteNews = { type, quoteId: context.plan.quoteId, filledE6 };
  enqueue.sendTo(parentOf(self), news);
});

const cancelOrder = enqueueActions<QuoteContext, QuoteEvent, undefined, QuoteEvent, never, never, never, never, never>(
  ({ context, enqueue }) => {
    const order = cancellable(context.placed);
    if (order !== undefined) enqueue.sendTo(order.actorId, { type: 'cancel.requested', reason: 'quote' });
  },
);

export const quoteMachine = setup({
  types: {} as { context: QuoteContext; events: QuoteEvent; input: QuoteInput; output: QuoteOutput },
  actors: { orderLeg: childLeg },
  actions: {
    ...quoteEffects,
    reportUnexpected,
    adoptReport,
    place: assign(({ context }, placed: { order: LegOrder; atMicros: number }) => ({
      placed: [...context.placed, placedLeg(placed)],
      queue: undefined,
    })),
    noteSettled: assign(({ context }, actorId: string) => ({ placed: withSettled(context.placed, actorId) })),
    noteLost: assign(({ context }, actorId: string) => ({ placed: withLost(context.placed, actorId) })),
    noteRestored: assign(({ context }, actorId: string) => ({ placed: withRestored(context.placed, actorId) })),
    noteQueue: assign((_, queue: { aheadE6: number; aheadE6Max: number }) => ({ queue })),
    cancelOrder,
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
    hasLiveOrder: ({ context }) => context.placed.some(isLive),
    isFilled: ({ context }) => leftOf(context) < context.plan.minSizeE6,
    isSpent: ({ context }) => context.placed.length >= context.plan.ordersMax,
    isOver: ({ context }) => context.placed.every((leg) => leg.isSettled),
    fits: ({ context }, order: LegOrder) => order.sizeE6 <= leftOf(context),
    rests: (_, report: LegReport) => report.standing === 'resting',
    ends: ({ context }, report: LegReport) => !withReport(context.placed, report).some(isLive),
    /** A fill came after its order had ended, and what rests would buy too much. */
    oversizes: ({ context }, report: LegReport) => {
      const placed = withReport(context.placed, report);
      return leftToCloseE6(context.plan.sizeE6, reportsOf(placed)) < 0 && placed.some(isLive);
    },
    isFirstFault: ({ context }, actorId: string) => isFirstFault(context.placed, actorId),
  },
  delays: {
    rest: ({ context }) => context.plan.restMsMax,
    pause: ({ context }) => context.plan.pauseMs,
  },
}).createMachine({
  id: 'quote',
  description:
    'One per resting maker quote. It joins one tick better than the best bid of others, fades when the edge is gone, is replaced when the market moves, and says at once what filled.',
  meta: {
    invariants: [
      'X3: post-only, never crossing, never beyond the price at which its edge ends',
      'never two live orders: a new one is placed only after the last word about the old one',
      'X5: a fill after the end of its order is adopted, told, and shrinks what is placed next',
    ],
  },
  context: ({ input }) => ({ plan: input.plan, placed: input.restored?.placed ?? [], toldE6: 0, queue: undefined }),
  output: ({ context }) => ({ quoteId: context.plan.quoteId, filledE6: filledOf(context.placed) }),
  initial: 'starting',
  entry: raise({ type: 'rest.elapsed' }, { delay: 'rest', id: 'rest' }),
  exit: cancel('rest'),
  states: {
    starting: {
      description: 'An earlier life may have left an order in the book.',
      always: [
        { guard: 'hasLiveOrder', target: 'withdrawing', actions: 'respawnLegs' },
        { guard: 'isRestored', target: 'settling', actions: 'respawnLegs' },
        { target: 'idle' },
      ],
    },
    idle: {
      description: 'Nothing of ours is in the book. The first price that is better and keeps the edge is taken.',
      entry: { type: 'watchBook', params: ({ context }) => watchOf(context) },
      on: {
        'quote.planned': {
          guard: { type: 'fits', params: ({ event }) => event.order },
          target: 'joining',
          actions: [
            { type: 'place', params: ({ event }) => ({ order: event.order, atMicros: event.atMicros }) },
            'spawnPlanned',
          ],
        },
        // A late fill: less is left than was planned for.
        'leg.reported': {
          target: 'weighing',
          actions: { type: 'adoptReport', params: ({ event }) => event.report },
        },
        'rest.elapsed': 'settling',
        'withdrawal.requested': 'settling',
      },
    },
    joining: {
      description: 'An order is on its way into the book. Nobody looks at prices until it is there.',
      on: {
        'leg.reported': [
          {
            guard: { type: 'ends', params: ({ event }) => event.report },
            target: 'weighing',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          {
            guard: { type: 'oversizes', params: ({ event }) => event.report },
            target: 'replacing',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          {
            guard: { type: 'rests', params: ({ event }) => event.report },
            target: 'resting',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          { actions: { type: 'adoptReport', params: ({ event }) => event.report } },
        ],
      },
    },
    resting: {
      description: 'Our order stands in the book, and the market around it is watched.',
      entry: { type: 'watchBook', params: ({ context }) => watchOf(context) },
      on: {
        'leg.reported': [
          {
            guard: { type: 'ends', params: ({ event }) => event.report },
            target: 'weighing',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          {
            guard: { type: 'oversizes', params: ({ event }) => event.report },
            target: 'replacing',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          {
            // Partly filled: what is ours in the book is less now.
            target: 'resting',
            reenter: true,
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
        ],
        'market.moved': 'replacing',
        'edge.gone': 'fading',
        'queue.moved': {
          actions: {
            type: 'noteQueue',
            params: ({ event }) => ({ aheadE6: event.aheadE6, aheadE6Max: event.aheadE6Max }),
          },
        },
      },
    },
    replacing: {
      description: 'Another price is the right one. The old order is taken back before a new one is placed.',
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
    fading: {
      description: 'No price is the right one. The order is taken back, and the book is watched for better days.',
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
      description: 'The order has ended. Is there anything left to quote?',
      always: [
        { guard: 'isFilled', target: 'settling' },
        { guard: 'isSpent', target: 'settling' },
        { target: 'pausing' },
      ],
    },
    pausing: {
      description: 'A moment between two orders, for the venue counts what it is sent.',
      entry: raise({ type: 'pause.over' }, { delay: 'pause', id: 'pause' }),
      exit: cancel('pause'),
      on: {
        'pause.over': [{ guard: 'isFilled', target: 'settling' }, { target: 'idle' }],
        'rest.elapsed': 'settling',
        'withdrawal.requested': 'settling',
      },
    },
    withdrawing: {
      description: 'Time is over or somebody wished it. The order is taken back, and nothing follows it.',
      entry: 'cancelOrder',
      on: {
        'leg.reported': [
          {
            guard: { type: 'ends', params: ({ event }) => event.report },
            target: 'settling',
            actions: { type: 'adoptReport', params: ({ event }) => event.report },
          },
          { actions: { type: 'adoptReport', params: ({ event }) => event.report } },
        ],
        'rest.elapsed': {},
        'withdrawal.requested': {},
      },
    },
    settling: {
      description: 'Nothing is placed any more. What filled may still be reversed, or something may yet come to light.',
      entry: { type: 'unwatchBook', params: ({ context }) => ({ quoteId: context.plan.quoteId }) },
      always: { guard: 'isOver', target: 'done' },
      on: { 'rest.elapsed': {}, 'withdrawal.requested': {} },
    },
    done: { type: 'final', description: 'Nothing of it can fill or be reversed.' },
  },
  on: {
    'rest.elapsed': '.withdrawing',
    'withdrawal.requested': '.withdrawing',
    'leg.reported': { actions: { type: 'adoptReport', params: ({ event }) => event.report } },
    // The report that came before it says all.
    'leg.reversed': {},
    // Nothing of ours is in the book yet or any more, or it is being taken back already.
    'market.moved': {},
    'edge.gone': {},
    'queue.moved': {},
    'xstate.done.actor.*': {
      actions: ['stopEnded', { type: 'noteSettled', params: ({ event }) => event.actorId }],
    },
    'xstate.error.actor.*': [
      {
        guard: { type: 'isFirstFault', params: ({ event }) => event.actorId },
        // The order may be in the book. A new actor asks what became of it, and sends nothing.
        actions: ['stopEnded', { type: 'noteRestored', params: ({ event }) => event.actorId }, 'spawnRestored'],
      },
      {
        actions: ['stopEnded', { type: 'noteLost', params: ({ event }) => event.actorId }],
      },
    ],
    'effect.failed': {
      actions: {
        type: 'reportTrigger',
        params: ({ context: { plan }, event }) => ({
          kind: 'ACTOR_FAULT' as const,
          venue: plan.venue,
          attemptId: plan.attemptId,
          detail: `quote ${plan.quoteId}: ${event.effect} failed: ${event.message}`,
        }),
      },
    },
    '*': { actions: 'reportUnexpected' },
  },
});

function leftOf({ plan, placed }: QuoteContext): number {
  return leftToCloseE6(plan.sizeE6, reportsOf(placed));
}

function filledOf(placed: readonly PlacedLeg[]): number {
  return placed.reduce((sum, { report }) => sum + confirmedE6(report), 0);
}

/** While an order lives, what of it is open is ours in the book; `leftE6` is what lies beyond it. */
function watchOf(context: QuoteContext): QuoteWatch {
  const live = context.placed.find(isLive);
  const resting = live === undefined ? undefined : { order: live.report.order, openE6: live.report.openE6 };
  return { plan: context.plan, leftE6: leftOf(context), resting };
}
