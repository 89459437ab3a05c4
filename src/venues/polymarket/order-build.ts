/**
 * An order request to a signed order, in whole numbers only: amounts, typed data, signature and the JSON text of
 * the request, key for key as the official client sends it (version 1.1.0, July 2026).
 */
import { formatDecimal } from '../../domain/decimal.ts';
import { instrumentId } from '../../domain/instrument.ts';
import { unreachable } from '../../domain/invariant.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { OrderRequest, Refused, TimeInForce } from '../../domain/ports/venue.ts';
import { PRICE_ONE } from '../../domain/units.ts';
import { immediateProblem, isKnownTick, limitAmounts, type OrderAmounts, SIZE_STEP } from './amounts.ts';
import { exchangeOf } from './contracts.ts';
import { MARKETABLE_BUY_MIN, type MarketTerms } from './market-terms.ts';
import { type OrderStruct, type SignatureType, typedOrder, ZERO_WORD } from './order-struct.ts';
import type { PolymarketSigner } from './signer.ts';

/** GTD stamps carry a minute of safety: an order stamped T is dropped about a minute before T (venue documents). */
const EXPIRATION_MARGIN_S = 60;
const MICROS_PER_SECOND = 1_000_000;
const MICROS_PER_MILLI = 1_000;

export type OrderType = 'GTC' | 'GTD' | 'FOK' | 'FAK';

export interface AccountTerms {
  readonly signatureType: SignatureType;
  /** Who pays and holds: the key's own address for type 0, else the proxy, Safe or deposit wallet. */
  readonly funder: string;
}

export interface BuildContext {
  readonly account: AccountTerms;
  readonly signer: PolymarketSigner;
  readonly clock: Clock;
  readonly random: Random;
}

export interface BuiltOrder {
  readonly orderId: string;
  readonly amounts: OrderAmounts;
  /** Without signature and owner: what the journal keeps. */
  readonly body: string;
  /** The text of the request for this owner (the API key), signed now: the dear part of an order. */
  readonly wireBody: (owner: string) => string;
}

export type BuildRefusal = Refused<'unsupported' | 'invalidOrder'>;

export function buildOrder(
  request: OrderRequest,
  terms: MarketTerms,
  context: BuildContext,
): BuiltOrder | BuildRefusal {
  const nowMicros = context.clock.wall();
  const orderType = orderTypeOf(request.timeInForce);
  const refusal = unsupportedPart(request, orderType) ?? invalidPart(request, terms, nowMicros);
  if (refusal !== undefined) return refusal;

  const { action, limitE4: priceE4 } = request;
  const amounts = limitAmounts({ action, priceE4, tickE4: terms.tickE4 }, request.sizeE6);
  const problem = amountProblem(request, orderType, terms, amounts);
  if (problem !== undefined) return refused('invalidOrder', problem);

  const nowMs = Math.floor(nowMicros / MICROS_PER_MILLI);
  const { signer, account, random } = context;
  const order: OrderStruct = {
    // At most now in milliseconds, as the official client draws it: a safe integer, which the request carries as a number.
    salt: String(Math.round(random.next() * nowMs)),
    maker: account.funder,
    signer: account.signatureType === 3 ? account.funder : signer.address,
    tokenId: terms.tokenId,
    makerAmount: String(amounts.maker),
    takerAmount: String(amounts.taker),
    side: action === 'buy' ? 'BUY' : 'SELL',
    signatureType: account.signatureType,
    timestamp: String(nowMs),
    metadata: ZERO_WORD,
    builder: ZERO_WORD,
  };
  const { orderId, sign } = signer.orderToSign(typedOrder(exchangeOf(signer.chainId, terms.exchange), order));
  const parts = { order, orderType, postOnly: request.postOnly, expiration: expirationOf(request) };
  return {
    orderId,
    amounts,
    body: bodyText(parts, {}, {}),
    wireBody: (owner) => bodyText(parts, { signature: sign() }, { owner }),
  };
}

interface BodyParts {
  readonly order: OrderStruct;
  readonly orderType: OrderType;
  readonly postOnly: boolean;
  /** Seconds since 1970 as text; `0` for none. */
  readonly expiration: string;
}

/** `deferExec` is documented only by its name, so it stays false. */
function bodyText(
  { order, orderType, postOnly, expiration }: BodyParts,
  signed: { readonly signature?: string },
  owned: { readonly owner?: string },
): string {
  const { salt, maker, signer, tokenId, makerAmount, takerAmount, side, signatureType, timestamp } = order;
  return JSON.stringify({
    deferExec: false,
    postOnly,
    order: {
      salt: Number(salt),
      maker,
      signer,
      tokenId,
      makerAmount,
      takerAmount,
      side,
      signatureType,
      timestamp,
      expiration,
      metadata: order.metadata,
      builder: order.builder,
      ...signed,
    },
    ...owned,
    orderType,
  });
}

export function orderTypeOf(timeInForce: TimeInForce): OrderType {
  switch (timeInForce) {
    case 'fillOrKill':
      return 'FOK';
    case 'immediateOrCancel':
      return 'FAK';
    case 'goodTillCanceled':
      return 'GTC';
    case 'goodTillDate':
      return 'GTD';
    default:
      return unreachable(timeInForce, 'time in force');
  }
}

/** Whether an order of this kind may rest on the book. */
export function mayRest(timeInForce: TimeInForce): boolean {
  return timeInForce === 'goodTillCanceled' || timeInForce === 'goodTillDate';
}

function unsupportedPart(request: OrderRequest, orderType: OrderType): BuildRefusal | undefined {
  if (request.instrument.inverted)
    return refused('unsupported', 'each outcome has a token of its own, found an inverted instrument');
  if (request.postOnly && (orderType === 'FOK' || orderType === 'FAK'))
    return refused('unsupported', `a post-only order must be able to rest, found ${orderType}`);
  // A sale needs the shares, so it cannot open a position; a purchase can, and no flag of the venue forbids it.
  if (request.reduceOnly && request.action === 'buy')
    return refused('unsupported', 'the venue has no reduce-only purchase');
  return undefined;
}

function invalidPart(request: OrderRequest, terms: MarketTerms, nowMicros: number): BuildRefusal | undefined {
  const { limitE4, sizeE6, timeInForce, expiresAt, instrument } = request;
  const about = `(${instrumentId(instrument)})`;
  if (!isKnownTick(terms.tickE4)) return refused('invalidOrder', `expected a tick of the venue, found ${terms.tickE4}`);
  if (limitE4 <= 0 || limitE4 >= PRICE_ONE || limitE4 % terms.tickE4 !== 0)
    return refused(
      'invalidOrder',
      `expected a price on tick ${terms.tickE4} within 0..10000, found ${limitE4} ${about}`,
    );
  if (sizeE6 <= 0 || sizeE6 % SIZE_STEP !== 0)
    return refused('invalidOrder', `expected a size in hundredths of a share, found ${sizeE6} millionths ${about}`);
  const hasExpiry = expiresAt !== undefined;
  if (hasExpiry !== (timeInForce === 'goodTillDate'))
    return refused('invalidOrder', `expected an expiry exactly for good till date, found ${timeInForce} ${about}`);
  if (hasExpiry && expiresAt < nowMicros + MICROS_PER_SECOND)
    return refused('invalidOrder', `expected an expiry at least a second ahead, found ${expiresAt} ${about}`);
  return undefined;
}

function amountProblem(
  request: OrderRequest,
  orderType: OrderType,
  terms: MarketTerms,
  amounts: OrderAmounts,
): string | undefined {
  if (mayRest(request.timeInForce)) {
    if (request.sizeE6 >= terms.minSizeE6) return undefined;
    return `expected at least ${formatDecimal(terms.minSizeE6, 6)} shares, found ${formatDecimal(request.sizeE6, 6)}`;
  }
  const { action, limitE4: priceE4 } = request;
  const problem = immediateProblem({ action, priceE4, tickE4: terms.tickE4 }, amounts);
  if (problem !== undefined) return problem;
  if (action === 'buy' && amounts.maker < MARKETABLE_BUY_MIN)
    return `expected a purchase (${orderType}) of at least $1, found ${formatDecimal(amounts.maker, 6, 2)}`;
  return undefined;
}

/** For N seconds of life the stamp is now + 60 + N. A fraction of a second is cut: rather a moment early. */
function expirationOf({ expiresAt }: OrderRequest): string {
  return expiresAt === undefined ? '0' : String(Math.floor(expiresAt / MICROS_PER_SECOND) + EXPIRATION_MARGIN_S);
}

function refused(reason: 'unsupported' | 'invalidOrder', detail: string): BuildRefusal {
  return { kind: 'refused', reason, detail, retryAfterMs: undefined };
}
