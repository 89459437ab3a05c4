/** Whether a venue takes orders now, and the supervisor of everything that connects us to it. */
import { assign, cancel, enqueueActions, raise, setup, stopChild } from 'xstate';
import type { VenueStanding } from '../domain/ports/venue.ts';
import type { ConnectionTerms } from './connection.events.ts';
import { connectionMachine } from './connection.machine.ts';
import { type ChildEnded, type EffectFailed, effect, reportUnexpected } from './effects.ts';
import { rateLimitMachine } from './rate-limit.machine.ts';

export interface VenueTerms {
  /** How often the status is asked for: while it is open, and while it is not. */
  readonly statusMsOpen: number;
  readonly statusMsElse: number;
  /** Status reads that may fail in a row before the venue counts as out of reach. */
  readonly failedReadsMax: number;
  readonly clockMs: number;
  /** Pause before a clock that looks wrong is measured again. */
  readonly clockRetryMs: number;
  readonly skewMsWarn: number;
  readonly skewMsStop: number;
  readonly coolDownMs: number;
}

export interface VenueInput {
  readonly venue: string;
  readonly budgets: readonly string[];
  readonly terms: VenueTerms;
}

export interface VenueContext extends VenueInput {
  readonly standing: string;
  readonly detail: string;
  /** Status reads that failed in a row. */
  readonly failedReads: number;
  /** The venue's clock less ours, as measured last. */
  readonly offsetMs: number;
  /** The stretch of its timetable that the venue is in. */
  readonly window: string;
}

/** What a reply says about the whole venue. `restarting`: neither orders nor cancels are answered for now. */
export type MetStanding = VenueStanding | 'restarting';

export type VenueEvent =
  | {
      readonly type: 'connection.wanted';
      readonly id: string;
      readonly carries: 'market' | 'private';
      readonly login: 'whileOpening' | 'firstFrame';
      readonly terms: ConnectionTerms;
    }
  | { readonly type: 'status.read'; readonly standing: MetStanding; readonly detail: string }
  | { readonly type: 'status.failed'; readonly detail: string }
  /** The reply to an order or a cancel. */
  | { readonly type: 'standing.met'; readonly standing: MetStanding; readonly detail: string }
  | { readonly type: 'window.began'; readonly window: string }
  | { readonly type: 'window.ended' }
  | { readonly type: 'clock.measured'; readonly offsetMs: number }
  | { readonly type: 'clock.failed'; readonly detail: string }
  | { readonly type: 'status.due' }
  | { readonly type: 'clock.due' }
  | ChildEnded
  | EffectFailed;

export const venueEffects = {
  requestStatus: effect(),
  requestClockOffset: effect(),
  /** A supervised actor broke: it is needed, so another takes its place. */
  requestReplacement: effect<{ readonly actorId: string }>(),
  /** A supervised actor ended as it was asked to: what it stood on goes too. */
  forgetConnection: effect<{ readonly actorId: string }>(),
  reportUnreachable: effect<{ readonly detail: string }>(),
  reportSkew: effect<{ readonly offsetMs: number }>(),
  reportDrift: effect<{ readonly offsetMs: number }>(),
};

const STANDINGS = {
  open: { type: 'says', params: { standing: 'open' } },
  postOnly: { type: 'says', params: { standing: 'postOnly' } },
  cancelOnly: { type: 'says', params: { standing: 'cancelOnly' } },
  paused: { type: 'says', params: { standing: 'paused' } },
  restarting: { type: 'says', params: { standing: 'restarting' } },
  closed: { type: 'says', params: { standing: 'closed' } },
} as const;

interface Given {
  readonly context: VenueContext;
  readonly event: VenueEvent;
}

export const venueMachine = setup({
  types: {} as { context: VenueContext; events: VenueEvent; input: VenueInput },
  actors: { connection: connectionMachine, rateLimit: rateLimitMachine },
  actions: {
    ...venueEffects,
    reportUnexpected,
    spawnBudgets: enqueueActions(({ context, enqueue }) => {
      const { venue, budgets, terms } = context;
      for (const budget of budgets)
        enqueue.spawnChild('rateLimit', {
          id: `rate/${budget}`,
          input: { venue, budget, coolDownMs: terms.coolDownMs },
        });
    }),
    spawnConnection: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'connection.wanted') return;
      const { id, carries, login, terms } = event;
      enqueue.spawnChild('connection', { id, input: { venue: context.venue, carries, login, terms } });
    }),
    stopEnded: stopChild(({ event }) => ('actorId' in event ? event.actorId : '')),
    noteStanding: assign(({ event }) =>
      'standing' in event ? { standing: event.standing, detail: event.detail, failedReads: 0 } : {},
    ),
    countFailedRead: assign({ failedReads: ({ context }) => context.failedReads + 1 }),
    noteUnreachable: assign(({ context, event }) => ({
      standing: 'unreachable',
      detail: 'detail' in event ? event.detail : '',
      failedReads: context.failedReads + 1,
    })),
    noteWindow: assign(({ event }) => ({ window: event.type === 'window.began' ? event.window : '' })),
    noteOffset: assign(({ event }) => (event.type === 'clock.measured' ? { offsetMs: event.offsetMs } : {})),
    scheduleStatus: raise({ type: 'status.due' }, { delay: 'statusPause', id: 'status' }),
    scheduleClock: raise({ type: 'clock.due' }, { delay: 'clockPause', id: 'clock' }),
    scheduleClockSoon: raise({ type: 'clock.due' }, { delay: 'clockRetryPause', id: 'clock' }),
  },
  guards: {
    says: ({ event }, params: { readonly standing: string }) =>
      'standing' in event && event.standing === params.standing,
    isBeyondReach: ({ context }) => context.failedReads >= context.terms.failedReadsMax,
    isLastFailedRead: ({ context }) => context.failedReads + 1 >= context.terms.failedReadsMax,
    isFar: ({ context, event }) =>
      event.type === 'clock.measured' && Math.abs(event.offsetMs) >= context.terms.skewMsStop,
    isOff: ({ context, event }) =>
      event.type === 'clock.measured' && Math.abs(event.offsetMs) >= context.terms.skewMsWarn,
  },
  delays: {
    statusPause: ({ context: { terms, standing, failedReads } }) =>
      standing === 'open' && failedReads === 0 ? terms.statusMsOpen : terms.statusMsElse,
    clockPause: ({ context }) => context.terms.clockMs,
    clockRetryPause: ({ context }) => context.terms.clockRetryMs,
  },
}).createMachine({
  id: 'venue',
  description:
    'Says whether a venue takes orders, from three sides: what it tells and how it answers, its own timetable, and ' +
    'how far its clock is from ours. All three must be well before an order that adds risk is sent there. It also ' +
    'supervises the connections and the budgets of requests, and replaces one that breaks.',
  meta: {
    invariants: [
      'I22: every closed gate has a reason',
      'what is unknown takes no order that adds risk: not before a first status, not before a first measured clock',
    ],
  },
  context: ({ input }) => ({
    ...input,
    standing: 'unknown',
    detail: 'nothing was read yet',
    failedReads: 0,
    offsetMs: 0,
    window: '',
  }),
  entry: 'spawnBudgets',
  type: 'parallel',
  states: {
    standing: {
      description: 'What the venue tells about itself, and how it answers orders.',
      initial: 'unknown',
      entry: ['requestStatus', 'scheduleStatus'],
      states: {
        unknown: { description: 'Nothing was read yet.' },
        open: { description: 'It trades.' },
        postOnly: { description: 'It takes orders that rest, and cancels: after a restart, for two minutes.' },
        cancelOnly: { description: 'It takes cancels only.' },
        paused: { description: 'Trading stands still; cancels are taken.' },
        restarting: { description: 'The engine answers neither orders nor cancels for now.' },
        closed: { description: 'The whole exchange stands still.' },
        unreachable: {
          description: 'It does not answer. Whatever is sent would be unknown.',
          entry: { type: 'reportUnreachable', params: detailOf },
        },
      },
      on: {
        'status.read': [
          { guard: STANDINGS.open, target: '.open', actions: 'noteStanding' },
          { guard: STANDINGS.postOnly, target: '.postOnly', actions: 'noteStanding' },
          { guard: STANDINGS.cancelOnly, target: '.cancelOnly', actions: 'noteStanding' },
          { guard: STANDINGS.paused, target: '.paused', actions: 'noteStanding' },
          { guard: STANDINGS.restarting, target: '.restarting', actions: 'noteStanding' },
          { guard: STANDINGS.closed, target: '.closed', actions: 'noteStanding' },
        ],
        'status.failed': [
          // Reported once: further failures find it out of reach already.
          { guard: 'isBeyondReach', actions: 'countFailedRead' },
          { guard: 'isLastFailedRead', target: '.unreachable', actions: 'noteUnreachable' },
          { actions: 'countFailedRead' },
        ],
        'standing.met': [
          { guard: STANDINGS.postOnly, target: '.postOnly', actions: ['noteStanding', 'requestStatus'] },
          { guard: STANDINGS.cancelOnly, target: '.cancelOnly', actions: ['noteStanding', 'requestStatus'] },
          { guard: STANDINGS.paused, target: '.paused', actions: ['noteStanding', 'requestStatus'] },
          { guard: STANDINGS.restarting, target: '.restarting', actions: ['noteStanding', 'requestStatus'] },
          { guard: STANDINGS.closed, target: '.closed', actions: ['noteStanding', 'requestStatus'] },
        ],
        'status.due': { actions: ['requestStatus', 'scheduleStatus'] },
      },
    },
    timetable: {
      description: 'Maintenance and restarts that the venue announces for every week.',
      initial: 'clear',
      states: {
        clear: {
          description: 'Nothing is announced for now.',
          on: { 'window.began': { target: 'announced', actions: 'noteWindow' } },
        },
        announced: {
          description: 'It will stand still, stands still, or has just come back. No new risk is taken.',
          on: { 'window.ended': { target: 'clear', actions: 'noteWindow' } },
        },
      },
    },
    clock: {
      description: 'How far the venue’s clock is from ours. Signatures and short markets depend on it.',
      initial: 'unmeasured',
      entry: ['requestClockOffset', 'scheduleClock'],
      exit: cancel('clock'),
      states: {
        unmeasured: {
          description: 'Nothing is known of it.',
          on: {
            'clock.measured': [
              { guard: 'isFar', target: 'doubtful', actions: 'noteOffset' },
              { guard: 'isOff', target: 'drifting', actions: 'noteOffset' },
              { target: 'trusted', actions: 'noteOffset' },
            ],
          },
        },
        trusted: {
          description: 'The clocks agree.',
          on: {
            'clock.measured': [
              { guard: 'isFar', target: 'doubtful', actions: 'noteOffset' },
              { guard: 'isOff', target: 'drifting', actions: 'noteOffset' },
              { actions: 'noteOffset' },
            ],
          },
        },
        drifting: {
          description: 'Far enough apart to be told.',
          entry: { type: 'reportDrift', params: offsetOf },
          on: {
            'clock.measured': [
              { guard: 'isFar', target: 'doubtful', actions: 'noteOffset' },
              { guard: 'isOff', actions: 'noteOffset' },
              { target: 'trusted', actions: 'noteOffset' },
            ],
          },
        },
        doubtful: {
          description: 'One measurement is far off. A slow reply looks the same, so it is measured again at once.',
          entry: [cancel('clock'), 'scheduleClockSoon'],
          on: {
            'clock.measured': [
              { guard: 'isFar', target: 'skewed', actions: 'noteOffset' },
              { guard: 'isOff', target: 'drifting', actions: 'noteOffset' },
              { target: 'trusted', actions: 'noteOffset' },
            ],
          },
        },
        skewed: {
          description: 'The clocks are too far apart to trade.',
          entry: { type: 'reportSkew', params: offsetOf },
          on: {
            'clock.measured': [
              { guard: 'isFar', actions: 'noteOffset' },
              { guard: 'isOff', target: 'drifting', actions: 'noteOffset' },
              { target: 'trusted', actions: 'noteOffset' },
            ],
          },
        },
      },
      on: {
        'clock.due': { actions: ['requestClockOffset', 'scheduleClock'] },
        // Without an answer the clock is as far off as it was.
        'clock.failed': {},
      },
    },
  },
  on: {
    'connection.wanted': { actions: 'spawnConnection' },
    'xstate.done.actor.*': { actions: ['stopEnded', { type: 'forgetConnection', params: childOf }] },
    'xstate.error.actor.*': { actions: ['stopEnded', { type: 'requestReplacement', params: childOf }] },
    '*': { actions: 'reportUnexpected' },
  },
});

/** What may be sent to a venue in this state, and why not. `value` and `context` are its snapshot's. */
export function availabilityOf(
  value: unknown,
  context: VenueContext,
): { readonly entries: boolean; readonly reducing: boolean; readonly reason: string } {
  const { standing, timetable, clock } = value as { standing: string; timetable: string; clock: string };
  // A venue that nobody has asked yet may still be told to reduce: the reply says how it stands.
  const reducing = standing === 'open' || standing === 'unknown';
  if (standing !== 'open') return { entries: false, reducing, reason: `${standing}: ${context.detail}` };
  if (timetable !== 'clear') return { entries: false, reducing, reason: `announced: ${context.window}` };
  if (clock !== 'trusted' && clock !== 'drifting')
    return { entries: false, reducing, reason: `clock ${clock}: ${context.offsetMs} ms off` };
  return { entries: true, reducing, reason: 'open' };
}

function detailOf({ event }: Given) {
  return { detail: 'detail' in event ? event.detail : event.type };
}

function offsetOf({ context }: Given) {
  return { offsetMs: context.offsetMs };
}

function childOf({ event }: Given) {
  return { actorId: 'actorId' in event ? event.actorId : '' };
}
