import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, cancel, fromPromise, raise, setup, spawnChild, stopChild } from 'xstate';
import { chartProblems, unlisted } from '../../scripts/checks/charts.ts';
import { CHARTS } from '../../src/machines/charts.ts';
import { effect, reportUnexpected } from '../../src/machines/effects.ts';

const effects = { requestTea: effect() };
const base = setup({
  types: {} as { context: { readonly cups: unknown }; input: unknown },
  actions: { ...effects, reportUnexpected, count: assign({ cups: 1 }) },
  guards: { isThirsty: () => true },
  delays: { steeping: 3_000 },
});
const root = {
  id: 'pot',
  description: 'A pot.',
  context: { cups: 0 },
  on: { '*': { actions: 'reportUnexpected' } },
} as const;

/** Tests build machines that types would refuse. */
function complaints(machine: object): string[] {
  return chartProblems({ name: 'pot', machine: machine as AnyStateMachine, effects, input: {} }).map(
    ({ what }) => what,
  );
}

/** A pot with one state of this content. */
function pot(state: object): string[] {
  const states = { full: { description: 'Full.', ...state }, empty: { description: 'Empty.' } };
  return complaints(base.createMachine({ ...root, initial: 'full', states } as never));
}

describe('chart rules', () => {
  it('leave a chart of names alone', () => {
    const timer = raise({ type: 'tea.ready' }, { delay: 'steeping' as unknown as number, id: 'steeping' });
    const on = { 'tea.asked': { guard: 'isThirsty', target: 'empty', actions: ['requestTea', 'count'] } };
    expect(pot({ entry: timer, exit: cancel('steeping'), on })).toEqual([]);
  });

  it('let parameters be computed', () => {
    expect(pot({ entry: { type: 'requestTea', params: ({ context }: { context: object }) => context } })).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an inline action', { entry: () => undefined }, 'pot.full has an inline action'],
    [
      'an inline guard',
      { on: { 'tea.asked': { guard: () => true, target: 'empty' } } },
      'pot.full has an inline guard',
    ],
    [
      'an inline change of context',
      { entry: assign({ cups: () => 2 }) },
      'pot.full has an inline function as assignment of xstate.assign',
    ],
    ['a missing action', { entry: 'pour' }, 'pot.full names the action pour, which setup does not have'],
    [
      'a missing guard',
      { on: { 'tea.asked': { guard: 'isCold', target: 'empty' } } },
      'pot.full names the guard isCold, which setup does not have',
    ],
    [
      'a missing delay',
      { entry: raise({ type: 'tea.ready' }, { delay: 'cooling' as unknown as number }) },
      'pot.full names the delay cooling, which setup does not have',
    ],
    [
      'a delay in numbers',
      { entry: raise({ type: 'tea.ready' }, { delay: 5 }) },
      'pot.full has a delay without a name',
    ],
    [
      'an invoked actor',
      { invoke: { src: fromPromise(async () => 1) } },
      'pot.full invokes something: start it with spawnChild',
    ],
    [
      'a state that waits by itself',
      { after: { steeping: 'empty' } },
      'pot.full uses after: raise an event with a named delay and an id instead',
    ],
    ['a state without a description', { description: '' }, 'pot.full has no description'],
  ])('catch %s', (_, state, complaint) => {
    expect(pot(state)).toContain(complaint);
  });

  it('catch a root that ignores what it does not expect', () => {
    const { on, ...silent } = root;
    expect(complaints(base.createMachine(silent))).toEqual(["root does not answer '*' with reportUnexpected"]);
    expect(on).toBeDefined();
  });

  it('catch an effect that the machine does not have', () => {
    const machine = setup({ actions: { reportUnexpected } }).createMachine(root as never);
    expect(complaints(machine)).toEqual(['effect requestTea is not among the actions of the machine']);
  });

  it('catch a parent that does not hear its children end', () => {
    const cup = setup({}).createMachine({ initial: 'dry', states: { dry: { type: 'final' } } });
    const parent = setup({ actors: { cup }, actions: { ...effects, reportUnexpected } });
    const starts = { ...root, entry: spawnChild('cup', { id: 'cup' }) } as const;
    expect(complaints(parent.createMachine(starts as never))).toEqual([
      'starts children and does not hear xstate.done.actor.*',
      'starts children and does not hear xstate.error.actor.*',
    ]);
    const ends = { actions: stopChild('cup') };
    const on = { ...root.on, 'xstate.done.actor.*': ends, 'xstate.error.actor.*': ends };
    expect(complaints(parent.createMachine({ ...starts, on } as never))).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['an instance', new Map(), 'context holds an instance of Map as cups'],
    ['a function', () => 1, 'context holds a function as cups'],
    ['a bigint', 1n, 'context holds a bigint as cups'],
    ['what is not a number', Number.NaN, 'context holds NaN as cups'],
  ])('catch %s in a context', (_, cups, complaint) => {
    const machine = base.createMachine({ ...root, context: { cups } });
    expect(complaints(machine)).toEqual([`cannot be started with its sample: ${complaint}`]);
  });

  it('miss no machine file', () => {
    const files = ['src/machines/order-leg.machine.ts', 'src/machines/tea.machine.ts', 'src/machines/edges.ts'];
    expect(unlisted(files, [{ name: 'orderLeg' }]).map(({ where }) => where)).toEqual(['src/machines/tea.machine.ts']);
  });

  it('hold in every chart of the product', () => {
    expect(CHARTS.flatMap(chartProblems)).toEqual([]);
  });
});
