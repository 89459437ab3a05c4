/** The WebSocket through `ws`, with upgrade headers signed from the documented string. */
import assert from 'node:assert/strict';
import type { Checks, Scenario, Venue } from '../checks.ts';
import type { SocketClient } from '../socket-client.ts';
import { Desk, OTHER, TICKER } from './desk.ts';
import { BOOK, isType, settled, subscribed } from './listening.ts';

const venue: Venue = 'kalshi';
const group = 'sockets';
const IOC = 'immediate_or_cancel';

async function subscriptions(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const two = await subscribed(desk, { ...BOOK, channels: ['orderbook_delta', 'trade'] });
    const answers = two.frames.filter(isType('subscribed'));
    await checks.claim('one answer comes per channel, all with the id of the command', () =>
      assert.deepEqual(
        answers.map(({ id, msg }) => [id, msg.channel]),
        [
          [1, 'orderbook_delta'],
          [1, 'trade'],
        ],
      ),
    );
    await checks.claim('each channel has a sid of its own', () =>
      assert.equal(new Set(answers.map(({ msg }) => msg.sid)).size, 2),
    );
    await checks.claim('a list names them', async () => {
      const list = two.frames.find((frame) => frame.type === 'ok' && Array.isArray(frame.msg));
      assert.deepEqual(list.msg, [
        { channel: 'orderbook_delta', sid: 1 },
        { channel: 'trade', sid: 2 },
      ]);
    });
    two.clear();
    two.say({ id: 2, cmd: 'unsubscribe', params: { sids: [2] } });
    const left = await two.first(isType('unsubscribed'));
    await checks.claim('an unsubscribe is answered with id, sid and the next seq', () =>
      assert.deepEqual([left.id, left.sid, typeof left.seq], [2, 2, 'number']),
    );
    await checks.claim('nothing comes on a sid that was given up', async () => {
      await desk.alice.place({ price: '0.5200', count: '1.00', time_in_force: IOC });
      await settled(two);
      assert.equal(two.frames.some(isType('trade')), false);
    });
    const errors: readonly [string, unknown, number][] = [
      ['text that is no JSON', '{', 1],
      ['a command without params', { id: 5, cmd: 'subscribe' }, 2],
      ['a subscribe without channels', { id: 5, cmd: 'subscribe', params: {} }, 3],
      ['an unsubscribe without sids', { id: 5, cmd: 'unsubscribe', params: {} }, 4],
      ['an unknown command', { id: 5, cmd: 'dance', params: {} }, 5],
      ['an unknown sid', { id: 5, cmd: 'unsubscribe', params: { sids: [99] } }, 7],
      ['an unknown channel', { id: 5, cmd: 'subscribe', params: { channels: ['gossip'] } }, 8],
      ['the retired channel multivariate', { id: 5, cmd: 'subscribe', params: { channels: ['multivariate'] } }, 8],
      [
        'an update of two sids',
        { id: 5, cmd: 'update_subscription', params: { sids: [1, 2], action: 'add_markets', market_tickers: [OTHER] } },
        12,
      ],
      [
        'an unknown action',
        { id: 5, cmd: 'update_subscription', params: { sid: 1, action: 'shuffle', market_tickers: [OTHER] } },
        13,
      ],
      ['a book without a market', { id: 5, cmd: 'subscribe', params: { channels: ['orderbook_delta'] } }, 14],
      [
        'an update without an action',
        { id: 5, cmd: 'update_subscription', params: { sid: 1, market_tickers: [OTHER] } },
        15,
      ],
    ];
    for (const [what, command, code] of errors)
      await checks.claim(`${what} is error ${code}`, async () => {
        two.clear();
        two.say(command);
        assert.equal((await two.first(isType('error'))).msg.code, code);
      });
    await checks.claim('an error carries the id of the command', async () =>
      assert.equal(two.frames.find(isType('error')).id, 5),
    );
    two.close();
  });
}

async function books(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const socket = await subscribed(desk, BOOK);
    const snapshot = await socket.first(isType('orderbook_snapshot'));
    await checks.claim('a snapshot is the first frame of a book, with seq 1', () =>
      assert.deepEqual([snapshot.seq, snapshot.sid], [1, 1]),
    );
    await checks.claim('a snapshot lists bids of both outcomes', () =>
      assert.deepEqual(
        [snapshot.msg.yes_dollars_fp, snapshot.msg.no_dollars_fp],
        [[['0.4700', '3.00']], [['0.4800', '3.00']]],
      ),
    );
    desk.offer('bid', 45, 2);
    const delta = await socket.first(isType('orderbook_delta'));
    await checks.claim('a change is a signed delta with its side', () =>
      assert.deepEqual(
        [delta.seq, delta.msg.side, delta.msg.price_dollars, delta.msg.delta_fp],
        [2, 'yes', '0.4500', '2.00'],
      ),
    );
    socket.clear();
    socket.say({
      id: 7,
      cmd: 'update_subscription',
      params: { sids: [1], market_tickers: [OTHER], action: 'add_markets' },
    });
    const ok = await socket.first((frame) => frame.id === 7);
    await checks.claim('an answer to an update is counted in seq', () =>
      assert.deepEqual([ok.type, ok.seq], ['ok', 3]),
    );
    const empty = await socket.first(isType('orderbook_snapshot'));
    await checks.claim('a market that is added sends its snapshot, counted on', () =>
      assert.deepEqual([empty.msg.market_ticker, empty.seq], [OTHER, 4]),
    );
    await checks.claim('an empty side is an absent key', () =>
      assert.deepEqual(
        Object.keys(empty.msg).filter((key) => key.endsWith('_fp')),
        [],
      ),
    );
    desk.offer('ask', 52, 0);
    desk.offer('ask', 60, 1, OTHER);
    await settled(socket);
    await checks.claim('deltas of both markets share one count', () =>
      assert.deepEqual(
        socket.frames.filter(isType('orderbook_delta')).map(({ seq, msg }) => [seq, msg.market_ticker, msg.delta_fp]),
        [
          [5, TICKER, '-3.00'],
          [6, OTHER, '1.00'],
        ],
      ),
    );
    await checks.claim('an ask changes the NO side on the NO scale', () =>
      assert.deepEqual(
        socket.frames.filter(isType('orderbook_delta')).map(({ msg }) => [msg.side, msg.price_dollars]),
        [
          ['no', '0.4800'],
          ['no', '0.4000'],
        ],
      ),
    );
    socket.clear();
    socket.say({
      id: 8,
      cmd: 'update_subscription',
      params: { sid: 1, market_tickers: [TICKER], action: 'get_snapshot' },
    });
    const again = await socket.first((frame) => frame.id === 8);
    await checks.claim('a snapshot that was asked for carries the id and the next seq', () =>
      assert.deepEqual(
        [again.type, again.seq, again.msg.yes_dollars_fp],
        [
          'orderbook_snapshot',
          7,
          [
            ['0.4500', '2.00'],
            ['0.4700', '3.00'],
          ],
        ],
      ),
    );
    await checks.claim('a snapshot leaves only its empty side out', () =>
      assert.equal('no_dollars_fp' in again.msg, false),
    );
    socket.clear();
    socket.say({
      id: 9,
      cmd: 'update_subscription',
      params: { sid: 1, market_tickers: [OTHER], action: 'delete_markets' },
    });
    await socket.first((frame) => frame.id === 9);
    desk.offer('bid', 44, 1, OTHER);
    await settled(socket);
    await checks.claim('a market that was taken out is silent', () =>
      assert.equal(socket.frames.some(isType('orderbook_delta')), false),
    );
    await desk.alice.place({ client_order_id: 'own-1', price: '0.3000' });
    const own = await socket.first(isType('orderbook_delta'));
    await checks.claim('the own change carries its client order id', () =>
      assert.equal(own.msg.client_order_id, 'own-1'),
    );
    const theirs = await subscribed(desk, BOOK, desk.bob);
    await desk.alice.place({ client_order_id: 'own-2', price: '0.2900' });
    await checks.claim('the change of others carries none', async () =>
      assert.equal('client_order_id' in (await theirs.first(isType('orderbook_delta'))).msg, false),
    );
    const yes = await subscribed(desk, { ...BOOK, use_yes_price: true, market_tickers: [OTHER] });
    await checks.claim('with use_yes_price the NO side is priced on the YES scale', async () =>
      assert.deepEqual((await yes.first(isType('orderbook_snapshot'))).msg.no_dollars_fp, [['0.6000', '1.00']]),
    );
    await checks.claim('deltas add up to the book that REST shows', async () =>
      assert.deepEqual(await added(desk, theirs), await shown(desk)),
    );
    for (const each of [socket, theirs, yes]) each.close();
  });
}

async function added(desk: Desk, socket: SocketClient): Promise<readonly string[]> {
  for (const [side, cents, contracts] of [
    ['bid', 20, 5],
    ['ask', 60, 7],
    ['bid', 20, 1],
    ['ask', 58, 2],
  ] as const)
    desk.offer(side, cents, contracts);
  await desk.alice.place({ price: '0.6000', count: '4.00', time_in_force: IOC });
  await settled(socket);
  const levels = new Map<string, number>();
  const add = (side: string, price: string, count: string): void => {
    levels.set(`${side} ${price}`, Math.round(((levels.get(`${side} ${price}`) ?? 0) + Number(count)) * 100));
    levels.set(`${side} ${price}`, (levels.get(`${side} ${price}`) ?? 0) / 100);
  };
  for (const { type, msg } of socket.frames) {
    if (type === 'orderbook_snapshot') {
      for (const [price, count] of msg.yes_dollars_fp ?? []) add('yes', price, count);
      for (const [price, count] of msg.no_dollars_fp ?? []) add('no', price, count);
    }
    if (type === 'orderbook_delta') add(msg.side, msg.price_dollars, msg.delta_fp);
  }
  return [...levels]
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${name} ${count}`)
    .sort();
}

async function shown(desk: Desk): Promise<readonly string[]> {
  const { orderbook_fp: book } = (await desk.alice.market.getMarketOrderbook(TICKER)).data;
  const rows = [...book.yes_dollars.map((row) => ['yes', ...row]), ...book.no_dollars.map((row) => ['no', ...row])];
  return rows.map(([side, price, count]) => `${side} ${price} ${Number(count)}`).sort();
}

export const SOCKETS: readonly Scenario[] = [
  { venue, group, title: 'subscriptions', run: subscriptions },
  { venue, group, title: 'book channel', run: books },
];
