/** The real leg actors on the real desk, at both simulated venues. */
import { describe, expect, it } from 'vitest';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import { filledSpan } from '../../src/domain/execution/leg.ts';
import type { VenueName } from '../../src/domain/instrument.ts';
import { contracts, micros, priceE4 } from '../../src/domain/units.ts';
import { level } from '../support/two-venues.ts';
import { deskAt, type Leg, type LegDesk, legDesk, orderOn } from '../support/two-venues-legs.ts';

const VENUES: readonly VenueName[] = ['kalshi', 'polymarket'];
const TEN = contracts(10);
const RESTING: Partial<LegOrder> = { timeInForce: 'goodTillCanceled', limitE4: priceE4(5_000) };

function one(desk: LegDesk, name: VenueName, changes: Partial<LegOrder> = {}): Leg {
  const leg = desk.plan([orderOn(desk, name, changes)])[0];
  if (leg === undefined) throw new Error('expected a leg, found none');
  return leg;
}

/** Lets the legs end, holding the truth against their reports all the way. */
async function lived(desk: LegDesk, legs: readonly Leg[], forMs: number): Promise<void> {
  for (let passed = 0; passed < forMs; ) {
    const step = passed < 500 ? 5 : 250;
    await desk.time.advance(step);
    passed += step;
    for (const leg of legs) expectInSpan(leg);
  }
}

function expectInSpan(leg: Leg): void {
  const { leastE6, mostE6 } = filledSpan(leg.report());
  const truth = leg.trueFilledE6();
  expect(truth, `true fill of ${leg.order.venue} in ${leg.state()}`).toBeGreaterThanOrEqual(leastE6);
  expect(truth, `true fill of ${leg.order.venue} in ${leg.state()}`).toBeLessThanOrEqual(mostE6);
}

describe.each(VENUES)('a leg at %s', (name) => {
  it('fills, is accounted for, and closes', async () => {
    const desk = await legDesk();
    const leg = one(desk, name);
    await lived(desk, [leg], 500);
    expect(leg.report()).toMatchObject({ standing: 'ended', end: 'filled', openE6: 0, isAccounted: true });
    await desk.time.advance(12_000);
    expect(leg.report()).toMatchObject({ end: 'filled', finalE6: TEN, provisionalE6: 0, isAccounted: true });
    expect(leg.state()).toBe('gone');
    expect(desk.side(name).truth.ordersReceived()).toBe(1);
    expect(desk.triggers).toEqual([]);
    expect(desk.faults).toEqual([]);
    await desk.close();
  });

  it('moves as much cash in its report as at the venue', async () => {
    const desk = await legDesk();
    const before = desk.side(name).truth.cash();
    const leg = one(desk, name);
    await lived(desk, [leg], 12_000);
    expect(leg.report().cashMicroUsd).toBe(before - desk.side(name).truth.cash());
    expect(0 - desk.accounts.ledger.cash(name)).toBe(before - desk.side(name).truth.cash());
    await desk.close();
  });

  it('is killed when there is too little, and nothing is held', async () => {
    const desk = await legDesk();
    const leg = one(desk, name, { sizeE6: contracts(500) });
    await lived(desk, [leg], 500);
    expect(leg.report()).toMatchObject({ standing: 'ended', end: 'killed', finalE6: 0, provisionalE6: 0, openE6: 0 });
    await desk.close();
  });

  it('rests, fills in part, and is canceled with what it filled', async () => {
    const desk = await legDesk();
    const leg = one(desk, name, RESTING);
    await lived(desk, [leg], 100);
    expect(leg.state()).toBe('live.resting');
    desk.side(name).counterparty('sell', level(50, 4));
    await lived(desk, [leg], 100);
    expect(leg.state()).toBe('live.partlyFilled');
    leg.wish({ type: 'cancel.requested', reason: 'test' });
    await lived(desk, [leg], 13_000);
    expect(leg.report()).toMatchObject({ end: 'canceled', finalE6: contracts(4), openE6: 0, isAccounted: true });
    expect(leg.state()).toBe('gone');
    expect(desk.side(name).truth.restingIds()).toEqual([]);
    await desk.close();
  });

  for (const id of ['O1', 'O3', 'N6', 'N7', 'O13'])
    it(`that ${id} leaves without its reply is found filled, and was sent once`, async () => {
      const desk = await legDesk();
      desk.side(name).setFaults({ id, times: 1, match: name === 'kalshi' ? { method: 'POST' } : { step: 'order' } });
      const leg = one(desk, name);
      await lived(desk, [leg], 30_000);
      expect(leg.report()).toMatchObject({ end: 'filled', finalE6: TEN, provisionalE6: 0, isAccounted: true });
      expect(leg.state()).toBe('gone');
      expect(desk.side(name).truth.ordersReceived()).toBe(1);
      expect(desk.side(name).struck().length).toBe(1);
      expect(desk.faults).toEqual([]);
      await desk.close();
    });

  for (const id of ['N2', 'N8', 'O2'])
    it(`that ${id} loses on its way is given up only after complete reads past its expiry`, async () => {
      const desk = await legDesk();
      desk.side(name).setFaults({ id, times: 1, match: name === 'kalshi' ? { method: 'POST' } : { step: 'order' } });
      const leg = one(desk, name);
      await lived(desk, [leg], 4_900);
      expect(leg.report()).toMatchObject({ openE6: TEN });
      await lived(desk, [leg], 25_000);
      expect(leg.report()).toMatchObject({ end: 'notAccepted', openE6: 0 });
      await lived(desk, [leg], 60_000);
      expect(leg.state()).toBe('gone');
      expect(desk.side(name).truth.ordersReceived()).toBeLessThanOrEqual(1);
      expect(desk.triggers).toEqual([]);
      await desk.close();
    });

  it('is believed able to fill while the venue cannot be read', async () => {
    const desk = await legDesk();
    desk
      .side(name)
      .setFaults({ id: 'O1', times: 1, match: name === 'kalshi' ? { method: 'POST' } : { step: 'order' } });
    desk.streams.close();
    const leg = one(desk, name);
    await desk.time.advance(50);
    desk.side(name).setPlugged(false);
    await lived(desk, [leg], 60_000);
    expect(leg.report()).toMatchObject({ standing: 'unresolved', openE6: TEN });
    desk.side(name).setPlugged(true);
    await lived(desk, [leg], 40_000);
    expect(leg.report()).toMatchObject({ end: 'filled', finalE6: TEN, isAccounted: true });
    await desk.close();
  });

  it('adopts a fill that crossed its cancel', async () => {
    const desk = await legDesk();
    const leg = one(desk, name, RESTING);
    await lived(desk, [leg], 100);
    leg.wish({ type: 'cancel.requested', reason: 'test' });
    desk.side(name).counterparty('sell', level(50, 3));
    await lived(desk, [leg], 13_000);
    expect(leg.report()).toMatchObject({ end: 'canceled', finalE6: contracts(3), isAccounted: true });
    await desk.close();
  });

  it('adopts a fill that comes after the acknowledged cancel', async () => {
    const desk = await legDesk();
    const leg = one(desk, name, RESTING);
    await lived(desk, [leg], 100);
    desk.side(name).setFaults({ id: 'O11', times: 1, parameters: { delayMs: 300 } });
    leg.wish({ type: 'cancel.requested', reason: 'test' });
    await desk.time.advance(14_000);
    expect(leg.trueFilledE6()).toBeGreaterThan(0);
    expect(leg.report().finalE6).toBe(leg.trueFilledE6());
    expect(leg.report().isAccounted).toBe(true);
    await desk.close();
  });

  it('counts a duplicate fill once', async () => {
    const desk = await legDesk();
    desk.side(name).setFaults({ id: 'O10', times: 1 });
    const leg = one(desk, name);
    await lived(desk, [leg], 13_000);
    expect(desk.side(name).struck().length).toBe(1);
    expect(leg.report()).toMatchObject({ finalE6: TEN, provisionalE6: 0 });
    await desk.close();
  });

  it('takes fills that overtake the acknowledgement', async () => {
    const desk = await legDesk();
    desk.side(name).setFaults({
      id: 'O9',
      times: 1,
      match: name === 'kalshi' ? { method: 'POST' } : { step: 'order' },
      parameters: { delayMs: 500 },
    });
    const leg = one(desk, name);
    await lived(desk, [leg], 13_000);
    expect(leg.report()).toMatchObject({ end: 'filled', finalE6: TEN, isAccounted: true });
    expect(desk.triggers).toEqual([]);
    await desk.close();
  });

  it('asks for the fills that its stream did not bring', async () => {
    const desk = await legDesk();
    desk.streams.close();
    await desk.time.advance(20);
    const leg = one(desk, name);
    await lived(desk, [leg], 100);
    expect(leg.report()).toMatchObject({ end: 'filled', isAccounted: false });
    await lived(desk, [leg], 30_000);
    expect(leg.report()).toMatchObject({ finalE6: TEN, isAccounted: true });
    expect(leg.state()).toBe('gone');
    await desk.close();
  });

  it('reports a fill beyond its size', async () => {
    const desk = await legDesk();
    desk.side(name).setFaults({ id: 'O17', times: 1 });
    const leg = one(desk, name);
    await desk.time.advance(13_000);
    expect(leg.trueFilledE6()).toBeGreaterThan(TEN);
    expect(leg.report().finalE6).toBe(leg.trueFilledE6());
    expect(desk.triggers.map(({ kind }) => kind)).toContain('LATE_FILL');
    await desk.close();
  });

  it('adopts an order that arrives after it was given up, and reports it', async () => {
    const desk = await legDesk();
    const match = name === 'kalshi' ? { method: 'POST' } : { step: 'order' };
    // Longer, and Kalshi would refuse a signature that old.
    desk.side(name).setFaults({ id: 'O14', times: 1, match, parameters: { delayMs: 9_500 } });
    const leg = one(desk, name);
    await lived(desk, [leg], 9_250);
    expect(leg.report().end).toBe('notAccepted');
    await desk.time.advance(12_000);
    expect(leg.trueFilledE6()).toBe(TEN);
    expect(leg.report()).toMatchObject({ end: 'filled', finalE6: TEN });
    expect(desk.triggers.map(({ kind }) => kind)).toContain('LATE_FILL');
    await desk.close();
  });

  it('of an earlier life is asked for, and never sent', async () => {
    const desk = await legDesk();
    const leg = one(desk, name, RESTING);
    await lived(desk, [leg], 100);
    const { venueOrderId } = desk.registry.get(leg.order.clientOrderId) ?? {};
    const report = leg.report();
    desk.side(name).counterparty('sell', level(50, 2));
    const later = await deskAt(desk);
    const sinceMicros = micros(desk.clock.wall() - 200_000);
    const [restored] = later.plan([leg.order], { report, venueOrderId, sinceMicros });
    if (restored === undefined) throw new Error('expected a leg');
    expect(restored.state()).toBe('uncertain.reconciling');
    await desk.time.advance(500);
    expect(restored.report()).toMatchObject({ standing: 'resting', isAccounted: true });
    expect(restored.state()).toBe('live.partlyFilled');
    expect(desk.side(name).truth.ordersReceived()).toBe(1);
    await desk.close();
  });
});
