/** Ways through a model: to every state, over every edge, and at random from a seed. */
import { createShortestPathsGen, type StatePath, TestModel } from '@xstate/test';
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import type { Random } from '../../../src/domain/ports/random.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import type { Model, ModelState } from './model.ts';

export interface ModelPath {
  /** Unique within its chart. */
  readonly name: string;
  readonly events: readonly AnyEventObject[];
  /** Set where the path was drawn at random. */
  readonly seed?: string;
}

export interface PathOptions {
  /** How many different (state, event) pairs to try for each edge. */
  readonly witnesses?: number;
  /** Paths to these edges, and to no others nor to every place. */
  readonly wanted?: ReadonlySet<string>;
  readonly walks?: { readonly seed: string; readonly count: number; readonly steps: number };
}

type Snapshots = StatePath<AnyMachineSnapshot, EventObject>;

export function pathsOf<Machine extends AnyStateMachine>(
  model: Model<Machine>,
  options: PathOptions = {},
): readonly ModelPath[] {
  const tests = testModelOf(model);
  const { witnesses = 1, wanted } = options;
  const cover = coveringPaths(model, witnesses, wanted);
  const generated = tests.getPaths((logic, traversal) => [
    ...(wanted === undefined
      ? createShortestPathsGen<AnyMachineSnapshot, EventObject, unknown>()(logic, traversal)
      : []),
    ...cover,
  ]);
  const paths: ModelPath[] = generated.map(({ steps }) => pathFrom(steps.map(({ event }) => event).slice(1)));
  const { seed, count, steps } = options.walks ?? { seed: '', count: 0, steps: 0 };
  for (let walk = 0; walk < count; walk++) paths.push(randomWalk(model, `${seed}/${walk}`, steps));
  return distinctNames(paths);
}

function testModelOf<Machine extends AnyStateMachine>(model: Model<Machine>) {
  const logic = {
    getInitialSnapshot: () => model.start().state.snapshot,
    transition: (before: AnyMachineSnapshot, event: EventObject) =>
      model.step(model.stateOf(before), event).state.snapshot,
    getPersistedSnapshot: (snapshot: AnyMachineSnapshot) => snapshot,
  };
  // Its type asks for everything that XState has ever called a snapshot; ours are those of a machine.
  return new TestModel<AnyMachineSnapshot, EventObject, unknown>(logic as never, {
    events: (snapshot) => model.eventsIn(model.stateOf(snapshot)),
    serializeState: (snapshot) => model.keyOf(model.stateOf(snapshot)) as never,
    limit: model.limit * 2 + 2,
  });
}

interface Place<Machine extends AnyStateMachine> {
  readonly state: ModelState<Machine>;
  readonly events: readonly EventObject[];
}

/**
 * For each edge the shortest way to a state in which it can be taken, and the event that takes it. The farthest
 * edges are chosen first: on their way they take most of the others.
 */
function coveringPaths<Machine extends AnyStateMachine>(
  model: Model<Machine>,
  witnesses: number,
  wanted?: ReadonlySet<string>,
): Snapshots[] {
  const takers = new Map<string, (readonly EventObject[])[]>();
  const missing = new Set(wanted);
  explore(model, (place, event, edges) => {
    const path = [...place.events, event];
    for (const edge of edges) {
      if (wanted?.has(edge) === false) continue;
      const paths = takers.get(edge) ?? [];
      takers.set(edge, paths);
      if (paths.length < witnesses) paths.push(path);
      if (paths.length === witnesses) missing.delete(edge);
    }
    return wanted !== undefined && missing.size === 0;
  });
  const taken = new Map<string, number>();
  const chosen: Snapshots[] = [];
  const candidates = [...takers].flatMap(([edge, paths]) => paths.map((path, at) => ({ edge, path, at })));
  candidates.sort((a, b) => b.path.length - a.path.length);
  for (const { edge, path, at } of candidates) {
    // The second witness counts only what the first one did not take.
    if ((taken.get(edge) ?? 0) > at) continue;
    const { steps, edges } = followed(model, path);
    for (const passed of new Set(edges)) taken.set(passed, (taken.get(passed) ?? 0) + 1);
    chosen.push(steps);
  }
  return chosen;
}

/** Breadth first over (state, event): every place is seen once, by its shortest way, until enough was seen. */
function explore<Machine extends AnyStateMachine>(
  model: Model<Machine>,
  isEnough: (place: Place<Machine>, event: EventObject, edges: readonly string[]) => boolean,
): void {
  const first: Place<Machine> = { state: model.start().state, events: [] };
  const seen = new Set([model.keyOf(first.state)]);
  const queue = [first];
  for (const place of queue) {
    for (const event of model.eventsIn(place.state)) {
      const { state, edges } = stepOrSay(model, place, event);
      if (isEnough(place, event, edges)) return;
      const key = model.keyOf(state);
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > model.limit) {
        throw new Error(`expected at most ${model.limit} states, found more: keep less of the context. Last: ${key}`);
      }
      queue.push({ state, events: [...place.events, event] });
    }
  }
}

function stepOrSay<Machine extends AnyStateMachine>(model: Model<Machine>, place: Place<Machine>, event: EventObject) {
  try {
    return model.step(place.state, event);
  } catch (error) {
    const way = JSON.stringify([...place.events, event]);
    throw new Error(`the chart throws on ${event.type} in ${place.state.text}, after ${way}`, { cause: error });
  }
}

function followed<Machine extends AnyStateMachine>(
  model: Model<Machine>,
  events: readonly EventObject[],
): { steps: Snapshots; edges: readonly string[] } {
  let { state } = model.start();
  const steps = [{ event: { type: 'xstate.init' } as EventObject, state: state.snapshot }];
  const passed: string[] = [];
  for (const event of events) {
    const step = model.step(state, event);
    state = step.state;
    passed.push(...step.edges);
    steps.push({ event, state: state.snapshot });
  }
  return { steps: { state: state.snapshot, steps, weight: steps.length }, edges: passed };
}

/** One step in eight may be an event that the state does not expect; the others move or are at least declared. */
const UNEXPECTED = 1 / 8;

function randomWalk<Machine extends AnyStateMachine>(model: Model<Machine>, seed: string, steps: number): ModelPath {
  const random = seededRandom(seed);
  const events: EventObject[] = [];
  let { state } = model.start();
  while (events.length < steps) {
    const event = draw(model, state, random);
    if (event === undefined) break;
    events.push(event);
    state = model.step(state, event).state;
  }
  return { ...pathFrom(events), name: `walks at random with seed ${seed}`, seed };
}

export function draw<Machine extends AnyStateMachine>(
  model: Model<Machine>,
  state: ModelState<Machine>,
  random: Random,
): EventObject | undefined {
  const all = model.eventsIn(state);
  if (all.length === 0) return undefined;
  const expected =
    random.next() < UNEXPECTED
      ? all
      : all.filter((event) => model.step(state, event).edges.some((edge) => !edge.includes(':*:')));
  const from = expected.length === 0 ? all : expected;
  return from[random.below(from.length)];
}

function pathFrom(events: readonly EventObject[]): ModelPath {
  const name = events.length === 0 ? 'stands where it starts' : `takes ${events.map(({ type }) => type).join(', ')}`;
  return { name, events };
}

/** Payloads differ where types do not; titles stay readable and are numbered instead. */
function distinctNames(paths: readonly ModelPath[]): readonly ModelPath[] {
  const seen = new Map<string, number>();
  return paths.map((path) => {
    const count = (seen.get(path.name) ?? 0) + 1;
    seen.set(path.name, count);
    return count === 1 ? path : { ...path, name: `${path.name} (${count})` };
  });
}
