/** All attempts of one strategy: at most so many, one for each watch, and nothing of them is ever left alone. */
import { assign, setup } from 'xstate';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { LegReport } from '../domain/execution/leg.ts';
import { canRest } from '../domain/execution/policy.ts';
import type { Trigger } from '../domain/limits/trigger.ts';
import type { AttemptOutcome, OrphanLeg, ReconciliationRequested, RestoredAttempt } from './attempt.events.ts';
import { attemptMachine } from './attempt.machine.ts';
import { type ChildLegEvent, type ChildLegInput, childLeg } from './child-leg.ts';
import { type ChildEnded, type EffectFailed, effect, reportUnexpected } from './effects.ts';

/** More children than that make each new one slow (100 in all, attempts and orphans). */
export const ATTEMPTS_MAX = 100;

/** Between an order whose actor broke, and asking for it again. */
const FOLLOWING_MS = 30_000;

export interface LiveAttempt {
  readonly attemptId: string;
  readonly watchId: string;
}

export interface LiveOrphan extends OrphanLeg {
  readonly actorId: string;
  readonly attemptId: string;
  readonly isDone: boolean;
  /** Its actor broke: another one takes its place after a pause. */
  readonly isLost: boolean;
}

export type StrategyEvent =
  /** Its room is reserved. */
  | { readonly type: 'edge.approved'; readonly plan: AttemptPlan; readonly atMicros: number }
  /** Attempts of an earlier life, or one that closed before its order filled. */
  | {
      readonly type: 'attempt.recovered';
      readonly plan: AttemptPlan;
      readonly sinceMicros: number;
      readonly restored: RestoredAttempt;
    }
  | { readonly type: 'orphans.found'; readonly attemptId: string; readonly orphans: readonly OrphanLeg[] }
  | { readonly type: 'edge.vanished'; readonly watchId: string; readonly reason: string }
  | { readonly type: 'breaker.opened'; readonly reason: string }
  | {
      readonly type: 'attempt.closing.requested';
      readonly attemptId: string;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly type: 'fill.surfaced'; readonly attemptId: string; readonly legId: string }
  | { readonly type: 'following.due' }
  | { readonly type: 'drain.requested'; readonly reason: string }
  | { readonly type: 'resume.requested' }
  | ReconciliationRequested
  | ChildLegEvent
  | ChildEnded
  | EffectFailed;

export interface StrategyInput {
  readonly strategyId: string;
  readonly attemptsMax?: number;
}

export interface StrategyContext {
  readonly strategyId: string;
  readonly attemptsMax: number;
  readonly attempts: readonly LiveAttempt[];
  readonly orphans: readonly LiveOrphan[];
}

export type EdgeRefusal = 'WATCH_BUSY' | 'TOO_MANY_ATTEMPTS' | 'NOT_ACCEPTING';

export const strategyEffects = {
  /** Gives back the room of a plan that nobody will try. */
  refuseEdge: effect<{ readonly plan: AttemptPlan; readonly reason: EdgeRefusal }>(),
  /** Looks up what orders an attempt has left that broke, or that a person closed. */
  requestOrphans: effect<{ readonly attemptId: string; readonly unsettled: readonly OrphanLeg[] }>(),
  reportExposure: effect<{ readonly attemptId: string; readonly reports: readonly LegReport[] }>(),
  releaseReservation: effect<{ readonly attemptId: string; readonly reports: readonly LegReport[] }>(),
  reportTrigger: effect<{ readonly trigger: Trigger }>(),
};

const base = setup({
  types: {} as { context: StrategyContext; events: StrategyEvent; input: StrategyInput },
  actors: { attempt: attemptMachine, orderLeg: childLeg },
  actions: {
    ...strategyEffects,
    reportUnexpected,
    forgetAttempt: assign(({ context }, { attemptId }: { attemptId: string }) => ({
      attempts: context.attempts.filter((live) => live.attemptId !== attemptId),
    })),
    adoptOrphan: assign(({ context }, { report }: { report: LegReport }) => ({
      orphans: context.orphans.map((orphan) => (isOf(orphan, report) ? { ...orphan, report } : orphan)),
    })),
  },
  guards: {
    isBusy: ({ context }, { plan }: { plan: AttemptPlan }) =>
      context.attempts.some(({ watchId, attemptId }) => watchId === plan.watchId || attemptId === plan.attemptId),
    isLive: ({ context }, { plan }: { plan: AttemptPlan }) =>
      context.attempts.some(({ attemptId }) => attemptId === plan.attemptId),
    isFull: ({ context }) => context.attempts.length + context.orphans.length >= context.attemptsMax,
    isAlone: ({ context }) => context.attempts.length === 0 && context.orphans.every(({ isDone }) => isDone),
    isNothingLeft: (_, { orphans }: { orphans: readonly OrphanLeg[] }) => orphans.length === 0,
    isAttempt: (_, { actorId }: { actorId: string }) => actorId.startsWith('attempt/'),
    leavesOrders: (_, { output }: { output: unknown }) => unsettledIn(output).length > 0,
    isReportingTriggers: (_, { name }: { name: string }) => name === 'reportTrigger',
  },
  delays: { followingPause: FOLLOWING_MS },
});

const strategySetup = base.extend({
  actions: {
    spawnAttempt: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'edge.approved' && event.type !== 'attempt.recovered') return;
      const { plan } = event;
      const { attemptId, watchId } = plan;
      enqueue.assign({ attempts: [...context.attempts, { attemptId, watchId }] });
      const input =
        event.type === 'edge.approved'
          ? { plan, sinceMicros: event.atMicros }
          : { plan, sinceMicros: event.sinceMicros, restored: event.restored };
      enqueue.spawnChild('attempt', { id: attemptActor(attemptId), input });
    }),
    spawnOrphans: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'orphans.found') return;
      const { attemptId, orphans } = event;
      const actorOf = ({ report }: OrphanLeg): string => `orphan/${attemptId}/${report.order.legId}`;
      const found = orphans.map((orphan) => ({
        ...orphan,
        ...{ actorId: actorOf(orphan), attemptId, isDone: false, isLost: false },
      }));
      const others = context.orphans.filter(({ actorId }) => found.every((orphan) => orphan.actorId !== actorId));
      enqueue.assign({ orphans: [...others, ...found] });
      for (const orphan of found) {
        enqueue.spawnChild('orderLeg', { id: orphan.actorId, input: restoredInput(orphan) });
        // Nobody would hedge what it fills.
        if (canRest(orphan.report))
          enqueue.sendTo(orphan.actorId, { type: 'cancel.requested', reason: 'nobody decides for its attempt' });
      }
    }),
    loseOrphan: base.enqueueActions(({ enqueue, context, event }) => {
      if (!('actorId' in event)) return;
      const { actorId } = event;
      enqueue.assign({
        orphans: context.orphans.map((orphan) => (orphan.actorId === actorId ? { ...orphan, isLost: true } : orphan)),
      });
      enqueue.cancel('following');
      enqueue.raise({ type: 'following.due' }, { delay: 'followingPause', id: 'following' });
    }),
    /** Each in a new actor, which sends nothing and asks the venue. */
    followLost: base.enqueueActions(({ enqueue, context }) => {
      const orphans = context.orphans.map((orphan) => ({ ...orphan, isLost: false }));
      for (const orphan of context.orphans.filter(({ isLost }) => isLost))
        enqueue.spawnChild('orderLeg', { id: orphan.actorId, input: restoredInput(orphan) });
      enqueue.assign({ orphans });
    }),
    stopEnded: base.enqueueActions(({ enqueue, event }) => {
      if ('actorId' in event) enqueue.stopChild(event.actorId);
    }),
    endOrphan: base.enqueueActions(({ enqueue, context, event }) => {
      if (!('actorId' in event)) return;
      const { actorId } = event;
      const mine = [...othersOf(context, actorId), ...context.orphans.filter((orphan) => orphan.actorId === actorId)];
      const attemptId = mine.at(-1)?.attemptId;
      if (attemptId === undefined) return;
      if (!othersOf(context, actorId).every(({ isDone }) => isDone)) {
        enqueue.assign({
          orphans: context.orphans.map((orphan) => (orphan.actorId === actorId ? { ...orphan, isDone: true } : orphan)),
        });
        return;
      }
      enqueue.assign({ orphans: context.orphans.filter((orphan) => orphan.attemptId !== attemptId) });
      enqueue({ type: 'releaseReservation', params: { attemptId, reports: mine.map(({ report }) => report) } });
    }),
    revokeEntries: base.enqueueActions(({ enqueue, context, event }) => {
      const reason = 'reason' in event ? event.reason : event.type;
      for (const { attemptId } of context.attempts)
        enqueue.sendTo(attemptActor(attemptId), { type: 'entry.revoked', reason });
    }),
    revokeEntriesOfWatch: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'edge.vanished') return;
      for (const { attemptId } of context.attempts.filter(({ watchId }) => watchId === event.watchId))
        enqueue.sendTo(attemptActor(attemptId), { type: 'entry.revoked', reason: event.reason });
    }),
    passOnReconciliation: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'reconciliation.requested') return;
      for (const { attemptId } of context.attempts) enqueue.sendTo(attemptActor(attemptId), event);
      for (const { actorId, report, isDone, isLost } of context.orphans)
        if (!isDone && !isLost && (event.venue === undefined || event.venue === report.order.venue))
          enqueue.sendTo(actorId, { type: 'reconciliation.requested', reason: event.reason });
    }),
    passOnClosing: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'attempt.closing.requested') return;
      const { attemptId, by, reason } = event;
      if (context.attempts.some((live) => live.attemptId === attemptId))
        enqueue.sendTo(attemptActor(attemptId), { type: 'closing.requested', by, reason });
    }),
    passOnFill: base.enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'fill.surfaced') return;
      const { attemptId, legId } = event;
      if (context.attempts.some((live) => live.attemptId === attemptId))
        enqueue.sendTo(attemptActor(attemptId), { type: 'fill.surfaced', legId });
    }),
  },
});

export const strategyMachine = strategySetup.createMachine({
  id: 'strategy',
  description:
    'Supervises the attempts of one strategy: one at a time for each watch, at most so many at once. Passes on to ' +
    'them what concerns them all, and when one breaks or is closed by hand, keeps following its orders until the ' +
    'venues have said their last word.',
  meta: {
    invariants: [
      'I1: a plan that is not tried gives back its room in the step that refused it, and so does one that broke before anything was ordered',
      'I4: no order is left without an actor that asks for it, also when its attempt broke or was closed by hand',
    ],
  },
  context: ({ input }) => ({
    strategyId: input.strategyId,
    attemptsMax: input.attemptsMax ?? ATTEMPTS_MAX,
    attempts: [],
    orphans: [],
  }),
  initial: 'accepting',
  states: {
    accepting: {
      description: 'Approved edges become attempts.',
      on: {
        'edge.approved': [
          {
            guard: { type: 'isBusy', params: ({ event }) => event },
            actions: { type: 'refuseEdge', params: ({ event }) => ({ plan: event.plan, reason: 'WATCH_BUSY' }) },
          },
          {
            guard: 'isFull',
            actions: { type: 'refuseEdge', params: ({ event }) => ({ plan: event.plan, reason: 'TOO_MANY_ATTEMPTS' }) },
          },
          { actions: 'spawnAttempt' },
        ],
        'drain.requested': { target: 'draining', actions: 'revokeEntries' },
        // Nothing to take back.
        'resume.requested': {},
      },
    },
    draining: {
      description: 'Nothing new begins. What rests is taken off, and what is held unevenly is brought together.',
      always: { guard: 'isAlone', target: 'stopped' },
      on: {
        'edge.approved': {
          actions: { type: 'refuseEdge', params: ({ event }) => ({ plan: event.plan, reason: 'NOT_ACCEPTING' }) },
        },
        'drain.requested': {},
        'resume.requested': 'accepting',
      },
    },
    stopped: {
      description: 'No attempt lives, and none begins until somebody resumes.',
      on: {
        'edge.approved': {
          actions: { type: 'refuseEdge', params: ({ event }) => ({ plan: event.plan, reason: 'NOT_ACCEPTING' }) },
        },
        // An order that filled after all is followed whatever else is wanted.
        'attempt.recovered': { target: 'draining', actions: 'spawnAttempt' },
        'drain.requested': {},
        'resume.requested': 'accepting',
      },
    },
  },
  on: {
    'attempt.recovered': [
      {
        guard: { type: 'isLive', params: ({ event }) => event },
        actions: {
          type: 'reportTrigger',
          params: ({ event }) => lateFill(event.plan, 'expected it to have ended, found it alive'),
        },
      },
      { actions: 'spawnAttempt' },
    ],
    'edge.vanished': { actions: 'revokeEntriesOfWatch' },
    'breaker.opened': { actions: 'revokeEntries' },
    'reconciliation.requested': { actions: 'passOnReconciliation' },
    'attempt.closing.requested': { actions: 'passOnClosing' },
    'fill.surfaced': { actions: 'passOnFill' },
    'orphans.found': [
      {
        guard: { type: 'isNothingLeft', params: ({ event }) => event },
        actions: { type: 'releaseReservation', params: ({ event: { attemptId } }) => ({ attemptId, reports: [] }) },
      },
      { actions: 'spawnOrphans' },
    ],
    'leg.reported': {
      actions: [
        { type: 'adoptOrphan', params: ({ event }) => event },
        {
          type: 'reportExposure',
          params: ({ event: { report } }) => ({ attemptId: report.order.attemptId, reports: [report] }),
        },
      ],
    },
    'leg.reversed': {
      actions: {
        type: 'reportTrigger',
        params: ({ event }) => ({ trigger: { kind: 'TRADE_FAILED', detail: reversedText(event) } }),
      },
    },
    'following.due': { actions: 'followLost' },
    'xstate.done.actor.*': [
      {
        guard: { type: 'leavesOrders', params: ({ event }) => event },
        description: 'A person closed it, and a venue may still say something about an order of its.',
        actions: [
          'stopEnded',
          { type: 'forgetAttempt', params: ({ event }) => attemptOf(event) },
          {
            type: 'requestOrphans',
            params: ({ event }) => ({ ...attemptOf(event), unsettled: unsettledIn(event.output) }),
          },
        ],
      },
      {
        guard: { type: 'isAttempt', params: ({ event }) => event },
        actions: ['stopEnded', { type: 'forgetAttempt', params: ({ event }) => attemptOf(event) }],
      },
      { actions: ['stopEnded', 'endOrphan'] },
    ],
    'xstate.error.actor.*': [
      {
        guard: { type: 'isAttempt', params: ({ event }) => event },
        actions: [
          'stopEnded',
          { type: 'forgetAttempt', params: ({ event }) => attemptOf(event) },
          { type: 'reportTrigger', params: ({ event }) => broken(event) },
          { type: 'requestOrphans', params: ({ event }) => ({ ...attemptOf(event), unsettled: [] }) },
        ],
      },
      // Its room stays taken until its venue has said that it is over.
      { actions: ['stopEnded', 'loseOrphan', { type: 'reportTrigger', params: ({ event }) => broken(event) }] },
    ],
    'effect.failed': [
      { guard: { type: 'isReportingTriggers', params: ({ event }) => ({ name: event.effect }) } },
      { actions: { type: 'reportTrigger', params: ({ event }) => failed(event) } },
    ],
    '*': { actions: 'reportUnexpected' },
  },
});

export function attemptActor(attemptId: string): string {
  return `attempt/${attemptId}`;
}

function attemptOf({ actorId }: { readonly actorId: string }): { readonly attemptId: string } {
  return { attemptId: actorId.slice('attempt/'.length) };
}

function restoredInput({ report, venueOrderId, sinceMicros }: OrphanLeg): ChildLegInput {
  const restored = { report, sinceMicros };
  return {
    order: report.order,
    restored: venueOrderId === undefined ? restored : { ...restored, venueOrderId },
  };
}

/** What a child came to is untyped; only attempts end with such a list. */
function unsettledIn(output: unknown): readonly OrphanLeg[] {
  const isOutcome = typeof output === 'object' && output !== null && 'unsettled' in output;
  return isOutcome ? (output as Pick<AttemptOutcome, 'unsettled'>).unsettled : [];
}

function isOf({ attemptId, report }: LiveOrphan, { order }: LegReport): boolean {
  return attemptId === order.attemptId && report.order.legId === order.legId;
}

/** The other orders of the attempt that this orphan came from. */
function othersOf({ orphans }: StrategyContext, actorId: string): readonly LiveOrphan[] {
  const attemptId = orphans.find((orphan) => orphan.actorId === actorId)?.attemptId;
  return orphans.filter((orphan) => orphan.attemptId === attemptId && orphan.actorId !== actorId);
}

function broken({ actorId, ...event }: { readonly actorId: string; readonly error?: unknown }): {
  readonly trigger: Trigger;
} {
  const found = event.error instanceof Error ? event.error.message : String(event.error);
  return { trigger: { kind: 'ACTOR_FAULT', detail: `expected ${actorId} to live, found ${found}` } };
}

function failed({ effect: name, message }: EffectFailed): { readonly trigger: Trigger } {
  return { trigger: { kind: 'ACTOR_FAULT', detail: `expected ${name} to be done, found ${message}` } };
}

function lateFill({ attemptId, watchId }: AttemptPlan, found: string): { readonly trigger: Trigger } {
  return { trigger: { kind: 'LATE_FILL', attemptId, detail: `${found} (attempt ${attemptId}, watch ${watchId})` } };
}

function reversedText({ legId, tradeId, sizeE6 }: { legId: string; tradeId: string; sizeE6: number }): string {
  return `expected trade ${tradeId} to be confirmed, found it failed (orphan leg ${legId}, ${sizeE6} millionths)`;
}
