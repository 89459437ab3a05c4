import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Client, CONDITION, get, listed, type OrderSpec, reply, tradingWorld, V2_NEG_RISK, V3, world } from './kit.ts';

const refusals = JSON.parse(
  readFileSync(new URL('../../fixtures/polymarket-samples/rest/errors.json', import.meta.url), 'utf8'),
) as { status: number; body: Record<string, unknown>; when: string }[];
const textOf = (when: string): string =>
  String(refusals.find((refusal) => refusal.when.startsWith(when))?.body.error).replace(/0x[f3]+/, '<id>');
const told = (error: unknown): string => String(error).replace(/order 0x\w+/, 'order <id>');

describe('an order at the simulated Polymarket', () => {
  it.each<[string, OrderSpec]>([
    ['off-tick', { price: 0.505, size: 10 }],
    ['resting order below min size', { price: 0.3, size: 3 }],
    ['FOK/FAK BUY built', { price: 0.51, size: 7.33, type: 'FOK', makerAmount: '3738300' }],
    [
      'FOK/FAK SELL with more',
      { side: 'SELL', price: 0.49, type: 'FOK', makerAmount: '5001000', takerAmount: '2450000' },
    ],
    ['FOK killed', { price: 0.51, size: 500, type: 'FOK' }],
    ['FAK found nothing', { price: 0.5, size: 10, type: 'FAK' }],
    ['post-only would take', { price: 0.51, size: 10, postOnly: true }],
    ['GTD too near', { price: 0.3, type: 'GTD', expiration: '1795161800' }],
  ])('is refused in the words of the venue: %s', async (when, spec) => {
    const { client } = await tradingWorld();
    const { status, body } = await client.post(spec);
    expect({ status, error: told(body.error) }).toEqual({ status: 400, error: textOf(when) });
  });

  it('is refused with balance and amount when the money is short, resting orders counted', async () => {
    const given = world();
    listed(given);
    const client = await new Client(given).enter({ dollars: 8 });
    expect((await client.post({ price: 0.5, size: 10 })).status).toBe(200);
    expect((await client.post({ price: 0.5, size: 10 })).body).toEqual({
      error: 'not enough balance / allowance: the balance is not enough -> balance: 3000000, order amount: 5000000',
    });
  });

  it('must leave room for the fee when it takes', async () => {
    const { client } = await tradingWorld();
    const poor = await client.post({ price: 0.51, size: 80, type: 'FOK' });
    expect(poor.status).toBe(200);
    const given = await tradingWorld();
    const exact = await new Client(given).enter({ dollars: 5.1 });
    expect((await exact.post({ price: 0.51, size: 10, type: 'FOK' })).body.error).toContain(
      'balance: 5100000, order amount: 5224950',
    );
  });

  it('is refused as a marketable purchase below a dollar', async () => {
    const { client } = await tradingWorld();
    expect((await client.post({ price: 0.98, size: 1, type: 'FOK' })).body.error).toBe(textOf('marketable buy under'));
  });

  it('is known by its hash: the same bytes again are a duplicate, and prove that the first landed', async () => {
    const { client } = await tradingWorld();
    const order = await client.order({ price: 0.3 });
    const first = client.call('POST', '/order', order);
    const second = client.call('POST', '/order', order);
    expect(first.body.status).toBe('live');
    expect(second).toMatchObject({
      status: 400,
      body: { error: `order ${first.body.orderID} is invalid. Duplicated.` },
    });
  });

  it('must be signed for the right exchange and version, by the key of the API key', async () => {
    const { client } = await tradingWorld();
    expect((await client.post({ exchange: V2_NEG_RISK })).body.error).toBe('invalid signature');
    expect((await client.post({ exchange: V3, version: '3' })).body.error).toBe('order_version_mismatch');
    const other = client.wallet.address.replace(/.$/, (last) => (last === '0' ? '1' : '0')).toLowerCase();
    expect((await client.post({ signer: other })).body.error).toBe(textOf('signer mismatch'));
    expect((await client.post({ maker: other })).body.error).toBe(textOf('new account'));
    const order = await client.order();
    expect(client.call('POST', '/order', { ...order, owner: 'somebody' }).body.error).toBe(textOf('owner field'));
    expect(client.call('POST', '/order', { ...order, order: undefined }).body.error).toBe(textOf('malformed'));
  });

  it('is tied to the book of its market: unready, closed-only and unknown are told apart', async () => {
    const { sim, client } = await tradingWorld();
    sim.control.lifecycle.setAccepting(CONDITION, false);
    expect((await client.post()).body.error).toBe(textOf('market not open'));
    sim.control.lifecycle.setAccepting(CONDITION, true);
    sim.control.setAccount(client.wallet.address, { closedOnly: true });
    expect((await client.post()).body.error).toBe(`'${client.wallet.address}' address in closed only mode`);
    expect(client.call('GET', '/auth/ban-status/closed-only').body).toEqual({ closed_only: true });
    expect((await client.post({ tokenId: '12345' })).body.error).toBe('the orderbook 12345 does not exist');
  });

  it('stands in a batch of at most fifteen, where a refusal says success and has no id', async () => {
    const { client } = await tradingWorld();
    const good = await client.order({ price: 0.3 });
    const poor = await client.order({ price: 0.3, size: 100_000 });
    const batch = client.call('POST', '/orders', [good, poor]);
    expect(batch.status).toBe(200);
    expect(batch.body).toMatchObject([
      { success: true, errorMsg: '', status: 'live' },
      { success: true, orderID: '', status: '', errorMsg: expect.stringContaining('not enough balance / allowance') },
    ]);
    const many = Array.from({ length: 20 }, () => good);
    expect(client.call('POST', '/orders', many)).toMatchObject({
      status: 400,
      body: { error: textOf('batch too big') },
    });
  });

  it('cannot come from a wallet that must use the deposit flow', async () => {
    const { sim, client } = await tradingWorld();
    sim.control.setAccount(client.wallet.address, { depositWalletOnly: true });
    expect((await client.post()).body.error).toBe(textOf('new account'));
  });
});

describe('a request to the simulated Polymarket', () => {
  it('needs a fresh signature over time, method, path and body', async () => {
    const { sim, client, clock } = await tradingWorld();
    const call = client.signed('GET', '/data/orders?next_cursor=MA==');
    expect(reply(sim.clob, call).status).toBe(200);
    const forged = { ...call, headers: { ...call.headers, poly_signature: `${'A'.repeat(43)}=` } };
    expect(reply(sim.clob, forged)).toMatchObject({ status: 401, body: JSON.stringify({ error: textOf('bad L2') }) });
    expect(reply(sim.clob, { ...call, target: '/data/trades' }).status).toBe(401);
    clock.advanceBy(61_000);
    expect(reply(sim.clob, call).status).toBe(401);
  });

  it('makes a key only for whoever signed the attestation', async () => {
    const given = world();
    const [one, two] = [new Client(given), new Client(given)];
    const stolen = { ...(await one.l1()), poly_address: two.wallet.address };
    expect(reply(given.sim.clob, { method: 'POST', target: '/auth/api-key', headers: stolen })).toMatchObject({
      status: 401,
      body: JSON.stringify({ error: textOf('bad L1') }),
    });
  });

  it('to an unknown path is a 404 with an error, and to an unknown socket refused', async () => {
    const { sim } = await tradingWorld();
    expect(get(sim.clob, '/nowhere')).toMatchObject({ status: 404, body: { error: expect.any(String) } });
    expect(get(sim.clob, '/book?token_id=1')).toMatchObject({ status: 404, body: { error: textOf('GET /book') } });
    expect(sim.clob.onUpgrade({ method: 'GET', target: '/ws/nowhere', headers: {}, body: '', remote: '' }).kind).toBe(
      'refuse',
    );
  });
});
