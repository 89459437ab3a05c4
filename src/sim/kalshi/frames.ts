/** Messages of the WebSocket channels, in the venue's fields. */
import type { Catalog } from './catalog.ts';
import type { BookChange, PositionChange } from './feed.ts';
import type { JsonObject } from './json.ts';
import type { FillRecord, OrderRecord, TradeRecord } from './model.ts';
import { costMicro, countText, instantText, moneyText, moneyText4, priceText } from './numbers.ts';

/** Bids of both outcomes, best last; a side without levels is absent (Kalshi's WebSocket description). */
export function bookMessage(catalog: Catalog, ticker: string, useYesPrice: boolean): JsonObject {
  const { yes, no } = bidLists(catalog, ticker, useYesPrice);
  return {
    market_ticker: ticker,
    market_id: catalog.market(ticker).marketId,
    yes_dollars_fp: yes.length === 0 ? undefined : yes,
    no_dollars_fp: no.length === 0 ? undefined : no,
  };
}

type Row = readonly [price: string, count: string];

/** A NO bid at q is a YES ask at 1 - q; `useYesPrice` prices both lists on the YES scale. */
export function bidLists(
  catalog: Catalog,
  ticker: string,
  useYesPrice = false,
): { readonly yes: readonly Row[]; readonly no: readonly Row[] } {
  const book = catalog.book(ticker);
  const row = (price: number, size: number): Row => [priceText(price), countText(size)];
  return {
    yes: book
      .levels('bid')
      .map(({ priceE4, sizeE6 }) => row(priceE4, sizeE6))
      .toReversed(),
    no: book
      .levels('ask')
      .map(({ priceE4, sizeE6 }) => row(useYesPrice ? priceE4 : 10_000 - priceE4, sizeE6))
      .toReversed(),
  };
}

export function deltaMessage(
  catalog: Catalog,
  change: BookChange,
  reader: { readonly accountId: string; readonly useYesPrice: boolean },
): JsonObject {
  const { ticker, side, priceE4, deltaE6, atMicros, owner } = change;
  const isOwn = owner !== undefined && owner.accountId === reader.accountId;
  return {
    market_ticker: ticker,
    market_id: catalog.market(ticker).marketId,
    price_dollars: priceText(side === 'bid' || reader.useYesPrice ? priceE4 : 10_000 - priceE4),
    delta_fp: countText(deltaE6),
    side: side === 'bid' ? 'yes' : 'no',
    client_order_id: isOwn ? owner.clientOrderId : undefined,
    subaccount: isOwn ? owner.subaccount : undefined,
    ts: instantText(atMicros),
    ts_ms: toMs(atMicros),
  };
}

export function tickerMessage(catalog: Catalog, ticker: string, nowMicros: number): JsonObject {
  const market = catalog.market(ticker);
  const quotes = catalog.quotes(ticker);
  return {
    market_id: market.marketId,
    market_ticker: ticker,
    price_dollars: priceText(market.lastPriceE4),
    yes_bid_dollars: priceText(quotes.yesBidE4),
    yes_ask_dollars: priceText(quotes.yesAskE4),
    volume_fp: countText(market.volumeE6),
    open_interest_fp: countText(market.openInterestE6),
    dollar_volume: Math.trunc(market.dollarVolumeMicro / 1_000_000),
    dollar_open_interest: Math.trunc(costMicro(market.lastPriceE4, market.openInterestE6) / 1_000_000),
    yes_bid_size_fp: countText(quotes.yesBidE6),
    yes_ask_size_fp: countText(quotes.yesAskE6),
    last_trade_size_fp: countText(market.lastSizeE6),
    ts: toSeconds(nowMicros),
    ts_ms: toMs(nowMicros),
    time: instantText(nowMicros),
  };
}

export function tradeMessage(trade: TradeRecord): JsonObject {
  const { tradeId, ticker, priceE4, sizeE6, takerSide, atMicros } = trade;
  const outcome = takerSide === 'bid' ? 'yes' : 'no';
  return {
    trade_id: tradeId,
    market_ticker: ticker,
    yes_price_dollars: priceText(priceE4),
    no_price_dollars: priceText(10_000 - priceE4),
    count_fp: countText(sizeE6),
    taker_side: outcome,
    taker_outcome_side: outcome,
    taker_book_side: takerSide,
    is_block_trade: false,
    ts: toSeconds(atMicros),
    ts_ms: toMs(atMicros),
  };
}

export function fillMessage(fill: FillRecord): JsonObject {
  const outcome = fill.side === 'bid' ? 'yes' : 'no';
  return {
    trade_id: fill.tradeId,
    order_id: fill.orderId,
    client_order_id: fill.clientOrderId,
    market_ticker: fill.ticker,
    exchange_index: fill.exchangeIndex,
    is_taker: fill.isTaker,
    side: outcome,
    yes_price_dollars: priceText(fill.priceE4),
    count_fp: countText(fill.sizeE6),
    fee_cost: moneyText(fill.feeMicro),
    action: 'buy',
    ts: toSeconds(fill.atMicros),
    ts_ms: toMs(fill.atMicros),
    post_position_fp: countText(fill.postPositionE6),
    purchased_side: outcome,
    outcome_side: outcome,
    book_side: fill.side,
    subaccount: fill.subaccount,
  };
}

export function orderMessage(order: OrderRecord, userId: string): JsonObject {
  const outcome = order.side === 'bid' ? 'yes' : 'no';
  const { expirationMicros } = order;
  return {
    order_id: order.orderId,
    user_id: userId,
    ticker: order.ticker,
    exchange_index: order.exchangeIndex,
    status: order.status,
    side: outcome,
    is_yes: order.side === 'bid',
    outcome_side: outcome,
    book_side: order.side,
    yes_price_dollars: priceText(order.priceE4),
    fill_count_fp: countText(order.filledE6),
    remaining_count_fp: countText(order.remainingE6),
    initial_count_fp: countText(order.initialE6),
    taker_fill_cost_dollars: moneyText(order.takerCostMicro),
    maker_fill_cost_dollars: moneyText(order.makerCostMicro),
    taker_fees_dollars: moneyText(order.takerFeesMicro),
    maker_fees_dollars: moneyText(order.makerFeesMicro),
    client_order_id: order.clientOrderId,
    order_group_id: order.groupId,
    self_trade_prevention_type: order.selfTrade === 'maker' ? 'maker' : 'taker_at_cross',
    created_time: instantText(order.createdMicros),
    created_ts_ms: toMs(order.createdMicros),
    last_updated_ts_ms: order.lastUpdateReason === undefined ? undefined : toMs(order.updatedMicros),
    last_update_reason: order.lastUpdateReason,
    expiration_time: expirationMicros === undefined ? undefined : instantText(expirationMicros),
    expiration_ts_ms: expirationMicros === undefined ? undefined : toMs(expirationMicros),
    subaccount_number: order.subaccount,
  };
}

export function positionMessage({ ticker, position }: PositionChange, userId: string): JsonObject {
  return {
    user_id: userId,
    market_ticker: ticker,
    position_fp: countText(position.sizeE6),
    position_cost_dollars: moneyText4(position.costMicro),
    realized_pnl_dollars: moneyText4(position.realizedMicro),
    fees_paid_dollars: moneyText4(position.feesMicro),
    position_fee_cost_dollars: moneyText4(position.openFeesMicro),
    volume_fp: countText(position.volumeE6),
  };
}

function toMs(micros: number): number {
  return Math.floor(micros / 1_000);
}

function toSeconds(micros: number): number {
  return Math.floor(micros / 1_000_000);
}
