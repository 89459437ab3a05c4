/**
 * Plays a recording back as transports: the same texts, bit for bit, to a client that cannot tell.
 *
 * Sockets are matched by URL in the order of their recording, HTTP replies by method and URL in the order of their
 * requests; what the client sends is taken and ignored. At the recorded pace, the first socket that is opened sets
 * the time of the whole recording, so that two venues keep their distance in time; a client that comes late gets
 * what it missed at once. As fast as possible, each connection is played in batches, and other work runs between.
 */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { HttpListener, HttpOutcome, HttpRequest, HttpTransport } from '../../domain/ports/http.ts';
import type { Socket, SocketEnd, SocketListener, SocketRequest, SocketTransport } from '../../domain/ports/socket.ts';
import { nameOf } from './http-name.ts';
import { type RecordedExchange, type RecordedSocket, type Recording, recordingOf, takeMatching } from './recording.ts';
import type { RecordingRecord } from './recording-format.ts';

const MICROS_PER_MILLI = 1_000;
const BATCH = 256;
const NORMAL = 1000;

export interface ReplayOptions {
  readonly records: readonly RecordingRecord[];
  readonly clock: Clock;
  readonly pace: 'recorded' | 'asFastAsPossible';
}

export class ReplayingTransports {
  readonly sockets: SocketTransport;
  readonly http: HttpTransport;
  readonly #clock: Clock;
  readonly #isPaced: boolean;
  readonly #recording: Recording;
  readonly #waiting = new Map<Timer, () => void>();
  /** What has to be added to a recorded instant to get the clock's. */
  #offsetMs: number | undefined;

  constructor({ records, clock, pace }: ReplayOptions) {
    this.#clock = clock;
    this.#isPaced = pace === 'recorded';
    this.#recording = recordingOf(records);
    this.sockets = { open: (request, listener) => this.#open(request, listener) };
    this.http = { send: (request, listener) => this.#send(request, listener), close: () => this.#close() };
  }

  /** Milliseconds until a recorded instant, 0 when it has passed or time does not matter. */
  untilMs(recordedMicros: number): number {
    if (!this.#isPaced) return 0;
    const atMs = recordedMicros / MICROS_PER_MILLI;
    this.#offsetMs ??= this.#clock.nowMs() - atMs;
    return Math.max(0, atMs + this.#offsetMs - this.#clock.nowMs());
  }

  #open(request: SocketRequest, listener: SocketListener): Socket {
    const recorded = takeMatching(this.#recording.sockets, 'GET', request.url);
    return new ReplayedSocket({ clock: this.#clock, recorded, listener, untilMs: (micros) => this.untilMs(micros) });
  }

  #send(request: HttpRequest, listener: HttpListener): void {
    const recorded = takeMatching(this.#recording.exchanges, request.method, request.url);
    const delayMs = recorded === undefined || !this.#isPaced ? 0 : recorded.tookMicros / MICROS_PER_MILLI;
    const name = nameOf(request);
    const end = (outcome: HttpOutcome): void => {
      this.#waiting.delete(timer);
      this.#clock.clearTimeout(timer);
      listener.onOutcome(outcome);
    };
    const lost = (why: string) => () =>
      end({ kind: 'lost', message: `expected a reply to ${name}, ${why}`, cause: undefined });
    const isLate = delayMs > request.timeoutMs;
    const inTime = recorded === undefined ? () => end(unrecorded(name)) : () => end(outcomeOf(recorded));
    const timer = isLate
      ? this.#clock.setTimeout(lost(`found none within ${request.timeoutMs} ms`), request.timeoutMs)
      : this.#clock.setTimeout(inTime, delayMs);
    this.#waiting.set(timer, lost('but the transport was closed'));
    if (recorded?.wasSent === true) listener.onSent?.();
  }

  #close(): Promise<void> {
    for (const lose of [...this.#waiting.values()]) lose();
    return Promise.resolve();
  }
}

function unrecorded(name: string): HttpOutcome {
  return { kind: 'notSent', message: `expected a recorded reply to ${name}, found none left`, cause: undefined };
}

function outcomeOf({ outcome }: RecordedExchange): HttpOutcome {
  return outcome.kind === 'reply' ? outcome : { ...outcome, cause: undefined };
}

interface ReplayedSocketOptions {
  readonly clock: Clock;
  readonly recorded: RecordedSocket | undefined;
  readonly listener: SocketListener;
  readonly untilMs: (recordedMicros: number) => number;
}

class ReplayedSocket implements Socket {
  readonly bufferedBytes = 0;
  readonly #options: ReplayedSocketOptions;
  #next = 0;
  #timer: Timer | undefined;
  #standing: 'connecting' | 'open' | 'ended' = 'connecting';

  constructor(options: ReplayedSocketOptions) {
    this.#options = options;
    this.#wait();
  }

  send(): boolean {
    return this.#standing === 'open';
  }

  ping(): void {
    // The recorded pong comes at its recorded time.
  }

  close(): void {
    const isOpen = this.#standing === 'open';
    this.#endSoon(isOpen ? closedByUs() : brokenOff('the connection was cut by us'));
  }

  cut(): void {
    this.#endSoon(brokenOff('the connection was cut by us'));
  }

  #wait(): void {
    const { clock, recorded, untilMs } = this.#options;
    const event = recorded?.events[this.#next];
    const delayMs = event === undefined ? 0 : untilMs(event.m);
    this.#timer = clock.setTimeout(() => this.#play(), delayMs);
  }

  #play(): void {
    const { recorded, untilMs } = this.#options;
    for (let played = 0; this.#standing !== 'ended' && played < BATCH; played++) {
      const event = recorded?.events[this.#next];
      if (event === undefined) {
        // The recording stops here, whatever the connection did afterwards.
        this.#end(brokenOff(recorded === undefined ? 'nothing was recorded' : 'the recording ends'));
        return;
      }
      if (untilMs(event.m) > 0) break;
      this.#next++;
      this.#tell(event);
    }
    if (this.#standing !== 'ended') this.#wait();
  }

  #tell(event: RecordedSocket['events'][number]): void {
    const { listener } = this.#options;
    switch (event.k) {
      case 'opened':
        this.#standing = 'open';
        listener.onOpen();
        return;
      case 'text':
        listener.onText(event.text);
        return;
      case 'ping':
        listener.onPing(event.text);
        return;
      case 'pong':
        listener.onPong();
        return;
      case 'end':
        this.#end({ ...event.end, code: event.end.code });
    }
  }

  #endSoon(end: SocketEnd): void {
    if (this.#standing === 'ended') return;
    const { clock } = this.#options;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    this.#standing = 'connecting';
    this.#timer = clock.setTimeout(() => this.#end(end), 0);
  }

  #end(end: SocketEnd): void {
    if (this.#standing === 'ended') return;
    this.#standing = 'ended';
    this.#options.listener.onEnd(end);
  }
}

function closedByUs(): SocketEnd {
  return { kind: 'closed', code: NORMAL, message: `closed with code ${NORMAL}` };
}

function brokenOff(message: string): SocketEnd {
  return { kind: 'failed', code: undefined, message };
}
