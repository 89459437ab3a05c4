/** Records as the REST endpoints show them. */
import type { Catalog } from './catalog.ts';
import { bidLists } from './frames.ts';
import type { JsonObject } from './json.ts';
import { rangeTexts } from './lifecycle.ts';
import type {
  EventRecord,
  FillRecord,
  Market,
  OrderRecord,
  SeriesRecord,
  SettlementRecord,
  TradeRecord,
} from './model.ts';
import { countText, instantText, moneyText, priceText, wholeCents } from './numbers.ts';
import type { Position } from './purse.ts';

const DAY_MICROS = 86_400_000_000;

export function marketView(catalog: Catalog, market: Market, nowMicros: number): JsonObject {
  return {
    ticker: market.ticker,
    event_ticker: market.eventTicker,
    market_type: market.marketType,
    title: market.title,
    yes_sub_title: market.yesSubTitle,
    no_sub_title: market.noSubTitle,
    created_time: instantText(market.createdMicros),
    updated_time: instantText(market.updatedMicros),
    open_time: instantText(market.openMicros),
    close_time: instantText(market.closeMicros),
    expected_expiration_time: instantText(market.expectedExpirationMicros),
    expiration_time: instantText(market.latestExpirationMicros),
    latest_expiration_time: instantText(market.latestExpirationMicros),
    occurrence_datetime: optionalInstant(market.occurrenceMicros),
    settlement_timer_seconds: market.settlementTimerSeconds,
    status: market.status,
    result: market.result,
    can_close_early: market.canCloseEarly,
    early_close_condition: market.earlyCloseCondition,
    expiration_value: market.expirationValue,
    ...quoteFields(catalog, market, nowMicros),
    notional_value_dollars: '1.0000',
    price_level_structure: market.priceLevelStructure,
    price_ranges: rangeTexts(market),
    strike_type: market.strikeType,
    floor_strike: market.floorStrike,
    cap_strike: market.capStrike,
    custom_strike: market.customStrike,
    rules_primary: market.rulesPrimary,
    rules_secondary: market.rulesSecondary,
    fee_waiver_expiration_time: optionalInstant(market.feeWaiverExpirationMicros),
    mve_collection_ticker: market.mveCollectionTicker,
    mve_selected_legs: market.mveSelectedLegs,
    is_provisional: market.isProvisional ? true : undefined,
    exchange_index: market.exchangeIndex,
    settlement_value_dollars: market.settlementValueE4 === undefined ? undefined : priceText(market.settlementValueE4),
    settlement_ts: optionalInstant(market.settledMicros),
  };
}

/** A combination without a book shows 1.0000 on both asks: no quote that anybody could trade (seen 2026-03-25). */
function quoteFields(catalog: Catalog, market: Market, nowMicros: number): JsonObject {
  const quotes = catalog.quotes(market.ticker);
  const isDecided = !['initialized', 'active', 'inactive', 'closed'].includes(market.status);
  const bid = isDecided ? 0 : quotes.yesBidE4;
  const ask = isDecided ? 10_000 : quotes.yesAskE4;
  const lastDay = catalog.trades(market.ticker).filter(({ atMicros }) => atMicros > nowMicros - DAY_MICROS);
  return {
    yes_bid_dollars: priceText(bid),
    yes_bid_size_fp: countText(quotes.yesBidE6),
    yes_ask_dollars: priceText(ask),
    yes_ask_size_fp: countText(quotes.yesAskE6),
    no_bid_dollars: priceText(10_000 - ask),
    no_ask_dollars: priceText(10_000 - bid),
    last_price_dollars: priceText(market.lastPriceE4),
    previous_yes_bid_dollars: '0.0000',
    previous_yes_ask_dollars: '0.0000',
    previous_price_dollars: '0.0000',
    volume_fp: countText(market.volumeE6),
    volume_24h_fp: countText(lastDay.reduce((sum, { sizeE6 }) => sum + sizeE6, 0)),
    open_interest_fp: countText(market.openInterestE6),
  };
}

export function eventView(event: EventRecord): JsonObject {
  return {
    event_ticker: event.eventTicker,
    series_ticker: event.seriesTicker,
    title: event.title,
    sub_title: event.subTitle,
    collateral_return_type: event.collateralReturnType,
    mutually_exclusive: event.mutuallyExclusive,
    category: event.category,
    strike_date: event.strikeDate,
    strike_period: event.strikePeriod,
    settlement_sources: event.settlementSources.map(({ name, url }) => ({ name, url })),
    product_metadata: {},
    fee_type_override: event.feeTypeOverride ?? undefined,
    fee_multiplier_override: event.feeMultiplierOverride ?? undefined,
    last_updated_ts: instantText(event.updatedMicros),
    exchange_index: event.exchangeIndex,
  };
}

export function seriesView(series: SeriesRecord): JsonObject {
  return {
    ticker: series.ticker,
    frequency: series.frequency,
    title: series.title,
    category: series.category,
    categories: [series.category],
    tags: series.tags,
    settlement_sources: series.settlementSources.map(({ name, url }) => ({ name, url })),
    contract_url: 'https://example.invalid',
    contract_terms_url: 'https://example.invalid',
    fee_type: series.feeType,
    fee_multiplier: series.feeMultiplier,
    additional_prohibitions: [],
    last_updated_ts: instantText(series.updatedMicros),
    exchange_index: series.exchangeIndex,
  };
}

/** Both sides are always there over REST; only the socket leaves empty ones out. */
export function bookView(catalog: Catalog, ticker: string, depth: number): JsonObject {
  const { yes, no } = bidLists(catalog, ticker);
  const cut = <T>(rows: readonly T[]): readonly T[] => (depth === 0 ? rows : rows.slice(-depth));
  return { yes_dollars: cut(yes), no_dollars: cut(no) };
}

export function tradeView(trade: TradeRecord): JsonObject {
  const outcome = trade.takerSide === 'bid' ? 'yes' : 'no';
  return {
    count_fp: countText(trade.sizeE6),
    created_time: instantText(trade.atMicros),
    is_block_trade: false,
    no_price_dollars: priceText(10_000 - trade.priceE4),
    taker_book_side: trade.takerSide,
    taker_outcome_side: outcome,
    taker_side: outcome,
    ticker: trade.ticker,
    trade_id: trade.tradeId,
    yes_price_dollars: priceText(trade.priceE4),
  };
}

/** `yes_price_dollars` is the limit; what was paid stands in the cost fields. */
export function orderView(order: OrderRecord, userId: string): JsonObject {
  const outcome = order.side === 'bid' ? 'yes' : 'no';
  return {
    action: 'buy',
    book_side: order.side,
    client_order_id: order.clientOrderId,
    created_time: instantText(order.createdMicros),
    exchange_index: order.exchangeIndex,
    expiration_time: optionalInstant(order.expirationMicros),
    fill_count_fp: countText(order.filledE6),
    initial_count_fp: countText(order.initialE6),
    last_update_time: instantText(order.updatedMicros),
    maker_fees_dollars: moneyText(order.makerFeesMicro),
    maker_fill_cost_dollars: moneyText(order.makerCostMicro),
    no_price_dollars: priceText(10_000 - order.priceE4),
    order_group_id: order.groupId,
    order_id: order.orderId,
    outcome_side: outcome,
    remaining_count_fp: countText(order.remainingE6),
    self_trade_prevention_type: order.selfTrade === 'maker' ? 'maker' : 'taker_at_cross',
    side: outcome,
    status: order.status,
    subaccount_number: order.subaccount,
    taker_fees_dollars: moneyText(order.takerFeesMicro),
    taker_fill_cost_dollars: moneyText(order.takerCostMicro),
    ticker: order.ticker,
    type: 'limit',
    user_id: userId,
    yes_price_dollars: priceText(order.priceE4),
  };
}

/** No client order id here: fills are tied to orders by the venue's id alone. */
export function fillView(fill: FillRecord): JsonObject {
  const outcome = fill.side === 'bid' ? 'yes' : 'no';
  return {
    action: 'buy',
    book_side: fill.side,
    count_fp: countText(fill.sizeE6),
    created_time: instantText(fill.atMicros),
    exchange_index: fill.exchangeIndex,
    fee_cost: moneyText(fill.feeMicro),
    fill_id: fill.tradeId,
    is_taker: fill.isTaker,
    market_ticker: fill.ticker,
    no_price_dollars: priceText(10_000 - fill.priceE4),
    order_id: fill.orderId,
    outcome_side: outcome,
    side: outcome,
    subaccount_number: fill.subaccount,
    ticker: fill.ticker,
    trade_id: fill.tradeId,
    ts: Math.floor(fill.atMicros / 1_000_000),
    yes_price_dollars: priceText(fill.priceE4),
  };
}

export function positionView(ticker: string, position: Position, exchangeIndex: number): JsonObject {
  return {
    exchange_index: exchangeIndex,
    fees_paid_dollars: moneyText(position.feesMicro),
    last_updated_ts: instantText(position.updatedMicros),
    market_exposure_dollars: moneyText(position.costMicro),
    position_fp: countText(position.sizeE6),
    realized_pnl_dollars: moneyText(position.realizedMicro),
    ticker,
    total_traded_dollars: moneyText(position.tradedMicro),
  };
}

export function eventPositionView(eventTicker: string, positions: readonly Position[]): JsonObject {
  const sum = (of: (position: Position) => number): number => positions.reduce((total, each) => total + of(each), 0);
  return {
    event_exposure_dollars: moneyText(sum(({ costMicro }) => costMicro)),
    event_ticker: eventTicker,
    fees_paid_dollars: moneyText(sum(({ feesMicro }) => feesMicro)),
    realized_pnl_dollars: moneyText(sum(({ realizedMicro }) => realizedMicro)),
    total_cost_dollars: moneyText(sum(({ tradedMicro }) => tradedMicro)),
    total_cost_shares_fp: countText(sum(({ volumeE6 }) => volumeE6)),
  };
}

/** `revenue` and `value` are whole cents here, unlike everything around them. */
export function settlementView(row: SettlementRecord): JsonObject {
  const isYes = row.yesE6 > 0;
  return {
    ticker: row.ticker,
    exchange_index: row.exchangeIndex,
    event_ticker: row.eventTicker,
    market_result: row.result,
    yes_count_fp: countText(row.yesE6),
    yes_total_cost_dollars: moneyText(isYes ? row.costMicro : 0),
    no_count_fp: countText(row.noE6),
    no_total_cost_dollars: moneyText(isYes ? 0 : row.costMicro),
    revenue: wholeCents(row.revenueMicro),
    settled_time: instantText(row.atMicros),
    fee_cost: moneyText(row.feeMicro),
    value: Math.trunc(row.valueE4 / 100),
  };
}

function optionalInstant(micros: number | undefined): string | undefined {
  return micros === undefined ? undefined : instantText(micros);
}
