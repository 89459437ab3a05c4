import { constants, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpMethod } from '../../../src/domain/ports/http.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { kalshiSigner, signedText } from '../../../src/venues/kalshi/sign.ts';
import { restFixture } from './venues.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ed25519 = generateKeyPairSync('ed25519');
const text = signedText({
  timestampMs: 1_703_123_456_789,
  method: 'POST',
  path: '/trade-api/v2/portfolio/events/orders',
});

function pemOf(key: KeyObject, type: 'pkcs8' | 'pkcs1' = 'pkcs8'): Secret {
  return new Secret(String(key.export({ format: 'pem', type })));
}

function isPss(signature: string, saltLength: number): boolean {
  const key = { key: rsa.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

describe('what is signed', () => {
  const { cases } = restFixture('signing-vectors') as {
    cases: { timestamp_ms: string; method: HttpMethod; url: string; message: string }[];
  };

  it.each(cases)('is exactly $message', ({ timestamp_ms, method, url, message }) => {
    expect(signedText({ timestampMs: Number(timestamp_ms), method, path: url })).toBe(message);
  });
});

describe('a signer', () => {
  it.each(['pkcs8', 'pkcs1'] as const)('signs with an RSA key in %s as PSS with a salt of 32 bytes', async (type) => {
    const signer = kalshiSigner(pemOf(rsa.privateKey, type));
    expect([isPss(signer.sign(text), 32), isPss(await signer.signLater(text), 32)]).toEqual([true, true]);
    expect(isPss(signer.sign(text), 20)).toBe(false);
  });

  it('signs with an Ed25519 key, alike at once and later', async () => {
    const signer = kalshiSigner(pemOf(ed25519.privateKey));
    const signature = signer.sign(text);
    expect(verify(null, Buffer.from(text), ed25519.publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    expect(await signer.signLater(text)).toBe(signature);
  });

  it('refuses a key of another type by its type', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    expect(() => kalshiSigner(pemOf(privateKey))).toThrow('found ec');
  });

  it('says nothing of what it could not read as a key', () => {
    let message = '';
    try {
      kalshiSigner(new Secret('half of a private key'));
    } catch (error) {
      message = String(error) + String((error as Error).cause);
    }
    expect(message).toContain('must be the PEM of a private key');
    expect(message).not.toContain('half');
  });
});
