/** The journal on the disk of this machine: one folder, one writer. */
import { join } from 'node:path';
import type { Journal, JournalFault, JournalRecord, JsonObject } from '../../domain/ports/journal.ts';
import { storeFault } from '../store-fault.ts';
import { type DirectoryLock, type Processes, takeLock } from './directory-lock.ts';
import { fileDisk } from './file-disk.ts';
import type { JournalDisk } from './journal-disk.ts';
import type { JournalWriter } from './journal-writer.ts';
import { type JournalOptions, openRun } from './open-journal.ts';

export interface FileJournalOptions extends JournalOptions {
  readonly disk?: JournalDisk;
  readonly processes?: Processes;
}

export class FileJournal implements Journal {
  readonly #writer: JournalWriter;
  readonly #lock: DirectoryLock;
  /** What a crash had left half written at the end; the second record of this run tells it too. */
  readonly cut: JsonObject | undefined;

  /**
   * Blocks for some milliseconds. Throws a `StoreFault`: `locked` names the process that has the folder, `corrupt`
   * the first line that is wrong, `full` and `readOnly` what to do.
   */
  constructor(folder: string, options: FileJournalOptions) {
    const { disk = fileDisk, processes } = options;
    makeFolder(disk, folder);
    this.#lock = takeLock(join(folder, 'lock'), processes);
    try {
      const { writer, cut } = openRun(disk, folder, options);
      this.#writer = writer;
      this.cut = cut;
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  append(record: JournalRecord): number {
    return this.#writer.append(record);
  }

  sync(onEnd: (fault: JournalFault | undefined) => void): void {
    this.#writer.sync(onEnd);
  }

  /** Rejects with a `StoreFault` when the journal has a fault, or gets one now. The folder is free either way. */
  async close(): Promise<void> {
    try {
      await this.#writer.close();
    } finally {
      this.#lock.release();
    }
  }
}

function makeFolder(disk: JournalDisk, folder: string): void {
  try {
    disk.makeFolder(folder);
  } catch (error) {
    throw storeFault(`make the folder ${folder}`, error);
  }
}
