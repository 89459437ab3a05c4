/** Why a basket is not an edge. One code a cause, in words that an operator can act on. */
import type { BasketRefusal } from './basket.ts';

/** Causes found while sizing: the books, the fees and the limits were all known. */
export type SizingRefusal =
  /** nobody offers one of the legs, or what is left after the race haircut is less than one lot */
  | 'NO_ASKS'
  /** the best asks together cost at least what the basket pays */
  | 'NO_GROSS_EDGE'
  /** a gap exists, and fees take all of it at every size */
  | 'NO_NET_EDGE'
  /** something is left after fees at some size, and nowhere as much as the configured minimum */
  | 'BELOW_MIN_EDGE'
  /** no profitable size reaches the smallest order of every venue */
  | 'BELOW_MIN_ORDER'
  /** no profitable size is a whole number of lots and of cents at the venue's tick */
  | 'NO_VALID_SIZE'
  /** the cash at a venue does not pay for a size that earns something */
  | 'INSUFFICIENT_BALANCE'
  /** contract, inventory or capital limits leave no size that earns something */
  | 'LIMIT_EXPOSURE'
  /** the best size earns less than the configured number of dollars */
  | 'BELOW_MIN_PROFIT'
  /** the best size uses less capital than the configured smallest trade */
  | 'BELOW_MIN_TRADE_VALUE'
  /** operations on the chain cost too large a share of the capital */
  | 'GAS_TOO_HIGH';

/** Causes found on the books, before any sizing. */
export type BookRefusal =
  /** a snapshot has not arrived yet */
  | 'BOOK_AWAITED'
  /** frames are missing: not tradable until the next snapshot */
  | 'BOOK_GAPPED'
  /** nothing has proven the book current within its limit */
  | 'BOOK_STALE'
  /** best bid at or above best ask */
  | 'BOOK_CROSSED'
  /** nobody quotes either side */
  | 'BOOK_EMPTY'
  /** the venue closed, paused or decided the instrument */
  | 'BOOK_CLOSED'
  /** the venue's own clock says its messages reach us too late */
  | 'VENUE_LAGGED'
  /** a level outside 0..1, out of order, or without a size */
  | 'PRICE_INSANE';

export type DeclineReason =
  | BasketRefusal
  | BookRefusal
  | SizingRefusal
  /** the fee of a leg is not known now; the gross edge is still reported */
  | 'FEE_UNKNOWN'
  /** how much is on offer is not known (a recording of prices alone) */
  | 'SIZE_UNKNOWN'
  /** the pair is suspended, quarantined, expired or below its score */
  | 'PAIR_NOT_TRADABLE'
  /** YES and NO of one book below a dollar, not yet confirmed by a fresh snapshot */
  | 'COMPLEMENT_ALARM'
  /** a gap too good to be true: nearly always two different contracts, so a person looks first */
  | 'GAP_SUSPICIOUS';
