/** The same event on two venues: whether somebody vouches for it, and whether it is still what was vouched for. */
import { assign, cancel, raise, setup } from 'xstate';
import { SCORE_MIN, SCORE_QUIET } from '../domain/pairs/pair-terms.ts';
import { type EffectFailed, effect, reportUnexpected } from './effects.ts';

export type PairEvent =
  | { readonly type: 'approval.given'; readonly by: string; readonly scoreE6: number; readonly approvalMsLeft: number }
  | { readonly type: 'approval.revoked'; readonly by: string; readonly reason: string }
  | { readonly type: 'approval.expired' }
  | { readonly type: 'listings.agreed' }
  | { readonly type: 'listings.unproven'; readonly code: string; readonly detail: string }
  | { readonly type: 'terms.changed'; readonly code: string; readonly detail: string }
  | { readonly type: 'market.ended'; readonly detail: string }
  | { readonly type: 'veto.placed'; readonly by: string; readonly reason: string }
  | { readonly type: 'veto.lifted'; readonly by: string }
  | { readonly type: 'gap.doubted'; readonly detail: string }
  | { readonly type: 'outcomes.differed'; readonly detail: string }
  | { readonly type: 'proof.lapsed' }
  | EffectFailed;

export interface PairInput {
  readonly pairId: string;
  readonly scoreE6: number;
  /** For how long a reading of both listings proves that nothing has changed. */
  readonly proofMs: number;
  /** A pair that was quarantined before a restart still is. */
  readonly quarantine?: string;
}

export interface PairContext {
  readonly pairId: string;
  readonly scoreE6: number;
  readonly proofMs: number;
  readonly approvalMsLeft: number;
  readonly approvedBy: string | undefined;
  /** Why it is not tradable, in one sentence with its code. */
  readonly reason: string;
}

export const pairEffects = {
  announceTradable: effect<{ readonly pairId: string; readonly isBelowQuiet: boolean }>(),
  announceUntradable: effect<{ readonly pairId: string; readonly reason: string }>(),
  refuseApproval: effect<{ readonly pairId: string; readonly by: string; readonly because: string }>(),
  requestListings: effect<{ readonly pairId: string }>(),
  /** Venues that decide one event differently are a loss, and everything built on the match is in doubt. */
  reportDifference: effect<{ readonly pairId: string; readonly detail: string }>(),
};

type Reasoned = { event: { readonly code?: string; readonly detail: string } };
const becauseOf = ({ event }: Reasoned) => ({
  reason: event.code === undefined ? event.detail : `${event.code}: ${event.detail}`,
});
type Personal = { event: { readonly type: string; readonly by: string; readonly reason: string } };
const becauseOfPerson = ({ event }: Personal) => ({ reason: `${event.type} by ${event.by}: ${event.reason}` });
const doubt = ({ event }: { event: { readonly type: string; readonly detail: string } }) => ({
  reason: `${event.type}: ${event.detail}`,
});
const untradable = {
  type: 'announceUntradable' as const,
  params: ({ context }: { context: PairContext }) => ({ pairId: context.pairId, reason: context.reason }),
};

export const pairMachine = setup({
  types: {} as { context: PairContext; events: PairEvent; input: PairInput },
  actions: {
    ...pairEffects,
    reportUnexpected,
    keepApproval: assign((_, given: { by: string; scoreE6: number; approvalMsLeft: number }) => ({
      approvedBy: given.by,
      scoreE6: given.scoreE6,
      approvalMsLeft: given.approvalMsLeft,
      reason: 'awaiting proof that both markets read as approved',
    })),
    dropApproval: assign({ approvedBy: undefined }),
    keepReason: assign((_, { reason }: { reason: string }) => ({ reason })),
    forgetReason: assign({ reason: '' }),
    startExpiry: raise({ type: 'approval.expired' }, { delay: 'approval', id: 'approval' }),
    stopExpiry: cancel('approval'),
    startProof: raise({ type: 'proof.lapsed' }, { delay: 'proof', id: 'proof' }),
    stopProof: cancel('proof'),
  },
  guards: {
    wasQuarantined: ({ context }) => context.reason !== '',
    canApprove: ({ event }) => event.type === 'approval.given' && approvalRefusal(event) === undefined,
  },
  delays: {
    approval: ({ context }) => context.approvalMsLeft,
    proof: ({ context }) => context.proofMs,
  },
}).createMachine({
  id: 'pair',
  description:
    'One event on two venues. It is traded only while a person vouches for it, nobody forbids it, and both venues ' +
    'say in a recent reading what they said when it was approved. Losing that ends entries at once; what is held ' +
    'stays held, and is still hedged, unwound and settled.',
  meta: {
    invariants: [
      'I12: nothing below 0.95, vetoed or quarantined is ever tradable',
      'U4: revoking a pair never touches what is held of it',
    ],
  },
  context: ({ input }) => ({
    pairId: input.pairId,
    scoreE6: input.scoreE6,
    proofMs: input.proofMs,
    approvalMsLeft: 0,
    approvedBy: undefined,
    reason: input.quarantine ?? '',
  }),
  initial: 'recalling',
  states: {
    recalling: {
      description: 'Takes up a quarantine of before.',
      always: [{ guard: 'wasQuarantined', target: 'quarantined' }, { target: 'proposed' }],
    },
    proposed: {
      description: 'Found or written down, and vouched for by nobody.',
      on: {
        'approval.given': [
          { guard: 'canApprove', target: 'vouched', actions: { type: 'keepApproval', params: ({ event }) => event } },
          { actions: { type: 'refuseApproval', params: ({ context, event }) => refusalFor(context, event) } },
        ],
        'listings.agreed': {},
        'terms.changed': {},
      },
    },
    vouched: {
      description: 'A person vouches for it, until the approval runs out.',
      entry: 'startExpiry',
      exit: 'stopExpiry',
      initial: 'approved',
      on: {
        'approval.given': [
          {
            guard: 'canApprove',
            target: 'vouched',
            reenter: true,
            actions: { type: 'keepApproval', params: ({ event }) => event },
          },
          { actions: { type: 'refuseApproval', params: ({ context, event }) => refusalFor(context, event) } },
        ],
        'approval.expired': { target: 'expired', actions: { type: 'keepReason', params: () => ({ reason: LAPSED }) } },
        'terms.changed': { target: 'suspended', actions: { type: 'keepReason', params: becauseOf } },
        'approval.revoked': { target: 'suspended', actions: { type: 'keepReason', params: becauseOfPerson } },
      },
      states: {
        approved: {
          description: 'Vouched for, and not yet, or not any more, proven to read as it did.',
          entry: { type: 'requestListings', params: ({ context }) => ({ pairId: context.pairId }) },
          on: {
            'listings.agreed': 'tradable',
            'listings.unproven': { actions: { type: 'keepReason', params: becauseOf } },
          },
        },
        tradable: {
          description: 'Both markets read as approved, a moment ago. Entries may use it.',
          entry: [
            'forgetReason',
            'startProof',
            {
              type: 'announceTradable',
              params: ({ context }) => ({ pairId: context.pairId, isBelowQuiet: context.scoreE6 < SCORE_QUIET }),
            },
          ],
          exit: 'stopProof',
          on: {
            'listings.agreed': { actions: ['stopProof', 'startProof'] },
            'listings.unproven': {
              target: 'approved',
              actions: [{ type: 'keepReason', params: becauseOf }, untradable],
            },
            'proof.lapsed': {
              target: 'approved',
              actions: [{ type: 'keepReason', params: () => ({ reason: UNREAD }) }, untradable],
            },
          },
        },
      },
    },
    suspended: {
      description: 'It is not what was approved any more, or its approval was taken back. A person looks at it again.',
      entry: ['dropApproval', untradable],
      on: {
        'approval.given': [
          { guard: 'canApprove', target: 'vouched', actions: { type: 'keepApproval', params: ({ event }) => event } },
          { actions: { type: 'refuseApproval', params: ({ context, event }) => refusalFor(context, event) } },
        ],
        // A change that is changed back has still not been read by anybody.
        'listings.agreed': {},
        'terms.changed': { actions: { type: 'keepReason', params: becauseOf } },
        'approval.revoked': {},
      },
    },
    quarantined: {
      description: 'Forbidden, or caught behaving like two different events. An approval alone does not end it.',
      entry: ['dropApproval', untradable],
      on: {
        'veto.lifted': 'proposed',
        'approval.given': {
          actions: {
            type: 'refuseApproval',
            params: ({ context, event }) => ({ pairId: context.pairId, by: event.by, because: context.reason }),
          },
        },
        'approval.revoked': {},
        'listings.agreed': {},
        'terms.changed': {},
        // A first reason is enough, and the one that somebody has to answer.
        'veto.placed': {},
        'gap.doubted': {},
      },
    },
    expired: {
      description: 'Its approval has run out, or its markets have closed.',
      entry: ['dropApproval', untradable],
      on: {
        'approval.given': [
          { guard: 'canApprove', target: 'vouched', actions: { type: 'keepApproval', params: ({ event }) => event } },
          { actions: { type: 'refuseApproval', params: ({ context, event }) => refusalFor(context, event) } },
        ],
        'approval.revoked': {},
        'listings.agreed': {},
        'terms.changed': {},
      },
    },
  },
  on: {
    'veto.placed': { target: '.quarantined', actions: { type: 'keepReason', params: becauseOfPerson } },
    'veto.lifted': {},
    'gap.doubted': { target: '.quarantined', actions: { type: 'keepReason', params: doubt } },
    'outcomes.differed': {
      target: '.quarantined',
      actions: [
        { type: 'keepReason', params: doubt },
        {
          type: 'reportDifference',
          params: ({ context, event }) => ({ pairId: context.pairId, detail: event.detail }),
        },
      ],
    },
    'market.ended': { target: '.expired', actions: { type: 'keepReason', params: becauseOf } },
    'approval.revoked': {},
    'listings.unproven': {},
    'effect.failed': {},
    '*': { actions: 'reportUnexpected' },
  },
});

const LAPSED = 'APPROVAL_EXPIRED: the approval has run out';
const UNREAD = 'LISTINGS_UNREAD: neither market was read lately';

function approvalRefusal(event: { readonly scoreE6: number; readonly approvalMsLeft: number }): string | undefined {
  if (event.scoreE6 < SCORE_MIN) return `expected a score of ${SCORE_MIN} or more, found ${event.scoreE6}`;
  if (event.approvalMsLeft <= 0) return 'expected an approval that has not run out, found an old one';
  return undefined;
}

function refusalFor(
  { pairId }: PairContext,
  event: { readonly by: string; readonly scoreE6: number; readonly approvalMsLeft: number },
) {
  return { pairId, by: event.by, because: approvalRefusal(event) ?? '' };
}
