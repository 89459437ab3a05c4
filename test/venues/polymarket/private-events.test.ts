import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fill, PrivateEvent } from '../../../src/domain/ports/venue.ts';
import { orderStateOf } from '../../../src/venues/polymarket/order-state.ts';
import { orderRecord, tradeRecord } from '../../../src/venues/polymarket/rest-wire.ts';
import { fillsOf } from '../../../src/venues/polymarket/trade-fills.ts';
import { privateEventsOf } from '../../../src/venues/polymarket/user-socket.ts';
import { damaged } from '../../support/mutate-json.ts';
import { OWNER } from './accounts.ts';
import { fixture, fixtureFrame, idOf, type Json, NO, YES } from './frames.ts';

const FUNDER = `0x${'22'.repeat(20)}`;
const MARKS = { owner: OWNER, funder: FUNDER };
const orders = fixture('user-orders') as Record<string, Json>;
const trades = fixture('user-trades') as Record<string, Json>;
const maker = fixture('user-trades-maker') as Json[];

function events(frame: unknown): readonly PrivateEvent[] {
  return privateEventsOf(typeof frame === 'string' ? frame : JSON.stringify(frame), MARKS);
}

function order(over: Json) {
  const state = orderStateOf(orderRecord.parse({ ...orders['order-placement'], ...over }));
  if (typeof state === 'string') throw new Error(state);
  return state;
}

function trade(over: Json): Json {
  return { ...trades['trade-matched'], ...over };
}

function fills(record: Json): readonly Fill[] {
  const found = fillsOf(tradeRecord.parse(record), MARKS);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const entry = (over: Json): Json => ({
  order_id: 'theirs',
  owner: 'somebody',
  maker_address: `0x${'33'.repeat(20)}`,
  matched_amount: '10',
  price: '0.51',
  asset_id: YES,
  side: 'SELL',
  ...over,
});

describe('order events', () => {
  it.each<[string, object]>([
    ['order-placement', { standing: 'resting', restingE6: 100_000_000, filledE6: 0 }],
    ['order-update', { standing: 'resting', restingE6: 75_000_000, filledE6: 25_000_000 }],
    ['order-matched', { standing: 'filled', restingE6: 0, filledE6: 100_000_000 }],
    ['order-cancellation', { standing: 'canceled', restingE6: 0, filledE6: 0 }],
    ['order-venue-cancel', { standing: 'canceled', restingE6: 0, filledE6: 0 }],
    ['order-fok-killed', { standing: 'canceled', originalE6: undefined, filledE6: 0, createdAt: undefined }],
  ])('%s', (name, expected) => {
    const found = events(orders[name]);
    expect(found).toMatchObject([{ kind: 'order.reported', order: { ...expected, instrument: { book: idOf(YES) } } }]);
  });

  it('give the reason that the venue puts behind a status', () => {
    const reasons = ['order-fok-killed', 'order-venue-cancel', 'order-cancellation'].map(
      (name) => events(orders[name])[0],
    );
    expect(reasons).toMatchObject([
      { reason: "order couldn't be fully filled. FOK orders are fully filled or killed." },
      { reason: 'INVALID' },
      { reason: undefined },
    ]);
  });

  it.each<[string, Json, string]>([
    ['a prefixed status', { status: 'ORDER_STATUS_LIVE' }, 'resting'],
    ['a market that was resolved', { status: 'CANCELED_MARKET_RESOLVED' }, 'canceled'],
    ['a delay', { status: 'DELAYED' }, 'unknown'],
    ['a delay without a match', { status: 'UNMATCHED' }, 'canceled'],
    ['a live FAK, which may fill later', { order_type: 'FAK' }, 'unknown'],
    [
      'a FAK that matched in part',
      { order_type: 'FAK', side: 'SELL', status: 'MATCHED', size_matched: '5' },
      'canceled',
    ],
    [
      'a FAK that matched wholly',
      { order_type: 'FAK', side: 'SELL', status: 'MATCHED', size_matched: '100' },
      'filled',
    ],
    ['a resting order matched in part', { status: 'MATCHED', size_matched: '5' }, 'unknown'],
    ['a remainder that is dust', { status: 'LIVE', size_matched: '99.997714' }, 'filled'],
    ['a status that is new to us', { status: 'PONDERING' }, 'unknown'],
  ])('read %s', (_, over, standing) => {
    expect(order(over).standing).toBe(standing);
  });

  it('do not believe the size of a FOK purchase, which may be money', () => {
    expect(order({ order_type: 'FOK', original_size: '12' }).originalE6).toBeUndefined();
  });

  it.each([['1763625600'], [1_763_625_600], ['1763625600000'], ['2025-11-20T08:00:00Z']])(
    'read %s as the same time',
    (at) => {
      expect(order({ created_at: at }).createdAt).toBe(1_763_625_600_000_000);
    },
  );

  it('are faults when price or size is malformed', () => {
    const found = [{ price: '1.2' }, { size_matched: 'many' }, { asset_id: '' }].map((over) =>
      events({ ...orders['order-update'], ...over }),
    );
    expect(found.flat().map(({ kind }) => kind)).toEqual(['private.fault', 'private.fault', 'private.fault']);
  });
});

describe('trade events', () => {
  it.each([
    ['trade-matched', 'matched'],
    ['trade-mined', 'mined'],
    ['trade-retrying', 'retrying'],
    ['trade-confirmed', 'confirmed'],
    ['trade-failed', 'failed'],
  ])('%s is the same fill, %s', (name, settlement) => {
    expect(events(trades[name])).toMatchObject([
      {
        kind: 'fill.reported',
        fill: {
          tradeId: '28c4d2eb-bbea-40e7-a9f0-b2fdb56b2c2e',
          instrument: { book: idOf(YES), inverted: false },
          action: 'buy',
          priceE4: 5_100,
          sizeE6: 19_600_000,
          feeMicroUsd: undefined,
          role: 'taker',
          settlement,
          venueAt: 1_763_625_601_000_000,
        },
      },
    ]);
  });

  it.each([['MATCHED_NOT_BROADCASTED'], ['TRADE_STATUS_MATCHED'], ['matched']])(
    'with status %s are matched',
    (status) => {
      expect(fills(trade({ status }))[0]?.settlement).toBe('matched');
    },
  );

  it('of a match over several prices carry its exact cash and an average against us', () => {
    const maker_orders = [entry({ matched_amount: '10', price: '0.5' }), entry({ matched_amount: '5', price: '0.51' })];
    const found = fills(trade({ size: '15', price: '0.51', maker_orders }));
    expect(found).toMatchObject([{ priceE4: 5_034, sizeE6: 15_000_000, notionalMicroUsd: 7_550_000 }]);
  });

  it('of a purchase minted with one of the other outcome cost the complement', () => {
    const maker_orders = [
      entry({ asset_id: NO, side: 'BUY', price: '0.482' }),
      entry({ matched_amount: '5', price: '0.518' }),
    ];
    const found = fills(trade({ size: '15', price: '0.52', maker_orders }));
    expect(found).toMatchObject([{ priceE4: 5_180, notionalMicroUsd: 7_770_000 }]);
  });

  it('whose makers do not add up keep the stated price and claim no cash', () => {
    const [fill] = fills(trade({ size: '15', maker_orders: [entry({})] }));
    expect([fill?.priceE4, fill && 'notionalMicroUsd' in fill]).toEqual([5_100, false]);
  });

  it('that we made are the entries with our orders, in their own token', () => {
    const ours = entry({
      order_id: 'mine',
      owner: OWNER,
      asset_id: NO,
      side: 'BUY',
      price: '0.49',
      matched_amount: '7',
    });
    const found = fills(trade({ trader_side: 'MAKER', maker_orders: [entry({}), ours] }));
    expect(found).toMatchObject([
      {
        tradeId: '28c4d2eb-bbea-40e7-a9f0-b2fdb56b2c2e/mine',
        venueOrderId: 'mine',
        instrument: { book: idOf(NO) },
        action: 'buy',
        priceE4: 4_900,
        sizeE6: 7_000_000,
        role: 'maker',
      },
    ]);
  });

  it.each([
    ['the same token', YES, 'sell'],
    ['the other token', NO, 'buy'],
  ])('that we made without a side, in %s of a purchase, are read as %s', (_, asset_id, action) => {
    const ours = entry({ order_id: 'mine', owner: OWNER, asset_id, side: undefined });
    expect(fills(trade({ trader_side: 'MAKER', maker_orders: [ours] }))[0]?.action).toBe(action);
  });

  it('count two of our resting orders in one match as two fills', () => {
    const ours = ['one', 'two'].map((order_id) =>
      entry({ order_id, maker_address: FUNDER.toUpperCase().replace('0X', '0x') }),
    );
    const found = fills(trade({ trader_side: 'MAKER', maker_orders: ours }));
    expect(new Set(found.map(({ tradeId }) => tradeId)).size).toBe(2);
  });

  it('as recorded by a maker are read entry by entry', () => {
    const owner = '00000000-0000-0000-0000-000000000000';
    const found = maker.map((frame) => fillsOf(tradeRecord.parse(frame), { owner, funder: FUNDER }));
    expect(
      found.map((list) =>
        typeof list === 'string' ? list : list.map(({ action, priceE4 }) => `${action} ${priceE4}`),
      ),
    ).toEqual([
      ['buy 4820', 'sell 5180', 'sell 5180', 'sell 5180', 'sell 5180', 'sell 5180'],
      ['buy 5130'],
      ['buy 4000', 'buy 3500', 'buy 3000'],
    ]);
  });

  it('without an order of ours are faults', () => {
    expect(events(trade({ trader_side: 'MAKER' }))).toMatchObject([{ kind: 'private.fault' }]);
  });

  it('with a status that is new to us are faults, never fills', () => {
    expect(events(trade({ status: 'PONDERING' }))).toMatchObject([{ kind: 'private.fault' }]);
  });
});

describe('a frame of the user channel', () => {
  it('may be a list', () => {
    expect(events(fixture('user-batch')).map(({ kind }) => kind)).toEqual(['order.reported', 'fill.reported']);
  });

  it('says nothing when it is PONG', () => {
    expect(events('PONG')).toEqual([]);
  });

  it('without event_type is known by its type, as in older frames', () => {
    const older = [orders['order-update'], trades['trade-mined']].map((frame) => ({ ...frame, event_type: undefined }));
    expect(older.flatMap(events).map(({ kind }) => kind)).toEqual(['order.reported', 'fill.reported']);
  });

  it('is never quoted when it is plain text', () => {
    expect(JSON.stringify(events('invalid auth for secret-words'))).not.toContain('secret-words');
  });

  it('of an unknown kind is a fault', () => {
    expect(events({ event_type: 'notification' })).toMatchObject([{ kind: 'private.fault' }]);
  });

  it('never throws, whatever is broken in it', () => {
    const frames = [fixtureFrame('user-orders')['order-update'], trades['trade-mined']] as Json[];
    fc.assert(
      fc.property(
        fc.constantFrom(...frames).chain((frame) => damaged(frame)),
        (frame) => {
          expect(() => events(frame)).not.toThrow();
        },
      ),
    );
  });
});
