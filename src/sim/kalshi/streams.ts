/** All connections: what the venue announces goes to whoever subscribed to it. */
import type { ServerRequest, UpgradeAnswer } from '../../domain/ports/local-server.ts';
import type { ApiKey } from './auth.ts';
import { type Channel, Connection } from './connection.ts';
import type { Core } from './core.ts';
import { Refusal } from './errors.ts';
import type { BookChange, Feed, PositionChange } from './feed.ts';
import {
  bookMessage,
  deltaMessage,
  fillMessage,
  orderMessage,
  positionMessage,
  tickerMessage,
  tradeMessage,
} from './frames.ts';
import { type JsonObject, reply } from './json.ts';
import type { FillRecord, Market, OrderRecord, TradeRecord } from './model.ts';

const SOCKET_PATH = '/trade-api/ws/v2';

export class Streams implements Feed {
  readonly #core: Core;
  readonly #connections = new Set<Connection>();
  /** The last quotes told, so that only changes are. */
  readonly #quotes = new Map<string, string>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Every connection is signed, also for public channels; an unsigned one gets 401 instead of an upgrade. */
  onUpgrade(request: ServerRequest): UpgradeAnswer {
    const down = this.#refusal(request);
    if (down !== undefined) return { kind: 'refuse', reply: reply(down, undefined) };
    const key = this.#authenticate(request);
    if (key instanceof Refusal) return { kind: 'refuse', reply: key.reply };
    return {
      kind: 'accept',
      open: (socket) => {
        const onClosed = (closed: Connection): void => void this.#connections.delete(closed);
        const connection = new Connection(this.#core, { key, socket, onClosed });
        this.#connections.add(connection);
        return connection;
      },
    };
  }

  connections(): readonly Connection[] {
    return [...this.#connections];
  }

  book(change: BookChange): void {
    for (const connection of this.#connections)
      for (const subscription of connection.listening('orderbook_delta', change.ticker)) {
        const reader = { accountId: connection.key.accountId, useYesPrice: subscription.useYesPrice };
        const msg = deltaMessage(this.#core.catalog, change, reader);
        connection.emit(subscription, { type: 'orderbook_delta', msg, market: change.ticker });
      }
  }

  bookReset(ticker: string): void {
    for (const connection of this.#connections)
      for (const subscription of connection.listening('orderbook_delta', ticker)) {
        const msg = bookMessage(this.#core.catalog, ticker, subscription.useYesPrice);
        connection.emit(subscription, { type: 'orderbook_snapshot', msg, market: ticker });
      }
  }

  trade(trade: TradeRecord): void {
    this.#tell('trade', { type: 'trade', msg: tradeMessage(trade), market: trade.ticker });
  }

  quote(ticker: string): void {
    const { catalog } = this.#core;
    const { lastPriceE4, volumeE6 } = catalog.market(ticker);
    const now = JSON.stringify([catalog.quotes(ticker), lastPriceE4, volumeE6]);
    if (this.#quotes.get(ticker) === now) return;
    this.#quotes.set(ticker, now);
    const msg = tickerMessage(catalog, ticker, this.#core.nowMicros());
    this.#tell('ticker', { type: 'ticker', msg, market: ticker });
  }

  fill(fill: FillRecord): void {
    this.#tell('fill', { type: 'fill', msg: fillMessage(fill), market: fill.ticker }, fill.accountId);
  }

  order(order: OrderRecord): void {
    const msg = orderMessage(order, this.#core.accounts.get(order.accountId).userId);
    this.#tell('user_orders', { type: 'user_order', msg, market: order.ticker }, order.accountId);
  }

  position(change: PositionChange): void {
    const msg = positionMessage(change, this.#core.accounts.get(change.accountId).userId);
    this.#tell('market_positions', { type: 'market_position', msg, market: change.ticker }, change.accountId);
  }

  group(accountId: string, msg: JsonObject): void {
    this.#tell('order_group_updates', { type: 'order_group_updates', msg }, accountId);
  }

  /** Combos have a channel of their own; the other one never carries them. */
  lifecycle(market: Market, msg: JsonObject): void {
    const type = market.ticker.startsWith('KXMVE') ? 'multivariate_market_lifecycle' : 'market_lifecycle_v2';
    this.#tell(type, { type, msg, market: market.ticker });
  }

  event(kind: 'event_lifecycle' | 'event_fee_update', msg: JsonObject): void {
    const isCombo = String(msg.event_ticker).startsWith('KXMVE');
    this.#tell(isCombo ? 'multivariate_market_lifecycle' : 'market_lifecycle_v2', { type: kind, msg });
  }

  stall(forMs: number): void {
    for (const connection of this.#connections) connection.stall(forMs);
  }

  #tell(channel: Channel, parts: { type: string; msg: JsonObject; market?: string }, accountId?: string): void {
    for (const connection of this.#connections) {
      if (accountId !== undefined && connection.key.accountId !== accountId) continue;
      for (const subscription of connection.listening(channel, parts.market)) connection.emit(subscription, parts);
    }
  }

  #authenticate(request: ServerRequest): ApiKey | Refusal {
    try {
      return this.#core.accounts.keyring.authenticate(request, this.#core.nowMs());
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  /** Reconnecting after a node was replaced may meet 502 (seen on the demo venue). */
  #refusal(request: ServerRequest): number | undefined {
    if (this.#core.nowMs() < this.#core.deadUntilMs) return 502;
    const place = { step: 'upgrade', endpoint: `GET ${request.target}` };
    for (const id of ['N1', 'N9', 'N8', 'N11']) if (this.#core.faults.strike(id, place) !== undefined) return 502;
    return request.target.split('?')[0] === SOCKET_PATH ? undefined : 404;
  }
}
