/** What can go wrong on a wire in memory, as data: the transport faults N1 to N12 of the fault list. */
import { unreachable } from '../../domain/invariant.ts';
import type { Random } from '../../domain/ports/random.ts';

export type Direction = 'toServer' | 'toClient';

export type TransportFault =
  /** nothing passes, and what was sent is delivered in order once the partition heals, as TCP does */
  | { readonly kind: 'partition'; readonly direction: Direction | 'both' }
  /** one side has forgotten the connection: what is written vanishes for ever, and nobody is told */
  | { readonly kind: 'halfOpen' }
  /** heartbeats pass, what the server says does not */
  | { readonly kind: 'frozen' }
  /** what both sides say passes, heartbeats do not */
  | { readonly kind: 'noHeartbeats' }
  /** everything takes `extraMs` longer and drips at so many bytes a second */
  | { readonly kind: 'slow'; readonly extraMs: number; readonly bytesPerSecond: number }
  /** HTTP: the server has the whole request, and the connection is reset before its reply */
  | { readonly kind: 'resetAfterSent' }
  /** HTTP: the connection is reset in the middle of the reply's body */
  | { readonly kind: 'resetMidBody' }
  /** no connection is made; an HTTP request on it was certainly not sent */
  | { readonly kind: 'noConnection'; readonly cause: 'dns' | 'tls' | 'refused' }
  /** the server hears heartbeats and nothing else: no request is answered, no subscription acknowledged */
  | { readonly kind: 'deaf' }
  /** sockets: a text of the server arrives twice */
  | { readonly kind: 'duplicate' }
  /** sockets: a text of the server arrives after the next one, or so much later when there is no next one */
  | { readonly kind: 'reorder'; readonly withinMs: number };

export interface FaultRule {
  readonly fault: TransportFault;
  /** Only HTTP or only sockets; both when left out. */
  readonly on?: 'http' | 'socket';
  /** Only where the URL's path starts with this. */
  readonly path?: string;
  /**
   * Drawn once for each request or connection, and for `duplicate` and `reorder` for each text. Always when left
   * out.
   */
  readonly probability?: number;
  /** Hits at most so many requests or connections (texts). */
  readonly times?: number;
  /** Begins when the server has taken so many requests since the rule was injected. */
  readonly afterRequests?: number;
  /** Ends by itself after so long. */
  readonly forMs?: number;
}

/** The fault list of the simulators, each with a rule that shows it; a scenario narrows it as it needs. */
export const TRANSPORT_FAULTS = {
  N1: { title: 'partition, one way or both', rule: { fault: { kind: 'partition', direction: 'both' } } },
  N2: { title: 'half-open TCP: writes vanish', rule: { fault: { kind: 'halfOpen' } } },
  N3: { title: 'frozen socket: open, pings answered, no data', rule: { fault: { kind: 'frozen' }, on: 'socket' } },
  N4: { title: 'data but no heartbeats', rule: { fault: { kind: 'noHeartbeats' }, on: 'socket' } },
  N5: {
    title: 'slow drip, 10 s latency spike',
    rule: { fault: { kind: 'slow', extraMs: 10_000, bytesPerSecond: 200 } },
  },
  N6: { title: 'reset after the request was fully sent', rule: { fault: { kind: 'resetAfterSent' }, on: 'http' } },
  N7: { title: 'reset in mid-body', rule: { fault: { kind: 'resetMidBody' }, on: 'http' } },
  N8: { title: 'DNS or TLS failure', rule: { fault: { kind: 'noConnection', cause: 'dns' } } },
  N9: {
    title: 'reconnect storm, 5 failures in a row',
    rule: { fault: { kind: 'noConnection', cause: 'refused' }, on: 'socket', times: 5 },
  },
  N10: { title: 'connects, subscription never acknowledged', rule: { fault: { kind: 'deaf' }, on: 'socket' } },
  N11: {
    title: 'REST alive while the socket is dead, and the reverse',
    rule: { fault: { kind: 'halfOpen' }, on: 'socket' },
  },
  N12: {
    title: 'venue A dead exactly between the legs',
    rule: { fault: { kind: 'partition', direction: 'both' }, afterRequests: 1 },
  },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly rule: FaultRule }>>;

/** What is on its way: what was said, a ping or pong, or the connection's own openings and ends. */
export type Cargo = 'content' | 'heartbeat' | 'control';

/** One request with its reply, or one socket, and which rules it fell under. */
export class Conversation {
  readonly channel: 'http' | 'socket';
  readonly path: string;
  readonly #plan: FaultPlan;
  readonly #hits = new Map<ActiveRule, boolean>();

  constructor(plan: FaultPlan, channel: 'http' | 'socket', path: string) {
    this.#plan = plan;
    this.channel = channel;
    this.path = path;
  }

  /** The first fault of the kind that has befallen this conversation. Drawn once for each rule. */
  find<Kind extends TransportFault['kind']>(kind: Kind): Extract<TransportFault, { kind: Kind }> | undefined {
    const found = this.#plan.rules.find((active) => active.rule.fault.kind === kind && this.#isHitBy(active));
    return found?.rule.fault as Extract<TransportFault, { kind: Kind }> | undefined;
  }

  /** Whether a fault that is drawn for each text befalls this one. */
  strikes(kind: 'duplicate' | 'reorder'): FaultRule | undefined {
    return this.#plan.rules.find(
      (active) => active.rule.fault.kind === kind && this.#plan.applies(active, this) && this.#plan.draw(active),
    )?.rule;
  }

  /** What becomes of something that arrives now. */
  gate(direction: Direction, cargo: Cargo): 'pass' | 'hold' | 'drop' {
    let verdict: 'pass' | 'hold' = 'pass';
    for (const active of this.#plan.rules) {
      const effect = effectOf(active.rule.fault, direction, cargo);
      if (effect === 'pass' || !this.#isHitBy(active)) continue;
      if (effect === 'drop') return 'drop';
      verdict = 'hold';
    }
    return verdict;
  }

  #isHitBy(active: ActiveRule): boolean {
    const known = this.#hits.get(active);
    if (known !== undefined) return known;
    // Not drawn yet: a rule that has not begun may still hit this conversation later.
    if (!this.#plan.applies(active, this)) return false;
    const isHit = this.#plan.draw(active);
    this.#hits.set(active, isHit);
    return isHit;
  }
}

interface ActiveRule {
  readonly rule: FaultRule;
  hits: number;
  requests: number;
}

/** The rules in force, and whom they have hit. */
export class FaultPlan {
  rules: readonly ActiveRule[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns what takes the rule back. */
  add(rule: FaultRule): () => void {
    const active: ActiveRule = { rule, hits: 0, requests: 0 };
    this.rules = [...this.rules, active];
    return () => {
      this.rules = this.rules.filter((other) => other !== active);
    };
  }

  onRequestTaken(): void {
    for (const active of this.rules) active.requests++;
  }

  applies({ rule, hits, requests }: ActiveRule, { channel, path }: Conversation): boolean {
    return (
      (rule.on === undefined || rule.on === channel) &&
      (rule.path === undefined || path.startsWith(rule.path)) &&
      hits < (rule.times ?? Number.POSITIVE_INFINITY) &&
      requests >= (rule.afterRequests ?? 0)
    );
  }

  /** Certain things draw no number, so that a plan without chance leaves every other draw as it was. */
  draw(active: ActiveRule): boolean {
    const { probability = 1 } = active.rule;
    const isHit = probability >= 1 || (probability > 0 && this.#random.next() < probability);
    if (isHit) active.hits++;
    return isHit;
  }
}

function effectOf(fault: TransportFault, direction: Direction, cargo: Cargo): 'pass' | 'hold' | 'drop' {
  switch (fault.kind) {
    case 'partition':
      return fault.direction === 'both' || fault.direction === direction ? 'hold' : 'pass';
    case 'halfOpen':
      return 'drop';
    case 'frozen':
      return direction === 'toClient' && cargo === 'content' ? 'drop' : 'pass';
    case 'noHeartbeats':
      return cargo === 'heartbeat' ? 'drop' : 'pass';
    case 'deaf':
      return direction === 'toServer' && cargo === 'content' ? 'drop' : 'pass';
    case 'slow':
    case 'resetAfterSent':
    case 'resetMidBody':
    case 'noConnection':
    case 'duplicate':
    case 'reorder':
      return 'pass';
    default:
      return unreachable(fault, 'a transport fault');
  }
}
