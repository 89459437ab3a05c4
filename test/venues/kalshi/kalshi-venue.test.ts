import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpOutcome } from '../../../src/domain/ports/http.ts';
import { micros, priceE4 } from '../../../src/domain/units.ts';
import { kalshiHosts } from '../../../src/venues/kalshi/presets.ts';
import { parseInstant, rateOfNumber } from '../../../src/venues/kalshi/wire-values.ts';
import { lost, reply } from '../../support/scripted-transport.ts';
import { CLIENT_ID, no, ORDER_ID, orderRequest, restFixture, TICKER, VenueBench, yes } from './venues.ts';

const SINCE = micros(Date.parse('2026-06-11T06:29:20Z') * 1_000);

async function settled<T>(bench: VenueBench, reading: Promise<T>): Promise<T> {
  await bench.clock.settleUntilIdle();
  return await reading;
}

function on(line: string, outcome: HttpOutcome): VenueBench {
  return new VenueBench().on(line, outcome);
}

describe('what Kalshi says about us', () => {
  it('is the exact cash, and its part on each engine', async () => {
    const bench = on('GET /portfolio/balance', reply(200, restFixture('balance')));
    expect(await bench.venue.balance()).toMatchObject({
      value: { availableMicroUsd: 98_018_600, compartments: { 0: 98_018_600 } },
    });
  });

  it('is one position a market, of YES above zero and of NO below', async () => {
    const rows = [
      { ticker: TICKER, position_fp: '3.00' },
      { ticker: 'B', position_fp: '-2.50' },
      { ticker: 'C', position_fp: '0.00' },
    ];
    const bench = on('GET /portfolio/positions', reply(200, { market_positions: rows, cursor: '' }));
    expect(await bench.venue.positions()).toMatchObject({
      value: [
        { instrument: yes, sizeE6: 3_000_000 },
        { instrument: { book: 'kalshi/B', inverted: true }, sizeE6: 2_500_000 },
      ],
    });
    expect(bench.http.lines[0]).toContain('count_filter=position');
  });

  it('reads the recorded positions', async () => {
    const bench = on('GET /portfolio/positions', reply(200, restFixture('positions')));
    expect(await bench.venue.positions()).toMatchObject({ value: [{ instrument: yes, sizeE6: 3_000_000 }] });
  });

  it('is a fill with its own charge, keyed by trade', async () => {
    const bench = on('GET /portfolio/fills', reply(200, restFixture('fills-taker')));
    expect(await bench.venue.fills(SINCE, yes)).toMatchObject({
      value: [
        {
          tradeId: 'f4a42159-b500-57c6-efa2-c31d94d916c1',
          venueOrderId: '97ec18b7-10d3-4557-9de0-8598aad625f0',
          clientOrderId: undefined,
          instrument: yes,
          action: 'buy',
          priceE4: 5_200,
          sizeE6: 1_000_000,
          feeMicroUsd: 17_500,
          role: 'taker',
          settlement: 'final',
          venueAt: 1_781_159_370_164_956,
        },
      ],
    });
    expect(bench.http.lines[0]).toContain(`?ticker=${TICKER}&min_ts=1781159355&limit=200`);
  });

  it('is a fill of NO at a price of NO', async () => {
    const [row] = restFixture('fills-maker').fills as object[];
    const fill = { ...row, book_side: 'ask', outcome_side: 'no' };
    const bench = on('GET /portfolio/fills', reply(200, { fills: [fill], cursor: '' }));
    expect(await bench.venue.fills(SINCE)).toMatchObject({
      value: [{ instrument: { inverted: true }, action: 'buy', priceE4: 6_100, role: 'maker', feeMicroUsd: 0 }],
    });
  });

  it('is a sale, where we asked for one: in the words of the request', async () => {
    const bench = await new VenueBench().warmed();
    const created = { ...restFixture('order-create-gtc-resting-response'), order_id: ORDER_ID };
    await bench.submitted(reply(201, created), { action: 'sell', limitE4: priceE4(5_300) });
    const [fill] = restFixture('fills-taker').fills as object[];
    const row = { ...fill, order_id: ORDER_ID, book_side: 'ask', yes_price_dollars: '0.5400' };
    bench.on('GET /portfolio/fills', reply(200, { fills: [row], cursor: '' }));
    expect(await bench.venue.fills(SINCE)).toMatchObject({
      value: [{ instrument: yes, action: 'sell', priceE4: 5_400, clientOrderId: CLIENT_ID }],
    });
  });

  it('is an order with its limit on the scale of its outcome', async () => {
    const bench = on(`GET /portfolio/orders/${ORDER_ID}`, reply(200, restFixture('order-get-resting')));
    expect(await bench.venue.order(ORDER_ID)).toMatchObject({
      value: {
        venueOrderId: ORDER_ID,
        clientOrderId: CLIENT_ID,
        instrument: yes,
        action: 'buy',
        limitE4: 100,
        originalE6: 1_000_000,
        filledE6: 0,
        restingE6: 1_000_000,
        standing: 'resting',
        createdAt: 1_781_159_360_866_753,
      },
    });
  });

  it('is an order of unknown standing when its status is new', async () => {
    const { order } = restFixture('order-get-resting') as { order: object };
    const bench = on(`GET /portfolio/orders/${ORDER_ID}`, reply(200, { order: { ...order, status: 'new' } }));
    expect(await bench.venue.order(ORDER_ID)).toMatchObject({ value: { standing: 'unknown' } });
  });

  it.each(['book_side', 'fill_count_fp', 'yes_price_dollars', 'status', 'client_order_id'])(
    'is malformed without %s',
    async (key) => {
      const { order } = restFixture('order-get-resting') as { order: object };
      const bench = on(`GET /portfolio/orders/${ORDER_ID}`, reply(200, { order: { ...order, [key]: undefined } }));
      expect(await bench.venue.order(ORDER_ID)).toMatchObject({ kind: 'failed', fault: 'malformed' });
    },
  );

  it('is a settlement in cents, with what one YES paid', async () => {
    const rows = restFixture('settlements').settlements as object[];
    const scalar = { ...rows[0], ticker: 'B', market_result: 'scalar', value: 53, revenue: 159 };
    const lostOne = { ...rows[0], ticker: 'C', market_result: 'no', value: 0, revenue: 0 };
    const bench = on('GET /portfolio/settlements', reply(200, { settlements: [...rows, scalar, lostOne], cursor: '' }));
    expect(await bench.venue.settlements(SINCE)).toMatchObject({
      value: [
        { venueKey: TICKER, yesPayoutE4: 10_000, paidMicroUsd: 3_000_000 },
        { venueKey: 'B', yesPayoutE4: 5_300, paidMicroUsd: 1_590_000 },
        { venueKey: 'C', yesPayoutE4: 0, paidMicroUsd: 0 },
      ],
    });
  });

  it.each([
    ['a new result', { market_result: 'void' }],
    ['a scale without a value', { market_result: 'scalar', value: null }],
    ['a value above a dollar', { market_result: 'scalar', value: 101 }],
  ])('is no settlement with %s', async (_, fields) => {
    const [row] = restFixture('settlements').settlements as object[];
    const bench = on('GET /portfolio/settlements', reply(200, { settlements: [{ ...row, ...fields }], cursor: '' }));
    expect(await bench.venue.settlements(SINCE)).toMatchObject({ kind: 'failed', fault: 'malformed' });
  });
});

describe('an order whose reply was lost', () => {
  const filled = '97ec18b7-10d3-4557-9de0-8598aad625f0';
  const order = (fields = {}) => ({
    request: orderRequest(fields),
    venue: 'kalshi' as const,
    venueOrderId: undefined,
    body: '',
  });

  function bench(orders: unknown = restFixture('orders-list'), fills: unknown = { fills: [], cursor: '' }) {
    return new VenueBench()
      .on('GET /portfolio/orders', reply(200, orders))
      .on('GET /portfolio/fills', reply(200, fills));
  }

  it('is found by its client id among the orders of its ticker since the intent', async () => {
    const of = bench();
    expect(await of.venue.findOrder(order(), SINCE)).toMatchObject({
      value: { venueOrderId: ORDER_ID, clientOrderId: CLIENT_ID, standing: 'canceled' },
    });
    expect(of.http.lines).toEqual([
      `GET /trade-api/v2/portfolio/orders?ticker=${TICKER}&min_ts=1781159355&limit=200`,
      `GET /trade-api/v2/portfolio/fills?ticker=${TICKER}&min_ts=1781159355&limit=200`,
    ]);
  });

  it('is absent only after every page of orders and fills was read', async () => {
    const clientOrderId = '00000000-0000-4000-8000-000000000009';
    expect(await bench().venue.findOrder(order({ clientOrderId }), SINCE)).toMatchObject({
      kind: 'read',
      value: undefined,
    });
    const of = bench().on('GET /portfolio/fills', lost);
    expect(await settled(of, of.venue.findOrder(order({ clientOrderId }), SINCE))).toMatchObject({ kind: 'failed' });
    const other = bench().on('GET /portfolio/orders', reply(500));
    expect(await settled(other, other.venue.findOrder(order(), SINCE))).toMatchObject({ kind: 'failed' });
  });

  it('has at least what its fills say: they are written sooner', async () => {
    const [row] = restFixture('orders-list').orders as object[];
    const late = { ...row, fill_count_fp: '0.00', remaining_count_fp: '1.00', status: 'resting' };
    const clientOrderId = '2b8394e0-515e-4b89-b624-f34067756855';
    const of = bench({ orders: [late], cursor: '' }, restFixture('fills-taker'));
    expect(await of.venue.findOrder(order({ clientOrderId }), SINCE)).toMatchObject({
      value: { filledE6: 1_000_000, restingE6: 0 },
    });
  });

  it('is found behind a fill when the list has dropped it', async () => {
    const [row] = restFixture('orders-list').orders as object[];
    const clientOrderId = '2b8394e0-515e-4b89-b624-f34067756855';
    const of = bench({ orders: [], cursor: '' }, restFixture('fills-taker'));
    of.on(`GET /portfolio/orders/${filled}`, reply(200, { order: row }));
    expect(await of.venue.findOrder(order({ clientOrderId }), SINCE)).toMatchObject({
      value: { venueOrderId: filled },
    });
    expect(await of.venue.findOrder(order(), SINCE)).toMatchObject({ kind: 'read', value: undefined });
  });

  it('is not absent while a fill names an order that cannot be read', async () => {
    const of = bench({ orders: [], cursor: '' }, restFixture('fills-taker'));
    expect(await of.venue.findOrder(order(), SINCE)).toMatchObject({ kind: 'failed', fault: 'notFound' });
  });

  it('comes back in the words of its request, also after a restart, and so do its fills', async () => {
    const [row] = restFixture('orders-list').orders as object[];
    const [fill] = restFixture('fills-taker').fills as object[];
    const sold = { ...row, book_side: 'ask', yes_price_dollars: '0.4700' };
    const of = bench({ orders: [sold], cursor: '' }, { fills: [{ ...fill, book_side: 'ask' }], cursor: '' });
    const request = { clientOrderId: '2b8394e0-515e-4b89-b624-f34067756855', action: 'sell' as const };
    expect(await of.venue.findOrder(order(request), SINCE)).toMatchObject({
      value: { instrument: yes, action: 'sell', limitE4: 4_700 },
    });
    expect(await of.venue.fills(SINCE)).toMatchObject({ value: [{ instrument: yes, action: 'sell', priceE4: 5_200 }] });
  });
});

describe('the exchange', () => {
  const shards = restFixture('exchange-status').exchange_index_statuses as object[];

  it.each<[string, HttpOutcome, object]>([
    ['open', reply(200, restFixture('exchange-status')), { standing: 'open', acceptsCancels: true }],
    [
      'paused for trading: it takes cancels',
      reply(200, restFixture('exchange-status-trading-pause')),
      { standing: 'paused', acceptsCancels: true },
    ],
    [
      'paused as a whole: it takes none',
      reply(200, { exchange_active: false, trading_active: false }),
      { standing: 'closed', acceptsCancels: false },
    ],
    [
      'paused, as the body of a 503 says',
      reply(503, { exchange_active: false, trading_active: false }),
      { standing: 'closed' },
    ],
    [
      'paused on an engine that we trade on',
      reply(200, {
        exchange_active: true,
        trading_active: true,
        exchange_index_statuses: [shards[0], { ...shards[1], trading_active: false }],
      }),
      { standing: 'paused', detail: expect.stringContaining('engines 2') },
    ],
  ])('is %s', async (_, outcome, expected) => {
    const bench = await new VenueBench().warmed({ compartment: '2' });
    bench.on('GET /exchange/status', outcome);
    expect(await bench.venue.status()).toMatchObject({ kind: 'read', value: expected });
  });

  it('is open for us when only an engine stands still that we do not trade on', async () => {
    const bench = await new VenueBench().warmed({ compartment: '0' });
    const still = { ...shards[1], exchange_active: false };
    bench.on(
      'GET /exchange/status',
      reply(200, { exchange_active: true, trading_active: true, exchange_index_statuses: [shards[0], still] }),
    );
    expect(await bench.venue.status()).toMatchObject({ value: { standing: 'open' } });
  });

  it('is asked what time it is, to half a second', async () => {
    const bench = new VenueBench();
    const atMs = bench.clock.wall() / 1_000;
    const date = new Date(atMs + 4_000).toUTCString();
    bench.on('GET /exchange/user_data_timestamp', reply(200, restFixture('user-data-timestamp'), { date }));
    expect(await bench.venue.clockOffsetMs()).toMatchObject({ kind: 'read', value: 4_500 });
  });

  it('is believed by its complete reads where it sends no date', async () => {
    const bench = new VenueBench();
    const as_of_time = new Date(bench.clock.wall() / 1_000 - 250).toISOString();
    bench.on('GET /exchange/user_data_timestamp', reply(200, { as_of_time }));
    expect(await bench.venue.clockOffsetMs()).toMatchObject({ value: -250 });
  });

  it('says until when this account may trade in three categories', async () => {
    const bench = on('GET /api_keys', reply(200, { api_keys: [], api_key_region_expiration_ts: 1_795_000_000 }));
    expect(await bench.venue.account.regionExpiry()).toMatchObject({ value: 1_795_000_000_000_000 });
    bench.on('GET /api_keys', reply(200, { api_keys: [] }));
    expect(await bench.venue.account.regionExpiry()).toMatchObject({ kind: 'read', value: undefined });
  });

  it('says when it rests', async () => {
    const bench = on('GET /exchange/schedule', reply(200, restFixture('exchange-schedule')));
    const reading = await bench.venue.rest.exchangeSchedule();
    expect(reading).toMatchObject({
      value: { standard_hours: [{ thursday: [{ open_time: '05:00', close_time: '03:00' }] }] },
    });
  });
});

describe('a book by REST', () => {
  it('has its asks derived, and neither a sequence nor a time', async () => {
    const bench = on(`GET /markets/${TICKER}/orderbook`, reply(200, restFixture('orderbook')));
    expect(await bench.venue.book(no)).toMatchObject({
      value: {
        book: yes.book,
        bids: [{ priceE4: 4_700, sizeE6: 3_000_000 }],
        asks: [{ priceE4: 5_200, sizeE6: 3_000_000 }],
        feed: undefined,
        stamp: undefined,
      },
    });
  });

  it('of another shape is malformed, not empty', async () => {
    const bench = on(`GET /markets/${TICKER}/orderbook`, reply(200, { orderbook: {} }));
    expect(await bench.venue.book(yes)).toMatchObject({ kind: 'failed', fault: 'malformed' });
  });

  it('comes in bulk by ticker', async () => {
    const bench = on('GET /markets/orderbooks', reply(200, restFixture('orderbooks-batch')));
    const reading = await bench.venue.rest.orderbooks([TICKER, 'B']);
    expect(reading.kind === 'read' && reading.value.get(TICKER)?.asks).toHaveLength(2);
    expect(bench.http.lines).toEqual([`GET /trade-api/v2/markets/orderbooks?tickers=${TICKER}&tickers=B`]);
  });
});

describe('places in the queue', () => {
  it('are counted in contracts', async () => {
    const bench = on('GET /portfolio/orders/queue_positions', reply(200, restFixture('queue-positions')));
    expect(await bench.venue.account.queuePositions([TICKER])).toMatchObject({
      value: new Map([[ORDER_ID, 150_000_000]]),
    });
  });
});

describe('the hosts', () => {
  it.each(Object.entries(kalshiHosts))('of %s carry the paths that are signed', (_, { restUrl, socketUrl }) => {
    expect([new URL(restUrl).pathname, new URL(socketUrl).pathname]).toEqual(['/trade-api/v2', '/trade-api/ws/v2']);
    expect([new URL(restUrl).protocol, new URL(socketUrl).protocol]).toEqual(['https:', 'wss:']);
  });
});

describe('every recorded reply', () => {
  it('is described where it came from', () => {
    const names = readdirSync(new URL('../../fixtures/kalshi/rest', import.meta.url));
    expect(names).toContain('rest.source.md');
  });

  it.each([
    ['2026-06-11T06:29:20.866753Z', 1_781_159_360_866_753],
    ['2026-06-11T06:29:20Z', 1_781_159_360_000_000],
    ['2026-06-11T05:39:31.28563Z', 1_781_156_371_285_630],
    ['2026-06-11T02:29:20.8667539-04:00', 1_781_159_360_866_753],
    ['2026-06-11', undefined],
    ['yesterday', undefined],
  ])('carries instants to the microsecond: %s', (text, at) => {
    expect(parseInstant(text)).toBe(at);
  });

  it.each([
    [1, 1_000_000],
    [0.5, 500_000],
    [0, 0],
    [1e-7, undefined],
    [-1, undefined],
  ])('carries rates exactly: %s', (value, rate) => {
    expect(rateOfNumber(value)).toBe(rate);
  });
});
