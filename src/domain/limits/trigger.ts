/** What may open the circuit breaker, as it is reported by whoever saw it. The profile decides what trips and how. */
import type { VenueName } from '../instrument.ts';

export type TriggerKind =
  /** an attempt held nothing because a venue would not have its orders, or had them lost: counted in a row */
  | 'EXECUTION_FAILED'
  /** one leg filled and its partner ended short, or the hedge deadline passed */
  | 'ASYMMETRIC_EXECUTION'
  /** what is left can neither be completed nor unwound within its limits */
  | 'STUCK_EXPOSURE'
  | 'CONNECTION_LOST'
  /** a 429 that was not ours to expect */
  | 'RATE_LIMITED'
  | 'DAILY_LOSS'
  | 'DRAWDOWN'
  | 'CONSECUTIVE_LOSSES'
  /** a book in a live attempt, or every book of a venue, is stale beyond its limit */
  | 'BOOK_STALE'
  | 'SEQUENCE_GAP'
  /** over the share of failed calls in the window */
  | 'API_ERRORS'
  | 'INSUFFICIENT_BALANCE'
  | 'AUTHENTICATION'
  /** the venue refuses our orders as wrong: our bug */
  | 'ORDER_INVALID'
  /** a fill after we concluded that the order was not accepted, an over-fill, or reports that contradict each other */
  | 'LATE_FILL'
  | 'TRADE_FAILED'
  | 'FEE_DRIFT'
  | 'LEDGER_DIFFERS'
  | 'SETTLED_DIFFERENTLY'
  | 'CLOCK_SKEW'
  | 'LATENCY'
  | 'UNHEDGED'
  /** an actor broke, or an invariant did */
  | 'ACTOR_FAULT'
  | 'JOURNAL_FAULT'
  | 'MANUAL_HALT';

export interface Trigger {
  readonly kind: TriggerKind;
  readonly venue?: VenueName;
  readonly attemptId?: string;
  /** What was expected and what was found, with ids. */
  readonly detail: string;
}

export type ReportTrigger = (trigger: Trigger) => void;
