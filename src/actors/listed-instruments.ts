/** Which market and outcome an instrument is, and what it is charged: from the listings that were read. */
import type { FeeSchedule } from '../domain/fees/fee-schedule.ts';
import type { Instrument, Outcome } from '../domain/instrument.ts';
import { instrumentId } from '../domain/instrument.ts';
import type { HoldingKey } from '../domain/ledger/posting.ts';
import type { Listing } from '../domain/ports/venue.ts';

export interface ListedInstrument {
  readonly listing: Listing;
  readonly outcome: Outcome;
  readonly key: HoldingKey;
}

export class ListedInstruments {
  readonly #known = new Map<string, ListedInstrument>();

  /** The newest reading of a listing wins. */
  learn(listings: readonly Listing[]): void {
    for (const listing of listings) {
      for (const outcome of ['yes', 'no'] as const) {
        const key: HoldingKey = { venue: listing.venue, market: listing.venueKey, outcome };
        this.#known.set(instrumentId(listing[outcome]), { listing, outcome, key });
      }
    }
  }

  find(instrument: Instrument): ListedInstrument | undefined {
    return this.#known.get(instrumentId(instrument));
  }

  keyOf(instrument: Instrument): HoldingKey | undefined {
    return this.find(instrument)?.key;
  }

  feesOf(instrument: Instrument): FeeSchedule | undefined {
    return this.find(instrument)?.listing.fees;
  }
}
