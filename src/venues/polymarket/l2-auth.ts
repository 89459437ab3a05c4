/**
 * Headers that prove who is asking. L1 is a signature of the wallet and only creates or derives credentials; L2 is
 * an HMAC with those credentials and goes with everything private.
 */
import { createHmac } from 'node:crypto';
import { invariant } from '../../domain/invariant.ts';
import type { HttpMethod } from '../../domain/ports/http.ts';
import type { Secret } from '../../domain/secret.ts';
import type { PolymarketSigner } from './signer.ts';

export interface ApiCredentials {
  /** A UUID. It is the `owner` of every order. */
  readonly apiKey: Secret;
  /** Base64, in the ordinary or the URL alphabet. */
  readonly secret: Secret;
  readonly passphrase: Secret;
}

export interface SignedRequest {
  readonly timestampS: number;
  readonly method: HttpMethod;
  /** Without host and without query. */
  readonly path: string;
  /** The exact text that is sent; `undefined` when there is none. */
  readonly body: string | undefined;
}

export type Headers = Readonly<Record<string, string>>;

/** Signs requests with one set of credentials. Nothing secret is visible from outside. */
export class L2Authenticator {
  readonly #address: string;
  readonly #credentials: ApiCredentials;
  readonly #hmacKey: Uint8Array;

  constructor({ address, credentials }: { readonly address: string; readonly credentials: ApiCredentials }) {
    this.#address = address;
    this.#credentials = credentials;
    this.#hmacKey = decodeSecret(credentials.secret);
  }

  /** The API key: the owner of our orders, and the mark of our entries in trades. */
  owner(): string {
    return this.#credentials.apiKey.reveal();
  }

  /** What the first frame of the user stream carries: the raw secrets, so that frame is never logged. */
  userStreamAuth(): { readonly apiKey: string; readonly secret: string; readonly passphrase: string } {
    const { apiKey, secret, passphrase } = this.#credentials;
    return { apiKey: apiKey.reveal(), secret: secret.reveal(), passphrase: passphrase.reveal() };
  }

  headers(request: SignedRequest): Headers {
    return {
      POLY_ADDRESS: this.#address,
      POLY_SIGNATURE: this.signature(request),
      POLY_TIMESTAMP: String(request.timestampS),
      POLY_API_KEY: this.#credentials.apiKey.reveal(),
      POLY_PASSPHRASE: this.#credentials.passphrase.reveal(),
    };
  }

  /** Base64 in the URL alphabet with its padding, over timestamp, method, path and body. */
  signature({ timestampS, method, path, body }: SignedRequest): string {
    const message = `${timestampS}${method}${path}${body ?? ''}`;
    const base64 = createHmac('sha256', this.#hmacKey).update(message).digest('base64');
    return base64.replaceAll('+', '-').replaceAll('/', '_');
  }
}

export function l1Headers(
  signer: PolymarketSigner,
  { timestampS, nonce }: { readonly timestampS: number; readonly nonce: number },
): Headers {
  return {
    POLY_ADDRESS: signer.address,
    POLY_SIGNATURE: signer.signClobAuth({ timestampS, nonce }),
    POLY_TIMESTAMP: String(timestampS),
    POLY_NONCE: String(nonce),
  };
}

function decodeSecret(secret: Secret): Uint8Array {
  const text = secret.reveal().replaceAll('-', '+').replaceAll('_', '/');
  invariant(/^[A-Za-z0-9+/]+={0,2}$/.test(text), 'expected an API secret in base64, found another text');
  return Buffer.from(text, 'base64');
}
