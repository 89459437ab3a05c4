import { describe, expect, it } from 'vitest';
import type { SocketEnd } from '../../../src/domain/ports/socket.ts';
import type { PrivateEvent } from '../../../src/domain/ports/venue.ts';
import { priceE4 } from '../../../src/domain/units.ts';
import { reply } from '../../support/scripted-transport.ts';
import { fixtureFrame, subscribed, withMsg } from './frames.ts';
import { CLIENT_ID, ORDER_ID, restFixture, TICKER, VenueBench, yes } from './venues.ts';

function privately(bench = new VenueBench()) {
  const events: PrivateEvent[] = [];
  const heard: string[] = [];
  const ends: SocketEnd[] = [];
  const stream = bench.venue.openPrivate({
    onOpen: () => heard.push('open'),
    onAlive: () => heard.push('alive'),
    onEvent: (event) => events.push(event),
    onEnd: (end) => ends.push(end),
  });
  return { bench, stream, events, heard, ends, socket: bench.sockets.last };
}

function open(bench?: VenueBench) {
  const opened = privately(bench);
  opened.socket.open();
  opened.socket.say(subscribed(13, 'fill'), subscribed(22, 'user_orders'));
  return opened;
}

describe('a private connection', () => {
  it('subscribes to fills and orders of the whole account', () => {
    const { socket } = open();
    expect(socket.sent).toEqual([{ id: 1, cmd: 'subscribe', params: { channels: ['fill', 'user_orders'] } }]);
  });

  it('is open when both are subscribed, and not before', () => {
    const { socket, heard } = privately();
    socket.open();
    socket.say(subscribed(13, 'fill'));
    expect(heard).not.toContain('open');
    socket.say(subscribed(22, 'user_orders'));
    expect(heard.filter((word) => word === 'open')).toHaveLength(1);
  });

  it('reports a fill with its exact charge', () => {
    const { socket, events } = open();
    socket.say(fixtureFrame('fill-taker'));
    expect(events).toEqual([
      {
        kind: 'fill.reported',
        fill: {
          tradeId: 'd91bc706-ee49-470d-82d8-11418bda6fed',
          venueOrderId: 'ee587a1c-8b87-4dcf-b721-9f6f790619fa',
          clientOrderId: 'my-order-1',
          instrument: { book: 'kalshi/HIGHNY-22DEC23-B53.5', inverted: false },
          action: 'buy',
          priceE4: 7_500,
          sizeE6: 278_000_000,
          feeMicroUsd: 3_648_800,
          role: 'taker',
          settlement: 'final',
          venueAt: 1_671_899_397_000_000,
        },
      },
    ]);
  });

  it('reports a fill of NO at a price of NO', () => {
    const { socket, events } = open();
    socket.say(withMsg(fixtureFrame('fill-taker'), { book_side: 'ask', outcome_side: 'no', is_taker: false }));
    expect(events).toMatchObject([{ fill: { instrument: { inverted: true }, priceE4: 2_500, role: 'maker' } }]);
  });

  it('reports orders with what the venue gives as the reason', () => {
    const { socket, events } = open();
    socket.say(fixtureFrame('user-order-resting'), fixtureFrame('user-order-canceled'));
    expect(events).toMatchObject([
      {
        kind: 'order.reported',
        reason: undefined,
        order: { standing: 'resting', restingE6: 10_000_000, limitE4: 3_500 },
      },
      { kind: 'order.reported', reason: 'HaltCancel', order: { standing: 'canceled', filledE6: 4_000_000 } },
    ]);
  });

  it('words a fill like the order that it belongs to, also when it comes before the reply', async () => {
    const bench = await new VenueBench().warmed();
    const { socket, events } = open(bench);
    bench.on('POST /portfolio/events/orders', () => undefined);
    bench.venue.submit(bench.prepared({ action: 'sell', limitE4: priceE4(7_000) }), () => undefined);
    const mine = { order_id: ORDER_ID, client_order_id: CLIENT_ID, market_ticker: TICKER, book_side: 'ask' };
    socket.say(withMsg(fixtureFrame('fill-taker'), mine));
    expect(events).toMatchObject([
      { fill: { instrument: yes, action: 'sell', priceE4: 7_500, clientOrderId: CLIENT_ID } },
    ]);
  });

  it('keeps the cancel of a resting order ready, and forgets it with the order', () => {
    const { bench, socket } = open();
    socket.say(fixtureFrame('user-order-resting'));
    expect(bench.venue.orders.restingCount).toBe(1);
    socket.say(fixtureFrame('user-order-canceled'));
    expect(bench.venue.orders.restingCount).toBe(0);
  });

  it.each([
    ['a charge that is no money', withMsg(fixtureFrame('fill-taker'), { fee_cost: 'free' })],
    ['a price above a dollar', withMsg(fixtureFrame('fill-taker'), { yes_price_dollars: '1.5' })],
    ['a missing side', withMsg(fixtureFrame('fill-taker'), { book_side: undefined })],
    ['a count that is no number', withMsg(fixtureFrame('user-order-resting'), { fill_count_fp: 'many' })],
    ['a position that is no number', withMsg(fixtureFrame('market-position-long'), { position_fp: '' })],
    ['a type that is new', { type: 'margin_call', sid: 13, msg: {} }],
    ['garbage', 'garbage'],
  ])('reports %s as a fault, and stays open', (_, frame) => {
    const { socket, events, ends } = open();
    socket.say(frame);
    expect(events).toMatchObject([{ kind: 'private.fault' }]);
    expect(ends).toEqual([]);
  });

  it('has nothing to say of positions and order groups that fills and orders do not say', () => {
    const { socket, events } = open();
    socket.say(fixtureFrame('market-position-long'), fixtureFrame('order-group-update-limit'));
    expect(events).toEqual([]);
  });

  it.each([
    ['refuses a channel', { type: 'error', id: 1, msg: { code: 9, msg: 'Authentication required' } }],
    ['ends a subscription', { type: 'error', sid: 13, msg: { code: 25, msg: 'Subscription buffer overflow' } }],
    ['unsubscribes us', { type: 'unsubscribed', sid: 13 }],
  ])('ends when the venue %s: a lost fill could not be seen', (_, frame) => {
    const { socket, events, ends } = open();
    socket.say(frame);
    expect(events).toMatchObject([{ kind: 'private.fault' }]);
    expect(ends).toHaveLength(1);
  });

  it('has no snapshots to ask for, and neither timer nor second connection', () => {
    const { bench, stream, socket } = open();
    stream.subscribe([yes.book]);
    stream.unsubscribe([yes.book]);
    expect(stream.requestSnapshots([yes.book])).toBe(false);
    stream.heartbeat();
    stream.close();
    expect([socket.pings, socket.isClosed, bench.clock.pending, bench.sockets.opened.length]).toEqual([1, true, 0, 1]);
  });

  it('names the order of a reply to the fills that follow it', async () => {
    const bench = await new VenueBench().warmed();
    await bench.submitted(reply(201, restFixture('order-create-gtc-resting-response')));
    const { socket, events } = open(bench);
    const mine = { order_id: ORDER_ID, client_order_id: undefined, market_ticker: TICKER };
    socket.say(withMsg(fixtureFrame('fill-taker'), mine));
    expect(events).toMatchObject([{ fill: { clientOrderId: CLIENT_ID } }]);
  });
});
