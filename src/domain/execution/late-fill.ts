/** A fill whose leg has closed, or that nobody here ordered, as the report of an order that is over. Pure. */
import { venueOf } from '../instrument.ts';
import type { Fill } from '../ports/venue.ts';
import { addUsd, microUsd, notional, sizeE6 } from '../units.ts';
import type { LegOrder, LegReport } from './leg.ts';

export function lateReport(fill: Fill, order: LegOrder | undefined): LegReport {
  const { settlement, action, priceE4, sizeE6: size } = fill;
  const isFinal = settlement === 'final' || settlement === 'confirmed';
  const gross = fill.notionalMicroUsd ?? notional(priceE4, size);
  const signed = action === 'buy' ? gross : microUsd(0 - gross);
  return {
    order: { ...(order ?? orderOf(fill)), sizeE6: size },
    standing: 'ended',
    end: 'filled',
    refusal: undefined,
    finalE6: isFinal ? size : sizeE6(0),
    provisionalE6: isFinal ? sizeE6(0) : size,
    openE6: sizeE6(0),
    cashMicroUsd: addUsd(signed, fill.feeMicroUsd ?? microUsd(0)),
    isAccounted: true,
  };
}

/** The order that must have been, as far as its fill tells. */
function orderOf({ tradeId, venueOrderId, clientOrderId, instrument, action, priceE4, sizeE6: size }: Fill): LegOrder {
  const venue = venueOf(instrument.book);
  return {
    attemptId: `late/${tradeId}`,
    legId: `1-${venue}`,
    venue,
    role: 'entry',
    basketLeg: 0,
    clientOrderId: clientOrderId ?? venueOrderId,
    instrument,
    action,
    limitE4: priceE4,
    sizeE6: size,
    timeInForce: 'immediateOrCancel',
    expiresAt: undefined,
    postOnly: false,
    reduceOnly: false,
    isReducing: false,
  };
}
