import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { controlServer } from '../../../src/app/sim/control-server.ts';
import { parseScenario, ScenarioProblem, scenarioSchema } from '../../../src/app/sim/scenario-file.ts';
import type { Announcement } from '../../../src/app/sim/serve-sim.ts';
import { makeWorld } from '../../../src/app/sim/sim-world.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { KALSHI_FAULTS } from '../../../src/sim/kalshi/fault-list.ts';

const PAGE = readFileSync(new URL('../../../docs/simulators.md', import.meta.url), 'utf8');
const TICKER = 'KXA-26DEC01-A';
const MARKET = { id: 'a', title: 'A', kalshi: { ticker: TICKER }, polymarket: {} };

function world(scenario: Record<string, unknown> = {}) {
  const clock = new VirtualClock();
  const parsed = scenarioSchema.parse({
    version: 1,
    markets: [MARKET],
    flow: { kind: 'none' },
    latency: 'none',
    ...scenario,
  });
  const made = makeWorld({ scenario: parsed, seed: '1', clock, secretRandom: seededRandom('secrets') });
  const server = controlServer('sample', made);
  const control = (method: string, target: string, body?: unknown, token = 'sample') => {
    let given = { status: 0, body: '' };
    const headers = { authorization: `Bearer ${token}` };
    const text = body === undefined ? '' : JSON.stringify(body);
    server.onRequest({ method, target, headers, body: text, remote: '127.0.0.1' }, (answer) => {
      if (answer.kind === 'reply') given = answer.reply;
    });
    return { status: given.status, body: JSON.parse(given.body) };
  };
  return { clock, made, control };
}

describe('a scenario file', () => {
  it('is as the documents show it', () => {
    const example = /```json\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';
    expect(parseScenario(example, 'example.json').faults).toHaveLength(2);
  });

  it('says everything that is wrong with it', () => {
    const text = JSON.stringify({ version: 1, markets: [{ ...MARKET, fairCents: 100 }], speed: 3 });
    expect(() => parseScenario(text, 'mine.json')).toThrow(/^mine\.json:\n[\s\S]*speed[\s\S]*fairCents/);
  });

  it('refuses what is there twice, and what is no JSON', () => {
    const text = JSON.stringify({ version: 1, markets: [MARKET, MARKET] });
    expect(() => parseScenario(text, 'm')).toThrow('market ids must differ, found a twice; Kalshi tickers must differ');
    expect(() => parseScenario('{', 'm')).toThrow(ScenarioProblem);
  });

  it('switches faults on and off at their times', () => {
    const { clock, made } = world({ faults: [{ atS: 10, forS: 5, fault: { id: 'O1', venue: 'kalshi' } }] });
    made.start();
    const seen = [5_000, 7_000, 10_000].map((ms) => {
      clock.advanceBy(ms);
      return made.faults.active().map(({ id }) => id);
    });
    expect(seen).toEqual([[], ['O1'], []]);
  });
});

describe('the control server', () => {
  it('serves nobody without the token', () => {
    expect(world().control('GET', '/state', undefined, 'other').status).toBe(401);
  });

  it('sets faults, and says what it expected instead of others', () => {
    const { control } = world();
    expect(control('PUT', '/faults', { faults: [{ id: 'N2', venue: 'any' }] }).status).toBe(200);
    expect(control('GET', '/state').body.faults).toEqual([{ id: 'N2', venue: 'any' }]);
    const refused = control('PUT', '/faults', { faults: [{ id: 'X', venue: 'any' }] });
    expect({ status: refused.status, error: refused.body.error }).toEqual({
      status: 400,
      error: expect.stringContaining('expected an id of the fault table'),
    });
    expect(control('GET', '/state').body.faults).toHaveLength(1);
  });

  it("places other people's orders on both venues", () => {
    const { made, control } = world();
    const order = { market: 'a', side: 'sell', price: '0.55', size: '7', rests: true };
    for (const venue of ['kalshi', 'polymarket'])
      expect(control('POST', '/orders', { venue, ...order }).status).toBe(200);
    expect(made.kalshi.book(TICKER).best('ask')).toMatchObject({ priceE4: 5_500, sizeE6: 7_000_000 });
    const token = made.markets[0]?.polymarket.yesTokenId ?? '';
    expect(made.polymarket.control.quotes(token).asks[0]).toMatchObject({ priceE4: 5_500, sizeE6: 7_000_000 });
    control('POST', '/orders', { venue: 'kalshi', ...order, side: 'buy', size: '3', rests: false });
    expect(made.kalshi.book(TICKER).best('ask')).toMatchObject({ sizeE6: 4_000_000 });
  });

  it('pauses and resolves markets', () => {
    const { made, control } = world();
    const conditionId = made.markets[0]?.polymarket.conditionId ?? '';
    control('POST', '/markets', { market: 'a', action: 'pause' });
    expect([made.kalshi.market(TICKER).status, made.polymarket.control.market(conditionId).acceptingOrders]).toEqual([
      'inactive',
      false,
    ]);
    control('POST', '/markets', { market: 'a', action: 'resolve', result: 'no' });
    expect([made.kalshi.market(TICKER).result, made.polymarket.control.market(conditionId).payouts]).toEqual([
      'no',
      [0, 1_000_000],
    ]);
  });

  it('names what there is', () => {
    const { control } = world();
    expect(control('GET', '/nothing').body.error).toContain('expected one of GET /state');
    expect(control('POST', '/markets', { market: 'b', action: 'pause' }).body.error).toBe(
      'expected one of the markets a, found b',
    );
  });
});

describe('docs/simulators.md', () => {
  it('lists every fault of Kalshi in its own words', () => {
    for (const { id, what } of KALSHI_FAULTS) expect(PAGE).toContain(`| ${id} | ${what}`);
  });
});

describe('tandem sim serve', { timeout: 60_000 }, () => {
  it('prints one JSON line, answers where it says, and ends cleanly on SIGTERM', async () => {
    const cli = fileURLToPath(new URL('../../../src/app/cli.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', cli, 'sim', 'serve', '--seed', '42'], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    const [out, err]: [string[], string[]] = [[], []];
    child.stderr.on('data', (chunk) => err.push(String(chunk)));
    const closed = new Promise<number | null>((resolve) => {
      child.once('close', (exitCode) => resolve(exitCode));
    });
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        out.push(String(chunk));
        if (out.join('').includes('\n')) resolve();
      });
      void closed.then(() => resolve());
    });
    const line = out.join('');
    const announcement: Announcement = JSON.parse(line);
    const urls = [
      `${announcement.kalshi.restUrl}/exchange/status`,
      `${announcement.polymarket.clobUrl}/time`,
      announcement.fedwatch.url,
      `${announcement.telegram.url}/bot${announcement.telegram.botToken}/getMe`,
      `${announcement.odds.url}/v4/sports?apiKey=${announcement.odds.apiKey}`,
    ];
    expect(await Promise.all(urls.map(async (url) => (await fetch(url)).status))).toEqual([200, 200, 200, 200, 200]);
    child.kill('SIGTERM');
    expect({ exitCode: await closed, lines: line.split('\n').length }).toEqual({ exitCode: 0, lines: 2 });
    const notes = err.join('');
    expect(notes).toContain('with seed 42');
    for (const { privateKeyPem } of announcement.kalshi.accounts) expect(notes).not.toContain(privateKeyPem);
    for (const { privateKey } of announcement.polymarket.accounts) expect(notes).not.toContain(privateKey);
  });
});
