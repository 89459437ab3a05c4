/** Every sample of the venue's messages, met in shape by what the simulator says in that situation. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Client, CONDITION, follow, followOwn, get, NO, tradingWorld, type World, YES } from './kit.ts';

const FOLDER = new URL('../../fixtures/polymarket-samples/', import.meta.url);
// biome-ignore lint/suspicious/noExplicitAny: text of another program
const sample = (path: string): any => JSON.parse(readFileSync(new URL(`${path}.json`, FOLDER), 'utf8'));

/** Not produced, and why. */
const NOT_PRODUCED: Readonly<Record<string, string>> = {
  'rest/books-request': 'a request, sent in the test of /books',
  'rest/errors': 'its texts are asserted one by one where orders are refused',
  'rest/book-captured': 'a live capture, used for the hash',
  'ws/market-subscribe': 'a client frame, sent by every test of the market socket',
  'ws/market-subscribe-more': 'a client frame',
  'ws/market-unsubscribe': 'a client frame',
  'ws/user-subscribe': 'a client frame',
  'ws/user-subscribe-more': 'a client frame',
  'ws/ping-pong': 'plain text, asserted where sockets are',
};

/** Types, not values. `null` and empty lists agree with anything that is optional at the venue. */
function missing(expected: unknown, found: unknown, at = ''): string[] {
  if (expected === null || found === null) return [];
  if (Array.isArray(expected)) {
    if (!Array.isArray(found)) return [`${at}: expected a list`];
    return expected.length === 0 || found.length === 0 ? [] : missing(expected[0], found[0], `${at}[0]`);
  }
  if (typeof expected !== 'object')
    return typeof found === typeof expected ? [] : [`${at}: expected ${typeof expected}, found ${typeof found}`];
  if (typeof found !== 'object') return [`${at}: expected an object`];
  return Object.entries(expected).flatMap(([key, value]) => {
    if (at.endsWith('allowances') || at.endsWith('not_canceled')) return [];
    const inner = (found as Record<string, unknown>)[key];
    return inner === undefined ? [`${at}.${key}: missing`] : missing(value, inner, `${at}.${key}`);
  });
}

type Stage = World & { client: Client };
type Produce = (stage: Stage) => unknown | Promise<unknown>;

const order: Produce = ({ client }) => client.post({ price: 0.3 }).then(({ body }) => body);
const frame =
  (type: string, at = 0): Produce =>
  async (stage) => {
    const user = followOwn(stage, stage.client);
    const placed = await stage.client.post({ price: 0.5, size: 10 });
    const other = stage.sim.control.flow.counterparty();
    if (type !== 'cancellation') {
      other.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 4_000_000, type: 'FAK' });
      other.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 6_000_000, type: 'FAK' });
    } else stage.client.call('DELETE', '/order', { orderID: placed.body.orderID });
    return user.of('order').at(at);
  };
const trade =
  (status: string): Produce =>
  async (stage) => {
    const user = followOwn(stage, stage.client);
    stage.sim.control.scriptSettlement(
      ['MINED', 'RETRYING', status].map((each, index) => ({ status: each as 'MINED', afterMs: 1_000 * (index + 1) })),
    );
    await stage.client.post({ price: 0.51, type: 'FOK' });
    stage.clock.advanceBy(5_000);
    return user.of('trade').find((each) => each.status === status);
  };
const marketFrame =
  (type: string, act: (stage: Stage) => unknown): Produce =>
  async (stage) => {
    const socket = follow(stage);
    await act(stage);
    return socket.of(type)[0];
  };
const quote = (stage: Stage, sizeE6 = 30_000_000) =>
  stage.sim.control.flow.counterparty().order({ tokenId: YES, side: 'BUY', priceE4: 5_000, sizeE6 });

const PRODUCED: Readonly<Record<string, Produce>> = {
  'rest/auth-api-key': ({ client }) => client.credentials,
  'rest/balance-allowance-collateral': ({ client }) =>
    client.call('GET', '/balance-allowance?asset_type=COLLATERAL&signature_type=0').body,
  'rest/book': ({ sim }) => get(sim.clob, `/book?token_id=${YES}`).body,
  'rest/cancel-failed': ({ client }) => client.call('DELETE', '/order', { orderID: 'x' }).body,
  'rest/cancel-ok': async ({ client }) =>
    client.call('DELETE', '/order', { orderID: (await client.post({ price: 0.3 })).body.orderID }).body,
  'rest/clob-market-info': (stage) => {
    stage.sim.control.setTakerDelay(CONDITION, 250);
    return get(stage.sim.clob, `/clob-markets/${CONDITION}`).body;
  },
  'rest/clob-market': ({ sim }) => get(sim.clob, `/markets/${CONDITION}`).body,
  'rest/fee-rate': ({ sim }) => get(sim.clob, `/fee-rate?token_id=${YES}`).body,
  'rest/heartbeat-ok': ({ client }) => client.call('POST', '/heartbeats', { heartbeat_id: '' }).body,
  'rest/heartbeat-mismatch': ({ client }) => {
    client.call('POST', '/v1/heartbeats', { heartbeat_id: '' });
    return client.call('POST', '/v1/heartbeats', { heartbeat_id: 'x' }).body;
  },
  'rest/markets-by-token': ({ sim }) => get(sim.clob, `/markets-by-token/${NO}`).body,
  'rest/midpoint': ({ sim }) => get(sim.clob, `/midpoint?token_id=${YES}`).body,
  'rest/neg-risk': ({ sim }) => get(sim.clob, `/neg-risk?token_id=${YES}`).body,
  'rest/open-order': async ({ client }) =>
    client.call('GET', `/data/order/${(await client.post({ price: 0.3 })).body.orderID}`).body,
  'rest/open-orders-page': async ({ client }) => {
    await client.post({ price: 0.3 });
    return client.call('GET', '/data/orders').body;
  },
  'rest/order-delayed': async ({ sim, client }) => {
    sim.control.setTakerDelay(CONDITION, 250);
    return (await client.post({ price: 0.51, type: 'FOK' })).body;
  },
  'rest/order-live': order,
  'rest/order-matched-async': async ({ client }) => (await client.post({ price: 0.51, type: 'FOK' })).body,
  'rest/order-matched-legacy': async () => {
    const { client } = await tradingWorld({ inlineHashes: true });
    return (await client.post({ price: 0.51, type: 'FOK' })).body;
  },
  'rest/orders-batch-mixed': async ({ client }) =>
    client.call('POST', '/orders', [await client.order({ price: 0.3 }), await client.order({ price: 0.3, size: 1e6 })])
      .body,
  'rest/price': ({ sim }) => get(sim.clob, `/price?token_id=${YES}&side=SELL`).body,
  'rest/simplified-markets-page': ({ sim }) => get(sim.clob, '/simplified-markets').body,
  'rest/tick-size': ({ sim }) => get(sim.clob, `/tick-size?token_id=${YES}`).body,
  'rest/trades-page': async ({ client }) => {
    await client.post({ price: 0.51, type: 'FOK' });
    return client.call('GET', '/data/trades').body;
  },
  'rest/version': ({ sim }) => get(sim.clob, '/version').body,
  'ws/best_bid_ask': marketFrame('best_bid_ask', (stage) => quote(stage)),
  'ws/book-initial-array': (stage) => JSON.parse(follow(stage).texts[0] ?? ''),
  'ws/last_trade_price': marketFrame('last_trade_price', ({ client }) => client.post({ price: 0.51, type: 'FOK' })),
  'ws/market_resolved': marketFrame('market_resolved', ({ sim }) =>
    sim.control.lifecycle.resolve(CONDITION, [1_000_000, 0]),
  ),
  'ws/new_market': marketFrame('new_market', ({ sim }) =>
    sim.control.lifecycle.addMarket({
      conditionId: 'new',
      tokens: [
        { tokenId: '1', outcome: 'Yes' },
        { tokenId: '2', outcome: 'No' },
      ],
      tags: ['stocks'],
    }),
  ),
  'ws/price_change': marketFrame('price_change', (stage) => quote(stage)),
  'ws/price_change-empty-best': marketFrame('price_change', ({ sim }) =>
    sim.control.flow.setLevels(YES, { bids: [], asks: [] }),
  ),
  'ws/tick_size_change': marketFrame('tick_size_change', ({ sim }) => sim.control.lifecycle.setTick(CONDITION, 10)),
  'ws/user-batch-array': async (stage) => {
    const user = followOwn(stage, stage.client);
    stage.sim.control.setFaults([{ id: 'V2', venue: 'polymarket', times: 1 }]);
    await stage.client.post({ price: 0.51, type: 'FOK' });
    return JSON.parse(user.texts[0] ?? '');
  },
  'ws/user-order-cancellation': frame('cancellation', 1),
  'ws/user-order-fok-killed': async (stage) => {
    const user = followOwn(stage, stage.client);
    await stage.client.post({ price: 0.5, type: 'FOK' });
    return user.of('order')[0];
  },
  'ws/user-order-matched': frame('fills', 2),
  'ws/user-order-placement': frame('fills', 0),
  'ws/user-order-update': frame('fills', 1),
  'ws/user-order-venue-cancel': frame('cancellation', 1),
  'ws/user-trade-confirmed': trade('CONFIRMED'),
  'ws/user-trade-failed': trade('FAILED'),
  'ws/user-trade-matched': trade('MATCHED'),
  'ws/user-trade-mined': trade('MINED'),
  'ws/user-trade-retrying': trade('RETRYING'),
  'gamma/event': ({ sim }) => {
    sim.control.lifecycle.addEvent({ id: '260654', slug: 'sample-event', title: 'Sample event', tags: ['Politics'] });
    return get(sim.gamma, '/events?slug=sample-event').body[0];
  },
  'gamma/market-v1': ({ sim }) => get(sim.gamma, '/markets').body[0],
  'gamma/market-v2': async () => get((await tradingWorld({}, { version: 'v2' })).sim.gamma, '/markets').body[0],
  'gamma/markets-keyset-page': ({ sim }) => {
    sim.control.lifecycle.addMarket({
      conditionId: 'new',
      tokens: [
        { tokenId: '1', outcome: 'Yes' },
        { tokenId: '2', outcome: 'No' },
      ],
    });
    return get(sim.gamma, '/markets/keyset?limit=1').body;
  },
  'data/geoblock': ({ sim }) => get(sim.site, '/api/geoblock').body,
  'data/positions-v1': ({ sim, client, clock }) => {
    sim.control.chain.grant(client.wallet.address, { tokenId: YES, sharesE6: 1_000_000 });
    clock.advanceBy(60_000);
    return get(sim.data, `/positions?user=${client.wallet.address}`).body;
  },
};

describe('samples of the real venue', () => {
  it.each(Object.entries(PRODUCED))('the simulator says %s in the same shape', async (name, produce) => {
    const stage = await tradingWorld();
    expect(missing(sample(name), await produce(stage))).toEqual([]);
  });

  it('are all produced, or listed with a reason', () => {
    const names = ['rest', 'ws', 'gamma', 'data'].flatMap((folder) =>
      readdirSync(new URL(`${folder}/`, FOLDER))
        .filter((name) => name.endsWith('.json'))
        .map((name) => `${folder}/${name.replace('.json', '')}`),
    );
    expect(names.filter((name) => !(name in PRODUCED) && !(name in NOT_PRODUCED))).toEqual([]);
  });
});

describe('discovery and slow views at the simulated Polymarket', () => {
  it('hide arrays in strings, except the position ids of Protocol V2', async () => {
    const one = get((await tradingWorld()).sim.gamma, '/markets').body[0];
    const two = get((await tradingWorld({}, { version: 'v2' })).sim.gamma, '/markets').body[0];
    expect(JSON.parse(one.clobTokenIds)).toEqual([YES, NO]);
    expect(two).toMatchObject({ version: 'v2', clobTokenIds: null, positionIds: [YES, NO] });
  });

  it('clamp limits without a word and leave the cursor out at the end', async () => {
    const { sim } = await tradingWorld();
    for (let index = 0; index < 120; index++)
      sim.control.lifecycle.addMarket({
        conditionId: `c${index}`,
        tokens: [
          { tokenId: `1${index}0`, outcome: 'Yes' },
          { tokenId: `1${index}1`, outcome: 'No' },
        ],
      });
    const first = get(sim.gamma, '/markets/keyset?limit=500').body;
    const second = get(sim.gamma, `/markets/keyset?limit=500&after_cursor=${first.next_cursor}`).body;
    expect([first.markets.length, second.markets.length]).toEqual([100, 21]);
    expect(second).not.toHaveProperty('next_cursor');
    expect(get(sim.gamma, '/markets?no_such_filter=1&limit=3').body).toHaveLength(3);
  });

  it('tell the end late, drop the market from the lists, and keep its event', async () => {
    const { sim, clock } = await tradingWorld({}, { eventId: '1' });
    sim.control.lifecycle.addEvent({ id: '1', slug: 'short-lived', title: 'Short' });
    sim.control.lifecycle.resolve(CONDITION, [0, 1_000_000]);
    expect(get(sim.gamma, '/markets?slug=sample-event').body[0].closed).toBe(false);
    clock.advanceBy(900_000);
    expect(get(sim.gamma, '/markets?slug=sample-event').body).toEqual([]);
    expect(get(sim.gamma, '/events?slug=short-lived').body[0].markets[0]).toMatchObject({
      closed: true,
      outcomePrices: '["0", "1"]',
      umaResolutionStatus: 'resolved',
    });
  });

  it('lag behind: positions by seconds, the tape by a minute and a half', async () => {
    const { sim, client, clock } = await tradingWorld();
    await client.post({ price: 0.51, size: 10, type: 'FOK' });
    const positions = () => get(sim.data, `/positions?user=${client.wallet.address}`).body;
    const tape = () => get(sim.data, `/trades?user=${client.wallet.address}`).body;
    clock.advanceBy(11_000);
    expect(positions()).toEqual([]);
    clock.advanceBy(1_000);
    expect(positions()).toMatchObject([{ asset: YES, size: 10 }]);
    expect(tape()).toEqual([]);
    clock.advanceBy(78_000);
    expect(tape()).toMatchObject([{ asset: YES, side: 'BUY', size: 10, price: 0.51 }]);
  });

  it('answer in envelopes on version 2, and refuse offsets there', async () => {
    const { sim, client } = await tradingWorld();
    expect(get(sim.data, `/v2/positions?user=${client.wallet.address}`).body).toEqual({
      data: [],
      pagination: { next_cursor: null },
    });
    expect(get(sim.data, '/v2/trades?offset=1')).toMatchObject({
      status: 400,
      body: { code: expect.any(String), retryable: false },
    });
  });

  it('serve all hosts below one address, too', async () => {
    const { sim } = await tradingWorld();
    expect(get(sim, '/gamma-api/markets').body).toHaveLength(1);
    expect(get(sim, '/site/api/geoblock').body.blocked).toBe(false);
    expect(get(sim, '/data-api/positions?user=0x1').body).toEqual([]);
    expect(get(sim, '/version').body).toEqual({ version: 2 });
    expect(get(sim, '/data/orders').status).toBe(401);
  });

  it('price many tokens at once: BUY is the bid, SELL the ask', async () => {
    const { sim } = await tradingWorld();
    const asked = [
      { token_id: YES, side: 'BUY' },
      { token_id: YES, side: 'SELL' },
    ];
    expect(get(sim.clob, '/prices', 'POST', asked).body).toEqual({ [YES]: { BUY: '0.49', SELL: '0.51' } });
    expect(get(sim.clob, '/midpoints', 'POST', asked.slice(1)).body).toEqual({ [YES]: '0.50' });
    expect(get(sim.clob, '/spreads', 'POST', asked.slice(1)).body).toEqual({ [YES]: '0.02' });
    expect(get(sim.clob, '/books', 'POST', [{ token_id: YES }, { token_id: NO }]).body).toHaveLength(2);
    expect(
      get(
        sim.clob,
        '/books',
        'POST',
        Array.from({ length: 501 }, () => ({ token_id: YES })),
      ).status,
    ).toBe(400);
  });
});
