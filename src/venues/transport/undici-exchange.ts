/** One request through undici, from its dispatch to the one outcome that is reported. */
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { HttpListener, HttpOutcome, HttpRequest } from '../../domain/ports/http.ts';
import { nameOf } from './http-name.ts';

/** Where a request goes, parsed. */
export interface Target {
  readonly origin: string;
  /** With its query. */
  readonly path: string;
}

export function targetOf(url: string): Target {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly request: HttpRequest;
  readonly path: string;
  readonly listener: HttpListener;
  readonly replyBytesMax: number;
}

/**
 * Undici calls the hooks of a bare handler (`onConnect`, `onRequestSent` …) in this order on one connection:
 * immediately before the first byte is written, when the last one was, on the head, the chunks and the end of the
 * reply, or on an error. `onConnect` is therefore the line between `notSent` and `lost`: before it nothing can have
 * left. The hooks exist in undici 7 and are tested here against a real server, because a later major may move them.
 */
export class Exchange {
  readonly request: HttpRequest;
  /** Told once, when the outcome is known: whether the connection may carry another request. */
  onFree: ((isReusable: boolean) => void) | undefined;
  readonly #options: ExchangeOptions;
  readonly #timer: Timer;
  readonly #chunks: Buffer[] = [];
  #socketOf: () => Duplex | undefined = () => undefined;
  #abort: ((error?: Error) => void) | undefined;
  #status = 0;
  #headers: Record<string, string> = {};
  #bytes = 0;
  #isSent: 'not yet' | 'written' | 'told' = 'not yet';
  #isDispatching = false;
  #isOver = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.request = options.request;
    const { clock, request } = options;
    this.#timer = clock.setTimeout(() => this.fail(`found none within ${request.timeoutMs} ms`), request.timeoutMs);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends on a client that carries nothing else. */
  dispatchOn(client: Dispatcher, socketOf: () => Duplex | undefined): void {
    this.#socketOf = socketOf;
    const { method, headers, body = null } = this.request;
    const { path } = this.#options;
    // `reset: false` keeps the connection after a DELETE with a body, which undici would close for caution's sake.
    this.#isDispatching = true;
    client.dispatch({ method, path, headers: { ...headers }, body, reset: false }, this);
    this.#isDispatching = false;
  }

  /** Ends without a complete reply: `lost`, unless it is certain that no byte was written. */
  fail(problem: string, cause?: unknown): void {
    if (this.#isOver) return;
    const name = nameOf(this.request);
    const outcome: HttpOutcome =
      this.#abort === undefined
        ? { kind: 'notSent', message: `expected a connection for ${name}, ${problem}`, cause }
        : { kind: 'lost', message: `expected a complete reply to ${name}, ${problem}`, cause };
    this.#finish(outcome, false);
    this.#abort?.(new Error(problem));
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#isOver) {
      abort(new Error('given up before it was sent'));
      return;
    }
    // Undici would send it again on another connection: never, the other side may have acted.
    const isRepeat = this.#abort !== undefined;
    this.#abort = abort;
    if (isRepeat) this.fail('found the connection lost before it began');
  }

  /** The last byte was written to the stream. It is told once the operating system has taken it. */
  onRequestSent(): void {
    if (this.#isOver) return;
    this.#isSent = 'written';
    const socket = this.#socketOf();
    if (socket === undefined || socket.writableLength === 0) this.#tellSent();
    else socket.write('', () => this.#tellSent());
  }

  onHeaders(status: number, rawHeaders: readonly Buffer[]): boolean {
    if (this.#isOver || status < 200) return true;
    this.#status = status;
    this.#headers = headersOf(rawHeaders);
    if (Number(this.#headers['content-length'] ?? 0) > this.#options.replyBytesMax) this.#refuseLength();
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.replyBytesMax) this.#refuseLength();
    else this.#chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    if (this.#isOver) return;
    if (this.#isSent === 'written' && this.#socketOf()?.writableLength === 0) this.#tellSent();
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#finish({ kind: 'reply', status: this.#status, headers: this.#headers, body }, true);
  }

  onError(error: Error): void {
    const fail = (): void => this.fail(`but ${describe(error)}`, error);
    // A request that undici refuses to build fails inside `send`, whose caller must have got its answer first.
    if (this.#isDispatching) process.nextTick(fail);
    else fail();
  }

  #refuseLength(): void {
    this.fail(`found a body of more than ${this.#options.replyBytesMax} bytes`);
  }

  #tellSent(): void {
    if (this.#isOver || this.#isSent === 'told') return;
    this.#isSent = 'told';
    this.#options.listener.onSent?.();
  }

  #finish(outcome: HttpOutcome, isReusable: boolean): void {
    this.#isOver = true;
    const { clock, listener } = this.#options;
    clock.clearTimeout(this.#timer);
    this.onFree?.(isReusable);
    listener.onOutcome(outcome);
  }
}

/** What failed, in undici's or the system's words. */
function describe(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}

/** Names in lower case; what is repeated is joined. */
function headersOf(raw: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = String(raw[at]).toLowerCase();
    const value = (raw[at + 1] as Buffer).toString('latin1');
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}
