import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { l2Signature } from '../../../src/sim/polymarket/auth.ts';
import { bookHash } from '../../../src/sim/polymarket/book-hash.ts';
import { exchangeDomain } from '../../../src/sim/polymarket/exchanges.ts';
import { takerFee } from '../../../src/sim/polymarket/fees.ts';
import { cashOf, priceOf, scaled, sharesFor } from '../../../src/sim/polymarket/numbers.ts';
import { clobAuthSigner, orderHash, orderSigner } from '../../../src/sim/polymarket/signatures.ts';
import { amountComplaint, termsOf, tickComplaint } from '../../../src/sim/polymarket/terms.ts';

// biome-ignore lint/suspicious/noExplicitAny: recorded text of another program
const sample = (path: string): any =>
  JSON.parse(readFileSync(new URL(`../../fixtures/polymarket-samples/${path}`, import.meta.url), 'utf8'));

const signatures = sample('golden/signatures.json');

describe('the simulated venue against exact vectors', () => {
  it('recovers the signer of the attestation', () => {
    const { address, timestamp, nonce, signature } = signatures.l1_ClobAuth;
    expect(clobAuthSigner({ address, timestamp, nonce, chainId: 137 }, signature)).toBe(address);
    expect(clobAuthSigner({ address, timestamp, nonce: '1', chainId: 137 }, signature)).not.toBe(address);
  });

  it.each(signatures.l2_hmac as { secret: string; message: string; signature: string }[])(
    'signs a request as the official client does: $message',
    ({ secret, message, signature }) => {
      expect(l2Signature(secret, message)).toBe(signature);
    },
  );

  it.each([
    [0, { version: 'v1', negRisk: false }],
    [1, { version: 'v1', negRisk: true }],
    [2, { version: 'v2', negRisk: false }],
  ] as const)('computes hash and signer of order %i for its exchange', (index, market) => {
    const golden = signatures.orders[index];
    const domain = exchangeDomain({ ...market, chainId: 137 });
    expect(domain).toEqual(golden.domain);
    expect(orderHash(domain, golden.order)).toBe(golden.orderHash);
    expect(orderSigner(domain, golden.order, golden.signature)).toBe(signatures.l1_ClobAuth.address);
  });

  it('charges every fee that was seen on the chain', () => {
    const fees = sample('golden/fee-vectors.json') as Record<string, string & number>[];
    const charged = fees.map(({ side, price = '', feeRate = '', makerAmountFilled = 0, takerAmountFilled = 0 }) =>
      takerFee(
        { sizeE6: Number(side === 'BUY' ? takerAmountFilled : makerAmountFilled), priceE4: priceOf(price) },
        { rateE6: Number(scaled(feeRate, 6)), exponent: 1, takerOnly: true },
      ),
    );
    expect(charged).toEqual(fees.map(({ fee }) => fee));
  });

  it('moves the dollars that the chain moved: floor of size times price for the taker', () => {
    const fills = (sample('golden/fee-vectors.json') as Record<string, string & number>[]).filter(
      ({ side, takerAmountFilled = 0, makerAmountFilled = 0, price = '' }) =>
        side === 'BUY' && sharesFor(makerAmountFilled, priceOf(price)) === takerAmountFilled,
    );
    expect(fills.length).toBeGreaterThan(5);
    for (const { takerAmountFilled = 0, makerAmountFilled, price = '' } of fills)
      expect(cashOf(takerAmountFilled, priceOf(price))).toBe(makerAmountFilled);
  });

  it('hashes a captured book to the hash that came with it', () => {
    const book = sample('rest/book-captured.json');
    expect(bookHash(book)).toBe(book.hash);
  });

  interface Amounts {
    readonly makerAmount: string;
    readonly takerAmount: string;
  }
  const amounts = sample('golden/amount-rounding.json') as {
    tick: string;
    price: number;
    size: number;
    limit: Amounts;
    marketByDollars: Amounts;
  }[];
  const signed = (type: 'GTC' | 'FOK', given: Amounts) => ({
    fields: { side: 'BUY' } as Parameters<typeof termsOf>[0]['fields'],
    signature: '',
    expiration: 0,
    owner: '',
    type,
    postOnly: false,
    makerAmount: Number(given.makerAmount),
    takerAmount: Number(given.takerAmount),
  });

  it.each(amounts)(
    'reads the amounts of $size at $price on a tick of $tick as that price',
    ({ tick, price, limit, marketByDollars }) => {
      const market = { tickE4: priceOf(tick) };
      const resting = signed('GTC', limit);
      const taking = signed('FOK', marketByDollars);
      expect(termsOf(resting).priceE4).toBe(priceOf(String(price)));
      expect(tickComplaint(market, resting)).toBeUndefined();
      expect(termsOf(taking).priceE4).toBe(priceOf(String(price)));
      expect(tickComplaint(market, taking)).toBeUndefined();
      expect(amountComplaint(market, taking)).toBeUndefined();
    },
  );

  it('refuses as FOK what the limit path makes of a size whose dollars are no whole cents', () => {
    const refused = amounts.filter(
      ({ tick, limit }) => amountComplaint({ tickE4: priceOf(tick) }, signed('FOK', limit)) !== undefined,
    );
    expect(refused.map(({ limit }) => limit.makerAmount)).toEqual(['4178100', '1083000', '5125000', '4995000']);
  });
});
