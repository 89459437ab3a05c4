/** The records of a journal in their order, each checked: its hash, its number, its link to the one before. */
import type { WrittenRecord } from '../../domain/ports/journal.ts';
import { StoreFault } from '../store-fault.ts';
import type { JournalDisk } from './journal-disk.ts';
import { type RecordFile, recordFiles } from './journal-layout.ts';
import { checkLine, isTornRecord, NOTHING_BEFORE } from './record-line.ts';

/** How far a chain is known. `undefined`: whatever comes first is believed. */
export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

export const BEFORE_THE_FIRST: ChainPoint = { seq: 0, hash: NOTHING_BEFORE };

export type ChainStep =
  | { readonly kind: 'record'; readonly record: WrittenRecord; readonly where: string; readonly path: string }
  /** The beginning of a record at the end of the last file: of a crash, or of a writer that is at work. */
  | {
      readonly kind: 'torn';
      readonly where: string;
      readonly path: string;
      readonly at: number;
      readonly bytes: Uint8Array;
    }
  /** The chain cannot be believed from here. It is the last step. */
  | { readonly kind: 'damaged'; readonly where: string; readonly seq: number | undefined; readonly what: string };

export const LINE_END = 0x0a;

export function* walkChain(
  disk: JournalDisk,
  files: readonly RecordFile[],
  from: ChainPoint | undefined,
): Generator<ChainStep, void> {
  let point = from;
  const full = files.filter((file) => file.size > 0);
  for (const [index, file] of full.entries()) {
    for (const step of walkFile(disk, file, point)) {
      if (step.kind === 'torn' && index < full.length - 1) {
        yield {
          kind: 'damaged',
          where: step.where,
          seq: nextSeq(point),
          what: 'expected a whole record, found a torn one that is not at the end of the journal',
        };
        return;
      }
      yield step;
      if (step.kind === 'damaged') return;
      if (step.kind === 'record') point = { seq: step.record.seq, hash: step.record.hash };
    }
  }
}

function* walkFile(disk: JournalDisk, file: RecordFile, from: ChainPoint | undefined): Generator<ChainStep, void> {
  const { path } = file;
  const bytes = disk.read(path);
  if (bytes === undefined) throw new StoreFault('unavailable', `expected ${path}, found it gone`);
  let point = from;
  let at = 0;
  for (let line = 1; at < bytes.length; line++) {
    const where = `${path}:${line}`;
    const end = bytes.indexOf(LINE_END, at);
    const rest = bytes.subarray(at, end < 0 ? undefined : end);
    const seq = nextSeq(point) ?? (line === 1 ? file.firstSeq : undefined);
    if (end < 0 && isTornRecord(rest)) {
      yield { kind: 'torn', where, path, at, bytes: rest };
      return;
    }
    const check = checkLine(rest);
    const what =
      check.kind === 'damaged' ? check.what : complaint({ record: check.record, file, point, isFirst: line === 1 });
    if (check.kind === 'damaged' || what !== undefined) {
      yield { kind: 'damaged', where, seq, what: what ?? '' };
      return;
    }
    yield { kind: 'record', record: check.record, where, path };
    point = { seq: check.record.seq, hash: check.record.hash };
    at = end + 1;
  }
}

function nextSeq(point: ChainPoint | undefined): number | undefined {
  return point === undefined ? undefined : point.seq + 1;
}

function complaint(given: {
  readonly record: WrittenRecord;
  readonly file: RecordFile;
  readonly point: ChainPoint | undefined;
  readonly isFirst: boolean;
}): string | undefined {
  const { record, file, point, isFirst } = given;
  if (record.run !== file.run) return `expected a record of run ${file.run}, found one of run ${record.run}`;
  if (isFirst && record.seq !== file.firstSeq)
    return `expected record ${file.firstSeq}, as the file is named, found ${record.seq}`;
  if (point === undefined) return undefined;
  if (record.seq !== point.seq + 1)
    return `expected record ${point.seq + 1}, found ${record.seq}: ${gapText(point.seq + 1, record.seq)}`;
  if (record.prev !== point.hash)
    return `expected a link to ${point.hash}, the hash of record ${point.seq}, found ${record.prev}`;
  return undefined;
}

function gapText(expected: number, found: number): string {
  return found > expected ? `${found - expected} missing` : 'a repetition';
}

/**
 * Every record of a journal, for those who build on it. A torn end is left out; anything else that is wrong throws.
 */
export function readRecords(disk: JournalDisk, folder: string): Generator<WrittenRecord, void> {
  return readFound(disk, recordFiles(disk, folder), BEFORE_THE_FIRST);
}

/** As `readRecords`, of these files, from there on. */
export function* readFound(
  disk: JournalDisk,
  files: readonly RecordFile[],
  from: ChainPoint | undefined,
): Generator<WrittenRecord, void> {
  for (const step of walkChain(disk, files, from)) {
    if (step.kind === 'record') yield step.record;
    if (step.kind === 'damaged') throw new StoreFault('corrupt', `${step.where}: ${step.what}`);
  }
}
