/**
 * One socket on its way to one client: what faults do to frames happens here, and nowhere in the venue's truth.
 *
 * Duplicates, drops, delays, swaps and bent contents are drawn per frame; partitions and freezes hold for a time.
 * Of this venue's own, `V1` cuts the connection after a frame and `V2` sends a frame in one array with the next.
 */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { ServerSocket } from '../../domain/ports/local-server.ts';
import { type Fault, type FaultPlace, type FaultRack, faultNumber } from '../faults.ts';
import { bentFrames } from './bent-frames.ts';
import { type Frame, wireText } from './frames.ts';
import type { Outage } from './outage.ts';

export interface LineParts {
  readonly clock: Clock;
  readonly faults: FaultRack;
  readonly outage: Outage;
  readonly idleCloseMs: number;
  readonly channel: 'market' | 'user';
}

export class SocketLine {
  readonly socket: ServerSocket;
  readonly #parts: LineParts;
  #isOpen = true;
  #frozenUntilMs = Number.NEGATIVE_INFINITY;
  #deafUntilMs = Number.NEGATIVE_INFINITY;
  #mutePongUntilMs = Number.NEGATIVE_INFINITY;
  #heldBack: string | undefined;
  #bundled: string | undefined;
  #idle: Timer | undefined;

  constructor(socket: ServerSocket, parts: LineParts) {
    this.socket = socket;
    this.#parts = parts;
    this.#restartIdle();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a text of the client is heard. Any text keeps the connection; silence of a minute ends it. */
  hears(text: string): boolean {
    const place = this.#place(text === 'PING' ? 'PING' : 'text');
    this.#strikeState(place);
    if (this.#isDeaf()) return false;
    this.#restartIdle();
    return true;
  }

  pong(): void {
    const silent = this.#parts.faults.strike('N4', this.#place('PONG'));
    if (silent !== undefined) this.#mutePongUntilMs = this.#now() + faultNumber(silent, 'durationMs', 60_000);
    if (this.#now() < this.#mutePongUntilMs || this.#parts.outage.isMute(this.#now())) return;
    if (this.#isOpen) this.socket.send('PONG');
  }

  /** A frame, or the array of snapshots that follows a subscription. */
  deliver(frames: Frame | readonly Frame[]): void {
    const list: readonly Frame[] = Array.isArray(frames) ? frames : [frames as Frame];
    const [first] = list;
    if (!this.#isOpen || first === undefined) return;
    const place = this.#place(first.event_type, String(first.market ?? ''));
    this.#strikeState(place);
    if (this.#isMute()) return;
    if (Array.isArray(frames)) {
      this.#transmit(wireText(bent(list, this.#parts.faults, place)), place);
      return;
    }
    for (const text of bentFrames(first, { faults: this.#parts.faults, place })) this.#transmit(wireText(text), place);
  }

  /** Open, healthy by its PONGs, and dead: seen for hours in March 2026. */
  freeze(durationMs: number): void {
    this.#frozenUntilMs = this.#now() + durationMs;
  }

  thaw(): void {
    this.#frozenUntilMs = Number.NEGATIVE_INFINITY;
    this.#deafUntilMs = Number.NEGATIVE_INFINITY;
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.ended();
    this.socket.close(code, reason);
  }

  cut(): void {
    if (!this.#isOpen) return;
    this.ended();
    this.socket.cut();
  }

  ended(): void {
    this.#isOpen = false;
    if (this.#idle !== undefined) this.#parts.clock.clearTimeout(this.#idle);
  }

  #transmit(text: string, place: FaultPlace): void {
    const { faults, clock } = this.#parts;
    if (faults.strike('D3', place) !== undefined) return;
    const late = faults.strike('N5', place);
    if (late !== undefined) {
      clock.setTimeout(() => this.#send(text), faultNumber(late, 'delayMs', 10_000));
      return;
    }
    const partner = this.#bundled;
    if (partner === undefined && faults.strike('V2', place) !== undefined) {
      this.#bundled = text;
      return;
    }
    if (partner !== undefined) {
      this.#bundled = undefined;
      this.#send(`[${partner}, ${text}]`);
      return;
    }
    const swapped = this.#heldBack;
    if (swapped === undefined && faults.strike('D2', place) !== undefined) {
      this.#heldBack = text;
      return;
    }
    this.#heldBack = undefined;
    this.#send(text);
    if (swapped !== undefined) this.#send(swapped);
    const again = faults.strike('D1', place) ?? (place.type === 'trade' ? faults.strike('O10', place) : undefined);
    if (again !== undefined) for (let left = faultNumber(again, 'copies', 1); left > 0; left--) this.#send(text);
    if (faults.strike('V1', place) !== undefined) this.cut();
  }

  #send(text: string): void {
    if (this.#isOpen && !this.#isMute()) this.socket.send(text);
  }

  #isMute(): boolean {
    return this.#now() < this.#frozenUntilMs || this.#parts.outage.isMute(this.#now());
  }

  #isDeaf(): boolean {
    return this.#now() < this.#deafUntilMs || this.#parts.outage.isDeaf(this.#now());
  }

  #strikeState(place: FaultPlace): void {
    const { faults, outage } = this.#parts;
    if (!faults.isArmed) return;
    const until = (fault: Fault): number => this.#now() + faultNumber(fault, 'durationMs', 60_000);
    const partition = faults.strike('N1', place);
    if (partition !== undefined) outage.strike(partition, this.#now());
    const halfOpen = faults.strike('N2', place);
    if (halfOpen !== undefined) this.#deafUntilMs = until(halfOpen);
    const frozen = faults.strike('N3', place) ?? this.#deadSocket(place);
    if (frozen !== undefined) this.#frozenUntilMs = until(frozen);
  }

  /** REST alive while the socket is dead; the reverse happens where requests are answered. */
  #deadSocket(place: FaultPlace): Fault | undefined {
    return this.#parts.faults.strike('N11', { ...place, step: 'socket' });
  }

  #place(type: string, market?: string): FaultPlace {
    return { channel: this.#parts.channel, type, market, step: 'frame' };
  }

  #restartIdle(): void {
    const { clock, idleCloseMs } = this.#parts;
    if (this.#idle !== undefined) clock.clearTimeout(this.#idle);
    this.#idle = clock.setTimeout(() => this.close(1000, 'idle'), idleCloseMs);
  }

  #now(): number {
    return this.#parts.clock.nowMs();
  }
}

/** Snapshots inside the first array can be bent too, one for one. */
function bent(frames: readonly Frame[], faults: FaultRack, place: FaultPlace): Frame[] {
  return frames.flatMap((frame) => bentFrames(frame, { faults, place }).slice(-1));
}
