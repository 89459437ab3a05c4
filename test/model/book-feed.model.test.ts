import { describe, expect, it } from 'vitest';
import type { VenueName } from '../../src/domain/instrument.ts';
import { bookFeedMachine } from '../../src/machines/book-feed.machine.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { DirectFeed } from './book-feed.direct.ts';
import { FeedDriver } from './book-feed.driver.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { interleave } from './harness/interleave.ts';
import type { ModelEvent, ModelSpec, ModelState } from './harness/model.ts';
import { linkedSettings } from './linked-venue.ts';
import { A, MARKET_TERMS, VenueWorld } from './venue-world.ts';

type Machine = typeof bookFeedMachine;
type Event = ModelEvent<Machine>;

const { feed: TERMS } = MARKET_TERMS;
const CONNECTION = 'market-1';

const EVENTS: readonly Event[] = [
  { type: 'subscription.sent' },
  { type: 'connection.lost' },
  { type: 'snapshot.received' },
  { type: 'book.gapped', reason: 'malformed: not JSON' },
  { type: 'metadata.warmed' },
  { type: 'warming.failed', detail: 'no answer' },
  { type: 'unwatch.requested' },
  { type: 'snapshot.overdue' },
  { type: 'resync.due' },
  { type: 'warming.due' },
  { type: 'effect.failed', effect: 'requestResync', message: 'broken' },
  { type: 'effect.failed', effect: 'requestWarming', message: 'broken' },
];

/** Only what somebody could send in that state. */
function possible(state: ModelState<Machine>): readonly Event[] {
  const [, content = '', metadata = ''] = /content\.(\w+)\|metadata\.(\w+)/.exec(state.text) ?? [];
  return EVENTS.filter((event) => {
    switch (event.type) {
      case 'subscription.sent':
        return content === 'unsubscribed';
      case 'connection.lost':
        return content !== 'unsubscribed';
      case 'snapshot.received':
        return !['unsubscribed', 'live'].includes(content);
      case 'metadata.warmed':
      case 'warming.failed':
        return metadata === 'cold';
      case 'warming.due':
        return metadata === 'waiting';
      case 'snapshot.overdue':
        return content === 'awaitingSnapshot' || content === 'resyncing';
      case 'resync.due':
        return content === 'gapped';
      case 'effect.failed':
        return event.effect === 'requestWarming'
          ? metadata === 'cold'
          : content === 'resyncing' && state.context.failures === 0;
      default:
        return true;
    }
  });
}

const spec: ModelSpec<Machine> = {
  machine: bookFeedMachine,
  input: { book: A, terms: TERMS },
  events: possible,
  keep: ({ failures }) => Math.min(failures, TERMS.failuresMax),
};

/** A venue breaks nothing of ours, and spoils only what is believed; what was given up is gapped by the way. */
function specAt(venue: VenueName): ModelSpec<Machine> {
  const terms = linkedSettings(venue).market.feed;
  return {
    ...spec,
    input: { book: A, terms },
    events: (state) =>
      possible(state).filter(({ type }) =>
        type === 'book.gapped' ? state.text.includes('content.live') : type !== 'effect.failed',
      ),
    keep: ({ failures }) => Math.min(failures, terms.failuresMax),
  };
}

/** The same where whatever the feed asks for may break. */
function brittleAt(venue: VenueName): ModelSpec<Machine> {
  const at = specAt(venue);
  const events = at.events as (state: ModelState<Machine>) => readonly Event[];
  return {
    ...at,
    events: (state) => [...events(state), ...possible(state).filter(({ type }) => type === 'effect.failed')],
  };
}

for (const venue of ['kalshi', 'polymarket'] as const)
  describeModel({
    ...brittleAt(venue),
    variant: venue,
    driver: () => new FeedDriver(venue),
    place: 'venues',
  });

describe('book feed under interleavings', () => {
  it.each(['kalshi', 'polymarket'] as const)('believes only what %s shows', async (venue) => {
    for (const seed of ['a', 'b', 'c']) {
      const report = await interleave(specAt(venue), new FeedDriver(venue), { seed, steps: 40, place: 'venues' });
      expect(report.steps).toBeGreaterThan(0);
    }
  });

  it.each([true, false])('stands where its model stands (venue with snapshots: %s)', async (hasSnapshots) => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const report = await interleave(spec, new DirectFeed(hasSnapshots), { seed, steps: 150 });
      expect(report.steps).toBeGreaterThan(0);
    }
  });
});

describe('coverage of the book feed chart', () => {
  it('journals an event that no state expects', () => {
    const world = new VenueWorld({ hasPrivate: false });
    world.start([A]);
    world.surprise(world.feed(CONNECTION, A));
    expect(world.bench.unexpected).toHaveLength(1);
  });
});

describeAlone({ id: bookFeedMachine.id, edges: edgesOf(bookFeedMachine).map(({ id }) => id) }, [
  { ...spec, driver: () => new DirectFeed(true) },
]);
