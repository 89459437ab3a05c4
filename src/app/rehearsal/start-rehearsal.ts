/** Puts a rehearsal together: the production adapters, over a wire that ends in memory. */
import { heardVenue } from '../../actors/heard-venue.ts';
import type { RehearsalVenue } from '../../actors/permit.ts';
import { Rehearsal, type RehearsalParts } from '../../actors/rehearsal.ts';
import { RehearsalBeat, type RehearsalView } from '../../actors/rehearsal-beat.ts';
import type { VenueName } from '../../domain/instrument.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Ids, Random } from '../../domain/ports/random.ts';
import type { OrderOutcome, Venue } from '../../domain/ports/venue.ts';
import { Secret } from '../../domain/secret.ts';
import { type Millis, millis } from '../../domain/units.ts';
import { VirtualClock } from '../../domain/virtual-clock.ts';
import { KalshiVenue } from '../../venues/kalshi/kalshi-venue.ts';
import { kalshiDefaults } from '../../venues/kalshi/presets.ts';
import type { DigestSigner } from '../../venues/polymarket/digest-signer.ts';
import { PolymarketVenue } from '../../venues/polymarket/polymarket-venue.ts';
import { PRODUCTION_SETTINGS } from '../../venues/polymarket/presets.ts';
import { PolymarketSigner } from '../../venues/polymarket/signer.ts';
import { RehearsalTransport, type RehearsedReply } from '../../venues/transport/rehearsal-transport.ts';
import { definitionHash } from '../charts/definition.ts';
import { nullJournal } from './null-journal.ts';
import { readySigner, rehearsalPair, rehearsalTerms, throwawayWallet } from './rehearsal-world.ts';

export interface RehearsalOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  /** The one that signs live orders: another would warm other code. */
  readonly digestSigner: DigestSigner;
  readonly profile: RehearsalParts['profile'];
  readonly everyMs?: Millis;
  readonly lagMsMax?: Millis;
  /** An order is on its way to the disk. */
  readonly isBusy: () => boolean;
  /** The way of an order does not work: a stall, or an outcome that is none of a rehearsal. */
  readonly onTrouble: (detail: string) => void;
}

export interface RunningRehearsal {
  readonly view: RehearsalView;
  readonly transport: Pick<RehearsalTransport, 'swallowed'>;
  stop(): Promise<void>;
}

const EVERY_MS = millis(5);
const LAG_MS_MAX = millis(2);
const STALL_MS = millis(1_000);
const RELEASED_MAX = 64;
/** Budgets are the venues' business, and there is none here. */
const PLENTY = { capacity: 1_000_000, refillPerSecond: 1_000_000 };

const ORDER_PATHS: Readonly<Record<VenueName, string>> = {
  kalshi: '/trade-api/v2/portfolio/events/orders',
  polymarket: '/order',
};

const KILLED: Readonly<Record<VenueName, RehearsedReply>> = {
  kalshi: {
    status: 409,
    body: '{"error":{"code":"fill_or_kill_insufficient_resting_volume","message":"fill or kill order not filled"}}',
  },
  polymarket: {
    status: 400,
    body: '{"error":"order couldn\'t be fully filled. FOK orders are fully filled or killed."}',
  },
};

/** Resolves when the first pass is due. */
export async function startRehearsal(options: RehearsalOptions): Promise<RunningRehearsal> {
  const { clock, ids, profile, onTrouble } = options;
  const own = new VirtualClock({ wall: clock.wall() });
  const transports = {
    kalshi: wireOf('kalshi', own),
    polymarket: wireOf('polymarket', own),
  };
  let isStopped = false;
  const onOrder = (outcome: OrderOutcome): void => {
    // A pass that was under way is cut short by the end.
    if (isStopped) return;
    if (outcome.kind !== 'refused' || outcome.reason !== 'killed') onTrouble(outcomeText(outcome));
    rehearsal.answered();
  };
  const pair = rehearsalPair();
  const kalshi = kalshiOver(transports.kalshi, own);
  await kalshi.venue.warm([pair.kalshi]);
  const rehearsal: Rehearsal = new Rehearsal({
    clock: own,
    ids,
    journal: nullJournal(own, onTrouble),
    definitionOf: definitionHash,
    venues: {
      kalshi: rehearsed(kalshi, onOrder),
      polymarket: rehearsed(polymarketOver(transports.polymarket, own, options), onOrder),
    },
    profile,
    pair,
    onFault: onTrouble,
  });
  const { everyMs = EVERY_MS, lagMsMax = LAG_MS_MAX, isBusy } = options;
  const beat = new RehearsalBeat({
    clock,
    rehearsal,
    everyMs,
    lagMsMax,
    stallMs: STALL_MS,
    isBusy,
    onStall: onTrouble,
  });
  beat.start();
  return {
    get view() {
      return beat.view;
    },
    transport: {
      get swallowed() {
        return transports.kalshi.swallowed + transports.polymarket.swallowed;
      },
    },
    stop: async () => {
      isStopped = true;
      beat.stop();
      await Promise.all(Object.values(transports).map((transport) => transport.close()));
    },
  };
}

function wireOf(venue: VenueName, clock: Clock): RehearsalTransport {
  return new RehearsalTransport({
    clock,
    later: (run) => void setImmediate(run),
    answer: (path) => answer(venue, path),
  });
}

/** Orders are killed; there is nothing to read. */
function answer(venue: VenueName, path: string): RehearsedReply {
  return ORDER_PATHS[venue] === path ? KILLED[venue] : { status: 404, body: '{}' };
}

/** An adapter whose wires all end in memory. It is heard as live ones are, so that both take the same way. */
interface OverMemory {
  readonly venue: Venue;
  readonly wire: RehearsalTransport;
}

function rehearsed({ venue }: OverMemory, onOrder: (outcome: OrderOutcome) => void): RehearsalVenue {
  // The one place where a venue is said to reach no socket: it was made below, of nothing but such a wire.
  return heardVenue(venue, { onOrder, onCancel: () => undefined, onReading: () => undefined }) as RehearsalVenue;
}

function kalshiOver(wire: RehearsalTransport, clock: Clock): OverMemory {
  const venue = new KalshiVenue({
    hosts: { restUrl: 'https://rehearsal.invalid/trade-api/v2', socketUrl: 'wss://rehearsal.invalid/trade-api/ws/v2' },
    settings: {
      ...kalshiDefaults,
      limits: { read: PLENTY, write: PLENTY },
    },
    keyId: '5e5e5e5e-5e5e-4e5e-8e5e-5e5e5e5e5e5e',
    signer: readySigner,
    http: wire,
    sockets: wire,
    clock,
    ordersMax: RELEASED_MAX,
  });
  return { venue, wire };
}

function polymarketOver(wire: RehearsalTransport, clock: Clock, options: RehearsalOptions): OverMemory {
  const { random, digestSigner } = options;
  const clob = 'https://rehearsal.invalid';
  const limit = { ...PRODUCTION_SETTINGS.orderLimit, ...PLENTY };
  const { chainId } = PRODUCTION_SETTINGS;
  const venue = new PolymarketVenue({
    http: wire,
    sockets: wire,
    clock,
    random,
    signer: new PolymarketSigner({ privateKey: throwawayWallet(random), chainId, digestSigner }),
    credentials: {
      apiKey: new Secret('5e5e5e5e-5e5e-4e5e-8e5e-5e5e5e5e5e5e'),
      secret: new Secret(Buffer.from(random.bytes(32)).toString('base64')),
      passphrase: new Secret('rehearsal'),
    },
    settings: {
      ...PRODUCTION_SETTINGS,
      hosts: { clob, gamma: clob, data: clob, geoblock: clob, marketSocket: clob, userSocket: clob },
      signatureType: 0,
      funder: undefined,
      orderLimit: limit,
      readLimit: limit,
    },
    terms: rehearsalTerms(),
  });
  return { venue, wire };
}

function outcomeText(outcome: OrderOutcome): string {
  const found = outcome.kind === 'done' ? 'done' : `${outcome.kind}: ${outcome.detail}`;
  return `expected a rehearsed order to be refused as killed, found ${found}`;
}
