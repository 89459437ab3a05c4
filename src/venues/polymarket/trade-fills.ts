/**
 * Our fills in a trade as the venue reports it. A trade has one taker and several makers; when we made, our part
 * is the entry with our order, in that entry's own token. Two purchases of opposite outcomes match as well (the
 * pair is minted), and two sales (it is merged), so an entry may be about the other token at the other price.
 */
import { parsePrice, parseSize } from '../../domain/decimal.ts';
import { bookId } from '../../domain/instrument.ts';
import type { Fill, FillSettlement } from '../../domain/ports/venue.ts';
import {
  complement,
  type MicroUsd,
  microUsd,
  mulDiv,
  notional,
  PRICE_ONE,
  type PriceE4,
  type SizeE6,
} from '../../domain/units.ts';
import { restingPrice, shown } from './order-book.ts';
import { instantOf } from './order-state.ts';
import type { TradeRecord } from './rest-wire.ts';

/** How the venue marks what is ours. */
export interface OwnMarks {
  /** The API key, which owns our orders. */
  readonly owner: string;
  /** The account that pays and holds. */
  readonly funder: string;
}

type MakerEntry = NonNullable<TradeRecord['maker_orders']>[number];

/** Our fills in the trade, or what is wrong with the record. An empty list when nothing of it is ours. */
export function fillsOf(trade: TradeRecord, marks: OwnMarks): readonly Fill[] | string {
  const settlement = settlementOf(trade.status);
  if (settlement === undefined)
    return `trade ${trade.id}: status must be one of the lifecycle, found ${shown(trade.status)}`;
  const fills: Fill[] = [];
  if (isTaker(trade, marks)) {
    const fill = takerFill(trade, settlement);
    if (typeof fill === 'string') return fill;
    fills.push(fill);
  }
  for (const entry of trade.maker_orders ?? []) {
    if (!isOurs(entry, marks)) continue;
    const fill = makerFill(trade, entry, settlement);
    if (typeof fill === 'string') return fill;
    fills.push(fill);
  }
  return fills;
}

function takerFill(trade: TradeRecord, settlement: FillSettlement): Fill | string {
  const sizeE6 = parseSize(trade.size);
  const buys = trade.side === 'BUY';
  const stated = statedPrice(trade.price, buys);
  if (sizeE6 === undefined || sizeE6 === 0 || stated === undefined)
    return `trade ${trade.id}: must have a size and a price inside 0..1, found ${shown(trade.size)}, ${shown(trade.price)}`;
  const exact = takerCash(trade, sizeE6);
  return {
    tradeId: trade.id,
    venueOrderId: trade.taker_order_id,
    clientOrderId: undefined,
    instrument: { book: bookId('polymarket', trade.asset_id), inverted: false },
    action: buys ? 'buy' : 'sell',
    priceE4: exact === undefined ? stated : averagePrice(exact, sizeE6, buys),
    sizeE6,
    ...(exact === undefined ? {} : { notionalMicroUsd: exact }),
    feeMicroUsd: undefined,
    role: 'taker',
    settlement,
    venueAt: instantOf(trade.match_time),
  };
}

function makerFill(trade: TradeRecord, entry: MakerEntry, settlement: FillSettlement): Fill | string {
  const sizeE6 = parseSize(entry.matched_amount);
  const priceE4 = restingPrice(entry.price);
  if (sizeE6 === undefined || sizeE6 === 0 || priceE4 === undefined)
    return `trade ${trade.id}: order ${entry.order_id} must have an amount and a price inside 0..1, found ${shown(entry.matched_amount)}, ${shown(entry.price)}`;
  return {
    // Several orders of ours may rest in one match, and each is a fill of its own.
    tradeId: `${trade.id}/${entry.order_id}`,
    venueOrderId: entry.order_id,
    clientOrderId: undefined,
    instrument: { book: bookId('polymarket', entry.asset_id), inverted: false },
    action: makerSide(trade, entry) === 'BUY' ? 'buy' : 'sell',
    priceE4,
    sizeE6,
    feeMicroUsd: undefined,
    role: 'maker',
    settlement,
    venueAt: instantOf(trade.match_time),
  };
}

/** Older records name no side: in the taker's own token a maker stands opposite, in the other token beside. */
function makerSide(trade: TradeRecord, entry: MakerEntry): 'BUY' | 'SELL' {
  if (entry.side !== undefined && entry.side !== null) return entry.side;
  if (entry.asset_id !== trade.asset_id) return trade.side;
  return trade.side === 'BUY' ? 'SELL' : 'BUY';
}

/**
 * What the taker's part cost or brought, to the millionth, from the makers' prices: the price at the top is one
 * number for a match that may have touched several. Each maker's part is cut off at the millionth, on both sides:
 * 7.042251 shares at 0.71 were seen to cost 4.999998. `undefined` when the makers do not add up to the size.
 */
function takerCash(trade: TradeRecord, sizeE6: SizeE6): MicroUsd | undefined {
  let matched = 0;
  let cash = 0;
  for (const entry of trade.maker_orders ?? []) {
    const amount = parseSize(entry.matched_amount);
    const price = restingPrice(entry.price);
    if (amount === undefined || price === undefined) return undefined;
    matched += amount;
    cash += notional(entry.asset_id === trade.asset_id ? price : complement(price), amount, 'floor');
  }
  return matched === sizeE6 ? microUsd(cash) : undefined;
}

/**
 * The price at the top of a trade. It may be an average over several levels, with more decimals than any level
 * has: it is then rounded against us, because a fill that cannot be read makes every list of fills unreadable.
 */
function statedPrice(text: string, buys: boolean): PriceE4 | undefined {
  const [, kept, cut = ''] = /^(\d?\.\d{4})(\d+)$/.exec(text) ?? [];
  const floor = parsePrice(kept ?? text);
  if (floor === undefined) return undefined;
  const price = floor + (buys && /[1-9]/.test(cut) ? 1 : 0);
  return price > 0 && price < PRICE_ONE ? (price as PriceE4) : undefined;
}

/** The average as a price of ours, rounded against us. */
function averagePrice(cash: MicroUsd, sizeE6: SizeE6, buys: boolean): PriceE4 {
  return Math.min(PRICE_ONE, mulDiv(cash, PRICE_ONE, sizeE6, buys ? 'ceil' : 'floor')) as PriceE4;
}

function isTaker(trade: TradeRecord, { owner, funder }: OwnMarks): boolean {
  if (trade.trader_side !== undefined && trade.trader_side !== null) return trade.trader_side === 'TAKER';
  return trade.owner === owner || isSameAddress(trade.maker_address, funder);
}

function isOurs(entry: MakerEntry, { owner, funder }: OwnMarks): boolean {
  return entry.owner === owner || isSameAddress(entry.maker_address, funder);
}

function isSameAddress(found: string | null | undefined, ours: string): boolean {
  return typeof found === 'string' && found.toLowerCase() === ours.toLowerCase();
}

function settlementOf(status: string): FillSettlement | undefined {
  switch (status.replace(/^TRADE_STATUS_/, '').toUpperCase()) {
    case 'MATCHED':
    case 'MATCHED_NOT_BROADCASTED':
      return 'matched';
    case 'MINED':
      return 'mined';
    case 'RETRYING':
      return 'retrying';
    case 'CONFIRMED':
      return 'confirmed';
    case 'FAILED':
      return 'failed';
    default:
      return undefined;
  }
}
