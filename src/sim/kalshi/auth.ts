/** Who asks: signed requests, verified with the registered public key. */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { ServerRequest } from '../../domain/ports/local-server.ts';
import { type Refusal, refuse } from './errors.ts';

export interface ApiKeySpec {
  readonly keyId: string;
  readonly name?: string;
  /** SPKI PEM, RSA or (accepted since 2026-09-24, Kalshi changelog) Ed25519. */
  readonly publicKeyPem: string;
  /** `read` and `write` unless said; `write::trade` is the least that trades. */
  readonly scopes?: readonly string[];
  /** A key may be locked to one subaccount. */
  readonly subaccount?: number;
  /** Unix seconds; afterwards no Sports, Elections and Entertainment (Kalshi changelog 2026-08-16). */
  readonly regionExpirationTs?: number;
}

export interface ApiKey extends ApiKeySpec {
  readonly accountId: string;
  readonly key: KeyObject;
  readonly scopes: readonly string[];
}

export interface AuthOptions {
  /** The recorded demo session 2026-06-11 took 5 s either way and refused 30 s and 5 min. */
  readonly windowMs: number;
  /** Not the venue's way as far as we know: a mode that finds clients which sign twice alike. */
  readonly refusesRepeatedTimestamp: boolean;
}

export class Keyring {
  readonly #options: AuthOptions;
  readonly #keys = new Map<string, ApiKey>();
  readonly #timestamps = new Map<string, Set<number>>();

  constructor(options: AuthOptions) {
    this.#options = options;
  }

  add(accountId: string, spec: ApiKeySpec): void {
    const key = createPublicKey(spec.publicKeyPem);
    this.#keys.set(spec.keyId, { ...spec, accountId, key, scopes: spec.scopes ?? ['read', 'write'] });
  }

  /** A location attestation was renewed, or is made to run out. */
  setRegionExpiration(keyId: string, regionExpirationTs: number): void {
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new Error(`no key ${keyId} is registered`);
    this.#keys.set(keyId, { ...key, regionExpirationTs });
  }

  ofAccount(accountId: string): readonly ApiKey[] {
    return [...this.#keys.values()].filter((key) => key.accountId === accountId);
  }

  /** Throws the venue's 401. The signature covers time, method and the path without its query; never the body. */
  authenticate(request: ServerRequest, nowMs: number): ApiKey {
    const keyId = request.headers['kalshi-access-key'];
    const timestamp = request.headers['kalshi-access-timestamp'];
    const signature = request.headers['kalshi-access-signature'];
    if (!keyId || !timestamp || !signature) throw refuse(401, 'signature_is_missing_from_headers');
    const at = Number(timestamp);
    // A negated comparison, so that text which is no number is refused too.
    if (!(Math.abs(at - nowMs) <= this.#options.windowMs)) throw refuse(401, 'header_timestamp_expired');
    const key = this.#keys.get(keyId);
    if (key === undefined) throw unauthenticated('NOT_FOUND');
    const path = request.target.split('?')[0] ?? '';
    if (!verifies(key.key, `${timestamp}${request.method.toUpperCase()}${path}`, signature))
      throw unauthenticated('INCORRECT_API_KEY_SIGNATURE');
    if (this.#options.refusesRepeatedTimestamp) this.#refuseRepeated(keyId, at, nowMs);
    return key;
  }

  #refuseRepeated(keyId: string, at: number, nowMs: number): void {
    const seen = this.#timestamps.get(keyId) ?? new Set<number>();
    if (seen.has(at)) throw unauthenticated('TIMESTAMP_ALREADY_USED');
    for (const old of seen) if (old < nowMs - this.#options.windowMs) seen.delete(old);
    this.#timestamps.set(keyId, seen.add(at));
  }
}

function unauthenticated(details: string): Refusal {
  return refuse(401, 'authentication_error', details);
}

function verifies(key: KeyObject, message: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (key.asymmetricKeyType === 'ed25519') return verify(null, Buffer.from(message), key, bytes);
  // PSS with a salt as long as the digest; the older PKCS#1 v1.5 padding fails, as it does at the venue.
  const padding = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return verify('sha256', Buffer.from(message), padding, bytes);
}

/** Whether a key may do this; a scope covers every scope below it (`write` covers `write::trade`). */
export function hasScope(key: ApiKey, scope: string): boolean {
  return key.scopes.some((held) => held === scope || scope.startsWith(`${held}::`));
}
