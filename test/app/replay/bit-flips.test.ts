/**
 * One flipped bit anywhere in the text of a capture. Either the replay says that something is wrong, or
 * the flip changes nothing that is read, or it belongs to one of the classes below: a value that no
 * other value of the capture repeats, bounds or adds up to, so that nobody could tell.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureFormat, CaptureStep } from '../../../src/app/capture/capture.ts';
import { type Checkpoint, readCheckpoints } from '../../../src/app/capture/checkpoints.ts';
import { kalshiFramesWithReceiveTime } from '../../../src/app/capture/kalshi-streams.ts';
import { type CaptureMeta, NO_META, readMeta } from '../../../src/app/capture/meta.ts';
import { crossVenueTape } from '../../../src/app/capture/quote-tapes.ts';
import type { BookSnapshot } from '../../../src/domain/ports/market-data.ts';
import type { KalshiFrame } from '../../../src/venues/kalshi/frame.ts';
import { parseKalshiFrame } from '../../../src/venues/kalshi/parse.ts';
import { CHECKPOINTS, linesOf, replayText, STREAM, TAPE, type TextReplay } from '../support.ts';

/** What the replay reads of one line: its receive time and its frame, or the book that it shows. */
interface Reading {
  readonly receivedAtMs: number;
  readonly frame: KalshiFrame | undefined;
  readonly shown: BookSnapshot | undefined;
}

interface Flip {
  readonly before: Reading;
  readonly after: Reading;
  /** Receive times of the records around it. */
  readonly previousMs: number;
  readonly nextMs: number;
}

interface Undetectable {
  readonly name: string;
  readonly matches: (flip: Flip) => boolean;
}

const UNDETECTABLE: readonly Undetectable[] = [
  {
    // The order still holds, and clocks drift by more than the difference.
    name: 'a receive time that stays between its neighbours',
    matches: ({ before, after, previousMs, nextMs }) =>
      isSame({ ...before, receivedAtMs: 0 }, { ...after, receivedAtMs: 0 }) &&
      after.receivedAtMs >= previousMs &&
      after.receivedAtMs <= nextMs,
  },
  {
    // The venue writes microseconds once; the milliseconds beside them and the order still hold.
    name: 'microseconds of a venue time that stay in order',
    matches: ({ before, after }) =>
      before.frame?.kind === 'delta' &&
      after.frame?.kind === 'delta' &&
      isSame({ ...before.frame, stamp: '' }, { ...after.frame, stamp: '' }) &&
      before.receivedAtMs === after.receivedAtMs,
  },
  {
    // The recorder wrote down five levels a side, once a second and only on whole cents. A level below
    // them is known from its snapshot and its changes alone, and only the removals of a close add it up.
    name: 'a price or size of a change or of a snapshot, below the recorder’s own levels',
    matches: ({ before, after }) =>
      isSame(withoutLevels(before), withoutLevels(after)) && before.receivedAtMs === after.receivedAtMs,
  },
  {
    // Polymarket's own time is read for its order alone; decisions are about our clock.
    name: 'a venue time of a poll that stays in order',
    matches: ({ before, after }) =>
      isSame({ ...before.shown, venueAtMs: 0 }, { ...after.shown, venueAtMs: 0 }) &&
      before.receivedAtMs === after.receivedAtMs,
  },
  {
    // Prices are repeated by the mid and the spread; sizes stand alone.
    name: 'a size of a poll of best prices',
    matches: ({ before, after }) =>
      before.shown !== undefined &&
      isSame(pricesOf(before.shown), pricesOf(after.shown)) &&
      before.receivedAtMs === after.receivedAtMs,
  },
];

function withoutLevels({ frame }: Reading): unknown {
  if (frame?.kind === 'delta') return { ...frame, priceE4: 0, deltaE6: 0 };
  return frame?.kind === 'snapshot' ? { ...frame, bids: frame.bids.length, asks: frame.asks.length } : undefined;
}

function pricesOf(shown: BookSnapshot | undefined): unknown {
  return {
    ...shown,
    bids: shown?.bids.map((level) => level.priceE4),
    asks: shown?.asks.map((level) => level.priceE4),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

interface Subject {
  readonly format: CaptureFormat;
  readonly meta: CaptureMeta;
  readonly checkpoints: readonly Checkpoint[];
  readonly text: Buffer;
  readonly whole: TextReplay;
}

function subject(lines: readonly string[], of: Omit<Subject, 'text' | 'whole'>): Subject {
  const text = lines.join('\n');
  return { ...of, text: Buffer.from(text), whole: replayText(text, of) };
}

/** The whole life of the first market with its close, and the first seconds of the second. */
async function streamSubject(): Promise<Subject> {
  const lines = linesOf(STREAM).slice(0, 760);
  const last = /"seq":(\d+)/.exec(lines.at(-1) ?? '')?.[1];
  const { checkpoints } = await readCheckpoints(CHECKPOINTS);
  const reached = checkpoints.filter(({ ticker, seq }) => ticker.includes('0900') || seq <= Number(last));
  return subject(lines, { format: kalshiFramesWithReceiveTime, meta: NO_META, checkpoints: reached });
}

function tapeSubject(): Subject {
  return subject(linesOf(TAPE).slice(0, 60), { format: crossVenueTape, meta: readMeta(TAPE), checkpoints: [] });
}

function flipped(text: Buffer, at: number, bit: number): string {
  const copy = Buffer.from(text);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy.toString('utf8');
}

function readingOf(format: CaptureFormat, line: string): Reading | undefined {
  const timed = format
    .open()
    .read(line)
    .find((step): step is CaptureStep & { readonly receivedAtMs: number } => 'receivedAtMs' in step);
  if (timed === undefined) return undefined;
  const { receivedAtMs } = timed;
  const frame = timed.kind === 'frame' ? parseKalshiFrame(timed.text, { useYesPrice: false }) : undefined;
  const shown = timed.kind === 'poll' ? timed.events.find((event) => event.kind === 'book.snapshot') : undefined;
  return { receivedAtMs, frame, shown };
}

type Verdict = 'detected' | 'unread' | { readonly undetectable: string } | { readonly missed: string };

/** What becomes of one flipped bit. */
function verdictOf({ text, whole, ...of }: Subject, at: number, bit: number): Verdict {
  const damaged = flipped(text, at, bit);
  const { report, decisions } = replayText(damaged, of);
  if (!report.consistent) return 'detected';
  const [linesBefore, linesAfter] = [text.toString('utf8').split('\n'), damaged.split('\n')];
  const line = linesAfter.findIndex((one, index) => one !== linesBefore[index]);
  const place = `${linesBefore[line]} → ${linesAfter[line]}`;
  const [before, after] = [linesBefore, linesAfter].map((lines) => readingOf(of.format, lines[line] ?? ''));
  const isUnchanged = isSame(report, whole.report) && isSame(decisions, whole.decisions);
  if (isUnchanged && (isSame(before, after) || !isAboutBooks(before))) return 'unread';
  if (before === undefined || after === undefined) return { missed: place };
  const timeAt = (index: number): number | undefined => readingOf(of.format, linesAfter[index] ?? '')?.receivedAtMs;
  const flip = { before, after, previousMs: timeAt(line - 1) ?? 0, nextMs: timeAt(line + 1) ?? before.receivedAtMs };
  const known = UNDETECTABLE.find((one) => one.matches(flip));
  return known === undefined ? { missed: place } : { undetectable: known.name };
}

/** Best quotes, answers and the recorder's notes are read, and no book is made of them. */
function isAboutBooks(reading: Reading | undefined): boolean {
  return reading?.shown !== undefined || reading?.frame?.kind === 'delta' || reading?.frame?.kind === 'snapshot';
}

function expectNoMiss(of: Subject, at: number, bit: number): void {
  const verdict = verdictOf(of, at, bit);
  expect(typeof verdict === 'object' && 'missed' in verdict ? verdict.missed : undefined).toBeUndefined();
}

/** Where the text inside the first group of each match lies, in the records that a book is made of. */
function positionsOf({ text }: Subject, pattern: RegExp, records = /orderbook_(delta|snapshot)"|"venue"/): number[] {
  const positions: number[] = [];
  let offset = 0;
  for (const line of text.toString('latin1').split('\n')) {
    const matches = records.test(line) ? line.matchAll(new RegExp(pattern, 'dg')) : [];
    for (const match of matches) {
      const [start, end] = match.indices?.[1] ?? [0, 0];
      for (let at = start; at < end; at++) positions.push(offset + at);
    }
    offset += line.length + 1;
  }
  return positions;
}

function countsOf(of: Subject, positions: readonly number[], every: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < positions.length; at += every) {
    const verdict = verdictOf(of, positions[at] ?? 0, at % 8);
    const name = typeof verdict === 'string' ? verdict : 'missed' in verdict ? verdict.missed : verdict.undetectable;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('one flipped bit of a stream', { timeout: 60_000 }, async () => {
  const stream = await streamSubject();

  it('starts from a capture that is consistent', () => {
    expect(stream.whole.report).toMatchObject({ consistent: true, checkpoints: { unequal: 0, notReached: 0 } });
  });

  it.each<[place: string, pattern: RegExp, every: number]>([
    ['the punctuation of a record', /([{}[\],:])"(?:frame|sid|seq|msg|price_dollars)/, 511],
    ['a key that is needed', /"(frame|type|sid|seq|msg|delta_fp|market_ticker|price_dollars|side|ts_ms)":/, 2_409],
    ['the key of the venue’s text time', /"(ts)":"/, 151],
    ['a subscription', /"sid":(\d+)/, 97],
    ['a sequence number', /"seq":(\d+)/, 211],
    ['a ticker of a change', /orderbook_delta.*?"market_ticker":"([^"]+)"/, 1_301],
    ['a side', /"side":"([^"]+)"/, 211],
    ['a venue time in milliseconds', /"ts_ms":(\d+)/, 907],
    ['the seconds of a venue time as text', /"ts":"([^."]+)/, 1_301],
    ['the sign of a change', /"delta_fp":"(-)/, 41],
  ])('is always found in %s', (_place, pattern, every) => {
    expect(Object.keys(countsOf(stream, positionsOf(stream, pattern), every))).toEqual(['detected']);
  });

  it.each<[place: string, pattern: RegExp, every: number]>([
    ['a receive time', /"recv_ns":(\d+)/, 1_301],
    ['the microseconds of a venue time', /"ts":"[^."]+(\.\d+)/, 307],
    ['a price of a change', /"price_dollars":"([^"]+)","side"/, 307],
    ['a size of a change', /"delta_fp":"([^"]+)"/, 307],
    ['a level of a snapshot', /(\["0\.\d+","\d+\.\d+"\])/, 601],
  ])('is found in %s or is of a class that nobody could tell', (_place, pattern, every) => {
    const counts = countsOf(stream, positionsOf(stream, pattern), every);
    const names = ['detected', 'unread', ...UNDETECTABLE.map(({ name }) => name)];
    expect(Object.keys(counts).filter((name) => !names.includes(name))).toEqual([]);
    expect(counts.detected).toBeGreaterThan(0);
  });

  it('changes nothing in a field that nobody reads', () => {
    expect(countsOf(stream, positionsOf(stream, /"market_id":"([0-9a-f]+)-/), 977)).not.toHaveProperty('missed');
    expect(verdictOf(stream, positionsOf(stream, /"volume_fp":"(\d)/, /"ticker"/)[0] ?? 0, 0)).toBe('unread');
  });

  it('is found, unread, or of a class that nobody could tell, wherever it is', () => {
    const places = fc.tuple(fc.nat({ max: stream.text.length - 1 }), fc.nat({ max: 7 }));
    fc.assert(
      fc.property(places, ([at, bit]) => expectNoMiss(stream, at, bit)),
      { numRuns: 90 },
    );
  });
});

describe('one flipped bit of a tape', { timeout: 60_000 }, () => {
  const tape = tapeSubject();

  it.each<[place: string, pattern: RegExp, every: number]>([
    ['a key that is needed', /"(t_fetch|venue|pair|bid|ask|mid|spread|bid_sz|ask_sz|venue_ts)":/, 211],
    ['a pair', /"pair": "([^"]+)"/, 251],
    ['a price', /"(?:bid|ask|mid|spread)": ([\d.]+)/, 47],
    ['a venue', /"venue": "([^"]+)"/, 41],
  ])('is always found in %s', (_place, pattern, every) => {
    expect(Object.keys(countsOf(tape, positionsOf(tape, pattern), every))).toEqual(['detected']);
  });

  it('is found, unread, or of a class that nobody could tell, wherever it is', () => {
    const places = fc.tuple(fc.nat({ max: tape.text.length - 1 }), fc.nat({ max: 7 }));
    fc.assert(
      fc.property(places, ([at, bit]) => expectNoMiss(tape, at, bit)),
      { numRuns: 60 },
    );
  });
});
