/**
 * Listings: markets with what their events, their series and the scheduled fee changes say. Each of those
 * is read once for all markets of a query.
 */
import type { ScheduledFeeChange } from '../../domain/fees/kalshi-fee.ts';
import type { Listing, ListingQuery, Reading } from '../../domain/ports/venue.ts';
import { feeFields, isBinary, type ListingContext, listingOf } from './listing.ts';
import { type KalshiRest, mapped } from './rest.ts';
import type { EventRow, MarketRow, SeriesRow } from './rest-wire.ts';

/** From so many on, one list of all costs less than asking for each. */
const SINGLES_MAX = 20;
const MICROS_PER_MILLI = 1_000;

type Terms = ListingContext['terms'];
/** By ticker; a text says why one could not be read. */
type Found<Row> = ReadonlyMap<string, Row | string>;
type Failed = Extract<Reading<never>, { readonly kind: 'failed' }>;

export async function readListings(
  rest: KalshiRest,
  query: ListingQuery,
  terms: Terms,
): Promise<Reading<readonly Listing[]>> {
  const status = query.onlyOpen === true ? 'open' : undefined;
  const markets = await rest.markets({
    eventTicker: query.eventKey,
    seriesTicker: query.seriesKey,
    status,
    ...(query.venueKeys !== undefined && { tickers: query.venueKeys }),
  });
  if (markets.kind === 'failed') return markets;
  const binary = markets.value.filter(isBinary);
  if (binary.length === 0) return { ...markets, value: [] };
  const events = await eventsOf(rest, binary, { seriesTicker: query.seriesKey, status });
  if ('fault' in events) return events;
  const series = await seriesOf(rest, events);
  if ('fault' in series) return series;
  const seriesChanges = mapped(await rest.seriesFeeChanges(query.seriesKey), (rows) =>
    byTicker(
      rows.map((row) => ({ ticker: row.series_ticker, type: row.fee_type, multiplier: row.fee_multiplier, row })),
    ),
  );
  const eventChanges = mapped(await rest.eventFeeChanges(), (rows) =>
    byTicker(
      rows.map((row) => ({
        ticker: row.event_ticker,
        type: row.fee_type_override,
        multiplier: row.fee_multiplier_override,
        row,
      })),
    ),
  );
  const contextOf = (market: MarketRow): ListingContext => {
    const event = events.get(market.event_ticker) ?? `event ${market.event_ticker} was not listed`;
    const seriesTicker = typeof event === 'string' ? undefined : event.series_ticker;
    return {
      event,
      series: series.get(seriesTicker ?? '') ?? `series of ${market.event_ticker} was not listed`,
      seriesChanges: changesOf(seriesChanges, seriesTicker),
      eventChanges: changesOf(eventChanges, market.event_ticker),
      terms,
      readAt: markets.receivedAt,
    };
  };
  return { ...markets, value: binary.map((market) => listingOf(market, contextOf(market))) };
}

/** Events of one series, or of everything, come as a list; a few are asked for one by one. */
async function eventsOf(
  rest: KalshiRest,
  markets: readonly MarketRow[],
  query: Parameters<KalshiRest['events']>[0],
): Promise<Found<EventRow> | Failed> {
  const wanted = [...new Set(markets.map((market) => market.event_ticker))];
  const found = new Map<string, EventRow | string>();
  if (wanted.length > SINGLES_MAX) {
    const listed = await rest.events(query);
    if (listed.kind === 'failed') return listed;
    for (const event of listed.value) found.set(event.event_ticker, event);
  }
  // The two lists change their status at different times: what the one lacks is asked for.
  return await singly(wanted, found, (ticker) => rest.event(ticker));
}

async function seriesOf(rest: KalshiRest, events: Found<EventRow>): Promise<Found<SeriesRow> | Failed> {
  const rows = [...events.values()].filter((event): event is EventRow => typeof event !== 'string');
  const wanted = [...new Set(rows.map((event) => event.series_ticker))];
  const found = new Map<string, SeriesRow | string>();
  if (wanted.length > SINGLES_MAX) {
    const listed = await rest.seriesList();
    if (listed.kind === 'failed') return listed;
    for (const series of listed.value) found.set(series.ticker, series);
  }
  return await singly(wanted, found, (ticker) => rest.series(ticker));
}

/**
 * Asks for what is not found yet. One that the venue does not have, or describes in a way that we cannot
 * read, leaves its markets without a fee and so without trading; any other failure fails the whole reading.
 */
async function singly<Row>(
  wanted: readonly string[],
  found: Map<string, Row | string>,
  read: (ticker: string) => Promise<Reading<Row>>,
): Promise<Found<Row> | Failed> {
  for (const ticker of wanted) {
    if (found.has(ticker)) continue;
    const reading = await read(ticker);
    if (reading.kind === 'read') found.set(ticker, reading.value);
    else if (reading.fault === 'notFound' || reading.fault === 'malformed')
      found.set(ticker, `${ticker}: ${reading.detail}`);
    else return reading;
  }
  return found;
}

interface StatedChange {
  readonly ticker: string;
  readonly type: string | null;
  readonly multiplier: number | null;
  readonly row: { readonly scheduled_ts: number };
}

function byTicker(changes: readonly StatedChange[]): ReadonlyMap<string, readonly ScheduledFeeChange[]> {
  const found = new Map<string, ScheduledFeeChange[]>();
  for (const { ticker, row, ...stated } of changes) {
    const change = { ...feeFields(stated), scheduledAtMs: Math.floor(row.scheduled_ts / MICROS_PER_MILLI) };
    const known = found.get(ticker);
    if (known === undefined) found.set(ticker, [change]);
    else known.push(change);
  }
  return found;
}

function changesOf(
  reading: Reading<ReadonlyMap<string, readonly ScheduledFeeChange[]>>,
  ticker: string | undefined,
): readonly ScheduledFeeChange[] | string {
  // Without the changes the fee in force is unknown, which is a reason not to trade and none not to list.
  if (reading.kind === 'failed') return `fee changes: ${reading.detail}`;
  return reading.value.get(ticker ?? '') ?? [];
}
