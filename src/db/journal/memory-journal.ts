/**
 * The journal of simulations and tests: the same writer on a disk in memory, in the time of its clock. What it wrote
 * can be read at any moment, and a crash leaves what a disk would have kept.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Journal, JournalFault, JournalRecord, WrittenRecord } from '../../domain/ports/journal.ts';
import { type DiskFates, FaultyDisk } from './faulty-disk.ts';
import type { JournalWriter, WriterLimits } from './journal-writer.ts';
import { MemoryDisk } from './memory-disk.ts';
import { openRun, type RunFacts } from './open-journal.ts';
import { readRecords } from './read-journal.ts';

export interface MemoryJournalOptions {
  readonly clock: Clock;
  readonly run?: Partial<RunFacts>;
  readonly limits?: Partial<WriterLimits>;
  readonly writeMs?: number;
  readonly syncMs?: number;
  /** Faults and crashes by operation. */
  readonly fates?: DiskFates;
  readonly onFault?: (fault: JournalFault) => void;
  /** What earlier runs left, from `crash` or `files`. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
}

/** A record with its number: also one that is not written yet. */
export type NumberedRecord = JournalRecord & { readonly seq: number };

export const MEMORY_FOLDER = 'memory/journal';

const RUN: RunFacts = { run: 'memory', mode: 'sim', config: 'none', versions: {}, machines: [] };

export class MemoryJournal implements Journal {
  readonly #memory: MemoryDisk;
  readonly #disk: FaultyDisk;
  readonly #writer: JournalWriter;
  readonly #appended: { readonly record: JournalRecord; readonly seq: number }[] = [];
  readonly #faults: JournalFault[] = [];

  constructor(options: MemoryJournalOptions) {
    const { clock, run, limits, files, fates = () => undefined, onFault } = options;
    const times = { writeMs: options.writeMs ?? 0, syncMs: options.syncMs ?? 0 };
    this.#memory = new MemoryDisk({ clock, ...times }, files);
    this.#disk = new FaultyDisk(this.#memory, { fates, clock });
    this.#writer = openRun(this.#disk, MEMORY_FOLDER, {
      clock,
      run: { ...RUN, ...run },
      ...(limits === undefined ? {} : { limits }),
      onFault: (fault) => {
        this.#faults.push(fault);
        onFault?.(fault);
      },
    }).writer;
  }

  /** What was appended through this object, written or not, lost or not. */
  get appended(): readonly NumberedRecord[] {
    return this.#appended.map(({ record, seq }) => ({ ...record, seq }));
  }

  get faults(): readonly JournalFault[] {
    return this.#faults;
  }

  get disk(): FaultyDisk {
    return this.#disk;
  }

  append(record: JournalRecord): number {
    const seq = this.#writer.append(record);
    this.#appended.push({ record, seq });
    return seq;
  }

  sync(onEnd: (fault: JournalFault | undefined) => void): void {
    this.#writer.sync(onEnd);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Every record of all runs that was written, synced or not. */
  written(): WrittenRecord[] {
    return [...readRecords(this.#memory, MEMORY_FOLDER)];
  }

  /** Every file as it would be read now: a journal of its own for readers. */
  files(): Map<string, Uint8Array> {
    return this.#memory.files();
  }

  /** The files after a crash in this moment: of what was not synced, `kept` decides how many bytes survive. */
  crash(kept: (unsynced: number) => number = () => 0): Map<string, Uint8Array> {
    return this.#memory.afterCrash(kept);
  }
}
