/**
 * One order, from the plan to the last word about it. It is sent at most once; whatever is not known is asked for,
 * and until it is known the order is believed to be able to fill.
 */
import { cancel } from 'xstate';
import { type LegEvidence, noEvidence, reportOf } from '../domain/execution/leg-evidence.ts';
import { legSetup, type OrderLegContext, type OrderLegInput } from './order-leg.setup.ts';

// The ways in which a reply, a report or a read ends an order, the surest first.
const whole = { guard: 'becomesWhole', target: '#orderLeg.ended.filled', actions: 'adopt' } as const;
const killed = { guard: 'diesAtOnce', target: '#orderLeg.ended.killed', actions: 'adopt' } as const;
const dead = { guard: 'dies', target: '#orderLeg.ended.canceled', actions: 'adopt' } as const;
const ends = [whole, killed, dead] as const;
// An order that matches at once never rests, so where one rests none is killed.
const restingEnds = [whole, dead] as const;
// The ways in which it goes on.
const toCancel = { guard: 'isToBeCanceled', target: '#orderLeg.canceling', actions: 'adopt' } as const;
const partly = { guard: 'restsPartlyFilled', target: '#orderLeg.live.partlyFilled', actions: 'adopt' } as const;
const resting = { guard: 'rests', target: '#orderLeg.live.resting', actions: 'adopt' } as const;
const goesOn = [toCancel, partly, resting] as const;
const noted = { actions: ['adopt', 'report'] } as const;

const look = { actions: ['countLook', 'askVenue', 'awaitLook'] } as const;

const refusals = [
  { guard: 'wasKilled', target: '#orderLeg.ended.killed', actions: 'noteRefusal' },
  { guard: 'wasKeptHere', target: '#orderLeg.ended.withheld', actions: 'noteRefusal' },
  { target: '#orderLeg.ended.refused', actions: ['noteRefusal', 'reportRefusal'] },
] as const;

export const orderLegMachine = legSetup.createMachine({
  id: 'orderLeg',
  description:
    'One order of an attempt. Its intent is on disk before it is sent, it is sent once, and every reply is done, ' +
    'refused or unknown. Unknown is a standing of its own: the order is asked for until complete reads agree, and ' +
    'counts as able to fill all the while. What the venue considers finished may still fill, and is adopted.',
  meta: {
    invariants: [
      'I2: no order leaves before its intent is on disk',
      'I3: an order is sent at most once',
      'I4: every intent reaches an end in bounded time once faults stop',
      'I9: each trade id is applied exactly once',
      'I10: nothing counts as filled that the venue did not report',
    ],
  },
  context: ({ input }) => begun(input),
  initial: 'begun',
  states: {
    begun: {
      description: 'A new order is planned; one of an earlier life is asked for.',
      always: [{ guard: 'isRestored', target: 'uncertain.reconciling' }, { target: 'planned' }],
    },
    planned: {
      description: 'Decided, and nothing is written or sent yet.',
      entry: { type: 'recordIntent', params: ({ context }) => ({ order: context.order }) },
      on: {
        'intent.recorded': { target: 'sending', actions: 'noteIntent' },
        'submission.withheld': { target: 'ended.withheld' },
        'cancel.requested': {
          target: 'ended.withheld',
          description: 'It is the leg that asks for submission: what has ended is never sent.',
        },
        'effect.failed': { target: 'ended.withheld' },
      },
    },
    sending: {
      description: 'Handed to the venue; no reply yet. It may fill at any moment.',
      initial: 'intentWritten',
      entry: ['awaitAcknowledgement', 'awaitExpiry', { type: 'stand', params: { standing: 'working' } }],
      exit: cancel('acknowledgement'),
      states: {
        intentWritten: {
          description: 'The intent is on disk and the order is on its way to the wire.',
          entry: {
            type: 'requestSubmission',
            params: ({ context }) => ({ clientOrderId: context.order.clientOrderId }),
          },
          on: { 'submission.sent': 'submitting' },
        },
        submitting: { description: 'The last byte has left. News of it can wait until now.', entry: 'report' },
      },
      on: {
        'order.acknowledged': [
          ...ends,
          ...goesOn,
          { target: 'uncertain', actions: 'adopt', description: 'Accepted, and neither resting nor at its end.' },
        ],
        'order.refused': refusals,
        'order.unknown': { target: 'uncertain', actions: 'adopt' },
        'acknowledgement.overdue': { target: 'uncertain', description: 'Silence is not a rejection.' },
        'fill.reported': [whole, noted],
        'order.reported': [...ends, ...goesOn, noted],
        'effect.failed': { guard: 'failedRequest', target: 'uncertain' },
      },
    },
    live: {
      description: 'At the venue, resting.',
      initial: 'resting',
      entry: 'forgetLooks',
      states: {
        resting: {
          description: 'Nothing of it has filled.',
          entry: [{ type: 'stand', params: { standing: 'resting' } }, 'report'],
          on: { 'fill.reported': [whole, { ...noted, target: 'partlyFilled' }] },
        },
        partlyFilled: {
          description: 'Some of it has filled.',
          entry: [{ type: 'stand', params: { standing: 'resting' } }, 'report'],
          on: { 'fill.reported': [whole, noted] },
        },
      },
      on: {
        'order.acknowledged': [...restingEnds, partly, noted],
        'order.reported': [...restingEnds, partly, noted],
        'order.found': [...restingEnds, partly, { actions: ['adopt', 'noteExpiry', 'awaitExpiry', 'report'] }],
        'order.refused': { target: 'uncertain', description: 'Refused, though it was seen to rest: ask.' },
        'cancel.requested': { target: 'canceling', actions: 'noteCancelWish' },
        'reconciliation.requested': 'uncertain.reconciling',
        'order.expired': 'uncertain.reconciling',
      },
    },
    canceling: {
      description: 'It should be taken off. Until that is proved it may fill.',
      initial: 'cancelRequested',
      entry: [{ type: 'stand', params: { standing: 'resting' } }, 'report'],
      states: {
        cancelRequested: {
          description: 'The cancel is on its way.',
          entry: [
            'awaitCancelAcknowledgement',
            {
              type: 'requestCancel',
              params: ({ context }) => ({
                clientOrderId: context.order.clientOrderId,
                venueOrderId: context.venueOrderId,
              }),
            },
          ],
          exit: cancel('cancelAcknowledgement'),
          on: {
            'cancel.refused': { target: 'cancelRefused', actions: 'noteRetryAfter' },
            'cancel.unknown': {
              target: '#orderLeg.uncertain',
              description: 'Not found means canceled, executed or never there: ask.',
            },
            'cancelAcknowledgement.overdue': '#orderLeg.uncertain',
            'effect.failed': { guard: 'failedRequest', target: '#orderLeg.uncertain' },
          },
        },
        cancelRefused: {
          description: 'The venue, or our budget, would not take the cancel. After a pause we look, and ask again.',
          entry: 'awaitCancelPause',
          exit: cancel('cancelPause'),
          on: { 'cancelPause.over': '#orderLeg.uncertain.reconciling' },
        },
      },
      on: {
        'cancel.acknowledged': [
          ...restingEnds,
          {
            target: 'uncertain.reconciling',
            actions: 'adopt',
            description: 'It does not say how much was taken off, so how much had filled has to be asked for.',
          },
        ],
        'fill.reported': [whole, noted],
        'order.acknowledged': [...restingEnds, noted],
        'order.reported': [...restingEnds, noted],
        'order.found': [...restingEnds, noted],
      },
    },
    uncertain: {
      description:
        'Silence is not a rejection: the venue may be holding this order. Nothing is sent from here until a read ' +
        'says what the venue knows, and a read that failed says nothing.',
      initial: 'unresolved',
      entry: [{ type: 'stand', params: { standing: 'unresolved' } }, 'report'],
      states: {
        unresolved: {
          description: 'Nobody knows. The next read is due after a pause that grows.',
          entry: 'awaitReconciliation',
          exit: cancel('reconciliation'),
          on: {
            'reconciliation.due': 'reconciling',
            'reconciliation.requested': 'reconciling',
            'cancel.requested': { target: 'reconciling', actions: 'noteCancelWish' },
          },
        },
        reconciling: {
          description: 'The venue is being asked.',
          entry: ['countLook', 'awaitReading', 'askVenue'],
          exit: cancel('reading'),
          on: {
            'reconciliation.failed': { target: 'unresolved', actions: 'forgetAbsences' },
            'reconciliation.overdue': { target: 'unresolved', actions: 'forgetAbsences' },
            'reconciliation.requested': {
              target: 'reconciling',
              reenter: true,
              description: 'What is being read may be older than the gap.',
            },
            'effect.failed': { guard: 'failedRequest', target: 'unresolved', actions: 'forgetAbsences' },
          },
        },
      },
      on: {
        'order.found': [
          ...ends.map((end) => ({ ...end, actions: ['adopt', 'forgetLooks'] as const })),
          toCancel,
          { ...partly, actions: ['adopt', 'noteExpiry', 'awaitExpiry'] },
          { ...resting, actions: ['adopt', 'noteExpiry', 'awaitExpiry'] },
          {
            target: '.unresolved',
            actions: ['adopt', 'forgetAbsences', 'report'],
            description: 'Seen, and not at an end: a delayed order is not over.',
          },
        ],
        'order.absent': [
          { guard: 'wasGivenUp', target: 'ended.notAccepted' },
          { guard: 'hasVanishedAtOnce', target: 'ended.killed' },
          { guard: 'hasVanished', target: 'ended.canceled' },
          { target: '.unresolved', actions: 'countAbsence' },
        ],
        'order.acknowledged': [
          ...ends,
          {
            guard: 'rests',
            target: 'canceling',
            actions: ['adopt', 'wishCancel'],
            description: 'An acknowledgement this late leaves an order at a price of then.',
          },
          noted,
        ],
        'order.refused': [{ guard: 'isProvedWrong', description: 'It was seen at the venue.' }, ...refusals],
        'cancel.acknowledged': [...restingEnds, noted],
        'order.reported': [...ends, noted],
        'fill.reported': [whole, noted],
      },
    },
    ended: {
      description:
        'The venue has said its last word on it. Fills are still waited for until each was reported in full and ' +
        'none can fail; what comes later is adopted.',
      entry: [cancel('expiry'), 'forgetLooks', 'awaitLook'],
      exit: cancel('look'),
      initial: 'filled',
      states: {
        filled: {
          description: 'All of it was matched.',
          entry: [{ type: 'stand', params: { standing: 'ended', end: 'filled' } }, 'report'],
          always: { guard: 'hasStayedSettled', target: '#orderLeg.closed' },
        },
        killed: {
          description: 'What did not match at once is gone.',
          entry: [{ type: 'stand', params: { standing: 'ended', end: 'killed' } }, 'report'],
          always: { guard: 'hasStayedSettled', target: '#orderLeg.closed' },
          on: { 'fill.reported': [whole, noted] },
        },
        refused: {
          description: 'The venue certainly did not take it.',
          entry: [{ type: 'stand', params: { standing: 'ended', end: 'refused' } }, 'report'],
          on: {
            'fill.reported': [
              { ...whole, actions: ['reportLateFill', 'adopt'] },
              { target: '#orderLeg.uncertain', actions: ['reportLateFill', 'adopt'] },
            ],
          },
        },
        withheld: {
          description: 'Our own gate, budget or disk kept it: nothing was sent.',
          entry: [{ type: 'stand', params: { standing: 'ended', end: 'withheld' } }, 'report'],
          always: { guard: 'isSettled', target: '#orderLeg.closed' },
        },
        canceled: {
          description: 'Taken off the book. A cancel and a fill may have crossed, so the venue is asked once more.',
          entry: [{ type: 'stand', params: { standing: 'ended', end: 'canceled' } }, 'report'],
          initial: 'awaitingProof',
          states: {
            awaitingProof: {
              description: 'Its cancel was acknowledged; the venue has not been asked since.',
              on: {
                'look.due': look,
                'order.found': [
                  {
                    guard: 'rests',
                    target: '#orderLeg.uncertain',
                    actions: ['adopt', 'wishCancel'],
                    description: 'A cancel that was acknowledged and lost, or a read that lags.',
                  },
                  { target: 'proved', actions: ['adopt', 'report'] },
                ],
                'order.absent': 'proved',
              },
            },
            proved: {
              description: 'The venue says so too.',
              always: { guard: 'isSettled', target: '#orderLeg.closed' },
            },
          },
          on: { 'fill.reported': [whole, noted] },
        },
        notAccepted: {
          description:
            'Absent from complete reads past its own expiry. Watched a while for a fill that proves us wrong.',
          entry: [
            cancel('look'),
            'awaitLateFill',
            { type: 'stand', params: { standing: 'ended', end: 'notAccepted' } },
            'report',
          ],
          on: {
            'order.found': { target: '#orderLeg.uncertain', actions: ['adopt', 'reportLateFill'] },
            'order.acknowledged': { target: '#orderLeg.uncertain', actions: ['adopt', 'reportLateFill', 'wishCancel'] },
            'order.reported': { target: '#orderLeg.uncertain', actions: ['adopt', 'reportLateFill'] },
            'fill.reported': [
              { ...whole, actions: ['reportLateFill', 'adopt'] },
              { target: '#orderLeg.uncertain', actions: ['reportLateFill', 'adopt'] },
            ],
            'look.due': look,
            'order.absent': '#orderLeg.closed',
          },
        },
      },
      on: {
        'look.due': [{ guard: 'isSettled', target: 'closed' }, look],
        'reconciliation.requested': { actions: 'askVenue' },
        'cancel.requested': { description: 'It is over.' },
      },
    },
    closed: {
      description: 'Over, accounted for to the last fill, and nothing of it can be reversed.',
      type: 'final',
      entry: { type: 'releaseOrder', params: ({ context }) => ({ clientOrderId: context.order.clientOrderId }) },
    },
  },
  on: {
    'fill.reported': noted,
    'order.acknowledged': noted,
    'order.reported': noted,
    'order.found': noted,
    'cancel.acknowledged': noted,
    'trade.concluded': [
      { guard: 'saysFailed', actions: ['concludeTrade', 'report', 'tellReversal'] },
      { actions: ['concludeTrade', 'report'] },
    ],
    'trade.reviewed': { actions: 'passReview' },
    'xstate.error.actor.*': { actions: ['loseTrade', 'report'] },
    'cancel.requested': { actions: 'noteCancelWish', description: 'Done once it is known to rest.' },
    'reconciliation.requested': { description: 'An answer of the venue is on its way.' },
    // What may come late, when something else has told it already.
    'submission.sent': {},
    'order.refused': {},
    'order.unknown': {},
    'order.absent': {},
    'reconciliation.failed': {},
    'cancel.refused': {},
    'cancel.unknown': {},
    'order.expired': {},
    'effect.failed': { description: 'The breaker has been told by the runtime; here it changes nothing.' },
    '*': { actions: 'reportUnexpected' },
  },
});

function begun({ order, restored }: OrderLegInput): OrderLegContext {
  const claimedE6 = restored === undefined ? 0 : restored.report.finalE6 + restored.report.provisionalE6;
  const evidence: LegEvidence = { ...noEvidence, claimedE6 };
  const refusal = restored?.report.refusal;
  const { order: _, ...told } =
    restored?.report ?? reportOf(order, evidence, { standing: 'planned', end: undefined, refusal });
  return {
    order,
    isRestored: restored !== undefined,
    sinceMicros: restored?.sinceMicros,
    venueOrderId: restored?.venueOrderId,
    hasLanded: claimedE6 > 0,
    evidence,
    standing: told.standing,
    end: told.end,
    told,
    refusal,
    cancelReason: undefined,
    absences: 0,
    looks: 0,
    expiresInMs: undefined,
    retryAfterMs: undefined,
    lostTrades: [],
  };
}
