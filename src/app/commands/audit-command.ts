/** `tandem audit`: is the journal what was written, and what happened in an attempt. */
import { Command } from 'commander';
import { fileDisk } from '../../db/journal/file-disk.ts';
import { readFound } from '../../db/journal/read-journal.ts';
import { timelineOf } from '../../db/journal/timeline.ts';
import { verifyJournal } from '../../db/journal/verify-journal.ts';
import { StoreFault } from '../../db/store-fault.ts';
import { levenshteinSimilarity } from '../../domain/text-similarity.ts';
import { type FoundJournal, findJournal, JournalNotFound } from '../audit/find-journal.ts';
import { timelineText } from '../audit/timeline-text.ts';
import { verifyText } from '../audit/verify-text.ts';
import { EXIT, fail, printJson, printLine } from '../console.ts';

const SUGGESTIONS = 5;

export function auditCommand(): Command {
  const command = new Command('audit')
    .summary('check the journal, and read what happened')
    .description('Reads the journal. It needs no running Tandem and changes nothing.');
  for (const each of [verifyCommand(), timelineCommand()])
    command.addCommand(
      each
        .exitOverride()
        .showSuggestionAfterError()
        .showHelpAfterError(`Run tandem audit ${each.name()} --help for its options.`),
    );
  return command;
}

function verifyCommand(): Command {
  return new Command('verify')
    .summary('check every record of a journal')
    .description(
      'Checks hashes, links and numbers of all records, the manifest of every run, and every move of every\n' +
        'actor against the definition of its machine. Lists orders that nobody answered. Exits with 2 and\n' +
        'names the first bad record when the journal is not what was written.',
    )
    .argument('[paths...]', 'folder of a journal, or files of it; the newest below .tandem unless given')
    .option('--json', 'print one JSON value')
    .addHelpText('after', '\nExamples:\n  tandem audit verify\n  tandem audit verify .tandem/paper/journal --json\n')
    .action((paths: string[], flags: { readonly json?: boolean }) => verify(paths, flags.json === true));
}

function timelineCommand(): Command {
  return new Command('timeline')
    .summary('what happened in one attempt, in order')
    .description('Shows every record of an attempt and of its orders, what led to it, and how long each step took.')
    .argument('<attempt>', 'its id, or how it begins')
    .option('--dir <folder>', 'folder of a journal; the newest below .tandem unless given')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      '\nExamples:\n  tandem audit timeline e9\n  tandem audit timeline e9 --dir .tandem/paper/journal\n',
    )
    .action((attempt: string, flags: { readonly dir?: string; readonly json?: boolean }) =>
      showTimeline(attempt, flags),
    );
}

function verify(paths: readonly string[], isJson: boolean): void {
  const { name, files, from } = found(paths);
  const report = orFail(() => verifyJournal(fileDisk, files, from));
  if (isJson) printJson({ journal: name, isValid: report.problems.length === 0, ...report });
  else printLine(verifyText(name, report, from === undefined));
  if (report.problems.length > 0) process.exitCode = EXIT.negative;
}

function showTimeline(attempt: string, { dir, json }: { readonly dir?: string; readonly json?: boolean }): void {
  const { files, from, name } = found(dir === undefined ? [] : [dir]);
  const read = (id: string) => orFail(() => timelineOf(() => readFound(fileDisk, files, from), id));
  const exact = read(attempt);
  const begun = exact.kind === 'unknown' ? exact.attempts.filter((id) => id.startsWith(attempt)) : [];
  const result = begun.length === 1 ? read(begun[0] as string) : exact;
  if (result.kind === 'unknown') fail(EXIT.failed, unknownText(attempt, result.attempts, name));
  else if (json === true) printJson(result.timeline);
  else printLine(timelineText(result.timeline));
}

function unknownText(attempt: string, attempts: readonly string[], name: string): string {
  const expected = `expected an attempt in ${name}, found none with the id ${attempt}`;
  if (attempts.length === 0) return `${expected}: it holds no attempt`;
  const likeness = (other: string): number => levenshteinSimilarity(other, attempt);
  const nearest = [...attempts].sort((a, b) => likeness(b) - likeness(a)).slice(0, SUGGESTIONS);
  return `${expected}: the nearest of ${attempts.length} ${nearest.length === 1 ? 'is' : 'are'} ${nearest.join(', ')}`;
}

function found(paths: readonly string[]): FoundJournal {
  return orFail(() => findJournal(fileDisk, paths, process.cwd()));
}

function orFail<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof JournalNotFound || error instanceof StoreFault) return fail(EXIT.failed, error.message);
    if (error instanceof Error && 'code' in error) return fail(EXIT.failed, error.message);
    throw error;
  }
}
