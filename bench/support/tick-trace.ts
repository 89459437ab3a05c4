/** When what happened to one trigger of the tick-to-trade bench, seen from outside: at its wires and its journal. */

import { lineOf, NOTHING_BEFORE } from '../../src/db/journal/record-line.ts';
import type { HttpTransport } from '../../src/domain/ports/http.ts';
import type { Journal, JournalRecord } from '../../src/domain/ports/journal.ts';
import type { SocketTransport } from '../../src/domain/ports/socket.ts';
import { percentile, round } from './statistics.ts';

/** In the order in which they happen. Each is told as the time since the one before it. */
export const STAGES = [
  /** The frame was received: the start. */
  'frame',
  /** A decision says that it is an edge. */
  'decided',
  /** Both intents are in the journal, and a sync is asked for. */
  'intended',
  /** Their text and hashes are made, and the disk has work. */
  'writing',
  /** The signature is made; the loop is free. */
  'sealed',
  /** The disk has them. */
  'synced',
  /** The first order is handed to its connection. */
  'handed',
  /** The last byte of the later order was written. */
  'written',
] as const;

export type Stage = (typeof STAGES)[number];
export type Marks = Partial<Record<Stage, number>>;

const LEGS = 2;
const PLACE = { seq: 1_000, wallMicros: 1_767_225_600_000_000, monoMs: 1_000 } as const;

export class TickTrace {
  #ticker: string | undefined;
  #marks: Marks = {};
  #sent = 0;
  #onEnd: ((marks: Marks | undefined) => void) | undefined;
  #onOrderEnded: (() => void) | undefined;
  /** Orders that were sent and what ends them. */
  #ended = 0;
  /** What was appended for the first trigger that came to an order, up to its intents. */
  readonly #records: JournalRecord[] = [];
  #isFirst = true;

  /** Ends with the marks of the next trigger in that market, or `undefined` once somebody gives it up. */
  await(ticker: string, onOrderEnded: () => void): Promise<Marks | undefined> {
    this.#ticker = ticker;
    this.#marks = {};
    this.#sent = 0;
    this.#ended = 0;
    this.#onOrderEnded = onOrderEnded;
    return new Promise((resolve) => {
      this.#onEnd = resolve;
    });
  }

  /** Lines of one attempt that have to be on the disk before its orders leave. */
  written(): { readonly records: number; readonly bytes: number } {
    const lines = this.#records.map((record) => lineOf({ record, ...PLACE }, 'bench', NOTHING_BEFORE).text);
    return { records: lines.length, bytes: lines.reduce((sum, line) => sum + line.length, 0) };
  }

  giveUp(): void {
    this.#ticker = undefined;
    this.#onEnd?.(undefined);
    this.#onEnd = undefined;
  }

  mark(stage: Stage): void {
    if (this.#onEnd !== undefined && this.#marks.frame !== undefined) this.#marks[stage] ??= performance.now();
  }

  sockets(sockets: SocketTransport): SocketTransport {
    return {
      open: (request, listener) =>
        sockets.open(request, {
          onOpen: () => listener.onOpen(),
          onText: (text) => {
            if (this.#ticker !== undefined && isGap(text, this.#ticker)) {
              this.#ticker = undefined;
              this.#marks.frame = performance.now();
            }
            listener.onText(text);
            if (this.#marks.intended !== undefined) this.mark('sealed');
          },
          onPing: (payload) => listener.onPing(payload),
          onPong: () => listener.onPong(),
          onEnd: (end) => listener.onEnd(end),
        }),
    };
  }

  http(http: HttpTransport): HttpTransport {
    return {
      send: (request, listener) => {
        if (request.lane !== 'order' || request.method !== 'POST') {
          http.send(request, listener);
          return;
        }
        this.mark('handed');
        http.send(request, {
          onSent: () => {
            this.#wrote();
            listener.onSent?.();
          },
          onOutcome: (outcome) => {
            listener.onOutcome(outcome);
            if (++this.#ended === LEGS) this.#onOrderEnded?.();
          },
        });
      },
      close: () => http.close(),
    };
  }

  journal(journal: Journal): Journal {
    return {
      append: (record) => {
        if (this.#isFirst && this.#marks.decided !== undefined) this.#records.push(record);
        return journal.append(record);
      },
      sync: (onEnd) => {
        this.mark('intended');
        if (this.#marks.decided !== undefined) this.#isFirst = false;
        journal.sync((fault) => {
          this.mark('synced');
          onEnd(fault);
        });
        this.mark('writing');
      },
      close: () => journal.close(),
    };
  }

  #wrote(): void {
    // What an earlier trigger left to do is none of this one's orders.
    if (this.#marks.synced === undefined || ++this.#sent < LEGS) return;
    this.mark('written');
    const [end, marks] = [this.#onEnd, this.#marks];
    this.#onEnd = undefined;
    end?.(STAGES.every((stage) => marks[stage] !== undefined) ? marks : undefined);
  }
}

/** The flood moves bids only. */
function isGap(text: string, ticker: string): boolean {
  return text.includes(ticker) && text.includes('"side":"no"') && text.includes('orderbook_delta');
}

export function totalMs({ frame = Number.NaN, written = Number.NaN }: Marks): number {
  return written - frame;
}

/** Microseconds from each stage to the next, at the median and at the 99th percentile. */
export function breakdown(samples: readonly Marks[]): Readonly<Record<string, { p50: number; p99: number }>> {
  const told: Record<string, { p50: number; p99: number }> = {};
  for (const [at, stage] of STAGES.entries()) {
    const before = STAGES[at - 1];
    if (before === undefined) continue;
    const spans = samples.map((marks) => ((marks[stage] ?? Number.NaN) - (marks[before] ?? Number.NaN)) * 1_000);
    told[`${before} → ${stage}`] = { p50: round(percentile(spans, 0.5), 0), p99: round(percentile(spans, 0.99), 0) };
  }
  return told;
}
