/** A venue, a wallet and a client that signs for itself: what the tests of the simulator share. */
import { createHmac } from 'node:crypto';
import { Wallet } from 'ethers';
import type {
  LocalServer,
  ServerAnswer,
  ServerReply,
  ServerSocket,
  ServerSocketListener,
} from '../../../src/domain/ports/local-server.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { micros } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import type { MarketSpec, OrderType, TradeSide } from '../../../src/sim/polymarket/model.ts';
import type { PolymarketSettings } from '../../../src/sim/polymarket/options.ts';
import { PolymarketSim } from '../../../src/sim/polymarket/polymarket-sim.ts';

const WALL_S = 1_795_161_756;
export const CONDITION = `0x${'5f'.repeat(32)}`;
export const YES = '71321045679252212594626385532706912750332728571942532289631379312455583992563';
export const NO = '52114319501245915516055106046884209969926127482827954674443846427813813222426';
const ZERO_32 = `0x${'0'.repeat(64)}`;

export interface World {
  readonly clock: VirtualClock;
  readonly sim: PolymarketSim;
}

export function world(settings: Partial<PolymarketSettings> = {}, seed = 1): World {
  const clock = new VirtualClock({ wall: micros(WALL_S * 1_000_000) });
  const sim = new PolymarketSim({
    clock,
    random: seededRandom(String(seed)),
    settings: { mined: { leastMs: 2_000, mostMs: 2_000 }, confirmed: { leastMs: 10_000, mostMs: 10_000 }, ...settings },
  });
  return { clock, sim };
}

export function listed({ sim }: World, spec: Partial<MarketSpec> = {}): void {
  sim.control.lifecycle.addMarket({
    conditionId: CONDITION,
    tokens: [
      { tokenId: YES, outcome: 'Yes' },
      { tokenId: NO, outcome: 'No' },
    ],
    question: 'Will the sample event happen?',
    slug: 'sample-event',
    ...spec,
  });
}

export interface Call {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The answer, or undefined when none has come yet. */
export function ask(server: LocalServer, call: Call): ServerAnswer | undefined {
  let answer: ServerAnswer | undefined;
  const { method, target, headers = {}, body = '' } = call;
  server.onRequest({ method, target, headers, body, remote: '203.0.113.42' }, (given) => {
    answer = given;
  });
  return answer;
}

export function reply(server: LocalServer, call: Call): ServerReply {
  const answer = ask(server, call);
  if (answer?.kind !== 'reply') throw new Error(`expected a reply, found ${answer?.kind ?? 'nothing yet'}`);
  return answer.reply;
}

export interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read what another program would parse
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
}

export function get(server: LocalServer, target: string, method = 'GET', body?: unknown): Told {
  return told(reply(server, { method, target, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
}

function told({ status, headers, body }: ServerReply): Told {
  return { status, headers, body: JSON.parse(body) };
}

export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
}

export interface OrderSpec {
  readonly tokenId?: string;
  readonly side?: TradeSide;
  /** Dollars per share, shares: decimal numbers that a person types. */
  readonly price?: number;
  readonly size?: number;
  readonly makerAmount?: string;
  readonly takerAmount?: string;
  readonly type?: OrderType;
  readonly postOnly?: boolean;
  readonly expiration?: string;
  readonly signatureType?: number;
  readonly maker?: string;
  readonly signer?: string;
  readonly version?: '2' | '3';
  readonly exchange?: string;
  readonly salt?: number;
}

const V2 = '0xE111180000d2663C0091e4f400237545B87B996B';
export const V2_NEG_RISK = '0xe2222d279d744050d28e00520010520000310F59';
export const V3 = '0xe3333700cA9d93003F00f0F71f8515005F6c00Aa';

const ORDER = {
  Order:
    'uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder'
      .split(',')
      .map((field) => field.split(' '))
      .map(([type = '', name = '']) => ({ name, type })),
};

/** The client's half, written from the protocol and not from the simulator's files. */
export class Client {
  readonly wallet = Wallet.createRandom();
  readonly #world: World;
  credentials: Credentials = { apiKey: '', secret: '', passphrase: '' };
  #salt = 1;

  constructor(given: World) {
    this.#world = given;
  }

  get now(): number {
    return Math.floor(this.#world.clock.wall() / 1_000_000);
  }

  async l1(nonce = '0'): Promise<Record<string, string>> {
    const timestamp = String(this.now);
    const signature = await this.wallet.signTypedData(
      { name: 'ClobAuthDomain', version: '1', chainId: 137 },
      {
        ClobAuth: [
          { name: 'address', type: 'address' },
          { name: 'timestamp', type: 'string' },
          { name: 'nonce', type: 'uint256' },
          { name: 'message', type: 'string' },
        ],
      },
      {
        address: this.wallet.address,
        timestamp,
        nonce,
        message: 'This message attests that I control the given wallet',
      },
    );
    return {
      poly_address: this.wallet.address,
      poly_signature: signature,
      poly_timestamp: timestamp,
      poly_nonce: nonce,
    };
  }

  /** Makes a key and puts dollars and approvals behind the wallet. */
  async enter({ dollars = 1_000 }: { dollars?: number } = {}): Promise<this> {
    const { sim } = this.#world;
    const made = told(reply(sim.clob, { method: 'POST', target: '/auth/api-key', headers: await this.l1() }));
    this.credentials = made.body;
    sim.control.chain.deposit(this.wallet.address, dollars * 1_000_000);
    return this;
  }

  l2({ method, target, body = '' }: Call, timestamp = String(this.now)): Record<string, string> {
    const { apiKey, secret, passphrase } = this.credentials;
    const path = target.split('?')[0];
    const key = Buffer.from(secret.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
    const mac = createHmac('sha256', key).update(`${timestamp}${method}${path}${body}`).digest('base64');
    return {
      poly_address: this.wallet.address,
      poly_signature: mac.replaceAll('+', '-').replaceAll('/', '_'),
      poly_timestamp: timestamp,
      poly_api_key: apiKey,
      poly_passphrase: passphrase,
    };
  }

  call(method: string, target: string, body?: unknown): Told {
    return told(reply(this.#world.sim.clob, this.signed(method, target, body)));
  }

  /** For answers that may not be replies, or not yet. */
  ask(method: string, target: string, body?: unknown): ServerAnswer | undefined {
    return ask(this.#world.sim.clob, this.signed(method, target, body));
  }

  signed(method: string, target: string, body?: unknown): Call {
    const text = body === undefined ? '' : JSON.stringify(body);
    const call = { method, target, body: text };
    return { ...call, headers: this.l2(call) };
  }

  async order(spec: OrderSpec = {}): Promise<Record<string, unknown>> {
    const fields = this.fields(spec);
    const domain = {
      name: 'Polymarket CTF Exchange',
      version: spec.version ?? '2',
      chainId: 137,
      verifyingContract: spec.exchange ?? V2,
    };
    const signature = await this.wallet.signTypedData(domain, ORDER, {
      ...fields,
      side: fields.side === 'BUY' ? 0 : 1,
    });
    return this.body(fields, signature, spec);
  }

  fields(spec: OrderSpec) {
    const { side = 'BUY', price = 0.5, size = 10 } = spec;
    const shares = String(Math.round(size * 1e6));
    const dollars = String(Math.round(size * price * 1e6));
    return {
      salt: spec.salt ?? this.#salt++,
      maker: spec.maker ?? this.wallet.address,
      signer: spec.signer ?? this.wallet.address,
      tokenId: spec.tokenId ?? YES,
      makerAmount: spec.makerAmount ?? (side === 'BUY' ? dollars : shares),
      takerAmount: spec.takerAmount ?? (side === 'BUY' ? shares : dollars),
      side,
      signatureType: spec.signatureType ?? 0,
      timestamp: String(this.now * 1000),
      metadata: ZERO_32,
      builder: ZERO_32,
    };
  }

  body(fields: Readonly<Record<string, unknown>>, signature: string, spec: OrderSpec): Record<string, unknown> {
    const { type = 'GTC', postOnly = false, expiration = '0' } = spec;
    const order = { ...fields, expiration, signature };
    return { deferExec: false, postOnly, order, owner: this.credentials.apiKey, orderType: type };
  }

  async post(spec: OrderSpec = {}): Promise<Told> {
    return this.call('POST', '/order', await this.order(spec));
  }
}

export class TestSocket implements ServerSocket {
  readonly texts: string[] = [];
  closed: { code: number; reason: string } | undefined;
  isCut = false;
  readonly bufferedBytes = 0;
  listener: ServerSocketListener | undefined;

  send(text: string): void {
    this.texts.push(text);
  }

  ping(): void {
    this.texts.push('<ping>');
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  cut(): void {
    this.isCut = true;
  }

  say(frame: unknown): void {
    this.listener?.onText(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  // biome-ignore lint/suspicious/noExplicitAny: the tests read what another program would parse
  frames(): any[] {
    return this.texts.filter((text) => /^[[{]/.test(text)).flatMap((text) => JSON.parse(text));
  }

  // biome-ignore lint/suspicious/noExplicitAny: see above
  of(type: string): any[] {
    return this.frames().filter((frame) => frame.event_type === type);
  }
}

export function connect({ sim }: World, path: '/ws/market' | '/ws/user'): TestSocket {
  const answer = sim.clob.onUpgrade({ method: 'GET', target: path, headers: {}, body: '', remote: '' });
  if (answer.kind !== 'accept') throw new Error(`expected an open socket, found ${answer.reply.status}`);
  const socket = new TestSocket();
  socket.listener = answer.open(socket);
  return socket;
}

export function follow(given: World, assets: readonly string[] = [YES, NO], extras = true): TestSocket {
  const socket = connect(given, '/ws/market');
  socket.say({ assets_ids: assets, type: 'market', initial_dump: true, custom_feature_enabled: extras });
  return socket;
}

export function followOwn(given: World, client: Client): TestSocket {
  const socket = connect(given, '/ws/user');
  socket.say({ auth: client.credentials, type: 'user' });
  return socket;
}

/** House quotes around a half: YES 0.48/0.49 bid, 0.51/0.52 offered. */
export function quoted({ sim }: World): void {
  const level = (priceE4: number, shares: number) => ({ priceE4, sizeE6: shares * 1_000_000 });
  sim.control.flow.setLevels(YES, {
    bids: [level(4_900, 50), level(4_800, 100)],
    asks: [level(5_100, 80), level(5_200, 200)],
  });
}

export async function tradingWorld(settings: Partial<PolymarketSettings> = {}, spec: Partial<MarketSpec> = {}) {
  const given = world(settings);
  listed(given, spec);
  const client = await new Client(given).enter();
  quoted(given);
  return { ...given, client };
}
