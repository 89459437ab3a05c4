/** What follows from a match: fees, money, positions, trades, order records, and the news of all that. */
import type { BookEvent, CancelReason, Outcome, Side } from '../matching/engine.ts';
import type { Core } from './core.ts';
import { chargeFill, type FeeRates, resolveRates, tradeFeeMicro } from './fees.ts';
import type { FillRecord, OrderRecord, TradeRecord, UpdateReason } from './model.ts';
import { costMicro } from './numbers.ts';
import { closingE6, type Execution, revenueOf } from './purse.ts';

/** Owner of every order that belongs to no account. */
export const HOUSE = 'house';

const REASONS: Readonly<Record<string, UpdateReason>> = {
  selfTrade: 'SelfTradeCancel',
  expired: 'ExpiryCancel',
  reduceOnly: 'ReduceOnlyCancel',
  margin: 'MarginCancel',
  close: 'CloseCancel',
  halt: 'HaltCancel',
  decrease: 'Decrease',
};

/** One execution with its two orders; an id without a record is the house's. */
export interface Match {
  readonly ticker: string;
  readonly makerId: string;
  readonly takerId: string;
  readonly takerSide: Side;
  readonly priceE4: number;
  readonly sizeE6: number;
}

/** Whose balance, and on which market. */
type Payer = Pick<OrderRecord, 'accountId' | 'subaccount' | 'exchangeIndex' | 'ticker'>;

interface News {
  readonly trades: TradeRecord[];
  readonly fills: FillRecord[];
  /** Orders that changed; each is told once, as it is in the end. */
  readonly orders: Set<string>;
}

export class Clearing {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Takes in what the engine did with one book. */
  digest(ticker: string, outcome: Outcome<string, string>): void {
    const news: News = { trades: [], fills: [], orders: new Set() };
    for (const event of outcome.events) this.#take(ticker, event, news);
    const atMicros = this.#core.nowMicros();
    for (const { side, priceE4, deltaE6, id } of outcome.levels) {
      const order = this.#core.blotter.find(id);
      const owner = order && {
        accountId: order.accountId,
        clientOrderId: order.clientOrderId,
        subaccount: order.subaccount,
      };
      this.#core.feed.book({ ticker, side, priceE4, deltaE6, atMicros, owner });
    }
    this.#announce(ticker, news, outcome.levels.length > 0);
  }

  /** A match that the book knows nothing of: fills that come after a cancel, or beyond an order's size. */
  matchOutsideBook(match: Match): void {
    const news: News = { trades: [], fills: [], orders: new Set() };
    this.#execute(match, news);
    this.#announce(match.ticker, news, false);
  }

  contract(ticker: string): Pick<Execution, 'ticker' | 'eventTicker' | 'collateralReturn'> {
    const event = this.#core.catalog.eventOf(this.#core.catalog.market(ticker));
    return { ticker, eventTicker: event.eventTicker, collateralReturn: event.collateralReturnType };
  }

  /** The most that one fill may cost in fees: without what earlier roundings could give back. */
  feeBoundMicro(order: Payer, execution: Execution & { readonly isTaker: boolean }): number {
    const { exchangeIndex: shard, subaccount, accountId } = order;
    const account = this.#core.accounts.get(accountId);
    const held = account.purse({ shard, subaccount }).position(order.ticker).sizeE6;
    const fee = tradeFeeMicro({ rates: this.rates(order.ticker), ...execution }, this.#core.settings.feeRounding);
    const revenueMicro = revenueOf(held, execution);
    const precisionMicro = account.precisionMicro;
    const charge = { revenueMicro, tradeFeeMicro: fee, precisionMicro, accumulatorMicro: 0 };
    return chargeFill(charge, this.#core.settings.feeRounding).feeMicro;
  }

  rates(ticker: string): FeeRates {
    const { catalog } = this.#core;
    const market = catalog.market(ticker);
    const event = catalog.eventOf(market);
    const series = catalog.seriesOf(event);
    return resolveRates({
      series,
      event,
      market,
      seriesChanges: catalog.seriesFeeChanges.filter(({ subject }) => subject === series.ticker),
      eventChanges: catalog.eventFeeChanges.filter(({ subject }) => subject === event.eventTicker),
      nowMicros: this.#core.nowMicros(),
    });
  }

  #take(ticker: string, event: BookEvent<string, string>, news: News): void {
    const { blotter } = this.#core;
    switch (event.kind) {
      case 'accepted':
        if (blotter.find(event.order.id) !== undefined) news.orders.add(event.order.id);
        return;
      case 'filled': {
        const { maker, taker, priceE4, sizeE6 } = event;
        const match = { ticker, makerId: maker.id, takerId: taker.id, takerSide: taker.side, priceE4, sizeE6 };
        this.#execute(match, news);
        return;
      }
      case 'canceled':
        this.#cancel(event.order.id, event.sizeE6, event.reason);
        news.orders.add(event.order.id);
        return;
      case 'amended':
        news.orders.add(event.order.id);
        return;
      case 'killed':
      case 'refused':
        return;
    }
  }

  #cancel(orderId: string, sizeE6: number, reason: CancelReason): void {
    const order = this.#core.blotter.find(orderId);
    if (order === undefined) return;
    const remainingE6 = Math.max(0, order.remainingE6 - sizeE6);
    const isOver = remainingE6 === 0;
    const lastUpdateReason = REASONS[reason] ?? order.lastUpdateReason;
    const status = isOver ? 'canceled' : order.status;
    this.#core.blotter.change(orderId, { remainingE6, status, lastUpdateReason }, this.#core.nowMicros());
  }

  #execute(match: Match, news: News): void {
    const { ticker, priceE4, sizeE6, takerSide } = match;
    const atMicros = this.#core.nowMicros();
    const trade = { tradeId: this.#core.newId(), ticker, priceE4, sizeE6, takerSide, atMicros };
    const makerSide = takerSide === 'bid' ? 'ask' : 'bid';
    const opened = { bid: sizeE6, ask: 0 };
    for (const [orderId, side, isTaker] of [
      [match.makerId, makerSide, false],
      [match.takerId, takerSide, true],
    ] as const) {
      const order = this.#core.blotter.find(orderId);
      if (order === undefined) continue;
      const held = this.#purseOf(order).position(ticker).sizeE6;
      const closing = closingE6(held, side, sizeE6);
      opened[side] = side === 'bid' ? sizeE6 - closing : closing;
      news.fills.push(this.#fill(order, trade, { side, isTaker }));
      news.orders.add(orderId);
    }
    news.trades.push(trade);
    this.#core.catalog.addTrade(trade);
    const market = this.#core.catalog.market(ticker);
    this.#core.catalog.update(ticker, {
      lastPriceE4: priceE4,
      lastSizeE6: sizeE6,
      volumeE6: market.volumeE6 + sizeE6,
      dollarVolumeMicro: market.dollarVolumeMicro + costMicro(priceE4, sizeE6),
      openInterestE6: Math.max(0, market.openInterestE6 + opened.bid - opened.ask),
    });
  }

  #fill(order: OrderRecord, trade: TradeRecord, role: { side: Side; isTaker: boolean }): FillRecord {
    const { ticker, priceE4, sizeE6, atMicros } = trade;
    const { accountId, subaccount, exchangeIndex } = order;
    const purse = this.#purseOf(order);
    const account = this.#core.accounts.get(accountId);
    const execution: Execution = { ...this.contract(ticker), side: role.side, priceE4, sizeE6 };
    const rounding = this.#core.settings.feeRounding;
    const fee = chargeFill(
      {
        revenueMicro: revenueOf(purse.position(ticker).sizeE6, execution),
        tradeFeeMicro: tradeFeeMicro({ rates: this.rates(ticker), isTaker: role.isTaker, priceE4, sizeE6 }, rounding),
        precisionMicro: account.precisionMicro,
        accumulatorMicro: order.feeAccumulatorMicro,
      },
      rounding,
    );
    const position = purse.execute(execution, { feeMicro: fee.feeMicro, atMicros });
    account.remember({ shard: exchangeIndex, subaccount }, Math.floor(atMicros / 1_000), ticker);
    this.#count(order, { trade, isTaker: role.isTaker, ...fee });
    if (order.groupId !== undefined) this.#core.groups.matched(order.groupId, sizeE6);
    const record: FillRecord = {
      tradeId: trade.tradeId,
      orderId: order.orderId,
      clientOrderId: order.clientOrderId,
      accountId,
      subaccount,
      exchangeIndex,
      ticker,
      side: role.side,
      priceE4,
      sizeE6,
      isTaker: role.isTaker,
      feeMicro: fee.feeMicro,
      postPositionE6: position.sizeE6,
      atMicros,
    };
    this.#core.blotter.fills.push(record);
    return record;
  }

  /** Adds a fill to its order's record. */
  #count(
    order: OrderRecord,
    fill: { trade: TradeRecord; isTaker: boolean; feeMicro: number; accumulatorMicro: number },
  ): void {
    const { priceE4, sizeE6, atMicros } = fill.trade;
    const cost = costMicro(order.side === 'bid' ? priceE4 : 10_000 - priceE4, sizeE6);
    const remainingE6 = Math.max(0, order.remainingE6 - sizeE6);
    const change: Partial<OrderRecord> = {
      filledE6: order.filledE6 + sizeE6,
      remainingE6,
      status: remainingE6 === 0 && order.status === 'resting' ? 'executed' : order.status,
      takerCostMicro: order.takerCostMicro + (fill.isTaker ? cost : 0),
      makerCostMicro: order.makerCostMicro + (fill.isTaker ? 0 : cost),
      takerFeesMicro: order.takerFeesMicro + (fill.isTaker ? fill.feeMicro : 0),
      makerFeesMicro: order.makerFeesMicro + (fill.isTaker ? 0 : fill.feeMicro),
      yesNotionalMicro: order.yesNotionalMicro + costMicro(priceE4, sizeE6),
      feeAccumulatorMicro: fill.accumulatorMicro,
      lastUpdateReason: 'Trade',
    };
    this.#core.blotter.change(order.orderId, change, atMicros);
  }

  #announce(ticker: string, news: News, hasNewBook: boolean): void {
    const { feed, faults } = this.#core;
    // The public trade and the private fill of one execution may arrive in either order.
    const fillsFirst = faults.isArmed && faults.strike('V3', { market: ticker, step: 'fill' }) !== undefined;
    const tellTrades = (): void => {
      for (const trade of news.trades) feed.trade(trade);
    };
    if (!fillsFirst) tellTrades();
    for (const fill of news.fills) feed.fill(fill);
    if (fillsFirst) tellTrades();
    for (const orderId of news.orders) {
      const order = this.#core.blotter.find(orderId);
      if (order !== undefined) feed.order(order);
    }
    for (const fill of news.fills) this.#tellPosition(fill);
    if (news.trades.length > 0 || hasNewBook) feed.quote(ticker);
    this.#core.groups.sweepTriggered();
  }

  #tellPosition({ accountId, exchangeIndex: shard, subaccount, ticker }: FillRecord): void {
    const position = this.#core.accounts.get(accountId).purse({ shard, subaccount }).position(ticker);
    this.#core.feed.position({ accountId, shard, subaccount, ticker, position });
  }

  #purseOf({ accountId, exchangeIndex: shard, subaccount }: OrderRecord): ReturnType<typeof this.purse> {
    return this.purse(accountId, { shard, subaccount });
  }

  purse(accountId: string, key: { readonly shard: number; readonly subaccount: number }) {
    return this.#core.accounts.get(accountId).purse(key);
  }
}
