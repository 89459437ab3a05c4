import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { systemTurn } from '../../src/app/system-clock.ts';
import { FaultyDisk } from '../../src/db/journal/faulty-disk.ts';
import { fileDisk } from '../../src/db/journal/file-disk.ts';
import { FileJournal } from '../../src/db/journal/file-journal.ts';
import type { JournalDisk, JournalFile } from '../../src/db/journal/journal-disk.ts';
import { recordFiles } from '../../src/db/journal/journal-layout.ts';
import { MemoryDisk } from '../../src/db/journal/memory-disk.ts';
import { MEMORY_FOLDER, MemoryJournal } from '../../src/db/journal/memory-journal.ts';
import { readRecords } from '../../src/db/journal/read-journal.ts';
import type { JournalFault } from '../../src/domain/ports/journal.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { describeJournal, type JournalRig } from './journal.contract.ts';

/** Counts what is under way at the real disk, so that virtual time can wait for it without sleeping. */
class QuietDisk implements JournalDisk {
  #underWay = 0;

  async settled(): Promise<void> {
    do await systemTurn();
    while (this.#underWay > 0);
  }

  makeFolder(path: string): void {
    fileDisk.makeFolder(path);
  }

  list(path: string): readonly string[] {
    return fileDisk.list(path);
  }

  read(path: string): Uint8Array | undefined {
    return fileDisk.read(path);
  }

  sizeOf(path: string): number {
    return fileDisk.sizeOf(path);
  }

  cut(path: string, length: number): void {
    fileDisk.cut(path, length);
  }

  put(path: string, bytes: Uint8Array): void {
    fileDisk.put(path, bytes);
  }

  create(path: string): JournalFile {
    const file = fileDisk.create(path);
    return {
      write: (bytes, onEnd) => file.write(bytes, this.#counted(onEnd)),
      sync: (onEnd) => file.sync(this.#counted(onEnd)),
      close: (onEnd) => file.close(this.#counted(onEnd)),
    };
  }

  #counted<Args extends unknown[]>(onEnd: (...args: Args) => void): (...args: Args) => void {
    this.#underWay++;
    return (...args) => {
      this.#underWay--;
      onEnd(...args);
    };
  }
}

describeJournal('journal in memory', () => {
  const clock = new VirtualClock();
  const faults: JournalFault[] = [];
  let runs = 0;
  let files: ReadonlyMap<string, Uint8Array> = new Map();
  let latest: MemoryJournal | undefined;
  const now = (): MemoryDisk => new MemoryDisk({ clock }, latest?.files() ?? files);
  return {
    open: async (options = {}) => {
      runs++;
      latest = new MemoryJournal({
        clock,
        files: latest?.files() ?? files,
        run: { run: `run${runs}` },
        onFault: (fault) => faults.push(fault),
        ...options,
      });
      return latest;
    },
    written: () => [...readRecords(now(), MEMORY_FOLDER)],
    files: () => recordFiles(now(), MEMORY_FOLDER).map(({ path }) => basename(path)),
    faults: () => faults,
    pass: (ms) => clock.settleBy(ms),
    editLast: (edit) => {
      const disk = now();
      const path = recordFiles(disk, MEMORY_FOLDER).at(-1)?.path ?? '';
      files = new Map(disk.files()).set(path, edit(Buffer.from(disk.read(path) ?? [])));
      latest = undefined;
    },
    dispose: () => undefined,
  } satisfies JournalRig;
});

describeJournal('journal on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-journal-'));
  const faults: JournalFault[] = [];
  const quiet = new QuietDisk();
  const clock = new VirtualClock({ drain: () => quiet.settled() });
  let runs = 0;
  return {
    open: async ({ fates = () => undefined, limits } = {}) => {
      runs++;
      return new FileJournal(folder, {
        clock,
        run: { run: `run${runs}`, mode: 'sim', config: 'none', versions: {}, machines: [] },
        disk: new FaultyDisk(quiet, { fates, clock }),
        onFault: (fault) => faults.push(fault),
        ...(limits === undefined ? {} : { limits }),
      });
    },
    written: () => [...readRecords(fileDisk, folder)],
    files: () => recordFiles(fileDisk, folder).map(({ path }) => basename(path)),
    faults: () => faults,
    pass: (ms) => clock.settleBy(ms),
    editLast: (edit) => {
      const path = recordFiles(fileDisk, folder).at(-1)?.path ?? '';
      writeFileSync(path, edit(readFileSync(path)));
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  } satisfies JournalRig;
});
