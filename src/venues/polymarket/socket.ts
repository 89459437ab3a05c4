/**
 * One connection to the market channel: subscribes, parses, and passes events on. No timer and no reconnect; its
 * owner calls `heartbeat` every ten seconds and spreads more assets than one connection carries over several.
 */
import { type BookId, venueOf } from '../../domain/instrument.ts';
import { InvariantError, invariant } from '../../domain/invariant.ts';
import type { MarketDataEvent } from '../../domain/ports/market-data.ts';
import type { Socket, SocketEnd, SocketTransport } from '../../domain/ports/socket.ts';
import type { Stream, StreamListener } from '../../domain/ports/venue.ts';
import { PolymarketMarketData } from './market-data.ts';
import type { MarketTermsBook } from './market-terms.ts';
import type { PolymarketSettings } from './presets.ts';

/** Text, not a protocol ping: the venue answers `PONG` (venue documents). */
export const PING = 'PING';

export interface MarketStreamOptions {
  readonly transport: SocketTransport;
  readonly settings: Pick<PolymarketSettings, 'hosts' | 'assetsPerConnectionMax' | 'messageBytesMax'>;
  /** Names the connection in messages. */
  readonly connection: string;
  /** Follows the ticks that the stream announces. */
  readonly terms: MarketTermsBook;
}

export function openMarketStream(options: MarketStreamOptions, listener: StreamListener<MarketDataEvent>): Stream {
  return new MarketStream(options, listener);
}

class MarketStream implements Stream {
  readonly #options: MarketStreamOptions;
  readonly #listener: StreamListener<MarketDataEvent>;
  readonly #marketData: PolymarketMarketData;
  /** Token ids that the owner wants, in the order in which it asked. */
  readonly #wanted = new Set<string>();
  readonly #socket: Socket;
  #isOpen = false;
  #hasSubscribed = false;

  constructor(options: MarketStreamOptions, listener: StreamListener<MarketDataEvent>) {
    this.#options = options;
    this.#listener = listener;
    const isWanted = (tokenId: string): boolean => this.#wanted.has(tokenId);
    this.#marketData = new PolymarketMarketData({ connection: options.connection, isWanted });
    const { hosts, messageBytesMax } = options.settings;
    this.#socket = options.transport.open(
      { url: hosts.marketSocket, headers: {}, messageBytesMax },
      {
        onOpen: () => this.#onOpen(),
        onText: (text) => this.#onText(text),
        onPing: () => listener.onAlive(),
        onPong: () => listener.onAlive(),
        onEnd: (end) => this.#onEnd(end),
      },
    );
  }

  subscribe(books: readonly BookId[]): void {
    const added = [...new Set(books.map(tokenIdOf))].filter((tokenId) => !this.#wanted.has(tokenId));
    const { assetsPerConnectionMax } = this.#options.settings;
    invariant(
      this.#wanted.size + added.length <= assetsPerConnectionMax,
      () =>
        `a market connection carries at most ${assetsPerConnectionMax} assets, found ${this.#wanted.size + added.length} ` +
        `(connection ${this.#options.connection}): open another connection for the rest`,
    );
    if (added.length === 0) return;
    for (const tokenId of added) this.#wanted.add(tokenId);
    if (this.#isOpen) this.#sendSubscription(added);
  }

  unsubscribe(books: readonly BookId[]): void {
    const removed = [...new Set(books.map(tokenIdOf))].filter((tokenId) => this.#wanted.delete(tokenId));
    if (removed.length === 0) return;
    this.#marketData.forget(removed, this.#emit);
    if (this.#hasSubscribed) this.#socket.send(JSON.stringify({ operation: 'unsubscribe', assets_ids: removed }));
  }

  /** The venue has no request for a snapshot; unsubscribing and subscribing again brings one. */
  requestSnapshots(): boolean {
    return false;
  }

  heartbeat(): void {
    if (this.#isOpen) this.#socket.send(PING);
  }

  close(): void {
    this.#socket.close();
  }

  #onOpen(): void {
    this.#isOpen = true;
    this.#listener.onOpen();
    if (!this.#hasSubscribed && this.#wanted.size > 0) this.#sendSubscription([...this.#wanted]);
  }

  #onText(text: string): void {
    this.#listener.onAlive();
    this.#marketData.onFrame(text, this.#emit);
  }

  #onEnd(end: SocketEnd): void {
    this.#isOpen = false;
    this.#marketData.reset(this.#emit);
    this.#listener.onEnd(end);
  }

  /** The first frame of a connection has another shape than the later ones. */
  #sendSubscription(tokenIds: readonly string[]): void {
    const frame = this.#hasSubscribed
      ? { operation: 'subscribe', assets_ids: tokenIds, custom_feature_enabled: true }
      : { assets_ids: tokenIds, type: 'market', initial_dump: true, custom_feature_enabled: true };
    this.#hasSubscribed = true;
    this.#socket.send(JSON.stringify(frame));
  }

  readonly #emit = (event: MarketDataEvent): void => {
    if (event.kind === 'book.snapshot') {
      const tokenId = tokenIdOf(event.book);
      // A book that was under way when it was given up must not come back to life.
      if (!this.#wanted.has(tokenId)) {
        this.#marketData.forget([tokenId], ignore);
        return;
      }
      if (event.grid !== undefined) this.#options.terms.setGrid(tokenId, event.grid);
    }
    if (event.kind === 'tick.changed') this.#options.terms.setGrid(tokenIdOf(event.book), event.grid);
    this.#listener.onEvent(event);
  };
}

function ignore(): void {
  // The book was never passed on, so nobody needs to hear that it is gone.
}

function tokenIdOf(book: BookId): string {
  if (venueOf(book) !== 'polymarket') throw new InvariantError(`expected a book of Polymarket, found ${book}`);
  return book.slice('polymarket/'.length);
}
