import { describe, expect, it } from 'vitest';
import { WatchList } from '../../../src/domain/edge/watch-list.ts';
import { boxOf, twoBooks } from './watches.ts';

describe('watch list', () => {
  it('finds a watch by each of its books, in the order in which watches were added', () => {
    const books = twoBooks();
    const list = new WatchList();
    const [first, second] = [boxOf(books, { id: 'first' }), boxOf(books, { id: 'second' })];
    list.add(first);
    list.add(second);
    expect(list.of(books.kalshi.index)).toEqual([first, second]);
    expect(list.of(books.polymarket.index)).toEqual([first, second]);
    expect(list.size).toBe(2);
  });

  it('has nothing to say about a book that nobody watches', () => {
    const { store } = twoBooks();
    expect(new WatchList().of(store.open('kalshi/OTHER').index)).toEqual([]);
  });

  it('looks at a watch once although two of its legs share a book', () => {
    const { kalshi } = twoBooks();
    const list = new WatchList();
    list.add(boxOf({ kalshi, polymarket: kalshi }));
    expect(list.of(kalshi.index)).toHaveLength(1);
  });

  it('replaces a watch that comes again under its id', () => {
    const books = twoBooks();
    const list = new WatchList();
    list.add(boxOf(books, { label: 'as it was' }));
    list.add(boxOf(books, { label: 'as it is' }));
    expect(list.of(books.kalshi.index).map((watch) => watch.label)).toEqual(['as it is']);
    expect([...list.all()]).toHaveLength(1);
  });

  it('forgets the books that a replaced watch no longer has', () => {
    const books = twoBooks();
    const other = books.store.open('polymarket/other');
    const list = new WatchList();
    list.add(boxOf(books));
    list.add(boxOf({ kalshi: books.kalshi, polymarket: other }));
    expect(list.of(books.polymarket.index)).toEqual([]);
    expect(list.of(other.index)).toHaveLength(1);
  });

  it('does not take a watch without legs', () => {
    expect(() => new WatchList().add(boxOf(twoBooks(), { legs: [] }))).toThrow('at least one leg, found none (box)');
  });
});
