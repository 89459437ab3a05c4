import { describe, expect, it } from 'vitest';
import { attemptMachine } from '../../src/machines/attempt.machine.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import {
  eventsAtVenues,
  eventsIn,
  isLongEnough,
  keep,
  keepLast,
  lastEventsAtVenues,
  lastEventsIn,
  modelPlan,
} from './attempt.catalogue.ts';
import { attemptDriver } from './attempt.direct.ts';
import { AttemptDriver } from './attempt.driver.ts';
import { WAYS } from './attempt.ways.ts';
import { AttemptFloor, type AttemptSetting } from './attempt.world.ts';
import { noteRun } from './harness/coverage.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { runPath } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelEvent, type ModelState } from './harness/model.ts';

type Machine = typeof attemptMachine;

const POLICIES = ['together', 'sequential', 'makerThenHedge'] as const;
const EDGES = edgesOf(attemptMachine).map(({ id }) => id);
const SEEDS = Array.from({ length: 12 }, (_, at) => `attempt ${at}`);

/** Worlds are alike, and so are the plans that are made in them. */
async function modelOf(setting: AttemptSetting) {
  const floor = await AttemptFloor.open(setting);
  const { plan, sinceMicros } = floor.context;
  const { restored } = floor;
  await floor.close();
  return {
    machine: attemptMachine,
    input: { plan, sinceMicros, ...(restored === undefined ? {} : { restored }) },
    limit: 20_000,
    stopWhen: isLongEnough,
    driver: () => new AttemptDriver(setting),
    place: 'venues',
  } as const;
}

for (const setting of [...POLICIES.map((policy) => ({ policy })), { policy: 'together', isTakenUp: true }] as const) {
  const model = await modelOf(setting);
  const spec = { ...model, events: eventsAtVenues, keep };
  // What breaks has to be known before it is asked for.
  const wild = { ...spec, events: (state: ModelState<Machine>) => eventsAtVenues(state).filter(isNoFault) };
  const variant = 'isTakenUp' in setting ? 'taken up again' : setting.policy;
  describeModel<Machine>({ ...spec, variant, wanted: new Set(EDGES) });
  describeModel<Machine>({
    ...model,
    variant: `${variant}, to the end`,
    events: lastEventsAtVenues,
    keep: keepLast,
    wanted: new Set(EDGES),
  });
  describe(`an attempt (${variant})`, () => {
    it.each(SEEDS)('holds within belief what is true, whatever the venues do (seed "%s")', async (seed) => {
      const report = await interleave(wild, model.driver(), { seed, steps: 40, place: 'venues' });
      expect(report.steps).toBeGreaterThan(0);
    });
  });
}

for (const [setting, ways] of WAYS) {
  const { driver, ...model } = await modelOf(setting);
  describe(`an attempt (${Object.values(setting).join(' at ')}) that`, () => {
    it.each(ways)('%s', async (name, events) => {
      const report = await runPath(new Model({ ...model, events: eventsAtVenues }), driver(), { name, events });
      noteRun(attemptMachine.id, report, 'venues');
      expect(report.unrealisable).toEqual([]);
    });
  });
}

function isNoFault({ type }: ModelEvent<Machine>): boolean {
  return type !== 'effect.failed';
}

describeAlone<Machine>(
  { id: attemptMachine.id, edges: EDGES },
  POLICIES.flatMap((policy) => {
    const input = { plan: modelPlan(policy), sinceMicros: 0 };
    const shared = { machine: attemptMachine, input, limit: 20_000, stopWhen: isLongEnough };
    const driver = () => attemptDriver(policy);
    return [
      { ...shared, driver, events: eventsIn, keep },
      { ...shared, driver, events: lastEventsIn, keep: keepLast },
    ];
  }),
);
