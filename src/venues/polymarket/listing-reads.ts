/** Reads listings: pages of Gamma by cursor, and the CLOB record of each market that may be traded. */
import type { z } from 'zod';
import type { Listing, ListingQuery, Reading } from '../../domain/ports/venue.ts';
import type { Micros } from '../../domain/units.ts';
import { CLOB, GAMMA, GAMMA_PAGE } from './endpoints.ts';
import { listingOf } from './listing.ts';
import type { MarketTermsBook } from './market-terms.ts';
import { failed, type PolymarketRest, type Query, readValue } from './rest.ts';
import {
  type ClobMarket,
  clobMarketReply,
  type GammaMarket,
  gammaEventsPage,
  gammaMarket,
  gammaMarketsPage,
  versionReply,
} from './rest-wire.ts';

/** CLOB records are read this many at a time: far below the venue's 9,000 requests in 10 s. */
const READS_AT_ONCE = 8;
const PAGES_MAX = 2_000;
/** Of the CLOB since 2026-04-28. Markets of "Protocol V2" are signed as version 3 under the same answer. */
const ORDER_VERSION = 2;

export class ListingReader {
  readonly #rest: PolymarketRest;
  readonly #terms: MarketTermsBook;

  constructor({ rest, terms }: { readonly rest: PolymarketRest; readonly terms: MarketTermsBook }) {
    this.#rest = rest;
    this.#terms = terms;
  }

  async listings(query: ListingQuery): Promise<Reading<readonly Listing[]>> {
    const markets = await this.#markets(query);
    if (markets.kind === 'failed') return markets;
    const wanted = markets.value.filter((market) => isWanted(market, query));
    const listings: Listing[] = [];
    for (let at = 0; at < wanted.length; at += READS_AT_ONCE) {
      const batch = wanted.slice(at, at + READS_AT_ONCE);
      const results = await Promise.all(batch.map((market) => this.#listing(market, markets.receivedAt)));
      for (const result of results) {
        if (result.kind === 'failed') return result;
        if (result.value !== undefined) listings.push(result.value);
      }
    }
    const kept = query.onlyOpen === true ? listings.filter(({ standing }) => standing === 'open') : listings;
    return { kind: 'read', value: kept, receivedAt: markets.receivedAt };
  }

  /** Reads again what orders on these listings need; their ticks may have changed since. */
  async warm(listings: readonly Listing[]): Promise<Reading<void>> {
    const version = await this.#rest.read({ host: 'clob', path: CLOB.version, schema: versionReply });
    if (version.kind === 'failed') return version;
    if (version.value.version !== ORDER_VERSION)
      return failed('unsupported', `expected order version ${ORDER_VERSION}, found ${version.value.version}`);
    const venueKeys = listings.map(({ venueKey }) => venueKey);
    if (venueKeys.length === 0) return { ...version, value: undefined };
    const reading = await this.listings({ venueKeys });
    if (reading.kind === 'failed') return reading;
    const missing = listings.filter(({ yes, no }) => [yes, no].some((side) => !this.#hasTerms(side.book)));
    if (missing.length === 0) return { ...reading, value: undefined };
    return failed(
      'notFound',
      `expected terms of every listing, missing for ${missing.map((l) => l.venueKey).join(', ')}`,
    );
  }

  #hasTerms(book: string): boolean {
    return this.#terms.find(book.slice('polymarket/'.length)) !== undefined;
  }

  /** A market without two tokens is no listing and is left out. */
  async #listing(market: GammaMarket, readAt: Micros): Promise<Reading<Listing | undefined>> {
    const clob = await this.#clobMarket(market, readAt);
    if (clob.kind === 'failed') return clob;
    const result = listingOf({ market, clob: clob.value, readAt: clob.receivedAt });
    if (result.kind === 'unlistable') return { ...clob, value: undefined };
    const { listing, terms } = result;
    for (const { book } of [listing.yes, listing.no]) this.#terms.delete(book.slice('polymarket/'.length));
    for (const entry of terms ?? []) this.#terms.set(entry);
    return { ...clob, value: listing };
  }

  /** A closed market has no use for the CLOB record; one that the CLOB does not know (yet) is listed without it. */
  async #clobMarket(market: GammaMarket, readAt: Micros): Promise<Reading<ClobMarket | undefined>> {
    if (market.closed === true) return readValue(undefined, readAt);
    const path = CLOB.clobMarket(market.conditionId);
    const reading = await this.#rest.read({ host: 'clob', path, schema: clobMarketReply });
    return reading.kind === 'failed' && reading.fault === 'notFound' ? readValue(undefined, readAt) : reading;
  }

  async #markets(query: ListingQuery): Promise<Reading<readonly GammaMarket[]>> {
    if (query.venueKeys !== undefined) return this.#byKeys(query.venueKeys, query.onlyOpen === true);
    const open: Query = query.onlyOpen === true ? [['closed', 'false']] : [];
    if (query.eventKey !== undefined) return this.#ofEvents([['slug', query.eventKey], ...open]);
    if (query.seriesKey !== undefined) return this.#ofEvents([['series_id', query.seriesKey], ...open]);
    return this.#pages(open);
  }

  /** Gamma leaves closed markets out unless they are asked for, so those not found are asked for again. */
  async #byKeys(keys: readonly string[], onlyOpen: boolean): Promise<Reading<readonly GammaMarket[]>> {
    const found: GammaMarket[] = [];
    let last: Reading<readonly GammaMarket[]> = failed('notFound', 'expected condition ids, found none');
    let missing = [...new Set(keys)];
    for (const closed of onlyOpen ? ['false'] : ['false', 'true']) {
      for (let at = 0; at < missing.length; at += GAMMA_PAGE) {
        const ids: Query = missing.slice(at, at + GAMMA_PAGE).map((key) => ['condition_ids', key] as const);
        last = await this.#pages([...ids, ['closed', closed]]);
        if (last.kind === 'failed') return last;
        found.push(...last.value);
      }
      missing = missing.filter((key) => !found.some((market) => market.conditionId === key));
    }
    return last.kind === 'failed' ? last : { ...last, value: found };
  }

  #pages(query: Query): Promise<Reading<readonly GammaMarket[]>> {
    return this.#allPages(query, GAMMA.markets, gammaMarketsPage, ({ markets }) => markets);
  }

  /** Markets inside an event do not repeat the event, so it is put in. */
  #ofEvents(query: Query): Promise<Reading<readonly GammaMarket[]>> {
    return this.#allPages(query, GAMMA.events, gammaEventsPage, ({ events }) =>
      events.flatMap(({ markets, ...event }) => (markets ?? []).map((market) => withEvent(market, event))),
    );
  }

  /** Follows the cursor to its end: pages are clamped silently, so their length says nothing (September 2026). */
  async #allPages<Page extends { readonly next_cursor?: string | null | undefined }>(
    query: Query,
    path: string,
    schema: z.ZodType<Page>,
    entries: (page: Page) => readonly unknown[],
  ): Promise<Reading<readonly GammaMarket[]>> {
    const found: GammaMarket[] = [];
    const seen = new Set<string>();
    for (let cursor: string | undefined; ; ) {
      const after: Query = cursor === undefined ? [] : [['after_cursor', cursor]];
      const page = await this.#rest.read({
        host: 'gamma',
        path,
        query: [...query, ['limit', String(GAMMA_PAGE)], ...after],
        schema,
      });
      if (page.kind === 'failed') return page;
      for (const entry of entries(page.value)) {
        const market = gammaMarket.safeParse(entry);
        if (market.success) found.push(market.data);
      }
      const next = page.value.next_cursor ?? '';
      if (next === '') return { kind: 'read', value: found, receivedAt: page.receivedAt };
      // A cursor that is ignored answers the first page for ever (seen in April 2026).
      if (seen.has(next) || seen.size >= PAGES_MAX)
        return failed('malformed', `expected ${path} to come to an end, found the same cursor again`);
      seen.add(next);
      cursor = next;
    }
  }
}

function withEvent(market: unknown, event: object): unknown {
  return typeof market === 'object' && market !== null ? { ...market, events: [event] } : market;
}

/** Unknown filters are ignored by Gamma and not refused, so every filter is applied here again. */
function isWanted(market: GammaMarket, query: ListingQuery): boolean {
  const { venueKeys, eventKey, seriesKey } = query;
  const events = market.events ?? [];
  if (venueKeys !== undefined && !venueKeys.includes(market.conditionId)) return false;
  if (eventKey !== undefined && !events.some(({ id, slug }) => slug === eventKey || id === eventKey)) return false;
  if (seriesKey === undefined) return true;
  return events.some(({ series }) => series?.some(({ id }) => id === seriesKey) === true);
}
