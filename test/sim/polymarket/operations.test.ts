import { describe, expect, it } from 'vitest';
import { ask, CONDITION, get, listed, tradingWorld, world, YES } from './kit.ts';

describe('the modes of the simulated Polymarket', () => {
  it('answers 425 while it restarts, then post-only for two minutes, then trades', async () => {
    const { sim, client, clock } = await tradingWorld();
    sim.control.restart();
    expect((await client.post({ price: 0.3 })).status).toBe(425);
    clock.advanceBy(90_000);
    const refused = await client.post({ price: 0.51, type: 'FOK' });
    expect(refused).toMatchObject({
      status: 503,
      headers: { 'retry-after': '120' },
      body: {
        error: 'post-only mode: only post-only orders and cancels are allowed',
        code: 'post_only_mode',
        retry_after_seconds: 120,
      },
    });
    expect((await client.post({ price: 0.3, postOnly: true })).body.status).toBe('live');
    const batch = client.call('POST', '/orders', [await client.order({ price: 0.31 })]);
    expect(batch).toMatchObject({ status: 200, body: [{ success: true, orderID: '', errorMsg: refused.body.error }] });
    clock.advanceBy(120_000);
    expect((await client.post({ price: 0.51, type: 'FOK' })).body.status).toBe('matched');
  });

  it('takes only cancels, or nothing at all, in the words of the venue', async () => {
    const { sim, client } = await tradingWorld();
    sim.control.setMode('cancelOnly');
    expect(await client.post()).toMatchObject({ status: 503, body: { error: expect.stringContaining('cancel-only') } });
    expect(client.call('DELETE', '/cancel-all').status).toBe(200);
    sim.control.setMode('disabled');
    expect(client.call('DELETE', '/cancel-all')).toMatchObject({
      status: 503,
      body: { error: expect.stringContaining('disabled') },
    });
  });

  it('refuses regions: all orders, or only those that open', async () => {
    const { sim, client } = await tradingWorld();
    sim.control.setRegion('blocked');
    expect(get(sim.site, '/api/geoblock').body).toMatchObject({ blocked: true, ip: '203.0.113.42' });
    expect((await client.post()).status).toBe(403);
    sim.control.setRegion('closeOnly');
    sim.control.chain.grant(client.wallet.address, { tokenId: YES, sharesE6: 10_000_000 });
    expect((await client.post()).status).toBe(403);
    expect((await client.post({ side: 'SELL', price: 0.49, type: 'FOK' })).status).toBe(200);
  });
});

describe('the limits of the simulated Polymarket', () => {
  it('take a batch whole or not at all, and one dearer than the burst never', async () => {
    const { sim, client, clock } = await tradingWorld();
    const order = await client.order({ price: 0.3 });
    const batch = Array.from({ length: 15 }, () => order);
    for (let count = 0; count < 4; count++) expect(client.call('POST', '/orders', batch).status).toBe(200);
    const refused = client.call('POST', '/orders', batch);
    expect(refused).toMatchObject({
      status: 429,
      body: { error: 'Too Many Requests' },
      headers: { 'poly-ratelimit-remaining': '0', 'poly-ratelimit-tier': 'standard', 'retry-after': '1' },
    });
    clock.advanceBy(375);
    expect(client.call('POST', '/orders', batch).status).toBe(200);
    const ids = Array.from({ length: 121 }, () => 'x');
    expect(client.call('DELETE', '/orders', ids).status).toBe(429);
    clock.advanceBy(60_000);
    expect(client.call('DELETE', '/orders', ids).status).toBe(429);
    sim.control.setTier(client.wallet.address, 'silver');
    clock.advanceBy(60_000);
    expect(client.call('DELETE', '/orders', ids).status).toBe(200);
    expect(client.call('GET', '/v1/user/rate-limit-tier').body).toEqual({ tier: 'silver' });
  });

  it('let cancel-all overdraw the bucket, so that the next cancel is refused', async () => {
    const { client } = await tradingWorld();
    for (let count = 0; count < 60; count++) await client.post({ price: 0.01, size: 5 });
    client.call(
      'DELETE',
      '/orders',
      Array.from({ length: 80 }, () => 'x'),
    );
    const all = client.call('DELETE', '/cancel-all');
    expect(all.body.canceled).toHaveLength(60);
    expect(client.call('DELETE', '/order', { orderID: 'x' }).status).toBe(429);
  });

  it('hold an address back before they refuse it', async () => {
    const given = world({ countAddresses: true });
    listed(given);
    const call = { method: 'GET', target: `/tick-size?token_id=${YES}` };
    const kinds = Array.from({ length: 401 }, () => ask(given.sim.clob, call)?.kind);
    expect(kinds.filter((kind) => kind === 'reply')).toHaveLength(201);
    expect(kinds.slice(200, 400).every((kind) => kind === undefined)).toBe(true);
    expect(ask(given.sim.clob, call)).toMatchObject({ reply: { status: 429 } });
  });
});

describe('the heartbeat of the simulated Polymarket', () => {
  it('arms with the first call, corrects a wrong id, and cancels everything after ten silent seconds', async () => {
    const { client, clock, sim } = await tradingWorld();
    await client.post({ price: 0.3 });
    const first = client.call('POST', '/v1/heartbeats', { heartbeat_id: '' });
    expect(first.status).toBe(200);
    clock.advanceBy(5_000);
    const wrong = client.call('POST', '/v1/heartbeats', { heartbeat_id: '' });
    expect(wrong).toMatchObject({
      status: 400,
      body: { error_msg: 'Invalid Heartbeat ID', heartbeat_id: first.body.heartbeat_id },
    });
    client.call('POST', '/v1/heartbeats', { heartbeat_id: wrong.body.heartbeat_id });
    clock.advanceBy(9_999);
    expect(sim.control.orders().at(-1)?.status).toBe('LIVE');
    clock.advanceBy(1);
    expect(sim.control.orders().at(-1)?.status).toBe('CANCELED');
  });
});

describe('the end of a market at the simulated Polymarket', () => {
  it('cancels what rests, names the winner, and pays only who redeems', async () => {
    const { client, clock, sim } = await tradingWorld();
    await client.post({ price: 0.51, size: 10, type: 'FOK' });
    const resting = await client.post({ price: 0.3 });
    clock.advanceBy(60_000);
    sim.control.lifecycle.resolve(CONDITION, [1_000_000, 0]);
    expect(client.call('GET', `/data/order/${resting.body.orderID}`).body.status).toBe('CANCELED_MARKET_RESOLVED');
    expect(get(sim.clob, `/markets/${CONDITION}`).body.tokens).toMatchObject([
      { winner: true, price: 1 },
      { winner: false, price: 0 },
    ]);
    const before = sim.control.account(client.wallet.address)?.cashMicro ?? 0;
    expect(sim.control.chain.redeem(client.wallet.address, CONDITION)).toEqual({ kind: 'done' });
    expect(sim.control.account(client.wallet.address)).toMatchObject({
      cashMicro: before + 10_000_000,
      shares: { [YES]: 0 },
    });
  });

  it('may pay halves, late, or only after a dispute', async () => {
    const { client, clock, sim } = await tradingWorld();
    sim.control.chain.grant(client.wallet.address, { tokenId: YES, sharesE6: 10_000_000 });
    sim.control.setFaults([
      { id: 'C5', venue: 'polymarket', parameters: { durationMs: 1_000 } },
      { id: 'C7', venue: 'polymarket' },
      { id: 'C4', venue: 'polymarket', parameters: { delayMs: 500 } },
    ]);
    sim.control.lifecycle.resolve(CONDITION, [1_000_000, 0]);
    expect(sim.control.chain.redeem(client.wallet.address, CONDITION).kind).toBe('reverted');
    clock.advanceBy(1_000);
    expect(get(sim.clob, `/markets/${CONDITION}`).body.is_50_50_outcome).toBe(true);
    expect(sim.control.chain.redeem(client.wallet.address, CONDITION)).toEqual({ kind: 'pending', afterMs: 500 });
    clock.advanceBy(500);
    expect(sim.control.account(client.wallet.address)?.cashMicro).toBe(1_005_000_000);
  });

  it('splits, merges and converts as the contracts do', async () => {
    const { client, sim } = await tradingWorld();
    const { chain, lifecycle } = sim.control;
    const wallet = client.wallet.address;
    chain.split(wallet, { conditionId: CONDITION, sizeE6: 5_000_000 });
    chain.merge(wallet, { conditionId: CONDITION, sizeE6: 2_000_000 });
    expect(sim.control.account(wallet)?.cashMicro).toBe(997_000_000);
    lifecycle.addEvent({ id: '7', slug: 'race', title: 'Race', negRisk: true });
    const tokens = ['a', 'b', 'c'].map((name, index) => {
      const [yes, no] = [String(1000 + index), String(2000 + index)];
      lifecycle.addMarket({
        conditionId: name,
        tokens: [
          { tokenId: yes, outcome: 'Yes' },
          { tokenId: no, outcome: 'No' },
        ],
        negRisk: true,
        eventId: '7',
      });
      return { yes, no };
    });
    for (const { no } of tokens.slice(0, 2)) chain.grant(wallet, { tokenId: no, sharesE6: 3_000_000 });
    expect(chain.convert(wallet, { conditionIds: ['a', 'b'], sizeE6: 3_000_000 })).toEqual({ kind: 'done' });
    expect(sim.control.account(wallet)).toMatchObject({
      cashMicro: 1_000_000_000,
      shares: { [tokens[2]?.yes ?? '']: 3_000_000 },
    });
  });
});

describe('flow at the simulated Polymarket', () => {
  it('follows a twin book, later, shifted and wider', async () => {
    const { clock, sim } = await tradingWorld();
    const follow = sim.control.flow.deriveFrom({
      conditionId: CONDITION,
      lagMs: 300,
      offsetE4: -200,
      spreadE4: 200,
      depthShare: 0.5,
    });
    follow({ bids: [{ priceE4: 5_000, sizeE6: 10_000_000 }], asks: [{ priceE4: 5_200, sizeE6: 20_000_000 }] });
    expect(sim.control.quotes(YES).bids[0]?.priceE4).toBe(4_900);
    clock.advanceBy(300);
    expect(sim.control.quotes(YES)).toEqual({
      bids: [{ priceE4: 4_700, sizeE6: 5_000_000 }],
      asks: [{ priceE4: 5_100, sizeE6: 10_000_000 }],
    });
  });

  it('gives the same ids and trades for the same seed', async () => {
    const run = () => {
      const given = world({}, 7);
      listed(given);
      const [maker, taker] = [given.sim.control.flow.counterparty(), given.sim.control.flow.counterparty()];
      maker.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 5_000_000 });
      taker.order({ tokenId: YES, side: 'BUY', priceE4: 5_000, sizeE6: 5_000_000, type: 'FAK' });
      given.clock.advanceBy(60_000);
      return JSON.stringify([given.sim.control.trades(), given.sim.control.orders(), given.sim.control.accounts()]);
    };
    expect(run()).toBe(run());
  });
});
