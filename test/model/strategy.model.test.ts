import { ActorRuntime } from '../../src/actors/actor-runtime.ts';
import { stateText } from '../../src/actors/record-fields.ts';
import type { AttemptPlan } from '../../src/domain/execution/attempt-plan.ts';
import { plannedReport } from '../../src/domain/execution/policy.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { type StrategyContext, strategyEffects, strategyMachine } from '../../src/machines/strategy.machine.ts';
import { orderOf, planOf } from '../machines/attempt-rig.ts';
import { puppet } from '../machines/strategy-puppet.ts';
import { onEdge } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent } from './harness/model.ts';

type Machine = typeof strategyMachine;
type Event = ModelEvent<Machine>;

const planFor = (attemptId: string, watchId = attemptId): AttemptPlan => planOf('together', { attemptId, watchId });
const report = plannedReport(orderOf('1-kalshi', { attemptId: 'b' }));
const restored = { reports: [], settled: [] };
const child = (end: 'done' | 'error', actorId: string): Event =>
  ({ type: `xstate.${end}.actor.${actorId}`, actorId, error: new Error('broken'), output: undefined }) as Event;

const EVENTS: readonly Event[] = [
  { type: 'edge.approved', plan: planFor('a'), atMicros: 1 },
  { type: 'edge.approved', plan: planFor('c', 'a'), atMicros: 1 },
  { type: 'edge.approved', plan: planFor('d'), atMicros: 1 },
  { type: 'attempt.recovered', plan: planFor('a'), sinceMicros: 1, restored },
  { type: 'orphans.found', attemptId: 'b', orphans: [{ report, sinceMicros: 1 }] },
  { type: 'edge.vanished', watchId: 'a', reason: 'moved' },
  { type: 'breaker.opened', reason: 'asymmetry' },
  { type: 'attempt.closing.requested', attemptId: 'a', by: 'ann', reason: 'by hand' },
  { type: 'drain.requested', reason: 'shutdown' },
  { type: 'resume.requested' },
  { type: 'reconciliation.requested', reason: 'gap' },
  { type: 'leg.reported', report },
  { type: 'leg.reversed', legId: '1-kalshi', tradeId: 't', sizeE6: 1 },
  { type: 'leg.settled', legId: '1-kalshi' },
  { type: 'effect.failed', effect: 'reportExposure', message: 'broken' },
  { type: 'effect.failed', effect: 'reportTrigger', message: 'broken' },
  { type: 'nonsense' as never },
];

function eventsIn({ context }: { readonly context: StrategyContext }): readonly Event[] {
  const children = [
    ...context.attempts.map(({ attemptId }) => `attempt/${attemptId}`),
    ...context.orphans.flatMap(({ actorId, isDone }) => (isDone ? [] : [actorId])),
  ];
  const hasOrphan = context.orphans.length > 0;
  const events = EVENTS.filter(({ type }) => !(hasOrphan && type === 'orphans.found'));
  return [...events, ...children.flatMap((id) => [child('done', id), child('error', id)])];
}

function strategyDriver(): Driver<Machine> {
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
      runtime.send(one, { type: ended[1] === 'done' ? 'end' : 'break' });
      return undefined;
    },
    state: () => stateText(actor.getSnapshot().value),
    stop: nothing,
  };
}

describeModel({
  machine: strategyMachine,
  input: { strategyId: 'box', attemptsMax: 2 },
  events: eventsIn,
  keep: ({ attempts, orphans }) => [attempts, orphans.map(({ isDone }) => isDone)],
  driver: strategyDriver,
});
