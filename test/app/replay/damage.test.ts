import { readFileSync, symlinkSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKPOINTS, folderOf, linesOf, outcomeOf, replayed, STREAM, TAPE, TAPE_META } from '../support.ts';

const stream = linesOf(STREAM);
const tape = linesOf(TAPE);

/** What `replay --check` makes of a capture: its exit code, and the lines that name a problem. */
async function checked(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = folderOf(files);
  const { stdout, stderr, exitCode } = await replayed(folder, '--check');
  expect(`${stdout}${stderr}`).not.toMatch(/ {4}at /);
  const said = stdout
    .split('\n')
    .filter((line) => line.includes(`${folder}/`) && line.startsWith('  '))
    .map((line) => line.trim().replaceAll(`${folder}/`, ''));
  return { exitCode, said };
}

const streamFile = (lines: readonly string[]) => ({ 'capture.ndjson': `${lines.join('\n')}\n` });
const tapeFile = (lines: readonly string[]) => ({ 'tape.jsonl': `${lines.join('\n')}\n` });

function swapped(lines: readonly string[], at: number): string[] {
  const copy = [...lines];
  [copy[at], copy[at + 1]] = [lines[at + 1] ?? '', lines[at] ?? ''];
  return copy;
}

function twice(lines: readonly string[], from: number, count: number): string[] {
  return [...lines.slice(0, from + count), ...lines.slice(from, from + count), ...lines.slice(from + count)];
}

/** The line of an editor that a number of our own lists is. */
const placeOf = (at: number): number => at + 1;
const isChange = (line: string): boolean => line.includes('"type":"orderbook_delta"');

describe('a truncated capture', { timeout: 60_000 }, () => {
  it('is found by its last line when it ends in the middle of one', async () => {
    const text = `${stream.slice(0, 700).join('\n')}`.slice(0, -40);
    const { exitCode, said } = await checked({ 'capture.ndjson': text });
    expect(exitCode).toBe(2);
    expect(said[0]).toMatch(/^malformed +capture\.ndjson:700: expected JSON/);
  });

  it('is found by the recorder’s own books when it ends between two lines', async () => {
    const files = {
      'capture.ndjson': `${stream.slice(0, 1_500).join('\n')}\n`,
      'capture.checkpoints.ndjson.gz': readFileSync(CHECKPOINTS),
    };
    const { exitCode, said } = await checked(files);
    expect(exitCode).toBe(2);
    expect(said).toEqual([
      expect.stringMatching(/^checkpoint +capture\.ndjson:1500: the recorder wrote \d+ books that were never reached/),
    ]);
  });

  it('is found at its start by the changes that have no snapshot', async () => {
    const { exitCode, said } = await checked(streamFile(stream.slice(0, 2).concat(stream.slice(8, 60))));
    expect(exitCode).toBe(2);
    expect(said[0]).toMatch(/^unknownMarket +capture\.ndjson:3: .*must follow a snapshot/);
  });

  it('cannot be found when it ends between two lines and nothing beside it says how long it was', async () => {
    expect(await checked(streamFile(stream.slice(0, 700)))).toEqual({ exitCode: 0, said: [] });
  });

  it('is found by its compression and still looked at up to the break', async () => {
    const bytes = readFileSync(STREAM);
    const path = `${folderOf({ 'capture.ndjson.gz': bytes.subarray(0, bytes.length >> 1) })}/capture.ndjson.gz`;
    const outcome = await outcomeOf(path);
    expect(outcome).toMatchObject({ kind: 'replayed', report: { consistent: false } });
    if (outcome.kind !== 'replayed') return;
    const [damage] = outcome.report.problems.filter((problem) => problem.kind === 'damaged');
    expect(outcome.report.deltas).toBeGreaterThan(500);
    expect(damage?.where).toMatch(/capture\.ndjson\.gz:\d+$/);
    expect(damage?.message).toMatch(/^can be read up to line \d+ and no further: unexpected end of file$/);
  });

  it('is found in the checkpoints beside it, with their name', async () => {
    const text = `${linesOf(CHECKPOINTS).join('\n')}`.slice(0, -30);
    const { exitCode, said } = await checked({ ...streamFile(stream), 'capture.checkpoints.ndjson': text });
    expect(exitCode).toBe(2);
    expect(said[0]).toMatch(/^damaged +capture\.checkpoints\.ndjson:33: expected a recorder's book/);
  });
});

describe('a reordered capture', { timeout: 60_000 }, () => {
  it('is found where two neighbouring changes are swapped', async () => {
    const at = stream.findIndex((line, index) => index > 600 && isChange(line) && isChange(stream[index + 1] ?? ''));
    const { exitCode, said } = await checked(streamFile(swapped(stream, at)));
    expect(exitCode).toBe(2);
    expect(said.some((line) => line.startsWith('sequence') && line.includes(`capture.ndjson:${placeOf(at)}:`))).toBe(
      true,
    );
  });

  it('is found where two rows of a tape are swapped', async () => {
    const { exitCode, said } = await checked(tapeFile(swapped(tape.slice(0, 60), 20)));
    expect(exitCode).toBe(2);
    expect(said[0]).toMatch(/^time +tape\.jsonl:22: expected records in the order of their receipt/);
  });

  it('is found wherever two neighbouring changes are swapped', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: 400 }), async (at) => {
        fc.pre(isChange(stream[at] ?? '') && isChange(stream[at + 1] ?? ''));
        const { exitCode } = await checked(streamFile(swapped(stream.slice(0, 420), at)));
        expect(exitCode).toBe(2);
      }),
      { numRuns: 25 },
    ));
});

describe('a capture with records twice', { timeout: 60_000 }, () => {
  it.each([
    ['a change', (line: string) => isChange(line), 'sequence'],
    ['a snapshot', (line: string) => line.includes('"type":"orderbook_snapshot"'), 'sequence'],
    ['a message that nobody counts', (line: string) => line.includes('"type":"ticker"'), 'repeated'],
    ['a note of the recorder', (line: string) => line.includes('"control":"watch_market"'), 'repeated'],
  ])('is found by %s', async (_what, isIt, kind) => {
    const at = stream.findIndex(isIt);
    const { exitCode, said } = await checked(streamFile(twice(stream.slice(0, 520), at, 1)));
    expect(exitCode).toBe(2);
    expect(said.some((line) => line.startsWith(kind) && line.includes(`capture.ndjson:${placeOf(at + 1)}:`))).toBe(
      true,
    );
  });

  it('is found by a block of changes', async () => {
    const { exitCode, said } = await checked(streamFile(twice(stream.slice(0, 300), 100, 50)));
    expect(exitCode).toBe(2);
    expect(said.some((line) => /^sequence +capture\.ndjson:151:/.test(line))).toBe(true);
  });

  it('is found by a row of a tape', async () => {
    const { exitCode, said } = await checked(tapeFile(twice(tape.slice(0, 60), 30, 1)));
    expect(exitCode).toBe(2);
    expect(said[0]).toMatch(/^repeated +tape\.jsonl:32: expected another record/);
  });

  it('is found by a block of rows', async () => {
    const { exitCode, said } = await checked(tapeFile(twice(tape.slice(0, 60), 20, 12)));
    expect(exitCode).toBe(2);
    expect(said[0]).toMatch(/^time +tape\.jsonl:33: expected records in the order of their receipt/);
  });
});

describe('a tape whose pair changes', { timeout: 60_000 }, () => {
  const other = '1'.repeat(76);

  it('is found by the second counterpart of a market', async () => {
    const rows = tape.slice(0, 40).map((row, at) => (at === 24 ? row.replace(/:\d{70,}"/, `:${other}"`) : row));
    const { exitCode, said } = await checked(tapeFile(rows));
    expect(exitCode).toBe(2);
    expect(said[0]).toMatch(
      /^pairing +tape\.jsonl:25: expected the pair kalshi\/KXMENWORLDCUP-26-MX with polymarket\/2258/,
    );
  });

  it('is found by the facts beside it when it is wrong from the start', async () => {
    const rows = tape.slice(0, 40).map((row) => row.replace(/-MX:\d{70,}"/, `-MX:${other}"`));
    const { exitCode, said } = await checked({ ...tapeFile(rows), 'tape.jsonl.meta.json': readFileSync(TAPE_META) });
    expect(exitCode).toBe(2);
    expect(said).toEqual([expect.stringMatching(/^pairing +tape\.jsonl:1: expected the pair kalshi/)]);
  });
});

describe('a file that is no capture', { timeout: 60_000 }, () => {
  it.each<[what: string, files: Record<string, string | Uint8Array>, said: RegExp]>([
    ['an empty file', { 'capture.ndjson': '' }, /^damaged +capture\.ndjson: the file is empty/],
    [
      'an empty compressed file',
      { 'capture.ndjson.gz': '' },
      /^damaged +capture\.ndjson\.gz:1: cannot be read: unexpected end/,
    ],
    [
      'random bytes',
      { 'capture.ndjson': Buffer.from('f3a901ff00c3280a9910e2827f', 'hex') },
      /^damaged +capture\.ndjson:1: expected JSON/,
    ],
    [
      'a picture',
      { 'capture.json.gz': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') },
      /^damaged +capture\.json\.gz:1: cannot be read: incorrect header check/,
    ],
    [
      'a document cut in two',
      { 'capture.json': '{"captured_ms":1,"frames":[{"received' },
      /^damaged +capture\.json:1: expected JSON/,
    ],
  ])('is told apart: %s', async (_what, files, expected) => {
    const { exitCode, said } = await checked(files);
    expect(exitCode).toBe(2);
    expect(said).toEqual([expect.stringMatching(expected)]);
  });

  it('is told apart: a link that leads nowhere', async () => {
    const folder = folderOf(tapeFile(tape.slice(0, 8)));
    symlinkSync(`${folder}/gone.jsonl`, `${folder}/link.jsonl`);
    const { stdout, exitCode } = await replayed(folder, '--check');
    expect(exitCode).toBe(2);
    expect(stdout).toContain(`${folder}/link.jsonl:1: cannot be read: ENOENT`);
  });

  it('does not send a search in circles: a link to the folder above', async () => {
    const folder = folderOf(tapeFile(tape.slice(0, 8)));
    symlinkSync(folder, `${folder}/loop`);
    const { stdout, exitCode } = await replayed(folder, '--check');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1 recording · 8 messages');
  });

  it('never breaks the replay, whatever its bytes are', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('c.json', 'c.jsonl', 'c.ndjson.gz', 'c.csv'),
        async (bytes, name) => {
          const { exitCode } = await checked({ [name]: bytes });
          expect(exitCode).toBeLessThan(3);
        },
      ),
      { numRuns: 60 },
    ));
});

describe('facts beside a capture that are wrong', { timeout: 60_000 }, () => {
  it('are named with their place, and the capture is not replayed', async () => {
    const facts = JSON.parse(readFileSync(TAPE_META, 'utf8'));
    facts.fees[0].multiplier = 'one';
    const folder = folderOf({ ...tapeFile(tape.slice(0, 8)), 'tape.jsonl.meta.json': JSON.stringify(facts) });
    const { stdout, exitCode } = await replayed(folder, '--check');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(
      /damaged +\S+\/tape\.jsonl\.meta\.json: is not valid:\n +fees\[0\]\.multiplier: must be decimal/,
    );
  });
});

describe('a compressed capture with one bit flipped', { timeout: 60_000 }, () => {
  it('is found, by the checksum if by nothing else, or leaves the content as it was', () => {
    const bytes = readFileSync(TAPE);
    return fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: bytes.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const copy = Uint8Array.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ (1 << bit);
        const { exitCode } = await checked({ 'tape.jsonl.gz': copy });
        // A handful of bits say nothing about the content, such as those of a code that no byte uses.
        if (exitCode !== 2) expect(gunzipSync(copy).equals(gunzipSync(bytes))).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});
