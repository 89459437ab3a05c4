/** Every sample of the venue's wire: made by the simulator in the same shape, taken by it, or left out with a reason. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Body, SimDriver } from '../../support/sim-driver.ts';
import { shapeOf, without } from '../../support/wire-shape.ts';
import { at, change, FOLDER, group, MADE, ORDERS, order, sample, TICKER, venue } from './sample-makers.ts';

/** Keys that the simulator has beyond the sample: later fields of the schema, or ones that the recording left out. */
const BEYOND: Readonly<Record<string, readonly string[]>> = {
  // The sample's own note: it may also be present.
  'rest_order_cancel_response.json': ['client_order_id'],
  // Orders carry their shard since sharding; these were recorded before.
  'rest_order_get_resting.json': ['exchange_index'],
  'rest_orders_list.json': ['exchange_index'],
  // Optional in the schema; the other sample of this message has it.
  'ws_user_order_canceled.json': ['self_trade_prevention_type'],
};

/** Commands that the simulator must take without an error. */
const TAKEN: Readonly<Record<string, (driver: SimDriver, body: Body) => number>> = {
  'rest_order_create_gtc_request.json': (driver, body) => driver.call('POST', ORDERS, { body }).status,
  'rest_order_create_ioc_request.json': (driver, body) => driver.call('POST', ORDERS, { body }).status,
  'rest_order_create_fok_request.json': (driver, body) => {
    driver.offer('bid', 47, 25, TICKER);
    return driver.call('POST', ORDERS, { body }).status;
  },
  'rest_order_create_all_options_request.json': (driver, body) =>
    driver.call('POST', ORDERS, { body: { ...body, order_group_id: group(driver).order_group_id } }).status,
  'rest_order_amend_request.json': (driver, body) =>
    change(driver, order(driver, { count: '2.00' }).body.order_id, 'amend', body).status,
  'rest_order_decrease_request.json': (driver, body) =>
    change(driver, order(driver, { count: '8.00' }).body.order_id, 'decrease', body).status,
  'rest_orders_batch_create_request.json': (driver, body) => driver.call('POST', `${ORDERS}/batched`, { body }).status,
  'rest_orders_batch_cancel_request.json': (driver, body) =>
    driver.call('DELETE', `${ORDERS}/batched`, { body }).status,
  'rest_order_group_create_request.json': (driver, body) =>
    driver.call('POST', '/portfolio/order_groups/create', { body }).status,
  'rest_intra_transfer_request.json': (driver, body) =>
    driver.call('POST', '/portfolio/intra_exchange_instance_transfer', { body }).status,
};

/** With the sids of our own subscriptions in the place of the sample's. */
const SAID = [
  'ws_cmd_subscribe_orderbook.json',
  'ws_cmd_subscribe_private.json',
  'ws_cmd_subscribe_lifecycle.json',
  'ws_cmd_subscribe_ticker_snapshot.json',
  'ws_cmd_update_add_markets.json',
  'ws_cmd_update_delete_markets.json',
  'ws_cmd_update_get_snapshot.json',
  'ws_cmd_unsubscribe.json',
  'ws_cmd_list_subscriptions.json',
] as const;

const LEFT_OUT: Readonly<Record<string, string>> = {
  'rest_exchange_status_trading_pause.json':
    'made up without the shards; our status always lists them, and is compared in its full shape elsewhere',
  'ws_multivariate_lifecycle_created.json':
    'shortened by hand; ours carries the metadata and price ranges of the whole message as well',
  'vectors_fee_single_fill.json': 'no message: checked number by number in the tests of money',
  'vectors_signing.json': 'no message: strings that are signed, checked below',
};

describe('simulated Kalshi makes the sample', () => {
  test.each(Object.keys(MADE))('%s', (file) => {
    const made = MADE[file]?.();
    expect(made).toBeDefined();
    expect(without(shapeOf(made), new Set(BEYOND[file]))).toEqual(shapeOf(sample(file)));
  });

  test.each(Object.keys(MADE).filter((file) => file.startsWith('err_')))('%s word for word', (file) => {
    expect(MADE[file]?.()).toEqual(sample(file));
  });

  test('of a batch with a failing second row, row by row', () => {
    const [first, second] = MADE['rest_orders_batch_create_response.json']?.().orders ?? [];
    const expected = sample('rest_orders_batch_create_response.json').orders;
    expect([shapeOf(first), second]).toEqual([shapeOf(expected[0]), expected[1]]);
    const canceled = MADE['rest_orders_batch_cancel_response.json']?.().orders ?? [];
    expect(shapeOf(canceled[1])).toEqual(shapeOf(sample('rest_orders_batch_cancel_response.json').orders[1]));
  });

  test('of a pause as far as it goes', () => {
    const driver = venue();
    driver.sim.standing.pauseTrading(driver.inHours(2));
    expect(shapeOf(at(driver, '/exchange/status'))).toMatchObject(
      shapeOf(sample('rest_exchange_status_trading_pause.json')) as object,
    );
  });
});

describe('simulated Kalshi takes the sample', () => {
  test.each(Object.keys(TAKEN))('%s', (file) => {
    expect(TAKEN[file]?.(venue(), sample(file))).toBeLessThan(300);
  });

  test.each(SAID)('%s', (file) => {
    const command = sample(file);
    const socket = venue().subscribe({ channels: ['orderbook_delta', 'trade'], market_tickers: [TICKER] });
    socket.take();
    const { sid, sids } = command.params ?? {};
    const ours = {
      ...(sid === undefined ? {} : { sid: 1 }),
      ...(sids === undefined ? {} : { sids: sids.length === 1 ? [1] : [1, 2] }),
    };
    socket.say({ ...command, params: command.params && { ...command.params, ...ours } });
    expect(socket.frames.filter(({ type }) => type === 'error')).toEqual([]);
  });

  test('of strings that are signed', () => {
    for (const { timestamp_ms, method, url, message } of sample('vectors_signing.json').cases)
      expect(`${timestamp_ms}${method}${url.split('?')[0]}`).toBe(message);
  });
});

test('every sample is made, taken or left out with a reason', () => {
  const known = new Set([...Object.keys(MADE), ...Object.keys(TAKEN), ...SAID, ...Object.keys(LEFT_OUT)]);
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  expect(files.filter((file) => !known.has(file))).toEqual([]);
  expect([...known].filter((file) => !files.includes(file))).toEqual([]);
  expect(Object.values(LEFT_OUT).every((reason) => reason.length > 20)).toBe(true);
});
