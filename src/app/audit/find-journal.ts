/** Which journal a person means: a folder, some of its files, or without a word the newest below `.tandem`. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalDisk } from '../../db/journal/journal-disk.ts';
import { type RecordFile, recordFileAt, recordFiles } from '../../db/journal/journal-layout.ts';
import { BEFORE_THE_FIRST, type ChainPoint } from '../../db/journal/read-journal.ts';

export interface FoundJournal {
  readonly name: string;
  readonly files: readonly RecordFile[];
  /** Before the first file; `undefined` when what comes before it was not given. */
  readonly from: ChainPoint | undefined;
}

/** What a person named is not there, or is no journal. The message says what was expected. */
export class JournalNotFound extends Error {
  override readonly name = 'JournalNotFound';
}

const HOME = '.tandem';
/** `.tandem/<mode>/journal`, and `.tandem/<mode>/<run>/journal` where each run begins afresh. */
const DEPTH_MAX = 3;

export function findJournal(disk: JournalDisk, paths: readonly string[], cwd: string): FoundJournal {
  if (paths.length === 0) return newestBelow(disk, join(cwd, HOME));
  const [only] = paths;
  if (paths.length === 1 && only !== undefined && isFolder(only)) return inFolder(disk, only);
  return fromFiles(disk, paths);
}

function newestBelow(disk: JournalDisk, home: string): FoundJournal {
  const found = journalsBelow(disk, home, DEPTH_MAX)
    .map((folder) => ({ folder, files: recordFiles(disk, folder) }))
    .filter(({ files }) => files.length > 0)
    .map(({ folder, files }) => ({ folder, newestMs: Math.max(...files.map(({ path }) => statSync(path).mtimeMs)) }))
    .sort((a, b) => b.newestMs - a.newestMs)[0];
  if (found === undefined) throw new JournalNotFound(`expected a journal below ${home}, found none: name its folder`);
  return inFolder(disk, found.folder);
}

function journalsBelow(disk: JournalDisk, folder: string, depth: number): string[] {
  if (!isFolder(folder)) return [];
  if (isFolder(join(folder, 'runs'))) return [folder];
  return depth === 0 ? [] : disk.list(folder).flatMap((name) => journalsBelow(disk, join(folder, name), depth - 1));
}

/** The folder of a journal, or one above it that holds exactly one. */
function inFolder(disk: JournalDisk, given: string): FoundJournal {
  const folders = journalsBelow(disk, given, DEPTH_MAX);
  const [folder] = folders;
  if (folder === undefined) throw new JournalNotFound(`expected a journal in ${given}, found no folder named runs`);
  if (folders.length > 1)
    throw new JournalNotFound(
      `expected one journal in ${given}, found ${folders.length}: name one of ${folders.join(', ')}`,
    );
  const files = recordFiles(disk, folder);
  if (files.length === 0) throw new JournalNotFound(`expected records in ${folder}, found none`);
  return { name: folder, files, from: BEFORE_THE_FIRST };
}

function fromFiles(disk: JournalDisk, paths: readonly string[]): FoundJournal {
  const files = paths.map((path) => {
    if (!existsSync(path)) throw new JournalNotFound(`expected a journal at ${path}, found nothing`);
    const file = isFolder(path) ? undefined : recordFileAt(disk, path);
    if (file === undefined)
      throw new JournalNotFound(`expected files of one journal such as 000000000001.ndjson, found ${path}`);
    return file;
  });
  files.sort((a, b) => a.firstSeq - b.firstSeq);
  return { name: paths.join(', '), files, from: files[0]?.firstSeq === 1 ? BEFORE_THE_FIRST : undefined };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
