/** The Data API: slow and by wallet, never by key. Version 1 answers with bare lists of numbers, version 2 with envelopes. */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import type { Holding, Ledger } from './ledger.ts';
import { displayPriceE4 } from './market-views.ts';
import type { MirrorBooks } from './mirror.ts';
import type { Market, Trade } from './model.ts';
import { decimalNumber } from './numbers.ts';
import type { PolymarketSettings } from './options.ts';
import { json } from './replies.ts';
import type { Call, Routes } from './router.ts';
import type { Store } from './store.ts';
import { seconds } from './views.ts';

export interface DataParts {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly books: MirrorBooks;
  readonly settings: PolymarketSettings;
  readonly nowMs: () => number;
}

const LIMIT = 100;
const CONDITIONS_MAX = 20;

export function dataRoutes(parts: DataParts): Routes {
  return {
    'GET /': () => json({ data: 'OK' }),
    'GET /positions': (call) => version1(call, () => positionsOf(parts, wallet(call))),
    'GET /closed-positions': (call) => version1(call, () => []),
    'GET /trades': (call) => version1(call, () => tape(parts, call)),
    'GET /activity': (call) => version1(call, () => activity(parts, wallet(call))),
    'GET /value': (call) => version1(call, () => [{ user: wallet(call), value: portfolioValue(parts, wallet(call)) }]),
    'GET /holders': (call) => version1(call, () => []),
    'GET /v2/positions': (call) => version2(call, () => positionsOf(parts, wallet(call)).map(snakeCase)),
    'GET /v2/trades': (call) => version2(call, () => tape(parts, call).map(snakeCase)),
    'GET /v2/activity': (call) => version2(call, () => activity(parts, wallet(call)).map(snakeCase)),
    'GET /v2/resolutions': (call) => version2(call, () => resolutions(parts, call)),
    'GET /v2/approvals': (call) =>
      version2(call, () => [{ user: wallet(call), is_approved: parts.ledger.account(wallet(call)).isApproved }]),
  };
}

type Row = Readonly<Record<string, unknown>>;

function wallet({ query }: Call): string {
  return query.get('user') ?? '';
}

function version1(call: Call, rows: () => readonly Row[]): ServerReply {
  const offset = Number(call.query.get('offset') ?? 0) || 0;
  const limit = Number(call.query.get('limit') ?? LIMIT) || LIMIT;
  return json(rows().slice(offset, offset + limit));
}

function version2(call: Call, rows: () => readonly Row[]): ServerReply {
  const refuse = (error: string): ServerReply =>
    json({ error, code: 'invalid_request', retryable: false, trace_id: '0'.repeat(32) }, { status: 400 });
  if (call.query.has('offset')) return refuse('offset is not supported, use cursor');
  if (call.query.getAll('condition_ids').flatMap((text) => text.split(',')).length > CONDITIONS_MAX)
    return refuse(`at most ${CONDITIONS_MAX} condition ids`);
  const all = rows();
  const from = Number(call.query.get('cursor') ?? 0) || 0;
  const limit = Math.min(LIMIT, Number(call.query.get('limit') ?? LIMIT) || LIMIT);
  const next = from + limit < all.length ? String(from + limit) : null;
  return json({ data: all.slice(from, from + limit), pagination: { next_cursor: next } });
}

/** What the ledger said so long ago as this view lags. */
function holdingsOf({ ledger, settings, nowMs }: DataParts, user: string): ReadonlyMap<string, Holding> {
  return ledger.holdingsAt(user, nowMs() - settings.positionsLagMs);
}

function positionsOf(parts: DataParts, user: string): Row[] {
  return [...holdingsOf(parts, user)].flatMap(([tokenId, holding]) => {
    const found = parts.store.ofToken(tokenId);
    return found === undefined || holding.shares <= 0 ? [] : [positionView(parts, { user, holding, ...found })];
  });
}

function positionView(
  { books, store }: DataParts,
  at: { readonly user: string; readonly holding: Holding; readonly market: Market; readonly index: 0 | 1 },
): Row {
  const { market, index, holding } = at;
  const [token, other] = index === 0 ? market.tokens : [market.tokens[1], market.tokens[0]];
  const priceE4 = displayPriceE4(market, books, index);
  const value = Math.round((holding.shares * priceE4) / 10_000);
  const gain = value - holding.costMicro;
  const percent = (part: number): number =>
    holding.costMicro === 0 ? 0 : Math.round((part * 10_000) / holding.costMicro) / 100;
  return {
    proxyWallet: at.user,
    asset: token.tokenId,
    conditionId: market.conditionId,
    size: decimalNumber(holding.shares, 6),
    avgPrice: holding.shares === 0 ? 0 : Math.round((holding.costMicro * 1e6) / holding.shares) / 1e6,
    initialValue: decimalNumber(holding.costMicro, 6),
    currentValue: decimalNumber(value, 6),
    cashPnl: decimalNumber(gain, 6),
    percentPnl: percent(gain),
    totalBought: decimalNumber(holding.boughtE6, 6),
    realizedPnl: decimalNumber(holding.realizedMicro, 6),
    percentRealizedPnl: percent(holding.realizedMicro),
    curPrice: decimalNumber(priceE4, 4),
    redeemable: market.payouts !== undefined,
    mergeable: false,
    title: market.question,
    slug: market.slug,
    icon: '',
    eventSlug: store.eventOf(market)?.slug ?? market.slug,
    outcome: token.outcome,
    outcomeIndex: index,
    oppositeOutcome: other.outcome,
    oppositeAsset: other.tokenId,
    endDate: market.endIso,
    negativeRisk: market.negRisk,
  };
}

function portfolioValue(parts: DataParts, user: string): number {
  return positionsOf(parts, user).reduce((sum, { currentValue }) => sum + Number(currentValue), 0);
}

/** The public tape, one to three minutes late in July 2026. */
function tape(parts: DataParts, call: Call): Row[] {
  const { store, settings, nowMs } = parts;
  const user = wallet(call).toLowerCase();
  const markets = call.query.getAll('market').flatMap((text) => text.split(','));
  return [...store.trades.values()]
    .filter(({ matchedAtMs }) => nowMs() - matchedAtMs >= settings.tradeTapeLagMs)
    .filter(({ status }) => status !== 'FAILED')
    .filter(({ conditionId }) => markets.length === 0 || markets.includes(conditionId))
    .flatMap((trade) => sidesOf(trade).map((side) => ({ trade, side })))
    .filter(({ side }) => user === '' || side.wallet.toLowerCase() === user)
    .map(({ trade, side }) => tapeRow(store.market(trade.conditionId), trade, side))
    .reverse();
}

interface TapeSide {
  readonly wallet: string;
  readonly tokenId: string;
  readonly side: 'BUY' | 'SELL';
  readonly sizeE6: number;
  readonly price: number;
}

function sidesOf(trade: Trade): TapeSide[] {
  const taker = {
    wallet: trade.takerWallet,
    tokenId: trade.tokenId,
    side: trade.side,
    sizeE6: trade.sizeE6,
    price: Number(trade.price),
  };
  return [taker, ...trade.makers.map((maker) => ({ ...maker, price: decimalNumber(maker.priceE4, 4) }))];
}

function tapeRow(market: Market, trade: Trade, side: TapeSide): Row {
  const index = market.tokens[0].tokenId === side.tokenId ? 0 : 1;
  return {
    proxyWallet: side.wallet,
    side: side.side,
    asset: side.tokenId,
    conditionId: market.conditionId,
    size: decimalNumber(side.sizeE6, 6),
    price: side.price,
    timestamp: seconds(trade.matchedAtMs),
    title: market.question,
    slug: market.slug,
    icon: '',
    eventSlug: market.slug,
    outcome: market.tokens[index].outcome,
    outcomeIndex: index,
    transactionHash: trade.transactionHash,
  };
}

function activity(parts: DataParts, user: string): Row[] {
  const words: Readonly<Record<string, string>> = {
    trade: 'TRADE',
    split: 'SPLIT',
    merge: 'MERGE',
    redeem: 'REDEEM',
    convert: 'CONVERSION',
  };
  const until = parts.nowMs() - parts.settings.tradeTapeLagMs;
  return parts.ledger
    .bookings()
    .filter(({ wallet: who, atMs, why }) => who.toLowerCase() === user.toLowerCase() && atMs <= until && why in words)
    .map(({ atMs, why, tokenId, sharesE6, cashMicro }) => ({
      proxyWallet: user,
      timestamp: seconds(atMs),
      type: words[why],
      asset: tokenId,
      conditionId: parts.store.ofToken(tokenId)?.market.conditionId ?? '',
      size: Math.abs(decimalNumber(sharesE6, 6)),
      usdcSize: Math.abs(decimalNumber(cashMicro, 6)),
      side: sharesE6 > 0 ? 'BUY' : 'SELL',
    }))
    .reverse();
}

function resolutions({ store }: DataParts, { query }: Call): Row[] {
  const wanted = query.getAll('condition_ids').flatMap((text) => text.split(','));
  return [...store.markets.values()]
    .filter(
      ({ conditionId, payouts }) => payouts !== undefined && (wanted.length === 0 || wanted.includes(conditionId)),
    )
    .map(({ conditionId, payouts, resolution }) => ({
      condition_id: conditionId,
      status: resolution,
      payouts: (payouts ?? []).map((payout) => decimalNumber(payout, 6)),
    }));
}

function snakeCase(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
