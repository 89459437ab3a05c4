import { describe, expect, test } from 'vitest';
import { ORDER_ROUND_TRIP, quantileSampler } from '../../../src/sim/latency.ts';
import { orderBody, SimDriver, testKey } from '../../support/sim-driver.ts';

const ORDERS = '/portfolio/events/orders';

describe('simulated Kalshi limits', () => {
  test('sustains ten orders a second on the basic tier and answers 429 without any header of limits', () => {
    const driver = new SimDriver();
    const statuses = Array.from({ length: 11 }, () => driver.order({ count: '1.00' }).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    const refused = driver.order();
    expect([refused.status, refused.body, Object.keys(refused.headers)]).toEqual([
      429,
      { error: 'too many requests' },
      ['content-type'],
    ]);
    driver.clock.advanceBy(100);
    expect(driver.order({ count: '1.00' }).status).toBe(201);
  });

  test('counts reads apart from writes', () => {
    const driver = new SimDriver();
    for (let index = 0; index < 20; index++) driver.get('/portfolio/balance');
    expect(driver.get('/portfolio/balance').status).toBe(429);
    expect(driver.order().status).toBe(201);
  });

  test('charges two for a cancel and for reading one order', () => {
    const driver = new SimDriver();
    const statuses = Array.from({ length: 51 }, () => driver.call('DELETE', `${ORDERS}/none`).status);
    expect([statuses[49], statuses[50]]).toEqual([404, 429]);
    expect(Array.from({ length: 101 }, () => driver.get('/portfolio/orders/none').status).at(-1)).toBe(429);
  });

  test('takes a batch wholly or not at all', () => {
    const driver = new SimDriver();
    const batch = (count: number) =>
      driver.call('POST', `${ORDERS}/batched`, {
        body: { orders: Array.from({ length: count }, () => orderBody({ count: '1.00' })) },
      });
    expect(batch(11).status).toBe(429);
    expect(driver.sim.orders('alice')).toEqual([]);
    expect(batch(10).status).toBe(201);
  });

  test('gives each account its own bucket and its tier', () => {
    const driver = new SimDriver();
    const key = testKey('fast');
    driver.sim.addAccount({
      id: 'fast',
      tier: 'premier',
      cashMicro: 1e9,
      keys: [{ keyId: key.keyId, publicKeyPem: key.publicKeyPem }],
    });
    for (let index = 0; index < 10; index++) driver.order({ count: '1.00' });
    expect(driver.order({ count: '1.00' }, key).status).toBe(201);
    expect(driver.call('GET', '/account/limits', { key }).body).toMatchObject({
      usage_tier: 'premier',
      write: { bucket_capacity: 2_000, refill_rate: 1_000 },
    });
  });

  test('lifts an account to the second tier once it has made an order', () => {
    const driver = new SimDriver();
    const path = '/account/api_usage_level/upgrade';
    expect(driver.call('POST', path).status).toBe(403);
    driver.order();
    expect(driver.call('POST', path).status).toBe(200);
    expect(driver.get('/account/limits').body.usage_tier).toBe('advanced');
  });
});

describe('simulated latency', () => {
  const sampler = quantileSampler(ORDER_ROUND_TRIP.kalshi);
  const at = (share: number): number => sampler({ next: () => share, below: () => 0, bytes: () => new Uint8Array() });

  test('meets the measured quantiles and grows evenly in the logarithm between them', () => {
    expect([at(0.2), at(0.5), at(0.95), at(0.99)].map(Math.round)).toEqual([243, 243, 256, 265]);
    expect(at(0.725)).toBeCloseTo(Math.sqrt(243 * 256), 6);
    expect(at(0.999_999)).toBeLessThanOrEqual(337);
  });

  test('lets the venue act half way and the answer arrive at the end', () => {
    const driver = new SimDriver({ latency: () => 200 });
    const holder = driver.ask(driver.request('POST', ORDERS, { body: orderBody() }));
    driver.clock.advanceBy(99);
    expect(driver.sim.orders('alice')).toHaveLength(0);
    driver.clock.advanceBy(1);
    expect([driver.sim.orders('alice').length, holder.answer]).toEqual([1, undefined]);
    driver.clock.advanceBy(100);
    expect(holder.answer).toMatchObject({ kind: 'reply', reply: { status: 201 } });
  });
});
