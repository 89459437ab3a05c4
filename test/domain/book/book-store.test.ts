import { describe, expect, it } from 'vitest';
import type { ChangeRefusal } from '../../../src/domain/book/book.ts';
import { BookStore } from '../../../src/domain/book/book-store.ts';
import { bookId, uniformGrid } from '../../../src/domain/instrument.ts';
import { delta, KALSHI_BOOK, levelChange, levels, POLYMARKET_BOOK, snapshot } from '../../support/books.ts';

const OTHER_TOKEN = bookId('polymarket', '5678');

function storeWith(...events: Parameters<BookStore['apply']>[0][]) {
  const refusals: ChangeRefusal[] = [];
  const books = new BookStore((_book, refusal) => refusals.push(refusal));
  const touched: number[] = [];
  for (const event of events) books.apply(event, 10, touched);
  return { books, refusals, touched };
}

describe('book store', () => {
  it('applies a delta to the book it names', () => {
    const { books } = storeWith(snapshot(), delta({ price: '0.46', by: 3 }));
    expect(books.find(KALSHI_BOOK)?.bids(false, 1)).toEqual(levels({ '0.46': '3' }));
  });

  it('reports a delta that a book refuses and gaps the book', () => {
    const { books, refusals } = storeWith(snapshot(), delta({ by: -11 }));
    expect(refusals).toEqual(['negativeLevel']);
    expect(books.find(KALSHI_BOOK)?.standing).toBe('gapped');
  });

  it('gaps every book of an atomic change of which one part was refused', () => {
    const { books } = storeWith(
      snapshot({ book: POLYMARKET_BOOK, grid: uniformGrid(100) }),
      snapshot({ book: OTHER_TOKEN, grid: uniformGrid(100) }),
      levelChange([
        { book: POLYMARKET_BOOK, side: 'bid', price: '0.45', size: '1' },
        { book: OTHER_TOKEN, side: 'ask', price: '0.555', size: '1' },
      ]),
    );
    expect(books.all().map((book) => book.standing)).toEqual(['gapped', 'gapped']);
  });

  it('proves all books of one subscription current by a frame of any of them', () => {
    const second = bookId('kalshi', 'SECOND');
    const books = new BookStore();
    books.apply(snapshot({ feed: 'c1/1' }), 10, []);
    books.apply(snapshot({ book: second, feed: 'c1/1' }), 20, []);
    books.apply(delta({ book: second }), 900, []);
    expect(books.find(KALSHI_BOOK)?.unprovenMs(1_000)).toBe(100);
    expect(books.find(KALSHI_BOOK)?.quietMs(1_000)).toBe(990);
  });

  it('proves a Polymarket book current by its own frames only', () => {
    const books = new BookStore();
    books.apply(snapshot({ book: POLYMARKET_BOOK }), 10, []);
    books.apply(snapshot({ book: OTHER_TOKEN }), 900, []);
    expect(books.find(POLYMARKET_BOOK)?.unprovenMs(1_000)).toBe(990);
  });

  it('opens no book for the grid of a market that nobody follows', () => {
    const { books } = storeWith({
      kind: 'tick.changed',
      book: KALSHI_BOOK,
      grid: uniformGrid(10),
      stamp: undefined,
      venueAtMs: undefined,
    });
    expect(books.size).toBe(0);
  });

  it('touches no book for quotes, trades and faults', () => {
    const { touched } = storeWith(
      { kind: 'quote.seen', book: KALSHI_BOOK, bestBidE4: undefined, bestAskE4: undefined, stamp: '1', venueAtMs: 1 },
      { kind: 'frame.fault', venue: 'kalshi', fault: 'malformed', message: 'm', books: [] },
    );
    expect(touched).toEqual([]);
  });
});
