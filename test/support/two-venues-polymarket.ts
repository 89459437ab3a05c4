/** The Polymarket side of the two-venue rig. */
import { randomBytes } from 'node:crypto';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { ServerRequest } from '../../src/domain/ports/local-server.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { Listing } from '../../src/domain/ports/venue.ts';
import { Secret } from '../../src/domain/secret.ts';
import { seededIds, seededRandom } from '../../src/domain/seeded-random.ts';
import type { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { Fault } from '../../src/sim/faults.ts';
import type { Order, Trade } from '../../src/sim/polymarket/model.ts';
import type { PolymarketSettings as SimSettings } from '../../src/sim/polymarket/options.ts';
import { PolymarketSim } from '../../src/sim/polymarket/polymarket-sim.ts';
import { PolymarketVenue } from '../../src/venues/polymarket/polymarket-venue.ts';
import { PRODUCTION_SETTINGS } from '../../src/venues/polymarket/presets.ts';
import { PolymarketSigner } from '../../src/venues/polymarket/signer.ts';
import type { FaultRule } from '../../src/venues/transport/memory-faults.ts';
import { BentServer } from '../contract/bent-server.ts';
import { memoryTime, type RigTime } from '../contract/rig-wire.ts';
import type { BookSides, OrderIds, VenueSide, VenueTruth } from './two-venues.ts';
import { HTTP_ORIGIN, PluggedWire, SOCKET_ORIGIN } from './two-venues-wire.ts';

const CONDITION = `0x${'7a'.repeat(32)}`;
const [YES, NO] = ['13'.repeat(38), '14'.repeat(38)] as [string, string];
const PLENTY = { capacity: 100_000, refillPerSecond: 100_000, reserve: 1_000, unitCost: 1 };
const MINED_MS = 2_000;
const CONFIRMED_MS = 10_000;

// Made once for the whole process: a wallet, and the key that the venue would derive for it.
const signer = new PolymarketSigner({ privateKey: new Secret(`0x${randomBytes(32).toString('hex')}`), chainId: 137 });
const apiKey = {
  key: seededIds('two venues').uuid(),
  secret: randomBytes(32).toString('base64'),
  passphrase: randomBytes(32).toString('hex'),
};

export class PolymarketSide implements VenueSide {
  readonly name = 'polymarket';
  readonly yes: Instrument = { book: `polymarket/${YES}`, inverted: false };
  readonly no: Instrument = { book: `polymarket/${NO}`, inverted: false };
  /** How long a match takes to be confirmed, unless told otherwise. */
  readonly confirmedMs = CONFIRMED_MS;
  readonly sim: PolymarketSim;
  readonly server: BentServer;
  readonly venue: PolymarketVenue;
  readonly time: RigTime;
  readonly #wire: PluggedWire;
  #listing: Listing | undefined;

  constructor(clock: VirtualClock, options: Partial<SimSettings>) {
    this.sim = new PolymarketSim({
      clock,
      random: seededRandom('two venues polymarket'),
      settings: {
        mined: { leastMs: MINED_MS, mostMs: MINED_MS },
        confirmed: { leastMs: CONFIRMED_MS, mostMs: CONFIRMED_MS },
        positionsLagMs: 0,
        defaultTier: 'elite',
        // Sockets whose owner sends no heartbeat stay open all the same.
        idleCloseMs: 86_400_000,
        ...options,
      },
    });
    this.sim.control.lifecycle.addMarket({
      conditionId: CONDITION,
      tokens: [
        { tokenId: YES, outcome: 'Yes' },
        { tokenId: NO, outcome: 'No' },
      ],
      question: 'Will it happen?',
      slug: 'will-it-happen',
      description: 'Resolves to Yes if it happens, otherwise to No.',
    });
    this.sim.control.installKey({ ...apiKey, address: signer.address, nonce: '0' });
    this.server = new BentServer(this.sim, isOrder);
    this.#wire = new PluggedWire(this.server, clock);
    this.time = memoryTime(clock);
    const { http, sockets } = this.#wire.network;
    this.venue = new PolymarketVenue({
      http,
      sockets,
      clock,
      random: seededRandom('two venues salt'),
      signer,
      credentials: {
        apiKey: new Secret(apiKey.key),
        secret: new Secret(apiKey.secret),
        passphrase: new Secret(apiKey.passphrase),
      },
      settings: {
        ...PRODUCTION_SETTINGS,
        hosts: {
          clob: HTTP_ORIGIN,
          gamma: `${HTTP_ORIGIN}/gamma-api`,
          data: `${HTTP_ORIGIN}/data-api`,
          geoblock: `${HTTP_ORIGIN}/site/api/geoblock`,
          marketSocket: `${SOCKET_ORIGIN}/ws/market`,
          userSocket: `${SOCKET_ORIGIN}/ws/user`,
        },
        signatureType: 0,
        funder: undefined,
        orderLimit: PLENTY,
        cancelLimit: PLENTY,
        readLimit: PLENTY,
      },
    });
  }

  get listing(): Listing {
    if (this.#listing === undefined) throw new Error('expected a warm venue, found none');
    return this.#listing;
  }

  async warm(): Promise<void> {
    const listings = await this.time.until(this.venue.listings({ venueKeys: [CONDITION] }));
    if (listings.kind === 'failed') throw new Error(`expected listings, found ${listings.fault}: ${listings.detail}`);
    const warm = await this.time.until(this.venue.warm(listings.value));
    if (warm.kind === 'failed') throw new Error(`expected a warm venue, found ${warm.fault}: ${warm.detail}`);
    this.#listing = listings.value[0];
  }

  readonly truth: VenueTruth = {
    matchedE6: ({ book }) =>
      this.#matches().reduce((sum, one) => (one.token === tokenOf(book) ? sum + one.sizeE6 : sum), 0),
    heldE6: ({ book }) => this.#account()?.shares[tokenOf(book)] ?? 0,
    filledE6: (order) =>
      this.#matches().reduce((sum, one) => (isSame(one.orderId, order) ? sum + Math.abs(one.sizeE6) : sum), 0),
    isResting: (order) => this.#orders().some(({ id, status }) => isSame(id, order) && isOpen(status)),
    restingIds: () => this.#orders().flatMap(({ id, status }) => (isOpen(status) ? [id] : [])),
    cash: () => this.#account()?.cashMicro ?? 0,
    ordersReceived: () => this.server.orders.length,
  };

  house(sides: BookSides): void {
    this.sim.control.flow.setLevels(YES, sides);
  }

  counterparty(action: 'buy' | 'sell', level: Level): void {
    const side = action === 'buy' ? 'BUY' : 'SELL';
    this.sim.control.flow.counterparty().order({ tokenId: YES, side, type: 'FAK', ...level });
  }

  setFaults(...faults: readonly Omit<Fault, 'venue'>[]): void {
    this.sim.control.setFaults(faults.map((fault) => ({ ...fault, venue: 'polymarket' })));
  }

  struck(): readonly Fault[] {
    return this.sim.control.struckFaults();
  }

  cutSockets(): void {
    this.sim.control.cutSockets('market');
    this.sim.control.cutSockets('user');
  }

  setPlugged(isPlugged: boolean): void {
    this.#wire.isPlugged = isPlugged;
  }

  inject(rule: FaultRule): () => void {
    return this.#wire.network.inject(rule);
  }

  deposit(amount: number): void {
    this.sim.control.chain.deposit(signer.address, amount);
  }

  /** Hands back whatever we hold of the market, once it is resolved. */
  redeem(): void {
    this.sim.control.chain.redeem(signer.address, CONDITION);
  }

  /** Our trades, newest last. */
  trades(): readonly Readonly<Trade>[] {
    return this.sim.control.trades().filter((trade) => matchesIn(trade).length > 0);
  }

  async close(): Promise<void> {
    await this.venue.close();
    this.cutSockets();
    await this.#wire.network.http.close();
  }

  #account() {
    return this.sim.control.account(signer.address);
  }

  #orders(): readonly Readonly<Order>[] {
    return this.sim.control.orders().filter(({ wallet }) => isOurs(wallet));
  }

  #matches() {
    return this.sim.control.trades().flatMap((trade) => (trade.status === 'FAILED' ? [] : matchesIn(trade)));
  }
}

function matchesIn(trade: Readonly<Trade>) {
  const { takerWallet, takerOrderId, side, sizeE6, makers, tokenId } = trade;
  const signed = (buys: boolean, size: number): number => (buys ? size : 0 - size);
  return [
    ...(isOurs(takerWallet) ? [{ orderId: takerOrderId, token: tokenId, sizeE6: signed(side === 'BUY', sizeE6) }] : []),
    ...makers
      .filter(({ wallet }) => isOurs(wallet))
      .map((maker) => ({
        orderId: maker.orderId,
        token: maker.tokenId,
        sizeE6: signed(maker.side === 'BUY', maker.sizeE6),
      })),
  ];
}

function isOurs(wallet: string): boolean {
  return wallet.toLowerCase() === signer.address.toLowerCase();
}

function isSame(id: string, { venueOrderId }: OrderIds): boolean {
  return venueOrderId !== undefined && id.toLowerCase() === venueOrderId.toLowerCase();
}

function isOpen(status: Order['status']): boolean {
  return status === 'LIVE' || status === 'DELAYED';
}

function tokenOf(book: string): string {
  return book.slice('polymarket/'.length);
}

function isOrder({ method, target }: ServerRequest): boolean {
  return method === 'POST' && target === '/order';
}
