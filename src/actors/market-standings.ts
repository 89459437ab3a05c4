/**
 * Whether the markets of one venue are open, as far as it has said: by its listings, by the notices of its stream, and
 * by the hour at which a market closes without a word. Kept at the books, because a price is as fresh as its market.
 */
import type { Book } from '../domain/book/book.ts';
import type { BookId } from '../domain/instrument.ts';
import type { ListingChanged, MarketDataEvent } from '../domain/ports/market-data.ts';
import type { Listing } from '../domain/ports/venue.ts';

interface Standing {
  closedBecause: string | undefined;
  closesAtMs: number;
}

const MICROS_PER_MILLI = 1_000;
const MILLIS_PER_SECOND = 1_000;

export class MarketStandings {
  readonly #bookOf: (id: BookId) => Book | undefined;
  readonly #keys = new Map<BookId, string>();
  readonly #markets = new Map<string, Standing & { readonly yes: BookId; readonly no: BookId }>();

  constructor(bookOf: (id: BookId) => Book | undefined) {
    this.#bookOf = bookOf;
  }

  /** Listings as they were read: the newest reading wins over every notice before it. */
  learn(listings: readonly Listing[]): void {
    for (const { venueKey, yes, no, standing, closesAt } of listings) {
      const market = {
        yes: yes.book,
        no: no.book,
        closedBecause: standing === 'open' ? undefined : standing,
        closesAtMs: closesAt === undefined ? Number.POSITIVE_INFINITY : closesAt / MICROS_PER_MILLI,
      };
      this.#markets.set(venueKey, market);
      for (const book of [yes.book, no.book]) this.#keys.set(book, venueKey);
      this.#show(venueKey);
    }
  }

  forget(books: readonly BookId[]): void {
    for (const book of books) this.#keys.delete(book);
  }

  /** The venue's names of the markets of these books, each once. */
  keysOf(books: readonly BookId[]): readonly string[] {
    return [...new Set(books.flatMap((book) => this.#keys.get(book) ?? []))];
  }

  follow(event: MarketDataEvent): void {
    if (event.kind === 'listing.changed') this.#change(event);
    else if (event.kind === 'book.snapshot') this.#show(this.#keys.get(event.book) ?? '');
  }

  #change({ venueKey, change, detail }: ListingChanged): void {
    const market = this.#markets.get(venueKey);
    if (market === undefined) return;
    if (change === 'close_date_updated' && typeof detail.close_ts === 'number')
      market.closesAtMs = detail.close_ts * MILLIS_PER_SECOND;
    const verdict = VERDICTS[change];
    if (verdict !== undefined) market.closedBecause = verdict === 'open' ? undefined : verdict;
    this.#show(venueKey);
  }

  #show(venueKey: string): void {
    const market = this.#markets.get(venueKey);
    if (market === undefined) return;
    const { yes, no, closedBecause, closesAtMs } = market;
    for (const [id, other] of [
      [yes, no],
      [no, yes],
    ] as const) {
      const facts = this.#bookOf(id)?.market;
      if (facts === undefined) continue;
      facts.closedBecause = closedBecause;
      facts.closesAtMs = closesAtMs;
      // One book shows both outcomes at Kalshi: it cannot contradict itself.
      if (other !== id) facts.complement = this.#bookOf(other);
    }
  }
}

/** What a notice says about trading; the others say nothing about it. Opening is told by no notice of its own. */
const VERDICTS: Readonly<Record<string, string | undefined>> = {
  activated: 'open',
  deactivated: 'paused',
  determined: 'determined',
  settled: 'settled',
  market_resolved: 'determined',
};
