import { describe, expect, it } from 'vitest';
import { filledSpan } from '../../src/domain/execution/leg.ts';
import { contracts, microUsd, sizeE6 } from '../../src/domain/units.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { orderLegMachine } from '../../src/machines/order-leg.machine.ts';
import { legDesk } from '../support/two-venues-legs.ts';
import { edgesFired, noteRun, onEdgeAtVenues } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { runPath } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelSpec } from './harness/model.ts';
import { eventsFor, keep, orderAt, SIZE, STARTED_AT } from './order-leg.catalogue.ts';
import { LegDriver } from './order-leg.driver.ts';
import { AT_ONCE, DELAYED, MATCHED, RESTING } from './order-leg.ways.ts';
import type { LegSetting } from './order-leg.world.ts';

type Machine = typeof orderLegMachine;

function specOf(setting: LegSetting): ModelSpec<Machine> {
  return { machine: orderLegMachine, input: setting, events: eventsFor(setting.order), keep, limit: 20_000 };
}

for (const [venue, timeInForce, ways] of [
  ['kalshi', 'goodTillDate', RESTING],
  ['kalshi', 'immediateOrCancel', AT_ONCE],
  ['polymarket', 'goodTillCanceled', MATCHED],
  ['polymarket', 'fillOrKill', DELAYED],
] as const) {
  const setting = { order: orderAt(venue, timeInForce) };
  describeModel({
    ...specOf(setting),
    variant: `${venue} ${timeInForce}`,
    driver: () => new LegDriver(setting),
    place: 'venues',
  });
  describe(`an order leg (${venue} ${timeInForce}) that`, () => {
    it.each(ways)('%s', async (name, events) => {
      const report = await runPath(new Model(specOf(setting)), new LegDriver(setting), { name, events });
      noteRun(orderLegMachine.id, report, 'venues');
      expect(report.unrealisable).toEqual([]);
    });

    it.each(['a', 'b', 'c', 'd'])('hears what the world can do in any order (seed %s)', async (seed) => {
      const report = await interleave(specOf(setting), new LegDriver(setting), { seed, steps: 40, place: 'venues' });
      expect(report.steps).toBeGreaterThan(0);
    });
  });
}

const order = orderAt('kalshi', 'goodTillCanceled');
const restored: LegSetting = {
  order,
  restored: {
    report: {
      order,
      standing: 'working',
      end: undefined,
      refusal: undefined,
      finalE6: sizeE6(0),
      provisionalE6: sizeE6(0),
      openE6: contracts(SIZE),
      cashMicroUsd: microUsd(0),
      isAccounted: true,
    },
    sinceMicros: STARTED_AT,
  },
};

describeModel({
  ...specOf(restored),
  variant: 'of an earlier life',
  // From here on it goes the way of any other.
  stopWhen: ({ text }) => !text.startsWith('uncertain'),
  driver: () => new LegDriver(restored),
  place: 'venues',
});

describe('coverage of the order leg chart', () => {
  it('sends nothing when nothing can be asked for', async () => {
    const desk = await legDesk({ onEdge: onEdgeAtVenues });
    const { runtime } = desk;
    const { whenIdle } = runtime;
    runtime.whenIdle = () => {
      runtime.whenIdle = whenIdle;
      throw new Error('broken');
    };
    const [leg] = desk.plan([orderAt('kalshi', 'goodTillCanceled')]);
    await desk.time.advance(10_000);
    expect(leg?.report()).toMatchObject({ standing: 'ended', end: 'withheld' });
    expect(leg === undefined ? undefined : filledSpan(leg.report())).toEqual({ leastE6: 0, mostE6: 0 });
    expect(desk.kalshi.truth.ordersReceived()).toBe(0);
    await desk.close();
  });

  it('takes every declared edge in the real actor', () => {
    const missed = edgesOf(orderLegMachine).flatMap(({ id }) => (edgesFired('orderLeg').has(id) ? [] : [id]));
    expect(missed).toEqual([]);
  });
});
