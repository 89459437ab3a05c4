/**
 * Orders as Kalshi takes them: create, cancel, amend, decrease, whole batches and everything at once.
 * Each request leaves once; its reply is classified and the answer goes to whoever asked.
 */
import type { CancelOutcome, OrderOutcome, OrderRequest, Refused } from '../../domain/ports/venue.ts';
import type { SizeE6 } from '../../domain/units.ts';
import {
  type ChangeOutcome,
  classifyCancel,
  classifyCancelAll,
  classifyCancelRow,
  classifyChange,
  classifyOrder,
  classifyOrderRow,
  type OrderAsked,
  refused,
} from './classify.ts';
import { bookSideOf, onYesScale, tickerOf } from './direction.ts';
import { endpoints, type PathIds, queryText } from './endpoints.ts';
import { jsonOf } from './error-body.ts';
import { countText, engineOf, isCount, type MarketFacts, priceText } from './order-body.ts';
import { batchReply, batchRowIds } from './rest-wire.ts';
import { Sender, type WriteRequest } from './sender.ts';
import { CancelHeaders, HeaderStack } from './signed-headers.ts';
import type { WireAccess } from './wire-access.ts';

type Order = Pick<OrderRequest, 'clientOrderId' | 'instrument' | 'postOnly' | 'isReducing'>;

/** An order of ours at the venue. */
export interface OrderAtVenue {
  readonly venueOrderId: string;
  readonly request: Pick<OrderRequest, 'clientOrderId' | 'instrument' | 'action' | 'postOnly' | 'isReducing'>;
  readonly market: MarketFacts | undefined;
}

export interface CancelTarget {
  readonly venueOrderId: string;
  readonly ticker: string;
  readonly market: MarketFacts | undefined;
}

export class KalshiOrders {
  readonly #access: WireAccess;
  readonly #sender: Sender;
  readonly #createHeaders: HeaderStack;
  readonly #cancelHeaders: CancelHeaders;
  readonly #createPath: string;

  constructor(access: WireAccess) {
    const { signer, clock, settings } = access;
    this.#access = access;
    this.#sender = new Sender(access);
    this.#createPath = access.pathOf(endpoints.createOrder);
    this.#createHeaders = new HeaderStack({
      signer,
      clock,
      method: 'POST',
      path: this.#createPath,
      terms: settings.headers,
    });
    this.#cancelHeaders = new CancelHeaders({
      signer,
      clock,
      ageMsMax: settings.headers.ageMsMax,
      pathOf: (venueOrderId) => access.pathOf(endpoints.cancelOrder, { order_id: venueOrderId }),
    });
  }

  /** Signs ahead of the next orders and cancels, off the loop. Its owner calls it, twice in a header's life. */
  async refreshHeaders(): Promise<void> {
    await Promise.all([this.#createHeaders.refresh(), this.#cancelHeaders.refresh()]);
  }

  /** Orders whose cancel lies ready. */
  get restingCount(): number {
    return this.#cancelHeaders.orderCount;
  }

  create(
    body: string,
    order: Order,
    onOutcome: (outcome: OrderOutcome) => void,
    onSent: (() => void) | undefined = undefined,
  ): void {
    const asked = this.#asked(order);
    const refusal = this.#sender.send(
      {
        endpoint: endpoints.createOrder,
        path: this.#createPath,
        query: '',
        body,
        traffic: order.isReducing ? 'reducing' : 'ordinary',
        count: 1,
        headers: () => this.#createHeaders.take(),
      },
      { onSent, onOutcome: (reply) => onOutcome(this.#noted(classifyOrder(reply, asked))) },
    );
    if (refusal !== undefined) onOutcome(refusal);
  }

  /** The order is resting: its cancel is signed ahead. */
  learnResting(venueOrderId: string): void {
    // A signature that fails here is tried again when the cancel leaves, and fails there in front of its caller.
    this.#cancelHeaders.learn(venueOrderId).catch(() => undefined);
  }

  /** The order is over: its cancel is not needed any more. */
  forgetResting(venueOrderId: string): void {
    this.#cancelHeaders.forget(venueOrderId);
  }

  cancel(target: CancelTarget, onOutcome: (outcome: CancelOutcome) => void): void {
    const { venueOrderId, ticker } = target;
    const asked = { venueOrderId, onLimit: this.#access.settings.onLimit };
    const refusal = this.#sender.send(
      {
        endpoint: endpoints.cancelOrder,
        path: this.#access.pathOf(endpoints.cancelOrder, { order_id: venueOrderId }),
        // Without its ticker a cancel goes to the first engine and finds nothing there.
        query: queryText([
          ['market_ticker', ticker],
          ['exchange_index', this.#engine(target.market)],
          ['subaccount', this.#access.settings.orders.subaccount],
        ]),
        body: undefined,
        traffic: 'reducing',
        count: 1,
        headers: () => this.#cancelHeaders.take(venueOrderId),
      },
      {
        onOutcome: (reply) => {
          const outcome = classifyCancel(reply, asked);
          if (outcome.kind === 'done') this.forgetResting(venueOrderId);
          onOutcome(outcome);
        },
      },
    );
    if (refusal !== undefined) onOutcome(refusal);
  }

  /** Everything, also what is placed in the following minute (the venue's words). */
  cancelAll(onOutcome: (outcome: CancelOutcome) => void): void {
    const { onLimit, orders } = this.#access.settings;
    const refusal = this.#sender.send(
      {
        ...this.#request(endpoints.cancelAllOrders, {}, undefined),
        query: queryText([['subaccount', orders.subaccount]]),
        traffic: 'reducing',
        // The venue charges it like cancelling each order (since 2026-09-03), beyond our share if need be: our
        // own budget must never be what holds a kill switch up.
        count: 1,
      },
      { onOutcome: (reply) => onOutcome(classifyCancelAll(reply, onLimit)) },
    );
    if (refusal !== undefined) onOutcome(refusal);
  }

  /** Changes price and size. `totalE6` is what was filled already plus what should still rest. */
  amend(
    change: OrderAtVenue & {
      readonly nextClientOrderId: string;
      readonly limitE4: OrderRequest['limitE4'];
      readonly totalE6: SizeE6;
    },
    onOutcome: (outcome: ChangeOutcome) => void,
  ): void {
    const { request, market } = change;
    if (!isCount(change.totalE6)) {
      onOutcome(notACount(change.totalE6));
      return;
    }
    const body = JSON.stringify({
      ticker: tickerOf(request.instrument),
      side: bookSideOf(request),
      price: priceText(onYesScale(request.instrument, change.limitE4)),
      count: countText(change.totalE6),
      client_order_id: request.clientOrderId,
      updated_client_order_id: change.nextClientOrderId,
      ...engineOf(market, this.#access.settings.orders),
    });
    this.#change(endpoints.amendOrder, change, body, onOutcome);
  }

  /** Takes size off and keeps the place in the queue. `toE6` is what should still rest. */
  decrease(change: OrderAtVenue & { readonly toE6: SizeE6 }, onOutcome: (outcome: ChangeOutcome) => void): void {
    if (change.toE6 !== 0 && !isCount(change.toE6)) {
      onOutcome(notACount(change.toE6));
      return;
    }
    const body = JSON.stringify({
      reduce_to: countText(change.toE6),
      market_ticker: tickerOf(change.request.instrument),
      ...engineOf(change.market, this.#access.settings.orders),
    });
    this.#change(endpoints.decreaseOrder, change, body, onOutcome);
  }

  /** All in one request. Each order has its own outcome, in the order in which they were given. */
  createBatch(
    orders: readonly (Order & { readonly body: string })[],
    onOutcomes: (outcomes: readonly OrderOutcome[]) => void,
  ): void {
    const isReducing = orders.every((order) => order.isReducing);
    const refusal = this.#sender.send(
      {
        ...this.#request(endpoints.createOrders, {}, `{"orders":[${orders.map(({ body }) => body).join(',')}]}`),
        traffic: isReducing ? 'reducing' : 'ordinary',
        count: orders.length,
      },
      {
        onOutcome: (reply) => {
          const rows = reply.kind === 'reply' && reply.status < 300 ? rowsOf(reply.body) : undefined;
          onOutcomes(
            orders.map((order) => {
              const asked = this.#asked(order);
              const row = rows?.find((one) => idsOf(one)?.client_order_id === order.clientOrderId);
              return this.#noted(row === undefined ? classifyOrder(reply, asked) : classifyOrderRow(row, asked));
            }),
          );
        },
      },
    );
    if (refusal !== undefined) onOutcomes(orders.map(() => refusal));
  }

  cancelBatch(targets: readonly CancelTarget[], onOutcomes: (outcomes: readonly CancelOutcome[]) => void): void {
    const { onLimit, orders } = this.#access.settings;
    const body = JSON.stringify({
      orders: targets.map(({ venueOrderId, ticker, market }) => ({
        order_id: venueOrderId,
        market_ticker: ticker,
        ...engineOf(market, orders),
        ...(orders.subaccount !== undefined && { subaccount: orders.subaccount }),
      })),
    });
    const refusal = this.#sender.send(
      { ...this.#request(endpoints.cancelOrders, {}, body), traffic: 'reducing', count: targets.length },
      {
        onOutcome: (reply) => {
          const rows = reply.kind === 'reply' && reply.status < 300 ? rowsOf(reply.body) : undefined;
          onOutcomes(
            targets.map(({ venueOrderId }) => {
              const asked = { venueOrderId, onLimit };
              const row = rows?.find((one) => idsOf(one)?.order_id === venueOrderId);
              return row === undefined ? classifyCancel(reply, asked) : classifyCancelRow(row, asked);
            }),
          );
        },
      },
    );
    if (refusal !== undefined) onOutcomes(targets.map(() => refusal));
  }

  #change(
    endpoint: typeof endpoints.amendOrder | typeof endpoints.decreaseOrder,
    { venueOrderId, request }: OrderAtVenue,
    body: string,
    onOutcome: (outcome: ChangeOutcome) => void,
  ): void {
    const asked = { ...this.#asked(request), venueOrderId };
    const refusal = this.#sender.send(
      {
        ...this.#request(endpoint, { order_id: venueOrderId }, body),
        query: queryText([['subaccount', this.#access.settings.orders.subaccount]]),
        traffic: request.isReducing ? 'reducing' : 'ordinary',
        count: 1,
      },
      { onOutcome: (reply) => onOutcome(classifyChange(reply, asked)) },
    );
    if (refusal !== undefined) onOutcome(refusal);
  }

  /** A request that is signed when it leaves. */
  #request(
    endpoint: WriteRequest['endpoint'],
    ids: PathIds,
    body: string | undefined,
  ): Omit<WriteRequest, 'traffic' | 'count'> {
    const path = this.#access.pathOf(endpoint, ids);
    const headers = () => this.#access.signer.signNow(endpoint.method, path).headers;
    return { endpoint, path, query: '', body, headers };
  }

  #asked({ clientOrderId, instrument, postOnly }: Order): OrderAsked {
    return { clientOrderId, instrument, postOnly, onLimit: this.#access.settings.onLimit };
  }

  #engine(market: MarketFacts | undefined): number | undefined {
    return engineOf(market, this.#access.settings.orders).exchange_index;
  }

  #noted(outcome: OrderOutcome): OrderOutcome {
    if (outcome.kind === 'done' && outcome.restingE6 > 0) this.learnResting(outcome.venueOrderId);
    return outcome;
  }
}

function rowsOf(body: string): readonly unknown[] | undefined {
  return batchReply.safeParse(jsonOf(body)).data?.orders;
}

function idsOf(row: unknown) {
  return batchRowIds.safeParse(row).data;
}

function notACount(size: number): Refused<'invalidOrder'> {
  return refused('invalidOrder', `a size must be whole hundredths of a contract, found ${size} millionths`);
}
