import { OrderBuilder, orderToJsonV2, Side } from '@polymarket/clob-client';
import { TypedDataEncoder, Wallet } from 'ethers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../src/domain/ports/clock.ts';
import type { Random } from '../../../src/domain/ports/random.ts';
import type { OrderRequest, TimeInForce } from '../../../src/domain/ports/venue.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { type Micros, micros, priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { type ChainId, type ExchangeName, exchangeOf } from '../../../src/venues/polymarket/contracts.ts';
import { loadDigestSigner, loadNativeSigner, scriptSigner } from '../../../src/venues/polymarket/digest-signer.ts';
import type { MarketTerms } from '../../../src/venues/polymarket/market-terms.ts';
import { type BuiltOrder, buildOrder, orderTypeOf } from '../../../src/venues/polymarket/order-build.ts';
import {
  type OrderStruct,
  type SignatureType,
  type TypedData,
  typedOrder,
} from '../../../src/venues/polymarket/order-struct.ts';
import type { PolymarketSigner } from '../../../src/venues/polymarket/signer.ts';
import { OWNER, PUBLIC_TEST_KEY, testKey, testSigner } from './accounts.ts';
import { fixture } from './frames.ts';

const native = await loadNativeSigner();
const SEED = process.env.SIGNER_SEED ?? String(Date.now());
const ORDERS = 1_000;

interface Golden {
  readonly l1_ClobAuth: { readonly address: string; readonly timestamp: string; readonly signature: string };
  readonly orders: readonly {
    readonly domain: { readonly chainId: ChainId; readonly version: string; readonly verifyingContract: string };
    readonly order: OrderStruct;
    readonly orderHash: string;
    readonly signature: string;
  }[];
}
const golden = fixture('order-signatures') as Golden;

function goldenOrder(at = 0): { readonly data: TypedData; readonly signature: string; readonly orderHash: string } {
  const entry = golden.orders[at];
  if (entry === undefined) throw new Error(`expected golden order ${at}`);
  const names: readonly ExchangeName[] = ['exchange', 'negRiskExchange', 'exchangeV3'];
  const exchange = names
    .map((name) => exchangeOf(137, name))
    .find(({ contract }) => contract === entry.domain.verifyingContract);
  if (exchange === undefined) throw new Error('expected a known exchange');
  return { data: typedOrder(exchange, entry.order), signature: entry.signature, orderHash: entry.orderHash };
}

/** What the official client asks a wallet to sign, and the answer of ethers. */
class Recording {
  readonly wallet: Wallet;
  readonly asked: TypedData[] = [];

  constructor(key: string) {
    this.wallet = new Wallet(key);
  }

  readonly _signTypedData = (
    domain: TypedData['domain'],
    types: Record<string, { name: string; type: string }[]>,
    message: Record<string, unknown>,
  ): Promise<string> => {
    this.asked.push({ domain, types, primaryType: 'Order', message });
    return this.wallet.signTypedData(domain, types, message);
  };

  readonly getAddress = (): Promise<string> => this.wallet.getAddress();
}

interface Case {
  readonly key: string;
  readonly chainId: ChainId;
  readonly signatureType: SignatureType;
  readonly funder: string | undefined;
  readonly terms: MarketTerms;
  readonly request: OrderRequest;
  readonly now: Micros;
  readonly chance: number;
}

const TICKS = [1_000, 100, 50, 25, 10, 1] as const;
const EXCHANGES: readonly ExchangeName[] = ['exchange', 'negRiskExchange', 'exchangeV3'];

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)] as T;
}

function randomCase(random: Random): Case {
  const key = testKey(`${SEED} ${random.below(8)}`);
  const signatureType = pick<SignatureType>(random, [0, 0, 1, 2, 3]);
  const funder = signatureType === 0 ? undefined : new Wallet(testKey(`funder ${random.below(1_000)}`)).address;
  const tickE4 = pick(random, TICKS);
  const now = micros(1_770_000_000_000_000 + random.below(2 ** 32) * 1_000);
  const timeInForce = pick<TimeInForce>(random, ['goodTillCanceled', 'goodTillDate']);
  const tokenId = BigInt(`0x${Buffer.from(random.bytes(32)).toString('hex')}`).toString();
  return {
    key,
    chainId: pick<ChainId>(random, [137, 80_002]),
    signatureType,
    funder,
    terms: {
      tokenId,
      conditionId: 'condition',
      tickE4: priceE4(tickE4),
      minSizeE6: sizeE6(0),
      exchange: pick(random, EXCHANGES),
    },
    request: {
      clientOrderId: 'client',
      instrument: { book: `polymarket/${tokenId}`, inverted: false },
      action: pick(random, ['buy', 'sell']),
      limitE4: priceE4((1 + random.below(10_000 / tickE4 - 1)) * tickE4),
      sizeE6: sizeE6((1 + random.below(500_000)) * 10_000),
      timeInForce,
      expiresAt: timeInForce === 'goodTillDate' ? micros(now + 1_000_000 * (1 + random.below(100_000))) : undefined,
      postOnly: random.below(2) === 0,
      reduceOnly: false,
      isReducing: false,
    },
    now,
    chance: random.next(),
  };
}

function ours(given: Case, signer: PolymarketSigner): BuiltOrder {
  const random: Random = { ...seededRandom('unused'), next: () => given.chance };
  const clock: Clock = new VirtualClock({ wall: given.now });
  const account = { signatureType: given.signatureType, funder: given.funder ?? signer.address };
  const built = buildOrder(given.request, given.terms, { account, signer, clock, random });
  if ('kind' in built) throw new Error(`expected an order, found ${built.detail}`);
  return built;
}

async function theirs(given: Case, wallet: Recording) {
  const { request, terms } = given;
  vi.spyOn(Math, 'random').mockReturnValue(given.chance);
  vi.spyOn(Date, 'now').mockReturnValue(given.now / 1_000);
  const builder = new OrderBuilder(wallet as never, given.chainId, given.signatureType, given.funder);
  const expiresS = request.expiresAt === undefined ? undefined : Math.floor(request.expiresAt / 1_000_000) + 60;
  const order = await builder.buildOrder(
    {
      tokenID: terms.tokenId,
      price: request.limitE4 / 10_000,
      size: request.sizeE6 / 1_000_000,
      side: request.action === 'buy' ? Side.BUY : Side.SELL,
      ...(expiresS === undefined ? {} : { expiration: expiresS }),
    },
    { tickSize: String(terms.tickE4 / 10_000) as '0.01', negRisk: terms.exchange === 'negRiskExchange' },
    terms.exchange === 'exchangeV3' ? 3 : 2,
  );
  vi.restoreAllMocks();
  const type = orderTypeOf(request.timeInForce);
  return { order, json: JSON.stringify(orderToJsonV2(order as never, OWNER, type as never, request.postOnly)) };
}

describe('order signer', () => {
  afterEach(() => vi.restoreAllMocks());

  it('signs the golden orders of both generations, in native code and in script', () => {
    for (const digestSigner of [scriptSigner, ...(native === undefined ? [] : [native])]) {
      const signer = testSigner({ digestSigner });
      const found = golden.orders.map((_, at) => signer.signOrder(goldenOrder(at).data));
      const expected = golden.orders.map(({ orderHash: orderId, signature }) => ({ orderId, signature }));
      expect(found).toEqual(expected);
    }
  });

  it(`builds ${ORDERS} random orders exactly as the official client and ethers do (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const digestSigner = await loadDigestSigner();
    for (let at = 0; at < ORDERS; at++) {
      const given = randomCase(random);
      const where = `seed ${SEED}, order ${at}`;
      const recording = new Recording(given.key);
      const official = await theirs(given, recording);
      const built = ours(given, testSigner({ key: given.key, chainId: given.chainId, digestSigner }));
      expect(built.wireBody(OWNER), where).toBe(official.json);
      const message = JSON.parse(built.body).order as OrderStruct;
      const { domain, types, message: struct } = typedOrder(exchangeOf(given.chainId, given.terms.exchange), message);
      const { expiration: _, ...fields } = struct as Record<string, unknown>;
      const asked = recording.asked[0];
      expect(asked?.domain, where).toEqual(domain);
      const contents = given.signatureType === 3 ? asked?.message.contents : asked?.message;
      expect(contents, where).toEqual({ ...fields, salt: String(message.salt) });
      expect(asked?.types.Order, where).toEqual(types.Order);
      expect(built.orderId, where).toBe(TypedDataEncoder.hash(domain, { Order: [...(types.Order ?? [])] }, fields));
    }
  }, 120_000);

  it('signs alike in native code and in script', () => {
    if (native === undefined) return;
    const random = seededRandom(`${SEED} digests`);
    for (let at = 0; at < 200; at++) {
      const [digest, key] = [random.bytes(32), random.bytes(32)];
      expect(native.sign(digest, key), `seed ${SEED}, digest ${at}`).toBe(scriptSigner.sign(digest, key));
    }
  });

  it('signs the statement of L1 authentication as the golden one', () => {
    const { address, timestamp, signature } = golden.l1_ClobAuth;
    const signer = testSigner();
    expect(signer.address).toBe(address);
    expect(signer.signClobAuth({ timestampS: Number(timestamp), nonce: 0 })).toBe(signature);
  });

  it('reproduces the wrapped signature of a recorded deposit-wallet order', () => {
    type Recorded = Record<string, readonly { readonly body: { readonly order: Record<string, unknown> } }[]>;
    const recorded = (fixture('client-requests') as Recorded).poly1271_limit?.[0]?.body.order ?? {};
    const { signature, expiration: _, ...fields } = recorded;
    const order = { ...fields, salt: String(fields.salt) } as OrderStruct;
    expect(testSigner().signOrder(typedOrder(exchangeOf(137, 'negRiskExchange'), order)).signature).toBe(signature);
  });
});

describe('order signer refuses', () => {
  const { data } = goldenOrder();
  const fields = data.types.Order ?? [];
  const [first, second, ...others] = fields;
  const swapped = [second, first, ...others] as typeof fields;

  it.each<[string, TypedData, RegExp]>([
    ['another primary type', { ...data, primaryType: 'Permit' }, /primary type Order, found "Permit"/],
    ['fields in another order', { ...data, types: { Order: swapped } }, /expected Order\(uint256 salt,/],
    ['a field more in the type', { ...data, types: { Order: [...fields, { name: 'fee', type: 'uint256' }] } }, /fee\)/],
    ['a field less in the type', { ...data, types: { Order: fields.slice(1) } }, /expected Order\(uint256 salt,/],
    ['a second type', { ...data, types: { Order: fields, Permit: [] } }, /type Order alone/],
    ['a field more in the message', { ...data, message: { ...data.message, fee: '0' } }, /fields of an order alone/],
    ['another domain name', { ...data, domain: { ...data.domain, name: 'USD Coin' } }, /expected domain/],
    ['version 1', { ...data, domain: { ...data.domain, version: '1' } }, /known exchange/],
    ['a version of another contract', { ...data, domain: { ...data.domain, version: '3' } }, /known exchange/],
    ['another chain', { ...data, domain: { ...data.domain, chainId: 1 } }, /expected chain 137, found 1/],
    ['the other test chain', { ...data, domain: { ...data.domain, chainId: 80_002 } }, /expected chain 137/],
    ['a salted domain', { ...data, domain: { ...data.domain, salt: '0x00' } }, /no further domain field/],
    [
      'another contract',
      { ...data, domain: { ...data.domain, verifyingContract: `0x${'22'.repeat(20)}` } },
      /known exchange/,
    ],
  ])('%s', (_, doctored, why) => {
    expect(() => testSigner().signOrder(doctored)).toThrow(why);
  });

  it.each<[string, Record<string, unknown>]>([
    ['side 2', { side: 2 }],
    ['a side as text', { side: 'BUY' }],
    ['signature type 4', { signatureType: 4 }],
    ['a salt beyond a safe integer', { salt: '9007199254740992' }],
    ['a salt as a number', { salt: 1 }],
    ['an amount of nothing', { makerAmount: '0' }],
    ['a negative amount', { takerAmount: '-1' }],
    ['an amount in hex', { takerAmount: '0x10' }],
    ['an amount with a leading zero', { takerAmount: '010' }],
    ['a token beyond 256 bits', { tokenId: (1n << 256n).toString() }],
    ['a maker that is no address', { maker: '0x12' }],
    ['a maker that is nobody', { maker: `0x${'00'.repeat(20)}` }],
    ['metadata of another length', { metadata: '0x00' }],
    ['another signer', { signer: `0x${'22'.repeat(20)}` }],
    ['another maker of an ordinary account', { maker: `0x${'22'.repeat(20)}` }],
    ['a deposit wallet that is not the signer', { signatureType: 3, maker: `0x${'22'.repeat(20)}` }],
  ])('%s', (_, change) => {
    const doctored = { ...data, message: { ...data.message, ...change } };
    expect(() => testSigner().signOrder(doctored)).toThrow();
  });

  it('a key that is none, without repeating it', () => {
    const wrong = PUBLIC_TEST_KEY.slice(0, -1);
    expect(() => testSigner({ key: wrong })).toThrow(/private key of 0x and 64 hex digits/);
    expect(() => testSigner({ key: wrong })).not.toThrow(new RegExp(wrong));
  });
});
