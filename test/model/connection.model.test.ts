import { describe, expect, it } from 'vitest';
import type { VenueName } from '../../src/domain/instrument.ts';
import type { ConnectionInput } from '../../src/machines/connection.events.ts';
import { connectionMachine } from '../../src/machines/connection.machine.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { DirectDriver, OVERDUE } from './connection.direct.ts';
import { ConnectionDriver } from './connection.driver.ts';
import { noteRun } from './harness/coverage.ts';
import { describeAlone } from './harness/describe-alone.ts';
import { describeModel } from './harness/describe-model.ts';
import { runPath } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelEvent, type ModelSpec, type ModelState } from './harness/model.ts';
import { linkedSettings } from './linked-venue.ts';
import { A, MARKET_TERMS, VenueWorld } from './venue-world.ts';

type Machine = typeof connectionMachine;
type Event = ModelEvent<Machine>;
type Carries = ConnectionInput['carries'];

const ENDED: Event = { type: 'socket.ended', kind: 'failed', detail: 'reset' };

const EVENTS: readonly Event[] = [
  { type: 'books.assigned', books: ['kalshi/X'] },
  { type: 'books.released', books: ['kalshi/B'] },
  { type: 'socket.opened' },
  { type: 'login.proven' },
  { type: 'subscription.proven' },
  ENDED,
  { type: 'socket.ended', kind: 'refused', code: 401, detail: 'unauthorized' },
  { type: 'socket.ended', kind: 'closed', code: 1_008, detail: 'policy' },
  { type: 'socket.fellSilent', silentMs: 30_000 },
  { type: 'data.quieted' },
  { type: 'data.resumed' },
  { type: 'sequence.gapped', books: 2, detail: 'expected seq 3, found 4' },
  { type: 'private.gapped', detail: 'malformed' },
  { type: 'books.agreed', books: [A] },
  { type: 'books.contradicted', books: [A], detail: 'differs' },
  { type: 'crossCheck.failed', detail: 'no answer' },
  { type: 'crossCheck.superseded' },
  { type: 'feed.exhausted', book: A },
  { type: 'recycle.requested', reason: 'asked' },
  { type: 'resume.requested', by: 'operator' },
  { type: 'abandon.requested', by: 'operator' },
  { type: 'close.requested' },
  { type: 'effect.failed', effect: 'any', message: 'broken' },
  { type: 'retry.due' },
  ...Object.keys(OVERDUE).map((type) => ({ type }) as Event),
];

/** Events that nobody sends in a state would only be counted as not realisable. */
function possible(state: ModelState<Machine>, carries: Carries): readonly Event[] {
  const isLive = state.text.startsWith('live');
  const inState = (...states: readonly string[]): boolean =>
    states.includes(state.text) || (isLive && states.includes('live'));
  const isMarket = carries === 'market';
  return EVENTS.filter((event) => {
    switch (event.type) {
      case 'socket.opened':
      case 'connect.overdue':
        return inState('connecting');
      case 'login.proven':
      case 'login.overdue':
        return inState('authenticating');
      case 'subscription.proven':
      case 'subscription.overdue':
        return inState('subscribing');
      case 'socket.ended':
        return inState('connecting', 'authenticating', 'subscribing', 'live');
      case 'data.quieted':
      case 'probe.due':
        return inState('live.fresh');
      case 'data.resumed':
        return inState('live.quiet', 'live.suspect');
      case 'suspicion.due':
        return inState('live.quiet');
      case 'recheck.due':
        return inState('live.suspect');
      case 'socket.fellSilent':
      case 'recycle.requested':
      case 'heartbeat.due':
      case 'stability.reached':
      case 'books.agreed':
      case 'books.contradicted':
      case 'crossCheck.failed':
        return isLive;
      case 'crossCheck.superseded':
      case 'sequence.gapped':
        return isLive && isMarket;
      case 'private.gapped':
        return isLive && !isMarket;
      case 'retry.due':
        return inState('backingOff');
      case 'resume.requested':
        return inState('backingOff', 'abandoned');
      case 'effect.failed':
        return inState('connecting', 'authenticating', 'subscribing', 'live', 'backingOff');
      case 'feed.exhausted':
        return isMarket && inState('live', 'subscribing');
      case 'abandon.requested':
        return true;
      default:
        return isMarket;
    }
  });
}

function specOf(carries: Carries, input: Partial<ConnectionInput> = {}): ModelSpec<Machine> {
  const login = carries === 'private' ? 'firstFrame' : 'whileOpening';
  return {
    machine: connectionMachine,
    input: { venue: 'kalshi', carries, login, terms: MARKET_TERMS, ...input },
    events: (state) => possible(state, carries),
    keep: ({ contradictions }) => contradictions,
  };
}

/** What is asked for on the way into a state, or in it. */
const ASKED: Readonly<Record<string, string>> = {
  connecting: 'requestSocket',
  authenticating: 'requestLoginProof',
  subscribing: 'requestSubscription',
  live: 'requestHeartbeat',
  backingOff: 'requestDelay',
};

/** A venue breaks nothing of ours, refuses only what has not begun, and may number nothing. */
function specAt(venue: VenueName, carries: Carries): ModelSpec<Machine> {
  const settings = linkedSettings(venue);
  const login = carries === 'private' ? settings.privateLogin : 'whileOpening';
  return {
    ...specOf(carries, { venue, login, terms: settings[carries] }),
    events: (state) =>
      possible(state, carries).filter((event) => {
        if (event.type === 'socket.ended') return event.kind !== 'refused' || state.text === 'connecting';
        if (event.type === 'sequence.gapped') return venue === 'kalshi';
        return event.type !== 'effect.failed';
      }),
  };
}

/** The same where whatever it asks for may break. */
function brittleAt(venue: VenueName, carries: Carries): ModelSpec<Machine> {
  const spec = specAt(venue, carries);
  const events = spec.events as (state: ModelState<Machine>) => readonly Event[];
  return {
    ...spec,
    events: (state) => {
      const effect = ASKED[state.text.split('.')[0] ?? ''];
      return [
        ...events(state),
        ...(effect === undefined ? [] : [{ type: 'effect.failed' as const, effect, message: 'broken' }]),
      ];
    },
  };
}

for (const venue of ['kalshi', 'polymarket'] as const)
  for (const carries of ['market', 'private'] as const)
    describeModel({
      ...brittleAt(venue, carries),
      variant: `${venue} ${carries}`,
      driver: () => new ConnectionDriver({ venue, carries }),
      place: 'venues',
    });

describe.each(['kalshi', 'polymarket'] as const)('a connection to %s', (venue) => {
  it.each(['market', 'private'] as const)('believes only what the venue shows (%s)', async (carries) => {
    for (const seed of ['a', 'b']) {
      const driver = new ConnectionDriver({ venue, carries });
      const report = await interleave(specAt(venue, carries), driver, { seed, steps: 40, place: 'venues' });
      expect(report.steps).toBeGreaterThan(0);
    }
  });

  it.each(['market', 'private'] as const)(
    'tells the fifth failure in a row once, and comes back (%s)',
    async (carries) => {
      const driver = new ConnectionDriver({ venue, carries });
      const events = Array.from({ length: 6 }, (): Event[] => [ENDED, { type: 'retry.due' }]).flat();
      const report = await runPath(new Model(specAt(venue, carries)), driver, {
        name: 'six in a row',
        events: events as never,
      });
      noteRun('connection', report, 'venues');
      expect(report.unrealisable).toEqual([]);
      expect(driver.triggers.map(({ kind }) => kind)).toEqual(['CONNECTION_LOST']);
    },
  );
});

describe('a connection without a pause', () => {
  it('tells the fifth failure in a row also when none can be drawn', async () => {
    const driver = new ConnectionDriver({ venue: 'kalshi', carries: 'market' });
    const events = Array.from({ length: 4 }, (): Event[] => [ENDED, { type: 'retry.due' }]).flat();
    const last: Event = { type: 'effect.failed', effect: 'requestDelay', message: 'broken' };
    const report = await runPath(new Model(specAt('kalshi', 'market')), driver, {
      name: 'five in a row',
      events: [...events, last] as never,
    });
    noteRun('connection', report, 'venues');
    expect(report.unrealisable).toEqual([]);
    expect(driver.triggers.map(({ kind }) => kind)).toEqual(['CONNECTION_LOST']);
  });
});

describe('connection under interleavings', () => {
  it.each(['market', 'private'] as const)('stands where its model stands (%s)', async (carries) => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const report = await interleave(specOf(carries), new DirectDriver(carries), { seed, steps: 150 });
      expect(report.steps).toBeGreaterThan(0);
    }
  });

  it('tells the fifth failure in a row also when no jitter can be drawn', async () => {
    const events = Array.from({ length: 4 }, (): Event[] => [ENDED, { type: 'retry.due' }])
      .flat()
      .slice(0, -1);
    const last: Event = { type: 'effect.failed', effect: 'requestDelay', message: 'broken' };
    const report = await runPath(new Model(specOf('market')), new DirectDriver('market'), {
      name: 'five in a row',
      events: [...events, last] as never,
    });
    noteRun('connection', report);
    expect(report.unrealisable).toEqual([]);
  });
});

describe('coverage of the connection chart', () => {
  it('journals an event that no state expects', () => {
    const world = new VenueWorld({ hasPrivate: false });
    world.start([A]);
    world.surprise(world.actor('market-1'));
    expect(world.bench.unexpected).toHaveLength(1);
  });
});

describeAlone(
  { id: connectionMachine.id, edges: edgesOf(connectionMachine).map(({ id }) => id) },
  [specOf('market'), specOf('private')].map((spec) => ({
    ...spec,
    driver: () => new DirectDriver((spec.input as ConnectionInput).carries),
  })),
);
