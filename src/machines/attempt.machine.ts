/**
 * One try at an opportunity: its legs, the gap between them, and the way back from it.
 *
 * Long because a chart is read aloud in one piece; what it is made of lies in `attempt.setup.ts`.
 */
import { and, not } from 'xstate';
import { hedgesDue } from '../domain/execution/policy.ts';
import { sizeE6 } from '../domain/units.ts';
import { attemptSetup } from './attempt.setup.ts';
import {
  asymmetryIn,
  exposureIn,
  failureIn,
  faultIn,
  legOf,
  outcomeOf,
  repairAsked,
  reversalIn,
  stuckIn,
} from './attempt-facts.ts';

export const attemptMachine = attemptSetup.createMachine({
  id: 'attempt',
  description:
    'Takes one opportunity: looks once more, sends its orders by the policy of its plan, hedges every confirmed ' +
    'fill, and where one leg is filled and its partner is not, completes it or takes it back, whichever loses less, ' +
    'within limits of loss, time and orders. It ends when every venue has said its last word about every order.',
  meta: {
    invariants: [
      'I3: a leg is sent once; what is tried again is a new leg, and only after the first certainly ended',
      'I5: an asymmetry is reported in the step in which it becomes known',
      'I6: a repair is sized by what no open order can still supply, so that it never doubles',
      'S12: a hedge is sized by the cumulative confirmed fill, never by the plan',
      'S16: exposure that cannot be closed is a standing of its own, and stays one until it is closed',
      'S17: what is held is the sum of confirmed fills, after any path',
    ],
  },
  context: ({ input }) => ({
    plan: input.plan,
    sinceMicros: input.sinceMicros,
    isRestored: input.restored !== undefined,
    reports: input.restored?.reports ?? [],
    settled: input.restored?.settled ?? [],
    faulted: [],
    dead: [],
    retries: 0,
    deferredE6: sizeE6(0),
    dustE6: sizeE6(0),
    repairs: [],
    repairOrdersMax: input.plan.repair.repairOrdersMax,
    evidenceAtMs: undefined,
    repairAtMs: undefined,
    repairOrderAtMs: undefined,
    reason: '',
  }),
  initial: 'recalling',
  states: {
    recalling: {
      description: 'A new attempt looks at the books. One of an earlier life sends nothing and asks for its orders.',
      always: [{ guard: 'isRestored', target: 'sending', actions: 'respawnOpenLegs' }, { target: 'lastLook' }],
    },
    lastLook: {
      description: 'Reads the books again, now. Nothing of this look has been sent.',
      entry: [
        'startLookPatience',
        {
          type: 'requestLastLook',
          params: ({ context }) => ({
            plan: context.plan,
            isRetry: context.retries > 0,
            made: context.reports.length,
          }),
        },
      ],
      exit: 'stopLookPatience',
      // An order that was refused filled after all.
      always: { guard: 'holdsSomething', target: 'sending' },
      on: {
        'look.passed': [
          {
            guard: 'isMaker',
            target: 'resting',
            actions: ['startRest', 'spawnLegs'],
          },
          { target: 'sending', actions: 'spawnLegs' },
        ],
        'look.failed': { target: 'flat', actions: { type: 'noteReason', params: ({ event }) => event } },
        'look.overdue': { target: 'flat', actions: { type: 'noteReason', params: { reason: 'LOOK_OVERDUE' } } },
        'entry.revoked': { target: 'flat', actions: { type: 'noteReason', params: ({ event }) => event } },
        'effect.failed': {
          target: 'flat',
          actions: [
            { type: 'noteReason', params: ({ event }) => ({ reason: event.message }) },
            { type: 'reportTrigger', params: ({ context, event }) => faultIn(context, event) },
          ],
        },
      },
    },
    sending: {
      description: 'Opening orders are on their way, and no leg is ahead of its partner.',
      always: [
        {
          guard: 'isAsymmetric',
          target: 'deciding',
          actions: ['startRepairDeadline', { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) }],
        },
        { guard: 'mayRepeat', target: 'retrying' },
        {
          guard: and(['isEmptyHanded', 'wasTurnedAway']),
          target: 'flat',
          actions: { type: 'reportTrigger', params: ({ context }) => failureIn(context) },
        },
        // The market had nothing for us any more, or our own gate kept the orders: nothing went wrong.
        { guard: 'isEmptyHanded', target: 'flat' },
        { guard: 'isComplete', target: 'balanced' },
        { guard: 'isLeftOver', target: 'deciding', actions: 'startRepairDeadline' },
        { guard: 'isUneven', target: 'hedging' },
      ],
    },
    retrying: {
      description: 'Every opening order was refused for a reason that may pass. Waits once, then looks again.',
      entry: ['countRetry', 'startRetryPause'],
      exit: 'stopRetryPause',
      always: { guard: 'holdsSomething', target: 'sending' },
      on: {
        'retry.due': 'lastLook',
        'entry.revoked': { target: 'flat', actions: { type: 'noteReason', params: ({ event }) => event } },
      },
    },
    resting: {
      description: 'The first leg rests in its book, and every fill so far has its hedge.',
      always: [
        {
          guard: 'isAsymmetric',
          target: 'deciding',
          actions: ['startRepairDeadline', { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) }],
        },
        { guard: 'mayRepeat', target: 'retrying' },
        // Nobody came: that is no failure.
        { guard: 'isEmptyHanded', target: 'flat' },
        { guard: 'isComplete', target: 'balanced' },
        { guard: 'isLeftOver', target: 'deciding', actions: 'startRepairDeadline' },
        { guard: 'isUneven', target: 'hedging' },
      ],
      on: {
        // Asked again after as long, should the order still be there.
        'rest.elapsed': {
          actions: ['cancelResting', 'startRest'],
        },
      },
    },
    hedging: {
      description: 'One leg is ahead as the policy plans it, and its partner has until the deadline.',
      entry: 'startHedgeDeadline',
      exit: 'stopHedgeDeadline',
      always: [
        {
          guard: 'isAsymmetric',
          target: 'deciding',
          actions: ['startRepairDeadline', { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) }],
        },
        { guard: 'isEmptyHanded', target: 'flat' },
        { guard: 'isComplete', target: 'balanced' },
        { guard: 'isLeftOver', target: 'deciding', actions: 'startRepairDeadline' },
        { guard: and([not('isUneven'), 'isMaker']), target: 'resting' },
        { guard: not('isUneven'), target: 'sending' },
      ],
      on: {
        'hedge.overdue': {
          target: 'deciding',
          actions: ['startRepairDeadline', { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) }],
        },
        'rest.elapsed': {
          actions: ['cancelResting', 'startRest'],
        },
      },
      initial: 'out',
      states: {
        out: {
          description: 'Everything that is owed has been ordered.',
          always: { guard: 'owesHedge', target: 'asking' },
        },
        asking: {
          description: 'A hedge is owed for what has been confirmed and not been ordered.',
          entry: {
            type: 'requestHedge',
            params: ({ context: { plan, reports } }) => ({ plan, reports, due: hedgesDue(plan, reports) }),
          },
          on: {
            'hedge.planned': { target: 'out', actions: 'spawnLegs' },
            'hedge.deferred': {
              target: 'out',
              actions: { type: 'deferHedge', params: ({ event }) => ({ deferredE6: event.sizeE6 }) },
            },
            'hedge.impossible': {
              target: '#attempt.deciding',
              actions: [
                { type: 'noteReason', params: ({ event }) => event },
                'startRepairDeadline',
                { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) },
              ],
            },
            'effect.failed': {
              target: '#attempt.deciding',
              actions: [
                { type: 'noteReason', params: ({ event }) => ({ reason: event.message }) },
                'startRepairDeadline',
                { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) },
              ],
            },
          },
        },
      },
    },
    deciding: {
      description: 'A gap that no plan will close. What rests is taken off, and the cheaper way out is looked for.',
      entry: ['stopRest', 'cancelResting'],
      always: [
        { guard: 'isEmptyHanded', target: 'flat' },
        { guard: 'isComplete', target: 'balanced' },
      ],
      on: {
        'repair.overdue': { target: 'stuck', actions: { type: 'noteReason', params: { reason: 'REPAIR_OVERDUE' } } },
      },
      initial: 'awaitingLegs',
      states: {
        awaitingLegs: {
          description: 'An order whose fate is open could close the gap by itself: nothing is sent against it.',
          always: [
            {
              guard: and(['isRepairable', 'isOutOfOrders']),
              target: '#attempt.stuck',
              actions: { type: 'noteReason', params: { reason: 'REPAIR_ORDERS_USED' } },
            },
            { guard: 'isRepairable', target: 'planning' },
          ],
        },
        planning: {
          description: 'Both ways out are priced at the books of both venues, as they are now.',
          entry: { type: 'requestRepairPlan', params: ({ context }) => repairAsked(context) },
          on: {
            'repair.planned': [
              {
                guard: { type: 'isUnwind', params: ({ event }) => event },
                target: '#attempt.unwinding',
                actions: [{ type: 'noteRepair', params: ({ event }) => event }, 'spawnLegs'],
              },
              {
                target: '#attempt.completing',
                actions: [{ type: 'noteRepair', params: ({ event }) => event }, 'spawnLegs'],
              },
            ],
            'repair.postponed': {
              target: 'awaitingTokens',
              actions: [
                { type: 'noteReason', params: ({ event }) => event },
                { type: 'noteRepairStart', params: ({ event }) => event },
              ],
            },
            'repair.impossible': {
              target: '#attempt.stuck',
              actions: { type: 'noteReason', params: ({ event }) => event },
            },
            'dust.left': { target: '#attempt.dust', actions: 'leaveDust' },
            'effect.failed': {
              target: '#attempt.stuck',
              actions: { type: 'noteReason', params: ({ event }) => ({ reason: event.message }) },
            },
          },
        },
        awaitingTokens: {
          description: 'What would have to be sold has not settled at its venue. Any news, or patience, looks again.',
          entry: [
            'startSettlementPatience',
            { type: 'requestRefresh', params: ({ context: { plan, reports } }) => ({ plan, reports }) },
          ],
          exit: 'stopSettlementPatience',
          on: {
            'leg.reported': {
              target: 'awaitingLegs',
              actions: [
                { type: 'adoptReport', params: ({ event }) => event },
                { type: 'reportExposure', params: ({ context }) => exposureIn(context) },
              ],
            },
            'settlementPatience.elapsed': 'awaitingLegs',
          },
        },
      },
    },
    completing: {
      description: 'Orders are out that supply what is missing, at a bounded loss.',
      always: [
        { guard: 'isEmptyHanded', target: 'flat' },
        { guard: 'isComplete', target: 'balanced' },
        { guard: 'isRepairOver', target: 'deciding' },
      ],
      on: {
        'repair.overdue': { target: 'stuck', actions: { type: 'noteReason', params: { reason: 'REPAIR_OVERDUE' } } },
      },
    },
    unwinding: {
      description: 'Orders are out that give back what is too much, at a bounded loss.',
      always: [
        { guard: 'isEmptyHanded', target: 'flat' },
        { guard: 'isComplete', target: 'balanced' },
        { guard: and(['isRepairOver', 'wasSaleRefused']), target: 'deciding.awaitingTokens' },
        { guard: 'isRepairOver', target: 'deciding' },
      ],
      on: {
        'repair.overdue': { target: 'stuck', actions: { type: 'noteReason', params: { reason: 'REPAIR_OVERDUE' } } },
      },
    },
    stuck: {
      description: 'Exposure without a way out within the limits. Entries are blocked; it goes on looking.',
      entry: [
        'stopRest',
        'stopRepairDeadline',
        'cancelResting',
        { type: 'reportTrigger', params: ({ context }) => stuckIn(context) },
      ],
      always: [
        { guard: 'isEmptyHanded', target: 'flat' },
        { guard: 'isComplete', target: 'balanced' },
      ],
      on: {
        'closing.requested': {
          guard: 'isForPerson',
          target: 'abandoned',
          actions: { type: 'noteReason', params: ({ event }) => ({ reason: `${event.by}: ${event.reason}` }) },
        },
      },
      initial: 'waiting',
      states: {
        waiting: {
          description: 'Until the next look.',
          entry: 'startStuckPause',
          exit: 'stopStuckPause',
          on: {
            'stuckPause.elapsed': [
              { guard: 'isRepairable', target: 'looking' },
              { target: 'waiting', reenter: true },
            ],
          },
        },
        looking: {
          description: 'Looks for a way out again. One more order is granted for it; the loss limit stands.',
          entry: ['grantOrder', { type: 'requestRepairPlan', params: ({ context }) => repairAsked(context) }],
          on: {
            'repair.planned': [
              {
                guard: { type: 'isUnwind', params: ({ event }) => event },
                target: '#attempt.unwinding',
                actions: ['startRepairDeadline', { type: 'noteRepair', params: ({ event }) => event }, 'spawnLegs'],
              },
              {
                target: '#attempt.completing',
                actions: ['startRepairDeadline', { type: 'noteRepair', params: ({ event }) => event }, 'spawnLegs'],
              },
            ],
            'repair.postponed': 'waiting',
            'repair.impossible': { target: 'waiting', actions: { type: 'noteReason', params: ({ event }) => event } },
            'dust.left': { target: '#attempt.dust', actions: 'leaveDust' },
            'effect.failed': 'waiting',
          },
        },
      },
    },
    balanced: {
      description: 'Every leg holds the same. Some of it may still be reversed.',
      entry: ['stopRest', 'stopRepairDeadline'],
      always: [
        {
          guard: not('isEven'),
          target: 'deciding',
          actions: ['startRepairDeadline', { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) }],
        },
        { guard: 'isEverySettled', target: 'closed' },
      ],
    },
    dust: {
      description: 'Every leg holds the same but for less than any venue trades, within the limit for it.',
      entry: ['stopRest', 'stopRepairDeadline'],
      always: [
        { guard: 'isComplete', target: 'balanced' },
        {
          guard: 'isMoreThanDust',
          target: 'deciding',
          actions: ['startRepairDeadline', { type: 'reportAsymmetry', params: ({ context }) => asymmetryIn(context) }],
        },
        { guard: 'isEverySettled', target: 'closed' },
      ],
    },
    flat: {
      description: 'Nothing is held. A late fill may still come while a venue has not said its last word.',
      entry: ['stopRest', 'stopRepairDeadline'],
      always: [
        { guard: not('isEmptyHanded'), target: 'sending' },
        { guard: and(['isEverySettled', 'hasTraded']), target: 'closed' },
        { guard: 'isEverySettled', target: 'aborted' },
      ],
    },
    closed: {
      description: 'Every venue has said its last word. What is held is a position now.',
      type: 'final',
      entry: [
        { type: 'recordOutcome', params: ({ context }) => ({ outcome: outcomeOf(context) }) },
        { type: 'releaseReservation', params: ({ context }) => ({ outcome: outcomeOf(context) }) },
      ],
    },
    abandoned: {
      description: 'A person took over what was left.',
      type: 'final',
      entry: [
        { type: 'recordOutcome', params: ({ context }) => ({ outcome: outcomeOf(context, true) }) },
        { type: 'releaseReservation', params: ({ context }) => ({ outcome: outcomeOf(context, true) }) },
      ],
    },
    aborted: {
      description: 'Nothing was bought.',
      type: 'final',
      entry: [
        { type: 'recordOutcome', params: ({ context }) => ({ outcome: outcomeOf(context) }) },
        { type: 'releaseReservation', params: ({ context }) => ({ outcome: outcomeOf(context) }) },
      ],
    },
  },
  on: {
    'leg.reported': {
      actions: [
        { type: 'adoptReport', params: ({ event }) => event },
        { type: 'reportExposure', params: ({ context }) => exposureIn(context) },
      ],
    },
    'leg.reversed': {
      actions: { type: 'reportTrigger', params: ({ context, event }) => reversalIn(context, event) },
    },
    'fill.surfaced': {
      guard: { type: 'isSettledLeg', params: ({ event }) => event },
      description: 'All of that order may have filled: nothing is repaired past it until its venue was asked.',
      actions: ['reopenLeg', { type: 'reportExposure', params: ({ context }) => exposureIn(context) }],
    },
    'evidence.noted': { actions: { type: 'noteEvidence', params: ({ event }) => event } },
    'entry.revoked': { actions: ['forgoRetry', 'cancelResting'] },
    'reconciliation.requested': { actions: 'passOnReconciliation' },
    'xstate.done.actor.*': {
      actions: [{ type: 'markSettled', params: ({ event }) => legOf(event) }, 'stopLeg'],
    },
    'xstate.error.actor.*': [
      {
        guard: { type: 'hasFaultedBefore', params: ({ event }) => legOf(event) },
        target: '.stuck',
        actions: [
          'giveUpLeg',
          { type: 'noteReason', params: { reason: 'LEG_FAULTED_TWICE' } },
          { type: 'reportExposure', params: ({ context }) => exposureIn(context) },
        ],
      },
      {
        actions: ['respawnLeg', { type: 'reportExposure', params: ({ context }) => exposureIn(context) }],
      },
    ],
    'effect.failed': [
      // Telling it again would fail again; the runtime has journaled it and told whoever watches faults.
      { guard: { type: 'isReportingTriggers', params: ({ event }) => ({ name: event.effect }) } },
      { actions: { type: 'reportTrigger', params: ({ context, event }) => faultIn(context, event) } },
    ],
    '*': { actions: 'reportUnexpected' },
  },
  output: ({ context }) => outcomeOf(context),
});
