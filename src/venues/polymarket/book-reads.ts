/** Books over HTTP: to cross-check a stream that may have frozen, and to name the market of a token. */
import { z } from 'zod';
import type { Instrument } from '../../domain/instrument.ts';
import { bookId } from '../../domain/instrument.ts';
import type { BookSnapshot } from '../../domain/ports/market-data.ts';
import type { Reading } from '../../domain/ports/venue.ts';
import { BOOKS_MAX, CLOB } from './endpoints.ts';
import type { MarketTermsBook } from './market-terms.ts';
import { parsePolymarketBook } from './order-book.ts';
import { failed, mapReading, type PolymarketRest } from './rest.ts';
import { marketByTokenReply } from './rest-wire.ts';

export class BookReader {
  readonly #rest: PolymarketRest;
  readonly #terms: MarketTermsBook;

  constructor({ rest, terms }: { readonly rest: PolymarketRest; readonly terms: MarketTermsBook }) {
    this.#rest = rest;
    this.#terms = terms;
  }

  async book({ book }: Instrument): Promise<Reading<BookSnapshot>> {
    const query = [['token_id', tokenIdIn(book)]] as const;
    const reading = await this.#rest.read({ host: 'clob', path: CLOB.book, query, schema: z.unknown() });
    if (reading.kind === 'failed') return reading;
    const snapshot = this.#snapshot(reading.value);
    if (typeof snapshot === 'string') return failed('malformed', snapshot);
    if (snapshot.book !== book) return failed('malformed', `expected the book ${book}, found ${snapshot.book}`);
    return { ...reading, value: snapshot };
  }

  /** Up to 500 books in one request. A token that the venue leaves out has no book there. */
  async books(instruments: readonly Instrument[]): Promise<Reading<readonly BookSnapshot[]>> {
    if (instruments.length > BOOKS_MAX)
      return failed('unsupported', `expected at most ${BOOKS_MAX} books in one request, found ${instruments.length}`);
    const body = JSON.stringify(instruments.map(({ book }) => ({ token_id: tokenIdIn(book) })));
    const reading = await this.#rest.read({ host: 'clob', path: CLOB.books, body, schema: z.array(z.unknown()) });
    if (reading.kind === 'failed') return reading;
    const snapshots: BookSnapshot[] = [];
    for (const entry of reading.value) {
      const snapshot = this.#snapshot(entry);
      if (typeof snapshot === 'string') return failed('malformed', snapshot);
      if (instruments.some(({ book }) => book === snapshot.book)) snapshots.push(snapshot);
    }
    return { ...reading, value: snapshots };
  }

  /** The condition id that a token belongs to. */
  async conditionOf({ book }: Instrument): Promise<Reading<string>> {
    const tokenId = tokenIdIn(book);
    const read = { host: 'clob', path: CLOB.marketByToken(tokenId), schema: marketByTokenReply } as const;
    const reading = await this.#rest.read(read);
    if (reading.kind === 'failed') return reading;
    const { condition_id, primary_token_id, secondary_token_id } = reading.value;
    if (tokenId !== primary_token_id && tokenId !== secondary_token_id)
      return failed('malformed', `expected the market of ${tokenId}, found ${condition_id}`);
    return mapReading(reading, () => condition_id);
  }

  #snapshot(body: unknown): BookSnapshot | string {
    const polled = parsePolymarketBook(body);
    if (polled.kind === 'malformed') return polled.message;
    const { book, grid } = polled.snapshot;
    if (grid !== undefined) this.#terms.setGrid(tokenIdIn(book), grid);
    return polled.snapshot;
  }
}

function tokenIdIn(book: string): string {
  return book.slice(bookId('polymarket', '').length);
}
