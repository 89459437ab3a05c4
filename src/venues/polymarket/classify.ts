/**
 * What became of a command, from its one reply: done, refused or unknown. Pure. Refused only where the venue
 * certainly did not take the order; silence, 5xx and anything unexpected are unknown and are asked about by hash.
 */
import { formatDecimal, parseDecimal } from '../../domain/decimal.ts';
import type { HttpOutcome, HttpReply } from '../../domain/ports/http.ts';
import type {
  CancelOutcome,
  CancelRefusal,
  OrderOutcome,
  OrderRefusal,
  OrderRequest,
  Refused,
  Unknown,
} from '../../domain/ports/venue.ts';
import { type Millis, millis, sizeE6 } from '../../domain/units.ts';
import type { OrderAmounts } from './amounts.ts';
import { mayRest } from './order-build.ts';
import { meaningOf } from './refusal-texts.ts';
import { cancelReply, errorReply, heartbeatReply, orderReply, orderRows } from './rest-wire.ts';

/** The order that a reply is about. */
export interface SentOrder {
  readonly request: OrderRequest;
  /** Its hash, computed before it was sent. */
  readonly orderId: string;
  readonly amounts: OrderAmounts;
}

const DETAIL_LENGTH = 200;

export function classifyOrder(outcome: HttpOutcome, order: SentOrder): OrderOutcome {
  if (outcome.kind !== 'reply')
    return outcome.kind === 'notSent' ? refused('notSent', outcome.message) : unknown(outcome.message);
  if (outcome.status === 200) return classifyRow(json(outcome.body) ?? outcome.body, order);
  return classifyError(outcome, order);
}

/** The outcomes of `POST /orders`, in request order. A list of another length says nothing about any of them. */
export function classifyBatch(outcome: HttpOutcome, orders: readonly SentOrder[]): readonly OrderOutcome[] {
  if (outcome.kind !== 'reply' || outcome.status !== 200) return orders.map((order) => classifyOrder(outcome, order));
  const rows = orderRows.safeParse(json(outcome.body));
  if (rows.success && rows.data.length === orders.length)
    return orders.map((order, at) => classifyRow(rows.data[at], order));
  const found = rows.success ? `${rows.data.length} rows` : 'no list';
  return orders.map(() => unknown(`expected ${orders.length} rows, found ${found}`));
}

/** The body of a 200, or one row of a batch. */
function classifyRow(body: unknown, order: SentOrder): OrderOutcome {
  const parsed = orderReply.safeParse(body);
  if (!parsed.success) return unknown(`expected an order reply, found ${shown(body)}`);
  const { success, errorMsg, orderID, status } = parsed.data;
  const reason = quiet(errorMsg ?? '');
  const id = orderID ?? '';
  // A refused row of a batch says success, with no id and its reason in errorMsg (2026).
  if (id === '' || reason !== '') return classifyReason({ reason, hasId: id !== '' }, order);
  if (!success) return unknown(`expected a reason, found none with order ${id}`, { hasLanded: true, id });
  if (id.toLowerCase() !== order.orderId)
    return unknown(`expected order ${order.orderId}, found ${shown(id)}`, { hasLanded: true, id: order.orderId });
  return classifyStatus(status ?? '', parsed.data, order);
}

/** A reason in a 200. With an id beside it only a kill is certain: the venue has the order. */
function classifyReason(
  { reason, hasId }: { readonly reason: string; readonly hasId: boolean },
  order: SentOrder,
): OrderOutcome {
  if (reason === '') return unknown('expected an order id, found neither id nor reason');
  const meaning = meaningOf(reason);
  const landed = { hasLanded: hasId || meaning.kind === 'landed' || meaning.kind === 'delayed', id: order.orderId };
  switch (meaning.kind) {
    case 'refused':
      return hasId && meaning.reason !== 'killed' ? unknown(reason, landed) : refused(meaning.reason, reason);
    case 'unlisted':
      // No id means that nothing was booked (documented for batches); the text only says why.
      return hasId ? unknown(reason, landed) : refused('invalidOrder', reason);
    default:
      return unknown(reason, landed);
  }
}

function classifyStatus(
  status: string,
  amounts: { readonly takingAmount?: string | null | undefined; readonly makingAmount?: string | null | undefined } & {
    readonly tradeIDs?: readonly string[] | null | undefined;
  },
  order: SentOrder,
): OrderOutcome {
  const { request, orderId } = order;
  const landed = { hasLanded: true, id: orderId };
  const rests = mayRest(request.timeInForce);
  switch (status.toLowerCase()) {
    case 'matched':
      return classifyMatch(amounts, order);
    case 'live':
      // A FAK answered live with nothing filled has been seen to fill later (March 2026).
      if (!rests) return unknown(`expected a match or a kill, found ${request.timeInForce} live`, landed);
      return {
        kind: 'done',
        venueOrderId: orderId,
        filledE6: sizeE6(0),
        restingE6: request.sizeE6,
        averageE4: undefined,
        isProvisional: false,
        tradeIds: [],
      };
    case 'unmatched':
      // The delay ended without a match: no fill for an order that cannot rest (official unified SDK, 2026).
      return rests ? unknown('unmatched after its delay', landed) : refused('killed', 'unmatched after its delay');
    case 'delayed':
      return unknown('delayed: not decided yet', landed);
    default:
      return unknown(`expected a known status, found ${shown(status)}`, landed);
  }
}

/**
 * Amounts are decimals (one document shows millionths). What exceeds the order is not believed: the fills will tell.
 */
function classifyMatch(
  reply: { readonly takingAmount?: string | null | undefined; readonly makingAmount?: string | null | undefined } & {
    readonly tradeIDs?: readonly string[] | null | undefined;
  },
  { request, orderId, amounts }: SentOrder,
): OrderOutcome {
  const making = parseDecimal(reply.makingAmount ?? '', 6);
  const taking = parseDecimal(reply.takingAmount ?? '', 6);
  if (making === undefined || taking === undefined || making <= 0 || taking <= 0 || making > amounts.maker) {
    const found = `${shown(reply.makingAmount)} for ${shown(reply.takingAmount)}`;
    const detail = `expected amounts within ${formatDecimal(amounts.maker, 6)}, found ${found}`;
    return unknown(detail, { hasLanded: true, id: orderId });
  }
  const [shares, money] = request.action === 'buy' ? [taking, making] : [making, taking];
  const rest = mayRest(request.timeInForce) ? Math.max(0, request.sizeE6 - shares) : 0;
  return {
    kind: 'done',
    venueOrderId: orderId,
    filledE6: sizeE6(shares),
    restingE6: sizeE6(rest),
    averageE4: (money / shares) * 10_000,
    isProvisional: true,
    tradeIds: reply.tradeIDs ?? [],
  };
}

function classifyError(reply: HttpReply, order: SentOrder): OrderOutcome {
  const error = errorOf(reply);
  const detail = `HTTP ${reply.status}: ${error.text}`;
  const wait = retryAfterOf(reply, error.retryAfterSeconds);
  switch (reply.status) {
    case 400: {
      const meaning = meaningOf(error.text);
      if (meaning.kind === 'refused') return refused(meaning.reason, detail, wait);
      const hasLanded = meaning.kind === 'landed' || meaning.kind === 'delayed';
      return unknown(detail, { hasLanded, id: order.orderId });
    }
    case 401:
      return refused('unauthenticated', detail);
    case 403:
      return refused('forbidden', detail);
    case 429:
      return refused('rateLimited', detail, wait);
    case 503: {
      const mode = modeOf(error);
      return mode === undefined ? unknown(detail) : refused(mode, detail, wait);
    }
    default:
      // 425 among them: the engine restarts, and nobody says whether the order came before or after.
      return unknown(detail);
  }
}

export function classifyCancel(outcome: HttpOutcome, orderId: string): CancelOutcome {
  if (outcome.kind === 'reply' && outcome.status === 200) {
    const parsed = cancelReply.safeParse(json(outcome.body));
    if (!parsed.success) return unknown('expected lists of canceled orders, found another body', { id: orderId });
    if (parsed.data.canceled?.some((id) => id.toLowerCase() === orderId.toLowerCase()))
      return { kind: 'done', canceledE6: undefined };
    const why = parsed.data.not_canceled?.[orderId] ?? 'named in neither list';
    return unknown(`not canceled: ${why.slice(0, DETAIL_LENGTH)}`, { id: orderId });
  }
  return classifyCancelFailure(outcome, orderId);
}

/** Done when nothing is left that could not be canceled. */
export function classifyCancelAll(outcome: HttpOutcome): CancelOutcome {
  if (outcome.kind !== 'reply' || outcome.status !== 200) return classifyCancelFailure(outcome, undefined);
  const parsed = cancelReply.safeParse(json(outcome.body));
  if (!parsed.success) return unknown('expected lists of canceled orders, found another body');
  const left = Object.keys(parsed.data.not_canceled ?? {});
  if (left.length === 0) return { kind: 'done', canceledE6: undefined };
  return unknown(`${left.length} not canceled, the first is ${shown(left[0])}`);
}

function classifyCancelFailure(outcome: HttpOutcome, id: string | undefined): CancelOutcome {
  if (outcome.kind !== 'reply')
    return outcome.kind === 'notSent'
      ? refused<CancelRefusal>('notSent', outcome.message)
      : unknown(outcome.message, { id });
  const error = errorOf(outcome);
  const detail = `HTTP ${outcome.status}: ${error.text}`;
  const wait = retryAfterOf(outcome, error.retryAfterSeconds);
  if (outcome.status === 401) return refused<CancelRefusal>('unauthenticated', detail);
  if (outcome.status === 403) return refused<CancelRefusal>('forbidden', detail);
  if (outcome.status === 429) return refused<CancelRefusal>('rateLimited', detail, wait);
  // Only "trading disabled" refuses cancels too.
  if (outcome.status === 503 && modeOf(error) === 'tradingDisabled')
    return refused<CancelRefusal>('venuePaused', detail, wait);
  return unknown(detail, { id });
}

/** A mismatch carries the id to beat with next; anything else leaves it open whether the beat was heard. */
export type HeartbeatOutcome =
  | { readonly kind: 'heard' | 'mismatched'; readonly nextId: string }
  | { readonly kind: 'unknown'; readonly detail: string };

export function classifyHeartbeat(outcome: HttpOutcome): HeartbeatOutcome {
  if (outcome.kind !== 'reply') return { kind: 'unknown', detail: outcome.message };
  const parsed = heartbeatReply.safeParse(json(outcome.body));
  if (!parsed.success) return { kind: 'unknown', detail: `HTTP ${outcome.status}: ${errorOf(outcome).text}` };
  const { heartbeat_id: nextId, error_msg: error } = parsed.data;
  const isHeard = outcome.status === 200 && (error ?? '') === '';
  return { kind: isHeard ? 'heard' : 'mismatched', nextId };
}

interface ErrorText {
  readonly text: string;
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

function errorOf(reply: HttpReply): ErrorText {
  const parsed = errorReply.safeParse(json(reply.body));
  if (!parsed.success) return { text: 'no documented body', code: undefined, retryAfterSeconds: undefined };
  const { error, code, retry_after_seconds } = parsed.data;
  return {
    text: quiet(error),
    code: code ?? undefined,
    retryAfterSeconds: retry_after_seconds ?? undefined,
  };
}

type Mode = 'postOnlyMode' | 'cancelOnlyMode' | 'tradingDisabled';

/** The three documented modes of a 503; any other 503 may come from a machine in between. */
function modeOf({ text, code }: ErrorText): Mode | undefined {
  if (code === 'post_only_mode') return 'postOnlyMode';
  const meaning = meaningOf(text);
  if (meaning.kind !== 'refused') return undefined;
  const { reason } = meaning;
  return reason === 'postOnlyMode' || reason === 'cancelOnlyMode' || reason === 'tradingDisabled' ? reason : undefined;
}

/** Seconds in the header, else in the body. A date in the header is not used by this venue. */
export function retryAfterOf(reply: HttpReply, bodySeconds?: number): Millis | undefined {
  const header = parseDecimal(reply.headers['retry-after'] ?? '', 3);
  if (header !== undefined && header >= 0) return millis(header);
  return bodySeconds === undefined ? undefined : millis(bodySeconds * 1_000);
}

function refused<Reason extends OrderRefusal | CancelRefusal>(
  reason: Reason,
  detail: string,
  retryAfterMs?: Millis,
): Refused<Reason> {
  return { kind: 'refused', reason, detail, retryAfterMs };
}

function unknown(
  detail: string,
  { hasLanded = false, id }: { readonly hasLanded?: boolean; readonly id?: string | undefined } = {},
): Unknown {
  return { kind: 'unknown', detail, hasLanded, venueOrderId: id };
}

/** Cut short, and without wallet addresses: details end in logs. */
function quiet(text: string): string {
  return text.slice(0, DETAIL_LENGTH).replaceAll(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/g, '[address]');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is a body like any other that is not the expected one.
    return undefined;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing readable';
  return text.length > DETAIL_LENGTH ? `${text.slice(0, DETAIL_LENGTH)}…` : text;
}
