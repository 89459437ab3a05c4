import { describe, expect, it } from 'vitest';
import { BookProver, type BookProverParts } from '../../src/actors/book-prover.ts';
import { BookStore } from '../../src/domain/book/book-store.ts';
import type { BookId } from '../../src/domain/instrument.ts';
import type { BookSnapshot } from '../../src/domain/ports/market-data.ts';
import type { Reading } from '../../src/domain/ports/venue.ts';
import { micros } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { KALSHI_BOOK, snapshot } from '../support/books.ts';

const OTHER: BookId = 'kalshi/OTHER';
const SECOND_LOOK_MS = 1_000;

function read<Value>(value: Value): Reading<Value> {
  return { kind: 'read', value, receivedAt: micros(0) };
}

function bench(over: Partial<BookProverParts> = {}) {
  const clock = new VirtualClock();
  const store = new BookStore();
  for (const book of [KALSHI_BOOK, OTHER]) store.apply(snapshot({ book, feed: 'c/1' }), 0, []);
  const asked: (readonly BookId[])[] = [];
  const said: string[] = [];
  const shows = new Map<BookId, BookSnapshot>();
  const prover = new BookProver({
    clock,
    bookOf: (id) => store.find(id),
    secondLookMs: SECOND_LOOK_MS,
    pauseMs: 1_000,
    closedPauseMs: 10_000,
    mayAsk: () => true,
    readBooks: async (books) => {
      asked.push(books);
      return read(books.map((book) => shows.get(book) ?? snapshot({ book })));
    },
    readListings: async () => read([]),
    onReading: (reading) => reading.kind === 'failed' && said.push(`failed ${reading.fault}`),
    onListings: () => said.push('listings'),
    onAgreed: (books) => said.push(`agreed ${books.join()}`),
    onContradicted: (books) => said.push(`contradicted ${books.join()}`),
    ...over,
  });
  return { clock, store, prover, asked, said, shows };
}

describe('book prover', () => {
  it('learns whether the market is open before it says that its book agrees', async () => {
    const { clock, prover, said } = bench();
    expect(prover.prove([KALSHI_BOOK, OTHER])).toBe(2);
    await clock.settleTo(1);
    expect(said).toEqual(['listings', `agreed ${KALSHI_BOOK},${OTHER}`]);
  });

  it('asks about a book once at a time, and again only after the pause', async () => {
    const { clock, prover, asked } = bench();
    const counts = [prover.prove([KALSHI_BOOK]), prover.prove([KALSHI_BOOK, OTHER])];
    await clock.settleTo(999);
    counts.push(prover.prove([KALSHI_BOOK]));
    await clock.settleTo(1_000);
    counts.push(prover.prove([KALSHI_BOOK]));
    expect(counts).toEqual([1, 1, 0, 1]);
    expect(asked).toEqual([[KALSHI_BOOK], [OTHER], [KALSHI_BOOK]]);
  });

  it('asks more rarely about a market that is closed', async () => {
    const { clock, store, prover } = bench();
    store.open(KALSHI_BOOK).market.closedBecause = 'paused';
    prover.prove([KALSHI_BOOK]);
    await clock.settleTo(9_999);
    const early = prover.prove([KALSHI_BOOK]);
    await clock.settleTo(10_000);
    expect([early, prover.prove([KALSHI_BOOK])]).toEqual([0, 1]);
  });

  it('asks nothing while requests are short', () => {
    const { prover, asked } = bench({ mayAsk: () => false });
    expect([prover.prove([KALSHI_BOOK]), asked]).toEqual([0, []]);
  });

  it('calls a book contradicted only when it still differs at the second look', async () => {
    const { clock, prover, said, shows } = bench();
    shows.set(KALSHI_BOOK, snapshot({ bids: { '0.20': '1' } }));
    prover.prove([KALSHI_BOOK]);
    await clock.settleTo(SECOND_LOOK_MS - 1);
    const before = [...said];
    await clock.settleTo(SECOND_LOOK_MS + 1);
    expect([before, said]).toEqual([[], ['listings', `contradicted ${KALSHI_BOOK}`]]);
  });

  it.each([
    ['the listing', { readListings: async () => ({ kind: 'failed', fault: 'unreachable', detail: '' }) as const }],
    ['the book', { readBooks: async () => ({ kind: 'failed', fault: 'unreachable', detail: '' }) as const }],
    ['anything, by a throw', { readBooks: () => Promise.reject(new Error('broken')) }],
  ])('proves nothing where %s cannot be read, and asks again', async (_, over) => {
    const { clock, prover, said } = bench(over);
    prover.prove([KALSHI_BOOK]);
    await clock.settleTo(1_000);
    expect(said.filter((text) => text.startsWith('agreed'))).toEqual([]);
    expect(said.some((text) => text.startsWith('failed'))).toBe(true);
    expect(prover.prove([KALSHI_BOOK])).toBe(1);
  });
});
