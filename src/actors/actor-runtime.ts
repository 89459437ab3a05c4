/**
 * Gives charts a life: one clock, one journal, one order of events.
 *
 * Whatever enters (an event that is sent, a timer that runs out) is one step. All charts that it moves
 * come to rest first, each writing its own record; then what they asked for is done, in the order in
 * which they asked. So a record always precedes its effects. An effect that sends an event is part of
 * the same step and waits its turn; nothing here is ever entered twice at once.
 *
 * Nothing thrown by a chart or by an effect leaves: it is journaled, told to `onFault`, and XState tells
 * the parent. The process lives, and whoever trades decides with the breaker open.
 */
import {
  type Actor,
  type AnyActorRef,
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type InspectionEvent,
} from 'xstate';
import type { Clock, Timer } from '../domain/ports/clock.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import { type Edge, edgeOf, edgesOf } from '../machines/edges.ts';
import type { Effect } from '../machines/effects.ts';
import { changedFields, eventFields, stateText } from './record-fields.ts';

/** An actor as the handler of its effect sees it. */
export interface ActorHandle {
  /** Ours and stable: `attempt/e9/leg/kalshi`. */
  readonly path: string;
  readonly ref: AnyActorRef;
  /** The record that asked. */
  readonly cause: number | undefined;
  /** Sends an event to this actor, caused by that record. */
  send(event: EventObject): void;
}

export type EffectHandlers<Effects> = {
  readonly [Name in keyof Effects]: Effects[Name] extends Effect<infer Params>
    ? (actor: ActorHandle, params: Params) => void
    : never;
};

export interface ActorFault {
  readonly path: string;
  /** `chart`: an action, guard or assignment threw and the actor is dead. `effect`: a handler threw and the actor lives. */
  readonly kind: 'chart' | 'effect';
  readonly message: string;
  readonly error: unknown;
}

export interface ActorRuntimeParts {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** Called inside the step in which it happened, after the record of it. */
  readonly onFault: (fault: ActorFault) => void;
  /** Hash of a machine's definition, for the records. */
  readonly definitionOf: (machine: AnyStateMachine) => string;
  /** For views and coverage: every transition that was taken, by the id of its machine. */
  readonly onEdge?: (machine: string, edge: Edge) => void;
}

interface Asked {
  readonly ref: AnyActorRef;
  readonly name: string;
  readonly params: unknown;
  readonly handle: (actor: ActorHandle, params: never) => void;
  cause: number | undefined;
}

/** What one transition has taken and asked for until its record is written. */
interface Move {
  readonly ref: AnyActorRef;
  readonly edges: Edge[];
  readonly asked: Asked[];
  isUnexpected: boolean;
}

const XSTATE_STOP = 'xstate.stop';
const CHILD_DONE = 'xstate.done.actor.';
const CHILD_ERROR = 'xstate.error.actor.';

export class ActorRuntime {
  readonly #parts: ActorRuntimeParts;
  readonly #outbox: Asked[] = [];
  readonly #whenIdle: (() => void)[] = [];
  readonly #paths = new WeakMap<AnyActorRef, string>();
  readonly #latest = new WeakMap<AnyActorRef, number>();
  readonly #dead = new WeakSet<AnyActorRef>();
  /** Effects that failed in this step, by actor: what the failure of one asks for may be the same again. */
  readonly #failed = new Map<AnyActorRef, Set<string>>();
  #move: Move | undefined;
  #depth = 0;
  #isSettling = false;
  #cause: number | undefined;
  #live = 0;

  constructor(parts: ActorRuntimeParts) {
    this.#parts = parts;
  }

  /** Actors that were started and have not ended, children included. */
  get liveActors(): number {
    return this.#live;
  }

  /**
   * A machine whose effects are bound, whose children are found by name and whose every move is
   * journaled. Made once per process: all its actors share it.
   */
  bind<Machine extends AnyStateMachine, Effects extends object>(
    machine: Machine,
    effects: Effects,
    handlers: EffectHandlers<Effects>,
    children: Readonly<Record<string, AnyStateMachine>> = {},
  ): Machine {
    const actions: Record<string, (args: { self: AnyActorRef }, params: unknown) => void> = {};
    for (const name of Object.keys(effects)) {
      const handle = handlers[name as keyof Effects] as Asked['handle'];
      actions[name] = ({ self }, params) => this.#ask({ ref: self, name, params, handle, cause: undefined });
    }
    actions.reportUnexpected = () => {
      if (this.#move !== undefined) this.#move.isUnexpected = true;
    };
    const bound = machine.provide({ actions, actors: children } as never);
    edgesOf(bound);
    return this.#journaled(bound, this.#parts.definitionOf(machine)) as unknown as Machine;
  }

  /** Starts a root actor; its id is its path. */
  start<Machine extends AnyStateMachine>(machine: Machine, given: { id: string; input: unknown }): Actor<Machine> {
    const options = { ...given, clock: this.#clock(), inspect: (event: InspectionEvent) => this.#inspect(event) };
    let actor: Actor<Machine> | undefined;
    this.step(() => {
      actor = createActor(machine, options as never) as Actor<Machine>;
      const started = actor;
      started.subscribe({ error: (error: unknown) => this.#die(started, error) });
      started.start();
    });
    return actor as unknown as Actor<Machine>;
  }

  /** Sends an event from outside. What an actor has coming that has ended is written down, and it never hears it. */
  send(ref: AnyActorRef, event: EventObject, cause?: number): void {
    this.step(() => {
      this.#cause = cause;
      if (isActive(ref)) ref.send(event);
      else this.#noteTooLate(ref, event);
    });
  }

  stop(actor: AnyActorRef): void {
    this.step(() => (actor as Actor<AnyStateMachine>).stop());
  }

  /** Runs something that sends events, and then everything that follows from it. */
  step(run: () => void): void {
    this.#depth++;
    try {
      run();
    } finally {
      this.#depth--;
      if (this.#depth === 0 && !this.#isSettling) this.#settle();
    }
  }

  /** Runs once when everything that was asked for in this step is done: what several effects share goes here. */
  whenIdle(run: () => void): void {
    this.#whenIdle.push(run);
  }

  pathOf(ref: AnyActorRef): string {
    const known = this.#paths.get(ref);
    if (known !== undefined) return known;
    const parent = (ref as { _parent?: AnyActorRef })._parent;
    const path = parent === undefined ? ref.id : `${this.pathOf(parent)}/${ref.id}`;
    this.#paths.set(ref, path);
    return path;
  }

  #settle(): void {
    this.#isSettling = true;
    try {
      for (;;) {
        const asked = this.#outbox.shift();
        if (asked !== undefined) this.#perform(asked);
        else if (this.#whenIdle.length > 0) this.#whenIdle.shift()?.();
        else break;
      }
    } finally {
      this.#isSettling = false;
      this.#cause = undefined;
      this.#failed.clear();
    }
  }

  #perform({ ref, name, params, handle, cause }: Asked): void {
    const path = this.pathOf(ref);
    const actor: ActorHandle = { path, ref, cause, send: (event) => this.send(ref, event, cause) };
    try {
      handle(actor, params as never);
    } catch (error) {
      const message = `${name}: ${messageOf(error)}`;
      this.#fault({ path, kind: 'effect', message, error }, cause);
      if (this.#failsFirst(ref, name))
        actor.send({ type: 'effect.failed', effect: name, message: messageOf(error) } as EventObject);
    }
  }

  /** An actor is told once in a step: otherwise one that answers a failure with what failed would never end. */
  #failsFirst(ref: AnyActorRef, name: string): boolean {
    const failed = this.#failed.get(ref) ?? new Set();
    this.#failed.set(ref, failed);
    const isFirst = !failed.has(name);
    failed.add(name);
    return isFirst;
  }

  #ask(asked: Asked): void {
    this.#outbox.push(asked);
    // Entry actions of a first state run after the record of the start; all others before their own record.
    if (this.#move === undefined) asked.cause = this.#latest.get(asked.ref);
    else this.#move.asked.push(asked);
  }

  #fault(fault: ActorFault, cause: number | undefined): void {
    this.#parts.journal.append({ kind: 'error', actor: fault.path, message: fault.message, cause });
    this.#parts.onFault(fault);
  }

  #die(ref: AnyActorRef, error: unknown): void {
    if (this.#dead.has(ref)) return;
    this.#dead.add(ref);
    this.#live--;
    this.#fault({ path: this.pathOf(ref), kind: 'chart', message: messageOf(error), error }, this.#cause);
    this.#endChildren(ref);
  }

  /** XState leaves the children of a broken actor running, where nobody hears them and nobody can end them. */
  #endChildren(ref: AnyActorRef): void {
    const { children = {} } = ref.getSnapshot() as Partial<AnyMachineSnapshot>;
    for (const child of Object.values(children as Readonly<Record<string, AnyActorRef | undefined>>))
      if (child !== undefined && isActive(child)) child.send({ type: XSTATE_STOP });
  }

  #journaled(machine: AnyStateMachine, definition: string): AnyStateMachine {
    const journaled = Object.create(machine) as AnyStateMachine;
    journaled.getInitialSnapshot = ((scope: AnyActorScope, input: unknown) => {
      const snapshot = machine.getInitialSnapshot(scope as never, input as never);
      this.#noteLife('spawn', { ref: scope.self, machine: machine.id, definition, snapshot });
      this.#live++;
      return snapshot;
    }) as never;
    journaled.transition = ((before: AnyMachineSnapshot, event: EventObject, scope: AnyActorScope) =>
      this.#transition({ machine, definition, before, event, scope })) as never;
    return journaled;
  }

  #transition(given: {
    readonly machine: AnyStateMachine;
    readonly definition: string;
    readonly before: AnyMachineSnapshot;
    readonly event: EventObject;
    readonly scope: AnyActorScope;
  }): AnyMachineSnapshot {
    const { machine, definition, before, event, scope } = given;
    const ref = scope.self as AnyActorRef;
    if (event.type.startsWith(CHILD_ERROR)) this.#noteChildError(before, event);
    const move: Move = { ref, edges: [], asked: [], isUnexpected: false };
    this.#move = move;
    let after: AnyMachineSnapshot;
    try {
      after = machine.transition(before as never, ofAnyChild(event) as never, scope as never) as AnyMachineSnapshot;
    } catch (error) {
      this.#die(ref, error);
      throw error;
    } finally {
      this.#move = undefined;
    }
    this.#noteMove({ machine: machine.id, definition, ref, before, after, event, move });
    if (after.status === 'error') this.#die(ref, (after as { error?: unknown }).error);
    else if (after.status !== 'active' && before.status === 'active') {
      this.#live--;
      this.#noteLife('stop', { ref, machine: machine.id, definition, snapshot: after });
    }
    return after;
  }

  #noteChildError(before: AnyMachineSnapshot, event: EventObject): void {
    const child = before.children[event.type.slice(CHILD_ERROR.length)] as AnyActorRef | undefined;
    if (child !== undefined) this.#die(child, (event as { error?: unknown }).error);
  }

  #noteLife(
    kind: 'spawn' | 'stop',
    given: { ref: AnyActorRef; machine: string; definition: string; snapshot: AnyMachineSnapshot },
  ): void {
    const { ref, machine, definition, snapshot } = given;
    const context = kind === 'spawn' ? (snapshot.context as JsonObject) : {};
    const [actor, state, cause] = [this.pathOf(ref), stateText(snapshot.value), this.#cause];
    this.#written(ref, this.#parts.journal.append({ kind, actor, machine, definition, state, context, cause }));
  }

  #noteMove(given: {
    readonly machine: string;
    readonly definition: string;
    readonly ref: AnyActorRef;
    readonly before: AnyMachineSnapshot;
    readonly after: AnyMachineSnapshot;
    readonly event: EventObject;
    readonly move: Move;
  }): void {
    const { machine, definition, ref, before, after, event, move } = given;
    if (event.type === XSTATE_STOP) return;
    const [actor, from, cause, fields] = [this.pathOf(ref), stateText(before.value), this.#cause, eventFields(event)];
    const seq =
      move.isUnexpected || move.edges.length === 0
        ? this.#parts.journal.append({ kind: 'ignored', actor, machine, event: fields, state: from, cause })
        : this.#parts.journal.append({
            kind: 'transition',
            actor,
            machine,
            definition,
            event: fields,
            from,
            to: stateText(after.value),
            edges: move.edges.map((edge) => edge.id),
            context: changedFields(before.context, after.context),
            effects: move.asked.map((asked) => asked.name),
            cause,
          });
    for (const asked of move.asked) asked.cause = seq;
    this.#written(ref, seq);
  }

  #noteTooLate(ref: AnyActorRef, event: EventObject): void {
    const { value } = ref.getSnapshot() as AnyMachineSnapshot;
    const { id } = (ref as Actor<AnyStateMachine>).logic;
    const [actor, state, cause, fields] = [this.pathOf(ref), stateText(value), this.#cause, eventFields(event)];
    this.#parts.journal.append({ kind: 'ignored', actor, machine: id, event: fields, state, cause });
  }

  #written(ref: AnyActorRef, seq: number): void {
    this.#latest.set(ref, seq);
    this.#cause = seq;
  }

  #clock() {
    const { clock } = this.#parts;
    return {
      setTimeout: (run: () => void, delayMs: number) => clock.setTimeout(() => this.step(run), delayMs),
      clearTimeout: (timer: Timer) => clock.clearTimeout(timer),
    };
  }

  #inspect(event: InspectionEvent): void {
    if (event.type !== '@xstate.microstep') return;
    for (const transition of event._transitions) {
      const edge = edgeOf(transition);
      if (edge === undefined) continue;
      // A child that is spawned takes its first steps within the move of its parent.
      if (this.#move?.ref === event.actorRef) this.#move.edges.push(edge);
      this.#parts.onEdge?.(edge.source.split('.')[0] ?? edge.source, edge);
    }
  }
}

/**
 * XState puts the id of a child into the type of the event that tells of its end, and remembers for every type, for as
 * long as the chart is there, what the chart does about it. Ids are used once: the chart hears one type for all, and
 * which child it was from `actorId`.
 */
function ofAnyChild(event: EventObject): EventObject {
  if (event.type.startsWith(CHILD_DONE)) return { ...event, type: `${CHILD_DONE}any` };
  if (event.type.startsWith(CHILD_ERROR)) return { ...event, type: `${CHILD_ERROR}any` };
  return event;
}

function isActive(ref: AnyActorRef): boolean {
  return (ref.getSnapshot() as AnyMachineSnapshot).status === 'active';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
