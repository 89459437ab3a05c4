/**
 * From a request to its answer: the log, the network's weather, the latency, and the faults that stand between what
 * the venue did and what the client learns of it.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type { ServerAnswer, ServerReply, ServerRequest } from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import { type Fault, type FaultPlace, type FaultRack, faultNumber, faultText } from '../faults.ts';
import { AddressWindows } from './limits.ts';
import type { Modes } from './modes.ts';
import type { PolymarketSettings } from './options.ts';
import { recordOf } from './order-wire.ts';
import type { Outage } from './outage.ts';
import { failure, invalidOrder, TEXT } from './replies.ts';
import { bodyOf, type Call, callOf } from './router.ts';

export interface FrontParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultRack;
  readonly outage: Outage;
  readonly modes: Modes;
  readonly settings: PolymarketSettings;
  readonly nowMs: () => number;
  /** Condition of a token. */
  readonly marketOf: (tokenId: string) => string | undefined;
  /** Puts the venue's clock so far ahead. */
  readonly shiftClock: (ms: number) => void;
}

/** One line of the log that tests and invariants read. */
export interface Received {
  readonly atMs: number;
  readonly server: 'clob' | 'gamma' | 'data' | 'site';
  readonly method: string;
  readonly target: string;
  readonly body: string;
  /** Whether the venue acted on it; a request that was lost on the way is logged, too. */
  reached: boolean;
  status: number | undefined;
}

type Kind = 'order' | 'cancel' | 'auth' | 'read';
type Give = (answer: ServerAnswer) => void;

const REQUESTS_KEPT = 10_000;
const SILENCE: ServerAnswer = { kind: 'silence' };
const RESET: ServerAnswer = { kind: 'reset' };

export class Front {
  /** Of the latest orders more is kept than of everything else. */
  orders: Received[] = [];
  requests: Received[] = [];
  readonly #parts: FrontParts;
  readonly #windows: AddressWindows;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#windows = new AddressWindows(() => parts.clock.nowMs());
  }

  forgetBefore(ms: number): void {
    const isKept = ({ atMs }: Received): boolean => atMs >= ms;
    this.orders = this.orders.filter(isKept);
    this.requests = this.requests.filter(isKept);
  }

  take(
    request: ServerRequest,
    to: { readonly server: Received['server']; readonly handle: (call: Call) => ServerReply; readonly give: Give },
  ): void {
    const call = callOf(request);
    const kind = kindOf(call);
    const log: Received = {
      atMs: this.#parts.nowMs(),
      server: to.server,
      method: call.method,
      target: request.target,
      body: call.body,
      reached: false,
      status: undefined,
    };
    if (kind === 'order') this.orders.push(log);
    this.requests.push(log);
    if (this.requests.length > REQUESTS_KEPT * 2) this.requests.splice(0, REQUESTS_KEPT);
    const heldMs = this.#parts.settings.countAddresses
      ? this.#windows.heldBackMs(call.remote, `${call.method} ${call.path}`)
      : 0;
    if (heldMs === undefined) {
      to.give({ kind: 'reply', reply: failure(429, TEXT.tooMany) });
      return;
    }
    const roundTripMs = this.#roundTrip(kind);
    this.#after(heldMs + roundTripMs / 2, () => {
      const handle = (): ServerReply => {
        log.reached = true;
        const reply = to.handle(call);
        log.status = reply.status;
        return reply;
      };
      this.#arrive(call, kind, { handle, give: (answer) => this.#after(roundTripMs / 2, () => to.give(answer)) });
    });
  }

  #arrive(call: Call, kind: Kind, next: { readonly handle: () => ServerReply; readonly give: Give }): void {
    const { outage, clock } = this.#parts;
    const place = placeOf(call, kind, this.#parts.marketOf);
    this.#weather(place);
    if (outage.isDeaf(clock.nowMs())) {
      next.give(SILENCE);
      return;
    }
    const before = this.#beforeHandling(place, kind, next.handle);
    const answer = before ?? this.#afterHandling(place, kind, next.handle());
    if (outage.isMute(clock.nowMs())) {
      next.give(SILENCE);
      return;
    }
    if (answer === undefined) return;
    const { delayMs = 0, ...given } = answer;
    this.#after(delayMs, () => next.give(given.answer));
  }

  /** What keeps the venue from acting, now or at all. */
  #beforeHandling(place: FaultPlace, kind: Kind, handle: () => ServerReply): Told | undefined {
    const { faults, modes } = this.#parts;
    if (!faults.isArmed) return undefined;
    const strike = (id: string): Fault | undefined => faults.strike(id, place);
    if (strike('N8') !== undefined) return { answer: RESET };
    if (strike('N2') !== undefined || (kind === 'order' && strike('O2') !== undefined)) return { answer: SILENCE };
    const dead = faults.strike('N11', { ...place, step: 'rest' });
    if (dead !== undefined) return { answer: SILENCE };
    if (kind === 'cancel' && faults.strike('O12', { ...place, step: 'request' }) !== undefined)
      return { answer: SILENCE };
    if (kind === 'order' || kind === 'cancel') {
      const limited = strike('O4');
      if (limited !== undefined) return { answer: { kind: 'reply', reply: tooMany(limited) } };
      const restart = strike('O5') ?? strike('T7');
      if (restart !== undefined)
        modes.restart({
          downMs: faultNumber(restart, 'downMs', 90_000),
          postOnlyMs: faultNumber(restart, 'postOnlyMs', 120_000),
        });
    }
    const late = kind === 'order' ? strike('O14') : undefined;
    if (late !== undefined) return this.#actLater(late, handle);
    return undefined;
  }

  /** Told that it failed, or told nothing; and then it happens all the same. */
  #actLater(late: Fault, handle: () => ServerReply): Told {
    this.#parts.clock.setTimeout(handle, faultNumber(late, 'delayMs', 10_000));
    const status = faultNumber(late, 'status', 0);
    if (status === 0) return { answer: SILENCE };
    return { answer: { kind: 'reply', reply: failure(status, faultText(late, 'text', TEXT.execution)) } };
  }

  /** What becomes of a reply when the venue has acted. */
  #afterHandling(place: FaultPlace, kind: Kind, reply: ServerReply): Told {
    const { faults, outage, clock } = this.#parts;
    const whole: Told = { answer: { kind: 'reply', reply } };
    if (!faults.isArmed) return whole;
    const strike = (id: string): Fault | undefined => faults.strike(id, place);
    const slow = strike('N5') ?? (kind === 'order' ? strike('O9') : undefined);
    const delayMs = slow === undefined ? 0 : faultNumber(slow, 'delayMs', 10_000);
    const dark = kind === 'order' ? strike('N12') : undefined;
    if (dark !== undefined) clock.setTimeout(() => outage.strike(dark, clock.nowMs()), faultNumber(dark, 'delayMs', 0));
    if (strike('N6') !== undefined) return { answer: RESET, delayMs };
    const torn = strike('N7');
    if (torn !== undefined) {
      const bytes = faultNumber(torn, 'bytes', Math.floor(Buffer.byteLength(reply.body) / 2));
      return { answer: { kind: 'truncate', reply, bytes }, delayMs };
    }
    if (kind === 'order') {
      if (strike('O1') !== undefined) return { answer: SILENCE };
      const broken = strike('O3');
      if (broken !== undefined) return { answer: { kind: 'reply', reply: brokenReply(broken) }, delayMs };
      if (strike('O13') !== undefined) return { answer: { kind: 'reply', reply: duplicated(reply) }, delayMs };
    }
    return { ...whole, delayMs };
  }

  #weather(place: FaultPlace): void {
    const { faults, outage, clock } = this.#parts;
    const partition = faults.strike('N1', place);
    if (partition !== undefined) outage.strike(partition, clock.nowMs());
    const skew = faults.strike('T1', place) ?? faults.strike('T2', place);
    if (skew !== undefined) this.#parts.shiftClock(faultNumber(skew, 'offsetMs', -30_000));
  }

  #roundTrip(kind: Kind): number {
    const { settings, random } = this.#parts;
    const sampler = kind === 'order' || kind === 'cancel' ? settings.orderLatency : settings.readLatency;
    return sampler === undefined ? 0 : sampler(random);
  }

  #after(ms: number, run: () => void): void {
    if (ms <= 0) run();
    else this.#parts.clock.setTimeout(run, ms);
  }
}

interface Told {
  readonly answer: ServerAnswer;
  readonly delayMs?: number;
}

function kindOf({ method, path }: Call): Kind {
  if (method === 'POST' && (path === '/order' || path === '/orders')) return 'order';
  if (method === 'DELETE' && /^\/(?:orders?|cancel-all|cancel-market-orders)$/.test(path)) return 'cancel';
  return path.startsWith('/auth/') ? 'auth' : 'read';
}

/** For orders the type is the order's and the market its condition: the body is read only for that. */
function placeOf(call: Call, kind: Kind, marketOf: FrontParts['marketOf']): FaultPlace {
  const endpoint = `${call.method} ${call.path}`;
  if (kind !== 'order') return { method: call.method, endpoint, step: kind };
  const body = bodyOf(call);
  const first = recordOf(Array.isArray(body) ? body[0] : body);
  const token = recordOf(first?.order)?.tokenId;
  return {
    method: call.method,
    endpoint,
    step: kind,
    type: typeof first?.orderType === 'string' ? first.orderType : undefined,
    market: typeof token === 'string' ? marketOf(token) : undefined,
  };
}

function tooMany(fault: Fault): ServerReply {
  const reply = failure(429, TEXT.tooMany);
  const retryAfter = fault.parameters?.retryAfter;
  if (retryAfter === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfter) } };
}

/** After the order was booked: a 5xx with the words seen in 2026, or a 200 without an order in it. */
function brokenReply(fault: Fault): ServerReply {
  const status = faultNumber(fault, 'status', 500);
  if (status < 300)
    return { status, headers: { 'content-type': 'application/json' }, body: faultText(fault, 'text', '{}') };
  return failure(status, faultText(fault, 'text', TEXT.execution));
}

function duplicated(reply: ServerReply): ServerReply {
  const id = recordOf(JSON.parse(reply.body))?.orderID;
  return typeof id === 'string' && id !== '' ? failure(400, invalidOrder(id, 'Duplicated.')) : reply;
}
