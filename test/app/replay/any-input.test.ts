/** Records as a changed recorder or a broken disk would leave them: whatever they say, the replay ends with a report. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureFormats } from '../../../src/app/capture/formats.ts';
import { kalshiFramesWithReceiveTime } from '../../../src/app/capture/kalshi-streams.ts';
import { crossVenueTape } from '../../../src/app/capture/quote-tapes.ts';
import { damaged, pathsOf, replaced } from '../../support/mutate-json.ts';
import { captureFixture, replayText } from '../support.ts';

const files = readdirSync(captureFixture('')).filter((name) => /\.jsonl?$|\.ndjson$/.test(name));

function recordsOf(file: string) {
  const format = captureFormats.find(({ name }) => file.startsWith(`${name}.`));
  if (format === undefined) throw new Error(`expected a fixture named after its format, found ${file}`);
  const text = readFileSync(captureFixture(file), 'utf8').trim();
  return { format, records: format.unit === 'document' ? [text] : text.split('\n').filter((line) => line !== '') };
}

describe('a damaged record', { timeout: 60_000 }, () => {
  it.each(files)('never throws in %s', (file) => {
    const { format, records } = recordsOf(file);
    const broken = fc
      .nat({ max: records.length - 1 })
      .chain((at) => damaged(JSON.parse(records[at] ?? '')).map((record) => records.with(at, record)));
    fc.assert(
      fc.property(broken, (lines) => {
        const { report } = replayText(lines.join('\n'), { format });
        expect(report.consistent).toBe(report.problems.length === 0);
      }),
      { numRuns: 40 },
    );
  });

  it.each(files)('never throws over a number beyond all reason in %s', (file) => {
    const { format, records } = recordsOf(file);
    for (const [at, record] of records.slice(0, 4).entries()) {
      const value: unknown = JSON.parse(record);
      for (const path of pathsOf(value).slice(0, 30)) {
        for (const wrong of [-1, 1e300, 0.123456789]) {
          const text = records.with(at, JSON.stringify(replaced(value, path, wrong))).join('\n');
          expect(() => replayText(text, { format })).not.toThrow();
        }
      }
    }
  });
});

describe('a receive time that cannot be one', { timeout: 60_000 }, () => {
  it.each([-1, 1e16, 4_102_444_800_000])('is refused with its record: %d ms', (t_fetch) => {
    const rows = readFileSync(captureFixture('cross-venue-tape.jsonl'), 'utf8').trim().split('\n');
    const row = JSON.stringify({ ...JSON.parse(rows[0] ?? ''), ts: t_fetch, t_fetch });
    const { report } = replayText(row, { format: crossVenueTape });
    expect(report.problems).toEqual([
      {
        kind: 'malformed',
        where: 'capture:1',
        message: `expected a receive time between 1970 and 2100, found ${t_fetch} ms`,
      },
    ]);
    expect(report.polls).toBe(0);
  });
});

describe('a note of a recorder', { timeout: 60_000 }, () => {
  it('is refused when nobody knows what it means', () => {
    const { report } = replayText('{"recv_ns":1778677235676177152,"control":"ws_paused"}', {
      format: kalshiFramesWithReceiveTime,
    });
    expect(report.problems).toMatchObject([{ kind: 'malformed', message: expect.stringContaining('"ws_paused"') }]);
  });
});
