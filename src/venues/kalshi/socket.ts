/**
 * Market data over one socket: which books are wanted, and the channels that carry them. What frames mean
 * is not decided here. No timer, no reconnect.
 */
import { type BookId, venueOf } from '../../domain/instrument.ts';
import type { MarketDataEvent } from '../../domain/ports/market-data.ts';
import type { SocketEnd } from '../../domain/ports/socket.ts';
import type { Stream, StreamListener } from '../../domain/ports/venue.ts';
import { Connection, type ConnectionGiven } from './connection.ts';
import { FilteredChannel } from './filtered-channel.ts';
import { KalshiMarketData } from './market-data.ts';
import { parseKalshiFrame } from './parse.ts';
import type { MarketChannel } from './settings.ts';
import { bookChannel } from './wire.ts';

export interface MarketStreamTerms {
  /** Names the connection in events and messages. */
  readonly connection: string;
  readonly useYesPrice: boolean;
  readonly channels: readonly MarketChannel[];
}

/** This channel takes no filter: it is about all markets (the venue's AsyncAPI, October 2026). */
const LIFECYCLE: MarketChannel = 'market_lifecycle_v2';

export class MarketStream implements Stream {
  readonly #listener: StreamListener<MarketDataEvent>;
  readonly #terms: MarketStreamTerms;
  readonly #marketData: KalshiMarketData;
  readonly #connection: Connection;
  readonly #wanted = new Set<string>();
  readonly #books: FilteredChannel;
  /** The books first. */
  readonly #channels: readonly FilteredChannel[];

  constructor(given: ConnectionGiven, terms: MarketStreamTerms, listener: StreamListener<MarketDataEvent>) {
    const { connection: name, useYesPrice, channels } = terms;
    this.#listener = listener;
    this.#terms = terms;
    this.#marketData = new KalshiMarketData({ connection: name, useYesPrice });
    this.#connection = new Connection(given, {
      onOpen: () => this.#onOpen(),
      onAlive: () => listener.onAlive(),
      onText: (text) => this.#onText(text),
      onEnd: (end) => this.#onEnd(end),
    });
    const shared = { connection: this.#connection, wanted: this.#wanted };
    this.#books = new FilteredChannel({ ...shared, channel: bookChannel, params: { use_yes_price: useYesPrice } });
    const others = channels.filter((channel) => channel !== LIFECYCLE);
    this.#channels = [this.#books, ...others.map((channel) => new FilteredChannel({ ...shared, channel, params: {} }))];
  }

  subscribe(books: readonly BookId[]): void {
    for (const ticker of tickersOf(books)) this.#wanted.add(ticker);
    for (const channel of this.#channels) channel.ask();
  }

  unsubscribe(books: readonly BookId[]): void {
    for (const ticker of tickersOf(books)) this.#wanted.delete(ticker);
    for (const channel of this.#channels) channel.drop();
  }

  /** False when no subscription carries them: then they must be subscribed again. */
  requestSnapshots(books: readonly BookId[]): boolean {
    return this.#books.requestSnapshots(tickersOf(books));
  }

  heartbeat(): void {
    this.#connection.ping();
  }

  close(): void {
    this.#connection.close();
  }

  #onOpen(): void {
    this.#listener.onOpen();
    if (this.#terms.channels.includes(LIFECYCLE)) this.#connection.command('subscribe', { channels: [LIFECYCLE] });
    for (const channel of this.#channels) channel.ask();
  }

  #onText(text: string): void {
    const frame = parseKalshiFrame(text, { useYesPrice: this.#terms.useYesPrice });
    this.#marketData.onParsed(frame, (event) => this.#listener.onEvent(event));
    // Deltas are nineteen of twenty frames and answer nothing.
    if (frame.kind !== 'delta') for (const channel of this.#channels) channel.follow(frame);
  }

  #onEnd(end: SocketEnd): void {
    this.#marketData.reset((event) => this.#listener.onEvent(event));
    for (const channel of this.#channels) channel.reset();
    this.#listener.onEnd(end);
  }
}

function tickersOf(books: readonly BookId[]): string[] {
  return books.filter((book) => venueOf(book) === 'kalshi').map((book) => book.slice('kalshi/'.length));
}
