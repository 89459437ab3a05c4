/** The body of `POST /order`: what must be there, and which format it is. */
import type { OrderType, TradeSide } from './model.ts';
import { wholeOf } from './numbers.ts';
import { addressOf, type SignedFields } from './signatures.ts';

export interface SignedOrder {
  readonly fields: SignedFields;
  readonly signature: string;
  readonly expiration: number;
  readonly owner: string;
  readonly type: OrderType;
  readonly postOnly: boolean;
  readonly makerAmount: number;
  readonly takerAmount: number;
}

export type ParsedOrder =
  | { readonly kind: 'order'; readonly order: SignedOrder }
  | { readonly kind: 'old' }
  | { readonly kind: 'malformed' };

const MALFORMED: ParsedOrder = { kind: 'malformed' };
const BYTES_32 = /^0x[0-9a-fA-F]{64}$/;

export function parseOrder(body: unknown): ParsedOrder {
  const outer = recordOf(body);
  const order = recordOf(outer?.order);
  if (outer === undefined || order === undefined) return MALFORMED;
  if (isOldFormat(order)) return { kind: 'old' };
  const fields = signedFields(order);
  const type = typeOf(outer.orderType);
  const expiration = wholeOf(order.expiration ?? '0');
  const amounts = [Number(fields?.makerAmount ?? 0), Number(fields?.takerAmount ?? 0)] as const;
  if (fields === undefined || type === undefined || expiration === undefined) return MALFORMED;
  if (typeof outer.owner !== 'string' || typeof order.signature !== 'string') return MALFORMED;
  if (outer.postOnly === true && (type === 'FOK' || type === 'FAK')) return MALFORMED;
  if (!amounts.every((amount) => Number.isSafeInteger(amount) && amount > 0)) return MALFORMED;
  return {
    kind: 'order',
    order: {
      fields,
      signature: order.signature,
      expiration: Number(expiration),
      owner: outer.owner,
      type,
      postOnly: outer.postOnly === true,
      makerAmount: amounts[0],
      takerAmount: amounts[1],
    },
  };
}

/** Before 2026-04-28 orders carried a fee and a nonce and no timestamp. */
function isOldFormat(order: Readonly<Record<string, unknown>>): boolean {
  return order.timestamp === undefined && ('feeRateBps' in order || 'nonce' in order || 'taker' in order);
}

function signedFields(order: Readonly<Record<string, unknown>>): SignedFields | undefined {
  // The body carries the salt as a JSON number, so it must be one that survives the parser.
  const salt = Number.isSafeInteger(order.salt) ? String(order.salt) : order.salt;
  const maker = addressOf(order.maker);
  const signer = addressOf(order.signer);
  const side = sideOf(order.side);
  const { tokenId, makerAmount, takerAmount, timestamp, metadata, builder, signatureType } = order;
  const wholes = [salt, tokenId, makerAmount, takerAmount, timestamp];
  if (maker === undefined || signer === undefined || side === undefined) return undefined;
  if (!wholes.every((text) => wholeOf(text) !== undefined)) return undefined;
  if (typeof signatureType !== 'number' || ![0, 1, 2, 3].includes(signatureType)) return undefined;
  if (typeof metadata !== 'string' || typeof builder !== 'string') return undefined;
  if (!BYTES_32.test(metadata) || !BYTES_32.test(builder)) return undefined;
  const text = (value: unknown): string => String(value);
  return {
    salt: text(salt),
    maker,
    signer,
    tokenId: text(tokenId),
    makerAmount: text(makerAmount),
    takerAmount: text(takerAmount),
    side,
    signatureType,
    timestamp: text(timestamp),
    metadata,
    builder,
  };
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function sideOf(value: unknown): TradeSide | undefined {
  return value === 'BUY' || value === 'SELL' ? value : undefined;
}

function typeOf(value: unknown): OrderType | undefined {
  return value === 'GTC' || value === 'GTD' || value === 'FOK' || value === 'FAK' ? value : undefined;
}
