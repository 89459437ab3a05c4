/**
 * The writer of one chain: takes records at once, writes and syncs them in groups, and stops for good at the first
 * fault. After a failed write or sync nobody knows what is on the disk, so nothing is tried twice.
 *
 * Appending only notes a record and the time. Its text and its hash are made when the group is written: a record
 * must not be changed once it was handed over.
 */
import type { KnownTexts } from '../../domain/canonical-json.ts';
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { Journal, JournalFault, JournalRecord } from '../../domain/ports/journal.ts';
import { StoreFault, storeFault } from '../store-fault.ts';
import type { JournalFile } from './journal-disk.ts';
import type { ChainPoint } from './read-journal.ts';
import { lineOf, type PendingRecord } from './record-line.ts';

export interface WriterLimits {
  /** How long a record that nobody waits for may stay in memory. */
  readonly groupMs: number;
  /** So many of them are written without waiting longer. */
  readonly groupRecords: number;
  /** A file is sealed and followed by the next one when it is larger. */
  readonly fileBytesMax: number;
  /** More waiting records than this mean that the disk does not keep up, which is a fault. */
  readonly pendingMax: number;
}

export const WRITER_LIMITS: WriterLimits = {
  groupMs: 5,
  groupRecords: 100,
  fileBytesMax: 32 * 1_024 * 1_024,
  pendingMax: 100_000,
};

export interface WriterParts {
  readonly clock: Clock;
  readonly run: string;
  readonly from: ChainPoint;
  /** Makes the file that begins with this record. May throw. */
  readonly createFile: (firstSeq: number) => { readonly file: JournalFile; readonly path: string };
  /** Called when the journal stands still for good, or for the first record that comes after its end. */
  readonly onFault: (fault: JournalFault) => void;
  readonly limits: WriterLimits;
}

interface Waiter {
  /** The last record that has to be on the disk. */
  readonly upTo: number;
  readonly onEnd: (fault: JournalFault | undefined) => void;
}

/** As many records become one write: more would be one long pause. */
const BATCH_MAX = 2_048;

export class JournalWriter implements Journal {
  readonly #parts: WriterParts;
  #file: JournalFile;
  #path: string;
  #fileBytes = 0;
  #seq: number;
  #hash: string;
  #pending: PendingRecord[] = [];
  #waiters: Waiter[] = [];
  #writtenSeq: number;
  #syncedSeq: number;
  #timer: Timer | undefined;
  #isBusy = false;
  #isRotationDue = false;
  #closing: Promise<void> | undefined;
  #fault: JournalFault | undefined;
  /** Somebody went on after the end. */
  #late: JournalFault | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#seq = parts.from.seq;
    this.#hash = parts.from.hash;
    this.#writtenSeq = this.#seq;
    this.#syncedSeq = this.#seq;
    ({ file: this.#file, path: this.#path } = parts.createFile(this.#seq + 1));
  }

  append(record: JournalRecord): number {
    if (this.#closing !== undefined) this.#refuseLate(record);
    if (this.#fault !== undefined || this.#late !== undefined) return ++this.#seq;
    if (this.#isRotationDue) this.#sealFile();
    this.#take(record);
    const waiting = this.#pending.length;
    if (waiting > this.#parts.limits.pendingMax) this.#fail(this.#tooSlow(waiting));
    else if (!this.#isBusy) this.#arm(waiting);
    return this.#seq;
  }

  sync(onEnd: Waiter['onEnd']): void {
    const late = this.#late;
    if (late !== undefined) {
      this.#parts.clock.setTimeout(() => onEnd(this.#fault ?? late), 0);
      return;
    }
    this.#waiters.push({ upTo: this.#seq, onEnd });
    if (this.#fault !== undefined || this.#syncedSeq === this.#seq)
      this.#parts.clock.setTimeout(() => this.#answer(), 0);
    else if (!this.#isBusy) this.#writeBatch();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    if (this.#fault === undefined) this.#take({ kind: 'seal', reason: 'end' });
    return new Promise((resolve, reject) => {
      this.sync((fault) => {
        this.#disarm();
        this.#file.close((error) => {
          if (fault !== undefined) reject(new StoreFault('unavailable', fault.message, fault.cause));
          else if (isError(error)) reject(storeFault(`close ${this.#path}`, error));
          else resolve();
        });
      });
    });
  }

  #take(record: JournalRecord): void {
    const { clock } = this.#parts;
    this.#pending.push({ record, seq: ++this.#seq, wallMicros: clock.wall(), monoMs: clock.nowMs() });
  }

  /** The seal is the last record of the file that grew too large; what follows begins the next one. */
  #sealFile(): void {
    this.#isRotationDue = false;
    this.#take({ kind: 'seal', reason: 'rotation' });
  }

  #arm(waiting: number): void {
    const { clock, limits } = this.#parts;
    if (waiting === limits.groupRecords) this.#disarm();
    if (this.#timer !== undefined) return;
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = undefined;
        if (!this.#isBusy && this.#pending.length > 0) this.#writeBatch();
      },
      waiting >= limits.groupRecords ? 0 : limits.groupMs,
    );
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #writeBatch(): void {
    if (this.#fault !== undefined) return;
    this.#disarm();
    const batch = this.#takeBatch();
    const last = batch.at(-1);
    const text = this.#textOf(batch);
    if (last === undefined || text === undefined) return;
    this.#isBusy = true;
    this.#write(Buffer.from(text, 'utf8'), () => {
      this.#writtenSeq = last.seq;
      this.#syncFile(isRotation(last.record) ? last.seq + 1 : undefined);
    });
  }

  /** `undefined` when one of them cannot be written, which is a fault. */
  #textOf(batch: readonly PendingRecord[]): string | undefined {
    let text = '';
    const known: KnownTexts = new Map();
    for (const pending of batch) {
      try {
        const line = lineOf(pending, this.#parts.run, this.#hash, known);
        text += line.text;
        this.#hash = line.hash;
      } catch (error) {
        this.#fail(this.#unwritable(pending, error));
        return undefined;
      }
    }
    return text;
  }

  /** Up to and with the seal of a file: the next batch goes into the next one. */
  #takeBatch(): PendingRecord[] {
    const seal = this.#pending.findIndex(({ record }) => isRotation(record));
    const count = Math.min(BATCH_MAX, seal < 0 ? this.#pending.length : seal + 1);
    if (count === this.#pending.length) {
      const batch = this.#pending;
      this.#pending = [];
      return batch;
    }
    return this.#pending.splice(0, count);
  }

  #write(bytes: Uint8Array, onEnd: () => void): void {
    this.#file.write(bytes, (error, written) => {
      if (this.#fault !== undefined) return;
      if (isError(error) || written <= 0) {
        const found = isError(error) ? error : new Error('a write that wrote nothing');
        this.#fail(this.#diskFault(`write ${bytes.length} bytes to ${this.#path}`, found));
        return;
      }
      this.#fileBytes += written;
      if (written < bytes.length) this.#write(bytes.subarray(written), onEnd);
      else onEnd();
    });
  }

  #syncFile(nextFirstSeq: number | undefined): void {
    this.#file.sync((error) => {
      if (this.#fault !== undefined) return;
      if (isError(error)) {
        this.#fail(this.#diskFault(`sync ${this.#path}`, error));
        return;
      }
      this.#syncedSeq = this.#writtenSeq;
      if (nextFirstSeq !== undefined) this.#rotate(nextFirstSeq);
      else if (this.#fileBytes > this.#parts.limits.fileBytesMax) this.#isRotationDue = true;
      this.#isBusy = false;
      this.#goOn();
    });
  }

  #rotate(firstSeq: number): void {
    const [full, path] = [this.#file, this.#path];
    try {
      ({ file: this.#file, path: this.#path } = this.#parts.createFile(firstSeq));
      this.#fileBytes = 0;
      this.#isRotationDue = false;
    } catch (error) {
      this.#fail(this.#diskFault(`begin the file that follows ${path}`, error));
    }
    full.close((error) => {
      if (isError(error)) this.#fail(this.#diskFault(`close ${path}`, error));
    });
  }

  /** What came in while the disk was busy: waiters at once, others when their group is due. */
  #goOn(): void {
    const isWaitedFor = this.#waiters.some(({ upTo }) => upTo > this.#syncedSeq);
    if (isWaitedFor) this.#writeBatch();
    else if (this.#pending.length > 0) this.#arm(this.#pending.length);
    // Last: who is told that the disk has it may append and sync again from here.
    this.#answer();
  }

  #answer(): void {
    const fault = this.#fault;
    const isOver = ({ upTo }: Waiter): boolean => fault !== undefined || upTo <= this.#syncedSeq;
    const over = this.#waiters.filter(isOver);
    this.#waiters = this.#waiters.filter((waiter) => !isOver(waiter));
    for (const { onEnd, upTo } of over) onEnd(upTo <= this.#syncedSeq ? undefined : fault);
  }

  #fail(fault: JournalFault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#disarm();
    this.#pending = [];
    this.#parts.clock.setTimeout(() => this.#answer(), 0);
    this.#parts.onFault(fault);
  }

  #diskFault(what: string, error: unknown): JournalFault {
    const { message } = storeFault(what, error);
    return { message: `${message}. Record ${this.#syncedSeq} is the last that is certainly on the disk`, cause: error };
  }

  #unwritable({ record, seq }: PendingRecord, error: unknown): JournalFault {
    const who = 'actor' in record ? ` of ${record.actor}` : '';
    const why = error instanceof Error ? error.message : String(error);
    return { message: `record ${seq}, ${record.kind}${who}, cannot be written: ${why}`, cause: error };
  }

  #tooSlow(waiting: number): JournalFault {
    const message = `expected the disk to keep up, found ${waiting} records waiting for ${this.#path}`;
    return { message, cause: undefined };
  }

  /** What was taken before the end is still written and sealed; this one is lost, and that is told once. */
  #refuseLate({ kind }: JournalRecord): void {
    if (this.#late !== undefined || this.#fault !== undefined) return;
    const message = `expected no record after the journal was closed, found one of kind ${kind}`;
    this.#late = { message, cause: undefined };
    this.#parts.onFault(this.#late);
  }
}

function isRotation(record: JournalRecord): boolean {
  return record.kind === 'seal' && record.reason === 'rotation';
}

/** Node's callbacks say `null` for none, ours `undefined`. */
function isError(error: unknown): boolean {
  return error !== undefined && error !== null;
}
