/** What every journal keeps, wherever it writes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskFates } from '../../src/db/journal/faulty-disk.ts';
import type { WriterLimits } from '../../src/db/journal/journal-writer.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import type { Journal, JournalFault, JournalRecord, WrittenRecord } from '../../src/domain/ports/journal.ts';

export interface JournalRig {
  /** Begins the next run in the same folder, as a new process would. */
  open(options?: { readonly fates?: DiskFates; readonly limits?: Partial<WriterLimits> }): Promise<Journal>;
  /** What stands there now, checked record by record. */
  written(): readonly WrittenRecord[];
  /** The files of records in their order. */
  files(): readonly string[];
  faults(): readonly JournalFault[];
  /** Lets this much time pass, and everything end that was begun in it. */
  pass(ms: number): Promise<void>;
  /** Changes the bytes of the last file, as a crash or a person would. */
  editLast(edit: (bytes: Buffer) => Buffer): void;
  dispose(): void;
}

function note(text: string): JournalRecord {
  return { kind: 'command', by: 'test', command: 'note', parameters: { text } };
}

async function synced(rig: JournalRig, journal: Journal): Promise<JournalFault | 'on disk'> {
  let end: JournalFault | 'on disk' | undefined;
  journal.sync((fault) => {
    end = fault ?? 'on disk';
  });
  for (let turn = 0; end === undefined && turn < 2_000; turn++) await rig.pass(1);
  if (end === undefined) throw new Error('expected the sync to end, found it still waiting');
  return end;
}

const textsOf = (records: readonly WrittenRecord[]): string[] =>
  records.flatMap((record) => (record.kind === 'command' ? [String(record.parameters.text)] : []));

export function describeJournal(name: string, makeRig: () => JournalRig): void {
  describe(name, () => {
    let rig: JournalRig;
    beforeEach(() => {
      rig = makeRig();
    });
    afterEach(() => rig.dispose());

    it('numbers records from the first of the run on and links each to the one before', async () => {
      const journal = await rig.open();
      const numbers = [journal.append(note('a')), journal.append(note('b'))];
      expect(await synced(rig, journal)).toBe('on disk');
      const written = rig.written();
      expect(numbers).toEqual([2, 3]);
      expect(written.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual(['1 run', '2 command', '3 command']);
      expect(written[1]?.prev).toBe(written[0]?.hash);
    });

    it('returns from append and from sync before anything is written', async () => {
      const journal = await rig.open();
      journal.append(note('a'));
      let hasEnded = false;
      journal.sync(() => {
        hasEnded = true;
      });
      expect(hasEnded).toBe(false);
      await rig.pass(20);
      expect(hasEnded).toBe(true);
    });

    it('writes a record that nobody waits for with its group', async () => {
      const journal = await rig.open();
      journal.append(note('alone'));
      expect(textsOf(rig.written())).toEqual([]);
      await rig.pass(20);
      expect(textsOf(rig.written())).toEqual(['alone']);
    });

    it('shares one sync among all that were asked for while the disk was busy', async () => {
      let syncs = 0;
      const journal = await rig.open({
        fates: ({ kind }) => {
          if (kind === 'sync') syncs++;
          return kind === 'sync' ? { kind: 'delay', ms: 3 } : undefined;
        },
      });
      const ended: number[] = [];
      for (let at = 0; at < 10; at++) {
        journal.append(note(String(at)));
        journal.sync(() => ended.push(at));
      }
      await rig.pass(30);
      expect(ended).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(syncs).toBe(2);
    });

    it('ends a sync only when everything appended before it is on the disk', async () => {
      const journal = await rig.open({
        fates: ({ kind }) => (kind === 'sync' ? { kind: 'delay', ms: 10 } : undefined),
      });
      const ended: string[] = [];
      journal.append(note('a'));
      journal.sync(() => ended.push('first'));
      journal.append(note('b'));
      journal.sync(() => ended.push(`second after ${textsOf(rig.written()).join()}`));
      await rig.pass(12);
      expect(ended).toEqual(['first']);
      await rig.pass(20);
      expect(ended).toEqual(['first', 'second after a,b']);
    });

    it('ends a sync with nothing to write', async () => {
      const journal = await rig.open();
      await synced(rig, journal);
      expect(await synced(rig, journal)).toBe('on disk');
    });

    it('goes on writing where a write took only a part', async () => {
      const journal = await rig.open({
        fates: ({ kind, bytes }) => (kind === 'write' && bytes > 7 ? { kind: 'shortWrite', bytes: 7 } : undefined),
      });
      journal.append(note('long enough to be written in many pieces'));
      expect(await synced(rig, journal)).toBe('on disk');
      expect(textsOf(rig.written())).toEqual(['long enough to be written in many pieces']);
    });

    it.each([
      ['ENOSPC', 'write', /ENOSPC: the disk is full: free space/],
      ['EROFS', 'write', /EROFS: the file system is read-only/],
      ['EIO', 'sync', /EIO: the disk failed/],
    ] as const)('stands still for good after %s at a %s', async (code, at, message) => {
      const journal = await rig.open({ fates: ({ kind }) => (kind === at ? { kind: 'failure', code } : undefined) });
      journal.append(note('lost'));
      const first = await synced(rig, journal);
      const number = journal.append(note('lost too'));
      const second = await synced(rig, journal);
      expect(first).toMatchObject({ message: expect.stringMatching(message) });
      expect(second).toBe(first);
      expect(number).toBe(3);
      expect(rig.faults()).toEqual([first]);
      await expect(Promise.all([journal.close(), rig.pass(20)])).rejects.toThrow(message);
    });

    it('tells those who wait that a record is on the disk even when a later one failed', async () => {
      let writes = 0;
      const journal = await rig.open({
        fates: ({ kind }) => (kind === 'write' && ++writes === 2 ? { kind: 'failure', code: 'ENOSPC' } : undefined),
      });
      const ends: string[] = [];
      journal.append(note('a'));
      journal.sync((fault) => ends.push(fault === undefined ? 'on disk' : 'fault'));
      journal.append(note('b'));
      journal.sync((fault) => ends.push(fault === undefined ? 'on disk' : 'fault'));
      await rig.pass(20);
      expect(ends).toEqual(['on disk', 'fault']);
    });

    it('stands still when a write takes nothing', async () => {
      const journal = await rig.open({
        fates: ({ kind }) => (kind === 'write' ? { kind: 'shortWrite', bytes: 0 } : undefined),
      });
      journal.append(note('a'));
      expect(await synced(rig, journal)).toMatchObject({
        message: expect.stringContaining('a write that wrote nothing'),
      });
    });

    it('refuses what is not plain JSON, and says where it was', async () => {
      const journal = await rig.open();
      journal.append({
        kind: 'decision',
        opportunity: 'o1',
        decision: 'rejected',
        reason: 'x',
        detail: { at: { ms: Number.NaN } },
      });
      const found = await synced(rig, journal);
      expect(found).toMatchObject({
        message: 'record 2, decision, cannot be written: expected plain JSON at detail.at.ms, found NaN',
      });
    });

    it('seals a full file and goes on in the next one, in one chain', async () => {
      const journal = await rig.open({ limits: { fileBytesMax: 1_000 } });
      for (let at = 0; at < 12; at++) {
        journal.append(note(`record ${at}`));
        await synced(rig, journal);
      }
      const written = rig.written();
      const seals = written.filter(({ kind }) => kind === 'seal').map(({ seq }) => seq);
      expect(rig.files().length).toBeGreaterThan(2);
      expect(
        rig
          .files()
          .slice(1)
          .map((file) => Number(file.replace(/\D/g, '')) - 1),
      ).toEqual(seals);
      expect(textsOf(written)).toHaveLength(12);
    });

    it('stands still when the next file cannot be begun, with the full one sealed', async () => {
      let files = 0;
      const journal = await rig.open({
        limits: { fileBytesMax: 1_000 },
        fates: ({ kind }) => (kind === 'create' && ++files === 2 ? { kind: 'failure', code: 'ENOSPC' } : undefined),
      });
      const ends: (JournalFault | 'on disk')[] = [];
      for (let at = 0; at < 12; at++) {
        journal.append(note(`record ${at}`));
        ends.push(await synced(rig, journal));
      }
      expect(rig.faults()).toMatchObject([{ message: expect.stringMatching(/begin the file that follows .*ENOSPC/) }]);
      expect(ends[0]).toBe('on disk');
      expect(ends.at(-1)).toBe(rig.faults()[0]);
      expect(rig.written().at(-1)).toMatchObject({ kind: 'seal', reason: 'rotation' });
      expect(textsOf(rig.written())).toHaveLength(ends.filter((end) => end === 'on disk').length);
    });

    it('stands still when more records wait than a disk that keeps up could leave', async () => {
      const journal = await rig.open({ limits: { pendingMax: 20 } });
      for (let at = 0; at < 30; at++) journal.append(note(String(at)));
      expect(await synced(rig, journal)).toMatchObject({
        message: expect.stringMatching(/^expected the disk to keep up, found 21 records waiting for /),
      });
    });

    it('is sealed when closed, and takes nothing more', async () => {
      const journal = await rig.open();
      journal.append(note('a'));
      await Promise.all([journal.close(), rig.pass(20)]);
      journal.append(note('late'));
      expect(rig.written().at(-1)).toMatchObject({ kind: 'seal', reason: 'end' });
      expect(rig.faults()).toMatchObject([{ message: expect.stringContaining('found one of kind command') }]);
    });

    it('seals what it has when a record comes while it closes, and tells that one as lost', async () => {
      const journal = await rig.open();
      journal.append(note('in time'));
      const closing = journal.close();
      journal.append(note('late'));
      const [end] = await Promise.all([synced(rig, journal), closing]);
      expect(end).toMatchObject({ message: expect.stringContaining('after the journal was closed') });
      expect(rig.faults()).toEqual([end]);
      expect(textsOf(rig.written())).toEqual(['in time']);
      expect(rig.written().at(-1)).toMatchObject({ kind: 'seal', reason: 'end' });
    });

    it('continues the chain of the run before', async () => {
      const first = await rig.open();
      first.append(note('a'));
      await Promise.all([first.close(), rig.pass(20)]);
      const last = rig.written().at(-1);
      const second = await rig.open();
      await synced(rig, second);
      expect(rig.written().at(-1)).toMatchObject({ kind: 'run', seq: 4, prev: last?.hash });
      await Promise.all([second.close(), rig.pass(20)]);
    });

    it.each([1, 40, 120])('cuts a torn end of %i bytes at the start, and records that it did', async (length) => {
      const first = await rig.open();
      first.append(note('a'));
      await Promise.all([first.close(), rig.pass(20)]);
      rig.editLast((bytes) => Buffer.concat([bytes, bytes.subarray(0, length)]));
      const second = await rig.open();
      await synced(rig, second);
      const recovered = rig.written().find(({ kind }) => kind === 'recovered');
      expect(recovered).toMatchObject({ seq: 5, what: 'tornTail', detail: { bytes: length } });
      await Promise.all([second.close(), rig.pass(20)]);
    });

    it('refuses a journal whose damage is not at its end, with file and line', async () => {
      const first = await rig.open();
      first.append(note('a'));
      first.append(note('b'));
      await Promise.all([first.close(), rig.pass(20)]);
      rig.editLast((bytes) => Buffer.from(bytes.toString().replace('"a"', '"c"')));
      await expect(rig.open()).rejects.toMatchObject({
        kind: 'corrupt',
        message: expect.stringMatching(/0001\.ndjson:2: expected content whose hash is/),
      });
    });

    it('keeps the same record the same, however its fields were ordered', async () => {
      const journal = await rig.open();
      journal.append({ command: 'x', parameters: { b: 1, a: undefined, ü: 'ä"\\\n' }, by: 'y', kind: 'command' });
      await synced(rig, journal);
      const { hash: _hash, ...record } = rig.written().at(-1) as WrittenRecord;
      expect(canonicalJson(record)).toMatch(
        /^\{"by":"y","command":"x","kind":"command","mono":"\d+","parameters":\{"b":1,"ü":"ä\\"\\\\\\n"\},"prev":"[0-9a-f]{64}","receivedAt":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","run":"[^"]+","seq":2\}$/,
      );
    });
  });
}
