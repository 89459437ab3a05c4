/**
 * What changes something at the venue: orders, cancels, the heartbeat. Each is sent exactly once, whatever comes
 * back; nothing here waits, repeats or asks again. Nothing polls for settlement after a match.
 */

import { invariant } from '../../domain/invariant.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpMethod, HttpOutcome, HttpTransport } from '../../domain/ports/http.ts';
import type { CancelOutcome, OrderOutcome, Refused } from '../../domain/ports/venue.ts';
import { RateLimiter, type RateState, type Traffic } from '../../domain/rate-limit.ts';
import type { Millis } from '../../domain/units.ts';
import {
  classifyBatch,
  classifyCancel,
  classifyCancelAll,
  classifyHeartbeat,
  classifyOrder,
  type HeartbeatOutcome,
  retryAfterOf,
  type SentOrder,
} from './classify.ts';
import { BATCH_CANCELS_MAX, BATCH_ORDERS_MAX, CLOB } from './endpoints.ts';
import type { VenueGate } from './gate.ts';
import type { Headers, L2Authenticator } from './l2-auth.ts';
import type { PolymarketSettings } from './presets.ts';

const MICROS_PER_SECOND = 1_000_000;
/** A proof that was made ahead leaves within this, or is made anew: the venue compares its clock with ours. */
const PROOF_AGE_S_MAX = 1;

export interface CommandOptions {
  readonly http: HttpTransport;
  readonly clock: Clock;
  readonly settings: PolymarketSettings;
  readonly authenticator: L2Authenticator;
  readonly gate: VenueGate;
}

/** An order and the text of its request. */
export interface OutgoingOrder extends SentOrder {
  readonly wireBody: string;
  /** Made ahead, for this body and for a moment only. */
  readonly proof?: Proof | undefined;
}

/** Headers that say who sends a command, at the second in which they were made. */
export interface Proof {
  readonly timestampS: number;
  readonly headers: Headers;
}

interface Command {
  readonly method: HttpMethod;
  readonly path: string;
  readonly body: string | undefined;
}

export class PolymarketCommands {
  readonly #http: HttpTransport;
  readonly #clock: Clock;
  readonly #settings: PolymarketSettings;
  readonly #authenticator: L2Authenticator;
  readonly #gate: VenueGate;
  readonly #orders: RateLimiter;
  readonly #cancels: RateLimiter;

  constructor({ http, clock, settings, authenticator, gate }: CommandOptions) {
    this.#http = http;
    this.#clock = clock;
    this.#settings = settings;
    this.#authenticator = authenticator;
    this.#gate = gate;
    this.#orders = new RateLimiter(settings.orderLimit, clock.nowMs());
    this.#cancels = new RateLimiter(settings.cancelLimit, clock.nowMs());
  }

  /** How much of the budgets of orders and cancels is used. */
  rateStates(nowMs: Millis): { readonly write: RateState; readonly cancel: RateState } {
    return { write: this.#orders.state(nowMs), cancel: this.#cancels.state(nowMs) };
  }

  submit(order: OutgoingOrder, onOutcome: (outcome: OrderOutcome) => void, onSent?: () => void): void {
    const refusal = this.#refusal(this.#orders, { cost: 1, traffic: trafficOf(order) });
    if (refusal !== undefined) {
      onOutcome(refusal);
      return;
    }
    const command: Command = { method: 'POST', path: CLOB.order, body: order.wireBody };
    this.#send(command, onSent, (reply) => onOutcome(this.#judge(reply, order)), order.proof);
  }

  /** Proves an order ahead: for about a second it may be sent with it. */
  prove(wireBody: string): Proof {
    return this.#proof({ method: 'POST', path: CLOB.order, body: wireBody });
  }

  /** Up to 15 orders in one request. The whole batch is admitted by the budget or none of it. */
  submitBatch(
    orders: readonly OutgoingOrder[],
    onOutcomes: (outcomes: readonly OrderOutcome[]) => void,
    onSent?: () => void,
  ): void {
    invariant(
      orders.length > 0 && orders.length <= BATCH_ORDERS_MAX,
      () => `a batch must hold 1 to ${BATCH_ORDERS_MAX} orders, found ${orders.length}`,
    );
    const traffic: Traffic = orders.every((order) => order.request.isReducing) ? 'reducing' : 'ordinary';
    const refusal = this.#refusal(this.#orders, { cost: orders.length, traffic });
    if (refusal !== undefined) {
      onOutcomes(orders.map(() => refusal));
      return;
    }
    const body = `[${orders.map(({ wireBody }) => wireBody).join(',')}]`;
    this.#send({ method: 'POST', path: CLOB.orders, body }, onSent, (reply) => {
      const outcomes = classifyBatch(reply, orders);
      this.#note(reply, outcomes[0]);
      onOutcomes(outcomes);
    });
  }

  cancel(orderId: string, onOutcome: (outcome: CancelOutcome) => void): void {
    const body = JSON.stringify({ orderID: orderId });
    this.#cancel(
      { method: 'DELETE', path: CLOB.order, body },
      (reply) => onOutcome(classifyCancel(reply, orderId)),
      onOutcome,
    );
  }

  /**
   * Costs one token and one more for every order canceled, which cannot be known before: with many resting orders
   * it may push the venue's balance of cancels below zero.
   */
  cancelAll(onOutcome: (outcome: CancelOutcome) => void): void {
    this.#cancel(
      { method: 'DELETE', path: CLOB.cancelAll, body: undefined },
      (reply) => onOutcome(classifyCancelAll(reply)),
      onOutcome,
    );
  }

  /** Everything we have resting on one token. */
  cancelMarket(
    market: { readonly conditionId: string; readonly tokenId: string },
    onOutcome: (outcome: CancelOutcome) => void,
  ): void {
    const body = JSON.stringify({ market: market.conditionId, asset_id: market.tokenId });
    const command: Command = { method: 'DELETE', path: CLOB.cancelMarketOrders, body };
    this.#cancel(command, (reply) => onOutcome(classifyCancelAll(reply)), onOutcome);
  }

  /** Up to 1,000 orders by id, each with an outcome of its own. */
  cancelMany(orderIds: readonly string[], onOutcomes: (outcomes: readonly CancelOutcome[]) => void): void {
    invariant(
      orderIds.length > 0 && orderIds.length <= BATCH_CANCELS_MAX,
      () => `a batch must hold 1 to ${BATCH_CANCELS_MAX} ids, found ${orderIds.length}`,
    );
    const command: Command = { method: 'DELETE', path: CLOB.orders, body: JSON.stringify(orderIds) };
    this.#cancel(
      command,
      (reply) => onOutcomes(orderIds.map((orderId) => classifyCancel(reply, orderId))),
      (refusal) => onOutcomes(orderIds.map(() => refusal)),
      orderIds.length,
    );
  }

  /**
   * One beat of the dead-man's switch: once it beats, missing ten seconds cancels every order of this key. The
   * first beat has an empty id, every other the id of the answer before. Its owner never lets two overlap.
   */
  heartbeat(heartbeatId: string, onBeat: (beat: HeartbeatOutcome) => void): void {
    const body = JSON.stringify({ heartbeat_id: heartbeatId });
    this.#send({ method: 'POST', path: CLOB.heartbeats, body }, undefined, (reply) => onBeat(classifyHeartbeat(reply)));
  }

  #judge(reply: HttpOutcome, order: OutgoingOrder): OrderOutcome {
    const outcome = classifyOrder(reply, order);
    this.#note(reply, outcome, order.request.postOnly);
    return outcome;
  }

  #note(reply: HttpOutcome, outcome: OrderOutcome | undefined, wasPostOnly = false): void {
    const nowMs = this.#clock.nowMs();
    this.#gate.noteReply(reply, nowMs);
    if (outcome === undefined) return;
    this.#gate.noteOutcome(outcome, { nowMs, wasPostOnly });
    if (outcome.kind === 'refused' && outcome.reason === 'rateLimited')
      this.#orders.limited(nowMs, outcome.retryAfterMs);
    else if (reply.kind === 'reply') this.#orders.accepted();
  }

  #cancel(
    command: Command,
    onReply: (reply: HttpOutcome) => void,
    onRefusal: (refusal: Refused<'budgetExhausted'>) => void,
    cost = 1,
  ): void {
    const refusal = this.#refusal(this.#cancels, { cost, traffic: 'reducing' });
    if (refusal !== undefined) {
      onRefusal(refusal);
      return;
    }
    this.#send(command, undefined, (reply) => {
      const nowMs = this.#clock.nowMs();
      this.#gate.noteReply(reply, nowMs);
      if (reply.kind === 'reply' && reply.status === 429) this.#cancels.limited(nowMs, retryAfterOf(reply));
      onReply(reply);
    });
  }

  #refusal(
    limiter: RateLimiter,
    { cost, traffic }: { readonly cost: number; readonly traffic: Traffic },
  ): Refused<'budgetExhausted'> | undefined {
    const verdict = limiter.take({ cost, traffic, nowMs: this.#clock.nowMs() });
    if (verdict.kind === 'granted') return undefined;
    const detail = `our budget of requests is ${verdict.state}, nothing was sent`;
    return { kind: 'refused', reason: 'budgetExhausted', detail, retryAfterMs: verdict.waitMs };
  }

  #proof(command: Command): Proof {
    const timestampS = this.#second();
    return { timestampS, headers: this.#authenticator.headers({ timestampS, ...command }) };
  }

  #second(): number {
    return Math.floor(this.#clock.wall() / MICROS_PER_SECOND);
  }

  #send(
    command: Command,
    onSent: (() => void) | undefined,
    onOutcome: (reply: HttpOutcome) => void,
    ahead: Proof | undefined = undefined,
  ): void {
    const { method, path, body } = command;
    const isFresh = ahead !== undefined && Math.abs(this.#second() - ahead.timestampS) <= PROOF_AGE_S_MAX;
    const proof = isFresh ? ahead : this.#proof(command);
    this.#http.send(
      {
        method,
        url: `${this.#settings.hosts.clob}${path}`,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'user-agent': 'tandem',
          ...proof.headers,
        },
        body,
        timeoutMs: this.#settings.orderTimeoutMs,
        lane: 'order',
      },
      { onOutcome, ...(onSent === undefined ? {} : { onSent }) },
    );
  }
}

/** Traffic that lowers our risk may use what is kept back. */
function trafficOf(order: SentOrder): Traffic {
  return order.request.isReducing ? 'reducing' : 'ordinary';
}
