/**
 * Signatures of requests. Kalshi has no login: each request, and each socket's upgrade, is signed for itself
 * with the account's key, RSA since the beginning and Ed25519 since 2026-09-24.
 */
import { constants, createPrivateKey, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto';
import type { HttpMethod } from '../../domain/ports/http.ts';
import type { Secret } from '../../domain/secret.ts';

export interface KalshiSigner {
  /** Standard base64 of the signature, at once: where an order or a socket waits for it. */
  sign(text: string): string;
  /** The same off the loop: RSA-2048 takes a quarter of a millisecond, RSA-4096 up to four. */
  signLater(text: string): Promise<string>;
}

/**
 * A signer for the PEM of a private key. The key is parsed once and its type is detected.
 * RSA signs as PSS with SHA-256 and a salt of 32 bytes; version 1.5 padding is refused by the venue.
 */
export function kalshiSigner(pem: Secret): KalshiSigner {
  const key = parseKey(pem);
  const type = key.asymmetricKeyType;
  if (type === 'ed25519') return signerOf(null, { key });
  if (type === 'rsa' || type === 'rsa-pss')
    return signerOf('sha256', {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });
  throw new TypeError(`a Kalshi key must be RSA or Ed25519, found ${type ?? 'an unknown type'}`);
}

function parseKey(pem: Secret): KeyObject {
  try {
    return createPrivateKey(pem.reveal());
  } catch {
    // The parser's own error is left out: nobody promises that it never quotes what it was given.
    throw new TypeError('a Kalshi key must be the PEM of a private key without a pass phrase, found something else');
  }
}

function signerOf(algorithm: 'sha256' | null, input: SignKeyObjectInput): KalshiSigner {
  return {
    sign: (text) => sign(algorithm, Buffer.from(text), input).toString('base64'),
    signLater: (text) =>
      new Promise((resolve, reject) => {
        sign(algorithm, Buffer.from(text), input, (error, signature) =>
          error === null ? resolve(signature.toString('base64')) : reject(error),
        );
      }),
  };
}

/** The text that is signed: no separators, the path from the host's root, neither query nor body. */
export function signedText(request: {
  readonly timestampMs: number;
  readonly method: HttpMethod;
  readonly path: string;
}): string {
  const { timestampMs, method, path } = request;
  const query = path.indexOf('?');
  return `${timestampMs}${method}${query < 0 ? path : path.slice(0, query)}`;
}
