/** More pairs of markets at the two simulated venues than the one that they begin with. */
import type { VenueName } from '../../src/domain/instrument.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { Listing, Reading, Venue } from '../../src/domain/ports/venue.ts';
import { micros } from '../../src/domain/units.ts';
import type { BookSides, TwoVenues } from './two-venues.ts';

/** A pair that the house quotes. */
export interface HousePair {
  readonly id: string;
  readonly kalshi: Listing;
  readonly polymarket: Listing;
  house(venue: VenueName, sides: BookSides): void;
  /** Somebody sells so much YES at this price. */
  sell(venue: VenueName, at: Level): void;
  /** Yes at both venues, and paid. */
  settle(): void;
  readonly isSettled: boolean;
}

export interface ExtraMarkets {
  readonly pairs: readonly HousePair[];
}

const DAYS_MICROS = 30 * 86_400_000_000;

/** The first pair is the one that is there already. */
export async function extraMarkets(venues: TwoVenues, count: number): Promise<ExtraMarkets> {
  const first = [venues.kalshi.listing, venues.polymarket.listing] as const;
  const more: HousePair[] = [];
  for (let at = 1; at < count; at++) more.push(await extraPair(venues, at));
  return { pairs: [housePair(venues, 'pair', ...first), ...more] };
}

async function extraPair(venues: TwoVenues, at: number): Promise<HousePair> {
  const { kalshi, polymarket, clock } = venues;
  const eventTicker = `KXTWO-${at}`;
  const ticker = `${eventTicker}-A`;
  kalshi.sim.addMarket({ ticker, eventTicker, closeMicros: micros(clock.wall() + DAYS_MICROS) });
  const conditionId = `0x${String(at).padStart(64, '0')}`;
  const [yes, no] = [`1${String(at).padStart(75, '0')}`, `2${String(at).padStart(75, '0')}`];
  polymarket.sim.control.lifecycle.addMarket({
    conditionId,
    tokens: [
      { tokenId: yes, outcome: 'Yes' },
      { tokenId: no, outcome: 'No' },
    ],
    question: `Will number ${at} happen?`,
    slug: `number-${at}`,
    description: `Resolves to Yes if number ${at} happens, otherwise to No.`,
  });
  const listings = [
    await warmed(venues, kalshi.venue, ticker),
    await warmed(venues, polymarket.venue, conditionId),
  ] as const;
  return housePair(venues, `pair-${at}`, ...listings);
}

async function warmed({ time }: TwoVenues, venue: Venue, venueKey: string): Promise<Listing> {
  const [listing] = readOf(await time.until(venue.listings({ venueKeys: [venueKey] })));
  if (listing === undefined) throw new Error(`expected a listing of ${venueKey}, found none`);
  readOf(await time.until(venue.warm([listing])));
  return listing;
}

function readOf<Value>(reading: Reading<Value>): Value {
  if (reading.kind === 'failed') throw new Error(`expected a reading, found ${reading.fault}: ${reading.detail}`);
  return reading.value;
}

function housePair({ kalshi, polymarket }: TwoVenues, id: string, here: Listing, there: Listing): HousePair {
  let isSettled = false;
  const token = (book: string): string => book.slice('polymarket/'.length);
  return {
    id,
    kalshi: here,
    polymarket: there,
    house: (venue, sides) => {
      if (venue === 'kalshi') kalshi.sim.house.setBook(here.venueKey, sides);
      else polymarket.sim.control.flow.setLevels(token(there.yes.book), sides);
    },
    sell: (venue, at) => {
      if (venue === 'kalshi')
        kalshi.sim.house.place({ ticker: here.venueKey, side: 'ask', ...at, timeInForce: 'immediateOrCancel' });
      else
        polymarket.sim.control.flow
          .counterparty()
          .order({ tokenId: token(there.yes.book), side: 'SELL', type: 'FAK', ...at });
    },
    get isSettled() {
      return isSettled;
    },
    settle: () => {
      isSettled = true;
      kalshi.sim.lifecycle.determine(here.venueKey, { result: 'yes' });
      kalshi.sim.lifecycle.settle(here.venueKey);
      polymarket.sim.control.lifecycle.resolve(there.venueKey, [1_000_000, 0]);
      for (const { wallet, tokenId } of polymarket.sim.control.positions())
        if (tokenId === token(there.yes.book) || tokenId === token(there.no.book))
          polymarket.sim.control.chain.redeem(wallet, there.venueKey);
    },
  };
}
