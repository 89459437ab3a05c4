/** What Kalshi's REST interface says about the exchange, its markets and their fees, in its own words. */

import { z } from 'zod';
import type { Reading } from '../../domain/ports/venue.ts';
import { type Micros, type Millis, micros, millis } from '../../domain/units.ts';
import { classifyRead, failed } from './classify.ts';
import { endpoints, type Query } from './endpoints.ts';
import { type BookReading, parseKalshiOrderbook } from './order-book.ts';
import type { Reader } from './reader.ts';
import * as wire from './rest-wire.ts';

/** Rows a page: the venue's most for markets and events, and a size that every list accepts. */
const MARKETS_LIMIT = 1_000;
const EVENTS_LIMIT = 200;
const CHANGES_LIMIT = 200;
/** Tickers in one request: a list of books takes a hundred. */
const TICKERS_MAX = 100;
const MICROS_PER_MILLI = 1_000;
const HALF_A_SECOND = 500_000;

export interface MarketsQuery {
  readonly tickers?: readonly string[];
  readonly eventTicker?: string | undefined;
  readonly seriesTicker?: string | undefined;
  /** In the words of the filter, which are not those of the objects: `open` finds `active`. */
  readonly status?: 'open' | undefined;
}

export class KalshiRest {
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Markets to the last page, combos left out: those without a book quote 1.0000 on both sides. */
  async markets(query: MarketsQuery): Promise<Reading<readonly wire.MarketRow[]>> {
    const filters: Query = [
      ['event_ticker', query.eventTicker],
      ['series_ticker', query.seriesTicker],
      ['status', query.status],
      ['mve_filter', 'exclude'],
      ['limit', MARKETS_LIMIT],
    ];
    if (query.tickers === undefined) return await this.#marketPages(filters);
    let all: Reading<readonly wire.MarketRow[]> = { kind: 'read', value: [], receivedAt: micros(0) };
    for (const some of inChunks(query.tickers)) {
      const reading = await this.#marketPages([['tickers', some.join(',')], ...filters]);
      if (reading.kind === 'failed') return reading;
      all = { ...reading, value: [...all.value, ...reading.value] };
    }
    return all;
  }

  async market(ticker: string): Promise<Reading<wire.MarketRow>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.market,
        ids: { ticker },
        schema: wire.marketReply,
        traffic: 'ordinary',
      }),
      (reply) => reply.market,
    );
  }

  events(query: {
    readonly seriesTicker?: string | undefined;
    readonly status?: 'open' | undefined;
  }): Promise<Reading<readonly wire.EventRow[]>> {
    return this.#reader.pages(
      {
        endpoint: endpoints.events,
        query: [
          ['series_ticker', query.seriesTicker],
          ['status', query.status],
          ['limit', EVENTS_LIMIT],
        ],
        schema: wire.eventsPage,
        traffic: 'ordinary',
      },
      (page) => page.events,
    );
  }

  async event(eventTicker: string): Promise<Reading<wire.EventRow>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.event,
        ids: { event_ticker: eventTicker },
        schema: wire.eventReply,
        traffic: 'ordinary',
      }),
      (reply) => reply.event,
    );
  }

  async series(seriesTicker: string): Promise<Reading<wire.SeriesRow>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.series,
        ids: { series_ticker: seriesTicker },
        schema: wire.seriesReply,
        traffic: 'ordinary',
      }),
      (reply) => reply.series,
    );
  }

  /** Every series, or those of one category. */
  async seriesList(category?: string): Promise<Reading<readonly wire.SeriesRow[]>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.seriesList,
        query: [['category', category]],
        schema: wire.seriesListReply,
        traffic: 'ordinary',
      }),
      (reply) => reply.series,
    );
  }

  /** Past changes too: the latest of them may be what is in force. */
  async seriesFeeChanges(seriesTicker?: string) {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.seriesFeeChanges,
        query: [
          ['series_ticker', seriesTicker],
          ['show_historical', true],
        ],
        schema: wire.seriesFeeChangesReply,
        traffic: 'ordinary',
      }),
      (reply) => reply.series_fee_change_arr,
    );
  }

  eventFeeChanges() {
    return this.#reader.pages(
      {
        endpoint: endpoints.eventFeeChanges,
        query: [['limit', CHANGES_LIMIT]],
        schema: wire.eventFeeChangesPage,
        traffic: 'ordinary',
      },
      (page) => page.event_fee_changes,
    );
  }

  async orderbook(ticker: string): Promise<Reading<Extract<BookReading, { readonly kind: 'sides' }>>> {
    const reading = await this.#reader.read({
      endpoint: endpoints.orderbook,
      ids: { ticker },
      // 0 is every level.
      query: [['depth', 0]],
      schema: z.unknown(),
      traffic: 'ordinary',
    });
    if (reading.kind === 'failed') return reading;
    const book = parseKalshiOrderbook(reading.value);
    if (book.kind === 'malformed') return failed('malformed', `order book of ${ticker}: ${book.message}`);
    return { ...reading, value: book };
  }

  /** Books of many markets, by ticker. One that cannot be read fails the reading. */
  async orderbooks(
    tickers: readonly string[],
  ): Promise<Reading<ReadonlyMap<string, Extract<BookReading, { readonly kind: 'sides' }>>>> {
    const books = new Map<string, Extract<BookReading, { readonly kind: 'sides' }>>();
    let receivedAt = micros(0);
    for (const some of inChunks(tickers)) {
      const reading = await this.#reader.read({
        endpoint: endpoints.orderbooks,
        query: some.map((ticker) => ['tickers', ticker] as const),
        schema: wire.orderbooksReply,
        traffic: 'ordinary',
      });
      if (reading.kind === 'failed') return reading;
      receivedAt = reading.receivedAt;
      for (const { ticker, orderbook_fp } of reading.value.orderbooks) {
        const book = parseKalshiOrderbook(orderbook_fp);
        if (book.kind === 'malformed') return failed('malformed', `order book of ${ticker}: ${book.message}`);
        books.set(ticker, book);
      }
    }
    return { kind: 'read', value: books, receivedAt };
  }

  exchangeStatus() {
    return this.#reader.read({
      endpoint: endpoints.exchangeStatus,
      schema: wire.exchangeStatusReply,
      traffic: 'reducing',
      alsoReadsServerErrors: true,
    });
  }

  async exchangeSchedule() {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.exchangeSchedule,
        schema: wire.exchangeScheduleReply,
        traffic: 'ordinary',
      }),
      (reply) => reply.schedule,
    );
  }

  /** Up to when reads about us are complete: a write is seen in them once this has passed its `ts_ms`. */
  async userDataTimestamp(): Promise<Reading<Micros>> {
    return mapped(
      await this.#reader.read({
        endpoint: endpoints.userDataTimestamp,
        schema: wire.userDataTimestampReply,
        traffic: 'reducing',
      }),
      (reply) => reply.as_of_time,
    );
  }

  /**
   * The venue's clock less ours: its `Date`, which names whole seconds and so on average half a second
   * less than it is, against the middle of the exchange. Without that header the instant up to which the
   * venue's own reads are complete serves, which may only be late.
   */
  async clockOffset(): Promise<Reading<Millis>> {
    const exchange = await this.#reader.exchange({ endpoint: endpoints.userDataTimestamp, traffic: 'ordinary' });
    if ('kind' in exchange) return exchange;
    const { outcome, sentAt, receivedAt } = exchange;
    const asOf = classifyRead(outcome, wire.userDataTimestampReply, receivedAt);
    if (asOf.kind === 'failed') return asOf;
    const dateMs = Date.parse(outcome.kind === 'reply' ? (outcome.headers.date ?? '') : '');
    const venueAt = Number.isNaN(dateMs) ? asOf.value.as_of_time : dateMs * MICROS_PER_MILLI + HALF_A_SECOND;
    return { ...asOf, value: millis(Math.round((venueAt - (sentAt + receivedAt) / 2) / MICROS_PER_MILLI)) };
  }

  #marketPages(query: Query): Promise<Reading<readonly wire.MarketRow[]>> {
    return this.#reader.pages(
      { endpoint: endpoints.markets, query, schema: wire.marketsPage, traffic: 'ordinary' },
      (page) => page.markets,
    );
  }
}

export function mapped<From, To>(reading: Reading<From>, map: (value: From) => To): Reading<To> {
  return reading.kind === 'failed' ? reading : { ...reading, value: map(reading.value) };
}

function inChunks(tickers: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let from = 0; from < tickers.length; from += TICKERS_MAX) chunks.push(tickers.slice(from, from + TICKERS_MAX));
  return chunks;
}
