/** One direction of one conversation: in order, delayed, and stopped by the faults in force when something arrives. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Cargo, Conversation, Direction } from './memory-faults.ts';

const MS_PER_SECOND = 1_000;

interface Parcel {
  readonly cargo: Cargo;
  readonly bytes: number;
  readonly deliver: () => void;
}

export interface PipeOptions {
  readonly clock: Clock;
  readonly conversation: Conversation;
  readonly direction: Direction;
  /** Called for each parcel. */
  readonly delayMs: () => number;
  /** Where the pipe is found while it holds something back. */
  readonly holding: Set<Pipe>;
}

export class Pipe {
  readonly #options: PipeOptions;
  readonly #underWay: Parcel[] = [];
  readonly #held: Parcel[] = [];
  #lastArrivalMs = 0;
  #unreadBytes = 0;
  #isStopped = false;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  push(parcel: Parcel): void {
    if (this.#isStopped) return;
    const { clock, delayMs } = this.#options;
    this.#unreadBytes += parcel.bytes;
    const now = clock.nowMs();
    const slow = this.#options.conversation.find('slow');
    const dripMs = slow === undefined ? 0 : (parcel.bytes * MS_PER_SECOND) / slow.bytesPerSecond;
    const arrivalMs = Math.max(this.#lastArrivalMs, now + delayMs() + (slow?.extraMs ?? 0)) + dripMs;
    this.#lastArrivalMs = arrivalMs;
    this.#underWay.push(parcel);
    // Each timer brings the oldest parcel, not its own: rounded times must never change the order.
    clock.setTimeout(() => this.#arrive(), arrivalMs - now);
  }

  /** Delivers what a partition held back, unless another one still does. */
  release(): void {
    const { conversation, direction, holding } = this.#options;
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const verdict = conversation.gate(direction, next.cargo);
      if (verdict === 'hold') {
        holding.add(this);
        return;
      }
      this.#held.shift();
      this.#finish(next, verdict);
    }
    holding.delete(this);
  }

  /** Whatever is still on its way never arrives. */
  stop(): void {
    this.#isStopped = true;
    this.#underWay.length = 0;
    this.#held.length = 0;
    this.#unreadBytes = 0;
    this.#options.holding.delete(this);
  }

  /** On the way or held back. */
  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  get heldBytes(): number {
    return this.#held.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #arrive(): void {
    const parcel = this.#underWay.shift();
    if (parcel === undefined) return;
    this.#held.push(parcel);
    this.release();
  }

  #finish(parcel: Parcel, verdict: 'pass' | 'drop'): void {
    this.#unreadBytes -= parcel.bytes;
    if (verdict === 'pass') parcel.deliver();
  }
}
