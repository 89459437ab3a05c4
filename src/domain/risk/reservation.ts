/** What is asked of the exposure book, and what it answers. */
import type { LegOrder, LegReport } from '../execution/leg.ts';
import type { Instrument, VenueName } from '../instrument.ts';
import type { ExposureSpan } from '../limits/exposure.ts';
import type { EntryRequest, LimitViolation, RiskLimits, RiskState } from '../limits/risk-limits.ts';
import type { DayCounters } from '../limits/trading-day.ts';
import type { Micros, MicroUsd, Millis } from '../units.ts';

/** What an attempt counts towards besides the total. */
export interface RiskGroup {
  readonly eventId: string;
  readonly category: string;
  /** Events that move together. */
  readonly correlated: string;
}

/** One moment on both clocks: durations are measured on the first, days on the second. */
export interface Moment {
  readonly nowMs: Millis;
  readonly wall: Micros;
}

export interface ReservationRequest {
  readonly attemptId: string;
  readonly group: RiskGroup;
  /** Every order that the plan sends, at its largest: each may still fill wholly at its limit. */
  readonly legs: readonly LegOrder[];
  /** What a repair may cost beyond the plan: reserved with it, so that no repair runs into a limit. */
  readonly repairMicroUsdMax: MicroUsd;
  /** Cash and the count of orders are taken from the legs. */
  readonly entry: Omit<EntryRequest, 'cash' | 'orders'>;
  readonly at: Moment;
}

export interface Adoption {
  readonly attemptId: string;
  readonly group: RiskGroup;
  /** Legs of a complete set; one without a report counts as nothing held. */
  readonly basketLegs: number;
  readonly reports: readonly LegReport[];
  readonly at: Moment;
}

export type Reservation =
  | { readonly kind: 'reserved'; readonly reservedMicroUsd: MicroUsd }
  | { readonly kind: 'refused'; readonly violations: readonly LimitViolation[] };

/** Contracts believed to be held, counted in the direction of the instrument asked for: negative is held of its opposite. */
export interface ContractSpan {
  readonly leastE6: number;
  readonly mostE6: number;
}

/** Our own cash against what a venue says is available. */
export interface BalanceDifference {
  readonly venue: VenueName;
  readonly bookedMicroUsd: MicroUsd | undefined;
  readonly reportedMicroUsd: MicroUsd;
}

/** Every method is one synchronous step. */
export interface Exposures {
  /** Checks every limit and takes the room, or takes nothing and names all limits that stand in the way. */
  reserve(request: ReservationRequest): Reservation;
  /** Takes in what exists whether a limit allows it or not: attempts found after a restart, exits, orphans. */
  adopt(adoption: Adoption): void;
  /** What the legs of an attempt are known to have done. A leg that is not named stands as it stood. */
  report(attemptId: string, reports: readonly LegReport[], at: Moment): void;
  /**
   * The attempt is closed: its room is given back and what it holds stays as exposure until it is settled or
   * sold. Throws while an order of it may still fill: a reservation ends at terminal states only.
   */
  release(attemptId: string, reports: readonly LegReport[], at: Moment): void;
  /** This book pays out: what is held of it is cash from now on. */
  settle(book: Instrument['book']): void;
  /** The same, and nobody takes it back any more: what is over of it may be forgotten. */
  close(book: Instrument['book']): void;
  /** The payout of a book was taken back: what was held of it is held again. */
  unsettle(book: Instrument['book']): void;
  /** Contracts that the venue may hold for us. */
  spanOf(instrument: Instrument): ContractSpan;
  /** Capital at risk, reservations included. */
  span(): ExposureSpan;
  /** As far as its legs are known, without the rest of its reservation. */
  spanOfAttempt(attemptId: string): ExposureSpan;
  unhedgedOf(attemptId: string): ExposureSpan;
  /** What contracts without a partner may cost, over everything that may be true. */
  unhedged(): ExposureSpan;
  state(group: RiskGroup, at: Moment): RiskState;
  setLimits(limits: RiskLimits): void;
  readonly limits: RiskLimits;
  /** Our own books' cash at a venue, after every booking. */
  setCash(venue: VenueName, microUsd: MicroUsd): void;
  /** What the venue says is available. The smaller of both counts. */
  reconcile(venue: VenueName, availableMicroUsd: MicroUsd): BalanceDifference;
  setNav(microUsd: MicroUsd): void;
  /** Profit or loss that became certain. */
  recordRealised(pnlMicroUsd: MicroUsd, at: Moment): DayCounters;
  /** As of that moment, a new day's if one has begun: what a restart needs to go on with. */
  dayCounters(at: Moment): DayCounters;
}
