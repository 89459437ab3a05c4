/** `tandem replay`: recordings through the real parsers, books and detectors. */
import { Command, InvalidArgumentError } from 'commander';
import { CONSERVATIVE_100 } from '../config/detection.ts';
import { EXIT, fail, isTerminal, paint, printJson, printLine, printNote } from '../console.ts';
import { Pacer } from '../replay/pacer.ts';
import { captureFiles, type FileOutcome, PathProblem, replayFile } from '../replay/replay-files.ts';
import { count, number, type RunReport, runText } from '../replay/run-report.ts';

interface ReplayFlags {
  readonly check?: boolean;
  readonly json?: boolean;
  readonly speed: number;
}

export function replayCommand(): Command {
  return new Command('replay')
    .summary('play recordings through the real parsers, books and detectors')
    .description(
      'Plays recordings of either venue, or of both side by side, through the parsers, books and\n' +
        'detectors that trade, and says what they hold: gaps, crossed books, edges before and after\n' +
        'fees, and the reason of every decline. Facts that a recording does not hold itself (pairs,\n' +
        'fees, tick grids) are read from <capture>.meta.json beside it.',
    )
    .argument('<captures...>', 'capture files, or folders of them')
    .option('--check', 'exit 2 if anything in a recording contradicts itself')
    .option(
      '--speed <max|Nx>',
      'pace: as fast as possible, or a multiple of the recorded one',
      speedOf,
      Number.POSITIVE_INFINITY,
    )
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      '\nExamples:\n  tandem replay data --check\n  tandem replay recording.ndjson.gz --speed 10x\n  tandem replay data --json\n',
    )
    .action(async (paths: string[], flags: ReplayFlags) => replay(paths, flags));
}

function speedOf(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)x$/.exec(text);
  const speed = Number(match?.[1]);
  if (!(speed > 0)) throw new InvalidArgumentError('Expected max, or a multiple of the recorded pace such as 10x.');
  return speed;
}

async function replay(paths: readonly string[], flags: ReplayFlags): Promise<void> {
  const files = existing(paths);
  const pacer = new Pacer(flags.speed);
  const stop = (): void => pacer.stop();
  process.once('SIGINT', stop);
  const outcomes: FileOutcome[] = [];
  for (const [at, path] of files.entries()) {
    if (pacer.isStopped) break;
    if (isTerminal() && flags.json !== true) printNote(`${at + 1}/${files.length} ${path}`);
    const outcome = await replayFile(path, { policy: CONSERVATIVE_100, pacer, nowMs: () => performance.now() });
    outcomes.push(outcome);
    if (flags.json !== true && outcome.kind !== 'skipped') printLine(`${outcomeText(outcome)}\n`);
  }
  process.off('SIGINT', stop);
  conclude(outcomes, flags, new Set(paths));
}

function existing(paths: readonly string[]): string[] {
  try {
    return captureFiles(paths);
  } catch (error) {
    if (error instanceof PathProblem) return fail(EXIT.failed, error.message);
    throw error;
  }
}

/** `named` are the paths that the person gave: one of them that is no recording is a failure, one in a folder is not. */
function conclude(outcomes: readonly FileOutcome[], flags: ReplayFlags, named: ReadonlySet<string>): void {
  const reports = outcomes.flatMap((outcome) => (outcome.kind === 'replayed' ? [outcome.report] : []));
  const skipped = outcomes.flatMap((outcome) => (outcome.kind === 'skipped' ? [outcome.capture] : []));
  const damaged = outcomes.flatMap((outcome) => (outcome.kind === 'damaged' ? [outcome] : []));
  const consistent = damaged.length === 0 && reports.every((report) => report.consistent);
  const isEmpty = reports.length === 0 && damaged.length === 0;
  if (flags.json === true) printJson({ consistent: consistent && !isEmpty, runs: reports, damaged, skipped });
  else {
    if (reports.length > 0) printLine(totalText(reports));
    for (const path of skipped) printNote(`skipped ${path}: no market data in a format that Tandem knows`);
    if (!consistent) printNote(paint('red', 'Something is inconsistent: the lines above say what and where.'));
  }
  if (!consistent && flags.check === true) {
    process.exitCode = EXIT.negative;
    return;
  }
  const strangers = skipped.filter((path) => named.has(path));
  if (isEmpty || strangers.length > 0) {
    const found = strangers.length > 0 ? strangers.join(', ') : 'none';
    fail(EXIT.failed, `expected a recording in a format that docs/captures.md lists, found ${found}`);
  }
  if (reports.length === 0) fail(EXIT.failed, 'expected a recording that can be replayed, found damaged files only');
}

function outcomeText(outcome: FileOutcome): string {
  switch (outcome.kind) {
    case 'replayed':
      return colourHead(runText(outcome.report));
    case 'damaged':
      return colourHead(`✗ ${outcome.capture}\n  ${'damaged'.padEnd(14)}${outcome.where}: ${outcome.message}`);
    case 'skipped':
      return '';
  }
}

function colourHead(text: string): string {
  return text.startsWith('✓') ? `${paint('green', '✓')}${text.slice(1)}` : `${paint('red', '✗')}${text.slice(1)}`;
}

function totalText(reports: readonly RunReport[]): string {
  const sum = (of: (report: RunReport) => number): string =>
    number(reports.reduce((total, report) => total + of(report), 0));
  const checkpoints = reports.flatMap((report) => report.checkpoints ?? []);
  const tally = (of: 'equal' | 'unequal' | 'notComparable' | 'notReached'): number =>
    checkpoints.reduce((total, one) => total + one[of], 0);
  return [
    `${count(reports.length, 'recording')} · ${sum((run) => run.frames + run.polls)} messages · ${sum((run) => run.deltas)} deltas`,
    `${sum((run) => run.sequenceGaps)} sequence gaps · ${sum((run) => run.negativeLevels)} negative levels · crossed books ${sum((run) => run.crossedBeforeCoalescing)} before coalescing, ${sum((run) => run.crossedAfterCoalescing)} after`,
    ...(checkpoints.length === 0
      ? []
      : [
          `checkpoints: ${number(tally('equal'))} of ${number(tally('equal') + tally('unequal'))} comparable ones equal, ${number(tally('notComparable'))} not comparable, ${number(tally('notReached'))} not reached`,
        ]),
    `edges: ${sum((run) => run.grossEdges)} gross, ${sum((run) => run.netEdges)} net, ${sum((run) => run.approvedEdges)} good enough`,
  ].join('\n');
}
