import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { SimDriver, TICKER, testKey } from '../../support/sim-driver.ts';

const OTHER = 'KXTEST-26JAN02-B';
const IOC = { time_in_force: 'immediate_or_cancel' };

function two(): SimDriver {
  const driver = new SimDriver();
  driver.sim.addMarket({ ticker: OTHER, eventTicker: 'KXTEST-26JAN02', closeMicros: driver.inHours(24) });
  return driver;
}

describe('simulated Kalshi socket', () => {
  test('answers each channel with its own sid and the id of the command, snapshots after all', () => {
    const driver = new SimDriver();
    driver.offer('bid', 47, 3);
    const { frames } = driver.subscribe({ channels: ['orderbook_delta', 'trade'], market_tickers: [TICKER] });
    expect(frames.map(({ type, id, sid, seq, msg }) => [type, id, sid ?? msg.sid, seq])).toEqual([
      ['subscribed', 1, 1, undefined],
      ['subscribed', 1, 2, undefined],
      ['orderbook_snapshot', undefined, 1, 1],
    ]);
  });

  test('leaves an empty side out of a snapshot', () => {
    const driver = new SimDriver();
    driver.offer('bid', 47, 3);
    const { frames } = driver.subscribe({ channels: ['orderbook_delta'], market_tickers: [TICKER] });
    expect(Object.keys(frames[1].msg)).toEqual(['market_ticker', 'market_id', 'yes_dollars_fp']);
  });

  test('prices the NO side on the YES scale only when asked', () => {
    const driver = new SimDriver();
    driver.offer('ask', 52, 3);
    const params = { channels: ['orderbook_delta'], market_tickers: [TICKER] };
    const plain = driver.subscribe(params);
    const yes = driver.subscribe({ ...params, use_yes_price: true });
    driver.offer('ask', 53, 1);
    expect(plain.frames.slice(1).map(({ msg }) => msg.no_dollars_fp ?? msg.price_dollars)).toEqual([
      [['0.4800', '3.00']],
      '0.4700',
    ]);
    expect(yes.frames.slice(1).map(({ msg }) => msg.no_dollars_fp ?? msg.price_dollars)).toEqual([
      [['0.5200', '3.00']],
      '0.5300',
    ]);
  });

  test('counts over all markets of a sid, its answers included', () => {
    const driver = two();
    const socket = driver.subscribe({ channels: ['orderbook_delta'], market_tickers: [TICKER] });
    socket.say({
      id: 2,
      cmd: 'update_subscription',
      params: { sids: [1], market_tickers: [OTHER], action: 'add_markets' },
    });
    driver.offer('bid', 40, 1, OTHER);
    driver.offer('bid', 41, 1);
    socket.say({
      id: 3,
      cmd: 'update_subscription',
      params: { sid: 1, market_tickers: [OTHER], action: 'get_snapshot' },
    });
    socket.say({
      id: 4,
      cmd: 'update_subscription',
      params: { sid: 1, market_tickers: [TICKER], action: 'delete_markets' },
    });
    driver.offer('bid', 42, 1);
    socket.say({ id: 5, cmd: 'unsubscribe', params: { sids: [1] } });
    driver.offer('bid', 43, 1, OTHER);
    expect(
      socket.frames
        .slice(1)
        .map(({ type, id, seq, msg }) => [type, id, seq, msg?.market_ticker ?? msg?.market_tickers]),
    ).toEqual([
      ['orderbook_snapshot', undefined, 1, TICKER],
      ['ok', 2, 2, [TICKER, OTHER]],
      ['orderbook_snapshot', undefined, 3, OTHER],
      ['orderbook_delta', undefined, 4, OTHER],
      ['orderbook_delta', undefined, 5, TICKER],
      ['orderbook_snapshot', 3, 6, OTHER],
      ['ok', 4, 7, [OTHER]],
      ['unsubscribed', 5, 8, undefined],
    ]);
  });

  test('marks a change of the book as own only for whose it is', () => {
    const driver = new SimDriver();
    const bob = testKey('bob-key');
    driver.addAccount('bob', bob);
    const params = { channels: ['orderbook_delta'], market_tickers: [TICKER] };
    const mine = driver.subscribe(params);
    const theirs = driver.subscribe(params, driver.connect(bob));
    driver.order({ client_order_id: 'mine' });
    expect(mine.ofType('orderbook_delta')[0].msg).toMatchObject({
      client_order_id: 'mine',
      subaccount: 0,
      delta_fp: '10.00',
      side: 'yes',
    });
    expect(theirs.ofType('orderbook_delta')[0].msg).not.toHaveProperty('client_order_id');
  });

  test('adds up to the book that REST shows', () => {
    const driver = new SimDriver();
    const socket = driver.subscribe({ channels: ['orderbook_delta'], market_tickers: [TICKER] });
    for (const [side, cents, count] of [
      ['bid', 40, 5],
      ['ask', 60, 5],
      ['bid', 41, 2],
      ['bid', 40, 1],
      ['ask', 55, 9],
    ] as const)
      driver.offer(side, cents, count);
    driver.order({ ...IOC, price: '0.6000', count: '10.50' });
    const levels = new Map<string, number>();
    for (const { msg } of socket.ofType('orderbook_delta')) {
      const name = `${msg.side} ${msg.price_dollars}`;
      levels.set(name, Math.round(((levels.get(name) ?? 0) + Number(msg.delta_fp)) * 100) / 100);
    }
    const { yes_dollars: yes, no_dollars: no } = driver.get(`/markets/${TICKER}/orderbook`).body.orderbook_fp;
    const shown = [
      ...yes.map(([price, count]: string[]) => [`yes ${price}`, Number(count)]),
      ...no.map(([price, count]: string[]) => [`no ${price}`, Number(count)]),
    ];
    expect([...levels].filter(([, count]) => count !== 0).sort()).toEqual(shown.sort());
  });

  test('counts neither fills nor orders nor positions', () => {
    const driver = new SimDriver();
    const socket = driver.subscribe({
      channels: ['fill', 'user_orders', 'market_positions', 'trade', 'order_group_updates'],
    });
    driver.offer('ask', 50, 4);
    driver.order(IOC);
    for (const type of ['fill', 'user_order', 'market_position'])
      expect(socket.ofType(type)[0]).not.toHaveProperty('seq');
    expect(socket.ofType('trade')[0].seq).toBe(1);
    expect(socket.ofType('fill')[0].msg.trade_id).toBe(socket.ofType('trade')[0].msg.trade_id);
    expect(socket.ofType('fill')[0].msg).toMatchObject({ post_position_fp: '4.00', is_taker: true, book_side: 'bid' });
  });

  test('keeps private news from other accounts', () => {
    const driver = new SimDriver();
    const bob = testKey('bob-key');
    driver.addAccount('bob', bob);
    const theirs = driver.subscribe({ channels: ['fill', 'user_orders', 'market_positions'] }, driver.connect(bob));
    driver.offer('ask', 50, 4);
    driver.order(IOC);
    expect(theirs.frames.filter(({ type }) => type !== 'subscribed')).toEqual([]);
  });

  test('sends the ticker at once when asked, and again on change only', () => {
    const driver = new SimDriver();
    const socket = driver.subscribe({ channels: ['ticker'], market_tickers: [TICKER], send_initial_snapshot: true });
    driver.offer('bid', 47, 3);
    driver.offer('bid', 40, 3);
    expect(socket.ofType('ticker').map(({ msg, seq }) => [msg.yes_bid_dollars, seq])).toEqual([
      ['0.0000', undefined],
      ['0.4700', undefined],
    ]);
  });

  test.each([
    ['no JSON', '{', 1],
    ['no params', { id: 9, cmd: 'subscribe' }, 2],
    ['no channels', { id: 9, cmd: 'subscribe', params: {} }, 3],
    ['no sids', { id: 9, cmd: 'unsubscribe', params: {} }, 4],
    ['an unknown command', { id: 9, cmd: 'dance', params: {} }, 5],
    ['an unknown sid', { id: 9, cmd: 'unsubscribe', params: { sids: [77] } }, 7],
    ['an unknown channel', { id: 9, cmd: 'subscribe', params: { channels: ['gossip'] } }, 8],
    [
      'two markets at once in two ways',
      { id: 9, cmd: 'subscribe', params: { channels: ['trade'], market_ticker: 'A', market_tickers: ['B'] } },
      11,
    ],
    [
      'two sids for one update',
      { id: 9, cmd: 'update_subscription', params: { sids: [1, 2], action: 'add_markets' } },
      12,
    ],
    ['an unknown action', { id: 9, cmd: 'update_subscription', params: { sid: 1, action: 'shuffle' } }, 13],
    ['books without a market', { id: 9, cmd: 'subscribe', params: { channels: ['orderbook_delta'] } }, 14],
    ['no action', { id: 9, cmd: 'update_subscription', params: { sid: 1 } }, 15],
  ])('answers %s with its numbered error', (_what, command, code) => {
    const socket = new SimDriver().subscribe({ channels: ['trade'] });
    socket.take();
    socket.say(command);
    expect(socket.frames).toMatchObject([{ type: 'error', msg: { code } }]);
  });

  test('limits commands and markets', () => {
    const driver = new SimDriver({ socket: { commandsPerSecond: 2, marketsPerSubscription: 1 } });
    const socket = driver.subscribe({ channels: ['orderbook_delta'], market_tickers: ['A', 'B'] });
    socket.say({ id: 2, cmd: 'list_subscriptions' });
    socket.say({ id: 3, cmd: 'list_subscriptions' });
    expect(socket.frames.map(({ type, msg }) => [type, msg.code])).toEqual([
      ['error', 26],
      ['ok', undefined],
      ['error', 27],
    ]);
  });

  test('lists its subscriptions', () => {
    const socket = new SimDriver().subscribe({ channels: ['fill', 'ticker'] });
    socket.take();
    socket.say({ id: 3, cmd: 'list_subscriptions' });
    expect(socket.frames).toEqual([
      {
        id: 3,
        type: 'ok',
        msg: [
          { channel: 'fill', sid: 1 },
          { channel: 'ticker', sid: 2 },
        ],
      },
    ]);
  });

  test('pings every ten seconds with the word heartbeat', () => {
    const driver = new SimDriver();
    const socket = driver.connect();
    driver.clock.advanceBy(90_000);
    expect(socket.pings).toEqual(Array.from({ length: 9 }, () => 'heartbeat'));
    driver.sim.cutSockets();
    driver.clock.advanceBy(60_000);
    expect([socket.pings.length, socket.end, driver.sim.connectionCount()]).toEqual([9, 'cut', 0]);
  });

  test('ends a subscription that is not read with error 25, and only that one', () => {
    const driver = new SimDriver({ socket: { overflowBytes: 1_000 } });
    const socket = driver.subscribe({ channels: ['orderbook_delta', 'ticker'], market_tickers: [TICKER] });
    socket.take();
    socket.bufferedBytes = 2_000;
    driver.sim.house.place({ ticker: TICKER, side: 'bid', priceE4: priceE4(4_000), sizeE6: sizeE6(1_000_000) });
    socket.bufferedBytes = 0;
    driver.offer('bid', 41, 1);
    expect(socket.frames[0]).toMatchObject({ type: 'error', sid: 1, seq: 2, msg: { code: 25 } });
    expect(socket.ofType('orderbook_delta')).toEqual([]);
  });

  test('reports group changes, counted', () => {
    const driver = new SimDriver();
    const socket = driver.subscribe({ channels: ['order_group_updates'] });
    const { body } = driver.call('POST', '/portfolio/order_groups/create', { body: { contracts_limit_fp: '5.00' } });
    driver.call('PUT', `/portfolio/order_groups/${body.order_group_id}/limit`, {
      body: { contracts_limit_fp: '150.00' },
    });
    driver.call('PUT', `/portfolio/order_groups/${body.order_group_id}/trigger`);
    driver.call('PUT', `/portfolio/order_groups/${body.order_group_id}/reset`);
    driver.call('DELETE', `/portfolio/order_groups/${body.order_group_id}`);
    expect(socket.ofType('order_group_updates').map(({ seq, msg }) => [seq, msg.event_type])).toEqual([
      [1, 'created'],
      [2, 'limit_updated'],
      [3, 'triggered'],
      [4, 'reset'],
      [5, 'deleted'],
    ]);
  });

  test('tells combinations on their own channel', () => {
    const driver = new SimDriver();
    const socket = driver.subscribe({ channels: ['market_lifecycle_v2', 'multivariate_market_lifecycle'] });
    driver.sim.addMarket({ ticker: 'KXMVEX-1-A', eventTicker: 'KXMVEX-1', closeMicros: driver.inHours(1) });
    driver.sim.addMarket({ ticker: OTHER, eventTicker: 'KXTEST-26JAN02', closeMicros: driver.inHours(1) });
    expect(socket.frames.slice(2).map(({ type, msg }) => [type, msg.market_ticker])).toEqual([
      ['multivariate_market_lifecycle', 'KXMVEX-1-A'],
      ['market_lifecycle_v2', OTHER],
    ]);
  });
});

describe('simulated Kalshi house', () => {
  const frames = readFileSync(
    new URL('../../fixtures/kalshi-demo-session/orderbook-stream.jsonl', import.meta.url),
    'utf8',
  )
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

  test('replays recorded book frames so that a subscriber gets them again, word for word', () => {
    const driver = new SimDriver();
    const snapshot = frames.find(({ type }) => type === 'orderbook_snapshot').msg;
    const ticker = snapshot.market_ticker;
    driver.sim.addMarket({
      ticker,
      marketId: snapshot.market_id,
      eventTicker: 'KXWTACHALLENGERMATCH-26JUN11JIMLEP',
      closeMicros: driver.inHours(24),
    });
    const recorded = frames.filter(({ type }) => type.startsWith('orderbook_'));
    driver.sim.house.applyRecordedFrame(recorded[0]);
    const socket = driver.subscribe({ channels: ['orderbook_delta'], market_tickers: [ticker] });
    for (const frame of recorded.slice(1)) driver.sim.house.applyRecordedFrame(frame);
    const plain = ({
      type,
      sid,
      seq,
      msg: { ts: _ts, ts_ms: _tsMs, ...msg },
    }: {
      type: string;
      sid: number;
      seq: number;
      msg: Record<string, unknown>;
    }) => ({ type, sid, seq, msg });
    expect(socket.frames.slice(1).map(plain)).toEqual(recorded.map(plain));
  });

  test('lets accounts take recorded liquidity, and cannot take it away twice', () => {
    const driver = new SimDriver();
    const frame = (delta: string) => ({
      type: 'orderbook_delta',
      msg: { market_ticker: TICKER, side: 'no', price_dollars: '0.5000', delta_fp: delta },
    });
    driver.sim.house.applyRecordedFrame(frame('10.00'));
    driver.order({ ...IOC, count: '8.00' });
    driver.sim.house.applyRecordedFrame(frame('-10.00'));
    expect(driver.sim.book(TICKER).levels('ask')).toEqual([]);
  });

  test('lets a recorded book cross for a moment without trading with itself', () => {
    const driver = new SimDriver();
    driver.offer('ask', 50, 1);
    driver.offer('bid', 51, 1);
    expect(driver.get('/markets/trades').body.trades).toEqual([]);
    expect(driver.sim.book(TICKER).levels('bid')).toHaveLength(1);
  });

  test('fills a resting order of an account when recorded liquidity comes across it', () => {
    const driver = new SimDriver();
    const { body } = driver.order();
    driver.offer('ask', 49, 4);
    expect(driver.get(`/portfolio/orders/${body.order_id}`).body.order).toMatchObject({
      fill_count_fp: '4.00',
      maker_fill_cost_dollars: '2.000000',
    });
  });
});
