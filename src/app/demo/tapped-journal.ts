/** A journal that somebody reads over the writer's shoulder: what is shown is what is written. */
import type { Journal, JournalRecord } from '../../domain/ports/journal.ts';

export function tappedJournal(journal: Journal, onRecord: (record: JournalRecord) => void): Journal {
  return {
    append: (record) => {
      const seq = journal.append(record);
      onRecord(record);
      return seq;
    },
    sync: (onEnd) => journal.sync(onEnd),
    close: () => journal.close(),
  };
}
