import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { micros, priceE4, sizeE6 } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { SimDriver, type TestKey, testKey } from '../../support/sim-driver.ts';
import { shapeOf, without } from '../../support/wire-shape.ts';

interface Row {
  readonly name: string;
  readonly atMs: number;
  readonly auth: string;
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown> | null;
  readonly status: number;
  readonly reply: { order_id?: string; ts_ms?: number };
}

const rows: readonly Row[] = readFileSync(
  new URL('../../fixtures/kalshi-demo-session/rest-session.jsonl', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));

const TICKER = 'KXWTACHALLENGERMATCH-26JUN11JIMLEP-LEP';

/** Retired since the recording, or (the last ones) present today and not then. */
const CHANGED = new Set([
  'service',
  'fractional_trading_enabled',
  'liquidity_dollars',
  'resting_orders_count',
  'response_price_units',
  'tick_size',
  'exchange_index',
  'exchange_index_statuses',
  'intra_exchange_transfers_active',
  'exchange_estimated_resume_time',
  'client_order_id',
]);

/** The endpoints were switched off a week after the recording; today they answer 410. */
const SWITCHED_OFF = new Set(['orders__legacy_create', 'orders__legacy_cancel']);

function headersFor(row: Row, driver: SimDriver, key: TestKey): Record<string, string> {
  const skew = /^auth__skew_(plus|minus)(\d+)(s|min)$/.exec(row.name);
  const seconds = Number(skew?.[2] ?? 0) * (skew?.[3] === 'min' ? 60 : 1) * (skew?.[1] === 'minus' ? -1 : 1);
  const asKey = row.auth === 'unknown-key-id' ? testKey('00000000-0000-0000-0000-000000000000') : key;
  const path = row.path.replace('/trade-api/v2', '');
  const { headers } = driver.request(row.method, row.auth === 'bad-signature' ? '/something/else' : path, {
    key: asKey,
    skewMs: seconds * 1_000,
  });
  if (row.auth === 'unauthenticated') return {};
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => row.auth !== 'missing-signature-header' || !name.endsWith('signature')),
  );
}

/** The book as it was that morning: three contracts at 47 and at 52, and two contracts in hand. */
function demoVenue(): SimDriver {
  const clock = new VirtualClock({ wall: micros(((rows[0]?.atMs ?? 0) - 600_000) * 1_000) });
  // The order that was read 359 ms after its cancel still said resting.
  const driver = new SimDriver({ clock, readLag: { orderMs: 400 } });
  const [bid, ask] = [priceE4(4_700), priceE4(5_200)];
  const three = sizeE6(3_000_000);
  driver.sim.addMarket({
    ticker: TICKER,
    eventTicker: 'KXWTACHALLENGERMATCH-26JUN11JIMLEP',
    closeMicros: driver.inHours(24),
    occurrenceMicros: driver.inHours(12),
    strikeType: 'structured',
    customStrike: { tennis_competitor: 'somebody' },
  });
  driver.offer('ask', 99, 2, TICKER);
  driver.order({ ticker: TICKER, price: '0.9900', count: '2.00' });
  driver.sim.house.setLevel(TICKER, 'bid', { priceE4: bid, sizeE6: three });
  driver.sim.house.setLevel(TICKER, 'ask', { priceE4: ask, sizeE6: three });
  return driver;
}

test('simulated Kalshi answers the recorded demo session as the demo venue did', () => {
  const driver = demoVenue();
  const ids = new Map<string, string>();
  const seen: string[] = [];
  for (const row of rows) {
    driver.clock.advanceBy(Math.max(0, row.atMs - driver.nowMs()));
    let target = row.path;
    for (const [theirs, ours] of ids) target = target.replace(theirs, ours);
    const request = {
      method: row.method,
      target,
      body: row.body === null ? '' : JSON.stringify(row.body),
      remote: '127.0.0.1',
    };
    const { answer } = driver.ask({ ...request, headers: headersFor({ ...row, path: target }, driver, driver.key) });
    if (answer?.kind !== 'reply') throw new Error(`no reply to ${row.name}`);
    seen.push(row.name);
    if (SWITCHED_OFF.has(row.name)) {
      expect([row.name, answer.reply.status]).toEqual([row.name, 410]);
      continue;
    }
    const body = JSON.parse(answer.reply.body);
    expect([row.name, answer.reply.status]).toEqual([row.name, row.status]);
    if (row.reply.order_id !== undefined && row.status === 201) ids.set(row.reply.order_id, body.order_id);
    // Order lists and fills hold what the account did before the recording too; shapes look at the newest row.
    expect([row.name, without(shapeOf(body), CHANGED)]).toEqual([row.name, without(shapeOf(row.reply), CHANGED)]);
  }
  expect(seen).toHaveLength(rows.length);
});

test('simulated Kalshi still shows an order as resting right after its acknowledged cancel, as recorded', () => {
  const row = rows.find(({ name }) => name === 'orders__get_after_cancel');
  expect(row?.reply).toMatchObject({ order: { status: 'resting' } });
  const driver = new SimDriver({ readLag: { orderMs: 400 } });
  const { body } = driver.order();
  driver.clock.advanceBy(1_000);
  driver.call('DELETE', `/portfolio/events/orders/${body.order_id}`);
  driver.clock.advanceBy(359);
  expect(driver.get(`/portfolio/orders/${body.order_id}`).body.order.status).toBe('resting');
});
