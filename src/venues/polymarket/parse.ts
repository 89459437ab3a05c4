/** Polymarket market-channel text to frames in our units: pure and total. Whatever arrives, frames come out. */
import type { z } from 'zod';
import { parsePrice, parseSize } from '../../domain/decimal.ts';
import { PRICE_ONE, type PriceE4 } from '../../domain/units.ts';
import type { ListingFrame, MalformedFrame, PolymarketFrame, TokenLevelChange } from './frame.ts';
import { bookFrameOf, notMilliseconds, restingPrice, shown, tickGridOf, venueMs, whyNot } from './order-book.ts';
import * as wire from './wire.ts';

type Raw = Readonly<Record<string, unknown>>;

const NOTICE_LENGTH_MAX = 80;

/**
 * Reads one text frame: one event, a list of events (the dump after subscribing), or plain text. Never
 * throws: what cannot be believed becomes a `malformed` frame.
 */
export function parsePolymarketFrame(text: string): readonly PolymarketFrame[] {
  if (isPlainText(text)) return [{ kind: 'notice', text: text.trim().slice(0, NOTICE_LENGTH_MAX) }];
  const value = json(text);
  if (Array.isArray(value)) return value.map(parseEvent);
  return [parseEvent(value)];
}

/** Whether text cannot be part of an event: one cut anywhere still has a brace, a bracket or a quote. Nothing is not text. */
function isPlainText(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === BRACE || first === BRACKET) return false;
  return text.trim() !== '' && !/[{}[\]"]/.test(text);
}

const BRACE = '{'.charCodeAt(0);
const BRACKET = '['.charCodeAt(0);

function parseEvent(value: unknown): PolymarketFrame {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return malformed({}, 'an event must be a JSON object or a list of them');
  const raw = value as Raw;
  switch (raw.event_type) {
    case 'price_change':
      return priceChange(raw);
    case 'book': {
      const frame = bookFrameOf(raw);
      return typeof frame === 'string' ? malformed(raw, frame) : frame;
    }
    case 'best_bid_ask':
      return bestBidAsk(raw);
    case 'last_trade_price':
      return lastTrade(raw);
    case 'tick_size_change':
      return tickSizeChange(raw);
    case 'new_market':
      return checked(wire.newMarketMsg, raw, ({ market, assets_ids, ...rest }) =>
        listing('new_market', market, { ...rest, assets_ids: assets_ids.join(',') }),
      );
    case 'market_resolved':
      return checked(wire.marketResolvedMsg, raw, ({ market, assets_ids, ...rest }) =>
        listing('market_resolved', market, { ...rest, assets_ids: assets_ids.join(',') }),
      );
  }
  return unknownEvent(raw);
}

/**
 * An event type that is new to us is skipped (official unified SDK, 2026), but not when it carries levels or a
 * tick: it may be a renamed book event, and skipping one would leave a wrong book believed.
 */
function unknownEvent(raw: Raw): PolymarketFrame {
  const eventType = raw.event_type;
  if (typeof eventType !== 'string' || eventType === '') return malformed(raw, 'must have an event_type');
  for (const key of ['price_changes', 'changes', 'bids', 'asks', 'new_tick_size'])
    if (key in raw) return malformed(raw, `${key} must come in a known event_type, found ${shown(eventType)}`);
  return { kind: 'unknownKind', eventType: eventType.slice(0, NOTICE_LENGTH_MAX) };
}

function priceChange(raw: Raw): PolymarketFrame {
  if (raw.price_changes === undefined && ('changes' in raw || 'asset_id' in raw))
    return malformed(raw, 'price_changes must be a list, found the single-asset shape retired in September 2025');
  const parsed = wire.priceChangeMsg.safeParse(raw);
  if (!parsed.success) return malformed(raw, whyNot(parsed.error));
  const { market: conditionId, price_changes, timestamp } = parsed.data;
  const venueAtMs = venueMs(timestamp);
  if (venueAtMs === undefined) return malformed(raw, notMilliseconds(timestamp));
  if (price_changes.length === 0) return malformed(raw, 'price_changes must not be empty');
  const changes: TokenLevelChange[] = [];
  for (const { asset_id, price, size, side } of price_changes) {
    const priceE4 = restingPrice(price);
    const sizeE6 = parseSize(size);
    if (asset_id === '' || priceE4 === undefined || sizeE6 === undefined) {
      const found = `asset ${shown(asset_id)}, price ${shown(price)}, size ${shown(size)}`;
      return malformed(raw, `price_changes must have an asset, a price inside 0..1 and a size, found ${found}`);
    }
    // Orders to buy rest as bids, orders to sell as asks.
    changes.push({ tokenId: asset_id, side: side === 'BUY' ? 'bid' : 'ask', priceE4, sizeE6 });
  }
  return { kind: 'priceChange', conditionId, changes, stamp: timestamp, venueAtMs };
}

function bestBidAsk(raw: Raw): PolymarketFrame {
  return checked(wire.bestBidAskMsg, raw, (msg) => {
    const venueAtMs = venueMs(msg.timestamp);
    if (venueAtMs === undefined) return malformed(raw, notMilliseconds(msg.timestamp));
    const bestBidE4 = optionalQuote(msg.best_bid);
    const bestAskE4 = optionalQuote(msg.best_ask);
    if (bestBidE4 === null || bestAskE4 === null || msg.asset_id === '')
      return malformed(
        raw,
        `best_bid and best_ask must lie within 0..1, found ${shown(msg.best_bid)}, ${shown(msg.best_ask)}`,
      );
    const { asset_id: tokenId, market: conditionId, timestamp: stamp } = msg;
    return { kind: 'bestBidAsk', tokenId, conditionId, bestBidE4, bestAskE4, stamp, venueAtMs };
  });
}

/** A quoted price; `undefined` for an empty side, which is sent as `""`, 0 or 1; `null` when malformed. */
function optionalQuote(text: string): PriceE4 | undefined | null {
  if (text === '') return undefined;
  const price = parsePrice(text);
  if (price === undefined) return null;
  return price === 0 || price === PRICE_ONE ? undefined : price;
}

function lastTrade(raw: Raw): PolymarketFrame {
  return checked(wire.lastTradePriceMsg, raw, (msg) => {
    const venueAtMs = venueMs(msg.timestamp);
    if (venueAtMs === undefined) return malformed(raw, notMilliseconds(msg.timestamp));
    const priceE4 = restingPrice(msg.price);
    const sizeE6 = parseSize(msg.size);
    if (priceE4 === undefined || sizeE6 === undefined || sizeE6 === 0 || msg.asset_id === '')
      return malformed(
        raw,
        `a trade must have a price inside 0..1 and a size, found ${shown(msg.price)}, ${shown(msg.size)}`,
      );
    const { asset_id: tokenId, market: conditionId, timestamp: stamp } = msg;
    return { kind: 'lastTrade', tokenId, conditionId, priceE4, sizeE6, stamp, venueAtMs };
  });
}

function tickSizeChange(raw: Raw): PolymarketFrame {
  return checked(wire.tickSizeChangeMsg, raw, (msg) => {
    const venueAtMs = venueMs(msg.timestamp);
    if (venueAtMs === undefined) return malformed(raw, notMilliseconds(msg.timestamp));
    const grid = tickGridOf(msg.new_tick_size);
    if (grid === undefined || msg.asset_id === '')
      return malformed(raw, `new_tick_size must divide a dollar, found ${shown(msg.new_tick_size)}`);
    const { asset_id: tokenId, market: conditionId, timestamp: stamp } = msg;
    return { kind: 'tickSizeChange', tokenId, conditionId, grid, stamp, venueAtMs };
  });
}

function listing(
  change: ListingFrame['change'],
  conditionId: string,
  fields: Readonly<Record<string, string | boolean | undefined>>,
): ListingFrame {
  const detail: Record<string, string | boolean> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined && value !== '') detail[key] = value;
  return { kind: 'listing', conditionId, change, detail };
}

function checked<Msg>(schema: z.ZodType<Msg>, raw: Raw, frame: (msg: Msg) => PolymarketFrame): PolymarketFrame {
  const parsed = schema.safeParse(raw);
  return parsed.success ? frame(parsed.data) : malformed(raw, whyNot(parsed.error));
}

function malformed(raw: Raw, why: string): MalformedFrame {
  const eventType = typeof raw.event_type === 'string' ? raw.event_type : undefined;
  const conditionId = typeof raw.market === 'string' && raw.market !== '' ? raw.market : undefined;
  const lists = [raw.price_changes, raw.changes].filter(Array.isArray);
  const sources: readonly unknown[] = lists.find((list) => list.length > 0) ?? [raw];
  const tokenIds = new Set<string>();
  let namesAllTokens = true;
  for (const source of sources) {
    const tokenId = assetIdOf(source) ?? assetIdOf(raw);
    if (tokenId === undefined) namesAllTokens = false;
    else tokenIds.add(tokenId);
  }
  const about = `condition ${shown(conditionId)}, asset ${shown(tokenIds.values().next().value)}`;
  const message = `${shown(eventType ?? 'event')}: ${why} (${about})`;
  return { kind: 'malformed', message, eventType, tokenIds: [...tokenIds], namesAllTokens, conditionId };
}

function assetIdOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('asset_id' in value)) return undefined;
  return typeof value.asset_id === 'string' && value.asset_id !== '' ? value.asset_id : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller reports it as a malformed event.
    return undefined;
  }
}
