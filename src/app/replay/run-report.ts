/** What a replay of one capture found, as a value for machines and as text for people. */
import { formatDecimal } from '../../domain/decimal.ts';
import type { CheckpointTally } from './book-checks.ts';
import type { Problem, ProblemKind } from './problems.ts';

/** The best edge seen, before or after fees. */
export interface BestEdge {
  readonly watch: string;
  readonly at: string;
  /** Per set of contracts, in ten-thousandths of a dollar. */
  readonly perSetE4: number;
  readonly contracts: string;
  /** Absent where sizes or fees are unknown. */
  readonly profitUsd: string | undefined;
  readonly decision: string;
}

export interface RunReport {
  readonly capture: string;
  readonly format: string;
  readonly label: string;
  readonly title: string | undefined;
  readonly records: number;
  readonly frames: number;
  readonly deltas: number;
  readonly snapshots: number;
  readonly polls: number;
  readonly books: number;
  readonly sequenceGaps: number;
  readonly negativeLevels: number;
  readonly crossedBeforeCoalescing: number;
  readonly crossedAfterCoalescing: number;
  readonly snapshotsConfirmed: number;
  /** Changes of books whose snapshot the recording does not hold: not applied. */
  readonly changesBeforeSnapshot: number;
  readonly checkpoints: CheckpointTally | undefined;
  readonly watches: number;
  readonly decisions: number;
  readonly grossEdges: number;
  readonly netEdges: number;
  readonly approvedEdges: number;
  readonly feesAssumed: boolean;
  readonly bestGross: BestEdge | undefined;
  readonly bestNet: BestEdge | undefined;
  readonly declines: Readonly<Record<string, number>>;
  readonly problemCounts: Readonly<Partial<Record<ProblemKind, number>>>;
  readonly problems: readonly Problem[];
  readonly consistent: boolean;
  readonly seconds: number;
  readonly messagesPerSecond: number;
}

/** One run as a person reads it. */
export function runText(report: RunReport): string {
  const lines = [
    `${report.consistent ? '✓' : '✗'} ${report.capture}`,
    `  ${report.label}${report.title === undefined ? '' : `: ${report.title}`}`,
    row('read', [
      count(report.records, 'record'),
      report.frames > 0 && count(report.frames, 'frame'),
      report.deltas > 0 && count(report.deltas, 'delta'),
      report.snapshots > 0 && count(report.snapshots, 'snapshot'),
      report.polls > 0 && count(report.polls, 'poll'),
      count(report.books, 'book'),
      `${number(report.messagesPerSecond)} messages/s`,
    ]),
    row('books', [
      // Polls have no sequence and no changes to add up.
      report.frames > 0 && count(report.sequenceGaps, 'sequence gap'),
      report.frames > 0 && count(report.negativeLevels, 'negative level'),
      report.frames > 0
        ? `crossed ${number(report.crossedBeforeCoalescing)} before coalescing, ${number(report.crossedAfterCoalescing)} after`
        : `${number(report.crossedAfterCoalescing)} crossed`,
      report.snapshotsConfirmed > 0 && `${count(report.snapshotsConfirmed, 'snapshot')} confirmed`,
      report.changesBeforeSnapshot > 0 &&
        `${count(report.changesBeforeSnapshot, 'change')} without a snapshot, not applied`,
    ]),
    ...(report.checkpoints === undefined ? [] : [checkpointRow(report.checkpoints)]),
    row('edges', [
      `${number(report.grossEdges)} gross`,
      `${number(report.netEdges)} net${report.feesAssumed ? ' (fees assumed)' : ''}`,
      `${number(report.approvedEdges)} good enough`,
      `of ${count(report.decisions, 'decision')} on ${count(report.watches, 'basket')}`,
    ]),
    ...(report.bestGross === undefined ? [] : [row('best gross', [bestText(report.bestGross)])]),
    ...(report.bestNet === undefined ? [] : [row('best net', [bestText(report.bestNet)])]),
    row('declined', declineTexts(report.declines)),
    ...report.problems.map((problem) => `  ${problem.kind.padEnd(14)}${problem.where}: ${problem.message}`),
    ...hiddenProblems(report),
  ];
  return lines.join('\n');
}

function hiddenProblems(report: RunReport): string[] {
  const total = Object.values(report.problemCounts).reduce((sum, of) => sum + of, 0);
  const hidden = total - report.problems.length;
  return hidden > 0 ? [`  ${''.padEnd(14)}and ${number(hidden)} more of the same kinds`] : [];
}

function row(name: string, parts: readonly (string | false)[]): string {
  const shown = parts.filter((part) => part !== false);
  return `  ${name.padEnd(13)}${shown.length === 0 ? 'nothing' : shown.join(' · ')}`;
}

function checkpointRow(tally: CheckpointTally): string {
  const comparable = tally.equal + tally.unequal;
  return row('checkpoints', [
    `${number(tally.equal)} of ${number(comparable)} comparable ones equal`,
    `${number(tally.notComparable)} not comparable`,
    `${number(tally.notReached)} not reached`,
  ]);
}

function bestText(best: BestEdge): string {
  const profit = best.profitUsd === undefined ? '' : ` (${best.profitUsd} USD on ${best.contracts} contracts)`;
  return `${formatDecimal(best.perSetE4, 2)} ¢ a set${profit} · ${best.watch} · ${best.at} · ${best.decision}`;
}

/** Most frequent first. */
function declineTexts(declines: Readonly<Record<string, number>>): string[] {
  return Object.entries(declines)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, of]) => `${reason} ${number(of)}`);
}

export function count(of: number, what: string): string {
  return `${number(of)} ${what}${of === 1 ? '' : 's'}`;
}

export function number(of: number): string {
  return Math.round(of).toLocaleString('en-US');
}
