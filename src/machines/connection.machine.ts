/** One WebSocket to a venue, from its first attempt to its end. */
import { assign, cancel, raise, setup } from 'xstate';
import { losesConnection, reconnectDelay } from '../domain/limits/reconnect.ts';
import {
  booksOf,
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionInput,
  connectionEffects,
  detailOf,
} from './connection.events.ts';
import { reportUnexpected } from './effects.ts';

/** HTTP 401 and 403 refuse the upgrade; 1008 is the close code of a policy, with which a login is refused. */
const REFUSED_LOGIN = new Set([401, 403]);
const POLICY_VIOLATION = 1_008;

interface Given {
  readonly context: ConnectionContext;
  readonly event: ConnectionEvent;
}

const because = ({ event }: Given) => ({ reason: detailOf(event) });
const ofEvent = ({ event }: Given) => ({ books: booksOf(event), detail: detailOf(event) });
const gapOf = ({ event }: Given) => ({
  books: event.type === 'sequence.gapped' ? event.books : 0,
  detail: detailOf(event),
});
const failuresOf = ({ context }: Given) => ({ failures: context.failures, detail: context.lastEnd });

export const connectionMachine = setup({
  types: {} as { context: ConnectionContext; events: ConnectionEvent; input: ConnectionInput },
  actions: {
    ...connectionEffects,
    reportUnexpected,
    noteEnd: assign(({ event }) => ({ lastEnd: detailOf(event) })),
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    forgetFailures: assign({ failures: 0 }),
    countContradiction: assign({ contradictions: ({ context }) => context.contradictions + 1 }),
    forgetContradictions: assign({ contradictions: 0 }),
    noteDelay: assign(({ event }) => (event.type === 'delay.drawn' ? { delayMs: event.delayMs } : {})),
    takePlainDelay: assign({
      delayMs: ({ context }) => reconnectDelay(context.failures, context.terms.reconnect),
    }),
    scheduleRetry: raise({ type: 'retry.due' }, { delay: 'backOff', id: 'retry' }),
    awaitOpening: raise({ type: 'connect.overdue' }, { delay: 'connectPatience', id: 'connect' }),
    awaitLogin: raise({ type: 'login.overdue' }, { delay: 'loginPatience', id: 'login' }),
    awaitSubscription: raise({ type: 'subscription.overdue' }, { delay: 'subscriptionPatience', id: 'subscription' }),
    scheduleHeartbeat: raise({ type: 'heartbeat.due' }, { delay: 'heartbeatPause', id: 'heartbeat' }),
    scheduleStability: raise({ type: 'stability.reached' }, { delay: 'stability', id: 'stability' }),
    scheduleProbe: raise({ type: 'probe.due' }, { delay: 'probePause', id: 'probe' }),
    scheduleSuspicion: raise({ type: 'suspicion.due' }, { delay: 'suspicion', id: 'suspicion' }),
    scheduleRecheck: raise({ type: 'recheck.due' }, { delay: 'recheckPause', id: 'recheck' }),
  },
  guards: {
    logsInByFrame: ({ context }) => context.login === 'firstFrame',
    carriesBooks: ({ context }) => context.carries === 'market',
    isRefusedAtOpening: ({ event }) =>
      event.type === 'socket.ended' && event.kind === 'refused' && REFUSED_LOGIN.has(event.code ?? 0),
    isRefusedLogin: ({ event }) =>
      event.type === 'socket.ended' && (REFUSED_LOGIN.has(event.code ?? 0) || event.code === POLICY_VIOLATION),
    // Only at that failure: the breaker is told once, while trying goes on.
    isLosing: ({ context }) =>
      losesConnection(context.failures, context.terms.reconnect) &&
      !losesConnection(context.failures - 1, context.terms.reconnect),
    mayBlameStream: ({ context }) => context.contradictions < context.terms.contradictionsMax,
  },
  delays: {
    connectPatience: ({ context }) => context.terms.connectMs,
    loginPatience: ({ context }) => context.terms.loginMs,
    subscriptionPatience: ({ context }) => context.terms.subscriptionMs,
    heartbeatPause: ({ context }) => context.terms.heartbeatMs,
    stability: ({ context }) => context.terms.stableMs,
    probePause: ({ context }) => context.terms.probeMs,
    suspicion: ({ context }) => context.terms.suspicionMs,
    recheckPause: ({ context }) => context.terms.recheckMs,
    backOff: ({ context }) => context.delayMs,
  },
}).createMachine({
  id: 'connection',
  description:
    'Keeps one socket to a venue. A failure is followed by another attempt after 1 s, doubled up to 30 s; the fifth ' +
    'in a row is reported and trying goes on, because hedges, cancels and reconciliation need the venue. Only a ' +
    'person, or a refused login, ends the trying. That a socket answers is one thing, that data comes another: a ' +
    'quiet stream is compared with the venue’s own books before it is called dead.',
  meta: {
    invariants: [
      'I4: a lost connection is tried again until it stands, a person ends it, or its login is refused',
      'I11: the end of a connection gaps every book it carried, and nothing that it still says is heard',
      'I22: every end has a reason',
    ],
  },
  context: ({ input }) => ({ ...input, failures: 0, delayMs: 0, contradictions: 0, lastEnd: '' }),
  initial: 'connecting',
  states: {
    connecting: {
      description: 'The transport opens. Where the login is a part of that, it is decided here.',
      entry: ['requestSocket', 'awaitOpening'],
      exit: cancel('connect'),
      on: {
        'socket.opened': [
          { guard: 'logsInByFrame', target: 'authenticating' },
          { guard: 'carriesBooks', target: 'subscribing' },
          { target: 'live', actions: { type: 'demandReconciliation', params: because } },
        ],
        'socket.ended': [
          {
            guard: 'isRefusedAtOpening',
            target: 'abandoned',
            actions: ['noteEnd', { type: 'reportRefusedLogin', params: ofEvent }],
          },
          { target: 'backingOff', actions: 'noteEnd' },
        ],
        'connect.overdue': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
        'effect.failed': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
      },
    },
    authenticating: {
      description: 'The login is sent. No answer says that it was taken: a frame of any kind does.',
      entry: ['requestLoginProof', 'awaitLogin'],
      exit: cancel('login'),
      on: {
        'login.proven': { target: 'live', actions: { type: 'demandReconciliation', params: because } },
        'socket.ended': [
          {
            guard: 'isRefusedLogin',
            target: 'abandoned',
            actions: ['noteEnd', { type: 'reportRefusedLogin', params: ofEvent }],
          },
          { target: 'backingOff', actions: 'noteEnd' },
        ],
        'login.overdue': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
        'effect.failed': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
      },
    },
    subscribing: {
      description: 'The books are asked for. Only a snapshot proves that the venue heard it.',
      entry: ['requestSubscription', 'awaitSubscription'],
      exit: cancel('subscription'),
      on: {
        'subscription.proven': 'live',
        'books.assigned': { actions: { type: 'requestMoreBooks', params: ofEvent } },
        'socket.ended': { target: 'backingOff', actions: ['noteEnd', 'tellFeedsOfLoss'] },
        'subscription.overdue': {
          target: 'backingOff',
          actions: ['noteEnd', 'tellFeedsOfLoss', { type: 'requestCut', params: because }],
        },
        'effect.failed': {
          target: 'backingOff',
          actions: ['noteEnd', 'tellFeedsOfLoss', { type: 'requestCut', params: because }],
        },
      },
    },
    live: {
      description: 'It stands, and the transport gives signs of life.',
      entry: ['scheduleHeartbeat', 'scheduleStability'],
      exit: [cancel('heartbeat'), cancel('stability'), 'tellFeedsOfLoss'],
      initial: 'fresh',
      states: {
        fresh: {
          description: 'Data comes.',
          entry: 'scheduleProbe',
          exit: cancel('probe'),
          on: {
            'probe.due': {
              actions: [{ type: 'requestCrossCheck', params: { scope: 'oldest' } }, 'scheduleProbe'],
            },
            'data.quieted': 'quiet',
            'books.agreed': { actions: ['forgetContradictions', { type: 'proveBooks', params: ofEvent }] },
            'books.contradicted': {
              actions: [
                { type: 'reportContradiction', params: ofEvent },
                { type: 'gapBooks', params: ofEvent },
              ],
            },
            'crossCheck.failed': {},
            'crossCheck.superseded': {},
          },
        },
        quiet: {
          description: 'No data for a while, which is not a fault: nothing may be happening.',
          entry: 'scheduleSuspicion',
          exit: cancel('suspicion'),
          on: {
            'data.resumed': 'fresh',
            'suspicion.due': 'suspect',
            // Answers to a probe that was sent while data came.
            'books.agreed': { actions: { type: 'proveBooks', params: ofEvent } },
            'books.contradicted': 'suspect',
            'crossCheck.failed': {},
            'crossCheck.superseded': {},
          },
        },
        suspect: {
          description: 'Quiet for too long to be believed. The venue’s own books decide.',
          entry: [{ type: 'requestCrossCheck', params: { scope: 'all' } }, 'scheduleRecheck'],
          exit: cancel('recheck'),
          on: {
            'data.resumed': 'fresh',
            'books.agreed': {
              target: 'quiet',
              actions: ['forgetContradictions', { type: 'proveBooks', params: ofEvent }],
            },
            'books.contradicted': [
              {
                guard: 'mayBlameStream',
                target: '#connection.backingOff',
                actions: [
                  'countContradiction',
                  'noteEnd',
                  { type: 'reportContradiction', params: ofEvent },
                  { type: 'requestCut', params: because },
                ],
              },
              // New streams said the same: the venue contradicts itself, and nothing here is traded on.
              {
                target: 'quiet',
                actions: [
                  { type: 'reportContradiction', params: ofEvent },
                  { type: 'gapBooks', params: ofEvent },
                ],
              },
            ],
            // Without an answer nothing is proven and nothing is dead: the books grow stale by themselves.
            'crossCheck.failed': {},
            'crossCheck.superseded': 'quiet',
            'recheck.due': { target: 'suspect', reenter: true },
          },
        },
      },
      on: {
        'heartbeat.due': { actions: ['requestHeartbeat', 'scheduleHeartbeat'] },
        'stability.reached': { actions: 'forgetFailures' },
        'socket.ended': { target: 'backingOff', actions: 'noteEnd' },
        'socket.fellSilent': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
        'feed.exhausted': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
        'recycle.requested': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
        'sequence.gapped': { actions: { type: 'reportSequenceGap', params: gapOf } },
        'private.gapped': { actions: { type: 'demandReconciliation', params: because } },
        'books.assigned': {
          actions: { type: 'requestMoreBooks', params: ofEvent },
        },
        'effect.failed': { target: 'backingOff', actions: ['noteEnd', { type: 'requestCut', params: because }] },
      },
    },
    backingOff: {
      description: 'It failed. The next attempt follows after a pause that grows with the failures in a row.',
      entry: ['countFailure', { type: 'requestDelay', params: failuresOf }],
      exit: cancel('retry'),
      on: {
        'delay.drawn': [
          { guard: 'isLosing', actions: ['noteDelay', 'scheduleRetry', { type: 'reportLost', params: failuresOf }] },
          { actions: ['noteDelay', 'scheduleRetry'] },
        ],
        'effect.failed': [
          {
            guard: 'isLosing',
            actions: ['takePlainDelay', 'scheduleRetry', { type: 'reportLost', params: failuresOf }],
          },
          { actions: ['takePlainDelay', 'scheduleRetry'] },
        ],
        'retry.due': 'connecting',
        'resume.requested': 'connecting',
      },
    },
    abandoned: {
      description: 'The login was refused, or a person gave it up. Nothing is tried until a person says so.',
      on: { 'resume.requested': { target: 'connecting', actions: 'forgetFailures' } },
    },
    closed: { description: 'Not needed any more.', type: 'final' },
  },
  on: {
    // Asked for with all others as soon as there is a connection.
    'books.assigned': {},
    'books.released': { actions: { type: 'requestFewerBooks', params: ofEvent } },
    'abandon.requested': { target: '.abandoned', actions: ['noteEnd', { type: 'requestCut', params: because }] },
    'close.requested': { target: '.closed', actions: { type: 'requestCut', params: because } },
    // A feed that gave up while its connection went.
    'feed.exhausted': {},
    '*': { actions: 'reportUnexpected' },
  },
});

/** Which of the standings a live connection has, or the name of its state. */
export function standingOfConnection(value: unknown): string {
  if (typeof value === 'string') return value;
  return (value as { readonly live?: string }).live ?? 'unknown';
}
