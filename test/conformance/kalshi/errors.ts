/** Who may ask, and each documented refusal: status and code exactly, texts where they were recorded. */
import assert from 'node:assert/strict';
import { constants, sign } from 'node:crypto';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { SocketClient } from '../socket-client.ts';
import { Desk, OTHER, RESTING, refused, SOCKET_PATH, TICKER, type Trader } from './desk.ts';
import { keyNamed } from './keys.ts';

const venue: Venue = 'kalshi';
const ORDERS = '/portfolio/events/orders';

async function authentication(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const balance = (options: Parameters<Trader['raw']>[2] = {}) => alice.raw('GET', '/portfolio/balance', options);
    await checks.claim('the SDK signs with RSA-PSS and is taken', async () =>
      assert.equal((await alice.portfolio.getBalance()).status, 200),
    );
    await checks.claim('the query is not part of what is signed', async () =>
      assert.equal((await balance({ signsPath: '/trade-api/v2/portfolio/balance' })).status, 200),
    );
    await checks.claim('the body is not part of what is signed', async () =>
      assert.equal((await alice.raw('POST', ORDERS, { body: { ...RESTING, count: '1.00' } })).status, 201),
    );
    await checks.claim('header names may be in any case', async () => {
      const { status } = await balance({
        headers: (signed) =>
          Object.fromEntries(Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value])),
      });
      assert.equal(status, 200);
    });
    const ed = desk.join('ed', {}, 'ed25519');
    await checks.claim('a key of the kind Ed25519 is taken', async () =>
      assert.equal((await ed.raw('GET', '/portfolio/balance')).status, 200),
    );
    await checks.claim('the SDK itself cannot sign with Ed25519: it fails before anything is sent', async () => {
      await assert.rejects(
        ed.portfolio.getBalance(),
        (error: Error) => !('response' in error) || error.response === undefined,
      );
    });
    const wrong: readonly [string, Parameters<Trader['raw']>[2], readonly [string, string | undefined]][] = [
      [
        'a signature over another path',
        { signsPath: '/trade-api/v2/portfolio/fills' },
        ['authentication_error', 'INCORRECT_API_KEY_SIGNATURE'],
      ],
      ['an unknown key', { key: keyNamed('nobody') }, ['authentication_error', 'NOT_FOUND']],
      ['a clock 30 seconds behind', { skewMs: -30_000 }, ['header_timestamp_expired', undefined]],
      ['a clock five minutes ahead', { skewMs: 300_000 }, ['header_timestamp_expired', undefined]],
      [
        'a missing signature',
        { headers: ({ 'KALSHI-ACCESS-SIGNATURE': _gone, ...rest }) => rest },
        ['signature_is_missing_from_headers', undefined],
      ],
      ['no headers at all', { headers: () => ({}) }, ['signature_is_missing_from_headers', undefined]],
      [
        'PKCS#1 v1.5 padding',
        {
          headers: (signed) => ({
            ...signed,
            'KALSHI-ACCESS-SIGNATURE': oldPadding(alice, signed['KALSHI-ACCESS-TIMESTAMP'] ?? ''),
          }),
        },
        ['authentication_error', 'INCORRECT_API_KEY_SIGNATURE'],
      ],
    ];
    for (const [what, options, expected] of wrong)
      await checks.claim(`${what} is 401 ${expected[1] ?? expected[0]}`, async () => {
        const { status, body } = await balance(options);
        assert.deepEqual([status, body.error.code, body.error.details], [401, ...expected]);
      });
    for (const skewMs of [-5_000, 5_000])
      await checks.claim(`a clock off by ${skewMs} ms is taken`, async () =>
        assert.equal((await balance({ skewMs })).status, 200),
      );
    await checks.claim('an error no longer carries a service', async () =>
      assert.deepEqual(Object.keys((await balance({ headers: () => ({}) })).body.error).sort(), ['code', 'message']),
    );
    await checks.claim('a socket without headers is refused with 401', async () => {
      await assert.rejects(SocketClient.open(`${desk.served.socketOrigin}${SOCKET_PATH}`), /401/);
    });
    await checks.claim('a socket signed for the REST path is refused with 401', async () =>
      assert.rejects(desk.socket(alice, '/trade-api/v2/ws'), /401/),
    );
    await checks.claim('a socket signed for its own path is opened', async () => (await desk.socket()).close());
  });
}

function oldPadding(trader: Trader, timestamp: string): string {
  const text = Buffer.from(`${timestamp}GET/trade-api/v2/portfolio/balance`);
  return sign('sha256', text, { key: trader.key.privateKey, padding: constants.RSA_PKCS1_PADDING }).toString('base64');
}

async function refusals(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const post = (changes: Record<string, unknown>) => alice.raw('POST', ORDERS, { body: { ...RESTING, ...changes } });
    const nested: readonly [string, Record<string, unknown>, number, string][] = [
      ['an order beyond the balance', { count: '5000.00', price: '0.4000' }, 400, 'insufficient_balance'],
      ['an ask beyond the balance', { side: 'ask', count: '5000.00', price: '0.6000' }, 400, 'insufficient_balance'],
      ['a price off the grid', { price: '0.4050' }, 400, 'invalid_price'],
      ['a price of zero', { price: '0.0000' }, 400, 'invalid_price'],
      ['a price of one', { price: '1.0000' }, 400, 'invalid_price'],
      ['an order without self-trade prevention', { self_trade_prevention_type: undefined }, 400, 'missing_parameters'],
      ['an order without a side', { side: undefined }, 400, 'missing_parameters'],
      ['an order without a count', { count: undefined }, 400, 'missing_parameters'],
      ['an order without a time in force', { time_in_force: undefined }, 400, 'missing_parameters'],
      ['a side of the old API', { side: 'yes' }, 400, 'invalid_parameters'],
      ['an unknown time in force', { time_in_force: 'day' }, 400, 'invalid_parameters'],
      ['a client order id with a dot', { client_order_id: 'KX.1' }, 400, 'invalid_parameters'],
      ['a client order id of 65 characters', { client_order_id: 'a'.repeat(65) }, 400, 'invalid_parameters'],
      ['a count of zero', { count: '0.00' }, 400, 'invalid_parameters'],
      ['a count in thousandths', { count: '1.005' }, 400, 'invalid_parameters'],
      [
        'an expiration with IOC',
        { time_in_force: 'immediate_or_cancel', expiration_time: 4_000_000_000 },
        400,
        'invalid_parameters',
      ],
      ['an unknown market', { ticker: 'KXNONE-1-A' }, 404, 'market_not_found'],
    ];
    for (const [what, changes, status, code] of nested)
      await checks.claim(`${what} is ${status} ${code}`, async () => {
        const reply = await post(changes);
        assert.deepEqual([reply.status, reply.body.error?.code], [status, code]);
      });
    await checks.claim('an expiration in the past is refused with 400', async () =>
      assert.equal((await post({ expiration_time: 1_000 })).status, 400),
    );
    for (const field of ['count', 'price'])
      await checks.claim(`a number instead of text for ${field} is the flat 400 bad_request`, async () => {
        const { status, body } = await post({ [field]: 1 });
        assert.deepEqual(
          [status, body.code, Object.keys(body).sort()],
          [400, 'bad_request', ['code', 'details', 'message']],
        );
      });
    await checks.claim('what is not JSON is the flat 400', async () =>
      assert.equal((await alice.raw('POST', ORDERS, { body: '{' })).status, 400),
    );
    await checks.claim('a client order id used before is 409 order_already_exists, without the order', async () => {
      await post({ client_order_id: 'once' });
      const { status, body } = await post({ client_order_id: 'once' });
      assert.deepEqual(
        [status, body],
        [409, { error: { code: 'order_already_exists', message: 'order already exists' } }],
      );
    });
    await checks.claim('a client order id stays used when its order is canceled', async () => {
      const { body } = await post({ client_order_id: 'burnt' });
      await alice.orders.cancelOrderV2(body.order_id);
      assert.equal((await post({ client_order_id: 'burnt' })).status, 409);
    });
    await checks.claim('client order ids of others are free', async () =>
      assert.equal((await desk.bob.place({ client_order_id: 'once' })).status, 201),
    );
    await checks.claim('an unknown path is 404', async () =>
      assert.equal((await alice.raw('GET', '/no/such/path')).status, 404),
    );
    const id = '00000000-0000-4000-8000-000000000000';
    for (const [method, path] of [
      ['POST', '/portfolio/orders'],
      ['POST', '/portfolio/orders/batched'],
      ['DELETE', `/portfolio/orders/${id}`],
      ['DELETE', '/portfolio/orders/batched'],
      ['POST', `/portfolio/orders/${id}/amend`],
      ['POST', `/portfolio/orders/${id}/decrease`],
    ] as const)
      await checks.claim(`${method} ${path.replace(id, '{id}')} is 410, switched off in June 2026`, async () => {
        const { status, body } = await alice.raw(method, path, { body: {} });
        assert.deepEqual([status, body.error.code], [410, 'deprecated_v1_order_endpoint']);
      });
  });
}

async function pauses(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const { data: first } = await alice.place();
    const { data: second } = await alice.place({ price: '0.3900' });
    const codeOf = async (call: Promise<unknown>) => {
      const { status, body } = await refused(call);
      return [status, body.error.code];
    };
    desk.sim.standing.pauseTrading(desk.inHours(2));
    await checks.claim('a trading pause refuses orders', async () =>
      assert.deepEqual(await codeOf(alice.place()), [409, 'trading_is_paused']),
    );
    await checks.claim('a trading pause refuses amends', async () => {
      const amend = alice.orders.amendOrderV2(first.order_id, {
        ticker: TICKER,
        side: 'bid',
        price: '0.3800',
        count: '10.00',
      });
      assert.deepEqual(await codeOf(amend), [409, 'trading_is_paused']);
    });
    await checks.claim('a trading pause shows in the status', async () => {
      const { data } = await alice.exchange.getExchangeStatus();
      assert.deepEqual([data.exchange_active, data.trading_active], [true, false]);
    });
    await checks.claim('a trading pause takes cancels', async () =>
      assert.equal((await alice.orders.cancelOrderV2(first.order_id)).status, 200),
    );
    desk.sim.standing.resume();
    desk.sim.standing.pauseExchange();
    await checks.claim('an exchange pause refuses orders', async () =>
      assert.deepEqual(await codeOf(alice.place()), [409, 'exchange_is_paused']),
    );
    await checks.claim('an exchange pause refuses cancels', async () =>
      assert.deepEqual(await codeOf(alice.orders.cancelOrderV2(second.order_id)), [409, 'exchange_is_paused']),
    );
    await checks.claim('an exchange pause shows in the status', async () => {
      const { data } = await alice.exchange.getExchangeStatus();
      assert.deepEqual([data.exchange_active, data.trading_active], [false, false]);
    });
    desk.sim.standing.resume();
    await checks.claim('resting orders stay through both', async () =>
      assert.equal((await alice.orders.getOrder(second.order_id)).data.order.status, 'resting'),
    );
    desk.sim.lifecycle.pause(TICKER);
    await checks.claim('a market that is inactive refuses orders as a pause', async () =>
      assert.deepEqual(await codeOf(alice.place()), [409, 'trading_is_paused']),
    );
    desk.sim.lifecycle.activate(TICKER);
    await alice.place({ ticker: OTHER });
    const { data: late } = await alice.place({ ticker: OTHER, price: '0.3000' });
    desk.sim.lifecycle.closeEarly(OTHER);
    await checks.claim('after the close orders are refused as inactive', async () =>
      assert.match(String((await codeOf(alice.place({ ticker: OTHER })))[1]), /inactive/i),
    );
    await checks.claim('after the close cancels are refused too', async () =>
      assert.match(String((await codeOf(alice.orders.cancelOrderV2(late.order_id)))[1]), /inactive/i),
    );
    await checks.claim('after the close what rests is swept', async () => {
      desk.time.jump(5_000);
      assert.equal((await alice.orders.getOrder(late.order_id)).data.order.status, 'canceled');
    });
    await checks.claim('one shard may pause alone', async () => {
      desk.sim.standing.setShard(2, { isTradingActive: false });
      const { data } = await alice.exchange.getExchangeStatus();
      assert.deepEqual(
        data.exchange_index_statuses?.map(({ trading_active: isActive }) => isActive),
        [true, true, false, true],
      );
    });
  });
}

async function laggingReads(checks: Checks): Promise<void> {
  const readLag = { orderMs: 300, orderListMs: 100, fillsMs: 500, positionsMs: 1_000, balanceMs: 100 };
  await Desk.with(
    async (desk) => {
      const { alice } = desk;
      const { data } = await alice.place();
      await checks.claim('an order just accepted is 404 at first', async () =>
        assert.equal((await refused(alice.orders.getOrder(data.order_id))).status, 404),
      );
      desk.time.jump(400);
      await checks.claim('an order is there a moment later', async () =>
        assert.equal((await alice.orders.getOrder(data.order_id)).status, 200),
      );
      await alice.orders.cancelOrderV2(data.order_id);
      await checks.claim('an order just canceled still says resting', async () =>
        assert.equal((await alice.orders.getOrder(data.order_id)).data.order.status, 'resting'),
      );
      desk.time.jump(400);
      await checks.claim('an order is canceled a moment later', async () =>
        assert.equal((await alice.orders.getOrder(data.order_id)).data.order.status, 'canceled'),
      );
      await checks.claim('the time of user data passes the write once reads are fresh', async () => {
        desk.time.jump(2_000);
        const at = Date.parse((await alice.exchange.getUserDataTimestamp()).data.as_of_time);
        assert.ok(at > data.ts_ms);
      });
      await checks.claim(
        'a post-only cross may be accepted and canceled instead, as the changelog has it',
        async () => {
          const { data: order } = await alice.place({ price: '0.5200', post_only: true });
          desk.time.jump(1_000);
          assert.equal((await alice.orders.getOrder(order.order_id)).data.order.status, 'canceled');
        },
      );
      await checks.claim('a killed FOK may be 201 with zero instead, as the older note has it', async () => {
        const { status, data: order } = await alice.place({ price: '0.4600', time_in_force: 'fill_or_kill' });
        assert.deepEqual([status, order.fill_count], [201, '0.00']);
      });
    },
    { readLag, postOnlyCross: 'cancel', fillOrKillAnswer: 'zeroFill' },
  );
}

export const ERRORS: readonly Scenario[] = [
  { venue, group: 'keys and signatures', title: 'a request', run: authentication },
  { venue, group: 'errors', title: 'refusals', run: refusals },
  { venue, group: 'errors', title: 'pauses', run: pauses },
  { venue, group: 'errors', title: 'reads that lag', run: laggingReads },
];
