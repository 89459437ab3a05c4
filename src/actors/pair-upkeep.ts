/** Keeps approved pairs honest: both listings are read again and again, and what they say is held against the approval. */
import type { VenueName } from '../domain/instrument.ts';
import type { Clock, Timer } from '../domain/ports/clock.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { Listing, Venue } from '../domain/ports/venue.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { PairListeners } from './pair.actor.ts';
import { PairRegistry, type PairRegistryParts } from './pair-registry.ts';
import type { TradedPair } from './trading-parts.ts';

export interface PairUpkeepParts extends Pick<PairRegistryParts, 'quarantined'> {
  readonly runtime: ActorRuntime;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly venues: Readonly<Record<VenueName, Pick<Venue, 'listings'>>>;
  readonly listeners: Omit<PairListeners, 'onListingsWanted'>;
  /** Every listing that was read. */
  readonly onListing: (listing: Listing) => void;
}

/** Three times within the time that a reading is good for. */
const READ_MS = 5 * 60_000;

export class PairUpkeep {
  readonly registry: PairRegistry;
  readonly #parts: PairUpkeepParts;
  readonly #pairs = new Map<string, TradedPair>();
  #timer: Timer | undefined;

  constructor(parts: PairUpkeepParts) {
    this.#parts = parts;
    const { runtime, clock, journal, listeners, quarantined } = parts;
    this.registry = new PairRegistry({
      runtime,
      clock,
      journal,
      ...(quarantined === undefined ? {} : { quarantined }),
      listeners: { ...listeners, onListingsWanted: (pairId) => void this.#readOne(pairId) },
    });
  }

  /** Adds these pairs on the terms that were approved; the listings that came with them are the first reading. */
  add(pairs: readonly TradedPair[], by: string): void {
    for (const pair of pairs) this.#pairs.set(pair.id, pair);
    this.registry.load(
      [...this.#pairs.values()].map(({ terms }) => terms),
      [],
      by,
    );
    for (const pair of pairs) this.registry.observe(pair.id, pair);
    this.#timer ??= this.#parts.clock.setTimeout(() => void this.#readAll(), READ_MS);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #readAll(): Promise<void> {
    await this.#read([...this.#pairs.values()]);
    if (this.#timer !== undefined) this.#timer = this.#parts.clock.setTimeout(() => void this.#readAll(), READ_MS);
  }

  async #readOne(pairId: string): Promise<void> {
    const pair = this.#pairs.get(pairId);
    if (pair !== undefined) await this.#read([pair]);
  }

  async #read(pairs: readonly TradedPair[]): Promise<void> {
    const [kalshi, polymarket] = await Promise.all([
      this.#listings('kalshi', pairs),
      this.#listings('polymarket', pairs),
    ]);
    for (const listing of [...kalshi.values(), ...polymarket.values()]) this.#parts.onListing(listing);
    for (const pair of pairs) {
      const [here, there] = [kalshi.get(pair.kalshi.venueKey), polymarket.get(pair.polymarket.venueKey)];
      if (here === undefined || there === undefined) {
        this.registry.unread(
          pair.id,
          `expected both listings, found ${here === undefined ? 'none at kalshi' : 'none at polymarket'}`,
        );
      } else this.registry.observe(pair.id, { kalshi: here, polymarket: there });
    }
  }

  /** What could not be read is missing, and proves nothing. */
  async #listings(name: VenueName, pairs: readonly TradedPair[]): Promise<ReadonlyMap<string, Listing>> {
    const reading = await this.#parts.venues[name].listings({ venueKeys: pairs.map((pair) => pair[name].venueKey) });
    if (reading.kind === 'failed') return new Map();
    return new Map(reading.value.map((listing) => [listing.venueKey, listing]));
  }
}
