/** Bodies of order commands: decoded as strictly as the venue does, in its words when they are wrong. */
import { type Micros, micros, type PriceE4, type SizeE6 } from '../../domain/units.ts';
import type { SelfTrade, Side, TimeInForce } from '../matching/engine.ts';
import { refuse, undecodable } from './errors.ts';
import { isObject } from './json.ts';
import { readCount, readPrice } from './numbers.ts';

export interface CreateRequest {
  readonly ticker: string;
  readonly clientOrderId: string | undefined;
  readonly side: Side;
  readonly sizeE6: SizeE6;
  readonly priceE4: PriceE4;
  readonly timeInForce: TimeInForce;
  readonly selfTrade: SelfTrade;
  readonly expirationMicros: Micros | undefined;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly cancelOnPause: boolean;
  readonly subaccount: number;
  readonly groupId: string | undefined;
  /** `undefined` and -1 both mean: by the ticker (Kalshi changelog 2026-08-27). */
  readonly exchangeIndex: number | undefined;
}

/** Documented for FIX; a dot, as tickers have them, was refused on REST (observed 2026-05-07). */
const CLIENT_ID = /^[-\w:+=/]{1,64}$/;

const TIMES_IN_FORCE: Readonly<Record<string, TimeInForce>> = {
  fill_or_kill: 'fillOrKill',
  immediate_or_cancel: 'immediateOrCancel',
  good_till_canceled: 'goodTillCanceled',
};

const SELF_TRADES: Readonly<Record<string, SelfTrade>> = { taker_at_cross: 'takerAtCross', maker: 'maker' };

type Kind = 'string' | 'number' | 'boolean';

const CREATE_FIELDS: Readonly<Record<string, Kind>> = {
  ticker: 'string',
  client_order_id: 'string',
  side: 'string',
  count: 'string',
  price: 'string',
  time_in_force: 'string',
  self_trade_prevention_type: 'string',
  expiration_time: 'number',
  post_only: 'boolean',
  reduce_only: 'boolean',
  cancel_order_on_pause: 'boolean',
  subaccount: 'number',
  order_group_id: 'string',
  exchange_index: 'number',
};

/** The fields of a decoded body. Unknown ones were ignored. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export function decode(text: string, type: string, kinds: Readonly<Record<string, Kind>>): Fields {
  return decodeObject(parseBody(text), type, kinds);
}

export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON at all: the venue's decoder speaks of characters, which no client may depend on.
    throw undecodable('json: invalid input');
  }
}

function decodeObject(body: unknown, type: string, kinds: Readonly<Record<string, Kind>>): Fields {
  if (!isObject(body)) throw undecodable(`json: cannot unmarshal into Go value of type ${type}`);
  const fields: Record<string, string | number | boolean | undefined> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== kind) throw mismatch({ type, name, kind, value });
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') fields[name] = value;
  }
  return fields;
}

/** Recorded demo session 2026-06-11: numbers instead of strings come back as the decoder's own sentence. */
function mismatch(place: { type: string; name: string; kind: Kind; value: unknown }): Error {
  const { type, name, kind, value } = place;
  const found = typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value;
  const wanted = kind === 'number' ? 'int64' : kind === 'boolean' ? 'bool' : kind;
  return undecodable(`json: cannot unmarshal ${found} into Go struct field ${type}.${name} of type ${wanted}`);
}

/** Decodes a row of a batch: one row that does not decode refuses the whole batch. */
export function checkCreate(body: unknown): void {
  decodeObject(body, 'CreateOrderV2Request', CREATE_FIELDS);
}

export function readCreate(body: unknown, nowMicros: number): CreateRequest {
  const fields = decodeObject(body, 'CreateOrderV2Request', CREATE_FIELDS);
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value !== 'string' || value === '') throw refuse(400, 'missing_parameters');
    return value;
  };
  const [ticker, side, count, price] = [text('ticker'), text('side'), text('count'), text('price')];
  const timeInForce = TIMES_IN_FORCE[text('time_in_force')];
  const selfTrade = SELF_TRADES[text('self_trade_prevention_type')];
  if ((side !== 'bid' && side !== 'ask') || timeInForce === undefined || selfTrade === undefined)
    throw refuse(400, 'invalid_parameters');
  const clientOrderId = optionalText(fields, 'client_order_id');
  if (clientOrderId !== undefined && !CLIENT_ID.test(clientOrderId)) throw refuse(400, 'invalid_parameters');
  const sizeE6 = readCount(count);
  if (sizeE6 === undefined || sizeE6 === 0) throw refuse(400, 'invalid_parameters');
  const priceE4 = readPrice(price);
  if (priceE4 === undefined) throw refuse(400, 'invalid_price');
  const expirationMicros = readExpiration(fields, timeInForce, nowMicros);
  return {
    ticker,
    clientOrderId,
    side,
    sizeE6,
    priceE4,
    timeInForce: expirationMicros === undefined ? timeInForce : 'goodTillDate',
    selfTrade,
    expirationMicros,
    postOnly: fields.post_only === true,
    reduceOnly: fields.reduce_only === true,
    cancelOnPause: fields.cancel_order_on_pause === true,
    subaccount: optionalNumber(fields, 'subaccount') ?? 0,
    groupId: optionalText(fields, 'order_group_id'),
    exchangeIndex: optionalNumber(fields, 'exchange_index'),
  };
}

/** Only with good-till-canceled, in whole seconds, and not in the past. */
function readExpiration(fields: Fields, timeInForce: TimeInForce, nowMicros: number): Micros | undefined {
  const seconds = optionalNumber(fields, 'expiration_time');
  if (seconds === undefined) return undefined;
  if (timeInForce !== 'goodTillCanceled' || !Number.isSafeInteger(seconds)) throw refuse(400, 'invalid_parameters');
  if (seconds * 1_000_000 <= nowMicros) throw refuse(400, 'invalid_order', 'expiration time is in the past');
  return micros(seconds * 1_000_000);
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function optionalNumber(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

export interface AmendRequest {
  readonly ticker: string;
  readonly side: Side;
  readonly priceE4: PriceE4;
  /** In all: what has filled and what shall rest. */
  readonly totalE6: SizeE6;
  readonly clientOrderId: string | undefined;
  readonly updatedClientOrderId: string | undefined;
}

export function readAmend(text: string): AmendRequest {
  const fields = decode(text, 'AmendOrderV2Request', {
    ticker: 'string',
    side: 'string',
    price: 'string',
    count: 'string',
    client_order_id: 'string',
    updated_client_order_id: 'string',
    exchange_index: 'number',
  });
  const [ticker, side] = [optionalText(fields, 'ticker'), optionalText(fields, 'side')];
  const [price, count] = [optionalText(fields, 'price'), optionalText(fields, 'count')];
  if (ticker === undefined || side === undefined || price === undefined || count === undefined)
    throw refuse(400, 'missing_parameters');
  const totalE6 = readCount(count);
  if ((side !== 'bid' && side !== 'ask') || totalE6 === undefined || totalE6 === 0)
    throw refuse(400, 'invalid_parameters');
  const priceE4 = readPrice(price);
  if (priceE4 === undefined) throw refuse(400, 'invalid_price');
  const updatedClientOrderId = optionalText(fields, 'updated_client_order_id');
  if (updatedClientOrderId !== undefined && !CLIENT_ID.test(updatedClientOrderId))
    throw refuse(400, 'invalid_parameters');
  return {
    ticker,
    side,
    priceE4,
    totalE6,
    clientOrderId: optionalText(fields, 'client_order_id'),
    updatedClientOrderId,
  };
}

export interface DecreaseRequest {
  readonly kind: 'by' | 'to';
  readonly sizeE6: SizeE6;
  readonly marketTicker: string | undefined;
  readonly exchangeIndex: number | undefined;
}

/** Exactly one of the two. */
export function readDecrease(text: string): DecreaseRequest {
  const kinds = {
    reduce_by: 'string',
    reduce_to: 'string',
    market_ticker: 'string',
    exchange_index: 'number',
  } as const;
  const fields = decode(text, 'DecreaseOrderV2Request', kinds);
  const by = optionalText(fields, 'reduce_by');
  const to = optionalText(fields, 'reduce_to');
  if ((by === undefined) === (to === undefined)) throw refuse(400, 'invalid_parameters');
  const sizeE6 = readCount(by ?? to ?? '');
  if (sizeE6 === undefined) throw refuse(400, 'invalid_parameters');
  return {
    kind: by === undefined ? 'to' : 'by',
    sizeE6,
    marketTicker: optionalText(fields, 'market_ticker'),
    exchangeIndex: optionalNumber(fields, 'exchange_index'),
  };
}
