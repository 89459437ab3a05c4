/** One HTTP exchange, with an ending that never guesses. */
import type { Millis } from '../units.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Absolute, query included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** From the call to the last byte of the reply. */
  readonly timeoutMs: Millis;
  /** Orders and cancels have sockets of their own that are already open; reads share a pool. */
  readonly lane: 'order' | 'read';
}

export interface HttpReply {
  readonly kind: 'reply';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * No complete reply came. `notSent` only where it is certain that not one byte of the request left
 * us (no connection was ever made); everything else is `lost`, and the other side may have acted.
 */
export interface HttpFailure {
  readonly kind: 'notSent' | 'lost';
  /** What was expected and what happened, with method and path; never a header or a body. */
  readonly message: string;
  readonly cause: unknown;
}

export type HttpOutcome = HttpReply | HttpFailure;

export interface HttpListener {
  /** The last byte of the request was handed to the socket. At most once, and before the outcome. */
  onSent?(): void;
  /** Exactly once. */
  onOutcome(outcome: HttpOutcome): void;
}

export interface HttpTransport {
  /** Sends once, now, without waiting for a promise. Never repeats and never follows a redirect. */
  send(request: HttpRequest, listener: HttpListener): void;
  /** Ends open connections; what is under way ends as `lost`. */
  close(): Promise<void>;
}
