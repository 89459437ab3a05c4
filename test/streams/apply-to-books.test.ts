import { from, Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BookStore } from '../../src/domain/book/book-store.ts';
import { bookId } from '../../src/domain/instrument.ts';
import { applyToBooks } from '../../src/streams/apply-to-books.ts';
import type { GroupedEvent } from '../../src/streams/mark-group-ends.ts';
import { delta, KALSHI_BOOK, snapshot } from '../support/books.ts';
import { advanceTo } from '../support/virtual-time.ts';

const GROUP_END: GroupedEvent = { kind: 'group.ended' };
const SECOND = bookId('kalshi', 'SECOND');

function observed(scheduler: VirtualTimeScheduler) {
  const books = new BookStore();
  const source = new Subject<GroupedEvent>();
  const crossed: boolean[] = [];
  source
    .pipe(applyToBooks({ books, patienceMs: 100, scheduler }))
    .subscribe((index) => crossed.push(books.at(index).isCrossed));
  return { source, crossed };
}

describe('apply to books', () => {
  it('emits each book of a run once, at its end', () => {
    const books = new BookStore();
    const seen: number[] = [];
    const events = [snapshot(), delta(), snapshot({ book: SECOND }), delta(), GROUP_END];
    from(events)
      .pipe(applyToBooks({ books, patienceMs: 100, scheduler: new VirtualTimeScheduler() }))
      .subscribe((index) => seen.push(index));
    expect(seen).toEqual([0, 1]);
  });

  it('shows the book as it is at the end of the run, not in its middle', () => {
    const books = new BookStore();
    const source = new Subject<GroupedEvent>();
    const crossed: boolean[] = [];
    source
      .pipe(applyToBooks({ books, patienceMs: 100, scheduler: new VirtualTimeScheduler() }))
      .subscribe((index) => crossed.push(books.at(index).isCrossed));
    source.next(snapshot());
    source.next(GROUP_END);
    source.next(delta({ price: '0.47', by: 5 }));
    source.next(delta({ side: 'ask', price: '0.47', by: -20 }));
    source.next(GROUP_END);
    expect(crossed).toEqual([false, false]);
    expect(books.find(KALSHI_BOOK)?.bestBidE4(false)).toBe(4700);
  });

  it('holds a crossed book back until a run ends with it uncrossed', () => {
    const scheduler = new VirtualTimeScheduler();
    const { source, crossed } = observed(scheduler);
    source.next(snapshot());
    source.next(GROUP_END);
    source.next(delta({ price: '0.47', by: 5 }));
    source.next(GROUP_END);
    advanceTo(scheduler, 40);
    source.next(delta({ side: 'ask', price: '0.47', by: -20 }));
    source.next(GROUP_END);
    advanceTo(scheduler, 1_000);
    expect(crossed).toEqual([false, false]);
  });

  it('emits a book that stays crossed when patience is over', () => {
    const scheduler = new VirtualTimeScheduler();
    const { source, crossed } = observed(scheduler);
    source.next(snapshot({ bids: { '0.5': '1' }, asks: { '0.4': '1' } }));
    source.next(GROUP_END);
    advanceTo(scheduler, 99);
    expect(crossed).toEqual([]);
    advanceTo(scheduler, 100);
    expect(crossed).toEqual([true]);
  });

  it('emits what is held back when the source completes', () => {
    const { source, crossed } = observed(new VirtualTimeScheduler());
    source.next(snapshot({ bids: { '0.5': '1' }, asks: { '0.4': '1' } }));
    source.next(GROUP_END);
    source.complete();
    expect(crossed).toEqual([true]);
  });

  it('emits nothing for a run that touched no book', () => {
    const seen: number[] = [];
    from([GROUP_END])
      .pipe(applyToBooks({ books: new BookStore(), patienceMs: 100, scheduler: new VirtualTimeScheduler() }))
      .subscribe((index) => seen.push(index));
    expect(seen).toEqual([]);
  });
});
