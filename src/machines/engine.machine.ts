/** The process as a whole: whether it may look for new work, and how it comes to an end. */
import { assign, cancel, raise, setup } from 'xstate';
import { type StandingCheck, uncleanOf } from '../domain/risk/breaker-reasons.ts';
import { type EffectFailed, effect, reportUnexpected } from './effects.ts';

export type EngineEvent =
  | { readonly type: 'startup.completed' }
  | { readonly type: 'startup.failed'; readonly detail: string }
  | { readonly type: 'checks.completed'; readonly round: number; readonly checks: readonly StandingCheck[] }
  | { readonly type: 'checks.overdue' }
  | { readonly type: 'checks.requested'; readonly by: string }
  | ReviewAccepted
  | { readonly type: 'reduction.requested'; readonly by: string; readonly reason: string }
  | { readonly type: 'kill.requested'; readonly by: string; readonly reason: string }
  | { readonly type: 'drain.requested'; readonly by: string; readonly reason: string }
  | { readonly type: 'work.ended' }
  | { readonly type: 'drain.overdue' }
  | EffectFailed;

/** A person takes the responsibility for what the checks found. */
export interface ReviewAccepted {
  readonly type: 'review.accepted';
  readonly by: string;
  readonly reason: string;
  /** The round of checks that was looked at. */
  readonly round: number;
}

export interface EngineInput {
  readonly checksMsMax: number;
  readonly drainMsMax: number;
}

export interface EngineContext extends EngineInput {
  readonly round: number;
  readonly checks: readonly StandingCheck[];
}

export const engineEffects = {
  requestChecks: effect<{ readonly round: number }>(),
  announceReview: effect<{ readonly unclean: readonly StandingCheck[] }>(),
  announceRunning: effect(),
  announceReducing: effect<{ readonly by: string; readonly reason: string }>(),
  requestCancelAll: effect<{ readonly by: string; readonly reason: string }>(),
  /** No new attempts; maker orders off the book; answers `work.ended` when nothing is open. */
  requestDrain: effect<{ readonly by: string; readonly reason: string }>(),
  /** Names what is left to the next start, which asks the venues about it. */
  reportLeftovers: effect(),
  announceStopped: effect(),
};

type Asking = { event: { readonly by: string; readonly reason: string } };
const byWhom = ({ event }: Asking) => ({ by: event.by, reason: event.reason });

export const engineMachine = setup({
  types: {} as { context: EngineContext; events: EngineEvent; input: EngineInput },
  actions: {
    ...engineEffects,
    reportUnexpected,
    beginRound: assign({ round: ({ context }) => context.round + 1, checks: [] }),
    keepChecks: assign((_, { checks }: { checks: readonly StandingCheck[] }) => ({ checks })),
    keepSilence: assign({ checks: ({ context }) => [silence(context.checksMsMax)] }),
    keepFault: assign((_, { detail }: { detail: string }) => ({ checks: [failure(detail)] })),
    awaitChecks: raise({ type: 'checks.overdue' }, { delay: 'checkPatience', id: 'checks' }),
    stopAwaitingChecks: cancel('checks'),
    startDeadline: raise({ type: 'drain.overdue' }, { delay: 'drainDeadline', id: 'drain' }),
    stopDeadline: cancel('drain'),
  },
  guards: {
    isThisRoundAndClean: ({ context, event }) => isThisRound(context, event) && isClean(event),
    isThisRound: ({ context, event }) => isThisRound(context, event),
    hasChecked: ({ context }) => context.round > 0,
    isAccepted: ({ context, event }) =>
      event.type === 'review.accepted' && event.round === context.round && event.reason.trim() !== '',
  },
  delays: {
    checkPatience: ({ context }) => context.checksMsMax,
    drainDeadline: ({ context }) => context.drainMsMax,
  },
}).createMachine({
  id: 'engine',
  description:
    'The life of one process. It trades only after its checks came out clean, or after a person answered for what ' +
    'they found. Reducing and draining start nothing new and finish, hedge and cancel what is open. Whatever cannot ' +
    'be finished in time is left to the next start, which begins with asking the venues.',
  meta: {
    invariants: [
      'B46: nothing is entered after a start before the checks of that start came out clean or were accepted by a person',
      'I6: outside of running no order that adds risk leaves',
      'I4: draining ends, at its deadline at the latest',
    ],
  },
  context: ({ input }) => ({ ...input, round: 0, checks: [] }),
  initial: 'starting',
  states: {
    starting: {
      description: 'Opens the journal, takes the lease and recovers what the last process left.',
      on: {
        'startup.completed': 'checking',
        // Whatever is asked for before it has started leads back through the end of the start.
        'kill.requested': {
          target: 'heldBack',
          actions: [
            { type: 'requestCancelAll', params: byWhom },
            { type: 'announceReducing', params: byWhom },
            'reportLeftovers',
          ],
        },
        'reduction.requested': { target: 'heldBack', actions: { type: 'announceReducing', params: byWhom } },
      },
    },
    heldBack: {
      description:
        'A person wants nothing new, and it has not started yet. It goes on starting, and then only reduces.',
      on: {
        'startup.completed': 'reducing',
        'kill.requested': { actions: { type: 'requestCancelAll', params: byWhom } },
        'reduction.requested': {},
      },
    },
    checking: {
      description: 'Asks both venues and our own books whether they agree, and waits for all answers.',
      entry: [
        'beginRound',
        { type: 'requestChecks', params: ({ context }) => ({ round: context.round }) },
        'awaitChecks',
      ],
      exit: 'stopAwaitingChecks',
      on: {
        'checks.completed': [
          {
            guard: 'isThisRoundAndClean',
            target: 'running',
            actions: { type: 'keepChecks', params: ({ event }) => event },
          },
          {
            guard: 'isThisRound',
            target: 'awaitingReview',
            actions: { type: 'keepChecks', params: ({ event }) => event },
          },
          // The answer of an earlier round, which nobody waits for any more.
          {},
        ],
        'checks.overdue': { target: 'awaitingReview', actions: 'keepSilence' },
        'checks.requested': { target: 'checking', reenter: true },
      },
    },
    awaitingReview: {
      description:
        'Something is not clean: a person looks at it, mends it and has it checked again, or answers for it.',
      entry: { type: 'announceReview', params: ({ context }) => ({ unclean: uncleanOf(context.checks) }) },
      on: {
        'checks.requested': 'checking',
        'review.accepted': [{ guard: 'isAccepted', target: 'running' }, {}],
      },
    },
    running: {
      description: 'Looks for opportunities and takes them, as far as breaker, mode and limits allow.',
      entry: 'announceRunning',
    },
    reducing: {
      description: 'Starts nothing new. Open work is finished, hedged or unwound. Checks lead back to running.',
      on: { 'checks.requested': 'checking', 'reduction.requested': {} },
    },
    draining: {
      description: 'On its way to the end: no new attempts, open work is finished, what rests is canceled.',
      entry: 'startDeadline',
      exit: 'stopDeadline',
      on: {
        'work.ended': 'stopped',
        'drain.overdue': { target: 'stopped', actions: 'reportLeftovers' },
        // There is no way back: who wants to trade again starts again, with checks.
        'drain.requested': {},
        'reduction.requested': {},
        'kill.requested': { actions: { type: 'requestCancelAll', params: byWhom } },
        'effect.failed': { target: 'stopped', actions: 'reportLeftovers' },
      },
    },
    stopped: {
      description: 'Nothing is sent any more. What the last moments still bring is heard and left to the next start.',
      entry: 'announceStopped',
      on: {
        'work.ended': {},
        'drain.requested': {},
        'reduction.requested': {},
        'startup.failed': {},
        'kill.requested': { actions: { type: 'requestCancelAll', params: byWhom } },
        'effect.failed': {},
      },
    },
  },
  on: {
    'kill.requested': {
      target: '.reducing',
      actions: [
        { type: 'requestCancelAll', params: byWhom },
        { type: 'announceReducing', params: byWhom },
        'reportLeftovers',
      ],
    },
    'drain.requested': { target: '.draining', actions: { type: 'requestDrain', params: byWhom } },
    'reduction.requested': { target: '.reducing', actions: { type: 'announceReducing', params: byWhom } },
    'startup.failed': { target: '.stopped', actions: { type: 'keepFault', params: ({ event }) => event } },
    // Answers and wishes that have been overtaken.
    'startup.completed': {},
    'checks.requested': {},
    'checks.completed': {},
    'review.accepted': {},
    'effect.failed': [
      {
        guard: 'hasChecked',
        target: '.awaitingReview',
        actions: { type: 'keepFault', params: ({ event }) => ({ detail: `${event.effect}: ${event.message}` }) },
      },
      // Nobody may answer for checks that were not made.
      {},
    ],
    '*': { actions: 'reportUnexpected' },
  },
});

function isThisRound(context: EngineContext, event: EngineEvent): boolean {
  return event.type === 'checks.completed' && event.round === context.round;
}

/** No checks at all are not clean checks. */
function isClean(event: EngineEvent): boolean {
  return event.type === 'checks.completed' && event.checks.length > 0 && uncleanOf(event.checks).length === 0;
}

function silence(checksMsMax: number): StandingCheck {
  return { name: 'checks', isClean: false, detail: `expected every answer within ${checksMsMax} ms, found silence` };
}

function failure(detail: string): StandingCheck {
  return { name: 'engine', isClean: false, detail };
}
