/** Kalshi WebSocket text to frames in our units: pure and total. Whatever arrives, a frame comes out. */
import type { z } from 'zod';
import { parseDecimal, parsePrice, parseSize } from '../../domain/decimal.ts';
import type { TickGrid } from '../../domain/instrument.ts';
import { complement, PRICE_ONE, type PriceE4 } from '../../domain/units.ts';
import { readDelta } from './delta-text.ts';
import type { KalshiEnvelope, KalshiFrame, LifecycleFrame, MalformedFrame } from './frame.ts';
import { bookSidesOf, restingPrice, shown } from './order-book.ts';
import { tickGridOf, tickGridOfLabel } from './tick-grid.ts';
import * as wire from './wire.ts';
import { isVenueMs } from './wire-values.ts';

export interface KalshiParseOptions {
  /** As sent in the subscribe command. Always sent: the venue announced that its default will flip. */
  readonly useYesPrice: boolean;
}

type Raw = Readonly<Record<string, unknown>>;

/** The envelope of a frame on a sequenced channel. */
interface Place extends KalshiEnvelope {
  readonly sid: number;
  readonly seq: number;
}

const NOWHERE: KalshiEnvelope = { sid: undefined, seq: undefined, id: undefined, sendingAtMs: undefined };
const NO_MARKET_OR_TIME = 'market_ticker and trade_id must not be empty, ts_ms must be milliseconds since 1970';

/** Reads one text frame. Never throws: what cannot be believed becomes a `malformed` frame. */
export function parseKalshiFrame(text: string, options: KalshiParseOptions): KalshiFrame {
  return readDelta(text, options.useYesPrice) ?? anyFrame(text, options.useYesPrice);
}

function anyFrame(text: string, useYesPrice: boolean): KalshiFrame {
  const raw = jsonObject(text);
  if (raw === undefined) return malformed({}, NOWHERE, `must be a JSON object, found ${shown(text)}`);
  // The envelope is read by hand and not by a schema: it is needed for every type, known or not, to keep
  // the count of the subscription, and even when the message itself is malformed.
  const sid = wireCount(raw.sid);
  const seq = wireCount(raw.seq);
  const id = raw.id === 0 ? undefined : wireCount(raw.id);
  const sendingAtMs = wireCount(raw.sending_ts_ms);
  if (sid === null || seq === null || id === null || sendingAtMs === null)
    return malformed(
      raw,
      { sid: sid ?? undefined, seq: seq ?? undefined, id: id ?? undefined, sendingAtMs: sendingAtMs ?? undefined },
      'sid, seq, id and sending_ts_ms must be positive whole numbers',
    );
  if (sid !== undefined && seq !== undefined) return sequenced(raw, { sid, seq, id, sendingAtMs }, useYesPrice);
  const envelope = { sid, seq, id, sendingAtMs };
  if (sid !== undefined) return unsequenced(raw, envelope, sid);
  return seq === undefined ? unscoped(raw, envelope) : malformed(raw, envelope, 'must have a sid beside its seq');
}

/** Frames that carry sid and seq. Those of busy types name every key: spreading a place costs microseconds. */
function sequenced(raw: Raw, place: Place, useYesPrice: boolean): KalshiFrame {
  switch (raw.type) {
    case 'orderbook_delta':
      return delta(raw, place, useYesPrice);
    case 'orderbook_snapshot':
      return snapshot(raw, place, useYesPrice);
    case 'trade':
      return trade(raw, place);
    case 'market_lifecycle_v2':
    case 'multivariate_market_lifecycle':
      return marketLifecycle(raw, place, raw.type);
    case 'event_lifecycle':
      return checked(wire.eventLifecycleMsg, raw, place, (msg) => eventChange(place, 'event_lifecycle', msg));
    case 'event_fee_update':
      return checked(wire.eventFeeUpdateMsg, raw, place, (msg) => eventChange(place, 'event_fee_update', msg));
    case 'order_group_updates':
      return checked(wire.orderGroupUpdateMsg, raw, place, (message) => ({
        ...place,
        kind: 'private',
        type: 'order_group_updates',
        message,
      }));
  }
  return unsequenced(raw, place, place.sid);
}

const onSequencedChannel: ReadonlySet<unknown> = new Set([
  'orderbook_delta',
  'orderbook_snapshot',
  'trade',
  'market_lifecycle_v2',
  'multivariate_market_lifecycle',
  'event_lifecycle',
  'event_fee_update',
  'order_group_updates',
]);

/** Frames that belong to a subscription and may lack a seq: unsequenced channels and some answers. */
function unsequenced(raw: Raw, envelope: KalshiEnvelope, sid: number): KalshiFrame {
  if (onSequencedChannel.has(raw.type) && envelope.seq === undefined)
    return malformed(raw, envelope, 'must have a seq');
  switch (raw.type) {
    case 'ticker':
      return ticker(raw, envelope);
    case 'fill':
      return checked(wire.fillMsg, raw, envelope, (message) => ({
        ...envelope,
        kind: 'private',
        type: 'fill',
        message,
      }));
    case 'user_order':
      return checked(wire.userOrderMsg, raw, envelope, (message) => ({
        ...envelope,
        kind: 'private',
        type: 'user_order',
        message,
      }));
    case 'market_position':
      return checked(wire.marketPositionMsg, raw, envelope, (message) => ({
        ...envelope,
        kind: 'private',
        type: 'market_position',
        message,
      }));
    case 'unsubscribed':
      return { ...envelope, kind: 'unsubscribed', sid };
  }
  return answer(raw, envelope);
}

/** Frames without a sid: answers to commands. A data message here has lost its sid. */
function unscoped(raw: Raw, envelope: KalshiEnvelope): KalshiFrame {
  switch (raw.type) {
    case 'ticker':
    case 'fill':
    case 'user_order':
    case 'market_position':
    case 'unsubscribed':
      return malformed(raw, envelope, 'must have a sid');
  }
  if (onSequencedChannel.has(raw.type)) return malformed(raw, envelope, 'must have a sid and a seq');
  return answer(raw, envelope);
}

function answer(raw: Raw, envelope: KalshiEnvelope): KalshiFrame {
  const { type } = raw;
  switch (type) {
    case 'subscribed':
      return checked(wire.subscribedMsg, raw, envelope, (msg) => ({
        ...envelope,
        kind: 'subscribed',
        channel: msg.channel,
        newSid: msg.sid,
      }));
    case 'ok':
      return ok(raw, envelope);
    case 'error':
      return checked(wire.errorMsg, raw, envelope, (msg) => ({
        ...envelope,
        kind: 'error',
        code: msg.code,
        message: msg.msg,
        ticker: msg.market_ticker,
        isTerminal: wire.terminalErrorCodes.has(msg.code),
      }));
  }
  if (typeof type !== 'string' || type === '') return malformed(raw, envelope, 'must have a type');
  return { ...envelope, kind: wire.otherTypes.has(type) ? 'other' : 'unknownKind', type };
}

function ok(raw: Raw, envelope: KalshiEnvelope): KalshiFrame {
  const bare = { ...envelope, kind: 'ok' as const, tickers: undefined, subscriptions: undefined };
  if (raw.msg === undefined) return bare;
  if (Array.isArray(raw.msg))
    return checked(wire.okListMsg, raw, envelope, (subscriptions) => ({ ...bare, subscriptions }));
  return checked(wire.okUpdateMsg, raw, envelope, (msg) => ({ ...bare, tickers: msg.market_tickers }));
}

function delta(raw: Raw, place: Place, useYesPrice: boolean): KalshiFrame {
  const parsed = wire.orderbookDeltaMsg.safeParse(raw.msg);
  if (!parsed.success) return malformed(raw, place, whyNot(parsed.error));
  const msg = parsed.data;
  const quoted = restingPrice(msg.price_dollars);
  if (quoted === undefined)
    return malformed(
      raw,
      place,
      `price_dollars must lie inside 0..1 in steps of 0.0001, found ${shown(msg.price_dollars)}`,
    );
  const deltaE6 = parseDecimal(msg.delta_fp, 6);
  if (deltaE6 === undefined)
    return malformed(raw, place, `delta_fp must be a decimal of at most 6 places, found ${shown(msg.delta_fp)}`);
  if (msg.market_ticker === '' || !isVenueMs(msg.ts_ms)) return malformed(raw, place, NO_MARKET_OR_TIME);
  const isBid = msg.side === 'yes';
  return {
    kind: 'delta',
    sid: place.sid,
    seq: place.seq,
    id: place.id,
    sendingAtMs: place.sendingAtMs,
    ticker: msg.market_ticker,
    side: isBid ? 'bid' : 'ask',
    priceE4: isBid || useYesPrice ? quoted : complement(quoted),
    deltaE6,
    stamp: msg.ts === undefined || msg.ts === '' ? String(msg.ts_ms) : msg.ts,
    venueAtMs: msg.ts_ms,
  };
}

function snapshot(raw: Raw, place: Place, useYesPrice: boolean): KalshiFrame {
  const parsed = wire.orderbookSnapshotMsg.safeParse(raw.msg);
  if (!parsed.success) return malformed(raw, place, whyNot(parsed.error));
  const msg = parsed.data;
  if (msg.market_ticker === '' || (msg.ts_ms !== undefined && !isVenueMs(msg.ts_ms)))
    return malformed(raw, place, NO_MARKET_OR_TIME);
  if (msg.yes_dollars_fp === undefined || msg.no_dollars_fp === undefined) {
    const stranger = unexpectedLevels(raw.msg);
    if (stranger !== undefined)
      return malformed(raw, place, `levels must be yes_dollars_fp and no_dollars_fp, found ${shown(stranger)}`);
  }
  const sides = bookSidesOf(msg.yes_dollars_fp ?? [], msg.no_dollars_fp ?? [], useYesPrice);
  if (sides.kind === 'malformed') return malformed(raw, place, sides.message);
  const { sid, seq, id, sendingAtMs } = place;
  const { market_ticker: ticker, ts_ms: venueAtMs } = msg;
  const { bids, asks } = sides;
  const stamp = msg.ts ?? (venueAtMs === undefined ? undefined : String(venueAtMs));
  return { kind: 'snapshot', sid, seq, id, sendingAtMs, ticker, bids, asks, stamp, venueAtMs };
}

/**
 * A key that holds book content under another name, in a snapshot that lacks a side.
 *
 * An absent side is empty, so a renamed side would silently empty the book, and a delta sent under the
 * wrong type would silently close it. A list that we do not know tells the one case, a delta's own
 * fields the other; anything else that is new is ignored as everywhere.
 */
function unexpectedLevels(msg: unknown): string | undefined {
  return Object.entries(msg as object).find(
    ([key, value]) =>
      key === 'price_dollars' ||
      key === 'delta_fp' ||
      (Array.isArray(value) && key !== 'yes_dollars_fp' && key !== 'no_dollars_fp'),
  )?.[0];
}

function trade(raw: Raw, place: Place): KalshiFrame {
  return checked(wire.tradeMsg, raw, place, (msg) => {
    if (msg.market_ticker === '' || msg.trade_id === '' || !isVenueMs(msg.ts_ms))
      return malformed(raw, place, NO_MARKET_OR_TIME);
    const priceE4 = restingPrice(msg.yes_price_dollars);
    const sizeE6 = parseSize(msg.count_fp);
    if (priceE4 === undefined)
      return malformed(raw, place, `yes_price_dollars must lie inside 0..1, found ${shown(msg.yes_price_dollars)}`);
    if (sizeE6 === undefined || sizeE6 === 0)
      return malformed(raw, place, `count_fp must be above 0 with at most 6 decimals, found ${shown(msg.count_fp)}`);
    // `ts` is whole seconds here and would join prints that have nothing to do with each other.
    const stamp = String(msg.ts_ms);
    const { market_ticker: ticker, trade_id: tradeId, ts_ms: venueAtMs } = msg;
    const { sid, seq, id, sendingAtMs } = place;
    return { kind: 'trade', sid, seq, id, sendingAtMs, ticker, priceE4, sizeE6, tradeId, stamp, venueAtMs };
  });
}

function ticker(raw: Raw, envelope: KalshiEnvelope): KalshiFrame {
  return checked(wire.tickerMsg, raw, envelope, (msg) => {
    if (msg.market_ticker === '' || !isVenueMs(msg.ts_ms)) return malformed(raw, envelope, NO_MARKET_OR_TIME);
    const bid = parsePrice(msg.yes_bid_dollars);
    const ask = parsePrice(msg.yes_ask_dollars);
    if (bid === undefined || ask === undefined)
      return malformed(raw, envelope, 'yes_bid_dollars and yes_ask_dollars must lie within 0..1 in steps of 0.0001');
    const { sid, seq, id, sendingAtMs } = envelope;
    const { market_ticker, ts_ms: venueAtMs } = msg;
    const [bestBidE4, bestAskE4, stamp] = [unlessExtreme(bid), unlessExtreme(ask), String(venueAtMs)];
    return { kind: 'ticker', sid, seq, id, sendingAtMs, ticker: market_ticker, bestBidE4, bestAskE4, stamp, venueAtMs };
  });
}

/** An empty side is quoted as a bid of 0 or an ask of 1 (recorded 2026-05). */
function unlessExtreme(price: PriceE4): PriceE4 | undefined {
  return price === 0 || price === PRICE_ONE ? undefined : price;
}

function marketLifecycle(raw: Raw, place: Place, type: string): KalshiFrame {
  return checked(wire.marketLifecycleMsg, raw, place, (msg) => {
    const { market_ticker, event_type, price_ranges, additional_metadata, ...rest } = msg;
    if (event_type === 'determined' && !msg.result) return malformed(raw, place, 'determined must have a result');
    if (event_type === 'close_date_updated' && msg.close_ts === undefined)
      return malformed(raw, place, 'close_date_updated must have a close_ts');
    const regrid = event_type === 'price_level_structure_updated' ? regridOf(msg) : undefined;
    if (typeof regrid === 'string') return malformed(raw, place, regrid);
    return {
      ...place,
      kind: 'lifecycle',
      type,
      venueKey: market_ticker,
      change: event_type,
      isKnownChange: wire.lifecycleEventTypes.has(event_type),
      detail: withoutAbsent({ ...additional_metadata, ...rest }),
      regrid,
    };
  });
}

/** The new grid, `{ grid: undefined }` when only an unknown label is given, or why it is malformed. */
function regridOf(msg: wire.MarketLifecycleMsg): { readonly grid: TickGrid | undefined } | string {
  if (msg.price_ranges !== undefined) {
    const reading = tickGridOf(msg.price_ranges);
    return reading.kind === 'grid' ? { grid: reading.grid } : reading.message;
  }
  if (msg.price_level_structure !== undefined) return { grid: tickGridOfLabel(msg.price_level_structure) };
  return 'price_level_structure_updated must have price_ranges or a price_level_structure';
}

function eventChange(
  place: Place,
  type: 'event_lifecycle' | 'event_fee_update',
  msg: { readonly event_ticker: string } & Detail,
): LifecycleFrame {
  const { event_ticker, ...rest } = msg;
  return {
    ...place,
    kind: 'lifecycle',
    type,
    venueKey: event_ticker,
    change: type,
    isKnownChange: true,
    detail: withoutAbsent(rest),
    regrid: undefined,
  };
}

type Detail = Readonly<Record<string, string | number | boolean | null | undefined>>;

function withoutAbsent(detail: Detail): LifecycleFrame['detail'] {
  const present: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(detail)) if (value !== undefined) present[key] = value;
  return present;
}

function checked<Msg>(
  schema: z.ZodType<Msg>,
  raw: Raw,
  envelope: KalshiEnvelope,
  frame: (msg: Msg) => KalshiFrame,
): KalshiFrame {
  const parsed = schema.safeParse(raw.msg);
  return parsed.success ? frame(parsed.data) : malformed(raw, envelope, whyNot(parsed.error));
}

/** The first thing wrong with a message: where, what was expected, what kind of thing was found. */
function whyNot(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'must have the declared shape' : `${['msg', ...issue.path].join('.')}: ${issue.message}`;
}

function malformed(raw: Raw, envelope: KalshiEnvelope, why: string): MalformedFrame {
  const type = typeof raw.type === 'string' ? raw.type : undefined;
  const msg = typeof raw.msg === 'object' && raw.msg !== null ? raw.msg : {};
  const ticker = 'market_ticker' in msg && typeof msg.market_ticker === 'string' ? msg.market_ticker : undefined;
  const where = `sid ${envelope.sid ?? 'unknown'}, seq ${envelope.seq ?? 'unknown'}, ${shown(ticker ?? '')}`;
  return { ...envelope, kind: 'malformed', type, ticker, message: `${shown(type ?? 'frame')}: ${why} (${where})` };
}

function jsonObject(text: string): Raw | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined;
  } catch {
    // Text that is not JSON is one more kind of malformed frame, which the caller reports.
    return undefined;
  }
}

/** A count of the envelope: `undefined` when absent, `null` when it is anything but a positive whole number. */
function wireCount(value: unknown): number | undefined | null {
  if (value === undefined) return undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}
