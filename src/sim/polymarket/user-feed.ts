/** The private socket: own orders and trades. Never replayed: what was missed is only in REST. */
import type { ServerSocket, ServerSocketListener } from '../../domain/ports/local-server.ts';
import type { Auth } from './auth.ts';
import type { Frame } from './frames.ts';
import { type FeedParts, parsed } from './market-feed.ts';
import type { Order, Trade } from './model.ts';
import { decimalText, priceText, sizeText } from './numbers.ts';
import { recordOf } from './order-wire.ts';
import type { OrderEventType } from './publisher.ts';
import { SocketLine } from './socket-line.ts';
import { tokenOf } from './trades.ts';
import { makerOrders, seconds } from './views.ts';

interface Listener {
  readonly line: SocketLine;
  owner: string | undefined;
  /** Undefined: all markets. */
  markets: Set<string> | undefined;
}

export class UserFeed {
  readonly #parts: FeedParts;
  readonly #auth: Auth;
  readonly #listeners = new Set<Listener>();

  constructor(parts: FeedParts, auth: Auth) {
    this.#parts = parts;
    this.#auth = auth;
  }

  open(socket: ServerSocket): ServerSocketListener {
    const { clock, faults, outage, settings } = this.#parts;
    const line = new SocketLine(socket, { clock, faults, outage, idleCloseMs: settings.idleCloseMs, channel: 'user' });
    const listener: Listener = { line, owner: undefined, markets: undefined };
    this.#listeners.add(listener);
    return {
      onText: (text) => this.#hear(listener, text),
      onPing: () => undefined,
      onPong: () => undefined,
      onClose: () => {
        line.ended();
        this.#listeners.delete(listener);
      },
    };
  }

  lines(): SocketLine[] {
    return [...this.#listeners].map(({ line }) => line).filter(({ isOpen }) => isOpen);
  }

  orderChanged(order: Order, change: { readonly type: OrderEventType; readonly text?: string }): void {
    const market = this.#parts.store.market(order.conditionId);
    const isDirty = change.text !== undefined;
    const matched = order.tradeIds.length > 0 ? [...order.tradeIds] : null;
    this.#tell(order.owner, order.conditionId, {
      event_type: 'order',
      id: order.id,
      owner: order.owner,
      market: order.conditionId,
      asset_id: order.tokenId,
      side: order.side,
      order_owner: order.owner,
      original_size: isDirty ? dirtySize(order) : sizeText(order.sizeE6),
      size_matched: isDirty ? '' : sizeText(order.matchedE6),
      price: priceText(order.priceE4),
      associate_trades: isDirty ? [] : matched,
      outcome: isDirty ? '' : tokenOf(market, order.tokenId).outcome,
      type: change.type,
      created_at: isDirty ? '' : String(seconds(order.createdAtMs)),
      expiration: String(order.expiration),
      order_type: order.type,
      status: isDirty ? `CANCELED_${change.text}` : order.status,
      maker_address: order.wallet,
      timestamp: String(Math.floor(this.#parts.nowMs())),
    });
  }

  /** To the taker and to every maker, each once. */
  tradeChanged(trade: Trade): void {
    const owners = new Set([trade.takerOwner, ...trade.makers.map(({ owner }) => owner)]);
    for (const owner of owners) this.#tell(owner, trade.conditionId, this.#tradeFrame(trade, owner));
  }

  #tradeFrame(trade: Trade, owner: string): Frame {
    const isTaker = trade.takerOwner === owner;
    const own = trade.makers.find((maker) => maker.owner === owner);
    return {
      event_type: 'trade',
      type: 'TRADE',
      id: trade.id,
      taker_order_id: trade.takerOrderId,
      market: trade.conditionId,
      asset_id: trade.tokenId,
      side: trade.side,
      size: sizeText(trade.sizeE6),
      price: trade.price,
      fee_rate_bps: '0',
      status: trade.status,
      match_time: String(seconds(trade.matchedAtMs)),
      last_update: String(seconds(trade.updatedAtMs)),
      outcome: trade.outcome,
      owner,
      trade_owner: owner,
      maker_address: isTaker || own === undefined ? trade.takerWallet : own.wallet,
      transaction_hash: trade.transactionHash,
      bucket_index: 0,
      maker_orders: makerOrders(trade),
      trader_side: isTaker ? 'TAKER' : 'MAKER',
      timestamp: String(Math.floor(this.#parts.nowMs())),
    };
  }

  #hear(listener: Listener, text: string): void {
    if (!listener.line.hears(text)) return;
    if (text === 'PING') {
      listener.line.pong();
      return;
    }
    const frame = parsed(text);
    if (frame === undefined) return;
    if (this.#parts.faults.strike('N10', { channel: 'user', step: 'subscribe' }) !== undefined) return;
    const markets = Array.isArray(frame.markets) ? frame.markets.map(String) : undefined;
    if (listener.owner === undefined) {
      this.#introduce(listener, frame, markets);
      return;
    }
    if (frame.operation === 'subscribe') for (const market of markets ?? []) listener.markets?.add(market);
    if (frame.operation === 'unsubscribe') for (const market of markets ?? []) listener.markets?.delete(market);
  }

  /** Wrong credentials end the connection; there is no message that says so. The close code is unverified. */
  #introduce(
    listener: Listener,
    frame: Readonly<Record<string, unknown>>,
    markets: readonly string[] | undefined,
  ): void {
    const { apiKey, secret, passphrase } = recordOf(frame.auth) ?? {};
    const key = this.#auth.credentials({ apiKey, secret, passphrase });
    if (key === undefined) {
      listener.line.close(1008, '');
      return;
    }
    listener.owner = key.key;
    listener.markets = markets === undefined || markets.length === 0 ? undefined : new Set(markets);
  }

  #tell(owner: string, market: string, frame: Frame): void {
    for (const listener of this.#listeners)
      if (listener.owner === owner && (listener.markets === undefined || listener.markets.has(market)))
        listener.line.deliver(frame);
  }
}

/** Killed BUY orders were seen with their dollars where the shares should stand (May to August 2026). */
function dirtySize(order: Order): string {
  return order.budgetMicro === undefined ? sizeText(order.sizeE6) : decimalText(order.budgetMicro, 6);
}
