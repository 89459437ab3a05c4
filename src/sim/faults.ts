/**
 * Faults as declared data: what goes wrong at a simulated venue, how often, and where. The catalogue of ids
 * is the project's list of faults (N transport, D market data, O orders, C settlement, T time); ids that a
 * venue adds for itself begin with V.
 */
import type { Random } from '../domain/ports/random.ts';

export interface Fault {
  readonly id: string;
  readonly venue: 'kalshi' | 'polymarket' | 'any';
  /** Chance at each place where it could happen; 1 unless said. */
  readonly rate?: number;
  /** At most so often; without a limit unless said. */
  readonly times?: number;
  /** Lets so many matching places pass first. */
  readonly after?: number;
  readonly match?: FaultMatch;
  readonly parameters?: Readonly<Record<string, number | string | boolean>>;
}

/** Every field that is given must agree; `endpoint` by containment, the others as a whole. */
export interface FaultMatch {
  readonly method?: string;
  /** Part of `METHOD /path`. */
  readonly endpoint?: string;
  readonly channel?: string;
  /** Type of a socket message. */
  readonly type?: string;
  readonly step?: string;
  readonly market?: string;
  readonly account?: string;
}

/** Where we are, in the same words. */
export type FaultPlace = { readonly [Key in keyof FaultMatch]?: string | undefined };

interface Armed {
  readonly fault: Fault;
  left: number;
  passing: number;
}

export class FaultRack {
  readonly #venue: Fault['venue'];
  readonly #random: Random;
  #armed: Armed[] = [];
  readonly #struck: Fault[] = [];

  constructor(venue: 'kalshi' | 'polymarket', random: Random) {
    this.#venue = venue;
    this.#random = random;
  }

  /** Replaces what was set; counts start anew. */
  set(faults: readonly Fault[]): void {
    this.#armed = faults
      .filter(({ venue }) => venue === this.#venue || venue === 'any')
      .map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, passing: fault.after ?? 0 }));
  }

  /** The fault that strikes here, counted, or `undefined`. Draws once per candidate, and only for rates below 1. */
  strike(id: string, place: FaultPlace): Fault | undefined {
    for (const armed of this.#armed) {
      if (armed.fault.id !== id || armed.left <= 0 || !agrees(armed.fault.match ?? {}, place)) continue;
      if (armed.passing > 0) {
        armed.passing--;
        continue;
      }
      const rate = armed.fault.rate ?? 1;
      if (rate < 1 && this.#random.next() >= rate) continue;
      armed.left--;
      this.#struck.push(armed.fault);
      return armed.fault;
    }
    return undefined;
  }

  /** Everything that struck, in order. */
  struck(): readonly Fault[] {
    return this.#struck;
  }

  /** Whether any fault is set at all: the quick way out on hot paths. */
  get isArmed(): boolean {
    return this.#armed.length > 0;
  }
}

function agrees(match: FaultMatch, place: FaultPlace): boolean {
  for (const key of ['method', 'channel', 'type', 'step', 'market', 'account'] as const)
    if (match[key] !== undefined && match[key] !== place[key]) return false;
  return match.endpoint === undefined || (place.endpoint ?? '').includes(match.endpoint);
}

/** A number parameter of a fault, or what it is without one. */
export function faultNumber(fault: Fault, name: string, otherwise: number): number {
  const value = fault.parameters?.[name];
  return typeof value === 'number' ? value : otherwise;
}

export function faultText(fault: Fault, name: string, otherwise: string): string {
  const value = fault.parameters?.[name];
  return typeof value === 'string' ? value : otherwise;
}
