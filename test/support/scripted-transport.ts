/** Transports that a test writes the other side of: replies by rule, frames by hand, everything kept. */
import type { HttpListener, HttpOutcome, HttpReply, HttpRequest, HttpTransport } from '../../src/domain/ports/http.ts';
import type {
  Socket,
  SocketEnd,
  SocketListener,
  SocketRequest,
  SocketTransport,
} from '../../src/domain/ports/socket.ts';

/** What answers a request; `undefined` leaves it without an outcome until the test ends it. */
export type Answer = (request: HttpRequest) => HttpOutcome | undefined;

export class ScriptedHttp implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  readonly #listeners: HttpListener[] = [];
  answer: Answer;

  constructor(answer: Answer = () => undefined) {
    this.answer = answer;
  }

  send(request: HttpRequest, listener: HttpListener): void {
    this.requests.push(request);
    this.#listeners.push(listener);
    const outcome = this.answer(request);
    if (outcome === undefined) return;
    if (outcome.kind === 'reply') listener.onSent?.();
    // A reply never arrives before `send` has returned.
    queueMicrotask(() => listener.onOutcome(outcome));
  }

  /** Ends the request at `index` now. */
  end(index: number, outcome: HttpOutcome): void {
    this.#listeners[index]?.onOutcome(outcome);
  }

  /** `METHOD path?query` of every request. */
  get lines(): string[] {
    return this.requests.map(({ method, url }) => `${method} ${url.replace(/^https?:\/\/[^/]+/, '')}`);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function reply(status: number, body: unknown = '', headers: HttpReply['headers'] = {}): HttpReply {
  return { kind: 'reply', status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

export const lost: HttpOutcome = { kind: 'lost', message: 'expected a reply, found a reset', cause: undefined };
export const notSent: HttpOutcome = { kind: 'notSent', message: 'expected a connection, found none', cause: undefined };

export class ScriptedSocket implements Socket {
  readonly request: SocketRequest;
  readonly sent: unknown[] = [];
  readonly #listener: SocketListener;
  pings = 0;
  isClosed = false;
  readonly bufferedBytes = 0;

  constructor(request: SocketRequest, listener: SocketListener) {
    this.request = request;
    this.#listener = listener;
  }

  send(text: string): boolean {
    if (this.isClosed) return false;
    this.sent.push(JSON.parse(text));
    return true;
  }

  ping(): void {
    this.pings++;
  }

  close(): void {
    this.end({ kind: 'closed', code: 1000, message: '' });
  }

  cut(): void {
    this.end({ kind: 'failed', code: undefined, message: 'cut' });
  }

  /** The other side from here on. */
  open(): void {
    this.#listener.onOpen();
  }

  say(...frames: readonly unknown[]): void {
    for (const frame of frames) this.#listener.onText(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  sayPing(): void {
    this.#listener.onPing('heartbeat');
  }

  end(end: SocketEnd): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#listener.onEnd(end);
  }
}

export class ScriptedSockets implements SocketTransport {
  readonly opened: ScriptedSocket[] = [];

  open(request: SocketRequest, listener: SocketListener): Socket {
    const socket = new ScriptedSocket(request, listener);
    this.opened.push(socket);
    return socket;
  }

  get last(): ScriptedSocket {
    const socket = this.opened.at(-1);
    if (socket === undefined) throw new Error('expected an open socket, found none');
    return socket;
  }
}
