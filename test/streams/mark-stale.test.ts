import { Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BookStore } from '../../src/domain/book/book-store.ts';
import { markStale } from '../../src/streams/mark-stale.ts';
import { delta, KALSHI_BOOK, POLYMARKET_BOOK, snapshot } from '../support/books.ts';
import { advanceTo } from '../support/virtual-time.ts';

function harness(limits: Readonly<Record<string, number>> = {}) {
  const scheduler = new VirtualTimeScheduler();
  const books = new BookStore();
  const source = new Subject<number>();
  const seen: string[] = [];
  source.pipe(markStale({ books, limitMsOf: (book) => limits[book.id] ?? 2_000, scheduler })).subscribe({
    next: (index) => seen.push(`${index}@${scheduler.now()}`),
    complete: () => seen.push('done'),
  });
  const feed = (event: Parameters<BookStore['apply']>[0], ms: number) => {
    advanceTo(scheduler, ms);
    const touched: number[] = [];
    books.apply(event, ms, touched);
    for (const index of touched) source.next(index);
  };
  return { scheduler, source, seen, feed, books };
}

describe('mark stale', () => {
  it('repeats a book once when its limit has passed', () => {
    const { scheduler, seen, feed } = harness();
    feed(snapshot(), 10);
    advanceTo(scheduler, 60_000);
    expect(seen).toEqual(['0@10', '0@2011']);
  });

  it('postpones the expiry when the book is proven current without changing', () => {
    const { scheduler, seen, feed, books } = harness();
    feed(snapshot(), 10);
    advanceTo(scheduler, 1_500);
    books.apply({ kind: 'books.proven', books: [KALSHI_BOOK] }, 1_500, []);
    advanceTo(scheduler, 3_500);
    expect(seen).toEqual(['0@10']);
    advanceTo(scheduler, 3_501);
    expect(seen).toEqual(['0@10', '0@3501']);
  });

  it('expires a book with a short limit in time although one with a long limit came first', () => {
    const { scheduler, seen, feed } = harness({ [KALSHI_BOOK]: 5_000, [POLYMARKET_BOOK]: 1_000 });
    feed(snapshot(), 0);
    feed(snapshot({ book: POLYMARKET_BOOK }), 100);
    advanceTo(scheduler, 1_101);
    expect(seen).toEqual(['0@0', '1@100', '1@1101']);
  });

  it('watches a stale book again once it changes', () => {
    const { scheduler, seen, feed } = harness();
    feed(snapshot(), 0);
    advanceTo(scheduler, 3_000);
    feed(delta(), 3_000);
    advanceTo(scheduler, 9_000);
    expect(seen).toEqual(['0@0', '0@2001', '0@3000', '0@5001']);
  });

  it('lets the last book expire after the source completed', () => {
    const { scheduler, source, seen, feed } = harness();
    feed(snapshot(), 0);
    source.complete();
    advanceTo(scheduler, 3_000);
    expect(seen).toEqual(['0@0', '0@2001', 'done']);
  });
});
