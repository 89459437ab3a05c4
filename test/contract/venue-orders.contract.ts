/** Orders and cancels that nothing disturbs. */
import { describe, expect } from 'vitest';
import type { OrderOutcome, OrderRefusal, PreparedOrder, Refused } from '../../src/domain/ports/venue.ts';
import { contracts, micros, priceE4, sizeE6 } from '../../src/domain/units.ts';
import {
  type Claims,
  cancelAllOn,
  cancelOn,
  fillsIn,
  level,
  listenToOurs,
  ordersIn,
  outcomeOf,
  prepareOn,
  RESTING,
  readOn,
  requestOn,
  restOn,
  submitOn,
  total,
} from './venue-claims.ts';
import type { VenueRig } from './venue-rig.ts';

export function describeOrders(claims: Claims): void {
  describe('preparing an order', () => describePreparing(claims));
  describe('an order', () => describeTaking(claims));
  describe('an order that rests', () => describeResting(claims));
  describe('a cancel', () => describeCancels(claims));
}

const isRefused = (prepared: PreparedOrder | Refused<string>): boolean =>
  'kind' in prepared && prepared.kind === 'refused';

function describePreparing({ claim }: Claims): void {
  const refusals: readonly [name: string, over: (rig: VenueRig) => Parameters<typeof requestOn>[1]][] = [
    ['a price off the grid', () => ({ limitE4: priceE4(5_250) })],
    ['a price of zero', () => ({ limitE4: priceE4(0) })],
    ['a price of one', () => ({ limitE4: priceE4(10_000) })],
    ['a size of zero', () => ({ sizeE6: sizeE6(0) })],
    ['a size below the smallest', (rig) => ({ ...RESTING, sizeE6: rig.tooSmallE6 })],
    ['a market that was never listed', (rig) => ({ instrument: rig.strange })],
    ['an order that must rest and cannot', () => ({ postOnly: true })],
  ];
  for (const [name, over] of refusals)
    claim(`refuses ${name} and sends nothing`, async (rig) => {
      const before = rig.server.requests.length;
      const prepared = rig.venue.prepare(requestOn(rig, over(rig)));
      expect(isRefused(prepared) && 'reason' in prepared && prepared.reason).toMatch(/^(?:invalidOrder|unsupported)$/);
      expect(rig.server.requests.length).toBe(before);
    });

  claim('reads and sends nothing', async (rig) => {
    const before = rig.server.requests.length;
    const prepared = prepareOn(rig);
    expect(prepared.body).not.toBe('');
    expect(rig.server.requests.length).toBe(before);
  });
}

/** Refused, or (Kalshi has been seen both ways) taken with nothing filled and nothing left. */
function expectNothing(outcome: OrderOutcome, reason: OrderRefusal): void {
  if (outcome.kind === 'done') expect(outcome).toMatchObject({ filledE6: 0, restingE6: 0, tradeIds: [] });
  else expect(outcome).toMatchObject({ kind: 'refused', reason });
}

function describeTaking({ claim, profile }: Claims): void {
  claim('that fills or dies is filled whole', async (rig) => {
    const outcome = await submitOn(rig);
    expect(outcome).toMatchObject({ kind: 'done', filledE6: contracts(10), restingE6: 0 });
    expect(outcome.kind === 'done' && outcome.isProvisional).toBe(profile.settlesLater);
    await rig.settled();
    expect(rig.truth.yesHeldE6()).toBe(contracts(10));
  });

  claim('that fills or dies is killed when the book is too thin, and leaves no position', async (rig) => {
    expectNothing(await submitOn(rig, { sizeE6: contracts(500) }), 'killed');
    await rig.settled();
    expect(rig.truth.yesHeldE6()).toBe(0);
    expect(rig.truth.restingIds()).toEqual([]);
  });

  claim('that fills what it can is filled partly, and its rest is gone', async (rig) => {
    await rig.house({ bids: [], asks: [level(52, 30)] });
    const outcome = await submitOn(rig, { timeInForce: 'immediateOrCancel', sizeE6: contracts(50) });
    expect(outcome).toMatchObject({ kind: 'done', filledE6: contracts(30), restingE6: 0 });
    await rig.settled();
    expect(rig.truth.yesHeldE6()).toBe(contracts(30));
    expect(rig.truth.restingIds()).toEqual([]);
  });

  claim('that fills what it can and finds nobody leaves no position', async (rig) => {
    await rig.house({ bids: [], asks: [] });
    expectNothing(await submitOn(rig, { timeInForce: 'immediateOrCancel' }), 'killed');
    expect(rig.truth.restingIds()).toEqual([]);
  });

  for (const timeInForce of ['fillOrKill', 'immediateOrCancel'] as const)
    claim(`as ${timeInForce} says how much was filled, also where the price was better than its limit`, async (rig) => {
      const limitE4 = priceE4(6_000);
      const outcome = await submitOn(rig, { timeInForce, limitE4 });
      await rig.settled();
      // A purchase may be counted in dollars (Polymarket): then a better price brings more contracts.
      expect(rig.truth.yesHeldE6()).toBeGreaterThanOrEqual(contracts(10));
      expect(outcome).toMatchObject({ kind: 'done', filledE6: rig.truth.yesHeldE6(), restingE6: 0 });
      const spent = 1_000_000_000 - rig.truth.cash();
      const fees = rig.truth.fills().reduce((sum, { feeMicroUsd }) => sum + feeMicroUsd, 0);
      expect(spent - fees).toBeLessThanOrEqual(6_000_000);
      expect(total(await readOn(rig, rig.venue.fills(START)))).toBe(rig.truth.yesHeldE6());
    });

  claim('says once that it left, before its outcome', async (rig) => {
    const calls: string[] = [];
    const order = prepareOn(rig);
    const ended = new Promise<OrderOutcome>((resolve) => {
      rig.venue.submit(
        order,
        (outcome) => {
          calls.push(outcome.kind);
          resolve(outcome);
        },
        () => calls.push('sent'),
      );
    });
    await rig.time.until(ended);
    expect(calls).toEqual(['sent', 'done']);
  });

  claim('leaves once, also when it is submitted again', async (rig) => {
    const order = prepareOn(rig);
    await rig.time.until(outcomeOf(rig, order));
    // Either a second outcome that is not done, or an invariant that is broken loudly.
    const again = await rig.time.until(outcomeOf(rig, order).catch(() => undefined));
    expect(again === undefined || again.kind === 'unknown').toBe(true);
    expect(rig.orderRequests()).toBe(profile.hasWire ? 1 : 0);
    await rig.settled();
    expect(rig.truth.yesHeldE6()).toBe(contracts(10));
  });

  claim('beyond our balance is refused, and nothing is held', async (rig) => {
    rig.setCash(5_000_000);
    const outcome = await submitOn(rig);
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'insufficientBalance' });
    await rig.settled();
    expect(rig.truth.yesHeldE6()).toBe(0);
  });

  claim('to sell what is held brings it back to nothing', async (rig) => {
    await submitOn(rig);
    await rig.settled();
    const outcome = await submitOn(rig, { action: 'sell', limitE4: rig.takes.bid, isReducing: true });
    expect(outcome).toMatchObject({ kind: 'done', filledE6: contracts(10) });
    await rig.settled();
    expect([rig.truth.yesHeldE6(), rig.truth.noHeldE6()]).toEqual([0, 0]);
  });

  claim('to sell what is not held opens nothing', async (rig) => {
    const outcome = await submitOn(rig, { action: 'sell', limitE4: rig.takes.bid, timeInForce: 'immediateOrCancel' });
    if (outcome.kind === 'done') expect(outcome).toMatchObject({ filledE6: 0, restingE6: 0 });
    else expect(outcome.kind).toBe('refused');
    await rig.settled();
    expect([rig.truth.yesHeldE6(), rig.truth.noHeldE6()]).toEqual([0, 0]);
  });

  claim('that only reduces never opens a position, or is refused before it leaves', async (rig) => {
    const before = rig.orderRequests();
    const prepared = rig.venue.prepare(requestOn(rig, { reduceOnly: true, timeInForce: 'immediateOrCancel' }));
    if (rig.venue.unsupported.has('reduceOnly')) {
      expect(prepared).toMatchObject({ kind: 'refused', reason: 'unsupported' });
      expect(rig.orderRequests()).toBe(before);
      return;
    }
    if ('kind' in prepared) throw new Error(`expected an order, found ${prepared.detail}`);
    const outcome = await rig.time.until(outcomeOf(rig, prepared));
    if (outcome.kind === 'done') expect(outcome).toMatchObject({ filledE6: 0, restingE6: 0 });
    else expect(outcome.kind).toBe('refused');
    expect([rig.truth.yesHeldE6(), rig.truth.noHeldE6()]).toEqual([0, 0]);
  });

  claim('for NO is filled at the price of NO', async (rig) => {
    const outcome = await submitOn(rig, { instrument: rig.no });
    expect(outcome).toMatchObject({ kind: 'done', filledE6: contracts(10) });
    await rig.settled();
    expect(rig.truth.noHeldE6()).toBe(contracts(10));
    const fills = await readOn(rig, rig.venue.fills(START, rig.no));
    expect(fills.map(({ instrument, action }) => ({ instrument, action }))).toEqual(
      fills.map(() => ({ instrument: rig.no, action: 'buy' })),
    );
    expect(total(fills)).toBe(contracts(10));
  });
}

/** Before anything happened. */
const START = micros(0);

function describeResting({ claim, profile }: Claims): void {
  claim('is open until it is filled, and each of its fills is reported once', async (rig) => {
    const ours = await listenToOurs(rig);
    const outcome = await submitOn(rig, RESTING);
    expect(outcome).toMatchObject({ kind: 'done', filledE6: 0, restingE6: contracts(10) });
    const venueOrderId = outcome.kind === 'done' ? outcome.venueOrderId : '';
    const [open, ...others] = await readOn(rig, rig.venue.openOrders());
    expect(others).toEqual([]);
    expect(open).toMatchObject({
      venueOrderId,
      instrument: rig.yes,
      action: 'buy',
      limitE4: 4_000,
      filledE6: 0,
      restingE6: contracts(10),
      standing: 'resting',
    });
    expect(rig.truth.restingIds()).toEqual([venueOrderId]);

    await rig.house({ bids: [], asks: [] });
    await rig.counterparty('sell', level(40, 4));
    await rig.counterparty('sell', level(40, 6));
    await rig.time.reached(() => total(settledOnce(ours)) === contracts(10));
    await rig.settled();
    // A later report on the same stream stands behind all earlier ones.
    const later = await restOn(rig, { limitE4: priceE4(3_900) });
    await rig.time.reached(() => ordersIn(ours).some((order) => order.venueOrderId === later));
    expect(total(settledOnce(ours))).toBe(contracts(10));
    const steps = fillsIn(ours).map(({ tradeId, settlement }) => `${tradeId} ${settlement}`);
    expect(new Set(steps).size).toBe(steps.length);
    expect(rig.truth.yesHeldE6()).toBe(contracts(10));
    const openAfter = await readOn(rig, rig.venue.openOrders());
    expect(openAfter.map((order) => order.venueOrderId)).toEqual([later]);
  });

  claim('is reported as resting, and as canceled when it was', async (rig) => {
    const ours = await listenToOurs(rig);
    const venueOrderId = await restOn(rig);
    await rig.time.reached(() => ordersIn(ours).some(({ standing }) => standing === 'resting'));
    await cancelOn(rig, venueOrderId);
    await rig.time.reached(() => ordersIn(ours).some(({ standing }) => standing === 'canceled'));
    expect(ordersIn(ours).at(0)).toMatchObject({ venueOrderId, restingE6: contracts(10), filledE6: 0 });
    expect(ordersIn(ours).at(-1)).toMatchObject({ venueOrderId, standing: 'canceled', restingE6: 0 });
    expect(fillsIn(ours)).toEqual([]);
  });

  claim('names its fills alike on the stream and in the list', async (rig) => {
    const ours = await listenToOurs(rig);
    const venueOrderId = await restOn(rig, { limitE4: priceE4(4_900) });
    await rig.counterparty('sell', level(49, 4));
    await rig.counterparty('sell', level(49, 6));
    await submitOn(rig);
    await rig.time.reached(() => total(settledOnce(ours)) === contracts(20));
    await rig.settled();
    const listed = await readOn(rig, rig.venue.fills(START));
    const key = ({ tradeId, venueOrderId: order, role }: (typeof listed)[number]) => `${tradeId} ${order} ${role}`;
    expect(new Set(listed.map(key)).size).toBe(listed.length);
    expect(new Set(listed.map(({ tradeId }) => tradeId)).size).toBe(listed.length);
    expect([...new Set(fillsIn(ours).map(key))].sort()).toEqual(listed.map(key).sort());
    expect(listed.filter((fill) => fill.venueOrderId === venueOrderId)).toHaveLength(2);
  });

  claim('until its time only is gone afterwards, or is declared unsupported', async (rig) => {
    const expiresAt = micros(rig.clock.wall() + 300_000_000);
    const over = { ...RESTING, timeInForce: 'goodTillDate' as const, expiresAt };
    if (rig.venue.unsupported.has('goodTillDate')) {
      expect(isRefused(rig.venue.prepare(requestOn(rig, over)))).toBe(true);
      return;
    }
    await restOn(rig, over);
    expect(rig.truth.restingIds()).toHaveLength(1);
    await rig.time.advance(301_000);
    expect(rig.truth.restingIds()).toEqual([]);
    expect(await readOn(rig, rig.venue.openOrders())).toEqual([]);
  });

  claim('or is refused is refused when it would cross, and holds nothing', async (rig) => {
    const crossing = { ...RESTING, limitE4: priceE4(5_200), postOnly: true };
    expectNothing(await submitOn(rig, crossing), 'postOnlyWouldCross');
    await rig.settled();
    expect(rig.truth.restingIds()).toEqual([]);
    expect(rig.truth.yesHeldE6()).toBe(0);
  });

  claim('or is refused rests when it does not cross, and fills as a maker', async (rig) => {
    await restOn(rig, { limitE4: priceE4(4_900), postOnly: true });
    await rig.counterparty('sell', level(49, 10));
    await rig.settled();
    const fills = await readOn(rig, rig.venue.fills(START));
    expect(fills.map(({ role, priceE4: price, sizeE6: size }) => ({ role, price, size }))).toEqual([
      { role: 'maker', price: 4_900, size: contracts(10) },
    ]);
    expect(fills[0]?.settlement).toBe(profile.settlesLater ? 'confirmed' : 'final');
  });
}

/** Each trade once, however often its settlement was reported. */
function settledOnce(ours: Parameters<typeof fillsIn>[0]) {
  return [...new Map(fillsIn(ours).map((fill) => [fill.tradeId, fill])).values()];
}

function describeCancels({ claim }: Claims): void {
  claim('of an order that rests is done, and the order is gone', async (rig) => {
    const venueOrderId = await restOn(rig);
    const outcome = await cancelOn(rig, venueOrderId);
    expect(outcome.kind).toBe('done');
    if (outcome.kind === 'done' && outcome.canceledE6 !== undefined) expect(outcome.canceledE6).toBe(contracts(10));
    expect(rig.truth.restingIds()).toEqual([]);
  });

  claim('of an order that was filled is unknown', async (rig) => {
    const venueOrderId = await restOn(rig, { limitE4: priceE4(4_900) });
    await rig.counterparty('sell', level(49, 10));
    const outcome = await cancelOn(rig, venueOrderId);
    expect(outcome).toMatchObject({ kind: 'unknown', venueOrderId });
    await rig.settled();
    expect(rig.truth.yesHeldE6()).toBe(contracts(10));
  });

  claim('of an order that was canceled is unknown', async (rig) => {
    const venueOrderId = await restOn(rig);
    await cancelOn(rig, venueOrderId);
    expect(await cancelOn(rig, venueOrderId)).toMatchObject({ kind: 'unknown', venueOrderId });
  });

  claim('of an order that never was is unknown', async (rig) => {
    const never = `0x${'ab'.repeat(32)}`;
    expect(await cancelOn(rig, never)).toMatchObject({ kind: 'unknown', venueOrderId: never });
  });

  claim('of everything leaves nothing', async (rig) => {
    for (const cents of [39, 40, 41]) await restOn(rig, { limitE4: priceE4(cents * 100) });
    expect(rig.truth.restingIds()).toHaveLength(3);
    expect((await cancelAllOn(rig)).kind).toBe('done');
    expect(rig.truth.restingIds()).toEqual([]);
    expect(await readOn(rig, rig.venue.openOrders())).toEqual([]);
  });

  claim('of everything is done where nothing rests', async (rig) => {
    expect((await cancelAllOn(rig)).kind).toBe('done');
  });
}
