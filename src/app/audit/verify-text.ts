/** What `audit verify` tells a person. */
import type { VerifyReport } from '../../db/journal/verify-journal.ts';
import { paint } from '../console.ts';

const LABEL_WIDTH = 10;
const INTENTS_SHOWN = 10;

export function verifyText(name: string, report: VerifyReport, isPart: boolean): string {
  const isGood = report.problems.length === 0;
  const [first, last] = [report.runs[0], report.runs.at(-1)];
  return [
    isGood ? `${paint('green', '✓')} ${name}` : `${paint('red', '✗')} ${name}`,
    line('records', `${report.records}, in ${counted(report.runs.length, 'run')}: ${kindsText(report)}`),
    line('time', first === undefined || last === undefined ? 'none' : `${first.firstAt} to ${last.lastAt}`),
    line('trading', `${counted(report.attempts, 'attempt')}, ${counted(report.orders, 'order')}`),
    ...runLines(report),
    ...intentLines(report),
    ...(isPart ? [line('note', 'the first record is believed: what comes before it was not given')] : []),
    ...(report.torn === undefined ? [] : [line('torn', tornText(report.torn))]),
    ...report.problems.map(({ where, what }, at) =>
      line(at === 0 ? 'first bad' : '', paint('red', `${where}: ${what}`)),
    ),
  ].join('\n');
}

function runLines({ runs }: VerifyReport): string[] {
  return runs
    .filter((run, at) => !run.isSealed && at < runs.length - 1)
    .map(({ run, lastSeq }) => line('crashed', `run ${run} was not closed; its last record is ${lastSeq}`))
    .concat(
      runs.at(-1)?.isSealed === false
        ? [line('open', `run ${runs.at(-1)?.run} is at work, or ended without closing`)]
        : [],
    );
}

function intentLines({ openIntents }: VerifyReport): string[] {
  if (openIntents.length === 0) return [];
  const shown = openIntents
    .slice(0, INTENTS_SHOWN)
    .map(({ attempt, leg, venue, clientOrderId, where }) =>
      line('', `${clientOrderId} at ${venue}, leg ${leg} of ${attempt} (${where})`),
    );
  const rest = openIntents.length - shown.length;
  const text = `${counted(openIntents.length, 'order')} with no answer: a start asks the venues for ${openIntents.length === 1 ? 'it' : 'them'}`;
  return [
    line('unknown', paint('yellow', text)),
    ...shown,
    ...(rest > 0 ? [line('', `and ${rest} more: --json lists all`)] : []),
  ];
}

function tornText({ where, bytes }: { readonly where: string; readonly bytes: number }): string {
  return `${where}: ${bytes} bytes of an unfinished record, which the next start cuts off`;
}

function kindsText({ kinds }: VerifyReport): string {
  return Object.entries(kinds)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`;
}
