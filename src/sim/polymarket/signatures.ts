/** Real EIP-712 hashes and recovered signers: the simulator believes no address that it did not recover. */
import {
  AbiCoder,
  concat,
  dataSlice,
  getAddress,
  hexlify,
  isHexString,
  keccak256,
  recoverAddress,
  TypedDataEncoder,
  toUtf8Bytes,
  verifyTypedData,
} from 'ethers';
import type { ExchangeDomain } from './exchanges.ts';

const ATTESTATION = 'This message attests that I control the given wallet';
const CLOB_AUTH = {
  ClobAuth: [
    { name: 'address', type: 'address' },
    { name: 'timestamp', type: 'string' },
    { name: 'nonce', type: 'uint256' },
    { name: 'message', type: 'string' },
  ],
};

const ORDER_TYPES = {
  Order: [
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
  ],
};

export interface SignedFields {
  readonly salt: string;
  readonly maker: string;
  readonly signer: string;
  readonly tokenId: string;
  readonly makerAmount: string;
  readonly takerAmount: string;
  readonly side: 'BUY' | 'SELL';
  readonly signatureType: number;
  readonly timestamp: string;
  readonly metadata: string;
  readonly builder: string;
}

const TYPE_1271 = 3;
const SIGNATURE_BYTES = 65;

/** The address that signed the attestation, or undefined when the signature is none. */
export function clobAuthSigner(
  claim: { readonly address: string; readonly timestamp: string; readonly nonce: string; readonly chainId: number },
  signature: string,
): string | undefined {
  const domain = { name: 'ClobAuthDomain', version: '1', chainId: claim.chainId };
  const message = { address: claim.address, timestamp: claim.timestamp, nonce: claim.nonce, message: ATTESTATION };
  return attempt(() => verifyTypedData(domain, CLOB_AUTH, message, signature));
}

/** The venue's order id: the hash of the signed struct. `expiration` is no part of it. */
export function orderHash(domain: ExchangeDomain, order: SignedFields): string {
  return TypedDataEncoder.hash(domain, ORDER_TYPES, message(order));
}

/** The externally owned account whose key signed, whatever wallet it signed for; undefined when it is no signature. */
export function orderSigner(domain: ExchangeDomain, order: SignedFields, signature: string): string | undefined {
  if (!isHexString(signature)) return undefined;
  if (order.signatureType === TYPE_1271) return attempt(() => walletSigner(domain, order, signature));
  return attempt(() => verifyTypedData(domain, ORDER_TYPES, message(order), signature));
}

/**
 * Deposit wallets answer for a nested signature: the inner 65 bytes sign the order together with the wallet's own
 * domain; behind them stand the exchange's domain separator, the hash of the order, its type and the type's length.
 * Measured on the official client 1.1.0 in November 2026.
 */
function walletSigner(domain: ExchangeDomain, order: SignedFields, signature: string): string {
  const type = TypedDataEncoder.from(ORDER_TYPES).encodeType('Order');
  const separator = TypedDataEncoder.hashDomain(domain);
  const contents = TypedDataEncoder.hashStruct('Order', ORDER_TYPES, message(order));
  const length = toUtf8Bytes(type).length.toString(16).padStart(4, '0');
  const tail = concat([separator, contents, hexlify(toUtf8Bytes(type)), `0x${length}`]);
  if (dataSlice(signature, SIGNATURE_BYTES).toLowerCase() !== tail.toLowerCase())
    throw new Error('the wrapped signature is for another order, exchange or type');
  const nested = `TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)${type}`;
  const struct = AbiCoder.defaultAbiCoder().encode(
    ['bytes32', 'bytes32', 'bytes32', 'bytes32', 'uint256', 'address', 'bytes32'],
    [
      keccak256(toUtf8Bytes(nested)),
      contents,
      keccak256(toUtf8Bytes('DepositWallet')),
      keccak256(toUtf8Bytes('1')),
      domain.chainId,
      order.signer,
      `0x${'0'.repeat(64)}`,
    ],
  );
  const digest = keccak256(concat(['0x1901', separator, keccak256(struct)]));
  return recoverAddress(digest, dataSlice(signature, 0, SIGNATURE_BYTES));
}

function message(order: SignedFields): Record<string, string | number> {
  return { ...order, side: order.side === 'BUY' ? 0 : 1 };
}

/** ethers throws on malformed input; a forged request must not bring the venue down. */
function attempt(recover: () => string): string | undefined {
  try {
    return recover();
  } catch {
    return undefined;
  }
}

export function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** With the checksum letters that the venue prints, or undefined when it is no address. */
export function addressOf(text: unknown): string | undefined {
  return typeof text === 'string' ? attempt(() => getAddress(text.toLowerCase())) : undefined;
}
