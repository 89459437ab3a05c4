/** The private streams of a paper venue: everything that happens to our orders, told to whoever listens. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { PrivateEvent, Stream, StreamListener } from '../../domain/ports/venue.ts';

/** A polite end (RFC 6455). */
const NORMAL_CLOSURE = 1000;

export class PaperStreams {
  readonly #clock: Clock;
  readonly #open = new Set<StreamListener<PrivateEvent>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(listener: StreamListener<PrivateEvent>): Stream {
    this.#open.add(listener);
    // Never before its owner has the stream in hands.
    this.#soon(() => {
      if (this.#open.has(listener)) listener.onOpen();
    });
    return {
      subscribe: () => undefined,
      unsubscribe: () => undefined,
      requestSnapshots: () => false,
      heartbeat: () => this.#soon(() => this.#open.has(listener) && listener.onAlive()),
      close: () => this.#end(listener),
    };
  }

  tell(event: PrivateEvent): void {
    for (const listener of [...this.#open]) listener.onEvent(event);
  }

  close(): void {
    for (const listener of [...this.#open]) this.#end(listener);
  }

  #end(listener: StreamListener<PrivateEvent>): void {
    if (!this.#open.delete(listener)) return;
    this.#soon(() => listener.onEnd({ kind: 'closed', code: NORMAL_CLOSURE, message: 'the stream was closed' }));
  }

  #soon(run: () => void): void {
    this.#clock.setTimeout(run, 0);
  }
}
