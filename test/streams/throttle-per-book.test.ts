import { Subject, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { throttlePerBook } from '../../src/streams/throttle-per-book.ts';
import { advanceTo } from '../support/virtual-time.ts';

function harness(intervalMs: number) {
  const scheduler = new VirtualTimeScheduler();
  const source = new Subject<number>();
  const seen: string[] = [];
  source.pipe(throttlePerBook(intervalMs, scheduler)).subscribe((index) => seen.push(`${index}@${scheduler.now()}`));
  const at = (ms: number, index: number) => {
    advanceTo(scheduler, ms);
    source.next(index);
  };
  return { scheduler, source, seen, at };
}

describe('throttle per book', () => {
  it('passes the first change at once and later ones together when the interval is over', () => {
    const { scheduler, seen, at } = harness(100);
    at(0, 7);
    at(10, 7);
    at(20, 7);
    advanceTo(scheduler, 500);
    expect(seen).toEqual(['7@0', '7@100']);
  });

  it('never passes one book more than once per interval', () => {
    const { scheduler, seen, at } = harness(100);
    for (let ms = 0; ms < 1_000; ms += 7) at(ms, 1);
    advanceTo(scheduler, 5_000);
    const times = seen.map((entry) => Number(entry.split('@')[1]));
    expect(times.slice(1).every((ms, index) => ms - (times[index] ?? 0) >= 100)).toBe(true);
  });

  it('does not hold one book back for another', () => {
    const { seen, at } = harness(100);
    at(0, 1);
    at(1, 2);
    expect(seen).toEqual(['1@0', '2@1']);
  });

  it('emits what still waits when the source completes', () => {
    const { source, seen, at } = harness(100);
    at(0, 1);
    at(10, 1);
    source.complete();
    expect(seen).toEqual(['1@0', '1@10']);
  });

  it('passes everything when the interval is zero', () => {
    const { seen, at } = harness(0);
    at(0, 1);
    at(0, 1);
    expect(seen).toHaveLength(2);
  });
});
