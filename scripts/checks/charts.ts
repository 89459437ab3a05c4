/** What every statechart keeps: so that its documents, its generated tests and its journal say all of it. */
import type { AnyStateMachine, StateNode } from 'xstate';
import { createActor, setup, spawnChild } from 'xstate';
import { CHARTS, type Chart } from '../../src/machines/charts.ts';
import type { Check, Problem } from './check.ts';

export const charts: Check = {
  name: 'charts',
  remedy: 'name it in the setup of the machine; the recipe "Add a statechart" in CONTRIBUTING.md has the rules',
  run: ({ files }) => [...CHARTS.flatMap(chartProblems), ...unlisted(files, CHARTS)],
};

type AnyNode = StateNode<never, never>;

interface Implemented {
  readonly actions: Readonly<Record<string, unknown>>;
  readonly guards: Readonly<Record<string, unknown>>;
  readonly delays: Readonly<Record<string, unknown>>;
  readonly actors: Readonly<Record<string, unknown>>;
}

export function chartProblems(chart: Chart): Problem[] {
  const { machine, name, effects } = chart;
  const complaints = [
    ...nodesOf(machine.root as unknown as AnyNode).flatMap((node) => nodeComplaints(node, machine)),
    ...rootComplaints(machine),
    ...Object.keys(effects)
      .filter((effect) => machine.implementations.actions[effect] === undefined)
      .map((effect) => `effect ${effect} is not among the actions of the machine`),
    ...contextComplaints(chart),
  ];
  return [...new Set(complaints)].map((what) => ({ where: name, what }));
}

/** Machine files that the registry does not know. */
export function unlisted(files: readonly string[], listed: readonly Pick<Chart, 'name'>[]): Problem[] {
  const names = new Set(listed.map(({ name }) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)));
  return files.flatMap((path) => {
    const [, file] = /^src\/machines\/([\w-]+)\.machine\.ts$/.exec(path) ?? [];
    return file === undefined || names.has(file)
      ? []
      : [{ where: path, what: 'is missing in src/machines/charts.ts, or its machine has another id' }];
  });
}

function nodesOf(node: AnyNode): AnyNode[] {
  return [node, ...Object.values(node.states).flatMap((child) => nodesOf(child as AnyNode))];
}

function nodeComplaints(node: AnyNode, machine: AnyStateMachine): string[] {
  const { implementations } = machine;
  const at = (what: string): string => `${node.id} ${what}`;
  const transitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])] as unknown as {
    readonly actions: readonly unknown[];
    readonly guard?: unknown;
  }[];
  const actions = [...node.entry, ...node.exit, ...transitions.flatMap((transition) => transition.actions)];
  return [
    ...(node.invoke.length > 0 ? ['invokes something: start it with spawnChild'] : []),
    ...(node.after.length > 0 ? ['uses after: raise an event with a named delay and an id instead'] : []),
    ...((node.description ?? '') === '' && node.type !== 'history' ? ['has no description'] : []),
    ...actions.flatMap((action) => actionComplaints(action, implementations as unknown as Implemented)),
    ...transitions.flatMap(({ guard }) => guardComplaints(guard, implementations as unknown as Implemented)),
  ].map(at);
}

interface BuiltIn {
  readonly type?: string;
  readonly resolve?: unknown;
  readonly event?: unknown;
  readonly delay?: unknown;
  readonly id?: unknown;
  readonly sendId?: unknown;
  readonly actorRef?: unknown;
  readonly src?: unknown;
  readonly to?: unknown;
  readonly assignment?: unknown;
  readonly collect?: unknown;
}

const FIELDS = ['event', 'id', 'sendId', 'actorRef', 'to', 'assignment', 'collect'] as const;

function actionComplaints(action: unknown, implemented: Implemented): string[] {
  if (typeof action === 'string' || (typeof action === 'object' && action !== null)) {
    const name = typeof action === 'string' ? action : (action as { type: string }).type;
    const behind = implemented.actions[name];
    if (behind === undefined) return [`names the action ${name}, which setup does not have`];
    return delayComplaints(behind as BuiltIn, implemented);
  }
  const given = action as BuiltIn;
  if (given.resolve === undefined) return ['has an inline action'];
  const inline = FIELDS.filter((field) => typeof given[field] === 'function' || isMapOfFunctions(given, field));
  return [
    ...inline.map((field) => `has an inline function as ${field} of ${given.type ?? 'an action'}`),
    ...delayComplaints(given, implemented),
  ];
}

function isMapOfFunctions(given: BuiltIn, field: (typeof FIELDS)[number]): boolean {
  const value = given[field];
  if (field !== 'assignment' || typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((part) => typeof part === 'function');
}

/** A child and a delay are names, wherever the action that uses them stands. */
function delayComplaints({ delay, src, type }: BuiltIn, { delays, actors }: Implemented): string[] {
  const complaints: string[] = [];
  if (typeof delay === 'function' || typeof delay === 'number') complaints.push('has a delay without a name');
  if (typeof delay === 'string' && delays[delay] === undefined)
    complaints.push(`names the delay ${delay}, which setup does not have`);
  if (type === 'xstate.spawnChild' && typeof src !== 'string') complaints.push('starts a child without a name');
  if (type === 'xstate.spawnChild' && typeof src === 'string' && actors[src] === undefined) {
    complaints.push(`starts the child ${src}, which setup does not have`);
  }
  return complaints;
}

function guardComplaints(guard: unknown, implemented: Implemented): string[] {
  if (guard === undefined) return [];
  if (typeof guard === 'function') {
    const { guards, stateValue } = guard as { guards?: readonly unknown[]; stateValue?: unknown };
    if (guards !== undefined) return guards.flatMap((inner) => guardComplaints(inner, implemented));
    return stateValue === undefined ? ['has an inline guard'] : [];
  }
  const name = typeof guard === 'string' ? guard : (guard as { type: string }).type;
  return implemented.guards[name] === undefined ? [`names the guard ${name}, which setup does not have`] : [];
}

function rootComplaints(machine: AnyStateMachine): string[] {
  const root = machine.root as unknown as AnyNode;
  const heard = (event: string): boolean => nodesOf(root).some((node) => node.transitions.has(event as never));
  const unexpected = (root.transitions.get('*' as never) ?? []) as unknown as readonly {
    readonly actions: unknown[];
  }[];
  const isReported = unexpected.some(({ actions }) => actions.some((action) => nameOf(action) === 'reportUnexpected'));
  const children = Object.values(machine.implementations.actors) as unknown as readonly Partial<AnyStateMachine>[];
  const hasChildren = children.length > 0;
  const mayEnd = children.some(({ states }) => Object.values(states ?? {}).some(({ type }) => type === 'final'));
  return [
    ...(isReported ? [] : ["root does not answer '*' with reportUnexpected"]),
    ...(mayEnd && !heardOf(heard, 'done') ? ['starts children and does not hear xstate.done.actor.*'] : []),
    ...(hasChildren && !heardOf(heard, 'error') ? ['starts children and does not hear xstate.error.actor.*'] : []),
  ];
}

function heardOf(heard: (event: string) => boolean, end: 'done' | 'error'): boolean {
  return heard(`xstate.${end}.actor.*`);
}

function nameOf(action: unknown): unknown {
  return typeof action === 'string' ? action : (action as { type?: unknown }).type;
}

/** A context of ids, quantities and text comes back from JSON as it was. */
function contextComplaints({ machine, effects, input }: Chart): string[] {
  try {
    const context: unknown = startedContext(machine, effects, input);
    const before = JSON.stringify(context, refuseStrangers);
    return before === JSON.stringify(JSON.parse(before), refuseStrangers)
      ? []
      : ['context changes when it passes through JSON'];
  } catch (error) {
    return [`cannot be started with its sample: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Started as a child, because it may speak to its parent; what it asks for is not done. */
function startedContext(machine: AnyStateMachine, effects: Readonly<Record<string, unknown>>, input: unknown): unknown {
  const nothing = Object.fromEntries(
    [...Object.keys(effects), 'reportUnexpected'].map((name) => [name, () => undefined]),
  );
  const inert = setup({}).createMachine({});
  const children = Object.keys(machine.implementations.actors);
  const child = machine.provide({
    actions: nothing,
    actors: Object.fromEntries(children.map((name) => [name, inert])),
  } as never) as AnyStateMachine;
  const parent = setup({ actors: { child } }).createMachine({ entry: spawnChild('child', { id: 'child', input }) });
  const clock = { setTimeout: () => 0, clearTimeout: () => undefined };
  const actor = createActor(parent, { clock });
  let failure: unknown;
  actor.subscribe({ error: (error: unknown) => (failure = error) });
  actor.start();
  if (failure !== undefined) throw failure;
  const context: unknown = (actor.getSnapshot().children.child?.getSnapshot() as { context?: unknown } | undefined)
    ?.context;
  actor.stop();
  return context;
}

/** JSON drops functions and turns instances into something else without a word. */
function refuseStrangers(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key];
  if (typeof raw === 'function' || typeof raw === 'bigint' || typeof raw === 'symbol') {
    throw new Error(`context holds a ${typeof raw} as ${key}`);
  }
  if (typeof raw === 'number' && !Number.isFinite(raw)) throw new Error(`context holds ${raw} as ${key}`);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return value;
  const prototype: unknown = Object.getPrototypeOf(raw);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new Error(`context holds an instance of ${(raw.constructor as { name: string }).name} as ${key}`);
  }
  return value;
}
