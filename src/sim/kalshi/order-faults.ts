/** Faults of single orders: what they do before the order is matched, and after. */
import { priceE4 } from '../../domain/units.ts';
import { type FaultPlace, faultNumber, faultText } from '../faults.ts';
import { sizeOf } from '../matching/ladder.ts';
import type { Core } from './core.ts';
import { refuse } from './errors.ts';
import type { OrderRecord } from './model.ts';
import type { PlaceExtras } from './order-entry.ts';
import type { CreateRequest } from './order-request.ts';

/** May throw a refusal of its own, may change the venue, and says what is special about matching this order. */
export function beforePlacing(core: Core, accountId: string, request: CreateRequest): PlaceExtras {
  const { faults, catalog } = core;
  const market = catalog.find(request.ticker);
  if (!faults.isArmed || market === undefined) return {};
  const place: FaultPlace = { step: 'create', market: request.ticker, account: accountId };
  if (faults.strike('O18', place) !== undefined) throw refuse(400, 'insufficient_balance');
  if (request.timeInForce === 'fillOrKill') {
    if ((faults.strike('O6', place) ?? faults.strike('O7', place)) !== undefined) {
      if (request.clientOrderId !== undefined)
        core.accounts.get(accountId).usedClientIds.add(request.clientOrderId, core.nowMs());
      throw refuse(409, 'fill_or_kill_insufficient_resting_volume');
    }
  }
  if (request.groupId !== undefined && faults.strike('O21', place) !== undefined) {
    const group = core.groups.find(request.groupId, accountId);
    if (group !== undefined) core.groups.trigger(group);
  }
  changeFees(core, request, place);
  improvePrice(core, request, place);
  return cap(core, request, place);
}

/** The fee parameters become others between what the client read and its fill. */
function changeFees(core: Core, request: CreateRequest, place: FaultPlace): void {
  const fault = core.faults.strike('O22', place);
  if (fault === undefined) return;
  const event = core.catalog.eventOf(core.catalog.market(request.ticker));
  core.catalog.updateEvent(event.eventTicker, {
    feeTypeOverride: faultText(fault, 'feeType', 'quadratic_with_maker_fees'),
    feeMultiplierOverride: faultNumber(fault, 'feeMultiplier', 2),
  });
}

/** Somebody offers the whole size at a better price than anyone could see. */
function improvePrice(core: Core, request: CreateRequest, place: FaultPlace): void {
  const fault = core.faults.strike('O15', place);
  if (fault === undefined) return;
  const better = faultNumber(fault, 'improveE4', 100) * (request.side === 'bid' ? -1 : 1);
  const price = Math.min(9_999, Math.max(1, request.priceE4 + better));
  const side = request.side === 'bid' ? 'ask' : 'bid';
  core.house.place({ ticker: request.ticker, side, priceE4: priceE4(price), sizeE6: request.sizeE6 });
}

const HUNDREDTH_E6 = 10_000;

function cap(core: Core, request: CreateRequest, place: FaultPlace): PlaceExtras {
  const partial = core.faults.strike('O8', place);
  if (partial !== undefined) {
    const part = faultNumber(partial, 'share', 0.5);
    const grid = faultNumber(partial, 'gridE6', HUNDREDTH_E6);
    return { breaksFillOrKill: true, fillCapE6: Math.floor((request.sizeE6 * part) / grid) * grid };
  }
  const fractional = core.faults.strike('O16', place);
  if (fractional === undefined) return {};
  return { fillCapE6: wholeHundredths(request.sizeE6 * faultNumber(fractional, 'share', 0.37)) };
}

function wholeHundredths(size: number): number {
  return Math.floor(size / HUNDREDTH_E6) * HUNDREDTH_E6;
}

/** The venue fills more than it was asked for. */
export function afterPlacing(core: Core, order: OrderRecord): void {
  if (!core.faults.isArmed || order.filledE6 === 0) return;
  const fault = core.faults.strike('O17', { step: 'create', market: order.ticker, account: order.accountId });
  if (fault === undefined) return;
  fillOutside(core, order, { sizeE6: faultNumber(fault, 'sizeE6', 1_000_000), isTaker: true });
}

/** The cancel was acknowledged, and a fill from before it arrives afterwards. */
export function afterCanceling(core: Core, order: OrderRecord, reducedE6: number): void {
  if (!core.faults.isArmed) return;
  const fault = core.faults.strike('O11', { step: 'cancel', market: order.ticker, account: order.accountId });
  if (fault === undefined) return;
  const sizeE6 = sizeOf(faultNumber(fault, 'sizeE6', reducedE6));
  core.afterMs(faultNumber(fault, 'delayMs', 500), () => fillOutside(core, order, { sizeE6, isTaker: false }));
}

function fillOutside(core: Core, order: OrderRecord, fill: { sizeE6: number; isTaker: boolean }): void {
  const { ticker, orderId, side, priceE4: price } = order;
  const other = side === 'bid' ? 'ask' : 'bid';
  core.clearing.matchOutsideBook({
    ticker,
    makerId: fill.isTaker ? 'house' : orderId,
    takerId: fill.isTaker ? orderId : 'house',
    takerSide: fill.isTaker ? side : other,
    priceE4: price,
    sizeE6: fill.sizeE6,
  });
}
