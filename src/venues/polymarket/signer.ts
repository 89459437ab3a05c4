/**
 * The account's key. It signs two things and nothing else: an order that it recognises, fast, and the statement
 * that creates or derives API credentials, through ethers.
 */
import { computeAddress, getAddress, SigningKey, TypedDataEncoder } from 'ethers';
import { InvariantError, invariant } from '../../domain/invariant.ts';
import type { Secret } from '../../domain/secret.ts';
import { type ChainId, exchangesOf } from './contracts.ts';
import { type DigestSigner, scriptSigner } from './digest-signer.ts';
import { OrderEncoder } from './order-digest.ts';
import { type OrderStruct, recogniseOrder, type TypedData } from './order-struct.ts';

const CLOB_AUTH_TYPES = {
  ClobAuth: [
    { name: 'address', type: 'address' },
    { name: 'timestamp', type: 'string' },
    { name: 'nonce', type: 'uint256' },
    { name: 'message', type: 'string' },
  ],
};

const CLOB_AUTH_MESSAGE = 'This message attests that I control the given wallet';

export interface SignedOrder {
  /** The digest of the order: the venue's id, known before anything is sent. */
  readonly orderId: string;
  readonly signature: string;
}

/** An order whose id is known, and that is signed when it is asked for: the same text every time. */
export interface OrderToSign {
  readonly orderId: string;
  sign(): string;
}

export interface SignerOptions {
  /** 32 bytes as `0x` and 64 hex digits. */
  readonly privateKey: Secret;
  readonly chainId: ChainId;
  /** From `loadDigestSigner`; plain JavaScript unless given. */
  readonly digestSigner?: DigestSigner;
}

export class PolymarketSigner {
  /** Of the key itself, with checksum. API credentials belong to it whatever the signature type. */
  readonly address: string;
  readonly chainId: ChainId;
  /** How orders are signed. */
  readonly kind: DigestSigner['kind'];
  readonly #privateKey: Uint8Array;
  readonly #digestSigner: DigestSigner;
  readonly #encoders: ReadonlyMap<string, OrderEncoder>;

  constructor({ privateKey, chainId, digestSigner = scriptSigner }: SignerOptions) {
    this.#privateKey = keyBytes(privateKey);
    this.chainId = chainId;
    this.#digestSigner = digestSigner;
    this.kind = digestSigner.kind;
    this.address = computeAddress(new SigningKey(this.#privateKey));
    this.#encoders = new Map(exchangesOf(chainId).map((exchange) => [exchange.name, new OrderEncoder(exchange)]));
  }

  /**
   * Signs an order for a known exchange. Throws on anything else: other types, another domain or contract, a field
   * too many, a value out of range, an order that is not signed by this key's account.
   */
  signOrder(data: TypedData): SignedOrder {
    const { orderId, sign } = this.orderToSign(data);
    return { orderId, signature: sign() };
  }

  /** The same in two parts: the id costs little, and the signature can be made while the intent is on its way to disk. */
  orderToSign(data: TypedData): OrderToSign {
    const { exchange, order } = recogniseOrder(this.chainId, data);
    this.#checkSigner(order);
    const encoder = this.#encoders.get(exchange.name);
    if (encoder === undefined) throw new InvariantError(`expected an encoder for ${exchange.name}, found none`);
    const { orderId, digest, wrap } = encoder.digest(order);
    return { orderId, sign: () => wrap(this.#digestSigner.sign(digest, this.#privateKey)) };
  }

  /** The statement of L1 authentication. `timestampS` is in seconds. */
  signClobAuth(statement: { readonly timestampS: number; readonly nonce: number }): string {
    const digest = TypedDataEncoder.hash(
      { name: 'ClobAuthDomain', version: '1', chainId: this.chainId },
      CLOB_AUTH_TYPES,
      {
        address: this.address,
        timestamp: String(statement.timestampS),
        nonce: statement.nonce,
        message: CLOB_AUTH_MESSAGE,
      },
    );
    return new SigningKey(this.#privateKey).sign(digest).serialized;
  }

  #checkSigner({ signatureType, maker, signer }: OrderStruct): void {
    // A deposit wallet is maker and signer itself, and our key is its owner; else the signer is the key.
    const expected = signatureType === 3 ? maker : this.address;
    // Addresses stay out of messages, which end in logs.
    invariant(signer === expected, `expected the signer that type ${signatureType} calls for, found another`);
    const isOwnMaker = signatureType !== 0 || maker === this.address;
    invariant(isOwnMaker, 'expected an ordinary account as its own maker, found another');
  }
}

/** An address as configured, with its checksum. Throws on anything else. */
export function checkedAddress(text: string): string {
  try {
    return getAddress(text);
  } catch {
    // The cause would repeat the text.
    throw new InvariantError(`expected an address of 40 hex digits, found ${text.length} other characters`);
  }
}

/** The key's text never appears in the message: not even its length tells more than that it is wrong. */
function keyBytes(privateKey: Secret): Uint8Array {
  const text = privateKey.reveal();
  invariant(/^0x[0-9a-fA-F]{64}$/.test(text), 'expected a private key of 0x and 64 hex digits, found another text');
  return Buffer.from(text.slice(2), 'hex');
}
