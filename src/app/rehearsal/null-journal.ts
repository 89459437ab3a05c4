/** A journal whose disk forgets: records are numbered, spelled and hashed as always, and go nowhere. */

import type { JournalFile } from '../../db/journal/journal-disk.ts';
import { JournalWriter, WRITER_LIMITS } from '../../db/journal/journal-writer.ts';
import { BEFORE_THE_FIRST } from '../../db/journal/read-journal.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Journal } from '../../domain/ports/journal.ts';

/** Each call ends a turn of the loop later, as a disk's would. */
const NOWHERE: JournalFile = {
  write: (bytes, onEnd) => void setImmediate(() => onEnd(undefined, bytes.length)),
  sync: (onEnd) => void setImmediate(() => onEnd(undefined)),
  close: (onEnd) => void setImmediate(() => onEnd(undefined)),
};

export function nullJournal(clock: Clock, onFault: (message: string) => void): Journal {
  return new JournalWriter({
    clock,
    run: 'rehearsal',
    from: BEFORE_THE_FIRST,
    createFile: () => ({ file: NOWHERE, path: 'nowhere' }),
    onFault: ({ message }) => onFault(message),
    limits: WRITER_LIMITS,
  });
}
