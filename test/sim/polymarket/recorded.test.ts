/**
 * Sessions of the official clients, request by request. The order bodies keep their recorded signatures, which the
 * simulator recovers for real; request signatures are made anew with the recorded credentials.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Wallet } from 'ethers';
import { describe, expect, it } from 'vitest';
import type { MarketSpec } from '../../../src/sim/polymarket/model.ts';
import { Client, listed, quoted, reply, type Told, type World, world, YES } from './kit.ts';

const FOLDER = new URL('../../fixtures/polymarket-samples/recorded/', import.meta.url);
const TEST_KEY = `0x${'11'.repeat(32)}`;
const DEPOSIT_WALLET = `0x${'22'.repeat(20)}`;

interface Recorded {
  readonly n: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: readonly string[];
  readonly body: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: recorded text of another program
const session = (name: string): { result: any; error: unknown; requests: Recorded[] } =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

class RecordedClient extends Client {
  override readonly wallet = new Wallet(TEST_KEY) as unknown as Client['wallet'];
}

async function stage({
  hasKey = true,
  spec = {},
  quotes = true,
  clobVersion = 2,
}: {
  hasKey?: boolean;
  spec?: Partial<MarketSpec>;
  quotes?: boolean;
  clobVersion?: number;
} = {}): Promise<World & { client: RecordedClient }> {
  const given = world({ clobVersion });
  listed(given, spec);
  if (quotes) quoted(given);
  const client = new RecordedClient(given);
  const { control } = given.sim;
  control.chain.deposit(client.wallet.address, 1_000_000_000);
  control.chain.deposit(DEPOSIT_WALLET, 1_000_000_000);
  control.chain.grant(client.wallet.address, { tokenId: YES, sharesE6: 100_000_000 });
  client.credentials = {
    apiKey: '11111111-2222-3333-4444-555555555555',
    secret: `${'A'.repeat(43)}=`,
    passphrase: 'pp',
  };
  const { apiKey: key, secret, passphrase } = client.credentials;
  if (hasKey) control.installKey({ key, secret, passphrase, address: client.wallet.address, nonce: '0' });
  return { ...given, client };
}

/** Recorded order ids and trade ids were the stub's: the first call that made one says what it is here. */
function play(
  given: World & { client: RecordedClient },
  name: string,
  ids: Readonly<Record<string, string>> = {},
): Promise<Told[]> {
  return session(name).requests.reduce(
    async (before, request) => {
      const replies = await before;
      const made = replies.find(({ body }) => Array.isArray(body?.tradeIDs))?.body.tradeIDs[0];
      const known = { ...ids, ...(made === undefined ? {} : { 't-1': made }) };
      const local = (text: string): string =>
        Object.entries(known).reduce((out, [from, to]) => out.replaceAll(from, to), text);
      const query = new URLSearchParams(request.query).toString();
      const target = local(`${request.path}${query === '' ? '' : `?${query}`}`);
      const body = request.body === null ? '' : local(JSON.stringify(request.body));
      const call = { method: request.method, target, body };
      const isLevel1 = request.headers.includes('poly_nonce');
      const isLevel2 = request.headers.includes('poly_api_key');
      const headers = isLevel1 ? await given.client.l1() : isLevel2 ? given.client.l2(call) : {};
      const { status, body: text, headers: got } = reply(given.sim.clob, { ...call, headers });
      return [...replies, { status, body: JSON.parse(text), headers: got }];
    },
    Promise.resolve([] as Told[]),
  );
}

/** Names and types, not values; of lists the first item. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, inner]) => [key, shape(inner)]),
  );
}

const lastOf = (replies: readonly Told[]): Told => replies.at(-1) as Told;
const statuses = (replies: readonly Told[]): number[] => replies.map(({ status }) => status);

describe('recorded sessions of the official client against the simulated venue', () => {
  it.each([
    ['v2-gtc_limit_createAndPostOrder_cold', {}],
    ['v2-version3_limit', { spec: { version: 'v2' }, clobVersion: 3 }],
  ] as const)('answers %s as the recording expects', async (name, how) => {
    const given = await stage({ ...how, quotes: false });
    const replies = await play(given, name);
    expect(new Set(statuses(replies))).toEqual(new Set([200]));
    expect(shape(lastOf(replies).body)).toEqual(shape(session(name).result));
    expect(lastOf(replies).body.status).toBe('live');
  });

  it('takes the post-only sale of the preset session for the exchange that it was signed for', async () => {
    const name = 'v2-gtc_limit_options_preset';
    const given = await stage({ quotes: false, spec: { negRisk: true } });
    const replies = await play(given, name);
    const otherwise = await play(await stage({ quotes: false, spec: { negRisk: false } }), name);
    const taken = [replies, otherwise].filter((list) => lastOf(list).status === 200);
    expect(taken).toHaveLength(1);
    expect(shape(lastOf(taken[0] ?? []).body)).toEqual(shape(session(name).result));
  });

  it.each([
    ['v2-fok_market_createAndPostMarketOrder', 4],
    ['v2-fok_limit_priced_no_market_lookup', 1],
  ])('matches %s, and tells trade ids without hashes', async (name, at) => {
    const replies = await play(await stage(), name);
    expect(new Set(statuses(replies))).toEqual(new Set([200]));
    const { transactionsHashes: _polled, ...result } = session(name).result;
    expect(shape(replies[at]?.body)).toEqual(shape(result));
  });

  it('shows the polling client its trade', async () => {
    const replies = await play(await stage(), 'v2-fok_market_createAndPostMarketOrder');
    expect(lastOf(replies).body).toMatchObject({
      count: 1,
      next_cursor: 'LTE=',
      data: [{ status: 'MATCHED', transaction_hash: '' }],
    });
  });

  it('answers an order of version 2 in a market of version 3 with exactly the text that makes the client look again', async () => {
    const replies = await play(await stage({ spec: { version: 'v2' } }), 'v2-order_version_mismatch_retry');
    expect(replies[3]).toMatchObject({ status: 400, body: { error: 'order_version_mismatch' } });
  });

  it('takes both orders of the batch', async () => {
    const name = 'v2-batch_postOrders';
    const replies = await play(await stage({ quotes: false }), name);
    expect(lastOf(replies).status).toBe(200);
    expect(lastOf(replies).body.map(shape)).toEqual(session(name).result.map(shape));
  });

  it.each([
    ['v2-gnosis_safe_gtd', 2, false],
    ['v2-poly1271_limit', 3, true],
  ])('recovers the signer behind the wallet of %s', async (name, signatureType, negRisk) => {
    const given = await stage({ quotes: false, spec: { negRisk } });
    given.sim.control.linkWallet({ wallet: DEPOSIT_WALLET, address: given.client.wallet.address, signatureType });
    const replies = await play(given, name);
    expect(lastOf(replies)).toMatchObject({ status: 200, body: { status: 'live', errorMsg: '' } });
  });

  it('makes the first key, refuses the second, and derives the first again', async () => {
    const given = await stage({ hasKey: false });
    const made = await play(given, 'v2-createOrDeriveApiKey_create_ok');
    expect(statuses(made)).toEqual([200]);
    const { apiKey: key, ...rest } = made[0]?.body ?? {};
    expect(shape({ key, ...rest })).toEqual(shape(session('v2-createOrDeriveApiKey_create_ok').result));
    const again = await play(given, 'v2-createOrDeriveApiKey_create_400_then_derive');
    expect(again).toMatchObject([
      { status: 400, body: { error: 'Could not create api key' } },
      { status: 200, body: made[0]?.body },
    ]);
    const thrown = session('v2-createOrDeriveApiKey_create_400_throwOnError');
    expect((await play(given, 'v2-createOrDeriveApiKey_create_400_throwOnError'))[0]?.body.error).toBe(thrown.error);
  });

  it.each([
    'v2-cancelOrder',
    'v2-cancelOrders',
    'v2-cancelMarketOrders',
    'v2-cancelAll',
    'v2-useServerTime_cancelAll',
    'v1-cancel',
  ])('cancels in %s', async (name) => {
    const given = await stage({ quotes: false });
    const placed = await given.client.post({ price: 0.3 });
    const replies = await play(given, name, { '0xabc0': placed.body.orderID });
    expect(new Set(statuses(replies))).toEqual(new Set([200]));
    expect(lastOf(replies).body.canceled).toEqual([placed.body.orderID]);
  });

  it.each([
    ['v2-getOrder', (body: Told['body']) => body.id],
    ['v2-getOpenOrders', (body: Told['body']) => body.data[0].id],
  ])('finds the open order in %s', async (name, find) => {
    const given = await stage({ quotes: false });
    const placed = await given.client.post({ price: 0.3 });
    const replies = await play(given, name, { '0xabc0': placed.body.orderID });
    expect(find(lastOf(replies).body)).toBe(placed.body.orderID);
  });

  it('lists own trades in v2-getTrades', async () => {
    const given = await stage();
    await given.client.post({ price: 0.51, type: 'FOK' });
    const replies = await play(given, 'v2-getTrades');
    expect(Object.keys(lastOf(replies).body.data[0])).toEqual(
      expect.arrayContaining(Object.keys(session('v2-getTrades').result[0])),
    );
  });

  it.each([
    'v2-getBalanceAllowance_collateral',
    'v2-updateBalanceAllowance_conditional',
    'v2-postHeartbeat',
    'v1-heartbeat',
  ])('answers %s', async (name) => {
    const replies = await play(await stage(), name);
    expect(statuses(replies)).toEqual([200]);
    expect(Object.keys(lastOf(replies).body).sort()).toEqual(Object.keys(session(name).result).sort());
  });

  it.each(['v1-gtc', 'v1-fok'])('refuses the order of the dead client in %s although its reads work', async (name) => {
    const replies = await play(await stage(), name);
    expect(new Set(statuses(replies.slice(0, -1)))).toEqual(new Set([200]));
    expect(lastOf(replies)).toMatchObject({
      status: 400,
      body: { error: 'invalid order version, please use the latest clob-client' },
    });
  });

  it('gives the dead client a key all the same', async () => {
    expect(statuses(await play(await stage({ hasKey: false }), 'v1-createOrDeriveApiKey'))).toEqual([200]);
  });

  it('leaves out no recorded session', () => {
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const names = readdirSync(FOLDER)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.replace('.json', ''));
    expect(names.filter((name) => !source.includes(name))).toEqual([]);
  });
});
