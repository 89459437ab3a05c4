import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { CONSERVATIVE_100 } from '../../../src/app/config/detection.ts';
import { DemoModel } from '../../../src/app/demo/demo-model.ts';
import {
  decisionText,
  demoScreen,
  demoSummary,
  statusLine,
  streamStatusLines,
} from '../../../src/app/demo/demo-view.ts';
import { Pacer } from '../../../src/app/replay/pacer.ts';
import { type FileOutcome, replayFile } from '../../../src/app/replay/replay-files.ts';

const shipped = (name: string): string => fileURLToPath(new URL(`../../../data/${name}`, import.meta.url));

async function watched(name: string): Promise<{ model: DemoModel; outcome: FileOutcome }> {
  const models: DemoModel[] = [];
  const outcome = await replayFile(shipped(name), {
    policy: CONSERVATIVE_100,
    pacer: new Pacer(Number.POSITIVE_INFINITY),
    nowMs: () => 0,
    onRun: (run) => models.push(new DemoModel(run)),
    onDecision: (decision) => models[0]?.onDecision(decision),
  });
  const [model] = models;
  if (model === undefined) throw new Error(`expected a replay of ${name}`);
  return { model, outcome };
}

describe('demo', () => {
  let tape: Awaited<ReturnType<typeof watched>>;
  let stream: Awaited<ReturnType<typeof watched>>;

  beforeAll(async () => {
    tape = await watched('worldcup-mexico-england.jsonl.gz');
    stream = await watched('kalshi-btc-15-minutes.ndjson.gz');
  });

  it('shows both books and both directions of every pair', () => {
    const shape = tape.model.pairs.map((pair) => [
      pair.title,
      pair.books.map((row) => row.venue),
      pair.directions.length,
    ]);
    expect(shape).toEqual([
      ['Mexico wins the World Cup', ['kalshi', 'polymarket'], 2],
      ['England wins the World Cup', ['kalshi', 'polymarket'], 2],
    ]);
  });

  it('keeps the last figures of a pair beside the reason once its books have grown old', () => {
    const before = tape.model.pairs[1]?.directions[0];
    if (before === undefined) throw new Error('expected a direction');
    const unread = { detail: '', grossEdgeE4: undefined, best: undefined, books: [] };
    tape.model.onDecision({
      watch: before.watch,
      atMs: 0,
      verdict: { kind: 'declined', reason: 'BOOK_STALE', ...unread },
    });
    expect(tape.model.pairs[1]?.directions[0]).toEqual({ ...before, reason: 'BOOK_STALE', isCurrent: false });
  });

  it('names a decision on a positive edge with its figures and the reason for declining', () => {
    const texts = tape.model.recent.map(decisionText);
    expect(texts.join('\n')).toMatch(
      /¢ gross, \+\d+\.\d\d ¢ net on \d+ sets = \d\.\d % · declined: less than the minimum edge/,
    );
  });

  it('never lists the same verdict on the same figures twice in a row', () => {
    const keys = tape.model.recent.map(({ row }) => `${row.watch.id} ${row.grossE4} ${row.netE4} ${row.reason}`);
    expect(keys.filter((key, at) => key === keys[at - 1])).toEqual([]);
  });

  it('labels one-level books as what they are', () => {
    expect(demoScreen([tape.model], '')).toContain('one-level books from a cross-venue tape, polled best prices');
  });

  it('says on one line how a pair stands where nobody redraws', () => {
    const [pair] = tape.model.pairs;
    const line = pair === undefined ? '' : statusLine(pair, Date.UTC(2026, 6, 6, 1, 2, 3));
    expect(line).toMatch(/^01:02:03 Mexico wins the World Cup \| kalshi .* \| polymarket .* gross/);
  });

  it('shows a closed market as closed', () => {
    expect(streamStatusLines(stream.model)[0]).toMatch(/KXBTC15M-26MAY130900-00 \| kalshi –\/–, 0 \+ 0 levels, closed/);
  });

  it('sums up edges before and after fees with every reason for declining', () => {
    const reports = [tape.outcome, stream.outcome].flatMap((one) => (one.kind === 'replayed' ? [one.report] : []));
    const text = demoSummary(reports, 60);
    expect(text).toContain('562 before fees · 208 after fees (fees assumed) · 0 good enough');
    expect(text).toMatch(/319 {2}BELOW_MIN_EDGE/);
  });
});
