/**
 * What the small simulated servers share: the way of a request with its faults, and the log of what came.
 *
 * Faults have the shape of the venues' (`../faults.ts`), under the servers' own names: N2 silence, N5 slow, N6 reset,
 * N7 torn body, N8 unreachable, O3 server error, O4 rate limit, D10 a body that is no JSON.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type { LocalServer, ServerAnswer, ServerReply, ServerRequest } from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import { type Fault, type FaultPlace, FaultRack, faultNumber, faultText } from '../faults.ts';

export type AuxiliaryName = 'odds' | 'weather' | 'fedwatch' | 'telegram' | 'webhook';

export interface AuxiliaryFault extends Omit<Fault, 'venue'> {
  readonly venue: AuxiliaryName | 'any';
}

export interface AuxiliaryCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs: number;
}

export interface ReceivedCall extends Omit<AuxiliaryCall, 'query'> {
  readonly target: string;
  /** `undefined` where no reply was given. */
  readonly status: number | undefined;
}

export interface AuxiliaryParts {
  readonly clock: Clock;
  readonly random: Random;
}

/** A reply now, or a promise to call back with one: a long poll. */
export type Handled = ServerReply | { readonly later: (give: (reply: ServerReply) => void) => void };

const RECEIVED_KEPT = 1_000;
const NO_SOCKET: ServerReply = { status: 404, headers: {}, body: '' };

export abstract class AuxiliaryServer implements LocalServer {
  protected readonly clock: Clock;
  protected readonly random: Random;
  protected readonly faults: FaultRack;
  readonly #name: AuxiliaryName;
  readonly #received: ReceivedCall[] = [];

  constructor(name: AuxiliaryName, { clock, random }: AuxiliaryParts) {
    this.#name = name;
    this.clock = clock;
    this.random = random;
    // The rack knows two venues; those faults that are for this server are given to it as being for any.
    this.faults = new FaultRack('kalshi', random);
  }

  onRequest(request: ServerRequest, answer: (answer: ServerAnswer) => void): void {
    const [path = '', search = ''] = request.target.split('?');
    const { method, headers, body } = request;
    const call = { method, path, query: new URLSearchParams(search), headers, body, atMs: this.nowMs() };
    const place: FaultPlace = { method, endpoint: `${method} ${path}`, step: 'request' };
    const strike = (id: string): Fault | undefined => this.#strike(id, place);
    const lost = before(strike);
    if (lost !== undefined) {
      this.#note(call, request.target, undefined);
      answer(lost);
      return;
    }
    const limited = strike('O4');
    const broken = strike('O3');
    const slow = strike('N5');
    const delayMs = slow === undefined ? 0 : faultNumber(slow, 'delayMs', 10_000);
    const give = (reply: ServerReply): void => {
      this.#note(call, request.target, reply.status);
      this.#after(delayMs, () => answer(after(reply, strike)));
    };
    if (limited !== undefined) give(this.tooMany(faultNumber(limited, 'retryAfterSeconds', 5)));
    else if (broken !== undefined)
      give({ status: faultNumber(broken, 'status', 500), headers: {}, body: faultText(broken, 'text', 'error') });
    else {
      const handled = this.handle(call);
      if ('later' in handled) handled.later(give);
      else give(handled);
    }
  }

  onUpgrade(): { readonly kind: 'refuse'; readonly reply: ServerReply } {
    return { kind: 'refuse', reply: NO_SOCKET };
  }

  /** Replaces what was set; faults of other servers are passed over. */
  setFaults(faults: readonly AuxiliaryFault[]): void {
    const own = faults.filter(({ venue }) => venue === this.#name || venue === 'any');
    this.faults.set(own.map((fault) => ({ ...fault, venue: 'any' })));
  }

  struckFaults(): readonly Fault[] {
    return this.faults.struck();
  }

  /** The last thousand, in order of arrival. */
  received(): readonly ReceivedCall[] {
    return this.#received;
  }

  protected nowMs(): number {
    return Math.floor(this.clock.wall() / 1_000);
  }

  protected abstract handle(call: AuxiliaryCall): Handled;

  /** In the words of the server. */
  protected tooMany(retryAfterSeconds: number): ServerReply {
    const reply = json({ message: 'Too many requests' }, 429);
    return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfterSeconds) } };
  }

  #strike(id: string, place: FaultPlace): Fault | undefined {
    return this.faults.isArmed ? this.faults.strike(id, place) : undefined;
  }

  #note(call: AuxiliaryCall, target: string, status: number | undefined): void {
    const { method, path, headers, body, atMs } = call;
    this.#received.push({ method, path, headers, body, atMs, target, status });
    if (this.#received.length > RECEIVED_KEPT) this.#received.shift();
  }

  #after(delayMs: number, run: () => void): void {
    if (delayMs <= 0) run();
    else this.clock.setTimeout(run, delayMs);
  }
}

function before(strike: (id: string) => Fault | undefined): ServerAnswer | undefined {
  if (strike('N8') !== undefined) return { kind: 'reset' };
  return strike('N2') === undefined ? undefined : { kind: 'silence' };
}

function after(reply: ServerReply, strike: (id: string) => Fault | undefined): ServerAnswer {
  if (strike('N6') !== undefined) return { kind: 'reset' };
  const torn = strike('N7');
  if (torn !== undefined) {
    const half = Math.floor(Buffer.byteLength(reply.body) / 2);
    return { kind: 'truncate', reply, bytes: faultNumber(torn, 'bytes', half) };
  }
  const malformed = strike('D10');
  if (malformed === undefined) return { kind: 'reply', reply };
  return { kind: 'reply', reply: { ...reply, body: faultText(malformed, 'text', '<html>not what you asked for') } };
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): ServerReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** `2026-08-11T17:59:44Z` */
export function isoSeconds(ms: number): string {
  return new Date(Math.floor(ms / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
}
