/** The Kalshi adapter against the simulated Kalshi, over either wire. */
import { generateKeyPairSync } from 'node:crypto';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { ServerRequest } from '../../src/domain/ports/local-server.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import { Secret } from '../../src/domain/secret.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import { micros, microUsd, priceE4, sizeE6, USD } from '../../src/domain/units.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { Fault } from '../../src/sim/faults.ts';
import { KalshiSim } from '../../src/sim/kalshi/kalshi-sim.ts';
import type { KalshiSimOptions } from '../../src/sim/kalshi/options.ts';
import { KalshiVenue } from '../../src/venues/kalshi/kalshi-venue.ts';
import { kalshiDefaults } from '../../src/venues/kalshi/presets.ts';
import { type KalshiSigner, kalshiSigner } from '../../src/venues/kalshi/sign.ts';
import { BentServer } from './bent-server.ts';
import { inMemory, type MakeWire, type Wire } from './rig-wire.ts';
import type { MakeVenueRig, OrderFault, Truth, VenueProfile, VenueRig } from './venue-rig.ts';

export const kalshiProfile: VenueProfile = {
  unsupported: [],
  hasWire: true,
  saysFees: true,
  settlesLater: false,
  hasSnapshotRequests: true,
  modes: ['paused'],
};

const EVENT = 'KXCONTRACT-26JAN02';
export const TICKER = `${EVENT}-A`;
const STRANGE = 'KXOTHER-26JAN02-B';
const MANY = 'KXMANY-26JAN02';
/** More than the thousand of a page. */
const MANY_COUNT = 1_005;
const US = 'us';
const RULES = { rulesPrimary: 'Resolves to Yes if it happens.', rulesSecondary: 'Otherwise to No.' };
/** So many tokens that no test meets a budget by accident; what a budget does has tests of its own. */
const PLENTY = { capacity: 1_000_000, refillPerSecond: 1_000_000 };
const BUCKET = { bucketCapacity: PLENTY.capacity, refillRate: PLENTY.refillPerSecond };

// Making keys takes a while; one for the whole file is enough.
const pair = generateKeyPairSync('ed25519');
const publicKeyPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const privateKeyPem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const keyId = seededIds('kalshi contract').uuid();

/** `seen` are ways of the venue beside the usual ones. */
export function kalshiRig(makeWire: MakeWire, seen: Partial<KalshiSimOptions> = {}): MakeVenueRig {
  return async () => {
    const world = await kalshiWorld(makeWire, seen);
    await warmed(world);
    return new KalshiRig(world);
  };
}

export interface KalshiWorld {
  readonly clock: VirtualClock;
  readonly sim: KalshiSim;
  readonly server: BentServer;
  readonly wire: Wire;
  readonly venue: KalshiVenue;
}

/** A venue with two markets and an account of a thousand dollars, and the adapter at it. */
export async function kalshiWorld(makeWire: MakeWire, seen: Partial<KalshiSimOptions> = {}): Promise<KalshiWorld> {
  const clock = new VirtualClock();
  const sim = new KalshiSim({ ...seen, clock, random: seededRandom('kalshi contract') });
  sim.addAccount({
    id: US,
    cashMicro: 1_000 * USD,
    keys: [{ keyId, publicKeyPem }],
    limits: { read: BUCKET, write: BUCKET },
  });
  const closeMicros = micros(clock.wall() + 86_400_000_000);
  sim.addMarket({ ticker: TICKER, eventTicker: EVENT, closeMicros, ...RULES });
  sim.addMarket({ ticker: STRANGE, eventTicker: 'KXOTHER-26JAN02', closeMicros });
  const server = new BentServer(sim, isOrder);
  const wire = await makeWire(server, clock);
  const venue = new KalshiVenue({
    hosts: { restUrl: `${wire.httpOrigin}/trade-api/v2`, socketUrl: `${wire.socketOrigin}/trade-api/ws/v2` },
    settings: {
      ...kalshiDefaults,
      limits: { read: PLENTY, write: PLENTY },
      shares: { read: 1, write: 1, readReserve: 0.4, writeReserve: 0.5 },
    },
    keyId,
    signer: signerOn(wire, makeWire === inMemory),
    http: wire.http,
    sockets: wire.sockets,
    clock,
  });
  return { clock, sim, server, wire, venue };
}

export async function warmed({ venue, wire }: Pick<KalshiWorld, 'venue' | 'wire'>): Promise<void> {
  const listings = await wire.time.until(venue.listings({ venueKeys: [TICKER] }));
  if (listings.kind === 'failed') throw new Error(`expected listings, found ${listings.fault}: ${listings.detail}`);
  const warm = await wire.time.until(venue.warm(listings.value));
  if (warm.kind === 'failed') throw new Error(`expected a warm venue, found ${warm.fault}: ${warm.detail}`);
}

/** In virtual time nothing may come back from another thread; over loopback time waits for it. */
function signerOn(wire: Wire, isInMemory: boolean): KalshiSigner {
  const signer = kalshiSigner(new Secret(privateKeyPem));
  return {
    sign: (text) => signer.sign(text),
    signLater: (text) => (isInMemory ? Promise.resolve(signer.sign(text)) : wire.during(signer.signLater(text))),
  };
}

function isOrder({ method, target }: ServerRequest): boolean {
  return method === 'POST' && target.endsWith('/portfolio/events/orders');
}

export class KalshiRig implements VenueRig {
  readonly venue;
  readonly clock;
  readonly time;
  readonly server;
  readonly venueKey = TICKER;
  readonly yes: Instrument = { book: `kalshi/${TICKER}`, inverted: false };
  readonly no: Instrument = { book: `kalshi/${TICKER}`, inverted: true };
  readonly strange: Instrument = { book: `kalshi/${STRANGE}`, inverted: false };
  readonly takes = { ask: priceE4(5_200), bid: priceE4(4_800) };
  readonly tooSmallE6 = sizeE6(9_999);
  readonly rulesText = `${RULES.rulesPrimary}\n\n${RULES.rulesSecondary}`;
  readonly secrets: readonly string[] = privateKeyPem
    .split('\n')
    .filter((line) => line.length > 20 && !line.startsWith('-'));
  readonly #sim: KalshiSim;
  readonly #wire: Wire;

  constructor({ clock, sim, server, wire, venue }: KalshiWorld) {
    this.venue = venue;
    this.clock = clock;
    this.time = wire.time;
    this.server = server;
    this.#sim = sim;
    this.#wire = wire;
  }

  get truth(): Truth {
    const sim = this.#sim;
    const held = (): number => sim.position(US, TICKER).sizeE6;
    return {
      cash: () => sim.balance(US),
      yesHeldE6: () => Math.max(0, held()),
      noHeldE6: () => Math.max(0, -held()),
      restingIds: () => sim.orders(US).flatMap(({ orderId, status }) => (status === 'resting' ? [orderId] : [])),
      fills: () =>
        sim.fills(US).map(({ orderId, sizeE6: size, feeMicro, isTaker }) => ({
          venueOrderId: orderId,
          sizeE6: size,
          feeMicroUsd: feeMicro,
          role: isTaker ? 'taker' : 'maker',
        })),
      book: () => ({ bids: sim.book(TICKER).levels('bid'), asks: sim.book(TICKER).levels('ask') }),
    };
  }

  addManyMarkets() {
    const closeMicros = micros(this.clock.wall() + 86_400_000_000);
    const venueKeys = Array.from({ length: MANY_COUNT }, (_, at) => `${MANY}-${at}`);
    for (const ticker of venueKeys) this.#sim.addMarket({ ticker, eventTicker: MANY, closeMicros });
    return { query: { eventKey: MANY }, venueKeys };
  }

  async house(sides: { bids: readonly Level[]; asks: readonly Level[] }): Promise<void> {
    this.#sim.house.setBook(TICKER, sides);
  }

  async houseOfStrange(sides: { bids: readonly Level[]; asks: readonly Level[] }): Promise<void> {
    this.#sim.house.setBook(STRANGE, sides);
  }

  async counterparty(action: 'buy' | 'sell', level: Level): Promise<void> {
    const side = action === 'buy' ? 'bid' : 'ask';
    this.#sim.house.place({ ticker: TICKER, side, ...level, timeInForce: 'immediateOrCancel' });
  }

  setCash(cash: number): void {
    this.#sim.deposit(US, microUsd(cash - this.#sim.balance(US)));
  }

  async settled(): Promise<void> {
    // Every match is money at once.
  }

  skewClock(ms: number): void {
    this.#sim.setClockSkew(ms);
  }

  async enter(mode: 'open' | 'paused' | 'postOnly'): Promise<void> {
    if (mode === 'postOnly') throw new Error('Kalshi has no post-only mode');
    if (mode === 'paused') this.#sim.standing.pauseTrading();
    else this.#sim.standing.resume();
  }

  failNextOrder(fault: OrderFault): void {
    this.server.afterOrder = undefined;
    if (fault === 'garbage') this.server.afterOrder = (reply) => ({ ...reply, body: '<html>busy</html>' });
    else if (fault === 'emptySuccess') this.server.afterOrder = (reply) => ({ ...reply, body: '' });
    else this.#sim.setFaults([FAULTS[fault]]);
  }

  /** For as many streams as listen. */
  breakNextBookChange(times = 1): void {
    this.#sim.setFaults([{ id: 'D3', venue: 'kalshi', times, match: { type: 'orderbook_delta' } }]);
  }

  healStreams(): void {
    this.#sim.setFaults([]);
  }

  cutSockets(): void {
    this.#sim.cutSockets();
  }

  orderRequests(): number {
    return this.#sim.received().filter(({ method, target }) => method === 'POST' && target.endsWith('/orders')).length;
  }

  unplug(): Promise<void> {
    return this.#wire.unplug();
  }

  async close(): Promise<void> {
    await this.venue.close();
    this.#sim.stop();
    await this.#wire.close();
  }
}

const once = (id: string, parameters: Fault['parameters'] = {}): Fault => ({
  id,
  venue: 'kalshi',
  times: 1,
  match: { method: 'POST' },
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
  limited: once('O4', { retryAfterSeconds: 2 }),
};
