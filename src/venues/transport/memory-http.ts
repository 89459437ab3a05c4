/** `HttpTransport` to a server in memory. Made by `MemoryNetwork`. */
import { InvariantError, unreachable } from '../../domain/invariant.ts';
import type { Timer } from '../../domain/ports/clock.ts';
import type { HttpListener, HttpOutcome, HttpRequest, HttpTransport } from '../../domain/ports/http.ts';
import type { LocalServer, ServerAnswer, ServerReply } from '../../domain/ports/local-server.ts';
import { nameOf } from './http-name.ts';
import type { Conversation } from './memory-faults.ts';
import type { Pipe } from './memory-pipe.ts';
import { byteLength, lowerCased, type MemoryWire, refusalOf } from './memory-wire.ts';

export class MemoryHttp implements HttpTransport {
  readonly #wire: MemoryWire;
  readonly #replyBytesMax: number;
  readonly #exchanges = new Set<Exchange>();
  #isClosed = false;

  constructor(wire: MemoryWire, replyBytesMax: number) {
    this.#wire = wire;
    this.#replyBytesMax = replyBytesMax;
  }

  send(request: HttpRequest, listener: HttpListener): void {
    const url = new URL(request.url);
    const server = this.#wire.serverOf(url);
    const conversation = this.#wire.converse('http', url);
    const refusal = this.#isClosed ? 'the transport is closed' : refusalOf(conversation, server);
    if (refusal !== undefined || server === undefined) {
      const message = `expected a connection for ${nameOf(request)}, but ${refusal}`;
      this.#wire.soon(() => listener.onOutcome({ kind: 'notSent', message, cause: undefined }));
      return;
    }
    const exchange = new Exchange({
      wire: this.#wire,
      request,
      url,
      server,
      conversation,
      replyBytesMax: this.#replyBytesMax,
      listener,
      onEnd: () => this.#exchanges.delete(exchange),
    });
    this.#exchanges.add(exchange);
    exchange.start();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const exchange of [...this.#exchanges]) exchange.lose('the transport was closed');
    return Promise.resolve();
  }
}

interface ExchangeOptions {
  readonly wire: MemoryWire;
  readonly request: HttpRequest;
  readonly url: URL;
  readonly server: LocalServer;
  readonly conversation: Conversation;
  readonly replyBytesMax: number;
  readonly listener: HttpListener;
  readonly onEnd: () => void;
}

/** One request that was sent, until its outcome. What the server does with it goes on after a timeout. */
class Exchange {
  readonly #options: ExchangeOptions;
  readonly #toServer: Pipe;
  readonly #toClient: Pipe;
  readonly #timer: Timer;
  #isEnded = false;
  #isAnswered = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { wire, conversation, request } = options;
    const { toServerMs, toClientMs } = wire.drawDelay();
    this.#toServer = wire.pipe({ conversation, direction: 'toServer', delayMs: () => toServerMs });
    this.#toClient = wire.pipe({ conversation, direction: 'toClient', delayMs: () => toClientMs });
    const onTimeout = () => this.lose(`found none within ${request.timeoutMs} ms`);
    this.#timer = wire.clock.setTimeout(onTimeout, request.timeoutMs);
  }

  start(): void {
    const { listener, request } = this.#options;
    this.#toServer.push({
      cargo: 'content',
      bytes: byteLength(request.url) + byteLength(request.body ?? ''),
      deliver: () => this.#reachServer(),
    });
    listener.onSent?.();
  }

  /** Ends without a complete reply. The request itself may still reach the server, as it may on a real wire. */
  lose(problem: string, cause?: unknown): void {
    const name = nameOf(this.#options.request);
    this.#end({ kind: 'lost', message: `expected a complete reply to ${name}, ${problem}`, cause });
  }

  #reachServer(): void {
    const { wire, request, server, url, conversation } = this.#options;
    // A request held back by a partition may arrive after everybody has given it up: the server acts all the same.
    wire.onRequestTaken();
    this.#toServer.stop();
    if (conversation.find('resetAfterSent') !== undefined) this.#loseOnArrival('found a reset before it began');
    const body = request.body ?? '';
    const headers = lowerCased(request.headers);
    headers.host ??= url.host;
    if (body !== '') headers['content-length'] ??= String(byteLength(body));
    server.onRequest(
      { method: request.method, target: url.pathname + url.search, headers, body, remote: wire.remote },
      (answer) => {
        if (this.#isAnswered)
          throw new InvariantError(`a request must be answered once, found a second answer to ${nameOf(request)}`);
        this.#isAnswered = true;
        this.#onAnswer(answer);
      },
    );
  }

  #onAnswer(answer: ServerAnswer): void {
    switch (answer.kind) {
      case 'silence':
        return;
      case 'reset':
        this.#loseOnArrival('found a reset before it began');
        return;
      case 'truncate': {
        const bytes = byteLength(answer.reply.body);
        if (answer.bytes < bytes) this.#loseOnArrival(`found it broken off after ${answer.bytes} of ${bytes} bytes`);
        else this.#reply(answer.reply);
        return;
      }
      case 'reply':
        this.#reply(answer.reply);
        return;
      default:
        unreachable(answer, 'an answer');
    }
  }

  #reply({ status, headers, body }: ServerReply): void {
    const { conversation, replyBytesMax } = this.#options;
    const bytes = byteLength(body);
    if (conversation.find('resetMidBody') !== undefined) {
      this.#loseOnArrival(`found a reset after ${bytes >> 1} of ${bytes} bytes`);
    } else if (bytes > replyBytesMax) {
      this.#loseOnArrival(`found a body of more than ${replyBytesMax} bytes`);
    } else {
      const outcome: HttpOutcome = { kind: 'reply', status, headers: lowerCased(headers), body };
      this.#toClient.push({ cargo: 'content', bytes, deliver: () => this.#end(outcome) });
    }
  }

  #loseOnArrival(problem: string): void {
    this.#toClient.push({ cargo: 'control', bytes: 0, deliver: () => this.lose(problem) });
  }

  #end(outcome: HttpOutcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { wire, listener, onEnd } = this.#options;
    wire.clock.clearTimeout(this.#timer);
    this.#toClient.stop();
    onEnd();
    listener.onOutcome(outcome);
  }
}
