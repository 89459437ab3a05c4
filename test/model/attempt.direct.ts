/** The real attempt on a virtual clock, with puppets for legs: timers run out by themselves, everything else is said. */
import type { ExecutionPolicy } from '../../src/domain/execution/attempt-plan.ts';
import type { AttemptInput } from '../../src/machines/attempt.events.ts';
import type { attemptMachine } from '../../src/machines/attempt.machine.ts';
import { AttemptRig } from '../machines/attempt-rig.ts';
import { modelPlan, TIMERS } from './attempt.catalogue.ts';
import { onEdge } from './harness/coverage.ts';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';

type Machine = typeof attemptMachine;

const CHILD = /^xstate\.(error|done)\.actor\.leg\/(.+)$/;

export function attemptDriver(policy: ExecutionPolicy, input: Partial<AttemptInput> = {}): Driver<Machine> {
  let rig: AttemptRig | undefined;
  const live = (): AttemptRig => {
    if (rig === undefined) throw new Error('expected a started attempt, found none');
    return rig;
  };
  return {
    start: () => {
      rig = new AttemptRig(modelPlan(policy), { onEdge, isMute: true, input });
    },
    apply: (event) => applied(live(), event),
    state: () => live().state,
    check: (model) => check(live(), model),
    stop: () => undefined,
  };
}

function applied(rig: AttemptRig, event: ModelEvent<Machine>): Applied<Machine> {
  const { type } = event as { readonly type: string };
  if (TIMERS.has(type)) return ranOut(rig);
  const child = CHILD.exec(type);
  if (child !== null) {
    const [, end, legId = ''] = child;
    if (!rig.isLive(legId)) return unrealisable('its actor has ended already');
    if (end === 'error') rig.breakLeg(legId);
    else rig.endLeg(legId);
    return undefined;
  }
  const said = legOf(event);
  if (said !== undefined && !rig.context.reports.some(({ order }) => order.legId === said))
    return unrealisable('about an order that was never handed over');
  rig.send(event as never);
  return undefined;
}

function legOf(event: ModelEvent<Machine>): string | undefined {
  if (event.type !== 'leg.reported') return undefined;
  return (event as { readonly report: { readonly order: { readonly legId: string } } }).report.order.legId;
}

/** The next timer of the attempt runs out, whichever it is: the model follows. */
function ranOut(rig: AttemptRig): Applied<Machine> {
  const before = rig.records.length;
  const next = rig.clock.nextAtMs;
  if (next === undefined) return unrealisable('no timer runs');
  rig.clock.advanceTo(next);
  const took = rig.records.slice(before).flatMap((record) => {
    if (record.kind !== 'transition' && record.kind !== 'ignored') return [];
    return record.actor === 'attempt/a1' ? [{ type: String(record.event.type) } as ModelEvent<Machine>] : [];
  });
  return { took };
}

/** Whatever the way, what is held is the sum of confirmed fills, and the chart and its model remember the same. */
function check(rig: AttemptRig, { context }: ModelState<Machine>): void {
  const held = (reports: typeof context.reports) =>
    JSON.stringify(reports.map(({ order, ...known }) => [order.legId, known]));
  if (held(rig.context.reports) !== held(context.reports))
    throw new Error(`expected ${held(context.reports)}, found ${held(rig.context.reports)}`);
  const live = rig.context.reports.filter(({ order }) => {
    const { settled, dead } = rig.context;
    return !settled.includes(order.legId) && !dead.includes(order.legId);
  });
  if (rig.actor.getSnapshot().status !== 'active') return;
  const alone = live.find(({ order }) => !rig.isLive(order.legId));
  if (alone !== undefined)
    throw new Error(`expected every open order to be followed, found ${alone.order.legId} alone`);
}
