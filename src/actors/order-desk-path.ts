/** The one way on which an order reaches a venue, and it takes a live permit. */
import type { LegOrder } from '../domain/execution/leg.ts';
import type { VenueName } from '../domain/instrument.ts';
import { InvariantError } from '../domain/invariant.ts';
import type { OrderOutcome, PreparedOrder, Venue } from '../domain/ports/venue.ts';
import type { LivePermit } from './permit.ts';

export type Venues = Readonly<Partial<Record<VenueName, Venue>>>;

/** Asks the gate whether the permit still stands. */
export type Honours = (permit: LivePermit, order: LegOrder) => boolean;

export class SubmitPath {
  readonly #venues: Venues;
  readonly #honours: Honours;

  constructor(venues: Venues, honours: Honours) {
    this.#venues = venues;
    this.#honours = honours;
  }

  /** Sends once. A permit that no longer stands sends nothing. */
  submit(
    { order, prepared }: { readonly order: LegOrder; readonly prepared: PreparedOrder },
    permit: LivePermit,
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

export function venueIn(venues: Venues, name: VenueName): Venue {
  const venue = venues[name];
  if (venue === undefined)
    throw new InvariantError(`a venue must be connected before orders are planned at it, found no ${name}`);
  return venue;
}
