/** Where a chain goes on: the end of what is there is checked, and what a crash left half written is cut. */
import { relative } from 'node:path';
import type { JsonObject } from '../../domain/ports/journal.ts';
import { StoreFault } from '../store-fault.ts';
import type { JournalDisk } from './journal-disk.ts';
import { type RecordFile, recordFiles } from './journal-layout.ts';
import { BEFORE_THE_FIRST, type ChainPoint, LINE_END, walkChain } from './read-journal.ts';
import { checkLine } from './record-line.ts';

export interface Tail {
  readonly point: ChainPoint;
  /** What was cut, for the record of it. */
  readonly cut: JsonObject | undefined;
}

/** As much of a torn record as its own record repeats. */
const TEXT_KEPT = 2_000;

/**
 * The last file is read whole, and linked to the one before it. Older ones are the business of `audit verify`: a
 * start must not take the longer the older the journal is.
 */
export function openTail(disk: JournalDisk, folder: string): Tail {
  const files = recordFiles(disk, folder).filter((file) => file.size > 0);
  const last = files.at(-1);
  if (last === undefined) return { point: BEFORE_THE_FIRST, cut: undefined };
  const before = files.at(-2);
  const start = before === undefined ? BEFORE_THE_FIRST : lastPointOf(disk, before);
  let point = start;
  for (const step of walkChain(disk, [last], start)) {
    if (step.kind === 'record') point = step.record;
    if (step.kind === 'damaged') throw corrupt(step.where, step.what);
    if (step.kind === 'torn') {
      disk.cut(step.path, step.at);
      return { point: onlySeqAndHash(point), cut: cutText(relative(folder, step.where), step.at, step.bytes) };
    }
  }
  return { point: onlySeqAndHash(point), cut: undefined };
}

function lastPointOf(disk: JournalDisk, { path }: RecordFile): ChainPoint {
  const bytes = disk.read(path) ?? new Uint8Array();
  const end = bytes.length - 1;
  const line = bytes.subarray(bytes.lastIndexOf(LINE_END, end - 1) + 1, end);
  const check = checkLine(line);
  if (bytes[end] !== LINE_END) throw corrupt(path, 'expected a whole record at its end, found a torn one');
  if (check.kind === 'damaged') throw corrupt(path, `at its end: ${check.what}`);
  return onlySeqAndHash(check.record);
}

function onlySeqAndHash({ seq, hash }: ChainPoint): ChainPoint {
  return { seq, hash };
}

function cutText(where: string, at: number, bytes: Uint8Array): JsonObject {
  const text = Buffer.from(bytes).toString('utf8').slice(0, TEXT_KEPT);
  return { where, at, bytes: bytes.length, text };
}

function corrupt(where: string, what: string): StoreFault {
  return new StoreFault(
    'corrupt',
    `${where}: ${what}. The journal is not continued: run tandem audit verify, keep a copy, and move the folder aside to start a new one`,
  );
}
