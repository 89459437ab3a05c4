/** One WebSocket connection: its subscriptions, their sequence numbers, and what leaves on it. */
import type { ServerSocket, ServerSocketListener } from '../../domain/ports/local-server.ts';
import type { ApiKey } from './auth.ts';
import { obey } from './commands.ts';
import type { Core } from './core.ts';
import { bookMessage } from './frames.ts';
import type { JsonObject } from './json.ts';
import { Outbox } from './outbox.ts';
import { distort } from './socket-faults.ts';

/** Whether a channel counts its frames. The private ones do not: a lost fill cannot be seen from the stream. */
export const CHANNELS = {
  orderbook_delta: true,
  trade: true,
  ticker: false,
  market_lifecycle_v2: true,
  multivariate_market_lifecycle: true,
  fill: false,
  user_orders: false,
  market_positions: false,
  order_group_updates: true,
} as const satisfies Readonly<Record<string, boolean>>;

export type Channel = keyof typeof CHANNELS;

export interface Subscription {
  readonly sid: number;
  readonly channel: Channel;
  /** `undefined` for all. */
  readonly markets: Set<string> | undefined;
  readonly useYesPrice: boolean;
  /** Of the last frame. */
  seq: number;
  /** An earlier snapshot by market, for a fault that sends it again. */
  readonly snapshots: Map<string, JsonObject>;
}

export interface FrameParts {
  readonly type: string;
  readonly msg?: JsonObject | readonly JsonObject[];
  /** Of the command that this answers. */
  readonly id?: number;
  readonly market?: string;
}

export class Connection implements ServerSocketListener {
  readonly core: Core;
  readonly key: ApiKey;
  readonly outbox: Outbox;
  readonly #socket: ServerSocket;
  readonly #onClosed: (connection: Connection) => void;
  readonly #subscriptions = new Map<number, Subscription>();
  #nextSid = 1;
  #isOpen = true;
  /** Set while bytes from the client do not arrive. */
  deafUntilMs = 0;

  constructor(core: Core, place: { key: ApiKey; socket: ServerSocket; onClosed: (connection: Connection) => void }) {
    this.core = core;
    this.key = place.key;
    this.#socket = place.socket;
    this.#onClosed = place.onClosed;
    this.outbox = new Outbox(core, place.socket);
    this.#pingLater();
  }

  onText(text: string): void {
    const { core } = this;
    if (core.nowMs() < this.deafUntilMs) return;
    const half = core.faults.strike('N2', { step: 'command' });
    if (half !== undefined) this.deafUntilMs = Number.POSITIVE_INFINITY;
    else obey(this, text);
  }

  onPing(): void {
    // Answered by the shell that owns the bytes.
  }

  onPong(): void {
    // The venue documents no timeout for pongs, so none is kept.
  }

  onClose(): void {
    this.#end();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  subscribe(wish: { channel: Channel; markets: readonly string[] | undefined; useYesPrice: boolean }): Subscription {
    const subscription: Subscription = {
      sid: this.#nextSid++,
      channel: wish.channel,
      markets: wish.markets === undefined ? undefined : new Set(wish.markets),
      useYesPrice: wish.useYesPrice,
      seq: 0,
      snapshots: new Map(),
    };
    this.#subscriptions.set(subscription.sid, subscription);
    return subscription;
  }

  unsubscribe(sid: number): void {
    this.#subscriptions.delete(sid);
  }

  find(sid: number): Subscription | undefined {
    return this.#subscriptions.get(sid);
  }

  subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  /** Those that carry this channel and, where the channel is about markets, this market. */
  listening(channel: Channel, market?: string): readonly Subscription[] {
    return this.subscriptions().filter(
      (each) =>
        each.channel === channel && (market === undefined || each.markets === undefined || each.markets.has(market)),
    );
  }

  /** A frame of a subscription: numbered where the channel counts, even when a fault then loses it. */
  emit(subscription: Subscription, parts: FrameParts): void {
    if (!this.#isOpen || this.#subscriptions.get(subscription.sid) !== subscription) return;
    if (this.outbox.bytes > this.core.settings.socket.overflowBytes) {
      this.endSubscription(subscription, 25);
      return;
    }
    const isCounted = CHANNELS[subscription.channel];
    const frame: JsonObject = {
      type: parts.type,
      id: parts.id,
      sid: subscription.sid,
      seq: isCounted ? ++subscription.seq : undefined,
      msg: parts.msg,
    };
    if (this.core.faults.isArmed) distort(this, subscription, { frame, market: parts.market });
    else this.outbox.send(frame);
  }

  /** A frame that belongs to no subscription. */
  say(frame: JsonObject): void {
    if (this.#isOpen) this.outbox.send(frame);
  }

  snapshot(subscription: Subscription, ticker: string, id?: number): void {
    const msg = bookMessage(this.core.catalog, ticker, subscription.useYesPrice);
    this.emit(subscription, { type: 'orderbook_snapshot', msg, market: ticker, ...(id === undefined ? {} : { id }) });
    if (!subscription.snapshots.has(ticker)) subscription.snapshots.set(ticker, msg);
  }

  stall(forMs: number): void {
    this.outbox.hold(forMs);
    this.deafUntilMs = this.core.nowMs() + forMs;
  }

  /** Terminal errors: 10 (channel error) and 25 (buffer overflow). The subscription is gone afterwards. */
  endSubscription(subscription: Subscription, code: 10 | 25): void {
    if (!this.#subscriptions.delete(subscription.sid)) return;
    const msg = { code, msg: code === 10 ? 'Channel error' : 'Subscription buffer overflow' };
    const seq = CHANNELS[subscription.channel] ? ++subscription.seq : undefined;
    this.say({ type: 'error', sid: subscription.sid, seq, msg });
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#end();
    this.#socket.close(code, reason);
  }

  /** Without a close frame, as on maintenance and when a node is replaced. */
  cut(): void {
    if (!this.#isOpen) return;
    this.#end();
    this.#socket.cut();
  }

  #end(): void {
    this.#isOpen = false;
    this.#subscriptions.clear();
    this.#onClosed(this);
  }

  #pingLater(): void {
    this.core.afterMs(this.core.settings.socket.pingMs, () => {
      if (!this.#isOpen) return;
      // Recorded demo session 2026-06-11: eight pings in 90 s with this payload.
      if (this.core.faults.strike('N4', { step: 'ping' }) === undefined) this.#socket.ping('heartbeat');
      this.#pingLater();
    });
  }
}
