/**
 * Reads over HTTP. A read that failed on the way is tried again, at most three times, on the injected clock; what
 * the venue said clearly is not. Commands do not pass here: they are sent once, in `commands.ts`.
 */
import type { z } from 'zod';
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { HttpOutcome, HttpReply, HttpTransport } from '../../domain/ports/http.ts';
import type { ReadFault, Reading } from '../../domain/ports/venue.ts';
import type { RateLimiter, RateState, Traffic } from '../../domain/rate-limit.ts';
import type { Micros, Millis } from '../../domain/units.ts';
import { retryAfterOf } from './classify.ts';
import { FIRST_CURSOR, LAST_CURSOR } from './endpoints.ts';
import type { L2Authenticator } from './l2-auth.ts';
import { whyNot } from './order-book.ts';
import type { PolymarketSettings } from './presets.ts';

const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 8_000;
const RETRIES_MAX = 3;
/** A long list queues behind our own budget rather than failing. */
const ADMISSION_MS_MAX = 60_000;
/** More pages than any account of ours fills; a cursor that never ends is a fault. */
const PAGES_MAX = 1_000;
const MICROS_PER_SECOND = 1_000_000;

export type Query = readonly (readonly [name: string, value: string])[];

export interface Read<T> {
  readonly host: 'clob' | 'gamma' | 'data' | 'geoblock';
  readonly path: string;
  readonly query?: Query;
  /** Proves who asks (L2). */
  readonly isPrivate?: boolean;
  /** Some reads are asked by POST. */
  readonly body?: string;
  readonly schema: z.ZodType<T>;
  /** Reading what became of an order may use the reserve. */
  readonly traffic?: Traffic;
}

/** One page of a CLOB list. */
interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string;
}

export interface RestOptions {
  readonly http: HttpTransport;
  readonly clock: Clock;
  readonly settings: PolymarketSettings;
  readonly authenticator: L2Authenticator;
  readonly limiter: RateLimiter;
}

type Attempt<T> =
  | { readonly kind: 'ended'; readonly reading: Reading<T> }
  | { readonly kind: 'again'; readonly reading: Reading<T>; readonly afterMs: number | undefined };

export class PolymarketRest {
  readonly #http: HttpTransport;
  readonly #clock: Clock;
  readonly #settings: PolymarketSettings;
  readonly #authenticator: L2Authenticator;
  readonly #limiter: RateLimiter;
  /** Ends a wait early, by timer. */
  readonly #waiting = new Map<Timer, () => void>();
  #isClosed = false;

  constructor({ http, clock, settings, authenticator, limiter }: RestOptions) {
    this.#http = http;
    this.#clock = clock;
    this.#settings = settings;
    this.#authenticator = authenticator;
    this.#limiter = limiter;
  }

  /** How much of the budget of reads is used. */
  rateState(nowMs: Millis): RateState {
    return this.#limiter.state(nowMs);
  }

  async read<T>(read: Read<T>): Promise<Reading<T>> {
    for (let retry = 0; ; retry++) {
      const attempt = await this.#attempt(read);
      if (attempt.kind === 'ended') return attempt.reading;
      const delayMs = Math.max(RETRY_MS_FIRST * 2 ** retry, attempt.afterMs ?? 0);
      // Waiting longer than this is the caller's decision.
      if (retry >= RETRIES_MAX || delayMs > RETRY_MS_MAX) return attempt.reading;
      await this.#sleep(delayMs);
      if (this.#isClosed) return attempt.reading;
    }
  }

  /** Ends what waits for its next try; it ends with the failure of the last one. */
  close(): void {
    this.#isClosed = true;
    for (const [timer, resolve] of this.#waiting) {
      this.#clock.clearTimeout(timer);
      resolve();
    }
    this.#waiting.clear();
  }

  /** Every page of a CLOB list, or a failure: a list with a page missing says nothing. */
  async readPages<Item>(read: Read<Page<Item>>): Promise<Reading<readonly Item[]>> {
    const items: Item[] = [];
    const seen = new Set<string>();
    for (let cursor = FIRST_CURSOR; ; ) {
      if (seen.has(cursor) || seen.size >= PAGES_MAX)
        return failed('malformed', `expected ${read.path} to come to an end, found cursor ${cursor} again`);
      seen.add(cursor);
      const page = await this.read({ ...read, query: [...(read.query ?? []), ['next_cursor', cursor]] });
      if (page.kind === 'failed') return page;
      items.push(...page.value.data);
      cursor = page.value.next_cursor;
      if (cursor === LAST_CURSOR) return { kind: 'read', value: items, receivedAt: page.receivedAt };
    }
  }

  async #attempt<T>(read: Read<T>): Promise<Attempt<T>> {
    const isAdmitted = await this.#admission(read.traffic ?? 'ordinary');
    if (!isAdmitted)
      return { kind: 'ended', reading: failed('rateLimited', `our own budget of reads is used up (${read.path})`) };
    const outcome = await this.#send(read);
    return this.#judge(read, outcome);
  }

  /** Waits for our own budget: exactly as long as it says, and not longer than a read is worth. */
  async #admission(traffic: Traffic): Promise<boolean> {
    const untilMs = this.#clock.nowMs() + ADMISSION_MS_MAX;
    for (;;) {
      const nowMs = this.#clock.nowMs();
      const verdict = this.#limiter.take({ cost: 1, traffic, nowMs });
      if (verdict.kind === 'granted') return true;
      const { waitMs } = verdict;
      if (this.#isClosed || waitMs === undefined || waitMs > RETRY_MS_MAX || nowMs + waitMs > untilMs) return false;
      await this.#sleep(waitMs);
    }
  }

  #send<T>(read: Read<T>): Promise<HttpOutcome> {
    const { path, query = [], isPrivate = false, body } = read;
    const method = body === undefined ? 'GET' : 'POST';
    const timestampS = Math.floor(this.#clock.wall() / MICROS_PER_SECOND);
    const proof = isPrivate ? this.#authenticator.headers({ timestampS, method, path, body }) : {};
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve) => {
      this.#http.send(
        {
          method,
          url: `${this.#base(read)}${queryText(query)}`,
          headers: { accept: 'application/json', 'user-agent': 'tandem', ...type, ...proof },
          body,
          timeoutMs: this.#settings.readTimeoutMs,
          lane: 'read',
        },
        { onOutcome: resolve },
      );
    });
  }

  #base<T>({ host, path }: Read<T>): string {
    const { hosts } = this.#settings;
    return host === 'geoblock' ? hosts.geoblock : `${hosts[host]}${path}`;
  }

  #judge<T>(read: Read<T>, outcome: HttpOutcome): Attempt<T> {
    if (outcome.kind !== 'reply')
      return { kind: 'again', reading: failed('unreachable', outcome.message), afterMs: undefined };
    const { status } = outcome;
    if (status === 200) {
      this.#limiter.accepted();
      return { kind: 'ended', reading: parsed(read, outcome, this.#clock.wall()) };
    }
    const detail = `expected HTTP 200 of ${read.path}, found ${status}`;
    if (status === 429) {
      const afterMs = retryAfterOf(outcome);
      this.#limiter.limited(this.#clock.nowMs(), afterMs);
      return { kind: 'again', reading: failed('rateLimited', detail), afterMs };
    }
    if (status >= 500 || status === 425)
      return { kind: 'again', reading: failed('venueError', detail), afterMs: retryAfterOf(outcome) };
    return { kind: 'ended', reading: failed(faultOf(status), detail) };
  }

  #sleep(delayMs: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => {
        this.#waiting.delete(timer);
        resolve();
      }, delayMs);
      this.#waiting.set(timer, resolve);
    });
  }
}

export function failed<T>(fault: ReadFault, detail: string): Reading<T> {
  return { kind: 'failed', fault, detail };
}

export function readValue<T>(value: T, receivedAt: Micros): Reading<T> {
  return { kind: 'read', value, receivedAt };
}

/** `then` on what was read; a failure passes through. */
export function mapReading<T, U>(reading: Reading<T>, map: (value: T) => U): Reading<U> {
  return reading.kind === 'failed' ? reading : { ...reading, value: map(reading.value) };
}

function parsed<T>({ schema, path }: Read<T>, reply: HttpReply, receivedAt: Micros): Reading<T> {
  let body: unknown;
  try {
    // Some answers of "nothing" have no body at all (finished orders, 2026).
    body = reply.body === '' ? null : JSON.parse(reply.body);
  } catch {
    // The reply was cut or is a page for people: what it says is not known.
    return failed('malformed', `expected JSON of ${path}, found ${reply.body.length} other characters`);
  }
  const result = schema.safeParse(body);
  if (result.success) return { kind: 'read', value: result.data, receivedAt };
  return failed('malformed', `expected the documented body of ${path}: ${whyNot(result.error)}`);
}

function faultOf(status: number): ReadFault {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  return status === 404 ? 'notFound' : 'venueError';
}

function queryText(query: Query): string {
  if (query.length === 0) return '';
  return `?${query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
}
