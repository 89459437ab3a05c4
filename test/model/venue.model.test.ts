import { describe, expect, it } from 'vitest';
import type { VenueName } from '../../src/domain/instrument.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type MetStanding, venueMachine } from '../../src/machines/venue.machine.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { interleave } from './harness/interleave.ts';
import type { ModelEvent, ModelSpec, ModelState } from './harness/model.ts';
import { linkedSettings } from './linked-venue.ts';
import { DirectVenue } from './venue.direct.ts';
import { VenueDriver } from './venue.driver.ts';
import { DESK, VenueWorld } from './venue-world.ts';

type Machine = typeof venueMachine;
type Event = ModelEvent<Machine>;

const STANDINGS: readonly MetStanding[] = ['open', 'postOnly', 'cancelOnly', 'paused', 'restarting', 'closed'];
const WANTED = {
  type: 'connection.wanted',
  id: 'market-1',
  carries: 'market',
  login: 'whileOpening',
  terms: DESK.market,
} as const;

const EVENTS: readonly Event[] = [
  ...STANDINGS.map((standing): Event => ({ type: 'status.read', standing, detail: standing })),
  ...STANDINGS.slice(1).map((standing): Event => ({ type: 'standing.met', standing, detail: standing })),
  { type: 'status.failed', detail: 'no answer' },
  { type: 'window.began', window: 'weekly pause' },
  { type: 'window.ended' },
  ...[0, 2_000, 6_000].map((offsetMs): Event => ({ type: 'clock.measured', offsetMs })),
  { type: 'clock.failed', detail: 'no answer' },
  { type: 'status.due' },
  { type: 'clock.due' },
  WANTED,
  { type: 'xstate.done.actor.market-1', actorId: 'market-1' },
  { type: 'xstate.error.actor.market-1', actorId: 'market-1' },
];

const spec: ModelSpec<Machine> = {
  machine: venueMachine,
  input: { venue: 'kalshi', budgets: ['write'], terms: DESK.venue },
  events: (state) =>
    EVENTS.filter(({ type }) => {
      if (type === 'window.began') return state.text.includes('timetable.clear');
      return type === 'window.ended' ? state.text.includes('timetable.announced') : true;
    }),
  keep: ({ failedReads }) => Math.min(failedReads, DESK.venue.failedReadsMax),
};

/** Kalshi tells of pauses, Polymarket of modes; nothing of ours breaks by itself. */
const TOLD: Readonly<Record<VenueName, readonly MetStanding[]>> = {
  kalshi: ['open', 'paused', 'closed'],
  polymarket: ['open', 'postOnly', 'cancelOnly', 'restarting'],
};

function specAt(venue: VenueName): ModelSpec<Machine> {
  const terms = linkedSettings(venue).venue;
  return {
    ...spec,
    input: { venue, budgets: [], terms },
    events: (state) =>
      (spec.events as (state: ModelState<Machine>) => readonly Event[])(state).filter((event) =>
        'standing' in event
          ? TOLD[venue].includes(event.standing as MetStanding)
          : !event.type.startsWith('xstate.error.'),
      ),
    keep: ({ failedReads }) => Math.min(failedReads, terms.failedReadsMax),
  };
}

for (const venue of ['kalshi', 'polymarket'] as const)
  describeModel({
    ...specAt(venue),
    variant: venue,
    driver: () => new VenueDriver(venue),
    place: 'venues',
    stopWhen: ({ text }) => [...text.matchAll(/unknown|clear|unmeasured/g)].length === 0,
  });

describe('venue under interleavings', () => {
  it.each(['kalshi', 'polymarket'] as const)('stands as %s does', async (venue) => {
    for (const seed of ['a', 'b']) {
      const report = await interleave(specAt(venue), new VenueDriver(venue), { seed, steps: 40, place: 'venues' });
      expect(report.steps).toBeGreaterThan(0);
    }
  });

  it.each(['a', 'b', 'c'])('stands where its model stands (seed %s)', async (seed) => {
    const report = await interleave(spec, new DirectVenue(), { seed, steps: 150 });
    expect(report.steps).toBeGreaterThan(20);
  });
});

describe('coverage of the venue chart', () => {
  it('journals an event that no state expects', () => {
    const world = new VenueWorld({ hasPrivate: false });
    world.start([]);
    world.surprise(world.actor());
    expect(world.bench.unexpected).toHaveLength(1);
  });
});

describeAlone({ id: venueMachine.id, edges: edgesOf(venueMachine).map(({ id }) => id) }, [
  { ...spec, driver: () => new DirectVenue() },
]);
