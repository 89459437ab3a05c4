/**
 * The right to hand one order to a venue. Nothing else opens the way to a socket.
 *
 * A live permit is made by the breaker's gate alone, and a rehearsal permit is another type: whatever takes
 * the one does not compile with the other, nor with an object that somebody made by hand.
 */
import type { Venue } from '../domain/ports/venue.ts';

declare const live: unique symbol;
declare const rehearsal: unique symbol;
declare const nowhere: unique symbol;

export interface LivePermit {
  readonly kind: 'live';
  /** `entry` stands while the breaker does; `reducing` outlives it. */
  readonly scope: 'entry' | 'reducing';
  readonly [live]: never;
}

/** For warming the way of an order up to, and never into, a socket. */
export interface RehearsalPermit {
  readonly kind: 'rehearsal';
  readonly [rehearsal]: never;
}

export type AnyPermit = LivePermit | RehearsalPermit;

/** A venue's adapter over a wire that ends in memory. */
export interface RehearsalVenue extends Venue {
  readonly [nowhere]: never;
}

/** What a permit opens: a rehearsal's opens no venue that could reach a socket. */
export type VenueFor<Permit extends AnyPermit> = Permit extends LivePermit ? Venue : RehearsalVenue;

export type PermitRefusal =
  /** tripped or halted; whoever wants to know why reads the breaker's reasons */
  | 'breakerOpen'
  /** half open, and another attempt is the probe */
  | 'breakerProbing'
  /** broken, never started or stopped: nothing but a restart changes that */
  | 'breakerDead'
  /** the engine is not running, or has been asked to stop */
  | 'engineNotRunning'
  /** live orders need a person's word in this process */
  | 'modeNotConfirmed'
  /** somebody else may hold the account */
  | 'leaseNotHeld';

export interface PermitRefused {
  readonly kind: 'refused';
  readonly reason: PermitRefusal;
}

const REHEARSAL = Object.freeze({ kind: 'rehearsal' }) as unknown as RehearsalPermit;

export function rehearsalPermit(): RehearsalPermit {
  return REHEARSAL;
}
