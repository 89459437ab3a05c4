/**
 * Writes over REST: each is sent once, whatever becomes of it. There is no retry here and none below:
 * an order that was lost is looked for, never repeated.
 */
import { invariant } from '../../domain/invariant.ts';
import type { HttpOutcome } from '../../domain/ports/http.ts';
import type { Refused } from '../../domain/ports/venue.ts';
import type { Traffic } from '../../domain/rate-limit.ts';
import { refused, retryAfterMs } from './classify.ts';
import type { Endpoint } from './endpoints.ts';
import type { Headers } from './signed-headers.ts';
import type { WireAccess } from './wire-access.ts';

export interface WriteRequest {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
  readonly traffic: Traffic;
  /** How many orders it is about: each has its cost, and a batch fits whole or not at all. */
  readonly count: number;
  /** Made when the budget allows the request: headers are used once. */
  readonly headers: () => Headers;
}

export interface WriteListener {
  onOutcome(outcome: HttpOutcome): void;
  onSent?: (() => void) | undefined;
}

export class Sender {
  readonly #access: WireAccess;

  constructor(access: WireAccess) {
    this.#access = access;
  }

  /** Hands the request to the transport before it returns, or says why nothing was sent. */
  send(request: WriteRequest, listener: WriteListener): Refused<'budgetExhausted'> | undefined {
    const { writes, clock, costs, http, settings } = this.#access;
    const cost = costs.of(request.endpoint) * request.count;
    const verdict = writes.take({ cost, traffic: request.traffic, nowMs: clock.nowMs() });
    if (verdict.kind === 'refused')
      return refused('budgetExhausted', `${request.endpoint.name}: the budget is ${verdict.state}`, verdict.waitMs);
    let hasEnded = false;
    const onSent = listener.onSent;
    const content = request.body === undefined ? {} : { 'content-type': 'application/json' };
    http.send(
      {
        method: request.endpoint.method,
        url: this.#access.urlOf(request.path, request.query),
        headers: { accept: 'application/json', ...content, ...request.headers() },
        body: request.body,
        timeoutMs: settings.timeouts.orderMs,
        lane: 'order',
      },
      {
        ...(onSent !== undefined && { onSent: () => onSent() }),
        onOutcome: (outcome) => {
          invariant(!hasEnded, () => `${request.endpoint.name} must end once, found a second outcome`);
          hasEnded = true;
          this.#account(outcome);
          listener.onOutcome(outcome);
        },
      },
    );
    return undefined;
  }

  #account(outcome: HttpOutcome): void {
    const { writes, clock } = this.#access;
    if (outcome.kind !== 'reply') return;
    if (outcome.status === 429) writes.limited(clock.nowMs(), retryAfterMs(outcome));
    else writes.accepted();
  }
}
