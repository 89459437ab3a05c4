/** Keys, market data, account reads and upkeep through the official client. */
import assert from 'node:assert/strict';
import { AssetType, Chain, ClobClient, OrderType, Side } from '@polymarket/clob-client';
import { Wallet } from 'ethers';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { CONDITION, Desk, NO, signerOf, YES } from './desk.ts';

const venue: Venue = 'polymarket';

async function keys(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const wallet = Wallet.createRandom();
    const options = { host: desk.served.httpOrigin, chain: Chain.POLYGON, signer: signerOf(wallet) };
    const client = new ClobClient(options);
    const made = await client.createOrDeriveApiKey();
    await checks.claim('createOrDerive makes a key for a new wallet', () =>
      assert.deepEqual([typeof made.key, typeof made.secret, typeof made.passphrase], ['string', 'string', 'string']),
    );
    await checks.claim('createOrDerive derives the same key for a known wallet', async () =>
      assert.deepEqual(await client.createOrDeriveApiKey(), made),
    );
    await checks.claim('derive gives the same key', async () => assert.deepEqual(await client.deriveApiKey(), made));
    await checks.claim('another nonce gives another key', async () =>
      assert.notEqual((await client.createApiKey(7)).key, made.key),
    );
    await checks.claim('create of a known key is a value with the text and status 400', async () => {
      const answer: unknown = await client.createApiKey();
      assert.deepEqual(answer, { key: undefined, secret: undefined, passphrase: undefined });
      assert.deepEqual(desk.sim.control.requests().length > 0, true);
    });
    await checks.claim('with throwOnError createOrDerive never derives, the documented trap', async () => {
      await assert.rejects(
        new ClobClient({ ...options, throwOnError: true }).createOrDeriveApiKey(),
        /Could not create api key/,
      );
    });
    await checks.claim('derive of a wallet without a key is refused', async () => {
      const stranger = new ClobClient({ ...options, signer: signerOf(Wallet.createRandom()), throwOnError: true });
      await assert.rejects(stranger.deriveApiKey());
    });
    const known = new ClobClient({ ...options, creds: made });
    await checks.claim('keys of the wallet are listed', async () =>
      assert.equal((await known.getApiKeys()).apiKeys.length, 2),
    );
    await checks.claim('the closed-only flag is readable', async () =>
      assert.deepEqual(await known.getClosedOnlyMode(), { closed_only: false }),
    );
    await checks.claim('a wrong secret is 401', async () => {
      const wrong = new ClobClient({
        ...options,
        creds: { ...made, secret: Buffer.alloc(32, 1).toString('base64url') },
        throwOnError: true,
      });
      await assert.rejects(wrong.getOpenOrders(), /Unauthorized\/Invalid api key/);
    });
    await checks.claim('a wrong passphrase is 401', async () => {
      await assert.rejects(
        new ClobClient({ ...options, creds: { ...made, passphrase: 'no' }, throwOnError: true }).getOpenOrders(),
        /Unauthorized/,
      );
    });
    await checks.claim('a signature for another wallet is 401', async () => {
      const { status } = await desk.ask('POST', '/auth/api-key', {
        headers: {
          POLY_ADDRESS: Wallet.createRandom().address,
          POLY_SIGNATURE: `0x${'00'.repeat(65)}`,
          POLY_TIMESTAMP: String(Math.floor(desk.time.nowMs / 1_000)),
          POLY_NONCE: '0',
        },
      });
      assert.equal(status, 401);
    });
    await checks.claim('useServerTime signs with the venue time', async () => {
      desk.sim.control.setClockOffset(600_000);
      const lost = await known.getOpenOrders().then(
        (list) => Array.isArray(list),
        () => false,
      );
      const synced = await new ClobClient({ ...options, creds: made, useServerTime: true }).getOpenOrders();
      desk.sim.control.setClockOffset(0);
      assert.deepEqual([lost, synced], [false, []]);
    });
    await checks.claim('a deleted key is refused', async () => {
      await known.deleteApiKey();
      await assert.rejects(
        new ClobClient({ ...options, creds: made, throwOnError: true }).getOpenOrders(),
        /Unauthorized/,
      );
    });
  });
}

async function marketData(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { client } = await desk.member();
    await checks.claim('ok is OK', async () => assert.equal(await client.getOk(), 'OK'));
    await checks.claim('the version is 2', async () => assert.equal(await client.getVersion(), 2));
    await checks.claim('the time is in seconds', async () =>
      assert.equal(String(await client.getServerTime()).length, 10),
    );
    await checks.claim('the tick size is what the market says', async () =>
      assert.equal(await client.getTickSize(YES), '0.01'),
    );
    await checks.claim('negative risk is told', async () => assert.equal(await client.getNegRisk(YES), false));
    await checks.claim('the fee rate is a cap in basis points', async () =>
      assert.equal(typeof (await client.getFeeRateBps(YES)), 'number'),
    );
    const info = await client.getClobMarketInfo(CONDITION);
    await checks.claim('market info names both tokens, tick and smallest size', () =>
      assert.deepEqual([info.t.map(({ t }) => t), info.mts], [[YES, NO], 0.01]),
    );
    await checks.claim('market info names rate, exponent and taker-only', () =>
      assert.deepEqual(Object.keys(info.fd ?? {}).sort(), ['e', 'r', 'to']),
    );
    const book = await client.getOrderBook(YES);
    await checks.claim('bids come ascending, best last', () =>
      assert.deepEqual(
        book.bids.map(({ price }) => Number(price)),
        [0.48, 0.49],
      ),
    );
    await checks.claim('asks come descending, best last', () =>
      assert.deepEqual(
        book.asks.map(({ price }) => Number(price)),
        [0.52, 0.51],
      ),
    );
    await checks.claim('the book names market, asset, tick, smallest size and time in milliseconds', () =>
      assert.deepEqual(
        [book.market, book.asset_id, book.tick_size, book.min_order_size, book.timestamp.length],
        [CONDITION, YES, '0.01', '5', 13],
      ),
    );
    await checks.claim('the client computes the hash that the book carries', async () => {
      const carried = book.hash;
      assert.equal(await client.getOrderBookHash({ ...book }), carried);
    });
    await checks.claim('the other token shows the mirror image', async () => {
      const mirror = await client.getOrderBook(NO);
      assert.deepEqual(
        [mirror.bids.map(({ price }) => Number(price)), mirror.asks.map(({ price }) => Number(price))],
        [
          [0.48, 0.49],
          [0.52, 0.51],
        ],
      );
    });
    await checks.claim('books come together', async () =>
      assert.deepEqual(
        (
          await client.getOrderBooks([
            { token_id: YES, side: Side.BUY },
            { token_id: NO, side: Side.BUY },
          ])
        ).map(({ asset_id: id }) => id),
        [YES, NO],
      ),
    );
    await checks.claim('the price to BUY is the best bid, as documented', async () =>
      assert.equal(Number((await client.getPrice(YES, 'BUY')).price), 0.49),
    );
    await checks.claim('the price to SELL is the best ask', async () =>
      assert.equal(Number((await client.getPrice(YES, 'SELL')).price), 0.51),
    );
    await checks.claim('prices come together', async () =>
      assert.equal(Number((await client.getPrices([{ token_id: YES, side: Side.BUY }]))[YES].BUY), 0.49),
    );
    await checks.claim('the midpoint lies between', async () =>
      assert.equal(Number((await client.getMidpoint(YES)).mid), 0.5),
    );
    await checks.claim('midpoints come together', async () =>
      assert.equal(Number((await client.getMidpoints([{ token_id: YES, side: Side.BUY }]))[YES]), 0.5),
    );
    await checks.claim('the spread is ask less bid', async () =>
      assert.equal(Number((await client.getSpread(YES)).spread), 0.02),
    );
    await checks.claim('spreads come together', async () =>
      assert.equal(Number((await client.getSpreads([{ token_id: YES, side: Side.BUY }]))[YES]), 0.02),
    );
    await checks.claim('the last price is told with its side', async () =>
      assert.deepEqual(Object.keys(await client.getLastTradePrice(YES)).sort(), ['price', 'side']),
    );
    await checks.claim('last prices come together', async () =>
      assert.equal(Array.isArray(await client.getLastTradesPrices([{ token_id: YES, side: Side.BUY }])), true),
    );
    await checks.claim('a market is found by its condition', async () =>
      assert.equal((await client.getMarket(CONDITION)).condition_id, CONDITION),
    );
    for (const [name, page] of [
      ['markets', () => client.getMarkets()],
      ['sampling markets', () => client.getSamplingMarkets()],
      ['simplified markets', () => client.getSimplifiedMarkets()],
      ['simplified sampling markets', () => client.getSamplingSimplifiedMarkets()],
    ] as const)
      await checks.claim(`the page of ${name} ends with LTE=`, async () => {
        const { next_cursor: next, data, count } = await page();
        assert.deepEqual([next, data.length, count], ['LTE=', 1, 1]);
      });
    await checks.claim('an unknown token has no book: 404', async () => {
      const answer: unknown = await client.getOrderBook('1');
      assert.deepEqual(answer, { error: 'No orderbook exists for the requested token id', status: 404 });
    });
    await checks.claim('the price of a market buy walks the book', async () =>
      assert.equal(await client.calculateMarketPrice(YES, Side.BUY, 60, OrderType.FOK), 0.52),
    );
    await checks.claim('a market that is too small for an order is told by the client', async () =>
      assert.rejects(client.calculateMarketPrice(YES, Side.BUY, 1_000_000, OrderType.FOK), /no match/),
    );
  });
  await Desk.with(
    async (desk) => {
      const { client } = await desk.member();
      await checks.claim('a neg-risk market says so', async () => assert.equal(await client.getNegRisk(YES), true));
      await checks.claim('a fine tick is told', async () => assert.equal(await client.getTickSize(YES), '0.0025'));
    },
    {},
    { negRisk: true, tickE4: 25 },
  );
}

async function account(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const member = await desk.member({ dollars: 250, shares: 40 });
    const { client } = member;
    const cash = await client.getBalanceAllowance({ asset_type: AssetType.COLLATERAL });
    await checks.claim('the balance is in millionths', () => assert.equal(cash.balance, '250000000'));
    await checks.claim('allowances are told for every exchange', () =>
      assert.ok(Object.keys(cash.allowances).length >= 2),
    );
    await checks.claim('shares have balances of their own', async () =>
      assert.equal(
        (await client.getBalanceAllowance({ asset_type: AssetType.CONDITIONAL, token_id: YES })).balance,
        '40000000',
      ),
    );
    await checks.claim('an update of the balance is taken', async () =>
      assert.doesNotReject(client.updateBalanceAllowance({ asset_type: AssetType.COLLATERAL })),
    );
    await checks.claim('a wallet type that is not linked truthfully has nothing', async () => {
      const other = member.with({ signatureType: 1 });
      assert.equal(Number((await other.getBalanceAllowance({ asset_type: AssetType.COLLATERAL })).balance ?? 0), 0);
    });
    await checks.claim('nothing is open at first', async () => assert.deepEqual(await client.getOpenOrders(), []));
    await checks.claim('nothing was traded at first', async () => assert.deepEqual(await client.getTrades(), []));
    const first = await client.postHeartbeat('');
    await checks.claim('a first heartbeat gets an id', () => assert.equal(typeof first.heartbeat_id, 'string'));
    const second = await client.postHeartbeat(first.heartbeat_id);
    await checks.claim('a heartbeat with the id is taken', () => assert.equal(second.error_msg ?? '', ''));
    await checks.claim('a heartbeat with another id is told the right one', async () => {
      const answer: { error_msg?: string; heartbeat_id?: string } = await client.postHeartbeat('wrong');
      assert.match(JSON.stringify(answer), /Invalid Heartbeat ID/);
    });
    await checks.claim('a missed heartbeat cancels everything', async () => {
      await client.createAndPostOrder({ tokenID: YES, price: 0.3, size: 10, side: Side.BUY });
      const before = (await client.getOpenOrders()).length;
      desk.time.jump(11_000);
      assert.deepEqual([before, (await client.getOpenOrders()).length], [1, 0]);
    });
    await checks.claim('the geoblock says where we are', async () =>
      assert.deepEqual(Object.keys((await desk.ask('GET', '/site/api/geoblock')).body).sort(), [
        'blocked',
        'country',
        'ip',
        'region',
      ]),
    );
  });
}

export const CLIENT: readonly Scenario[] = [
  { venue, group: 'client keys', title: 'a key', run: keys },
  { venue, group: 'client market data', title: 'market data', run: marketData },
  { venue, group: 'client account', title: 'an account', run: account },
];
