import { describe, expect, test } from 'vitest';
import { OBSERVED_READ_LAG } from '../../../src/sim/kalshi/options.ts';
import { orderBody, SimDriver, TICKER, testKey } from '../../support/sim-driver.ts';

const IOC = { time_in_force: 'immediate_or_cancel' };
const FOK = { time_in_force: 'fill_or_kill' };
const ORDERS = '/portfolio/events/orders';

function errorOf({
  status,
  body,
}: {
  status: number;
  body: { error?: { code: string; details?: string } };
}): unknown[] {
  return [status, body.error?.code, ...(body.error?.details === undefined ? [] : [body.error.details])];
}

describe('simulated Kalshi orders', () => {
  test('answers a resting order flat, with counts as text and without averages', () => {
    const { status, body } = new SimDriver().order({ client_order_id: 'mine' });
    expect(status).toBe(201);
    expect(body).toEqual({
      order_id: expect.any(String),
      client_order_id: 'mine',
      fill_count: '0.00',
      remaining_count: '10.00',
      ts_ms: expect.any(Number),
    });
  });

  test('answers an immediate-or-cancel without a match with 201 and two zeros', () => {
    const { status, body } = new SimDriver().order(IOC);
    expect([status, body.fill_count, body.remaining_count]).toEqual([201, '0.00', '0.00']);
  });

  test('prices a NO purchase on the YES scale and cuts its averages', () => {
    const driver = new SimDriver();
    driver.offer('bid', 67, 100);
    const { body } = driver.order({ ...IOC, side: 'ask', price: '0.6700', count: '8.93' });
    expect([body.average_fill_price, body.average_fee_paid]).toEqual(['0.6700', '0.0154']);
  });

  test('answers a killed fill-or-kill with 409, and burns its client id', () => {
    const driver = new SimDriver();
    driver.offer('ask', 50, 9);
    expect(errorOf(driver.order({ ...FOK, client_order_id: 'once' }))).toEqual([
      409,
      'fill_or_kill_insufficient_resting_volume',
    ]);
    expect(errorOf(driver.order({ client_order_id: 'once' }))).toEqual([409, 'order_already_exists']);
    expect(driver.get('/portfolio/orders').body.orders).toEqual([]);
  });

  test('can be told to answer a killed fill-or-kill with 201 and zero', () => {
    const { status, body } = new SimDriver({ fillOrKillAnswer: 'zeroFill' }).order(FOK);
    expect([status, body.fill_count]).toEqual([201, '0.00']);
  });

  test('fills a fill-or-kill over several levels at once', () => {
    const driver = new SimDriver();
    driver.offer('ask', 49, 4);
    driver.offer('ask', 50, 6);
    const { status, body } = driver.order(FOK);
    expect([status, body.fill_count, body.average_fill_price]).toEqual([201, '10.00', '0.4960']);
  });

  test('refuses numbers where text belongs, in the words of the decoder', () => {
    const { status, body } = new SimDriver().order({ count: 1, price: 0.01 });
    expect(status).toBe(400);
    expect(body.details).toBe(
      'json: cannot unmarshal number into Go struct field CreateOrderV2Request.count of type string',
    );
  });

  test.each([
    ['an off-grid price', { price: '0.5150' }, [400, 'invalid_price']],
    ['a price of one', { price: '1.0000' }, [400, 'invalid_price']],
    ['a missing self-trade rule', { self_trade_prevention_type: undefined }, [400, 'missing_parameters']],
    ['a dot in the client id', { client_order_id: 'KX.1' }, [400, 'invalid_parameters']],
    ['a third decimal of a contract', { count: '1.001' }, [400, 'invalid_parameters']],
    ['an unknown market', { ticker: 'KXNONE' }, [404, 'market_not_found']],
    ['another shard than the market is on', { exchange_index: 2 }, [404, 'market_not_found']],
    ['more than the balance', { count: '10099.00', price: '0.9900' }, [400, 'insufficient_balance']],
    ['an expiry in the past', { expiration_time: 1 }, [400, 'invalid_order', 'expiration time is in the past']],
    ['an expiry on an immediate order', { ...IOC, expiration_time: 4_000_000_000 }, [400, 'invalid_parameters']],
  ])('refuses %s', (_what, changes, expected) => {
    expect(errorOf(new SimDriver().order(changes))).toEqual(expected);
  });

  test('routes by the ticker when the shard is absent or -1', () => {
    const driver = new SimDriver();
    expect(driver.order({ exchange_index: -1 }).status).toBe(201);
    expect(driver.order({ exchange_index: 0 }).status).toBe(201);
  });

  test('refuses a client id for ever, also after its order was canceled', () => {
    const driver = new SimDriver();
    const { body } = driver.order({ client_order_id: 'once' });
    expect(errorOf(driver.order({ client_order_id: 'once' }))).toEqual([409, 'order_already_exists']);
    driver.call('DELETE', `${ORDERS}/${body.order_id}`);
    expect(errorOf(driver.order({ client_order_id: 'once' }))).toEqual([409, 'order_already_exists']);
  });

  test('refuses a crossing post-only order with 400, or accepts and cancels it when told to', () => {
    const refusing = new SimDriver();
    refusing.offer('ask', 50, 1);
    expect(errorOf(refusing.order({ post_only: true }))).toEqual([400, 'invalid_order', 'post only cross']);
    const canceling = new SimDriver({ postOnlyCross: 'cancel' });
    canceling.offer('ask', 50, 1);
    const orders = canceling.subscribe({ channels: ['user_orders'] });
    expect(canceling.order({ post_only: true }).status).toBe(201);
    expect(orders.ofType('user_order')[0].msg).toMatchObject({
      status: 'canceled',
      last_update_reason: 'PostOnlyCrossCancel',
    });
  });

  test('ends a taker at its own order under taker_at_cross and keeps the resting one', () => {
    const driver = new SimDriver();
    const resting = driver.order({ price: '0.4800', count: '1.00' });
    const { status, body } = driver.order({ ...IOC, side: 'ask', price: '0.4800', count: '1.00' });
    expect([status, body.fill_count, body.remaining_count]).toEqual([201, '0.00', '0.00']);
    expect(driver.get(`/portfolio/orders/${resting.body.order_id}`).body.order.status).toBe('resting');
  });

  test('cancels its own resting order under maker', () => {
    const driver = new SimDriver();
    const resting = driver.order({ price: '0.4800' });
    driver.order({ ...IOC, side: 'ask', price: '0.4800', self_trade_prevention_type: 'maker' });
    expect(driver.get(`/portfolio/orders/${resting.body.order_id}`).body.order.status).toBe('canceled');
  });

  test('caps a reduce-only order by the position and never opens one', () => {
    const driver = new SimDriver();
    driver.offer('ask', 50, 4);
    driver.order({ ...IOC, count: '4.00' });
    driver.offer('bid', 45, 100);
    expect(driver.order({ ...IOC, side: 'ask', price: '0.4500', reduce_only: true }).body.fill_count).toBe('4.00');
    expect(driver.order({ ...IOC, side: 'ask', price: '0.4500', reduce_only: true }).body.fill_count).toBe('0.00');
    expect(driver.sim.position('alice', TICKER).sizeE6).toBe(0);
  });

  test('sweeps an expired order late by as much as it is told', () => {
    const driver = new SimDriver({ expirySweepLateMs: 150_000 });
    const { body } = driver.order({ expiration_time: driver.nowMs() / 1_000 + 60 });
    const status = (): string => driver.get(`/portfolio/orders/${body.order_id}`).body.order.status;
    driver.clock.advanceBy(209_000);
    expect(status()).toBe('resting');
    driver.clock.advanceBy(1_000);
    expect(status()).toBe('canceled');
  });

  test('gives the same 404 for cancels of unknown, canceled and executed orders', () => {
    const driver = new SimDriver();
    driver.offer('ask', 50, 10);
    const executed = driver.order();
    const canceled = driver.order({ price: '0.1000' });
    expect(driver.call('DELETE', `${ORDERS}/${canceled.body.order_id}`).body.reduced_by).toBe('10.00');
    for (const id of [executed.body.order_id, canceled.body.order_id, '00000000-0000-0000-0000-000000000000'])
      expect(errorOf(driver.call('DELETE', `${ORDERS}/${id}`))).toEqual([404, 'not_found']);
  });

  test('looks for a cancel on shard 0 unless it is told the market or the shard', () => {
    const driver = new SimDriver();
    driver.sim.addEvent({ eventTicker: 'KXBTCX-1', seriesTicker: 'KXBTCX', exchangeIndex: 2 });
    driver.sim.addMarket({ ticker: 'KXBTCX-1-A', eventTicker: 'KXBTCX-1', closeMicros: driver.inHours(1) });
    driver.sim.deposit('alice', driver.sim.balance('alice'), { shard: 2 });
    const { body } = driver.order({ ticker: 'KXBTCX-1-A' });
    expect(driver.call('DELETE', `${ORDERS}/${body.order_id}`).status).toBe(404);
    expect(driver.call('DELETE', `${ORDERS}/${body.order_id}?market_ticker=KXBTCX-1-A`).status).toBe(200);
  });

  test('refuses an order on a shard whose balance is empty although another is rich', () => {
    const driver = new SimDriver();
    driver.sim.addEvent({ eventTicker: 'KXBTCX-1', seriesTicker: 'KXBTCX', exchangeIndex: 2 });
    driver.sim.addMarket({ ticker: 'KXBTCX-1-A', eventTicker: 'KXBTCX-1', closeMicros: driver.inHours(1) });
    expect(errorOf(driver.order({ ticker: 'KXBTCX-1-A' }))).toEqual([400, 'insufficient_balance']);
    const body = {
      source: 'event_contract',
      destination: 'event_contract',
      amount: 500_000,
      source_exchange_shard: 0,
      destination_exchange_shard: 2,
    };
    expect(driver.call('POST', '/portfolio/intra_exchange_instance_transfer', { body }).status).toBe(200);
    expect(driver.order({ ticker: 'KXBTCX-1-A' }).status).toBe(201);
    expect(driver.get('/portfolio/balance').body.balance_breakdown).toEqual([
      { balance: '950.0000', exchange_index: 0 },
      { balance: '50.0000', exchange_index: 2 },
    ]);
  });

  test('takes the count of an amend as what filled and what shall rest', () => {
    const driver = new SimDriver();
    driver.offer('ask', 50, 4);
    const { body } = driver.order();
    const amended = driver.call('POST', `${ORDERS}/${body.order_id}/amend`, {
      body: { ticker: TICKER, side: 'bid', price: '0.5000', count: '7.00', updated_client_order_id: 'next' },
    });
    expect(amended.body).toMatchObject({ order_id: body.order_id, client_order_id: 'next', remaining_count: '3.00' });
  });

  test('lets an amended price cross and fill', () => {
    const driver = new SimDriver();
    driver.offer('ask', 55, 4);
    const { body } = driver.order();
    const amended = driver.call('POST', `${ORDERS}/${body.order_id}/amend`, {
      body: { ticker: TICKER, side: 'bid', price: '0.5500', count: '10.00' },
    });
    expect(amended.body).toMatchObject({ fill_count: '4.00', remaining_count: '6.00', average_fill_price: '0.5500' });
  });

  test('keeps the queue position on a decrease and not on an increase', () => {
    const driver = new SimDriver();
    const { body } = driver.order();
    const other = testKey('bob-key');
    driver.addAccount('bob', other);
    driver.order({ count: '7.00' }, other);
    const ahead = (): string => driver.get(`/portfolio/orders/${body.order_id}/queue_position`).body.queue_position_fp;
    driver.call('POST', `${ORDERS}/${body.order_id}/decrease`, { body: { reduce_to: '3.00' } });
    expect(ahead()).toBe('0.00');
    driver.call('POST', `${ORDERS}/${body.order_id}/amend`, {
      body: { ticker: TICKER, side: 'bid', price: '0.5000', count: '9.00' },
    });
    expect(ahead()).toBe('7.00');
  });

  test('wants exactly one of reduce_by and reduce_to', () => {
    const driver = new SimDriver();
    const { body } = driver.order();
    const path = `${ORDERS}/${body.order_id}/decrease`;
    expect(driver.call('POST', path, { body: { reduce_to: '3.00', reduce_by: '1.00' } }).status).toBe(400);
    expect(driver.call('POST', path, { body: {} }).status).toBe(400);
    expect(driver.call('POST', path, { body: { reduce_by: '4.00' } }).body.remaining_count).toBe('6.00');
  });

  test('answers batches row by row', () => {
    const driver = new SimDriver();
    const rows = [
      orderBody({ client_order_id: 'a' }),
      orderBody({ client_order_id: 'b', count: '99999.00', price: '0.9900' }),
    ];
    const { status, body } = driver.call('POST', `${ORDERS}/batched`, { body: { orders: rows } });
    expect(status).toBe(201);
    expect(body.orders[1]).toEqual({
      client_order_id: 'b',
      error: { code: 'insufficient_balance', message: 'insufficient balance' },
    });
    const canceled = driver.call('DELETE', `${ORDERS}/batched`, {
      body: {
        orders: [
          { order_id: body.orders[0].order_id, market_ticker: TICKER },
          { order_id: 'none', exchange_index: 0 },
        ],
      },
    });
    expect(canceled.body.orders).toMatchObject([
      { reduced_by: '10.00' },
      { order_id: 'none', reduced_by: '0.00', error: { code: 'not_found' } },
    ]);
  });

  test('cancels everything with 204, and for a while what comes after when told so', () => {
    const driver = new SimDriver({ cancelAllLingersMs: 60_000 });
    const first = driver.order();
    expect(driver.call('DELETE', ORDERS).status).toBe(204);
    const late = driver.order();
    const statusOf = (id: string): string => driver.get(`/portfolio/orders/${id}`).body.order.status;
    expect([statusOf(first.body.order_id), statusOf(late.body.order_id)]).toEqual(['canceled', 'canceled']);
    driver.clock.advanceBy(60_001);
    expect(statusOf(driver.order().body.order_id)).toBe('resting');
  });

  test('answers every retired mutation with 410', () => {
    const driver = new SimDriver();
    for (const [method, path] of [
      ['POST', ''],
      ['DELETE', '/x'],
      ['POST', '/x/amend'],
      ['POST', '/x/decrease'],
      ['POST', '/batched'],
    ] as const)
      expect(errorOf(driver.call(method, `/portfolio/orders${path}`, { body: {} }))).toEqual([
        410,
        'deprecated_v1_order_endpoint',
      ]);
  });

  test('shows an order late, then stale, and the list earlier', () => {
    const driver = new SimDriver({ readLag: { orderMs: 300 } });
    const { body } = driver.order();
    const path = `/portfolio/orders/${body.order_id}`;
    expect(driver.get(path).status).toBe(404);
    expect(driver.get('/portfolio/orders').body.orders).toHaveLength(1);
    driver.clock.advanceBy(300);
    driver.call('DELETE', `${ORDERS}/${body.order_id}`);
    expect(driver.get(path).body.order.status).toBe('resting');
    driver.clock.advanceBy(300);
    expect(driver.get(path).body.order.status).toBe('canceled');
  });

  test('promises with as_of_time what its reads can show', () => {
    const driver = new SimDriver({ readLag: { positionsMs: 1_000 } });
    driver.offer('ask', 50, 10);
    const { body } = driver.order();
    const asOf = (): number => Date.parse(driver.get('/exchange/user_data_timestamp').body.as_of_time);
    expect(asOf()).toBeLessThan(body.ts_ms);
    expect(driver.get('/portfolio/positions').body.market_positions).toEqual([]);
    driver.clock.advanceBy(1_000);
    expect(asOf()).toBeGreaterThanOrEqual(body.ts_ms);
    expect(driver.get('/portfolio/positions').body.market_positions).toHaveLength(1);
  });

  test('shows fills before positions under the lags that were observed', () => {
    const driver = new SimDriver({ readLag: OBSERVED_READ_LAG });
    driver.offer('ask', 50, 10);
    driver.order();
    const seen = (): number[] => [
      driver.get('/portfolio/fills').body.fills.length,
      driver.get('/portfolio/positions').body.market_positions.length,
    ];
    expect(seen()).toEqual([0, 0]);
    driver.clock.advanceBy(OBSERVED_READ_LAG.fillsMs);
    expect(seen()).toEqual([1, 0]);
    driver.clock.advanceBy(OBSERVED_READ_LAG.positionsMs);
    expect(seen()).toEqual([1, 1]);
  });

  test('keeps what every command asked for, for tests that count', () => {
    const driver = new SimDriver();
    driver.order({ client_order_id: 'a' });
    driver.get('/portfolio/orders');
    expect(driver.sim.received().map(({ method, wasTaken }) => [method, wasTaken])).toEqual([['POST', true]]);
  });
});

describe('simulated Kalshi order groups', () => {
  const group = (driver: SimDriver, limit = '5.00'): string =>
    driver.call('POST', '/portfolio/order_groups/create', {
      body: { contracts_limit_fp: limit, subaccount: 0, exchange_index: 0 },
    }).body.order_group_id;

  test('cancels the group and refuses its next order once the limit is matched', () => {
    const driver = new SimDriver();
    const id = group(driver);
    const quiet = driver.order({ price: '0.1000', order_group_id: id });
    driver.offer('ask', 50, 5);
    driver.order({ order_group_id: id, count: '5.00' });
    expect(driver.get(`/portfolio/orders/${quiet.body.order_id}`).body.order.status).toBe('canceled');
    expect(driver.order({ order_group_id: id }).status).toBe(400);
    driver.call('PUT', `/portfolio/order_groups/${id}/reset`);
    expect(driver.order({ order_group_id: id, price: '0.1000' }).status).toBe(201);
  });

  test('stops a taker between two fills when the limit is reached', () => {
    const driver = new SimDriver();
    driver.offer('ask', 49, 5);
    driver.offer('ask', 50, 5);
    expect(driver.order({ order_group_id: group(driver) }).body.fill_count).toBe('5.00');
  });

  test('forgets what was matched more than fifteen seconds ago', () => {
    const driver = new SimDriver();
    const id = group(driver);
    driver.offer('ask', 50, 4);
    driver.order({ order_group_id: id, count: '4.00' });
    driver.clock.advanceBy(15_001);
    driver.offer('ask', 50, 4);
    driver.order({ order_group_id: id, count: '4.00' });
    expect(driver.order({ order_group_id: id, price: '0.1000' }).status).toBe(201);
  });

  test('can be triggered by hand as a switch that ends everything', () => {
    const driver = new SimDriver();
    const id = group(driver);
    const { body } = driver.order({ price: '0.1000', order_group_id: id });
    expect(driver.get(`/portfolio/order_groups/${id}`).body.orders).toEqual([body.order_id]);
    driver.call('PUT', `/portfolio/order_groups/${id}/trigger`);
    expect(driver.get(`/portfolio/order_groups/${id}`).body.orders).toEqual([]);
  });
});
