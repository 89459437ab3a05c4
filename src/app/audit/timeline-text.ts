/** What `audit timeline` shows: one line a record, actors by indentation, time in two columns. */
import type { AttemptTimeline, OrderLatencies, TimelineEntry } from '../../db/journal/timeline.ts';
import { paint } from '../console.ts';
import { wordsOf } from './record-words.ts';

const TIME_WIDTH = 10;
const LANE_WIDTH_MIN = 16;
const INDENT = 2;

export function timelineText(timeline: AttemptTimeline): string {
  const { attempt, runs, entries, state, durationMs, orders } = timeline;
  const lanes = entries.map((entry) => laneText(entry));
  const width = Math.max(LANE_WIDTH_MIN, ...lanes.map((lane) => lane.length)) + INDENT;
  const own = entries.find(({ isCause }) => !isCause);
  const head = `attempt ${attempt}${state === undefined ? '' : `, now ${state}`}`;
  return [
    paint('bold', head),
    paint(
      'grey',
      `${own?.record.receivedAt ?? ''} · ${runs.length === 1 ? 'run' : 'runs'} ${runs.join(', ')} · ${msText(durationMs)}`,
    ),
    '',
    paint('grey', `${'ms'.padStart(TIME_WIDTH)}${'+ms'.padStart(TIME_WIDTH)}  ${'who'.padEnd(width)}what`),
    ...entries.map((entry, at) => entryLine(entry, { lane: lanes[at] ?? '', width, previous: entries[at - 1] })),
    ...(orders.length === 0 ? [] : ['', ...orders.map(orderLine)]),
  ].join('\n');
}

function entryLine(
  { record, sinceFirstMs, sincePreviousMs, isCause }: TimelineEntry,
  at: { readonly lane: string; readonly width: number; readonly previous: TimelineEntry | undefined },
): string {
  const { text, tone } = wordsOf(record);
  const times = paint('grey', `${timeText(sinceFirstMs)}${timeText(sincePreviousMs)}`);
  const lane = at.lane.padEnd(at.width);
  const what = tone === undefined ? text : paint(tone, text);
  // A cause is told where it is not the line above.
  const isTold = record.cause !== undefined && record.cause !== at.previous?.record.seq;
  const number = `  #${record.seq}${isTold ? ` ← #${record.cause}` : ''}`;
  return `${times}  ${isCause ? paint('grey', lane) : lane}${what}${paint('grey', number)}`;
}

function laneText({ lane, record, isCause }: TimelineEntry): string {
  if (lane === '') return 'attempt';
  if (lane !== undefined)
    return `${' '.repeat(INDENT * Math.ceil(lane.split('/').length / 2))}${lane.split('/').slice(-2).join('/')}`;
  const name = 'actor' in record ? record.actor : record.kind;
  return isCause ? `< ${name}` : name;
}

function orderLine({
  leg,
  venue,
  answer,
  answeredMs,
  recordedMs,
  firstFillMs,
  filledE6,
  state,
}: OrderLatencies): string {
  const parts = [
    `leg ${leg} on ${venue}`,
    recordedMs === undefined ? 'intent not on disk' : `on disk after ${msText(recordedMs)}`,
    answer === undefined
      ? paint('yellow', 'no answer')
      : `${answer} after ${answeredMs === undefined ? '?' : msText(answeredMs)}`,
    ...(firstFillMs === undefined ? [] : [`first fill after ${msText(firstFillMs)}`]),
    `filled ${filledE6 / 1e6}`,
    ...(state === undefined ? [] : [state]),
  ];
  return parts.join(' · ');
}

function timeText(ms: number | undefined): string {
  return (ms === undefined ? '' : fixed(ms)).padStart(TIME_WIDTH);
}

function msText(ms: number): string {
  return `${fixed(ms)} ms`;
}

/** For the eye only. */
function fixed(ms: number): string {
  return (Math.round(ms * 10) / 10).toFixed(1);
}
