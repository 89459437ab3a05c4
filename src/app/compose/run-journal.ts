/** The journal of one run, with everything about the run that its records cannot say. */
import { fileDisk } from '../../db/journal/file-disk.ts';
import { FileJournal } from '../../db/journal/file-journal.ts';
import { recordFiles } from '../../db/journal/journal-layout.ts';
import { BEFORE_THE_FIRST } from '../../db/journal/read-journal.ts';
import { type VerifyReport, verifyJournal } from '../../db/journal/verify-journal.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { JournalFault } from '../../domain/ports/journal.ts';
import { CHARTS } from '../../machines/charts.ts';
import { definitionOf } from '../charts/definition.ts';
import { VERSION } from '../version.ts';

export interface RunFacts {
  readonly run: string;
  readonly mode: string;
  readonly seed?: string;
  /** Hash of what was configured. */
  readonly config: string;
}

export function openRunJournal(
  folder: string,
  given: {
    readonly facts: RunFacts;
    readonly clock: Clock;
    readonly onFault: (fault: JournalFault) => void;
  },
): FileJournal {
  const { facts, clock, onFault } = given;
  return new FileJournal(folder, {
    clock,
    onFault,
    run: {
      ...facts,
      versions: { tandem: VERSION, node: process.versions.node },
      machines: CHARTS.map(({ machine }) => definitionOf(machine)),
    },
  });
}

/** The same checks that `tandem audit verify` makes. */
export function verifyRunJournal(folder: string): VerifyReport {
  return verifyJournal(fileDisk, recordFiles(fileDisk, folder), BEFORE_THE_FIRST);
}
