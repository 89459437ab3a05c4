/**
 * Makes one named implementation of one chart throw: an action, a guard, a delay, or the handler of an effect. All
 * others do what they always do, and it is counted which of them were reached.
 */
import type { AnyStateMachine } from 'xstate';
import { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { CHARTS } from '../../src/machines/charts.ts';

export type Kind = 'action' | 'effect' | 'guard' | 'delay';

export interface Implementation {
  readonly chart: string;
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
}

type Callable = ((...given: never[]) => unknown) & Readonly<Record<string, unknown>>;
type Implementations = Readonly<Record<'actions' | 'guards' | 'delays', Readonly<Record<string, unknown>>>>;

/** The runtime's own, for every chart: it notes that an event was not expected. */
const OF_THE_RUNTIME = 'reportUnexpected';

/** Everything of every chart that has a name and is code. */
export const IMPLEMENTATIONS: readonly Implementation[] = CHARTS.flatMap(({ name: chart, machine, effects }) => {
  const { actions, guards, delays } = implementationsOf(machine);
  const of = (kind: Kind, name: string): Implementation => ({ chart, kind, name, id: `${chart} ${kind} ${name}` });
  return [
    ...Object.keys(actions)
      .filter((name) => name !== OF_THE_RUNTIME)
      .map((name) => of(name in effects ? 'effect' : 'action', name)),
    ...Object.keys(guards).map((name) => of('guard', name)),
    ...Object.keys(delays).flatMap((name) => (typeof delays[name] === 'function' ? [of('delay', name)] : [])),
  ];
});

export const thrower = {
  /** Throws whenever it is reached. */
  target: undefined as string | undefined,
  isArmed: false,
  thrown: 0,
  /** What was reached while armed. */
  reached: new Set<string>(),
  disarm(): void {
    thrower.isArmed = false;
    thrower.target = undefined;
  },
};

function pass(id: string): void {
  if (!thrower.isArmed) return;
  thrower.reached.add(id);
  if (id !== thrower.target) return;
  thrower.thrown++;
  throw new Error(`thrown on purpose: ${id}`);
}

const tapped = new WeakMap<AnyStateMachine, AnyStateMachine>();

/** From now on every runtime binds charts that can throw. Ends with what it returns. */
export function installThrower(): () => void {
  const { bind } = ActorRuntime.prototype;
  const throwing = function (this: ActorRuntime, machine: AnyStateMachine, effects: object, ...rest: unknown[]) {
    const [handlers, children] = rest as [Record<string, Callable>, Record<string, AnyStateMachine>];
    return bind.call(this, tap(machine), effects, tapHandlers(machine.id, handlers) as never, children);
  };
  ActorRuntime.prototype.bind = throwing as never;
  return () => {
    ActorRuntime.prototype.bind = bind;
  };
}

function tap(machine: AnyStateMachine): AnyStateMachine {
  const known = tapped.get(machine);
  if (known !== undefined) return known;
  const { actions, guards, delays } = implementationsOf(machine);
  const made = machine.provide({
    actions: mapped(actions, (name, action) => tapBuiltIn(`${machine.id} action ${name}`, action, 'resolve')),
    guards: mapped(guards, (name, guard) => tapBuiltIn(`${machine.id} guard ${name}`, guard, 'check')),
    delays: mapped(delays, (name, delay) =>
      typeof delay === 'function' ? tapPlain(`${machine.id} delay ${name}`, delay as Callable) : delay,
    ),
  } as never);
  tapped.set(machine, made);
  return made;
}

function tapHandlers(chart: string, handlers: Readonly<Record<string, Callable>>) {
  return mapped(handlers, (name, handle) => tapPlain(`${chart} effect ${name}`, handle as Callable));
}

/** What XState made (`assign`, `raise`, `and`…) does its work in a method. */
function tapBuiltIn(id: string, given: unknown, method: 'resolve' | 'check'): unknown {
  const made = given as Callable;
  const work = made[method];
  if (typeof work !== 'function') return typeof given === 'function' ? tapPlain(id, made) : given;
  return Object.assign(() => undefined, made, {
    [method]: (...args: unknown[]) => {
      pass(id);
      return Reflect.apply(work, made, args);
    },
  });
}

function tapPlain(id: string, made: Callable): Callable {
  const plain = (...args: unknown[]): unknown => {
    pass(id);
    return Reflect.apply(made, undefined, args);
  };
  return Object.assign(plain, made) as unknown as Callable;
}

function mapped(all: Readonly<Record<string, unknown>>, change: (name: string, value: unknown) => unknown) {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, change(name, value)]));
}

function implementationsOf(machine: AnyStateMachine): Implementations {
  return machine.implementations as unknown as Implementations;
}
