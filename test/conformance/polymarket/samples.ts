/** Every sample of the venue's wire, looked for on the tape of this run: the simulator made it, or a client sent it. */
import assert from 'node:assert/strict';
import { OrderType, Side } from '@polymarket/clob-client';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { fixtureNames, fixtureText } from '../recorded.ts';
import { type Comparison, nearest } from '../shapes.ts';
import { CONDITION, Desk, NO, polymarketTape, YES } from './desk.ts';

const venue: Venue = 'polymarket';
const group = 'samples';

// biome-ignore lint/suspicious/noExplicitAny: samples are read field by field, as another program would
type Sample = any;

const sampleAt = (path: string): Sample => JSON.parse(fixtureText(`polymarket-samples/${path}.json`));

/** Which call a body belongs to. */
const CALLS: Readonly<Record<string, readonly [string, RegExp]>> = {
  'rest/auth-api-key': ['POST', /^\/auth\/api-key/],
  'rest/balance-allowance-collateral': ['GET', /^\/balance-allowance\?/],
  'rest/book': ['GET', /^\/book\?/],
  'rest/book-captured': ['GET', /^\/book\?/],
  'rest/cancel-failed': ['DELETE', /^\/order$/],
  'rest/cancel-ok': ['DELETE', /^\/order$/],
  'rest/clob-market-info': ['GET', /^\/clob-markets\//],
  'rest/clob-market': ['GET', /^\/markets\/0x/],
  'rest/fee-rate': ['GET', /^\/fee-rate/],
  'rest/heartbeat-ok': ['POST', /^\/v1\/heartbeats/],
  'rest/heartbeat-mismatch': ['POST', /^\/v1\/heartbeats/],
  'rest/markets-by-token': ['GET', /^\/markets-by-token\//],
  'rest/midpoint': ['GET', /^\/midpoint\?/],
  'rest/neg-risk': ['GET', /^\/neg-risk/],
  'rest/open-order': ['GET', /^\/data\/order\//],
  'rest/open-orders-page': ['GET', /^\/data\/orders/],
  'rest/order-delayed': ['POST', /^\/order$/],
  'rest/order-live': ['POST', /^\/order$/],
  'rest/order-matched-async': ['POST', /^\/order$/],
  'rest/order-matched-legacy': ['POST', /^\/order$/],
  'rest/orders-batch-mixed': ['POST', /^\/orders$/],
  'rest/price': ['GET', /^\/price\?/],
  'rest/simplified-markets-page': ['GET', /^\/simplified-markets/],
  'rest/tick-size': ['GET', /^\/tick-size/],
  'rest/trades-page': ['GET', /^\/data\/trades/],
  'rest/version': ['GET', /^\/version/],
  'gamma/event': ['GET', /^\/gamma-api\/events\?/],
  'gamma/market-v1': ['GET', /^\/gamma-api\/markets\?/],
  'gamma/market-v2': ['GET', /^\/gamma-api\/markets\?/],
  'gamma/markets-keyset-page': ['GET', /^\/gamma-api\/markets\/keyset/],
  'data/geoblock': ['GET', /^\/site\/api\/geoblock/],
  'data/positions-v1': ['GET', /^\/data-api\/positions/],
};

/** What may differ, and why. */
const IGNORED: Readonly<Record<string, { readonly keys: readonly string[]; readonly reason: string }>> = {
  'ws/user-batch-array': { keys: ['associate_trades'], reason: 'null or a list, as the reference says' },
};

/** Shortened by hand: what they show must be there, and more may be. The reference lists further fields of Gamma. */
const SHORTENED = /^gamma\//;

const LEFT_OUT: Readonly<Record<string, string>> = {
  'rest/errors': 'a list of texts and statuses: each that this run met is claimed below',
};

function candidates(name: string): readonly unknown[] {
  if (name.startsWith('ws/')) return frames(name);
  if (name === 'rest/books-request')
    return polymarketTape.exchanges.filter(({ target }) => target === '/books').map(({ requestBody }) => requestBody);
  const [method, path] = CALLS[name] ?? [];
  if (path === undefined) throw new Error(`no call is known for ${name}`);
  const bodies = polymarketTape.exchanges
    .filter((each) => each.method === method && path.test(each.target))
    .map(({ replyBody }) => replyBody);
  const isOne = name === 'gamma/event' || name.startsWith('gamma/market-');
  return (isOne ? bodies.flat() : bodies).map(withoutIds);
}

function frames(name: string): readonly unknown[] {
  const sample = sampleAt(name);
  const isClient = /subscribe|unsubscribe/.test(name);
  const told = polymarketTape.frames
    .filter(({ from }) => (from === 'client') === isClient)
    .map(({ content }) => content);
  if (isClient) return told.filter((content) => typeof content === 'object');
  if (Array.isArray(sample)) return told.filter(Array.isArray);
  return told
    .flat()
    .filter(
      (frame) =>
        (frame as Sample).event_type === sample.event_type &&
        (sample.event_type !== 'trade' || (frame as Sample).status === sample.status),
    );
}

/** Things that no other scenario does. */
async function rarities(checks: Checks): Promise<void> {
  await Desk.with(
    async (desk) => {
      const member = await desk.member({ shares: 20 });
      const { client } = member;
      await checks.claim('a reply of before 2026-07-24 carries hashes', async () => {
        const bought = await client.createAndPostMarketOrder(
          { tokenID: YES, amount: 5.1, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
          {},
          OrderType.FOK,
        );
        assert.equal(bought.transactionsHashes?.length, 1);
      });
      await checks.claim('books are asked for by token alone', async () =>
        assert.equal((await member.raw('POST', '/books', [{ token_id: YES }, { token_id: NO }])).body.length, 2),
      );
      desk.sim.control.lifecycle.addEvent({
        id: '260654',
        slug: 'sample-event',
        title: 'Sample event',
        tags: ['Politics'],
      });
      const gamma = (path: string) => desk.ask('GET', `/gamma-api${path}`);
      await checks.claim('Gamma lists the market with arrays inside strings', async () =>
        assert.deepEqual(JSON.parse((await gamma('/markets?slug=sample-event')).body[0].clobTokenIds), [YES, NO]),
      );
      await checks.claim('Gamma finds the event', async () =>
        assert.equal((await gamma('/events?slug=sample-event')).body[0].slug, 'sample-event'),
      );
      await checks.claim('Gamma ignores filters that it does not know', async () =>
        assert.equal((await gamma('/markets?no_such_filter=1')).status, 200),
      );
      desk.list({
        conditionId: `0x${'ab'.repeat(32)}`,
        tokens: [
          { tokenId: '11', outcome: 'Yes' },
          { tokenId: '12', outcome: 'No' },
        ],
      });
      await checks.claim('Gamma pages by cursor', async () =>
        assert.equal(typeof (await gamma('/markets/keyset?limit=1')).body.next_cursor, 'string'),
      );
      await checks.claim('Gamma clamps the limit without a word', async () =>
        assert.equal((await gamma('/markets/keyset?limit=5000')).status, 200),
      );
      await checks.claim('the Data API lists positions of the wallet', async () => {
        desk.time.jump(60_000);
        assert.equal((await desk.ask('GET', `/data-api/positions?user=${member.wallet.address}`)).body[0].asset, YES);
      });
      await checks.claim('the Data API refuses an offset on version 2', async () =>
        assert.equal((await desk.ask('GET', '/data-api/v2/trades?offset=1')).status, 400),
      );
      const socket = await desk.socket('user');
      const { key: apiKey, secret, passphrase } = member.creds;
      socket.say({ auth: { apiKey, secret, passphrase }, type: 'user', markets: [CONDITION] });
      socket.say({ operation: 'subscribe', markets: [CONDITION] });
      desk.sim.control.setFaults([{ id: 'V2', venue: 'polymarket', times: 1 }]);
      await checks.claim('frames may come in one array', async () => {
        await client.createAndPostMarketOrder(
          { tokenID: YES, amount: 5.1, price: 0.51, side: Side.BUY, orderType: OrderType.FOK },
          {},
          OrderType.FOK,
        );
        await socket.first((frame) => frame.event_type === 'trade');
        assert.ok(polymarketTape.frames.some(({ path, content }) => path === '/ws/user' && Array.isArray(content)));
      });
      socket.close();
    },
    { inlineHashes: true },
    { tags: ['Politics'], eventId: '260654' },
  );
  await Desk.with(
    async (desk) => {
      await checks.claim('Gamma lists positions of a market of version 2 as an array', async () => {
        const [market] = (await desk.ask('GET', '/gamma-api/markets?slug=sample-event')).body;
        assert.deepEqual([market.version, market.positionIds], ['v2', [YES, NO]]);
      });
    },
    {},
    { version: 'v2' },
  );
}

async function samples(checks: Checks): Promise<void> {
  const names = ['rest', 'ws', 'gamma', 'data'].flatMap((folder) =>
    fixtureNames(`polymarket-samples/${folder}`).map((file) => `${folder}/${file.replace('.json', '')}`),
  );
  for (const name of names) {
    const reason = LEFT_OUT[name];
    const { keys, reason: why } = IGNORED[name] ?? { keys: [], reason: '' };
    const but = keys.length === 0 ? '' : `, but for ${keys.join(', ')}: ${why}`;
    const how: Comparison = { isLoose: true, ignored: keys };
    if (reason !== undefined) checks.leaveOut(name, reason);
    else if (name === 'ws/ping-pong')
      await checks.claim(`${name} was said and answered`, () => {
        const words = new Set(polymarketTape.frames.map(({ content }) => content));
        assert.deepEqual([words.has('PING'), words.has('PONG')], [true, true]);
      });
    else
      await checks.claim(`${name} crossed the wire in its shape${but}`, () => {
        const gaps = nearest(withoutIds(sampleAt(name)), candidates(name), how);
        assert.deepEqual(
          gaps.filter((text) => !(SHORTENED.test(name) && text.endsWith('was not recorded'))),
          [],
        );
      });
  }
  await errors(checks);
}

/** Order ids and amounts differ; everything between does not. */
function words(text: string): string {
  return text.replaceAll(/0x[0-9a-fA-F]+/g, '0x').replaceAll(/\d+(\.\d+)?/g, '#');
}

/** Maps whose keys are order ids get the same key. */
function withoutIds(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [/^0x[0-9a-f]{64}$/.test(key) ? 'id' : key, withoutIds(each)]),
  );
}

async function errors(checks: Checks): Promise<void> {
  for (const { status, body } of sampleAt('rest/errors') as { status: number; body: { error: string } }[]) {
    const wanted = words(body.error);
    const told = polymarketTape.exchanges.flatMap(({ status: found, replyBody }) => {
      const text =
        (replyBody as Sample)?.error ??
        (Array.isArray(replyBody) ? replyBody.map((leg) => leg.errorMsg).join('\n') : '');
      return typeof text === 'string' && text.split('\n').some((line) => words(line) === wanted) ? [found] : [];
    });
    if (told.length === 0) checks.leaveOut(`the error "${body.error}"`, NOT_MET[body.error] ?? 'not met in this run');
    else
      await checks.claim(`the error "${body.error}" comes with ${status}`, () =>
        assert.ok(told.includes(status), `found ${[...new Set(told)]}`),
      );
  }
}

const NOT_MET: Readonly<Record<string, string>> = {
  'could not run the execution': 'a fault that is injected; tested with the faults',
  'could not insert order': 'a fault that is injected; tested with the faults',
  'Too Early': 'the text is unverified at the venue; the mode is claimed by its status',
  'Trading restricted in your region': 'the text is unverified at the venue; the region is claimed by its status',
};

export const SAMPLES: readonly Scenario[] = [
  { venue, group, title: 'rarity', run: rarities },
  { venue, group, title: 'sample', run: samples },
];
