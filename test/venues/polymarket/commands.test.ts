import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpOutcome } from '../../../src/domain/ports/http.ts';
import type { CancelOutcome, OrderOutcome, VenueStatus } from '../../../src/domain/ports/venue.ts';
import { priceE4 } from '../../../src/domain/units.ts';
import { lost, notSent, reply } from '../../support/scripted-polymarket.ts';
import { canaryCredentials, OWNER, testCredentials, ZERO_SECRET } from './accounts.ts';
import { CONDITION, idOf, NO, YES } from './frames.ts';
import { orderRequest, preparedOn, submitOn, type UnderTest, underTest, warmVenue } from './venue-under-test.ts';

const limit = (capacity: number, reserve: number) => ({ capacity, refillPerSecond: 1, reserve, unitCost: 1 });

const nothing = () => undefined;
const deaf = { onOpen: nothing, onAlive: nothing, onEvent: nothing, onEnd: nothing };

async function standingOf({ venue, http }: UnderTest): Promise<VenueStatus | undefined> {
  http.on('GET /time', reply('1763625600'));
  const reading = await venue.status();
  return reading.kind === 'read' ? reading.value : undefined;
}

const refusals: readonly (readonly [string, HttpOutcome])[] = [
  ['a match', reply({ success: true, orderID: '0x', status: 'matched' })],
  ['a kill', reply({ error: 'FOK orders are fully filled or killed.' }, 400)],
  ['a duplicate', reply({ error: 'order x is invalid. Duplicated.' }, 400)],
  ['a refusal', reply({ error: 'Invalid order payload' }, 400)],
  ['a bad key', reply({ error: 'Unauthorized' }, 401)],
  ['a region', reply('', 403)],
  ['a restart', reply('', 425)],
  ['its limit', reply({ error: 'Too Many Requests' }, 429, { 'retry-after': '1' })],
  ['a failure', reply({ error: 'could not run the execution' }, 500)],
  ['a gateway', reply('<html>', 502)],
  ['a mode', reply({ error: 'Trading is currently disabled.' }, 503)],
  ['garbage', reply('<html>')],
  ['an empty body', reply('')],
  ['half a body', reply('{"success":true,')],
  ['a reset', lost()],
  ['no connection', notSent()],
];

describe('an order', () => {
  it('is sent as the body it was prepared with, signed for, on the lane of orders', async () => {
    const under = await warmVenue();
    under.http.on('POST /order', lost());
    const { order, sent } = submitOn(under);
    const [request] = under.http.requests;
    const body = JSON.parse(request?.body ?? '');
    expect([request?.lane, request?.method, request?.url, sent]).toEqual([
      'order',
      'POST',
      'https://clob.polymarket.com/order',
      1,
    ]);
    const { signature: _, ...unsigned } = body.order;
    expect({ ...JSON.parse(order.body), owner: OWNER }).toEqual({ ...body, order: unsigned });
    expect(request?.headers).toMatchObject({ POLY_ADDRESS: under.signer.address, POLY_TIMESTAMP: '1763625600' });
  });

  it.each([
    ['of the moment in which it was sealed', 1_900, '1763625600'],
    ['made anew when it has waited', 5_000, '1763625605'],
  ])('leaves with a proof %s', async (_, waitMs, timestamp) => {
    const under = await warmVenue();
    under.http.on('POST /order', lost());
    const order = preparedOn(under);
    under.venue.seal(order);
    await under.clock.settleBy(waitMs);
    under.venue.submit(order, () => undefined);
    const [request] = under.http.requests;
    expect(request?.headers.POLY_TIMESTAMP).toBe(timestamp);
    expect(request?.headers.POLY_SIGNATURE).toBe(
      createHmac('sha256', Buffer.from(ZERO_SECRET, 'base64'))
        .update(`${timestamp}POST/order${request?.body}`)
        .digest('base64')
        .replaceAll('+', '-')
        .replaceAll('/', '_'),
    );
  });

  it('is known by its hash before it is sent', async () => {
    const under = await warmVenue();
    const order = preparedOn(under);
    expect(order.venueOrderId).toMatch(/^0x[0-9a-f]{64}$/);
    under.http.on('POST /order', () =>
      reply({ success: true, errorMsg: '', orderID: order.venueOrderId, status: 'delayed' }),
    );
    const outcomes: OrderOutcome[] = [];
    under.venue.submit(order, (outcome) => outcomes.push(outcome));
    expect(outcomes).toMatchObject([{ kind: 'unknown', hasLanded: true, venueOrderId: order.venueOrderId }]);
  });

  it.each(refusals)('is sent once and ends once when it meets %s', async (_, outcome) => {
    const under = await warmVenue();
    under.http.on('POST /order', outcome);
    const { outcomes } = submitOn(under);
    await under.clock.settleBy(600_000);
    expect(under.http.counts()).toEqual({ 'POST /order': 1 });
    expect(outcomes).toHaveLength(1);
  });

  it('is sent once when nothing ever comes back, and no timer of ours waits for it', async () => {
    const under = await warmVenue();
    under.http.on('POST /order', () => undefined);
    const { outcomes } = submitOn(under);
    await under.clock.settleBy(600_000);
    expect([under.http.counts(), outcomes, under.clock.pending]).toEqual([{ 'POST /order': 1 }, [], 0]);
  });

  it('is not followed by any question after a match', async () => {
    const under = await warmVenue();
    const order = preparedOn(under);
    const body = { success: true, errorMsg: '', orderID: order.venueOrderId, takingAmount: '20', makingAmount: '10' };
    under.http.on('POST /order', reply({ ...body, status: 'matched', tradeIDs: ['t'] }));
    const outcomes: OrderOutcome[] = [];
    under.venue.submit(order, (outcome) => outcomes.push(outcome));
    await under.clock.settleBy(600_000);
    expect([under.http.counts(), outcomes[0]?.kind]).toEqual([{ 'POST /order': 1 }, 'done']);
  });

  it('cannot be submitted twice, nor a copy of it', async () => {
    const under = await warmVenue();
    under.http.on('POST /order', lost());
    const { order } = submitOn(under);
    expect(() => under.venue.submit(order, () => undefined)).toThrow(/prepared here and sent once/);
    const copy = { ...preparedOn(under) };
    expect(() => under.venue.submit(copy, () => undefined)).toThrow(/prepared here and sent once/);
    expect(under.http.counts()).toEqual({ 'POST /order': 1 });
  });

  it('cannot be prepared before its market was read', () => {
    const { venue, http } = underTest();
    expect(venue.prepare(orderRequest())).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    expect(http.requests).toHaveLength(0);
  });

  it('is prepared without reading anything, on the tick that the stream announced', async () => {
    const under = await warmVenue();
    const stream = under.venue.openMarketData(deaf);
    stream.subscribe([idOf(YES)]);
    const fine = { limitE4: priceE4(5_010), timeInForce: 'goodTillCanceled' } as const;
    const before = under.venue.prepare(orderRequest(fine));
    const frame = {
      event_type: 'tick_size_change',
      asset_id: YES,
      market: CONDITION,
      new_tick_size: '0.001',
      timestamp: '1763625700000',
    };
    under.sockets.last().listener.onText(JSON.stringify(frame));
    const after = under.venue.prepare(orderRequest(fine));
    expect([before, after]).toMatchObject([{ kind: 'refused', reason: 'invalidOrder' }, { venue: 'polymarket' }]);
    expect(under.http.requests).toHaveLength(0);
  });

  it('is refused by our own budget without being sent, and a reducing one still goes out', async () => {
    const under = await warmVenue({ settings: { orderLimit: limit(2, 1) } });
    under.http.on('POST /order', lost());
    const outcomes = [submitOn(under), submitOn(under), submitOn(under, { isReducing: true })].map(
      (order) => order.outcomes[0],
    );
    expect(outcomes).toMatchObject([
      { kind: 'unknown' },
      { kind: 'refused', reason: 'budgetExhausted' },
      { kind: 'unknown' },
    ]);
    expect(under.http.counts()).toEqual({ 'POST /order': 2 });
  });

  it('is held back as long as the venue asked', async () => {
    const under = await warmVenue();
    under.http.on('POST /order', reply({ error: 'Too Many Requests' }, 429, { 'retry-after': '3' }));
    submitOn(under);
    const during = submitOn(under, { isReducing: true }).outcomes[0];
    under.clock.advanceBy(3_000);
    const after = submitOn(under).outcomes[0];
    expect([during, after]).toMatchObject([
      { reason: 'budgetExhausted', retryAfterMs: 3_000 },
      { reason: 'rateLimited' },
    ]);
  });
});

describe('a batch of orders', () => {
  const outgoing = (orderId: string) => {
    const request = orderRequest({ timeInForce: 'goodTillCanceled' });
    return {
      request,
      orderId,
      amounts: { maker: 10_000_000, taker: 20_000_000 },
      wireBody: JSON.stringify({ orderId }),
    };
  };

  it('is one list in one request and ends row by row', async () => {
    const under = await warmVenue();
    const rows = [
      { success: true, errorMsg: '', orderID: '0xa', status: 'live' },
      { success: true, errorMsg: 'not enough balance / allowance', orderID: '' },
    ];
    under.http.on('POST /orders', reply(rows));
    let found: readonly OrderOutcome[] = [];
    under.venue.commands.submitBatch([outgoing('0xa'), outgoing('0xb')], (outcomes) => {
      found = outcomes;
    });
    expect(found.map(({ kind }) => kind)).toEqual(['done', 'refused']);
    expect(under.http.requests.map(({ body }) => body)).toEqual(['[{"orderId":"0xa"},{"orderId":"0xb"}]']);
  });

  it('of more than fifteen is not sent', async () => {
    const under = await warmVenue();
    const orders = Array.from({ length: 16 }, (_, at) => outgoing(`0x${at}`));
    expect(() => under.venue.commands.submitBatch(orders, () => undefined)).toThrow(/1 to 15 orders, found 16/);
    expect(under.http.requests).toHaveLength(0);
  });
});

describe('cancels', () => {
  it('are sent once each, with the documented bodies', async () => {
    const under = await warmVenue();
    const outcomes: CancelOutcome[] = [];
    const collect = (outcome: CancelOutcome) => outcomes.push(outcome);
    under.http
      .on('DELETE /order', reply({ canceled: ['0xabc0'], not_canceled: {} }))
      .on('DELETE /cancel-all', lost())
      .on('DELETE /cancel-market-orders', reply({ canceled: [], not_canceled: {} }));
    under.venue.cancel('0xabc0', { book: idOf(YES), inverted: false }, collect);
    under.venue.cancelAll(collect);
    under.venue.commands.cancelMarket({ conditionId: CONDITION, tokenId: NO }, collect);
    await under.clock.settleBy(60_000);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'unknown', 'done']);
    expect(under.http.requests.map(({ method, body }) => [method, body])).toEqual([
      ['DELETE', '{"orderID":"0xabc0"}'],
      ['DELETE', undefined],
      ['DELETE', JSON.stringify({ market: CONDITION, asset_id: NO })],
    ]);
  });

  it('have a budget of their own, all of it', async () => {
    const under = await warmVenue({ settings: { cancelLimit: limit(2, 1) } });
    under.http.on('DELETE /cancel-all', lost());
    const outcomes: CancelOutcome[] = [];
    for (let at = 0; at < 3; at++) under.venue.cancelAll((outcome) => outcomes.push(outcome));
    expect(outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.reason : outcome.kind))).toEqual([
      'unknown',
      'unknown',
      'budgetExhausted',
    ]);
  });

  it('by list end id by id and cost one token each', async () => {
    const under = await warmVenue({ settings: { cancelLimit: limit(3, 1) } });
    under.http.on(
      'DELETE /orders',
      reply({ canceled: ['0xa'], not_canceled: { '0xb': 'already canceled or matched' } }),
    );
    const found: (readonly CancelOutcome[])[] = [];
    for (let at = 0; at < 2; at++) under.venue.commands.cancelMany(['0xa', '0xb'], (outcomes) => found.push(outcomes));
    expect(found.map((outcomes) => outcomes.map(({ kind }) => kind))).toEqual([
      ['done', 'unknown'],
      ['refused', 'refused'],
    ]);
    expect(under.http.requests.map(({ body }) => body)).toEqual(['["0xa","0xb"]']);
  });
});

describe('a heartbeat', () => {
  it.each<[string, HttpOutcome, object]>([
    ['heard', reply({ heartbeat_id: 'next' }), { kind: 'heard', nextId: 'next' }],
    [
      'mismatched',
      reply({ error_msg: 'Invalid Heartbeat ID', heartbeat_id: 'right' }, 400),
      { kind: 'mismatched', nextId: 'right' },
    ],
    ['lost', lost(), { kind: 'unknown' }],
    ['refused', reply({ error: 'Unauthorized' }, 401), { kind: 'unknown' }],
  ])('is %s', async (_, answer, expected) => {
    const under = await warmVenue();
    under.http.on('POST /v1/heartbeats', answer);
    const beats: object[] = [];
    under.venue.commands.heartbeat('', (beat) => beats.push(beat));
    expect(beats).toMatchObject([expected]);
    expect(under.http.requests.map(({ body }) => body)).toEqual(['{"heartbeat_id":""}']);
  });
});

describe('the venue stands', () => {
  it('paused after a restart, then post-only for two minutes, then open', async () => {
    const under = await warmVenue();
    under.http.on('POST /order', reply('', 425));
    submitOn(under);
    const standings = [await standingOf(under)];
    for (const seconds of [90, 120]) {
      under.clock.advanceBy(seconds * 1_000);
      standings.push(await standingOf(under));
    }
    expect(standings.map((status) => status?.standing)).toEqual(['paused', 'postOnly', 'open']);
  });

  it.each([
    ['post-only mode: only post-only orders', 'postOnly', true],
    ['Trading is currently cancel-only.', 'cancelOnly', true],
    ['Trading is currently disabled.', 'paused', false],
  ])('as a 503 says: %s', async (error, standing, acceptsCancels) => {
    const under = await warmVenue();
    under.http.on('POST /order', reply({ error, retry_after_seconds: 79 }, 503));
    submitOn(under);
    const during = await standingOf(under);
    under.clock.advanceBy(79_000);
    const after = await standingOf(under);
    expect([during, after]).toMatchObject([{ standing, acceptsCancels }, { standing: 'open' }]);
  });

  it('open as soon as an order is killed on its merits', async () => {
    const under = await warmVenue();
    under.http.on('POST /order', reply('', 425), reply({ error: 'FOK orders are fully filled or killed.' }, 400));
    submitOn(under);
    submitOn(under);
    expect((await standingOf(under))?.standing).toBe('open');
  });
});

describe('secrets', () => {
  it('are in no outcome, prepared order, fault or printed venue, whatever the venue answers', async () => {
    const { credentials, traces } = canaryCredentials();
    const seen: unknown[] = [];
    for (const [, outcome] of refusals) {
      const under = await warmVenue({ credentials });
      for (const call of [
        'POST /order',
        'DELETE /order',
        'GET /balance-allowance',
        'GET /data/orders',
        'GET /data/trades',
      ])
        under.http.on(call, outcome);
      const { order, outcomes } = submitOn(under);
      under.venue.cancel('0x', order.request.instrument, (found) => seen.push(found));
      const reads = Promise.all([
        under.venue.balance(),
        under.venue.openOrders(),
        under.venue.fills(order.request.expiresAt ?? under.clock.wall()),
      ]);
      await under.clock.settleUntilIdle();
      seen.push(order, outcomes, await reads, under.venue, under.venue.commands);
    }
    const text = JSON.stringify(seen);
    for (const trace of traces) expect(text).not.toContain(trace);
  });

  it('leave only in headers, the owner of an order and the first frame of the user stream', async () => {
    const { credentials, traces } = canaryCredentials();
    const under = await warmVenue({ credentials });
    under.http.on('POST /order', lost());
    submitOn(under);
    const [request] = under.http.requests;
    const [apiKey, secret, passphrase] = traces as [string, string, string];
    expect(request?.url).not.toContain(apiKey);
    expect(request?.body).toContain(apiKey);
    for (const hidden of [secret, passphrase]) expect(request?.body).not.toContain(hidden);
    expect(JSON.stringify(request?.headers)).not.toContain(secret);
  });

  it('of another kind of account need a funder, and an ordinary one has none', () => {
    const credentials = testCredentials();
    expect(() => underTest({ credentials, settings: { signatureType: 3 } })).toThrow(/must name a funder/);
    expect(() => underTest({ settings: { funder: `0x${'22'.repeat(20)}` } })).toThrow(/no funder but the key itself/);
    expect(() => underTest({ settings: { chainId: 80_002 } })).toThrow(/signer of chain 80002/);
  });
});
