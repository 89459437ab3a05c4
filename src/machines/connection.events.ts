/** What a connection hears, asks for and remembers. */
import type { ReconnectPolicy } from '../domain/limits/reconnect.ts';
import type { FeedTerms } from './book-feed.machine.ts';
import { type EffectFailed, effect } from './effects.ts';

export interface ConnectionTerms {
  /** How long a transport may take to open. */
  readonly connectMs: number;
  /** How long a login in the first frame may stay without a sign of life. */
  readonly loginMs: number;
  /** How long the first snapshot of a subscription may take. */
  readonly subscriptionMs: number;
  readonly heartbeatMs: number;
  /** A live connection of this age forgets its earlier failures. */
  readonly stableMs: number;
  /** How often the books that are longest without proof are compared with the venue's own. */
  readonly probeMs: number;
  /** How long a quiet stream is believed without asking. */
  readonly suspicionMs: number;
  /** How long an answer to that question may take, and the pause before it is asked again. */
  readonly recheckMs: number;
  /** Streams that were cut for contradicting the venue's books, in a row, before the venue's books are doubted. */
  readonly contradictionsMax: number;
  readonly reconnect: ReconnectPolicy;
  readonly feed: FeedTerms;
}

export interface ConnectionInput {
  readonly venue: string;
  /** Books and trades, or our own orders and fills. */
  readonly carries: 'market' | 'private';
  /** Whether the login is a part of opening, or travels in the first frame and is answered by nothing. */
  readonly login: 'whileOpening' | 'firstFrame';
  readonly terms: ConnectionTerms;
}

export interface ConnectionContext extends ConnectionInput {
  /** Failures in a row. */
  readonly failures: number;
  /** How long the wait before the next attempt is. */
  readonly delayMs: number;
  /** Cuts in a row because the venue's own books said otherwise. */
  readonly contradictions: number;
  /** Why it ended last. */
  readonly lastEnd: string;
}

export type ConnectionEvent =
  | { readonly type: 'books.assigned'; readonly books: readonly string[] }
  | { readonly type: 'books.released'; readonly books: readonly string[] }
  | { readonly type: 'socket.opened' }
  | { readonly type: 'login.proven' }
  | { readonly type: 'subscription.proven' }
  | {
      readonly type: 'socket.ended';
      readonly kind: string;
      readonly code?: number | undefined;
      readonly detail: string;
    }
  | { readonly type: 'socket.fellSilent'; readonly silentMs: number }
  | { readonly type: 'data.quieted' }
  | { readonly type: 'data.resumed' }
  | { readonly type: 'sequence.gapped'; readonly books: number; readonly detail: string }
  | { readonly type: 'private.gapped'; readonly detail: string }
  | { readonly type: 'books.agreed'; readonly books: readonly string[] }
  | { readonly type: 'books.contradicted'; readonly books: readonly string[]; readonly detail: string }
  | { readonly type: 'crossCheck.failed'; readonly detail: string }
  | { readonly type: 'crossCheck.superseded' }
  | { readonly type: 'delay.drawn'; readonly delayMs: number }
  | { readonly type: 'feed.exhausted'; readonly book: string }
  | { readonly type: 'recycle.requested'; readonly reason: string }
  | { readonly type: 'resume.requested'; readonly by: string }
  | { readonly type: 'abandon.requested'; readonly by: string }
  | { readonly type: 'close.requested' }
  | { readonly type: 'connect.overdue' }
  | { readonly type: 'login.overdue' }
  | { readonly type: 'subscription.overdue' }
  | { readonly type: 'heartbeat.due' }
  | { readonly type: 'stability.reached' }
  | { readonly type: 'probe.due' }
  | { readonly type: 'suspicion.due' }
  | { readonly type: 'recheck.due' }
  | { readonly type: 'retry.due' }
  | EffectFailed;

export const connectionEffects = {
  requestSocket: effect(),
  /** Whatever still comes over it is not heard any more. */
  requestCut: effect<{ readonly reason: string }>(),
  /** A heartbeat, and word of the first frame that comes. */
  requestLoginProof: effect(),
  /** Of every book that this connection carries. */
  requestSubscription: effect(),
  requestMoreBooks: effect<{ readonly books: readonly string[] }>(),
  requestFewerBooks: effect<{ readonly books: readonly string[] }>(),
  requestHeartbeat: effect(),
  /** `all` to decide about the stream, `oldest` to find a book that froze by itself. */
  requestCrossCheck: effect<{ readonly scope: 'all' | 'oldest' }>(),
  requestDelay: effect<{ readonly failures: number; readonly detail: string }>(),
  /** The venue's own books agree: ours are current. */
  proveBooks: effect<{ readonly books: readonly string[] }>(),
  gapBooks: effect<{ readonly books: readonly string[]; readonly detail: string }>(),
  tellFeedsOfLoss: effect(),
  /** What was missed is read from the venue before anybody trusts what is believed. */
  demandReconciliation: effect<{ readonly reason: string }>(),
  reportLost: effect<{ readonly failures: number; readonly detail: string }>(),
  reportRefusedLogin: effect<{ readonly detail: string }>(),
  reportSequenceGap: effect<{ readonly books: number; readonly detail: string }>(),
  reportContradiction: effect<{ readonly books: readonly string[]; readonly detail: string }>(),
};

export function booksOf(event: ConnectionEvent): readonly string[] {
  return 'books' in event && typeof event.books === 'object' ? event.books : [];
}

/** Why something happened, as far as its event says it. */
export function detailOf(event: ConnectionEvent): string {
  switch (event.type) {
    case 'socket.ended':
      return `${event.kind}${event.code === undefined ? '' : ` ${event.code}`}: ${event.detail}`;
    case 'socket.fellSilent':
      return `no frame for ${event.silentMs} ms`;
    case 'feed.exhausted':
      return `no snapshot of ${event.book} comes`;
    case 'recycle.requested':
      return event.reason;
    case 'effect.failed':
      return `${event.effect}: ${event.message}`;
    case 'abandon.requested':
    case 'resume.requested':
      return `${event.type} by ${event.by}`;
    case 'sequence.gapped':
    case 'private.gapped':
    case 'books.contradicted':
    case 'crossCheck.failed':
      return event.detail;
    default:
      return event.type;
  }
}
