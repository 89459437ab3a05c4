/**
 * What one connection chart stands on: its stream at the venue, and the figures that anybody may read at any
 * time. Frames are counted here and wake no actor; only what changes a standing becomes an event.
 */
import type { Clock } from '../domain/ports/clock.ts';
import type { Stream, StreamListener } from '../domain/ports/venue.ts';
import type { ConnectionEvent } from '../machines/connection.events.ts';

export interface StreamLineParts<Event> {
  readonly clock: Clock;
  readonly open: (listener: StreamListener<Event>) => Stream;
  readonly tell: (event: ConnectionEvent) => void;
  /** Every event of the stream that is listened to, and of no other. */
  readonly onEvent: (event: Event) => void;
  /** Whether an event shows that data flows. */
  readonly isData: (event: Event) => boolean;
  /** After so long without data the stream is quiet; after so long without any frame it is dead. */
  readonly quietMs: number;
  readonly deadMs: number;
}

export interface LineFigures {
  /** Since when it is open, on the monotonic clock. */
  readonly openedAtMs: number | undefined;
  readonly uptimeMs: number;
  readonly lastHeartbeatAtMs: number | undefined;
  readonly lastFrameAtMs: number | undefined;
  readonly lastDataAtMs: number | undefined;
  readonly messages: number;
  /** Connections made so far. */
  readonly opened: number;
}

export class StreamLine<Event> {
  readonly #parts: StreamLineParts<Event>;
  #stream: Stream | undefined;
  /** Whatever an earlier stream still says is not heard. */
  #generation = 0;
  #openedAtMs: number | undefined;
  #heartbeatAtMs: number | undefined;
  #frameAtMs: number | undefined;
  #dataAtMs: number | undefined;
  #messages = 0;
  #opened = 0;
  #isQuiet = false;
  #awaitsLogin = false;

  constructor(parts: StreamLineParts<Event>) {
    this.#parts = parts;
  }

  get stream(): Stream | undefined {
    return this.#stream;
  }

  /** Names the stream that is open: an answer about an earlier one is about nothing. */
  get generation(): number {
    return this.#generation;
  }

  get figures(): LineFigures {
    const nowMs = this.#parts.clock.nowMs();
    return {
      openedAtMs: this.#openedAtMs,
      uptimeMs: this.#openedAtMs === undefined ? 0 : nowMs - this.#openedAtMs,
      lastHeartbeatAtMs: this.#heartbeatAtMs,
      lastFrameAtMs: this.#frameAtMs,
      lastDataAtMs: this.#dataAtMs,
      messages: this.#messages,
      opened: this.#opened,
    };
  }

  open(): void {
    this.cut();
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#stream = this.#parts.open({
      onOpen: () => isCurrent() && this.#onOpen(),
      onAlive: () => isCurrent() && this.#onAlive(),
      onEvent: (event) => isCurrent() && this.#onEvent(event),
      onEnd: ({ kind, code, message }) => {
        if (!isCurrent()) return;
        this.#forget();
        this.#parts.tell({ type: 'socket.ended', kind, code, detail: message });
      },
    });
  }

  /** Closes, and hears nothing more of it: a frozen transport may never say that it ended. */
  cut(): void {
    const stream = this.#stream;
    this.#forget();
    stream?.close();
  }

  heartbeat(): void {
    this.#heartbeatAtMs = this.#parts.clock.nowMs();
    this.#stream?.heartbeat();
  }

  proveLogin(): void {
    this.#awaitsLogin = true;
    this.heartbeat();
  }

  /** Looks at the figures of a live stream: what they say about its standing is told once. */
  look(): void {
    if (this.#openedAtMs === undefined) return;
    const nowMs = this.#parts.clock.nowMs();
    const silentMs = nowMs - (this.#frameAtMs ?? this.#openedAtMs);
    if (silentMs >= this.#parts.deadMs) {
      this.#openedAtMs = undefined;
      this.#parts.tell({ type: 'socket.fellSilent', silentMs });
      return;
    }
    if (this.#isQuiet || nowMs - (this.#dataAtMs ?? this.#openedAtMs) < this.#parts.quietMs) return;
    this.#isQuiet = true;
    this.#parts.tell({ type: 'data.quieted' });
  }

  /** It is live: from now on data is expected. */
  expectData(): void {
    this.#isQuiet = false;
    this.#dataAtMs = this.#parts.clock.nowMs();
  }

  #onOpen(): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#openedAtMs = nowMs;
    this.#frameAtMs = nowMs;
    this.#dataAtMs = undefined;
    this.#isQuiet = false;
    this.#opened++;
    this.#parts.tell({ type: 'socket.opened' });
  }

  #onAlive(): void {
    this.#frameAtMs = this.#parts.clock.nowMs();
    if (!this.#awaitsLogin) return;
    this.#awaitsLogin = false;
    this.#parts.tell({ type: 'login.proven' });
  }

  #onEvent(event: Event): void {
    this.#messages++;
    if (this.#parts.isData(event)) this.#dataAtMs = this.#parts.clock.nowMs();
    this.#parts.onEvent(event);
    if (!this.#isQuiet || !this.#parts.isData(event)) return;
    this.#isQuiet = false;
    this.#parts.tell({ type: 'data.resumed' });
  }

  #forget(): void {
    this.#generation++;
    this.#stream = undefined;
    this.#openedAtMs = undefined;
    this.#awaitsLogin = false;
    this.#isQuiet = false;
  }
}
