/** Polled best prices of whole Kalshi events, with the strikes that relate their markets. */
import { z } from 'zod';
import { bookId } from '../../domain/instrument.ts';
import type { CaptureFormat, CaptureStep, EventRelation } from './capture.ts';
import { isMirrored, type Quote, quotePoll } from './quotes.ts';
import { fault, firstTime, instantMs, stepsOf } from './records.ts';
import { strikeOf } from './strike.ts';

const strikeQuoteSchema = z.object({
  ticker: z.string(),
  strike_type: z.string(),
  floor_strike: z.number().nullish(),
  cap_strike: z.number().nullish(),
  yes_bid: z.number().nullable(),
  yes_ask: z.number().nullable(),
  no_bid: z.number().nullish(),
  no_ask: z.number().nullish(),
});
type StrikeQuote = z.infer<typeof strikeQuoteSchema>;

const rangesSchema = z.object({
  schema_version: z.string().startsWith('crypto_hourly.'),
  captured_at: z.string(),
  current: z.union([
    z.object({ event_ticker: z.string(), outcomes: z.array(strikeQuoteSchema) }),
    // No event was open at that moment.
    z.object({ status: z.string() }),
  ]),
});

/** Hourly price ranges of one underlying: up to about 190 brackets an event. */
export const kalshiRangeLadders: CaptureFormat = {
  name: 'kalshi-range-ladders',
  label: 'Kalshi range ladders, polled best prices without sizes',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: false,
  recognises: (first) => rangesSchema.safeParse(first).success,
  open: () => {
    const isNew = firstTime();
    return {
      read: (text) =>
        stepsOf(text, rangesSchema, ({ captured_at, current }) =>
          'status' in current
            ? []
            : eventSteps(captured_at, [{ id: current.event_ticker, quotes: current.outcomes }], isNew),
        ),
    };
  },
};

const printsSchema = z.object({
  schema_version: z.string().startsWith('econ_prints.'),
  captured_at: z.string(),
  open_events: z.object({
    events: z.array(z.object({ event_ticker: z.string(), strikes: z.array(strikeQuoteSchema) })),
  }),
});

/** Threshold ladders of economic releases: every open event of a series in one row. */
export const kalshiThresholdLadders: CaptureFormat = {
  name: 'kalshi-threshold-ladders',
  label: 'Kalshi threshold ladders, polled best prices without sizes',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: false,
  recognises: (first) => printsSchema.safeParse(first).success,
  open: () => {
    const isNew = firstTime();
    return {
      read: (text) =>
        stepsOf(text, printsSchema, ({ captured_at, open_events }) =>
          eventSteps(
            captured_at,
            open_events.events.map(({ event_ticker, strikes }) => ({ id: event_ticker, quotes: strikes })),
            isNew,
          ),
        ),
    };
  },
};

const anomaliesSchema = z.object({
  schema_version: z.string().startsWith('anomaly_sweep.'),
  captured_at: z.string(),
  anomalies: z.array(
    z.object({
      kind: z.string(),
      event_ticker: z.string(),
      strike_type: z.string(),
      outer_ticker: z.string(),
      outer_ask: z.number(),
      inner_ticker: z.string(),
      inner_no_ask: z.number(),
    }),
  ),
});

/** What that recorder took for broken ladders: the two asks of each, strikes in the tickers only. */
export const kalshiAnomalies: CaptureFormat = {
  name: 'kalshi-ladder-anomalies',
  label: 'Kalshi ladder anomalies as another system reported them, two asks each without sizes',
  unit: 'line',
  coverage: 'quotes',
  hasSizes: false,
  recognises: (first) => anomaliesSchema.safeParse(first).success,
  open: () => {
    const isNew = firstTime();
    return {
      read: (text) =>
        stepsOf(text, anomaliesSchema, ({ captured_at, anomalies }) => {
          const byEvent = new Map<string, Map<string, StrikeQuote>>();
          for (const anomaly of anomalies) {
            const quotes = byEvent.get(anomaly.event_ticker) ?? new Map<string, StrikeQuote>();
            byEvent.set(anomaly.event_ticker, quotes);
            for (const quote of quotesOfAnomaly(anomaly)) {
              const known = quotes.get(quote.ticker);
              quotes.set(quote.ticker, {
                ...quote,
                yes_bid: quote.yes_bid ?? known?.yes_bid ?? null,
                yes_ask: quote.yes_ask ?? known?.yes_ask ?? null,
              });
            }
          }
          const events = [...byEvent].map(([id, quotes]) => ({ id, quotes: [...quotes.values()] }));
          return eventSteps(captured_at, events, isNew);
        }),
    };
  },
};

function quotesOfAnomaly(anomaly: z.infer<typeof anomaliesSchema>['anomalies'][number]): StrikeQuote[] {
  const { strike_type } = anomaly;
  return [
    {
      ticker: anomaly.outer_ticker,
      strike_type,
      floor_strike: strikeInTicker(anomaly.outer_ticker),
      yes_bid: null,
      yes_ask: anomaly.outer_ask,
    },
    {
      ticker: anomaly.inner_ticker,
      strike_type,
      floor_strike: strikeInTicker(anomaly.inner_ticker),
      yes_bid: 1 - anomaly.inner_no_ask,
      yes_ask: null,
    },
  ];
}

function strikeInTicker(ticker: string): number | undefined {
  const match = /-T(-?\d+(?:\.\d+)?)$/.exec(ticker);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function eventSteps(
  capturedAt: string,
  events: readonly { readonly id: string; readonly quotes: readonly StrikeQuote[] }[],
  isNew: (key: string) => boolean,
): CaptureStep[] {
  const receivedAtMs = instantMs(capturedAt);
  if (receivedAtMs === undefined) return [fault(`expected captured_at as an ISO date, found ${capturedAt}`)];
  const odd = events.flatMap(({ quotes }) => quotes).find((quote) => !isMirrored(quote));
  if (odd !== undefined) return [fault(`expected no prices of a dollar less the opposite yes prices (${odd.ticker})`)];
  const relations = events
    .filter(({ id, quotes }) => isNew(`${id}/${quotes.map((quote) => quote.ticker).join()}`))
    .map(({ id, quotes }): CaptureStep => ({ kind: 'relation', relation: relationOf(id, quotes) }));
  const quotes = events.flatMap((event) => event.quotes.map((quote) => oneQuote(quote, capturedAt)));
  return [...relations, quotePoll(quotes, receivedAtMs)];
}

function relationOf(eventId: string, quotes: readonly StrikeQuote[]): EventRelation {
  return { kind: 'event', eventId, strikes: quotes.map(strikeOf) };
}

function oneQuote({ ticker, yes_bid, yes_ask }: StrikeQuote, stamp: string): Quote {
  const book = bookId('kalshi', ticker);
  return { book, unit: 'dollars', bid: { price: yes_bid }, ask: { price: yes_ask }, stamp, venueAtMs: undefined };
}
