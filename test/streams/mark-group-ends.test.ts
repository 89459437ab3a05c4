import { Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { MarketDataEvent } from '../../src/domain/ports/market-data.ts';
import { markGroupEnds } from '../../src/streams/mark-group-ends.ts';
import { delta, KALSHI_BOOK, snapshot } from '../support/books.ts';
import { advanceTo } from '../support/virtual-time.ts';

function harness(silenceMs = 3) {
  const scheduler = new VirtualTimeScheduler();
  const source = new Subject<MarketDataEvent>();
  const seen: string[] = [];
  source.pipe(markGroupEnds({ silenceMs, scheduler })).subscribe({
    next: (event) => seen.push(event.kind === 'group.ended' ? '|' : 'stamp' in event ? `${event.stamp}` : event.kind),
    complete: () => seen.push('done'),
    error: () => seen.push('error'),
  });
  return { scheduler, source, seen };
}

describe('mark group ends', () => {
  it('ends a run before an event with another timestamp is passed on', () => {
    const { source, seen } = harness();
    for (const stamp of ['a', 'a', 'b']) source.next(delta({ stamp }));
    expect(seen).toEqual(['a', 'a', '|', 'b']);
  });

  it('ends a run after the silence, counted from its last event', () => {
    const { scheduler, source, seen } = harness(3);
    source.next(delta({ stamp: 'a' }));
    advanceTo(scheduler, 2);
    source.next(delta({ stamp: 'a' }));
    advanceTo(scheduler, 4);
    expect(seen).toEqual(['a', 'a']);
    advanceTo(scheduler, 5);
    expect(seen).toEqual(['a', 'a', '|']);
  });

  it('ends a run once, however it ends', () => {
    const { scheduler, source, seen } = harness(3);
    source.next(delta({ stamp: 'a' }));
    advanceTo(scheduler, 100);
    source.next(delta({ stamp: 'b' }));
    source.complete();
    expect(seen).toEqual(['a', '|', 'b', '|', 'done']);
  });

  it('treats events without a timestamp as runs of their own', () => {
    const { source, seen } = harness();
    source.next(snapshot());
    source.next(snapshot());
    expect(seen).toEqual(['undefined', '|', 'undefined', '|']);
  });

  it('does not let a quote with another timestamp end a run', () => {
    const { source, seen } = harness();
    source.next(delta({ stamp: 'a' }));
    source.next({
      kind: 'quote.seen',
      book: KALSHI_BOOK,
      bestBidE4: undefined,
      bestAskE4: undefined,
      stamp: 'q',
      venueAtMs: 1,
    });
    source.next(delta({ stamp: 'a' }));
    expect(seen).toEqual(['a', 'q', 'a']);
  });

  it('lets a gap outside a run be seen at once', () => {
    const { source, seen } = harness();
    source.next({ kind: 'book.gapped', books: [KALSHI_BOOK], reason: 'sequence', detail: '' });
    expect(seen).toEqual(['book.gapped', '|']);
  });

  it('passes an error on and leaves no timer behind', () => {
    const { scheduler, source, seen } = harness();
    source.next(delta({ stamp: 'a' }));
    source.error(new Error('x'));
    advanceTo(scheduler, 100);
    expect(seen).toEqual(['a', 'error']);
  });
});
