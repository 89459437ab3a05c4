/**
 * Sockets whose text messages wait while orders are on their way to the disk. The disk answers in well under a
 * millisecond; on a busy day what arrives meanwhile takes the loop longer than that, and the answer would queue
 * behind it. The order of messages of one connection is never changed.
 */
import type { LegOrder } from '../../domain/execution/leg.ts';
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { Inflow } from '../../domain/ports/inflow.ts';
import type { Socket, SocketListener, SocketRequest, SocketTransport } from '../../domain/ports/socket.ts';
import { type Millis, millis } from '../../domain/units.ts';

/** A disk that takes longer makes nobody blind. */
const HELD_MS_MAX = millis(10);
/** Of all connections together, in one turn of the loop: about two milliseconds of work. */
const PASSED_PER_TURN = 64;
const NEXT_TURN = millis(1);

export class HeldSockets implements SocketTransport, Inflow {
  readonly #sockets: SocketTransport;
  readonly #clock: Clock;
  readonly #lines = new Set<HeldLine>();
  #isHeld = false;
  #heldAtMs = 0;
  /** When messages are passed on next: the end of holding, or the rest of what waited. */
  #turn: Timer | undefined;

  constructor(sockets: SocketTransport, clock: Clock) {
    this.#sockets = sockets;
    this.#clock = clock;
  }

  open(request: SocketRequest, listener: SocketListener): Socket {
    const line = new HeldLine(listener, () => this.#isHeld);
    this.#lines.add(line);
    const socket = this.#sockets.open(request, {
      onOpen: () => listener.onOpen(),
      onText: (text) => line.take(text),
      onPing: (payload) => listener.onPing(payload),
      onPong: () => listener.onPong(),
      onEnd: (end) => {
        line.passUpTo(line.length);
        this.#lines.delete(line);
        listener.onEnd(end);
      },
    });
    return {
      get bufferedBytes() {
        return socket.bufferedBytes;
      },
      send: (text) => socket.send(text),
      ping: () => socket.ping(),
      close: () => socket.close(),
      cut: () => {
        line.drop();
        socket.cut();
      },
    };
  }

  hold(): void {
    const nowMs = this.#clock.nowMs();
    if (!this.#isHeld) this.#heldAtMs = nowMs;
    this.#isHeld = true;
    // However often it is held anew, nothing waits for longer than this.
    this.#later(millis(Math.max(0, this.#heldAtMs + HELD_MS_MAX - nowMs)));
  }

  catchUp(orders: readonly LegOrder[]): void {
    const names = orders.map(({ instrument }) => instrument.book.slice(instrument.book.indexOf('/') + 1));
    for (const line of this.#lines) line.passUpTo(line.lengthUpTo(names));
  }

  /** Not at once: what was just handed to a connection is written in the turn that ends now. */
  release(): void {
    if (this.#isHeld) this.#later(NEXT_TURN);
  }

  #later(delayMs: Millis): void {
    if (this.#turn !== undefined) this.#clock.clearTimeout(this.#turn);
    this.#turn = this.#clock.setTimeout(() => this.#passOn(), delayMs);
  }

  #passOn(): void {
    this.#turn = undefined;
    this.#isHeld = false;
    let left = PASSED_PER_TURN;
    for (const line of this.#lines) left -= line.pass(left);
    const isLeft = [...this.#lines].some(({ length }) => length > 0);
    // One of them may have been a reason to hold the rest.
    if (isLeft && !this.#isHeld) this.#later(NEXT_TURN);
  }
}

/** What waits of one connection, in the order of arrival. */
class HeldLine {
  readonly #listener: SocketListener;
  readonly #isHeld: () => boolean;
  #waiting: string[] = [];

  constructor(listener: SocketListener, isHeld: () => boolean) {
    this.#listener = listener;
    this.#isHeld = isHeld;
  }

  get length(): number {
    return this.#waiting.length;
  }

  take(text: string): void {
    if (this.#waiting.length > 0 || this.#isHeld()) this.#waiting.push(text);
    else this.#listener.onText(text);
  }

  /** So many at most, until one of them makes messages wait again; and how many it were. */
  pass(most: number): number {
    let passed = 0;
    while (passed < most && this.#waiting.length > 0 && !this.#isHeld()) {
      this.passUpTo(1);
      passed++;
    }
    return passed;
  }

  /** Up to the last one that has one of these names in it. */
  lengthUpTo(names: readonly string[]): number {
    return this.#waiting.findLastIndex((text) => names.some((name) => text.includes(name))) + 1;
  }

  passUpTo(count: number): void {
    for (let left = count; left > 0; left--) {
      const text = this.#waiting.shift();
      // The one before it may have cut the connection.
      if (text !== undefined) this.#listener.onText(text);
    }
  }

  drop(): void {
    this.#waiting = [];
  }
}
