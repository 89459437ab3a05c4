import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../src/domain/ports/http.ts';
import { micros } from '../../../src/domain/units.ts';
import { lost, notSent, reply } from '../../support/scripted-transport.ts';
import { listingStub, restFixture, VenueBench } from './venues.ts';

const balance = reply(200, restFixture('balance'));

async function read(bench: VenueBench) {
  const reading = bench.venue.balance();
  await bench.clock.settleUntilIdle();
  return await reading;
}

describe('a read', () => {
  it.each([
    ['no reply', lost],
    ['no connection', notSent],
    ['a failure of the venue', reply(503)],
    ['a limit without a time', reply(429, restFixture('error-429-too-many-requests'))],
  ])('is repeated three times, further and further apart, after %s', async (_, outcome) => {
    const bench = new VenueBench();
    const at: number[] = [];
    bench.on('GET /portfolio/balance', () => {
      at.push(bench.clock.nowMs());
      return outcome;
    });
    expect((await read(bench)).kind).toBe('failed');
    expect(at).toHaveLength(4);
    expect(at.slice(0, 2)).toEqual([0, 1_000]);
    expect((at[3] ?? 0) - (at[2] ?? 0)).toBeGreaterThanOrEqual(4_000);
  });

  it('gives what a repetition brought', async () => {
    const bench = new VenueBench();
    const outcomes = [lost, reply(500), balance];
    bench.on('GET /portfolio/balance', () => outcomes.shift());
    expect(await read(bench)).toMatchObject({ kind: 'read', value: { availableMicroUsd: 98_018_600 } });
  });

  it.each([
    ['400', reply(400, restFixture('error-400-parameter-validation'))],
    ['401', reply(401, restFixture('error-401-bad-signature'))],
    ['403', reply(403)],
    ['404', reply(404)],
    ['429 with a time to wait', reply(429, '', { 'retry-after': '1' })],
    ['200 of another shape', reply(200, {})],
  ])('is not repeated after %s', async (_, outcome) => {
    const bench = new VenueBench().on('GET /portfolio/balance', outcome);
    expect((await read(bench)).kind).toBe('failed');
    expect(bench.http.requests).toHaveLength(1);
  });

  it('is signed afresh each time, without its query', async () => {
    const bench = new VenueBench({
      signer: { sign: (text) => text, signLater: (text) => Promise.resolve(text) },
    }).on('GET /portfolio/fills', lost);
    const reading = bench.venue.fills(micros(1_781_159_370_000_000));
    await bench.clock.settleUntilIdle();
    await reading;
    const signatures = bench.http.requests.map(({ headers }) => headers['KALSHI-ACCESS-SIGNATURE'] ?? '');
    expect(new Set(signatures).size).toBe(4);
    expect(signatures[0]).toMatch(/^\d{13}GET\/trade-api\/v2\/portfolio\/fills$/);
    expect(bench.http.lines[0]).toContain('?min_ts=1781159365');
  });

  it('says what it was and never what it was signed with', async () => {
    const reading = await read(new VenueBench().on('GET /portfolio/balance', reply(403)));
    expect(reading).toMatchObject({ fault: 'forbidden', detail: expect.stringContaining('balance: HTTP 403') });
  });

  it('waits for its budget, in turn, at a quarter of the lowest tier', async () => {
    const bench = new VenueBench().on('GET /portfolio/balance', balance);
    const readings = Array.from({ length: 30 }, () => bench.venue.balance());
    await bench.clock.settleBy(0);
    const atOnce = bench.http.requests.length;
    await bench.clock.settleBy(1_000);
    expect(atOnce).toBeLessThanOrEqual(3);
    expect(bench.http.requests.length - atOnce).toBeLessThanOrEqual(5);
    await bench.clock.settleUntilIdle();
    expect((await Promise.all(readings)).every(({ kind }) => kind === 'read')).toBe(true);
  });

  it('that finds out about an order does not wait behind the others', async () => {
    const bench = new VenueBench().on('GET /portfolio/balance', balance);
    for (let count = 0; count < 30; count++) void bench.venue.balance();
    await bench.clock.settleBy(0);
    void bench.venue.openOrders();
    await bench.clock.settleBy(0);
    expect(bench.http.lines.at(-1)).toContain('GET /trade-api/v2/portfolio/orders?status=resting');
    await bench.clock.settleUntilIdle();
  });

  it('believes the limits and costs of the account', async () => {
    const bench = new VenueBench();
    const bucket = { refill_rate: 4_000, bucket_capacity: 4_000 };
    bench.on('GET /account/limits', reply(200, { usage_tier: 'prime', read: bucket, write: bucket, grants: [] }));
    await bench.venue.warm([]);
    bench.on('GET /portfolio/balance', balance);
    for (let count = 0; count < 25; count++) void bench.venue.balance();
    await bench.clock.settleBy(0);
    expect(bench.http.lines.filter((line) => line.endsWith('balance'))).toHaveLength(25);
  });

  it('fails when it is closed while it waits', async () => {
    const bench = new VenueBench().on('GET /portfolio/balance', lost);
    const reading = bench.venue.balance();
    await bench.clock.settleBy(500);
    await bench.venue.close();
    expect(await reading).toMatchObject({ kind: 'failed', fault: 'unreachable' });
    expect(bench.clock.pending).toBe(0);
  });
});

describe('a list', () => {
  const rows = [...(restFixture('orders-list').orders as object[])];

  function paged(pages: Readonly<Record<string, { readonly cursor: string; readonly orders: readonly object[] }>>) {
    return new VenueBench().on('GET /portfolio/orders', (request: HttpRequest) => {
      const cursor = new URL(request.url).searchParams.get('cursor') ?? '';
      const page = pages[cursor];
      return page === undefined ? reply(500) : reply(200, page);
    });
  }

  it('is read to its last page', async () => {
    const bench = paged({
      '': { cursor: 'b/=', orders: rows.slice(0, 1) },
      'b/=': { cursor: '', orders: rows.slice(1) },
    });
    const reading = await bench.venue.openOrders();
    expect(reading.kind === 'read' ? reading.value.map((order) => order.standing) : reading).toEqual([
      'filled',
      'canceled',
    ]);
  });

  it('fails when one of its pages does', async () => {
    const bench = paged({ '': { cursor: 'lost', orders: rows } });
    const reading = bench.venue.openOrders();
    await bench.clock.settleUntilIdle();
    expect(await reading).toMatchObject({ kind: 'failed', fault: 'venueError' });
  });

  it('fails when a cursor repeats: this venue answers an unknown one with its first page', async () => {
    const bench = paged({ '': { cursor: 'a', orders: rows }, a: { cursor: 'a', orders: rows } });
    expect(await bench.venue.openOrders()).toMatchObject({ kind: 'failed', fault: 'malformed' });
  });

  it('fails without a cursor: the end must be said', async () => {
    const bench = new VenueBench().on('GET /portfolio/orders', reply(200, { orders: [] }));
    expect(await bench.venue.openOrders()).toMatchObject({ kind: 'failed', fault: 'malformed' });
  });
});

describe('warming', () => {
  it('takes the lowest tier where the venue publishes no limits', async () => {
    const bench = new VenueBench().on('GET /account/limits', reply(404));
    expect((await bench.venue.warm([listingStub()])).kind).toBe('read');
  });

  it('fails when the limits cannot be read', async () => {
    const bench = new VenueBench().on('GET /account/limits', reply(401));
    expect(await bench.venue.warm([listingStub()])).toMatchObject({ kind: 'failed', fault: 'unauthenticated' });
  });

  it('fails when our share of the limits holds no two requests', async () => {
    const bucket = { refill_rate: 10, bucket_capacity: 10 };
    const bench = new VenueBench().on(
      'GET /account/limits',
      reply(200, { usage_tier: 'x', read: bucket, write: bucket }),
    );
    expect((await bench.venue.warm([])).kind).toBe('failed');
  });

  it('reads the limits once', async () => {
    const bench = new VenueBench();
    await bench.venue.warm([]);
    await bench.venue.warm([]);
    expect(bench.http.requests).toHaveLength(2);
  });
});
