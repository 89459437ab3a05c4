/** What the attempt's chart is made of: its effects by name, its assignments, its questions and its delays. */
import { assign, cancel, raise, setup } from 'xstate';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { LegReport } from '../domain/execution/leg.ts';
import {
  adopted,
  canRest,
  doubted,
  type HedgeDue,
  isAsymmetric,
  isEven,
  mayRepeat,
  plannedReport,
} from '../domain/execution/policy.ts';
import type { Trigger } from '../domain/limits/trigger.ts';
import { sizeE6 } from '../domain/units.ts';
import type {
  AttemptContext,
  AttemptEvent,
  AttemptInput,
  AttemptOutcome,
  RepairAsked,
  RepairPlanned,
} from './attempt.events.ts';
import {
  gapOf,
  hasTraded,
  isComplete,
  isEmptyHanded,
  isEverySettled,
  isForPerson,
  isLeftOver,
  isRepairable,
  isRepairOver,
  isUneven,
  owesHedge,
  repairOrders,
  wasSaleRefused,
  wasTurnedAway,
} from './attempt-facts.ts';
import { actorIdOf, childLeg } from './child-leg.ts';
import { effect, reportUnexpected } from './effects.ts';

/** An order request is never repeated: what is tried again is the wish, as new orders after a new look. */
const RETRY_MS = 500;
/** A last look reads books in memory. Longer than this is not one. */
const LOOK_MS = 1_000;
const RETRIES_MAX = 1;

export const attemptEffects = {
  /** Reads the books now and decides by the same rules again. A retry asks for orders with new ids. */
  requestLastLook: effect<{ readonly plan: AttemptPlan; readonly isRetry: boolean; readonly made: number }>(),
  requestHedge: effect<{
    readonly plan: AttemptPlan;
    readonly due: readonly HedgeDue[];
    readonly reports: readonly LegReport[];
  }>(),
  /** Prices both ways out at the books as they are now. */
  requestRepairPlan: effect<RepairAsked>(),
  /** Has the venue look again at what we may sell there. */
  requestRefresh: effect<{ readonly plan: AttemptPlan; readonly reports: readonly LegReport[] }>(),
  reportExposure: effect<{ readonly attemptId: string; readonly reports: readonly LegReport[] }>(),
  /** The same as `reportTrigger`, and comes back with the time. */
  reportAsymmetry: effect<{ readonly trigger: Trigger }>(),
  reportTrigger: effect<{ readonly trigger: Trigger }>(),
  recordOutcome: effect<{ readonly outcome: AttemptOutcome }>(),
  releaseReservation: effect<{ readonly outcome: AttemptOutcome }>(),
};

const base = setup({
  types: {} as { context: AttemptContext; events: AttemptEvent; input: AttemptInput; output: AttemptOutcome },
  actors: { orderLeg: childLeg },
  actions: {
    ...attemptEffects,
    reportUnexpected,
    adoptReport: assign(({ context }, { report }: { report: LegReport }) => ({
      reports: adopted(context.reports, report),
    })),
    markSettled: assign(({ context }, { legId }: { legId: string }) => ({
      settled: context.settled.includes(legId) ? context.settled : [...context.settled, legId],
    })),
    countRetry: assign({ retries: ({ context }) => context.retries + 1 }),
    forgoRetry: assign({ retries: RETRIES_MAX }),
    deferHedge: assign((_, { deferredE6 }: { deferredE6: number }) => ({ deferredE6: sizeE6(deferredE6) })),
    leaveDust: assign(({ context }) => ({ dustE6: gapOf(context) })),
    noteRepair: assign(({ context }, { kind, orders, worstMicroUsd, atMs }: RepairPlanned) => ({
      repairs: [...context.repairs, { kind, legIds: orders.map(({ legId }) => legId), worstMicroUsd }],
      repairAtMs: context.repairAtMs ?? atMs,
      repairOrderAtMs: context.repairOrderAtMs ?? atMs,
    })),
    noteRepairStart: assign(({ context }, { atMs }: { atMs: number }) => ({
      repairAtMs: context.repairAtMs ?? atMs,
    })),
    noteEvidence: assign(({ context }, { atMs }: { atMs: number }) => {
      if (context.evidenceAtMs !== undefined) return {};
      // What rests was asked off in the step of the evidence; what the venue has not named yet cannot be.
      const isCanceling = context.reports.some((report) => canRest(report) && report.standing === 'resting');
      return { evidenceAtMs: atMs, ...(isCanceling ? { repairAtMs: atMs } : {}) };
    }),
    grantOrder: assign({
      repairOrdersMax: ({ context }) => Math.max(context.repairOrdersMax, repairOrders(context) + 1),
    }),
    noteReason: assign((_, { reason }: { reason: string }) => ({ reason })),
    startLookPatience: raise({ type: 'look.overdue' }, { delay: 'lookPatience', id: 'lookPatience' }),
    stopLookPatience: cancel('lookPatience'),
    startRetryPause: raise({ type: 'retry.due' }, { delay: 'retryPause', id: 'retryPause' }),
    stopRetryPause: cancel('retryPause'),
    startRest: raise({ type: 'rest.elapsed' }, { delay: 'rest', id: 'rest' }),
    stopRest: cancel('rest'),
    startHedgeDeadline: raise({ type: 'hedge.overdue' }, { delay: 'hedgeDeadline', id: 'hedgeDeadline' }),
    stopHedgeDeadline: cancel('hedgeDeadline'),
    startRepairDeadline: raise({ type: 'repair.overdue' }, { delay: 'repairDeadline', id: 'repairDeadline' }),
    stopRepairDeadline: cancel('repairDeadline'),
    startSettlementPatience: raise(
      { type: 'settlementPatience.elapsed' },
      { delay: 'stuckPause', id: 'settlementPatience' },
    ),
    stopSettlementPatience: cancel('settlementPatience'),
    startStuckPause: raise({ type: 'stuckPause.elapsed' }, { delay: 'stuckPause', id: 'stuckPause' }),
    stopStuckPause: cancel('stuckPause'),
  },
  guards: {
    isRestored: ({ context }) => context.isRestored,
    isMaker: ({ context }) => context.plan.policy === 'makerThenHedge',
    isAsymmetric: ({ context }) => isAsymmetric(context.plan, context.reports),
    isComplete: ({ context }) => isComplete(context),
    isEmptyHanded: ({ context }) => isEmptyHanded(context),
    isLeftOver: ({ context }) => isLeftOver(context),
    isUneven: ({ context }) => isUneven(context),
    mayRepeat: ({ context }) => context.retries < RETRIES_MAX && mayRepeat(context.reports),
    wasTurnedAway: ({ context }) => wasTurnedAway(context),
    owesHedge: ({ context }) => owesHedge(context),
    holdsSomething: ({ context }) => hasTraded(context),
    isRepairable: ({ context }) => isRepairable(context),
    isOutOfOrders: ({ context }) => repairOrders(context) >= context.repairOrdersMax,
    isRepairOver: ({ context }) => isRepairOver(context),
    wasSaleRefused: ({ context }) => wasSaleRefused(context),
    isEverySettled: ({ context }) => isEverySettled(context),
    hasTraded: ({ context }) => hasTraded(context),
    isMoreThanDust: ({ context }) => gapOf(context) > context.dustE6 && isRepairable(context),
    isEven: ({ context }) => isEven(context.plan, context.reports),
    isForPerson: ({ context }) => isForPerson(context),
    isUnwind: (_, { kind }: { kind: RepairPlanned['kind'] }) => kind === 'unwind',
    isSettledLeg: ({ context }, { legId }: { legId: string }) => context.settled.includes(legId),
    hasFaultedBefore: ({ context }, { legId }: { legId: string }) => context.faulted.includes(legId),
    isReportingTriggers: (_, { name }: { name: string }) => name === 'reportTrigger' || name === 'reportAsymmetry',
  },
  delays: {
    lookPatience: LOOK_MS,
    retryPause: RETRY_MS,
    rest: ({ context }) => context.plan.repair.restMsMax,
    hedgeDeadline: ({ context }) => context.plan.repair.hedgeDeadlineMs,
    repairDeadline: ({ context }) => context.plan.repair.repairMsMax,
    stuckPause: ({ context }) => context.plan.repair.stuckRetryMs,
  },
});

export const attemptSetup = base.extend({
  actions: {
    /** Hands over the orders that the event brings: each becomes an actor, and all of it may fill from now on. */
    spawnLegs: base.enqueueActions(({ enqueue, context, event }) => {
      const orders = 'orders' in event ? event.orders : [];
      enqueue.assign({ reports: orders.reduce((all, order) => adopted(all, plannedReport(order)), context.reports) });
      for (const order of orders) enqueue.spawnChild('orderLeg', { id: actorIdOf(order.legId), input: { order } });
    }),
    /** The same order in a new actor, which sends nothing and asks the venue. */
    respawnLeg: base.enqueueActions(({ enqueue, context, event }) => {
      const { sinceMicros, reports, faulted } = context;
      const known = reports.find(({ order }) => 'actorId' in event && actorIdOf(order.legId) === event.actorId);
      if (known === undefined) return;
      const report = doubted(known);
      const { order } = report;
      enqueue.stopChild(actorIdOf(order.legId));
      enqueue.assign({ reports: adopted(reports, report), faulted: [...faulted, order.legId] });
      const input = { order, restored: { report, sinceMicros } };
      enqueue.spawnChild('orderLeg', { id: actorIdOf(order.legId), input });
    }),
    respawnOpenLegs: base.enqueueActions(({ enqueue, context }) => {
      const { sinceMicros, settled } = context;
      const open = context.reports.filter(({ order }) => !settled.includes(order.legId)).map(doubtedUnlessEnded);
      enqueue.assign({ reports: open.reduce(adopted, context.reports) });
      for (const report of open) {
        const { order } = report;
        enqueue.spawnChild('orderLeg', {
          id: actorIdOf(order.legId),
          input: { order, restored: { report, sinceMicros } },
        });
      }
    }),
    /** The same for an order whose leg had closed. */
    reopenLeg: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'fill.surfaced') return;
      const { sinceMicros, reports, settled } = context;
      const known = reports.find(({ order }) => order.legId === event.legId);
      if (known === undefined) return;
      const report = doubted(known);
      const { order } = report;
      enqueue.stopChild(actorIdOf(order.legId));
      enqueue.assign({ reports: adopted(reports, report), settled: settled.filter((legId) => legId !== order.legId) });
      const input = { order, restored: { report, sinceMicros } };
      enqueue.spawnChild('orderLeg', { id: actorIdOf(order.legId), input });
    }),
    giveUpLeg: base.enqueueActions(({ enqueue, context, event }) => {
      const { reports, dead } = context;
      const known = reports.find(({ order }) => 'actorId' in event && actorIdOf(order.legId) === event.actorId);
      if (known === undefined) return;
      enqueue.stopChild(actorIdOf(known.order.legId));
      enqueue.assign({ reports: adopted(reports, doubted(known)), dead: [...dead, known.order.legId] });
    }),
    stopLeg: base.enqueueActions(({ enqueue, event }) => {
      if ('actorId' in event) enqueue.stopChild(event.actorId);
    }),
    cancelResting: base.enqueueActions(({ enqueue, context, event }) => {
      const reason = 'reason' in event ? event.reason : event.type;
      for (const { order } of followed(context).filter(canRest))
        enqueue.sendTo(actorIdOf(order.legId), { type: 'cancel.requested', reason });
    }),
    passOnReconciliation: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'reconciliation.requested') return;
      const { reason, venue } = event;
      for (const { order } of followed(context))
        if (venue === undefined || venue === order.venue)
          enqueue.sendTo(actorIdOf(order.legId), { type: 'reconciliation.requested', reason });
    }),
  },
});

/** Orders whose actor still lives. */
function followed({ reports, settled, dead }: AttemptContext): readonly LegReport[] {
  return reports.filter(({ order }) => !settled.includes(order.legId) && !dead.includes(order.legId));
}

/** What had ended before may be believed to have; everything else may have filled meanwhile. */
function doubtedUnlessEnded(report: LegReport): LegReport {
  return report.standing === 'ended' ? report : doubted(report);
}
