/** Every kind of order through the official client, what is refused, and what becomes of a match. */
import assert from 'node:assert/strict';
import { AssetType, OrderType, Side } from '@polymarket/clob-client';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { CONDITION, Desk, errorOf, NO, YES } from './desk.ts';

const venue: Venue = 'polymarket';
const group = 'client orders';
const rest = { tokenID: YES, price: 0.3, size: 10, side: Side.BUY };

async function resting(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { client } = await desk.member({ shares: 50 });
    const live = await client.createAndPostOrder(rest);
    await checks.claim('a limit buy rests as live, without amounts', () =>
      assert.deepEqual(
        [live.success, live.errorMsg, live.status, live.takingAmount, live.makingAmount],
        [true, '', 'live', '', ''],
      ),
    );
    await checks.claim('an order id is a 32-byte hash', () => assert.match(live.orderID, /^0x[0-9a-f]{64}$/));
    const order = await client.getOrder(live.orderID);
    await checks.claim('the order reads back', () =>
      assert.deepEqual(
        [order.id, order.side, order.price, order.original_size, order.size_matched, order.status, order.order_type],
        [live.orderID, 'BUY', '0.3', '10', '0', 'LIVE', 'GTC'],
      ),
    );
    await checks.claim('a limit sell rests', async () =>
      assert.equal((await client.createAndPostOrder({ ...rest, price: 0.7, side: Side.SELL })).status, 'live'),
    );
    await checks.claim('a good-till-date order keeps its stamp', async () => {
      const expiration = Math.floor(desk.time.nowMs / 1_000) + 660;
      const { orderID } = await client.createAndPostOrder({ ...rest, expiration }, {}, OrderType.GTD);
      const read = await client.getOrder(orderID);
      assert.deepEqual([read.order_type, read.expiration], ['GTD', String(expiration)]);
    });
    await checks.claim('a good-till-date order ends about a minute before its stamp', async () => {
      const expiration = Math.floor(desk.time.nowMs / 1_000) + 120;
      const { orderID } = await client.createAndPostOrder({ ...rest, price: 0.29, expiration }, {}, OrderType.GTD);
      desk.time.jump(70_000);
      assert.equal(
        (await client.getOpenOrders()).some(({ id }) => id === orderID),
        false,
      );
    });
    await checks.claim('post-only that rests is taken', async () =>
      assert.equal((await client.createAndPostOrder({ ...rest, price: 0.5 }, {}, OrderType.GTC, true)).status, 'live'),
    );
    await checks.claim('post-only that crosses is refused', async () =>
      assert.match(
        await errorOf(client.createAndPostOrder({ ...rest, price: 0.52 }, {}, OrderType.GTC, true)),
        /post-only/,
      ),
    );
    await checks.claim('open orders are listed', async () => assert.equal((await client.getOpenOrders()).length, 4));
    await checks.claim('open orders are found by market, asset and id', async () => {
      const counts = [
        await client.getOpenOrders({ market: CONDITION }),
        await client.getOpenOrders({ asset_id: NO }),
        await client.getOpenOrders({ id: live.orderID }),
      ];
      assert.deepEqual(
        counts.map(({ length }) => length),
        [4, 0, 1],
      );
    });
    await checks.claim('orders of others are not found', async () => {
      const other = await desk.member();
      const answer: unknown = await other.client.getOrder(live.orderID);
      assert.equal((answer as { status: number }).status, 404);
    });
    await checks.claim('the other token is another order book side', async () => {
      await client.createAndPostOrder({ ...rest, tokenID: NO, price: 0.45 });
      assert.ok((await client.getOrderBook(YES)).asks.some(({ price }) => Number(price) === 0.55));
    });
  });
}

async function taking(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { client } = await desk.member({ shares: 100 });
    const bought = await client.createAndPostMarketOrder(
      { tokenID: YES, amount: 10.2, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
      {},
      OrderType.FOK,
    );
    await checks.claim('FOK buys for dollars', () =>
      assert.deepEqual(
        [bought.success, bought.status, Number(bought.makingAmount), Number(bought.takingAmount)],
        [true, 'matched', 10.2, 20],
      ),
    );
    await checks.claim('a match names its trades', () => assert.equal(bought.tradeIDs?.length, 1));
    await checks.claim('the client finds the hash by polling', () =>
      assert.match(bought.transactionsHashes?.[0] ?? '', /^0x[0-9a-f]{64}$/),
    );
    const sold = await client.createAndPostMarketOrder(
      { tokenID: YES, amount: 20, price: 0.49, side: Side.SELL, orderType: OrderType.FOK },
      {},
      OrderType.FOK,
    );
    await checks.claim('FOK sells shares', () =>
      assert.deepEqual([sold.status, Number(sold.makingAmount), Number(sold.takingAmount)], ['matched', 20, 9.8]),
    );
    await checks.claim('FOK that cannot fill is killed with its text and status 400', async () => {
      const answer: unknown = await client.createAndPostMarketOrder(
        { tokenID: YES, amount: 900, price: 0.52, side: Side.BUY, orderType: OrderType.FOK },
        {},
        OrderType.FOK,
      );
      assert.match(JSON.stringify(answer), /FOK orders are fully filled or killed.*"status":400/);
    });
    await checks.claim('FOK that was killed took nothing', () => assert.equal(desk.sim.control.trades().length, 2));
    const part = await client.createAndPostMarketOrder(
      { tokenID: YES, amount: 40, price: 0.49, side: Side.SELL, orderType: OrderType.FAK },
      {},
      OrderType.FAK,
    );
    await checks.claim('FAK takes what is there', () =>
      assert.deepEqual([part.status, Number(part.makingAmount)], ['matched', 30]),
    );
    await checks.claim('FAK cancels its rest', async () => assert.deepEqual(await client.getOpenOrders(), []));
    await checks.claim('FAK without a match is refused with its text', async () => {
      assert.match(
        await errorOf(
          client.createAndPostMarketOrder(
            { tokenID: YES, amount: 5, price: 0.9, side: Side.SELL, orderType: OrderType.FAK },
            {},
            OrderType.FAK,
          ),
        ),
        /no orders found to match with FAK order/,
      );
    });
    await checks.claim('FAK buys too', async () => {
      const { status } = await client.createAndPostMarketOrder(
        { tokenID: YES, amount: 5.1, price: 0.51, side: Side.BUY, orderType: OrderType.FAK },
        {},
        OrderType.FAK,
      );
      assert.equal(status, 'matched');
    });
    await checks.claim('a limit that crosses takes and rests with the rest', async () => {
      const mixed = await client.createAndPostOrder({ ...rest, price: 0.51, size: 100 });
      assert.deepEqual([mixed.status, Number(mixed.takingAmount)], ['matched', 50]);
      assert.equal((await client.getOpenOrders()).length, 1);
    });
    await checks.claim('trades are listed with what the client declares', async () => {
      const [trade] = await client.getTrades();
      for (const key of [
        'id',
        'taker_order_id',
        'market',
        'asset_id',
        'side',
        'size',
        'fee_rate_bps',
        'price',
        'status',
        'match_time',
        'last_update',
        'outcome',
        'bucket_index',
        'owner',
        'maker_address',
        'maker_orders',
        'trader_side',
      ] as const)
        assert.ok(trade !== undefined && trade[key] !== undefined, key);
    });
    await checks.claim('trades are found by id', async () =>
      assert.deepEqual(
        (await client.getTrades({ id: bought.tradeIDs?.[0] ?? '' })).map(({ id }) => id),
        bought.tradeIDs,
      ),
    );
    await checks.claim('pages of trades have a cursor', async () =>
      assert.equal((await client.getTradesPaginated()).next_cursor, 'LTE='),
    );
    await checks.claim('a market order can be built without a price', async () => {
      desk.quote([[49, 50]], [[51, 80]]);
      const free = await client.createAndPostMarketOrder(
        { tokenID: YES, amount: 5.1, side: Side.BUY, orderType: OrderType.FOK },
        {},
        OrderType.FOK,
      );
      assert.equal(free.status, 'matched');
    });
  });
}

async function settling(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const member = await desk.member();
    const { client } = member;
    const shares = async () =>
      Number((await client.getBalanceAllowance({ asset_type: AssetType.CONDITIONAL, token_id: YES })).balance);
    const dollars = async () =>
      Number((await client.getBalanceAllowance({ asset_type: AssetType.COLLATERAL })).balance);
    const buy = async (): Promise<string> =>
      (
        await client.createAndPostMarketOrder(
          { tokenID: YES, amount: 5.1, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
          {},
          OrderType.FOK,
        )
      ).tradeIDs?.[0] ?? '';
    const statusOf = async (id: string) => (await client.getTrades({ id }))[0]?.status;
    const script = (...steps: readonly (readonly ['MINED' | 'CONFIRMED' | 'RETRYING' | 'FAILED', number])[]) =>
      desk.sim.control.scriptSettlement(steps.map(([status, afterMs]) => ({ status, afterMs })));
    script(['MINED', 1], ['CONFIRMED', 4_000]);
    const good = await buy();
    await checks.claim('a trade is mined first', async () => assert.equal(await statusOf(good), 'MINED'));
    await checks.claim('a trade that is mined has its hash', async () =>
      assert.match((await client.getTrades({ id: good }))[0]?.transaction_hash ?? '', /^0x/),
    );
    desk.time.jump(5_000);
    await checks.claim('a trade is confirmed in the end', async () => assert.equal(await statusOf(good), 'CONFIRMED'));
    await checks.claim('shares arrive', async () => assert.equal(await shares(), 10_000_000));
    await checks.claim('dollars leave, the fee with them', async () => {
      const paid = 1_000_000_000 - (await dollars());
      assert.ok(paid >= 5_100_000 && paid < 5_300_000, String(paid));
    });
    const before = await dollars();
    script(['MINED', 1], ['RETRYING', 1_000], ['FAILED', 2_000]);
    const bad = await buy();
    desk.time.jump(1_000);
    await checks.claim('a trade may be tried again', async () => assert.equal(await statusOf(bad), 'RETRYING'));
    desk.time.jump(2_000);
    await checks.claim('a trade may fail for good', async () => assert.equal(await statusOf(bad), 'FAILED'));
    await checks.claim('a failed trade gives no shares and takes no dollars', async () =>
      assert.deepEqual([await shares(), await dollars()], [10_000_000, before]),
    );
    await checks.claim('a failed trade never goes back', async () => {
      desk.time.jump(60_000);
      assert.equal(await statusOf(bad), 'FAILED');
    });
    await checks.claim('a maker finds its fill among the maker orders', async () => {
      const maker = await desk.member();
      const { orderID } = await maker.client.createAndPostOrder({ ...rest, price: 0.5 });
      const taker = desk.sim.control.flow.counterparty();
      taker.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 10_000_000, type: 'FAK' });
      const [trade] = await maker.client.getTrades();
      const [own] = trade?.maker_orders.filter(({ order_id: id }) => id === orderID) ?? [];
      assert.deepEqual([trade?.trader_side, own?.matched_amount, own?.price], ['MAKER', '10', '0.5']);
    });
    await checks.claim('a match by minting shows the maker in the other token', async () => {
      desk.quote([], []);
      const maker = await desk.member();
      await maker.client.createAndPostOrder({ ...rest, tokenID: NO, price: 0.4 });
      const { tradeIDs } = await client.createAndPostMarketOrder(
        { tokenID: YES, amount: 6, price: 0.6, side: Side.BUY, orderType: OrderType.FOK },
        {},
        OrderType.FOK,
      );
      const [trade] = await client.getTrades({ id: tradeIDs?.[0] ?? '' });
      assert.deepEqual([trade?.asset_id, trade?.maker_orders[0]?.asset_id], [YES, NO]);
    });
  });
}

async function batches(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { client } = await desk.member({ dollars: 100 });
    const good = await client.createOrder(rest);
    const poor = await client.createOrder({ ...rest, size: 10_000 });
    const replies = await client.postOrders([
      { order: good, orderType: OrderType.GTC },
      { order: poor, orderType: OrderType.GTC },
    ]);
    await checks.claim('a batch is answered in its order', () =>
      assert.deepEqual([replies.length, replies[0]?.status], [2, 'live']),
    );
    await checks.claim('a refused leg says success, has no id and tells why', () => {
      assert.deepEqual([replies[1]?.success, replies[1]?.orderID], [true, '']);
      assert.match(replies[1]?.errorMsg ?? '', /not enough balance/);
    });
    await checks.claim('the same order posted again is refused as a duplicate, the proof that it landed', async () =>
      assert.match(await errorOf(client.postOrder(good)), /Duplicated/),
    );
    await checks.claim('a batch of sixteen is refused', async () => {
      const many = await Promise.all(Array.from({ length: 16 }, () => client.createOrder(rest)));
      assert.match(
        JSON.stringify(await client.postOrders(many.map((order) => ({ order, orderType: OrderType.GTC })))),
        /Too many orders in payload: 16, max allowed: 15/,
      );
    });
    await checks.claim('a batch of fifteen is taken', async () => {
      const many = await Promise.all(Array.from({ length: 15 }, () => client.createOrder(rest)));
      assert.equal((await client.postOrders(many.map((order) => ({ order, orderType: OrderType.GTC })))).length, 15);
    });
  });
}

async function cancels(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { client } = await desk.member();
    const place = async (price = 0.3, tokenID = YES) =>
      (await client.createAndPostOrder({ ...rest, tokenID, price })).orderID;
    const first = await place();
    await checks.claim('one order is canceled', async () =>
      assert.deepEqual(await client.cancelOrder({ orderID: first }), { canceled: [first], not_canceled: {} }),
    );
    await checks.claim('a second cancel is 200 with a reason', async () =>
      assert.match(
        JSON.stringify((await client.cancelOrder({ orderID: first })).not_canceled),
        /already canceled or matched/,
      ),
    );
    const [second, third] = [await place(0.31), await place(0.32)];
    await checks.claim('many are canceled by id', async () =>
      assert.deepEqual((await client.cancelOrders([second, third])).canceled.sort(), [second, third].sort()),
    );
    const [yes, no] = [await place(0.33), await place(0.34, NO)];
    await checks.claim('those of one asset are canceled', async () =>
      assert.deepEqual((await client.cancelMarketOrders({ asset_id: NO })).canceled, [no]),
    );
    await checks.claim('those of one market are canceled', async () =>
      assert.deepEqual((await client.cancelMarketOrders({ market: CONDITION })).canceled, [yes]),
    );
    const [fifth, sixth] = [await place(0.35), await place(0.36)];
    const other = await desk.member();
    const theirs = (await other.client.createAndPostOrder(rest)).orderID;
    await checks.claim('orders of others are not canceled', async () =>
      assert.deepEqual((await client.cancelOrder({ orderID: theirs })).canceled, []),
    );
    await checks.claim('all are canceled', async () =>
      assert.deepEqual((await client.cancelAll()).canceled.sort(), [fifth, sixth].sort()),
    );
    await checks.claim('orders of others stay through it', async () =>
      assert.equal((await other.client.getOpenOrders()).length, 1),
    );
    await checks.claim('a canceled order is closed', async () =>
      assert.equal((await client.getOrder(fifth)).status, 'CANCELED'),
    );
    await checks.claim('the end of a market cancels what rests', async () => {
      desk.sim.control.lifecycle.resolve(CONDITION, [1_000_000, 0]);
      assert.equal((await other.client.getOrder(theirs)).status, 'CANCELED_MARKET_RESOLVED');
    });
  });
}

export const ORDERS: readonly Scenario[] = [
  { venue, group, title: 'a resting order', run: resting },
  { venue, group, title: 'an order that takes', run: taking },
  { venue, group: 'client settlement', title: 'a match', run: settling },
  { venue, group, title: 'a batch', run: batches },
  { venue, group, title: 'cancels', run: cancels },
];
