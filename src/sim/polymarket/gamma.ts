/**
 * Gamma: discovery. Arrays hide inside strings, limits are clamped without a word, filters that it does not know are
 * ignored, and what has ended disappears from the market lists while its event stays.
 */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import { displayPriceE4, FEE_CAP_BPS } from './market-views.ts';
import type { MirrorBooks } from './mirror.ts';
import type { EventSpec, Market } from './model.ts';
import { decimalNumber, priceText } from './numbers.ts';
import type { PolymarketSettings } from './options.ts';
import { failure, json } from './replies.ts';
import type { Call, Routes } from './router.ts';
import { isoOf, type Store } from './store.ts';

export interface GammaParts {
  readonly store: Store;
  readonly books: MirrorBooks;
  readonly settings: PolymarketSettings;
  readonly nowMs: () => number;
}

const DEFAULT_LIMIT = 20;
const MARKETS_MAX = 500;
const EVENTS_MAX = 100;

export function gammaRoutes(parts: GammaParts): Routes {
  const { store } = parts;
  const market = (found: Market | undefined): ServerReply =>
    found === undefined ? failure(404, 'not found') : json(gammaMarket(parts, found));
  const event = (found: EventSpec | undefined): ServerReply =>
    found === undefined ? failure(404, 'not found') : json(gammaEvent(parts, found, true));
  return {
    'GET /markets': (call) =>
      json(offsetPage(call, marketsFor(parts, call), MARKETS_MAX).map((each) => gammaMarket(parts, each))),
    'GET /events': (call) =>
      json(
        offsetPage(call, eventsFor(parts, call), MARKETS_MAX).map((each) => gammaEvent(parts, each, withMarkets(call))),
      ),
    'GET /markets/keyset': (call) =>
      keysetPage(call, marketsFor(parts, call), {
        name: 'markets',
        most: EVENTS_MAX,
        view: (each) => gammaMarket(parts, each),
      }),
    'GET /events/keyset': (call) =>
      keysetPage(call, eventsFor(parts, call), {
        name: 'events',
        most: EVENTS_MAX,
        view: (each) => gammaEvent(parts, each, withMarkets(call)),
      }),
    'GET /markets/:part': (call) => market([...store.markets.values()].find(({ id }) => id === call.part)),
    'GET /markets/slug/:part': (call) => market([...store.markets.values()].find(({ slug }) => slug === call.part)),
    'GET /events/:part': (call) => event(store.events.get(call.part)),
    'GET /events/slug/:part': (call) => event([...store.events.values()].find(({ slug }) => slug === call.part)),
    'GET /tags': () => json(tagsOf([...store.markets.values()].flatMap(({ tags }) => tags))),
    'GET /status': () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' }),
  };
}

function withMarkets(call: Call): boolean {
  return call.query.get('include_markets') !== 'false';
}

/** Resolution and closing reach Gamma late. */
function isToldOf({ settings, nowMs }: GammaParts, market: Market): boolean {
  return market.closedAtMs !== undefined && nowMs() - market.closedAtMs >= settings.gammaResolutionLagMs;
}

function marketsFor(parts: GammaParts, call: Call): Market[] {
  const { query } = call;
  const among = (name: string, found: string): boolean => {
    const wanted = query.getAll(name).flatMap((text) => text.split(','));
    return wanted.length === 0 || wanted.includes(found);
  };
  return [...parts.store.markets.values()].filter((market) => {
    const isClosed = isToldOf(parts, market);
    const isListed = query.has('closed')
      ? isClosed === (query.get('closed') === 'true')
      : !isClosed || query.has('condition_ids');
    const tokens = market.tokens.some(({ tokenId }) => among('clob_token_ids', tokenId));
    return (
      isListed &&
      tokens &&
      among('id', market.id) &&
      among('slug', market.slug) &&
      among('condition_ids', market.conditionId) &&
      flag(query, 'active', market.active)
    );
  });
}

function flag(query: URLSearchParams, name: string, found: boolean): boolean {
  const wanted = query.get(name);
  return wanted === null || (wanted === 'true') === found;
}

function eventsFor(parts: GammaParts, { query }: Call): EventSpec[] {
  return [...parts.store.events.values()].filter((event) => {
    const wanted = query.getAll('slug');
    const isClosed = isEventClosed(parts, event);
    const isNamed = wanted.length > 0 || query.has('id');
    const isListed = query.has('closed') ? isClosed === (query.get('closed') === 'true') : !isClosed || isNamed;
    return (
      isListed && (wanted.length === 0 || wanted.includes(event.slug)) && (query.get('id') ?? event.id) === event.id
    );
  });
}

function isEventClosed(parts: GammaParts, event: EventSpec): boolean {
  const markets = parts.store.marketsOf(event);
  return markets.length > 0 && markets.every((market) => isToldOf(parts, market));
}

function offsetPage<T>({ query }: Call, all: readonly T[], most: number): T[] {
  const offset = Math.max(0, Number(query.get('offset') ?? 0) || 0);
  return all.slice(offset, offset + limitOf(query, most));
}

function limitOf(query: URLSearchParams, most: number): number {
  const asked = Number(query.get('limit') ?? DEFAULT_LIMIT);
  return Number.isInteger(asked) && asked >= 0 ? Math.min(asked, most) : DEFAULT_LIMIT;
}

/** The cursor is missing on the last page. Page length proves nothing: the limit may have been clamped. */
function keysetPage<T extends { readonly id: string }>(
  { query }: Call,
  all: readonly T[],
  how: { readonly name: string; readonly most: number; readonly view: (each: T) => unknown },
): ServerReply {
  const sorted = [...all].sort((a, b) => Number(a.id) - Number(b.id));
  const cursor = query.get('after_cursor');
  const after = cursor === null ? 0 : afterOf(cursor);
  if (after === undefined) return failure(400, 'invalid after_cursor');
  const rest = sorted.filter(({ id }) => Number(id) > after);
  const page = rest.slice(0, limitOf(query, how.most));
  const last = page.at(-1);
  const next = last === undefined || page.length === rest.length ? {} : { next_cursor: cursorFor(last.id) };
  return json({ [how.name]: page.map(how.view), ...next });
}

function cursorFor(id: string): string {
  return Buffer.from(JSON.stringify({ id: Number(id) })).toString('base64url');
}

function afterOf(cursor: string): number | undefined {
  const found = /^\{"id":(\d{1,15})\}$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  return found === undefined ? undefined : Number(found);
}

function gammaMarket(parts: GammaParts, market: Market): Readonly<Record<string, unknown>> {
  const { store, books } = parts;
  const isClosed = isToldOf(parts, market);
  const ids = market.tokens.map(({ tokenId }) => tokenId);
  const { bids, asks } = books.quotes(market, market.tokens[0].tokenId);
  const [bid, ask] = [bids[0]?.priceE4, asks[0]?.priceE4];
  const event = store.eventOf(market);
  return {
    id: market.id,
    question: market.question,
    conditionId: market.conditionId,
    slug: market.slug,
    resolutionSource: market.resolutionSource,
    endDate: market.endIso,
    startDate: market.startIso,
    liquidity: '0',
    volume: '0',
    description: market.description,
    outcomes: spaced(market.tokens.map(({ outcome }) => outcome)),
    outcomePrices: spaced(market.tokens.map((_token, index) => shownPrice(parts, market, index === 0 ? 0 : 1))),
    // Protocol V2 shows a real array; everything before it hides one in a string.
    ...(market.version === 'v2' ? { positionIds: ids, clobTokenIds: null } : { clobTokenIds: JSON.stringify(ids) }),
    version: market.version,
    active: market.active,
    closed: isClosed,
    archived: false,
    restricted: true,
    groupItemTitle: market.groupItemTitle,
    enableOrderBook: !isClosed,
    acceptingOrders: market.acceptingOrders,
    orderPriceMinTickSize: decimalNumber(market.tickE4, 4),
    orderMinSize: decimalNumber(market.minSizeE6, 6),
    negRisk: market.negRisk,
    ...(market.negRisk ? { negRiskMarketID: market.negRiskMarketId } : {}),
    questionID: market.questionId,
    endDateIso: market.endIso.slice(0, 10),
    volumeNum: 0,
    liquidityNum: 0,
    makerBaseFee: FEE_CAP_BPS,
    takerBaseFee: FEE_CAP_BPS,
    feesEnabled: market.fee.rateE6 > 0,
    feeType: market.fee.rateE6 > 0 ? 'sports_fees_v2' : null,
    feeSchedule: {
      exponent: market.fee.exponent,
      rate: decimalNumber(market.fee.rateE6, 6),
      takerOnly: market.fee.takerOnly,
      rebateRate: 0,
    },
    secondsDelay: Math.floor(market.takerDelayMs / 1000),
    ...(bid === undefined ? {} : { bestBid: decimalNumber(bid, 4) }),
    ...(ask === undefined ? {} : { bestAsk: decimalNumber(ask, 4) }),
    spread: decimalNumber((ask ?? 10_000) - (bid ?? 0), 4),
    lastTradePrice: decimalNumber(market.lastTradeE4 ?? 0, 4),
    umaResolutionStatus: market.resolution === 'unresolved' ? '' : market.resolution,
    ...(market.gameStartIso === undefined ? {} : { gameStartTime: market.gameStartIso }),
    ...(isClosed && market.closedAtMs !== undefined ? { closedTime: isoOf(market.closedAtMs) } : {}),
    events: event === undefined ? [] : [{ id: event.id, slug: event.slug, title: event.title }],
    tags: tagsOf(market.tags),
  };
}

function shownPrice(parts: GammaParts, market: Market, index: 0 | 1): string {
  return isToldOf(parts, market) || market.payouts === undefined
    ? priceText(displayPriceE4(market, parts.books, index))
    : priceText(displayPriceE4({ ...market, payouts: undefined }, parts.books, index));
}

function gammaEvent(parts: GammaParts, event: EventSpec, withMarketList: boolean): Readonly<Record<string, unknown>> {
  const markets = parts.store.marketsOf(event);
  return {
    id: event.id,
    ticker: event.slug,
    slug: event.slug,
    title: event.title,
    description: event.description ?? '',
    startDate: event.startIso ?? markets[0]?.startIso ?? '',
    creationDate: event.startIso ?? markets[0]?.startIso ?? '',
    endDate: event.endIso ?? markets[0]?.endIso ?? '',
    active: true,
    closed: isEventClosed(parts, event),
    archived: false,
    restricted: true,
    liquidity: 0,
    volume: 0,
    openInterest: 0,
    enableOrderBook: true,
    negRisk: event.negRisk ?? false,
    negRiskMarketID: event.negRiskMarketId ?? '',
    enableNegRisk: event.negRisk ?? false,
    negRiskAugmented: false,
    ...(withMarketList ? { markets: markets.map((market) => gammaMarket(parts, market)) } : {}),
    tags: tagsOf(event.tags ?? []),
  };
}

function tagsOf(labels: readonly string[]): { readonly id: string; readonly label: string; readonly slug: string }[] {
  return [...new Set(labels)].map((label, index) => ({
    id: String(index + 2),
    label,
    slug: label.toLowerCase().replaceAll(/\W+/g, '-'),
  }));
}

/** As captured: a blank after each comma. */
function spaced(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
}
