import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../../src/domain/ports/venue.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { micros, priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { immediateProblem, limitAmounts, marketAmounts } from '../../../src/venues/polymarket/amounts.ts';
import type { MarketTerms } from '../../../src/venues/polymarket/market-terms.ts';
import { buildOrder } from '../../../src/venues/polymarket/order-build.ts';
import { NOW, OWNER, testSigner } from './accounts.ts';
import { fixture, YES } from './frames.ts';

const signer = testSigner();
const TERMS: MarketTerms = {
  tokenId: YES,
  conditionId: 'condition',
  tickE4: priceE4(100),
  minSizeE6: sizeE6(5_000_000),
  exchange: 'exchange',
};

function request(over: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: 'client',
    instrument: { book: `polymarket/${YES}`, inverted: false },
    action: 'buy',
    limitE4: priceE4(5_100),
    sizeE6: sizeE6(10_000_000),
    timeInForce: 'fillOrKill',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
    ...over,
  };
}

function build(over: Partial<OrderRequest> = {}, terms: Partial<MarketTerms> = {}) {
  const context = { signer, account: { signatureType: 0 as const, funder: signer.address } };
  const clock = new VirtualClock({ wall: NOW });
  return buildOrder(request(over), { ...TERMS, ...terms }, { ...context, clock, random: seededRandom('orders') });
}

function built(over: Partial<OrderRequest> = {}, terms: Partial<MarketTerms> = {}) {
  const order = build(over, terms);
  if ('kind' in order) throw new Error(`expected an order, found ${order.detail}`);
  return order;
}

describe('order amounts', () => {
  interface Golden {
    readonly tick: string;
    readonly price: number;
    readonly size: number;
    readonly limit: { readonly makerAmount: string; readonly takerAmount: string };
    readonly marketByDollars: { readonly amount: number; readonly makerAmount: string; readonly takerAmount: string };
  }

  it.each(fixture('order-amounts') as Golden[])('are the golden ones: $size at $price on $tick', (golden) => {
    const tickE4 = Math.round(Number(golden.tick) * 10_000);
    const terms = { action: 'buy' as const, priceE4: priceE4(Math.round(golden.price * 10_000)), tickE4 };
    const limit = limitAmounts(terms, sizeE6(Math.round(golden.size * 1_000_000)));
    const { amount, ...market } = golden.marketByDollars;
    const byDollars = marketAmounts(terms, Math.round(amount * 1_000_000));
    const texts = ({ maker, taker }: typeof limit) => ({ makerAmount: String(maker), takerAmount: String(taker) });
    expect([texts(limit), texts(byDollars)]).toEqual([golden.limit, market]);
  });

  it('of a sale mirror those of a purchase', () => {
    const terms = { priceE4: priceE4(5_700), tickE4: 100 };
    const size = sizeE6(7_330_000);
    expect(limitAmounts({ ...terms, action: 'sell' }, size)).toEqual({ maker: 7_330_000, taker: 4_178_100 });
  });

  it('never give more than the limit price for the shares', () => {
    const prices = fc.integer({ min: 1, max: 9_999 });
    const sizes = fc.integer({ min: 1, max: 100_000_000 });
    fc.assert(
      fc.property(prices, sizes, (price, size) => {
        const { maker, taker } = limitAmounts(
          { action: 'buy', priceE4: priceE4(price), tickE4: 1 },
          sizeE6(size * 10_000),
        );
        expect(BigInt(maker) * 10_000n).toBe(BigInt(taker) * BigInt(price));
      }),
    );
  });

  it.each([
    ['buy', 5_700, 100, 1_000_000, undefined],
    ['buy', 570, 10, 19_000_000, 'pays whole cents, found $1.083'],
    ['sell', 5_125, 25, 10_010_000, 'at most 4 decimals, found $5.130125'],
    ['sell', 570, 10, 18_940_000, undefined],
  ] as const)('of an order that must match at once, to %s at %i on tick %i, are checked', (...given) => {
    const [action, price, tickE4, size, problem] = given;
    const terms = { action, priceE4: priceE4(price), tickE4 };
    const found = immediateProblem(terms, limitAmounts(terms, sizeE6(size))) ?? 'none';
    expect(found).toContain(problem ?? 'none');
  });
});

describe('building an order', () => {
  it('keeps signature and owner out of what is journaled', () => {
    const order = built();
    expect(order.body).not.toContain('signature"');
    expect(order.body).not.toContain(OWNER);
    expect(order.wireBody(OWNER)).toContain(OWNER);
  });

  it('gives a good-till-date order a minute more than it shall live', () => {
    const order = built({ timeInForce: 'goodTillDate', expiresAt: micros(NOW + 90_500_000) });
    expect(JSON.parse(order.body)).toMatchObject({ orderType: 'GTD', order: { expiration: '1763625750' } });
  });

  it('stamps the wall clock in milliseconds and another salt on each', () => {
    const context = { signer, account: { signatureType: 0 as const, funder: signer.address } };
    const clock = new VirtualClock({ wall: NOW });
    const random = seededRandom('salts');
    const orders = [0, 1].map(() => buildOrder(request(), TERMS, { ...context, clock, random }));
    const bodies = orders.map((order) => ('kind' in order ? undefined : JSON.parse(order.body).order));
    expect(bodies.map((order) => order.timestamp)).toEqual(['1763625600000', '1763625600000']);
    expect(bodies[0].salt).not.toBe(bodies[1].salt);
  });

  it('signs for the exchange of the market', () => {
    const ids = (['exchange', 'negRiskExchange', 'exchangeV3'] as const).map(
      (exchange) => built({}, { exchange }).orderId,
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('lets a sale be called reduce-only, because it cannot be anything else', () => {
    expect(build({ action: 'sell', reduceOnly: true })).not.toHaveProperty('kind');
  });

  it.each<[string, Partial<OrderRequest>, 'unsupported' | 'invalidOrder']>([
    ['an inverted instrument', { instrument: { book: `polymarket/${YES}`, inverted: true } }, 'unsupported'],
    ['a post-only order that cannot rest', { postOnly: true }, 'unsupported'],
    ['a reduce-only purchase', { reduceOnly: true }, 'unsupported'],
    ['a price off the tick', { limitE4: priceE4(5_150) }, 'invalidOrder'],
    ['a price of nothing', { limitE4: priceE4(0) }, 'invalidOrder'],
    ['a price of a dollar', { limitE4: priceE4(10_000) }, 'invalidOrder'],
    ['a size in thousandths', { sizeE6: sizeE6(10_001_000) }, 'invalidOrder'],
    ['no size', { sizeE6: sizeE6(0) }, 'invalidOrder'],
    ['a purchase below a dollar', { sizeE6: sizeE6(1_000_000) }, 'invalidOrder'],
    ['a purchase of broken cents', { sizeE6: sizeE6(10_010_000) }, 'invalidOrder'],
    [
      'a resting order below the minimum',
      { timeInForce: 'goodTillCanceled', sizeE6: sizeE6(4_990_000) },
      'invalidOrder',
    ],
    ['a date for an order without one', { expiresAt: micros(NOW + 9_000_000) }, 'invalidOrder'],
    ['no date for an order with one', { timeInForce: 'goodTillDate' }, 'invalidOrder'],
    ['a date that is past', { timeInForce: 'goodTillDate', expiresAt: NOW }, 'invalidOrder'],
  ])('refuses %s', (_, over, reason) => {
    expect(build(over)).toMatchObject({ kind: 'refused', reason });
  });

  it('refuses a tick that the venue does not have', () => {
    expect(build({}, { tickE4: priceE4(200) })).toMatchObject({ kind: 'refused', reason: 'invalidOrder' });
  });
});
