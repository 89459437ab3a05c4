/** What leaves on one socket, in order, and at once unless the line is held up. */
import type { ServerSocket } from '../../domain/ports/local-server.ts';
import type { Core } from './core.ts';
import type { JsonObject } from './json.ts';

export class Outbox {
  readonly #core: Core;
  readonly #socket: ServerSocket;
  #held: string[] = [];
  #heldBytes = 0;
  #heldUntilMs = 0;
  /** A frame that shall follow the next one. */
  #overtaken: string | undefined;

  constructor(core: Core, socket: ServerSocket) {
    this.#core = core;
    this.#socket = socket;
  }

  /** Here and in the socket. */
  get bytes(): number {
    return this.#heldBytes + this.#socket.bufferedBytes;
  }

  send(frame: JsonObject): void {
    const stamped = this.#core.settings.socket.stampsSending ? { ...frame, sending_ts_ms: this.#core.nowMs() } : frame;
    this.#pass(JSON.stringify(stamped));
    if (this.#overtaken === undefined) return;
    const late = this.#overtaken;
    this.#overtaken = undefined;
    this.#pass(late);
  }

  /** This frame waits until another has passed it. */
  sendAfterNext(frame: JsonObject): void {
    if (this.#overtaken === undefined) this.#overtaken = JSON.stringify(frame);
    else this.send(frame);
  }

  /** Nothing leaves until then; what comes meanwhile leaves in order afterwards. */
  hold(forMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#core.nowMs() + forMs);
    if (Number.isFinite(forMs)) this.#core.afterMs(forMs, () => this.#release());
  }

  #pass(text: string): void {
    if (this.#core.nowMs() >= this.#heldUntilMs && this.#held.length === 0) {
      this.#socket.send(text);
      return;
    }
    this.#held.push(text);
    this.#heldBytes += text.length;
  }

  #release(): void {
    if (this.#core.nowMs() < this.#heldUntilMs) return;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const text of held) this.#socket.send(text);
  }
}
