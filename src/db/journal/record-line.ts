/**
 * A record as a line: canonical JSON of everything but the hash, then the hash. So what was hashed is what stands
 * there, byte by byte, and whoever has a library for RFC 8785 can check it without us.
 */
import { createHash, hash } from 'node:crypto';
import { canonicalJson, canonicalJsonWith, type KnownTexts } from '../../domain/canonical-json.ts';
import type { JournalRecord, WrittenRecord } from '../../domain/ports/journal.ts';

/** `prev` of the first record of a chain. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** What a record waits with until it is written. */
export interface PendingRecord {
  readonly record: JournalRecord;
  readonly seq: number;
  readonly wallMicros: number;
  readonly monoMs: number;
}

export interface Line {
  readonly text: string;
  readonly hash: string;
}

const NANOS_PER_MILLI = 1_000_000;
const MICROS_PER_MILLI = 1_000;
const HASH_KEY = ',"hash":"';
const HASH_LENGTH = 64;
/** Of `,"hash":"…"}`. */
const ENDING_LENGTH = HASH_KEY.length + HASH_LENGTH + 2;
const ENDING = /^,"hash":"([0-9a-f]{64})"\}$/;
const COMPLETE = /,"hash":"[0-9a-f]{64}"\}/;

/** `known` is shared by the records of one batch, and by no two batches. */
export function lineOf(pending: PendingRecord, run: string, prev: string, known?: KnownTexts): Line {
  const { record, seq, wallMicros, monoMs } = pending;
  const [receivedAt, mono] = [instantText(wallMicros), String(Math.round(monoMs * NANOS_PER_MILLI))];
  const body = canonicalJsonWith(record, { seq, run, receivedAt, mono, prev }, known);
  const digest = hash('sha256', body);
  return { text: `${body.slice(0, -1)}${HASH_KEY}${digest}"}\n`, hash: digest };
}

/** The records of one step share their millisecond, and its text costs as much as a third of a hash. */
let latestMs = Number.NaN;
let latestText = '';

/** ISO 8601 in UTC, with microseconds. */
export function instantText(micros: number): string {
  const ms = Math.floor(micros / MICROS_PER_MILLI);
  if (ms !== latestMs) {
    latestMs = ms;
    latestText = new Date(ms).toISOString().slice(0, -1);
  }
  return `${latestText}${String(micros % MICROS_PER_MILLI).padStart(3, '0')}Z`;
}

export type LineCheck =
  | { readonly kind: 'record'; readonly record: WrittenRecord }
  | { readonly kind: 'damaged'; readonly what: string };

/** Whether a line, without its end, is a record whose hash is right. Its place in the chain is another question. */
export function checkLine(bytes: Uint8Array): LineCheck {
  const cut = bytes.length - ENDING_LENGTH;
  const ending = ENDING.exec(textOf(bytes.subarray(Math.max(0, cut))));
  if (cut < 2 || ending === null)
    return { kind: 'damaged', what: 'expected a record that ends in its hash, found none' };
  const body = bytes.subarray(0, cut);
  const found = createHash('sha256').update(body).update('}').digest('hex');
  if (found !== ending[1])
    return { kind: 'damaged', what: `expected content whose hash is ${ending[1]}, found ${found}` };
  return recordOf(textOf(body), ending[1]);
}

function recordOf(body: string, digest: string): LineCheck {
  let value: unknown;
  try {
    value = JSON.parse(`${body}}`);
  } catch {
    return { kind: 'damaged', what: 'expected JSON, found something else under a right hash' };
  }
  if (typeof value !== 'object' || value === null || canonicalJson(value) !== `${body}}`)
    return { kind: 'damaged', what: 'expected canonical JSON, found another spelling of it' };
  const { seq, run, prev, kind, receivedAt, mono } = value as Readonly<Record<string, unknown>>;
  const isWhole =
    Number.isSafeInteger(seq) && [run, prev, kind, receivedAt, mono].every((one) => typeof one === 'string');
  if (!isWhole)
    return { kind: 'damaged', what: 'expected seq, run, receivedAt, mono, prev and kind, found one missing' };
  return { kind: 'record', record: { ...(value as Omit<WrittenRecord, 'hash'>), hash: digest } as WrittenRecord };
}

/** Whether what follows the last end of a line is what a crash leaves: the beginning of a record, and nothing more. */
export function isTornRecord(rest: Uint8Array): boolean {
  const complete = COMPLETE.exec(textOf(rest));
  return complete === null || complete.index + complete[0].length === textOf(rest).length;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
