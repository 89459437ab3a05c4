/** Faults on the way of one frame. The venue has counted and meant it; what the client gets is another matter. */
import { type Fault, faultNumber, faultText } from '../faults.ts';
import type { Connection, Subscription } from './connection.ts';
import type { Json, JsonObject } from './json.ts';
import { isObject } from './json.ts';
import { countText } from './numbers.ts';

interface Outgoing {
  readonly frame: JsonObject;
  readonly market: string | undefined;
}

type Strike = (id: string) => Fault | undefined;

export function distort(connection: Connection, subscription: Subscription, { frame, market }: Outgoing): void {
  const type = String(frame.type);
  const place = { step: 'frame', channel: subscription.channel, type, market, account: connection.key.accountId };
  const strike: Strike = (id) => connection.core.faults.strike(id, place);
  if (endsConnection(connection, subscription, strike)) return;
  holdsUp(connection, strike);
  if (strike('D3') !== undefined) return;
  const changed = mutate(frame, strike);
  if (strike('D2') !== undefined) {
    connection.outbox.sendAfterNext(changed);
    return;
  }
  connection.outbox.send(changed);
  const isTwice = strike('D1') !== undefined || (type === 'fill' && strike('O10') !== undefined);
  if (isTwice) connection.outbox.send(changed);
  if (market !== undefined && subscription.channel === 'orderbook_delta')
    afterBookFrame({ connection, subscription, market, strike });
}

/** Whether nothing more can leave. */
function endsConnection(connection: Connection, subscription: Subscription, strike: Strike): boolean {
  if (strike('N6') !== undefined || strike('N7') !== undefined || strike('N11') !== undefined) {
    connection.cut();
    return true;
  }
  for (const [id, code] of [
    ['V1', 25],
    ['V2', 10],
  ] as const) {
    if (strike(id) === undefined) continue;
    connection.endSubscription(subscription, code);
    return true;
  }
  return false;
}

function holdsUp(connection: Connection, strike: Strike): void {
  const partition = strike('N1');
  if (partition !== undefined) {
    connection.stall(faultNumber(partition, 'durationMs', Number.POSITIVE_INFINITY));
  }
  // Open, pings answered, no data.
  const frozen = strike('N3');
  if (frozen !== undefined) connection.outbox.hold(faultNumber(frozen, 'durationMs', Number.POSITIVE_INFINITY));
  const slow = strike('N5');
  if (slow !== undefined) connection.outbox.hold(faultNumber(slow, 'delayMs', 10_000));
}

function mutate(frame: JsonObject, strike: Strike): JsonObject {
  const msg = frame.msg;
  if (!isObject(msg)) return frame;
  let changed: JsonObject = msg as JsonObject;
  let type = frame.type;
  if (type === 'orderbook_delta') {
    if (strike('D5') !== undefined) changed = { ...changed, delta_fp: '-1000000.00' };
    if (strike('D6') !== undefined) changed = { ...changed, price_dollars: '0.9900', delta_fp: '10.00' };
  }
  const stale = strike('D7');
  if (stale !== undefined) changed = aged(changed, faultNumber(stale, 'ageMs', 20_000));
  const malformed = strike('D10');
  if (malformed !== undefined) changed = malform(changed, malformed);
  if (strike('D11') !== undefined) changed = { ...changed, market_ticker: 'KXNEVERLISTED-26JAN01-X' };
  if (String(type).startsWith('orderbook_') && strike('D12') !== undefined) {
    changed = { market_ticker: changed.market_ticker, market_id: changed.market_id };
    type = 'orderbook_snapshot';
  }
  if (type === 'ticker' && strike('D13') !== undefined)
    changed = { ...changed, yes_bid_dollars: '0.0010', yes_ask_dollars: '0.9990' };
  if (strike('T6') !== undefined) changed = inOtherUnits(changed);
  return changed === msg ? frame : { ...frame, type, msg: changed };
}

/** `unknownField` (the default), `null`, `number` instead of text, or `NaN` as text, in one field. */
function malform(msg: JsonObject, fault: Fault): JsonObject {
  const kind = faultText(fault, 'kind', 'unknownField');
  if (kind === 'unknownField') return { ...msg, never_heard_of: { nested: [1, '2'] } };
  const decimal = Object.keys(msg).find((key) => /_(dollars|fp|cost)$/.test(key) && typeof msg[key] === 'string');
  const field = faultText(fault, 'field', decimal ?? 'market_ticker');
  const wrong: Json = kind === 'null' ? null : kind === 'NaN' ? 'NaN' : Number(msg[field]);
  return { ...msg, [field]: wrong };
}

function aged(msg: JsonObject, ageMs: number): JsonObject {
  const { ts, ts_ms: tsMs } = msg;
  return {
    ...msg,
    ...(typeof tsMs === 'number' ? { ts_ms: tsMs - ageMs } : {}),
    ...(typeof ts === 'number' ? { ts: ts - Math.round(ageMs / 1_000) } : {}),
    ...(typeof ts === 'string' ? { ts: new Date(Date.parse(ts) - ageMs).toISOString() } : {}),
  };
}

/** Milliseconds where seconds belong, and the reverse. */
function inOtherUnits(msg: JsonObject): JsonObject {
  const { ts, ts_ms: tsMs } = msg;
  return {
    ...msg,
    ...(typeof tsMs === 'number' ? { ts_ms: Math.floor(tsMs / 1_000) } : {}),
    ...(typeof ts === 'number' ? { ts: ts * 1_000 } : {}),
  };
}

function afterBookFrame(at: {
  connection: Connection;
  subscription: Subscription;
  market: string;
  strike: Strike;
}): void {
  const { connection, subscription, market, strike } = at;
  const old = subscription.snapshots.get(market);
  if (old !== undefined && strike('D4') !== undefined)
    connection.outbox.send({ type: 'orderbook_snapshot', sid: subscription.sid, seq: ++subscription.seq, msg: old });
  const regrid = strike('D8');
  if (regrid !== undefined) {
    const structure = faultText(regrid, 'structure', 'deci_cent');
    connection.core.afterMs(0, () => connection.core.lifecycle.regrid(market, structure));
  }
  const flood = strike('D14');
  if (flood !== undefined) pour(at, faultNumber(flood, 'count', 10_000));
}

/** True frames, only very many: one contract comes and goes at the lowest price. */
function pour(at: { connection: Connection; subscription: Subscription; market: string }, count: number): void {
  const { connection, subscription, market } = at;
  const { catalog } = connection.core;
  for (let index = 0; index < count; index++) {
    const msg = {
      market_ticker: market,
      market_id: catalog.market(market).marketId,
      price_dollars: '0.0100',
      delta_fp: countText(index % 2 === 0 ? 1_000_000 : -1_000_000),
      side: 'yes',
      ts_ms: connection.core.nowMs(),
    };
    connection.outbox.send({ type: 'orderbook_delta', sid: subscription.sid, seq: ++subscription.seq, msg });
  }
}
