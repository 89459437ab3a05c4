/**
 * A chart as data: what its documents, its exports and the journal say about it. XState's own definition loses
 * delays, guards of guards and what is told to whom; this one keeps every name, so that a change of any of them
 * changes the hash. What stands inside a function is not part of it.
 */
import { createHash } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { edgesOf } from '../../machines/edges.ts';
import { type ActionDefinition, actionOf, guardText } from './actions.ts';

export interface TransitionDefinition {
  /** The id in the journal and in coverage. */
  readonly edge: string;
  /** Empty for one that needs no event. */
  readonly event: string;
  readonly guard: string | undefined;
  readonly actions: readonly ActionDefinition[];
  /** Ids of states; none where the state stays. */
  readonly targets: readonly string[];
  readonly isReentering: boolean;
  readonly description: string | undefined;
}

export interface StateDefinition {
  readonly id: string;
  readonly key: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description: string;
  readonly initial: string | undefined;
  readonly entry: readonly ActionDefinition[];
  readonly exit: readonly ActionDefinition[];
  readonly transitions: readonly TransitionDefinition[];
  readonly states: readonly StateDefinition[];
}

export interface ChartDefinition {
  readonly id: string;
  readonly description: string;
  readonly invariants: readonly string[];
  /** Milliseconds, or `computed` from what the actor was started with. */
  readonly delays: Readonly<Record<string, number | 'computed'>>;
  /** Names of children and the machines that they are; a name alone where it is given from outside. */
  readonly children: Readonly<Record<string, string>>;
  readonly root: StateDefinition;
}

interface Node {
  readonly id: string;
  readonly key: string;
  readonly type: StateDefinition['type'];
  readonly description?: string;
  readonly initial?: { readonly target: readonly { readonly id: string }[] };
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly always?: readonly Transition[];
  readonly states: Readonly<Record<string, Node>>;
  readonly meta?: { readonly invariants?: readonly string[] };
}

interface Transition {
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly target?: readonly { readonly id: string }[];
  readonly reenter: boolean;
  readonly description?: string;
}

const known = new WeakMap<object, ChartDefinition>();
const hashes = new WeakMap<object, string>();

export function definitionOf(machine: AnyStateMachine): ChartDefinition {
  const before = known.get(machine);
  if (before !== undefined) return before;
  const root = machine.root as unknown as Node;
  const { delays, actors } = machine.implementations;
  const definition: ChartDefinition = {
    id: machine.id,
    description: root.description ?? '',
    invariants: root.meta?.invariants ?? [],
    delays: mapped(delays, (delay) => (typeof delay === 'number' ? delay : 'computed')),
    children: mapped(actors, (logic, name) => (logic as { id?: string }).id ?? name),
    root: stateOf(machine, root),
  };
  known.set(machine, definition);
  return definition;
}

/** `sha256:…` over the canonical text: what the journal writes beside every record of a chart. */
export function definitionHash(machine: AnyStateMachine): string {
  const before = hashes.get(machine);
  if (before !== undefined) return before;
  const text = canonicalJson(definitionOf(machine));
  const hash = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  hashes.set(machine, hash);
  return hash;
}

/** The state and everything below it, in the order of the file. */
export function statesOf(root: StateDefinition): readonly StateDefinition[] {
  return [root, ...root.states.flatMap(statesOf)];
}

function stateOf(machine: AnyStateMachine, node: Node): StateDefinition {
  const actions = (list: readonly unknown[]): ActionDefinition[] => list.map((action) => actionOf(machine, action));
  const given: [string, readonly Transition[]][] = [...node.transitions, ['', node.always ?? []]];
  return {
    id: node.id,
    key: node.key,
    type: node.type,
    description: node.description ?? '',
    initial: node.initial?.target[0]?.id,
    entry: actions(node.entry),
    exit: actions(node.exit),
    transitions: given.flatMap(([event, list]) =>
      list.map((transition, index) => ({
        edge: edgeId(machine, { source: node.id, event, index }),
        event,
        guard: transition.guard === undefined ? undefined : guardText(transition.guard),
        actions: actions(transition.actions),
        targets: (transition.target ?? []).map(({ id }) => id),
        isReentering: transition.reenter,
        description: transition.description,
      })),
    ),
    states: Object.values(node.states).map((child) => stateOf(machine, child)),
  };
}

const edges = new WeakMap<object, Map<string, string>>();

function edgeId(machine: AnyStateMachine, at: { source: string; event: string; index: number }): string {
  let ids = edges.get(machine);
  if (ids === undefined) {
    ids = new Map(edgesOf(machine).map(({ id, source, event, index }) => [`${source}\n${event}\n${index}`, id]));
    edges.set(machine, ids);
  }
  return ids.get(`${at.source}\n${at.event}\n${at.index}`) ?? '';
}

function mapped<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, key: string) => Out,
): Readonly<Record<string, Out>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
