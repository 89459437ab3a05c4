import { describe, expect, it } from 'vitest';
import { parseKalshiOrderbook } from '../../../src/venues/kalshi/order-book.ts';
import { fixture } from './frames.ts';

describe('Kalshi REST order book', () => {
  const sides = {
    kind: 'sides',
    bids: [{ priceE4: 4_700, sizeE6: 3_000_000 }],
    asks: [{ priceE4: 5_200, sizeE6: 3_000_000 }],
  };

  it('turns NO bids into YES asks', () => {
    expect(parseKalshiOrderbook(fixture('orderbook-rest-both-sides'))).toEqual(sides);
  });

  it('reads the bare body that recordings keep', () => {
    const { orderbook_fp } = fixture('orderbook-rest-both-sides') as { orderbook_fp: unknown };
    expect(parseKalshiOrderbook(orderbook_fp)).toEqual(sides);
  });

  it('is empty with two empty lists', () => {
    const body = { orderbook_fp: { yes_dollars: [], no_dollars: [] } };
    expect(parseKalshiOrderbook(body)).toEqual({ kind: 'sides', bids: [], asks: [] });
  });

  it.each([
    ['no body', undefined],
    ['null', null],
    ['a list', []],
    ['a missing list', { orderbook_fp: { yes_dollars: [] } }],
    ['a null list', { orderbook_fp: { yes_dollars: [], no_dollars: null } }],
    ['numbers instead of texts', { yes_dollars: [[0.47, 3]], no_dollars: [] }],
    ['the retired shape in cents', { orderbook: { yes: [[47, 3]], no: [] } }],
    ['a level of three values', { yes_dollars: [['0.47', '3.00', '1']], no_dollars: [] }],
    ['a price finer than 0.0001', { yes_dollars: [['0.47001', '3.00']], no_dollars: [] }],
  ])('is malformed with %s', (_, body) => {
    expect(parseKalshiOrderbook(body).kind).toBe('malformed');
  });
});
