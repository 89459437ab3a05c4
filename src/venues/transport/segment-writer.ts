/** Writes lines into rotated, compressed segments without ever making the caller wait. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { gzip } from 'node:zlib';
import { invariant } from '../../domain/invariant.ts';
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { Micros } from '../../domain/units.ts';

const MICROS_PER_MILLI = 1_000;
/** A member is written when so many characters wait, or when the flush interval is over. */
const BATCH_LENGTH = 256 * 1024;

export interface SegmentWriterOptions {
  readonly folder: string;
  /** First part of every file name. */
  readonly name: string;
  readonly clock: Clock;
  /** A segment ends after so many characters of text. */
  readonly segmentLengthMax: number;
  readonly segmentMsMax: number;
  /** What is lost at most when the process dies. */
  readonly flushMs: number;
  /** What a segment begins with, asked for when every line before it is written; `next` is the line after it. */
  readonly header: (segment: number, next: string) => string;
  /** Called once, when the disk fails; nothing is written afterwards. */
  readonly onFault: (fault: unknown) => void;
}

interface Line {
  readonly text: string;
  /** Runs when the line has been put into its segment. */
  readonly onWritten: (() => void) | undefined;
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #lines: Line[] = [];
  readonly #paths: string[] = [];
  #waitingLength = 0;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #segmentLength = 0;
  #segmentEndsAtMs = 0;
  #standing: 'open' | 'closed' | 'failed' = 'open';

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** Segments so far, oldest first. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  /** Characters that are not on disk yet. */
  get waitingLength(): number {
    return this.#waitingLength;
  }

  get isFailed(): boolean {
    return this.#standing === 'failed';
  }

  add(text: string, onWritten?: () => void): void {
    if (this.#standing !== 'open') return;
    this.#lines.push({ text, onWritten });
    this.#waitingLength += text.length;
    if (this.#waitingLength >= BATCH_LENGTH) this.#start();
    else if (this.#timer === undefined) {
      this.#timer = this.#options.clock.setTimeout(() => this.#start(), this.#options.flushMs);
    }
  }

  /** Resolves when everything added so far is on its way to the disk, or when that failed. */
  async flush(): Promise<void> {
    this.#start();
    await this.#writing;
  }

  /** Ends the last segment, synced. Whatever is added afterwards is ignored. */
  async close(): Promise<void> {
    if (this.#standing === 'closed') return;
    await this.flush();
    if (this.#standing === 'open') this.#standing = 'closed';
    try {
      await this.#endSegment();
    } catch (fault) {
      this.#fail(fault);
    }
  }

  #start(): void {
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#lines.length === 0) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    try {
      while (this.#lines.length > 0) await this.#writeMember();
    } catch (fault) {
      this.#fail(fault);
    }
  }

  async #writeMember(): Promise<void> {
    const handle = await this.#segment();
    const { header } = this.#options;
    const next = this.#lines[0]?.text ?? '';
    const texts: string[] = this.#segmentLength === 0 ? [header(this.#paths.length, next)] : [];
    let length = 0;
    let count = 0;
    while (count < this.#lines.length && length < BATCH_LENGTH) {
      const line = this.#lines[count++] as Line;
      texts.push(line.text);
      length += line.text.length;
      line.onWritten?.();
    }
    this.#lines.splice(0, count);
    this.#segmentLength += length;
    await writeWhole(handle, await compress(`${texts.join('\n')}\n`));
    this.#waitingLength -= length;
  }

  /** The segment to write to now: a new one when the last is full or old enough. */
  async #segment(): Promise<FileHandle> {
    const { clock, folder, name, segmentLengthMax, segmentMsMax } = this.#options;
    const isFull = this.#segmentLength >= segmentLengthMax || clock.nowMs() >= this.#segmentEndsAtMs;
    if (this.#handle !== undefined && !isFull) return this.#handle;
    await this.#endSegment();
    await mkdir(folder, { recursive: true });
    const number = String(this.#paths.length + 1).padStart(5, '0');
    const path = join(folder, `${name}-${compactInstant(clock.wall())}-${number}.ndjson.gz`);
    // `wx`: a recording never writes over another one.
    const handle = await open(path, 'wx');
    this.#handle = handle;
    this.#paths.push(path);
    this.#segmentLength = 0;
    this.#segmentEndsAtMs = clock.nowMs() + segmentMsMax;
    return handle;
  }

  async #endSegment(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle === undefined) return;
    await handle.sync();
    await handle.close();
  }

  #fail(fault: unknown): void {
    if (this.#standing === 'failed') return;
    this.#standing = 'failed';
    this.#lines.length = 0;
    this.#waitingLength = 0;
    this.#options.onFault(fault);
  }
}

function compress(text: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(text, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at);
    invariant(bytesWritten > 0, 'a write must take at least one byte, found none taken');
    at += bytesWritten;
  }
}

/** `20260102T030405Z`: sorts by time and is a file name everywhere. */
function compactInstant(wall: Micros): string {
  const iso = new Date(wall / MICROS_PER_MILLI).toISOString();
  return `${iso.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
