/** Intents that are written before the legs exist that will ask for them. */
import { describe, expect, it } from 'vitest';
import type { LegOrder } from '../../src/domain/execution/leg.ts';
import { priceE4 } from '../../src/domain/units.ts';
import { type LegDesk, legDesk, orderOn, syncsOf } from '../support/two-venues-legs.ts';

const kinds = (desk: LegDesk) => desk.journal.appended.map(({ kind }) => kind);
const sent = (desk: LegDesk) => desk.kalshi.truth.ordersReceived() + desk.polymarket.truth.ordersReceived();

/** One step: what is written ahead, and then the legs that live. */
function inOneStep(desk: LegDesk, orders: readonly LegOrder[], live: readonly LegOrder[]) {
  const before = desk.journal.appended.length;
  desk.runtime.step(() => {
    desk.desk.writeAhead({ orders, actorOf: ({ legId }) => `owner/leg/${legId}`, cause: 7 });
    expect(kinds(desk).slice(before)).toEqual(orders.map(() => 'intent'));
    desk.plan(live);
  });
}

describe('intents written ahead', () => {
  it('are those of the legs that ask in the same step: one intent each, one sync, sent once', async () => {
    const desk = await legDesk({ syncMs: 50 });
    const syncs = syncsOf(desk);
    const orders = [orderOn(desk, 'kalshi'), orderOn(desk, 'polymarket')];
    inOneStep(desk, orders, orders);
    await desk.time.advance(49);
    expect(sent(desk)).toBe(0);
    await desk.time.advance(100);
    expect([syncs.count, sent(desk), kinds(desk).filter((kind) => kind === 'intent').length]).toEqual([1, 2, 2]);
    expect(kinds(desk)).not.toContain('withdrawal');
    const actors = desk.journal.appended.flatMap((record) => (record.kind === 'intent' ? [record.actor] : []));
    expect(actors).toEqual(orders.map(({ legId }) => `owner/leg/${legId}`));
    await desk.close();
  });

  it('are withdrawn when no leg asks for them, and nothing is sent', async () => {
    const desk = await legDesk({ syncMs: 50 });
    const orders = [orderOn(desk, 'kalshi'), orderOn(desk, 'polymarket')];
    inOneStep(desk, orders, orders.slice(0, 1));
    const withdrawn = desk.journal.appended.flatMap((record) =>
      record.kind === 'withdrawal' ? [record.clientOrderId] : [],
    );
    expect(withdrawn).toEqual([orders[1]?.clientOrderId]);
    await desk.time.advance(200);
    expect([desk.kalshi.truth.ordersReceived(), desk.polymarket.truth.ordersReceived()]).toEqual([1, 0]);
    await desk.close();
  });

  it('are written again for a leg that asks in a later step', async () => {
    const desk = await legDesk();
    const order = orderOn(desk, 'kalshi');
    inOneStep(desk, [order], []);
    desk.plan([order]);
    await desk.time.advance(200);
    expect(kinds(desk).filter((kind) => kind === 'intent' || kind === 'withdrawal')).toEqual([
      'intent',
      'withdrawal',
      'intent',
    ]);
    expect(sent(desk)).toBe(1);
    await desk.close();
  });

  it('are left to their legs when one of them cannot be prepared', async () => {
    const desk = await legDesk();
    const orders = [orderOn(desk, 'kalshi', { limitE4: priceE4(5_201) }), orderOn(desk, 'polymarket')];
    let planned: ReturnType<LegDesk['plan']> = [];
    desk.runtime.step(() => {
      desk.desk.writeAhead({ orders, actorOf: ({ legId }) => `owner/leg/${legId}`, cause: 7 });
      planned = desk.plan(orders);
    });
    await desk.time.advance(100);
    expect(planned.map((leg) => leg.report().end)).toEqual(['withheld', 'withheld']);
    expect(kinds(desk)).not.toContain('intent');
    await desk.close();
  });
});

describe('what venues send', () => {
  it('waits while intents are written, and catches up with the markets of the orders before their last look', async () => {
    const told: string[] = [];
    const desk = await legDesk({
      syncMs: 50,
      inflow: {
        hold: () => told.push('hold'),
        catchUp: (orders) => told.push(`catch up with ${orders.map(({ venue }) => venue).join(' and ')}`),
        release: () => told.push(`release with ${sent(desk)} received`),
      },
      finalLook: () => {
        told.push('last look');
        return { kind: 'withheld', reason: 'the test says so' };
      },
    });
    const orders = [orderOn(desk, 'kalshi'), orderOn(desk, 'polymarket')];
    inOneStep(desk, orders, orders);
    expect(told).toEqual(['hold']);
    await desk.time.advance(50);
    expect(told).toEqual(['hold', 'catch up with kalshi and polymarket', 'last look', 'release with 0 received']);
    await desk.close();
  });

  it('waits until the last of several writes is on the disk', async () => {
    const told: string[] = [];
    const desk = await legDesk({
      syncMs: 50,
      inflow: {
        hold: () => told.push('hold'),
        catchUp: () => told.push('catch up'),
        release: () => told.push('release'),
      },
    });
    desk.plan([orderOn(desk, 'kalshi')]);
    await desk.time.advance(20);
    desk.plan([orderOn(desk, 'polymarket')]);
    await desk.time.advance(35);
    expect(told).toEqual(['hold', 'hold', 'catch up']);
    await desk.time.advance(50);
    expect(told).toEqual(['hold', 'hold', 'catch up', 'catch up', 'release']);
    await desk.close();
  });
});
