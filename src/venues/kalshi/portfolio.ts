/** Kalshi's rows about us in our words: orders, fills, positions, settlements. Pure. */
import { bookId } from '../../domain/instrument.ts';
import type { Fill, OrderState, Position, Settlement } from '../../domain/ports/venue.ts';
import { type Micros, microUsd, PRICE_ONE, type PriceE4, priceE4 } from '../../domain/units.ts';
import { type Direction, directionOf, onYesScale } from './direction.ts';
import type { FillRow, OrderRow, PositionRow, SettlementRow } from './rest-wire.ts';
import { sizeOfSigned } from './wire-values.ts';

/** The request behind an order, where this process made it: by the venue's id or by ours. */
export type RequestOf = (ids: {
  readonly venueOrderId: string;
  readonly clientOrderId: string | undefined;
}) => (Direction & { readonly clientOrderId: string }) | undefined;

/** What REST rows and socket messages have in common. */
export type OrderFacts = Omit<OrderRow, 'created_time'> & { readonly createdAt: Micros | undefined };
export type FillFacts = Omit<FillRow, 'created_time'> & {
  readonly clientOrderId: string | undefined;
  readonly venueAt: Micros | undefined;
};

export function orderFactsOf({ created_time, ...row }: OrderRow): OrderFacts {
  return { ...row, createdAt: created_time ?? undefined };
}

export function fillFactsOf({ created_time, ...row }: FillRow): FillFacts {
  // REST rows of fills carry no client id (schema of September 2026).
  return { ...row, clientOrderId: undefined, venueAt: created_time };
}

export function orderStateOf(facts: OrderFacts, requestOf: RequestOf): OrderState {
  const venueOrderId = facts.order_id;
  const clientOrderId = facts.client_order_id === '' ? undefined : facts.client_order_id;
  const { instrument, action } = directionOf(facts.ticker, facts.book_side, requestOf({ venueOrderId, clientOrderId }));
  return {
    venueOrderId,
    clientOrderId,
    instrument,
    action,
    limitE4: onYesScale(instrument, facts.yes_price_dollars),
    originalE6: facts.initial_count_fp,
    filledE6: facts.fill_count_fp,
    restingE6: facts.remaining_count_fp,
    standing: standingOf(facts.status),
    createdAt: facts.createdAt,
  };
}

export function fillOf(facts: FillFacts, requestOf: RequestOf): Fill {
  const venueOrderId = facts.order_id;
  const request = requestOf({ venueOrderId, clientOrderId: facts.clientOrderId });
  const { instrument, action } = directionOf(facts.ticker, facts.book_side, request);
  return {
    tradeId: facts.trade_id,
    venueOrderId,
    clientOrderId: facts.clientOrderId ?? request?.clientOrderId,
    instrument,
    action,
    priceE4: onYesScale(instrument, facts.yes_price_dollars),
    sizeE6: facts.count_fp,
    // The charge itself. The average of a reply to an order is truncated and understates it.
    feeMicroUsd: facts.fee_cost,
    role: facts.is_taker ? 'taker' : 'maker',
    settlement: 'final',
    venueAt: facts.venueAt,
  };
}

/** One signed number a market: above zero is YES, below is NO. `undefined` where nothing is held. */
export function positionOf(row: PositionRow): Position | undefined {
  if (row.position_fp === 0) return undefined;
  return {
    instrument: { book: bookId('kalshi', row.ticker), inverted: row.position_fp < 0 },
    sizeE6: sizeOfSigned(row.position_fp),
  };
}

/** A settlement, or what is wrong with its row. There is no void: what cannot be decided pays a fair price. */
export function settlementOf(row: SettlementRow): Settlement | string {
  const yesPayoutE4 = payoutOf(row);
  if (yesPayoutE4 === undefined)
    return `settlement of ${row.ticker} must be yes, no or scalar with a value of 0..100 cents, found ${row.market_result}`;
  return {
    venueKey: row.ticker,
    yesPayoutE4,
    paidMicroUsd: microUsd(row.revenue),
    settledAt: row.settled_time,
  };
}

const PRICE_CENT = 100;

function payoutOf({ market_result, value }: SettlementRow): PriceE4 | undefined {
  if (market_result === 'yes') return PRICE_ONE;
  if (market_result === 'no') return priceE4(0);
  if (market_result !== 'scalar' || value === null || value === undefined) return undefined;
  return value >= 0 && value * PRICE_CENT <= PRICE_ONE ? priceE4(value * PRICE_CENT) : undefined;
}

function standingOf(status: string): OrderState['standing'] {
  switch (status) {
    case 'resting':
      return 'resting';
    case 'executed':
      return 'filled';
    case 'canceled':
      return 'canceled';
    default:
      // The socket has `unknown` of its own, and a status that is new is one as well.
      return 'unknown';
  }
}
