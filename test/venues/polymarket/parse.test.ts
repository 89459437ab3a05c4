import { describe, expect, it } from 'vitest';
import { uniformGrid } from '../../../src/domain/instrument.ts';
import { parsePolymarketBook } from '../../../src/venues/polymarket/order-book.ts';
import { parsePolymarketFrame } from '../../../src/venues/polymarket/parse.ts';
import { book, CONDITION, fixture, fixtureFrame, type Json, NO, parse, YES } from './frames.ts';

const bids = [
  { priceE4: 100, sizeE6: 510_000_000 },
  { priceE4: 4_800, sizeE6: 100_000_000 },
  { priceE4: 4_900, sizeE6: 50_000_000 },
];
const asks = [
  { priceE4: 9_900, sizeE6: 900_000_000 },
  { priceE4: 5_200, sizeE6: 200_000_000 },
  { priceE4: 5_100, sizeE6: 80_000_000 },
];

describe('Polymarket book', () => {
  it('comes as a list of books after subscribing', () => {
    const frames = parsePolymarketFrame(JSON.stringify(fixture('book-initial-dump')));
    expect(frames).toHaveLength(2);
    expect(frames[0]).toEqual({
      kind: 'book',
      tokenId: YES,
      conditionId: CONDITION,
      bids,
      asks,
      grid: uniformGrid(100),
      stamp: '1763625600000',
      venueAtMs: 1_763_625_600_000,
    });
    expect(frames[1]).toMatchObject({ kind: 'book', tokenId: NO });
  });

  it.each([undefined, ''])('has no grid without a tick: %j', (tick_size) => {
    expect(parse({ ...book(YES), tick_size })).toMatchObject({ kind: 'book', grid: undefined });
  });

  it.each([
    ['0.1', 1_000],
    ['0.01', 100],
    ['0.005', 50],
    ['0.0025', 25],
    ['0.001', 10],
    ['0.0001', 1],
    ['0.02', 200],
  ])('carries the grid of its tick: %s', (tick_size, step) => {
    expect(parse({ ...book(YES), tick_size })).toMatchObject({ grid: uniformGrid(step) });
  });

  it('keeps six decimals of a size', () => {
    const frame = book(YES, { bids: [{ price: '0.057', size: '18.947361' }] });
    expect(parse(frame)).toMatchObject({ bids: [{ priceE4: 570, sizeE6: 18_947_361 }] });
  });

  it('may be empty on both sides', () => {
    expect(parse(book(YES, { bids: [], asks: [] }))).toMatchObject({ kind: 'book', bids: [], asks: [] });
  });

  it.each<[string, Json]>([
    ['the same price twice', { bids: [{ price: '0.5', size: '1' }, { price: '0.50', size: '2' }] }], // biome-ignore format: one case a line
    ['a price of 0', { bids: [{ price: '0', size: '1' }] }],
    ['a price of 1', { asks: [{ price: '1', size: '1' }] }],
    ['a price finer than 0.0001', { asks: [{ price: '0.50001', size: '1' }] }],
    ['a negative size', { asks: [{ price: '0.5', size: '-1' }] }],
    ['a size finer than a millionth', { asks: [{ price: '0.5', size: '1.0000001' }] }],
    ['numbers instead of texts', { asks: [{ price: 0.5, size: 1 }] }],
    ['a missing side', { asks: undefined }],
    ['renamed sides', { bids: undefined, asks: undefined, buys: [], sells: [] }],
    ['a tick that does not divide a dollar', { tick_size: '0.003' }],
    ['a tick that is a number', { tick_size: 0.01 }],
    ['no asset', { asset_id: '' }],
    ['a time in seconds', { timestamp: '1763625600' }],
    ['a time that is a number', { timestamp: 1_763_625_600_000 }],
    ['no time', { timestamp: '' }],
  ])('is malformed with %s', (_, fields) => {
    expect(parse({ ...book(YES), ...fields })).toMatchObject({ kind: 'malformed', eventType: 'book' });
  });

  it('is read from the body of a poll', () => {
    const reading = parsePolymarketBook(fixture('book-rest'));
    const snapshot = { kind: 'book.snapshot', book: `polymarket/${YES}`, bids, asks, grid: uniformGrid(100) };
    expect(reading).toMatchObject({ kind: 'snapshot', snapshot: { ...snapshot, feed: undefined } });
  });

  it.each([undefined, null, [], 'text', {}, { error: 'No orderbook exists for the requested token id' }])(
    'is malformed from a body that is none: %j',
    (body) => {
      expect(parsePolymarketBook(body).kind).toBe('malformed');
    },
  );
});

describe('Polymarket price change', () => {
  it('sets levels of both tokens, orders to buy as bids and orders to sell as asks', () => {
    expect(parse(fixtureFrame('price-change-both-tokens'))).toEqual({
      kind: 'priceChange',
      conditionId: CONDITION,
      changes: [
        { tokenId: YES, side: 'bid', priceE4: 4_900, sizeE6: 150_000_000 },
        { tokenId: NO, side: 'ask', priceE4: 5_100, sizeE6: 150_000_000 },
      ],
      stamp: '1763625600500',
      venueAtMs: 1_763_625_600_500,
    });
  });

  it('removes a level with size 0 and does not need the best prices, which may be empty', () => {
    const changes = [{ tokenId: YES, side: 'bid', priceE4: 4_900, sizeE6: 0 }];
    expect(parse(fixtureFrame('price-change-empty-best'))).toMatchObject({ kind: 'priceChange', changes });
  });

  it('is malformed in the shape retired in 2025, and says so', () => {
    const frame = parse(fixtureFrame('price-change-retired'));
    expect(frame).toMatchObject({ kind: 'malformed', tokenIds: [YES], namesAllTokens: true });
    expect(frame).toMatchObject({ message: expect.stringContaining('single-asset shape retired in September 2025') });
  });

  const [first, second] = fixtureFrame('price-change-both-tokens').price_changes as [Json, Json];

  it.each<[string, Json]>([
    ['an unknown side', { side: 'HOLD' }],
    ['a price of 1', { price: '1' }],
    ['a price that is empty', { price: '' }],
    ['a size that is empty', { size: '' }],
    ['a size that is NaN', { size: 'NaN' }],
    ['a negative size', { size: '-5' }],
    ['a renamed size', { size: undefined, amount: '150' }],
    ['a size that is a number', { size: 150 }],
  ])('is malformed as a whole when one change has %s', (_, fields) => {
    const frame = { ...fixtureFrame('price-change-both-tokens'), price_changes: [first, { ...second, ...fields }] };
    expect(parse(frame)).toMatchObject({ kind: 'malformed', tokenIds: [YES, NO], namesAllTokens: true });
  });

  it('tells that it cannot name every token when an asset is unreadable', () => {
    const frame = { ...fixtureFrame('price-change-both-tokens'), price_changes: [first, { ...second, asset_id: 7 }] };
    expect(parse(frame)).toMatchObject({ tokenIds: [YES], namesAllTokens: false, conditionId: CONDITION });
  });

  it.each<[string, Json]>([
    ['no changes', { price_changes: [] }],
    ['changes that are no list', { price_changes: {} }],
    ['no market', { market: undefined }],
    ['no time', { timestamp: undefined }],
    ['a time with decimals', { timestamp: '1763625600.5' }],
  ])('is malformed with %s', (_, fields) => {
    expect(parse({ ...fixtureFrame('price-change-both-tokens'), ...fields }).kind).toBe('malformed');
  });
});

describe('Polymarket events beside the books', () => {
  it('change the tick of a token', () => {
    expect(parse(fixtureFrame('tick-size-change-finer'))).toMatchObject({
      kind: 'tickSizeChange',
      tokenId: YES,
      grid: uniformGrid(10),
    });
  });

  it('print a trade', () => {
    expect(parse(fixtureFrame('last-trade-price-buy'))).toMatchObject({
      kind: 'lastTrade',
      tokenId: YES,
      priceE4: 5_100,
      sizeE6: 19_600_000,
    });
  });

  it('quote the best prices', () => {
    const frame = parse(fixtureFrame('best-bid-ask-two-sided'));
    expect(frame).toMatchObject({ kind: 'bestBidAsk', bestBidE4: 4_900, bestAskE4: 5_100 });
  });

  it.each([
    ['', ''],
    ['0', '1'],
    ['0', ''],
  ])('quote nothing for an empty side: %j and %j', (best_bid, best_ask) => {
    const frame = parse({ ...fixtureFrame('best-bid-ask-two-sided'), best_bid, best_ask });
    expect(frame).toMatchObject({ kind: 'bestBidAsk', bestBidE4: undefined, bestAskE4: undefined });
  });

  it.each([
    ['new-market-listed', 'new_market', { slug: 'sample-new', active: true, order_price_min_tick_size: '0.01' }],
    ['market-resolved-yes', 'market_resolved', { winning_asset_id: YES, winning_outcome: 'Yes' }],
  ])('tell a change of the listing: %s', (name, change, detail) => {
    expect(parse(fixtureFrame(name))).toMatchObject({ kind: 'listing', conditionId: CONDITION, change, detail });
  });

  it.each<[string, Json]>([
    ['tick-size-change-finer', { new_tick_size: '0' }],
    ['tick-size-change-finer', { new_tick_size: undefined, tick_size: '0.001' }],
    ['last-trade-price-buy', { size: '' }],
    ['last-trade-price-buy', { price: '0' }],
    ['best-bid-ask-two-sided', { best_bid: 'none' }],
    ['best-bid-ask-two-sided', { best_ask: undefined }],
    ['new-market-listed', { market: undefined }],
    ['market-resolved-yes', { assets_ids: YES }],
  ])('are malformed without what they are about: %s %j', (name, fields) => {
    expect(parse({ ...fixtureFrame(name), ...fields }).kind).toBe('malformed');
  });

  it('are of an unknown kind when the event type is new', () => {
    expect(parse({ event_type: 'comment', asset_id: YES })).toEqual({ kind: 'unknownKind', eventType: 'comment' });
  });

  it.each(['bids', 'asks', 'price_changes', 'changes', 'new_tick_size'])(
    'are malformed when a new event type carries what only book events carry: %s',
    (key) => {
      expect(parse({ event_type: 'book_v2', asset_id: YES, [key]: [] })).toMatchObject({ kind: 'malformed' });
    },
  );
});

describe('Polymarket text', () => {
  it.each(['PONG', 'NO NEW ASSETS', 'INVALID OPERATION'])('is a notice when it is plain: %s', (text) => {
    expect(parsePolymarketFrame(text)).toEqual([{ kind: 'notice', text }]);
  });

  it('is cut short in a notice', () => {
    expect(parse('x'.repeat(5_000))).toMatchObject({ text: 'x'.repeat(80) });
  });

  it('may be an empty list of events', () => {
    expect(parsePolymarketFrame('[]')).toEqual([]);
  });

  it('keeps the good events of a list beside a bad one', () => {
    const frames = parsePolymarketFrame(JSON.stringify([book(YES), 7, [book(NO)], book(NO)]));
    expect(frames.map((frame) => frame.kind)).toEqual(['book', 'malformed', 'malformed', 'book']);
  });

  it.each(['', '  ', '{', '[', '{"event_type":"book"', 'arket":"0x1"}', '"PONG"', '{"event_type":7}', '{}'])(
    'is malformed when it was to be an event: %j',
    (text) => {
      expect(parsePolymarketFrame(text)).toMatchObject([{ kind: 'malformed' }]);
    },
  );

  it('is described without its content', () => {
    const frame = parse({ ...book(YES), timestamp: 'x'.repeat(5_000) });
    if (frame.kind !== 'malformed') throw new Error('expected a malformed frame');
    expect(frame.message).toContain('timestamp must be milliseconds');
    expect(frame.message.length).toBeLessThan(250);
  });
});
