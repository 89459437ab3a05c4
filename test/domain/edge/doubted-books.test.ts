/** Books that are current by receipt and are not to be traded on all the same. */
import { describe, expect, it } from 'vitest';
import { type Decision, type DetectionPolicy, decide, worthProving } from '../../../src/domain/edge/decide.ts';
import { millis } from '../../../src/domain/units.ts';
import { delta, KALSHI_BOOK, POLYMARKET_BOOK, snapshot } from '../../support/books.ts';
import { boxOf, POLICY, type TwoBooks, twoBooks } from './watches.ts';

const NOON_MS = 1_780_000_000_000;
/** The venue's clock says noon when ours says 0, and both run alike. */
const timed = (nowMs: number): DetectionPolicy => ({
  ...POLICY,
  venueLagMsMax: millis(3_000),
  venueNowMs: () => NOON_MS + nowMs,
});

function reasonOf({ verdict }: Decision): string {
  return verdict.kind === 'declined' ? verdict.reason : 'edge';
}

function reasonAt(books: TwoBooks, nowMs: number): string {
  return reasonOf(decide(boxOf(books), timed(nowMs), nowMs));
}

/** A change of a level far away, heard now and told by the venue so long ago. */
function hear({ store }: TwoBooks, nowMs: number, agoMs: number): void {
  const change = delta({ price: '0.01', stamp: `${nowMs}` });
  store.apply({ ...change, venueAtMs: NOON_MS + nowMs - agoMs }, nowMs, []);
}

describe('books in doubt', () => {
  it('declines a book whose newest change came later than the limit, and not at it', () => {
    const books = twoBooks();
    hear(books, 100, 3_000);
    const atLimit = reasonAt(books, 110);
    hear(books, 200, 3_001);
    expect([atLimit, reasonAt(books, 210)]).toEqual(['edge', 'VENUE_LAGGED']);
  });

  it('holds the lag of a change against every book of its subscription', () => {
    const books = twoBooks();
    const [one, other] = ['kalshi/A', 'kalshi/B'] as const;
    for (const book of [one, other]) books.store.apply(snapshot({ book, feed: 'c/1' }), 0, []);
    books.store.apply({ ...delta({ book: one, stamp: 'x' }), venueAtMs: NOON_MS - 9_000 }, 50, []);
    expect(books.store.open(other).lagMs(60, NOON_MS + 60)).toBe(9_050);
  });

  it('does not hold the time of a snapshot against a quiet market', () => {
    const books = twoBooks();
    const old = {
      ...snapshot({ book: POLYMARKET_BOOK, bids: { '0.52': '200' }, asks: { '0.53': '200' } }),
      stamp: 'x',
    };
    books.store.apply({ ...old, venueAtMs: NOON_MS - 60_000 }, 5, []);
    expect(reasonAt(books, 10)).toBe('edge');
  });

  it('forgets a lag once the venue was asked, until the next change comes late', () => {
    const books = twoBooks();
    hear(books, 100, 9_000);
    books.store.apply({ kind: 'books.proven', books: [KALSHI_BOOK], by: 'reading' }, 150, []);
    const asked = reasonAt(books, 160);
    hear(books, 200, 9_000);
    expect([asked, reasonAt(books, 210)]).toEqual(['edge', 'VENUE_LAGGED']);
  });

  it('declines a closed market, and one whose hour has come without a word', () => {
    const books = twoBooks();
    books.kalshi.market.closedBecause = 'paused';
    const paused = reasonAt(books, 10);
    books.kalshi.market.closedBecause = undefined;
    books.kalshi.market.closesAtMs = NOON_MS + 20;
    expect([paused, reasonAt(books, 19), reasonAt(books, 20)]).toEqual(['BOOK_CLOSED', 'edge', 'BOOK_CLOSED']);
  });

  it.each([
    ['identical', { '0.52': '200' }, { '0.53': '200' }, 'COMPLEMENT_ALARM'],
    ['a tick apart', { '0.47': '200' }, { '0.49': '200' }, 'edge'],
    ['two ticks apart', { '0.47': '200' }, { '0.50': '200' }, 'COMPLEMENT_ALARM'],
    ['without asks', { '0.47': '200' }, {}, 'COMPLEMENT_ALARM'],
    ['the mirror image', { '0.47': '200' }, { '0.48': '200' }, 'edge'],
  ])('judges a complement that is %s', (_, bids, asks, reason) => {
    const books = twoBooks();
    const other = books.store.open('polymarket/5678');
    books.store.apply(snapshot({ book: other.id, bids, asks }), 0, []);
    books.polymarket.market.complement = other;
    expect(reasonAt(books, 10)).toBe(reason);
  });

  it('asks about the stale and the closed books of a gap, and about nothing else', () => {
    const books = twoBooks();
    const worth = (nowMs: number) => worthProving(boxOf(books), timed(nowMs), nowMs).map(({ id }) => id);
    const [fresh, stale] = [worth(10), worth(6_000)];
    books.polymarket.market.closedBecause = 'paused';
    const closed = worth(10);
    books.store.apply(snapshot({ bids: { '0.46': '200' }, asks: { '0.55': '200' } }), 6_000, []);
    const withoutGap = worth(12_000);
    books.store.apply({ kind: 'book.gapped', books: [KALSHI_BOOK], reason: 'sequence', detail: '' }, 12_000, []);
    expect([fresh, stale, closed, withoutGap, worth(12_000)]).toEqual([
      [],
      [KALSHI_BOOK, POLYMARKET_BOOK],
      [POLYMARKET_BOOK],
      [],
      [],
    ]);
  });

  it('proves a single book by reading it, and leaves the rest of its subscription unproven', () => {
    const { store } = twoBooks();
    const [one, other] = ['kalshi/A', 'kalshi/B'] as const;
    for (const book of [one, other]) store.apply(snapshot({ book, feed: 'c/1' }), 0, []);
    const touched: number[] = [];
    store.apply({ kind: 'books.proven', books: [one], by: 'reading' }, 5_000, touched);
    expect([store.open(one).unprovenMs(5_000), store.open(other).unprovenMs(5_000)]).toEqual([0, 5_000]);
    expect(touched).toEqual([store.open(one).index]);
  });
});
