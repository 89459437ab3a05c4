/** API credentials from the account's key: derived where they exist, created only where deriving fails. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpOutcome, HttpTransport } from '../../domain/ports/http.ts';
import type { Reading } from '../../domain/ports/venue.ts';
import { Secret } from '../../domain/secret.ts';
import { CLOB } from './endpoints.ts';
import { type ApiCredentials, l1Headers } from './l2-auth.ts';
import type { PolymarketSettings } from './presets.ts';
import { failed } from './rest.ts';
import { apiKeyReply } from './rest-wire.ts';
import type { PolymarketSigner } from './signer.ts';

const MICROS_PER_SECOND = 1_000_000;

export interface CredentialOptions {
  readonly http: HttpTransport;
  readonly clock: Clock;
  readonly settings: Pick<PolymarketSettings, 'hosts' | 'readTimeoutMs'>;
  readonly signer: PolymarketSigner;
  /** Another nonce is another set of credentials. */
  readonly nonce?: number;
}

/**
 * The same key and nonce always derive the same credentials. Creating comes second because it answers 400 wherever
 * they exist; a derivation that got no answer proves nothing, so nothing is created then.
 */
export async function deriveOrCreateCredentials(options: CredentialOptions): Promise<Reading<ApiCredentials>> {
  const derived = await ask(options, { method: 'GET', path: CLOB.deriveApiKey });
  if (derived.kind !== 'refused') return derived.reading;
  const created = await ask(options, { method: 'POST', path: CLOB.createApiKey });
  return created.reading;
}

type Answer =
  | { readonly kind: 'ended'; readonly reading: Reading<ApiCredentials> }
  | { readonly kind: 'refused'; readonly reading: Reading<ApiCredentials> };

async function ask(
  { http, clock, settings, signer, nonce = 0 }: CredentialOptions,
  { method, path }: { readonly method: 'GET' | 'POST'; readonly path: string },
): Promise<Answer> {
  const timestampS = Math.floor(clock.wall() / MICROS_PER_SECOND);
  const outcome = await new Promise<HttpOutcome>((resolve) => {
    http.send(
      {
        method,
        url: `${settings.hosts.clob}${path}`,
        headers: { accept: 'application/json', 'user-agent': 'tandem', ...l1Headers(signer, { timestampS, nonce }) },
        body: undefined,
        timeoutMs: settings.readTimeoutMs,
        lane: 'read',
      },
      { onOutcome: resolve },
    );
  });
  if (outcome.kind !== 'reply') return { kind: 'ended', reading: failed('unreachable', outcome.message) };
  if (outcome.status === 200) return { kind: 'ended', reading: credentialsIn(outcome.body, path, clock) };
  const detail = `expected HTTP 200 of ${method} ${path}, found ${outcome.status}`;
  if (outcome.status === 400 || outcome.status === 404) return { kind: 'refused', reading: failed('notFound', detail) };
  if (outcome.status === 401) return { kind: 'ended', reading: failed('unauthenticated', detail) };
  return { kind: 'ended', reading: failed(outcome.status === 403 ? 'forbidden' : 'venueError', detail) };
}

/** The body holds secrets, so a fault names the path alone. */
function credentialsIn(body: string, path: string, clock: Clock): Reading<ApiCredentials> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Falls through to the one message that quotes nothing.
    parsed = undefined;
  }
  const result = apiKeyReply.safeParse(parsed);
  if (!result.success) return failed('malformed', `expected credentials from ${path}, found another body`);
  const { apiKey, secret, passphrase } = result.data;
  const value = { apiKey: new Secret(apiKey), secret: new Secret(secret), passphrase: new Secret(passphrase) };
  return { kind: 'read', value, receivedAt: clock.wall() };
}
