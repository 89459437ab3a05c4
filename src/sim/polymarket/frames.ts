/** Frames of the market channel, in the key order and spacing of the recording of 2026-09-24. */
import type { LevelChange } from '../matching/engine.ts';
import type { BookBody, WireLevel } from './book-hash.ts';
import { bookHash } from './book-hash.ts';
import type { MirrorBooks, Quotes } from './mirror.ts';
import type { EventSpec, Market, Trade } from './model.ts';
import { complementOf, decimalNumber, decimalText, priceText, sizeText } from './numbers.ts';
import { bookView } from './views.ts';

export type Frame = Readonly<Record<string, unknown>> & { readonly event_type: string };

/** Commas are followed by a space, colons are not. */
export function wireText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(wireText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${wireText(member)}`).join(', ')}}`;
}

export function bookFrame(books: MirrorBooks, market: Market, tokenId: string): Frame {
  const book = bookView(books, market, tokenId);
  return {
    market: book.market,
    asset_id: book.asset_id,
    timestamp: book.timestamp,
    hash: book.hash,
    bids: book.bids,
    asks: book.asks,
    min_order_size: book.min_order_size,
    tick_size: book.tick_size,
    neg_risk: book.neg_risk,
    event_type: 'book',
    last_trade_price: book.last_trade_price,
  };
}

/** Both tokens of one level, the causing order's token first: what is a bid for one is an ask for the other. */
export function priceChangeFrame(
  books: MirrorBooks,
  market: Market,
  at: { readonly tokenId: string; readonly nowMs: number; readonly change: LevelChange<string, string> },
): Frame {
  const other = market.tokens[0].tokenId === at.tokenId ? market.tokens[1].tokenId : market.tokens[0].tokenId;
  const entries = [at.tokenId, other].map((tokenId) => {
    const isFirst = market.tokens[0].tokenId === tokenId;
    const isBid = (at.change.side === 'bid') === isFirst;
    const { best_bid, best_ask } = bests(books.quotes(market, tokenId));
    return {
      asset_id: tokenId,
      price: priceText(isFirst ? at.change.priceE4 : complementOf(at.change.priceE4)),
      size: sizeText(at.change.sizeE6),
      side: isBid ? 'BUY' : 'SELL',
      hash: bookView(books, market, tokenId).hash,
      best_bid,
      best_ask,
    };
  });
  return {
    market: market.conditionId,
    price_changes: entries,
    timestamp: stamp(at.nowMs),
    event_type: 'price_change',
  };
}

export function bestFrame(
  books: MirrorBooks,
  market: Market,
  at: { readonly tokenId: string; readonly nowMs: number },
): Frame {
  const quotes = books.quotes(market, at.tokenId);
  const [bid, ask] = [quotes.bids[0]?.priceE4, quotes.asks[0]?.priceE4];
  return {
    market: market.conditionId,
    asset_id: at.tokenId,
    ...bests(quotes),
    spread: bid === undefined || ask === undefined ? '' : decimalText(ask - bid, 4),
    timestamp: stamp(at.nowMs),
    event_type: 'best_bid_ask',
  };
}

/** Absent prices are empty text. */
export function bests({ bids, asks }: Quotes): { readonly best_bid: string; readonly best_ask: string } {
  const text = (price: number | undefined): string => (price === undefined ? '' : priceText(price));
  return { best_bid: text(bids[0]?.priceE4), best_ask: text(asks[0]?.priceE4) };
}

export function lastTradeFrame(market: Market, trade: Trade, nowMs: number): Frame {
  return {
    market: market.conditionId,
    asset_id: trade.tokenId,
    price: trade.price,
    size: sizeText(trade.sizeE6),
    fee_rate_bps: '0',
    side: trade.side,
    timestamp: stamp(nowMs),
    event_type: 'last_trade_price',
    transaction_hash: trade.transactionHash,
  };
}

export function tickFrames(market: Market, change: { readonly oldTickE4: number; readonly nowMs: number }): Frame[] {
  return market.tokens.map(({ tokenId }) => ({
    market: market.conditionId,
    asset_id: tokenId,
    old_tick_size: priceText(change.oldTickE4),
    new_tick_size: priceText(market.tickE4),
    timestamp: stamp(change.nowMs),
    event_type: 'tick_size_change',
  }));
}

export function newMarketFrame(
  market: Market,
  about: { readonly event: EventSpec | undefined; readonly nowMs: number },
): Frame {
  const ids = market.tokens.map(({ tokenId }) => tokenId);
  const { event } = about;
  return {
    id: market.id,
    question: market.question,
    market: market.conditionId,
    slug: market.slug,
    description: market.description,
    assets_ids: ids,
    outcomes: market.tokens.map(({ outcome }) => outcome),
    event_message: {
      id: event?.id ?? '',
      ticker: event?.slug ?? '',
      slug: event?.slug ?? '',
      title: event?.title ?? '',
      description: event?.description ?? '',
    },
    timestamp: stamp(about.nowMs),
    event_type: 'new_market',
    tags: market.tags,
    condition_id: market.conditionId,
    active: market.active,
    clob_token_ids: ids,
    sports_market_type: '',
    line: '',
    game_start_time: market.gameStartIso ?? '',
    order_price_min_tick_size: priceText(market.tickE4),
    group_item_title: market.groupItemTitle,
    taker_base_fee: '1000',
    fees_enabled: market.fee.rateE6 > 0,
    fee_schedule: {
      exponent: String(market.fee.exponent),
      rate: String(decimalNumber(market.fee.rateE6, 6)),
      taker_only: market.fee.takerOnly,
      rebate_rate: '0',
    },
  };
}

export function resolvedFrame(market: Market, nowMs: number): Frame {
  const winner = market.tokens.find((_token, index) => (market.payouts?.[index] ?? 0) > 500_000);
  return {
    id: market.id,
    market: market.conditionId,
    assets_ids: market.tokens.map(({ tokenId }) => tokenId),
    // Two halves have no winner; how the venue then fills these two is unverified.
    winning_asset_id: winner?.tokenId ?? '',
    winning_outcome: winner?.outcome ?? '',
    timestamp: stamp(nowMs),
    event_type: 'market_resolved',
    tags: market.tags,
  };
}

/** A snapshot that never was: for placeholder quotes, emptied books and stale books. */
export function madeUpBook(
  frame: Frame,
  sides: { readonly bids: readonly WireLevel[]; readonly asks: readonly WireLevel[] },
): Frame {
  const changed = { ...frame, ...sides };
  return { ...changed, hash: bookHash(changed as unknown as BookBody) };
}

function stamp(ms: number): string {
  return String(Math.floor(ms));
}
