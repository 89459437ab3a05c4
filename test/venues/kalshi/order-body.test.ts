import { describe, expect, it } from 'vitest';
import { type TickGrid, uniformGrid } from '../../../src/domain/instrument.ts';
import type { OrderRequest } from '../../../src/domain/ports/venue.ts';
import { contracts, micros, priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { bookSideOf, directionOf } from '../../../src/venues/kalshi/direction.ts';
import { type MarketFacts, type OrderSettings, orderBodyOf } from '../../../src/venues/kalshi/order-body.ts';
import { kalshiDefaults } from '../../../src/venues/kalshi/presets.ts';
import { tickGridOfLabel } from '../../../src/venues/kalshi/tick-grid.ts';
import { no, orderRequest, restFixture, TICKER, yes } from './venues.ts';

const NOW = micros(1_790_000_000_000_000);
const cents = uniformGrid(100);

function bodyOf(
  request: Partial<OrderRequest>,
  given: { market?: Partial<MarketFacts>; settings?: Partial<OrderSettings> } = {},
): Record<string, unknown> | string {
  const market = { grid: cents as TickGrid | undefined, exchangeIndex: undefined, ...given.market };
  const settings = { ...kalshiDefaults.orders, cancelOnPause: false, ...given.settings };
  const body = orderBodyOf(orderRequest(request), market, settings, NOW);
  return body.kind === 'body' ? JSON.parse(body.text) : `${body.reason}: ${body.detail}`;
}

describe('the body of an order', () => {
  it.each([
    ['buys YES as a bid', yes, 'buy', 'bid', '0.3300'],
    ['buys NO as an ask at the complement', no, 'buy', 'ask', '0.6700'],
    ['sells YES as an ask', yes, 'sell', 'ask', '0.3300'],
    ['sells NO as a bid at the complement', no, 'sell', 'bid', '0.6700'],
  ] as const)('%s', (_, instrument, action, side, price) => {
    expect(bodyOf({ instrument, action, limitE4: priceE4(3_300) })).toMatchObject({ ticker: TICKER, side, price });
  });

  it('is the recorded one of a resting order', () => {
    const recorded = restFixture('order-create-gtc-request');
    const { post_only, ...expected } = recorded;
    expect(post_only).toBe(false);
    expect(bodyOf({ limitE4: priceE4(100) })).toEqual(expected);
  });

  it('is the recorded one of an IOC', () => {
    const clientOrderId = '2b8394e0-515e-4b89-b624-f34067756855';
    expect(bodyOf({ clientOrderId, limitE4: priceE4(9_900), timeInForce: 'immediateOrCancel' })).toEqual(
      restFixture('order-create-ioc-request'),
    );
  });

  it('is the documented one of a FOK on an engine', () => {
    const clientOrderId = '7e9bb6c6-1c52-4b5c-9d0e-2b1d8f7f0001';
    const request = { clientOrderId, instrument: no, limitE4: priceE4(5_300), sizeE6: contracts(25) };
    expect(bodyOf({ ...request, timeInForce: 'fillOrKill' }, { market: { exchangeIndex: 0 } })).toEqual(
      restFixture('order-create-fok-request'),
    );
  });

  it('is the documented one with every option', () => {
    const { reduce_only, ...expected } = restFixture('order-create-all-options-request');
    expect(reduce_only).toBe(false);
    const body = bodyOf(
      {
        clientOrderId: '7e9bb6c6-1c52-4b5c-9d0e-2b1d8f7f0002',
        instrument: no,
        limitE4: priceE4(4_700),
        sizeE6: sizeE6(12_500_000),
        timeInForce: 'goodTillDate',
        expiresAt: micros(1_795_000_000_999_999),
        postOnly: true,
      },
      {
        settings: {
          selfTradePrevention: 'maker',
          cancelOnPause: true,
          subaccount: 0,
          orderGroupId: 'og_123',
          routing: 'auto',
        },
      },
    );
    expect(body).toEqual(expected);
  });

  it('says that every sale only reduces, and a purchase when it is asked to', () => {
    expect(bodyOf({ action: 'sell' })).toMatchObject({ reduce_only: true });
    expect(bodyOf({ reduceOnly: true })).toMatchObject({ reduce_only: true });
    expect(bodyOf({})).not.toHaveProperty('reduce_only');
  });

  it('is taken off at a pause only where it can rest', () => {
    const settings = { cancelOnPause: true };
    expect(bodyOf({}, { settings })).toMatchObject({ cancel_order_on_pause: true });
    expect(bodyOf({ timeInForce: 'fillOrKill' }, { settings })).not.toHaveProperty('cancel_order_on_pause');
  });

  it('writes counts and prices as texts, to the hundredth of a contract and of a cent', () => {
    const grid = uniformGrid(1);
    expect(bodyOf({ sizeE6: sizeE6(83_740_000), limitE4: priceE4(4_555) }, { market: { grid } })).toMatchObject({
      count: '83.74',
      price: '0.4555',
    });
  });
});

describe('an order that cannot be one', () => {
  it.each<[string, Partial<OrderRequest>, string]>([
    ['off the grid', { limitE4: priceE4(4_750) }, 'invalidOrder: a price must lie on the grid'],
    ['at 0', { limitE4: priceE4(0) }, 'invalidOrder: a price must lie on the grid'],
    ['at 1', { limitE4: priceE4(10_000) }, 'invalidOrder: a price must lie on the grid'],
    ['of nothing', { sizeE6: sizeE6(0) }, 'invalidOrder: a size must be'],
    ['of a thousandth of a contract', { sizeE6: sizeE6(1_001_000) }, 'invalidOrder: a size must be'],
    ['with a client id that holds a dot', { clientOrderId: 'KXBTC-1.5' }, 'invalidOrder: a client id must be a UUID'],
    [
      'that must rest and cannot',
      { postOnly: true, timeInForce: 'fillOrKill' },
      'invalidOrder: an order that must rest',
    ],
    ['that expires without a date', { timeInForce: 'goodTillDate' }, 'invalidOrder: expiresAt'],
    ['with a date and another life', { expiresAt: micros(NOW + 1) }, 'invalidOrder: expiresAt'],
    [
      'that has expired to the second',
      { timeInForce: 'goodTillDate', expiresAt: micros(NOW + 999_999) },
      'invalidOrder: an order must expire in the future',
    ],
    [
      'of another venue',
      { instrument: { book: 'polymarket/1', inverted: false } },
      'unsupported: expected a Kalshi book',
    ],
  ])('%s is refused before anything is sent', (_, request, problem) => {
    expect(bodyOf(request)).toContain(problem);
  });

  it('in a market without a known grid is refused', () => {
    expect(bodyOf({}, { market: { grid: undefined } })).toContain('price grid');
    const request = orderRequest();
    expect(orderBodyOf(request, undefined, kalshiDefaults.orders, NOW)).toMatchObject({ reason: 'invalidOrder' });
  });

  it('is judged by the price that is sent: NO at 0.095 is an ask at 0.905', () => {
    const grid = tickGridOfLabel('tapered_deci_cent');
    expect(bodyOf({ instrument: no, limitE4: priceE4(950) }, { market: { grid } })).toMatchObject({ price: '0.9050' });
    expect(bodyOf({ instrument: no, limitE4: priceE4(1_950) }, { market: { grid } })).toContain('0.8050');
  });
});

describe('a direction', () => {
  it.each([
    [yes, 'buy'],
    [yes, 'sell'],
    [no, 'buy'],
    [no, 'sell'],
  ] as const)('of %o %s comes back in the words of its request', (instrument, action) => {
    const request = { instrument, action };
    expect(directionOf(TICKER, bookSideOf(request), request)).toEqual(request);
  });

  it('is the purchase that it is, where the request is not known or does not fit', () => {
    expect(directionOf(TICKER, 'bid', undefined)).toEqual({ instrument: yes, action: 'buy' });
    expect(directionOf(TICKER, 'ask', undefined)).toEqual({ instrument: no, action: 'buy' });
    expect(directionOf(TICKER, 'ask', { instrument: yes, action: 'buy' })).toEqual({ instrument: no, action: 'buy' });
    expect(directionOf('OTHER', 'ask', { instrument: yes, action: 'sell' }).action).toBe('buy');
  });
});
