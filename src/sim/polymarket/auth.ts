/** Who is asking: a wallet by its signature (level 1), or an API key by its secret (level 2). */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerReply } from '../../domain/ports/local-server.ts';
import type { Random } from '../../domain/ports/random.ts';
import { hex, uuid } from './ids.ts';
import { failure, type Headers, TEXT } from './replies.ts';
import { addressOf, clobAuthSigner, sameAddress } from './signatures.ts';

export interface ApiKey {
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
  /** The externally owned account that signed for it, also for deposit wallets. */
  readonly address: string;
  readonly nonce: string;
}

export type Identified<T> =
  | { readonly kind: 'known'; readonly who: T }
  | { readonly kind: 'refused'; readonly reply: ServerReply };

export interface L2Request {
  readonly method: string;
  /** Without the query: the official client signs it so (measured in November 2026). */
  readonly path: string;
  readonly body: string;
  readonly headers: Headers;
}

export interface AuthParts {
  readonly random: Random;
  readonly chainId: number;
  readonly skewMs: number;
  readonly nowMs: () => number;
}

export class Auth {
  readonly #parts: AuthParts;
  readonly #keys = new Map<string, ApiKey>();
  /** What a nonce derives stays the same after a key was deleted. */
  readonly #derived = new Map<string, ApiKey>();

  constructor(parts: AuthParts) {
    this.#parts = parts;
  }

  /** Level 1: the signer is recovered, and must be who the header says. */
  wallet(headers: Headers): Identified<{ readonly address: string; readonly nonce: string }> {
    const refused: Identified<never> = { kind: 'refused', reply: failure(401, TEXT.l1) };
    const address = addressOf(headers.poly_address);
    const { poly_timestamp: timestamp, poly_signature: signature, poly_nonce: nonce = '0' } = headers;
    if (address === undefined || timestamp === undefined || signature === undefined) return refused;
    if (!/^\d+$/.test(nonce) || !this.#isTimely(timestamp)) return refused;
    const signer = clobAuthSigner({ address, timestamp, nonce, chainId: this.#parts.chainId }, signature);
    if (signer === undefined || !sameAddress(signer, address)) return refused;
    return { kind: 'known', who: { address, nonce } };
  }

  /** Undefined when this wallet and nonce have one already. */
  create(wallet: { readonly address: string; readonly nonce: string }): ApiKey | undefined {
    const name = nameOf(wallet);
    const existing = this.#derived.get(name);
    if (existing !== undefined && this.#keys.has(existing.key)) return undefined;
    const { random } = this.#parts;
    const secret = Buffer.from(random.bytes(32)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    const made = existing ?? { key: uuid(random), secret, passphrase: hex(random, 32), ...wallet };
    this.#derived.set(name, made);
    this.#keys.set(made.key, made);
    return made;
  }

  derive(wallet: { readonly address: string; readonly nonce: string }): ApiKey | undefined {
    const key = this.#derived.get(nameOf(wallet));
    return key !== undefined && this.#keys.has(key.key) ? key : undefined;
  }

  /** For tests and scenarios: a key with given values. */
  install(key: ApiKey): void {
    this.#keys.set(key.key, key);
    this.#derived.set(nameOf(key), key);
  }

  remove(key: string): void {
    this.#keys.delete(key);
  }

  keysOf(address: string): string[] {
    return [...this.#keys.values()].filter((key) => sameAddress(key.address, address)).map(({ key }) => key);
  }

  find(key: string): ApiKey | undefined {
    return this.#keys.get(key);
  }

  /** Level 2: HMAC over time, method, path and body with the decoded secret. */
  apiKey(request: L2Request): Identified<ApiKey> {
    const refused: Identified<never> = { kind: 'refused', reply: failure(401, TEXT.l2) };
    const { headers } = request;
    const key = this.#keys.get(headers.poly_api_key ?? '');
    const timestamp = headers.poly_timestamp ?? '';
    if (key === undefined || headers.poly_passphrase !== key.passphrase) return refused;
    if (!sameAddress(headers.poly_address ?? '', key.address) || !this.#isTimely(timestamp)) return refused;
    const signed = l2Signature(key.secret, `${timestamp}${request.method}${request.path}${request.body}`);
    return isSameText(signed, headers.poly_signature ?? '') ? { kind: 'known', who: key } : refused;
  }

  /** The user socket carries the raw credentials instead of a signature. */
  credentials(given: {
    readonly apiKey: unknown;
    readonly secret: unknown;
    readonly passphrase: unknown;
  }): ApiKey | undefined {
    const key = typeof given.apiKey === 'string' ? this.#keys.get(given.apiKey) : undefined;
    return key !== undefined && key.secret === given.secret && key.passphrase === given.passphrase ? key : undefined;
  }

  #isTimely(seconds: string): boolean {
    if (!/^\d{1,12}$/.test(seconds)) return false;
    return Math.abs(Number(seconds) * 1000 - this.#parts.nowMs()) <= this.#parts.skewMs;
  }
}

/** Url-safe letters, padding kept. */
export function l2Signature(secret: string, message: string): string {
  const key = Buffer.from(secret.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
  return createHmac('sha256', key).update(message).digest('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function nameOf({ address, nonce }: { readonly address: string; readonly nonce: string }): string {
  return `${address.toLowerCase()}/${nonce}`;
}

/** Of equal length after hashing, as the comparison demands. */
function isSameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
