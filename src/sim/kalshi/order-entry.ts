/** Placing, changing and ending orders, checked in the order in which the venue seems to check. */
import { micros, type SizeE6 } from '../../domain/units.ts';
import type { NewOrder } from '../matching/engine.ts';
import { sizeOf } from '../matching/ladder.ts';
import type { Core } from './core.ts';
import { notFound, refuse } from './errors.ts';
import { isOnGrid } from './grid.ts';
import type { Market, OrderRecord } from './model.ts';
import type { AmendRequest, CreateRequest, DecreaseRequest } from './order-request.ts';
import { reducibleE6 } from './permits.ts';
import { Purse } from './purse.ts';

export interface Placed {
  readonly order: OrderRecord;
  /** What was matched by this very command. */
  readonly filledE6: number;
  readonly yesNotionalMicro: number;
  readonly feesMicro: number;
}

/** What a fault adds to an order. */
export interface PlaceExtras {
  /** The order matches at most this much, whatever it asks for. */
  readonly fillCapE6?: number;
  /** Fill-or-kill is treated as immediate-or-cancel. */
  readonly breaksFillOrKill?: boolean;
}

/** Where a cancel looks: without a market or a shard it goes to shard 0. */
export interface CancelPlace {
  readonly orderId: string;
  readonly marketTicker: string | undefined;
  readonly exchangeIndex: number | undefined;
  readonly subaccount: number | undefined;
}

export class OrderEntry {
  readonly #core: Core;
  readonly #fillCaps = new Map<string, number>();

  constructor(core: Core) {
    this.#core = core;
  }

  place(accountId: string, request: CreateRequest, extras: PlaceExtras = {}): Placed {
    const { accounts, blotter, clearing } = this.#core;
    const account = accounts.get(accountId);
    const market = this.#marketFor(request);
    this.requireTrading(market, 'place');
    const clientOrderId = request.clientOrderId ?? this.#core.newId();
    if (account.usedClientIds.has(clientOrderId)) throw refuse(409, 'order_already_exists');
    if (!isOnGrid(market.priceRanges, request.priceE4)) throw refuse(400, 'invalid_price');
    const { exchangeIndex } = market;
    if (request.groupId !== undefined) this.#core.groups.requireOpen(request.groupId, { accountId, exchangeIndex });
    const capE6 = this.#reduceOnlyCap(accountId, request, market);
    this.#requireFunds(accountId, { ...request, sizeE6: capE6 ?? request.sizeE6 }, market);
    account.usedClientIds.add(clientOrderId, this.#core.nowMs());
    const order = this.#newRecord(accountId, { ...request, clientOrderId }, market);
    blotter.put(order, this.#core.nowMs());
    if (extras.fillCapE6 !== undefined) this.#fillCaps.set(order.orderId, extras.fillCapE6);
    const outcome = this.#core.catalog.book(market.ticker).submit({
      ...engineOrder(order),
      timeInForce: extras.breaksFillOrKill === true ? 'immediateOrCancel' : request.timeInForce,
      reduceOnlyCapE6: capE6,
    });
    this.#fillCaps.delete(order.orderId);
    const first = outcome.events[0]?.kind;
    if (first === 'killed') return this.#killed(order);
    if (first === 'refused') return this.#postOnlyCrossed(order);
    clearing.digest(market.ticker, outcome);
    this.#scheduleExpiry(order);
    if (account.cancelAllUntilMs > this.#core.nowMs()) this.#cancelIfResting(order.orderId);
    const placed = blotter.known(order.orderId);
    const feesMicro = placed.takerFeesMicro + placed.makerFeesMicro;
    return { order: placed, filledE6: placed.filledE6, yesNotionalMicro: placed.yesNotionalMicro, feesMicro };
  }

  /** Unknown, canceled and executed orders all give the same 404 (recorded demo session 2026-06-11). */
  cancel(accountId: string, place: CancelPlace): { readonly order: OrderRecord; readonly reducedE6: SizeE6 } {
    const order = this.requireResting(accountId, place);
    const resting = this.#core.catalog.book(order.ticker).get(order.orderId);
    if (resting === undefined) throw notFound();
    this.cancelByVenue(order.orderId, 'user');
    return { order: this.#core.blotter.known(order.orderId), reducedE6: resting.remainingE6 };
  }

  /** Without asking who may; does nothing when the order does not rest. */
  cancelByVenue(orderId: string, reason: string, sizeE6?: SizeE6): void {
    const { ticker } = this.#core.blotter.known(orderId);
    const book = this.#core.catalog.book(ticker);
    if (book.get(orderId) === undefined) return;
    this.#core.clearing.digest(ticker, book.cancel(orderId, reason, sizeE6));
  }

  /** May reach into the following minute, as the venue documents. */
  cancelAll(accountId: string, scope: { subaccount: number | undefined; lingersMs: number }): number {
    const { blotter, accounts } = this.#core;
    const mine = blotter
      .orders()
      .filter((order) => order.accountId === accountId && order.status === 'resting')
      .filter(({ subaccount }) => scope.subaccount === undefined || subaccount === scope.subaccount);
    for (const { orderId, ticker } of mine)
      if (this.#core.standing.allows(this.#core.catalog.market(ticker), 'cancel')) this.cancelByVenue(orderId, 'user');
    accounts.get(accountId).cancelAllUntilMs = this.#core.nowMs() + scope.lingersMs;
    return mine.length;
  }

  amend(accountId: string, place: CancelPlace, request: AmendRequest): Placed {
    const order = this.requireResting(accountId, { ...place, marketTicker: request.ticker }, 'amend');
    const market = this.#core.catalog.market(order.ticker);
    if (request.side !== order.side) throw refuse(400, 'invalid_parameters');
    if (!isOnGrid(market.priceRanges, request.priceE4)) throw refuse(400, 'invalid_price');
    const account = this.#core.accounts.get(accountId);
    const nextId = request.updatedClientOrderId ?? order.clientOrderId;
    if (nextId !== order.clientOrderId && account.usedClientIds.has(nextId)) throw refuse(409, 'order_already_exists');
    const remainingE6 = sizeOf(Math.max(0, request.totalE6 - order.filledE6));
    const wanted = { ...engineRequest(order), priceE4: request.priceE4, sizeE6: remainingE6 };
    this.#requireFunds(accountId, wanted, market);
    const book = this.#core.catalog.book(order.ticker);
    if (
      order.postOnly &&
      request.priceE4 !== order.priceE4 &&
      book.wouldCross({ side: order.side, priceE4: request.priceE4 })
    )
      throw refuse(400, 'invalid_order', 'post only cross');
    account.usedClientIds.add(nextId, this.#core.nowMs());
    const now = this.#core.nowMicros();
    const before = this.#core.blotter.change(
      order.orderId,
      {
        priceE4: request.priceE4,
        clientOrderId: nextId,
        initialE6: request.totalE6,
        remainingE6: remainingE6 === 0 ? order.remainingE6 : remainingE6,
        lastUpdateReason: 'Amend',
      },
      now,
    );
    this.#core.clearing.digest(order.ticker, book.amend(order.orderId, { priceE4: request.priceE4, remainingE6 }));
    const after = this.#core.blotter.known(order.orderId);
    return {
      order: after,
      filledE6: after.filledE6 - before.filledE6,
      yesNotionalMicro: after.yesNotionalMicro - before.yesNotionalMicro,
      feesMicro: feesOf(after) - feesOf(before),
    };
  }

  decrease(accountId: string, place: CancelPlace, request: DecreaseRequest): OrderRecord {
    const order = this.requireResting(accountId, place, 'amend');
    const { remainingE6 } = order;
    const by = request.kind === 'by' ? request.sizeE6 : remainingE6 - request.sizeE6;
    if (by < 0) throw refuse(400, 'invalid_parameters');
    if (by > 0) this.cancelByVenue(order.orderId, 'decrease', sizeOf(Math.min(by, remainingE6)));
    return this.#core.blotter.known(order.orderId);
  }

  fillCapE6(orderId: string): number | undefined {
    return this.#fillCaps.get(orderId);
  }

  /** The order rests, is theirs, and its market lets this be done. */
  requireResting(accountId: string, place: CancelPlace, operation: 'cancel' | 'amend' = 'cancel'): OrderRecord {
    const order = this.#core.blotter.find(place.orderId);
    if (order === undefined || order.accountId !== accountId) throw notFound();
    const shard = this.#shardOf(place);
    const isThere = shard === order.exchangeIndex && (place.subaccount ?? order.subaccount) === order.subaccount;
    if (!isThere || order.status !== 'resting') throw notFound();
    this.requireTrading(this.#core.catalog.market(order.ticker), operation);
    return order;
  }

  requireTrading(market: Market, operation: 'place' | 'amend' | 'cancel'): void {
    const refusal = this.#core.standing.refusal(market, operation);
    if (refusal !== undefined) throw refusal;
  }

  #shardOf(place: CancelPlace): number {
    if (place.exchangeIndex !== undefined && place.exchangeIndex >= 0) return place.exchangeIndex;
    return place.marketTicker === undefined ? 0 : (this.#core.catalog.find(place.marketTicker)?.exchangeIndex ?? 0);
  }

  #marketFor({ ticker, exchangeIndex }: CreateRequest): Market {
    const market = this.#core.catalog.find(ticker);
    if (market === undefined) throw refuse(404, 'market_not_found');
    if (exchangeIndex !== undefined && exchangeIndex >= 0 && exchangeIndex !== market.exchangeIndex)
      throw refuse(404, 'market_not_found');
    return market;
  }

  #reduceOnlyCap(accountId: string, request: CreateRequest, market: Market): SizeE6 | undefined {
    if (!request.reduceOnly) return undefined;
    const purse = this.#core.clearing.purse(accountId, {
      shard: market.exchangeIndex,
      subaccount: request.subaccount,
    });
    return sizeOf(Math.min(request.sizeE6, reducibleE6(purse.position(market.ticker).sizeE6, request.side)));
  }

  /** Price times count for a bid, the rest of the dollar for an ask, less what it closes, with the taker's fee. */
  #requireFunds(accountId: string, request: FundedOrder, market: Market): void {
    const { side, priceE4, sizeE6, subaccount } = request;
    if (sizeE6 === 0) return;
    const shard = market.exchangeIndex;
    const purse = new Purse(this.#core.clearing.purse(accountId, { shard, subaccount }));
    const before = purse.cashMicro;
    if (this.#core.settings.restingOrdersReserve)
      purse.cashMicro -= this.restingValueMicro(accountId, { shard, subaccount }, request.orderId);
    const execution = { ...this.#core.clearing.contract(market.ticker), side, priceE4, sizeE6 };
    const pays = { accountId, ticker: market.ticker, exchangeIndex: shard, subaccount };
    const feeMicro = this.#core.clearing.feeBoundMicro(pays, { ...execution, isTaker: true });
    purse.execute(execution, { feeMicro, atMicros: 0 });
    if (purse.cashMicro < 0 && purse.cashMicro < before) throw refuse(400, 'insufficient_balance');
  }

  /** What the resting orders of a balance would cost if all were filled. */
  restingValueMicro(
    accountId: string,
    key: { readonly shard: number; readonly subaccount: number },
    except?: string,
  ): number {
    let total = 0;
    for (const order of this.#core.blotter.orders()) {
      if (order.accountId !== accountId || order.status !== 'resting' || order.orderId === except) continue;
      if (order.exchangeIndex !== key.shard || order.subaccount !== key.subaccount) continue;
      const own = order.side === 'bid' ? order.priceE4 : 10_000 - order.priceE4;
      total += own * (order.remainingE6 / 10_000);
    }
    return total;
  }

  #killed(order: OrderRecord): Placed {
    this.#core.blotter.forget(order.orderId);
    if (this.#core.settings.fillOrKillAnswer === 'conflict')
      throw refuse(409, 'fill_or_kill_insufficient_resting_volume');
    const dead: OrderRecord = { ...order, remainingE6: 0, status: 'canceled' };
    return { order: dead, filledE6: 0, yesNotionalMicro: 0, feesMicro: 0 };
  }

  #postOnlyCrossed(order: OrderRecord): Placed {
    if (this.#core.settings.postOnlyCross === 'refuse') {
      this.#core.blotter.forget(order.orderId);
      throw refuse(400, 'invalid_order', 'post only cross');
    }
    const change = { remainingE6: 0, status: 'canceled', lastUpdateReason: 'PostOnlyCrossCancel' } as const;
    const dead = this.#core.blotter.change(order.orderId, change, this.#core.nowMicros());
    this.#core.feed.order(dead);
    return { order: dead, filledE6: 0, yesNotionalMicro: 0, feesMicro: 0 };
  }

  #scheduleExpiry(order: OrderRecord): void {
    if (order.expirationMicros === undefined) return;
    const sweepMicros = order.expirationMicros + this.#core.settings.expirySweepLateMs * 1_000;
    this.#core.at(sweepMicros, () => {
      const book = this.#core.catalog.book(order.ticker);
      this.#core.clearing.digest(order.ticker, book.expire(order.expirationMicros ?? 0));
    });
  }

  #cancelIfResting(orderId: string): void {
    if (this.#core.blotter.find(orderId)?.status === 'resting') this.cancelByVenue(orderId, 'user');
  }

  #newRecord(accountId: string, request: CreateRequest & { clientOrderId: string }, market: Market): OrderRecord {
    const now = this.#core.nowMicros();
    return {
      orderId: this.#core.newId(),
      clientOrderId: request.clientOrderId,
      accountId,
      subaccount: request.subaccount,
      exchangeIndex: market.exchangeIndex,
      ticker: market.ticker,
      side: request.side,
      priceE4: request.priceE4,
      timeInForce: request.timeInForce,
      expirationMicros: request.expirationMicros,
      selfTrade: request.selfTrade,
      postOnly: request.postOnly,
      reduceOnly: request.reduceOnly,
      cancelOnPause: request.cancelOnPause,
      groupId: request.groupId,
      createdMicros: now,
      updatedMicros: now,
      status: 'resting',
      initialE6: request.sizeE6,
      filledE6: 0,
      remainingE6: request.sizeE6,
      takerCostMicro: 0,
      makerCostMicro: 0,
      takerFeesMicro: 0,
      makerFeesMicro: 0,
      yesNotionalMicro: 0,
      feeAccumulatorMicro: 0,
      lastUpdateReason: undefined,
    };
  }
}

interface FundedOrder {
  readonly side: OrderRecord['side'];
  readonly priceE4: OrderRecord['priceE4'];
  readonly sizeE6: number;
  readonly subaccount: number;
  readonly orderId?: string;
}

function engineOrder(order: OrderRecord): NewOrder<string, string> {
  return {
    id: order.orderId,
    owner: order.accountId,
    side: order.side,
    priceE4: order.priceE4,
    sizeE6: sizeOf(order.remainingE6),
    timeInForce: order.timeInForce,
    expiresAt: order.expirationMicros === undefined ? undefined : micros(order.expirationMicros),
    postOnly: order.postOnly,
    selfTrade: order.selfTrade,
    group: order.groupId,
  };
}

function engineRequest({ side, subaccount, orderId }: OrderRecord): Omit<FundedOrder, 'priceE4' | 'sizeE6'> {
  return { side, subaccount, orderId };
}

function feesOf({ takerFeesMicro, makerFeesMicro }: OrderRecord): number {
  return takerFeesMicro + makerFeesMicro;
}
