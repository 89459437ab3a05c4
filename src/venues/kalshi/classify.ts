/**
 * What a reply means: done, refused or unknown. Pure.
 *
 * Refused is only what the venue certainly did not take. The class follows from the status and the `code`
 * of the error body, never from a message. Whatever is not in the table is unknown: a lost reply, a 5xx
 * (the venue gives no distinction there), a 2xx without the order it should describe, a new code.
 */
import type { z } from 'zod';
import { parseDecimal } from '../../domain/decimal.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { HttpFailure, HttpOutcome, HttpReply } from '../../domain/ports/http.ts';
import type {
  CancelOutcome,
  CancelRefusal,
  OrderOutcome,
  OrderRefusal,
  ReadFault,
  Reading,
  Refused,
  Unknown,
} from '../../domain/ports/venue.ts';
import { type Micros, type Millis, millis, PRICE_ONE, type SizeE6 } from '../../domain/units.ts';
import { jsonOf, readErrorBody, type VenueError, venueErrorOf } from './error-body.ts';
import { batchRowIds, type OrderCreated, orderCanceled, orderChanged, orderCreated } from './rest-wire.ts';
import { whyMalformed } from './wire-values.ts';

/** Whether a 429 on an order is believed to mean that nothing was taken. */
export type OnLimit = 'refused' | 'unknown';

export interface OrderAsked {
  readonly clientOrderId: string;
  readonly instrument: Instrument;
  readonly postOnly: boolean;
  readonly onLimit: OnLimit;
}

/** Codes that name the reason whatever the status of the refusal is. */
const REFUSAL_OF_CODE: ReadonlyMap<string, OrderRefusal> = new Map([
  ['insufficient_balance', 'insufficientBalance'],
  ['fill_or_kill_insufficient_resting_volume', 'killed'],
  ['trading_is_paused', 'venuePaused'],
  ['exchange_is_paused', 'venuePaused'],
  // Documented for FIX only; the REST spelling is unverified (August 2026).
  ['market_inactive', 'marketClosed'],
  ['market_already_closed', 'marketClosed'],
  ['market_not_found', 'invalidOrder'],
  ['invalid_price', 'invalidOrder'],
  ['invalid_order', 'invalidOrder'],
  ['invalid_parameters', 'invalidOrder'],
  ['missing_parameters', 'invalidOrder'],
  ['bad_request', 'invalidOrder'],
]);
/** Statuses that are a refusal by themselves; a 404 or a 409 needs a code, because either may mean "landed". */
const REFUSAL_OF_STATUS: ReadonlyMap<number, OrderRefusal> = new Map([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
]);
/** Refusals that count only with an error body of the venue's: another server on the way may answer 400. */
const INVALID_STATUSES: ReadonlySet<number> = new Set([400, 410]);
/** A conflict says nothing without a code, and so does the error of a row. */
const ROW_STATUS = 409;
const ALREADY_EXISTS = 'order_already_exists';
/** Recorded 2026-06-11: the code says `invalid_order`, and this field is what tells the cases apart. */
const POST_ONLY_CROSS = 'post only cross';

export function classifyOrder(outcome: HttpOutcome, asked: OrderAsked): OrderOutcome {
  if (outcome.kind !== 'reply') return unanswered(outcome, `client id ${asked.clientOrderId}`, undefined);
  if (isSuccess(outcome)) return created(bodyOf(outcome), outcome.status, asked);
  return orderError(outcome.status, readErrorBody(outcome.body), asked, retryAfterMs(outcome));
}

/** One row of a batch, which has no status of its own: only a code that we know is a refusal. */
export function classifyOrderRow(row: unknown, asked: OrderAsked): OrderOutcome {
  const error = rowErrorOf(row);
  return error === undefined ? created(row, 201, asked) : orderError(ROW_STATUS, error.found, asked, undefined);
}

/** The error of a row that has one, also when it cannot be read: such a row must not pass for a success. */
function rowErrorOf(row: unknown): { readonly found: VenueError | undefined } | undefined {
  const error = batchRowIds.safeParse(row).data?.error;
  return error === undefined || error === null ? undefined : { found: venueErrorOf(error) };
}

function created(body: unknown, status: number, asked: OrderAsked): OrderOutcome {
  const about = `client id ${asked.clientOrderId}`;
  const parsed = orderCreated.safeParse(body);
  if (!parsed.success) {
    const found = `found ${whyMalformed(parsed.error)} in ${shown(body)}`;
    return unknown(`a reply ${status} must describe the order, ${found} (${about})`);
  }
  const reply = parsed.data;
  // In May 2026 some replies described another order. The id that we sent is the only link that counts.
  const named = reply.client_order_id ?? asked.clientOrderId;
  if (named.toLowerCase() !== asked.clientOrderId.toLowerCase())
    return unknown(`a reply ${status} must describe ${about}, found an order with another client id`);
  return {
    kind: 'done',
    venueOrderId: reply.order_id,
    filledE6: reply.fill_count,
    restingE6: reply.remaining_count,
    averageE4: averageOf(reply, asked.instrument),
    isProvisional: false,
    tradeIds: [],
  };
}

/** On the YES scale also for a purchase of NO: 0.67 for a NO that was bought at 0.33 (recorded 2026-08-10). */
function averageOf({ average_fill_price }: OrderCreated, instrument: Instrument): number | undefined {
  const count = parseDecimal(average_fill_price ?? '', 8);
  if (count === undefined) return undefined;
  const yesE4 = count / 10_000;
  return instrument.inverted ? PRICE_ONE - yesE4 : yesE4;
}

function orderError(
  status: number,
  error: VenueError | undefined,
  asked: OrderAsked,
  retryMs: Millis | undefined,
): OrderOutcome {
  const detail = describe(status, error, `client id ${asked.clientOrderId}`);
  if (status === 429) return asked.onLimit === 'refused' ? refused('rateLimited', detail, retryMs) : unknown(detail);
  if (!isClientError(status)) return unknown(detail);
  if (error?.code === ALREADY_EXISTS) return { ...unknown(detail), hasLanded: true };
  const isInvalid = INVALID_STATUSES.has(status) && error !== undefined;
  const reason = refusalOf(status, error) ?? (isInvalid ? 'invalidOrder' : undefined);
  if (reason === undefined) return unknown(detail);
  const hasCrossed = reason === 'invalidOrder' && asked.postOnly && error?.details === POST_ONLY_CROSS;
  return refused(hasCrossed ? 'postOnlyWouldCross' : reason, detail, retryMs);
}

function refusalOf(status: number, error: VenueError | undefined): OrderRefusal | undefined {
  return REFUSAL_OF_CODE.get(error?.code?.toLowerCase() ?? '') ?? REFUSAL_OF_STATUS.get(status);
}

export interface CancelAsked {
  readonly venueOrderId: string;
  readonly onLimit: OnLimit;
}

/** 404 is unknown: canceled, executed and never existed are answered alike (recorded 2026-06-11). */
export function classifyCancel(outcome: HttpOutcome, asked: CancelAsked): CancelOutcome {
  const { venueOrderId } = asked;
  if (outcome.kind !== 'reply') return unanswered(outcome, `order ${venueOrderId}`, venueOrderId);
  if (isSuccess(outcome)) return canceled(bodyOf(outcome), outcome.status, venueOrderId);
  return cancelError(outcome.status, readErrorBody(outcome.body), asked, retryAfterMs(outcome));
}

export function classifyCancelRow(row: unknown, asked: CancelAsked): CancelOutcome {
  const error = rowErrorOf(row);
  if (error === undefined) return canceled(row, 200, asked.venueOrderId);
  return cancelError(ROW_STATUS, error.found, asked, undefined);
}

/** Success has no body (204): nothing says how much was taken off. */
export function classifyCancelAll(outcome: HttpOutcome, onLimit: OnLimit): CancelOutcome {
  if (outcome.kind !== 'reply') return unanswered(outcome, 'all orders', undefined);
  if (isSuccess(outcome)) return { kind: 'done', canceledE6: undefined };
  const asked = { venueOrderId: 'of all', onLimit };
  const classified = cancelError(outcome.status, readErrorBody(outcome.body), asked, retryAfterMs(outcome));
  return classified.kind === 'unknown' ? { ...classified, venueOrderId: undefined } : classified;
}

function canceled(body: unknown, status: number, venueOrderId: string): CancelOutcome {
  const parsed = orderCanceled.safeParse(body);
  if (!parsed.success) {
    const found = `found ${whyMalformed(parsed.error)} in ${shown(body)}`;
    return unknown(`a reply ${status} must describe the order, ${found} (order ${venueOrderId})`, venueOrderId);
  }
  if (parsed.data.order_id !== venueOrderId)
    return unknown(`a reply ${status} must describe order ${venueOrderId}, found another order`, venueOrderId);
  return { kind: 'done', canceledE6: parsed.data.reduced_by };
}

function cancelError(
  status: number,
  error: VenueError | undefined,
  { venueOrderId, onLimit }: CancelAsked,
  retryMs: Millis | undefined,
): CancelOutcome {
  const detail = describe(status, error, `order ${venueOrderId}`);
  if (status === 429)
    return onLimit === 'refused' ? refused('rateLimited', detail, retryMs) : unknown(detail, venueOrderId);
  const reason = isClientError(status) ? cancelRefusal(status, error) : undefined;
  return reason === undefined ? unknown(detail, venueOrderId) : refused(reason, detail, retryMs);
}

function cancelRefusal(status: number, error: VenueError | undefined): CancelRefusal | undefined {
  const reason = refusalOf(status, error);
  switch (reason) {
    case 'marketClosed':
    case 'venuePaused':
    case 'unauthenticated':
    case 'forbidden':
      return reason;
    default:
      // The other reasons make no sense for a cancel: what they mean there nobody has seen.
      return undefined;
  }
}

export type ChangeOutcome =
  | { readonly kind: 'done'; readonly restingE6: SizeE6 | undefined; readonly filledE6: SizeE6 | undefined }
  | Refused<OrderRefusal>
  | Unknown;

/** Of an amend or a decrease. Not found is unknown, as for a cancel. */
export function classifyChange(outcome: HttpOutcome, asked: OrderAsked & CancelAsked): ChangeOutcome {
  const { venueOrderId } = asked;
  if (outcome.kind !== 'reply' || !isSuccess(outcome)) {
    const classified = classifyOrder(outcome, asked);
    if (classified.kind === 'unknown') return { ...classified, venueOrderId };
    if (classified.kind === 'refused') return classified;
    return unknown(`a change of order ${venueOrderId} ended without a reply`, venueOrderId);
  }
  const parsed = orderChanged.safeParse(jsonOf(outcome.body));
  if (!parsed.success || parsed.data.order_id !== venueOrderId)
    return unknown(`a reply ${outcome.status} must describe order ${venueOrderId}, found another body`, venueOrderId);
  return { kind: 'done', restingE6: parsed.data.remaining_count, filledE6: parsed.data.fill_count };
}

export function classifyRead<T>(outcome: HttpOutcome, schema: z.ZodType<T>, receivedAt: Micros): Reading<T> {
  if (outcome.kind !== 'reply') return failed('unreachable', outcome.message);
  if (isSuccess(outcome)) {
    const parsed = schema.safeParse(jsonOf(outcome.body));
    if (parsed.success) return { kind: 'read', value: parsed.data, receivedAt };
    return failed('malformed', `a reply ${outcome.status} breaks its schema: ${whyMalformed(parsed.error)}`);
  }
  return failed(faultOf(outcome.status), describe(outcome.status, readErrorBody(outcome.body), 'read'));
}

function faultOf(status: number): ReadFault {
  switch (status) {
    case 401:
      return 'unauthenticated';
    case 403:
      return 'forbidden';
    case 404:
      return 'notFound';
    case 429:
      return 'rateLimited';
    default:
      return 'venueError';
  }
}

export function failed(fault: ReadFault, detail: string): Extract<Reading<never>, { readonly kind: 'failed' }> {
  return { kind: 'failed', fault, detail };
}

/** How long the venue asks us to wait. Kalshi sends none today; a proxy in front of it may. */
export function retryAfterMs({ headers }: HttpReply): Millis | undefined {
  const text = headers['retry-after']?.trim() ?? '';
  return /^\d{1,6}$/.test(text) ? millis(Number(text) * 1_000) : undefined;
}

export function refused<Reason extends string>(
  reason: Reason,
  detail: string,
  retryMs: Millis | undefined = undefined,
): Refused<Reason> {
  return { kind: 'refused', reason, detail, retryAfterMs: retryMs };
}

export function unknown(detail: string, venueOrderId: string | undefined = undefined): Unknown {
  return { kind: 'unknown', detail, hasLanded: false, venueOrderId };
}

/** Only where not one byte left us is silence a refusal. */
function unanswered(
  { kind, message }: HttpFailure,
  about: string,
  venueOrderId: string | undefined,
): Refused<'notSent'> | Unknown {
  const detail = `${message} (${about})`;
  return kind === 'notSent' ? refused('notSent', detail) : unknown(detail, venueOrderId);
}

function isSuccess({ status }: HttpReply): boolean {
  return status >= 200 && status < 300;
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Text that is no JSON stays what it is: whoever is told what was found sees it. */
function bodyOf({ body }: HttpReply): unknown {
  return jsonOf(body) ?? body;
}

const SHOWN_LENGTH = 200;

/** The body as it came, as far as a line has room for it. */
function shown(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function describe(status: number, error: VenueError | undefined, about: string): string {
  if (error === undefined) return `HTTP ${status} without an error body that we know (${about})`;
  const what = error.code ?? JSON.stringify(error.message);
  return `HTTP ${status} ${what}${error.details === undefined ? '' : `: ${error.details.slice(0, 160)}`} (${about})`;
}
