/**
 * Reads over REST: signed off the loop, within the budget, and tried again where that is harmless.
 *
 * A read is repeated at most three times, after 1 s, 2 s and 4 s, when no reply came, the venue failed, or
 * it limited us without naming a time. Its own refusals and replies that break their schema are final.
 */
import type { z } from 'zod';
import type { Timer } from '../../domain/ports/clock.ts';
import type { HttpOutcome } from '../../domain/ports/http.ts';
import type { Reading } from '../../domain/ports/venue.ts';
import type { RateVerdict, Traffic } from '../../domain/rate-limit.ts';
import type { Micros } from '../../domain/units.ts';
import { classifyRead, failed, retryAfterMs } from './classify.ts';
import { type Endpoint, type PathIds, type Query, queryText } from './endpoints.ts';
import { jsonOf } from './error-body.ts';
import type { WireAccess } from './wire-access.ts';

export interface ReadRequest<T> {
  readonly endpoint: Endpoint;
  readonly ids?: PathIds;
  readonly query?: Query;
  readonly schema: z.ZodType<T>;
  /** Reducing for reads that find out what became of an order: they may use the reserve. */
  readonly traffic: Traffic;
  /** The reply of the exchange's status keeps its body when the status is 500, 503 or 504. */
  readonly alsoReadsServerErrors?: boolean;
}

/** One try, with the times around it. */
export interface Exchange {
  readonly outcome: HttpOutcome;
  readonly sentAt: Micros;
  readonly receivedAt: Micros;
}

const RETRIES_MAX = 3;
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 8_000;
/** A read that would wait longer for its budget fails instead: its answer would come too late to matter. */
const WAIT_MS_MAX = 60_000;
/** Reads that wait for their turn. Beyond, they fail: a queue without a bound hides that we ask too much. */
const WAITING_MAX = 1_000;
/** Pages of one list; ten times what the largest list of the venue had. */
const PAGES_MAX = 1_000;

const CLOSED = failed('unreachable', 'the adapter was closed');

export class Reader {
  readonly #access: WireAccess;
  /** The end of the queue of ordinary reads: each asks for its budget after the one before it. */
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;
  readonly #sleepers = new Map<Timer, () => void>();

  constructor(access: WireAccess) {
    this.#access = access;
  }

  async read<T>(request: ReadRequest<T>): Promise<Reading<T>> {
    for (let retries = 0; ; retries++) {
      const exchange = await this.exchange(request);
      if ('kind' in exchange) return exchange;
      const { outcome, receivedAt } = exchange;
      const reading = classifyRead(readable(outcome, request), request.schema, receivedAt);
      if (reading.kind === 'read') return reading;
      if (retries >= RETRIES_MAX || !isWorthAnother(outcome)) return inWordsOf(request, reading);
      await this.#sleep(Math.min(RETRY_MS_FIRST * 2 ** retries, RETRY_MS_MAX));
    }
  }

  /**
   * Every row of a list, to its last page. A cursor that repeats ends it as malformed: this venue answers a
   * cursor that it does not know with 200 and a first page (recorded 2026-06-11).
   */
  async pages<Page extends { readonly cursor?: string | undefined }, Row>(
    request: ReadRequest<Page>,
    rowsOf: (page: Page) => readonly Row[],
  ): Promise<Reading<readonly Row[]>> {
    const rows: Row[] = [];
    const seen = new Set<string>();
    let cursor: string | undefined;
    for (let pages = 0; pages < PAGES_MAX; pages++) {
      const reading = await this.read({ ...request, query: [...(request.query ?? []), ['cursor', cursor]] });
      if (reading.kind === 'failed') return reading;
      rows.push(...rowsOf(reading.value));
      cursor = reading.value.cursor;
      if (cursor === undefined || cursor === '') return { ...reading, value: rows };
      if (seen.has(cursor)) return failed('malformed', `${request.endpoint.name}: a cursor must not repeat`);
      seen.add(cursor);
    }
    return failed('malformed', `${request.endpoint.name}: expected at most ${PAGES_MAX} pages, found more`);
  }

  /** Sends once, within the budget. Failed only when nothing was sent. */
  async exchange(
    request: Omit<ReadRequest<unknown>, 'schema'>,
  ): Promise<Exchange | Extract<Reading<never>, { readonly kind: 'failed' }>> {
    const refusal = await this.#permit(request.endpoint, request.traffic);
    if (refusal !== undefined) return inWordsOf(request, refusal);
    const { clock, signer, http, settings } = this.#access;
    const path = this.#access.pathOf(request.endpoint, request.ids);
    const { headers } = await signer.signLater('GET', path);
    const sentAt = clock.wall();
    const outcome = await new Promise<HttpOutcome>((resolve) => {
      http.send(
        {
          method: 'GET',
          url: this.#access.urlOf(path, queryText(request.query ?? [])),
          headers: { accept: 'application/json', ...headers },
          body: undefined,
          timeoutMs: settings.timeouts.readMs,
          lane: 'read',
        },
        { onOutcome: resolve },
      );
    });
    this.#account(outcome);
    return { outcome, sentAt, receivedAt: clock.wall() };
  }

  /** Ends what waits. What is under way ends with its transport. */
  close(): void {
    this.#isClosed = true;
    for (const [timer, wake] of this.#sleepers) {
      this.#access.clock.clearTimeout(timer);
      wake();
    }
    this.#sleepers.clear();
  }

  #account(outcome: HttpOutcome): void {
    const { reads, clock } = this.#access;
    if (outcome.kind !== 'reply') return;
    if (outcome.status === 429) reads.limited(clock.nowMs(), retryAfterMs(outcome));
    else reads.accepted();
  }

  async #permit(endpoint: Endpoint, traffic: Traffic) {
    if (this.#waiting >= WAITING_MAX) return failed('rateLimited', `${WAITING_MAX} reads are waiting already`);
    const cost = this.#access.costs.of(endpoint);
    if (traffic === 'reducing') return await this.#awaitBudget(cost, traffic);
    this.#waiting++;
    const turn = this.#queue.then(() => this.#awaitBudget(cost, traffic));
    this.#queue = turn;
    const refusal = await turn;
    this.#waiting--;
    return refusal;
  }

  async #awaitBudget(cost: number, traffic: Traffic) {
    for (;;) {
      if (this.#isClosed) return CLOSED;
      const { reads, clock } = this.#access;
      const verdict: RateVerdict = reads.take({ cost, traffic, nowMs: clock.nowMs() });
      if (verdict.kind === 'granted') return undefined;
      if (verdict.waitMs === undefined || verdict.waitMs > WAIT_MS_MAX)
        return failed('rateLimited', `the budget of reads is ${verdict.state}`);
      await this.#sleep(verdict.waitMs);
    }
  }

  #sleep(delayMs: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#access.clock.setTimeout(() => {
        this.#sleepers.delete(timer);
        resolve();
      }, delayMs);
      this.#sleepers.set(timer, resolve);
    });
  }
}

/** A server error whose body is the reply all the same, as the reply that it is. */
function readable(outcome: HttpOutcome, request: ReadRequest<unknown>): HttpOutcome {
  if (request.alsoReadsServerErrors !== true || outcome.kind !== 'reply' || outcome.status < 500) return outcome;
  return request.schema.safeParse(jsonOf(outcome.body)).success ? { ...outcome, status: 200 } : outcome;
}

function isWorthAnother(outcome: HttpOutcome): boolean {
  if (outcome.kind !== 'reply') return true;
  // A limit with a time of its own is hard: whoever asks decides after that time.
  if (outcome.status === 429) return retryAfterMs(outcome) === undefined;
  return outcome.status >= 500;
}

function inWordsOf<Failure extends { readonly detail: string }>(
  request: { readonly endpoint: Endpoint },
  failure: Failure,
): Failure {
  return { ...failure, detail: `${request.endpoint.name}: ${failure.detail}` };
}
