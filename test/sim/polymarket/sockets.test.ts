import { describe, expect, it } from 'vitest';
import { CONDITION, connect, follow, followOwn, NO, tradingWorld, YES } from './kit.ts';

const level = (priceE4: number, shares: number) => ({ priceE4, sizeE6: shares * 1_000_000 });

describe('the market socket of the simulated Polymarket', () => {
  it('begins with an array of books', async () => {
    const given = await tradingWorld();
    const socket = follow(given);
    expect(JSON.parse(socket.texts[0] ?? '')).toMatchObject([
      { event_type: 'book', asset_id: YES },
      { event_type: 'book', asset_id: NO },
    ]);
  });

  it('tells one change as both best prices and then the change, under one timestamp, in the recorded spelling', async () => {
    const given = await tradingWorld();
    const socket = follow(given);
    socket.texts.length = 0;
    given.sim.control.flow.counterparty().order({ tokenId: YES, side: 'BUY', priceE4: 5_000, sizeE6: 30_000_000 });
    expect(socket.frames().map(({ event_type: type, asset_id: id }) => [type, id])).toEqual([
      ['best_bid_ask', NO],
      ['best_bid_ask', YES],
      ['price_change', undefined],
    ]);
    expect(new Set(socket.frames().map(({ timestamp }) => timestamp)).size).toBe(1);
    expect(socket.texts[1]).toBe(
      `{"market":"${CONDITION}", "asset_id":"${YES}", "best_bid":"0.5", "best_ask":"0.51", "spread":"0.01", "timestamp":"1795161756000", "event_type":"best_bid_ask"}`,
    );
    expect(socket.of('price_change')[0].price_changes).toMatchObject([
      { asset_id: YES, price: '0.5', size: '30', side: 'BUY', best_bid: '0.5', best_ask: '0.51' },
      { asset_id: NO, price: '0.5', size: '30', side: 'SELL', best_bid: '0.49', best_ask: '0.5' },
    ]);
  });

  it('keeps extras from those who did not ask for them', async () => {
    const given = await tradingWorld();
    const plain = follow(given, [YES], false);
    given.sim.control.flow.counterparty().order({ tokenId: YES, side: 'BUY', priceE4: 5_000, sizeE6: 30_000_000 });
    given.sim.control.lifecycle.resolve(CONDITION, [1_000_000, 0]);
    expect(plain.frames().map(({ event_type: type }) => type)).not.toContain('best_bid_ask');
    expect(plain.of('market_resolved')).toEqual([]);
    expect(plain.of('price_change').length).toBeGreaterThan(0);
  });

  it('sends whole books after a trade', async () => {
    const given = await tradingWorld();
    const socket = follow(given);
    socket.texts.length = 0;
    await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    expect(socket.frames().map(({ event_type: type }) => type)).toEqual([
      'price_change',
      'last_trade_price',
      'book',
      'book',
    ]);
  });

  it('forgets an asset on unsubscribe and adds one later with its snapshot', async () => {
    const given = await tradingWorld();
    const socket = follow(given, [YES]);
    socket.say({ operation: 'unsubscribe', assets_ids: [YES] });
    const before = socket.texts.length;
    given.sim.control.flow.setLevels(YES, { bids: [level(4_500, 5)], asks: [] });
    expect(socket.texts).toHaveLength(before);
    socket.say({ operation: 'subscribe', assets_ids: [NO] });
    expect(socket.of('book').at(-1)).toMatchObject({ asset_id: NO, bids: [], asks: [{ price: '0.55', size: '5' }] });
  });

  it('sends no snapshot beyond 500 assets, silently', async () => {
    const given = await tradingWorld();
    const many = Array.from({ length: 500 }, (_each, index) => String(10n ** 20n + BigInt(index)));
    expect(follow(given, [YES, ...many]).texts).toEqual([]);
    expect(follow(given, [YES, ...many.slice(1)]).of('book')).toHaveLength(1);
  });

  it('answers text PING with text PONG and closes after a minute of silence', async () => {
    const given = await tradingWorld();
    const socket = connect(given, '/ws/market');
    socket.say('PING');
    expect(socket.texts).toEqual(['PONG']);
    given.clock.advanceBy(59_000);
    socket.say('PING');
    given.clock.advanceBy(59_000);
    expect(socket.closed).toBeUndefined();
    given.clock.advanceBy(1_000);
    expect(socket.closed).toBeDefined();
  });

  it('can freeze: PONG comes, data does not', async () => {
    const given = await tradingWorld();
    const socket = follow(given);
    given.sim.control.freezeSockets('market', 3_600_000);
    socket.texts.length = 0;
    given.sim.control.flow.setLevels(YES, { bids: [level(4_500, 5)], asks: [] });
    socket.say('PING');
    expect(socket.texts).toEqual(['PONG']);
  });

  it('changes the tick at the edge, with new books behind it', async () => {
    const given = await tradingWorld();
    given.sim.control.flow.setLevels(YES, { bids: [], asks: [level(9_700, 50)] });
    const socket = follow(given);
    await given.client.post({ price: 0.97, size: 10, type: 'FOK' });
    expect(socket.of('tick_size_change')).toMatchObject([
      { asset_id: YES, old_tick_size: '0.01', new_tick_size: '0.001' },
      { asset_id: NO },
    ]);
    expect(socket.of('book').at(-1)).toMatchObject({ tick_size: '0.001' });
  });
});

describe('the user socket of the simulated Polymarket', () => {
  it('closes on wrong credentials without a word', async () => {
    const given = await tradingWorld();
    const socket = connect(given, '/ws/user');
    socket.say({ auth: { ...given.client.credentials, passphrase: 'x' }, type: 'user' });
    expect(socket.closed).toBeDefined();
    expect(socket.texts).toEqual([]);
  });

  it('tells placement, partial fill, full fill and cancellation of a resting order', async () => {
    const given = await tradingWorld();
    const user = followOwn(given, given.client);
    const placed = await given.client.post({ price: 0.5, size: 10 });
    const other = given.sim.control.flow.counterparty();
    other.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 4_000_000, type: 'FAK' });
    other.order({ tokenId: YES, side: 'SELL', priceE4: 5_000, sizeE6: 6_000_000, type: 'FAK' });
    const second = await given.client.post({ price: 0.4, size: 10 });
    given.client.call('DELETE', '/order', { orderID: second.body.orderID });
    expect(
      user
        .of('order')
        .map(({ id, type, status, size_matched: matched }) => [id === placed.body.orderID, type, status, matched]),
    ).toEqual([
      [true, 'PLACEMENT', 'LIVE', '0'],
      [true, 'UPDATE', 'LIVE', '4'],
      [true, 'UPDATE', 'MATCHED', '10'],
      [false, 'PLACEMENT', 'LIVE', '0'],
      [false, 'CANCELLATION', 'CANCELED', '0'],
    ]);
  });

  it('tells a killed FOK with the dirt that was seen live: words in the status, dollars as size, empty texts', async () => {
    const given = await tradingWorld();
    const user = followOwn(given, given.client);
    await given.client.post({ price: 0.5, size: 24, type: 'FOK' });
    expect(user.of('order')).toMatchObject([
      {
        status: "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.",
        original_size: '12',
        size_matched: '',
        created_at: '',
        outcome: '',
        associate_trades: [],
      },
    ]);
  });

  it('may send an order and its trade in one array, and statuses with a prefix', async () => {
    const given = await tradingWorld();
    const user = followOwn(given, given.client);
    given.sim.control.setFaults([
      { id: 'V2', venue: 'polymarket', times: 1 },
      { id: 'D10', venue: 'polymarket', match: { type: 'trade' }, parameters: { shape: 'prefixed' } },
    ]);
    await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    expect(JSON.parse(user.texts[0] ?? '')).toMatchObject([
      { event_type: 'order', status: 'MATCHED' },
      { event_type: 'trade', status: 'TRADE_STATUS_MATCHED' },
    ]);
  });

  it('keeps to the markets that were named', async () => {
    const given = await tradingWorld();
    const socket = connect(given, '/ws/user');
    socket.say({ auth: given.client.credentials, type: 'user', markets: [`0x${'00'.repeat(32)}`] });
    await given.client.post({ price: 0.3 });
    expect(socket.frames()).toEqual([]);
    socket.say({ operation: 'subscribe', markets: [CONDITION] });
    await given.client.post({ price: 0.3 });
    expect(socket.of('order')).toHaveLength(1);
  });
});
