/**
 * Puts a running Tandem together: clients of both venues, a journal, and everything that trades between them. What
 * differs between simulated and real venues is only the access that is given.
 */
import { Trading } from '../actors/trading.ts';
import type { TradedPair, TradingListeners, TradingParts, TradingProfile } from '../actors/trading-parts.ts';
import type { VenueName } from '../domain/instrument.ts';
import { termsAsRead } from '../domain/pairs/pair-terms.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { Ids, Random } from '../domain/ports/random.ts';
import type { Listing, Reading, Venue } from '../domain/ports/venue.ts';
import type { RiskGroup } from '../domain/risk/reservation.ts';
import { micros } from '../domain/units.ts';
import { loadDigestSigner } from '../venues/polymarket/digest-signer.ts';
import { definitionHash } from './charts/definition.ts';
import { TripTimes } from './compose/trip-times.ts';
import { type OpenVenues, openVenues, type VenueAccess } from './compose/venues.ts';
import { startRehearsal } from './rehearsal/start-rehearsal.ts';
import { systemIds, systemRandom } from './system-random.ts';

/** Two markets that are one event, by the names that their venues give them. */
export interface PairChoice {
  readonly id: string;
  readonly title: string;
  /** Kalshi market ticker. */
  readonly kalshi: string;
  /** Polymarket condition id. */
  readonly polymarket: string;
  readonly isInverted: boolean;
  readonly group: RiskGroup;
  /** Who vouches for it: what is read at the start is what was approved. */
  readonly approvedBy: string;
}

const DAY_MICROS = 86_400_000_000;

export interface ComposeParts {
  readonly access: VenueAccess;
  readonly pairs: readonly PairChoice[];
  readonly profile: TradingProfile;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly listeners: TradingListeners;
  readonly mode: NonNullable<TradingParts['mode']>;
  /** Told when a rehearsal finds the way of an order broken. Without it nothing is rehearsed. */
  readonly onRehearsalTrouble?: (detail: string) => void;
}

export interface Composed {
  readonly trading: Trading;
  readonly venues: OpenVenues;
  readonly pairs: readonly TradedPair[];
  /** Round trips of orders. */
  readonly times: TripTimes;
  /** Ends the streams and every connection. The journal belongs to whoever opened it. */
  stop(): Promise<void>;
}

/** Reads what the venues say about the pairs, and starts trading them. Throws when a venue does not answer. */
export async function composeTrading(parts: ComposeParts): Promise<Composed> {
  const { access, profile, journal, clock, random, ids, listeners, mode } = parts;
  const times = new TripTimes();
  const digestSigner = await loadDigestSigner();
  const venues = openVenues(access, { clock, random, times, digestSigner });
  try {
    const pairs = await readPairs(venues, parts);
    const { seats, inflow } = venues;
    const trading = new Trading({
      clock,
      random,
      ids,
      journal,
      definitionOf: definitionHash,
      seats,
      profile,
      listeners,
      mode,
      inflow,
    });
    const stop = async (): Promise<void> => {
      await trading.stop();
      await venues.close();
    };
    const standing = await trading.start();
    if (standing !== 'running') {
      const unclean = (await trading.life.checks()).filter(({ isClean }) => !isClean);
      const found = unclean.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
      await stop();
      throw new Error(`expected clean checks before trading, found ${standing}: ${found}`);
    }
    trading.trade(pairs);
    await venues.warmth.start();
    const onTrouble = parts.onRehearsalTrouble;
    if (onTrouble === undefined) return { trading, venues, pairs, times, stop };
    const isBusy = (): boolean => trading.isSending;
    // Chance of its own: what a run draws must not hang on how often it rehearsed.
    const chance = { random: systemRandom, ids: systemIds };
    const rehearsal = await startRehearsal({ ...chance, clock, digestSigner, profile, isBusy, onTrouble });
    const stopBoth = async (): Promise<void> => {
      await rehearsal.stop();
      await stop();
    };
    return { trading, venues, pairs, times, stop: stopBoth };
  } catch (error) {
    await venues.close();
    throw error;
  }
}

async function readPairs(
  venues: OpenVenues,
  { pairs: choices, clock }: Pick<ComposeParts, 'pairs' | 'clock'>,
): Promise<TradedPair[]> {
  const keysAt = (venue: VenueName): readonly string[] => choices.map((choice) => choice[venue]);
  const [here, there] = await Promise.all([
    readListings(venues.kalshi, keysAt('kalshi')),
    readListings(venues.polymarket, keysAt('polymarket')),
  ]);
  const expiresAt = micros(clock.wall() + DAY_MICROS);
  return choices.map(({ id, title, isInverted, group, approvedBy, ...keys }) => {
    const [kalshi, polymarket] = [found(here, keys.kalshi), found(there, keys.polymarket)];
    const terms = termsAsRead({ pairId: id, title, kalshi, polymarket, approvedBy, expiresAt });
    return { id, title, isInverted, special: [], group, kalshi, polymarket, terms };
  });
}

async function readListings(venue: Venue, venueKeys: readonly string[]): Promise<ReadonlyMap<string, Listing>> {
  const listings = required(await venue.listings({ venueKeys }), `the listings of ${venue.name}`);
  required(await venue.warm(listings), `the terms of ${venue.name}`);
  return new Map(listings.map((listing) => [listing.venueKey, listing]));
}

function required<Value>(reading: Reading<Value>, what: string): Value {
  if (reading.kind === 'failed')
    throw new Error(`${what} must be read before trading, found ${reading.fault}: ${reading.detail}`);
  return reading.value;
}

function found(listings: ReadonlyMap<string, Listing>, venueKey: string): Listing {
  const listing = listings.get(venueKey);
  if (listing === undefined) throw new Error(`expected a listing of ${venueKey}, found none`);
  return listing;
}
