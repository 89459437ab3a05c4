/**
 * A disk in memory that takes its time and forgets what was not synced, as a real one does when the power fails.
 */
import type { Clock } from '../../domain/ports/clock.ts';
import type { JournalDisk, JournalFile } from './journal-disk.ts';

export interface MemoryDiskOptions {
  readonly clock: Clock;
  readonly writeMs?: number;
  readonly syncMs?: number;
}

interface Content {
  bytes: Uint8Array;
  length: number;
  /** So many of them survive. */
  durable: number;
}

const FIRST_CAPACITY = 4_096;

export class MemoryDisk implements JournalDisk {
  readonly #options: MemoryDiskOptions;
  readonly #files: Map<string, Content>;

  constructor(options: MemoryDiskOptions, files: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#options = options;
    this.#files = new Map([...files].map(([path, bytes]) => [path, contentOf(bytes)]));
  }

  /** What is found after a crash: everything synced, and of the rest of each file as many bytes as `kept` says. */
  afterCrash(kept: (unsynced: number, path: string) => number): Map<string, Uint8Array> {
    return new Map(
      [...this.#files].map(([path, { bytes, length, durable }]) => {
        const more = Math.min(Math.max(0, kept(length - durable, path)), length - durable);
        return [path, bytes.slice(0, durable + more)];
      }),
    );
  }

  /** Every file as it would be read now. */
  files(): Map<string, Uint8Array> {
    return this.afterCrash((unsynced) => unsynced);
  }

  makeFolder(): void {
    // Folders are the beginnings of paths.
  }

  list(path: string): readonly string[] {
    const start = `${path}/`;
    const names = [...this.#files.keys()].filter((file) => file.startsWith(start));
    return [...new Set(names.map((file) => file.slice(start.length).split('/')[0] ?? ''))].sort();
  }

  read(path: string): Uint8Array | undefined {
    const content = this.#files.get(path);
    return content?.bytes.slice(0, content.length);
  }

  sizeOf(path: string): number {
    return this.#existing(path).length;
  }

  cut(path: string, length: number): void {
    const content = this.#existing(path);
    content.length = Math.min(content.length, length);
    content.durable = content.length;
  }

  put(path: string, bytes: Uint8Array): void {
    this.#files.set(path, contentOf(bytes));
  }

  create(path: string): JournalFile {
    if (this.#files.has(path)) throw new Error(`EEXIST: ${path}`);
    const content = contentOf(new Uint8Array());
    this.#files.set(path, content);
    const { clock, writeMs = 0, syncMs = 0 } = this.#options;
    return {
      write: (bytes, onEnd) => {
        append(content, bytes);
        clock.setTimeout(() => onEnd(undefined, bytes.length), writeMs);
      },
      sync: (onEnd) => {
        const { length } = content;
        clock.setTimeout(() => {
          content.durable = Math.max(content.durable, length);
          onEnd(undefined);
        }, syncMs);
      },
      close: (onEnd) => void clock.setTimeout(() => onEnd(undefined), 0),
    };
  }

  #existing(path: string): Content {
    const content = this.#files.get(path);
    if (content === undefined) throw new Error(`ENOENT: ${path}`);
    return content;
  }
}

function contentOf(bytes: Uint8Array): Content {
  return { bytes: bytes.slice(), length: bytes.length, durable: bytes.length };
}

function append(content: Content, bytes: Uint8Array): void {
  const length = content.length + bytes.length;
  if (length > content.bytes.length) {
    const larger = new Uint8Array(Math.max(FIRST_CAPACITY, content.bytes.length * 2, length));
    larger.set(content.bytes.subarray(0, content.length));
    content.bytes = larger;
  }
  content.bytes.set(bytes, content.length);
  content.length = length;
}
