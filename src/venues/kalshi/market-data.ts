/**
 * Kalshi market data of one connection: keeps the count of every subscription and turns frames into
 * events. No input or output of its own: text goes in, events come out of `emit`.
 *
 * `seq` counts per sid from 1 over every frame of the subscription, its answers and errors included, and
 * over all its markets (Kalshi AsyncAPI, October 2026; recorded 2026-08). One missing frame therefore
 * gaps every book of the sid, and each waits for a snapshot in sequence. Nothing is repaired by guessing.
 */
import { type BookId, bookId, type TickGrid } from '../../domain/instrument.ts';
import { unreachable } from '../../domain/invariant.ts';
import type { FrameFaultKind, GapReason, MarketDataEvent } from '../../domain/ports/market-data.ts';
import type {
  DeltaFrame,
  ErrorFrame,
  KalshiEnvelope,
  KalshiFrame,
  LifecycleFrame,
  MalformedFrame,
  OkFrame,
  SnapshotFrame,
  SubscribedFrame,
  TradeFrame,
  UnknownKindFrame,
  UnsubscribedFrame,
} from './frame.ts';
import { type KalshiParseOptions, parseKalshiFrame } from './parse.ts';
import { type HeldBook, Subscription } from './subscription.ts';
import { bookChannel, booklessTypes, unsequencedChannels } from './wire.ts';

export type Emit = (event: MarketDataEvent) => void;

/** How a frame stands to the count: the next one, after missing ones, a repetition, or of no subscription. */
type Order = 'next' | 'ahead' | 'behind' | 'stray';

export class KalshiMarketData {
  readonly #connection: string;
  readonly #parsing: KalshiParseOptions;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #books = new Map<string, HeldBook>();
  /** The market of the latest delta: they come in runs, and comparing a fresh text is cheaper than hashing it. */
  #latest: HeldBook | undefined;
  /** Recordings may start in mid-stream: until the first `subscribed`, an unknown sid is taken as it comes. */
  #hasSubscribed = false;

  constructor(options: { readonly connection: string } & KalshiParseOptions) {
    this.#connection = options.connection;
    this.#parsing = { useYesPrice: options.useYesPrice };
  }

  /** Every book of a subscription, live or gapped. */
  booksOf(sid: number): readonly BookId[] {
    return this.#subscriptions.get(sid)?.bookIds ?? [];
  }

  onFrame(text: string, emit: Emit): void {
    this.onParsed(parseKalshiFrame(text, this.#parsing), emit);
  }

  onParsed(frame: KalshiFrame, emit: Emit): void {
    switch (frame.kind) {
      case 'delta':
        this.#onDelta(frame, emit);
        return;
      case 'snapshot':
        this.#onSnapshot(frame, emit);
        return;
      case 'trade':
        this.#onTrade(frame, emit);
        return;
      case 'ticker': {
        const { bestBidE4, bestAskE4, stamp, venueAtMs } = frame;
        emit({ kind: 'quote.seen', book: this.#idOf(frame.ticker), bestBidE4, bestAskE4, stamp, venueAtMs });
        return;
      }
      case 'lifecycle':
        this.#onLifecycle(frame, emit);
        return;
      case 'subscribed':
        this.#onSubscribed(frame, emit);
        return;
      case 'unsubscribed':
        this.#onUnsubscribed(frame, emit);
        return;
      case 'ok':
        this.#onOk(frame, emit);
        return;
      case 'error':
        this.#onError(frame, emit);
        return;
      case 'private':
      case 'other':
        this.#count(frame, emit);
        return;
      case 'unknownKind':
        this.#onUnknownKind(frame, emit);
        return;
      case 'malformed':
        this.#onMalformed(frame, emit);
        return;
      default:
        unreachable(frame, 'a Kalshi frame');
    }
  }

  /** The connection is gone: no book is current, and the next connection counts from the start. */
  reset(emit: Emit): void {
    const books = [...this.#books.values()].map((book) => book.id);
    this.#subscriptions.clear();
    this.#books.clear();
    this.#latest = undefined;
    this.#hasSubscribed = false;
    if (books.length > 0)
      emit({ kind: 'book.gapped', books, reason: 'disconnected', detail: `connection ${this.#connection} ended` });
  }

  #onDelta(frame: DeltaFrame, emit: Emit): void {
    if (this.#order(frame.sid, frame.seq, frame.ticker, emit) !== 'next') return;
    const book = this.#held(frame.ticker);
    if (book === undefined || book.subscription.sid !== frame.sid) {
      const expected = `orderbook_delta must follow a snapshot of its market on the same sid`;
      this.#fault('unknownMarket', `${expected}, found ${this.#at(frame)} ${frame.ticker}`, [], emit);
      this.#prove(frame.sid, emit);
      return;
    }
    if (!book.isLive) {
      // A gapped book waits for its snapshot: a delta on top of unknown sizes would be a guess.
      this.#prove(frame.sid, emit);
      return;
    }
    emit({
      kind: 'book.delta',
      book: book.id,
      side: frame.side,
      priceE4: frame.priceE4,
      deltaE6: frame.deltaE6,
      stamp: frame.stamp,
      venueAtMs: frame.venueAtMs,
    });
  }

  #onSnapshot(frame: SnapshotFrame, emit: Emit): void {
    if (this.#order(frame.sid, frame.seq, frame.ticker, emit) !== 'next') return;
    const subscription = this.#subscriptions.get(frame.sid);
    if (subscription === undefined) return;
    if (subscription.channel !== undefined && subscription.channel !== bookChannel) {
      const found = `found one on ${subscription.channel}, ${this.#at(frame)} ${frame.ticker}`;
      this.#fault('unknownMarket', `orderbook_snapshot must come on ${bookChannel}, ${found}`, [], emit);
      return;
    }
    const known = this.#books.get(frame.ticker);
    const book = known ?? { id: bookId('kalshi', frame.ticker), ticker: frame.ticker, subscription, isLive: false };
    this.#books.set(frame.ticker, book);
    subscription.adopt(book);
    subscription.markLive(book);
    const { bids, asks, stamp, venueAtMs } = frame;
    emit({
      kind: 'book.snapshot',
      book: book.id,
      bids,
      asks,
      grid: undefined,
      feed: subscription.feed,
      stamp,
      venueAtMs,
    });
  }

  #onTrade(frame: TradeFrame, emit: Emit): void {
    const order = this.#order(frame.sid, frame.seq, undefined, emit);
    // A print after missing frames is still a print; a repeated one is not a second.
    if (order === 'behind' || order === 'stray') return;
    const { priceE4, sizeE6, tradeId, stamp, venueAtMs } = frame;
    emit({ kind: 'trade.printed', book: this.#idOf(frame.ticker), priceE4, sizeE6, tradeId, stamp, venueAtMs });
    if (order === 'next') this.#prove(frame.sid, emit);
  }

  #onLifecycle(frame: LifecycleFrame, emit: Emit): void {
    const order = this.#order(frame.sid, frame.seq, undefined, emit);
    if (order === 'behind' || order === 'stray') return;
    if (frame.regrid !== undefined) this.#onRegrid(frame.venueKey, frame.regrid.grid, frame, emit);
    else {
      const { venueKey, change, detail } = frame;
      emit({ kind: 'listing.changed', venue: 'kalshi', venueKey, change, detail });
    }
    if (!frame.isKnownChange) {
      const found = `found ${frame.change.slice(0, 40)} (${this.#at(frame)}, ${frame.venueKey})`;
      this.#fault('unknownKind', `${frame.type} must be of a known event_type, ${found}`, [], emit);
    }
    if (order === 'next') this.#prove(frame.sid, emit);
  }

  #onRegrid(ticker: string, grid: TickGrid | undefined, frame: LifecycleFrame, emit: Emit): void {
    const book = this.#idOf(ticker);
    if (grid !== undefined) {
      emit({ kind: 'tick.changed', book, grid, stamp: undefined, venueAtMs: undefined });
      return;
    }
    const held = this.#books.get(ticker);
    const detail = `expected price_ranges or a known price_level_structure (${this.#at(frame)}, ${ticker})`;
    if (held !== undefined) this.#gapOne(held, 'tickChanged', detail, emit);
    this.#fault('unknownKind', detail, [book], emit);
  }

  #onSubscribed(frame: SubscribedFrame, emit: Emit): void {
    this.#hasSubscribed = true;
    const { newSid: sid, channel } = frame;
    const known = this.#subscriptions.get(sid);
    if (known === undefined) {
      const connection = this.#connection;
      this.#subscriptions.set(sid, new Subscription({ connection, sid, channel, lastSeq: 0 }));
    } else if (known.channel === undefined || (known.channel === channel && known.lastSeq === 0)) {
      known.channel = channel;
    } else {
      const detail = `sid ${sid} must be subscribed once, found it again for ${channel} after seq ${known.lastSeq}`;
      this.#gap(known, 'sequence', detail, emit);
      this.#fault('sequence', detail, known.bookIds, emit);
    }
  }

  #onUnsubscribed(frame: UnsubscribedFrame, emit: Emit): void {
    if (frame.seq !== undefined && this.#order(frame.sid, frame.seq, undefined, emit) === 'stray') return;
    const subscription = this.#subscriptions.get(frame.sid);
    if (subscription !== undefined)
      this.#end(subscription, 'unsubscribed', `unsubscribed from ${this.#at(frame)}`, emit);
  }

  #onOk(frame: OkFrame, emit: Emit): void {
    if (frame.sid === undefined) return;
    const subscription = this.#subscriptions.get(frame.sid);
    if (frame.seq === undefined) {
      if (subscription !== undefined) this.#missingSeq(subscription, emit);
      return;
    }
    const order = this.#order(frame.sid, frame.seq, undefined, emit);
    if (order === 'behind' || order === 'stray') return;
    if (subscription !== undefined && frame.tickers !== undefined) this.#keepOnly(subscription, frame.tickers, emit);
    if (order === 'next') this.#prove(frame.sid, emit);
  }

  /** An answer on a sequenced channel must be counted (Kalshi AsyncAPI): without its number nothing is certain. */
  #missingSeq(subscription: Subscription, emit: Emit): void {
    if (subscription.channel !== undefined && unsequencedChannels.has(subscription.channel)) return;
    if (subscription.channel === undefined && subscription.lastSeq === 0) return;
    const detail = `an answer on sid ${subscription.sid} must carry seq ${subscription.lastSeq + 1}, found none`;
    this.#gap(subscription, 'sequence', detail, emit);
    this.#fault('sequence', detail, subscription.bookIds, emit);
  }

  #onError(frame: ErrorFrame, emit: Emit): void {
    const { sid, seq } = frame;
    const order = sid === undefined || seq === undefined ? undefined : this.#order(sid, seq, undefined, emit);
    const subscription = sid === undefined ? undefined : this.#subscriptions.get(sid);
    const about = frame.ticker === undefined ? this.#at(frame) : `${this.#at(frame)}, ${frame.ticker}`;
    const detail = `error ${frame.code} ${JSON.stringify(frame.message.slice(0, 120))} (${about})`;
    const held = frame.ticker === undefined ? undefined : this.#books.get(frame.ticker);
    if (!frame.isTerminal || order === 'behind' || order === 'stray') {
      this.#fault('venueError', detail, held === undefined ? [] : [held.id], emit);
      if (sid !== undefined && order === 'next') this.#prove(sid, emit);
      return;
    }
    if (subscription !== undefined) this.#end(subscription, 'terminalError', detail, emit);
    // Without a sid any subscription may be the dead one.
    const gapped = sid === undefined ? [...this.#subscriptions.values()] : [];
    for (const one of gapped) this.#gap(one, 'terminalError', detail, emit);
    const books = subscription?.bookIds ?? gapped.flatMap((one) => one.bookIds);
    this.#fault('venueError', detail, books, emit);
  }

  /** Frames that say nothing about books still count. */
  #count(frame: KalshiEnvelope, emit: Emit): void {
    if (frame.sid === undefined || frame.seq === undefined) return;
    if (this.#order(frame.sid, frame.seq, undefined, emit) === 'next') this.#prove(frame.sid, emit);
  }

  #onUnknownKind(frame: UnknownKindFrame, emit: Emit): void {
    const detail = `a frame must be of a known type, found ${JSON.stringify(frame.type.slice(0, 40))} (${this.#at(frame)})`;
    if (frame.sid !== undefined && frame.seq !== undefined) this.#order(frame.sid, frame.seq, undefined, emit);
    const subscription = frame.sid === undefined ? undefined : this.#subscriptions.get(frame.sid);
    // On the order book channel whatever is not understood may have been a change of a book.
    if (subscription !== undefined) this.#gap(subscription, 'malformed', detail, emit);
    this.#fault('unknownKind', detail, subscription?.bookIds ?? [], emit);
  }

  #onMalformed(frame: MalformedFrame, emit: Emit): void {
    const subscription = frame.sid === undefined ? undefined : this.#subscriptions.get(frame.sid);
    if (subscription !== undefined && frame.seq === subscription.lastSeq + 1) subscription.lastSeq = frame.seq;
    const isBookless = frame.type !== undefined && booklessTypes.has(frame.type);
    const affected = subscription !== undefined ? [subscription] : isBookless ? [] : [...this.#subscriptions.values()];
    const books = affected.flatMap((one) => one.bookIds);
    for (const one of affected) this.#gap(one, 'malformed', frame.message, emit);
    const named = frame.ticker === undefined ? undefined : this.#books.get(frame.ticker);
    // A notice about the market that cannot be read may have been a change of its price grid.
    if (named !== undefined && frame.type === 'market_lifecycle_v2' && !books.includes(named.id)) {
      this.#gapOne(named, 'malformed', frame.message, emit);
      this.#fault('malformed', frame.message, [...books, named.id], emit);
      return;
    }
    this.#fault('malformed', frame.message, books, emit);
  }

  /** Places a frame in the count of its subscription and reports what is missing or repeated. */
  #order(sid: number, seq: number, ticker: string | undefined, emit: Emit): Order {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) return this.#orderOfUnknown(sid, seq, ticker, emit);
    const expected = subscription.lastSeq + 1;
    if (seq === expected) {
      subscription.lastSeq = seq;
      return 'next';
    }
    // A repeated number never moves the count back: what follows the last known frame is still next.
    if (seq > expected) subscription.lastSeq = seq;
    const detail = `expected seq ${expected}, found ${seq} (connection ${this.#connection}, sid ${sid})`;
    this.#gap(subscription, 'sequence', detail, emit);
    this.#fault('sequence', detail, subscription.bookIds, emit);
    return seq > expected ? 'ahead' : 'behind';
  }

  #orderOfUnknown(sid: number, seq: number, ticker: string | undefined, emit: Emit): Order {
    if (!this.#hasSubscribed) {
      const connection = this.#connection;
      this.#subscriptions.set(sid, new Subscription({ connection, sid, channel: undefined, lastSeq: seq }));
      return 'next';
    }
    const detail = `expected a subscribed sid, found sid ${sid}, seq ${seq} (connection ${this.#connection})`;
    const held = ticker === undefined ? undefined : this.#books.get(ticker);
    if (held !== undefined) this.#gapOne(held, 'sequence', detail, emit);
    this.#fault('unknownMarket', detail, held === undefined ? [] : [held.id], emit);
    return 'stray';
  }

  /** Drops the books that are no longer in the full list of the subscription's tickers. */
  #keepOnly(subscription: Subscription, tickers: readonly string[], emit: Emit): void {
    const kept = new Set(tickers);
    const dropped = [...subscription.books].filter((book) => !kept.has(book.ticker));
    if (dropped.length === 0) return;
    for (const book of dropped) {
      subscription.release(book);
      this.#drop(book);
    }
    const detail = `${dropped.length} markets left sid ${subscription.sid} (connection ${this.#connection})`;
    emit({ kind: 'book.gapped', books: dropped.map((book) => book.id), reason: 'unsubscribed', detail });
  }

  #end(subscription: Subscription, reason: GapReason, detail: string, emit: Emit): void {
    this.#subscriptions.delete(subscription.sid);
    for (const book of subscription.books) this.#drop(book);
    this.#gap(subscription, reason, detail, emit);
  }

  #gap(subscription: Subscription, reason: GapReason, detail: string, emit: Emit): void {
    subscription.markAllGapped();
    if (subscription.bookIds.length > 0) emit({ kind: 'book.gapped', books: subscription.bookIds, reason, detail });
  }

  #gapOne(book: HeldBook, reason: GapReason, detail: string, emit: Emit): void {
    book.subscription.markGapped(book);
    emit({ kind: 'book.gapped', books: [book.id], reason, detail });
  }

  #prove(sid: number, emit: Emit): void {
    const books = this.#subscriptions.get(sid)?.liveBookIds ?? [];
    if (books.length > 0) emit({ kind: 'books.proven', books });
  }

  #fault(fault: FrameFaultKind, message: string, books: readonly BookId[], emit: Emit): void {
    emit({ kind: 'frame.fault', venue: 'kalshi', fault, message, books });
  }

  #held(ticker: string): HeldBook | undefined {
    if (this.#latest === undefined || this.#latest.ticker !== ticker) this.#latest = this.#books.get(ticker);
    return this.#latest;
  }

  #drop(book: HeldBook): void {
    this.#books.delete(book.ticker);
    this.#latest = undefined;
  }

  #idOf(ticker: string): BookId {
    return this.#books.get(ticker)?.id ?? bookId('kalshi', ticker);
  }

  #at(frame: KalshiEnvelope): string {
    return `connection ${this.#connection}, sid ${frame.sid ?? 'none'}, seq ${frame.seq ?? 'none'}`;
  }
}
