/** Books of either venue as polled over REST. What happened between two polls is unknown. */
import { z } from 'zod';
import { type BookId, bookId } from '../../domain/instrument.ts';
import type { BookSnapshot, Level } from '../../domain/ports/market-data.ts';
import { complement, type PriceE4 } from '../../domain/units.ts';
import { parseKalshiOrderbook } from '../../venues/kalshi/order-book.ts';
import { parsePolymarketBook } from '../../venues/polymarket/order-book.ts';
import type { CaptureFormat, CaptureStep, Strike } from './capture.ts';
import { type Quote, quotePoll } from './quotes.ts';
import { fault, firstTime, instantMs, levelsOf, priceOfCents, priceOfDollars, stepsOf } from './records.ts';
import { strikeOf } from './strike.ts';

type LevelPairs = readonly (readonly [number, number])[];

interface BothSides {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** A Kalshi book from both lists of bids: a NO bid at q is a YES ask at 1 − q. */
function kalshiSnapshot(ticker: string, sides: BothSides, stamp: string | undefined): BookSnapshot {
  const book = bookId('kalshi', ticker);
  const { bids, asks } = sides;
  return { kind: 'book.snapshot', book, bids, asks, grid: undefined, feed: undefined, stamp, venueAtMs: undefined };
}

function sidesOfPairs(
  yes: LevelPairs,
  no: LevelPairs,
  toPrice: (price: number) => PriceE4 | undefined,
): BothSides | undefined {
  const bids = levelsOf(yes, toPrice);
  const noBids = levelsOf(no, toPrice);
  if (bids === undefined || noBids === undefined) return undefined;
  return { bids, asks: noBids.map(({ priceE4, sizeE6 }) => ({ priceE4: complement(priceE4), sizeE6 })) };
}

const pairsOfNumbers = z.array(z.tuple([z.number(), z.number()]));
const kalshiBookSchema = z.object({
  captured_at: z.string(),
  ticker: z.string(),
  yes_bids: pairsOfNumbers,
  no_bids: pairsOfNumbers,
  best_yes_bid: z.number().nullable(),
  best_no_bid: z.number().nullable(),
  depth: z.number(),
  raw_orderbook: z.unknown().optional(),
  strike_type: z.string().nullish(),
  floor_strike: z.number().nullish(),
  cap_strike: z.number().nullish(),
});
type KalshiBookRow = z.infer<typeof kalshiBookSchema>;

/** One book a line, with the venue's own body where the recorder kept it. */
export const kalshiPolledBooks: CaptureFormat = {
  name: 'kalshi-polled-books',
  label: 'Kalshi books polled over REST',
  unit: 'line',
  coverage: 'polled',
  hasSizes: true,
  recognises: (first) => kalshiBookSchema.safeParse(first).success,
  open: () => {
    const strikes = new Map<string, Strike[]>();
    return { read: (text) => readKalshiBook(text, strikes) };
  },
};

function readKalshiBook(text: string, strikes: Map<string, Strike[]>): readonly CaptureStep[] {
  return stepsOf(text, kalshiBookSchema, (row) => {
    const receivedAtMs = instantMs(row.captured_at);
    if (receivedAtMs === undefined) return [fault(`expected captured_at as an ISO date, found ${row.captured_at}`)];
    const sides = sidesOfPairs(row.yes_bids, row.no_bids, priceOfDollars);
    if (sides === undefined) return [fault(`expected bids as pairs of price and size (${row.ticker})`)];
    const contradiction = contradictionIn(row, sides);
    if (contradiction !== undefined) return [fault(`${contradiction} (${row.ticker})`)];
    const poll: CaptureStep = {
      kind: 'poll',
      events: [kalshiSnapshot(row.ticker, sides, row.captured_at)],
      receivedAtMs,
    };
    return [...newStrike(row, strikes), poll];
  });
}

/** The event of a market as far as it is known, each time a strike of it comes for the first time. */
function newStrike(row: KalshiBookRow, strikes: Map<string, Strike[]>): CaptureStep[] {
  if (typeof row.strike_type !== 'string') return [];
  const eventId = row.ticker.slice(0, row.ticker.lastIndexOf('-'));
  const known = strikes.get(eventId) ?? [];
  const strike = strikeOf({ ...row, strike_type: row.strike_type });
  if (known.some((other) => other.book === strike.book)) return [];
  strikes.set(eventId, [...known, strike]);
  return [{ kind: 'relation', relation: { kind: 'event', eventId, strikes: [...known, strike] } }];
}

/** The recorder wrote some facts twice; where its two accounts differ, the row is damaged. */
function contradictionIn(row: KalshiBookRow, sides: BothSides): string | undefined {
  const levels = row.yes_bids.length + row.no_bids.length;
  if (levels !== row.depth) return `expected ${row.depth} levels, found ${levels}`;
  const best = [row.yes_bids[0]?.[0] ?? null, row.no_bids[0]?.[0] ?? null];
  if (best[0] !== row.best_yes_bid || best[1] !== row.best_no_bid) {
    return `expected best bids ${row.best_yes_bid} and ${row.best_no_bid}, found ${best.join(' and ')}`;
  }
  if (row.raw_orderbook === undefined) return undefined;
  const body = parseKalshiOrderbook(row.raw_orderbook);
  if (body.kind === 'malformed') return body.message;
  return sameLevels(body.bids, sides.bids) && sameLevels(body.asks, sides.asks)
    ? undefined
    : "the recorder's lists differ from the venue's own body";
}

function sameLevels(a: readonly Level[], b: readonly Level[]): boolean {
  const sizes = new Map(a.map(({ priceE4, sizeE6 }) => [priceE4, sizeE6]));
  return a.length === b.length && b.every(({ priceE4, sizeE6 }) => sizes.get(priceE4) === sizeE6);
}

const kalshiListSchema = z.array(z.object({ ticker: z.string(), orderbook_fp: z.unknown() })).min(1);

/** A list of tickers, each with the body of its book. */
export const kalshiBookList: CaptureFormat = {
  name: 'kalshi-book-list',
  label: 'Kalshi books, one look at each',
  unit: 'document',
  coverage: 'polled',
  hasSizes: true,
  recognises: (first) => kalshiListSchema.safeParse(first).success,
  open: () => ({
    read: (text) =>
      stepsOf(text, kalshiListSchema, (rows) =>
        rows.map(({ ticker, orderbook_fp }): CaptureStep => {
          const body = parseKalshiOrderbook({ orderbook_fp });
          if (body.kind === 'malformed') return fault(`${body.message} (${ticker})`);
          return { kind: 'poll', events: [kalshiSnapshot(ticker, body, undefined)], receivedAtMs: 0 };
        }),
      ),
  }),
};

const legacySides = z.object({ _yes: pairsOfNumbers.nullable(), _no: pairsOfNumbers.nullable() });
const legacyListSchema = z
  .array(z.record(z.string(), legacySides).refine((row) => Object.keys(row).length > 0, 'must name a ticker'))
  .min(1);

/** Books in the retired shape: whole cents and whole contracts, keyed by ticker. */
export const kalshiLegacyBooks: CaptureFormat = {
  name: 'kalshi-legacy-books',
  label: 'Kalshi books in the retired shape (cents), one look at each',
  unit: 'document',
  coverage: 'polled',
  hasSizes: true,
  recognises: (first) => legacyListSchema.safeParse(first).success,
  open: () => ({
    read: (text) =>
      stepsOf(text, legacyListSchema, (rows) =>
        rows.flatMap((row) =>
          Object.entries(row).map(([ticker, { _yes, _no }]): CaptureStep => {
            const sides = sidesOfPairs(_yes ?? [], _no ?? [], priceOfCents);
            if (sides === undefined) return fault(`expected bids as pairs of cents and contracts (${ticker})`);
            return { kind: 'poll', events: [kalshiSnapshot(ticker, sides, undefined)], receivedAtMs: 0 };
          }),
        ),
      ),
  }),
};

const polymarketRunSchema = z.object({
  collector_ts: z.string(),
  books: z.array(z.unknown()),
  requested_tokens: z.array(z.object({ token_id: z.string(), market_id: z.string(), token_index: z.enum(['0', '1']) })),
});

/** Replies of Polymarket's `POST /books`, one batch a line. */
export const polymarketPolledBooks: CaptureFormat = {
  name: 'polymarket-polled-books',
  label: 'Polymarket books polled over REST',
  unit: 'line',
  coverage: 'polled',
  hasSizes: true,
  recognises: (first) => polymarketRunSchema.safeParse(first).success,
  open: () => {
    const isNew = firstTime();
    return {
      read: (text) =>
        stepsOf(text, polymarketRunSchema, ({ collector_ts, books, requested_tokens }) => {
          const receivedAtMs = instantMs(collector_ts.replace(' ', 'T'));
          if (receivedAtMs === undefined) return [fault(`expected collector_ts as an ISO date, found ${collector_ts}`)];
          return [
            ...tokenRelations(requested_tokens, isNew),
            ...books.flatMap((body) => polymarketPoll(body, receivedAtMs)),
          ];
        }),
    };
  },
};

function tokenRelations(
  tokens: z.infer<typeof polymarketRunSchema>['requested_tokens'],
  isNew: (key: string) => boolean,
): CaptureStep[] {
  return tokens.flatMap((token): CaptureStep[] => {
    const other = tokens.find((one) => one.market_id === token.market_id && one.token_index === '1');
    if (token.token_index !== '0' || other === undefined || !isNew(token.market_id)) return [];
    const [yes, no] = [bookId('polymarket', token.token_id), bookId('polymarket', other.token_id)];
    return [{ kind: 'relation', relation: { kind: 'tokens', marketId: token.market_id, yes, no } }];
  });
}

const polymarketBookSchema = z.object({ asset_id: z.string(), bids: z.array(z.unknown()), asks: z.array(z.unknown()) });

/** One reply of Polymarket's `GET /book`. */
export const polymarketBookDocument: CaptureFormat = {
  name: 'polymarket-book',
  label: 'one Polymarket book',
  unit: 'document',
  coverage: 'polled',
  hasSizes: true,
  recognises: (first) => polymarketBookSchema.safeParse(first).success,
  open: () => ({
    read: (text) => stepsOf(text, z.unknown(), (body) => polymarketPoll(body, 0)),
  }),
};

function polymarketPoll(body: unknown, receivedAtMs: number): CaptureStep[] {
  const reading = parsePolymarketBook(body);
  if (reading.kind === 'malformed') return [fault(reading.message)];
  return [{ kind: 'poll', events: [reading.snapshot], receivedAtMs }];
}

const sampledSide = z.object({ bid: z.number().nullable(), ask: z.number().nullable() });
const sampledSchema = z.object({
  window_ts: z.number(),
  slug: z.string(),
  samples: z.array(z.object({ t: z.number(), up: sampledSide, down: sampledSide })),
});

/** Best prices of both tokens of 5-minute markets at a few moments before each close. */
export const polymarketSampledMarkets: CaptureFormat = {
  name: 'polymarket-sampled-markets',
  label: 'Polymarket best prices sampled before close, sizes only as totals',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: false,
  recognises: (first) => sampledSchema.safeParse(first).success,
  open: () => ({
    read: (text) =>
      stepsOf(text, sampledSchema, ({ window_ts, slug, samples }) => {
        const [up, down] = [bookId('polymarket', `${slug}/up`), bookId('polymarket', `${slug}/down`)];
        const polls = samples.map((sample): CaptureStep => {
          const stamp = `${window_ts}/${sample.t}`;
          const quotes = [sampledQuote(up, sample.up, stamp), sampledQuote(down, sample.down, stamp)];
          // Samples are timed against the close, five minutes after the window opens.
          return quotePoll(quotes, (window_ts + 300 + sample.t) * 1_000);
        });
        return [{ kind: 'relation', relation: { kind: 'tokens', marketId: slug, yes: up, no: down } }, ...polls];
      }),
  }),
};

function sampledQuote(book: BookId, { bid, ask }: z.infer<typeof sampledSide>, stamp: string): Quote {
  return { book, unit: 'dollars', bid: { price: bid }, ask: { price: ask }, stamp, venueAtMs: undefined };
}
