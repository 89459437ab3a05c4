/** Outcomes of requests to a venue, in the words of the chart of an order leg. */
import type { CancelOutcome, OrderOutcome } from '../domain/ports/venue.ts';
import type { DeskEvent } from '../machines/order-leg.events.ts';

/** What the venue answered to an order, as its leg hears it. */
export function eventOf(outcome: OrderOutcome): DeskEvent {
  switch (outcome.kind) {
    case 'done': {
      const { venueOrderId, filledE6, restingE6, isProvisional, tradeIds } = outcome;
      return { type: 'order.acknowledged', venueOrderId, filledE6, restingE6, isProvisional, tradeIds };
    }
    case 'refused': {
      const { reason, detail, retryAfterMs } = outcome;
      return { type: 'order.refused', reason, detail, retryAfterMs };
    }
    case 'unknown': {
      const { detail, hasLanded, venueOrderId } = outcome;
      return { type: 'order.unknown', detail, hasLanded, venueOrderId };
    }
  }
}

/** The same for a cancel. */
export function cancelEventOf(outcome: CancelOutcome): DeskEvent {
  switch (outcome.kind) {
    case 'done':
      return { type: 'cancel.acknowledged', canceledE6: outcome.canceledE6 };
    case 'refused': {
      const { reason, detail, retryAfterMs } = outcome;
      return { type: 'cancel.refused', reason, detail, retryAfterMs };
    }
    case 'unknown':
      return { type: 'cancel.unknown', detail: outcome.detail };
  }
}
