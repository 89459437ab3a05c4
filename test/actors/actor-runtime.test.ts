import { describe, expect, it } from 'vitest';
import { assign, raise, sendParent, setup, spawnChild, stopChild } from 'xstate';
import { type ActorFault, ActorRuntime } from '../../src/actors/actor-runtime.ts';
import type { JournalRecord } from '../../src/domain/ports/journal.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { type ChildEnded, effect, reportUnexpected } from '../../src/machines/effects.ts';

const childEffects = { requestRing: effect<{ readonly loudness: number }>() };
const childMachine = setup({
  types: {} as {
    context: { rung: number };
    events: { type: 'ring.requested' } | { type: 'ring.heard' } | { type: 'timed.out' } | { type: 'ended' };
  },
  actions: {
    ...childEffects,
    reportUnexpected,
    fail: () => {
      throw new Error('broken');
    },
  },
  delays: { patience: 50 },
}).createMachine({
  id: 'bell',
  context: { rung: 0 },
  initial: 'still',
  states: {
    still: {
      on: {
        'ring.requested': {
          target: 'ringing',
          actions: [
            { type: 'requestRing', params: { loudness: 3 } },
            raise({ type: 'timed.out' }, { delay: 'patience', id: 'patience' }),
          ],
        },
      },
    },
    ringing: {
      on: {
        'ring.heard': {
          target: 'still',
          actions: [assign({ rung: ({ context }) => context.rung + 1 }), sendParent({ type: 'child.rang' })],
        },
        'timed.out': 'broken',
      },
    },
    broken: { entry: 'fail' },
    done: { type: 'final' },
  },
  on: { ended: '.done', '*': { actions: 'reportUnexpected' } },
});

const parentEffects = { requestNote: effect() };
const parentMachine = setup({
  types: {} as {
    context: { rang: number };
    events: { type: 'child.rang' } | { type: 'tower.struck' } | { type: 'xstate.error.actor.bell' };
  },
  actors: { bell: childMachine },
  actions: {
    ...parentEffects,
    reportUnexpected,
    fall: () => {
      throw new Error('fallen');
    },
  },
}).createMachine({
  id: 'tower',
  context: { rang: 0 },
  initial: 'open',
  entry: spawnChild('bell', { id: 'bell' }),
  states: { open: {}, closed: {} },
  on: {
    'child.rang': { actions: [assign({ rang: ({ context }) => context.rang + 1 }), 'requestNote'] },
    'tower.struck': { actions: 'fall' },
    'xstate.error.actor.*': { target: '.closed', actions: stopChild('bell') },
    '*': { actions: 'reportUnexpected' },
  },
});

function rig(onRing: 'hear' | 'throw' | 'nothing' = 'hear') {
  const clock = new VirtualClock();
  const records: JournalRecord[] = [];
  const faults: ActorFault[] = [];
  const done: string[] = [];
  const runtime = new ActorRuntime({
    clock,
    journal: { append: (record) => records.push(record) },
    onFault: (fault) => faults.push(fault),
    definitionOf: () => 'sha256:0',
  });
  const bell = runtime.bind(childMachine, childEffects, {
    requestRing: (actor, { loudness }) => {
      done.push(`${actor.path} ${loudness} after ${records.length}`);
      if (onRing === 'throw') throw new Error('no rope');
      if (onRing === 'hear') actor.send({ type: 'ring.heard' });
    },
  });
  const tower = runtime.bind(parentMachine, parentEffects, { requestNote: () => void done.push('noted') }, { bell });
  const actor = runtime.start(tower, { id: 'tower', input: undefined });
  const child = actor.getSnapshot().children.bell;
  if (child === undefined) throw new Error('expected a bell, found none');
  return { clock, records, faults, done, runtime, actor, child };
}

describe('actor runtime', () => {
  it('performs an effect only after the record of the move that asked for it', () => {
    const { runtime, child, done, records } = rig();
    const before = records.length;
    runtime.send(child, { type: 'ring.requested' });
    expect(done[0]).toBe(`tower/bell 3 after ${before + 1}`);
  });

  it('journals child and parent in the order of cause', () => {
    const { runtime, child, records, actor } = rig();
    records.splice(0);
    runtime.send(child, { type: 'ring.requested' });
    expect(
      records.map((record) =>
        record.kind === 'transition'
          ? `${record.actor} ${record.from}>${record.to} ${record.effects.join()}`
          : record.kind,
      ),
    ).toEqual(['tower/bell still>ringing requestRing', 'tower/bell ringing>still ', 'tower open>open requestNote']);
    expect(actor.getSnapshot().context.rang).toBe(1);
  });

  it('names the record that caused the next one', () => {
    const { runtime, child, records } = rig();
    const start = records.length;
    runtime.send(child, { type: 'ring.requested' }, 77);
    expect(records.slice(start).map((record) => record.cause)).toEqual([77, start + 1, start + 2]);
  });

  it('lets a chart hear of every child that ends by one type, and the journal by the name of the child', () => {
    const { runtime, records } = rig();
    const bell = runtime.bind(childMachine, childEffects, { requestRing: () => undefined });
    const rowMachine = setup({
      types: {} as { context: { heard: readonly string[] }; events: { type: 'bells.wanted' } | ChildEnded },
      actors: { bell: childMachine },
    }).createMachine({
      id: 'row',
      context: { heard: [] },
      on: {
        'bells.wanted': { actions: [spawnChild('bell', { id: 'first' }), spawnChild('bell', { id: 'second' })] },
        'xstate.done.actor.*': {
          actions: assign({ heard: ({ context, event }) => [...context.heard, event.type, event.actorId] }),
        },
      },
    });
    const row = runtime.start(runtime.bind(rowMachine, {}, {}, { bell }), { id: 'row', input: undefined });
    runtime.send(row, { type: 'bells.wanted' });
    for (const child of Object.values(row.getSnapshot().children))
      if (child !== undefined) runtime.send(child, { type: 'ended' });
    const done = 'xstate.done.actor.any';
    expect(row.getSnapshot().context.heard).toEqual([done, 'first', done, 'second']);
    const told = records.flatMap((record) =>
      record.kind === 'transition' && record.actor === 'row' ? [record.event.type] : [],
    );
    expect(told).toEqual(['bells.wanted', 'xstate.done.actor.first', 'xstate.done.actor.second']);
  });

  it('writes down an event that a chart did not expect', () => {
    const { runtime, child, records } = rig();
    runtime.send(child, { type: 'ring.heard' });
    expect(records.at(-1)).toMatchObject({
      kind: 'ignored',
      actor: 'tower/bell',
      state: 'still',
      event: { type: 'ring.heard' },
    });
  });

  it('writes down what comes for an actor that has ended, which never hears it', () => {
    const { runtime, child, records } = rig();
    runtime.send(child, { type: 'ended' });
    const before = records.length;
    runtime.send(child, { type: 'ring.requested' }, 77);
    const late = {
      kind: 'ignored',
      actor: 'tower/bell',
      machine: 'bell',
      cause: 77,
      event: { type: 'ring.requested' },
    };
    expect([records.length - before, records.at(-1)]).toEqual([1, expect.objectContaining(late)]);
  });

  it('survives an action that throws: the parent is told, the fault is told once', () => {
    const { runtime, child, faults, clock, actor } = rig('nothing');
    runtime.send(child, { type: 'ring.requested' });
    clock.advanceBy(50);
    expect(faults).toMatchObject([{ path: 'tower/bell', kind: 'chart', message: 'broken' }]);
    expect(actor.getSnapshot().value).toBe('closed');
    expect(runtime.liveActors).toBe(1);
  });

  it('survives an effect that throws: the actor is told', () => {
    const { runtime, child, faults, records } = rig('throw');
    runtime.send(child, { type: 'ring.requested' });
    expect(faults).toMatchObject([{ path: 'tower/bell', kind: 'effect', message: 'requestRing: no rope' }]);
    expect(records.at(-1)).toMatchObject({ kind: 'ignored', event: { type: 'effect.failed', effect: 'requestRing' } });
  });

  it('ends the children of an actor that breaks: nobody would hear them', () => {
    const { runtime, actor, child } = rig();
    runtime.send(actor, { type: 'tower.struck' });
    expect([runtime.liveActors, child.getSnapshot().status]).toEqual([0, 'stopped']);
  });

  it('counts the actors that live', () => {
    const { runtime, child } = rig();
    expect(runtime.liveActors).toBe(2);
    runtime.send(child, { type: 'ended' });
    expect(runtime.liveActors).toBe(1);
  });
});
