/**
 * A wire that ends in memory: requests take the same way as orders do, through the same lanes and the same client,
 * down to the text that would leave, and what swallows that text is not a socket. Nothing in here can open one.
 *
 * It is a type of its own, and venues of a rehearsal are made from nothing else.
 */
import { Duplex } from 'node:stream';
import type { buildConnector } from 'undici';
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpListener, HttpRequest, HttpTransport } from '../../domain/ports/http.ts';
import type { Socket, SocketListener, SocketRequest, SocketTransport } from '../../domain/ports/socket.ts';
import { Exchange, type Target, targetOf } from './undici-exchange.ts';
import { Lane } from './undici-lane.ts';

export interface RehearsedReply {
  readonly status: number;
  readonly body: string;
}

/** What the other side would say; `path` is that of the request, with its query. */
export type RehearsedAnswer = (path: string) => RehearsedReply;

export interface RehearsalWire {
  readonly clock: Clock;
  /** Runs something a turn of the loop later, as what comes from a socket does. */
  readonly later: (run: () => void) => void;
  readonly answer: RehearsedAnswer;
}

const REPLY_BYTES_MAX = 65_536;
const CONNECTIONS_MAX = 4;
const NEVER_MS = 2 ** 31 - 1;

export class RehearsalTransport implements HttpTransport, SocketTransport {
  readonly #wire: RehearsalWire;
  readonly #lanes = new Map<string, Lane>();
  readonly #targets = new Map<string, Target>();
  #swallowed = 0;

  constructor(wire: RehearsalWire) {
    this.#wire = wire;
  }

  /** Requests whose last byte was taken. */
  get swallowed(): number {
    return this.#swallowed;
  }

  send(request: HttpRequest, listener: HttpListener): void {
    const target = this.#targets.get(request.url) ?? targetOf(request.url);
    if (request.method === 'POST') this.#targets.set(request.url, target);
    const { origin, path } = target;
    const exchange = new Exchange({ clock: this.#wire.clock, request, path, listener, replyBytesMax: REPLY_BYTES_MAX });
    this.#lane(origin).send(exchange);
  }

  /** There is no stream here: whoever opens one is told so. */
  open(_request: SocketRequest, listener: SocketListener): Socket {
    const end = { kind: 'failed', code: undefined, message: 'a rehearsal opens no stream' } as const;
    this.#wire.clock.setTimeout(() => listener.onEnd(end), 0);
    return { send: () => false, ping: () => undefined, close: () => undefined, cut: () => undefined, bufferedBytes: 0 };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }

  #lane(origin: string): Lane {
    const known = this.#lanes.get(origin);
    if (known !== undefined) return known;
    const connect: buildConnector.connector = (_options, callback) => {
      const end = new MemoryEnd(this.#wire.later, (path) => this.#reply(path));
      // As a socket would: not before whoever asked has got it.
      this.#wire.later(() => callback(null, end as never));
      return end;
    };
    const lane = new Lane(origin, { socketsMax: CONNECTIONS_MAX, idleMsMax: NEVER_MS, connect });
    this.#lanes.set(origin, lane);
    return lane;
  }

  #reply(path: string): string {
    this.#swallowed++;
    const { status, body } = this.#wire.answer(path);
    const length = Buffer.byteLength(body);
    return `HTTP/1.1 ${status} Rehearsed\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
  }
}

/** Takes one request after the other, each written in one go, and answers it a turn of the loop later. */
class MemoryEnd extends Duplex {
  readonly #later: RehearsalWire['later'];
  readonly #replyTo: (path: string) => string;

  constructor(later: RehearsalWire['later'], replyTo: (path: string) => string) {
    super({ decodeStrings: false });
    this.#later = later;
    this.#replyTo = replyTo;
  }

  override _read(): void {
    // What there is to read is pushed when it is there.
  }

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, onEnd: () => void): void {
    this.#take(chunk);
    onEnd();
  }

  override _writev(chunks: { readonly chunk: Buffer | string }[], onEnd: () => void): void {
    const [head] = chunks;
    if (head !== undefined) this.#take(head.chunk);
    onEnd();
  }

  #take(head: Buffer | string): void {
    const text = String(head);
    const path = text.slice(text.indexOf(' ') + 1, text.indexOf(' HTTP/'));
    this.#later(() => {
      if (!this.destroyed) this.push(this.#replyTo(path));
    });
  }
}
