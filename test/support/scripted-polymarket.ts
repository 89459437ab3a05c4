/** Transports that answer Polymarket's calls from a script and remember what was asked. No network, no time. */
import type { HttpListener, HttpOutcome, HttpRequest, HttpTransport } from '../../src/domain/ports/http.ts';
import type { Socket, SocketListener, SocketRequest, SocketTransport } from '../../src/domain/ports/socket.ts';

export function reply(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): HttpOutcome {
  return { kind: 'reply', status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

export function lost(message = 'connection reset while waiting'): HttpOutcome {
  return { kind: 'lost', message, cause: undefined };
}

export function notSent(message = 'connection refused'): HttpOutcome {
  return { kind: 'notSent', message, cause: undefined };
}

type Answer = HttpOutcome | ((request: HttpRequest) => HttpOutcome | undefined);

/** Answers by method and path: a list is used up in order and its last answer repeats. */
export class ScriptedHttp implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  readonly #answers = new Map<string, Answer[]>();
  /** Calls that were never answered. */
  readonly hanging: HttpListener[] = [];

  on(call: string, ...answers: readonly Answer[]): this {
    this.#answers.set(call, [...answers]);
    return this;
  }

  send(request: HttpRequest, listener: HttpListener): void {
    this.requests.push(request);
    const { pathname } = new URL(request.url);
    const answers = this.#answers.get(`${request.method} ${pathname}`);
    const answer = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    const outcome = typeof answer === 'function' ? answer(request) : answer;
    if (outcome === undefined) {
      if (answer === undefined) throw new Error(`no answer for ${request.method} ${pathname}`);
      this.hanging.push(listener);
      return;
    }
    listener.onSent?.();
    listener.onOutcome(outcome);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** How often each call was made: `{ 'POST /order': 1 }`. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, url } of this.requests) {
      const call = `${method} ${new URL(url).pathname}`;
      counts[call] = (counts[call] ?? 0) + 1;
    }
    return counts;
  }

  /** The queries of one call, in order. */
  queries(call: string): URLSearchParams[] {
    return this.requests
      .filter(({ method, url }) => `${method} ${new URL(url).pathname}` === call)
      .map(({ url }) => new URL(url).searchParams);
  }
}

export class ScriptedSocket implements Socket {
  readonly sent: string[] = [];
  readonly bufferedBytes = 0;
  isClosed = false;
  readonly request: SocketRequest;
  readonly listener: SocketListener;

  constructor(request: SocketRequest, listener: SocketListener) {
    this.request = request;
    this.listener = listener;
  }

  send(text: string): boolean {
    this.sent.push(text);
    return true;
  }

  ping(): void {
    throw new Error('the venue is pinged by text');
  }

  close(): void {
    this.isClosed = true;
  }

  cut(): void {
    this.isClosed = true;
  }

  frames(): unknown[] {
    return this.sent.map((text) => (text === 'PING' ? text : JSON.parse(text)));
  }
}

export class ScriptedSockets implements SocketTransport {
  readonly opened: ScriptedSocket[] = [];

  open(request: SocketRequest, listener: SocketListener): Socket {
    const socket = new ScriptedSocket(request, listener);
    this.opened.push(socket);
    return socket;
  }

  last(): ScriptedSocket {
    const socket = this.opened.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }
}
