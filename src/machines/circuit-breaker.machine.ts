/** The circuit breaker: whether anything that adds risk may be sent at all. */
import { assign, cancel, raise, setup } from 'xstate';
import type { Trigger } from '../domain/limits/trigger.ts';
import {
  afterRestart,
  afterSuccess,
  type BreakerPolicy,
  isReached,
  marked,
  markOf,
  type OpenStanding,
  type Tallies,
} from '../domain/risk/breaker-policy.ts';
import { NO_REASONS, type Reasons, type StandingCheck, uncleanOf, withReason } from '../domain/risk/breaker-reasons.ts';
import { type EffectFailed, effect, reportUnexpected } from './effects.ts';

export type HaltScope = 'entries' | 'all';

export interface HaltRequested {
  readonly type: 'halt.requested';
  readonly by: string;
  readonly reason: string;
  readonly scope: HaltScope;
  readonly atMs: number;
}

export interface ResumeRequested {
  readonly type: 'resume.requested';
  readonly by: string;
  readonly reason: string;
  readonly force: boolean;
  readonly checks: readonly StandingCheck[];
  /** The count of reports when the checks began: what was reported since, nobody has looked at. */
  readonly seenReports: number;
}

export type CircuitBreakerEvent =
  | { readonly type: 'trigger.reported'; readonly trigger: Trigger; readonly atMs: number }
  | { readonly type: 'execution.succeeded'; readonly attemptId: string }
  | { readonly type: 'execution.abandoned'; readonly attemptId: string }
  | { readonly type: 'probe.started'; readonly attemptId: string }
  | { readonly type: 'cooldown.elapsed' }
  | HaltRequested
  | ResumeRequested
  | EffectFailed;

/** What survives a restart. Midnight is not among the things that close a breaker, and a restart is not either. */
export interface BreakerMemory {
  readonly standing: 'closed' | 'halfOpen' | OpenStanding;
  readonly reasons: Reasons;
  readonly tallies: Tallies;
  readonly trips: number;
  readonly resumes: number;
}

export interface CircuitBreakerInput {
  readonly policy: BreakerPolicy;
  readonly restored?: BreakerMemory;
}

export interface CircuitBreakerContext {
  readonly policy: BreakerPolicy;
  /** What it was before the process ended. */
  readonly recalled: BreakerMemory['standing'];
  readonly reasons: Reasons;
  readonly tallies: Tallies;
  /** Triggers and halts so far in this process. */
  readonly reports: number;
  readonly trips: number;
  /** How often it left the standing in which entries pass. */
  readonly openings: number;
  readonly resumes: number;
  /** The attempt that is the probe. */
  readonly probe: string | undefined;
}

export const circuitBreakerEffects = {
  /** Tells people that it is open, and why, once for each report. */
  requestAlert: effect<{ readonly trigger: Trigger; readonly trips: number }>(),
  requestCancelAll: effect<{ readonly by: string; readonly reason: string }>(),
  announceClosing: effect<{ readonly by: string; readonly reason: string; readonly resumes: number }>(),
  refuseResume: effect<{ readonly by: string; readonly because: readonly string[] }>(),
};

type Reported = { context: CircuitBreakerContext; event: CircuitBreakerEvent & { type: 'trigger.reported' } };
type Halting = { context: CircuitBreakerContext; event: HaltRequested };
type Resuming = { context: CircuitBreakerContext; event: ResumeRequested };

const keepReason = { type: 'keepReason' as const, params: ({ event }: Reported) => event };
const countTowardsTrip = { type: 'countTowardsTrip' as const, params: ({ event }: Reported) => event };
const requestAlert = {
  type: 'requestAlert' as const,
  params: ({ context, event }: Reported) => ({ trigger: event.trigger, trips: context.trips }),
};
const keepHalt = {
  type: 'keepReason' as const,
  params: ({ event }: Halting) => ({ trigger: haltTrigger(event), atMs: event.atMs }),
};
const alertHalt = {
  type: 'requestAlert' as const,
  params: ({ context, event }: Halting) => ({ trigger: haltTrigger(event), trips: context.trips }),
};
const requestCancelAll = {
  type: 'requestCancelAll' as const,
  params: ({ event }: Halting) => ({ by: event.by, reason: event.reason }),
};
const announceClosing = {
  type: 'announceClosing' as const,
  params: ({ context, event }: Resuming) => ({ by: event.by, reason: event.reason, resumes: context.resumes }),
};
const refuseResume = {
  type: 'refuseResume' as const,
  params: ({ context, event }: Resuming) => ({ by: event.by, because: resumeRefusals(context, event) }),
};
const keepFault = {
  type: 'keepReason' as const,
  params: ({ event }: { event: EffectFailed }) => ({
    trigger: { kind: 'ACTOR_FAULT' as const, detail: `breaker: ${event.effect}: ${event.message}` },
    atMs: undefined,
  }),
};

function haltTrigger({ by, reason, scope }: HaltRequested): Trigger {
  return { kind: 'MANUAL_HALT', detail: `${by} halted ${scope}: ${reason}` };
}

function closedByProbe({ resumes }: CircuitBreakerContext, attemptId: string) {
  return { by: 'breaker', reason: `attempt ${attemptId} succeeded as the probe`, resumes };
}

export const circuitBreakerMachine = setup({
  types: {} as { context: CircuitBreakerContext; events: CircuitBreakerEvent; input: CircuitBreakerInput },
  actions: {
    ...circuitBreakerEffects,
    reportUnexpected,
    keepReason: assign(({ context }, { trigger, atMs }: { trigger: Trigger; atMs: number | undefined }) => ({
      reasons: withReason(context.reasons, trigger, atMs),
      tallies: atMs === undefined ? context.tallies : counted(context, trigger, atMs),
      reports: context.reports + 1,
    })),
    countTowardsTrip: assign(({ context }, { trigger, atMs }: { trigger: Trigger; atMs: number }) => ({
      tallies: counted(context, trigger, atMs),
      reports: context.reports + 1,
    })),
    countTrip: assign({ trips: ({ context }) => context.trips + 1 }),
    countOpening: assign({ openings: ({ context }) => context.openings + 1 }),
    countResume: assign({ resumes: ({ context }) => context.resumes + 1 }),
    endRows: assign({ tallies: ({ context }) => afterSuccess(context.tallies, context.policy) }),
    nameProbe: assign((_, { attemptId }: { attemptId: string }) => ({ probe: attemptId })),
    forgetProbe: assign({ probe: undefined }),
    forgetReasons: assign({ reasons: NO_REASONS, tallies: {} }),
    startCooldown: raise({ type: 'cooldown.elapsed' }, { delay: 'cooldown', id: 'cooldown' }),
    stopCooldown: cancel('cooldown'),
  },
  guards: {
    wasLatched: ({ context }) => context.recalled === 'latched',
    wasCooling: ({ context }) => context.recalled === 'cooling' || context.recalled === 'halfOpen',
    opensLatched: ({ context, event }) => opens(context, event) === 'latched',
    opensCooling: ({ context, event }) => opens(context, event) === 'cooling',
    isLatching: ({ context, event }) =>
      event.type === 'trigger.reported' && context.policy.rules[event.trigger.kind].standing === 'latched',
    isProbe: ({ context, event }) => 'attemptId' in event && event.attemptId === context.probe,
    isEverything: ({ event }) => event.type === 'halt.requested' && event.scope === 'all',
    canResume: ({ context, event }) => event.type === 'resume.requested' && resumeRefusals(context, event).length === 0,
  },
  delays: { cooldown: ({ context }) => context.policy.cooldownMs },
}).createMachine({
  id: 'circuitBreaker',
  description:
    'Decides whether an order that adds risk may leave. Closed lets entries pass, open does not, half open lets one ' +
    'attempt try. Orders that can only reduce, and cancels, never ask. It opens by rule of the profile or by a ' +
    'person, and keeps every reason until it is closed.',
  meta: {
    invariants: [
      'I6: while it is open no order that adds risk leaves; reducing orders and cancels do',
      'I14: no date and no restart closes it',
      'I5: an asymmetry opens it at once',
    ],
  },
  context: ({ input }) => ({
    policy: input.policy,
    recalled: input.restored?.standing ?? 'closed',
    reasons: input.restored?.reasons ?? NO_REASONS,
    tallies: afterRestart(input.restored?.tallies ?? {}, input.policy),
    reports: 0,
    trips: input.restored?.trips ?? 0,
    openings: 0,
    resumes: input.restored?.resumes ?? 0,
    probe: undefined,
  }),
  initial: 'recalling',
  states: {
    recalling: {
      description: 'Takes up the standing that the last process left.',
      always: [
        { guard: 'wasLatched', target: 'open.latched' },
        { guard: 'wasCooling', target: 'open.cooling' },
        { target: 'closed' },
      ],
    },
    closed: {
      description: 'Entries may leave. What the profile counts is counted.',
      on: {
        'trigger.reported': [
          {
            guard: 'opensLatched',
            target: 'open.latched',
            actions: [keepReason, 'countTrip', requestAlert],
          },
          {
            guard: 'opensCooling',
            target: 'open.cooling',
            actions: [keepReason, 'countTrip', requestAlert],
          },
          { actions: countTowardsTrip },
        ],
        'execution.succeeded': { actions: 'endRows' },
        // Ended without what it wanted: where something went wrong, a trigger says so.
        'execution.abandoned': {},
        'resume.requested': { actions: refuseResume },
      },
    },
    open: {
      description: 'No entry leaves. Reducing orders and cancels do.',
      entry: 'countOpening',
      on: {
        // Attempts that were on their way when it opened come to their ends.
        'execution.succeeded': {},
        'execution.abandoned': {},
        'resume.requested': [
          {
            guard: 'canResume',
            target: 'closed',
            actions: ['countResume', 'forgetReasons', announceClosing],
          },
          { actions: refuseResume },
        ],
      },
      initial: 'latched',
      states: {
        latched: {
          description: 'Only a person closes it, with clean checks or by force and with a reason.',
          on: {
            'trigger.reported': {
              actions: [keepReason, requestAlert],
            },
          },
        },
        cooling: {
          description: 'Waits for the cooldown of the profile. Every further trigger starts it again.',
          entry: 'startCooldown',
          exit: 'stopCooldown',
          on: {
            'trigger.reported': [
              {
                guard: 'opensLatched',
                target: 'latched',
                actions: [keepReason, requestAlert],
              },
              {
                target: 'cooling',
                reenter: true,
                actions: [keepReason, requestAlert],
              },
            ],
            'cooldown.elapsed': '#circuitBreaker.halfOpen',
          },
        },
      },
    },
    halfOpen: {
      description: 'One attempt may enter. Its success closes the breaker; any trigger opens it again.',
      exit: 'forgetProbe',
      on: {
        'trigger.reported': [
          {
            guard: 'isLatching',
            target: 'open.latched',
            actions: [keepReason, 'countTrip', requestAlert],
          },
          {
            target: 'open.cooling',
            actions: [keepReason, 'countTrip', requestAlert],
          },
        ],
        'resume.requested': [
          {
            guard: 'canResume',
            target: 'closed',
            actions: ['countResume', 'forgetReasons', announceClosing],
          },
          { actions: refuseResume },
        ],
        // Of attempts that began before it opened.
        'execution.succeeded': {},
        'execution.abandoned': {},
      },
      initial: 'waiting',
      states: {
        waiting: {
          description: 'The next entry is the probe.',
          on: {
            'probe.started': {
              target: 'probing',
              actions: { type: 'nameProbe', params: ({ event }) => event },
            },
          },
        },
        probing: {
          description: 'One attempt is trying; no other enters.',
          on: {
            'execution.succeeded': {
              guard: 'isProbe',
              target: '#circuitBreaker.closed',
              actions: [
                'forgetReasons',
                { type: 'announceClosing', params: ({ context, event }) => closedByProbe(context, event.attemptId) },
              ],
            },
            'execution.abandoned': { guard: 'isProbe', target: 'waiting', actions: 'forgetProbe' },
          },
        },
      },
    },
  },
  on: {
    'halt.requested': [
      { guard: 'isEverything', target: '.open.latched', actions: [keepHalt, alertHalt, requestCancelAll] },
      { target: '.open.latched', actions: [keepHalt, alertHalt] },
    ],
    'effect.failed': { target: '.open.latched', actions: keepFault },
    '*': { actions: 'reportUnexpected' },
  },
});

/** Where the trigger would put a breaker that is not open; `undefined` while it is only counted. */
function opens(context: CircuitBreakerContext, event: CircuitBreakerEvent): OpenStanding | undefined {
  if (event.type !== 'trigger.reported') return undefined;
  const { trigger, atMs } = event;
  const rule = context.policy.rules[trigger.kind];
  return isReached(rule, counted(context, trigger, atMs)[trigger.kind] ?? []) ? rule.standing : undefined;
}

function counted(context: CircuitBreakerContext, trigger: Trigger, atMs: number): Tallies {
  const rule = context.policy.rules[trigger.kind];
  if (rule.kind === 'atOnce') return context.tallies;
  const marks = marked(rule, context.tallies[trigger.kind] ?? [], markOf(trigger, atMs));
  return { ...context.tallies, [trigger.kind]: marks };
}

/** Everything that stands in the way of closing it by hand. Force overrules the checks and nothing else. */
export function resumeRefusals(context: CircuitBreakerContext, event: ResumeRequested): readonly string[] {
  const refused: string[] = [];
  if (event.seenReports !== context.reports) {
    refused.push(`expected nothing new since the checks, found ${context.reports - event.seenReports} reports`);
  }
  if (event.force)
    return event.reason.trim() === '' ? [...refused, 'expected a reason for the force, found none'] : refused;
  if (event.checks.length === 0) refused.push('expected checks, found none');
  return [...refused, ...uncleanOf(event.checks).map(({ name, detail }) => `${name}: ${detail}`)];
}
