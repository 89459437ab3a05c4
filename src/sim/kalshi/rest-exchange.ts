/** REST of the exchange and of the account's own standing: status, hours, limits, keys, history. */
import type { Call, Route, SignedCall } from './call.ts';
import { refuse } from './errors.ts';
import { type JsonObject, reply } from './json.ts';
import { instantText } from './numbers.ts';
import { type Bucket, DEFAULT_COST, ENDPOINT_COSTS } from './rate-limit.ts';
import { isWeeklyPause } from './standing.ts';

const HOUR_MICROS = 3_600_000_000;

export const EXCHANGE_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/exchange/status', access: 'public', run: ({ core }) => reply(200, core.standing.view()) },
  { method: 'GET', path: '/exchange/schedule', access: 'public', run: schedule },
  { method: 'GET', path: '/exchange/user_data_timestamp', access: 'public', run: userDataTimestamp },
  { method: 'GET', path: '/historical/cutoff', access: 'public', run: cutoff },
  { method: 'GET', path: '/historical/markets', access: 'public', run: () => nothingOf('markets') },
  { method: 'GET', path: '/historical/trades', access: 'public', run: () => nothingOf('trades') },
  { method: 'GET', path: '/historical/fills', access: 'read', run: () => nothingOf('fills') },
  { method: 'GET', path: '/historical/orders', access: 'read', run: () => nothingOf('orders') },
  { method: 'GET', path: '/account/limits', access: 'read', run: limits },
  { method: 'GET', path: '/account/endpoint_costs', access: 'read', run: endpointCosts },
  { method: 'POST', path: '/account/api_usage_level/upgrade', access: 'write', run: upgrade },
  { method: 'GET', path: '/api_keys', access: 'read', run: apiKeys },
];

const ALL_DAY = [{ open_time: '00:00', close_time: '00:00' }];

/** Hours are Eastern; only Thursday has a gap. */
function schedule({ core }: Call) {
  const now = core.nowMicros();
  const year = new Date(Math.floor(now / 1_000)).getUTCFullYear();
  const start = nextPause(now);
  return reply(200, {
    schedule: {
      standard_hours: [
        {
          start_time: `${year}-01-01T00:00:00Z`,
          end_time: `${year + 1}-01-01T00:00:00Z`,
          monday: ALL_DAY,
          tuesday: ALL_DAY,
          wednesday: ALL_DAY,
          thursday: [{ open_time: '05:00', close_time: '03:00' }],
          friday: ALL_DAY,
          saturday: ALL_DAY,
          sunday: ALL_DAY,
        },
      ],
      maintenance_windows: [{ start_datetime: instantText(start), end_datetime: instantText(start + 2 * HOUR_MICROS) }],
    },
  });
}

function nextPause(now: number): number {
  let at = Math.floor(now / HOUR_MICROS) * HOUR_MICROS;
  while (isWeeklyPause(at)) at += HOUR_MICROS;
  while (!isWeeklyPause(at)) at += HOUR_MICROS;
  return at;
}

/** Every read of the account's data is at least as fresh as this. */
function userDataTimestamp({ core }: Call) {
  const lagMs = Math.max(...Object.values(core.settings.readLag));
  return reply(200, { as_of_time: instantText(core.nowMicros() - lagMs * 1_000) });
}

function cutoff({ core }: Call) {
  const at = instantText(core.cutoff.atMs * 1_000);
  return reply(200, {
    market_settled_ts: at,
    trades_created_ts: at,
    orders_updated_ts: at,
    market_positions_last_updated_ts: at,
  });
}

/** What has passed the cutoff is forgotten here. */
function nothingOf(name: string) {
  return reply(200, { [name]: [], cursor: '' });
}

function limits({ core, accountId }: SignedCall) {
  const account = core.accounts.get(accountId);
  const view = ({ bucketCapacity, refillRate }: Bucket): JsonObject => ({
    bucket_capacity: bucketCapacity,
    refill_rate: refillRate,
  });
  return reply(200, {
    grants: [],
    read: view(account.limits.read),
    usage_tier: account.tier,
    write: view(account.limits.write),
  });
}

function endpointCosts() {
  const rows = ENDPOINT_COSTS.map(({ cost, method, path }) => ({ cost, method, path }));
  return reply(200, { default_cost: DEFAULT_COST, endpoint_costs: rows });
}

/** The second tier is for the asking, once an order was made through the API. */
function upgrade({ core, accountId }: SignedCall) {
  const account = core.accounts.get(accountId);
  const hasTraded = core.blotter.orders().some((order) => order.accountId === accountId);
  if (!hasTraded || account.tier !== 'basic') throw refuse(403, 'forbidden');
  account.upgrade('advanced', core.nowMs());
  return reply(200, { usage_tier: account.tier });
}

function apiKeys({ core, accountId }: SignedCall) {
  const keys = core.accounts.keyring.ofAccount(accountId).map((key) => ({
    api_key_id: key.keyId,
    name: key.name ?? key.keyId,
    scopes: key.scopes,
    subaccount: key.subaccount,
    api_key_region_expiration_ts: key.regionExpirationTs,
  }));
  return reply(200, { api_keys: keys });
}
