/** A simulated Polymarket on a loopback port, and wallets that trade there through the official client. */
import {
  type ApiKeyCreds,
  Chain,
  ClobClient,
  type ClobClientOptions,
  createL1Headers,
  createL2Headers,
} from '@polymarket/clob-client';
import { Wallet } from 'ethers';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import type { MarketSpec } from '../../../src/sim/polymarket/model.ts';
import type { PolymarketSettings } from '../../../src/sim/polymarket/options.ts';
import { PolymarketSim } from '../../../src/sim/polymarket/polymarket-sim.ts';
import { type Served, serve } from '../../../src/sim/shell/serve.ts';
import { SharedTime } from '../shared-time.ts';
import { SocketClient } from '../socket-client.ts';
import { Tape } from '../tape.ts';

export const CONDITION = `0x${'5f'.repeat(32)}`;
export const YES = '71321045679252212594626385532706912750332728571942532289631379312455583992563';
export const NO = '52114319501245915516055106046884209969926127482827954674443846427813813222426';

/** Everything that crossed the wire in this run, for the samples at the end. */
export const polymarketTape = new Tape();

/** The client takes an ethers 5 signer or a viem wallet; this is an ethers 6 wallet in the clothes of the former. */
export function signerOf(wallet: Pick<Wallet, 'address' | 'signTypedData'>) {
  return {
    getAddress: async () => wallet.address,
    _signTypedData: (
      domain: Record<string, unknown>,
      types: Record<string, { name: string; type: string }[]>,
      value: Record<string, unknown>,
    ) => wallet.signTypedData(domain, types, value),
  };
}

export type Signer = ReturnType<typeof signerOf>;

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are read field by field, as another program would
  readonly body: any;
}

export class Member {
  readonly wallet: { readonly address: string };
  readonly signer: Signer;
  readonly creds: ApiKeyCreds;
  readonly client: ClobClient;
  readonly #desk: Desk;

  constructor(desk: Desk, wallet: Pick<Wallet, 'address' | 'signTypedData'>, creds: ApiKeyCreds) {
    this.#desk = desk;
    this.wallet = wallet;
    this.signer = signerOf(wallet);
    this.creds = creds;
    this.client = this.with({});
  }

  /** Another client of the same wallet. Caches nothing of the first. */
  with(options: Partial<ClobClientOptions>): ClobClient {
    const { signer, creds } = this;
    return new ClobClient({ host: this.#desk.served.httpOrigin, chain: Chain.POLYGON, signer, creds, ...options });
  }

  /** A request that is signed by the wallet itself: keys. */
  async level1(method: string, path: string): Promise<RawReply> {
    const signed = await createL1Headers(this.signer, Chain.POLYGON, 0);
    return this.#desk.ask(method, path, { headers: texts(signed) });
  }

  /** A request that the client would not send, signed with the client's own exported function. */
  async raw(method: string, path: string, content?: unknown): Promise<RawReply> {
    const body = content === undefined ? undefined : JSON.stringify(content);
    const requestPath = path.split('?')[0] ?? '';
    const signed = await createL2Headers(this.signer, this.creds, {
      method,
      requestPath,
      ...(body === undefined ? {} : { body }),
    });
    return this.#desk.ask(method, path, { headers: texts(signed), ...(body === undefined ? {} : { body }) });
  }
}

export class Desk {
  readonly time: SharedTime;
  readonly sim: PolymarketSim;
  readonly served: Served;

  private constructor(parts: { time: SharedTime; sim: PolymarketSim; served: Served }) {
    this.time = parts.time;
    this.sim = parts.sim;
    this.served = parts.served;
  }

  /** One market around a half: 49 and 48 bid, 51 and 52 asked. Trades are mined at once and confirmed in five seconds. */
  static async open(settings: Partial<PolymarketSettings>, spec: Partial<MarketSpec>): Promise<Desk> {
    const time = new SharedTime();
    const quick = { mined: { leastMs: 1, mostMs: 1 }, confirmed: { leastMs: 5_000, mostMs: 5_000 } };
    const sim = new PolymarketSim({
      clock: time.clock,
      random: seededRandom('conformance'),
      settings: { ...quick, ...settings },
    });
    const served = await serve(polymarketTape.around(sim));
    const desk = new Desk({ time, sim, served });
    desk.list(spec);
    desk.quote();
    return desk;
  }

  /** Runs on a venue of its own and leaves nothing open. The client prints refusals; here they are wanted. */
  static async with(
    run: (desk: Desk) => Promise<void>,
    settings: Partial<PolymarketSettings> = {},
    spec: Partial<MarketSpec> = {},
  ): Promise<void> {
    const desk = await Desk.open(settings, spec);
    const printer = globalThis.console;
    const printed = printer.error;
    const logged = printer.log;
    Object.assign(printer, { error: () => undefined, log: () => undefined });
    try {
      await run(desk);
    } finally {
      Object.assign(printer, { error: printed, log: logged });
      desk.time.stop();
      await desk.served.close();
    }
  }

  list(spec: Partial<MarketSpec> = {}): void {
    this.sim.control.lifecycle.addMarket({
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

  quote(
    bids: readonly (readonly [number, number])[] = [
      [49, 50],
      [48, 100],
    ],
    asks: readonly (readonly [number, number])[] = [
      [51, 80],
      [52, 200],
    ],
  ): void {
    const level = ([cents, shares]: readonly [number, number]) => ({
      priceE4: cents * 100,
      sizeE6: shares * 1_000_000,
    });
    this.sim.control.flow.setLevels(YES, { bids: bids.map(level), asks: asks.map(level) });
  }

  /** A wallet with an API key made through the client, dollars and shares, and no limit to speak of. */
  async member({ dollars = 1_000, shares = 0 }: { dollars?: number; shares?: number } = {}): Promise<Member> {
    const wallet = Wallet.createRandom();
    this.sim.control.chain.deposit(wallet.address, dollars * 1_000_000);
    if (shares > 0) this.sim.control.chain.grant(wallet.address, { tokenId: YES, sharesE6: shares * 1_000_000 });
    this.sim.control.setTier(wallet.address, 'elite');
    const newcomer = new ClobClient({ host: this.served.httpOrigin, chain: Chain.POLYGON, signer: signerOf(wallet) });
    return new Member(this, wallet, await newcomer.createApiKey());
  }

  async ask(
    method: string,
    path: string,
    options: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<RawReply> {
    const response = await fetch(`${this.served.httpOrigin}${path}`, {
      method,
      headers: { ...options.headers, ...(options.body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: parsed(text) };
  }

  socket(channel: 'market' | 'user'): Promise<SocketClient> {
    return SocketClient.open(`${this.served.socketOrigin}/ws/${channel}`);
  }
}

/** Header values as the wire has them. */
function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The client gives errors back as values. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  const answer = await call;
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
  return typeof error === 'string' ? error : `no error in ${JSON.stringify(answer)}`;
}
