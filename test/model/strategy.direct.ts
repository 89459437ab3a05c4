/** The real strategy in the real runtime, with puppets for attempts and orders, and its effects asked for and left. */
import { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { strategyEffects, strategyMachine } from '../../src/machines/strategy.machine.ts';
import { puppet } from '../machines/strategy-puppet.ts';
import { onEdge } from './harness/coverage.ts';
import { type Driver, unrealisable } from './harness/driver.ts';

export function strategyAlone(): Driver<typeof strategyMachine> {
  const runtime = new ActorRuntime({
    clock: new VirtualClock(),
    journal: { append: () => 0 },
    onFault: () => undefined,
    definitionOf: () => 'sha256:0',
    onEdge,
  });
  const nothing = (): void => undefined;
  const bound = runtime.bind(puppet, {}, {});
  const machine = runtime.bind(
    strategyMachine,
    strategyEffects,
    {
      refuseEdge: nothing,
      requestOrphans: nothing,
      reportExposure: nothing,
      releaseReservation: nothing,
      reportTrigger: nothing,
    },
    { attempt: bound, orderLeg: bound },
  );
  const actor = runtime.start(machine, { id: 'strategy/box', input: { strategyId: 'box', attemptsMax: 2 } });
  return {
    start: nothing,
    apply: (event) => {
      const ended = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event.type);
      if (ended === null) {
        runtime.send(actor, event as never);
        return undefined;
      }
      const one = (actor.getSnapshot().children as Readonly<Record<string, never>>)[ended[2] ?? ''];
      if (one === undefined) return unrealisable('its actor has ended already');
      const { output } = event as { readonly output?: unknown };
      runtime.send(one, (ended[1] === 'done' ? { type: 'end', output } : { type: 'break' }) as never);
      return undefined;
    },
    state: () => stateText(actor.getSnapshot().value),
    stop: nothing,
  };
}
