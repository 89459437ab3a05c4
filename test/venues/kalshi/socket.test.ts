import { describe, expect, it } from 'vitest';
import type { MarketDataEvent } from '../../../src/domain/ports/market-data.ts';
import type { SocketEnd } from '../../../src/domain/ports/socket.ts';
import { priceE4 } from '../../../src/domain/units.ts';
import type { KalshiSettings } from '../../../src/venues/kalshi/settings.ts';
import { delta, fixtureFrame, namesOf, snapshot, subscribed, withMsg } from './frames.ts';
import { orderRequest, TICKER, VenueBench } from './venues.ts';

function marketData(settings: Partial<KalshiSettings> = {}) {
  const bench = new VenueBench({ settings: { marketChannels: [], ...settings } });
  const events: MarketDataEvent[] = [];
  const heard: string[] = [];
  const ends: SocketEnd[] = [];
  const stream = bench.venue.openMarketData({
    onOpen: () => heard.push('open'),
    onAlive: () => heard.push('alive'),
    onEvent: (event) => events.push(event),
    onEnd: (end) => ends.push(end),
  });
  return { bench, stream, events, heard, ends, socket: bench.sockets.last };
}

const book = (ticker: string) => `kalshi/${ticker}` as const;
const add = (id: number, tickers: readonly string[], sid = 1) => ({
  id,
  cmd: 'update_subscription',
  params: { sids: [sid], market_tickers: tickers, action: 'add_markets' },
});

/** Subscribed to A, with sid 1. */
function live() {
  const opened = marketData();
  opened.stream.subscribe([book('A')]);
  opened.socket.open();
  opened.socket.say(subscribed(1), snapshot({ seq: 1 }, 'A'));
  opened.socket.sent.length = 0;
  return opened;
}

describe('a market data connection', () => {
  it('is signed for its path, also for public channels', () => {
    const signer = { sign: (text: string) => text, signLater: (text: string) => Promise.resolve(text) };
    const bench = new VenueBench({ signer });
    bench.venue.openMarketData({
      onOpen: () => undefined,
      onAlive: () => undefined,
      onEvent: () => undefined,
      onEnd: () => undefined,
    });
    const { url, headers } = bench.sockets.last.request;
    expect(url).toBe('wss://venue.test/trade-api/ws/v2');
    expect(headers['KALSHI-ACCESS-SIGNATURE']).toBe(`${headers['KALSHI-ACCESS-TIMESTAMP']}GET/trade-api/ws/v2`);
  });

  it('subscribes, once it is open, to what was wanted before', () => {
    const { stream, socket, heard } = marketData();
    stream.subscribe([book('A'), book('B'), 'polymarket/1']);
    expect(socket.sent).toEqual([]);
    socket.open();
    expect(heard).toEqual(['open']);
    expect(socket.sent).toEqual([
      {
        id: 1,
        cmd: 'subscribe',
        params: { channels: ['orderbook_delta'], market_tickers: ['A', 'B'], use_yes_price: false },
      },
    ]);
  });

  it('says which scale it wants, whichever it is, and reads by it', () => {
    const { stream, socket, events } = marketData({ useYesPrice: true });
    stream.subscribe([book('A')]);
    socket.open();
    expect(socket.sent).toMatchObject([{ params: { use_yes_price: true } }]);
    socket.say(subscribed(1), snapshot({ seq: 1 }, 'A', { no: [['0.5200', '1.00']] }));
    expect(events.at(-1)).toMatchObject({ asks: [{ priceE4: 5_200 }] });
  });

  it('sends exactly the documented command', () => {
    const { stream, socket } = marketData();
    stream.subscribe([book(TICKER)]);
    socket.open();
    expect(socket.sent[0]).toEqual({
      id: 1,
      cmd: 'subscribe',
      params: { channels: ['orderbook_delta'], market_tickers: [TICKER], use_yes_price: false },
    });
  });

  it('listens to the life of all markets', () => {
    const { socket } = marketData({ marketChannels: ['market_lifecycle_v2'] });
    socket.open();
    expect(socket.sent).toEqual([{ id: 1, cmd: 'subscribe', params: { channels: ['market_lifecycle_v2'] } }]);
  });

  it('carries the trades of the books that are wanted, each channel by its own number', () => {
    const { stream, socket, events } = marketData({ marketChannels: ['trade'] });
    stream.subscribe([book('A')]);
    socket.open();
    expect(socket.sent[1]).toEqual({
      id: 2,
      cmd: 'subscribe',
      params: { channels: ['trade'], market_tickers: ['A'] },
    });
    socket.say(subscribed(2, 'trade'), subscribed(1));
    stream.subscribe([book('B')]);
    expect(socket.sent.slice(2)).toEqual([add(3, ['B']), add(4, ['B'], 2)]);
    socket.say({ ...fixtureFrame('trade-taker-no'), sid: 2, seq: 1 });
    expect(events.at(-1)?.kind).toBe('trade.printed');
    socket.say({ type: 'error', sid: 2, seq: 2, msg: { code: 10, msg: 'Channel error' } });
    stream.subscribe([]);
    expect(socket.sent.slice(4)).toMatchObject([
      { id: 5, cmd: 'subscribe', params: { channels: ['trade'], market_tickers: ['A', 'B'] } },
    ]);
  });

  it('adds books to its one subscription, and waits for its number first', () => {
    const { stream, socket } = marketData();
    stream.subscribe([book('A')]);
    socket.open();
    stream.subscribe([book('B')]);
    expect(socket.sent).toHaveLength(1);
    socket.say(subscribed(1));
    expect(socket.sent[1]).toEqual(add(2, ['B']));
    stream.subscribe([book('B'), book('C')]);
    expect(socket.sent[2]).toEqual(add(3, ['C']));
  });

  it('takes books off, and gives the subscription up with the last', () => {
    const { stream, socket } = live();
    stream.subscribe([book('B')]);
    stream.unsubscribe([book('A'), book('never')]);
    stream.unsubscribe([book('B')]);
    expect(socket.sent).toEqual([
      add(2, ['B']),
      { id: 3, cmd: 'update_subscription', params: { sids: [1], market_tickers: ['A'], action: 'delete_markets' } },
      { id: 4, cmd: 'unsubscribe', params: { sids: [1] } },
    ]);
    stream.subscribe([book('C')]);
    expect(socket.sent.at(-1)).toMatchObject({ id: 5, cmd: 'subscribe', params: { market_tickers: ['C'] } });
  });

  it('takes off, after the answer, what was unsubscribed before it', () => {
    const { stream, socket } = marketData();
    stream.subscribe([book('A'), book('B')]);
    socket.open();
    stream.unsubscribe([book('A')]);
    expect(socket.sent).toHaveLength(1);
    socket.say(subscribed(1));
    expect(socket.sent[1]).toMatchObject({ params: { market_tickers: ['A'], action: 'delete_markets' } });
  });

  it('asks for snapshots of books that it carries, and says when it carries them not', () => {
    const { stream, socket, events } = live();
    expect(stream.requestSnapshots([book('A')])).toBe(true);
    expect(socket.sent).toEqual([
      { id: 2, cmd: 'update_subscription', params: { sids: [1], market_tickers: ['A'], action: 'get_snapshot' } },
    ]);
    socket.say(snapshot({ seq: 2, id: 2 }, 'A'));
    expect(events.at(-1)?.kind).toBe('book.snapshot');
    expect(stream.requestSnapshots([book('B')])).toBe(false);
  });

  it('passes on what frames mean, and gaps every book when one is missing', () => {
    const { socket, events } = live();
    socket.say(delta({ seq: 2 }, 'A'), delta({ seq: 4 }, 'A'));
    expect(namesOf(events)).toEqual(['book.snapshot', 'book.delta', 'book.gapped sequence', 'frame.fault sequence']);
  });

  it('subscribes anew after the venue ended the subscription, when it is asked to', () => {
    const { stream, socket, events } = live();
    socket.say({ ...fixtureFrame('error-buffer-overflow'), sid: 1, seq: 2 });
    expect(namesOf(events)).toContain('book.gapped terminalError');
    expect(stream.requestSnapshots([book('A')])).toBe(false);
    expect(socket.sent).toEqual([]);
    stream.subscribe([book('A')]);
    expect(socket.sent).toMatchObject([{ cmd: 'subscribe', params: { market_tickers: ['A'] } }]);
  });

  it('can ask again after its subscription was refused', () => {
    const { stream, socket, events } = marketData();
    stream.subscribe([book('A')]);
    socket.open();
    socket.say({ type: 'error', id: 1, msg: { code: 8, msg: 'Unknown channel name' } });
    expect(namesOf(events)).toEqual(['frame.fault venueError']);
    stream.subscribe([book('A')]);
    expect(socket.sent).toHaveLength(2);
  });

  it('can ask again for books whose addition was refused', () => {
    const { stream, socket } = live();
    stream.subscribe([book('B')]);
    socket.say({ type: 'error', id: 2, msg: { code: 26, msg: 'Market limit' } });
    expect(stream.requestSnapshots([book('B')])).toBe(false);
    stream.subscribe([book('B')]);
    expect(socket.sent.at(-1)).toEqual(add(3, ['B']));
  });

  it('is alive with every frame and every ping', () => {
    const { stream, socket, heard } = live();
    heard.length = 0;
    socket.say(delta({ seq: 2 }, 'A'), 'garbage');
    socket.sayPing();
    stream.heartbeat();
    expect(heard).toEqual(['alive', 'alive', 'alive']);
    expect(socket.pings).toBe(1);
  });

  it('gaps its books before it says that it ended, and starts no timer', () => {
    const { bench, socket, stream, events, ends } = live();
    socket.end({ kind: 'failed', code: undefined, message: 'reset' });
    expect(namesOf(events).at(-1)).toBe('book.gapped disconnected');
    expect(ends).toHaveLength(1);
    stream.subscribe([book('B')]);
    stream.heartbeat();
    expect(socket.sent).toEqual([]);
    expect(bench.clock.pending).toBe(0);
    expect(bench.sockets.opened).toHaveLength(1);
  });

  it('tells what it learned about prices to the orders that follow', async () => {
    const { bench, socket } = marketData();
    await bench.warmed();
    socket.open();
    const fine = orderRequest({ limitE4: priceE4(4_750) });
    expect(bench.venue.prepare(fine)).toMatchObject({ kind: 'refused' });
    const regrid = withMsg(fixtureFrame('lifecycle-price-level-structure-updated'), {
      market_ticker: TICKER,
      price_ranges: [{ start: '0.0000', end: '1.0000', step: '0.0010' }],
    });
    socket.say(subscribed(9, 'market_lifecycle_v2'), { ...regrid, sid: 9, seq: 1 });
    expect(bench.venue.prepare(fine)).not.toHaveProperty('kind');
  });
});
