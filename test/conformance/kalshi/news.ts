/** Private channels, the life of markets and the upkeep of a connection, through `ws`. */
import assert from 'node:assert/strict';
import { priceE4 } from '../../../src/domain/units.ts';
import type { Checks, Scenario, Venue } from '../checks.ts';
import type { WireFrame } from '../socket-client.ts';
import { Desk, EVENT, OTHER, SERIES, TICKER } from './desk.ts';
import { BOOK, isType, settled, subscribed } from './listening.ts';

const venue: Venue = 'kalshi';
const group = 'sockets';
const IOC = 'immediate_or_cancel';

async function privateNews(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const channels = ['fill', 'user_orders', 'market_positions', 'trade', 'order_group_updates', 'ticker'];
    const socket = await subscribed(desk, { channels });
    const theirs = await subscribed(desk, { channels: ['fill', 'user_orders', 'market_positions'] }, desk.bob);
    const { data: grouped } = await desk.alice.groups.createOrderGroup({ contracts_limit_fp: '100.00' });
    const { data: resting } = await desk.alice.place({
      order_group_id: grouped.order_group_id,
      expiration_time: Math.floor(desk.time.nowMs / 1_000) + 600,
    });
    const news = await socket.first(isType('user_order'));
    await checks.claim('a new order is told as resting', () =>
      assert.deepEqual(
        [news.msg.order_id, news.msg.status, news.msg.remaining_count_fp],
        [resting.order_id, 'resting', '10.00'],
      ),
    );
    await checks.claim('orders are not counted', () => assert.equal('seq' in news, false));
    socket.clear();
    const { data: taken } = await desk.alice.place({ price: '0.5200', count: '2.00', time_in_force: IOC });
    const fill = await socket.first(isType('fill'));
    const trade = await socket.first(isType('trade'));
    await checks.claim('a fill and its public trade share the trade id', () =>
      assert.equal(fill.msg.trade_id, trade.msg.trade_id),
    );
    await checks.claim('a fill names its order, role, side and position afterwards', () =>
      assert.deepEqual(
        [fill.msg.order_id, fill.msg.is_taker, fill.msg.book_side, fill.msg.outcome_side, fill.msg.post_position_fp],
        [taken.order_id, true, 'bid', 'yes', '2.00'],
      ),
    );
    await checks.claim('a fill carries the fee that REST carries', async () => {
      const [row] = (await desk.alice.portfolio.getFills(undefined, taken.order_id)).data.fills;
      assert.equal(Number(fill.msg.fee_cost), Number(row?.fee_cost));
    });
    await checks.claim('fills are not counted, trades are', () =>
      assert.deepEqual(['seq' in fill, trade.seq], [false, 1]),
    );
    await checks.claim('a position is told, not counted', async () => {
      const position = await socket.first(isType('market_position'));
      assert.deepEqual(
        [position.msg.market_ticker, position.msg.position_fp, 'seq' in position],
        [TICKER, '2.00', false],
      );
    });
    await checks.claim('the ticker moves with the trade', async () =>
      assert.equal(
        (await socket.first((frame) => frame.type === 'ticker' && frame.msg.price_dollars === '0.5200')).msg
          .market_ticker,
        TICKER,
      ),
    );
    await checks.claim('an executed order says so', async () =>
      assert.equal(
        (await socket.first((frame) => frame.type === 'user_order' && frame.msg.order_id === taken.order_id)).msg
          .status,
        'executed',
      ),
    );
    socket.clear();
    await desk.alice.orders.decreaseOrderV2(resting.order_id, { reduce_by: '1.00' });
    const decreased = await socket.first(isType('user_order'));
    await checks.claim('a decrease tells its reason', () => assert.equal(decreased.msg.last_update_reason, 'Decrease'));
    socket.clear();
    await desk.alice.orders.cancelOrderV2(resting.order_id);
    await checks.claim('a cancel is told as canceled', async () =>
      assert.equal((await socket.first(isType('user_order'))).msg.status, 'canceled'),
    );
    await desk.alice.place({ price: '0.1500' });
    socket.clear();
    desk.sim.lifecycle.pause(TICKER);
    desk.sim.lifecycle.activate(TICKER);
    await checks.claim('a cancel by the venue tells its reason', async () =>
      assert.equal(
        (await socket.first((frame) => frame.type === 'user_order' && frame.msg.status === 'canceled')).msg
          .last_update_reason,
        'HaltCancel',
      ),
    );
    await desk.alice.groups.updateOrderGroupLimit(grouped.order_group_id, { contracts_limit_fp: '50.00' });
    await checks.claim('a group tells its changes, counted', async () => {
      const news = await socket.first(isType('order_group_updates'));
      assert.deepEqual(
        [news.msg.event_type, news.msg.contracts_limit_fp, typeof news.seq],
        ['limit_updated', '50.00', 'number'],
      );
    });
    await checks.claim('others hear none of it', async () => {
      await settled(theirs);
      assert.deepEqual(
        theirs.frames.filter(({ type }) => type !== 'subscribed' && type !== 'ok'),
        [],
      );
    });
    for (const each of [socket, theirs]) each.close();
  });
}

async function lifecycle(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const socket = await subscribed(desk, { channels: ['market_lifecycle_v2', 'multivariate_market_lifecycle'] });
    const told = async (event: string): Promise<WireFrame> =>
      socket.first((frame) => frame.type === 'market_lifecycle_v2' && frame.msg.event_type === event, event);
    desk.sim.addMarket({
      ticker: 'INXD-26-B4487',
      eventTicker: 'INXD-26',
      closeMicros: desk.inHours(1),
      strikeType: 'greater',
      floorStrike: 4_487,
    });
    await checks.claim('a listing is told with open and close in seconds', async () => {
      const { msg } = await told('created');
      assert.deepEqual([msg.market_ticker, String(msg.close_ts).length], ['INXD-26-B4487', 10]);
    });
    desk.sim.lifecycle.pause(TICKER);
    await checks.claim('a pause is told as deactivated', async () =>
      assert.equal((await told('deactivated')).msg.is_deactivated, true),
    );
    desk.sim.lifecycle.activate(TICKER);
    await checks.claim('the end of a pause is told as activated', async () =>
      assert.equal((await told('activated')).msg.is_deactivated, false),
    );
    desk.sim.lifecycle.regrid(TICKER, 'deci_cent');
    await checks.claim('a new grid is told', async () =>
      assert.equal((await told('price_level_structure_updated')).msg.price_level_structure, 'deci_cent'),
    );
    desk.sim.lifecycle.updateMetadata('INXD-26-B4487', { strikeType: 'between', floorStrike: 1, capStrike: 2 });
    await checks.claim('new metadata are told', async () =>
      assert.equal((await told('metadata_updated')).msg.strike_type, 'between'),
    );
    desk.sim.lifecycle.closeEarly(TICKER);
    await checks.claim('an early close is told as a new close date', async () =>
      assert.equal((await told('close_date_updated')).msg.market_ticker, TICKER),
    );
    desk.sim.lifecycle.determine(TICKER, { result: 'yes' });
    await checks.claim('a result is told with what YES pays', async () =>
      assert.deepEqual(
        [(await told('determined')).msg.result, (await told('determined')).msg.settlement_value],
        ['yes', '1.0000'],
      ),
    );
    desk.sim.lifecycle.settle(TICKER);
    await checks.claim('the payment is told as settled', async () =>
      assert.equal((await told('settled')).msg.market_ticker, TICKER),
    );
    desk.sim.lifecycle.determine(OTHER, { result: 'scalar', valueE4: priceE4(5_300) });
    await checks.claim('a fair price is told as scalar', async () =>
      assert.equal((await socket.first((frame) => frame.msg?.result === 'scalar')).msg.settlement_value, '0.5300'),
    );
    desk.sim.addEvent({ eventTicker: `${SERIES}-26JUN12`, seriesTicker: SERIES });
    await checks.claim('a new event is told', async () =>
      assert.equal(
        (
          await socket.first(
            (frame) => frame.type === 'event_lifecycle' && frame.msg.event_ticker === `${SERIES}-26JUN12`,
          )
        ).msg.series_ticker,
        SERIES,
      ),
    );
    desk.sim.scheduleEventFee({
      subject: EVENT,
      feeType: 'quadratic',
      feeMultiplier: 1,
      scheduledMicros: desk.inHours(0),
    });
    await checks.claim('a new fee is told when it takes effect', async () =>
      assert.equal((await socket.first(isType('event_fee_update'))).msg.event_ticker, EVENT),
    );
    desk.list('KXMVEGAME-1-A', 'KXMVEGAME-1');
    await checks.claim('combinations are told on their own channel only', async () => {
      const combo = await socket.first((frame) => frame.msg?.market_ticker === 'KXMVEGAME-1-A');
      assert.deepEqual([combo.sid, combo.type], [2, 'multivariate_market_lifecycle']);
    });
    await checks.claim('the opening at its hour is told by nobody', async () => {
      desk.sim.addMarket({
        ticker: 'KXLATE-1-A',
        eventTicker: 'KXLATE-1',
        openMicros: desk.inHours(0.01),
        closeMicros: desk.inHours(2),
      });
      desk.time.jump(36_000);
      await settled(socket);
      assert.deepEqual(
        socket.frames.filter((frame) => frame.msg?.market_ticker === 'KXLATE-1-A').map(({ msg }) => msg.event_type),
        ['created'],
      );
    });
    await checks.claim('all of it is counted without a gap', () => {
      const counted = socket.frames.filter((frame) => frame.sid === 1 && frame.seq !== undefined).map(({ seq }) => seq);
      assert.deepEqual(
        counted,
        counted.map((_seq, at) => at + 1),
      );
    });
    socket.close();
  });
}

async function upkeep(checks: Checks): Promise<void> {
  await Desk.with(
    async (desk) => {
      const socket = await desk.socket();
      await checks.claim('a ping comes every ten seconds with the word heartbeat', async () => {
        desk.time.jump(30_000);
        await socket.until(() => socket.pings.length >= 3, 'three pings');
        assert.deepEqual(socket.pings.slice(0, 3), ['heartbeat', 'heartbeat', 'heartbeat']);
      });
      await checks.claim('a first ticker comes at once when asked', async () => {
        socket.say({
          id: 3,
          cmd: 'subscribe',
          params: { channels: ['ticker'], market_tickers: [TICKER], send_initial_snapshot: true },
        });
        assert.equal((await socket.first(isType('ticker'))).msg.yes_bid_dollars, '0.4700');
      });
      await checks.claim('frames may say when they were sent', async () => {
        socket.say({ id: 4, cmd: 'subscribe', params: BOOK });
        assert.equal(typeof (await socket.first(isType('orderbook_snapshot'))).sending_ts_ms, 'number');
      });
      await desk.alice.place({ client_order_id: 'stamped', price: '0.2000' });
      await socket.first(isType('orderbook_delta'));
      await checks.claim('a maintenance cut ends it without a close frame', async () => {
        desk.sim.cutSockets();
        await socket.until(() => socket.closeCode !== undefined, 'the end');
        assert.equal(socket.closeCode, 1006);
      });
      await checks.claim('it may be opened again at once', async () => (await desk.socket()).close());
    },
    { socket: { stampsSending: true } },
  );
  await Desk.with(
    async (desk) => {
      const socket = await desk.socket();
      await checks.claim('a buffer that overflows ends the subscription with error 25', async () => {
        socket.say({ id: 1, cmd: 'subscribe', params: BOOK });
        const error = await socket.first(isType('error'));
        assert.deepEqual([error.msg.code, error.sid], [25, 1]);
      });
      socket.close();
    },
    { socket: { overflowBytes: -1 } },
  );
  await Desk.with(
    async (desk) => {
      const socket = await desk.socket();
      await checks.claim('too many commands are error 27', async () => {
        for (let id = 1; id <= 3; id++) socket.say({ id, cmd: 'list_subscriptions' });
        assert.equal((await socket.first(isType('error'))).msg.code, 27);
      });
      socket.close();
      const wide = await desk.socket();
      await checks.claim('too many markets in one subscription are error 26', async () => {
        wide.say({ id: 1, cmd: 'subscribe', params: { ...BOOK, market_tickers: [TICKER, OTHER] } });
        assert.equal((await wide.first(isType('error'))).msg.code, 26);
      });
      wide.close();
    },
    { socket: { commandsPerSecond: 2, marketsPerSubscription: 1 } },
  );
}

export const NEWS: readonly Scenario[] = [
  { venue, group, title: 'private channels', run: privateNews },
  { venue, group, title: 'life of markets', run: lifecycle },
  { venue, group, title: 'a connection', run: upkeep },
];
