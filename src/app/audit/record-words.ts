/** A record in a trader's words, short enough for one line of a terminal. */
import type { Json, JsonObject, WrittenRecord } from '../../domain/ports/journal.ts';
import type { Paint } from '../console.ts';

export interface RecordWords {
  readonly text: string;
  readonly tone: Paint | undefined;
}

const TEXT_SHOWN = 60;
const NAMED = /^(.*?)(E6|E4|MicroUsd|Ms)$/;
/** Said by the line already, or of no use to a reader. */
const NOT_FACTS = new Set(['type', 'attemptId', 'legId', 'report', 'order', 'plan', 'books']);

const GOOD = /^(?:order\.acknowledged|fill\.reported|leg\.settled)$/;
const BAD = /^(?:effect\.failed|xstate\.error)/;
const DOUBTFUL = /refused|unknown|absent|overdue|withheld|failed|reversed|cancel|gapped|expired/;
const ALARMING = /^(?:stuck|asymmetr|unwinding|open|halted)/;

export function wordsOf(record: WrittenRecord): RecordWords {
  switch (record.kind) {
    case 'spawn':
      return { text: `started in ${record.state}`, tone: undefined };
    case 'stop':
      return { text: `ended in ${record.state}`, tone: 'grey' };
    case 'transition':
      return moveWords(record);
    case 'ignored':
      return { text: `ignored ${eventText(record.event)} in ${record.state}`, tone: 'yellow' };
    case 'intent':
      return { text: `intent ${orderText(record.order)} · ${record.clientOrderId}`, tone: 'blue' };
    case 'withdrawal':
      return { text: `withdrawn, nothing was sent: ${record.reason}`, tone: 'yellow' };
    case 'decision':
      return {
        text: `${record.decision} ${record.opportunity}: ${record.reason}${factsText(record.detail)}`,
        tone: 'bold',
      };
    case 'command':
      return { text: `${record.by} asked: ${record.command}${factsText(record.parameters)}`, tone: 'bold' };
    case 'ledger':
      return { text: `booked ${bookedText(record.transaction)}`, tone: 'green' };
    case 'venueIn':
    case 'venueOut':
      return {
        text: `${record.kind === 'venueIn' ? 'from' : 'to'} ${record.venue}: ${record.about}${factsText(record.detail)}`,
        tone: undefined,
      };
    case 'error':
      return { text: `error: ${record.message}`, tone: 'red' };
    case 'run':
      return { text: `run begins in mode ${record.mode}`, tone: 'grey' };
    case 'seal':
      return { text: `sealed: ${record.reason}`, tone: 'grey' };
    case 'checkpoint':
      return { text: 'checkpoint', tone: 'grey' };
    case 'recovered':
      return { text: `recovered: ${record.what}${factsText(record.detail)}`, tone: 'yellow' };
  }
}

function moveWords(record: WrittenRecord & { readonly kind: 'transition' }): RecordWords {
  const { from, to, event, effects } = record;
  const move = from === to ? to : `${from} → ${to}`;
  const asks = effects.length === 0 ? '' : ` · asks ${effects.join(', ')}`;
  return { text: `${move} on ${eventText(event)}${asks}`, tone: toneOf(String(event.type), to) };
}

function toneOf(event: string, to: string): Paint | undefined {
  if (BAD.test(event) || ALARMING.test(to)) return 'red';
  if (GOOD.test(event)) return 'green';
  return DOUBTFUL.test(event) ? 'yellow' : undefined;
}

function eventText(event: JsonObject): string {
  return `${String(event.type)}${factsText(event)}`;
}

/** ` (5 contracts at $0.45)`: every plain field by its name and unit. */
function factsText(fields: JsonObject): string {
  const facts = Object.entries(fields).flatMap(([name, value]) => {
    const text = NOT_FACTS.has(name) ? undefined : factText(name, value);
    return text === undefined ? [] : [text];
  });
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

function factText(name: string, value: Json | undefined): string | undefined {
  if (typeof value === 'string') return `${name} ${shortened(value)}`;
  if (typeof value === 'boolean') return value ? name : `not ${name}`;
  return typeof value === 'number' ? numberText(name, value) : undefined;
}

function numberText(name: string, value: number): string {
  const [, stem = name, unit] = NAMED.exec(name) ?? [];
  switch (unit) {
    case 'E6':
      return `${stem} ${value / 1e6}`;
    case 'E4':
      return `${stem} ${dollarText(value / 1e4)}`;
    case 'MicroUsd':
      return `${stem} ${dollarText(value / 1e6)}`;
    case 'Ms':
      return `${stem} ${value} ms`;
    default:
      return `${name} ${value}`;
  }
}

function dollarText(dollars: number): string {
  return `${dollars < 0 ? '−' : ''}$${Math.abs(dollars)}`;
}

function orderText(order: JsonObject): string {
  const { action, sizeE6, limitE4, venue, timeInForce, role } = order;
  const parts = [
    role,
    action,
    typeof sizeE6 === 'number' ? sizeE6 / 1e6 : undefined,
    typeof limitE4 === 'number' ? `at ${dollarText(limitE4 / 1e4)}` : undefined,
    typeof venue === 'string' ? `on ${venue}` : undefined,
    timeInForce,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

function bookedText(transaction: JsonObject): string {
  const { kind, id, postings } = transaction;
  const cash = Array.isArray(postings) ? postings.flatMap(cashOf) : [];
  return [kind, id, ...cash].filter((part) => typeof part === 'string').join(' ');
}

function cashOf(posting: Json): string[] {
  if (typeof posting !== 'object' || posting === null || Array.isArray(posting)) return [];
  const { account, amountMicroUsd } = posting as JsonObject;
  const isTold = (account === 'cash' || account === 'fees') && typeof amountMicroUsd === 'number';
  return isTold ? [`· ${account} ${dollarText(Number(amountMicroUsd) / 1e6)}`] : [];
}

function shortened(text: string): string {
  return text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN - 1)}…`;
}
