/** Names for the transitions of a chart: in the journal, in coverage and in the documents they are the same. */
import type { AnyStateMachine, StateNode } from 'xstate';

type AnyNode = StateNode<never, never>;

/** What XState keeps of a transition, as far as a name needs it. */
export interface TransitionLike {
  readonly source: { readonly id: string; readonly key: string };
  readonly eventType: string;
  readonly target: readonly { readonly id: string }[] | undefined;
}

export interface Edge {
  readonly id: string;
  readonly source: string;
  /** Empty for a transition that needs no event. */
  readonly event: string;
  readonly index: number;
  readonly targets: readonly string[];
}

const cache = new WeakMap<object, Edge>();

/** Every transition that a machine declares, in the order of the file. */
export function edgesOf(machine: AnyStateMachine): readonly Edge[] {
  const edges: Edge[] = [];
  visit(machine.root as unknown as AnyNode, edges);
  return edges;
}

function visit(node: AnyNode, edges: Edge[]): void {
  for (const [event, candidates] of node.transitions) collect(event, candidates as readonly TransitionLike[], edges);
  collect('', (node.always ?? []) as readonly TransitionLike[], edges);
  for (const child of Object.values(node.states)) visit(child as AnyNode, edges);
}

function collect(event: string, candidates: readonly TransitionLike[], edges: Edge[]): void {
  for (const [index, transition] of candidates.entries()) edges.push(named(transition, event, index));
}

/** `orderLeg.resting:fill.received:0→orderLeg.filled`; without an arrow where the state stays. */
function named(transition: TransitionLike, event: string, index: number): Edge {
  const targets = (transition.target ?? []).map(({ id }) => id);
  const source = transition.source.id;
  const arrow = targets.length === 0 ? '' : `→${targets.join('+')}`;
  const edge = { id: `${source}:${event}:${index}${arrow}`, source, event, index, targets };
  cache.set(transition, edge);
  return edge;
}

/** The edge that a transition taken at run time is; `undefined` for one of a machine that was not listed with `edgesOf`. */
export function edgeOf(transition: object): Edge | undefined {
  return cache.get(transition);
}
