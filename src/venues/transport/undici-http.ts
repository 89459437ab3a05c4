/**
 * `HttpTransport` on undici's `dispatch`: the fastest way to one HTTP exchange in Node, and the only one that says
 * exactly when the first byte may have left and when the last one has.
 *
 * Orders and reads have connections of their own, so that no read ever stands before an order. A request that
 * finds all connections of its lane busy waits for one, within its own time limit.
 */
import { buildConnector } from 'undici';
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpListener, HttpRequest, HttpTransport } from '../../domain/ports/http.ts';
import { type Millis, millis } from '../../domain/units.ts';
import { Exchange, type Target, targetOf } from './undici-exchange.ts';
import { Lane } from './undici-lane.ts';

const MEBIBYTE = 1024 * 1024;
const ORDER_TARGETS_MAX = 32;

export interface UndiciHttpOptions {
  readonly clock: Clock;
  /** Connections that `keepWarm` opens for orders to one origin. Default 3. */
  readonly orderSockets?: number;
  /** Order connections to one origin at most, when all warm ones are busy. Default 8. */
  readonly orderSocketsMax?: number;
  /** Read connections to one origin at most. Default 8. */
  readonly readSocketsMax?: number;
  /** A longer reply ends as `lost`. Default 1 MiB. */
  readonly replyBytesMax?: number;
  /** An unused connection is closed after so long; `keepWarm` more often than that. Default 60 s. */
  readonly idleMsMax?: Millis;
  /** A certificate authority to trust besides the usual ones, as PEM: for a simulator with TLS. */
  readonly authority?: string;
}

export class UndiciHttp implements HttpTransport {
  readonly #options: UndiciHttpOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #orderTargets = new Map<string, Target>();
  #isClosed = false;

  constructor(options: UndiciHttpOptions) {
    this.#options = options;
  }

  send(request: HttpRequest, listener: HttpListener): void {
    const { clock, replyBytesMax = MEBIBYTE } = this.#options;
    const { origin, path } = this.#targetOf(request);
    const exchange = new Exchange({ clock, request, path, listener, replyBytesMax });
    if (this.#isClosed) process.nextTick(() => exchange.fail('but the transport is closed'));
    else this.#lane(origin, request.lane).send(exchange);
  }

  /**
   * Sends a cheap GET on every order connection to `origin`, so that all of them are open and known to work.
   * Resolves with how many are. Orders do not wait for it: they find another connection or open one.
   */
  async keepWarm(origin: string, path: string, timeoutMs: Millis = millis(5_000)): Promise<number> {
    const { orderSockets = 3 } = this.#options;
    const request: HttpRequest = {
      method: 'GET',
      url: new URL(path, origin).href,
      headers: {},
      body: undefined,
      timeoutMs,
      lane: 'order',
    };
    // All at once, so that each takes a connection of its own.
    await Promise.all(
      Array.from({ length: orderSockets }, () => {
        return new Promise<void>((resolve) => this.send(request, { onOutcome: () => resolve() }));
      }),
    );
    return this.#lane(new URL(origin).origin, 'order').openCount;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }

  /** New orders all go to the same few addresses, and an address is parsed as slowly as a connection is found. */
  #targetOf({ url, lane, method }: HttpRequest): Target {
    if (lane !== 'order' || method !== 'POST') return targetOf(url);
    const known = this.#orderTargets.get(url);
    if (known !== undefined) return known;
    const target = targetOf(url);
    if (this.#orderTargets.size < ORDER_TARGETS_MAX) this.#orderTargets.set(url, target);
    return target;
  }

  #lane(origin: string, name: HttpRequest['lane']): Lane {
    const key = `${name} ${origin}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const { orderSocketsMax = 8, readSocketsMax = 8, idleMsMax = millis(60_000), authority } = this.#options;
    const socketsMax = name === 'order' ? orderSocketsMax : readSocketsMax;
    const connect = buildConnector({
      timeout: 0,
      allowH2: false,
      ...(authority === undefined ? {} : { ca: authority }),
    });
    const lane = new Lane(origin, { socketsMax, idleMsMax, connect });
    this.#lanes.set(key, lane);
    return lane;
  }
}
