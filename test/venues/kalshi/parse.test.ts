import { describe, expect, it } from 'vitest';
import { fixtureFrame, type Json, parse, withMsg } from './frames.ts';

describe('Kalshi order book delta', () => {
  const recorded = fixtureFrame('orderbook-delta-yes');

  it('is a change of a bid for the yes side', () => {
    expect(parse(recorded)).toEqual({
      kind: 'delta',
      sid: 1,
      seq: 2,
      id: undefined,
      sendingAtMs: undefined,
      ticker: 'KXWTACHALLENGERMATCH-26JUN11JIMLEP-LEP',
      side: 'bid',
      priceE4: 4_700,
      deltaE6: -3_000_000,
      stamp: '2026-06-11T06:31:29.957081Z',
      venueAtMs: 1_781_159_489_957,
    });
  });

  it('is a change of an ask at one minus the price for the no side', () => {
    expect(parse(withMsg(recorded, { side: 'no' }))).toMatchObject({ side: 'ask', priceE4: 5_300 });
  });

  it('keeps the price of the no side when it is on the YES scale', () => {
    expect(parse(withMsg(recorded, { side: 'no' }), true)).toMatchObject({ side: 'ask', priceE4: 4_700 });
  });

  it('keeps fractions of a contract and of a cent', () => {
    const finer = withMsg(recorded, { price_dollars: '0.0010', delta_fp: '83.74' });
    expect(parse(finer)).toMatchObject({ priceE4: 10, deltaE6: 83_740_000 });
  });

  it.each(['0.47', '0.470', '0.4700', '0.470000'])('reads a price with any number of decimals: %s', (price) => {
    expect(parse(withMsg(recorded, { price_dollars: price }))).toMatchObject({ kind: 'delta', priceE4: 4_700 });
  });

  it('ignores what our own order added to it, and keeps the time of sending', () => {
    expect(parse(fixtureFrame('orderbook-delta-own'))).toMatchObject({
      kind: 'delta',
      deltaE6: 1_000_000,
      sendingAtMs: 1_781_159_502_551,
    });
  });

  it('is stamped with its milliseconds where it has no text time', () => {
    expect(parse(withMsg(recorded, { ts: undefined }))).toMatchObject({ stamp: '1781159489957' });
  });

  it.each<[string, Json]>([
    ['a price of 0', { price_dollars: '0.0000' }],
    ['a price of 1', { price_dollars: '1.0000' }],
    ['a price above 1, as cents would be', { price_dollars: '47' }],
    ['a price finer than 0.0001', { price_dollars: '0.47005' }],
    ['a negative price', { price_dollars: '-0.4700' }],
    ['a price that is a number', { price_dollars: 0.47 }],
    ['a price that is NaN', { price_dollars: 'NaN' }],
    ['a price with an exponent', { price_dollars: '4.7e-1' }],
    ['a price that is empty', { price_dollars: '' }],
    ['a renamed price', { price_dollars: undefined, price: '0.4700' }],
    ['a size that is a number', { delta_fp: -3 }],
    ['a size that is Infinity', { delta_fp: 'Infinity' }],
    ['a size finer than a millionth', { delta_fp: '0.0000001' }],
    ['a renamed size', { delta_fp: undefined, delta: '-3.00' }],
    ['an unknown side', { side: 'maybe' }],
    ['a missing side', { side: undefined }],
    ['a missing market', { market_ticker: undefined }],
    ['an empty market', { market_ticker: '' }],
    ['a missing time', { ts_ms: undefined }],
    ['a time with a fraction', { ts_ms: 1.5 }],
    ['a time that is text', { ts_ms: '1781159489957' }],
    ['a text time that is a number', { ts: 1_781_159_489 }],
  ])('is malformed with %s, and still tells its place', (_, fields) => {
    expect(parse(withMsg(recorded, fields))).toMatchObject({ kind: 'malformed', sid: 1, seq: 2 });
  });

  it.each<[string, Json]>([
    ['no seq', { seq: undefined }],
    ['a seq of 0', { seq: 0 }],
    ['a seq that is text', { seq: '2' }],
    ['a seq with a fraction', { seq: 2.5 }],
    ['no sid', { sid: undefined }],
    ['a null sid', { sid: null }],
    ['no msg', { msg: undefined }],
    ['a msg that is a list', { msg: [] }],
    ['a time of sending that is text', { sending_ts_ms: 'now' }],
    ['no type', { type: undefined }],
  ])('is malformed with %s in its envelope', (_, fields) => {
    expect(parse({ ...recorded, ...fields }).kind).toBe('malformed');
  });
});

describe('Kalshi order book snapshot', () => {
  const recorded = fixtureFrame('orderbook-snapshot-both-sides');
  const bid = { priceE4: 4_700, sizeE6: 3_000_000 };

  it('turns NO bids into YES asks', () => {
    const asks = [{ priceE4: 5_200, sizeE6: 2_000_000 }];
    expect(parse(recorded)).toMatchObject({ kind: 'snapshot', bids: [bid], asks, stamp: undefined });
  });

  it('keeps NO prices that are on the YES scale already', () => {
    const frame = fixtureFrame('orderbook-snapshot-yes-price');
    expect(parse(frame, true)).toMatchObject({ bids: [bid], asks: [{ priceE4: 5_200, sizeE6: 1_000_000 }] });
  });

  it('has an empty side where a key is absent', () => {
    expect(parse(fixtureFrame('orderbook-snapshot-one-sided'))).toMatchObject({ bids: [bid], asks: [] });
  });

  it('is an empty book without both keys, as at the close', () => {
    const frame = fixtureFrame('orderbook-snapshot-closed');
    expect(parse(frame)).toMatchObject({ kind: 'snapshot', sid: 2, seq: 501, bids: [], asks: [] });
  });

  it('tells which command it answers', () => {
    expect(parse(fixtureFrame('orderbook-snapshot-reply'))).toMatchObject({ kind: 'snapshot', id: 127, seq: 223 });
  });

  it('does not rely on the order of levels', () => {
    const levels = [
      ['0.2200', '333.00'],
      ['0.0800', '300.00'],
    ];
    expect(parse(withMsg(recorded, { yes_dollars_fp: levels }))).toMatchObject({
      bids: [
        { priceE4: 2_200, sizeE6: 333_000_000 },
        { priceE4: 800, sizeE6: 300_000_000 },
      ],
    });
  });

  it('leaves out levels of size 0', () => {
    expect(parse(withMsg(recorded, { yes_dollars_fp: [['0.47', '0.00']] }))).toMatchObject({ bids: [] });
  });

  it('ignores fields that it does not know', () => {
    expect(parse(withMsg(recorded, { depth: 7, extra: { a: 1 }, series: 'x', list: [] }))).toEqual(parse(recorded));
  });

  it.each<[string, Json]>([
    ['the same price twice', { yes_dollars_fp: [['0.47', '1.00'], ['0.4700', '2.00']] }], // biome-ignore format: one case a line
    ['a price of 0', { yes_dollars_fp: [['0.0000', '1.00']] }],
    ['a price of 1', { no_dollars_fp: [['1.0000', '1.00']] }],
    ['a negative size', { yes_dollars_fp: [['0.4700', '-1.00']] }],
    ['a size that is NaN', { no_dollars_fp: [['0.4800', 'NaN']] }],
    ['a level of one value', { yes_dollars_fp: [['0.4700']] }],
    ['levels as numbers', { yes_dollars_fp: [[0.47, 3]] }],
    ['a side that is null', { yes_dollars_fp: null }],
    ['a side that is an object', { no_dollars_fp: {} }],
    ['a renamed side', { yes_dollars_fp: undefined, yes_dollars: [['0.4700', '3.00']] }],
    ['the content of a delta', { yes_dollars_fp: undefined, no_dollars_fp: undefined, price_dollars: '0.4700' }],
    ['a missing market', { market_ticker: undefined }],
    ['a time that is text', { ts_ms: 'soon' }],
  ])('is malformed with %s', (_, fields) => {
    expect(parse(withMsg(recorded, fields))).toMatchObject({ kind: 'malformed', type: 'orderbook_snapshot', seq: 1 });
  });
});

describe('Kalshi public messages', () => {
  it('print a trade at its YES price', () => {
    expect(parse(fixtureFrame('trade-taker-no'))).toMatchObject({
      kind: 'trade',
      ticker: 'HIGHNY-22DEC23-B53.5',
      priceE4: 3_600,
      sizeE6: 136_000_000,
      tradeId: 'd91bc706-ee49-470d-82d8-11418bda6fed',
      stamp: '1669149841000',
    });
  });

  it.each<[string, Json]>([
    ['a price of 1', { yes_price_dollars: '1.0000' }],
    ['no contracts', { count_fp: '0.00' }],
    ['a missing count', { count_fp: undefined }],
    ['no trade id', { trade_id: '' }],
    ['no time', { ts_ms: undefined }],
  ])('do not print a trade with %s', (_, fields) => {
    expect(parse(withMsg(fixtureFrame('trade-taker-no'), fields)).kind).toBe('malformed');
  });

  it('quote the best prices of a ticker, which has no seq', () => {
    const frame = parse(fixtureFrame('ticker-two-sided'));
    expect(frame).toMatchObject({ kind: 'ticker', seq: undefined, bestBidE4: 4_500, bestAskE4: 5_300 });
  });

  it('quote nothing for an empty book, which is sent as 0 and 1', () => {
    const frame = parse(fixtureFrame('ticker-empty-book'));
    expect(frame).toMatchObject({ kind: 'ticker', bestBidE4: undefined, bestAskE4: undefined });
  });

  it.each<[string, Json]>([
    ['a renamed bid', { yes_bid_dollars: undefined, yes_bid: '0.4500' }],
    ['an ask above 1', { yes_ask_dollars: '1.0100' }],
    ['a bid in cents', { yes_bid_dollars: 45 }],
    ['no market', { market_ticker: '' }],
  ])('quote nothing with %s', (_, fields) => {
    expect(parse(withMsg(fixtureFrame('ticker-two-sided'), fields)).kind).toBe('malformed');
  });

  it.each([
    ['lifecycle-created', 'created', { open_ts: 1_694_635_200, event_ticker: 'INXD-23SEP14', can_close_early: true }],
    ['lifecycle-activated', 'activated', { is_deactivated: false }],
    ['lifecycle-deactivated', 'deactivated', { is_deactivated: true }],
    ['lifecycle-close-date-updated', 'close_date_updated', { close_ts: 1_781_204_400 }],
    ['lifecycle-determined', 'determined', { result: 'yes', settlement_value: '1.0000' }],
    ['lifecycle-determined-scalar', 'determined', { result: 'scalar', settlement_value: '0.5300' }],
    ['lifecycle-settled', 'settled', { settled_ts: 1_781_204_760 }],
    ['lifecycle-metadata-updated', 'metadata_updated', { floor_strike: 95_000, cap_strike: 95_250 }],
    ['multivariate-lifecycle-created', 'created', { price_level_structure: 'center_deci_edge_centi_cent' }],
    ['event-lifecycle-created', 'event_lifecycle', { collateral_return_type: 'MECNET' }],
    ['event-fee-update-set', 'event_fee_update', { fee_type_override: 'quadratic', fee_multiplier_override: 1 }],
  ])('tell a change of the listing: %s', (name, change, detail) => {
    expect(parse(fixtureFrame(name))).toMatchObject({ kind: 'lifecycle', change, isKnownChange: true, detail });
  });

  it('tell a cleared fee override from a missing one', () => {
    const set = fixtureFrame('event-fee-update-set');
    const cleared = { fee_type_override: null, fee_multiplier_override: null };
    expect(parse(withMsg(set, cleared))).toMatchObject({ kind: 'lifecycle', detail: cleared });
    expect(parse(withMsg(set, { fee_type_override: undefined })).kind).toBe('malformed');
  });

  it('pass on a new kind of listing change by its name', () => {
    const frame = withMsg(fixtureFrame('lifecycle-settled'), { event_type: 'amended' });
    expect(parse(frame)).toMatchObject({ kind: 'lifecycle', change: 'amended', isKnownChange: false });
  });

  it.each<[string, Json]>([
    ['lifecycle-determined', { result: undefined }],
    ['lifecycle-determined', { result: '' }],
    ['lifecycle-close-date-updated', { close_ts: undefined }],
    ['lifecycle-close-date-updated', { close_ts: 'tomorrow' }],
    ['lifecycle-settled', { market_ticker: undefined }],
    ['lifecycle-settled', { event_type: undefined }],
    ['lifecycle-price-level-structure-updated', { price_ranges: [] }],
    ['lifecycle-price-level-structure-updated', { price_ranges: undefined, price_level_structure: undefined }],
  ])('are malformed without what they are about: %s %j', (name, fields) => {
    expect(parse(withMsg(fixtureFrame(name), fields)).kind).toBe('malformed');
  });
});

describe('Kalshi new price grid', () => {
  const recorded = fixtureFrame('lifecycle-price-level-structure-updated');
  const deciCent = { bands: [{ startE4: 0, endE4: 10_000, stepE4: 10 }] };

  it('is read from the price ranges', () => {
    expect(parse(withMsg(recorded, { price_level_structure: 'new' }))).toMatchObject({ regrid: { grid: deciCent } });
  });

  it('is read from a known label where there are no ranges', () => {
    expect(parse(withMsg(recorded, { price_ranges: undefined }))).toMatchObject({ regrid: { grid: deciCent } });
  });

  it('is open where only an unknown label is given', () => {
    const unknown = withMsg(recorded, { price_ranges: undefined, price_level_structure: 'banded_centi_cent' });
    expect(parse(unknown)).toMatchObject({ kind: 'lifecycle', regrid: { grid: undefined } });
  });
});

describe('Kalshi answers', () => {
  it('tell the channel of a new subscription', () => {
    const frame = parse(fixtureFrame('subscribed-orderbook'));
    expect(frame).toMatchObject({ kind: 'subscribed', id: 1, sid: undefined, newSid: 1, channel: 'orderbook_delta' });
  });

  it('tell the end of a subscription', () => {
    expect(parse(fixtureFrame('unsubscribed-answer'))).toMatchObject({ kind: 'unsubscribed', sid: 2, seq: 7 });
  });

  it('list the markets of an updated subscription', () => {
    const tickers = ['MARKET-1', 'MARKET-2', 'MARKET-3'];
    expect(parse(fixtureFrame('ok-update'))).toMatchObject({ kind: 'ok', sid: 456, seq: 222, tickers });
  });

  it('list the subscriptions of the connection', () => {
    const subscriptions = [
      { channel: 'orderbook_delta', sid: 1 },
      { channel: 'fill', sid: 3 },
    ];
    expect(parse(fixtureFrame('ok-list-subscriptions'))).toMatchObject({
      kind: 'ok',
      tickers: undefined,
      subscriptions,
    });
  });

  it.each([undefined, {}, { market_ids: ['m'] }])('may leave the markets out: msg %j', (msg) => {
    expect(parse({ ...fixtureFrame('ok-update'), msg })).toMatchObject({ kind: 'ok', tickers: undefined });
  });

  it.each([
    ['error-unknown-sid', 7, false],
    ['error-buffer-overflow', 25, true],
  ])('tell whether an error ends the subscription: %s', (name, code, isTerminal) => {
    expect(parse(fixtureFrame(name))).toMatchObject({ kind: 'error', code, isTerminal });
  });

  it('end the subscription with a channel error', () => {
    expect(parse({ type: 'error', sid: 1, seq: 4, msg: { code: 10, msg: 'Channel error' } })).toMatchObject({
      isTerminal: true,
    });
  });

  it.each<[string, Json]>([
    ['subscribed-orderbook', { msg: { channel: 'orderbook_delta' } }],
    ['subscribed-orderbook', { msg: { sid: 1 } }],
    ['subscribed-orderbook', { msg: { channel: 'orderbook_delta', sid: '1' } }],
    ['unsubscribed-answer', { sid: undefined }],
    ['ok-update', { msg: { market_tickers: 'MARKET-1' } }],
    ['ok-update', { sid: undefined }],
    ['ok-list-subscriptions', { msg: [{ sid: 1 }] }],
    ['error-unknown-sid', { msg: { code: '7', msg: 'Unknown' } }],
    ['error-unknown-sid', { msg: 'Unknown subscription ID' }],
  ])('are malformed without what they are about: %s %j', (name, fields) => {
    expect(parse({ ...fixtureFrame(name), ...fields }).kind).toBe('malformed');
  });
});

describe('Kalshi private messages', () => {
  it.each([
    ['fill-taker', 'fill', { trade_id: 'd91bc706-ee49-470d-82d8-11418bda6fed', fee_cost: '3.648800' }],
    ['user-order-resting', 'user_order', { status: 'resting', remaining_count_fp: '10.00' }],
    ['user-order-canceled', 'user_order', { status: 'canceled', last_update_reason: 'HaltCancel' }],
    ['market-position-long', 'market_position', { position_fp: '100.00' }],
    ['order-group-update-limit', 'order_group_updates', { event_type: 'limit_updated' }],
  ])('are kept in the words of the venue: %s', (name, type, message) => {
    expect(parse(fixtureFrame(name))).toMatchObject({ kind: 'private', type, message });
  });

  it.each<[string, Json]>([
    ['fill-taker', { trade_id: undefined }],
    ['fill-taker', { count_fp: 278 }],
    ['fill-taker', { book_side: 'both' }],
    ['fill-taker', { fee_cost: undefined, fee: '3.648800' }],
    ['user-order-resting', { order_id: undefined }],
    ['user-order-resting', { ticker: undefined }],
    ['market-position-long', { position_fp: undefined }],
    ['order-group-update-limit', { order_group_id: undefined }],
  ])('are malformed without what they are about: %s %j', (name, fields) => {
    expect(parse(withMsg(fixtureFrame(name), fields)).kind).toBe('malformed');
  });
});

describe('Kalshi frames of no use or no sense', () => {
  it.each(['rfq_created', 'quote_executed', 'cfbenchmarks_value', 'pyth_value'])('are known by name: %s', (type) => {
    expect(parse({ type, sid: 3, seq: 9, msg: {} })).toMatchObject({ kind: 'other', type, sid: 3, seq: 9 });
  });

  it('are of an unknown kind with their place when the type is new', () => {
    expect(parse({ type: 'heartbeat', sid: 3, seq: 9 })).toMatchObject({ kind: 'unknownKind', sid: 3, seq: 9 });
  });

  it.each([
    '',
    ' ',
    'PONG',
    '{',
    '[]',
    'null',
    '7',
    '"text"',
    '{"type":',
    '{"type":5}',
    '{"type":"__proto__","seq":1}',
  ])('are malformed as text: %j', (text) => {
    expect(parse(text).kind).toBe('malformed');
  });

  it('are described without their content', () => {
    const frame = parse(withMsg(fixtureFrame('orderbook-delta-yes'), { price_dollars: 'x'.repeat(5_000) }));
    if (frame.kind !== 'malformed') throw new Error('expected a malformed frame');
    expect(frame.message).toContain('price_dollars must lie inside 0..1');
    expect(frame.message).toContain('sid 1, seq 2');
    expect(frame.message.length).toBeLessThan(250);
  });
});
