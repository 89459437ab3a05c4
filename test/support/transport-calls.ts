/** Listeners that remember what they were told, and promises of what is to come. */
import type { HttpOutcome, HttpRequest, HttpTransport } from '../../src/domain/ports/http.ts';
import type { Socket, SocketEnd, SocketRequest, SocketTransport } from '../../src/domain/ports/socket.ts';
import { millis } from '../../src/domain/units.ts';

export interface Sent {
  /** `sent` and the kinds of outcomes, in order. */
  readonly calls: string[];
  readonly sent: Promise<void>;
  readonly outcome: Promise<HttpOutcome>;
}

export function get(url: string, over: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, body: undefined, timeoutMs: millis(1_000), lane: 'read', ...over };
}

export function post(url: string, body: string, over: Partial<HttpRequest> = {}): HttpRequest {
  return get(url, { method: 'POST', body, lane: 'order', headers: { 'content-type': 'application/json' }, ...over });
}

export function sendOn(transport: HttpTransport, request: HttpRequest): Sent {
  const calls: string[] = [];
  let onSent: () => void = () => undefined;
  const sent = new Promise<void>((resolve) => {
    onSent = resolve;
  });
  const outcome = new Promise<HttpOutcome>((resolve) => {
    transport.send(request, {
      onSent: () => {
        calls.push('sent');
        onSent();
      },
      onOutcome: (outcome) => {
        calls.push(outcome.kind);
        resolve(outcome);
      },
    });
  });
  return { calls, sent, outcome };
}

export interface Opened {
  readonly socket: Socket;
  /** `open`, `text …`, `ping …`, `pong` and `end`, in order. */
  readonly calls: string[];
  readonly ended: Promise<SocketEnd>;
  /** Resolves when the call has been made so many times. */
  called(name: string, times?: number): Promise<void>;
}

export function openOn(transport: SocketTransport, url: string, over: Partial<SocketRequest> = {}): Opened {
  const calls: string[] = [];
  let waiting: { readonly name: string; readonly times: number; readonly resolve: () => void }[] = [];
  const countOf = (name: string) => calls.filter((call) => call === name).length;
  const record = (call: string): void => {
    calls.push(call);
    if (!waiting.some(({ name }) => name === call)) return;
    const isDone = ({ name, times }: (typeof waiting)[number]) => countOf(name) >= times;
    for (const waiter of waiting) if (isDone(waiter)) waiter.resolve();
    waiting = waiting.filter((waiter) => !isDone(waiter));
  };
  let onEnd: (end: SocketEnd) => void = () => undefined;
  const ended = new Promise<SocketEnd>((resolve) => {
    onEnd = resolve;
  });
  const socket = transport.open(
    { url, headers: {}, messageBytesMax: 1_024, ...over },
    {
      onOpen: () => record('open'),
      onText: (text) => record(`text ${text}`),
      onPing: (payload) => record(`ping ${payload}`),
      onPong: () => record('pong'),
      onEnd: (end) => {
        record('end');
        onEnd(end);
      },
    },
  );
  const called = (name: string, times = 1): Promise<void> =>
    new Promise((resolve) => {
      if (countOf(name) >= times) resolve();
      else waiting.push({ name, times, resolve });
    });
  return { socket, calls, ended, called };
}
