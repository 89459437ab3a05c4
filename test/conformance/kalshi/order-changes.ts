/** Amends, decreases, cancels, batches and order groups through the SDK. */
import assert from 'node:assert/strict';
import { microUsd } from '../../../src/domain/units.ts';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { Desk, RESTING, refused, TICKER } from './desk.ts';
import { declared } from './market-data.ts';
import { differencesFrom } from './sdk-model.ts';

const venue: Venue = 'kalshi';
const group = 'SDK orders';
const IOC = 'immediate_or_cancel';
const codeOf = ({ status, body }: { status: number; body: { error?: { code?: string } } }): readonly unknown[] => [
  status,
  body.error?.code,
];

async function changes(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const { data: first } = await alice.place({ price: '0.4700' });
    const place = async (id: string) => (await alice.orders.getOrderQueuePosition(id)).data.queue_position_fp;
    await checks.claim('the queue counts what came before', async () =>
      assert.equal(await place(first.order_id), '3.00'),
    );
    await declared(checks, 'a queue position', {
      model: 'GetOrderQueuePositionResponse',
      body: () => alice.orders.getOrderQueuePosition(first.order_id),
    });
    await declared(checks, 'the list of queue positions', {
      model: 'GetOrderQueuePositionsResponse',
      body: () => alice.orders.getOrderQueuePositions(TICKER),
    });
    await desk.bob.place({ price: '0.4700', count: '5.00' });
    const smaller = await alice.orders.amendOrderV2(first.order_id, {
      ticker: TICKER,
      side: 'bid',
      price: '0.4700',
      count: '6.00',
    });
    await checks.claim('an amend is an AmendOrderV2Response', () =>
      assert.deepEqual(differencesFrom('AmendOrderV2Response', smaller.data), []),
    );
    await checks.claim('an amend to less keeps its place', async () =>
      assert.equal(await place(first.order_id), '3.00'),
    );
    await alice.orders.amendOrderV2(first.order_id, { ticker: TICKER, side: 'bid', price: '0.4700', count: '8.00' });
    await checks.claim('an amend to more goes to the end', async () =>
      assert.equal(await place(first.order_id), '8.00'),
    );
    await checks.claim('an amend of the price moves the order', async () => {
      await alice.orders.amendOrderV2(first.order_id, { ticker: TICKER, side: 'bid', price: '0.4600', count: '8.00' });
      assert.equal((await alice.orders.getOrder(first.order_id)).data.order.yes_price_dollars, '0.4600');
    });
    await checks.claim('an amend may cross and fill', async () => {
      const { data } = await alice.orders.amendOrderV2(first.order_id, {
        ticker: TICKER,
        side: 'bid',
        price: '0.5200',
        count: '8.00',
      });
      assert.equal(data.fill_count, '3.00');
    });
    await checks.claim('an amend counts what has filled already', async () => {
      const { data } = await alice.orders.amendOrderV2(first.order_id, {
        ticker: TICKER,
        side: 'bid',
        price: '0.5200',
        count: '5.00',
      });
      assert.equal(data.remaining_count, '2.00');
    });
    await checks.claim('an amend may change the client order id', async () => {
      await alice.orders.amendOrderV2(first.order_id, {
        ticker: TICKER,
        side: 'bid',
        price: '0.5200',
        count: '5.00',
        updated_client_order_id: 'renamed-1',
      });
      assert.equal((await alice.orders.getOrder(first.order_id)).data.order.client_order_id, 'renamed-1');
    });
    const { data: second } = await alice.place({ price: '0.2000', count: '8.00' });
    const by = await alice.orders.decreaseOrderV2(second.order_id, { reduce_by: '3.00' });
    await checks.claim('a decrease is a DecreaseOrderV2Response', () =>
      assert.deepEqual(differencesFrom('DecreaseOrderV2Response', by.data), []),
    );
    await checks.claim('a decrease by takes away', () => assert.equal(by.data.remaining_count, '5.00'));
    await checks.claim('a decrease to leaves so much', async () => {
      assert.equal(
        (await alice.orders.decreaseOrderV2(second.order_id, { reduce_to: '2.00' })).data.remaining_count,
        '2.00',
      );
    });
    await checks.claim('a decrease takes exactly one of by and to', async () => {
      assert.equal(
        (await refused(alice.orders.decreaseOrderV2(second.order_id, { reduce_by: '1.00', reduce_to: '1.00' }))).status,
        400,
      );
      assert.equal((await refused(alice.orders.decreaseOrderV2(second.order_id, {}))).status, 400);
    });
    await checks.claim('a decrease to nothing cancels', async () => {
      await alice.orders.decreaseOrderV2(second.order_id, { reduce_to: '0.00' });
      assert.equal((await alice.orders.getOrder(second.order_id)).data.order.status, 'canceled');
    });
    await checks.claim('others cannot change it', async () => {
      assert.equal((await refused(desk.bob.orders.decreaseOrderV2(first.order_id, { reduce_by: '1.00' }))).status, 404);
    });
  });
}

async function cancels(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice, bob } = desk;
    const { data: order } = await alice.place();
    await checks.claim('others cannot cancel it', async () =>
      assert.equal((await refused(bob.orders.cancelOrderV2(order.order_id))).status, 404),
    );
    const canceled = await alice.orders.cancelOrderV2(order.order_id, undefined, undefined, TICKER);
    await checks.claim('a cancel says how much went', () =>
      assert.deepEqual([canceled.status, canceled.data.reduced_by], [200, '10.00']),
    );
    await checks.claim('a cancel is a CancelOrderV2Response', () =>
      assert.deepEqual(differencesFrom('CancelOrderV2Response', canceled.data), []),
    );
    const again = await refused(alice.orders.cancelOrderV2(order.order_id));
    await checks.claim('a second cancel is 404', () => assert.deepEqual(codeOf(again), [404, 'not_found']));
    const { data: done } = await alice.place({ price: '0.5200', count: '1.00', time_in_force: IOC });
    await checks.claim('a cancel of an executed order has the same 404', async () =>
      assert.deepEqual(await refused(alice.orders.cancelOrderV2(done.order_id)).then(({ body }) => body), again.body),
    );
    await checks.claim('a cancel of an unknown order has the same 404', async () =>
      assert.deepEqual(
        await refused(alice.orders.cancelOrderV2('00000000-0000-4000-8000-000000000000')).then(({ body }) => body),
        again.body,
      ),
    );
    await alice.place({ price: '0.1000' });
    await alice.place({ price: '0.1100' });
    const { data: theirs } = await bob.place({ price: '0.1000' });
    const all = await alice.orders.cancelAllOrders();
    await checks.claim('cancel-all is 204 without a body', () => assert.deepEqual([all.status, all.data], [204, '']));
    await checks.claim('cancel-all ends every own order', () =>
      assert.deepEqual(
        desk.sim.orders('alice').filter(({ status }) => status === 'resting'),
        [],
      ),
    );
    await checks.claim('cancel-all ends no order of others', async () =>
      assert.equal((await bob.orders.getOrder(theirs.order_id)).data.order.status, 'resting'),
    );
    await checks.claim('orders of an own market on another shard are canceled with their ticker', async () => {
      desk.sim.addSeries({ ticker: 'KXSHARD', exchangeIndex: 2 });
      desk.sim.addEvent({ eventTicker: 'KXSHARD-1', seriesTicker: 'KXSHARD' });
      desk.list('KXSHARD-1-A', 'KXSHARD-1');
      desk.sim.deposit('alice', microUsd(100_000_000), { shard: 2 });
      const { data } = await alice.place({ ticker: 'KXSHARD-1-A' });
      assert.equal((await refused(alice.orders.cancelOrderV2(data.order_id))).status, 404);
      assert.equal((await alice.orders.cancelOrderV2(data.order_id, undefined, undefined, 'KXSHARD-1-A')).status, 200);
    });
    await checks.claim(
      'an order on a shard without money there is refused although other shards have plenty',
      async () => {
        assert.deepEqual(codeOf(await refused(bob.place({ ticker: 'KXSHARD-1-A' }))), [400, 'insufficient_balance']);
      },
    );
  });
}

async function batches(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const rows = [
      { ...RESTING, client_order_id: 'batch-1' },
      { ...RESTING, client_order_id: 'batch-2', price: '0.5050' },
      { ...RESTING, client_order_id: 'batch-3', price: '0.3000' },
    ];
    const made = await alice.orders.batchCreateOrdersV2({ orders: rows });
    await checks.claim('a batch is 201 although a row failed', () => assert.equal(made.status, 201));
    await checks.claim('a batch is a BatchCreateOrdersV2Response', () =>
      assert.deepEqual(differencesFrom('BatchCreateOrdersV2Response', made.data), []),
    );
    await checks.claim('rows come in the order they were sent', () =>
      assert.deepEqual(
        made.data.orders.map(({ client_order_id: id }) => id),
        ['batch-1', 'batch-2', 'batch-3'],
      ),
    );
    await checks.claim('a failed row carries its error flat', () =>
      assert.equal(made.data.orders[1]?.error?.code, 'invalid_price'),
    );
    await checks.claim('a good row carries none', () => assert.equal(made.data.orders[0]?.error ?? null, null));
    const ids = made.data.orders.map(({ order_id: id }) => id ?? '');
    const ended = await alice.orders.batchCancelOrdersV2({
      orders: [{ order_id: ids[0] ?? '', market_ticker: TICKER }, { order_id: '00000000-0000-4000-8000-000000000000' }],
    });
    await checks.claim('a batch of cancels is 200, a failed row included', () => assert.equal(ended.status, 200));
    await checks.claim('a batch of cancels is a BatchCancelOrdersV2Response', () =>
      assert.deepEqual(differencesFrom('BatchCancelOrdersV2Response', ended.data), []),
    );
    await checks.claim('a canceled row says how much went, a failed one nothing', () =>
      assert.deepEqual(
        ended.data.orders.map(({ reduced_by: by, error }) => [by, error?.code]),
        [
          ['10.00', undefined],
          ['0.00', 'not_found'],
        ],
      ),
    );
    await checks.claim('orders not named stay', async () =>
      assert.equal((await alice.orders.getOrder(ids[2] ?? '')).data.order.status, 'resting'),
    );
    await checks.claim('an empty batch is refused', async () =>
      assert.equal((await refused(alice.orders.batchCreateOrdersV2({ orders: [] }))).status, 400),
    );
  });
}

async function groups(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const made = await alice.groups.createOrderGroup({ contracts_limit_fp: '5.00' });
    const id = made.data.order_group_id;
    await checks.claim('a group is made with 201', () =>
      assert.deepEqual([made.status, differencesFrom('CreateOrderGroupResponse', made.data)], [201, []]),
    );
    const { data: member } = await alice.place({ order_group_id: id, price: '0.4000' });
    await declared(checks, 'a group', { model: 'GetOrderGroupResponse', body: () => alice.groups.getOrderGroup(id) });
    await declared(checks, 'the list of groups', {
      model: 'GetOrderGroupsResponse',
      body: () => alice.groups.getOrderGroups(),
    });
    await checks.claim('a group names its orders', async () =>
      assert.deepEqual((await alice.groups.getOrderGroup(id)).data.orders, [member.order_id]),
    );
    const status = async (order: string) => (await alice.orders.getOrder(order)).data.order.status;
    await checks.claim('the limit reached cancels the other orders', async () => {
      desk.offer('ask', 53, 2);
      await alice.place({ order_group_id: id, price: '0.5300', count: '5.00', time_in_force: IOC });
      assert.equal(await status(member.order_id), 'canceled');
    });
    await checks.claim('a triggered group refuses new orders', async () =>
      assert.equal((await refused(alice.place({ order_group_id: id }))).status, 400),
    );
    await checks.claim('a reset opens it again', async () => {
      await alice.groups.resetOrderGroup(id, undefined, undefined, {});
      assert.equal((await alice.place({ order_group_id: id, price: '0.3000' })).status, 201);
    });
    await checks.claim('matches older than 15 seconds no longer count', async () => {
      await alice.groups.resetOrderGroup(id, undefined, undefined, {});
      for (let turn = 0; turn < 2; turn++) {
        desk.offer('ask', 54, 4);
        await alice.place({ order_group_id: id, price: '0.5400', count: '4.00', time_in_force: IOC });
        desk.time.jump(15_001);
      }
      assert.equal((await alice.place({ order_group_id: id, price: '0.2000' })).status, 201);
    });
    await checks.claim('a trigger cancels at once', async () => {
      const { data } = await alice.place({ order_group_id: id, price: '0.2100' });
      await alice.groups.triggerOrderGroup(id, undefined, undefined, {});
      assert.equal(await status(data.order_id), 'canceled');
    });
    await checks.claim('the limit can be changed', async () => {
      await alice.groups.updateOrderGroupLimit(id, { contracts_limit_fp: '150.00' });
      assert.equal((await alice.groups.getOrderGroup(id)).data.contracts_limit_fp, '150.00');
    });
    await checks.claim('a deleted group is gone', async () => {
      await alice.groups.deleteOrderGroup(id);
      assert.equal((await refused(alice.groups.getOrderGroup(id))).status, 404);
    });
    await checks.claim('groups of others are unknown', async () => {
      const { data } = await desk.bob.groups.createOrderGroup({ contracts_limit: 5 });
      assert.equal((await refused(alice.groups.getOrderGroup(data.order_group_id))).status, 404);
    });
  });
}

export const ORDER_CHANGES: readonly Scenario[] = [
  { venue, group, title: 'changes', run: changes },
  { venue, group, title: 'cancels', run: cancels },
  { venue, group, title: 'batches', run: batches },
  { venue, group, title: 'order groups', run: groups },
];
