/** Every sample of the venue's wire, looked for on the tape of this run: the simulator made it, or a client sent it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Checks, Scenario, Venue } from '../checks.ts';
import { nearest } from '../shapes.ts';
import { BASE, Desk, kalshiTape, OTHER, TICKER } from './desk.ts';

const venue: Venue = 'kalshi';
const FOLDER = new URL('../../fixtures/kalshi-samples/', import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: samples are read field by field, as another program would
type Sample = any;

interface Place {
  readonly method: string;
  readonly path: RegExp;
}

const at = (method: string, path: string): Place => ({ method, path: new RegExp(`^${BASE}${path}(\\?|$)`) });
const ORDERS = '/portfolio/events/orders';
const ONE = `${ORDERS}/[^/?]+`;

/** Which call a body belongs to; the first word that fits counts. From the index of the samples. */
const PLACES: readonly (readonly [string, Place])[] = [
  ['rest_markets_list', at('GET', '/markets')],
  ['rest_market_', at('GET', '/markets/[^/?]+')],
  ['rest_event_get', at('GET', '/events/[^/?]+')],
  ['rest_event_fee_changes', at('GET', '/events/fee_changes')],
  ['rest_events_list', at('GET', '/events')],
  ['rest_series_fee_changes', at('GET', '/series/fee_changes')],
  ['rest_series_get', at('GET', '/series/[^/?]+')],
  ['rest_orderbooks_batch', at('GET', '/markets/orderbooks')],
  ['rest_orderbook', at('GET', '/markets/[^/?]+/orderbook')],
  ['rest_trades', at('GET', '/markets/trades')],
  ['rest_exchange_status', at('GET', '/exchange/status')],
  ['rest_exchange_schedule', at('GET', '/exchange/schedule')],
  ['rest_user_data_timestamp', at('GET', '/exchange/user_data_timestamp')],
  ['rest_historical_cutoff', at('GET', '/historical/cutoff')],
  ['rest_account_limits', at('GET', '/account/limits')],
  ['rest_account_endpoint_costs', at('GET', '/account/endpoint_costs')],
  ['rest_balance', at('GET', '/portfolio/balance')],
  ['rest_positions', at('GET', '/portfolio/positions')],
  ['rest_fills', at('GET', '/portfolio/fills')],
  ['rest_settlements', at('GET', '/portfolio/settlements')],
  ['rest_subaccount_netting', at('GET', '/portfolio/subaccounts/netting')],
  ['rest_total_resting_order_value', at('GET', '/portfolio/summary/total_resting_order_value')],
  ['rest_order_create', at('POST', ORDERS)],
  ['rest_order_cancel', at('DELETE', ONE)],
  ['rest_order_amend', at('POST', `${ONE}/amend`)],
  ['rest_order_decrease', at('POST', `${ONE}/decrease`)],
  ['rest_orders_batch_create', at('POST', `${ORDERS}/batched`)],
  ['rest_orders_batch_cancel', at('DELETE', `${ORDERS}/batched`)],
  ['rest_order_get', at('GET', '/portfolio/orders/[^/?]+')],
  ['rest_orders_list', at('GET', '/portfolio/orders')],
  ['rest_queue_positions', at('GET', '/portfolio/orders/queue_positions')],
  ['rest_queue_position', at('GET', '/portfolio/orders/[^/?]+/queue_position')],
  ['rest_order_group_create', at('POST', '/portfolio/order_groups/create')],
  ['rest_order_group_get', at('GET', '/portfolio/order_groups/[^/?]+')],
  ['rest_intra_transfer', at('POST', '/portfolio/intra_exchange_instance_transfer')],
];

/** What may differ, and why. */
const IGNORED: Readonly<Record<string, { readonly keys: readonly string[]; readonly reason: string }>> = {
  'rest_order_cancel_response.json': {
    keys: ['client_order_id'],
    reason: 'its own note says the field may also be present',
  },
  'rest_order_get_resting.json': { keys: ['exchange_index'], reason: 'recorded before orders carried their shard' },
  'ws_user_order_canceled.json': {
    keys: ['self_trade_prevention_type'],
    reason: 'made up from the schema, where the field is optional; the resting sample has it',
  },
  'rest_orders_list.json': { keys: ['exchange_index'], reason: 'recorded before orders carried their shard' },
};

const LEFT_OUT: Readonly<Record<string, string>> = {
  'rest_exchange_status_trading_pause.json':
    'made up without the shards, which the status always lists; its two flags are claimed under pauses',
  'ws_multivariate_lifecycle_created.json':
    'shortened by hand: the whole message carries metadata and price ranges too',
  'vectors_fee_single_fill.json': 'no message: a table of fees, checked number by number in the tests of money',
};

function sampleNamed(file: string): Sample {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
}

function candidates(file: string): readonly unknown[] {
  if (file.startsWith('ws_cmd_')) {
    const { cmd, params = {} } = sampleNamed(file);
    const sent = kalshiTape.frames.filter(({ from }) => from === 'client').map(({ content }) => content as Sample);
    return sent.filter((frame) => frame.cmd === cmd && frame.params?.action === params.action);
  }
  if (file.startsWith('ws_')) {
    const { type, msg } = sampleNamed(file);
    const told = kalshiTape.frames.filter(({ from }) => from === 'server').map(({ content }) => content as Sample);
    return told.filter(
      (frame) => frame.type === type && (msg?.event_type === undefined || frame.msg?.event_type === msg.event_type),
    );
  }
  const place = PLACES.find(([word]) => file.startsWith(word))?.[1];
  if (place === undefined) throw new Error(`no call is known for ${file}`);
  const there = kalshiTape.exchanges.filter(
    ({ method, target, status }) => method === place.method && place.path.test(target) && status < 300,
  );
  return there.map(({ requestBody, replyBody }) => (file.endsWith('_request.json') ? requestBody : replyBody));
}

async function samples(checks: Checks): Promise<void> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  for (const file of files) {
    const reason = LEFT_OUT[file];
    if (reason !== undefined) checks.leaveOut(file, reason);
    else if (file.startsWith('err_')) await checks.claim(`${file} was answered word for word`, () => sameWords(file));
    else if (file === 'vectors_signing.json')
      await checks.claim('each signed string is timestamp, method and path without its query', signing);
    else {
      const { keys, reason: why } = IGNORED[file] ?? { keys: [], reason: '' };
      const but = keys.length === 0 ? '' : `, but for ${keys.join(', ')}: ${why}`;
      const verb = file.startsWith('ws_cmd_') || file.endsWith('_request.json') ? 'was taken' : 'was made';
      await checks.claim(`${file} ${verb} in its shape${but}`, () =>
        assert.deepEqual(nearest(sampleNamed(file), candidates(file), { ignored: keys }), []),
      );
    }
  }
  await checks.claim('no sample is unknown', () => assert.equal(files.length, 112));
}

/** Sends the sample commands as they are, with the ids of this venue in the place of theirs. */
async function commands(checks: Checks): Promise<void> {
  await Desk.with(async (desk) => {
    const { alice } = desk;
    desk.offer('ask', 60, 1_000);
    const place = async (file: string, changes: Record<string, unknown> = {}) =>
      alice.raw('POST', ORDERS, { body: { ...sampleNamed(file), ...changes } });
    const taken = async (file: string, call: () => Promise<{ readonly status: number }>) =>
      checks.claim(`${file} is taken as it is`, async () => assert.ok((await call()).status < 300));
    await taken('rest_order_create_gtc_request.json', () => place('rest_order_create_gtc_request.json'));
    await taken('rest_order_create_ioc_request.json', () => place('rest_order_create_ioc_request.json'));
    await taken('rest_order_create_fok_request.json', () => {
      const { side, price, count } = sampleNamed('rest_order_create_fok_request.json');
      desk.offer(side === 'bid' ? 'ask' : 'bid', Math.round(Number(price) * 100), Number(count));
      return place('rest_order_create_fok_request.json');
    });
    await taken('rest_order_group_create_request.json', () =>
      alice.raw('POST', '/portfolio/order_groups/create', {
        body: sampleNamed('rest_order_group_create_request.json'),
      }),
    );
    await taken('rest_intra_transfer_request.json', () =>
      alice.raw('POST', '/portfolio/intra_exchange_instance_transfer', {
        body: sampleNamed('rest_intra_transfer_request.json'),
      }),
    );
    const rest = async () => (await alice.place({ price: '0.1000', count: '9.00' })).data.order_id;
    for (const verb of ['amend', 'decrease'] as const)
      await taken(`rest_order_${verb}_request.json`, async () =>
        alice.raw('POST', `${ORDERS}/${await rest()}/${verb}`, {
          body: sampleNamed(`rest_order_${verb}_request.json`),
        }),
      );
    await taken('rest_orders_batch_create_request.json', () =>
      alice.raw('POST', `${ORDERS}/batched`, { body: sampleNamed('rest_orders_batch_create_request.json') }),
    );
    await taken('rest_orders_batch_cancel_request.json', () =>
      alice.raw('DELETE', `${ORDERS}/batched`, { body: sampleNamed('rest_orders_batch_cancel_request.json') }),
    );
    await sayings(checks, desk);
  });
}

async function sayings(checks: Checks, desk: Desk): Promise<void> {
  const socket = await desk.socket();
  const params = { channels: ['orderbook_delta', 'trade'], market_tickers: [TICKER] };
  socket.say({ id: 1, cmd: 'subscribe', params });
  await socket.first((frame) => frame.type === 'orderbook_snapshot');
  let id = 1_000;
  for (const file of readdirSync(FOLDER).filter(
    (name) => name.startsWith('ws_cmd_') && name !== 'ws_cmd_unsubscribe.json',
  ))
    await checks.claim(`${file} is answered without an error`, async () => {
      const command = sampleNamed(file);
      const { sid, sids } = command.params ?? {};
      const ours = { ...(sid === undefined ? {} : { sid: 1 }), ...(sids === undefined ? {} : { sids: [1] }) };
      const markets = file.includes('get_snapshot') ? { market_tickers: [TICKER, OTHER] } : {};
      socket.say({
        ...command,
        id: ++id,
        ...(command.params === undefined ? {} : { params: { ...command.params, ...ours, ...markets } }),
      });
      const answer = await socket.first((frame) => frame.id === id);
      assert.notEqual(answer.type, 'error');
    });
  await checks.claim('ws_cmd_unsubscribe.json is answered without an error', async () => {
    socket.say({ ...sampleNamed('ws_cmd_unsubscribe.json'), id: 5_000, params: { sids: [1, 2] } });
    assert.equal((await socket.first((frame) => frame.id === 5_000)).type, 'unsubscribed');
  });
  socket.close();
}

/** Texts of refusals were recorded, so they are compared as they are. */
function sameWords(file: string): void {
  const wanted = JSON.stringify(sorted(sampleNamed(file)));
  const status = Number(/^err_(\d+)_/.exec(file)?.[1]);
  const same = kalshiTape.exchanges.filter(
    (each) => each.status === status && JSON.stringify(sorted(each.replyBody)) === wanted,
  );
  const others = new Set(
    kalshiTape.exchanges
      .filter((each) => each.status === status)
      .map(({ replyBody }) => JSON.stringify(sorted(replyBody))),
  );
  assert.ok(same.length > 0, `expected ${wanted}, found ${[...others].slice(0, 12).join(' ')}`);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

function signing(): void {
  for (const { timestamp_ms: timestamp, method, url, message } of sampleNamed('vectors_signing.json').cases)
    assert.equal(`${timestamp}${method}${url.split('?')[0]}`, message);
}

export const SAMPLES: readonly Scenario[] = [
  { venue, group: 'samples', title: 'sample command', run: commands },
  { venue, group: 'samples', title: 'sample', run: samples },
];
