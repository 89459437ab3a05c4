/** Section 1.1: what became of an order is not known. */
import { describe, expect, it } from 'vitest';
import type { Trading } from '../../src/actors/trading.ts';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import { doubted, plannedReport } from '../../src/domain/execution/policy.ts';
import { micros } from '../../src/domain/units.ts';
import type { AttemptContext } from '../../src/machines/attempt.events.ts';
import { FAIR, GAP, level, onMatch, onOrder, type Scenario, scenarios } from './rig.ts';

const begin = scenarios();
const PRIVATE = ['fill', 'user_orders'] as const;
const BALANCED = { kalshi: 11, yes: 0, no: 11 };

/** The private stream of Polymarket says nothing for so long. */
function deafen(at: Scenario, forMs: number): void {
  at.polymarket.sim.control.freezeSockets('user', forMs);
}

/** Kalshi's says nothing at all. */
const silence = PRIVATE.map((channel) => ({ id: 'N3', match: { channel } }));

/** What is done with the attempts of an earlier life, as its journal tells of them. */
function takeUp(trading: Trading, earlier: Scenario): void {
  const { clock } = earlier.venues;
  const { plan, sinceMicros } = earlier.journal.begunWith('attempt') as unknown as AttemptContext;
  const reports = [...earlier.journal.intents.values()].map(({ order: json, venueOrderId }) => {
    const order = json as unknown as LegOrder;
    trading.registry.restore({ order, venueOrderId, intentAt: micros(sinceMicros), actor: undefined });
    return doubted(plannedReport(order));
  });
  const group = { eventId: 'event', category: 'test', correlated: 'event' };
  const at = { nowMs: clock.nowMs(), wall: clock.wall() };
  trading.exposures.adopt({ attemptId: plan.attemptId, group, basketLegs: 2, reports, at });
  trading.books.noteStarted(plan);
  trading.strategy.recover(plan, sinceMicros, { reports, settled: [] });
}

describe('order outcome unknown', () => {
  it('S01 › a timed-out order that matched is adopted, and nothing is sent again', async () => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'O1', ...onOrder.polymarket });
    deafen(at, 20_000);
    await at.open();
    await at.run(4_000);
    const inDoubt = at.report('2-polymarket');
    await at.settled();
    expect(inDoubt).toMatchObject({ standing: 'working', openE6: 11_000_000 });
    expect(at.journal.states('leg/2-polymarket')).toEqual([
      'planned',
      'sending.intentWritten',
      'sending.submitting',
      'uncertain.unresolved',
      'uncertain.reconciling',
      'ended.filled',
      'closed',
    ]);
    expect([at.end, at.truth, at.received('kalshi'), at.received('polymarket')]).toEqual(['balanced', BALANCED, 1, 1]);
  });

  it('S02 › a client order id is journaled before it is sent, and a duplicate leads to the first order', async () => {
    const at = await begin();
    at.setFaults('kalshi', { id: 'O13', ...onOrder.kalshi }, ...silence);
    await at.open();
    await at.settled();
    const [intent] = at.journal.recordsOf('intent');
    const sent = JSON.parse(at.kalshi.server.orders[0]?.body ?? '') as { readonly client_order_id: string };
    expect(sent.client_order_id).toBe(intent?.clientOrderId);
    expect(at.journal.transitions('leg/1-kalshi').map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ type: 'order.unknown', hasLanded: true }),
    );
    expect(at.journal.states('leg/1-kalshi').slice(-4)).toEqual([
      'uncertain.unresolved',
      'uncertain.reconciling',
      'ended.filled',
      'closed',
    ]);
    expect([at.end, at.truth, at.received('kalshi'), at.triggers]).toEqual(['balanced', BALANCED, 1, []]);
  });

  it('S03 › an order whose acknowledgement is late is taken off as soon as it is known, and its fill is adopted', async () => {
    const at = await begin({ policy: 'makerThenHedge' });
    const unread = { id: 'N8', match: { method: 'GET', endpoint: '/portfolio/orders' } };
    at.setFaults('kalshi', { id: 'N5', ...onOrder.kalshi, parameters: { delayMs: 12_000 } }, ...silence, unread);
    await at.open({ after: GAP });
    await at.run(3_000);
    at.kalshi.counterparty('sell', level(39, 3));
    await at.run(8_000);
    const inDoubt = at.report('1-kalshi');
    await at.run(1_500);
    at.setFaults('kalshi');
    await at.settled();
    expect(inDoubt).toMatchObject({ standing: 'unresolved', openE6: 11_000_000 });
    const cancel = at.journal.transitions('leg/1-kalshi').find(({ to }) => to.startsWith('canceling'));
    expect(cancel).toMatchObject({
      from: 'uncertain.reconciling',
      event: { type: 'order.found', filledE6: 3_000_000 },
    });
    expect(at.kalshi.server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
    expect(at.kalshi.truth.restingIds()).toEqual([]);
    expect([at.end, at.intended, at.truth]).toEqual([
      'balanced',
      ['kalshi buy 11 @39 entry', 'polymarket buy 3 @52 hedge'],
      { kalshi: 3, yes: 0, no: 3 },
    ]);
  });

  it('S03 › an acknowledgement after all patience is followed by a cancel', async () => {
    const at = await begin({
      policy: 'makerThenHedge',
      profile: (profile) => ({ ...profile, makerVenue: 'polymarket' }),
    });
    const late = { id: 'N5', ...onOrder.polymarket, parameters: { delayMs: 9_000 } };
    at.setFaults('polymarket', late, { id: 'N8', match: { method: 'GET' } });
    deafen(at, 9_500);
    await at.open({ after: GAP });
    await at.run(5_000);
    // Whoever buys YES at 51 takes our bid for NO at 49.
    at.polymarket.counterparty('buy', level(51, 3));
    await at.run(4_500);
    at.setFaults('polymarket');
    await at.settled();
    const cancel = at.journal.transitions('leg/1-polymarket').find(({ to }) => to.startsWith('canceling'));
    expect(cancel?.event).toMatchObject({ type: 'order.acknowledged', filledE6: 0, restingE6: 11_000_000 });
    expect([at.end, at.intended, at.truth]).toEqual([
      'balanced',
      ['polymarket buy 11 @49 entry', 'kalshi buy 3 @41 hedge'],
      { kalshi: 3, yes: 0, no: 3 },
    ]);
  });

  it('S04 › an order that is delayed is not over, and its fill is adopted', async () => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'O19', ...onMatch.polymarket, parameters: { delayMs: 3_000 } });
    await at.open({ after: GAP });
    await at.run(2_500);
    const delayed = at.report('2-polymarket');
    await at.settled();
    expect(delayed).toMatchObject({ standing: 'unresolved', openE6: 11_000_000 });
    expect([at.end, at.truth, at.received('polymarket'), at.triggers]).toEqual(['balanced', BALANCED, 1, []]);
  });

  it('S05 › a 500 is unknown, and the order that was taken all the same is adopted', async () => {
    const at = await begin();
    const parameters = { status: 500, text: 'could not run the execution' };
    at.setFaults('polymarket', { id: 'O3', ...onOrder.polymarket, parameters });
    deafen(at, 5_000);
    await at.open();
    await at.run(10);
    const inDoubt = at.report('2-polymarket');
    await at.settled();
    expect(inDoubt).toMatchObject({ standing: 'unresolved', openE6: 11_000_000 });
    expect([at.end, at.truth, at.received('polymarket'), at.triggers]).toEqual(['balanced', BALANCED, 1, []]);
  });

  it('S05 › a 425 pauses the venue at once, and nothing replaces the order until it is certain', async () => {
    const at = await begin();
    const parameters = { downMs: 20_000, postOnlyMs: 10_000 };
    at.setFaults('polymarket', { id: 'O5', ...onOrder.polymarket, parameters });
    await at.open();
    await at.run(10);
    const paused = at.trading.desks.polymarket.availability();
    await at.run(4_000);
    const inDoubt = [at.report('2-polymarket').standing, at.intended.length];
    await at.settled();
    expect(paused).toMatchObject({ entries: false, reducing: false });
    expect(inDoubt).toEqual(['unresolved', 2]);
    expect(at.report('2-polymarket')).toMatchObject({ end: 'notAccepted', finalE6: 0 });
    expect([at.end, at.intended.slice(2), at.truth, at.received('polymarket'), at.triggers]).toEqual([
      'unwound',
      ['kalshi sell 11 @48 unwind'],
      { kalshi: 0, yes: 0, no: 0 },
      1,
      ['ASYMMETRIC_EXECUTION'],
    ]);
  });

  it.each(['kalshi', 'polymarket'] as const)(
    'S06 › a success of %s without an order is unknown, and its body is kept',
    async (name) => {
      const at = await begin();
      at.side(name).server.afterOrder = (reply) => ({ ...reply, body: 'taken, perhaps' });
      if (name === 'kalshi') at.setFaults('kalshi', ...silence);
      else deafen(at, 5_000);
      await at.open();
      await at.settled();
      const leg = name === 'kalshi' ? 'leg/1-kalshi' : 'leg/2-polymarket';
      const reply = at.journal.transitions(leg).find(({ event }) => event.type === 'order.unknown');
      expect(reply).toMatchObject({
        to: 'uncertain.unresolved',
        event: { detail: expect.stringContaining('taken, perhaps') },
      });
      expect([at.end, at.truth, at.received(name), at.triggers]).toEqual(['balanced', BALANCED, 1, []]);
    },
  );

  it('S07 › after a crash between acceptance and answer, open intents are resolved before anything new', async () => {
    const before = await begin();
    await before.open({ after: GAP });
    await before.until(() => before.received('kalshi') + before.received('polymarket') === 2);
    const at = await before.crash((trading) => takeUp(trading, before));
    await at.run(5_000);
    at.quote(FAIR);
    // Trading opens its books with the cash that a venue shows, which the fills have left already.
    await at.settled({ cashMicroUsd: { kalshi: 5_000_000, polymarket: 6_000_000 } });
    expect(at.journal.states('leg/1-kalshi')).toEqual(['uncertain.reconciling', 'ended.filled', 'closed']);
    expect(at.journal.states('leg/2-polymarket')).toEqual(['uncertain.reconciling', 'ended.filled', 'closed']);
    expect([at.end, at.truth, at.intended, at.received('kalshi'), at.received('polymarket')]).toEqual([
      'balanced',
      BALANCED,
      [],
      1,
      1,
    ]);
    const [first] = at.approvals;
    expect([at.started, first]).toMatchObject([0, { kind: 'refused', reason: 'WATCH_BUSY' }]);
  });

  it('S07 › an attempt that breaks before its orders have left sends none of them, and gives back its room', async () => {
    const at = await begin({ syncMs: 100 });
    await at.open();
    const { runtime, strategy, exposures } = at.trading;
    const [attempt] = Object.values(strategy.actor.getSnapshot().children);
    runtime.send(attempt as never, { type: 'leg.reported', report: null } as never);
    await at.until(() => strategy.actor.getSnapshot().context.orphans.length === 0);
    await at.settled({ faults: true });
    expect([at.intended.length, at.received('kalshi'), at.received('polymarket'), at.triggers]).toEqual([
      2,
      0,
      0,
      ['ACTOR_FAULT', 'ACTOR_FAULT'],
    ]);
    expect(exposures.span()).toEqual({ leastMicroUsd: 0, mostMicroUsd: 0 });
  });

  it('S08 › while a venue cannot be asked no order is lost, and its room stays taken', async () => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'O1', ...onOrder.polymarket }, { id: 'N8', match: { method: 'GET' } });
    deafen(at, 60_000);
    await at.open();
    await at.run(40_000);
    const inDoubt = at.report('2-polymarket');
    const { leastE6, mostE6 } = at.trading.exposures.spanOf(at.polymarket.no);
    at.setFaults('polymarket');
    await at.settled();
    // 5.72 dollars buy so many at the finest tick: nobody knows at what price they were spent.
    expect([inDoubt.standing, inDoubt.openE6, leastE6, mostE6]).toEqual(['unresolved', 11_000_000, 0, 57_200_000_000]);
    expect(at.journal.transitions('leg/2-polymarket').filter(({ event }) => event.type === 'order.absent')).toEqual([]);
    expect([at.end, at.truth, at.intended.length]).toEqual(['balanced', BALANCED, 2]);
  });

  it('S09 › an order that its query does not know any more is found in its fills', async () => {
    const at = await begin();
    at.setFaults('polymarket', { id: 'O1', ...onOrder.polymarket });
    // Completed orders have left the query; the trades have not.
    at.polymarket.server.instead = ({ method, target }) => {
      if (method !== 'GET' || !target.startsWith('/data/order')) return undefined;
      const none = '{"data":[],"next_cursor":"LTE=","limit":100,"count":0}';
      const body = target.startsWith('/data/orders') ? none : 'null';
      return { kind: 'reply', reply: { status: 200, headers: { 'content-type': 'application/json' }, body } };
    };
    deafen(at, 60_000);
    await at.open();
    await at.settled();
    expect(at.report('2-polymarket')).toMatchObject({ end: 'filled', finalE6: 11_000_000 });
    expect([at.end, at.truth, at.received('polymarket')]).toEqual(['balanced', BALANCED, 1]);
  });
});
