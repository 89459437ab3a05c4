import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { HttpMethod } from '../../../src/domain/ports/http.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { deriveOrCreateCredentials } from '../../../src/venues/polymarket/credentials.ts';
import { L2Authenticator } from '../../../src/venues/polymarket/l2-auth.ts';
import { PRODUCTION_SETTINGS } from '../../../src/venues/polymarket/presets.ts';
import { lost, reply, ScriptedHttp } from '../../support/scripted-polymarket.ts';
import { canaryCredentials, NOW, OWNER, testCredentials, testSigner, ZERO_SECRET } from './accounts.ts';
import { fixture } from './frames.ts';

interface RecordedRequest {
  readonly method: HttpMethod;
  readonly path: string;
  readonly body: unknown;
  readonly timestamp: string;
  readonly proof: string;
  readonly level: 'L1' | 'L2';
}
const recorded = Object.entries(fixture('client-requests') as Record<string, readonly RecordedRequest[]>).flatMap(
  ([name, requests]) => requests.map((request, at) => ({ name: `${name} ${at + 1}`, ...request })),
);
const l2 = recorded.filter(({ level }) => level === 'L2');
const l1 = recorded.filter(({ level }) => level === 'L1');

function authenticator(): L2Authenticator {
  return new L2Authenticator({ address: testSigner().address, credentials: testCredentials() });
}

describe('L2 headers', () => {
  it.each(l2)(
    'prove the recorded request $name as the official client does',
    ({ method, path, body, timestamp, proof }) => {
      const text = body === null ? undefined : JSON.stringify(body);
      const found = authenticator().signature({ timestampS: Number(timestamp), method, path, body: text });
      expect(found).toBe(proof);
    },
  );

  it('are the golden ones for a body with a quoted id and for none', () => {
    const golden = (fixture('order-signatures') as { l2_hmac: { message: string; signature: string }[] }).l2_hmac;
    const request = {
      timestampS: 1_763_625_600,
      method: 'DELETE',
      path: '/order',
      body: '{"orderID":"0xabc0"}',
    } as const;
    const read = { timestampS: 1_763_625_600, method: 'GET', path: '/data/orders', body: undefined } as const;
    const found = [request, read].map((signed) => authenticator().signature(signed));
    expect(found).toEqual(golden.map(({ signature }) => signature));
  });

  it('accept a secret in either alphabet', () => {
    const plain = Buffer.from(Array.from({ length: 32 }, (_, at) => 255 - at)).toString('base64');
    const url = plain.replaceAll('+', '-').replaceAll('/', '_');
    const request = { timestampS: 1, method: 'GET', path: '/', body: undefined } as const;
    const found = [plain, url].map((secret) =>
      new L2Authenticator({ address: '0x', credentials: testCredentials({ secret }) }).signature(request),
    );
    expect(found[0]).toBe(found[1]);
  });

  it('show no credential when printed', () => {
    const { credentials, traces } = canaryCredentials();
    const printed = new L2Authenticator({ address: '0x', credentials });
    const texts = [
      inspect(printed, { depth: 9, showHidden: true }),
      JSON.stringify(printed),
      JSON.stringify(credentials),
    ];
    for (const trace of traces) expect(texts.join()).not.toContain(trace);
  });

  it('refuse a secret that is no base64, without repeating it', () => {
    const secret = 'not base64 at all!';
    const make = () =>
      new L2Authenticator({ address: '0x', credentials: { ...testCredentials(), secret: new Secret(secret) } });
    expect(make).toThrow(/API secret in base64/);
    expect(make).not.toThrow(/at all/);
  });
});

describe('credentials', () => {
  const clock = () => new VirtualClock({ wall: NOW });
  const body = { apiKey: OWNER, secret: ZERO_SECRET, passphrase: 'pp' };
  const ask = (http: ScriptedHttp) =>
    deriveOrCreateCredentials({ http, clock: clock(), settings: PRODUCTION_SETTINGS, signer: testSigner() });

  it('are derived where they exist, and nothing is created', async () => {
    const http = new ScriptedHttp().on('GET /auth/derive-api-key', reply(body));
    const reading = await ask(http);
    expect(reading.kind === 'read' && reading.value.apiKey.reveal()).toBe(OWNER);
    expect(http.counts()).toEqual({ 'GET /auth/derive-api-key': 1 });
  });

  it('are created only when the venue refuses to derive', async () => {
    const http = new ScriptedHttp()
      .on('GET /auth/derive-api-key', reply({ error: 'Could not derive api key!' }, 400))
      .on('POST /auth/api-key', reply(body));
    expect(await ask(http)).toMatchObject({ kind: 'read' });
    expect(http.counts()).toEqual({ 'GET /auth/derive-api-key': 1, 'POST /auth/api-key': 1 });
  });

  it.each([
    ['lost', lost()],
    ['an error of the venue', reply('', 500)],
    ['a wrong signature', reply({ error: 'x' }, 401)],
  ])('are not created when deriving ended with %s', async (_, outcome) => {
    const http = new ScriptedHttp().on('GET /auth/derive-api-key', outcome);
    expect(await ask(http)).toMatchObject({ kind: 'failed' });
    expect(http.counts()).toEqual({ 'GET /auth/derive-api-key': 1 });
  });

  it('never appear in a fault about a body that cannot be read', async () => {
    const broken = { ...body, passphrase: 7 };
    const reading = await ask(new ScriptedHttp().on('GET /auth/derive-api-key', reply(broken)));
    expect(JSON.stringify(reading)).not.toContain(OWNER);
    expect(reading).toMatchObject({ kind: 'failed', fault: 'malformed' });
  });

  it.each(l1)('are asked for with the recorded proof $name', ({ timestamp, proof }) => {
    expect(testSigner().signClobAuth({ timestampS: Number(timestamp), nonce: 0 })).toBe(proof);
  });
});
