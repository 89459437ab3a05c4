import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultyDisk } from '../../../src/db/journal/faulty-disk.ts';
import { recordFiles } from '../../../src/db/journal/journal-layout.ts';
import { MemoryDisk } from '../../../src/db/journal/memory-disk.ts';
import { MEMORY_FOLDER, MemoryJournal } from '../../../src/db/journal/memory-journal.ts';
import { openRun } from '../../../src/db/journal/open-journal.ts';
import { BEFORE_THE_FIRST, readRecords } from '../../../src/db/journal/read-journal.ts';
import { lineOf, NOTHING_BEFORE } from '../../../src/db/journal/record-line.ts';
import { type VerifyReport, verifyJournal } from '../../../src/db/journal/verify-journal.ts';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import type { JournalRecord } from '../../../src/domain/ports/journal.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { sampleRun } from './sample-session.ts';

const LEG = 'attempt/e1/leg/1-kalshi';
const OTHER = 'attempt/e1/leg/2-polymarket';

type Files = ReadonlyMap<string, Uint8Array>;

const RECORDS = `${MEMORY_FOLDER}/runs/run-1/000000000001.ndjson`;

async function finished(): Promise<Files> {
  const { journal, run, clock } = sampleRun();
  await run();
  await Promise.all([journal.close(), clock.settleBy(20)]);
  expect(journal.faults).toEqual([]);
  return journal.files();
}

function verified(files: Files): VerifyReport {
  const disk = new MemoryDisk({ clock: new VirtualClock() }, files);
  return verifyJournal(disk, recordFiles(disk, MEMORY_FOLDER), BEFORE_THE_FIRST);
}

const linesOf = (files: Files): string[] =>
  Buffer.from(files.get(RECORDS) ?? [])
    .toString()
    .trimEnd()
    .split('\n');

/** The same journal with these records changed and every hash right again: what only its rules can find. */
function rewritten(files: Files, change: (record: JournalRecord) => JournalRecord | undefined): Files {
  let prev = NOTHING_BEFORE;
  let seq = 0;
  const lines = linesOf(files).flatMap((line) => {
    const { seq: _seq, run, receivedAt: _at, mono: _mono, prev: _prev, hash: _hash, ...record } = JSON.parse(line);
    const changed = change(record as JournalRecord);
    if (changed === undefined) return [];
    const { text, hash } = lineOf({ record: changed, seq: ++seq, wallMicros: 0, monoMs: 0 }, run, prev);
    prev = hash;
    return [text];
  });
  return new Map(files).set(RECORDS, Buffer.from(lines.join('')));
}

describe('verifying a journal', () => {
  it('finds nothing wrong with a session of real actors, and says what is in it', async () => {
    const report = verified(await finished());
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({
      attempts: 2,
      orders: 4,
      torn: undefined,
      runs: [{ run: 'run-1', mode: 'sim', isSealed: true }],
    });
    expect(report.kinds).toMatchObject({ run: 1, command: 1, decision: 2, intent: 4, ledger: 3, seal: 1 });
  });

  it('lists an intent that was never answered, and not one whose reply was unknown but later filled', async () => {
    const { openIntents } = verified(await finished());
    expect(openIntents.map(({ clientOrderId, attempt, venue }) => `${clientOrderId} ${attempt} ${venue}`)).toEqual([
      'e2-2-polymarket e2 polymarket',
    ]);
  });

  it('finds any single changed byte, and names the record that holds it', async () => {
    const files = await finished();
    const bytes = files.get(RECORDS) ?? new Uint8Array();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        const { problems } = verified(new Map(files).set(RECORDS, changed));
        const line = Buffer.from(bytes.subarray(0, at)).toString().split('\n').length;
        expect(problems[0]).toMatchObject({ where: `${RECORDS}:${line}`, seq: line });
      }),
      { numRuns: 400 },
    );
  });

  it('finds a changed manifest and a changed definition', async () => {
    const files = await finished();
    for (const [path, bytes] of files) {
      if (path === RECORDS) continue;
      const changed = new Map(files).set(
        path,
        Buffer.from(
          Buffer.from(bytes)
            .toString()
            .replace(/sim|sampleLeg|sampleAttempt/, 'xxx'),
        ),
      );
      expect(verified(changed).problems.length, path).toBeGreaterThan(0);
    }
  });

  it('finds a record that was taken out, and how many', async () => {
    const files = await finished();
    const lines = linesOf(files);
    lines.splice(4, 2);
    const report = verified(new Map(files).set(RECORDS, Buffer.from(`${lines.join('\n')}\n`)));
    expect(report.problems).toEqual([{ where: `${RECORDS}:5`, seq: 5, what: 'expected record 5, found 7: 2 missing' }]);
  });

  it.each<[string, (record: JournalRecord) => JournalRecord | undefined, RegExp]>([
    [
      'an edge that the machine does not declare',
      (record) =>
        record.kind === 'transition' ? { ...record, edges: ['sampleLeg.planned:x:0→sampleLeg.ended'] } : record,
      /expected a transition that the machine declares, found sampleLeg\.planned:x/,
    ],
    [
      'a move out of another state',
      (record) => (record.kind === 'transition' && record.from === 'planned' ? { ...record, from: 'ended' } : record),
      /expected attempt\/e1\/leg\/1-kalshi in planned, where it stood, found it in ended/,
    ],
    [
      'an arrival elsewhere',
      (record) =>
        record.kind === 'transition' && record.to === 'live.sending' ? { ...record, to: 'unresolved' } : record,
      /expected to arrive in live, found unresolved/,
    ],
    [
      'a state that does not exist',
      (record) => (record.kind === 'spawn' ? { ...record, state: 'dreaming' } : record),
      /expected a state of the machine, found "dreaming"/,
    ],
    [
      'a move without an edge',
      (record) => (record.kind === 'transition' && record.to === 'live.sending' ? { ...record, edges: [] } : record),
      /expected to stay in planned, found a move to live\.sending/,
    ],
    [
      'a move that is missing',
      (record) => (record.kind === 'transition' && record.to === 'live.sending' ? undefined : record),
      /in planned, where it stood, found it in live\.sending/,
    ],
    [
      'an actor that nobody started',
      (record) => (record.kind === 'spawn' ? undefined : record),
      /expected an actor that was started, found attempt\/e1/,
    ],
    [
      'a definition that was not kept',
      (record) => (record.kind === 'spawn' ? { ...record, definition: 'sha256:00' } : record),
      /expected the run to keep definition sha256:00/,
    ],
  ])('finds %s, though every hash is right', async (_, change, message) => {
    const { problems } = verified(rewritten(await finished(), change));
    expect(problems[0]?.what).toMatch(message);
    expect(problems[0]?.where).toMatch(/:\d+$/);
  });

  it.each([
    ['in the state in which it ended', undefined, []],
    ['in another', 'dreaming', [expect.stringMatching(/expected an actor that was started, found attempt\/e1\/leg/)]],
  ] as const)('judges an event that comes for an ended actor %s', async (_, state, problems) => {
    const late = (record: JournalRecord): JournalRecord =>
      record.kind === 'stop' && record.actor === OTHER
        ? { ...record, kind: 'ignored', actor: LEG, event: { type: 'late' }, state: state ?? record.state }
        : record;
    expect(verified(rewritten(await finished(), late)).problems.map(({ what }) => what)).toEqual(problems);
  });

  it('does not mind a torn end, and says where it is', async () => {
    const files = await finished();
    const bytes = Buffer.from(files.get(RECORDS) ?? []);
    const report = verified(new Map(files).set(RECORDS, bytes.subarray(0, bytes.length - 30)));
    expect(report.problems).toEqual([]);
    expect(report.torn?.where).toBe(`${RECORDS}:${linesOf(files).length}`);
    expect(report.runs[0]?.isSealed).toBe(false);
  });

  it('says which file and line is torn where that is not the end', async () => {
    const files = await finished();
    const bytes = Buffer.from(files.get(RECORDS) ?? []);
    const torn = new Map(files).set(RECORDS, bytes.subarray(0, bytes.length - 30));
    torn.set(`${MEMORY_FOLDER}/runs/run-2/000000009999.ndjson`, Buffer.from('{}\n'));
    expect(verified(torn).problems[0]?.what).toMatch(/torn one that is not at the end/);
  });

  it('is the same to the byte for the same inputs', async () => {
    const [a, b] = [await finished(), await finished()];
    expect([...a.keys()]).toEqual([...b.keys()]);
    for (const [path, bytes] of a) expect(Buffer.from(bytes).equals(b.get(path) ?? Buffer.of()), path).toBe(true);
  });
});

describe('a crash at every operation of the disk', () => {
  const KEPT = {
    nothing: () => 0,
    everything: (unsynced: number) => unsynced,
    half: (unsynced: number) => unsynced >> 1,
    'all but a byte': (unsynced: number) => unsynced - 1,
  };

  async function crashedAt(number: number, kept: (unsynced: number) => number) {
    let journal: MemoryJournal;
    try {
      const session = sampleRun({
        limits: { fileBytesMax: 4_000 },
        fates: (operation) => (operation.number === number ? { kind: 'crash' } : undefined),
      });
      journal = session.journal;
      await session.run();
      return {
        files: journal.crash(kept),
        appended: journal.appended,
        synced: session.synced(),
        hasCrashed: journal.disk.hasCrashed,
      };
    } catch (error) {
      // The crash met the opening of the first run: there is nothing to read back.
      expect(String(error)).toMatch(/the process died/);
      return undefined;
    }
  }

  it.each(Object.entries(KEPT))(
    'leaves a prefix that holds everything whose sync had ended, with %s of the rest',
    async (_, kept) => {
      let crashes = 0;
      for (let number = 0; ; number++) {
        const left = await crashedAt(number, kept);
        if (left === undefined) continue;
        if (!left.hasCrashed) break;
        crashes++;
        const clock = new VirtualClock();
        const next = new MemoryJournal({ clock, run: { run: 'run-2' }, files: left.files });
        await Promise.all([next.close(), clock.settleBy(20)]);
        const records = [...readRecords(new MemoryDisk({ clock }, next.files()), MEMORY_FOLDER)];
        const before = records.filter(({ run }) => run === 'run-1').slice(1);
        const appended = new Map(left.appended.map(({ seq, ...record }) => [seq, canonicalJson(record)]));
        for (const { seq, run: _run, receivedAt: _at, mono: _mono, prev: _prev, hash: _hash, ...record } of before) {
          if (record.kind === 'seal') continue;
          expect(canonicalJson(record), `operation ${number}`).toBe(appended.get(seq));
        }
        expect(before.at(-1)?.seq ?? 1, `operation ${number}`).toBeGreaterThanOrEqual(left.synced);
        expect(verified(next.files()).problems, `operation ${number}`).toEqual([]);
      }
      expect(crashes).toBeGreaterThan(20);
    },
  );

  it('at the start of the next run loses nothing either', async () => {
    const { journal, run, clock: before } = sampleRun();
    await run();
    await Promise.all([journal.close(), before.settleBy(20)]);
    const bytes = Buffer.from(journal.files().get(RECORDS) ?? []);
    const whole = linesOf(journal.files()).length;
    const torn = new Map(journal.files()).set(RECORDS, Buffer.concat([bytes, bytes.subarray(0, 50)]));
    let crashes = 0;
    for (let number = 0; ; number++) {
      const clock = new VirtualClock();
      const disk = new MemoryDisk({ clock }, torn);
      const faulty = new FaultyDisk(disk, {
        clock,
        fates: (at) => (at.number === number ? { kind: 'crash' } : undefined),
      });
      const run2 = { run: 'run-2', mode: 'sim', config: 'none', versions: {}, machines: [] };
      try {
        openRun(faulty, MEMORY_FOLDER, { clock, run: run2, onFault: () => undefined });
        await clock.settleBy(20);
      } catch (error) {
        expect(error).toMatchObject({ message: expect.stringContaining('the process died') });
      }
      if (!faulty.hasCrashed) break;
      crashes++;
      const next = new MemoryJournal({ clock, run: { run: 'run-3' }, files: disk.afterCrash(() => 0) });
      await Promise.all([next.close(), clock.settleBy(20)]);
      const report = verified(next.files());
      expect(report.problems, `operation ${number}`).toEqual([]);
      expect(report.runs[0]?.lastSeq).toBe(whole);
    }
    expect(crashes).toBeGreaterThan(4);
  });
});
