/**
 * The order that the exchange contracts check, and the typed data (EIP-712) around it.
 *
 * Fields, their order and the domain are the official client's of July 2026. `expiration` is part of the request
 * and not of what is signed; `side` is text in the request and a number when hashed.
 */
import { InvariantError, invariant } from '../../domain/invariant.ts';
import { type ChainId, type Exchange, exchangesOf } from './contracts.ts';

export const EXCHANGE_DOMAIN_NAME = 'Polymarket CTF Exchange';
export const ZERO_WORD = `0x${'0'.repeat(64)}`;

/** 0: an ordinary account. 1 and 2: its proxy or Safe. 3: a deposit wallet, which is maker and signer itself. */
export type SignatureType = 0 | 1 | 2 | 3;

/** As in the request: decimal text for whole numbers, addresses with their checksum, words of 32 bytes in hex. */
export interface OrderStruct {
  readonly salt: string;
  readonly maker: string;
  readonly signer: string;
  readonly tokenId: string;
  readonly makerAmount: string;
  readonly takerAmount: string;
  readonly side: 'BUY' | 'SELL';
  readonly signatureType: SignatureType;
  /** Milliseconds since 1970. */
  readonly timestamp: string;
  readonly metadata: string;
  readonly builder: string;
}

interface TypedField {
  readonly name: string;
  readonly type: string;
}

/** Typed data as wallets are asked to sign it. `side` in the message is 0 for BUY and 1 for SELL. */
export interface TypedData {
  readonly domain: Readonly<Record<string, unknown>>;
  readonly types: Readonly<Record<string, readonly TypedField[]>>;
  readonly primaryType: string;
  readonly message: Readonly<Record<string, unknown>>;
}

const ORDER_FIELDS: readonly TypedField[] = [
  { name: 'salt', type: 'uint256' },
  { name: 'maker', type: 'address' },
  { name: 'signer', type: 'address' },
  { name: 'tokenId', type: 'uint256' },
  { name: 'makerAmount', type: 'uint256' },
  { name: 'takerAmount', type: 'uint256' },
  { name: 'side', type: 'uint8' },
  { name: 'signatureType', type: 'uint8' },
  { name: 'timestamp', type: 'uint256' },
  { name: 'metadata', type: 'bytes32' },
  { name: 'builder', type: 'bytes32' },
];

const ORDER_TYPES: TypedData['types'] = { Order: ORDER_FIELDS };

/** `Order(uint256 salt,…)`: what the type hash is taken of. */
export const ORDER_TYPE_TEXT = `Order(${ORDER_FIELDS.map(({ name, type }) => `${type} ${name}`).join(',')})`;

export function typedOrder(exchange: Exchange, order: OrderStruct): TypedData {
  return {
    domain: {
      name: EXCHANGE_DOMAIN_NAME,
      version: exchange.version,
      chainId: exchange.chainId,
      verifyingContract: exchange.contract,
    },
    types: ORDER_TYPES,
    primaryType: 'Order',
    message: { ...order, side: order.side === 'BUY' ? 0 : 1 },
  };
}

export interface RecognisedOrder {
  readonly exchange: Exchange;
  readonly order: OrderStruct;
}

/**
 * Reads typed data as an order for a known exchange, and throws at the first thing that is not exactly so: a key
 * that signs whatever it is shown can be made to sign a transfer.
 */
export function recogniseOrder(chainId: ChainId, data: TypedData): RecognisedOrder {
  invariant(data.primaryType === 'Order', () => `expected primary type Order, found ${shown(data.primaryType)}`);
  checkTypes(data.types);
  return { exchange: recogniseExchange(chainId, data.domain), order: recogniseFields(data.message) };
}

function checkTypes(types: TypedData['types']): void {
  if (types === ORDER_TYPES) return;
  const names = Object.keys(types);
  invariant(names.length === 1 && names[0] === 'Order', () => `expected the type Order alone, found ${shown(names)}`);
  const found = (types.Order ?? []).map(({ name, type }) => `${type} ${name}`).join(',');
  invariant(`Order(${found})` === ORDER_TYPE_TEXT, () => `expected ${ORDER_TYPE_TEXT}, found Order(${found})`);
}

function recogniseExchange(chainId: ChainId, domain: TypedData['domain']): Exchange {
  const { name, version, chainId: domainChain, verifyingContract, ...rest } = domain;
  invariant(
    Object.keys(rest).length === 0,
    () => `expected no further domain field, found ${shown(Object.keys(rest))}`,
  );
  invariant(name === EXCHANGE_DOMAIN_NAME, () => `expected domain ${EXCHANGE_DOMAIN_NAME}, found ${shown(name)}`);
  invariant(domainChain === chainId, () => `expected chain ${chainId}, found ${shown(domainChain)}`);
  const exchange = exchangesOf(chainId).find(
    (known) => known.version === version && known.contract === verifyingContract,
  );
  invariant(
    exchange !== undefined,
    () =>
      `expected a known exchange of chain ${chainId}, found version ${shown(version)} at ${shown(verifyingContract)}`,
  );
  return exchange;
}

function recogniseFields(message: TypedData['message']): OrderStruct {
  const extra = Object.keys(message).filter((key) => !ORDER_FIELDS.some(({ name }) => name === key));
  invariant(extra.length === 0, () => `expected the fields of an order alone, found ${shown(extra)}`);
  const { side, signatureType } = message;
  invariant(side === 0 || side === 1, () => `expected side 0 or 1, found ${shown(side)}`);
  invariant(
    signatureType === 0 || signatureType === 1 || signatureType === 2 || signatureType === 3,
    () => `expected signature type 0, 1, 2 or 3, found ${shown(signatureType)}`,
  );
  return {
    salt: textField(message, 'salt'),
    maker: textField(message, 'maker'),
    signer: textField(message, 'signer'),
    tokenId: textField(message, 'tokenId'),
    makerAmount: textField(message, 'makerAmount'),
    takerAmount: textField(message, 'takerAmount'),
    side: side === 0 ? 'BUY' : 'SELL',
    signatureType,
    timestamp: textField(message, 'timestamp'),
    metadata: textField(message, 'metadata'),
    builder: textField(message, 'builder'),
  };
}

function textField(message: TypedData['message'], name: string): string {
  const value = message[name];
  if (typeof value !== 'string')
    throw new InvariantError(`expected order field ${name} as text, found ${shown(value)}`);
  return value;
}

function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
