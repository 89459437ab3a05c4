import { describe, expect, it } from 'vitest';
import {
  delta,
  fixtureFrame,
  idOf,
  Listener,
  namesOf,
  recordedStream,
  snapshot,
  subscribed,
  withMsg,
} from './frames.ts';

/** A connection with books A and B on sid 1, and C on sid 2: sid 1 stands at seq 2, sid 2 at seq 1. */
function listening(): Listener {
  const listener = new Listener();
  listener.hear(subscribed(1), snapshot({ seq: 1 }, 'A'), snapshot({ seq: 2 }, 'B'));
  listener.hear(subscribed(2), snapshot({ sid: 2, seq: 1 }, 'C'));
  return listener;
}

const both = [idOf('A'), idOf('B')];

describe('Kalshi market data, in sequence', () => {
  it('follows a recording to the book that it ended with', () => {
    const listener = new Listener();
    listener.hear(...recordedStream('stream-no-price'));
    const book = listener.books.find(idOf('KXWTACHALLENGERMATCH-26JUN11JIMLEP-LEP'));
    expect(namesOf(listener.events)).toEqual(['book.snapshot', ...Array(4).fill('book.delta')]);
    expect(book?.bids(false)).toEqual([{ priceE4: 4_700, sizeE6: 3_000_000 }]);
    expect(book?.asks(false)).toEqual([{ priceE4: 5_200, sizeE6: 1_000_000 }]);
  });

  it('follows a recording with NO prices on the YES scale', () => {
    const listener = new Listener(true);
    listener.hear(...recordedStream('stream-yes-price'));
    const book = listener.books.find(idOf('KXWTACHALLENGERMATCH-26JUN11JIMLEP-LEP'));
    expect(book?.asks(false)).toEqual([{ priceE4: 5_200, sizeE6: 2_000_000 }]);
  });

  it('counts answers among the frames of twelve recorded markets', () => {
    const listener = new Listener();
    listener.hear(...recordedStream('stream-many-markets'));
    expect(new Set(namesOf(listener.events))).toEqual(new Set(['book.snapshot', 'books.proven', 'book.delta']));
    expect(listener.marketData.booksOf(1)).toHaveLength(12);
    expect(listener.books.all().every((book) => book.standing === 'live' && !book.isCrossed)).toBe(true);
  });

  it('names the subscription that proves a book', () => {
    const [event] = new Listener().hear(subscribed(1), snapshot({ seq: 1 }, 'A'));
    expect(event).toMatchObject({ kind: 'book.snapshot', book: idOf('A'), feed: 'c1/1', grid: undefined });
  });

  it('gaps a book that a snapshot in mid-stream contradicts, and replaces it by the next one', () => {
    const listener = listening();
    listener.hear(snapshot({ seq: 3 }, 'A', { yes: [['0.1000', '5.00']], no: [] }));
    expect([listener.standing('A'), listener.standing('B')]).toEqual(['gapped', 'live']);
    listener.hear(snapshot({ seq: 4 }, 'A', { yes: [['0.1000', '5.00']], no: [] }));
    expect(listener.books.find(idOf('A'))?.bids(false)).toEqual([{ priceE4: 1_000, sizeE6: 5_000_000 }]);
  });

  it('empties a book by a snapshot without sides, as at the close, and again', () => {
    const listener = listening();
    const closed = withMsg(fixtureFrame('orderbook-snapshot-closed'), { market_ticker: 'A' });
    const events = listener.hear({ ...closed, sid: 1, seq: 3 }, { ...closed, sid: 1, seq: 4 });
    expect(namesOf(events)).toEqual(['book.snapshot', 'book.snapshot']);
    expect(listener.books.find(idOf('A'))?.isEmpty).toBe(true);
    expect(listener.standing('A')).toBe('live');
  });

  it('proves the books of the subscription by an answer that changes none', () => {
    const ok = { type: 'ok', id: 5, sid: 1, seq: 3, msg: { market_tickers: ['A', 'B'] } };
    expect(listening().hear(ok)).toEqual([{ kind: 'books.proven', books: both }]);
  });

  it('hands out the same list of proven books until it changes', () => {
    const events = listening().hear({ type: 'ok', sid: 1, seq: 3 }, { type: 'ok', sid: 1, seq: 4 });
    const [first, second] = events.map((event) => (event.kind === 'books.proven' ? event.books : undefined));
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });

  it('no longer proves a book that was gapped meanwhile', () => {
    const listener = listening();
    const ok = { type: 'ok', id: 5, sid: 1, msg: {} };
    const fields = { market_ticker: 'A', price_ranges: undefined, price_level_structure: 'unheard_of' };
    const regrid = withMsg(fixtureFrame('lifecycle-price-level-structure-updated'), fields);
    listener.hear({ ...ok, seq: 3 }, subscribed(13, 'market_lifecycle_v2'), { ...regrid, seq: 1 });
    expect(listener.hear({ ...ok, seq: 4 })).toEqual([{ kind: 'books.proven', books: [idOf('B')] }]);
  });

  it('takes a recording that starts in mid-stream', () => {
    const events = new Listener().hear(snapshot({ seq: 77 }, 'A'), delta({ seq: 78 }, 'A'));
    expect(namesOf(events)).toEqual(['book.snapshot', 'book.delta']);
  });

  it('takes a snapshot that overtook its subscribed frame', () => {
    const events = new Listener().hear(snapshot({ seq: 1 }, 'A'), subscribed(1), delta({ seq: 2 }, 'A'));
    expect(namesOf(events)).toEqual(['book.snapshot', 'book.delta']);
  });

  it('gives a market to the subscription of its latest snapshot', () => {
    const listener = listening();
    const events = listener.hear(
      snapshot({ sid: 2, seq: 2 }, 'A'),
      delta({ seq: 3 }, 'A'),
      delta({ sid: 2, seq: 3 }, 'A'),
    );
    expect(namesOf(events)).toEqual(['book.snapshot', 'frame.fault unknownMarket', 'books.proven', 'book.delta']);
    expect(listener.marketData.booksOf(1)).toEqual([idOf('B')]);
    expect(listener.marketData.booksOf(2)).toEqual([idOf('C'), idOf('A')]);
  });
});

describe('Kalshi market data, out of sequence', () => {
  it('gaps every book of the subscription and no other when a frame is missing', () => {
    const listener = listening();
    const events = listener.hear(delta({ seq: 4 }, 'A'));
    expect(namesOf(events)).toEqual(['book.gapped sequence', 'frame.fault sequence']);
    expect(events[0]).toMatchObject({ books: both });
    expect(events[1]).toMatchObject({ message: 'expected seq 3, found 4 (connection c1, sid 1)', books: both });
    expect(['A', 'B', 'C'].map((ticker) => listener.standing(ticker))).toEqual(['gapped', 'gapped', 'live']);
  });

  it('does not apply a repeated frame, and goes on counting from before it', () => {
    const listener = listening();
    listener.hear(delta({ seq: 3 }, 'A'));
    const events = listener.hear(delta({ seq: 3 }, 'A'), snapshot({ seq: 4, id: 9 }, 'A'));
    expect(namesOf(events)).toEqual(['book.gapped sequence', 'frame.fault sequence', 'book.snapshot']);
    expect(events[1]).toMatchObject({ message: 'expected seq 4, found 3 (connection c1, sid 1)' });
  });

  it('gaps again for the late one of two swapped frames, whose content is lost', () => {
    const listener = listening();
    const events = listener.hear(delta({ seq: 4 }, 'A'), delta({ seq: 3 }, 'B'), delta({ seq: 5 }, 'A'));
    expect(namesOf(events)).toEqual([
      'book.gapped sequence',
      'frame.fault sequence',
      'book.gapped sequence',
      'frame.fault sequence',
    ]);
  });

  it('discards deltas of a gapped book until its snapshot, while the other books go on', () => {
    const listener = listening();
    listener.hear(delta({ seq: 9 }, 'A'));
    const events = listener.hear(
      delta({ seq: 10 }, 'A'),
      snapshot({ seq: 11, id: 4 }, 'B'),
      delta({ seq: 12 }, 'A'),
      delta({ seq: 13 }, 'B'),
      snapshot({ seq: 14, id: 4 }, 'A'),
      delta({ seq: 15 }, 'A'),
    );
    expect(namesOf(events)).toEqual(['book.snapshot', 'books.proven', 'book.delta', 'book.snapshot', 'book.delta']);
    expect(events[1]).toEqual({ kind: 'books.proven', books: [idOf('B')] });
  });

  it('does not believe a snapshot that is itself out of sequence', () => {
    const listener = listening();
    expect(namesOf(listener.hear(snapshot({ seq: 9 }, 'A')))).toEqual(['book.gapped sequence', 'frame.fault sequence']);
  });

  it('gaps the books when an answer comes without its number', () => {
    const events = listening().hear({ type: 'ok', id: 5, sid: 1, msg: { market_tickers: ['A', 'B'] } });
    expect(namesOf(events)).toEqual(['book.gapped sequence', 'frame.fault sequence']);
  });

  it('expects the first frame of a new subscription to be number 1', () => {
    const listener = new Listener();
    expect(namesOf(listener.hear(subscribed(1), snapshot({ seq: 2 }, 'A')))).toEqual(['frame.fault sequence']);
  });

  it('gaps the books of a subscription that is announced twice', () => {
    expect(namesOf(listening().hear(subscribed(1)))).toEqual(['book.gapped sequence', 'frame.fault sequence']);
  });

  it('prints a trade after missing trades, and never one twice', () => {
    const listener = new Listener();
    const trade = { ...fixtureFrame('trade-taker-no'), sid: 7 };
    const events = listener.hear(
      subscribed(7, 'trade'),
      { ...trade, seq: 1 },
      { ...trade, seq: 3 },
      { ...trade, seq: 3 },
    );
    expect(namesOf(events)).toEqual(['trade.printed', 'frame.fault sequence', 'trade.printed', 'frame.fault sequence']);
  });
});

describe('Kalshi market data, subscriptions', () => {
  it('drops the markets that left the full list of an answer', () => {
    const listener = listening();
    const events = listener.hear({ type: 'ok', id: 5, sid: 1, seq: 3, msg: { market_tickers: ['B'] } });
    expect(namesOf(events)).toEqual(['book.gapped unsubscribed', 'books.proven']);
    expect(events[0]).toMatchObject({ books: [idOf('A')] });
    expect(listener.marketData.booksOf(1)).toEqual([idOf('B')]);
    expect(namesOf(listener.hear(delta({ seq: 4 }, 'A')))).toEqual(['frame.fault unknownMarket', 'books.proven']);
  });

  it('keeps every market when the answer leaves the list out', () => {
    const listener = listening();
    listener.hear({ type: 'ok', id: 5, sid: 1, seq: 3, msg: {} });
    expect(listener.marketData.booksOf(1)).toEqual(both);
  });

  it('gaps all books of an ended subscription and forgets its sid', () => {
    const listener = listening();
    const events = listener.hear({ type: 'unsubscribed', id: 6, sid: 1, seq: 3 });
    expect(namesOf(events)).toEqual(['book.gapped unsubscribed']);
    expect(events[0]).toMatchObject({ books: both });
    expect(namesOf(listener.hear(delta({ seq: 4 }, 'A')))).toEqual(['frame.fault unknownMarket']);
    expect(listener.standing('C')).toBe('live');
  });

  it('reports a delta of a market without snapshot, and keeps the count', () => {
    const listener = listening();
    const events = listener.hear(delta({ seq: 3 }, 'Z'), delta({ seq: 4 }, 'A'));
    expect(namesOf(events)).toEqual(['frame.fault unknownMarket', 'books.proven', 'book.delta']);
  });

  it('does not take a snapshot of a sid that nobody subscribed, and doubts its market', () => {
    const listener = listening();
    const events = listener.hear(snapshot({ sid: 8, seq: 1 }, 'A'));
    expect(namesOf(events)).toEqual(['book.gapped sequence', 'frame.fault unknownMarket']);
    expect(events[0]).toMatchObject({ books: [idOf('A')] });
  });

  it('does not take a snapshot on a channel that carries no books', () => {
    const listener = new Listener();
    const events = listener.hear(subscribed(3, 'trade'), snapshot({ sid: 3, seq: 1 }, 'A'));
    expect(namesOf(events)).toEqual(['frame.fault unknownMarket']);
  });

  it('gaps every book on disconnection and counts from the start afterwards', () => {
    const listener = listening();
    const gapped = listener.reset();
    expect(gapped).toMatchObject([{ kind: 'book.gapped', reason: 'disconnected', books: [...both, idOf('C')] }]);
    expect(listener.reset()).toEqual([]);
    expect(listener.marketData.booksOf(1)).toEqual([]);
    expect(namesOf(listener.hear(subscribed(1), snapshot({ seq: 1 }, 'A')))).toEqual(['book.snapshot']);
  });

  it('takes a stream in its middle again after a disconnection', () => {
    const listener = listening();
    listener.reset();
    expect(namesOf(listener.hear(snapshot({ sid: 5, seq: 40 }, 'A')))).toEqual(['book.snapshot']);
  });
});

describe('Kalshi market data, errors', () => {
  it('gaps and forgets the subscription that a terminal error ended', () => {
    const listener = listening();
    const events = listener.hear({
      type: 'error',
      sid: 1,
      seq: 3,
      msg: { code: 25, msg: 'Subscription buffer overflow' },
    });
    expect(namesOf(events)).toEqual(['book.gapped terminalError', 'frame.fault venueError']);
    expect(events[0]).toMatchObject({ books: both });
    expect(listener.marketData.booksOf(1)).toEqual([]);
    expect(namesOf(listener.hear(subscribed(3), snapshot({ sid: 3, seq: 1 }, 'A')))).toEqual(['book.snapshot']);
  });

  it('gaps every book by a terminal error that does not say whose it is', () => {
    const events = listening().hear({ type: 'error', msg: { code: 10, msg: 'Channel error' } });
    expect(namesOf(events)).toEqual([
      'book.gapped terminalError',
      'book.gapped terminalError',
      'frame.fault venueError',
    ]);
  });

  it('counts an error that leaves the subscription alive', () => {
    const error = { type: 'error', id: 5, sid: 1, seq: 3, msg: { code: 26, msg: 'Limit', market_ticker: 'A' } };
    const events = listening().hear(error, delta({ seq: 4 }, 'A'));
    expect(namesOf(events)).toEqual(['frame.fault venueError', 'books.proven', 'book.delta']);
    expect(events[0]).toMatchObject({ books: [idOf('A')], message: expect.stringContaining('error 26 "Limit"') });
  });

  it('reports an error about a command', () => {
    const [event] = listening().hear(fixtureFrame('error-unknown-sid'));
    expect(event).toMatchObject({ kind: 'frame.fault', fault: 'venueError', books: [] });
  });
});

describe('Kalshi market data, frames that cannot be believed', () => {
  it('gaps the books of the sid of a malformed delta, which still counts', () => {
    const listener = listening();
    const broken = withMsg(delta({ seq: 3 }, 'A'), { price_dollars: undefined, price: '0.4000' });
    const events = listener.hear(broken, delta({ seq: 4 }, 'A'), snapshot({ seq: 5 }, 'A'), delta({ seq: 6 }, 'A'));
    expect(namesOf(events)).toEqual(['book.gapped malformed', 'frame.fault malformed', 'book.snapshot', 'book.delta']);
    expect(events[0]).toMatchObject({ books: both });
    expect(listener.standing('C')).toBe('live');
  });

  it.each(['{"type":"orderbook_delta","si', '', '[]', '{"type":"orderbook_delta","sid":"1","seq":3,"msg":{}}'])(
    'gaps every book of the connection when the sid cannot be read: %j',
    (text) => {
      const listener = listening();
      listener.hear(text);
      expect(['A', 'B', 'C'].map((ticker) => listener.standing(ticker))).toEqual(['gapped', 'gapped', 'gapped']);
    },
  );

  it.each(['ticker-two-sided', 'trade-taker-no', 'fill-taker', 'lifecycle-settled', 'subscribed-orderbook'])(
    'leaves the books alone when the malformed frame is about something else: %s',
    (name) => {
      const events = listening().hear({ ...fixtureFrame(name), msg: {} });
      expect(namesOf(events)).toEqual(['frame.fault malformed']);
    },
  );

  it('gaps a market whose new grid cannot be read', () => {
    const frame = withMsg(fixtureFrame('lifecycle-price-level-structure-updated'), {
      market_ticker: 'A',
      price_ranges: [{}],
    });
    const events = listening().hear(subscribed(13, 'market_lifecycle_v2'), { ...frame, seq: 1 });
    expect(namesOf(events)).toEqual(['book.gapped malformed', 'frame.fault malformed']);
    expect(events[0]).toMatchObject({ books: [idOf('A')] });
  });

  it('counts a frame of unknown type, and doubts the books of its subscription', () => {
    const listener = listening();
    const events = listener.hear({ type: 'orderbook_patch', sid: 1, seq: 3, msg: {} }, snapshot({ seq: 4 }, 'A'));
    expect(namesOf(events)).toEqual(['book.gapped malformed', 'frame.fault unknownKind', 'book.snapshot']);
  });

  it('only reports a frame of unknown type outside the subscriptions with books', () => {
    const listener = listening();
    listener.hear(subscribed(7, 'trade'));
    const events = listener.hear({ type: 'auction', sid: 7, seq: 1, msg: {} }, { type: 'notice', msg: {} });
    expect(namesOf(events)).toEqual(['frame.fault unknownKind', 'frame.fault unknownKind']);
  });
});

describe('Kalshi market data, beside the books', () => {
  it('quotes a ticker', () => {
    const [event] = new Listener().hear(fixtureFrame('ticker-two-sided'));
    expect(event).toEqual({
      kind: 'quote.seen',
      book: idOf('FED-23DEC-T3.00'),
      bestBidE4: 4_500,
      bestAskE4: 5_300,
      stamp: '1669149841000',
      venueAtMs: 1_669_149_841_000,
    });
  });

  it('tells a change of the listing', () => {
    const [event] = new Listener().hear(fixtureFrame('lifecycle-determined'));
    expect(event).toEqual({
      kind: 'listing.changed',
      venue: 'kalshi',
      venueKey: 'KXWTACHALLENGERMATCH-26JUN11JIMLEP-LEP',
      change: 'determined',
      detail: { determination_ts: 1_781_204_700, result: 'yes', settlement_value: '1.0000' },
    });
  });

  it('tells and reports a change of the listing that it does not know', () => {
    const events = new Listener().hear(withMsg(fixtureFrame('lifecycle-settled'), { event_type: 'amended' }));
    expect(namesOf(events)).toEqual(['listing.changed', 'frame.fault unknownKind']);
  });

  it('changes the grid of a live market and keeps its book', () => {
    const listener = listening();
    const frame = withMsg(fixtureFrame('lifecycle-price-level-structure-updated'), { market_ticker: 'A' });
    const events = listener.hear(subscribed(13, 'market_lifecycle_v2'), { ...frame, seq: 1 });
    const grid = { bands: [{ startE4: 0, endE4: 10_000, stepE4: 10 }] };
    expect(events).toEqual([{ kind: 'tick.changed', book: idOf('A'), grid, stamp: undefined, venueAtMs: undefined }]);
    expect(listener.standing('A')).toBe('live');
  });

  it('gaps a live market whose new grid is only a label that it does not know', () => {
    const fields = { market_ticker: 'A', price_ranges: undefined, price_level_structure: 'banded_centi_cent' };
    const frame = withMsg(fixtureFrame('lifecycle-price-level-structure-updated'), fields);
    const listener = listening();
    const events = listener.hear(subscribed(13, 'market_lifecycle_v2'), { ...frame, seq: 1 }, delta({ seq: 3 }, 'A'));
    expect(namesOf(events)).toEqual(['book.gapped tickChanged', 'frame.fault unknownKind', 'books.proven']);
    expect(events[0]).toMatchObject({ books: [idOf('A')] });
  });

  it('counts private frames that carry a seq, and needs none of the others', () => {
    const listener = new Listener();
    const group = { ...fixtureFrame('order-group-update-limit'), sid: 4 };
    const events = listener.hear(
      subscribed(4, 'order_group_updates'),
      { ...group, seq: 1 },
      { ...group, seq: 3 },
      fixtureFrame('fill-taker'),
      fixtureFrame('user-order-resting'),
      fixtureFrame('market-position-long'),
      fixtureFrame('ok-list-subscriptions'),
    );
    expect(namesOf(events)).toEqual(['frame.fault sequence']);
  });
});
