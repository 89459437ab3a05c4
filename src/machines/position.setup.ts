/** What the chart of a position asks for. */
import type { BasketLeg } from '../domain/execution/held-basket.ts';
import type { BookId } from '../domain/instrument.ts';
import type { Trigger } from '../domain/limits/trigger.ts';
import { effect } from './effects.ts';
import type { PaymentToBook, PayoutToReverse, PositionExposure, PositionReport } from './position-facts.ts';

export const positionEffects = {
  /** Asks the venues of these legs where their markets stand and what was paid. */
  requestSettlementCheck: effect<{ readonly legs: readonly BasketLeg[] }>(),
  /** Books a payout that a venue made. */
  recordSettlement: effect<PaymentToBook>(),
  /** Takes a booked payout back, by a posting of its own. */
  reverseSettlement: effect<PayoutToReverse>(),
  /** What is held at risk now: the legs whose payout is not in the ledger. */
  reportExposure: effect<PositionExposure>(),
  /** These books paid out: what is held of them is cash. */
  releaseExposure: effect<{ readonly books: readonly BookId[] }>(),
  /** The payout of these books was taken back: what was held of them is held again. */
  restoreExposure: effect<{ readonly books: readonly BookId[] }>(),
  /** Looks up what orders an exit has left that broke, and answers with `exit.ordersFound`. */
  requestExitOrders: effect<{ readonly positionId: string; readonly leg: number }>(),
  reportTrigger: effect<Trigger>(),
  reportPosition: effect<PositionReport>(),
  /** A result is known and its money is late. */
  reportOverdue: effect<PositionReport>(),
};
