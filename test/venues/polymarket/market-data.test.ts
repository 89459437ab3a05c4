import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformGrid } from '../../../src/domain/instrument.ts';
import type { MarketDataEvent } from '../../../src/domain/ports/market-data.ts';
import { damaged, withUnknownFields } from '../../support/mutate-json.ts';
import {
  book,
  fixture,
  fixtureFrame,
  idOf,
  type Json,
  Listener,
  NO,
  namesOf,
  OTHER,
  priceChange,
  YES,
} from './frames.ts';

/** Books of both tokens of one market, and of a token of another. */
function listening(): Listener {
  const listener = new Listener();
  listener.hear([book(YES), book(NO)], book(OTHER, { market: '0xother' }));
  return listener;
}

describe('Polymarket market data', () => {
  it('emits a book for every token of the first list', () => {
    const events = new Listener().hear(fixture('book-initial-dump'));
    expect(events).toMatchObject([
      { kind: 'book.snapshot', book: idOf(YES), grid: uniformGrid(100), feed: undefined, stamp: '1763625600000' },
      { kind: 'book.snapshot', book: idOf(NO), stamp: '1763625600000' },
    ]);
  });

  it('emits the changes of both tokens as one event', () => {
    const listener = new Listener();
    listener.hear(fixture('book-initial-dump'));
    const events = listener.hear(fixture('price-change-both-tokens'));
    expect(events).toEqual([
      {
        kind: 'book.levels',
        changes: [
          { book: idOf(YES), side: 'bid', priceE4: 4_900, sizeE6: 150_000_000 },
          { book: idOf(NO), side: 'ask', priceE4: 5_100, sizeE6: 150_000_000 },
        ],
        stamp: '1763625600500',
        venueAtMs: 1_763_625_600_500,
      },
    ]);
  });

  it('stamps a recorded change and the quotes before it alike, and takes only the change for a newer book', () => {
    const texts = fixture('stream-price-changes') as string[];
    const { price_changes, market } = JSON.parse(texts[0] ?? '') as { price_changes: Json[]; market: string };
    const tokens = price_changes.map((change) => String(change.asset_id));
    const listener = new Listener();
    listener.hear(tokens.map((tokenId) => book(tokenId, { market })));
    const events = listener.hear(...texts.slice(0, 4));
    expect(namesOf(events)).toEqual(['book.levels', 'quote.seen', 'quote.seen', 'book.levels']);
    const stamps = events.slice(1).map((event) => ('stamp' in event ? event.stamp : undefined));
    expect(new Set(stamps)).toEqual(new Set(['1790267412687']));
  });

  it('follows every recorded change without a fault', () => {
    const texts = fixture('stream-price-changes') as string[];
    const { price_changes, market } = JSON.parse(texts[0] ?? '') as { price_changes: Json[]; market: string };
    const listener = new Listener();
    listener.hear(price_changes.map((change) => book(String(change.asset_id), { market })));
    expect(new Set(namesOf(listener.hear(...texts)))).toEqual(new Set(['book.levels', 'quote.seen']));
  });

  // The books of two tokens are independent: one that is missing does not make the other stale.
  it('applies the changes of the tokens it knows and reports the one it does not', () => {
    const listener = new Listener();
    listener.hear(book(YES));
    const events = listener.hear(
      priceChange([{ asset_id: YES }, { asset_id: NO, side: 'SELL' }, { asset_id: NO, price: '0.4' }]),
    );
    expect(namesOf(events)).toEqual(['book.levels', 'frame.fault unknownMarket']);
    expect(events).toMatchObject([{ changes: [{ book: idOf(YES) }] }, { books: [idOf(NO)] }]);
  });

  it('emits no change at all when it knows none of the tokens', () => {
    const events = new Listener().hear(priceChange([{ asset_id: YES }, { asset_id: NO }]));
    expect(namesOf(events)).toEqual(['frame.fault unknownMarket', 'frame.fault unknownMarket']);
  });

  it('gaps all books of a change of which one entry is malformed, and applies none of it', () => {
    const listener = listening();
    const events = listener.hear(priceChange([{ asset_id: YES }, { asset_id: NO, size: 'NaN' }]));
    expect(namesOf(events)).toEqual(['book.gapped malformed', 'frame.fault malformed']);
    expect(events[0]).toMatchObject({ books: [idOf(YES), idOf(NO)] });
    expect(listener.standings(YES, NO, OTHER)).toEqual(['gapped', 'gapped', 'live']);
  });

  it('discards the changes of a gapped book until its snapshot, while the other token goes on', () => {
    const listener = listening();
    listener.hear({ ...book(YES), bids: undefined });
    const change = priceChange([{ asset_id: YES }, { asset_id: NO }]);
    const events = listener.hear(change, book(YES), change);
    expect(namesOf(events)).toEqual(['book.levels', 'book.snapshot', 'book.levels']);
    expect(events[0]).toMatchObject({ changes: [{ book: idOf(NO) }] });
    expect(events[2]).toMatchObject({ changes: [{ book: idOf(YES) }, { book: idOf(NO) }] });
  });

  it('gaps the books of the market when an entry does not say its token', () => {
    const listener = listening();
    const { price_changes } = priceChange([{ asset_id: YES }]) as { price_changes: Json[] };
    listener.hear({ ...priceChange([]), price_changes: [...price_changes, { price: '0.5', size: '1', side: 'BUY' }] });
    expect(listener.standings(YES, NO, OTHER)).toEqual(['gapped', 'gapped', 'live']);
  });

  it.each(['{"event_type":"price_cha', '', '7"', '{"event_type":"price_change"}'])(
    'gaps every book when nothing of the frame can be told: %j',
    (text) => {
      const listener = listening();
      listener.hear(text);
      expect(listener.standings(YES, NO, OTHER)).toEqual(['gapped', 'gapped', 'gapped']);
    },
  );

  it.each(['last-trade-price-buy', 'best-bid-ask-two-sided', 'new-market-listed', 'market-resolved-yes'])(
    'leaves the books alone when the malformed event is about something else: %s',
    (name) => {
      const { event_type, market, asset_id } = fixtureFrame(name);
      expect(namesOf(listening().hear({ event_type, market, asset_id }))).toEqual(['frame.fault malformed']);
    },
  );

  it('changes the tick and waits for a new book', () => {
    const listener = listening();
    const events = listener.hear(fixtureFrame('tick-size-change-finer'), priceChange([{ asset_id: YES }]), book(YES));
    expect(namesOf(events)).toEqual(['tick.changed', 'book.gapped tickChanged', 'book.snapshot']);
    expect(events[0]).toMatchObject({ book: idOf(YES), grid: uniformGrid(10), stamp: '1763625700000' });
    expect(events[1]).toMatchObject({ books: [idOf(YES)] });
  });

  it('quotes, prints trades and tells changes of the listing', () => {
    const names = ['best-bid-ask-two-sided', 'last-trade-price-buy', 'new-market-listed', 'market-resolved-yes'];
    const events = listening().hear(...names.map(fixtureFrame));
    expect(events).toMatchObject([
      { kind: 'quote.seen', book: idOf(YES), bestBidE4: 4_900, bestAskE4: 5_100 },
      { kind: 'trade.printed', book: idOf(YES), priceE4: 5_100, tradeId: undefined },
      { kind: 'listing.changed', venue: 'polymarket', change: 'new_market' },
      { kind: 'listing.changed', venue: 'polymarket', change: 'market_resolved' },
    ]);
  });

  it('says nothing about a harmless notice, and reports others and unknown events', () => {
    const events = listening().hear('PONG', 'NO NEW ASSETS', 'INVALID OPERATION', { event_type: 'comment' });
    expect(namesOf(events)).toEqual(['frame.fault unknownKind', 'frame.fault unknownKind']);
  });

  it('gaps every book on disconnection and waits for new ones', () => {
    const listener = listening();
    const books = [YES, NO, OTHER].map(idOf);
    expect(listener.reset()).toMatchObject([{ kind: 'book.gapped', reason: 'disconnected', books }]);
    expect(listener.reset()).toEqual([]);
    expect(namesOf(listener.hear(priceChange([{ asset_id: YES }])))).toEqual(['frame.fault unknownMarket']);
  });
});

const everyFrame: readonly unknown[] = [
  book(YES),
  priceChange([{ asset_id: YES }, { asset_id: NO, side: 'SELL' }]),
  [priceChange([{ asset_id: YES }]), book(NO)],
  ...['tick-size-change-finer', 'last-trade-price-buy', 'best-bid-ask-two-sided', 'new-market-listed'].map(
    fixtureFrame,
  ),
];

function isBookEvent(event: MarketDataEvent): boolean {
  return event.kind === 'book.snapshot' || event.kind === 'book.levels';
}

function expectValuesInRange(event: MarketDataEvent): void {
  const levels =
    event.kind === 'book.snapshot' ? [...event.bids, ...event.asks] : event.kind === 'book.levels' ? event.changes : [];
  for (const { priceE4, sizeE6 } of levels) {
    expect(Number.isInteger(priceE4) && priceE4 > 0 && priceE4 < 10_000).toBe(true);
    expect(Number.isSafeInteger(sizeE6) && sizeE6 >= 0).toBe(true);
  }
}

describe('Polymarket market data, damaged frames', () => {
  it('never throws, never leaves the range of prices and sizes, never changes the book of another market', () => {
    const anyDamage = fc.constantFrom(...everyFrame).chain(damaged);
    fc.assert(
      fc.property(fc.array(anyDamage, { minLength: 1, maxLength: 4 }), (texts) => {
        const listener = listening();
        const untouched = listener.books.find(idOf(OTHER));
        const before = [untouched?.bids(false), untouched?.asks(false), untouched?.version];
        for (const event of listener.hear(...texts)) expectValuesInRange(event);
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

  // A piece without any brace, bracket or quote is plain text, and reported as such.
  it('gaps every book when a change is cut off at either end, wherever it still shows', () => {
    const text = JSON.stringify(priceChange([{ asset_id: YES }]));
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.nat({ max: text.length - 1 }), (start, end) => {
        const listener = listening();
        const events = listener.hear(text.slice(Math.min(start, end), Math.max(start, end)));
        fc.pre(!events.some((event) => event.kind === 'frame.fault' && event.fault === 'unknownKind'));
        expect(events.some(isBookEvent)).toBe(false);
        expect(listener.standings(YES, NO, OTHER)).toEqual(['gapped', 'gapped', 'gapped']);
      }),
    );
  });

  const change = priceChange([{ asset_id: YES }, { asset_id: NO, side: 'SELL' }]);
  const anyWrong = fc.constantFrom<unknown>(undefined, null, 7, true, [], {}, '', 'NaN', '-1');
  const anyKey = fc.constantFrom('price', 'size', 'side');

  it('gaps both tokens and changes neither when any needed field of any entry is removed or wrong', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1 }), anyKey, anyWrong, (index, key, wrong) => {
        const entries = structuredClone(change.price_changes) as Json[];
        entries[index] = { ...entries[index], [key]: wrong };
        const listener = listening();
        const events = listener.hear({ ...change, price_changes: entries });
        expect(namesOf(events)).toEqual(['book.gapped malformed', 'frame.fault malformed']);
        expect(listener.standings(YES, NO)).toEqual(['gapped', 'gapped']);
      }),
    );
  });

  it('emits the same events whatever unknown fields a frame carries', () => {
    const anyField = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
    fc.assert(
      fc.property(fc.constantFrom(...everyFrame), anyField, (frame, field) => {
        expect(listening().hear(withUnknownFields(frame, field))).toEqual(listening().hear(frame));
      }),
    );
  });
});
