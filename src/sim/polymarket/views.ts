/** Orders, trades and books as the CLOB prints them. Decimals are text and never padded; the best level is last. */
import { type BookBody, bookHash } from './book-hash.ts';
import type { MirrorBooks } from './mirror.ts';
import type { Market, Order, Trade } from './model.ts';
import { complementOf, decimalText, paddedText, priceText, sizeText } from './numbers.ts';
import { tokenOf } from './trades.ts';

/**
 * The stamp is the last change, not the read: 60 books of a run recorded on 2026-03-11 were up to 67 s old when asked
 * for, and unchanged ones came again with the same stamp and hash.
 */
export function bookView(books: MirrorBooks, market: Market, tokenId: string): BookBody {
  const { bids, asks } = books.quotes(market, tokenId);
  const wire = (levels: typeof bids): { price: string; size: string }[] =>
    levels.map(({ priceE4, sizeE6 }) => ({ price: priceText(priceE4), size: sizeText(sizeE6) })).reverse();
  const book = {
    market: market.conditionId,
    asset_id: tokenId,
    timestamp: String(Math.floor(market.bookChangedAtMs)),
    hash: '',
    bids: wire(bids),
    asks: wire(asks),
    min_order_size: sizeText(market.minSizeE6),
    tick_size: priceText(market.tickE4),
    neg_risk: market.negRisk,
    last_trade_price: lastTradeText(market, tokenId),
  };
  return { ...book, hash: bookHash(book) };
}

export function lastTradeText(market: Market, tokenId: string): string {
  const last = lastTradeOf(market, tokenId);
  return last === undefined ? '' : paddedText(last, { decimals: 4, least: 3 });
}

export function lastTradeOf(market: Market, tokenId: string): number | undefined {
  if (market.lastTradeE4 === undefined) return undefined;
  return market.tokens[0].tokenId === tokenId ? market.lastTradeE4 : complementOf(market.lastTradeE4);
}

export function openOrderView(market: Market, order: Order): Readonly<Record<string, unknown>> {
  return {
    id: order.id,
    status: order.status,
    owner: order.owner,
    maker_address: order.wallet,
    market: order.conditionId,
    asset_id: order.tokenId,
    side: order.side,
    original_size: sizeText(order.sizeE6),
    size_matched: sizeText(order.matchedE6),
    price: priceText(order.priceE4),
    outcome: tokenOf(market, order.tokenId).outcome,
    expiration: String(order.expiration),
    order_type: order.type,
    associate_trades: [...order.tradeIds],
    created_at: seconds(order.createdAtMs),
  };
}

/** As the owner of one side sees it. */
export function tradeView(trade: Trade, viewer: { readonly owner: string }): Readonly<Record<string, unknown>> {
  const isTaker = trade.takerOwner === viewer.owner;
  const own = trade.makers.find(({ owner }) => owner === viewer.owner);
  return {
    id: trade.id,
    taker_order_id: trade.takerOrderId,
    market: trade.conditionId,
    asset_id: trade.tokenId,
    side: trade.side,
    size: sizeText(trade.sizeE6),
    fee_rate_bps: '0',
    price: trade.price,
    status: trade.status,
    match_time: String(seconds(trade.matchedAtMs)),
    match_time_nano: `${Math.floor(trade.matchedAtMs)}000000`,
    last_update: String(seconds(trade.updatedAtMs)),
    outcome: trade.outcome,
    bucket_index: 0,
    owner: viewer.owner,
    maker_address: isTaker || own === undefined ? trade.takerWallet : own.wallet,
    transaction_hash: trade.transactionHash,
    err_msg: null,
    trader_side: isTaker ? 'TAKER' : 'MAKER',
    maker_orders: makerOrders(trade),
  };
}

export function makerOrders(trade: Trade): Readonly<Record<string, string>>[] {
  return trade.makers.map((maker) => ({
    order_id: maker.orderId,
    owner: maker.owner,
    maker_address: maker.wallet,
    matched_amount: sizeText(maker.sizeE6),
    price: priceText(maker.priceE4),
    fee_rate_bps: '0',
    asset_id: maker.tokenId,
    outcome: maker.outcome,
    side: maker.side,
  }));
}

/** The body of a successful order. Amounts are decimals, as logged live in January and May 2026. */
export function matchedView(order: Order, trades: readonly Trade[]): Readonly<Record<string, unknown>> {
  const cash = decimalText(
    trades.reduce((sum, { cashMicro }) => sum + cashMicro, 0),
    6,
  );
  const shares = sizeText(trades.reduce((sum, { sizeE6 }) => sum + sizeE6, 0));
  const hashes = trades.flatMap(({ transactionHash }) => (transactionHash === '' ? [] : [transactionHash]));
  return {
    success: true,
    errorMsg: '',
    orderID: order.id,
    takingAmount: order.side === 'BUY' ? shares : cash,
    makingAmount: order.side === 'BUY' ? cash : shares,
    status: 'matched',
    ...(hashes.length > 0 ? { transactionsHashes: hashes } : {}),
    tradeIDs: trades.map(({ id }) => id),
  };
}

export function acceptedView(order: Order, status: 'live' | 'delayed'): Readonly<Record<string, unknown>> {
  return { success: true, errorMsg: '', orderID: order.id, takingAmount: '', makingAmount: '', status };
}

/** The odd leg of a batch: success, and yet no order id. */
export function refusedLegView(errorMsg: string): Readonly<Record<string, unknown>> {
  return { success: true, errorMsg, orderID: '', takingAmount: '', makingAmount: '', status: '' };
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
