/** What both transports in memory share: one clock, one source of chance, one plan of faults, and the servers. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { LocalServer } from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import { type Delay, type Delays, fixedDelays } from './memory-delays.ts';
import { Conversation, FaultPlan, type FaultRule } from './memory-faults.ts';
import { Pipe, type PipeOptions } from './memory-pipe.ts';

export interface WireOptions {
  readonly clock: Clock;
  /** Draws delays and faults, in the order of what happens. */
  readonly random: Random;
  /** Who answers at a URL; `undefined` is a name that does not resolve. */
  readonly serverOf: (url: URL) => LocalServer | undefined;
  /** None when left out: everything arrives at the same instant, yet never synchronously. */
  readonly delays?: Delays;
  /** What the servers see as our address. */
  readonly remote?: string;
}

const NO_DELAYS = fixedDelays(0);

export class MemoryWire {
  readonly clock: Clock;
  readonly remote: string;
  readonly serverOf: (url: URL) => LocalServer | undefined;
  readonly #random: Random;
  readonly #delays: Delays;
  readonly #plan: FaultPlan;
  /** Pipes that hold something back. */
  readonly #holding = new Set<Pipe>();

  constructor({ clock, random, serverOf, delays = NO_DELAYS, remote = '127.0.0.1' }: WireOptions) {
    this.clock = clock;
    this.remote = remote;
    this.serverOf = serverOf;
    this.#random = random;
    this.#delays = delays;
    this.#plan = new FaultPlan(random);
  }

  inject(rule: FaultRule): () => void {
    const remove = this.#plan.add(rule);
    const heal = (): void => {
      remove();
      for (const pipe of [...this.#holding]) pipe.release();
    };
    if (rule.forMs !== undefined) this.clock.setTimeout(heal, rule.forMs);
    return heal;
  }

  converse(channel: 'http' | 'socket', url: URL): Conversation {
    return new Conversation(this.#plan, channel, url.pathname);
  }

  drawDelay(): Delay {
    return this.#delays(this.#random);
  }

  pipe(options: Omit<PipeOptions, 'clock' | 'holding'>): Pipe {
    return new Pipe({ clock: this.clock, holding: this.#holding, ...options });
  }

  /** Runs at this instant, but not before the caller has returned. */
  soon(run: () => void): void {
    this.clock.setTimeout(run, 0);
  }

  onRequestTaken(): void {
    this.#plan.onRequestTaken();
  }
}

/** Why no connection can be made now, if so: the fault in force, or nobody at that name. */
export function refusalOf(conversation: Conversation, server: LocalServer | undefined): string | undefined {
  const cause = conversation.find('noConnection')?.cause ?? (server === undefined ? 'dns' : undefined);
  switch (cause) {
    case 'dns':
      return 'its name did not resolve';
    case 'tls':
      return 'its certificate was not accepted';
    case 'refused':
      return 'it was refused';
    default:
      return undefined;
  }
}

/** Names in lower case, as both ports promise. */
export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** UTF-8 bytes of a text. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
