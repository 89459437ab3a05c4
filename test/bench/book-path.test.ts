import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BenchClock } from '../../bench/support/bench-clock.ts';
import { withSection } from '../../bench/support/benchmark-page.ts';
import { interleave } from '../../bench/support/interleave.ts';
import { KalshiPath } from '../../bench/support/kalshi-path.ts';
import { runThrough } from '../../bench/support/measure.ts';
import { readRecording } from '../../bench/support/recordings.ts';
import { mean, median, percentile, round } from '../../bench/support/statistics.ts';
import { CONSERVATIVE_100 } from '../../src/app/config/detection.ts';
import { Pacer } from '../../src/app/replay/pacer.ts';
import { replayFile } from '../../src/app/replay/replay-files.ts';
import type { ReplayRun } from '../../src/app/replay/replay-run.ts';
import type { Book } from '../../src/domain/book/book.ts';

const RECORDING = join(import.meta.dirname, '../../data/kalshi-btc-15-minutes.ndjson.gz');

describe('statistics of a benchmark', () => {
  it('takes percentiles by nearest rank', () => {
    const values = [5, 1, 4, 2, 3];
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 0)]).toEqual([3, 5, 1]);
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });

  it('takes the mean of all and the median of a few', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(median([1, 2, 60])).toBe(2);
    expect(round(1.23456)).toBe(1.235);
  });

  it('divides by the floor of the same repetition, warm-up left out', () => {
    const floors = [9, 1, 2, 4];
    const subject = (name: string, times: number[]) => ({ name, pass: () => times.shift() ?? Number.NaN });
    const [floor, path] = interleave([subject('floor', floors), subject('path', [9, 2, 3, 16])], {
      warmUps: 1,
      repetitions: 3,
      passes: 1,
      messages: 1_000,
    });
    expect(floor?.ratioToFloor).toBe(1);
    expect(path).toEqual({ name: 'path', meanMicros: 7, ratioToFloor: 3, medianRatioToFloor: 2 });
  });
});

describe('clock of a benchmark', () => {
  it('rings timers in the order in which they are due, each at its time', () => {
    const clock = new BenchClock();
    const rung: string[] = [];
    const ring = (name: string) => () => rung.push(`${name} at ${clock.now()}`);
    clock.schedule(ring('late'), 30);
    clock.schedule(ring('early'), 10);
    clock.schedule(ring('middle'), 20);
    clock.schedule(ring('cancelled'), 15).unsubscribe();
    clock.advanceTo(25);
    expect(rung).toEqual(['early at 10', 'middle at 20']);
    clock.advanceTo(100);
    expect(rung.at(-1)).toBe('late at 30');
    expect(clock.now()).toBe(100);
  });
});

describe('page of benchmarks', () => {
  it('replaces the section of one bench and leaves the others', () => {
    const page = withSection(withSection('# Head\n', 'a', 'first'), 'b', 'other');
    expect(withSection(page, 'a', 'second')).toBe(page.replace('first', 'second'));
  });
});

describe('book path', () => {
  it('ends with the same books as a replay of the same recording', async () => {
    const recording = await readRecording(RECORDING);
    const path = new KalshiPath(recording.tickers, 'decisions');
    let replayed: ReplayRun | undefined;
    await replayFile(RECORDING, {
      policy: CONSERVATIVE_100,
      pacer: new Pacer(Number.POSITIVE_INFINITY),
      nowMs: () => 0,
      onRun: (run) => {
        replayed = run;
      },
    });
    runThrough(path, recording);
    expect(recording.messages).toBe(2_188);
    const expected = recording.tickers.map((ticker) => contentOf(replayed?.books.find(`kalshi/${ticker}`)));
    expect(expected.flatMap((book) => book?.bids ?? []).length).toBeGreaterThan(50);
    expect(recording.tickers.map((ticker) => contentOf(path.books.find(`kalshi/${ticker}`)))).toEqual(expected);
    expect(path.decisions).toBeGreaterThan(1_000);
  });
});

function contentOf(book: Book | undefined) {
  return book && { standing: book.standing, version: book.version, bids: book.bids(false), asks: book.asks(false) };
}
