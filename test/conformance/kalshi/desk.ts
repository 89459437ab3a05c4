/** A simulated Kalshi on a loopback port, and accounts that trade there through the official SDK. */
import { createRequire } from 'node:module';
import {
  AccountApi,
  ApiKeysApi,
  Configuration,
  type CreateOrderV2Request,
  EventsApi,
  ExchangeApi,
  HistoricalApi,
  MarketApi,
  OrderGroupsApi,
  OrdersApi,
  PortfolioApi,
} from 'kalshi-typescript';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { micros, priceE4, sizeE6, USD } from '../../../src/domain/units.ts';
import { KalshiSim } from '../../../src/sim/kalshi/kalshi-sim.ts';
import type { KalshiSimOptions } from '../../../src/sim/kalshi/options.ts';
import { type Served, serve } from '../../../src/sim/shell/serve.ts';
import { SharedTime } from '../shared-time.ts';
import { SocketClient } from '../socket-client.ts';
import { Tape } from '../tape.ts';
import { type KalshiKey, keyNamed, signedHeaders } from './keys.ts';

export const SERIES = 'KXWTACHALLENGERMATCH';
export const EVENT = `${SERIES}-26JUN11JIMLEP`;
export const TICKER = `${EVENT}-LEP`;
export const OTHER = `${EVENT}-JIM`;
export const BASE = '/trade-api/v2';
export const SOCKET_PATH = '/trade-api/ws/v2';

type SdkAxios = NonNullable<ConstructorParameters<typeof OrdersApi>[2]>;

// The SDK signs in an interceptor that it adds to the axios it is given, once per API object; so that two accounts do
// not sign for each other, each object gets an axios of its own, made by the very copy that the SDK uses.
const axios = createRequire(createRequire(import.meta.url).resolve('kalshi-typescript'))('axios') as {
  create(): SdkAxios;
};

/** Everything that crossed the wire in this run, for the samples at the end. */
export const kalshiTape = new Tape();

export class Trader {
  readonly key: KalshiKey;
  readonly orders: OrdersApi;
  readonly portfolio: PortfolioApi;
  readonly market: MarketApi;
  readonly events: EventsApi;
  readonly exchange: ExchangeApi;
  readonly account: AccountApi;
  readonly groups: OrderGroupsApi;
  readonly keys: ApiKeysApi;
  readonly historical: HistoricalApi;
  readonly #origin: string;
  readonly #time: SharedTime;

  constructor(served: Served, time: SharedTime, key: KalshiKey, config: { readonly isSigned?: boolean } = {}) {
    this.#origin = served.httpOrigin;
    this.#time = time;
    this.key = key;
    const privateKeyPem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const basePath = `${served.httpOrigin}${BASE}`;
    const credentials = config.isSigned === false ? {} : { apiKey: key.keyId, privateKeyPem };
    const configuration = new Configuration({ ...credentials, basePath });
    const made = <Api>(Api: new (configuration: Configuration, basePath: string, axios: SdkAxios) => Api): Api =>
      new Api(configuration, basePath, axios.create());
    this.orders = made(OrdersApi);
    this.portfolio = made(PortfolioApi);
    this.market = made(MarketApi);
    this.events = made(EventsApi);
    this.exchange = made(ExchangeApi);
    this.account = made(AccountApi);
    this.groups = made(OrderGroupsApi);
    this.keys = made(ApiKeysApi);
    this.historical = made(HistoricalApi);
  }

  /** An order of ten YES at 40 cents that rests, unless said otherwise. */
  place(changes: Partial<CreateOrderV2Request> = {}) {
    return this.orders.createOrderV2({ ...RESTING, ...changes });
  }

  /** A request that no SDK would send, signed from the documented string. */
  async raw(method: string, path: string, options: RawOptions = {}): Promise<RawReply> {
    const { body, key = this.key, skewMs = 0, signsPath = `${BASE}${path.split('?')[0]}` } = options;
    const signed = signedHeaders(key, { method, path: signsPath, atMs: this.#time.nowMs + skewMs });
    const headers = options.headers?.(signed) ?? signed;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${this.#origin}${BASE}${path}`, {
      method,
      headers: { ...headers, ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(text === undefined ? {} : { body: text }),
    });
    const content = await response.text();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: content === '' ? undefined : JSON.parse(content),
    };
  }
}

export interface RawOptions {
  readonly body?: unknown;
  readonly key?: KalshiKey;
  readonly skewMs?: number;
  /** Signs for another path than the one that is asked. */
  readonly signsPath?: string;
  readonly headers?: (signed: Readonly<Record<string, string>>) => Record<string, string>;
}

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are read field by field, as another program would
  readonly body: any;
}

export const RESTING: CreateOrderV2Request = {
  ticker: TICKER,
  side: 'bid',
  count: '10.00',
  price: '0.4000',
  time_in_force: 'good_till_canceled',
  self_trade_prevention_type: 'taker_at_cross',
};

const AMPLE = { bucketCapacity: 1_000_000, refillRate: 1_000_000 };

export class Desk {
  readonly time: SharedTime;
  readonly sim: KalshiSim;
  readonly served: Served;
  readonly alice: Trader;
  readonly bob: Trader;

  private constructor(parts: { time: SharedTime; sim: KalshiSim; served: Served }) {
    this.time = parts.time;
    this.sim = parts.sim;
    this.served = parts.served;
    this.alice = this.join('alice');
    this.bob = this.join('bob');
  }

  /** The market of the samples: 47 bid, 52 asked, three each; two accounts with $1,000 and no limits to speak of. */
  static async open(options: Partial<KalshiSimOptions> = {}): Promise<Desk> {
    const time = new SharedTime();
    const sim = new KalshiSim({ random: seededRandom('conformance'), ...options, clock: time.clock });
    const served = await serve(kalshiTape.around(sim));
    sim.addSeries({ ticker: SERIES, tags: ['Tennis'] });
    sim.addEvent({
      eventTicker: EVENT,
      seriesTicker: SERIES,
      mutuallyExclusive: true,
      collateralReturnType: 'MECNET',
      settlementSources: [{ name: 'source', url: 'https://example.invalid' }],
    });
    const desk = new Desk({ time, sim, served });
    desk.list(TICKER);
    desk.list(OTHER);
    desk.offer('bid', 47, 3);
    desk.offer('ask', 52, 3);
    return desk;
  }

  /** Runs on a venue of its own and leaves nothing open. */
  static async with(run: (desk: Desk) => Promise<void>, options: Partial<KalshiSimOptions> = {}): Promise<void> {
    const desk = await Desk.open(options);
    try {
      await run(desk);
    } finally {
      await desk.close();
    }
  }

  list(ticker: string, eventTicker = EVENT): void {
    this.sim.addMarket({
      ticker,
      eventTicker,
      closeMicros: this.inHours(24),
      occurrenceMicros: this.inHours(12),
      strikeType: 'structured',
      customStrike: { tennis_competitor: ticker },
    });
  }

  /** An account with a key and, unless it is limited as its tier is, more tokens than a scenario can use up. */
  join(
    id: string,
    spec: Partial<Parameters<KalshiSim['addAccount']>[0]> = {},
    kind: 'rsa' | 'ed25519' = 'rsa',
    { isLimited = false } = {},
  ): Trader {
    const key = keyNamed(id, kind);
    const keys = [{ keyId: key.keyId, publicKeyPem: key.publicKeyPem }];
    this.sim.addAccount({
      id,
      cashMicro: 1_000 * USD,
      keys,
      ...(isLimited ? {} : { limits: { read: AMPLE, write: AMPLE } }),
      ...spec,
    });
    return new Trader(this.served, this.time, key);
  }

  /** Somebody without an account. */
  stranger(): Trader {
    return new Trader(this.served, this.time, this.alice.key, { isSigned: false });
  }

  /** A level of the house on the YES scale, in cents and whole contracts. */
  offer(side: 'bid' | 'ask', cents: number, contracts: number, ticker = TICKER): void {
    const level = { priceE4: priceE4(cents * 100), sizeE6: sizeE6(contracts * 1_000_000) };
    this.sim.house.setLevel(ticker, side, level);
  }

  inHours(hours: number): ReturnType<typeof micros> {
    return micros(this.time.clock.wall() + hours * 3_600_000_000);
  }

  socket(trader: Trader = this.alice, signsPath = SOCKET_PATH): Promise<SocketClient> {
    const headers = signedHeaders(trader.key, { method: 'GET', path: signsPath, atMs: this.time.nowMs });
    return SocketClient.open(`${this.served.socketOrigin}${SOCKET_PATH}`, headers);
  }

  async close(): Promise<void> {
    this.sim.stop();
    await this.served.close();
    this.time.stop();
  }
}

/** Status and body of what must be refused. */
export async function refused(call: Promise<unknown>): Promise<RawReply> {
  try {
    await call;
  } catch (error) {
    const response = error instanceof Error && 'response' in error ? error.response : undefined;
    if (typeof response !== 'object' || response === null) throw error;
    const { status, data, headers } = response as { status: number; data: unknown; headers: Record<string, string> };
    return { status, body: data, headers };
  }
  throw new Error('expected a refusal, and it was taken');
}
