/** One order on paper, and the state of it in the words of the port. */
import type { OrderRequest, OrderState } from '../../domain/ports/venue.ts';
import { type Micros, type SizeE6, sizeE6 } from '../../domain/units.ts';

export interface PaperOrder {
  readonly request: OrderRequest;
  readonly venueOrderId: string;
  readonly createdAt: Micros;
  filledE6: number;
  /** What still rests; 0 once it is over. */
  restingE6: number;
  standing: 'resting' | 'filled' | 'canceled';
  /** Whether its price was reached when it was looked at last: one reach is one chance. */
  isReached: boolean;
}

export function stateOf({ request, venueOrderId, createdAt, ...order }: PaperOrder): OrderState {
  const { clientOrderId, instrument, action, limitE4, sizeE6: originalE6 } = request;
  return {
    venueOrderId,
    clientOrderId,
    instrument,
    action,
    limitE4,
    originalE6,
    filledE6: sizeE6(order.filledE6),
    restingE6: sizeE6(order.restingE6),
    standing: order.standing,
    createdAt,
  };
}

/** Counts a fill of so much. */
export function fillOrder(order: PaperOrder, size: SizeE6): void {
  order.filledE6 += size;
  order.restingE6 = Math.max(0, order.restingE6 - size);
  if (order.filledE6 >= order.request.sizeE6) order.standing = 'filled';
}

export function endOrder(order: PaperOrder): SizeE6 {
  const rest = sizeE6(order.restingE6);
  order.restingE6 = 0;
  if (order.standing === 'resting') order.standing = 'canceled';
  return rest;
}

export function mayRest({ timeInForce }: OrderRequest): boolean {
  return timeInForce === 'goodTillCanceled' || timeInForce === 'goodTillDate';
}
