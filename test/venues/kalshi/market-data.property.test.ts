import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarketDataEvent } from '../../../src/domain/ports/market-data.ts';
import { damaged, renamed, replaced, without, withUnknownFields, wrongValues } from '../../support/mutate-json.ts';
import { delta, fixtureFrame, idOf, type Json, Listener, snapshot, subscribed, withMsg } from './frames.ts';

/** Books A and B on sid 1, which stands at seq 2, and C on sid 2. */
function listening(): Listener {
  const listener = new Listener();
  listener.hear(subscribed(1), snapshot({ seq: 1 }, 'A'), snapshot({ seq: 2 }, 'B'));
  listener.hear(subscribed(2), snapshot({ sid: 2, seq: 1 }, 'MARKET-UNTOUCHED'));
  return listener;
}

/** One frame of every type, each the next of its sid where it has one. */
const everyFrame: readonly Json[] = [
  delta({ seq: 3 }, 'A'),
  { ...fixtureFrame('orderbook-delta-own'), sid: 1, seq: 3 },
  snapshot({ seq: 3, id: 5 }, 'A'),
  { ...fixtureFrame('orderbook-snapshot-closed'), sid: 1, seq: 3 },
  { type: 'ok', id: 5, sid: 1, seq: 3, msg: { market_tickers: ['A', 'B'] } },
  { type: 'unsubscribed', id: 5, sid: 1, seq: 3 },
  { type: 'error', id: 5, sid: 1, seq: 3, msg: { code: 25, msg: 'overflow' } },
  ...['ok-list-subscriptions', 'error-unknown-sid', 'ticker-two-sided', 'trade-taker-no', 'lifecycle-created'],
  ...['lifecycle-price-level-structure-updated', 'event-fee-update-set', 'fill-taker', 'user-order-resting'],
  ...['market-position-long', 'order-group-update-limit', 'subscribed-orderbook'],
].map((frame) => (typeof frame === 'string' ? fixtureFrame(frame) : frame));

function isBookEvent(event: MarketDataEvent): boolean {
  return event.kind === 'book.snapshot' || event.kind === 'book.delta' || event.kind === 'book.levels';
}

function expectValuesInRange(event: MarketDataEvent): void {
  const levels =
    event.kind === 'book.snapshot' ? [...event.bids, ...event.asks] : event.kind === 'trade.printed' ? [event] : [];
  for (const { priceE4, sizeE6 } of levels) {
    expect(Number.isInteger(priceE4) && priceE4 > 0 && priceE4 < 10_000).toBe(true);
    expect(Number.isSafeInteger(sizeE6) && sizeE6 > 0).toBe(true);
  }
  if (event.kind !== 'book.delta') return;
  expect(Number.isInteger(event.priceE4) && event.priceE4 > 0 && event.priceE4 < 10_000).toBe(true);
  expect(Number.isSafeInteger(event.deltaE6)).toBe(true);
}

describe('Kalshi market data, damaged frames', () => {
  it('never throws, never leaves the range of prices and sizes, never changes the book of another market', () => {
    const anyDamage = fc.constantFrom(...everyFrame).chain(damaged);
    fc.assert(
      fc.property(fc.array(anyDamage, { minLength: 1, maxLength: 4 }), (texts) => {
        const listener = listening();
        const untouched = listener.books.find(idOf('MARKET-UNTOUCHED'));
        const before = [untouched?.bids(false), untouched?.asks(false), untouched?.version];
        const events = listener.hear(...texts);
        for (const event of events) expectValuesInRange(event);
        expect([untouched?.bids(false), untouched?.asks(false), untouched?.version]).toEqual(before);
      }),
      { numRuns: 1_500 },
    );
  });

  it('never throws on any text', () => {
    const anyText = fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(anyText, (text) => {
        expect(listening().hear(text).some(isBookEvent)).toBe(false);
      }),
    );
  });

  const aDelta = delta({ seq: 3 }, 'A');
  const aSnapshot = snapshot({ seq: 3 }, 'A');
  // A side list may be absent or empty: an absent side is an empty side on this wire.
  const needed = [
    ...['type', 'sid', 'seq', 'msg'].map((key) => [`delta: ${key}`, aDelta, [key], true] as const),
    ...['market_ticker', 'price_dollars', 'delta_fp', 'side', 'ts_ms'].map(
      (key) => [`delta: msg.${key}`, aDelta, ['msg', key], true] as const,
    ),
    ...['type', 'sid', 'seq', 'msg'].map((key) => [`snapshot: ${key}`, aSnapshot, [key], true] as const),
    ['snapshot: msg.market_ticker', aSnapshot, ['msg', 'market_ticker'], true] as const,
    ...['yes_dollars_fp', 'no_dollars_fp'].map(
      (key) => [`snapshot: msg.${key}`, aSnapshot, ['msg', key], false] as const,
    ),
  ];

  it.each(needed)('gaps the book whose needed field is removed, renamed or of a wrong type, %s', (...of) => {
    const [, frame, path, mayNotBeAbsent] = of;
    // Another ticker is another market, not a damage that anyone could see.
    const wrong = wrongValues.filter(
      (value) => !(path.includes('market_ticker') && typeof value === 'string' && value !== ''),
    );
    const damages = [renamed(frame, path), ...wrong.map((value) => replaced(frame, path, value))];
    if (mayNotBeAbsent) damages.push(without(frame, path));
    for (const damage of damages) {
      if (!mayNotBeAbsent && JSON.stringify(damage) === JSON.stringify(replaced(frame, path, []))) continue;
      const listener = listening();
      const events = listener.hear(JSON.stringify(damage), delta({ seq: 4 }, 'A'));
      expect(events.some(isBookEvent), JSON.stringify(damage)).toBe(false);
      expect(events.some((event) => event.kind === 'frame.fault')).toBe(true);
      expect(listener.standing('A'), JSON.stringify(damage)).toBe('gapped');
    }
  });

  it('gaps every book of the connection when a frame is cut off, wherever', () => {
    const text = JSON.stringify(delta({ seq: 3 }, 'A'));
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), (length) => {
        const listener = listening();
        const events = listener.hear(text.slice(0, length));
        expect(events.some(isBookEvent)).toBe(false);
        const standings = ['A', 'B', 'MARKET-UNTOUCHED'].map((ticker) => listener.standing(ticker));
        expect(standings).toEqual(['gapped', 'gapped', 'gapped']);
      }),
    );
  });

  it('emits the same events whatever unknown fields a frame carries', () => {
    const anyField = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.dictionary(fc.string(), fc.string()),
    );
    fc.assert(
      fc.property(fc.constantFrom(...everyFrame), anyField, (frame, field) => {
        expect(listening().hear(JSON.stringify(withUnknownFields(frame, field)))).toEqual(listening().hear(frame));
      }),
    );
  });
});

type Step = { readonly kind: 'delta' | 'snapshot' | 'ok'; readonly ticker: 'A' | 'B'; readonly size: number };
type Fate = 'kept' | 'dropped' | 'repeated' | 'swapped';

const tickers = ['A', 'B'] as const;
const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('delta', 'delta', 'delta', 'snapshot', 'ok'),
  ticker: fc.constantFrom(...tickers),
  size: fc.integer({ min: 1, max: 500 }),
});

/** What the venue sends for these steps: sizes only grow, so every frame is right on its own. */
function sent(steps: readonly Step[]): { readonly frames: Json[]; readonly truth: Record<'A' | 'B', number> } {
  const truth = { A: 10, B: 10 };
  const frames = [snapshot({ seq: 1 }, 'A'), snapshot({ seq: 2 }, 'B')];
  for (const { kind, ticker, size } of steps) {
    const seq = frames.length + 1;
    if (kind === 'ok') frames.push({ type: 'ok', id: 9, sid: 1, seq, msg: { market_tickers: tickers } });
    else if (kind === 'snapshot') frames.push(snapshot({ seq }, ticker, { yes: [['0.4000', `${truth[ticker]}.00`]] }));
    else {
      truth[ticker] += size;
      frames.push(delta({ seq }, ticker, { size: `${size}.00` }));
    }
  }
  return { frames, truth };
}

/** The frames as they arrive when some are dropped, repeated, or change places with the next. */
function arrived(frames: readonly Json[], fates: readonly Fate[]): Json[] {
  const result: Json[] = [];
  let held: Json | undefined;
  for (const [index, frame] of frames.entries()) {
    const fate = fates[index] ?? 'kept';
    if (held !== undefined) {
      result.push(frame, held);
      held = undefined;
    } else if (fate === 'swapped') held = frame;
    else if (fate !== 'dropped') result.push(...(fate === 'repeated' ? [frame, frame] : [frame]));
  }
  if (held !== undefined) result.push(held);
  return result;
}

describe('Kalshi market data, lost and repeated frames', () => {
  it('gaps every book of the sid by one dropped, repeated or swapped frame before any of its books changes', () => {
    const anyFault = fc.record({
      steps: fc.array(anyStep, { minLength: 3, maxLength: 30 }),
      at: fc.nat(),
      fate: fc.constantFrom<Fate>('dropped', 'repeated', 'swapped'),
    });
    fc.assert(
      fc.property(anyFault, ({ steps, at, fate }) => {
        const { frames } = sent(steps);
        const from = 2 + (at % (frames.length - 3));
        const fates: Fate[] = frames.map((_, index) => (index === from ? fate : 'kept'));
        const listener = new Listener();
        listener.hear(subscribed(1), ...frames.slice(0, from + (fate === 'repeated' ? 1 : 0)));
        const rest = arrived(frames, fates).slice(from + (fate === 'repeated' ? 1 : 0));
        const first = listener.hear(...rest).find((event) => isBookEvent(event) || event.kind === 'book.gapped');
        expect(first).toMatchObject({ kind: 'book.gapped', reason: 'sequence', books: tickers.map(idOf) });
      }),
      { numRuns: 500 },
    );
  });

  it('believes only books that are right, however many frames are dropped, repeated or swapped', () => {
    const anyRun = fc.record({
      steps: fc.array(anyStep, { minLength: 1, maxLength: 60 }),
      fates: fc.array(fc.constantFrom<Fate>('kept', 'kept', 'kept', 'kept', 'dropped', 'repeated', 'swapped'), {
        minLength: 2,
        maxLength: 60,
      }),
    });
    fc.assert(
      fc.property(anyRun, ({ steps, fates }) => {
        // The last frame always arrives: nothing can tell that the end of a stream is missing.
        const { frames, truth } = sent([...steps, { kind: 'ok', ticker: 'A', size: 1 }]);
        const listener = new Listener();
        listener.hear(subscribed(1), ...arrived(frames, fates.slice(0, frames.length - 1)));
        for (const ticker of tickers) {
          if (listener.standing(ticker) !== 'live') continue;
          const sizeE6 = truth[ticker] * 1_000_000;
          expect(listener.books.find(idOf(ticker))?.bids(false)).toEqual([{ priceE4: 4_000, sizeE6 }]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('believes every book again with its second snapshot in sequence at the latest', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 3, maxLength: 30 }), fc.nat(), (steps, at) => {
        const { frames } = sent(steps);
        const dropped = 2 + (at % (frames.length - 3));
        const listener = new Listener();
        listener.hear(subscribed(1), ...frames.filter((_, index) => index !== dropped));
        const next = frames.length + 1;
        // The first one contradicts a book that is held to be right, and settles one that is not.
        for (const seq of [next, next + 2])
          listener.hear(snapshot({ seq, id: 4 }, 'A'), snapshot({ seq: seq + 1, id: 4 }, 'B'));
        expect(tickers.map((ticker) => listener.standing(ticker))).toEqual(['live', 'live']);
      }),
    );
  });

  it('counts every frame of the sid whatever its type, so that none goes missing unseen', () => {
    const fillers: readonly Json[] = [
      { type: 'ok', id: 3, sid: 1 },
      { type: 'error', id: 3, sid: 1, msg: { code: 26, msg: 'limit' } },
      { type: 'rfq_created', sid: 1, msg: {} },
      withMsg(delta({ seq: 3 }, 'NEVER-SEEN'), {}),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...fillers), fc.boolean(), (filler, isDropped) => {
        const listener = listening();
        if (!isDropped) listener.hear({ ...filler, seq: 3 });
        listener.hear(delta({ seq: 4 }, 'A'));
        expect(listener.standing('A')).toBe(isDropped ? 'gapped' : 'live');
      }),
    );
  });
});
