/** Where orders go. Live is reached by one person's two steps in this process, and by nothing else. */
import { assign, cancel, raise, setup } from 'xstate';
import { type EffectFailed, effect, reportUnexpected } from './effects.ts';

/** Modes that a process keeps for its whole life: their venues are not the real ones. */
export type FixedMode = 'demo' | 'sim' | 'replay' | 'backtest';
export type ModeName = FixedMode | 'paper' | 'dryRun' | 'live';

export interface Challenge {
  readonly id: string;
  /** What the person has to type: `LIVE 100 USD`. */
  readonly phrase: string;
  /** The configuration that was shown. */
  readonly configHash: string;
}

export interface LiveRequested {
  readonly type: 'live.requested';
  readonly by: string;
  /** Where it was asked: chat never leads to live. */
  readonly from: 'terminal' | 'socket' | 'web' | 'chat';
  readonly challenge: Challenge;
  /** Gates that do not hold. */
  readonly blockers: readonly string[];
}

export interface ConfirmationReceived {
  readonly type: 'confirmation.received';
  readonly by: string;
  readonly from: LiveRequested['from'];
  /** As it was typed and as the configuration stands now. */
  readonly challenge: Challenge;
  /** Looked at again at this moment. */
  readonly blockers: readonly string[];
}

export type ModeEvent =
  | LiveRequested
  | ConfirmationReceived
  | { readonly type: 'challenge.expired' }
  | { readonly type: 'mode.requested'; readonly by: string; readonly mode: 'paper' | 'dryRun' }
  | EffectFailed;

export interface ModeInput {
  /** Never `live`: a process that starts has not been asked yet. */
  readonly mode: FixedMode | 'paper' | 'dryRun';
  readonly challengeMs: number;
}

export interface ModeContext extends ModeInput {
  /** Where a failed arming goes back to. */
  readonly origin: 'paper' | 'dryRun';
  readonly challenge: Challenge | undefined;
  readonly confirmedBy: string | undefined;
}

export const modeEffects = {
  presentChallenge: effect<{ readonly challenge: Challenge; readonly expiresInMs: number }>(),
  refuseLive: effect<{ readonly by: string; readonly because: readonly string[] }>(),
  announceMode: effect<{ readonly mode: ModeName; readonly by: string }>(),
};

export const modeMachine = setup({
  types: {} as { context: ModeContext; events: ModeEvent; input: ModeInput },
  actions: {
    ...modeEffects,
    reportUnexpected,
    keepChallenge: assign((_, { challenge }: LiveRequested) => ({ challenge })),
    spendChallenge: assign({ challenge: undefined }),
    comeFromPaper: assign({ origin: 'paper' }),
    comeFromDryRun: assign({ origin: 'dryRun' }),
    keepConfirmation: assign((_, { by }: ConfirmationReceived) => ({ confirmedBy: by })),
    dropConfirmation: assign({ confirmedBy: undefined }),
    startExpiry: raise({ type: 'challenge.expired' }, { delay: 'challengeLife', id: 'challenge' }),
    stopExpiry: cancel('challenge'),
  },
  guards: {
    isFixed: ({ context }) => context.mode !== 'paper' && context.mode !== 'dryRun',
    startsDry: ({ context }) => context.mode === 'dryRun',
    mayArm: ({ event }) => event.type === 'live.requested' && armingRefusals(event).length === 0,
    isConfirmed: ({ context, event }) =>
      event.type === 'confirmation.received' && confirmationRefusals(context, event).length === 0,
    cameFromDryRun: ({ context }) => context.origin === 'dryRun',
    isToPaper: ({ event }) => event.type === 'mode.requested' && event.mode === 'paper',
    isToDryRun: ({ event }) => event.type === 'mode.requested' && event.mode === 'dryRun',
  },
  delays: { challengeLife: ({ context }) => context.challengeMs },
}).createMachine({
  id: 'mode',
  description:
    'Says where orders go. Paper and dry run lead to live through a challenge that a person answers in time, once, ' +
    'with nothing changed in between. A process never starts live. Simulated modes stay what they are.',
  meta: {
    invariants: [
      'I25: live is entered by an explicit confirmation in this process only',
      'I17: only live reaches the order endpoints of a venue',
    ],
  },
  context: ({ input }) => ({ ...input, origin: 'paper', challenge: undefined, confirmedBy: undefined }),
  initial: 'choosing',
  states: {
    choosing: {
      description: 'Takes up what the process was started as.',
      always: [{ guard: 'isFixed', target: 'fixed' }, { guard: 'startsDry', target: 'dryRun' }, { target: 'paper' }],
    },
    fixed: {
      description: 'Demo, simulation, replay or backtest: another mode needs another process.',
      on: {
        'live.requested': {
          actions: { type: 'refuseLive', params: ({ context, event }) => fixedRefusal(context, event) },
        },
        'mode.requested': {
          actions: { type: 'refuseLive', params: ({ context, event }) => fixedRefusal(context, event) },
        },
      },
    },
    paper: {
      description: 'Real books, simulated orders and money.',
      entry: 'comeFromPaper',
      on: {
        'live.requested': [
          { guard: 'mayArm', target: 'arming', actions: { type: 'keepChallenge', params: ({ event }) => event } },
          {
            actions: { type: 'refuseLive', params: ({ event }) => ({ by: event.by, because: armingRefusals(event) }) },
          },
        ],
        'mode.requested': [
          {
            guard: 'isToDryRun',
            target: 'dryRun',
            actions: { type: 'announceMode', params: ({ event }) => ({ mode: event.mode, by: event.by }) },
          },
          {},
        ],
      },
    },
    dryRun: {
      description: 'Real books, no orders: what would have been done is written down.',
      entry: 'comeFromDryRun',
      on: {
        'live.requested': [
          { guard: 'mayArm', target: 'arming', actions: { type: 'keepChallenge', params: ({ event }) => event } },
          {
            actions: { type: 'refuseLive', params: ({ event }) => ({ by: event.by, because: armingRefusals(event) }) },
          },
        ],
        'mode.requested': [
          {
            guard: 'isToPaper',
            target: 'paper',
            actions: { type: 'announceMode', params: ({ event }) => ({ mode: event.mode, by: event.by }) },
          },
          {},
        ],
      },
    },
    arming: {
      description: 'A person was shown what live means and has to answer, once and in time.',
      entry: [
        {
          type: 'presentChallenge',
          params: ({ context }) => ({ challenge: challengeOf(context), expiresInMs: context.challengeMs }),
        },
        'startExpiry',
      ],
      exit: ['stopExpiry', 'spendChallenge'],
      on: {
        'confirmation.received': [
          {
            guard: 'isConfirmed',
            target: 'live',
            actions: [
              { type: 'keepConfirmation', params: ({ event }) => event },
              { type: 'announceMode', params: ({ event }) => ({ mode: 'live', by: event.by }) },
            ],
          },
          {
            guard: 'cameFromDryRun',
            target: 'dryRun',
            actions: { type: 'refuseLive', params: ({ context, event }) => wrongAnswer(context, event) },
          },
          {
            target: 'paper',
            actions: { type: 'refuseLive', params: ({ context, event }) => wrongAnswer(context, event) },
          },
        ],
        'challenge.expired': [{ guard: 'cameFromDryRun', target: 'dryRun' }, { target: 'paper' }],
        'mode.requested': [
          {
            guard: 'isToDryRun',
            target: 'dryRun',
            actions: { type: 'announceMode', params: ({ event }) => ({ mode: event.mode, by: event.by }) },
          },
          {
            target: 'paper',
            actions: { type: 'announceMode', params: ({ event }) => ({ mode: event.mode, by: event.by }) },
          },
        ],
        // One challenge at a time: the second person waits for the answer of the first.
        'live.requested': {
          actions: {
            type: 'refuseLive',
            params: ({ event }) => ({ by: event.by, because: ['another challenge is open'] }),
          },
        },
      },
    },
    live: {
      description: 'Real books, real orders, real money.',
      exit: 'dropConfirmation',
      on: {
        'mode.requested': [
          {
            guard: 'isToDryRun',
            target: 'dryRun',
            actions: { type: 'announceMode', params: ({ event }) => ({ mode: event.mode, by: event.by }) },
          },
          {
            target: 'paper',
            actions: { type: 'announceMode', params: ({ event }) => ({ mode: event.mode, by: event.by }) },
          },
        ],
        'live.requested': {},
      },
    },
  },
  on: {
    // An answer to a challenge that was spent or has run out.
    'confirmation.received': {
      actions: { type: 'refuseLive', params: ({ event }) => ({ by: event.by, because: ['no challenge is open'] }) },
    },
    'effect.failed': {},
    '*': { actions: 'reportUnexpected' },
  },
});

export function armingRefusals({ from, blockers }: LiveRequested): readonly string[] {
  return from === 'chat' ? ['chat can never go live', ...blockers] : blockers;
}

/** Everything that is wrong with an answer; any of it spends the challenge. */
export function confirmationRefusals(context: ModeContext, event: ConfirmationReceived): readonly string[] {
  const { challenge: asked } = context;
  const { challenge: given, from, blockers } = event;
  const refused = [...blockers];
  if (from === 'chat') refused.push('chat can never go live');
  if (asked === undefined || asked.id !== given.id) refused.push('the answer belongs to another challenge');
  if (asked?.phrase !== given.phrase) refused.push('the phrase differs from the one that was asked for');
  if (asked?.configHash !== given.configHash) refused.push('the configuration has changed since it was shown');
  return refused;
}

function wrongAnswer(context: ModeContext, event: ConfirmationReceived) {
  return { by: event.by, because: confirmationRefusals(context, event) };
}

function fixedRefusal({ mode }: ModeContext, { by }: { readonly by: string }) {
  return { by, because: [`a process in mode ${mode} stays in it`] };
}

function challengeOf({ challenge }: ModeContext): Challenge {
  return challenge ?? { id: '', phrase: '', configHash: '' };
}
