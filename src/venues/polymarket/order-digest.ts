/**
 * The digest of an order: our own encoder for exactly one struct, because a general one takes longer than the
 * signature itself. The digest under the exchange's domain is also the venue's order id.
 */
import { createKeccak } from 'hash-wasm';
import { InvariantError, invariant } from '../../domain/invariant.ts';
import type { Exchange } from './contracts.ts';
import { EXCHANGE_DOMAIN_NAME, ORDER_TYPE_TEXT, type OrderStruct } from './order-struct.ts';

const WORD = 32;
const ORDER_WORDS = 12;
/** Where the fields of an address start within its word. */
const ADDRESS_AT = 12;

const encoder = new TextEncoder();
/** Keccak-256 as compiled code: in a script it is the dearest part of an order, and slowest when it runs rarely. */
const keccak = await createKeccak(256);

const ORDER_TYPE_HASH = hashOfText(ORDER_TYPE_TEXT);
const DOMAIN_TYPE_HASH = hashOfText(
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
);
/** What a deposit wallet signs: the order, wrapped in the wallet's own domain (in the manner of ERC-7739). */
const WALLET_TYPE_HASH = hashOfText(
  `TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)${ORDER_TYPE_TEXT}`,
);
const WALLET_NAME_HASH = hashOfText('DepositWallet');
const WALLET_VERSION_HASH = hashOfText('1');
const ORDER_TYPE_HEX = Buffer.from(ORDER_TYPE_TEXT).toString('hex');

const UINT256_MAX = (1n << 256n) - 1n;

export interface OrderDigest {
  /** `0x` and 64 hex digits: the venue's order id. */
  readonly orderId: string;
  /** What the key signs. */
  readonly digest: Uint8Array;
  /** The signature as the venue wants it, from the 65 bytes over `digest` as hex without `0x`. */
  wrap(signatureHex: string): string;
}

/**
 * Encodes orders for one exchange. Not re-entrant: it reuses its buffers, and what it returns is copied out of them.
 */
export class OrderEncoder {
  readonly #exchange: Exchange;
  readonly #domainHash: Uint8Array;
  readonly #domainHex: string;
  readonly #order = new Uint8Array(ORDER_WORDS * WORD);
  readonly #orderView = new DataView(this.#order.buffer);
  readonly #final = new Uint8Array(2 + 2 * WORD);
  readonly #wallet = new Uint8Array(7 * WORD);
  /** The text that each word of `#order` was written from. */
  readonly #texts: string[] = [];

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#domainHash = domainHash(exchange);
    this.#domainHex = hexOf(this.#domainHash);
    this.#order.set(ORDER_TYPE_HASH, 0);
    this.#final.set([0x19, 0x01], 0);
    this.#final.set(this.#domainHash, 2);
    this.#prepareWallet();
  }

  digest(order: OrderStruct): OrderDigest {
    this.#encode(order);
    const contents = hash(this.#order);
    const digest = this.#underDomain(contents);
    const orderId = `0x${hexOf(digest)}`;
    if (order.signatureType !== 3) return { orderId, digest, wrap: (signatureHex) => `0x${signatureHex}` };
    const length = ORDER_TYPE_TEXT.length.toString(16).padStart(4, '0');
    const tail = `${this.#domainHex}${hexOf(contents)}${ORDER_TYPE_HEX}${length}`;
    return {
      orderId,
      digest: this.#underDomain(this.#walletHash(contents, order.signer)),
      wrap: (signatureHex) => `0x${signatureHex}${tail}`,
    };
  }

  #encode(order: OrderStruct): void {
    const view = this.#orderView;
    putNumber(view, 1, safeNumber(order.salt, 'salt', 0));
    this.#fresh(2, order.maker, () => putAddress(this.#order, 2, order.maker, 'maker'));
    this.#fresh(3, order.signer, () => putAddress(this.#order, 3, order.signer, 'signer'));
    this.#fresh(4, order.tokenId, () => putWord(view, 4, tokenNumber(order.tokenId)));
    putNumber(view, 5, safeNumber(order.makerAmount, 'makerAmount', 1));
    putNumber(view, 6, safeNumber(order.takerAmount, 'takerAmount', 1));
    putNumber(view, 7, order.side === 'BUY' ? 0 : 1);
    putNumber(view, 8, order.signatureType);
    putNumber(view, 9, safeNumber(order.timestamp, 'timestamp', 1));
    this.#fresh(10, order.metadata, () => putBytes(this.#order, 10, order.metadata, 'metadata'));
    this.#fresh(11, order.builder, () => putBytes(this.#order, 11, order.builder, 'builder'));
  }

  /** Writes a word unless it still holds this text: account and token are mostly those of the order before. */
  #fresh(word: number, text: string, write: () => void): void {
    if (this.#texts[word] === text) return;
    write();
    this.#texts[word] = text;
  }

  #underDomain(structHash: Uint8Array): Uint8Array {
    this.#final.set(structHash, 2 + WORD);
    return hash(this.#final);
  }

  #prepareWallet(): void {
    const view = new DataView(this.#wallet.buffer);
    this.#wallet.set(WALLET_TYPE_HASH, 0);
    this.#wallet.set(WALLET_NAME_HASH, 2 * WORD);
    this.#wallet.set(WALLET_VERSION_HASH, 3 * WORD);
    putNumber(view, 4, this.#exchange.chainId);
  }

  #walletHash(contents: Uint8Array, wallet: string): Uint8Array {
    this.#wallet.set(contents, WORD);
    putAddress(this.#wallet, 5, wallet, 'signer');
    return hash(this.#wallet);
  }
}

function domainHash(exchange: Exchange): Uint8Array {
  const bytes = new Uint8Array(5 * WORD);
  bytes.set(DOMAIN_TYPE_HASH, 0);
  bytes.set(hashOfText(EXCHANGE_DOMAIN_NAME), WORD);
  bytes.set(hashOfText(exchange.version), 2 * WORD);
  putNumber(new DataView(bytes.buffer), 3, exchange.chainId);
  putAddress(bytes, 4, exchange.contract, 'verifyingContract');
  return hash(bytes);
}

/** Plain digits without a leading zero: another spelling of the same number would be another request body. */
function safeNumber(text: string, field: string, from: 0 | 1): number {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < from)
    throw new InvariantError(
      `expected order field ${field} as a whole number within ${from}..2^53, found ${JSON.stringify(text.slice(0, 90))}`,
    );
  return value;
}

function tokenNumber(text: string): bigint {
  const value = /^[1-9][0-9]{0,77}$/.test(text) ? BigInt(text) : 0n;
  if (value === 0n || value > UINT256_MAX)
    throw new InvariantError(
      `expected order field tokenId as a whole number within 1..2^256, found ${JSON.stringify(text.slice(0, 90))}`,
    );
  return value;
}

/** A safe integer: the upper 24 bytes of its word are never anything but zero. */
function putNumber(view: DataView, word: number, value: number): void {
  const at = word * WORD + 24;
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value >>> 0);
}

function putWord(view: DataView, word: number, value: bigint): void {
  const at = word * WORD;
  view.setBigUint64(at, BigInt.asUintN(64, value >> 192n));
  view.setBigUint64(at + 8, BigInt.asUintN(64, value >> 128n));
  view.setBigUint64(at + 16, BigInt.asUintN(64, value >> 64n));
  view.setBigUint64(at + 24, BigInt.asUintN(64, value));
}

function putAddress(into: Uint8Array, word: number, address: string, field: string): void {
  invariant(
    /^0x[0-9a-fA-F]{40}$/.test(address) && !/^0x0+$/.test(address),
    () => `expected order field ${field} as an address, found ${address.length} other characters`,
  );
  into.set(Buffer.from(address.slice(2), 'hex'), word * WORD + ADDRESS_AT);
}

function putBytes(into: Uint8Array, word: number, hex: string, field: string): void {
  invariant(
    /^0x[0-9a-f]{64}$/.test(hex),
    () => `expected order field ${field} as 32 bytes in lower-case hex, found ${JSON.stringify(hex.slice(0, 70))}`,
  );
  into.set(Buffer.from(hex.slice(2), 'hex'), word * WORD);
}

function hash(bytes: Uint8Array): Uint8Array {
  return keccak.init().update(bytes).digest('binary');
}

function hashOfText(text: string): Uint8Array {
  return hash(encoder.encode(text));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
