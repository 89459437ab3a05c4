/** Tapes of polled best prices: both venues side by side, or one venue alone. */
import { z } from 'zod';
import { bookId } from '../../domain/instrument.ts';
import type { CaptureFormat, CaptureReader, CaptureStep } from './capture.ts';
import { isMidpoint, isMirrored, pairOf, quotePoll } from './quotes.ts';
import { fault, firstTime, instantMs, stepsOf } from './records.ts';

const crossVenueSchema = z.object({
  ts: z.number(),
  t_fetch: z.number(),
  venue: z.enum(['kalshi', 'polymarket']),
  pair: z.string().regex(/^[^:]+:[^:]+$/),
  bid: z.number().nullable(),
  ask: z.number().nullable(),
  mid: z.number().nullable(),
  spread: z.number().nullable(),
  bid_sz: z.string().nullable(),
  ask_sz: z.string().nullable(),
  venue_ts: z
    .string()
    .regex(/^\d{13}$/, 'must be milliseconds since 1970')
    .nullable(),
});

/** One row a venue a cycle, prices in cents with tenths, `pair` = Kalshi ticker:Polymarket token. */
export const crossVenueTape: CaptureFormat = {
  name: 'cross-venue-tape',
  label: 'cross-venue tape, polled best prices',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: true,
  recognises: (first) => crossVenueSchema.safeParse(first).success,
  open: () => pairedReader(readCrossVenue),
};

/** Puts each pair's relation in front of its first row. */
function pairedReader(
  readRow: (text: string, isNew: (pairId: string) => boolean) => readonly CaptureStep[],
): CaptureReader {
  const isNew = firstTime();
  return { read: (text) => readRow(text, isNew) };
}

function readCrossVenue(text: string, isNew: (pairId: string) => boolean): readonly CaptureStep[] {
  return stepsOf(text, crossVenueSchema, (row) => {
    const [ticker = '', token = ''] = row.pair.split(':');
    const books = { kalshi: bookId('kalshi', ticker), polymarket: bookId('polymarket', token) };
    const poll = quotePoll(
      [
        {
          book: books[row.venue],
          unit: 'cents',
          bid: { price: row.bid, size: row.bid_sz },
          ask: { price: row.ask, size: row.ask_sz },
          stamp: undefined,
          venueAtMs: row.venue_ts === null ? undefined : Number(row.venue_ts),
        },
      ],
      row.t_fetch,
    );
    if (poll.kind === 'fault') return [poll];
    if (row.t_fetch < row.ts || row.t_fetch > row.ts + CYCLE_MS_MAX) {
      return [fault(`expected t_fetch within a minute of its cycle ${row.ts}, found ${row.t_fetch}`)];
    }
    if (!isMidpoint(row)) {
      return [
        fault(
          `expected mid and spread of bid ${row.bid} and ask ${row.ask}, found ${row.mid} and ${row.spread} (pair ${row.pair})`,
        ),
      ];
    }
    const relation = pairOf(row.pair, books.kalshi, books.polymarket);
    return isNew(row.pair) ? [{ kind: 'relation', relation }, poll] : [poll];
  });
}

/** A cycle asks both venues about every pair, which took 2.1 seconds at most (July 2026). */
const CYCLE_MS_MAX = 60_000;

const quotedPairSchema = z.object({
  schema_version: z.string().regex(/^polymarket_(macro_)?pairs\./),
  captured_at: z.string(),
  kalshi: z.object({
    ticker: z.string(),
    yes_bid: z.number().nullable(),
    yes_ask: z.number().nullable(),
    no_bid: z.number().nullish(),
    no_ask: z.number().nullish(),
  }),
  polymarket: z.object({
    market_id: z.string(),
    best_bid: z.number().nullable(),
    best_ask: z.number().nullable(),
    book_fetch_ok: z.boolean(),
  }),
});

/** Paired quotes of both venues in one row, prices in dollars, no sizes; the legs were fetched seconds apart. */
export const quotedPairsTape: CaptureFormat = {
  name: 'quoted-pairs-tape',
  label: 'cross-venue pairs, polled best prices without sizes',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: false,
  recognises: (first) => quotedPairSchema.safeParse(first).success,
  open: () => pairedReader(readQuotedPair),
};

function readQuotedPair(text: string, isNew: (pairId: string) => boolean): readonly CaptureStep[] {
  return stepsOf(text, quotedPairSchema, (row) => {
    const receivedAtMs = instantMs(row.captured_at);
    if (receivedAtMs === undefined) return [fault(`expected captured_at as an ISO date, found ${row.captured_at}`)];
    if (!isMirrored(row.kalshi)) {
      return [fault(`expected no prices of a dollar less the opposite yes prices (${row.kalshi.ticker})`)];
    }
    const books = {
      kalshi: bookId('kalshi', row.kalshi.ticker),
      polymarket: bookId('polymarket', row.polymarket.market_id),
    };
    const pairId = `${row.kalshi.ticker}:${row.polymarket.market_id}`;
    const poll = quotePoll(
      [
        { book: books.kalshi, bid: row.kalshi.yes_bid, ask: row.kalshi.yes_ask },
        { book: books.polymarket, bid: row.polymarket.best_bid, ask: row.polymarket.best_ask },
      ].map(({ book, bid, ask }) => ({
        book,
        unit: 'dollars',
        bid: { price: bid },
        ask: { price: ask },
        stamp: row.captured_at,
        venueAtMs: undefined,
      })),
      receivedAtMs,
    );
    const relation = pairOf(pairId, books.kalshi, books.polymarket);
    return poll.kind === 'poll' && isNew(pairId) ? [{ kind: 'relation', relation }, poll] : [poll];
  });
}

const derivedPairSchema = z.object({
  schema_version: z.string().regex(/^polymarket_cpi_pairs\./),
  captured_at: z.string(),
  polymarket: z.object({ market_id: z.string(), best_bid: z.number().nullable(), best_ask: z.number().nullable() }),
});

/**
 * Paired rows whose Kalshi side is a probability that the recorder derived, not a price. Only the
 * Polymarket side is a quote, so there is a book and no pair.
 */
export const derivedPairsTape: CaptureFormat = {
  name: 'derived-pairs-tape',
  label: 'Polymarket best prices beside a derived Kalshi probability (not a price: no pair)',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: false,
  recognises: (first) => derivedPairSchema.safeParse(first).success,
  open: () => ({
    read: (text) =>
      stepsOf(text, derivedPairSchema, (row) => {
        const receivedAtMs = instantMs(row.captured_at);
        if (receivedAtMs === undefined) return [fault(`expected captured_at as an ISO date, found ${row.captured_at}`)];
        const quote = {
          book: bookId('polymarket', row.polymarket.market_id),
          unit: 'dollars' as const,
          bid: { price: row.polymarket.best_bid },
          ask: { price: row.polymarket.best_ask },
          stamp: row.captured_at,
          venueAtMs: undefined,
        };
        return [quotePoll([quote], receivedAtMs)];
      }),
  }),
};

const bestQuoteSchema = z.object({
  ts: z.number(),
  ticker: z.string(),
  yes_bid: z.number().nullable(),
  yes_ask: z.number().nullable(),
  yes_bid_sz: z.string().nullable(),
  yes_ask_sz: z.string().nullable(),
  mid: z.number().nullable(),
  spread: z.number().nullable(),
});

/** Kalshi best prices with sizes, in cents with tenths, polled. */
export const kalshiBestQuotes: CaptureFormat = {
  name: 'kalshi-best-quotes',
  label: 'Kalshi polled best prices',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: true,
  recognises: (first) => bestQuoteSchema.safeParse(first).success,
  open: () => ({
    read: (text) =>
      stepsOf(text, bestQuoteSchema, (row) => {
        if (!isMidpoint({ ...row, bid: row.yes_bid, ask: row.yes_ask })) {
          return [
            fault(`expected mid and spread of ${row.yes_bid} and ${row.yes_ask}, found ${row.mid} and ${row.spread}`),
          ];
        }
        const quote = {
          book: bookId('kalshi', row.ticker),
          unit: 'cents' as const,
          bid: { price: row.yes_bid, size: row.yes_bid_sz },
          ask: { price: row.yes_ask, size: row.yes_ask_sz },
          stamp: String(row.ts),
          venueAtMs: undefined,
        };
        return [quotePoll([quote], row.ts)];
      }),
  }),
};

const CHANGE_LOG_HEAD = 'timestamp,market_ticker,best_yes_bid,best_no_bid,implied_no_ask,implied_yes_ask';

const CHANGE_LOG_ROW = /^\d{4}-\d\d-\d\dT[\d:.]+,KX[^,]+(,\d*){4}$/;

/** A log of best-price changes as CSV, in whole cents, times without a zone (read as UTC). */
export const kalshiBestQuoteLog: CaptureFormat = {
  name: 'kalshi-best-quote-log',
  label: 'Kalshi log of best-price changes without sizes',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: false,
  recognises: (_first, text) => text.startsWith(CHANGE_LOG_HEAD) || CHANGE_LOG_ROW.test(text),
  open: () => ({ read: readLogRow }),
};

function readLogRow(text: string): readonly CaptureStep[] {
  if (text.startsWith(CHANGE_LOG_HEAD)) return [];
  const [time = '', ticker = '', yesBid = '', noBid = '', noAsk = '', yesAsk = '', ...rest] = text.trim().split(',');
  const receivedAtMs = instantMs(`${time}Z`);
  const [bid, oppositeBid] = [wholeCents(yesBid), wholeCents(noBid)];
  if (
    receivedAtMs === undefined ||
    ticker === '' ||
    rest.length > 0 ||
    bid === 'malformed' ||
    oppositeBid === 'malformed'
  ) {
    return [fault(`expected ${CHANGE_LOG_HEAD}, found ${text.slice(0, 80)}`)];
  }
  if (!mirrors(yesBid, noAsk) || !mirrors(noBid, yesAsk)) {
    return [fault(`expected asks of 100 less the opposite bids, found ${text.slice(0, 80)}`)];
  }
  const quote = {
    book: bookId('kalshi', ticker),
    unit: 'cents' as const,
    bid: { price: bid },
    ask: { price: oppositeBid === null ? null : 100 - oppositeBid },
    stamp: time,
    venueAtMs: undefined,
  };
  return [quotePoll([quote], receivedAtMs)];
}

function mirrors(bid: string, ask: string): boolean {
  return bid === '' ? true : Number(bid) + Number(ask) === 100;
}

/** `null` where nobody bids. */
function wholeCents(text: string): number | null | 'malformed' {
  if (text === '') return null;
  return /^\d+$/.test(text) ? Number(text) : 'malformed';
}
