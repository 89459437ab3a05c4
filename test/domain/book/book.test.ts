import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Book } from '../../../src/domain/book/book.ts';
import { priceFromText, sizeFromText } from '../../../src/domain/decimal.ts';
import { uniformGrid } from '../../../src/domain/instrument.ts';
import { priceE4, type SizeE6, sizeE6 } from '../../../src/domain/units.ts';
import { at, KALSHI_BOOK, levels } from '../../support/books.ts';

function liveBook(grid = uniformGrid(100)): Book {
  const book = new Book(KALSHI_BOOK, 0, grid);
  book.replace(
    { bids: levels({ '0.45': '10', '0.40': '5' }), asks: levels({ '0.47': '20', '0.60': '1' }) },
    at('t1'),
    100,
  );
  return book;
}

describe('book', () => {
  it('offers the opposite outcome at one minus the bids', () => {
    const book = liveBook();
    expect(book.bestAskE4(true)).toBe(5500);
    expect(book.asks(true)).toEqual(levels({ '0.55': '10', '0.60': '5' }));
    expect(book.bids(true)).toEqual(levels({ '0.53': '20', '0.40': '1' }));
  });

  it('lists both sides best first and no deeper than asked', () => {
    const book = liveBook();
    expect(book.asks(false, 1)).toEqual(levels({ '0.47': '20' }));
    expect(book.bids(false)).toEqual(levels({ '0.45': '10', '0.40': '5' }));
  });

  it('has no best price on an empty side', () => {
    const book = new Book(KALSHI_BOOK, 0);
    expect([book.bestAskE4(false), book.bestBidE4(false), book.bestAskE4(true)]).toEqual([-1, -1, -1]);
    expect(book.isEmpty).toBe(true);
  });

  it('removes a level that a change takes to exactly zero', () => {
    const book = liveBook();
    expect(book.add('bid', priceFromText('0.45'), -10_000_000, at('t2'), 110)).toBeUndefined();
    expect(book.bestBidE4(false)).toBe(4000);
  });

  it('is gapped, and keeps what it held, when a change would take a level below zero', () => {
    const book = liveBook();
    expect(book.add('bid', priceFromText('0.45'), -10_000_001, at('t2'), 110)).toBe('negativeLevel');
    expect([book.standing, book.gapReason, book.bestBidE4(false)]).toEqual(['gapped', 'negativeLevel', 4500]);
  });

  it('discards changes until the next snapshot once it is gapped', () => {
    const book = liveBook();
    book.gap('sequence');
    expect(book.add('bid', priceFromText('0.45'), 1, at('t2'), 110)).toBe('discarded');
    expect(book.set('ask', priceFromText('0.45'), sizeFromText('1'), at('t2'), 110)).toBe('discarded');
    book.replace({ bids: [], asks: [] }, at('t3'), 120);
    expect([book.standing, book.gapReason, book.epoch, book.isEmpty]).toEqual(['live', undefined, 2, true]);
  });

  it('discards changes before its first snapshot', () => {
    expect(new Book(KALSHI_BOOK, 0).add('bid', priceFromText('0.45'), 1, at('t'), 1)).toBe('discarded');
  });

  it('refines its slots when the grid is unknown and a finer price arrives', () => {
    const book = new Book(KALSHI_BOOK, 0);
    book.replace({ bids: levels({ '0.45': '10' }), asks: [] }, at('t1'), 1);
    expect(book.set('bid', priceFromText('0.4501'), sizeFromText('2'), at('t2'), 2)).toBeUndefined();
    expect(book.bids(false)).toEqual(levels({ '0.4501': '2', '0.45': '10' }));
  });

  it('is gapped by a price that its known grid cannot place', () => {
    const book = liveBook();
    expect(book.set('bid', priceFromText('0.455'), sizeFromText('2'), at('t2'), 2)).toBe('offGrid');
    expect([book.standing, book.gapReason]).toEqual(['gapped', 'offGrid']);
  });

  it('keeps its levels when the venue changes the tick, to a finer and back to a coarser grid', () => {
    const book = liveBook();
    book.regrid(uniformGrid(10));
    book.set('bid', priceFromText('0.451'), sizeFromText('3'), at('t2'), 2);
    book.regrid(uniformGrid(100));
    expect(book.bids(false)).toEqual(levels({ '0.451': '3', '0.45': '10', '0.40': '5' }));
  });

  it('is crossed when the best bid reaches the best ask', () => {
    const book = liveBook();
    expect(book.isCrossed).toBe(false);
    book.set('bid', priceFromText('0.47'), sizeFromText('1'), at('t2'), 2);
    expect(book.isCrossed).toBe(true);
  });

  it('counts its age from the last change and its staleness from the last proof', () => {
    const book = liveBook();
    book.proof.at = 900;
    expect([book.quietMs(1_000), book.unprovenMs(1_000)]).toEqual([900, 100]);
  });

  it('equals a naive book after any run of changes, whatever the grid', () => {
    const change = fc.record({
      side: fc.constantFrom('bid' as const, 'ask' as const),
      price: fc.integer({ min: 1, max: 9_999 }),
      size: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 100 }), (changes) => {
        const book = new Book(KALSHI_BOOK, 0);
        book.replace({ bids: [], asks: [] }, at('t0'), 0);
        const naive = { bid: new Map<number, number>(), ask: new Map<number, number>() };
        for (const { side, price, size } of changes) {
          book.set(side, priceE4(price), sizeE6(size), at('t'), 1);
          naive[side].set(price, size);
        }
        const expected = (side: 'bid' | 'ask', order: number) =>
          [...naive[side]]
            .filter(([, size]) => size > 0)
            .sort(([a], [b]) => (a - b) * order)
            .map(([price, size]) => ({ priceE4: price, sizeE6: size as SizeE6 }));
        expect(book.bids(false)).toEqual(expected('bid', -1));
        expect(book.asks(false)).toEqual(expected('ask', 1));
      }),
    );
  });
});
