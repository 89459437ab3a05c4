import { describe, expect, it } from 'vitest';
import { exchangeOf } from '../../../src/venues/polymarket/contracts.ts';
import { lost, reply } from '../../support/scripted-polymarket.ts';
import { NOW, OWNER } from './accounts.ts';
import { fixture, idOf, type Json, NO, YES } from './frames.ts';
import { page, readOf, settled, underTest } from './venue-under-test.ts';

const trades = fixture('user-trades') as Record<string, Json>;
const orders = fixture('user-orders') as Record<string, Json>;
const INSTRUMENT = { book: idOf(YES), inverted: false } as const;

describe('reading', () => {
  it('tries again after 1, 2 and 4 seconds, and then no more', async () => {
    const under = underTest();
    under.http.on('GET /time', lost());
    const started = under.clock.nowMs();
    const reading = await settled(under, under.venue.clockOffsetMs());
    expect(reading).toMatchObject({ kind: 'failed', fault: 'unreachable' });
    expect([under.http.counts(), under.clock.nowMs() - started]).toEqual([{ 'GET /time': 4 }, 7_000]);
  });

  it('takes the first good answer', async () => {
    const under = underTest();
    under.http.on('GET /time', reply('', 502), reply('1763625600'));
    expect(readOf(await settled(under, under.venue.clockOffsetMs()))).toBe(0);
  });

  it('measures the offset of whole seconds from their middle', async () => {
    const under = underTest();
    under.http.on('GET /time', reply('1763625602'));
    expect(readOf(await under.venue.clockOffsetMs())).toBe(2_500);
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'notFound'],
    [400, 'venueError'],
  ])('does not repeat a clear answer: %i', async (status, fault) => {
    const under = underTest();
    under.http.on('GET /balance-allowance', reply({ error: 'no' }, status));
    expect(await under.venue.balance()).toMatchObject({ kind: 'failed', fault });
    expect(under.http.counts()).toEqual({ 'GET /balance-allowance': 1 });
  });

  it.each([
    ['not JSON', '<html>'],
    ['another shape', '{"data":7}'],
  ])('does not repeat nor believe %s', async (_, body) => {
    const under = underTest();
    under.http.on('GET /data/orders', reply(body));
    expect(await under.venue.openOrders()).toMatchObject({ kind: 'failed', fault: 'malformed' });
    expect(under.http.counts()).toEqual({ 'GET /data/orders': 1 });
  });

  it('waits as long as a limit asks, and leaves longer waits to the caller', async () => {
    const short = underTest();
    short.http.on('GET /data/orders', reply('', 429, { 'retry-after': '5' }), page([]));
    expect(readOf(await settled(short, short.venue.openOrders()))).toEqual([]);
    expect(short.clock.nowMs()).toBe(5_000);
    const long = underTest();
    long.http.on('GET /data/orders', reply('', 429, { 'retry-after': '60' }));
    expect(await long.venue.openOrders()).toMatchObject({ fault: 'rateLimited' });
  });

  it('queues behind our own budget instead of failing', async () => {
    const readLimit = { capacity: 2, refillPerSecond: 2, reserve: 1, unitCost: 1 };
    const under = underTest({ settings: { readLimit } });
    under.http.on('GET /balance-allowance', reply({ balance: '1' }));
    const reads = Promise.all(Array.from({ length: 8 }, () => under.venue.balance()));
    await under.clock.settleUntilIdle();
    expect((await reads).map(({ kind }) => kind)).toEqual(Array.from({ length: 8 }, () => 'read'));
    expect(under.clock.nowMs()).toBeGreaterThanOrEqual(3_000);
  });

  it('asks what became of an order with the reserve of the budget', async () => {
    const readLimit = { capacity: 2, refillPerSecond: 0.001, reserve: 1, unitCost: 1 };
    const under = underTest({ settings: { readLimit } });
    under.http.on('GET /balance-allowance', reply({ balance: '1' })).on('GET /data/orders', page([]));
    const found = [await under.venue.balance(), await under.venue.balance(), await under.venue.openOrders()];
    expect(found.map((reading) => readOf<unknown>(reading))).toMatchObject([
      { availableMicroUsd: 1 },
      'rateLimited',
      [],
    ]);
  });

  it('ends what waits when the venue is closed', async () => {
    const under = underTest();
    under.http.on('GET /time', lost());
    const reading = under.venue.clockOffsetMs();
    await under.clock.settleBy(500);
    await under.venue.close();
    expect(await reading).toMatchObject({ kind: 'failed' });
    expect([under.http.counts(), under.clock.pending]).toEqual([{ 'GET /time': 1 }, 0]);
  });

  it('proves itself with the path alone, never with the query', async () => {
    const under = underTest();
    under.http.on('GET /data/orders', page([]));
    await under.venue.openOrders();
    const [request] = under.http.requests;
    expect(request?.url).toBe('https://clob.polymarket.com/data/orders?next_cursor=MA%3D%3D');
    expect(request?.headers.POLY_API_KEY).toBe(OWNER);
    expect(request?.lane).toBe('read');
  });
});

describe('a list of the venue', () => {
  it('is followed from the first cursor to the last', async () => {
    const under = underTest();
    const [a, b] = ['0xa', '0xb'].map((id) => ({ ...orders['order-placement'], id }));
    under.http.on('GET /data/orders', page([a], 'Mg=='), page([], 'Mw=='), page([b]));
    const found = readOf(await under.venue.openOrders());
    expect(found).toMatchObject([{ venueOrderId: '0xa', standing: 'resting' }, { venueOrderId: '0xb' }]);
    const cursors = under.http.queries('GET /data/orders').map((query) => query.get('next_cursor'));
    expect(cursors).toEqual(['MA==', 'Mg==', 'Mw==']);
  });

  it.each([
    ['a page is missing', [page([], 'Mg=='), reply('', 404)], 'notFound'],
    ['a cursor comes again', [page([], 'Mg==')], 'malformed'],
    ['a page names no successor', [reply({ data: [] })], 'malformed'],
    ['a record cannot be read', [page([{ ...orders['order-placement'], price: 'x' }])], 'malformed'],
  ])('is no list when %s', async (_, answers, fault) => {
    const under = underTest();
    under.http.on('GET /data/orders', ...answers);
    expect(readOf(await settled(under, under.venue.openOrders()))).toBe(fault);
  });
});

describe('fills', () => {
  it('are filtered here, because ours may stand under the other token', async () => {
    const under = underTest();
    const entry = { order_id: 'mine', owner: OWNER, matched_amount: '7', price: '0.49', asset_id: NO, side: 'BUY' };
    const made = { ...trades['trade-mined'], trader_side: 'MAKER', maker_orders: [entry] };
    under.http.on('GET /data/trades', page([trades['trade-matched'], made]));
    const found = await under.venue.fills(NOW, { book: idOf(NO), inverted: false });
    expect(readOf(found)).toMatchObject([{ venueOrderId: 'mine', instrument: { book: idOf(NO) } }]);
    expect(under.http.queries('GET /data/trades')[0]?.has('asset_id')).toBe(false);
  });
});

describe('the account', () => {
  const contract = (name: 'exchange' | 'negRiskExchange' | 'exchangeV3') => exchangeOf(137, name).contract;
  const unlimited = ((1n << 256n) - 1n).toString();
  const balanceOf = (allowances: Json) => reply({ balance: '100560000', allowances });

  it('has a balance, and of it what each exchange may move', async () => {
    const under = underTest();
    under.http.on(
      'GET /balance-allowance',
      balanceOf({ [contract('exchange')]: unlimited, [contract('negRiskExchange').toLowerCase()]: '5000000' }),
    );
    expect(readOf(await under.venue.balance())).toEqual({
      availableMicroUsd: 100_560_000,
      compartments: { exchange: 100_560_000, negRiskExchange: 5_000_000 },
    });
    expect(Object.fromEntries(under.http.queries('GET /balance-allowance')[0] ?? [])).toEqual({
      asset_type: 'COLLATERAL',
      signature_type: '0',
    });
  });

  it('cannot use money that no exchange may move', async () => {
    const under = underTest();
    under.http.on('GET /balance-allowance', balanceOf({ [contract('exchange')]: '0' }));
    expect(readOf(await under.venue.balance())).toMatchObject({ availableMicroUsd: 0 });
  });

  it.each([['-1'], ['1e9'], [''], ['many']])('has no balance when it is %s', async (balance) => {
    const under = underTest();
    under.http.on('GET /balance-allowance', reply({ balance }));
    expect(readOf(await under.venue.balance())).toBe('malformed');
  });

  it('is checked at start for balance, mode and region', async () => {
    const under = underTest();
    under.http
      .on('GET /balance-allowance', balanceOf({ [contract('exchange')]: unlimited }))
      .on('GET /auth/ban-status/closed-only', reply({ closed_only: false }))
      .on('GET /api/geoblock', reply({ blocked: false, ip: '203.0.113.42', country: 'IE', region: '' }));
    expect(readOf(await under.venue.check())).toEqual({
      balanceMicroUsd: 100_560_000,
      isClosedOnly: false,
      isRegionBlocked: false,
      withoutAllowance: ['negRiskExchange', 'exchangeV3'],
      problems: [],
    });
  });

  it('is told every problem at start', async () => {
    const under = underTest();
    under.http
      .on('GET /balance-allowance', reply({ balance: '0', allowances: {} }))
      .on('GET /auth/ban-status/closed-only', reply({ closed_only: true }))
      .on('GET /api/geoblock', reply({ blocked: true, ip: '203.0.113.42', country: 'US', region: 'NY' }));
    const check = readOf(await under.venue.check());
    expect(typeof check === 'string' ? check : check.problems).toHaveLength(3);
  });

  it('asks the venue to look at the chain again', async () => {
    const under = underTest();
    under.http.on('GET /balance-allowance/update', reply(''));
    expect(await under.venue.refreshBalance(INSTRUMENT)).toMatchObject({ kind: 'read' });
    expect(under.http.queries('GET /balance-allowance/update')[0]?.get('token_id')).toBe(YES);
  });

  it('has positions, page by page until one is empty', async () => {
    const under = underTest();
    const position = { asset: YES, size: 150.5 };
    under.http.on('GET /positions', reply([position, { asset: NO, size: 0 }]), reply([]));
    expect(readOf(await under.venue.positions())).toEqual([{ instrument: INSTRUMENT, sizeE6: 150_500_000 }]);
    expect(under.http.queries('GET /positions').map((query) => query.get('offset'))).toEqual(['0', '500']);
  });

  it('has no list of payouts', async () => {
    const { venue } = underTest();
    expect([venue.unsupported.has('settlements'), readOf(await venue.settlements())]).toEqual([true, 'unsupported']);
  });

  it('has a tier', async () => {
    const under = underTest();
    under.http.on('GET /v1/user/rate-limit-tier', reply({ tier: 'standard' }));
    expect(readOf(await under.venue.rateLimitTier())).toBe('standard');
  });
});
