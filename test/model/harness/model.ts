/**
 * A chart as a model: pure steps from state to state, each with the edges that it took. Nothing is performed;
 * children are there to be sent to and stopped, and what they say is an event of the catalogue like any other.
 */
import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type ContextFrom,
  createEmptyActor,
  createMachine,
  type EventFrom,
  type EventObject,
  type InputFrom,
} from 'xstate';
import { stateText } from '../../../src/actors/record-fields.ts';
import { edgeOf, edgesOf } from '../../../src/machines/edges.ts';

/** What children say to their parent is not among the declared events of every chart. */
export type ChildEvent = { readonly type: `xstate.${string}`; readonly [field: string]: unknown };
export type ModelEvent<Machine extends AnyStateMachine> = EventFrom<Machine> | ChildEvent;

export interface ModelState<Machine extends AnyStateMachine> {
  /** As the journal writes it: `live.fresh`. */
  readonly text: string;
  readonly context: ContextFrom<Machine>;
  readonly snapshot: AnyMachineSnapshot;
}

export interface ModelSpec<Machine extends AnyStateMachine> {
  readonly machine: Machine;
  readonly input: InputFrom<Machine>;
  /** Concrete events, several per type; a function where they depend on where the model stands. */
  readonly events: readonly ModelEvent<Machine>[] | ((state: ModelState<Machine>) => readonly ModelEvent<Machine>[]);
  /** The part of the context that tells two states apart: what guards read, and no more. Default: nothing. */
  readonly keep?: (context: ContextFrom<Machine>) => unknown;
  /** More distinct states than this are a mistake in `keep` or in the catalogue. */
  readonly limit?: number;
  /** Where paths end even though the chart would go on. */
  readonly stopWhen?: (state: ModelState<Machine>) => boolean;
}

export interface ModelStep<Machine extends AnyStateMachine> {
  readonly state: ModelState<Machine>;
  /** Ids of the transitions taken, in order. */
  readonly edges: readonly string[];
}

const STATES_MAX = 2_000;
const inert = createMachine({});

export class Model<Machine extends AnyStateMachine> {
  readonly spec: ModelSpec<Machine>;
  readonly limit: number;
  readonly #machine: AnyStateMachine;
  readonly #scope: AnyActorScope;
  #taken: string[] = [];

  constructor(spec: ModelSpec<Machine>) {
    this.spec = spec;
    this.limit = spec.limit ?? STATES_MAX;
    const children = Object.keys(spec.machine.implementations.actors);
    this.#machine = spec.machine.provide({
      actors: Object.fromEntries(children.map((name) => [name, inert])),
    } as never) as AnyStateMachine;
    edgesOf(this.#machine);
    this.#scope = scopeThat((transition) => {
      const edge = edgeOf(transition);
      if (edge !== undefined) this.#taken.push(edge.id);
    });
  }

  start(): ModelStep<Machine> {
    return this.#noting(() => this.#machine.getInitialSnapshot(this.#scope as never, this.spec.input as never));
  }

  /** What has ended hears nothing any more. */
  step(from: ModelState<Machine>, event: EventObject): ModelStep<Machine> {
    if (from.snapshot.status !== 'active') return { state: from, edges: [] };
    return this.#noting(() => this.#machine.transition(from.snapshot as never, event as never, this.#scope as never));
  }

  /** The events of the catalogue that may come now: none once the chart has ended. */
  eventsIn(state: ModelState<Machine>): readonly EventObject[] {
    if (state.snapshot.status !== 'active' || this.spec.stopWhen?.(state) === true) return [];
    const { events } = this.spec;
    return (typeof events === 'function' ? events(state) : events) as readonly EventObject[];
  }

  /** Two states with one key are one state to the generators. */
  keyOf({ text, context, snapshot }: ModelState<Machine>): string {
    const kept = this.spec.keep?.(context);
    return `${text} ${snapshot.status}${kept === undefined ? '' : ` ${JSON.stringify(kept)}`}`;
  }

  stateOf(snapshot: AnyMachineSnapshot): ModelState<Machine> {
    return { text: stateText(snapshot.value), context: snapshot.context as ContextFrom<Machine>, snapshot };
  }

  #noting(run: () => unknown): ModelStep<Machine> {
    this.#taken = [];
    const snapshot = run() as AnyMachineSnapshot;
    return { state: this.stateOf(snapshot), edges: this.#taken };
  }
}

/** A place for a chart to stand in: it has a parent, and nothing that it asks for is done. */
function scopeThat(note: (transition: object) => void): AnyActorScope {
  const self = createEmptyActor() as ReturnType<typeof createEmptyActor> & { _parent?: unknown };
  self._parent = createEmptyActor();
  const system = self.system as unknown as { _sendInspectionEvent: (event: object) => void };
  system._sendInspectionEvent = (event) => {
    const { type, actorRef, _transitions } = event as {
      type: string;
      actorRef: unknown;
      _transitions?: readonly object[];
    };
    if (type === '@xstate.microstep' && actorRef === self)
      for (const transition of _transitions ?? []) note(transition);
  };
  const nothing = (): undefined => undefined;
  return {
    self,
    id: 'model',
    sessionId: 'model',
    logger: nothing,
    defer: nothing,
    emit: nothing,
    system,
    stopChild: nothing,
    actionExecutor: nothing,
  } as unknown as AnyActorScope;
}
