import { describe, expect, it } from 'vitest';
import type { HttpOutcome } from '../../../src/domain/ports/http.ts';
import type { OrderOutcome } from '../../../src/domain/ports/venue.ts';
import { contracts, millis, priceE4, sizeE6 } from '../../../src/domain/units.ts';
import type { ChangeOutcome } from '../../../src/venues/kalshi/classify.ts';
import { kalshiDefaults } from '../../../src/venues/kalshi/presets.ts';
import { lost, notSent, reply } from '../../support/scripted-transport.ts';
import { CLIENT_ID, no, ORDER_ID, orderRequest, restFixture, TICKER, VenueBench, yes } from './venues.ts';

const resting = reply(201, restFixture('order-create-gtc-resting-response'));

/** Everything that a venue or a network has ever answered an order with. */
const endings: [string, HttpOutcome | undefined][] = [
  ['201', resting],
  ['201 without an order', reply(201)],
  ['201 cut short', reply(201, '{"order_id":"2597')],
  ['400', reply(400, restFixture('error-400-insufficient-balance'))],
  ['401', reply(401, restFixture('error-401-timestamp-expired'))],
  ['403', reply(403)],
  ['404', reply(404, restFixture('error-404-not-found'))],
  ['409 killed', reply(409, restFixture('error-409-fok-insufficient-volume'))],
  ['409 paused', reply(409, restFixture('error-409-trading-is-paused'))],
  ['409 duplicate', reply(409, restFixture('error-409-order-already-exists'))],
  ['410', reply(410, restFixture('error-410-deprecated-v1-order-endpoint'))],
  ['429', reply(429, restFixture('error-429-too-many-requests'))],
  ['429 with a time to wait', reply(429, '', { 'retry-after': '1' })],
  ['500', reply(500)],
  ['502', reply(502, '<html>')],
  ['503', reply(503)],
  ['a redirect', reply(307, '', { location: '/elsewhere' })],
  ['garbage', reply(200, 'garbage')],
  ['a reset', lost],
  ['no connection', notSent],
  ['silence', undefined],
];

describe('an order is sent once', () => {
  it.each(endings)('whatever becomes of it: %s', async (_, ending) => {
    const bench = await new VenueBench().warmed();
    bench.on('POST /portfolio/events/orders', () => ending);
    const outcomes: OrderOutcome[] = [];
    bench.venue.submit(bench.prepared(), (outcome) => outcomes.push(outcome));
    await bench.clock.settleBy(3_600_000);
    expect(bench.writes).toHaveLength(1);
    expect(outcomes).toHaveLength(ending === undefined ? 0 : 1);
  });

  it.each(endings)('and so is a cancel: %s', async (_, ending) => {
    const bench = await new VenueBench().warmed();
    bench.on(`DELETE /portfolio/events/orders/${ORDER_ID}`, () => ending);
    bench.venue.cancel(ORDER_ID, yes, () => undefined);
    await bench.clock.settleBy(3_600_000);
    expect(bench.writes).toHaveLength(1);
  });

  it('when the same client id is submitted again: the fate of the first is what is unknown', async () => {
    const bench = await new VenueBench().warmed();
    await bench.submitted(resting);
    const again = await bench.submitted(resting);
    expect(again).toMatchObject({ kind: 'unknown', hasLanded: true, venueOrderId: ORDER_ID });
    expect(bench.writes).toHaveLength(1);
  });

  it('when its first reply was lost: nothing says that it landed', async () => {
    const bench = await new VenueBench().warmed();
    await bench.submitted(lost);
    expect(await bench.submitted(resting)).toMatchObject({ kind: 'unknown', hasLanded: false });
    expect(bench.writes).toHaveLength(1);
  });

  it('and a second outcome of its transport is a broken promise', async () => {
    const bench = await new VenueBench().warmed();
    await bench.submitted(resting);
    expect(() => bench.http.end(2, lost)).toThrow('must end once');
  });
});

describe('an order on the wire', () => {
  it('leaves before submit returns, on the order lane, with the body that was prepared', async () => {
    const bench = await new VenueBench().warmed();
    const order = bench.prepared();
    bench.on('POST /portfolio/events/orders', () => undefined);
    bench.venue.submit(order, () => undefined);
    expect(bench.http.requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://venue.test/trade-api/v2/portfolio/events/orders',
        body: order.body,
        lane: 'order',
        timeoutMs: 5_000,
        headers: { 'content-type': 'application/json' },
      },
    ]);
    expect(order.venueOrderId).toBeUndefined();
  });

  it('is signed ahead, with headers that no other request carries', async () => {
    const signed: string[] = [];
    const signer = {
      sign: (text: string) => {
        signed.push(text);
        return text;
      },
      signLater: (text: string) => Promise.resolve(text),
    };
    const bench = await new VenueBench({ signer }).warmed();
    bench.on('POST /portfolio/events/orders', () => undefined);
    bench.venue.submit(bench.prepared(), () => undefined);
    const stamps = bench.http.requests.map(({ headers }) => headers['KALSHI-ACCESS-TIMESTAMP']);
    expect(signed).toEqual([]);
    expect(bench.http.requests[0]?.headers['KALSHI-ACCESS-SIGNATURE']).toBe(
      `${stamps[0]}POST/trade-api/v2/portfolio/events/orders`,
    );
  });

  it('says when its last byte was handed over', async () => {
    const bench = await new VenueBench().warmed();
    bench.on('POST /portfolio/events/orders', resting);
    const heard: string[] = [];
    await new Promise<void>((resolve) =>
      bench.venue.submit(
        bench.prepared(),
        () => {
          heard.push('outcome');
          resolve();
        },
        () => heard.push('sent'),
      ),
    );
    expect(heard).toEqual(['sent', 'outcome']);
  });

  it('has its cancel signed once it rests, and its cancel names market and engine', async () => {
    const bench = await new VenueBench().warmed({ compartment: '2' });
    await bench.submitted(resting);
    expect(bench.venue.orders.restingCount).toBe(1);
    expect(await bench.canceled(reply(200, restFixture('order-cancel-response')))).toEqual({
      kind: 'done',
      canceledE6: 1_000_000,
    });
    expect(bench.http.lines.at(-1)).toBe(
      `DELETE /trade-api/v2/portfolio/events/orders/${ORDER_ID}?market_ticker=${TICKER}&exchange_index=2`,
    );
    expect(bench.venue.orders.restingCount).toBe(0);
  });

  it('is refused, and not sent, when the budget is used up; hedges and cancels still go out', async () => {
    const bench = await new VenueBench().warmed();
    const ids = ['1', '2', '3'].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
    const [first, second, hedge] = ids.map((clientOrderId, at) => ({ clientOrderId, isReducing: at === 2 }));
    await bench.submitted(lost, first);
    expect(await bench.submitted(lost, second)).toMatchObject({
      kind: 'refused',
      reason: 'budgetExhausted',
      retryAfterMs: 500,
    });
    expect(bench.writes).toHaveLength(1);
    expect((await bench.submitted(lost, hedge)).kind).toBe('unknown');
    expect(bench.writes).toHaveLength(2);
    // Nothing of the refused one left us, so its id is as good as new.
    await bench.clock.settleBy(1_000);
    expect((await bench.submitted(lost, second)).kind).toBe('unknown');
    expect(bench.writes).toHaveLength(3);
  });

  it('waits for the time that a 429 named, hedges included', async () => {
    const bench = await new VenueBench().warmed();
    await bench.submitted(reply(429, '', { 'retry-after': '3' }));
    const hedge = { clientOrderId: '00000000-0000-4000-8000-000000000002', isReducing: true };
    expect(await bench.submitted(lost, hedge)).toMatchObject({ reason: 'budgetExhausted', retryAfterMs: 3_000 });
    await bench.clock.settleBy(3_000);
    expect((await bench.submitted(lost, hedge)).kind).toBe('unknown');
    expect(bench.writes).toHaveLength(2);
  });
});

describe('changes and batches', () => {
  const market = { grid: undefined, exchangeIndex: 0 };
  const atVenue = { venueOrderId: ORDER_ID, request: orderRequest(), market };

  it('amends with the total that the venue wants, in the documented body', async () => {
    const bench = await new VenueBench().warmed();
    bench.on(`POST /portfolio/events/orders/${ORDER_ID}/amend`, reply(200, restFixture('order-amend-response')));
    const outcome = await new Promise<ChangeOutcome>((resolve) =>
      bench.venue.orders.amend(
        {
          ...atVenue,
          nextClientOrderId: '4a75a66e-ca85-4187-93cd-aac5e01ad983',
          limitE4: priceE4(4_700),
          totalE6: contracts(8),
        },
        resolve,
      ),
    );
    expect(JSON.parse(bench.writes[0]?.body ?? '')).toEqual(restFixture('order-amend-request'));
    expect(outcome).toMatchObject({ kind: 'done', restingE6: 8_000_000 });
  });

  it('decreases to what should rest', async () => {
    const bench = await new VenueBench().warmed();
    bench.on(`POST /portfolio/events/orders/${ORDER_ID}/decrease`, reply(200, restFixture('order-decrease-response')));
    const outcome = await new Promise<ChangeOutcome>((resolve) =>
      bench.venue.orders.decrease({ ...atVenue, market: undefined, toE6: contracts(3) }, resolve),
    );
    expect(JSON.parse(bench.writes[0]?.body ?? '')).toEqual(restFixture('order-decrease-request'));
    expect(outcome).toMatchObject({ kind: 'done', restingE6: 3_000_000 });
  });

  it('refuses a change to a thousandth of a contract before it is sent', async () => {
    const bench = await new VenueBench().warmed();
    const outcomes: ChangeOutcome[] = [];
    bench.venue.orders.decrease({ ...atVenue, toE6: sizeE6(1_000) }, (outcome) => outcomes.push(outcome));
    expect(outcomes).toMatchObject([{ kind: 'refused', reason: 'invalidOrder' }]);
    expect(bench.writes).toEqual([]);
  });

  const settings = { shares: { ...kalshiDefaults.shares, write: 1 } };
  const rows = ['b0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000002'].map((clientOrderId) =>
    orderRequest({ clientOrderId }),
  );

  async function batch(outcome: HttpOutcome): Promise<readonly OrderOutcome[]> {
    const bench = await new VenueBench({ settings }).warmed();
    bench.on('POST /portfolio/events/orders/batched', outcome);
    return await new Promise((resolve) =>
      bench.venue.orders.createBatch(
        rows.map((request) => ({ ...request, body: bench.prepared(request).body })),
        resolve,
      ),
    );
  }

  it('gives each order of a batch its own outcome, by client id and not by place', async () => {
    const [first, second] = rows.map((row) => row.clientOrderId);
    const outcomes = await batch(
      reply(201, {
        orders: [
          { client_order_id: second, error: { code: 'insufficient_balance', message: 'insufficient balance' } },
          { order_id: ORDER_ID, client_order_id: first, fill_count: '0.00', remaining_count: '1.00', ts_ms: 1 },
        ],
      }),
    );
    expect(outcomes).toMatchObject([{ kind: 'done' }, { kind: 'refused', reason: 'insufficientBalance' }]);
  });

  it.each<[string, HttpOutcome, string]>([
    ['a row is missing', reply(201, { orders: [] }), 'unknown'],
    ['the reply is lost', lost, 'unknown'],
    ['the venue fails', reply(500), 'unknown'],
    ['the batch is refused', reply(429), 'refused'],
    ['nothing was sent', notSent, 'refused'],
  ])('ends every order of a batch when %s', async (_, outcome, kind) => {
    expect((await batch(outcome)).map((one) => one.kind)).toEqual([kind, kind]);
  });

  it('costs a batch for each of its orders', async () => {
    const bench = await new VenueBench().warmed();
    const outcomes = await new Promise((resolve) =>
      bench.venue.orders.createBatch(
        rows.map((request) => ({ ...request, body: bench.prepared(request).body })),
        resolve,
      ),
    );
    expect(outcomes).toMatchObject([{ reason: 'budgetExhausted' }, { reason: 'budgetExhausted' }]);
    expect(bench.writes).toEqual([]);
  });

  it('cancels a batch in the documented body, and takes "not found" for unknown', async () => {
    const bench = await new VenueBench().warmed();
    bench.on('DELETE /portfolio/events/orders/batched', reply(200, restFixture('orders-batch-cancel-response')));
    const ids = ['2597b999-f887-4195-8bac-c3f97a1f2022', '00000000-0000-0000-0000-000000000000'];
    const targets = ids.map((venueOrderId) => ({ venueOrderId, ticker: TICKER, market: undefined }));
    const outcomes = await new Promise((resolve) => bench.venue.orders.cancelBatch(targets, resolve));
    expect(outcomes).toMatchObject([{ kind: 'done', canceledE6: 1_000_000 }, { kind: 'unknown' }]);
    expect(JSON.parse(bench.writes[0]?.body ?? '').orders[0]).toEqual({ order_id: ids[0], market_ticker: TICKER });
  });

  it('cancels everything with one request, also when the budget of entries is used up', async () => {
    const bench = await new VenueBench().warmed();
    await bench.submitted(lost);
    bench.on('DELETE /portfolio/events/orders', reply(204));
    const outcome = await new Promise((resolve) => bench.venue.cancelAll(resolve));
    expect(outcome).toEqual({ kind: 'done', canceledE6: undefined });
    expect(bench.http.lines.at(-1)).toBe('DELETE /trade-api/v2/portfolio/events/orders');
  });
});

describe('an order group', () => {
  it('is created with its limit, and its id is given', async () => {
    const bench = await new VenueBench({
      settings: { orders: { ...kalshiDefaults.orders, subaccount: 0 } },
    }).warmed();
    bench.on('POST /portfolio/order_groups/create', reply(201, restFixture('order-group-create-response')));
    const market = { grid: undefined, exchangeIndex: 0 };
    expect(await bench.venue.groups.create({ limitE6: contracts(150), market })).toEqual({
      kind: 'done',
      value: 'og_123',
    });
    expect(JSON.parse(bench.writes[0]?.body ?? '')).toEqual(restFixture('order-group-create-request'));
  });

  it.each([
    ['PUT', 'reset'],
    ['PUT', 'trigger'],
  ] as const)('takes %s %s', async (method, action) => {
    const bench = await new VenueBench().warmed();
    bench.on(`${method} /portfolio/order_groups/og_123/${action}`, reply(200, {}));
    expect((await bench.venue.groups[action]('og_123')).kind).toBe('done');
  });

  it('is unknown when the reply is lost, or does not say what was created', async () => {
    const bench = await new VenueBench().warmed();
    bench.on('POST /portfolio/order_groups/create', reply(201, {}));
    const group = { limitE6: contracts(1), market: undefined };
    expect((await bench.venue.groups.create(group)).kind).toBe('unknown');
    await bench.clock.settleBy(1_000);
    bench.on('POST /portfolio/order_groups/create', lost);
    expect((await bench.venue.groups.create(group)).kind).toBe('unknown');
    expect(bench.writes).toHaveLength(2);
  });
});

describe('ready headers of a venue', () => {
  it('are renewed when they are asked for, without a timer', async () => {
    const bench = await new VenueBench().warmed();
    await bench.clock.settleBy(5_000);
    expect(bench.clock.pending).toBe(0);
    await bench.venue.refreshHeaders();
    const before = Math.floor(bench.clock.wall() / 1_000);
    bench.on('POST /portfolio/events/orders', () => undefined);
    bench.venue.submit(bench.prepared(), () => undefined);
    const stamp = Number(bench.writes[0]?.headers['KALSHI-ACCESS-TIMESTAMP']);
    expect(Math.abs(stamp - before)).toBeLessThan(millis(100));
    expect(bench.writes[0]?.body).toContain(CLIENT_ID);
    expect(no.inverted).toBe(true);
  });
});
