import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { captureFormats, formatOf } from '../../../src/app/capture/formats.ts';
import type { RunReport } from '../../../src/app/replay/run-report.ts';
import { captureFixture, folderOf, reportOf } from '../support.ts';

interface Case {
  readonly file: string;
  readonly coverage: 'stream' | 'polled' | 'quotes';
  readonly counts: Partial<RunReport>;
  readonly declines: Readonly<Record<string, number>>;
}

/** One excerpt a format: what it is taken for, what is read from it, and how its edges are declined without facts. */
const CASES: Readonly<Record<string, Case>> = {
  'tandem-recording': {
    file: 'tandem-recording.ndjson',
    coverage: 'stream',
    counts: { records: 22, frames: 12, deltas: 9, snapshots: 1, books: 1, watches: 1, grossEdges: 0 },
    declines: { NO_GROSS_EDGE: 6 },
  },
  'kalshi-ws-ndjson': {
    file: 'kalshi-ws-ndjson.ndjson',
    coverage: 'stream',
    counts: { records: 14, frames: 12, deltas: 9, snapshots: 1, books: 1, watches: 1, grossEdges: 0 },
    declines: { NO_GROSS_EDGE: 6 },
  },
  'kalshi-ws-document': {
    file: 'kalshi-ws-document.json',
    coverage: 'stream',
    counts: { records: 1, frames: 4, deltas: 0, snapshots: 2, books: 2, watches: 2, grossEdges: 0 },
    declines: { NO_GROSS_EDGE: 2 },
  },
  'kalshi-ws-bare': {
    file: 'kalshi-ws-bare.jsonl',
    coverage: 'stream',
    counts: { records: 7, frames: 7, deltas: 4, snapshots: 1, books: 1, watches: 1, grossEdges: 0 },
    declines: { BOOK_EMPTY: 1, BOOK_STALE: 2, NO_ASKS: 2, NO_GROSS_EDGE: 2 },
  },
  'polymarket-ws-frames': {
    file: 'polymarket-ws-frames.jsonl',
    coverage: 'stream',
    counts: { records: 2, frames: 2, deltas: 0, books: 0, changesBeforeSnapshot: 2, watches: 0 },
    declines: {},
  },
  'cross-venue-tape': {
    file: 'cross-venue-tape.jsonl',
    coverage: 'quotes',
    counts: { records: 8, polls: 8, snapshots: 8, books: 4, watches: 4, grossEdges: 4, netEdges: 0 },
    declines: { BOOK_AWAITED: 4, BOOK_STALE: 12, FEE_UNKNOWN: 4, NO_GROSS_EDGE: 4 },
  },
  'quoted-pairs-tape': {
    file: 'quoted-pairs-tape.jsonl',
    coverage: 'quotes',
    counts: { records: 3, polls: 3, snapshots: 6, books: 6, watches: 6, grossEdges: 2, netEdges: 0 },
    declines: { FEE_UNKNOWN: 2, NO_GROSS_EDGE: 10 },
  },
  'derived-pairs-tape': {
    file: 'derived-pairs-tape.jsonl',
    coverage: 'quotes',
    counts: { records: 2, polls: 2, snapshots: 2, books: 2, watches: 0 },
    declines: {},
  },
  'kalshi-best-quotes': {
    file: 'kalshi-best-quotes.jsonl',
    coverage: 'quotes',
    counts: { records: 4, polls: 4, snapshots: 4, books: 2, watches: 0 },
    declines: {},
  },
  'kalshi-best-quote-log': {
    file: 'kalshi-best-quote-log.csv',
    coverage: 'quotes',
    counts: { records: 6, polls: 5, snapshots: 5, books: 5, watches: 0 },
    declines: {},
  },
  'kalshi-polled-books': {
    file: 'kalshi-polled-books.jsonl',
    coverage: 'polled',
    counts: { records: 3, polls: 3, snapshots: 3, books: 3, watches: 4, grossEdges: 0 },
    declines: { NO_ASKS: 4, NO_GROSS_EDGE: 3 },
  },
  'kalshi-book-list': {
    file: 'kalshi-book-list.json',
    coverage: 'polled',
    counts: { records: 1, polls: 3, snapshots: 3, books: 3, watches: 3 },
    declines: { NO_ASKS: 3 },
  },
  'kalshi-legacy-books': {
    file: 'kalshi-legacy-books.json',
    coverage: 'polled',
    counts: { records: 1, polls: 1, snapshots: 1, books: 1, watches: 1 },
    declines: { NO_GROSS_EDGE: 1 },
  },
  'polymarket-polled-books': {
    file: 'polymarket-polled-books.jsonl',
    coverage: 'polled',
    counts: { records: 1, polls: 2, snapshots: 2, books: 2, watches: 1 },
    declines: { NO_GROSS_EDGE: 2 },
  },
  'polymarket-sampled-markets': {
    file: 'polymarket-sampled-markets.jsonl',
    coverage: 'quotes',
    counts: { records: 1, polls: 3, snapshots: 6, books: 2, watches: 1, grossEdges: 2, netEdges: 0 },
    declines: { BOOK_STALE: 4, COMPLEMENT_ALARM: 2, NO_GROSS_EDGE: 4 },
  },
  'polymarket-book': {
    file: 'polymarket-book.json',
    coverage: 'polled',
    counts: { records: 1, polls: 1, snapshots: 1, books: 1, watches: 0 },
    declines: {},
  },
  'kalshi-range-ladders': {
    file: 'kalshi-range-ladders.jsonl',
    coverage: 'quotes',
    counts: { records: 1, polls: 1, snapshots: 4, books: 4, watches: 2, grossEdges: 0 },
    declines: { EXCLUSIVITY_UNPROVEN: 4, NO_ASKS: 4 },
  },
  'kalshi-threshold-ladders': {
    file: 'kalshi-threshold-ladders.jsonl',
    coverage: 'quotes',
    counts: { records: 1, polls: 1, snapshots: 5, books: 5, watches: 10, grossEdges: 0 },
    declines: { NO_ASKS: 8, NO_GROSS_EDGE: 12 },
  },
  'kalshi-ladder-anomalies': {
    file: 'kalshi-ladder-anomalies.jsonl',
    coverage: 'quotes',
    counts: { records: 1, polls: 1, snapshots: 4, books: 4, watches: 6, grossEdges: 0 },
    declines: { BOOK_EMPTY: 6, NO_ASKS: 6 },
  },
};

describe('capture formats', () => {
  it('are each tested by an excerpt', () => {
    expect(Object.keys(CASES).sort()).toEqual(captureFormats.map(({ name }) => name).sort());
  });

  it.each(Object.entries(CASES))(
    'recognise %s and read all of it',
    async (name, { file, coverage, counts, declines }) => {
      const path = captureFixture(file);
      const finding = await formatOf(path);
      expect(finding).toMatchObject({ kind: 'known', format: { name, coverage } });
      const report = await reportOf(path);
      expect(report).toMatchObject({ format: name, consistent: true, problems: [], ...counts });
      expect(report.declines).toEqual(declines);
    },
  );

  const ofManyLines = Object.entries(CASES).filter(([, { counts }]) => (counts.records ?? 0) > 1);

  it.each(ofManyLines)('recognise %s also behind a damaged first line', async (name, { file }) => {
    const text = readFileSync(captureFixture(file), 'utf8');
    const folder = folderOf({ [file]: text.replace(/^./, '~') });
    const finding = await formatOf(`${folder}/${file}`);
    expect(finding).toMatchObject({ kind: 'known', format: { name } });
  });

  it('accept the line ends of another system, and a byte order mark', async () => {
    const text = readFileSync(captureFixture('kalshi-ws-ndjson.ndjson'), 'utf8');
    const folder = folderOf({ 'capture.ndjson': `\uFEFF${text.replaceAll('\n', '\r\n')}` });
    expect(await reportOf(`${folder}/capture.ndjson`)).toMatchObject({ consistent: true, records: 14, deltas: 9 });
  });

  it('accept frames that another writer spaced out', async () => {
    const text = readFileSync(captureFixture('kalshi-ws-ndjson.ndjson'), 'utf8');
    const folder = folderOf({ 'capture.ndjson': text.replaceAll('":', '": ') });
    expect(await reportOf(`${folder}/capture.ndjson`)).toMatchObject({ consistent: true, records: 14, deltas: 9 });
  });

  it.each([
    ['a list of settings', '{"type":"module","name":"x"}\n'],
    ['records about something else', '{"team":"MX","city":"Mexico"}\n{"team":"GB","city":"London"}\n'],
    ['an empty list', '[]\n'],
    ['a list of nothing', '[{}]\n'],
    ['a number', '7\n'],
  ])('do not take %s for a capture', async (_what, text) => {
    const folder = folderOf({ 'file.json': text });
    expect(await formatOf(`${folder}/file.json`)).toEqual({ kind: 'unknown' });
  });
});
