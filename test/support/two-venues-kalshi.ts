/** The Kalshi side of the two-venue rig. */
import { generateKeyPairSync } from 'node:crypto';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { ServerRequest } from '../../src/domain/ports/local-server.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { Listing } from '../../src/domain/ports/venue.ts';
import { Secret } from '../../src/domain/secret.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import { micros, microUsd } from '../../src/domain/units.ts';
import type { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { Fault } from '../../src/sim/faults.ts';
import { KalshiSim } from '../../src/sim/kalshi/kalshi-sim.ts';
import type { KalshiSimOptions } from '../../src/sim/kalshi/options.ts';
import { KalshiVenue } from '../../src/venues/kalshi/kalshi-venue.ts';
import { kalshiDefaults } from '../../src/venues/kalshi/presets.ts';
import { kalshiSigner } from '../../src/venues/kalshi/sign.ts';
import type { FaultRule } from '../../src/venues/transport/memory-faults.ts';
import { BentServer } from '../contract/bent-server.ts';
import { memoryTime, type RigTime } from '../contract/rig-wire.ts';
import type { BookSides, OrderIds, VenueSide, VenueTruth } from './two-venues.ts';
import { HTTP_ORIGIN, PluggedWire, SOCKET_ORIGIN } from './two-venues-wire.ts';

const EVENT = 'KXTWO-26JAN02';
const TICKER = `${EVENT}-A`;
const US = 'us';
const DAY_MICROS = 86_400_000_000;
const PLENTY = { capacity: 1_000_000, refillPerSecond: 1_000_000 };

// Making keys takes a while: once for the whole process.
const pair = generateKeyPairSync('ed25519');
const publicKeyPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const signer = kalshiSigner(new Secret(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()));
const keyId = seededIds('two venues').uuid();

export class KalshiSide implements VenueSide {
  readonly name = 'kalshi';
  readonly yes: Instrument = { book: `kalshi/${TICKER}`, inverted: false };
  readonly no: Instrument = { book: `kalshi/${TICKER}`, inverted: true };
  readonly sim: KalshiSim;
  readonly server: BentServer;
  readonly venue: KalshiVenue;
  readonly time: RigTime;
  readonly #wire: PluggedWire;
  #listing: Listing | undefined;

  /** Orders and cancels draw on `writes`, as the venue and the adapter count them alike. */
  constructor(clock: VirtualClock, options: Partial<KalshiSimOptions>, writes = PLENTY) {
    this.sim = new KalshiSim({ ...options, clock, random: seededRandom('two venues kalshi') });
    const limits = { read: bucketOf(PLENTY), write: bucketOf(writes) };
    this.sim.addAccount({ id: US, cashMicro: 0, keys: [{ keyId, publicKeyPem }], limits });
    this.sim.addMarket({ ticker: TICKER, eventTicker: EVENT, closeMicros: micros(clock.wall() + DAY_MICROS) });
    this.server = new BentServer(this.sim, isOrder);
    this.#wire = new PluggedWire(this.server, clock);
    this.time = memoryTime(clock);
    const { http, sockets } = this.#wire.network;
    this.venue = new KalshiVenue({
      hosts: { restUrl: `${HTTP_ORIGIN}/trade-api/v2`, socketUrl: `${SOCKET_ORIGIN}/trade-api/ws/v2` },
      settings: {
        ...kalshiDefaults,
        limits: { read: PLENTY, write: writes },
        shares: { read: 1, write: 1, readReserve: 0.4, writeReserve: 0.5 },
      },
      keyId,
      // Nothing may come back from another thread in virtual time.
      signer: { sign: (text) => signer.sign(text), signLater: (text) => Promise.resolve(signer.sign(text)) },
      http,
      sockets,
      clock,
    });
  }

  get listing(): Listing {
    if (this.#listing === undefined) throw new Error('expected a warm venue, found none');
    return this.#listing;
  }

  async warm(): Promise<void> {
    const listings = await this.time.until(this.venue.listings({ venueKeys: [TICKER] }));
    if (listings.kind === 'failed') throw new Error(`expected listings, found ${listings.fault}: ${listings.detail}`);
    const warm = await this.time.until(this.venue.warm(listings.value));
    if (warm.kind === 'failed') throw new Error(`expected a warm venue, found ${warm.fault}: ${warm.detail}`);
    this.#listing = listings.value[0];
  }

  readonly truth: VenueTruth = {
    matchedE6: (instrument) => this.#signed(instrument),
    heldE6: (instrument) => Math.max(0, this.#signed(instrument)),
    filledE6: (order) => this.#order(order)?.filledE6 ?? 0,
    isResting: (order) => this.#order(order)?.status === 'resting',
    restingIds: () => this.sim.orders(US).flatMap(({ orderId, status }) => (status === 'resting' ? [orderId] : [])),
    cash: () => this.sim.balance(US),
    ordersReceived: () => this.server.orders.length,
  };

  house(sides: BookSides): void {
    this.sim.house.setBook(TICKER, sides);
  }

  counterparty(action: 'buy' | 'sell', level: Level): void {
    const side = action === 'buy' ? 'bid' : 'ask';
    this.sim.house.place({ ticker: TICKER, side, ...level, timeInForce: 'immediateOrCancel' });
  }

  setFaults(...faults: readonly Omit<Fault, 'venue'>[]): void {
    this.sim.setFaults(faults.map((fault) => ({ ...fault, venue: 'kalshi' })));
  }

  struck(): readonly Fault[] {
    return this.sim.struckFaults();
  }

  cutSockets(): void {
    this.sim.cutSockets();
  }

  setPlugged(isPlugged: boolean): void {
    this.#wire.isPlugged = isPlugged;
  }

  inject(rule: FaultRule): () => void {
    return this.#wire.network.inject(rule);
  }

  deposit(amount: number): void {
    this.sim.deposit(US, microUsd(amount));
  }

  async close(): Promise<void> {
    await this.venue.close();
    this.sim.stop();
    await this.#wire.network.http.close();
  }

  #signed({ book, inverted }: Instrument): number {
    const yes = this.sim.position(US, book.slice('kalshi/'.length)).sizeE6;
    return inverted ? 0 - yes : yes;
  }

  #order({ clientOrderId }: OrderIds) {
    return this.sim.orders(US).find((order) => order.clientOrderId === clientOrderId);
  }
}

function bucketOf({ capacity, refillPerSecond }: typeof PLENTY) {
  return { bucketCapacity: capacity, refillRate: refillPerSecond };
}

function isOrder({ method, target }: ServerRequest): boolean {
  return method === 'POST' && target.endsWith('/portfolio/events/orders');
}
