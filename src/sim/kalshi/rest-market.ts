/** Public REST: markets, events, series, books and trades. Only the batch of books asks for a signature. */
import { type Call, integerIn, isWithin, type Page, paginate, param, type Route, secondsIn, textIn } from './call.ts';
import { invalidQuery, notFound, refuse } from './errors.ts';
import { type Json, reply } from './json.ts';
import type { EventRecord, FeeChange, Market, MarketStatus, TradeRecord } from './model.ts';
import { instantText } from './numbers.ts';
import { bookView, eventView, marketView, seriesView, tradeView } from './views.ts';

/** Words of the list filter, which are not those of the objects; `status=active` is refused. */
const STATUS_FILTERS: Readonly<Record<string, readonly MarketStatus[]>> = {
  unopened: ['initialized'],
  open: ['active'],
  paused: ['inactive'],
  closed: ['closed', 'determined', 'disputed', 'amended'],
  settled: ['finalized'],
};

const TIME_FILTERS = ['created_', 'close_', 'settled_'] as const;

export const MARKET_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/markets', access: 'public', run: listMarkets },
  { method: 'GET', path: '/markets/trades', access: 'public', run: listTrades },
  { method: 'GET', path: '/markets/orderbooks', access: 'read', run: listBooks },
  { method: 'GET', path: '/markets/:ticker', access: 'public', run: getMarket },
  { method: 'GET', path: '/markets/:ticker/orderbook', access: 'public', run: getBook },
  { method: 'GET', path: '/events', access: 'public', run: (call) => listEvents(call, false) },
  { method: 'GET', path: '/events/multivariate', access: 'public', run: (call) => listEvents(call, true) },
  { method: 'GET', path: '/events/fee_changes', access: 'public', run: listEventFeeChanges },
  { method: 'GET', path: '/events/:ticker', access: 'public', run: getEvent },
  { method: 'GET', path: '/series', access: 'public', run: listSeries },
  { method: 'GET', path: '/series/fee_changes', access: 'public', run: listSeriesFeeChanges },
  { method: 'GET', path: '/series/:ticker', access: 'public', run: getSeries },
];

function listMarkets(call: Call) {
  const { core, query } = call;
  const statuses = statusFilter(query, 'GetMarkets');
  if (TIME_FILTERS.filter((name) => hasTime(query, name)).length > 1)
    throw invalidQuery({ operation: 'GetMarkets', field: 'MinCloseTs', tag: 'excluded_with' });
  const tickers = textIn(query, 'tickers')?.split(',');
  const eventTicker = textIn(query, 'event_ticker');
  const seriesTicker = textIn(query, 'series_ticker');
  const combos = textIn(query, 'mve_filter');
  const rows = core.catalog
    .markets()
    .filter(
      (market) =>
        (statuses === undefined || statuses.includes(market.status)) &&
        (tickers === undefined || tickers.includes(market.ticker)) &&
        (eventTicker === undefined || eventTicker === market.eventTicker) &&
        (seriesTicker === undefined || seriesTicker === core.catalog.eventOf(market).seriesTicker) &&
        (combos === undefined || (combos === 'only') === isCombo(market.ticker)) &&
        isWithin(query, market.createdMicros, 'created_') &&
        isWithin(query, market.closeMicros, 'close_') &&
        (!hasTime(query, 'settled_') || isWithin(query, market.settledMicros ?? Number.NaN, 'settled_')),
    );
  const page = paginate(rows, query, {
    operation: 'GetMarkets',
    max: 1_000,
    normal: 100,
    idOf: ({ ticker }) => ticker,
  });
  return reply(200, { markets: page.rows.map((market) => view(call, market)), cursor: page.cursor });
}

function hasTime(query: URLSearchParams, name: string): boolean {
  return secondsIn(query, `min_${name}ts`) !== undefined || secondsIn(query, `max_${name}ts`) !== undefined;
}

function getMarket(call: Call) {
  return reply(200, { market: view(call, marketOf(call)) });
}

function marketOf(call: Call): Market {
  const market = call.core.catalog.find(param(call, 'ticker'));
  if (market === undefined) throw refuse(404, 'market_not_found');
  return market;
}

function getBook(call: Call) {
  const depth = integerIn(call.query, 'depth') ?? 0;
  if (depth < 0 || depth > 100) throw invalidQuery({ operation: 'GetMarketOrderbook', field: 'Depth', tag: 'lte' });
  return reply(200, { orderbook_fp: bookView(call.core.catalog, marketOf(call).ticker, depth) });
}

function listBooks({ core, query }: Call) {
  const tickers = query.getAll('tickers');
  if (tickers.length === 0) throw refuse(400, 'missing_parameters');
  if (tickers.length > 100) throw invalidQuery({ operation: 'GetMarketOrderbooks', field: 'Tickers', tag: 'max' });
  const known = tickers.filter((ticker) => core.catalog.find(ticker) !== undefined);
  return reply(200, {
    orderbooks: known.map((ticker) => ({ ticker, orderbook_fp: bookView(core.catalog, ticker, 0) })),
  });
}

function listTrades({ core, query }: Call) {
  const ticker = textIn(query, 'ticker');
  const rows = core.catalog
    .trades(ticker)
    .filter((trade) => isWithin(query, trade.atMicros))
    .filter(() => query.get('is_block_trade') !== 'true')
    .toReversed();
  const rules = { operation: 'GetTrades', max: 1_000, normal: 100, idOf: (trade: TradeRecord) => trade.tradeId };
  const page = paginate(rows, query, rules);
  return reply(200, { trades: page.rows.map(tradeView), cursor: page.cursor });
}

function listEvents(call: Call, combos: boolean) {
  const { core, query } = call;
  const statuses = statusFilter(query, 'GetEvents');
  const seriesTicker = textIn(query, 'series_ticker');
  const rows = core.catalog
    .allEvents()
    .filter(
      (event) =>
        isCombo(event.eventTicker) === combos &&
        (seriesTicker === undefined || event.seriesTicker === seriesTicker) &&
        (statuses === undefined ||
          core.catalog.marketsOf(event.eventTicker).some(({ status }) => statuses.includes(status))),
    );
  const rules = { operation: 'GetEvents', max: 200, normal: 200, idOf: (event: EventRecord) => event.eventTicker };
  const page = paginate(rows, query, rules);
  const isNested = query.get('with_nested_markets') === 'true';
  const events = page.rows.map((event) => ({
    ...eventView(event),
    markets: isNested ? core.catalog.marketsOf(event.eventTicker).map((market) => view(call, market)) : undefined,
  }));
  return reply(200, { events, cursor: page.cursor });
}

/** Nested, the markets stand in the event and the outer list is empty; otherwise the reverse. */
function getEvent(call: Call) {
  const { catalog } = call.core;
  const event = catalog.event(param(call, 'ticker'));
  if (event === undefined) throw notFound();
  const isNested = call.query.get('with_nested_markets') === 'true';
  const markets = catalog.marketsOf(event.eventTicker).map((market) => view(call, market));
  return reply(200, {
    event: { ...eventView(event), markets: isNested ? markets : undefined },
    markets: isNested ? [] : markets,
  });
}

function listSeries({ core, query }: Call) {
  const category = textIn(query, 'category');
  const series = core.catalog.allSeries().filter((each) => category === undefined || each.category === category);
  return reply(200, { series: series.map(seriesView) });
}

function getSeries(call: Call) {
  const series = call.core.catalog.series(param(call, 'ticker'));
  if (series === undefined) throw notFound();
  return reply(200, { series: seriesView(series) });
}

function listSeriesFeeChanges({ core, query }: Call) {
  const ticker = textIn(query, 'series_ticker');
  const isHistoryWanted = query.get('show_historical') === 'true';
  const rows = core.catalog.seriesFeeChanges.filter(
    ({ subject, scheduledMicros }) =>
      (ticker === undefined || subject === ticker) && (isHistoryWanted || scheduledMicros > core.nowMicros()),
  );
  const shown = rows.map((change) => ({
    id: change.id,
    series_ticker: change.subject,
    fee_type: change.feeType,
    fee_multiplier: change.feeMultiplier,
    scheduled_ts: instantText(change.scheduledMicros),
  }));
  return reply(200, { series_fee_change_arr: shown });
}

/** A null override means: cleared. */
function listEventFeeChanges({ core, query }: Call) {
  const rules = { operation: 'GetEventFeeChanges', max: 1_000, normal: 100, idOf: (change: FeeChange) => change.id };
  const page: Page<FeeChange> = paginate(core.catalog.eventFeeChanges, query, rules);
  const shown = page.rows.map((change) => ({
    id: change.id,
    event_ticker: change.subject,
    series_ticker: core.catalog.event(change.subject)?.seriesTicker,
    fee_type_override: change.feeType,
    fee_multiplier_override: change.feeMultiplier,
    scheduled_ts: instantText(change.scheduledMicros),
  }));
  return reply(200, { event_fee_changes: shown, cursor: page.cursor });
}

function statusFilter(query: URLSearchParams, operation: string): readonly MarketStatus[] | undefined {
  const status = textIn(query, 'status');
  if (status === undefined) return undefined;
  return STATUS_FILTERS[status] ?? fail(invalidQuery({ operation, field: 'Status', tag: 'oneof' }));
}

function fail(error: Error): never {
  throw error;
}

function view({ core }: Call, market: Market): Json {
  return marketView(core.catalog, market, core.nowMicros());
}

function isCombo(ticker: string): boolean {
  return ticker.startsWith('KXMVE');
}
