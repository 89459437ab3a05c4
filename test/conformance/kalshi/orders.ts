/** Every kind of order and every change of one, through the SDK. */
import assert from 'node:assert/strict';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { Desk, EVENT, OTHER, RESTING, refused, TICKER } from './desk.ts';
import { declared } from './market-data.ts';
import { differencesFrom } from './sdk-model.ts';

const venue: Venue = 'kalshi';
const group = 'SDK orders';
const IOC = 'immediate_or_cancel';
const FOK = 'fill_or_kill';
const codeOf = ({ status, body }: { status: number; body: { error?: { code?: string } } }): readonly unknown[] => [
  status,
  body.error?.code,
];

async function resting(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const { status, data } = await alice.place({ client_order_id: 'resting-1' });
    await checks.claim('is answered with 201 and a flat body', () =>
      assert.deepEqual([status, differencesFrom('CreateOrderV2Response', data)], [201, []]),
    );
    await checks.claim('has no averages when nothing filled', () =>
      assert.deepEqual(
        Object.keys(data).filter((key) => key.startsWith('average')),
        [],
      ),
    );
    await checks.claim('counts nothing filled and all remaining', () =>
      assert.deepEqual([data.fill_count, data.remaining_count], ['0.00', '10.00']),
    );
    await checks.claim('gives the client order id back', () => assert.equal(data.client_order_id, 'resting-1'));
    await declared(checks, 'a read of it', {
      model: 'GetOrderResponse',
      body: () => alice.orders.getOrder(data.order_id),
    });
    await checks.claim('says bid and yes, limit price and its complement', async () => {
      const { order } = (await alice.orders.getOrder(data.order_id)).data;
      assert.deepEqual(
        [order.status, order.book_side, order.outcome_side, order.yes_price_dollars, order.no_price_dollars],
        ['resting', 'bid', 'yes', '0.4000', '0.6000'],
      );
    });
    await declared(checks, 'the list with it', {
      model: 'GetOrdersResponse',
      body: () => alice.orders.getOrders(TICKER),
    });
    await checks.claim('stands in the book for everybody', async () => {
      const { data: book } = await desk.stranger().market.getMarketOrderbook(TICKER);
      assert.deepEqual(book.orderbook_fp.yes_dollars[0], ['0.4000', '10.00']);
    });
    await checks.claim('is found by ticker, event and status', async () => {
      const count = async (...filter: Parameters<typeof alice.orders.getOrders>) =>
        (await alice.orders.getOrders(...filter)).data.orders.length;
      assert.deepEqual(
        [
          await count(TICKER),
          await count(OTHER),
          await count(undefined, EVENT),
          await count(undefined, undefined, undefined, undefined, 'resting'),
          await count(undefined, undefined, undefined, undefined, 'executed'),
        ],
        [1, 0, 1, 1, 0],
      );
    });
    await checks.claim('is invisible to others', async () =>
      assert.equal((await refused(desk.bob.orders.getOrder(data.order_id))).status, 404),
    );
    await checks.claim('fills as maker when liquidity comes', async () => {
      desk.offer('ask', 40, 4);
      const { order } = (await alice.orders.getOrder(data.order_id)).data;
      assert.deepEqual(
        [order.fill_count_fp, order.remaining_count_fp, order.maker_fill_cost_dollars, order.taker_fill_cost_dollars],
        ['4.00', '6.00', '1.600000', '0.000000'],
      );
    });
    await checks.claim('pays no maker fee under the plain quadratic schedule', async () => {
      assert.equal((await alice.orders.getOrder(data.order_id)).data.order.maker_fees_dollars, '0.000000');
    });
    await checks.claim('expires when its time has come', async () => {
      const { data: brief } = await alice.place({
        price: '0.3000',
        expiration_time: Math.floor(desk.time.nowMs / 1_000) + 60,
      });
      desk.time.jump(61_000);
      assert.equal((await alice.orders.getOrder(brief.order_id)).data.order.status, 'canceled');
    });
  });
}

async function taking(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const { data } = await alice.place({ price: '0.5500', count: '2.00', time_in_force: IOC });
    await checks.claim('IOC fills at the better price of the book', () =>
      assert.deepEqual([data.fill_count, data.remaining_count, data.average_fill_price], ['2.00', '0.00', '0.5200']),
    );
    await checks.claim('IOC with a fill is a CreateOrderV2Response', () =>
      assert.deepEqual(differencesFrom('CreateOrderV2Response', data), []),
    );
    await checks.claim(
      'average fee is per contract, cut to four decimals: twelve that cost 0.2097 show 0.0174',
      async () => {
        desk.offer('ask', 52, 12, OTHER);
        const { data: dozen } = await alice.place({
          ticker: OTHER,
          price: '0.5200',
          count: '12.00',
          time_in_force: IOC,
        });
        assert.deepEqual([dozen.average_fee_paid, desk.sim.fills('alice').at(-1)?.feeMicro], ['0.0174', 209_700]);
      },
    );
    const partial = await alice.place({ price: '0.5200', count: '5.00', time_in_force: IOC });
    await checks.claim('IOC cancels what it cannot fill', () =>
      assert.deepEqual([partial.status, partial.data.fill_count, partial.data.remaining_count], [201, '1.00', '0.00']),
    );
    const nothing = await alice.place({ price: '0.5200', count: '5.00', time_in_force: IOC });
    await checks.claim('IOC without a match is 201 with zero and zero', () =>
      assert.deepEqual([nothing.status, nothing.data.fill_count, nothing.data.remaining_count], [201, '0.00', '0.00']),
    );
    await checks.claim('IOC without a match is a canceled order afterwards', async () => {
      assert.equal((await alice.orders.getOrder(nothing.data.order_id)).data.order.status, 'canceled');
    });
    desk.offer('ask', 60, 10);
    const killed = await refused(
      alice.place({ price: '0.6000', count: '11.00', time_in_force: FOK, client_order_id: 'killed-1' }),
    );
    await checks.claim('FOK that cannot fill is killed with 409', () =>
      assert.deepEqual(codeOf(killed), [409, 'fill_or_kill_insufficient_resting_volume']),
    );
    await checks.claim('FOK that was killed took nothing', async () => {
      const { data: book } = await alice.market.getMarketOrderbook(TICKER);
      assert.deepEqual(book.orderbook_fp.no_dollars, [['0.4000', '10.00']]);
    });
    await checks.claim('FOK that was killed has used up its client order id', async () => {
      assert.deepEqual(
        codeOf(
          await refused(
            alice.place({ price: '0.6000', count: '1.00', time_in_force: FOK, client_order_id: 'killed-1' }),
          ),
        ),
        [409, 'order_already_exists'],
      );
    });
    const filled = await alice.place({ price: '0.6000', count: '10.00', time_in_force: FOK });
    await checks.claim('FOK that can fill fills whole', () =>
      assert.deepEqual([filled.status, filled.data.fill_count, filled.data.remaining_count], [201, '10.00', '0.00']),
    );
    const bought = await alice.place({ side: 'ask', price: '0.4700', count: '1.00', time_in_force: IOC });
    await checks.claim('an ask reports its average on the YES scale', () =>
      assert.equal(bought.data.average_fill_price, '0.4700'),
    );
    await checks.claim('GTC that crosses takes first and rests with the rest', async () => {
      desk.offer('ask', 70, 1);
      const { data: mixed } = await alice.place({ price: '0.7000', count: '3.00' });
      assert.deepEqual([mixed.fill_count, mixed.remaining_count], ['1.00', '2.00']);
    });
    await checks.claim('fractions of a contract trade in hundredths', async () => {
      desk.offer('ask', 80, 1);
      assert.equal((await alice.place({ price: '0.8000', count: '0.37', time_in_force: IOC })).data.fill_count, '0.37');
    });
    await checks.claim('prices match before times', async () => {
      desk.offer('ask', 81, 1);
      desk.offer('ask', 79, 1);
      assert.equal(
        (await alice.place({ price: '0.8100', count: '1.00', time_in_force: IOC })).data.average_fill_price,
        '0.7900',
      );
    });
  });
}

async function conditions(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    const crossing = await refused(alice.place({ price: '0.5200', post_only: true }));
    await checks.claim('post-only that would cross is refused by name', () =>
      assert.deepEqual([...codeOf(crossing), crossing.body.error.details], [400, 'invalid_order', 'post only cross']),
    );
    await checks.claim('post-only that rests is taken', async () =>
      assert.equal((await alice.place({ post_only: true, price: '0.4800' })).status, 201),
    );
    await checks.claim('reduce-only without a position does not trade', async () => {
      const before = desk.sim.fills('bob').length;
      await desk.bob.place({ side: 'ask', price: '0.4000', time_in_force: IOC, reduce_only: true }).catch(refused);
      assert.equal(desk.sim.fills('bob').length, before);
    });
    await desk.bob.place({ price: '0.5200', count: '2.00', time_in_force: IOC });
    await checks.claim('reduce-only is cut to the position', async () => {
      const { data } = await desk.bob.place({
        side: 'ask',
        price: '0.4700',
        count: '3.00',
        time_in_force: IOC,
        reduce_only: true,
      });
      assert.deepEqual([data.fill_count, desk.sim.position('bob', TICKER).sizeE6], ['2.00', 0]);
    });
    await checks.claim('taker_at_cross cancels the incoming order at its own resting one', async () => {
      const { data } = await alice.place({ side: 'ask', price: '0.4800', count: '1.00' });
      assert.deepEqual([data.fill_count, data.remaining_count], ['0.00', '0.00']);
    });
    await checks.claim('taker_at_cross leaves the resting order where it is', () => {
      assert.equal(
        desk.sim.orders('alice').filter(({ status, side }) => status === 'resting' && side === 'bid').length,
        1,
      );
    });
    await checks.claim('maker cancels the resting order and goes on', async () => {
      const { data } = await alice.place({
        side: 'ask',
        price: '0.4700',
        count: '1.00',
        self_trade_prevention_type: 'maker',
      });
      assert.deepEqual(
        [data.fill_count, desk.sim.orders('alice').some(({ status, side }) => status === 'resting' && side === 'bid')],
        ['1.00', false],
      );
    });
    await checks.claim('cancel_order_on_pause ends the order with the pause', async () => {
      const [stays, goes] = [
        await alice.place({ price: '0.1000' }),
        await alice.place({ price: '0.1100', cancel_order_on_pause: true }),
      ];
      desk.sim.standing.pauseTrading();
      desk.sim.standing.resume();
      const status = async (id: string) => (await alice.orders.getOrder(id)).data.order.status;
      assert.deepEqual([await status(stays.data.order_id), await status(goes.data.order_id)], ['resting', 'canceled']);
    });
    await checks.claim('a market that is activated again has lost its resting orders', async () => {
      const { data } = await alice.place({ price: '0.1200' });
      desk.sim.lifecycle.pause(TICKER);
      desk.sim.lifecycle.activate(TICKER);
      assert.equal((await alice.orders.getOrder(data.order_id)).data.order.status, 'canceled');
    });
    await checks.claim('an order at a tapered edge price is taken there and refused in the middle', async () => {
      desk.sim.lifecycle.regrid(OTHER, 'tapered_deci_cent');
      assert.equal((await alice.place({ ticker: OTHER, price: '0.0550' })).status, 201);
      assert.deepEqual(codeOf(await refused(alice.place({ ticker: OTHER, price: '0.5050' }))), [400, 'invalid_price']);
    });
    await checks.claim('all options together are taken', async () => {
      const { data } = await alice.groups.createOrderGroup({ contracts_limit_fp: '100.00' });
      const body = {
        ...RESTING,
        client_order_id: 'all-1',
        expiration_time: Math.floor(desk.time.nowMs / 1_000) + 3_600,
        post_only: true,
        cancel_order_on_pause: true,
        reduce_only: false,
        subaccount: 0,
        order_group_id: data.order_group_id,
        exchange_index: 0,
      };
      assert.equal((await alice.orders.createOrderV2(body)).status, 201);
    });
  });
}

export const ORDERS: readonly Scenario[] = [
  { venue, group, title: 'a resting order', run: resting },
  { venue, group, title: 'an order that takes', run: taking },
  { venue, group, title: 'conditions', run: conditions },
];
