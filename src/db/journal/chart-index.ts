/** Whether a move that a record tells of is one that the machine's definition allows. */
import type { DefinedState, MachineDefinition } from './machine-definition.ts';

export interface RecordedMove {
  readonly from: string;
  readonly to: string;
  readonly edges: readonly string[];
}

interface IndexedEdge {
  readonly source: string;
  readonly targets: readonly string[];
}

/** States by their paths: `live.fresh`, and nothing for the machine itself. */
export class ChartIndex {
  readonly #types = new Map<string, DefinedState['type']>();
  readonly #paths = new Map<string, string>();
  readonly #edges = new Map<string, IndexedEdge>();

  constructor({ root }: MachineDefinition) {
    this.#addStates(root, '');
    this.#addEdges(root);
  }

  /** What is wrong with a standing, or `undefined`. */
  complaintAboutState(text: string): string | undefined {
    const unknown = this.#leavesOf(text).find((leaf) => !this.#types.has(leaf));
    return unknown === undefined ? undefined : `expected a state of the machine, found ${JSON.stringify(unknown)}`;
  }

  /** What is wrong with a move, or `undefined`. */
  complaintAboutMove({ from, to, edges }: RecordedMove): string | undefined {
    const wrongState = this.complaintAboutState(from) ?? this.complaintAboutState(to);
    if (wrongState !== undefined) return wrongState;
    const before = this.#leavesOf(from);
    const entered: string[] = [];
    let last: IndexedEdge | undefined;
    for (const id of edges) {
      const edge = this.#edges.get(id);
      if (edge === undefined) return `expected a transition that the machine declares, found ${id}`;
      if (![...before, ...entered].some((state) => isRelated(edge.source, state)))
        return `expected a transition out of ${from}, found ${id}`;
      entered.push(...edge.targets);
      if (edge.targets.length > 0) last = edge;
    }
    return this.#complaintAboutArrival({ from, to, before, entered, last });
  }

  #complaintAboutArrival(given: {
    readonly from: string;
    readonly to: string;
    readonly before: readonly string[];
    readonly entered: readonly string[];
    readonly last: IndexedEdge | undefined;
  }): string | undefined {
    const { from, to, before, entered, last } = given;
    if (last === undefined) return from === to ? undefined : `expected to stay in ${from}, found a move to ${to}`;
    const after = this.#leavesOf(to);
    const missed = last.targets.find((target) => !after.some((leaf) => isWithin(leaf, target)));
    if (missed !== undefined) return `expected to arrive in ${missed}, found ${to}`;
    const stray = after.find(
      (leaf) =>
        !before.includes(leaf) && !entered.some((state) => isRelated(state, leaf) || this.#isBeside(state, leaf)),
    );
    return stray === undefined ? undefined : `expected a transition into ${stray}, found none`;
  }

  /** Entering one region of a parallel state enters all of them. */
  #isBeside(entered: string, leaf: string): boolean {
    const [a, b] = [entered.split('.'), leaf.split('.')];
    let shared = 0;
    while (shared < a.length && a[shared] === b[shared]) shared++;
    return this.#types.get(a.slice(0, shared).join('.')) === 'parallel';
  }

  /** `live.a.x|b.y` is short for `live.a.x` and `live.b.y`. */
  #leavesOf(text: string): string[] {
    const leaves: string[] = [];
    for (const part of text.split('|')) {
      const above = (leaves.at(-1) ?? '').split('.');
      const full = above
        .map((_, at) => above.slice(0, above.length - 1 - at).join('.'))
        .filter((prefix) => this.#types.get(prefix) === 'parallel')
        .map((prefix) => (prefix === '' ? part : `${prefix}.${part}`))
        .find((path) => this.#types.has(path));
      leaves.push(leaves.length === 0 ? part : (full ?? part));
    }
    return leaves;
  }

  #addStates(state: DefinedState, path: string): void {
    this.#types.set(path, state.type);
    this.#paths.set(state.id, state.type === 'history' ? parentOf(path) : path);
    for (const child of state.states) this.#addStates(child, path === '' ? child.key : `${path}.${child.key}`);
  }

  #addEdges(state: DefinedState): void {
    for (const { edge, targets } of state.transitions)
      this.#edges.set(edge, { source: this.#pathOf(state.id), targets: targets.map((target) => this.#pathOf(target)) });
    for (const child of state.states) this.#addEdges(child);
  }

  #pathOf(id: string): string {
    return this.#paths.get(id) ?? id;
  }
}

/** Where a state lies: nothing for those of the machine itself. */
function parentOf(path: string): string {
  const parts = path.split('.');
  return parts.slice(0, -1).join('.');
}

function isWithin(path: string, above: string): boolean {
  return above === '' || path === above || path.startsWith(`${above}.`);
}

/** One is the other, or lies in it. */
function isRelated(a: string, b: string): boolean {
  return isWithin(a, b) || isWithin(b, a);
}
