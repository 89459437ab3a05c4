import { describe, expect, it } from 'vitest';
import { Client, CONDITION, followOwn, listed, NO, tradingWorld, world, YES } from './kit.ts';

describe('matching at the simulated Polymarket', () => {
  it('mints when two purchases of opposite tokens pay for a pair, and each maker entry names its own token', async () => {
    const given = world();
    listed(given);
    const [one, two] = [await new Client(given).enter(), await new Client(given).enter()];
    const resting = await one.post({ tokenId: NO, price: 0.4, size: 10 });
    const user = followOwn(given, one);
    const taking = await two.post({ tokenId: YES, price: 0.6, size: 10 });
    expect(resting.body.status).toBe('live');
    expect(taking.body).toMatchObject({ status: 'matched', takingAmount: '10', makingAmount: '6' });
    given.clock.advanceBy(2_000);
    const fee = 10 * 0.05 * 0.6 * 0.4 * 1e6;
    const account = (client: Client) => given.sim.control.account(client.wallet.address);
    expect(account(one)).toMatchObject({ cashMicro: 996_000_000, shares: { [NO]: 10_000_000 } });
    expect(account(two)).toMatchObject({ cashMicro: 994_000_000 - fee, shares: { [YES]: 10_000_000 } });
    expect(user.of('trade')[0]).toMatchObject({
      trader_side: 'MAKER',
      asset_id: YES,
      maker_orders: [{ asset_id: NO, price: '0.4', matched_amount: '10', side: 'BUY', order_id: resting.body.orderID }],
    });
  });

  it('merges when two sales of opposite tokens give a pair back', async () => {
    const given = world();
    listed(given);
    const { control } = given.sim;
    const [one, two] = [await new Client(given).enter(), await new Client(given).enter()];
    control.chain.grant(one.wallet.address, { tokenId: NO, sharesE6: 10_000_000 });
    control.chain.grant(two.wallet.address, { tokenId: YES, sharesE6: 10_000_000 });
    await one.post({ side: 'SELL', tokenId: NO, price: 0.3, size: 10 });
    const sold = await two.post({ side: 'SELL', tokenId: YES, price: 0.7, size: 10, type: 'FOK' });
    expect(sold.body).toMatchObject({ status: 'matched', makingAmount: '10', takingAmount: '7' });
    given.clock.advanceBy(2_000);
    expect(control.account(one.wallet.address)?.cashMicro).toBe(1_003_000_000);
    expect(control.account(two.wallet.address)?.cashMicro).toBe(1_007_000_000 - 105_000);
    expect(control.positions()).toEqual([]);
  });

  it('spends the budget of a FOK purchase and gives more shares where the price is better than its limit', async () => {
    const { client } = await tradingWorld();
    const { body } = await client.post({ price: 0.6, size: 10, type: 'FOK' });
    expect(body).toMatchObject({ makingAmount: '6', takingAmount: '11.764706' });
  });

  it('counts shares instead when it is told to', async () => {
    const { client } = await tradingWorld({ buyBudget: false });
    const { body } = await client.post({ price: 0.6, size: 10, type: 'FOK' });
    expect(body).toMatchObject({ makingAmount: '5.1', takingAmount: '10' });
  });

  it('gives one trade per price level, each with its own floored fee', async () => {
    const { sim, client } = await tradingWorld({ buyBudget: false });
    const { body } = await client.post({ price: 0.52, size: 100, type: 'FOK' });
    expect(body.tradeIDs).toHaveLength(2);
    expect(sim.control.trades().map(({ price, sizeE6, feeMicro }) => ({ price, sizeE6, feeMicro }))).toEqual([
      { price: '0.51', sizeE6: 80_000_000, feeMicro: 999_600 },
      { price: '0.52', sizeE6: 20_000_000, feeMicro: 249_600 },
    ]);
  });

  it('fills what is there of a FAK and cancels the rest', async () => {
    const { sim, client } = await tradingWorld({ buyBudget: false });
    const { body } = await client.post({ price: 0.51, size: 100, type: 'FAK' });
    expect(body).toMatchObject({ status: 'matched', takingAmount: '80' });
    expect(client.call('GET', `/data/order/${body.orderID}`).body).toMatchObject({
      status: 'MATCHED',
      original_size: '100',
      size_matched: '80',
    });
    expect(sim.control.quotes(YES).bids[0]?.priceE4).toBe(4_900);
  });

  it('lets a GTD order go a minute before its stamp and reports a cancellation', async () => {
    const given = await tradingWorld();
    const user = followOwn(given, given.client);
    await given.client.post({ price: 0.3, type: 'GTD', expiration: String(given.client.now + 90) });
    given.clock.advanceBy(29_000);
    expect(user.of('order').map(({ type }) => type)).toEqual(['PLACEMENT']);
    given.clock.advanceBy(2_000);
    expect(user.of('order').at(-1)).toMatchObject({ type: 'CANCELLATION', status: 'CANCELED', order_type: 'GTD' });
  });

  it('holds marketable orders back where the market has a delay, and tells the end by socket', async () => {
    const given = await tradingWorld({}, { takerDelayMs: 250 });
    const user = followOwn(given, given.client);
    const filled = await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    expect(filled.body).toMatchObject({ success: true, status: 'delayed', takingAmount: '', makingAmount: '' });
    given.clock.advanceBy(250);
    expect(user.of('trade')).toHaveLength(1);
    const empty = await given.client.post({ price: 0.51, size: 500, type: 'FOK' });
    given.clock.advanceBy(250);
    expect(user.of('order').at(-1)).toMatchObject({
      id: empty.body.orderID,
      status: 'UNMATCHED',
      type: 'CANCELLATION',
    });
    expect(given.client.call('GET', `/clob-markets/${CONDITION}`).body.itode).toBe(true);
  });

  it('drops a maker whose money has gone, as INVALID', async () => {
    const given = world();
    listed(given);
    const poor = await new Client(given).enter({ dollars: 5 });
    const rich = await new Client(given).enter();
    given.sim.control.chain.grant(rich.wallet.address, { tokenId: YES, sharesE6: 10_000_000 });
    const user = followOwn(given, poor);
    await poor.post({ price: 0.5, size: 10 });
    given.sim.control.chain.deposit(poor.wallet.address, -1_000_000);
    const sold = await rich.post({ side: 'SELL', price: 0.5, size: 10, type: 'FAK' });
    expect(sold.body.error).toContain('no orders found to match');
    expect(user.of('order').at(-1)).toMatchObject({ status: 'INVALID', type: 'CANCELLATION' });
  });
});

describe('settlement at the simulated Polymarket', () => {
  it('refuses to sell what has not settled yet, with the balance in the text', async () => {
    const given = await tradingWorld();
    await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    const early = await given.client.post({ side: 'SELL', price: 0.49, size: 10, type: 'FOK' });
    expect(early.body.error).toBe(
      'not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 10000000',
    );
    given.clock.advanceBy(2_000);
    expect((await given.client.post({ side: 'SELL', price: 0.49, size: 10, type: 'FOK' })).body.status).toBe('matched');
  });

  it('gives nothing when a match fails, and frees the money', async () => {
    const given = await tradingWorld();
    given.sim.control.scriptSettlement([
      { status: 'RETRYING', afterMs: 1_000 },
      { status: 'FAILED', afterMs: 5_000 },
    ]);
    const user = followOwn(given, given.client);
    await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    expect(given.sim.control.account(given.client.wallet.address)?.committedMicro).toBe(5_224_950);
    given.clock.advanceBy(60_000);
    expect(user.of('trade').map(({ status }) => status)).toEqual(['MATCHED', 'RETRYING', 'FAILED']);
    expect(given.sim.control.account(given.client.wallet.address)).toMatchObject({
      cashMicro: 1_000_000_000,
      committedMicro: 0,
    });
    expect(given.client.call('GET', '/data/trades').body.data[0].status).toBe('FAILED');
  });

  it('takes a reorganised trade back and books it again', async () => {
    const given = await tradingWorld();
    given.sim.control.setFaults([{ id: 'C3', venue: 'polymarket', parameters: { afterMs: 1_000, durationMs: 5_000 } }]);
    await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    const shares = () => given.sim.control.account(given.client.wallet.address)?.shares[YES] ?? 0;
    given.clock.advanceBy(2_500);
    expect(shares()).toBe(10_000_000);
    given.clock.advanceBy(1_000);
    expect(shares()).toBe(0);
    given.clock.advanceBy(60_000);
    expect(shares()).toBe(10_000_000);
    expect(given.sim.control.trades()[0]?.status).toBe('CONFIRMED');
  });

  it('can tell a status that is not true, and then says the truth by REST', async () => {
    const given = await tradingWorld();
    const user = followOwn(given, given.client);
    const { body } = await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    given.sim.control.moveTrade(body.tradeIDs[0], 'FAILED');
    given.sim.control.tellTrade(body.tradeIDs[0], 'CONFIRMED');
    expect(user.of('trade').map(({ status }) => status)).toEqual(['MATCHED', 'FAILED', 'CONFIRMED']);
    expect(given.client.call('GET', '/data/trades').body.data[0].status).toBe('FAILED');
  });

  it('never settles a match of a wallet without approvals', async () => {
    const given = await tradingWorld();
    given.sim.control.setAccount(given.client.wallet.address, { isApproved: false });
    await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    given.clock.advanceBy(3_600_000);
    expect(given.sim.control.trades()[0]?.status).toBe('MATCHED');
  });

  it('conserves dollars and shares over any mix of trades', async () => {
    const given = await tradingWorld();
    const { control } = given.sim;
    await given.client.post({ price: 0.52, size: 120, type: 'FAK' });
    await given.client.post({ tokenId: NO, price: 0.52, size: 33, type: 'FAK' });
    given.clock.advanceBy(60_000);
    const total = (of: (account: ReturnType<typeof control.accounts>[number]) => number) =>
      control.accounts().reduce((sum, account) => sum + of(account), 0);
    const pairs = total(({ shares }) => shares[YES] ?? 0);
    expect(pairs).toBe(total(({ shares }) => shares[NO] ?? 0));
    const fees = control.trades().reduce((sum, { feeMicro }) => sum + feeMicro, 0);
    expect(total(({ cashMicro }) => cashMicro) + pairs + fees).toBe(1_000_000_000);
  });
});
