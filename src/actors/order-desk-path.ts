/** The one way on which an order reaches a venue: it takes a live permit, or leads to a venue of a rehearsal. */
import type { LegOrder } from '../domain/execution/leg.ts';
import type { VenueName } from '../domain/instrument.ts';
import { InvariantError } from '../domain/invariant.ts';
import type { OrderOutcome, PreparedOrder, Venue } from '../domain/ports/venue.ts';
import type { AnyPermit, LivePermit, VenueFor } from './permit.ts';

export type Venues<Permit extends AnyPermit = LivePermit> = Readonly<Partial<Record<VenueName, VenueFor<Permit>>>>;

/** Asks the gate whether the permit still stands. */
export type Honours<Permit extends AnyPermit = LivePermit> = (permit: Permit, order: LegOrder) => boolean;

export class SubmitPath<Permit extends AnyPermit = LivePermit> {
  readonly #venues: Venues<Permit>;
  readonly #honours: Honours<Permit>;

  constructor(venues: Venues<Permit>, honours: Honours<Permit>) {
    this.#venues = venues;
    this.#honours = honours;
  }

  /** Sends once. A permit that no longer stands sends nothing. */
  submit(
    { order, prepared }: { readonly order: LegOrder; readonly prepared: PreparedOrder },
    permit: Permit,
    { onOutcome, onSent }: { readonly onOutcome: (outcome: OrderOutcome) => void; readonly onSent: () => void },
  ): void {
    if (!this.#honours(permit, order)) {
      const detail = 'the breaker opened before the order left, nothing was sent';
      onOutcome({ kind: 'refused', reason: 'notSent', detail, retryAfterMs: undefined });
      return;
    }
    venueIn(this.#venues, order.venue).submit(prepared, onOutcome, onSent);
  }
}

export function venueIn(venues: Readonly<Partial<Record<VenueName, Venue>>>, name: VenueName): Venue {
  const venue = venues[name];
  if (venue === undefined)
    throw new InvariantError(`a venue must be connected before orders are planned at it, found no ${name}`);
  return venue;
}
