/** What happened in one attempt, in order, with its latencies. */
import type { WrittenRecord } from '../../domain/ports/journal.ts';
import { AttemptSelector, attemptNamedBy } from './attempt-records.ts';

export interface TimelineEntry {
  readonly record: WrittenRecord;
  /** From the first record of the attempt; negative for what led to it, absent where another run's clock counted. */
  readonly sinceFirstMs: number | undefined;
  /** From the entry above. */
  readonly sincePreviousMs: number | undefined;
  /** Whose doing it was, below the attempt: empty for itself, `leg/1-kalshi`; `undefined` outside of it. */
  readonly lane: string | undefined;
  /** It led to a record of the attempt and is no part of it. */
  readonly isCause: boolean;
}

export interface OrderLatencies {
  readonly leg: string;
  readonly venue: string;
  readonly clientOrderId: string;
  /** From the decision to send to the intent being on the disk, and from there to the venue's reply. */
  readonly recordedMs: number | undefined;
  readonly answeredMs: number | undefined;
  /** How it was answered, in the words of its chart. */
  readonly answer: string | undefined;
  readonly firstFillMs: number | undefined;
  readonly filledE6: number;
  /** Where its leg stands at the end. */
  readonly state: string | undefined;
}

export interface AttemptTimeline {
  readonly attempt: string;
  readonly runs: readonly string[];
  readonly entries: readonly TimelineEntry[];
  readonly orders: readonly OrderLatencies[];
  /** Where the attempt itself stands at the end; `undefined` when it never began. */
  readonly state: string | undefined;
  readonly durationMs: number;
}

export type TimelineResult =
  | { readonly kind: 'found'; readonly timeline: AttemptTimeline }
  | { readonly kind: 'unknown'; readonly attempts: readonly string[] };

const NANOS_PER_MILLI = 1e6;
const ANSWERS = ['order.acknowledged', 'order.refused', 'order.unknown', 'submission.withheld'];

/** `read` is called twice, and gives every record each time. */
export function timelineOf(read: () => Iterable<WrittenRecord>, attempt: string): TimelineResult {
  const selector = new AttemptSelector(attempt);
  const attempts = new Set<string>();
  for (const record of read()) {
    selector.note(record);
    const named = attemptNamedBy(record);
    if (named !== undefined) attempts.add(named);
  }
  const { members, causes } = selector.selection();
  if (members.size === 0) return { kind: 'unknown', attempts: [...attempts] };
  const records: WrittenRecord[] = [];
  for (const record of read()) if (members.has(record.seq) || causes.has(record.seq)) records.push(record);
  return { kind: 'found', timeline: timelineFrom(attempt, records, causes) };
}

function timelineFrom(
  attempt: string,
  records: readonly WrittenRecord[],
  causes: ReadonlySet<number>,
): AttemptTimeline {
  const own = records.filter(({ seq }) => !causes.has(seq));
  const [first, last] = [own[0], own.at(-1)];
  const root = rootOf(attempt, own);
  return {
    attempt,
    runs: [...new Set(own.map(({ run }) => run))],
    entries: records.map((record, at) => ({
      record,
      sinceFirstMs: msBetween(first, record),
      sincePreviousMs: msBetween(records[at - 1], record),
      lane: laneOf(record, root, own),
      isCause: causes.has(record.seq),
    })),
    orders: own.flatMap((record) => (record.kind === 'intent' ? [latenciesOf(record, own)] : [])),
    state: root === undefined ? undefined : standingOf(root, own),
    durationMs: msBetween(first, last) ?? 0,
  };
}

/** The actor of the attempt itself: the one that was started first and is not one of its orders. */
function rootOf(attempt: string, records: readonly WrittenRecord[]): string | undefined {
  const isRoot = (record: WrittenRecord): boolean =>
    record.kind === 'spawn' && (record.actor === attempt || record.actor.endsWith(`attempt/${attempt}`));
  const found = records.find(isRoot);
  return found?.kind === 'spawn' ? found.actor : undefined;
}

function laneOf(record: WrittenRecord, root: string | undefined, own: readonly WrittenRecord[]): string | undefined {
  if (!('actor' in record)) return undefined;
  if (root !== undefined && record.actor === root) return '';
  if (root !== undefined && record.actor.startsWith(`${root}/`)) return record.actor.slice(root.length + 1);
  const isOrphan = own.some((other) => other.kind === 'spawn' && other.actor === record.actor);
  return isOrphan ? record.actor : undefined;
}

function latenciesOf(
  intent: WrittenRecord & { readonly kind: 'intent' },
  records: readonly WrittenRecord[],
): OrderLatencies {
  const moves = records.flatMap((record) =>
    record.kind === 'transition' && record.actor === intent.actor && record.seq > intent.seq ? [record] : [],
  );
  const typed = (types: readonly string[]) => moves.find(({ event }) => types.includes(String(event.type)));
  const [recorded, answered, filled] = [typed(['intent.recorded']), typed(ANSWERS), typed(['fill.reported'])];
  const fills = moves.filter(({ event }) => event.type === 'fill.reported');
  return {
    leg: intent.leg,
    venue: intent.venue,
    clientOrderId: intent.clientOrderId,
    recordedMs: recorded === undefined ? undefined : msBetween(intent, recorded),
    answeredMs: answered === undefined ? undefined : msBetween(recorded ?? intent, answered),
    answer: answered === undefined ? undefined : String(answered.event.type),
    firstFillMs: filled === undefined ? undefined : msBetween(recorded ?? intent, filled),
    filledE6: fills.reduce((sum, { event }) => sum + (typeof event.sizeE6 === 'number' ? event.sizeE6 : 0), 0),
    state: standingOf(intent.actor, records),
  };
}

function standingOf(actor: string, records: readonly WrittenRecord[]): string | undefined {
  let state: string | undefined;
  for (const record of records) {
    if (!('actor' in record) || record.actor !== actor) continue;
    if (record.kind === 'spawn' || record.kind === 'stop') state = record.state;
    if (record.kind === 'transition') state = record.to;
  }
  return state;
}

/** By the monotonic clock, which only one run shares. */
function msBetween(from: WrittenRecord | undefined, to: WrittenRecord | undefined): number | undefined {
  if (from === undefined || to === undefined || from.run !== to.run) return undefined;
  return (Number(to.mono) - Number(from.mono)) / NANOS_PER_MILLI;
}
