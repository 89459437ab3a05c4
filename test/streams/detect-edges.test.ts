import { Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/edge/decide.ts';
import { WatchList } from '../../src/domain/edge/watch-list.ts';
import { detectEdges } from '../../src/streams/detect-edges.ts';
import { boxOf, POLICY, twoBooks } from '../domain/edge/watches.ts';
import { KALSHI_BOOK } from '../support/books.ts';
import { advanceTo } from '../support/virtual-time.ts';

function observed() {
  const books = twoBooks();
  const watches = new WatchList();
  const scheduler = new VirtualTimeScheduler();
  const source = new Subject<number>();
  const decisions: Decision[] = [];
  const ends: unknown[] = [];
  source.pipe(detectEdges({ watches, policy: POLICY, scheduler })).subscribe({
    next: (decision) => decisions.push(decision),
    error: (error) => ends.push(error),
    complete: () => ends.push('complete'),
  });
  return { books, watches, scheduler, source, decisions, ends };
}

describe('detect edges', () => {
  it('decides once on every basket with a leg in the book, in the order of the baskets', () => {
    const { books, watches, source, decisions } = observed();
    watches.add(boxOf(books, { id: 'first' }));
    watches.add(boxOf(books, { id: 'second' }));
    source.next(books.kalshi.index);
    expect(decisions.map((decision) => decision.watch.id)).toEqual(['first', 'second']);
  });

  it('emits a decision also for every decline', () => {
    const { books, watches, source, decisions } = observed();
    watches.add(boxOf(books, { legs: boxOf(books).legs.map((leg) => ({ ...leg, fee: undefined })) }));
    source.next(books.kalshi.index);
    expect(decisions.map(({ verdict }) => verdict)).toMatchObject([{ kind: 'declined', reason: 'FEE_UNKNOWN' }]);
  });

  it('emits nothing for a book that nobody watches', () => {
    const { books, source, decisions } = observed();
    source.next(books.kalshi.index);
    expect(decisions).toEqual([]);
  });

  it('reads the books as they are when the index arrives, by the scheduler’s clock', () => {
    const { books, watches, scheduler, source, decisions } = observed();
    watches.add(boxOf(books));
    advanceTo(scheduler, 1_500);
    source.next(books.kalshi.index);
    books.store.apply({ kind: 'book.gapped', books: [KALSHI_BOOK], reason: 'sequence', detail: '' }, 1_500, []);
    source.next(books.polymarket.index);
    expect(decisions.map(({ atMs, verdict }) => [atMs, verdict.kind])).toEqual([
      [1_500, 'edge'],
      [1_500, 'declined'],
    ]);
  });

  it('sees a basket that was added after it began', () => {
    const { books, watches, source, decisions } = observed();
    source.next(books.kalshi.index);
    watches.add(boxOf(books));
    source.next(books.kalshi.index);
    expect(decisions).toHaveLength(1);
  });

  it('passes completion on', () => {
    const { source, ends } = observed();
    source.complete();
    expect(ends).toEqual(['complete']);
  });

  it('passes an error on', () => {
    const { source, ends } = observed();
    source.error('broken');
    expect(ends).toEqual(['broken']);
  });
});
