/**
 * Polymarket market data of one connection: knows which tokens have a book and turns frames into
 * events. No input or output of its own: text goes in, events come out of `emit`.
 *
 * The channel has no sequence numbers, so a lost frame cannot be seen here. What can be seen is treated
 * strictly: an event that cannot be believed gaps every book it may have been about, until a snapshot.
 */
import { type BookId, bookId } from '../../domain/instrument.ts';
import { unreachable } from '../../domain/invariant.ts';
import type { FrameFaultKind, GapReason, LevelChange, MarketDataEvent } from '../../domain/ports/market-data.ts';
import type { BookFrame, MalformedFrame, PolymarketFrame, PriceChangeFrame, TickSizeChangeFrame } from './frame.ts';
import { parsePolymarketFrame } from './parse.ts';
import { booklessEventTypes, harmlessNotices } from './wire.ts';

export type Emit = (event: MarketDataEvent) => void;

/** A token whose snapshot was seen. Only a live one follows price changes. */
interface HeldBook {
  readonly id: BookId;
  conditionId: string;
  isLive: boolean;
}

export class PolymarketMarketData {
  readonly #connection: string;
  readonly #isWanted: (tokenId: string) => boolean;
  readonly #books = new Map<string, HeldBook>();

  /** Without `isWanted`, every token that comes is wanted. */
  constructor(options: { readonly connection: string; readonly isWanted?: (tokenId: string) => boolean }) {
    this.#connection = options.connection;
    this.#isWanted = options.isWanted ?? (() => true);
  }

  onFrame(text: string, emit: Emit): void {
    for (const frame of parsePolymarketFrame(text)) this.onParsed(frame, emit);
  }

  onParsed(frame: PolymarketFrame, emit: Emit): void {
    switch (frame.kind) {
      case 'priceChange':
        this.#onPriceChange(frame, emit);
        return;
      case 'book':
        this.#onBook(frame, emit);
        return;
      case 'bestBidAsk': {
        // Evidence only: it comes before the change that it summarises and says nothing about depth.
        const { bestBidE4, bestAskE4, stamp, venueAtMs } = frame;
        emit({ kind: 'quote.seen', book: this.#idOf(frame.tokenId), bestBidE4, bestAskE4, stamp, venueAtMs });
        return;
      }
      case 'lastTrade': {
        const { priceE4, sizeE6, stamp, venueAtMs } = frame;
        const book = this.#idOf(frame.tokenId);
        emit({ kind: 'trade.printed', book, priceE4, sizeE6, tradeId: undefined, stamp, venueAtMs });
        return;
      }
      case 'tickSizeChange':
        this.#onTickSizeChange(frame, emit);
        return;
      case 'listing': {
        const { conditionId: venueKey, change, detail } = frame;
        emit({ kind: 'listing.changed', venue: 'polymarket', venueKey, change, detail });
        return;
      }
      case 'notice':
        if (!harmlessNotices.has(frame.text))
          this.#fault('unknownKind', `expected JSON or PONG, found text ${JSON.stringify(frame.text)}`, [], emit);
        return;
      case 'unknownKind':
        this.#fault('unknownKind', `expected a known event_type, found ${frame.eventType}`, [], emit);
        return;
      case 'malformed':
        this.#onMalformed(frame, emit);
        return;
      default:
        unreachable(frame, 'a Polymarket frame');
    }
  }

  /** The connection is gone: no book is current until the next connection's snapshots. */
  reset(emit: Emit): void {
    const books = [...this.#books.values()].map((book) => book.id);
    this.#books.clear();
    if (books.length > 0)
      emit({ kind: 'book.gapped', books, reason: 'disconnected', detail: `connection ${this.#connection} ended` });
  }

  /** Gives tokens up: their books are gapped until they are subscribed to again and send one. */
  forget(tokenIds: readonly string[], emit: Emit): void {
    const held = tokenIds.flatMap((tokenId) => this.#books.get(tokenId) ?? []);
    for (const tokenId of tokenIds) this.#books.delete(tokenId);
    this.#gap(held, 'unsubscribed', 'unsubscribed', emit);
  }

  #onBook(frame: BookFrame, emit: Emit): void {
    const { tokenId, conditionId, bids, asks, grid, stamp, venueAtMs } = frame;
    const known = this.#books.get(tokenId);
    const book = known ?? { id: bookId('polymarket', tokenId), conditionId, isLive: true };
    book.conditionId = conditionId;
    book.isLive = true;
    this.#books.set(tokenId, book);
    emit({ kind: 'book.snapshot', book: book.id, bids, asks, grid, feed: undefined, stamp, venueAtMs });
  }

  /**
   * One event changes levels of both tokens, and its changes are emitted together. The books of the two
   * tokens are independent all the same: a token without a snapshot is reported, a gapped one waits, and
   * neither keeps the other from staying current.
   */
  #onPriceChange(frame: PriceChangeFrame, emit: Emit): void {
    const changes: LevelChange[] = [];
    let unknown: Set<string> | undefined;
    for (const { tokenId, side, priceE4, sizeE6 } of frame.changes) {
      const book = this.#books.get(tokenId);
      if (book === undefined) {
        if (this.#isUnasked(tokenId, frame.conditionId)) continue;
        unknown ??= new Set();
        unknown.add(tokenId);
      } else if (book.isLive) {
        changes.push({ book: book.id, side, priceE4, sizeE6 });
      }
    }
    if (changes.length > 0) emit({ kind: 'book.levels', changes, stamp: frame.stamp, venueAtMs: frame.venueAtMs });
    for (const tokenId of unknown ?? []) {
      const message = `price_change must follow a book of its asset, found asset ${tokenId} of condition ${frame.conditionId}`;
      this.#fault('unknownMarket', message, [bookId('polymarket', tokenId)], emit);
    }
  }

  /** Both tokens of a market appear in every change, also the one that nobody asked for. */
  #isUnasked(tokenId: string, conditionId: string): boolean {
    if (this.#isWanted(tokenId)) return false;
    for (const book of this.#books.values()) if (book.conditionId === conditionId) return true;
    return false;
  }

  /** A new tick discards the book (official unified SDK, 2026): its levels may all have moved. */
  #onTickSizeChange(frame: TickSizeChangeFrame, emit: Emit): void {
    const { tokenId, grid, stamp, venueAtMs } = frame;
    emit({ kind: 'tick.changed', book: this.#idOf(tokenId), grid, stamp, venueAtMs });
    const book = this.#books.get(tokenId);
    if (book !== undefined) this.#gap([book], 'tickChanged', `tick changed at ${frame.stamp}`, emit);
  }

  #onMalformed(frame: MalformedFrame, emit: Emit): void {
    const affected = this.#affectedBy(frame);
    this.#gap(affected, 'malformed', frame.message, emit);
    this.#fault(
      'malformed',
      frame.message,
      affected.map((book) => book.id),
      emit,
    );
  }

  /** Every book that a malformed event may have been about: its tokens, else its condition, else all. */
  #affectedBy(frame: MalformedFrame): readonly HeldBook[] {
    if (frame.eventType !== undefined && booklessEventTypes.has(frame.eventType)) return [];
    const named: HeldBook[] = [];
    for (const tokenId of frame.tokenIds) {
      const book = this.#books.get(tokenId);
      if (book !== undefined) named.push(book);
    }
    if (frame.namesAllTokens && named.length === frame.tokenIds.length) return named;
    const all = [...this.#books.values()];
    if (frame.conditionId === undefined) return all;
    return all.filter((book) => book.conditionId === frame.conditionId || named.includes(book));
  }

  #gap(books: readonly HeldBook[], reason: GapReason, detail: string, emit: Emit): void {
    for (const book of books) book.isLive = false;
    if (books.length > 0)
      emit({
        kind: 'book.gapped',
        books: books.map((book) => book.id),
        reason,
        detail: `${detail} (connection ${this.#connection})`,
      });
  }

  #fault(fault: FrameFaultKind, message: string, books: readonly BookId[], emit: Emit): void {
    emit({ kind: 'frame.fault', venue: 'polymarket', fault, message, books });
  }

  #idOf(tokenId: string): BookId {
    return this.#books.get(tokenId)?.id ?? bookId('polymarket', tokenId);
  }
}
