/** The public socket: snapshots, changes, trades. No sequence numbers and no acknowledgements: only data proves a subscription. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { ServerSocket, ServerSocketListener } from '../../domain/ports/local-server.ts';
import type { FaultRack } from '../faults.ts';
import type { LevelChange } from '../matching/engine.ts';
import {
  bestFrame,
  bests,
  bookFrame,
  type Frame,
  lastTradeFrame,
  newMarketFrame,
  priceChangeFrame,
  resolvedFrame,
  tickFrames,
} from './frames.ts';
import type { MirrorBooks } from './mirror.ts';
import type { Market, Trade } from './model.ts';
import type { PolymarketSettings } from './options.ts';
import { recordOf } from './order-wire.ts';
import type { Outage } from './outage.ts';
import { SocketLine } from './socket-line.ts';
import type { Store } from './store.ts';

export interface FeedParts {
  readonly clock: Clock;
  readonly faults: FaultRack;
  readonly outage: Outage;
  readonly settings: PolymarketSettings;
  readonly store: Store;
  readonly nowMs: () => number;
}

interface Subscriber {
  readonly line: SocketLine;
  readonly assets: Set<string>;
  hasExtras: boolean;
  isSubscribed: boolean;
}

export class MarketFeed {
  readonly #parts: FeedParts;
  readonly #books: MirrorBooks;
  readonly #subscribers = new Set<Subscriber>();
  /** What was last told of the best prices, per token. */
  readonly #told = new Map<string, string>();

  constructor(parts: FeedParts, books: MirrorBooks) {
    this.#parts = parts;
    this.#books = books;
  }

  open(socket: ServerSocket): ServerSocketListener {
    const { clock, faults, outage, settings } = this.#parts;
    const line = new SocketLine(socket, {
      clock,
      faults,
      outage,
      idleCloseMs: settings.idleCloseMs,
      channel: 'market',
    });
    const subscriber: Subscriber = { line, assets: new Set(), hasExtras: false, isSubscribed: false };
    this.#subscribers.add(subscriber);
    return {
      onText: (text) => this.#hear(subscriber, text),
      onPing: () => undefined,
      onPong: () => undefined,
      onClose: () => {
        line.ended();
        this.#subscribers.delete(subscriber);
      },
    };
  }

  lines(): SocketLine[] {
    return [...this.#subscribers].map(({ line }) => line).filter(({ isOpen }) => isOpen);
  }

  levelsChanged(
    market: Market,
    change: { readonly tokenId: string; readonly levels: readonly LevelChange<string, string>[] },
  ): void {
    const nowMs = this.#parts.nowMs();
    const other = market.tokens.find(({ tokenId }) => tokenId !== change.tokenId)?.tokenId ?? '';
    // Observed on 2026-09-24: one change is told as the best prices of the other token, those of the token, and only
    // then the change itself, all with one timestamp.
    for (const tokenId of [other, change.tokenId])
      if (this.#isNewBest(market, tokenId))
        this.#tell(market, [tokenId], bestFrame(this.#books, market, { tokenId, nowMs }), true);
    for (const last of lastPerLevel(change.levels)) {
      const frame = priceChangeFrame(this.#books, market, { tokenId: change.tokenId, nowMs, change: last });
      this.#tell(market, idsOf(market), frame);
    }
  }

  traded(market: Market, trades: readonly Trade[]): void {
    const nowMs = this.#parts.nowMs();
    for (const trade of trades) this.#tell(market, [trade.tokenId], lastTradeFrame(market, trade, nowMs));
    for (const tokenId of idsOf(market)) this.#tell(market, [tokenId], bookFrame(this.#books, market, tokenId));
  }

  tickChanged(market: Market, oldTickE4: number): void {
    const nowMs = this.#parts.nowMs();
    for (const frame of tickFrames(market, { oldTickE4, nowMs })) this.#tell(market, [String(frame.asset_id)], frame);
    for (const tokenId of idsOf(market)) this.#tell(market, [tokenId], bookFrame(this.#books, market, tokenId));
  }

  marketAdded(market: Market): void {
    const event = this.#parts.store.eventOf(market);
    this.#tellAll(newMarketFrame(market, { event, nowMs: this.#parts.nowMs() }));
  }

  marketResolved(market: Market): void {
    this.#tellAll(resolvedFrame(market, this.#parts.nowMs()));
  }

  /** A whole snapshot now, for both tokens. */
  snapshot(market: Market): void {
    for (const tokenId of idsOf(market)) this.#tell(market, [tokenId], bookFrame(this.#books, market, tokenId));
  }

  #hear(subscriber: Subscriber, text: string): void {
    if (!subscriber.line.hears(text)) return;
    if (text === 'PING') {
      subscriber.line.pong();
      return;
    }
    const frame = parsed(text);
    if (frame === undefined) return;
    const ignored = this.#parts.faults.strike('N10', { channel: 'market', step: 'subscribe' });
    if (ignored !== undefined) return;
    const ids = Array.isArray(frame.assets_ids) ? frame.assets_ids.map(String) : [];
    if (frame.operation === 'unsubscribe') {
      for (const id of ids) subscriber.assets.delete(id);
      return;
    }
    const isFirst = String(frame.type).toLowerCase() === 'market';
    if (!isFirst && frame.operation !== 'subscribe') return;
    if (typeof frame.custom_feature_enabled === 'boolean') subscriber.hasExtras = frame.custom_feature_enabled;
    for (const id of ids) subscriber.assets.add(id);
    subscriber.isSubscribed = true;
    if (frame.initial_dump !== false) this.#dump(subscriber, ids);
  }

  #dump({ line, assets }: Subscriber, ids: readonly string[]): void {
    if (assets.size > this.#parts.settings.snapshotAssetsMax) return;
    const books = ids.flatMap((tokenId) => {
      const market = this.#parts.store.ofToken(tokenId)?.market;
      return market === undefined || market.closed ? [] : [bookFrame(this.#books, market, tokenId)];
    });
    if (books.length > 0) line.deliver(books);
  }

  #isNewBest(market: Market, tokenId: string): boolean {
    const { best_bid, best_ask } = bests(this.#books.quotes(market, tokenId));
    const now = `${best_bid}/${best_ask}`;
    if (this.#told.get(tokenId) === now) return false;
    this.#told.set(tokenId, now);
    return true;
  }

  /** Once to each socket that follows any of these tokens. */
  #tell(_market: Market, tokenIds: readonly string[], frame: Frame, isExtra = false): void {
    for (const subscriber of this.#subscribers) {
      if (isExtra && !subscriber.hasExtras) continue;
      if (tokenIds.some((id) => subscriber.assets.has(id))) subscriber.line.deliver(frame);
    }
  }

  /** Events of the whole venue go to everybody who asked for extras, whatever they follow. */
  #tellAll(frame: Frame): void {
    for (const { line, hasExtras, isSubscribed } of this.#subscribers)
      if (hasExtras && isSubscribed) line.deliver(frame);
  }
}

function idsOf(market: Market): string[] {
  return market.tokens.map(({ tokenId }) => tokenId);
}

/** Several changes of one level in one moment are told once, with the last total. */
function lastPerLevel(levels: readonly LevelChange<string, string>[]): LevelChange<string, string>[] {
  const last = new Map<string, LevelChange<string, string>>();
  for (const level of levels) last.set(`${level.side}${level.priceE4}`, level);
  return [...last.values()];
}

export function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}
