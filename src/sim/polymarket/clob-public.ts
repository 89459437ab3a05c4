/** What the CLOB tells anybody: version, time, books, prices, markets. */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import { pageOf } from './cursors.ts';
import type { Exchange } from './exchange.ts';
import { clobMarketView, FEE_CAP_BPS, marketView, simplifiedView } from './market-views.ts';
import type { Market } from './model.ts';
import { decimalNumber, decimalText, paddedText, priceText } from './numbers.ts';
import type { PolymarketSettings } from './options.ts';
import { recordOf } from './order-wire.ts';
import { failure, json, TEXT } from './replies.ts';
import { bodyOf, type Call, type Routes } from './router.ts';
import type { Store } from './store.ts';
import { bookView, lastTradeOf, lastTradeText, seconds } from './views.ts';

export interface PublicParts {
  readonly store: Store;
  readonly exchange: Exchange;
  readonly settings: PolymarketSettings;
  readonly nowMs: () => number;
}

const IDS_MAX = 500;
const PAGE = 500;

export function publicRoutes(parts: PublicParts): Routes {
  const { store, settings, nowMs } = parts;
  return {
    'GET /': () => json('OK'),
    'GET /ok': () => json('OK'),
    'GET /version': () => json({ version: settings.clobVersion }),
    'GET /time': () => json(seconds(nowMs())),
    'GET /tick-size': (call) =>
      ofToken(parts, call, (market) => json({ minimum_tick_size: decimalNumber(market.tickE4, 4) })),
    'GET /neg-risk': (call) => ofToken(parts, call, (market) => json({ neg_risk: market.negRisk })),
    'GET /fee-rate': (call) => ofToken(parts, call, () => json({ base_fee: FEE_CAP_BPS })),
    'GET /markets-by-token/:part': (call) => {
      const market = store.ofToken(call.part)?.market;
      if (market === undefined) return failure(404, 'market not found');
      const [first, second] = market.tokens;
      const { conditionId } = market;
      return json({ condition_id: conditionId, primary_token_id: first.tokenId, secondary_token_id: second.tokenId });
    },
    'GET /clob-markets/:part': (call) => ofCondition(store, call.part, (market) => json(clobMarketView(market))),
    'GET /markets/:part': (call) =>
      ofCondition(store, call.part, (market) => json(marketView(market, parts.exchange.books))),
    'GET /markets': (call) => marketPage(parts, call, { isSampling: false, view: marketView }),
    'GET /sampling-markets': (call) => marketPage(parts, call, { isSampling: true, view: marketView }),
    'GET /simplified-markets': (call) => marketPage(parts, call, { isSampling: false, view: simplifiedView }),
    'GET /sampling-simplified-markets': (call) => marketPage(parts, call, { isSampling: true, view: simplifiedView }),
    ...bookRoutes(parts),
    ...priceRoutes(parts),
  };
}

function bookRoutes(parts: PublicParts): Routes {
  const view = (market: Market, tokenId: string): unknown => bookView(parts.exchange.books, market, tokenId);
  return {
    'GET /book': (call) => ofToken(parts, call, (market, tokenId) => json(view(market, tokenId))),
    // Tokens without a book are left out of the list.
    'POST /books': (call) =>
      ofMany(parts, call, (entries) => json(entries.map(({ market, tokenId }) => view(market, tokenId)))),
  };
}

interface Entry {
  readonly market: Market;
  readonly tokenId: string;
  readonly side: unknown;
}

function priceRoutes(parts: PublicParts): Routes {
  const { exchange } = parts;
  const top = ({
    market,
    tokenId,
  }: Pick<Entry, 'market' | 'tokenId'>): { bid: number | undefined; ask: number | undefined } => {
    const { bids, asks } = exchange.books.quotes(market, tokenId);
    return { bid: bids[0]?.priceE4, ask: asks[0]?.priceE4 };
  };
  // A naming trap of the venue: BUY is the best bid, SELL the best ask.
  const price = (entry: Entry): string => priceText((entry.side === 'BUY' ? top(entry).bid : top(entry).ask) ?? 0);
  const middle = (entry: Pick<Entry, 'market' | 'tokenId'>): string => {
    const { bid = 0, ask = 10_000 } = top(entry);
    return paddedText((bid + ask) * 5, { decimals: 5, least: 2 });
  };
  const spread = (entry: Pick<Entry, 'market' | 'tokenId'>): string => {
    const { bid = 0, ask = 10_000 } = top(entry);
    return decimalText(ask - bid, 4);
  };
  const isSide = (side: unknown): boolean => side === 'BUY' || side === 'SELL';
  const byToken = (entries: readonly Entry[], of: (entry: Entry) => unknown): ServerReply =>
    json(Object.fromEntries(entries.map((entry) => [entry.tokenId, of(entry)])));
  return {
    'GET /price': (call) =>
      ofToken(parts, call, (market, tokenId) => {
        const side = call.query.get('side');
        return isSide(side) ? json({ price: price({ market, tokenId, side }) }) : failure(400, 'Invalid side');
      }),
    'POST /prices': (call) =>
      ofMany(parts, call, (entries) => {
        if (!entries.every(({ side }) => isSide(side))) return failure(400, 'Invalid side');
        const found: Record<string, Record<string, string>> = {};
        for (const entry of entries)
          found[entry.tokenId] = { ...found[entry.tokenId], [String(entry.side)]: price(entry) };
        return json(found);
      }),
    'GET /midpoint': (call) => ofToken(parts, call, (market, tokenId) => json({ mid: middle({ market, tokenId }) })),
    'POST /midpoints': (call) => ofMany(parts, call, (entries) => byToken(entries, middle)),
    'GET /spread': (call) => ofToken(parts, call, (market, tokenId) => json({ spread: spread({ market, tokenId }) })),
    'POST /spreads': (call) => ofMany(parts, call, (entries) => byToken(entries, spread)),
    'GET /last-trade-price': (call) =>
      ofToken(parts, call, (market, tokenId) => json({ price: lastTradeText(market, tokenId), side: '' })),
    'POST /last-trades-prices': (call) =>
      ofMany(parts, call, (entries) =>
        json(
          entries.flatMap(({ market, tokenId }) => {
            const last = lastTradeOf(market, tokenId);
            return last === undefined ? [] : [{ token_id: tokenId, price: priceText(last), side: 'BUY' }];
          }),
        ),
      ),
  };
}

function ofToken(
  { store }: PublicParts,
  call: Call,
  then: (market: Market, tokenId: string) => ServerReply,
): ServerReply {
  const tokenId = call.query.get('token_id') ?? '';
  if (!/^\d+$/.test(tokenId)) return failure(400, 'Invalid token id');
  const market = store.ofToken(tokenId)?.market;
  return market === undefined || market.closed ? failure(404, TEXT.noBook) : then(market, tokenId);
}

function ofMany({ store }: PublicParts, call: Call, then: (entries: readonly Entry[]) => ServerReply): ServerReply {
  const body = bodyOf(call);
  if (!Array.isArray(body)) return failure(400, 'Invalid payload');
  if (body.length > IDS_MAX) return failure(400, 'Payload exceeds the limit');
  const entries: Entry[] = [];
  for (const item of body) {
    const record = recordOf(item);
    if (typeof record?.token_id !== 'string') return failure(400, 'Invalid payload');
    const market = store.ofToken(record.token_id)?.market;
    if (market !== undefined && !market.closed) entries.push({ market, tokenId: record.token_id, side: record.side });
  }
  return then(entries);
}

function ofCondition(store: Store, conditionId: string, then: (market: Market) => ServerReply): ServerReply {
  const market = store.markets.get(conditionId);
  return market === undefined ? failure(404, 'market not found') : then(market);
}

function marketPage(
  { store, exchange }: PublicParts,
  call: Call,
  what: { readonly isSampling: boolean; readonly view: typeof marketView },
): ServerReply {
  const all = [...store.markets.values()].filter((market) => !what.isSampling || (market.active && !market.closed));
  const page = pageOf(all, { cursor: call.query.get('next_cursor') ?? undefined, limit: PAGE });
  if (page === undefined) return failure(400, 'Invalid next_cursor');
  return json({ ...page, data: page.data.map((market) => what.view(market, exchange.books)) });
}
