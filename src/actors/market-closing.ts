/**
 * Closes the books of markets that are over. The trades of a market are remembered to tell a repetition from a new
 * trade; without this they would be remembered for ever.
 *
 * A market is over once its venue has called it settled for as long as a payout may be revised, no position waits for
 * it, no order in it is open, and the ledger holds nothing of it, not even a match that may still fail. By then every
 * read that could tell one of its trades again is long past: reads begin at the oldest order that is open.
 */
import type { BasketLeg } from '../domain/execution/held-basket.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Listing } from '../domain/ports/venue.ts';
import type { Exposures } from '../domain/risk/reservation.ts';
import type { Accounts } from './accounts.ts';
import type { OrderRegistry } from './order-registry.ts';

export interface MarketClosingParts {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly accounts: Pick<Accounts, 'close'>;
  readonly exposures: Pick<Exposures, 'close'>;
  readonly registry: Pick<OrderRegistry, 'open'>;
  readonly positions: () => readonly { readonly legs: readonly Pick<BasketLeg, 'venue' | 'venueKey'>[] }[];
  readonly revisionMs: number;
}

type ReadListing = Pick<Listing, 'venue' | 'venueKey' | 'standing' | 'isDisputed' | 'yes' | 'no'>;

export class MarketClosing {
  readonly #parts: MarketClosingParts;
  /** By market; an entry leaves when its market is closed or trades again. */
  readonly #settledSinceMs = new Map<string, number>();

  constructor(parts: MarketClosingParts) {
    this.#parts = parts;
  }

  /** A listing as its venue showed it just now. */
  observe(listing: ReadListing): void {
    const { clock, accounts, exposures, revisionMs } = this.#parts;
    const { venue, venueKey, standing, isDisputed, yes, no } = listing;
    const name = `${venue}/${venueKey}`;
    if (standing !== 'settled' || isDisputed === true) {
      this.#settledSinceMs.delete(name);
      return;
    }
    const nowMs = clock.nowMs();
    const sinceMs = this.#settledSinceMs.get(name) ?? nowMs;
    this.#settledSinceMs.set(name, sinceMs);
    if (nowMs - sinceMs < revisionMs || this.#isWaitedFor(listing) || !accounts.close(listing)) return;
    for (const { book } of [yes, no]) exposures.close(book);
    this.#settledSinceMs.delete(name);
  }

  #isWaitedFor({ venue, venueKey, yes, no }: ReadListing): boolean {
    const { positions, registry } = this.#parts;
    return (
      positions().some(({ legs }) => legs.some((leg) => leg.venue === venue && leg.venueKey === venueKey)) ||
      registry.open().some(({ order: { instrument } }) => instrument.book === yes.book || instrument.book === no.book)
    );
  }
}
