/** Keys made for this run, and requests signed from the documented string: timestamp, method, path without its query. */
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface KalshiKey {
  readonly keyId: string;
  readonly publicKeyPem: string;
  readonly privateKey: KeyObject;
}

// An RSA key takes a while; one per name is enough for a run.
const made = new Map<string, KalshiKey>();

export function keyNamed(name: string, kind: 'rsa' | 'ed25519' = 'rsa'): KalshiKey {
  const known = made.get(`${name}/${kind}`);
  if (known !== undefined) return known;
  const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const digits = Buffer.from(name).toString('hex').padStart(12, '0').slice(-12);
  const key = {
    keyId: `00000000-0000-4000-8000-${digits}`,
    publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey,
  };
  made.set(`${name}/${kind}`, key);
  return key;
}

export function signedHeaders(
  key: KalshiKey,
  request: { readonly method: string; readonly path: string; readonly atMs: number },
): Record<string, string> {
  const { method, path, atMs } = request;
  return {
    'KALSHI-ACCESS-KEY': key.keyId,
    'KALSHI-ACCESS-TIMESTAMP': String(atMs),
    'KALSHI-ACCESS-SIGNATURE': signText(key.privateKey, `${atMs}${method}${path}`),
  };
}

function signText(privateKey: KeyObject, text: string): string {
  if (privateKey.asymmetricKeyType === 'ed25519') return sign(null, Buffer.from(text), privateKey).toString('base64');
  const padding = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return sign('sha256', Buffer.from(text), padding).toString('base64');
}
