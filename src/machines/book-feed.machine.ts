/** One watched book: whether what we hold of it may be believed, and how it is won back. */
import { assign, cancel, raise, setup } from 'xstate';
import { type EffectFailed, effect, reportUnexpected } from './effects.ts';

export interface FeedTerms {
  /** How long a snapshot may take before it counts as not coming. */
  readonly snapshotMs: number;
  /** Pause before a gap is mended, in case the snapshot comes by itself; doubled with every failure in a row. */
  readonly resyncPauseMs: number;
  /** The failure in a row with which the whole connection is given up. */
  readonly failuresMax: number;
  /** Pause before market metadata is asked for again. */
  readonly warmingPauseMs: number;
}

export interface BookFeedInput {
  readonly book: string;
  readonly terms: FeedTerms;
}

export interface BookFeedContext {
  readonly book: string;
  readonly terms: FeedTerms;
  /** Snapshots in a row that did not come. */
  readonly failures: number;
  /** Why the book was gapped last. */
  readonly reason: string;
}

export type BookFeedEvent =
  | { readonly type: 'subscription.sent' }
  | { readonly type: 'connection.lost' }
  | { readonly type: 'snapshot.received' }
  | { readonly type: 'book.gapped'; readonly reason: string }
  | { readonly type: 'metadata.warmed' }
  | { readonly type: 'warming.failed'; readonly detail: string }
  | { readonly type: 'unwatch.requested' }
  | { readonly type: 'snapshot.overdue' }
  | { readonly type: 'resync.due' }
  | { readonly type: 'warming.due' }
  | EffectFailed;

export const bookFeedEffects = {
  /** By a snapshot where the venue can send one, otherwise by subscribing anew. */
  requestResync: effect<{ readonly book: string; readonly isAnew: boolean }>(),
  /** No snapshot comes over this connection: it is worth nothing. */
  requestNewConnection: effect<{ readonly book: string }>(),
  /** What an order on this book needs: grid, fees, compartments. */
  requestWarming: effect<{ readonly book: string }>(),
};

const PAUSE_DOUBLINGS_MAX = 5;

export const bookFeedMachine = setup({
  types: {} as { context: BookFeedContext; events: BookFeedEvent; input: BookFeedInput },
  actions: {
    ...bookFeedEffects,
    reportUnexpected,
    noteReason: assign(({ event }) => (event.type === 'book.gapped' ? { reason: event.reason } : {})),
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    forgetFailures: assign({ failures: 0 }),
    awaitSnapshot: raise({ type: 'snapshot.overdue' }, { delay: 'snapshotPatience', id: 'snapshot' }),
    scheduleResync: raise({ type: 'resync.due' }, { delay: 'resyncPause', id: 'resync' }),
    scheduleWarming: raise({ type: 'warming.due' }, { delay: 'warmingPause', id: 'warming' }),
  },
  guards: {
    isLastFailure: ({ context }) => context.failures + 1 >= context.terms.failuresMax,
    failedResync: ({ event }) => event.type === 'effect.failed' && event.effect === 'requestResync',
    failedWarming: ({ event }) => event.type === 'effect.failed' && event.effect === 'requestWarming',
  },
  delays: {
    snapshotPatience: ({ context }) => context.terms.snapshotMs,
    resyncPause: ({ context }) => context.terms.resyncPauseMs * 2 ** Math.min(context.failures, PAUSE_DOUBLINGS_MAX),
    warmingPause: ({ context }) => context.terms.warmingPauseMs,
  },
}).createMachine({
  id: 'bookFeed',
  description:
    'Follows one watched book. It is believed from a snapshot until a gap or the end of its connection, and traded ' +
    'on only once the venue has also told what an order on it needs. A gap is never mended by guessing: a snapshot ' +
    'is asked for, then the book is subscribed anew, and when none comes the whole connection is given up.',
  meta: {
    invariants: [
      'I11: a book is not tradable between a gap, or the end of its connection, and its next snapshot',
      'I22: every gap has a reason',
    ],
  },
  context: ({ input }) => ({ book: input.book, terms: input.terms, failures: 0, reason: '' }),
  initial: 'watched',
  states: {
    watched: {
      description: 'Somebody wants this book.',
      type: 'parallel',
      states: {
        content: {
          description: 'What we hold of the book.',
          initial: 'unsubscribed',
          states: {
            unsubscribed: {
              description: 'No connection carries it.',
              on: {
                'subscription.sent': 'awaitingSnapshot',
                // A connection that ends gaps its books on its way out.
                'book.gapped': { actions: 'noteReason' },
              },
            },
            awaitingSnapshot: {
              description: 'It was asked for. No snapshot means no book.',
              entry: 'awaitSnapshot',
              exit: cancel('snapshot'),
              on: {
                'snapshot.received': 'live',
                'book.gapped': { target: 'gapped', actions: 'noteReason' },
                'snapshot.overdue': [
                  { guard: 'isLastFailure', target: 'exhausted' },
                  { target: 'resyncing', actions: 'countFailure' },
                ],
                'connection.lost': 'unsubscribed',
              },
            },
            live: {
              description: 'Every change since its snapshot was seen.',
              entry: 'forgetFailures',
              on: {
                'book.gapped': { target: 'gapped', actions: 'noteReason' },
                'connection.lost': 'unsubscribed',
              },
            },
            gapped: {
              description: 'Something is missing or could not be believed. A snapshot may still come by itself.',
              entry: 'scheduleResync',
              exit: cancel('resync'),
              on: {
                'snapshot.received': 'live',
                'book.gapped': { actions: 'noteReason' },
                'resync.due': 'resyncing',
                'connection.lost': 'unsubscribed',
              },
            },
            resyncing: {
              description: 'A new snapshot was asked for.',
              entry: [
                {
                  type: 'requestResync',
                  params: ({ context }) => ({ book: context.book, isAnew: context.failures > 0 }),
                },
                'awaitSnapshot',
              ],
              exit: cancel('snapshot'),
              on: {
                'snapshot.received': 'live',
                // Giving a book up in order to ask for it anew gaps it once more; the snapshot is on its way.
                'book.gapped': { actions: 'noteReason' },
                'snapshot.overdue': [
                  { guard: 'isLastFailure', target: 'exhausted' },
                  { target: 'gapped', actions: 'countFailure' },
                ],
                'effect.failed': { guard: 'failedResync', target: 'gapped', actions: 'countFailure' },
                'connection.lost': 'unsubscribed',
              },
            },
            exhausted: {
              description: 'No snapshot comes over this connection: it is given up, and the next one starts anew.',
              entry: [
                'forgetFailures',
                { type: 'requestNewConnection', params: ({ context }) => ({ book: context.book }) },
              ],
              on: {
                'snapshot.received': 'live',
                'book.gapped': { actions: 'noteReason' },
                'connection.lost': 'unsubscribed',
              },
            },
          },
        },
        metadata: {
          description: 'What an order on this book needs to know.',
          initial: 'cold',
          states: {
            cold: {
              description: 'Asked for. The book is not tradable yet.',
              entry: { type: 'requestWarming', params: ({ context }) => ({ book: context.book }) },
              on: {
                'metadata.warmed': 'warm',
                'warming.failed': 'waiting',
                'effect.failed': { guard: 'failedWarming', target: 'waiting' },
              },
            },
            waiting: {
              description: 'The venue did not tell. It is asked again after a pause.',
              entry: 'scheduleWarming',
              exit: cancel('warming'),
              on: { 'warming.due': 'cold' },
            },
            warm: { description: 'Known.' },
          },
        },
      },
      on: { 'unwatch.requested': 'ended' },
    },
    ended: { description: 'Nobody wants it any more.', type: 'final' },
  },
  on: { '*': { actions: 'reportUnexpected' } },
});

/** Whether a feed in this state carries a book that may be traded on. `value` is its snapshot's. */
export function isTradableFeed(value: unknown): boolean {
  const { content, metadata } = watchedOf(value);
  return content === 'live' && metadata === 'warm';
}

/** What is held of the book, in the chart's words; `ended` once nobody wants it. */
export function contentOfFeed(value: unknown): string {
  return watchedOf(value).content;
}

function watchedOf(value: unknown): { readonly content: string; readonly metadata: string } {
  const watched = (value as { readonly watched?: { content: string; metadata: string } }).watched;
  return watched ?? { content: 'ended', metadata: 'ended' };
}
