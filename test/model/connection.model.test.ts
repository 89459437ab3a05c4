import { describe, expect, it } from 'vitest';
import type { ConnectionInput } from '../../src/machines/connection.events.ts';
import { connectionMachine } from '../../src/machines/connection.machine.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { ConnectionDriver, OVERDUE } from './connection-driver.ts';
import { edgesFired, noteRun } from './harness/coverage.ts';
import { describeModel } from './harness/describe-model.ts';
import { runPath } from './harness/driver.ts';
import { interleave } from './harness/interleave.ts';
import { Model, type ModelEvent, type ModelSpec, type ModelState } from './harness/model.ts';
import { A, MARKET_TERMS, VenueWorld } from './venue-world.ts';

type Machine = typeof connectionMachine;
type Event = ModelEvent<Machine>;
type Carries = ConnectionInput['carries'];
type Login = ConnectionInput['login'];

const EVENTS: readonly Event[] = [
  { type: 'books.assigned', books: ['kalshi/X'] },
  { type: 'books.released', books: ['kalshi/B'] },
  { type: 'socket.opened' },
  { type: 'login.proven' },
  { type: 'subscription.proven' },
  { type: 'socket.ended', kind: 'failed', detail: 'reset' },
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

function specOf(
  carries: Carries,
  login: Login = carries === 'private' ? 'firstFrame' : 'whileOpening',
): ModelSpec<Machine> {
  return {
    machine: connectionMachine,
    input: {
      venue: 'kalshi',
      carries,
      login,
      terms: MARKET_TERMS,
    },
    events: (state) => possible(state, carries),
    keep: ({ contradictions }) => contradictions,
  };
}

for (const carries of ['market', 'private'] as const)
  describeModel({
    ...specOf(carries),
    variant: carries,
    driver: () => new ConnectionDriver(carries),
    walks: { seed: `connection ${carries}`, count: 10, steps: 60 },
  });

describeModel({
  ...specOf('private', 'whileOpening'),
  variant: 'private, login while opening',
  driver: () => new ConnectionDriver('private', 'whileOpening'),
});

describe('connection under interleavings', () => {
  it.each(['a', 'b', 'c', 'd'])('stands where its model stands (seed %s)', async (seed) => {
    const report = await interleave(specOf('market'), new ConnectionDriver('market'), { seed, steps: 150 });
    expect(report.steps).toBeGreaterThan(0);
  });

  it('tells the fifth failure in a row once, also when no jitter can be drawn', async () => {
    const ended: Event = { type: 'socket.ended', kind: 'failed', detail: 'reset' };
    for (const last of [ended, { type: 'effect.failed', effect: 'requestDelay', message: 'broken' } as const]) {
      const fourth = Array.from({ length: 4 }, (): Event[] => [ended, { type: 'retry.due' }]).flat();
      // In `backingOff` the next delay is the one that cannot be drawn.
      const events = last === ended ? [...fourth, ended, { type: 'retry.due' }, ended] : [...fourth.slice(0, -1), last];
      const model = new Model(specOf('market'));
      const report = await runPath(model, new ConnectionDriver('market'), {
        name: 'five in a row',
        events: events as never,
      });
      noteRun('connection', report);
      expect(report.unrealisable).toEqual([]);
    }
  });
});

describe('coverage of the connection chart', () => {
  it('journals an event that no state expects', () => {
    const world = new VenueWorld({ hasPrivate: false });
    world.start([A]);
    world.surprise(world.actor('market-1'));
    expect(world.bench.unexpected).toHaveLength(1);
  });

  it('takes every declared edge in the real actor', () => {
    expect(
      edgesOf(connectionMachine)
        .map(({ id }) => id)
        .filter((id) => !edgesFired('connection').has(id)),
    ).toEqual([]);
  });
});
