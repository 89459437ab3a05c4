import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { recordedFrames } from '../../../src/app/sim/recorded-frames.ts';
import { scenarioSchema } from '../../../src/app/sim/scenario-file.ts';
import { makeWorld } from '../../../src/app/sim/sim-world.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { quantileAt, type Share } from '../../../src/sim/flow/draw.ts';
import type { FlowEvent } from '../../../src/sim/flow/flow-venue.ts';
import { RecordedBook } from '../../../src/sim/flow/recorded-book.ts';
import { drawEpisodes } from '../../../src/sim/flow/recorded-flow.ts';
import { TAPE_GAPS, TAPE_SHARE_BEYOND_2_CENTS, TAPE_SHARE_WITH_GAP } from '../../../src/sim/flow/tape-gaps.ts';

const data = (name: string): string => fileURLToPath(new URL(`../../../data/${name}`, import.meta.url));
const RECORDED = 'KXBTC15M-26MAY130915-15';
const frames = await recordedFrames(data('kalshi-btc-15-minutes.ndjson.gz'));

function world(gaps: readonly unknown[] | 'tape') {
  const scenario = scenarioSchema.parse({
    version: 1,
    markets: [
      {
        id: 'btc',
        title: 'Bitcoin rises',
        kalshi: { ticker: 'KXBTC15M-SIM-15', priceLevelStructure: 'deci_cent' },
        polymarket: { tickSize: '0.001' },
      },
    ],
    flow: { kind: 'recorded', capture: 'x', tickers: { [RECORDED]: 'btc' }, gaps, twin: { depthShare: 1 } },
    latency: 'none',
  });
  const clock = new VirtualClock();
  const events: FlowEvent[] = [];
  const options = { scenario, seed: '1', clock, secretRandom: seededRandom('s'), frames };
  const made = makeWorld({ ...options, onFlow: (event) => events.push(event) });
  return { made, clock, events };
}

function midE4(made: ReturnType<typeof world>['made']): { kalshi: number; polymarket: number } {
  const book = made.kalshi.book('KXBTC15M-SIM-15');
  const quotes = made.polymarket.control.quotes(made.markets[0]?.polymarket.yesTokenId ?? '');
  const mid = (bid: number | undefined, ask: number | undefined): number =>
    ((bid ?? Number.NaN) + (ask ?? Number.NaN)) / 2;
  return {
    kalshi: mid(book.best('bid')?.priceE4, book.best('ask')?.priceE4),
    polymarket: mid(quotes.bids[0]?.priceE4, quotes.asks[0]?.priceE4),
  };
}

describe('recorded flow', () => {
  it('has the book at Kalshi that the recording has, to the last level', () => {
    const { made, clock } = world([]);
    made.start();
    clock.advanceBy(120_000);
    const expected = new RecordedBook();
    for (const { frame } of frames)
      if ((frame as { msg?: { market_ticker?: string } }).msg?.market_ticker === RECORDED) expected.apply(frame);
    const { bids, asks } = expected.book(1_000);
    const found = made.kalshi.book('KXBTC15M-SIM-15');
    expect(bids.length).toBeGreaterThan(10);
    expect(found.levels('bid')).toMatchObject(bids);
    expect(found.levels('ask')).toMatchObject(asks);
  });

  it('lets the twin follow, and stand away while a gap lasts', () => {
    const { made, clock } = world([{ atS: 60, lifeS: 8, offsetCents: -3 }]);
    made.start();
    clock.advanceBy(65_000);
    const during = midE4(made);
    clock.advanceBy(60_000);
    const after = midE4(made);
    expect(during.polymarket - during.kalshi).toBeLessThan(-150);
    expect(Math.abs(after.polymarket - after.kalshi)).toBeLessThan(60);
  });

  it('writes the same log from the same seed', () => {
    const log = (): string => {
      const { made, clock, events } = world('tape');
      made.start();
      clock.advanceBy(120_000);
      return JSON.stringify(events);
    };
    expect(log()).toBe(log());
  });

  it('draws gaps one after the other', () => {
    const episodes = drawEpisodes(TAPE_GAPS, seededRandom('e'), { durationMs: 600_000, meanPauseMs: 15_000 });
    expect(episodes.length).toBeGreaterThan(5);
    for (const [at, { atMs }] of episodes.entries()) {
      const before = episodes[at - 1];
      if (before !== undefined) expect(atMs).toBeGreaterThanOrEqual(before.atMs + before.lifeMs);
    }
  });
});

interface Row {
  readonly ts: number;
  readonly venue: 'kalshi' | 'polymarket';
  readonly pair: string;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly bid_sz: string;
  readonly ask_sz: string;
}

/** Gross gaps in ten-thousandths at each poll of both venues, how long they lasted, and how deep they were. */
function measure() {
  const rows: Row[] = gunzipSync(readFileSync(data('worldcup-mexico-england.jsonl.gz')))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const cycles = new Map<string, Partial<Record<Row['venue'], Row>>>();
  for (const row of rows) {
    const key = `${row.pair}@${row.ts}`;
    cycles.set(key, { ...cycles.get(key), [row.venue]: row });
  }
  const [gaps, lives, depths]: [number[], number[], number[]] = [[], [], []];
  const open = new Map<string, number>();
  for (const { kalshi, polymarket } of cycles.values()) {
    if (kalshi === undefined || polymarket === undefined) continue;
    const one = (kalshi.bid ?? -99) - (polymarket.ask ?? 999);
    const other = (polymarket.bid ?? -99) - (kalshi.ask ?? 999);
    const gapE4 = Math.round(Math.max(one, other) * 100);
    gaps.push(gapE4);
    const before = open.get(kalshi.pair);
    if (gapE4 > 0) {
      open.set(kalshi.pair, before ?? kalshi.ts);
      const [sold, bought] = one > other ? [kalshi.bid_sz, polymarket.ask_sz] : [polymarket.bid_sz, kalshi.ask_sz];
      depths.push(Math.min(Number(sold), Number(bought)));
    } else if (before !== undefined) {
      lives.push(kalshi.ts - before);
      open.delete(kalshi.pair);
    }
  }
  return { gaps, lives, depths };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

describe('the calibration of gaps', () => {
  const { gaps, lives, depths } = measure();
  const open = gaps.filter((gap) => gap > 0);
  const near = (shape: readonly Share[], share: number, found: number, tolerance: number): void =>
    expect(Math.abs(quantileAt(shape, share) / found - 1)).toBeLessThan(tolerance);

  it('has the shares of the tape', () => {
    expect(open.length / gaps.length).toBeCloseTo(TAPE_SHARE_WITH_GAP, 2);
    expect(gaps.filter((gap) => gap > 200).length / gaps.length).toBeCloseTo(TAPE_SHARE_BEYOND_2_CENTS, 2);
  });

  it('has its sizes', () => {
    for (const share of [0.5, 0.9, 0.99, 1]) near(TAPE_GAPS.sizeE4, share, quantile(open, share), 0.03);
  });

  it('has its lifetimes, up to the cut', () => {
    for (const share of [0.1, 0.5]) near(TAPE_GAPS.lifeMs, share, quantile(lives, share), 0.05);
    expect(quantile(lives, 0.75)).toBeGreaterThan(30_000);
  });

  it('has its depths, up to the cut', () => {
    for (const share of [0.1, 0.5]) near(TAPE_GAPS.contracts, share, quantile(depths, share), 0.05);
  });
});
