/** Drives a simulated Kalshi without a network: signs with fresh keys, keeps what comes back. */
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type {
  LocalServer,
  ServerAnswer,
  ServerRequest,
  ServerSocketListener,
} from '../../src/domain/ports/local-server.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { micros, priceE4, sizeE6, USD } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import { KalshiSim } from '../../src/sim/kalshi/kalshi-sim.ts';
import type { KalshiSimOptions } from '../../src/sim/kalshi/options.ts';

export interface TestKey {
  readonly keyId: string;
  readonly publicKeyPem: string;
  readonly privateKey: KeyObject;
}

// Generating RSA keys takes a while; one of each kind is enough for a test file.
const made = new Map<string, { publicKeyPem: string; privateKey: KeyObject }>();

export function testKey(keyId: string, kind: 'rsa' | 'ed25519' = 'ed25519'): TestKey {
  const known = made.get(`${keyId}/${kind}`) ?? generate(kind);
  made.set(`${keyId}/${kind}`, known);
  return { keyId, ...known };
}

function generate(kind: 'rsa' | 'ed25519'): { publicKeyPem: string; privateKey: KeyObject } {
  const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return {
    publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey,
  };
}

function signText(key: TestKey, text: string): string {
  if (key.privateKey.asymmetricKeyType === 'ed25519')
    return sign(null, Buffer.from(text), key.privateKey).toString('base64');
  const padding = { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return sign('sha256', Buffer.from(text), padding).toString('base64');
}

function signedHeaders(key: TestKey, request: { method: string; path: string; atMs: number }): Record<string, string> {
  const { method, path, atMs } = request;
  return {
    'kalshi-access-key': key.keyId,
    'kalshi-access-timestamp': String(atMs),
    'kalshi-access-signature': signText(key, `${atMs}${method}${path}`),
  };
}

/** As it was parsed: tests compare it field by field, in the venue's own shapes. */
export type Body = ReturnType<typeof JSON.parse>;

export interface TestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** The client's end of a socket that was opened without a network. */
export class TestSocket {
  readonly frames: Body[] = [];
  readonly pings: string[] = [];
  end: 'open' | 'closed' | 'cut' = 'open';
  bufferedBytes = 0;
  listener: ServerSocketListener | undefined;

  say(command: unknown): void {
    this.listener?.onText(typeof command === 'string' ? command : JSON.stringify(command));
  }

  /** What came since the last time. */
  take(): Body[] {
    return this.frames.splice(0);
  }

  ofType(type: string): Body[] {
    return this.frames.filter((frame) => frame.type === type);
  }
}

export const TICKER = 'KXTEST-26JAN02-A';
export const EVENT = 'KXTEST-26JAN02';
const BASE = '/trade-api/v2';

export class SimDriver {
  readonly clock: VirtualClock;
  readonly sim: KalshiSim;
  readonly key: TestKey;

  /** One market that trades for a day, and one account with $1,000. */
  constructor(options: Partial<KalshiSimOptions> & { clock?: VirtualClock } = {}, seed = 'kalshi') {
    this.clock = options.clock ?? new VirtualClock();
    this.sim = new KalshiSim({ random: seededRandom(seed), ...options, clock: this.clock });
    this.key = testKey('00000000-0000-4000-8000-00000000000a');
    this.addAccount('alice', this.key);
    this.sim.addMarket({ ticker: TICKER, eventTicker: EVENT, closeMicros: this.inHours(24) });
  }

  addAccount(id: string, key: TestKey, cashMicro = 1_000 * USD): void {
    this.sim.addAccount({ id, cashMicro, keys: [{ keyId: key.keyId, publicKeyPem: key.publicKeyPem }] });
  }

  inHours(hours: number): ReturnType<typeof micros> {
    return micros(this.clock.wall() + hours * 3_600_000_000);
  }

  nowMs(): number {
    return Math.floor(this.clock.wall() / 1_000);
  }

  /** A level that belongs to the house, on the YES scale, in cents and whole contracts. */
  offer(side: 'bid' | 'ask', cents: number, contracts: number, ticker = TICKER): void {
    this.sim.house.setLevel(ticker, side, { priceE4: priceE4(cents * 100), sizeE6: sizeE6(contracts * 1_000_000) });
  }

  request(
    method: string,
    path: string,
    options: { key?: TestKey | undefined; body?: unknown; skewMs?: number } = {},
  ): ServerRequest {
    const target = `${BASE}${path}`;
    const key = 'key' in options ? options.key : this.key;
    const plain = target.split('?')[0] ?? '';
    const headers =
      key === undefined ? {} : signedHeaders(key, { method, path: plain, atMs: this.nowMs() + (options.skewMs ?? 0) });
    const body =
      options.body === undefined ? '' : typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    return { method, target, headers, body, remote: '127.0.0.1' };
  }

  /** Whatever has become of the request by now; `undefined` while it is open. */
  ask(request: ServerRequest): { answer: ServerAnswer | undefined } {
    const holder: { answer: ServerAnswer | undefined } = { answer: undefined };
    (this.sim as LocalServer).onRequest(request, (answer) => {
      holder.answer = answer;
    });
    return holder;
  }

  call(
    method: string,
    path: string,
    options: { key?: TestKey | undefined; body?: unknown; skewMs?: number } = {},
  ): TestReply {
    const { answer } = this.ask(this.request(method, path, options));
    if (answer?.kind !== 'reply') throw new Error(`expected a reply, found ${answer?.kind ?? 'none yet'}`);
    const { status, headers, body } = answer.reply;
    return { status, headers, body: body === '' ? undefined : JSON.parse(body) };
  }

  get(path: string): TestReply {
    return this.call('GET', path);
  }

  /** A V2 order: 10 contracts of YES at 50 cents, good till canceled, unless said otherwise. */
  order(changes: Record<string, unknown> = {}, key = this.key): TestReply {
    return this.call('POST', '/portfolio/events/orders', { body: orderBody(changes), key });
  }

  connect(key: TestKey | undefined = this.key): TestSocket {
    const path = '/trade-api/ws/v2';
    const headers = key === undefined ? {} : signedHeaders(key, { method: 'GET', path, atMs: this.nowMs() });
    const upgrade = this.sim.onUpgrade({ method: 'GET', target: path, headers, body: '', remote: '127.0.0.1' });
    if (upgrade.kind !== 'accept') throw new Error(`expected an upgrade, found ${upgrade.reply.status}`);
    const socket = new TestSocket();
    socket.listener = upgrade.open({
      send: (text) => void socket.frames.push(JSON.parse(text)),
      ping: (payload) => void socket.pings.push(payload),
      close: () => {
        socket.end = 'closed';
      },
      cut: () => {
        socket.end = 'cut';
      },
      get bufferedBytes() {
        return socket.bufferedBytes;
      },
    });
    return socket;
  }

  subscribe(params: Record<string, unknown>, socket = this.connect()): TestSocket {
    socket.say({ id: 1, cmd: 'subscribe', params });
    return socket;
  }
}

export function orderBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const body: Record<string, unknown> = {
    ticker: TICKER,
    side: 'bid',
    count: '10.00',
    price: '0.5000',
    time_in_force: 'good_till_canceled',
    self_trade_prevention_type: 'taker_at_cross',
    ...changes,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
