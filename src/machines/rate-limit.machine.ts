/** One budget of requests at one venue, as those who plan requests should know it. */
import { assign, cancel, raise, setup } from 'xstate';
import type { RateState } from '../domain/rate-limit.ts';
import { effect, reportUnexpected } from './effects.ts';

export interface RateLimitInput {
  readonly venue: string;
  /** Which budget: read, write, cancel. */
  readonly budget: string;
  /** How long a refusal without a time to wait holds. */
  readonly coolDownMs: number;
}

export interface RateLimitContext extends RateLimitInput {
  /** How long the current cooling lasts. */
  readonly waitMs: number;
  /** Refusals by the venue. */
  readonly refusals: number;
}

export type RateLimitEvent =
  | { readonly type: 'budget.sampled'; readonly state: RateState }
  | { readonly type: 'limit.refused'; readonly retryAfterMs?: number | undefined; readonly detail: string }
  | { readonly type: 'cooling.ended' };

export const rateLimitEffects = {
  requestSample: effect<{ readonly budget: string }>(),
  /** The venue refused: not ours to expect. */
  reportLimited: effect<{ readonly budget: string; readonly waitMs: number }>(),
  reportPressure: effect<{ readonly budget: string; readonly state: RateState }>(),
};

export const rateLimitMachine = setup({
  types: {} as { context: RateLimitContext; events: RateLimitEvent; input: RateLimitInput },
  actions: {
    ...rateLimitEffects,
    reportUnexpected,
    noteRefusal: assign(({ context, event }) => ({
      refusals: context.refusals + 1,
      waitMs: (event.type === 'limit.refused' ? event.retryAfterMs : undefined) ?? context.coolDownMs,
    })),
    // Never earlier than an earlier refusal said.
    prolong: assign(({ context, event }) => ({
      refusals: context.refusals + 1,
      waitMs: Math.max(context.waitMs, (event.type === 'limit.refused' ? event.retryAfterMs : undefined) ?? 0),
    })),
    scheduleEnd: raise({ type: 'cooling.ended' }, { delay: 'coolDown', id: 'coolDown' }),
  },
  guards: {
    isAmple: ({ event }) => event.type === 'budget.sampled' && event.state === 'ample',
    isSlowed: ({ event }) => event.type === 'budget.sampled' && event.state === 'slowed',
    isExhausted: ({ event }) => event.type === 'budget.sampled' && event.state === 'exhausted',
    isCooling: ({ event }) => event.type === 'budget.sampled' && event.state === 'cooling',
  },
  delays: { coolDown: ({ context }) => context.waitMs },
}).createMachine({
  id: 'rateLimit',
  description:
    'Says how much of one budget of requests is left. The budget itself is kept where requests leave; here its state ' +
    'has a name that planners, alerts and the journal share. A refusal by the venue is believed at once, and until ' +
    'the time it named is over nothing is called ample.',
  meta: {
    invariants: ['I15: a refusal is never followed by a request of this budget before the time the venue named'],
  },
  context: ({ input }) => ({ ...input, waitMs: input.coolDownMs, refusals: 0 }),
  initial: 'ample',
  states: {
    ample: {
      description: 'Less than 80 % of what ordinary traffic may use is used.',
      on: {
        'budget.sampled': [
          { guard: 'isSlowed', target: 'slowed' },
          { guard: 'isExhausted', target: 'exhausted' },
          { guard: 'isCooling', target: 'cooling', actions: 'noteRefusal' },
        ],
      },
    },
    slowed: {
      description: 'From 80 % on ordinary requests go out no faster than the budget refills.',
      entry: { type: 'reportPressure', params: ({ context }) => ({ budget: context.budget, state: 'slowed' }) },
      on: {
        'budget.sampled': [
          { guard: 'isAmple', target: 'ample' },
          { guard: 'isExhausted', target: 'exhausted' },
          { guard: 'isCooling', target: 'cooling', actions: 'noteRefusal' },
        ],
      },
    },
    exhausted: {
      description: 'Only what reduces risk still goes out, from the reserve.',
      entry: { type: 'reportPressure', params: ({ context }) => ({ budget: context.budget, state: 'exhausted' }) },
      on: {
        'budget.sampled': [
          { guard: 'isAmple', target: 'ample' },
          { guard: 'isSlowed', target: 'slowed' },
          { guard: 'isCooling', target: 'cooling', actions: 'noteRefusal' },
          { guard: 'isExhausted' },
        ],
      },
    },
    cooling: {
      description: 'The venue refused for its limit. Nothing ordinary leaves until the time is over.',
      entry: [
        { type: 'reportLimited', params: ({ context }) => ({ budget: context.budget, waitMs: context.waitMs }) },
        'scheduleEnd',
      ],
      exit: cancel('coolDown'),
      on: {
        // What the bucket says meanwhile does not shorten what the venue said.
        'budget.sampled': {},
        'limit.refused': { target: 'cooling', reenter: true, actions: 'prolong' },
        'cooling.ended': {
          target: 'exhausted',
          actions: { type: 'requestSample', params: ({ context }) => ({ budget: context.budget }) },
        },
      },
    },
  },
  on: {
    'limit.refused': { target: '.cooling', actions: 'noteRefusal' },
    '*': { actions: 'reportUnexpected' },
  },
});
