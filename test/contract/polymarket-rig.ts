/** The Polymarket adapter against the simulated Polymarket, over either wire. */
import { randomBytes } from 'node:crypto';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { ServerRequest } from '../../src/domain/ports/local-server.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { OrderOutcome } from '../../src/domain/ports/venue.ts';
import { Secret } from '../../src/domain/secret.ts';
import { seededRandom } from '../../src/domain/seeded-random.ts';
import { microUsd, priceE4, sizeE6, USD } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { Fault } from '../../src/sim/faults.ts';
import type { Order, Trade } from '../../src/sim/polymarket/model.ts';
import type { PolymarketSettings as SimSettings } from '../../src/sim/polymarket/options.ts';
import { PolymarketSim } from '../../src/sim/polymarket/polymarket-sim.ts';
import { deriveOrCreateCredentials } from '../../src/venues/polymarket/credentials.ts';
import type { ApiCredentials } from '../../src/venues/polymarket/l2-auth.ts';
import { PolymarketVenue } from '../../src/venues/polymarket/polymarket-venue.ts';
import { PRODUCTION_SETTINGS } from '../../src/venues/polymarket/presets.ts';
import { PolymarketSigner } from '../../src/venues/polymarket/signer.ts';
import { BentServer } from './bent-server.ts';
import type { MakeWire, Wire } from './rig-wire.ts';
import type { MakeVenueRig, OrderFault, Truth, VenueProfile, VenueRig } from './venue-rig.ts';

export const polymarketProfile: VenueProfile = {
  unsupported: ['amend', 'reduceOnly', 'settlements'],
  hasWire: true,
  saysFees: false,
  settlesLater: true,
  hasSnapshotRequests: false,
  modes: ['paused', 'postOnly'],
};

const CONDITION = `0x${'5f'.repeat(32)}`;
const OTHER_CONDITION = `0x${'6e'.repeat(32)}`;
const [YES, NO, STRANGE, STRANGE_NO] = ['11', '12', '21', '22'].map((digits) => digits.repeat(38)) as [
  string,
  string,
  string,
  string,
];
/** More than the hundred of a page. */
const MANY_COUNT = 130;
const RULES = 'Resolves to Yes if it happens, otherwise to No.';
const PLENTY = { capacity: 100_000, refillPerSecond: 100_000, reserve: 1_000, unitCost: 1 };
const MINED_MS = 2_000;
const CONFIRMED_MS = 10_000;

export interface PolymarketWorld {
  readonly clock: VirtualClock;
  readonly sim: PolymarketSim;
  readonly server: BentServer;
  readonly wire: Wire;
  readonly venue: PolymarketVenue;
  readonly wallet: string;
  readonly privateKey: string;
  readonly credentials: ApiCredentials;
}

/** `seen` are ways of the venue beside the usual ones. */
export function polymarketRig(makeWire: MakeWire, seen: Partial<SimSettings> = {}): MakeVenueRig {
  return async () => {
    const world = await polymarketWorld(makeWire, seen);
    const { venue, wire } = world;
    const listings = await wire.time.until(venue.listings({ venueKeys: [CONDITION] }));
    if (listings.kind === 'failed') throw new Error(`expected listings, found ${listings.fault}: ${listings.detail}`);
    const warm = await wire.time.until(venue.warm(listings.value));
    if (warm.kind === 'failed') throw new Error(`expected a warm venue, found ${warm.fault}: ${warm.detail}`);
    return new PolymarketRig(world);
  };
}

export async function polymarketWorld(makeWire: MakeWire, seen: Partial<SimSettings>): Promise<PolymarketWorld> {
  const clock = new VirtualClock();
  const sim = new PolymarketSim({
    clock,
    random: seededRandom('polymarket contract'),
    settings: {
      mined: { leastMs: MINED_MS, mostMs: MINED_MS },
      confirmed: { leastMs: CONFIRMED_MS, mostMs: CONFIRMED_MS },
      positionsLagMs: 0,
      defaultTier: 'elite',
      ...seen,
    },
  });
  addMarket(sim, CONDITION, [YES, NO]);
  addMarket(sim, OTHER_CONDITION, [STRANGE, STRANGE_NO]);
  const server = new BentServer(sim, isOrder);
  const wire = await makeWire(server, clock);
  const { httpOrigin, socketOrigin } = wire;
  const settings = {
    ...PRODUCTION_SETTINGS,
    hosts: {
      clob: httpOrigin,
      gamma: `${httpOrigin}/gamma-api`,
      data: `${httpOrigin}/data-api`,
      geoblock: `${httpOrigin}/site/api/geoblock`,
      marketSocket: `${socketOrigin}/ws/market`,
      userSocket: `${socketOrigin}/ws/user`,
    },
    signatureType: 0 as const,
    funder: undefined,
    orderLimit: PLENTY,
    cancelLimit: PLENTY,
    readLimit: PLENTY,
  };
  const privateKey = `0x${randomBytes(32).toString('hex')}`;
  const signer = new PolymarketSigner({ privateKey: new Secret(privateKey), chainId: 137 });
  const { http, sockets } = wire;
  const made = await wire.time.until(deriveOrCreateCredentials({ http, clock, settings, signer }));
  if (made.kind === 'failed') throw new Error(`expected credentials, found ${made.fault}: ${made.detail}`);
  sim.control.chain.deposit(signer.address, 1_000 * USD);
  const credentials = made.value;
  const random = seededRandom('polymarket adapter');
  const venue = new PolymarketVenue({ http, sockets, clock, random, signer, credentials, settings });
  return { clock, sim, server, wire, venue, wallet: signer.address, privateKey, credentials };
}

function addMarket(sim: PolymarketSim, conditionId: string, [yes, no]: readonly [string, string]): void {
  sim.control.lifecycle.addMarket({
    conditionId,
    tokens: [
      { tokenId: yes, outcome: 'Yes' },
      { tokenId: no, outcome: 'No' },
    ],
    question: 'Will it happen?',
    slug: `will-it-happen-${conditionId.slice(2, 10)}`,
    description: RULES,
  });
}

function isOrder({ method, target }: ServerRequest): boolean {
  return method === 'POST' && target === '/order';
}

class PolymarketRig implements VenueRig {
  readonly venue;
  readonly clock;
  readonly time;
  readonly server;
  readonly venueKey = CONDITION;
  readonly yes: Instrument = { book: `polymarket/${YES}`, inverted: false };
  readonly no: Instrument = { book: `polymarket/${NO}`, inverted: false };
  readonly strange: Instrument = { book: `polymarket/${STRANGE}`, inverted: false };
  readonly takes = { ask: priceE4(5_200), bid: priceE4(4_800) };
  readonly tooSmallE6 = sizeE6(1_000_000);
  readonly rulesText = RULES;
  readonly secrets: readonly string[];
  readonly #sim: PolymarketSim;
  readonly #wire: Wire;
  readonly #wallet: string;

  constructor({ clock, sim, server, wire, venue, wallet, privateKey, credentials }: PolymarketWorld) {
    this.venue = venue;
    this.clock = clock;
    this.time = wire.time;
    this.server = server;
    const { apiKey, secret, passphrase } = credentials;
    this.secrets = [privateKey.slice(2), ...[apiKey, secret, passphrase].map((each) => each.reveal())];
    this.#sim = sim;
    this.#wire = wire;
    this.#wallet = wallet;
  }

  get truth(): Truth {
    const { control } = this.#sim;
    const held = (token: string): number => control.account(this.#wallet)?.shares[token] ?? 0;
    return {
      cash: () => microUsd(control.account(this.#wallet)?.cashMicro ?? 0),
      yesHeldE6: () => held(YES),
      noHeldE6: () => held(NO),
      restingIds: () => this.#orders().flatMap(({ id, status }) => (status === 'LIVE' ? [id] : [])),
      fills: () => control.trades().flatMap((trade) => this.#fillsIn(trade)),
      book: () => control.quotes(YES),
    };
  }

  addManyMarkets() {
    const conditions = Array.from({ length: MANY_COUNT }, (_, at) => `0x${String(at).padStart(64, 'c')}`);
    for (const [at, condition] of conditions.entries())
      addMarket(this.#sim, condition, [`3${String(at).padStart(75, '0')}`, `4${String(at).padStart(75, '0')}`]);
    return { query: {}, venueKeys: [CONDITION, OTHER_CONDITION, ...conditions] };
  }

  async house(sides: { bids: readonly Level[]; asks: readonly Level[] }): Promise<void> {
    this.#sim.control.flow.setLevels(YES, sides);
  }

  async houseOfStrange(sides: { bids: readonly Level[]; asks: readonly Level[] }): Promise<void> {
    this.#sim.control.flow.setLevels(STRANGE, sides);
  }

  async counterparty(action: 'buy' | 'sell', level: Level): Promise<void> {
    const side = action === 'buy' ? 'BUY' : 'SELL';
    this.#sim.control.flow.counterparty().order({ tokenId: YES, side, type: 'FAK', ...level });
  }

  setCash(cash: number): void {
    this.#sim.control.chain.deposit(this.#wallet, cash - this.truth.cash());
  }

  settled(): Promise<void> {
    return this.time.advance(CONFIRMED_MS + 1_000);
  }

  skewClock(ms: number): void {
    this.#sim.control.setClockOffset(ms);
  }

  /** The venue has no status to ask for: the adapter learns of a mode from what an order meets, so one is sent. */
  async enter(mode: 'open' | 'paused' | 'postOnly'): Promise<void> {
    if (mode === 'paused') this.#sim.control.restart();
    else this.#sim.control.setMode(mode);
    if (mode === 'open') return;
    const prepared = this.venue.prepare({
      clientOrderId: mode,
      instrument: this.yes,
      action: 'buy',
      limitE4: priceE4(1_000),
      sizeE6: sizeE6(5_000_000),
      timeInForce: 'goodTillCanceled',
      expiresAt: undefined,
      postOnly: false,
      reduceOnly: false,
      isReducing: false,
    });
    if ('kind' in prepared) throw new Error(prepared.detail);
    await this.time.until(new Promise<OrderOutcome>((resolve) => this.venue.submit(prepared, resolve)));
  }

  failNextOrder(fault: OrderFault): void {
    this.server.afterOrder = undefined;
    if (fault === 'garbage') this.server.afterOrder = (reply) => ({ ...reply, body: '<html>busy</html>' });
    else if (fault === 'emptySuccess') this.server.afterOrder = (reply) => ({ ...reply, body: '' });
    else this.#sim.control.setFaults([FAULTS[fault]]);
  }

  breakNextBookChange(): void {
    this.#sim.control.setFaults([{ id: 'D5', venue: 'polymarket', times: 1 }]);
  }

  healStreams(): void {
    this.#sim.control.setFaults([]);
  }

  cutSockets(): void {
    this.#sim.control.cutSockets('market');
    this.#sim.control.cutSockets('user');
  }

  orderRequests(): number {
    return this.#sim.control.received().length;
  }

  failNextSettlement(): void {
    this.#sim.control.scriptSettlement([
      { status: 'MINED', afterMs: 1_000 },
      { status: 'RETRYING', afterMs: 2_000 },
      { status: 'FAILED', afterMs: 3_000 },
    ]);
  }

  unplug(): Promise<void> {
    return this.#wire.unplug();
  }

  async close(): Promise<void> {
    await this.venue.close();
    this.cutSockets();
    await this.#wire.close();
  }

  #orders(): readonly Readonly<Order>[] {
    return this.#sim.control.orders().filter(({ wallet }) => wallet.toLowerCase() === this.#wallet.toLowerCase());
  }

  #fillsIn(trade: Readonly<Trade>) {
    const isOurs = (wallet: string): boolean => wallet.toLowerCase() === this.#wallet.toLowerCase();
    const { takerWallet, takerOrderId, sizeE6: size, feeMicro, makers } = trade;
    const made = makers.filter(({ wallet }) => isOurs(wallet));
    return [
      ...(isOurs(takerWallet)
        ? [{ venueOrderId: takerOrderId, sizeE6: size, feeMicroUsd: feeMicro, role: 'taker' as const }]
        : []),
      ...made.map((maker) => ({
        venueOrderId: maker.orderId,
        sizeE6: maker.sizeE6,
        feeMicroUsd: 0,
        role: 'maker' as const,
      })),
    ];
  }
}

const once = (id: string, parameters: Fault['parameters'] = {}): Fault => ({
  id,
  venue: 'polymarket',
  times: 1,
  match: { step: 'order' },
  parameters,
});

const FAULTS: Readonly<Record<Exclude<OrderFault, 'garbage' | 'emptySuccess'>, Fault>> = {
  replyLost: once('O1'),
  serverError: once('O3', { status: 500 }),
  connectionDropped: once('N6'),
  replyCut: once('N7'),
  replyLate: once('N5', { delayMs: 20_000 }),
  duplicate: once('O13'),
  requestLost: once('N2'),
  resetBefore: once('N8'),
  limited: once('O4', { retryAfter: 2 }),
};
