/** A driver that gives the real actor, in the real runtime, the events of the path; its effects are asked for and left. */
import type { AnyStateMachine, EventObject } from 'xstate';
import { createMachine } from 'xstate';
import { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { onEdge } from './harness/coverage.ts';
import type { Driver } from './harness/driver.ts';
import type { ModelState } from './harness/model.ts';

const inert = createMachine({});

interface Given {
  readonly machine: AnyStateMachine;
  readonly effects: object;
  readonly input: unknown;
  readonly children: readonly string[];
  /** Throws where a context breaks what the chart promises. */
  readonly check?: (context: unknown) => void;
}

/** Under a parent, for a chart tells its parent what it did. */
export function directDriver<Machine extends AnyStateMachine>(given: Given): Driver<Machine> {
  const { machine, effects, input, children, check } = given;
  const faults: string[] = [];
  const runtime = new ActorRuntime({
    clock: new VirtualClock(),
    journal: { append: () => 0 },
    // Children break as the path says; the actor itself never may.
    onFault: ({ path, message }) => void (path === 'root/subject' && faults.push(message)),
    definitionOf: () => 'sha256:0',
    onEdge,
  });
  const handlers = Object.fromEntries(Object.keys(effects).map((name) => [name, () => undefined]));
  const bound = runtime.bind(
    machine,
    effects,
    handlers as never,
    Object.fromEntries(children.map((name) => [name, runtime.bind(inert, {}, {})])),
  );
  const parent = createMachine({ id: 'parent', invoke: { src: 'subject', id: 'subject', input: input as never } });
  let subject: { getSnapshot(): { readonly value: unknown; readonly context: unknown } } | undefined;
  const found = () => {
    if (subject === undefined) throw new Error('expected a started actor, found none');
    return subject;
  };
  return {
    start: () => {
      const root = runtime.start(runtime.bind(parent, {}, {}, { subject: bound }), { id: 'root', input: undefined });
      subject = root.getSnapshot().children.subject as never;
    },
    apply: (event) => {
      runtime.send(found() as never, event as EventObject);
      return undefined;
    },
    state: () => stateText(found().getSnapshot().value as never),
    check: (_model: ModelState<Machine>) => {
      if (faults.length > 0) throw new Error(`expected no fault, found ${faults.join('; ')}`);
      check?.(found().getSnapshot().context);
    },
    stop: () => undefined,
  };
}
