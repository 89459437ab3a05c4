/**
 * Both simulated venues with one pair of markets between them, the real adapters in front, memory for wires and one
 * clock. Everything that a test does to a venue, and everything that is true there, is here; nothing of the product
 * above the adapters is.
 */
import { MemoryJournal } from '../../src/db/journal/memory-journal.ts';
import type { Instrument, VenueName } from '../../src/domain/instrument.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { Listing, PrivateEvent, Stream, Venue } from '../../src/domain/ports/venue.ts';
import { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { Fault } from '../../src/sim/faults.ts';
import type { KalshiSimOptions } from '../../src/sim/kalshi/options.ts';
import type { PolymarketSettings as PolymarketSimSettings } from '../../src/sim/polymarket/options.ts';
import type { FaultRule } from '../../src/venues/transport/memory-faults.ts';
import type { BentServer } from '../contract/bent-server.ts';
import type { RigTime } from '../contract/rig-wire.ts';
import { KalshiSide } from './two-venues-kalshi.ts';
import { PolymarketSide } from './two-venues-polymarket.ts';

export interface BookSides {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface OrderIds {
  readonly clientOrderId: string;
  /** Polymarket knows no client ids: there the hash names an order. */
  readonly venueOrderId?: string | undefined;
}

/** What is true at the venue at this instant, whatever its reads and streams say. */
export interface VenueTruth {
  /** Contracts bought less sold of an outcome, by matches that have not failed. On Kalshi NO is YES below zero. */
  matchedE6(instrument: Instrument): number;
  /** Contracts in the account, as far as they have settled. */
  heldE6(instrument: Instrument): number;
  /** Matched of one order, by matches that have not failed; 0 for an order that never came. */
  filledE6(order: OrderIds): number;
  /** Whether it may still fill. */
  isResting(order: OrderIds): boolean;
  restingIds(): readonly string[];
  cash(): number;
  /** Requests to place an order as they came, those included that a fault lost: more than orders is a breach of I3. */
  ordersReceived(): number;
}

export interface VenueSide {
  readonly name: VenueName;
  readonly venue: Venue;
  readonly server: BentServer;
  readonly listing: Listing;
  readonly yes: Instrument;
  readonly no: Instrument;
  readonly truth: VenueTruth;
  readonly time: RigTime;
  /** The house quotes exactly this in YES from now on; NO is its mirror image. */
  house(sides: BookSides): void;
  /** Somebody trades so much YES at this price, at once. */
  counterparty(action: 'buy' | 'sell', level: Level): void;
  /** Replaces the faults that were set. Their `venue` is filled in. */
  setFaults(...faults: readonly Omit<Fault, 'venue'>[]): void;
  struck(): readonly Fault[];
  cutSockets(): void;
  /** Nobody listens any more, or everybody does again. */
  setPlugged(isPlugged: boolean): void;
  /** Puts a fault of the wire in force. Returns what takes it back. */
  inject(rule: FaultRule): () => void;
  deposit(microUsd: number): void;
  close(): Promise<void>;
}

export interface TwoVenuesOptions {
  readonly kalshi?: Partial<KalshiSimOptions>;
  readonly polymarket?: Partial<PolymarketSimSettings>;
  /** Of Kalshi's orders and cancels; plenty unless given. */
  readonly writes?: { readonly capacity: number; readonly refillPerSecond: number };
  /** Of every venue; `books` unless given. */
  readonly house?: BookSides;
  readonly cashUsd?: number;
  /** How long a sync of the journal takes. */
  readonly syncMs?: number;
}

export interface TwoVenues {
  readonly clock: VirtualClock;
  readonly journal: MemoryJournal;
  readonly kalshi: KalshiSide;
  readonly polymarket: PolymarketSide;
  readonly venues: { readonly kalshi: Venue; readonly polymarket: Venue };
  readonly listings: readonly Listing[];
  readonly time: RigTime;
  side(name: VenueName): VenueSide;
  /** Opens both private streams and waits until they are live. */
  openPrivate(onEvent: (venue: VenueName, event: PrivateEvent) => void): Promise<PrivateStreams>;
  close(): Promise<void>;
}

export interface PrivateStreams {
  readonly kalshi: Stream;
  readonly polymarket: Stream;
  close(): void;
}

/** YES at 48 to 52 cents, a hundred deep, at both venues. */
export const books: BookSides = { bids: [level(48, 100), level(47, 100)], asks: [level(52, 100), level(53, 100)] };

export function level(cents: number, contracts: number): Level {
  return { priceE4: Math.round(cents * 100), sizeE6: Math.round(contracts * 1_000_000) } as Level;
}

export async function twoVenues(options: TwoVenuesOptions = {}): Promise<TwoVenues> {
  const { syncMs = 1, cashUsd = 1_000, house = books } = options;
  const clock = new VirtualClock();
  const journal = new MemoryJournal({ clock, syncMs });
  const kalshi = new KalshiSide(clock, options.kalshi ?? {}, options.writes);
  const polymarket = new PolymarketSide(clock, options.polymarket ?? {});
  for (const side of [kalshi, polymarket]) {
    side.deposit(cashUsd * 1_000_000);
    side.house(house);
    await side.warm();
  }
  const { time } = kalshi;
  const side = (name: VenueName): VenueSide => (name === 'kalshi' ? kalshi : polymarket);
  return {
    clock,
    journal,
    kalshi,
    polymarket,
    venues: { kalshi: kalshi.venue, polymarket: polymarket.venue },
    listings: [kalshi.listing, polymarket.listing],
    time,
    side,
    openPrivate: async (onEvent) => {
      const live = new Set<VenueName>();
      const open = (name: VenueName): Stream =>
        side(name).venue.openPrivate({
          onOpen: () => live.add(name),
          onAlive: () => undefined,
          onEvent: (event) => onEvent(name, event),
          onEnd: () => live.delete(name),
        });
      const streams = { kalshi: open('kalshi'), polymarket: open('polymarket') };
      await time.reached(() => live.size === 2);
      // The first frames, which subscribe, are on their way for a moment longer.
      await time.advance(20);
      return {
        ...streams,
        close: () => {
          streams.kalshi.close();
          streams.polymarket.close();
        },
      };
    },
    close: async () => {
      await time.patiently(Promise.all([kalshi.close(), polymarket.close(), journal.close()]));
    },
  };
}
