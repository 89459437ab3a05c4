/** A small session of real actors: two attempts with two legs each, one of which goes wrong. Charts made up for this. */
import { assign, raise, sendParent, setup, spawnChild, stopChild } from 'xstate';
import { ActorRuntime } from '../../../src/actors/actor-runtime.ts';
import { definitionHash, definitionOf } from '../../../src/app/charts/definition.ts';
import type { MachineDefinition } from '../../../src/db/journal/machine-definition.ts';
import { MemoryJournal, type MemoryJournalOptions } from '../../../src/db/journal/memory-journal.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { effect, reportUnexpected } from '../../../src/machines/effects.ts';

type LegEvent =
  | { readonly type: 'intent.recorded' }
  | { readonly type: 'order.acknowledged'; readonly venueOrderId: string }
  | { readonly type: 'order.unknown'; readonly detail: string }
  | { readonly type: 'fill.reported'; readonly tradeId: string; readonly sizeE6: number; readonly priceE4: number };

const legEffects = { recordIntent: effect<{ readonly order: SampleOrder }>() };

export interface SampleOrder {
  readonly attemptId: string;
  readonly legId: string;
  readonly venue: string;
  readonly clientOrderId: string;
  readonly sizeE6: number;
}

const legMachine = setup({
  types: {} as {
    context: { order: SampleOrder; filledE6: number };
    events: LegEvent | { readonly type: 'acknowledgement.overdue' };
    input: { order: SampleOrder };
  },
  actions: {
    ...legEffects,
    reportUnexpected,
    await: raise({ type: 'acknowledgement.overdue' }, { delay: 'acknowledgement', id: 'acknowledgement' }),
    adopt: assign({
      filledE6: ({ context, event }) => context.filledE6 + (event.type === 'fill.reported' ? event.sizeE6 : 0),
    }),
    tell: sendParent(({ context }) => ({ type: 'leg.reported', legId: context.order.legId })),
  },
  guards: { becomesWhole: ({ context }) => context.filledE6 >= context.order.sizeE6 },
  delays: { acknowledgement: 1_000 },
}).createMachine({
  id: 'sampleLeg',
  context: ({ input }) => ({ order: input.order, filledE6: 0 }),
  initial: 'planned',
  states: {
    planned: {
      entry: { type: 'recordIntent', params: ({ context }) => ({ order: context.order }) },
      on: { 'intent.recorded': 'live' },
    },
    live: {
      initial: 'sending',
      states: {
        sending: {
          entry: 'await',
          on: { 'order.acknowledged': 'resting', 'order.unknown': '#sampleLeg.unresolved' },
        },
        resting: {},
      },
      on: { 'fill.reported': { target: 'checking', actions: ['adopt', 'tell'] } },
    },
    checking: { always: [{ guard: 'becomesWhole', target: 'ended' }, { target: 'live.resting' }] },
    unresolved: { on: { 'fill.reported': { target: 'checking', actions: ['adopt', 'tell'] } } },
    ended: {},
  },
  on: { 'acknowledgement.overdue': {}, '*': { actions: 'reportUnexpected' } },
});

const attemptEffects = { requestLastLook: effect() };

const attemptMachine = setup({
  types: {} as {
    context: { attemptId: string; legs: readonly SampleOrder[]; reports: number };
    events:
      | { readonly type: 'look.passed' }
      | { readonly type: 'leg.reported'; readonly legId: string }
      | { readonly type: 'clock.struck' };
    input: { attemptId: string; legs: readonly SampleOrder[] };
  },
  actors: { leg: legMachine },
  actions: {
    ...attemptEffects,
    reportUnexpected,
    spawnFirst: spawnChild('leg', {
      id: 'leg/1-kalshi',
      input: ({ context }) => ({ order: context.legs[0] as SampleOrder }),
    }),
    spawnSecond: spawnChild('leg', {
      id: 'leg/2-polymarket',
      input: ({ context }) => ({ order: context.legs[1] as SampleOrder }),
    }),
    count: assign({ reports: ({ context }) => context.reports + 1 }),
  },
  guards: { isLast: ({ context }) => context.reports === 1 },
}).createMachine({
  id: 'sampleAttempt',
  context: ({ input }) => ({ ...input, reports: 0 }),
  type: 'parallel',
  states: {
    work: {
      initial: 'lastLook',
      states: {
        lastLook: {
          entry: 'requestLastLook',
          on: { 'look.passed': { target: 'sending', actions: ['spawnFirst', 'spawnSecond'] } },
        },
        sending: {
          on: {
            'leg.reported': [
              {
                guard: 'isLast',
                target: 'balanced',
                actions: ['count', stopChild('leg/1-kalshi'), stopChild('leg/2-polymarket')],
              },
              { actions: 'count' },
            ],
          },
        },
        balanced: {},
      },
    },
    watch: { initial: 'calm', states: { calm: { on: { 'clock.struck': 'late' } }, late: {} } },
  },
  on: { '*': { actions: 'reportUnexpected' } },
});

export const SAMPLE_MACHINES: readonly MachineDefinition[] = [definitionOf(legMachine), definitionOf(attemptMachine)];

export interface SampleRun {
  readonly clock: VirtualClock;
  readonly journal: MemoryJournal;
  /** Numbers of the records whose sync had ended when the session did, or died. */
  readonly synced: () => number;
  readonly run: () => Promise<void>;
}

/** The first attempt ends balanced; the second leg of the other is never answered. */
export function sampleRun(
  options: Partial<MemoryJournalOptions> & { readonly attempts?: readonly [string, string] } = {},
): SampleRun {
  const clock = new VirtualClock();
  const { run: facts, attempts = ['e1', 'e2'], ...others } = options;
  const journal = new MemoryJournal({
    clock,
    run: { run: 'run-1', machines: SAMPLE_MACHINES, ...facts },
    writeMs: 0.1,
    syncMs: 0.4,
    ...others,
  });
  let synced = 0;
  const sync = (onEnd: () => void): void => {
    const upTo = journal.appended.at(-1)?.seq ?? 0;
    journal.sync((fault) => {
      if (fault !== undefined) return;
      synced = Math.max(synced, upTo);
      onEnd();
    });
  };
  const runtime = new ActorRuntime({
    clock,
    journal,
    onFault: (fault) => {
      throw fault.error;
    },
    definitionOf: definitionHash,
  });
  const leg = runtime.bind(legMachine, legEffects, {
    recordIntent: (actor, { order }) => {
      journal.append({
        kind: 'intent',
        actor: actor.path,
        attempt: order.attemptId,
        leg: order.legId,
        venue: order.venue,
        clientOrderId: order.clientOrderId,
        venueOrderId: undefined,
        body: `{"size":${order.sizeE6}}`,
        order: { ...order },
        cause: actor.cause,
      });
      sync(() => actor.send({ type: 'intent.recorded' }));
    },
  });
  const attempt = runtime.bind(
    attemptMachine,
    attemptEffects,
    { requestLastLook: (actor) => actor.send({ type: 'look.passed' }) },
    { leg },
  );
  const run = async (): Promise<void> => {
    journal.append({ kind: 'command', by: 'cli', command: 'resume', parameters: { reason: 'test' } });
    for (const attemptId of attempts) {
      const cause = journal.append({
        kind: 'decision',
        opportunity: `o-${attemptId}`,
        decision: 'approved',
        reason: 'net edge',
        detail: { attemptId, netE4: 120 },
      });
      const legs = ['1-kalshi', '2-polymarket'].map(
        (legId): SampleOrder => ({
          attemptId,
          legId,
          venue: legId.slice(2),
          clientOrderId: `${attemptId}-${legId}`,
          sizeE6: 5_000_000,
        }),
      );
      const actor = runtime.start(attempt, { id: `attempt/${attemptId}`, input: { attemptId, legs } });
      await clock.settleBy(30);
      const { children } = actor.getSnapshot();
      for (const order of attemptId === attempts[0] ? legs : legs.slice(0, 1)) {
        const child = children[`leg/${order.legId}`];
        if (child === undefined) continue;
        runtime.send(child, { type: 'order.acknowledged', venueOrderId: `v-${order.clientOrderId}` } as never, cause);
        await clock.settleBy(12);
        runtime.send(child, {
          type: 'fill.reported',
          tradeId: `t-${order.clientOrderId}`,
          sizeE6: order.sizeE6,
          priceE4: 4_500,
        } as never);
        journal.append({
          kind: 'ledger',
          transaction: { id: `fill/${order.venue}/t-${order.clientOrderId}`, kind: 'fill' },
          cause: journal.appended.at(-1)?.seq,
        });
      }
      const last = children[`leg/2-polymarket`];
      if (attemptId === 'e2' && last !== undefined)
        runtime.send(last, { type: 'order.unknown', detail: 'timed out' } as never);
      runtime.send(actor, { type: 'clock.struck' });
      await clock.settleBy(5);
    }
    await clock.settleBy(20);
  };
  return { clock, journal, synced: () => synced, run };
}
