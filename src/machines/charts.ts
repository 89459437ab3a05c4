/** Every chart, for whatever treats all of them alike: documents, checks, coverage, views. */
import type { AnyStateMachine } from 'xstate';
import { bookFeedEffects, bookFeedMachine } from './book-feed.machine.ts';

export interface Chart {
  /** The machine's id. */
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly effects: Readonly<Record<string, unknown>>;
  /** Something that the machine can be started with. */
  readonly input: unknown;
}

export const CHARTS: readonly Chart[] = [
  chart(bookFeedMachine, bookFeedEffects, {
    book: 'KXFED-26SEP-T4.25/yes',
    terms: { snapshotMs: 5_000, resyncPauseMs: 250, failuresMax: 3, warmingPauseMs: 2_000 },
  }),
];

function chart(machine: AnyStateMachine, effects: Readonly<Record<string, unknown>>, input: unknown): Chart {
  return { name: machine.id, machine, effects, input };
}
