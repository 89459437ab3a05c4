import { sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SimDriver, TICKER, testKey } from '../../support/sim-driver.ts';

const BALANCE = '/portfolio/balance';

describe('simulated Kalshi authentication', () => {
  test('accepts RSA-PSS with a salt as long as the digest', () => {
    const driver = new SimDriver();
    const key = testKey('rsa-key', 'rsa');
    driver.addAccount('bob', key);
    expect(driver.call('GET', BALANCE, { key }).status).toBe(200);
  });

  test('accepts Ed25519', () => {
    expect(new SimDriver().get(BALANCE).status).toBe(200);
  });

  test('refuses the older PKCS#1 v1.5 padding', () => {
    const driver = new SimDriver();
    const key = testKey('rsa-key', 'rsa');
    driver.addAccount('bob', key);
    const request = driver.request('GET', BALANCE, { key });
    const text = `${driver.nowMs()}GET/trade-api/v2${BALANCE}`;
    const signature = sign('sha256', Buffer.from(text), key.privateKey).toString('base64');
    const { answer } = driver.ask({
      ...request,
      headers: { ...request.headers, 'kalshi-access-signature': signature },
    });
    expect(answer).toMatchObject({ kind: 'reply', reply: { status: 401 } });
  });

  test('signs the path without its query', () => {
    expect(new SimDriver().get('/portfolio/orders?limit=5').status).toBe(200);
  });

  test.each([
    [-5_000, 200],
    [5_000, 200],
    [-30_000, 401],
    [-300_000, 401],
    [300_000, 401],
  ])('answers a clock that is %i ms off with %i, as recorded', (skewMs, status) => {
    const reply = new SimDriver().call('GET', BALANCE, { skewMs });
    expect(reply.status).toBe(status);
    if (status === 401) expect(reply.body.error.code).toBe('header_timestamp_expired');
  });

  test('refuses a repeated timestamp only where it is told to', () => {
    const lax = new SimDriver();
    expect([lax.get(BALANCE).status, lax.get(BALANCE).status]).toEqual([200, 200]);
    const strict = new SimDriver({ auth: { refusesRepeatedTimestamp: true } });
    expect([strict.get(BALANCE).status, strict.get(BALANCE).status]).toEqual([200, 401]);
  });

  test('gives public endpoints without a key and the batch of books only with one', () => {
    const driver = new SimDriver();
    const options = { key: undefined };
    expect(driver.call('GET', `/markets/${TICKER}/orderbook`, options).status).toBe(200);
    expect(driver.call('GET', '/exchange/status', options).status).toBe(200);
    expect(driver.call('GET', `/markets/orderbooks?tickers=${TICKER}`, options).status).toBe(401);
  });

  test('refuses an unsigned upgrade with 401', () => {
    const driver = new SimDriver();
    const request = { method: 'GET', target: '/trade-api/ws/v2', headers: {}, body: '', remote: '127.0.0.1' };
    expect(driver.sim.onUpgrade(request)).toMatchObject({ kind: 'refuse', reply: { status: 401 } });
  });

  test('lets a read key read and not trade', () => {
    const driver = new SimDriver();
    const key = testKey('reader');
    driver.sim.addAccount({
      id: 'reader',
      keys: [{ keyId: key.keyId, publicKeyPem: key.publicKeyPem, scopes: ['read'] }],
    });
    expect(driver.call('GET', BALANCE, { key }).status).toBe(200);
    expect(driver.order({}, key).status).toBe(403);
  });

  test('lets a key with the narrow trading scope trade', () => {
    const driver = new SimDriver();
    const key = testKey('trader');
    const spec = { keyId: key.keyId, publicKeyPem: key.publicKeyPem, scopes: ['write::trade'] };
    driver.sim.addAccount({ id: 'trader', cashMicro: 100_000_000, keys: [spec] });
    expect(driver.order({}, key).status).toBe(201);
    expect(driver.call('GET', BALANCE, { key }).status).toBe(403);
  });

  test('stops trading in sports when the location attestation has run out', () => {
    const driver = new SimDriver();
    driver.sim.setRegionExpiration(driver.key.keyId, driver.nowMs() / 1_000 + 60);
    expect(driver.order().status).toBe(201);
    expect(driver.get('/api_keys').body.api_keys[0].api_key_region_expiration_ts).toBe(driver.nowMs() / 1_000 + 60);
    driver.clock.advanceBy(60_000);
    expect(driver.order().status).toBe(403);
  });
});
