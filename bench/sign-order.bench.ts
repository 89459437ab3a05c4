/**
 * What one signed Polymarket order costs: ours in native code and in script, ethers, and the official client.
 *
 *     npm run bench -- sign-order [--rounds 7] [--orders 100] [--json]
 *
 * The floor is the native signature of 32 bytes alone, which nobody can avoid who signs natively; `ratioToFloor`
 * divides each figure by it. Figures are CPU time of this process, the median of several rounds in turn, so that a
 * busy machine disturbs all of them alike.
 */
import { parseArgs } from 'node:util';
import { OrderBuilder, Side } from '@polymarket/clob-client';
import { Wallet } from 'ethers';
import { Secret } from '../src/domain/secret.ts';
import { seededRandom } from '../src/domain/seeded-random.ts';
import { exchangeOf } from '../src/venues/polymarket/contracts.ts';
import { loadNativeSigner } from '../src/venues/polymarket/digest-signer.ts';
import { OrderEncoder } from '../src/venues/polymarket/order-digest.ts';
import { type OrderStruct, typedOrder, ZERO_WORD } from '../src/venues/polymarket/order-struct.ts';
import { PolymarketSigner } from '../src/venues/polymarket/signer.ts';
import { environment, environmentLine } from './support/environment.ts';
import { median, round } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    orders: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const ordersPerRound = Number(values.orders);

const random = seededRandom('sign-order');
const keyBytes = random.bytes(32);
const key = `0x${Buffer.from(keyBytes).toString('hex')}`;
const wallet = new Wallet(key);
const exchange = exchangeOf(137, 'exchange');
const tokenId = BigInt(`0x${Buffer.from(random.bytes(32)).toString('hex')}`).toString();
const digest = random.bytes(32);

function orderAt(salt: number): OrderStruct {
  return {
    salt: String(salt),
    maker: wallet.address,
    signer: wallet.address,
    tokenId,
    makerAmount: '9690000',
    takerAmount: '19000000',
    side: 'BUY',
    signatureType: 0,
    timestamp: '1763625600000',
    metadata: ZERO_WORD,
    builder: ZERO_WORD,
  };
}

const privateKey = new Secret(key);
const native = await loadNativeSigner();
const ourScript = new PolymarketSigner({ privateKey, chainId: 137 });
const ourNative = native && new PolymarketSigner({ privateKey, chainId: 137, digestSigner: native });
const encoder = new OrderEncoder(exchange);

/** The adapter that the official client needs for a wallet of ethers 6. */
const adapter = {
  getAddress: () => wallet.getAddress(),
  _signTypedData: (...data: Parameters<Wallet['signTypedData']>) => wallet.signTypedData(...data),
};
const official = new OrderBuilder(adapter as never, 137, 0);

const variants: Record<string, ((at: number) => unknown) | undefined> = {
  'native signature alone': native && (() => native.sign(digest, keyBytes)),
  'our digest alone': (at) => encoder.digest(orderAt(at)),
  'ours, native': ourNative && ((at) => ourNative.signOrder(typedOrder(exchange, orderAt(at)))),
  'ours, script': (at) => ourScript.signOrder(typedOrder(exchange, orderAt(at))),
  'ethers signTypedData': (at) => {
    const { domain, types, message } = typedOrder(exchange, orderAt(at));
    return wallet.signTypedData(domain, { Order: [...(types.Order ?? [])] }, message);
  },
  'official client with ethers': () =>
    official.buildOrder(
      { tokenID: tokenId, price: 0.51, size: 19, side: Side.BUY },
      { tickSize: '0.01', negRisk: false },
      2,
    ),
};

async function millisEach(run: (at: number) => unknown): Promise<number> {
  const before = process.cpuUsage();
  for (let at = 0; at < ordersPerRound; at++) await run(at);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / ordersPerRound;
}

const measured = new Map<string, number[]>();
// The first round warms everything up and is not counted.
for (let turn = 0; turn <= rounds; turn++)
  for (const [name, run] of Object.entries(variants)) {
    if (run === undefined) continue;
    const each = await millisEach(run);
    if (turn > 0) measured.set(name, [...(measured.get(name) ?? []), each]);
  }

const floor = median(measured.get('native signature alone') ?? []);
const results = [...measured].map(([name, figures]) => ({
  name,
  millisPerOrder: round(median(figures), 4),
  ratioToFloor: round(median(figures) / floor, 2),
}));
const ours = results.find(({ name }) => name === (native === undefined ? 'ours, script' : 'ours, native'));
const result = {
  name: 'sign-order',
  environment: environment(),
  rounds,
  ordersPerRound,
  hasNative: native !== undefined,
  millisPerOrder: ours?.millisPerOrder,
  ratioToFloor: ours?.ratioToFloor,
  results,
};
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(environmentLine(result.environment));
  console.table(results);
}
