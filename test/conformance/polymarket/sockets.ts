/** The market and the user socket through `ws`, in the documented words. */
import assert from 'node:assert/strict';
import { OrderType, Side } from '@polymarket/clob-client';
import type { Checks, Scenario, Venue } from '../checks.ts';
import type { SocketClient, WireFrame } from '../socket-client.ts';
import { CONDITION, Desk, NO, YES } from './desk.ts';

const venue: Venue = 'polymarket';
const group = 'sockets';
const isEvent = (type: string) => (frame: WireFrame) => frame.event_type === type;
const rest = { tokenID: YES, price: 0.3, size: 10, side: Side.BUY };

/** Frames keep their order, so what has not come before this PONG did not come. */
async function settled(socket: SocketClient): Promise<void> {
  const before = socket.frames.filter((frame) => frame === 'PONG').length;
  socket.say('PING');
  await socket.until(() => socket.frames.filter((frame) => frame === 'PONG').length > before, 'PONG');
}

async function following(desk: Desk, changes: Record<string, unknown> = {}): Promise<SocketClient> {
  const socket = await desk.socket('market');
  socket.say({ assets_ids: [YES, NO], type: 'market', initial_dump: true, custom_feature_enabled: true, ...changes });
  await settled(socket);
  return socket;
}

async function market(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { client } = await desk.member();
    const socket = await following(desk);
    await checks.claim('PING is answered with PONG as text', () => assert.ok(socket.frames.includes('PONG')));
    const books = socket.frames.filter(isEvent('book'));
    await checks.claim('the first dump has a book for each asset', () =>
      assert.deepEqual(books.map(({ asset_id: id }) => id).sort(), [YES, NO].sort()),
    );
    await checks.claim('all numbers of a book are text', () =>
      assert.ok(
        books.every(
          ({ bids, timestamp }) =>
            typeof timestamp === 'string' &&
            bids.every((level: WireFrame) => typeof level.price === 'string' && typeof level.size === 'string'),
        ),
      ),
    );
    await checks.claim('the book of the socket is the book of REST', async () => {
      const book = await client.getOrderBook(YES);
      const told = books.find(({ asset_id: id }) => id === YES);
      assert.deepEqual([told.bids, told.asks, told.hash], [book.bids, book.asks, book.hash]);
    });
    socket.clear();
    const { orderID } = await client.createAndPostOrder({ ...rest, price: 0.5 });
    const change = await socket.first(isEvent('price_change'));
    await checks.claim('a new level is told as its new total, with the best prices', () => {
      const own = change.price_changes.find(({ asset_id: id }: WireFrame) => id === YES);
      assert.deepEqual(
        [Number(own.price), Number(own.size), own.side, Number(own.best_bid), Number(own.best_ask)],
        [0.5, 10, 'BUY', 0.5, 0.51],
      );
    });
    await checks.claim('both tokens of the market appear in a change', () =>
      assert.deepEqual(new Set(change.price_changes.map(({ asset_id: id }: WireFrame) => id)), new Set([YES, NO])),
    );
    await checks.claim('the best prices are told on their own when asked for', async () =>
      assert.equal(
        Number((await socket.first((frame) => frame.event_type === 'best_bid_ask' && frame.asset_id === YES)).best_bid),
        0.5,
      ),
    );
    socket.clear();
    await client.cancelOrder({ orderID });
    const gone = await socket.first(isEvent('price_change'));
    await checks.claim('a level that is gone has size 0', () =>
      assert.equal(Number(gone.price_changes.find(({ asset_id: id }: WireFrame) => id === YES).size), 0),
    );
    await client.createAndPostMarketOrder(
      { tokenID: YES, amount: 5.1, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
      {},
      OrderType.FOK,
    );
    const last = await socket.first(isEvent('last_trade_price'));
    await checks.claim('a trade is told with price, size, side and fee rate', () =>
      assert.deepEqual(
        [Number(last.price), Number(last.size), last.side, typeof last.fee_rate_bps],
        [0.51, 10, 'BUY', 'string'],
      ),
    );
    await checks.claim('levels of the stream are those of REST', async () => {
      const shown = await client.getOrderBook(YES);
      assert.equal(Number(shown.asks.at(-1)?.size), 70);
    });
    socket.clear();
    desk.sim.control.lifecycle.setTick(CONDITION, 10);
    await checks.claim('a new tick is told with the old one', async () => {
      const tick = await socket.first(isEvent('tick_size_change'));
      assert.deepEqual([Number(tick.old_tick_size), Number(tick.new_tick_size)], [0.01, 0.001]);
    });
    desk.quote([], []);
    await checks.claim('an absent best price is empty text', async () => {
      await settled(socket);
      const bests = socket.frames.filter(isEvent('price_change')).flatMap((frame) => frame.price_changes);
      assert.ok(bests.some(({ best_bid: bid, best_ask: ask }: WireFrame) => bid === '' || ask === ''));
    });
    desk.list({
      conditionId: `0x${'ab'.repeat(32)}`,
      tokens: [
        { tokenId: '11', outcome: 'Yes' },
        { tokenId: '12', outcome: 'No' },
      ],
      tags: ['stocks'],
    });
    await checks.claim('a new market is told to everybody who asked', async () =>
      assert.equal((await socket.first(isEvent('new_market'))).market, `0x${'ab'.repeat(32)}`),
    );
    desk.sim.control.lifecycle.resolve(CONDITION, [1_000_000, 0]);
    await checks.claim('a decision names the winning asset', async () =>
      assert.equal((await socket.first(isEvent('market_resolved'))).winning_asset_id, YES),
    );
    socket.close();
  });
}

async function subscriptions(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { client } = await desk.member();
    const plain = await following(desk, { custom_feature_enabled: false, assets_ids: [YES] });
    await client.createAndPostOrder({ ...rest, price: 0.5 });
    await plain.first(isEvent('price_change'));
    await settled(plain);
    await checks.claim('without custom features no best prices come', () =>
      assert.equal(plain.frames.some(isEvent('best_bid_ask')), false),
    );
    plain.clear();
    plain.say({ operation: 'subscribe', assets_ids: [NO], custom_feature_enabled: true });
    await checks.claim('an asset may be added', async () =>
      assert.equal((await plain.first(isEvent('book'))).asset_id, NO),
    );
    plain.say({ operation: 'unsubscribe', assets_ids: [YES, NO] });
    await settled(plain);
    plain.clear();
    await client.createAndPostOrder({ ...rest, price: 0.49 });
    await settled(plain);
    await checks.claim('assets may be given up', () => assert.equal(plain.frames.some(isEvent('price_change')), false));
    const quiet = await following(desk, { initial_dump: false });
    await checks.claim('without the dump no book comes first', () =>
      assert.equal(quiet.frames.some(isEvent('book')), false),
    );
    const many = await following(desk, { assets_ids: [YES, ...Array.from({ length: 501 }, (_, at) => String(at))] });
    await checks.claim('beyond 500 assets the first books silently do not come', () =>
      assert.equal(many.frames.some(isEvent('book')), false),
    );
    await checks.claim('a frozen socket answers PING and tells nothing', async () => {
      desk.sim.control.freezeSockets('market', 60_000);
      quiet.clear();
      await client.createAndPostOrder({ ...rest, price: 0.5 });
      await settled(quiet);
      assert.deepEqual(quiet.frames, ['PONG']);
    });
    await checks.claim('a socket without a subscription and without PING is closed', async () => {
      const idle = await desk.socket('market');
      desk.time.jump(61_000);
      await idle.until(() => idle.closeCode !== undefined, 'the end');
      assert.ok(idle.closeCode !== undefined);
    });
    for (const each of [plain, quiet, many]) each.close();
    await checks.claim('an unknown path is refused', async () => assert.rejects(desk.socket('sports' as 'market')));
  });
}

async function user(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const member = await desk.member();
    const { client, creds } = member;
    const auth = { apiKey: creds.key, secret: creds.secret, passphrase: creds.passphrase };
    const socket = await desk.socket('user');
    socket.say({ auth, type: 'user' });
    await settled(socket);
    await checks.claim('a subscription is not acknowledged', () => assert.deepEqual(socket.frames, ['PONG']));
    const order = (type: string, id: string) => (frame: WireFrame) =>
      frame.event_type === 'order' && frame.type === type && frame.id === id;
    const { orderID } = await client.createAndPostOrder({ ...rest, price: 0.5 });
    const placed = await socket.first(order('PLACEMENT', orderID));
    await checks.claim('a new order is a placement', () =>
      assert.deepEqual(
        [placed.status, placed.original_size, placed.size_matched, placed.market, placed.asset_id],
        ['LIVE', '10', '0', CONDITION, YES],
      ),
    );
    const taker = desk.sim.control.flow.counterparty();
    desk.sim.control.scriptSettlement([
      { status: 'MINED', afterMs: 1_000 },
      { status: 'CONFIRMED', afterMs: 2_000 },
    ]);
    taker.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 4_000_000, type: 'FAK' });
    const update = await socket.first(order('UPDATE', orderID));
    await checks.claim('a fill is an update with what matched', () =>
      assert.deepEqual([update.size_matched, update.associate_trades.length], ['4', 1]),
    );
    const matched = await socket.first((frame) => frame.event_type === 'trade' && frame.status === 'MATCHED');
    await checks.claim('the trade names the maker order', () =>
      assert.deepEqual(
        [matched.trader_side, matched.maker_orders.map((each: WireFrame) => [each.order_id, each.matched_amount])],
        ['MAKER', [[orderID, '4']]],
      ),
    );
    desk.time.jump(3_000);
    for (const status of ['MINED', 'CONFIRMED'])
      await checks.claim(`the trade is told again as ${status}`, async () =>
        assert.equal(
          (await socket.first((frame) => frame.event_type === 'trade' && frame.status === status)).id,
          matched.id,
        ),
      );
    taker.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 6_000_000, type: 'FAK' });
    await checks.claim('the last fill makes the order matched', async () =>
      assert.equal(
        (
          await socket.first(
            (frame) => frame.event_type === 'order' && frame.id === orderID && frame.status === 'MATCHED',
          )
        ).size_matched,
        '10',
      ),
    );
    const second = (await client.createAndPostOrder({ ...rest, price: 0.4 })).orderID;
    await client.cancelOrder({ orderID: second });
    await checks.claim('a cancel is a cancellation', async () =>
      assert.equal((await socket.first(order('CANCELLATION', second))).status, 'CANCELED'),
    );
    await client.createAndPostMarketOrder(
      { tokenID: YES, amount: 900, price: 0.52, side: Side.BUY, orderType: OrderType.FOK },
      {},
      OrderType.FOK,
    );
    await checks.claim('a killed FOK is told with the dirty status', async () =>
      assert.match(
        (await socket.first((frame) => frame.event_type === 'order' && String(frame.status).startsWith('CANCELED_')))
          .status,
        /FOK orders are fully filled or killed/,
      ),
    );
    desk.sim.control.scriptSettlement([
      { status: 'MINED', afterMs: 1 },
      { status: 'RETRYING', afterMs: 1_000 },
      { status: 'FAILED', afterMs: 2_000 },
    ]);
    const taken = await client.createAndPostMarketOrder(
      { tokenID: YES, amount: 5.1, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
      {},
      OrderType.FOK,
    );
    desk.time.jump(3_000);
    for (const status of ['RETRYING', 'FAILED'])
      await checks.claim(`a trade that goes wrong is told as ${status}`, async () =>
        assert.equal(
          (await socket.first((frame) => frame.event_type === 'trade' && frame.status === status)).id,
          taken.tradeIDs?.[0],
        ),
      );
    const other = await desk.member();
    const theirs = await desk.socket('user');
    theirs.say({
      auth: { apiKey: other.creds.key, secret: other.creds.secret, passphrase: other.creds.passphrase },
      type: 'user',
      markets: [CONDITION],
    });
    await settled(theirs);
    await client.createAndPostOrder(rest);
    await settled(theirs);
    await checks.claim('others hear none of it', () =>
      assert.deepEqual(
        theirs.frames.filter((frame) => frame !== 'PONG'),
        [],
      ),
    );
    await checks.claim('credentials that are wrong hear nothing', async () => {
      const wrong = await desk.socket('user');
      wrong.say({ auth: { ...auth, secret: 'A'.repeat(43) }, type: 'user' });
      await client.createAndPostOrder({ ...rest, price: 0.31 });
      await socket.first((frame) => frame.event_type === 'order' && frame.price === '0.31');
      assert.deepEqual(wrong.frames.filter(isEvent('order')), []);
      wrong.close();
    });
    await checks.claim('a new socket replays nothing', async () => {
      const late = await desk.socket('user');
      late.say({ auth, type: 'user' });
      await settled(late);
      assert.deepEqual(late.frames, ['PONG']);
      late.close();
    });
    for (const each of [socket, theirs]) each.close();
  });
}

export const SOCKETS: readonly Scenario[] = [
  { venue, group, title: 'market socket', run: market },
  { venue, group, title: 'subscriptions', run: subscriptions },
  { venue, group, title: 'user socket', run: user },
];
