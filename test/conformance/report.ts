/** Outcomes for people and for programs. */
import type { Outcome, Venue } from './checks.ts';

interface Row {
  readonly venue: Venue;
  readonly group: string;
  passed: number;
  failed: number;
  skipped: number;
}

export function rowsOf(outcomes: readonly Outcome[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { venue, group, status } of outcomes) {
    const row = rows.get(`${venue}/${group}`) ?? { venue, group, passed: 0, failed: 0, skipped: 0 };
    row[status]++;
    rows.set(`${venue}/${group}`, row);
  }
  return [...rows.values()].sort((a, b) => a.venue.localeCompare(b.venue) || a.group.localeCompare(b.group));
}

export function countOf(outcomes: readonly Outcome[], status: Outcome['status'], venue?: Venue): number {
  return outcomes.filter((outcome) => outcome.status === status && (venue ?? outcome.venue) === outcome.venue).length;
}

export function reportText(outcomes: readonly Outcome[]): string {
  const rows = rowsOf(outcomes);
  const width = Math.max(5, ...rows.map(({ group }) => group.length));
  const line = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(11)} ${(cells[1] ?? '').padEnd(width)} ${cells
      .slice(2)
      .map((cell) => cell.padStart(8))
      .join('')}`;
  const left = outcomes.filter(({ status }) => status === 'skipped');
  const failed = outcomes.filter(({ status }) => status === 'failed');
  return [
    ...left.map(({ venue, name, reason }) => `left out: ${venue}: ${name}: ${reason}`),
    ...failed.map(({ venue, name, reason }) => `FAILED: ${venue}: ${name}\n  ${reason}`),
    '',
    line(['venue', 'group', 'passed', 'failed', 'left out']),
    ...rows.map((row) => line([row.venue, row.group, ...[row.passed, row.failed, row.skipped].map(String)])),
    '',
    `${countOf(outcomes, 'passed')} passed, ${countOf(outcomes, 'failed')} failed`,
  ].join('\n');
}
