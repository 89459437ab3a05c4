/** Section 1.7: what goes wrong around trading. */
import { describe, expect, it } from 'vitest';
import type { TriggerKind } from '../../src/domain/limits/trigger.ts';
import type { BookSides } from '../support/two-venues.ts';
import { GAP, onMatch, onOrder, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();

const EMPTY: BookSides = { bids: [], asks: [] };
/** Both clocks are measured once a minute. */
const CLOCK_MS = 62_000;

type Provoke = (at: Scenario) => Promise<void> | void;

/** An order of the attempt that is opened meets this. */
function meets(name: 'kalshi' | 'polymarket', id: string, where: object): Provoke {
  return async (at) => {
    at.setFaults(name, { id, ...where });
    await at.open();
  };
}

/** Kalshi kills its leg, and says so when the other one has long been filled. */
function killsLate(at: Scenario, delayMs = 400): void {
  at.setFaults('kalshi', { id: 'O6', ...onMatch.kalshi }, { id: 'N5', ...onOrder.kalshi, parameters: { delayMs } });
}

const FAILURES: readonly (readonly [failure: string, kind: TriggerKind, provoke: Provoke])[] = [
  ['one leg is killed', 'ASYMMETRIC_EXECUTION', meets('kalshi', 'O6', onMatch.kalshi)],
  ['Kalshi says that our money is short', 'INSUFFICIENT_BALANCE', meets('kalshi', 'O18', onMatch.kalshi)],
  ['Polymarket says that our money is short', 'INSUFFICIENT_BALANCE', meets('polymarket', 'O18', { times: 1 })],
  ['Kalshi refuses our login', 'AUTHENTICATION', meets('kalshi', 'O20', onOrder.kalshi)],
  [
    'Polymarket refuses our login',
    'AUTHENTICATION',
    meets('polymarket', 'O20', { times: 1, match: { method: 'POST', endpoint: 'POST /order' } }),
  ],
  ['Kalshi refuses an order for its limit', 'RATE_LIMITED', meets('kalshi', 'O4', onOrder.kalshi)],
  ['Polymarket refuses an order for its limit', 'RATE_LIMITED', meets('polymarket', 'O4', onOrder.polymarket)],
  ['a match fails on chain', 'TRADE_FAILED', meets('polymarket', 'C1', { times: 1 })],
  [
    'one venue turns its order away and the other finds nobody for its own',
    'EXECUTION_FAILED',
    async (at) => {
      at.setFaults('polymarket', { id: 'O6', ...onMatch.polymarket });
      at.kalshi.sim.standing.pauseTrading();
      await at.open();
    },
  ],
  [
    'what is left has no market',
    'STUCK_EXPOSURE',
    async (at) => {
      killsLate(at);
      await at.open({ after: { kalshi: EMPTY, polymarket: EMPTY }, afterMs: 50 });
    },
  ],
  [
    'a frame is lost',
    'SEQUENCE_GAP',
    (at) => at.setFaults('kalshi', { id: 'D3', times: 1, match: { channel: 'orderbook_delta' } }),
  ],
  [
    'a connection fails five times in a row',
    'CONNECTION_LOST',
    (at) => {
      at.setFaults('kalshi', { id: 'N9' });
      at.kalshi.cutSockets();
    },
  ],
  [
    'an actor breaks',
    'ACTOR_FAULT',
    async (at) => {
      at.kalshi.venue.prepare = () => {
        throw new Error('broken');
      };
      await at.open();
    },
  ],
];

describe('operation', () => {
  it.each(FAILURES)(
    'S48 › %s: the breaker hears %s, is open, and nothing more is entered',
    async (_, kind, provoke) => {
      const at = await begin();
      await provoke(at);
      await at.until(() => at.triggers.includes(kind), 30_000);
      // Three in a row are too many, one is not.
      if (kind === 'EXECUTION_FAILED') return;
      expect(at.breaker).toBe('latched');
      at.setFaults('kalshi');
      const started = at.started;
      at.quote(GAP);
      await at.run(300);
      expect(at.started).toBe(started);
    },
  );

  it('S49 › a halt leaves the way out open: what one leg left is repaired, and nothing else is entered', async () => {
    const at = await begin();
    killsLate(at);
    await at.open({ afterMs: 5_000 });
    await at.run(100);
    at.trading.breaker.halt({ by: 'operator', reason: 'enough', scope: 'all' });
    expect([at.breaker, at.truth]).toEqual(['latched', { kalshi: 0, yes: 0, no: 11 }]);
    await at.settled();
    expect(at.intended.slice(2)).toEqual(['kalshi buy 11 @41 completion']);
    expect([at.end, at.truth]).toEqual(['balanced', { kalshi: 11, yes: 0, no: 11 }]);
    expect([at.started, at.breaker]).toEqual([1, 'latched']);
  });

  it('S51 › while Kalshi is paused nothing is entered at Polymarket either', async () => {
    const at = await begin();
    at.kalshi.sim.standing.pauseTrading();
    await at.until(() => !at.trading.desks.kalshi.availability().entries, 16_000);
    at.quote({ kalshi: GAP.kalshi });
    await at.run(1_000);
    expect([at.received('kalshi'), at.received('polymarket')]).toEqual([0, 0]);
    expect(at.trading.desks.kalshi.availability().reason).toContain('paused');
    at.kalshi.sim.standing.resume();
    await at.until(() => at.started > 0, 16_000);
  });

  it('S51 › the first order that meets a pause closes the venue at once', async () => {
    const at = await begin();
    at.kalshi.sim.standing.pauseTrading();
    await at.open();
    await at.run(100);
    expect(at.trading.desks.kalshi.availability()).toMatchObject({ entries: false });
    at.kalshi.sim.standing.resume();
    await at.settled();
  });

  it('S52 › reading that is refused for its limit holds up no hedge, and is not asked for more', async () => {
    const at = await begin();
    killsLate(at, 900);
    await at.open({ afterMs: 5_000 });
    await at.run(100);
    const { kalshi } = at.trading.desks;
    at.kalshi.server.instead = ({ method }) =>
      method === 'GET' ? { kind: 'reply', reply: { status: 429, headers: {}, body: '' } } : undefined;
    kalshi.prove([at.kalshi.yes.book]);
    await at.until(() => !kalshi.requestBudget('read'), 1_000);
    const reads = at.kalshi.server.requests.length;
    expect([kalshi.prove([at.kalshi.yes.book]), kalshi.budget('read')]).toEqual([0, 'cooling']);
    await at.until(() => at.intended.length > 2, 1_000);
    await at.until(() => at.truth.kalshi === 11, 100);
    expect(at.kalshi.server.requests.slice(reads).map(({ method }) => method)).toEqual(['POST']);
    at.kalshi.server.instead = undefined;
    await at.settled();
    expect(at.end).toBe('balanced');
  });

  it('S53 › a venue whose clock is far from ours is not entered, and the distance is known', async () => {
    const at = await begin();
    at.polymarket.sim.control.setClockOffset(30_000);
    await at.until(() => at.triggers.includes('CLOCK_SKEW'), CLOCK_MS);
    expect(Math.abs(at.trading.desks.polymarket.clockOffsetMs - 30_000)).toBeLessThan(1_000);
    expect(at.trading.desks.polymarket.availability()).toMatchObject({ entries: false, reducing: true });
    at.quote({ kalshi: GAP.kalshi });
    await at.run(500);
    expect([at.started, at.received('kalshi')]).toEqual([0, 0]);
  });

  it('S53 › a clock that is a little off is measured, and trading goes on', async () => {
    const at = await begin();
    at.kalshi.sim.setClockSkew(-600);
    await at.until(() => Math.abs(at.trading.desks.kalshi.clockOffsetMs + 600) < 100, CLOCK_MS);
    await at.open();
    await at.settled();
    expect([at.end, at.triggers]).toEqual(['balanced', []]);
  });
});
