/**
 * The dead-man's switch of an API key. The first call arms it; whoever is then silent for ten seconds loses all
 * resting orders. Each answer carries the id for the next call, and so does the refusal of a wrong one.
 */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { ServerReply } from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import { uuid } from './ids.ts';
import { json, TEXT } from './replies.ts';

export interface HeartbeatParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly deadlineMs: number;
  readonly onMissed: (owner: string) => void;
}

export class Heartbeats {
  readonly #parts: HeartbeatParts;
  readonly #armed = new Map<string, { readonly id: string; readonly timer: Timer }>();

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  beat(owner: string, given: unknown): ServerReply {
    const armed = this.#armed.get(owner);
    if (armed !== undefined && given !== armed.id)
      return json({ error_msg: TEXT.heartbeat, heartbeat_id: armed.id }, { status: 400 });
    if (armed !== undefined) this.#parts.clock.clearTimeout(armed.timer);
    const id = uuid(this.#parts.random);
    const timer = this.#parts.clock.setTimeout(() => {
      this.#armed.delete(owner);
      this.#parts.onMissed(owner);
    }, this.#parts.deadlineMs);
    this.#armed.set(owner, { id, timer });
    return json({ heartbeat_id: id });
  }

  isArmed(owner: string): boolean {
    return this.#armed.has(owner);
  }
}
