/**
 * Keeps everything that passes a transport, as a wrapper that neither side notices.
 *
 * A recording must never slow down or stop what it records: writing happens behind the caller, and a disk that
 * fails ends the recording, not the product. When the disk is slower than the wire, public texts are left out and
 * counted once too much waits; private ones, HTTP and everything about the connections themselves never are.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpOutcome, HttpTransport } from '../../domain/ports/http.ts';
import type { Socket, SocketListener, SocketRequest, SocketTransport } from '../../domain/ports/socket.ts';
import { type OpenSocket, RECORDING_VERSION, type RecordingFact } from './recording-format.ts';
import { SegmentWriter } from './segment-writer.ts';

const MEBIBYTE = 1024 * 1024;
const MINUTE_MS = 60_000;
const MICROS_PER_MILLI = 1_000;

/** Header names that help to read a recording and can hold no secret. */
const HEADERS_KEPT = new Set(['accept', 'cf-ray', 'content-type', 'date', 'retry-after', 'x-request-id']);

const UNREDACTABLE = '[could not be redacted]';

/** What is about to be recorded, for whoever takes the secrets out of it. */
export interface Recordable {
  readonly what: 'url' | 'sent text' | 'private text' | 'request body' | 'reply body';
  /** As given when the transport was wrapped. */
  readonly source: string;
  readonly url: string;
  readonly text: string;
}

export interface RecorderOptions {
  readonly folder: string;
  /** First part of every file name. Default `recording`. */
  readonly name?: string;
  readonly clock: Clock;
  /**
   * The text without what must not be kept: credentials in subscriptions, keys in replies and private texts, tokens
   * in URLs. Public texts of the other side are kept as they came and not asked about.
   */
  readonly redact: (recordable: Recordable) => string;
  /** Characters of a segment at most. Default 256 Mi. */
  readonly segmentLengthMax?: number;
  /** Default one hour. */
  readonly segmentMsMax?: number;
  /** Default one second. */
  readonly flushMs?: number;
  /** Characters waiting for the disk beyond which public texts are left out. Default 32 Mi. */
  readonly waitingLengthMax?: number;
  /** Called once when the disk fails. The recording ends; what it records goes on. */
  readonly onFault: (fault: unknown) => void;
}

export interface Wrapping {
  /** Who is at the other end: the venue's name, for `tandem replay`. */
  readonly source: string;
  /** Whether a socket carries what is said about us. None does when left out. */
  readonly isPrivate?: (url: string) => boolean;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #writer: SegmentWriter;
  readonly #waitingLengthMax: number;
  /** Open at the point up to which lines have been written. */
  readonly #open = new Map<number, OpenSocket>();
  #sockets = 0;
  #exchanges = 0;
  #dropped = 0;
  #droppedSinceNote = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#waitingLengthMax = options.waitingLengthMax ?? 32 * MEBIBYTE;
    this.#writer = new SegmentWriter({
      folder: options.folder,
      name: options.name ?? 'recording',
      clock: options.clock,
      segmentLengthMax: options.segmentLengthMax ?? 256 * MEBIBYTE,
      segmentMsMax: options.segmentMsMax ?? 60 * MINUTE_MS,
      flushMs: options.flushMs ?? MICROS_PER_MILLI,
      header: (segment, next) => this.#header(segment, next),
      onFault: options.onFault,
    });
  }

  /** Public texts left out so far because the disk was too slow. */
  get droppedCount(): number {
    return this.#dropped;
  }

  /** Segments so far, oldest first. */
  get paths(): readonly string[] {
    return this.#writer.paths;
  }

  sockets(inner: SocketTransport, { source, isPrivate }: Wrapping): SocketTransport {
    return { open: (request, listener) => this.#openSocket(inner, { source, isPrivate, request, listener }) };
  }

  http(inner: HttpTransport, { source }: Pick<Wrapping, 'source'>): HttpTransport {
    return {
      close: () => inner.close(),
      send: (request, listener) => {
        const x = ++this.#exchanges;
        const { method, url, lane } = request;
        const redact = (what: Recordable['what'], text: string) => this.#redacted({ what, source, url, text });
        this.#record({
          k: 'request',
          x,
          source,
          method,
          url: redact('url', url),
          headers: keptHeaders(request.headers),
          body: request.body === undefined ? undefined : redact('request body', request.body),
          lane,
        });
        inner.send(request, {
          onSent: () => {
            this.#record({ k: 'flushed', x });
            listener.onSent?.();
          },
          onOutcome: (outcome) => {
            this.#record({ k: 'outcome', x, outcome: recordable(outcome, redact) });
            listener.onOutcome(outcome);
          },
        });
      },
    };
  }

  /** Resolves when everything recorded so far has been handed to the disk. */
  async flush(): Promise<void> {
    await this.#writer.flush();
  }

  async close(): Promise<void> {
    this.#noteDrops();
    await this.#writer.close();
  }

  #openSocket(
    inner: SocketTransport,
    options: {
      readonly source: string;
      readonly isPrivate: Wrapping['isPrivate'];
      readonly request: SocketRequest;
      readonly listener: SocketListener;
    },
  ): Socket {
    const { source, request, listener } = options;
    const c = ++this.#sockets;
    const isPrivate = options.isPrivate?.(request.url) ?? false;
    const redact = (what: Recordable['what'], text: string) => this.#redacted({ what, source, url: request.url, text });
    const opened: OpenSocket = { c, source, url: redact('url', request.url), private: isPrivate };
    this.#record({ k: 'open', ...opened }, () => this.#open.set(c, opened));
    const socket = inner.open(request, {
      onOpen: () => {
        this.#record({ k: 'opened', c });
        listener.onOpen();
      },
      onText: (text) => {
        if (isPrivate) this.#record({ k: 'text', c, text: redact('private text', text) });
        else if (this.#hasRoom()) this.#record({ k: 'text', c, text });
        listener.onText(text);
      },
      onPing: (text) => {
        this.#record({ k: 'ping', c, text });
        listener.onPing(text);
      },
      onPong: () => {
        this.#record({ k: 'pong', c });
        listener.onPong();
      },
      onEnd: (end) => {
        this.#record({ k: 'end', c, end }, () => this.#open.delete(c));
        listener.onEnd(end);
      },
    });
    return {
      send: (text) => {
        const isHandedOn = socket.send(text);
        if (isHandedOn) this.#record({ k: 'sent', c, text: redact('sent text', text) });
        return isHandedOn;
      },
      ping: () => {
        this.#record({ k: 'pinged', c });
        socket.ping();
      },
      close: () => {
        this.#record({ k: 'closing', c });
        socket.close();
      },
      cut: () => {
        this.#record({ k: 'cut', c });
        socket.cut();
      },
      get bufferedBytes() {
        return socket.bufferedBytes;
      },
    };
  }

  #redacted(recordable: Recordable): string {
    try {
      return this.#options.redact(recordable);
    } catch {
      // What cannot be redacted is not kept; the transport it came by must not notice.
      return UNREDACTABLE;
    }
  }

  /** Whether a public text may still be kept; counts it when not. */
  #hasRoom(): boolean {
    if (this.#writer.waitingLength <= this.#waitingLengthMax) {
      this.#noteDrops();
      return true;
    }
    this.#dropped++;
    this.#droppedSinceNote++;
    return false;
  }

  #noteDrops(): void {
    const count = this.#droppedSinceNote;
    if (count === 0) return;
    this.#droppedSinceNote = 0;
    this.#record({ k: 'dropped', count });
  }

  #record(fact: RecordingFact, onWritten?: () => void): void {
    if (!this.#writer.isFailed) this.#writer.add(this.#line(fact), onWritten);
  }

  /** Bears the time of the line it stands before, so that times never go back within a segment. */
  #header(segment: number, next: string): string {
    const { t, m } = JSON.parse(next) as { readonly t: number; readonly m: number };
    const open = [...this.#open.values()];
    return JSON.stringify({ t, m, tandem: 'recording', version: RECORDING_VERSION, segment, open });
  }

  #line(fact: object): string {
    const { clock } = this.#options;
    return JSON.stringify({ t: clock.wall(), m: Math.round(clock.nowMs() * MICROS_PER_MILLI), ...fact });
  }
}

function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => HEADERS_KEPT.has(name)),
  );
}

function recordable(outcome: HttpOutcome, redact: (what: Recordable['what'], text: string) => string) {
  if (outcome.kind !== 'reply') return { kind: outcome.kind, message: outcome.message };
  const { kind, status, headers, body } = outcome;
  return { kind, status, headers: keptHeaders(headers), body: redact('reply body', body) };
}
