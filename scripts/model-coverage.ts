/** What the model tests of all charts covered together, and whether that is enough. */
import type { AnyStateMachine, StateNode } from 'xstate';
import { edgesOf } from '../src/machines/edges.ts';
import type { CoveragePart, Exception } from '../test/model/harness/coverage-part.ts';

export interface ChartCoverage {
  readonly chart: string;
  readonly states: Count;
  readonly edges: Count;
  /** Edges that were taken with simulated venues behind the actor, whatever else took them. */
  readonly edgesAtVenues: number;
  /** What no path took there, of a chart that has such paths. */
  readonly edgesAlone: readonly string[];
  readonly exceptions: readonly Exception[];
  readonly paths: number;
  readonly pathsAtVenues: number;
  readonly steps: number;
  /** Event and reason, with how often it happened. */
  readonly unrealisable: ReadonlyMap<string, number>;
  /** Empty where everything is covered or listed, and nothing listed is covered. */
  readonly problems: readonly string[];
}

interface Count {
  readonly covered: number;
  readonly total: number;
}

/** Of all edges and states of all charts together. */
const LISTED_MAX_PERCENT = 3;

export function coverageOf(machine: AnyStateMachine, parts: readonly CoveragePart[]): ChartCoverage {
  const of = <T>(field: (part: CoveragePart) => T | undefined): T[] =>
    parts.map(field).filter((value): value is T & {} => value !== undefined && value !== null);
  const fired = new Set(of((part) => part.edges[machine.id]).flat());
  const atVenues = new Set(of((part) => part.atVenues[machine.id]).flat());
  const exceptions = of((part) => part.exceptions[machine.id]).flat();
  const runs = of((part) => part.runs[machine.id]);
  const edges = edgesOf(machine).map(({ id }) => id);
  const states = nodesOf(machine).map(({ id }) => id);
  const entered = runs.length + fired.size === 0 ? new Set<string>() : enteredStates(machine, fired);
  const unrealisable = new Map<string, number>();
  for (const { event, reason } of runs.flatMap((run) => run.unrealisable)) {
    const key = `${event}: ${reason}`;
    unrealisable.set(key, (unrealisable.get(key) ?? 0) + 1);
  }
  return {
    chart: machine.id,
    states: { covered: states.filter((id) => entered.has(id)).length, total: states.length },
    edges: { covered: edges.filter((id) => fired.has(id)).length, total: edges.length },
    edgesAtVenues: edges.filter((id) => atVenues.has(id)).length,
    edgesAlone: atVenues.size === 0 ? [] : edges.filter((id) => fired.has(id) && !atVenues.has(id)),
    exceptions,
    paths: runs.reduce((sum, { paths }) => sum + paths, 0),
    pathsAtVenues: runs.reduce((sum, { pathsAtVenues }) => sum + pathsAtVenues, 0),
    steps: runs.reduce((sum, { steps }) => sum + steps, 0),
    unrealisable,
    problems: [
      ...problemsOf('edge', { all: edges, covered: fired, listed: listedOf(exceptions, 'edge') }),
      ...problemsOf('state', { all: states, covered: entered, listed: listedOf(exceptions, 'state') }),
    ],
  };
}

/** What is wrong with all charts together, if anything. */
export function excessOf(charts: readonly ChartCoverage[]): string | undefined {
  const total = charts.reduce((sum, { states, edges }) => sum + states.total + edges.total, 0);
  const listed = charts.reduce((sum, { exceptions }) => sum + exceptions.length, 0);
  if (listed * 100 <= total * LISTED_MAX_PERCENT) return undefined;
  return `expected at most ${LISTED_MAX_PERCENT} % of ${total} edges and states listed as exceptions, found ${listed}`;
}

function listedOf(exceptions: readonly Exception[], kind: 'edge' | 'state'): ReadonlySet<string> {
  return new Set(exceptions.flatMap((exception) => (kind in exception ? [Object.values(exception)[0] as string] : [])));
}

function problemsOf(
  kind: 'edge' | 'state',
  { all, covered, listed }: { all: readonly string[]; covered: ReadonlySet<string>; listed: ReadonlySet<string> },
): string[] {
  const missing = all.filter((id) => !covered.has(id) && !listed.has(id));
  const stale = [...listed].filter((id) => covered.has(id));
  const unknown = [...listed].filter((id) => !all.includes(id));
  return [
    ...missing.map((id) => `${kind} neither covered nor listed: ${id}`),
    ...stale.map((id) => `${kind} listed as an exception, but covered: ${id}`),
    ...unknown.map((id) => `exception for ${articleOf(kind)} ${kind} that the chart does not have: ${id}`),
  ];
}

function articleOf(kind: 'edge' | 'state'): string {
  return kind === 'edge' ? 'an' : 'a';
}

type AnyNode = StateNode<never, never>;

function nodesOf(machine: AnyStateMachine): AnyNode[] {
  const below = (node: AnyNode): AnyNode[] => [node, ...Object.values(node.states).flatMap((child) => below(child))];
  return below(machine.root as unknown as AnyNode);
}

/** Where actors stood: where they began, where an edge was taken from, and whatever entering its targets entered. */
function enteredStates(machine: AnyStateMachine, fired: ReadonlySet<string>): ReadonlySet<string> {
  const nodes = new Map(nodesOf(machine).map((node) => [node.id, node]));
  const entered = new Set<string>();
  const enter = (node: AnyNode): void => {
    for (let above: AnyNode | undefined = node; above !== undefined; above = above.parent as AnyNode | undefined) {
      entered.add(above.id);
    }
    for (const inner of initialBelow(node)) enter(inner);
  };
  enter(machine.root as unknown as AnyNode);
  for (const edge of edgesOf(machine)) {
    if (!fired.has(edge.id)) continue;
    for (const id of [...edge.targets, edge.source]) {
      const node = nodes.get(id);
      // A source was entered by another way that is counted itself, so only what certainly held is added for it.
      if (node !== undefined && id !== edge.source) enter(node);
      else entered.add(id);
    }
  }
  return entered;
}

function initialBelow(node: AnyNode): readonly AnyNode[] {
  if (node.type === 'parallel') return Object.values(node.states) as AnyNode[];
  if (node.type !== 'compound') return [];
  return (node.initial?.target ?? []) as unknown as readonly AnyNode[];
}
