/** Money, positions, fills and settlements through the SDK, with amounts computed by hand from the fee page. */
import assert from 'node:assert/strict';
import { priceE4, USD } from '../../../src/domain/units.ts';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { Desk, EVENT, OTHER, refused, TICKER } from './desk.ts';
import { declared } from './market-data.ts';

const venue: Venue = 'kalshi';
const group = 'SDK portfolio';
const IOC = 'immediate_or_cancel';

async function money(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    await declared(checks, 'a balance', { model: 'GetBalanceResponse', body: () => alice.portfolio.getBalance() });
    const dollars = async () => Number((await alice.portfolio.getBalance()).data.balance_dollars);
    await checks.claim('starts with what was paid in', async () => assert.equal(await dollars(), 1_000));
    // Three YES at 52 cents: 1.56, and 0.07 x 3 x 0.52 x 0.48 = 0.052416, up to 0.0525.
    await alice.place({ price: '0.5200', count: '3.00', time_in_force: IOC });
    await checks.claim('a fill costs price times count and the fee rounded up to $0.0001', async () =>
      assert.equal(await dollars(), 998.3875),
    );
    await checks.claim('whole cents are cut, not rounded', async () =>
      assert.equal((await alice.portfolio.getBalance()).data.balance, 99_838),
    );
    await declared(checks, 'the list of positions', {
      model: 'GetPositionsResponse',
      body: () => alice.portfolio.getPositions(),
    });
    const position = async () =>
      (await alice.portfolio.getPositions(undefined, undefined, undefined, TICKER)).data.market_positions[0];
    await checks.claim('YES counts above zero', async () => assert.equal((await position())?.position_fp, '3.00'));
    await alice.place({ side: 'ask', price: '0.4700', count: '2.00', time_in_force: IOC });
    await checks.claim('buying NO while long YES closes the YES', async () =>
      assert.equal((await position())?.position_fp, '1.00'),
    );
    await checks.claim('a closed part becomes realized profit or loss', async () =>
      assert.equal(Number((await position())?.realized_pnl_dollars), -0.1),
    );
    desk.offer('bid', 46, 9);
    await alice.place({ side: 'ask', price: '0.4600', count: '4.00', time_in_force: IOC });
    await checks.claim('crossing zero opens the other side', async () =>
      assert.equal((await position())?.position_fp, '-3.00'),
    );
    await checks.claim('flat rows are dropped on request', async () => {
      desk.offer('bid', 50, 1, OTHER);
      desk.offer('ask', 51, 1, OTHER);
      await desk.bob.place({ ticker: OTHER, price: '0.5100', count: '1.00', time_in_force: IOC });
      await desk.bob.place({ ticker: OTHER, side: 'ask', price: '0.5000', count: '1.00', time_in_force: IOC });
      const count = async (filter?: string) =>
        (await desk.bob.portfolio.getPositions(undefined, undefined, filter)).data.market_positions.length;
      assert.deepEqual([await count(), await count('position')], [1, 0]);
    });
    await checks.claim('the value of resting orders is price times count', async () => {
      await desk.bob.place({ price: '0.1000', count: '20.00' });
      assert.equal((await desk.bob.portfolio.getPortfolioRestingOrderTotalValue()).data.total_resting_order_value, 200);
    });
    await declared(checks, 'the value of resting orders', {
      model: 'GetPortfolioRestingOrderTotalValueResponse',
      body: () => desk.bob.portfolio.getPortfolioRestingOrderTotalValue(),
    });
  });
}

async function fills(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice, bob } = desk;
    const { data: maker } = await bob.place({ side: 'ask', price: '0.5000', count: '4.00' });
    const { data: taker } = await alice.place({ price: '0.5100', count: '4.00', time_in_force: IOC });
    const of = async (trader: typeof alice) => (await trader.portfolio.getFills(TICKER)).data.fills[0];
    await declared(checks, 'the list of fills', { model: 'GetFillsResponse', body: () => alice.portfolio.getFills() });
    await declared(checks, 'the list of maker fills', {
      model: 'GetFillsResponse',
      body: () => bob.portfolio.getFills(),
    });
    const [own, theirs] = [await of(alice), await of(bob)];
    await checks.claim('both parties have the same trade', () => assert.equal(own?.trade_id, theirs?.trade_id));
    await checks.claim('both parties have the same YES price', () =>
      assert.deepEqual([own?.yes_price_dollars, theirs?.yes_price_dollars], ['0.5000', '0.5000']),
    );
    await checks.claim('the taker is told apart', () =>
      assert.deepEqual([own?.is_taker, theirs?.is_taker], [true, false]),
    );
    await checks.claim('sides are opposite', () =>
      assert.deepEqual(
        [own?.book_side, own?.outcome_side, theirs?.book_side, theirs?.outcome_side],
        ['bid', 'yes', 'ask', 'no'],
      ),
    );
    await checks.claim('the taker fee is 7% of the variance, exact to the millionth', () =>
      assert.equal(own?.fee_cost, '0.070000'),
    );
    await checks.claim('the maker pays nothing', () => assert.equal(theirs?.fee_cost, '0.000000'));
    await checks.claim('fills are found by order', async () => {
      const count = async (order: string) => (await alice.portfolio.getFills(undefined, order)).data.fills.length;
      assert.deepEqual([await count(taker.order_id), await count(maker.order_id)], [1, 0]);
    });
    await checks.claim('fills are found by time', async () => {
      const later = Math.floor(desk.time.nowMs / 1_000) + 60;
      assert.equal((await alice.portfolio.getFills(undefined, undefined, later)).data.fills.length, 0);
    });
    await checks.claim('an order of NO costs the complement', async () => {
      await alice.place({ side: 'ask', price: '0.4700', count: '3.00', time_in_force: IOC });
      await bob.place({ side: 'ask', ticker: OTHER, price: '0.3300', count: '1.00' });
      desk.offer('bid', 33, 1, OTHER);
      const { order } = (await bob.orders.getOrders(OTHER)).data.orders.map((each) => ({ order: each }))[0] ?? {};
      assert.deepEqual([order?.no_price_dollars, order?.maker_fill_cost_dollars], ['0.6700', '0.670000']);
    });
    await checks.claim('makers pay a quarter where the series says so', async () => {
      desk.sim.addSeries({ ticker: 'KXCPI', feeType: 'quadratic_with_maker_fees' });
      desk.sim.addEvent({ eventTicker: 'KXCPI-1', seriesTicker: 'KXCPI' });
      desk.list('KXCPI-1-A', 'KXCPI-1');
      await bob.place({ ticker: 'KXCPI-1-A', price: '0.5000', count: '4.00' });
      desk.offer('ask', 50, 4, 'KXCPI-1-A');
      assert.equal((await bob.portfolio.getFills('KXCPI-1-A')).data.fills[0]?.fee_cost, '0.017500');
    });
    await checks.claim('the fee is halved where the series says so', async () => {
      desk.sim.addSeries({ ticker: 'KXINX', feeMultiplier: 0.5 });
      desk.sim.addEvent({ eventTicker: 'KXINX-1', seriesTicker: 'KXINX' });
      desk.list('KXINX-1-A', 'KXINX-1');
      desk.offer('ask', 50, 4, 'KXINX-1-A');
      await alice.place({ ticker: 'KXINX-1-A', price: '0.5000', count: '4.00', time_in_force: IOC });
      assert.equal((await alice.portfolio.getFills('KXINX-1-A')).data.fills[0]?.fee_cost, '0.035000');
    });
    await checks.claim('many fills are walked page by page', async () => {
      const all = (await alice.portfolio.getFills()).data.fills.length;
      const seen: string[] = [];
      for (let cursor: string | undefined; cursor !== ''; ) {
        const { data }: { data: { fills: { fill_id: string }[]; cursor: string } } = await alice.portfolio.getFills(
          undefined,
          undefined,
          undefined,
          undefined,
          1,
          cursor,
        );
        seen.push(...data.fills.map(({ fill_id: id }) => id));
        cursor = data.cursor;
      }
      assert.deepEqual([seen.length, new Set(seen).size], [all, all]);
    });
  });
}

async function settlements(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    await alice.place({ price: '0.5200', count: '3.00', time_in_force: IOC });
    desk.offer('ask', 50, 7, OTHER);
    await alice.place({ ticker: OTHER, price: '0.5000', count: '7.00', time_in_force: IOC });
    const before = desk.sim.balance('alice');
    desk.sim.lifecycle.determine(TICKER, { result: 'yes' });
    await checks.claim('a result is not money', () => assert.equal(desk.sim.balance('alice'), before));
    desk.sim.lifecycle.settle(TICKER);
    await checks.claim('YES is paid a dollar each', () => assert.equal(desk.sim.balance('alice') - before, 3 * USD));
    await declared(checks, 'the list of settlements', {
      model: 'GetSettlementsResponse',
      body: () => alice.portfolio.getSettlements(),
    });
    await checks.claim('a row tells counts, result and revenue in cents', async () => {
      const [row] = (await alice.portfolio.getSettlements()).data.settlements;
      assert.deepEqual(
        [row?.ticker, row?.event_ticker, row?.market_result, row?.yes_count_fp, row?.revenue],
        [TICKER, EVENT, 'yes', '3.00', 300],
      );
    });
    await checks.claim('the position is gone', async () => {
      const { data } = await alice.portfolio.getPositions(undefined, undefined, 'position', TICKER);
      assert.deepEqual(data.market_positions, []);
    });
    await checks.claim('a scalar result pays its fair price', async () => {
      const was = desk.sim.balance('alice');
      desk.sim.lifecycle.determine(OTHER, { result: 'scalar', valueE4: priceE4(5_300) });
      desk.sim.lifecycle.settle(OTHER);
      assert.equal(desk.sim.balance('alice') - was, 3_710_000);
    });
    await checks.claim('settlements are found by market', async () => {
      assert.deepEqual(
        (await alice.portfolio.getSettlements(10, undefined, OTHER)).data.settlements.map(
          ({ market_result: result }) => result,
        ),
        ['scalar'],
      );
    });
    await checks.claim('nobody else has them', async () =>
      assert.deepEqual((await desk.bob.portfolio.getSettlements()).data.settlements, []),
    );
  });
}

async function account(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const basic = desk.join('basic', {}, 'rsa', { isLimited: true });
    await declared(checks, 'the limits of an account', {
      model: 'GetAccountApiLimitsResponse',
      body: () => alice.account.getAccountApiLimits(),
    });
    await declared(checks, 'the costs of endpoints', {
      model: 'GetAccountEndpointCostsResponse',
      body: () => alice.account.getAccountEndpointCosts(),
    });
    await declared(checks, 'the list of keys', { model: 'GetApiKeysResponse', body: () => alice.keys.getApiKeys() });
    await declared(checks, 'collateral return', {
      model: 'GetSubaccountNettingResponse',
      body: () => alice.portfolio.getSubaccountNetting(),
    });
    await checks.claim('collateral return is off until it is switched on', async () => {
      const enabled = async () => (await alice.portfolio.getSubaccountNetting()).data.netting_configs[0]?.enabled;
      const before = await enabled();
      await alice.portfolio.updateSubaccountNetting({ subaccount_number: 0, enabled: true });
      assert.deepEqual([before, await enabled()], [false, true]);
    });
    await checks.claim('money moves between shards in hundredths of a cent', async () => {
      const body = {
        source: 'event_contract',
        destination: 'event_contract',
        amount: 1_000_000,
        source_exchange_shard: 0,
        destination_exchange_shard: 2,
      } as const;
      const { status, data } = await alice.portfolio.intraExchangeInstanceTransfer(body);
      assert.deepEqual([status, typeof data.transfer_id], [200, 'string']);
      const { balance_breakdown: rows } = (await alice.portfolio.getBalance()).data;
      assert.deepEqual(
        rows?.map(({ exchange_index: shard, balance }) => [shard, Number(balance)]),
        [
          [0, 900],
          [2, 100],
        ],
      );
    });
    await checks.claim('limits of the basic tier are as documented', async () => {
      const { data } = await basic.account.getAccountApiLimits();
      assert.deepEqual([data.usage_tier, data.read.refill_rate, data.write.refill_rate], ['basic', 200, 100]);
    });
    await checks.claim('the second tier is for the asking after an order', async () => {
      await basic.place({ price: '0.0100' });
      await basic.account.upgradeAccountApiUsageLevel();
      assert.equal((await basic.account.getAccountApiLimits()).data.usage_tier, 'advanced');
    });
    await checks.claim('a key may read and not trade', async () => {
      const reader = desk.join('reader', { keys: [] });
      desk.sim.addAccount({
        id: 'reader-2',
        keys: [{ keyId: reader.key.keyId, publicKeyPem: reader.key.publicKeyPem, scopes: ['read'] }],
      });
      assert.equal((await reader.portfolio.getBalance()).status, 200);
      assert.equal((await refused(reader.place())).status, 403);
    });
    await checks.claim('a key without a valid location cannot trade sports', async () => {
      desk.sim.setRegionExpiration(desk.bob.key.keyId, Math.floor(desk.time.nowMs / 1_000) - 1);
      assert.equal((await refused(desk.bob.place())).status, 403);
    });
  });
}

async function limits(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const small = desk.join('small', {
      limits: { read: { bucketCapacity: 40, refillRate: 20 }, write: { bucketCapacity: 30, refillRate: 10 } },
    });
    const ids: string[] = [];
    await checks.claim('an order costs ten tokens', async () => {
      for (let at = 0; at < 3; at++) ids.push((await small.place({ price: '0.0100' })).data.order_id);
      const { status, body } = await refused(small.place({ price: '0.0100' }));
      assert.deepEqual([status, body], [429, { error: 'too many requests' }]);
    });
    await checks.claim('a refusal has no Retry-After', async () => {
      const { headers } = await refused(small.place({ price: '0.0100' }));
      assert.equal(Object.keys(headers).includes('retry-after'), false);
    });
    await checks.claim('reads have a bucket of their own', async () =>
      assert.equal((await small.portfolio.getBalance()).status, 200),
    );
    await checks.claim('tokens come back with time', async () => {
      desk.time.jump(200);
      assert.equal((await small.orders.cancelOrderV2(ids[0] ?? '')).status, 200);
    });
    await checks.claim('a cancel costs two', async () => {
      desk.time.jump(3_000);
      await small.place({ price: '0.0100' });
      await small.place({ price: '0.0200' });
      for (const id of ids.slice(1)) assert.equal((await small.orders.cancelOrderV2(id)).status, 200);
    });
    await checks.claim('a batch must fit whole or is refused whole', async () => {
      desk.time.jump(3_000);
      const row = {
        ticker: TICKER,
        side: 'bid',
        count: '1.00',
        price: '0.0300',
        time_in_force: 'good_till_canceled',
        self_trade_prevention_type: 'taker_at_cross',
      } as const;
      assert.equal((await refused(small.orders.batchCreateOrdersV2({ orders: [row, row, row, row] }))).status, 429);
      assert.equal((await small.orders.batchCreateOrdersV2({ orders: [row, row, row] })).status, 201);
    });
    await checks.claim('public reads need no tokens', async () => {
      for (let at = 0; at < 10; at++) assert.equal((await desk.stranger().market.getMarket(TICKER)).status, 200);
    });
    await checks.claim('cancel-all costs what canceling the own orders would, whatever rests of others', async () => {
      for (let at = 0; at < 40; at++) await desk.bob.place({ price: '0.0100', count: '1.00' });
      desk.time.jump(3_000);
      assert.equal((await small.orders.cancelAllOrders()).status, 204);
    });
  });
}

export const PORTFOLIO: readonly Scenario[] = [
  { venue, group, title: 'money', run: money },
  { venue, group, title: 'fills', run: fills },
  { venue, group, title: 'settlements', run: settlements },
  { venue, group, title: 'an account', run: account },
  { venue, group: 'SDK rate limits', title: 'limits', run: limits },
];
