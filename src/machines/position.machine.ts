/**
 * What is held, from the last fill until the last payout can no longer be taken back. It believes nothing but what
 * the venues say when they are asked, and books profit only against their payment.
 *
 * Long because a chart is read aloud in one piece; what it computes lies in `position-facts.ts`.
 */
import { assign, cancel, raise, setup } from 'xstate';
import type { LegSale } from '../domain/execution/basket-sales.ts';
import type { ExitPlan } from '../domain/execution/exit-plan.ts';
import {
  isAllBooked,
  type LegEvidence,
  oneSidedness,
  type Payment,
  revisedLegs,
  unbookedLegs,
  withBooked,
  withEvidence,
  withReversed,
} from '../domain/execution/held-basket.ts';
import type { PlacedLeg } from './child-leg.ts';
import { reportUnexpected } from './effects.ts';
import { exitMachine } from './exit.machine.ts';
import type {
  HoldingChanged,
  PositionContext,
  PositionEvent,
  PositionInput,
  PositionOutput,
} from './position.events.ts';
import { positionEffects } from './position.setup.ts';
import { askForLost, dropExit, isLost, loseExit, resizeExits, tellExit, tellExits } from './position-exits.ts';
import {
  begun,
  booksOf,
  brokenExit,
  differenceTrigger,
  exitFor,
  exitId,
  exposureOf,
  faultTrigger,
  ledgerTrigger,
  mayClose,
  newDifference,
  paymentOf,
  reportOf,
  reversalOf,
  unhedgedTrigger,
  withExit,
  withFollowed,
  withHolding,
  without,
  withSold,
} from './position-facts.ts';

/** Between an exit that broke, and asking for its orders again. */
const FOLLOWING_MS = 30_000;

export const positionMachine = setup({
  types: {} as { context: PositionContext; events: PositionEvent; input: PositionInput; output: PositionOutput },
  actors: { exit: exitMachine },
  actions: {
    ...positionEffects,
    reportUnexpected,
    dropExit,
    loseExit,
    askForLost,
    tellExit,
    tellExits,
    resizeExits,
    noteEvidence: assign(({ context }, heard: readonly LegEvidence[]) => ({
      settlements: withEvidence(context.settlements, heard),
      quietChecks: 0,
    })),
    noteQuietCheck: assign({ quietChecks: ({ context }) => context.quietChecks + 1 }),
    noteNews: assign({ quietChecks: 0 }),
    noteBooked: assign(({ context }, { leg, payment }: { leg: number; payment: Payment }) => ({
      settlements: withBooked(context.settlements, leg, payment),
    })),
    noteReversed: assign(({ context }, leg: number) => ({ settlements: withReversed(context.settlements, leg) })),
    noteHolding: assign(({ context }, changed: HoldingChanged) => withHolding(context, changed)),
    noteSold: assign(({ context }, sale: LegSale) => withSold(context, sale)),
    noteExiting: assign(({ context }, leg: number) => ({ exiting: [...without(context.exiting, leg), leg] })),
    noteLapsed: assign(({ context }, leg: number) => ({ exiting: without(context.exiting, leg) })),
    startExits: assign(({ context, spawn }) => {
      for (const exit of context.plannedExits) spawn('exit', { id: exitId(exit.plan.leg), input: exit });
      return { exits: context.plannedExits.map(({ plan }) => plan.leg) };
    }),
    startExit: assign(({ context, spawn }, { plan }: { plan: ExitPlan }) => {
      const exit = exitFor(context, plan);
      spawn('exit', { id: exitId(plan.leg), input: exit });
      return withExit(context, exit);
    }),
    /** In an exit that sells nothing more. */
    followOrders: assign(({ context, spawn }, { leg, placed }: { leg: number; placed: readonly PlacedLeg[] }) => {
      const exit = context.plannedExits.find(({ plan }) => plan.leg === leg);
      if (exit === undefined) return {};
      spawn('exit', { id: exitId(leg), input: { ...exit, sizeE6: 0, restored: { trigger: undefined, placed } } });
      return withFollowed(context, leg);
    }),
    scheduleCheck: raise({ type: 'check.due' }, { delay: 'checkPause', id: 'check' }),
    scheduleFollowing: raise({ type: 'following.due' }, { delay: 'followingPause', id: 'following' }),
    schedulePayment: raise({ type: 'payment.overdue' }, { delay: 'paymentPatience', id: 'payment' }),
  },
  guards: {
    isNews: ({ context }, heard: readonly LegEvidence[]) =>
      JSON.stringify(withEvidence(context.settlements, heard)) !== JSON.stringify(context.settlements),
    /** The results contradict each other in a way that was not known before. */
    settlesDifferently: ({ context }, heard: readonly LegEvidence[]) => newDifference(context, heard) !== undefined,
    hasExit: ({ context }, { leg }: ExitPlan) => context.exits.includes(leg),
    mayClose: ({ context }, plan: ExitPlan) => mayClose(context, plan.leg),
    hasExits: ({ context }) => context.exits.length > 0,
    isGone: ({ context: { legs, exits, broken } }) =>
      legs.every((leg) => leg.sizeE6 === 0) && exits.length === 0 && broken.length === 0,
    isFollowing: ({ context: { exits, broken } }) => exits.length > 0 || broken.length > 0,
    isLost: ({ context }, leg: number) => context.broken.some((each) => each.leg === leg && isLost(each)),
    hasLost: ({ context }) => context.broken.some(isLost),
    isRevised: ({ context }) => revisedLegs(context.settlements).length > 0,
    isPaidUnbooked: ({ context }) => unbookedLegs(context.settlements).length > 0,
    isExiting: ({ context }) => context.exiting.length > 0,
    isDisputed: ({ context }) => context.settlements.some(({ standing }) => standing === 'disputed'),
    isSettled: ({ context }) => isAllBooked(context.legs, context.settlements),
    isOneSided: ({ context }) => oneSidedness(context.legs, context.settlements, context.dustE6) !== undefined,
    isHalfSettled: ({ context }) => context.settlements.some(({ yesPayoutE4 }) => yesPayoutE4 !== undefined),
  },
  delays: {
    checkPause: ({ context: { patience, quietChecks } }) =>
      Math.min(patience.checkMsMax, patience.checkMsMin * 2 ** Math.min(quietChecks, 30)),
    paymentPatience: ({ context }) => context.patience.paymentMsMax,
    revisionPatience: ({ context }) => context.patience.revisionMs,
    followingPause: FOLLOWING_MS,
  },
}).createMachine({
  id: 'position',
  description:
    'One per held basket, until nothing of it can be taken back. It asks the venues where their markets stand, books what they paid, and shows what is locked, disputed, one-sided or reversed in between.',
  meta: {
    invariants: [
      'S26: only evidence of a venue closes anything: a payment, or final fills of an exit',
      'I4: no order of an exit is left without an actor that asks for it, also when the exit broke',
      'S44: one venue may pay long before the other: until the ledger has every payout, capital is shown as locked',
      'S46: a booked payout is taken back by a posting of its own, never by editing',
      'A3: results that contradict each other are reported as a loss of the match, whoever gained by it',
    ],
  },
  context: ({ input }) => begun(input),
  output: ({ context }) => ({ positionId: context.positionId, settlements: context.settlements }),
  initial: 'held',
  entry: 'startExits',
  states: {
    held: {
      description: 'Something of it may still change. The venues are asked again and again, less and less often.',
      initial: 'weighing',
      entry: [{ type: 'requestSettlementCheck', params: ({ context }) => ({ legs: context.legs }) }, 'scheduleCheck'],
      exit: cancel('check'),
      states: {
        weighing: {
          description: 'What do the last facts make of it?',
          always: [
            { guard: 'isGone', target: '#position.closed' },
            { guard: 'isRevised', target: 'reversed' },
            { guard: 'isPaidUnbooked', target: 'booking' },
            { guard: 'isDisputed', target: 'disputed' },
            { guard: 'isSettled', target: 'settled' },
            { guard: 'isExiting', target: 'exiting' },
            { guard: 'isOneSided', target: 'oneSided' },
            { guard: 'isHalfSettled', target: 'halfSettled' },
            { target: 'open' },
          ],
        },
        open: {
          description: 'Held, and no venue has said how it ends.',
          entry: { type: 'reportPosition', params: ({ context }) => reportOf(context, 'open') },
        },
        exiting: {
          description: 'At least one leg is being sold before its market ends.',
          entry: { type: 'reportPosition', params: ({ context }) => reportOf(context, 'exiting') },
        },
        oneSided: {
          description: 'A leg shrank or was voided while its partner goes on: what was hedged is not any more.',
          entry: [
            { type: 'reportExposure', params: ({ context }) => exposureOf(context) },
            { type: 'reportTrigger', params: ({ context }) => unhedgedTrigger(context) },
            { type: 'reportPosition', params: ({ context }) => reportOf(context, 'oneSided') },
          ],
        },
        halfSettled: {
          description: 'A result is known, and not every leg is paid. What is not paid is locked.',
          entry: [
            { type: 'reportExposure', params: ({ context }) => exposureOf(context) },
            { type: 'reportPosition', params: ({ context }) => reportOf(context, 'halfSettled') },
            'schedulePayment',
          ],
          exit: cancel('payment'),
          on: {
            'payment.overdue': {
              actions: [
                { type: 'reportOverdue', params: ({ context }) => reportOf(context, 'halfSettled') },
                'schedulePayment',
              ],
            },
          },
        },
        disputed: {
          description: 'A result is contested at its venue and may flip. It counts as nothing until that is over.',
          entry: [
            { type: 'reportExposure', params: ({ context }) => exposureOf(context) },
            { type: 'reportPosition', params: ({ context }) => reportOf(context, 'disputed') },
          ],
        },
        booking: {
          description: 'A venue paid. The ledger is being told.',
          entry: { type: 'recordSettlement', params: ({ context }) => paymentOf(context) },
          on: {
            'settlement.refused': {
              target: 'unbooked',
              actions: { type: 'reportTrigger', params: ({ context, event }) => ledgerTrigger(context, event) },
            },
            'effect.failed': {
              target: 'unbooked',
              actions: { type: 'reportTrigger', params: ({ context, event }) => faultTrigger(context, event) },
            },
          },
        },
        reversed: {
          description: 'A venue says another payout than the one in the ledger, which is being taken back.',
          entry: [
            // At risk again from the venue's word on, whatever the ledger answers.
            { type: 'restoreExposure', params: ({ context }) => booksOf(context, reversalOf(context).leg.leg) },
            { type: 'reverseSettlement', params: ({ context }) => reversalOf(context) },
            { type: 'reportPosition', params: ({ context }) => reportOf(context, 'reversed') },
          ],
          on: {
            'settlement.refused': {
              target: 'unbooked',
              actions: { type: 'reportTrigger', params: ({ context, event }) => ledgerTrigger(context, event) },
            },
            'effect.failed': {
              target: 'unbooked',
              actions: { type: 'reportTrigger', params: ({ context, event }) => faultTrigger(context, event) },
            },
          },
        },
        unbooked: {
          description: 'The ledger did not take what a venue did. Somebody was told, and it is tried again.',
          on: {
            'check.due': {
              target: 'weighing',
              actions: [
                { type: 'requestSettlementCheck', params: ({ context }) => ({ legs: context.legs }) },
                'noteQuietCheck',
                'scheduleCheck',
              ],
            },
          },
        },
        settled: {
          description: 'All is paid and booked. It is watched until nobody can take it back.',
          entry: [
            { type: 'reportPosition', params: ({ context }) => reportOf(context, 'settled') },
            { type: 'tellExits', params: { type: 'position.ended' } },
            raise({ type: 'revision.expired' }, { delay: 'revisionPatience', id: 'revision' }),
          ],
          exit: cancel('revision'),
          always: { guard: 'isGone', target: '#position.closed' },
          on: {
            'revision.expired': [
              {
                guard: 'isFollowing',
                actions: raise({ type: 'revision.expired' }, { delay: 'revisionPatience', id: 'revision' }),
              },
              { target: '#position.closed' },
            ],
            'exit.sold': { target: 'weighing', actions: { type: 'noteSold', params: ({ event }) => event } },
            // Every exit was told in one step, and each ends in it: the others are not told again.
            'xstate.done.actor.*': { actions: { type: 'dropExit', params: ({ event }) => event.actorId } },
          },
        },
      },
      on: {
        'check.due': {
          actions: [
            { type: 'requestSettlementCheck', params: ({ context }) => ({ legs: context.legs }) },
            // Before the answer is there: one that never comes is a look that learned nothing.
            'noteQuietCheck',
            'scheduleCheck',
          ],
        },
        'market.changed': {
          actions: [
            'noteNews',
            cancel('check'),
            'scheduleCheck',
            { type: 'requestSettlementCheck', params: ({ context }) => ({ legs: context.legs }) },
          ],
        },
        'settlement.checked': [
          {
            guard: { type: 'settlesDifferently', params: ({ event }) => event.evidence },
            target: '.weighing',
            actions: [
              { type: 'reportTrigger', params: ({ context, event }) => differenceTrigger(context, event.evidence) },
              { type: 'noteEvidence', params: ({ event }) => event.evidence },
            ],
          },
          {
            guard: { type: 'isNews', params: ({ event }) => event.evidence },
            target: '.weighing',
            actions: { type: 'noteEvidence', params: ({ event }) => event.evidence },
          },
          {},
        ],
        'settlementCheck.failed': {},
        'settlement.recorded': {
          target: '.weighing',
          actions: [
            { type: 'noteBooked', params: ({ event }) => ({ leg: event.leg, payment: event.payment }) },
            { type: 'releaseExposure', params: ({ context, event }) => booksOf(context, event.leg) },
          ],
        },
        'settlement.reversed': {
          target: '.weighing',
          actions: [{ type: 'noteReversed', params: ({ event }) => event.leg }, 'noteNews'],
        },
        'holding.changed': {
          target: '.weighing',
          actions: [
            { type: 'resizeExits', params: ({ event }) => event.held },
            { type: 'noteHolding', params: ({ event }) => event },
          ],
        },
        'exit.requested': {
          guard: 'hasExits',
          actions: {
            type: 'tellExits',
            params: ({ event }) => ({ type: 'exit.requested' as const, reason: event.reason }),
          },
        },
        'closing.requested': [
          {
            guard: { type: 'hasExit', params: ({ event }) => event.plan },
            actions: { type: 'tellExit', params: ({ event }) => event },
          },
          {
            guard: { type: 'mayClose', params: ({ event }) => event.plan },
            actions: [
              { type: 'startExit', params: ({ event }) => event },
              { type: 'tellExit', params: ({ event }) => event },
            ],
          },
          {},
        ],
        'exit.triggered': {
          target: '.weighing',
          actions: { type: 'noteExiting', params: ({ event }) => event.leg },
        },
        'exit.lapsed': {
          target: '.weighing',
          actions: { type: 'noteLapsed', params: ({ event }) => event.leg },
        },
        'exit.sold': {
          actions: { type: 'noteSold', params: ({ event }) => event },
        },
        'exit.ordersFound': [
          {
            guard: { type: 'isLost', params: ({ event }) => event.leg },
            actions: { type: 'followOrders', params: ({ event }) => event },
          },
          {},
        ],
        'following.due': [{ guard: 'hasLost', actions: ['askForLost', 'scheduleFollowing'] }, {}],
        'xstate.done.actor.*': {
          target: '.weighing',
          actions: { type: 'dropExit', params: ({ event }) => event.actorId },
        },
        'xstate.error.actor.*': {
          target: '.weighing',
          actions: [
            { type: 'reportTrigger', params: ({ context, event }) => brokenExit(context, event.actorId) },
            { type: 'loseExit', params: ({ event }) => event.actorId },
            'scheduleFollowing',
          ],
        },
        'effect.failed': {},
      },
    },
    closed: {
      type: 'final',
      description: 'Nothing is held and nothing can be taken back.',
      entry: { type: 'reportPosition', params: ({ context }) => reportOf(context, 'closed') },
    },
  },
  on: { '*': { actions: 'reportUnexpected' } },
});
