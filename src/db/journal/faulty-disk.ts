/** A disk with declared faults: what each operation meets is decided by its number and kind, before it happens. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { JournalDisk, JournalFile } from './journal-disk.ts';

export type DiskOperation = 'makeFolder' | 'cut' | 'put' | 'create' | 'write' | 'sync' | 'close';

export type DiskFate =
  | undefined
  /** `bytes` of a write still reach the file, as with a disk that fills up. */
  | { readonly kind: 'failure'; readonly code: string; readonly bytes?: number }
  | { readonly kind: 'shortWrite'; readonly bytes: number }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The process dies here: this operation and all later ones never happen, and nothing is called back. */
  | { readonly kind: 'crash' };

export type DiskFates = (operation: {
  readonly number: number;
  readonly kind: DiskOperation;
  readonly bytes: number;
}) => DiskFate;

/** Thrown by what blocks, where a real process would be no more. */
class DiskCrash extends Error {
  override readonly name = 'DiskCrash';
}

export class FaultyDisk implements JournalDisk {
  readonly #disk: JournalDisk;
  readonly #fates: DiskFates;
  readonly #clock: Clock;
  #number = 0;
  #hasCrashed = false;

  constructor(disk: JournalDisk, parts: { readonly fates: DiskFates; readonly clock: Clock }) {
    this.#disk = disk;
    this.#fates = parts.fates;
    this.#clock = parts.clock;
  }

  /** Operations that were asked for until now; a crash may be planned at each. */
  get operations(): number {
    return this.#number;
  }

  get hasCrashed(): boolean {
    return this.#hasCrashed;
  }

  list(path: string): readonly string[] {
    return this.#disk.list(path);
  }

  read(path: string): Uint8Array | undefined {
    return this.#disk.read(path);
  }

  sizeOf(path: string): number {
    return this.#disk.sizeOf(path);
  }

  makeFolder(path: string): void {
    this.#blocking('makeFolder', () => this.#disk.makeFolder(path));
  }

  cut(path: string, length: number): void {
    this.#blocking('cut', () => this.#disk.cut(path, length));
  }

  put(path: string, bytes: Uint8Array): void {
    this.#blocking('put', () => this.#disk.put(path, bytes));
  }

  create(path: string): JournalFile {
    const file = this.#blocking('create', () => this.#disk.create(path));
    return {
      write: (bytes, onEnd) => this.#write(file, bytes, onEnd),
      sync: (onEnd) => this.#later('sync', onEnd, () => file.sync(this.#ifAlive(onEnd))),
      close: (onEnd) => this.#later('close', onEnd, () => file.close(this.#ifAlive(onEnd))),
    };
  }

  #fate(kind: DiskOperation, bytes: number): DiskFate {
    const fate = this.#hasCrashed ? { kind: 'crash' as const } : this.#fates({ number: this.#number, kind, bytes });
    this.#number++;
    if (fate?.kind === 'crash') this.#hasCrashed = true;
    return fate;
  }

  #blocking<Result>(kind: DiskOperation, run: () => Result): Result {
    const fate = this.#fate(kind, 0);
    if (fate?.kind === 'crash') throw new DiskCrash(`the process died at ${kind}`);
    if (fate?.kind === 'failure') throw errorOf(fate.code);
    return run();
  }

  #write(file: JournalFile, bytes: Uint8Array, onEnd: (error: unknown, written: number) => void): void {
    const fate = this.#fate('write', bytes.length);
    const reached =
      fate === undefined || fate.kind === 'delay' ? bytes.length : fate.kind === 'crash' ? 0 : (fate.bytes ?? 0);
    const ended = (error: unknown, written: number): void => {
      if (this.#hasCrashed) return;
      if (fate?.kind === 'failure') onEnd(errorOf(fate.code), 0);
      else onEnd(error, written);
    };
    if (fate?.kind === 'crash') return;
    if (reached === 0) this.#clock.setTimeout(() => ended(undefined, 0), 0);
    else if (fate?.kind === 'delay') this.#clock.setTimeout(() => file.write(bytes, ended), fate.ms);
    else file.write(bytes.subarray(0, reached), ended);
  }

  #later(kind: DiskOperation, onEnd: (error: unknown) => void, run: () => void): void {
    const fate = this.#fate(kind, 0);
    if (fate?.kind === 'crash') return;
    if (fate?.kind === 'failure') this.#clock.setTimeout(() => this.#ifAlive(onEnd)(errorOf(fate.code)), 0);
    else if (fate?.kind === 'delay') this.#clock.setTimeout(() => this.#hasCrashed || run(), fate.ms);
    else run();
  }

  #ifAlive(onEnd: (error: unknown) => void): (error: unknown) => void {
    return (error) => {
      if (!this.#hasCrashed) onEnd(error);
    };
  }
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: a declared fault`), { code });
}
