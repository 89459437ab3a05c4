import { describe, expect, it } from 'vitest';
import { lost, reply } from '../../support/scripted-polymarket.ts';
import { NOW } from './accounts.ts';
import { fixture, type Json } from './frames.ts';
import { page, preparedOn, readOf, settled, type UnderTest, warmVenue } from './venue-under-test.ts';

const trades = fixture('user-trades') as Record<string, Json>;
const orders = fixture('user-orders') as Record<string, Json>;

describe('finding an order by its hash', () => {
  async function asking(answers: Readonly<Record<string, Parameters<UnderTest['http']['on']>[1]>>) {
    const under = await warmVenue();
    const order = preparedOn(under, { timeInForce: 'immediateOrCancel' });
    const id = order.venueOrderId ?? '';
    under.http
      .on(`GET /data/order/${id}`, reply({ error: 'Order not found' }, 404))
      .on('GET /data/orders', page([]))
      .on('GET /data/trades', page([]));
    for (const [call, answer] of Object.entries(answers)) under.http.on(call.replace('{id}', id), answer);
    const found = await settled(under, under.venue.findOrder(order, NOW));
    return { found: readOf(found), counts: under.http.counts(), id, queries: under.http.queries('GET /data/trades') };
  }
  const ofOrder = (over: Json) => (request: { readonly url: string }) => {
    const id = /0x[0-9a-f]{64}/.exec(request.url)?.[0];
    return reply({ ...orders['order-update'], id, ...over });
  };

  it('asks for the order itself first', async () => {
    const { found, id, counts } = await asking({ 'GET /data/order/{id}': ofOrder({}) });
    expect(found).toMatchObject({ venueOrderId: id, clientOrderId: 'client-1', standing: 'resting' });
    expect(Object.keys(counts)).toHaveLength(1);
  });

  it.each([
    ['an empty object', '{}'],
    ['null', 'null'],
    ['nothing', ''],
  ])('goes on to open orders and trades after %s', async (_, body) => {
    const { found, counts } = await asking({ 'GET /data/order/{id}': reply(body) });
    expect(found).toBeUndefined();
    expect(Object.values(counts)).toEqual([1, 1, 1]);
  });

  it('says absent only after three complete reads, and asks for trades since well before, because clocks differ', async () => {
    const { found, queries } = await asking({});
    expect([found, queries.map((query) => query.get('after'))]).toEqual([undefined, ['1763625540']]);
  });

  it.each([
    ['GET /data/order/{id}', lost()],
    ['GET /data/orders', lost()],
    ['GET /data/trades', lost()],
    ['GET /data/trades', reply('', 401)],
  ])('says nothing when %s fails', async (call, answer) => {
    expect((await asking({ [call]: answer })).found).toMatch(/unreachable|unauthenticated/);
  });

  it('adds up its fills when the venue dropped the record, leaving failed ones out', async () => {
    const under = await warmVenue();
    const order = preparedOn(under, { timeInForce: 'immediateOrCancel' });
    const own = { taker_order_id: order.venueOrderId, maker_orders: [], size: '5' };
    const found = [
      { ...trades['trade-matched'], ...own, id: 't1' },
      { ...trades['trade-failed'], ...own, id: 't2' },
      { ...trades['trade-matched'], id: 'not ours to count' },
    ];
    under.http
      .on(`GET /data/order/${order.venueOrderId}`, reply({}, 404))
      .on('GET /data/orders', page([]))
      .on('GET /data/trades', page(found));
    expect(readOf(await under.venue.findOrder(order, NOW))).toMatchObject({
      venueOrderId: order.venueOrderId,
      filledE6: 5_000_000,
      restingE6: 0,
      standing: 'canceled',
    });
  });

  it('knows an order that landed although all it matched failed', async () => {
    const under = await warmVenue();
    const order = preparedOn(under);
    const failed = { ...trades['trade-failed'], taker_order_id: order.venueOrderId };
    under.http
      .on(`GET /data/order/${order.venueOrderId}`, reply({}, 404))
      .on('GET /data/orders', page([]))
      .on('GET /data/trades', page([failed]));
    expect(readOf(await under.venue.findOrder(order, NOW))).toMatchObject({ filledE6: 0, standing: 'canceled' });
  });

  it('finds a resting order among the open ones', async () => {
    const under = await warmVenue();
    const order = preparedOn(under, { timeInForce: 'goodTillCanceled' });
    under.http
      .on(`GET /data/order/${order.venueOrderId}`, reply(''))
      .on('GET /data/orders', page([{ ...orders['order-placement'], id: order.venueOrderId }]));
    expect(readOf(await under.venue.findOrder(order, NOW))).toMatchObject({ standing: 'resting' });
  });
});
