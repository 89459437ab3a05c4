/** Accounts for tests: keys are made here, so that none stands in a file. */

import { Secret } from '../../../src/domain/secret.ts';
import { randomIds, seededRandom } from '../../../src/domain/seeded-random.ts';
import { type Micros, micros } from '../../../src/domain/units.ts';
import type { ChainId } from '../../../src/venues/polymarket/contracts.ts';
import type { DigestSigner } from '../../../src/venues/polymarket/digest-signer.ts';
import type { ApiCredentials } from '../../../src/venues/polymarket/l2-auth.ts';
import { PolymarketSigner } from '../../../src/venues/polymarket/signer.ts';

/** The public test key of the recorded requests: 32 times the same byte. */
export const PUBLIC_TEST_KEY = `0x${'11'.repeat(32)}`;
export const ZERO_SECRET = Buffer.alloc(32).toString('base64');
export const OWNER = '11111111-2222-3333-4444-555555555555';
/** A quarter past midnight on 2025-11-20, as in the fixtures. */
export const NOW: Micros = micros(1_763_625_600_000_000);

export function testKey(seed: string): string {
  return `0x${Buffer.from(seededRandom(`key ${seed}`).bytes(32)).toString('hex')}`;
}

export function testSigner(
  of: { readonly key?: string; readonly chainId?: ChainId; readonly digestSigner?: DigestSigner } = {},
): PolymarketSigner {
  const { key = PUBLIC_TEST_KEY, chainId = 137, digestSigner } = of;
  const options = { privateKey: new Secret(key), chainId };
  return new PolymarketSigner(digestSigner === undefined ? options : { ...options, digestSigner });
}

export function testCredentials(
  of: { readonly apiKey?: string; readonly secret?: string; readonly passphrase?: string } = {},
): ApiCredentials {
  const { apiKey = OWNER, secret = ZERO_SECRET, passphrase = 'pp' } = of;
  return { apiKey: new Secret(apiKey), secret: new Secret(secret), passphrase: new Secret(passphrase) };
}

/** Credentials that appear nowhere else, so that any trace of them is a leak. */
export function canaryCredentials(): { readonly credentials: ApiCredentials; readonly traces: readonly string[] } {
  const random = seededRandom('canary');
  const apiKey = randomIds(random).uuid();
  const secret = Buffer.from(random.bytes(32)).toString('base64');
  const passphrase = Buffer.from(random.bytes(16)).toString('hex');
  return { credentials: testCredentials({ apiKey, secret, passphrase }), traces: [apiKey, secret, passphrase] };
}
