/** How the simulator is brought to make each sample of the venue's wire. */
import { readFileSync } from 'node:fs';
import { micros, priceE4 } from '../../../src/domain/units.ts';
import { type Body, SimDriver, type TestReply, type TestSocket } from '../../support/sim-driver.ts';

export const FOLDER = new URL('../../fixtures/kalshi-samples/', import.meta.url);
export const sample = (file: string): Body => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));

export const TICKER = 'KXWTACHALLENGERMATCH-26JUN11JIMLEP-LEP';
const EVENT = 'KXWTACHALLENGERMATCH-26JUN11JIMLEP';
export const ORDERS = '/portfolio/events/orders';
const IOC = { time_in_force: 'immediate_or_cancel' };

/** The market of the samples, with a book of 47 bid and 52 asked. */
export function venue(options: ConstructorParameters<typeof SimDriver>[0] = {}): SimDriver {
  const driver = new SimDriver(options);
  driver.sim.addSeries({ ticker: 'KXWTACHALLENGERMATCH', tags: ['Tennis'] });
  driver.sim.addEvent({
    eventTicker: EVENT,
    seriesTicker: 'KXWTACHALLENGERMATCH',
    mutuallyExclusive: true,
    collateralReturnType: 'MECNET',
    settlementSources: [{ name: '(source)', url: 'https://example.invalid' }],
  });
  driver.sim.addMarket({
    ticker: TICKER,
    eventTicker: EVENT,
    closeMicros: driver.inHours(24),
    occurrenceMicros: driver.inHours(12),
    strikeType: 'structured',
    customStrike: { tennis_competitor: '367dcce8' },
  });
  driver.offer('bid', 47, 3, TICKER);
  driver.offer('ask', 52, 3, TICKER);
  return driver;
}

export const order = (driver: SimDriver, changes: Record<string, unknown> = {}): TestReply =>
  driver.order({ ticker: TICKER, price: '0.4700', ...changes });
const buys = (driver: SimDriver, count = '1.00'): TestReply => order(driver, { ...IOC, price: '0.9900', count });
export const at = (driver: SimDriver, path: string): Body => driver.get(path).body;

function afterwards(run: (driver: SimDriver) => void, path: string): () => Body {
  return () => {
    const driver = venue();
    run(driver);
    return at(driver, path);
  };
}

function onChannel(
  type: string,
  params: Record<string, unknown>,
  run: (driver: SimDriver, socket: TestSocket) => void,
): () => Body {
  return () => {
    const driver = venue();
    const socket = driver.subscribe(params);
    if (type !== 'subscribed') socket.take();
    run(driver, socket);
    return socket.frames.find((frame) => frame.type === type);
  };
}

const books = { channels: ['orderbook_delta'], market_tickers: [TICKER] };
const lifecycle = { channels: ['market_lifecycle_v2'] };
const life = (run: (driver: SimDriver) => void) => onChannel('market_lifecycle_v2', lifecycle, run);
const nothing = (): void => undefined;

function placed(changes: Record<string, unknown>, before: (driver: SimDriver) => void = nothing): () => Body {
  return () => {
    const driver = venue();
    before(driver);
    return order(driver, changes).body;
  };
}

function onOrder(run: (driver: SimDriver, id: string) => TestReply): () => Body {
  return () => {
    const driver = venue();
    return run(driver, order(driver, { count: '8.00' }).body.order_id).body;
  };
}

export const change = (driver: SimDriver, id: string, verb: string, body: unknown): TestReply =>
  driver.call('POST', `${ORDERS}/${id}/${verb}`, { body });

export function group(driver: SimDriver): Body {
  return driver.call('POST', '/portfolio/order_groups/create', { body: sample('rest_order_group_create_request.json') })
    .body;
}

function determined(result: 'yes' | 'scalar', waitMs: number): () => Body {
  return () => {
    const driver = venue();
    driver.sim.lifecycle.determine(TICKER, {
      result,
      ...(result === 'scalar' ? { valueE4: priceE4(5_300) } : {}),
      expirationValue: 'x',
    });
    driver.clock.advanceBy(waitMs);
    return at(driver, `/markets/${TICKER}`);
  };
}

function unauthorized(change: (headers: Record<string, string>) => Record<string, string>, skewMs = 0): () => Body {
  return () => {
    const driver = venue();
    const request = driver.request('GET', '/portfolio/balance', { skewMs });
    const { answer } = driver.ask({ ...request, headers: change({ ...request.headers }) });
    return answer?.kind === 'reply' ? JSON.parse(answer.reply.body) : undefined;
  };
}

/** Bodies that the simulator must make, key by key and kind by kind. */
export const MADE: Readonly<Record<string, () => Body>> = {
  'rest_market_get.json': () => at(venue(), `/markets/${TICKER}`),
  'rest_markets_list_last_page.json': () => at(venue(), `/markets?tickers=${TICKER}`),
  'rest_market_determined.json': determined('yes', 0),
  'rest_market_finalized.json': determined('yes', 60_000),
  'rest_market_finalized_scalar_void.json': determined('scalar', 60_000),
  'rest_market_tapered_deci_cent.json': afterwards(
    (driver) => driver.sim.lifecycle.regrid(TICKER, 'tapered_deci_cent'),
    `/markets/${TICKER}`,
  ),
  'rest_event_get.json': () => at(venue(), `/events/${EVENT}?with_nested_markets=true`),
  'rest_events_list.json': () => at(venue(), '/events?series_ticker=KXWTACHALLENGERMATCH'),
  'rest_series_get.json': () => at(venue(), '/series/KXWTACHALLENGERMATCH'),
  'rest_series_fee_changes.json': afterwards(
    (driver) =>
      driver.sim.scheduleSeriesFee({
        subject: 'KXWCGAME',
        feeType: 'quadratic_with_maker_fees',
        feeMultiplier: 1,
        scheduledMicros: driver.inHours(1),
      }),
    '/series/fee_changes?show_historical=true',
  ),
  'rest_event_fee_changes.json': afterwards(
    (driver) =>
      driver.sim.scheduleEventFee({
        subject: EVENT,
        feeType: null,
        feeMultiplier: null,
        scheduledMicros: driver.inHours(1),
      }),
    '/events/fee_changes',
  ),
  'rest_orderbook.json': () => at(venue(), `/markets/${TICKER}/orderbook`),
  'rest_orderbooks_batch.json': () => at(venue(), `/markets/orderbooks?tickers=${TICKER}&tickers=NONE`),
  'rest_trades.json': afterwards((driver) => void buys(driver), `/markets/trades?ticker=${TICKER}&limit=1`),
  'rest_exchange_status.json': () => at(venue(), '/exchange/status'),
  'rest_exchange_schedule.json': () => at(venue(), '/exchange/schedule'),
  'rest_user_data_timestamp.json': () => at(venue(), '/exchange/user_data_timestamp'),
  'rest_historical_cutoff.json': () => at(venue(), '/historical/cutoff'),
  'rest_account_limits.json': () => at(venue(), '/account/limits'),
  'rest_account_endpoint_costs.json': () => at(venue(), '/account/endpoint_costs'),
  'rest_balance.json': () => at(venue(), '/portfolio/balance'),
  'rest_positions.json': afterwards((driver) => void buys(driver), '/portfolio/positions'),
  'rest_fills_taker.json': afterwards((driver) => void buys(driver), '/portfolio/fills?limit=10'),
  'rest_fills_maker.json': afterwards((driver) => {
    order(driver, { price: '0.5100' });
    driver.offer('ask', 51, 4, TICKER);
  }, '/portfolio/fills'),
  'rest_settlements.json': afterwards((driver) => {
    buys(driver);
    driver.sim.lifecycle.determine(TICKER, { result: 'yes' });
    driver.clock.advanceBy(60_000);
  }, '/portfolio/settlements'),
  'rest_subaccount_netting.json': () => at(venue(), '/portfolio/subaccounts/netting'),
  'rest_total_resting_order_value.json': afterwards(
    (driver) => void order(driver),
    '/portfolio/summary/total_resting_order_value',
  ),
  'rest_order_create_gtc_resting_response.json': placed({}),
  'rest_order_create_ioc_filled_response.json': placed({ ...IOC, price: '0.9900', count: '1.00' }),
  'rest_order_create_buy_no_filled_response.json': placed({ ...IOC, side: 'ask', count: '2.50' }),
  'rest_order_create_ioc_zero_fill_response.json': placed(IOC),
  'rest_order_cancel_response.json': onOrder((driver, id) =>
    driver.call('DELETE', `${ORDERS}/${id}?market_ticker=${TICKER}`),
  ),
  'rest_order_amend_response.json': onOrder((driver, id) =>
    change(driver, id, 'amend', sample('rest_order_amend_request.json')),
  ),
  'rest_order_decrease_response.json': onOrder((driver, id) =>
    change(driver, id, 'decrease', sample('rest_order_decrease_request.json')),
  ),
  'rest_orders_batch_create_response.json': () =>
    venue().call('POST', `${ORDERS}/batched`, { body: sample('rest_orders_batch_create_request.json') }).body,
  'rest_orders_batch_cancel_response.json': onOrder((driver, id) => {
    const body = sample('rest_orders_batch_cancel_request.json');
    return driver.call('DELETE', `${ORDERS}/batched`, {
      body: { orders: [{ ...body.orders[0], order_id: id }, body.orders[1]] },
    });
  }),
  'rest_order_get_resting.json': onOrder((driver, id) => driver.get(`/portfolio/orders/${id}`)),
  'rest_orders_list.json': onOrder((driver) => driver.get('/portfolio/orders?limit=10')),
  'rest_queue_position.json': onOrder((driver, id) => driver.get(`/portfolio/orders/${id}/queue_position`)),
  'rest_queue_positions.json': onOrder((driver) =>
    driver.get(`/portfolio/orders/queue_positions?market_tickers=${TICKER}`),
  ),
  'rest_order_group_create_response.json': () => group(venue()),
  'rest_order_group_get.json': () => {
    const driver = venue();
    const id = group(driver).order_group_id;
    order(driver, { order_group_id: id });
    return at(driver, `/portfolio/order_groups/${id}`);
  },
  'err_400_insufficient_balance.json': placed({ count: '10099.00', price: '0.9900' }),
  'err_400_invalid_price.json': placed({ price: '0.5150' }),
  'err_400_post_only_cross.json': placed({ price: '0.9900', post_only: true }),
  'err_400_numeric_instead_of_string.json': placed({ count: 1 }),
  'err_400_parameter_validation.json': () => at(venue(), '/markets?limit=1001'),
  'err_400_missing_parameters.json': placed({ self_trade_prevention_type: undefined }),
  'err_401_bad_signature.json': unauthorized((headers) => ({ ...headers, 'kalshi-access-signature': 'AAAA' })),
  'err_401_unknown_key.json': unauthorized((headers) => ({ ...headers, 'kalshi-access-key': 'nobody' })),
  'err_401_timestamp_expired.json': unauthorized((headers) => headers, -30_000),
  'err_401_missing_signature.json': unauthorized(({ 'kalshi-access-signature': _gone, ...headers }) => headers),
  'err_404_not_found.json': () => venue().call('DELETE', `${ORDERS}/none`).body,
  'err_409_order_already_exists.json': placed(
    { client_order_id: 'x' },
    (driver) => void order(driver, { client_order_id: 'x' }),
  ),
  'err_409_fok_insufficient_volume.json': placed({ time_in_force: 'fill_or_kill' }),
  'err_409_trading_is_paused.json': placed({}, (driver) => driver.sim.standing.pauseTrading()),
  'err_409_exchange_is_paused.json': placed({}, (driver) => driver.sim.standing.pauseExchange()),
  'err_410_deprecated_v1_order_endpoint.json': () => venue().call('POST', '/portfolio/orders', { body: {} }).body,
  'err_429_too_many_requests.json': () => {
    const driver = venue();
    return Array.from({ length: 11 }, () => order(driver)).at(-1)?.body;
  },
  'ws_subscribed.json': onChannel('subscribed', books, nothing),
  'ws_unsubscribed.json': onChannel('unsubscribed', books, (_driver, socket) =>
    socket.say({ id: 102, cmd: 'unsubscribe', params: { sids: [1] } }),
  ),
  'ws_ok_update.json': onChannel('ok', books, (_driver, socket) =>
    socket.say({
      id: 123,
      cmd: 'update_subscription',
      params: { sid: 1, market_tickers: ['M'], action: 'add_markets' },
    }),
  ),
  'ws_ok_list_subscriptions.json': onChannel('ok', books, (_driver, socket) =>
    socket.say({ id: 3, cmd: 'list_subscriptions' }),
  ),
  'ws_error_command.json': onChannel('error', books, (_driver, socket) =>
    socket.say({ id: 123, cmd: 'unsubscribe', params: { sids: [9] } }),
  ),
  'ws_error_buffer_overflow.json': onChannel('error', books, (driver, socket) => {
    socket.bufferedBytes = 1e9;
    driver.offer('bid', 40, 1, TICKER);
  }),
  'ws_orderbook_snapshot.json': () => venue().subscribe(books).ofType('orderbook_snapshot')[0],
  'ws_orderbook_snapshot_use_yes_price.json': () =>
    venue()
      .subscribe({ ...books, use_yes_price: true })
      .ofType('orderbook_snapshot')[0],
  'ws_orderbook_snapshot_empty_no_side.json': () => {
    const driver = venue();
    driver.offer('ask', 52, 0, TICKER);
    return driver.subscribe(books).ofType('orderbook_snapshot')[0];
  },
  'ws_orderbook_snapshot_reply.json': onChannel('orderbook_snapshot', books, (_driver, socket) =>
    socket.say({
      id: 127,
      cmd: 'update_subscription',
      params: { sids: [1], market_tickers: [TICKER], action: 'get_snapshot' },
    }),
  ),
  'ws_orderbook_delta.json': onChannel('orderbook_delta', books, (driver) => {
    driver.clock.advanceBy(1);
    driver.offer('bid', 47, 1, TICKER);
  }),
  'ws_orderbook_delta_own.json': () => {
    const driver = venue({ socket: { stampsSending: true } });
    const socket = driver.subscribe(books);
    order(driver);
    return socket.ofType('orderbook_delta')[0];
  },
  'ws_ticker.json': onChannel('ticker', { channels: ['ticker'] }, (driver) => void buys(driver)),
  'ws_trade.json': onChannel('trade', { channels: ['trade'] }, (driver) => void buys(driver)),
  'ws_fill.json': onChannel('fill', { channels: ['fill'] }, (driver) => void buys(driver)),
  'ws_user_order_resting.json': onChannel('user_order', { channels: ['user_orders'] }, (driver) => {
    const id = group(driver).order_group_id;
    order(driver, { order_group_id: id, expiration_time: driver.nowMs() / 1_000 + 60 });
  }),
  'ws_user_order_canceled.json': () => {
    const driver = venue();
    order(driver);
    const socket = driver.subscribe({ channels: ['user_orders'] });
    driver.sim.lifecycle.pause(TICKER);
    driver.sim.lifecycle.activate(TICKER);
    return socket.ofType('user_order')[0];
  },
  'ws_market_position.json': onChannel(
    'market_position',
    { channels: ['market_positions'] },
    (driver) => void buys(driver),
  ),
  'ws_order_group_update.json': () => {
    const driver = venue();
    const id = group(driver).order_group_id;
    const socket = driver.subscribe({ channels: ['order_group_updates'] });
    driver.call('PUT', `/portfolio/order_groups/${id}/limit`, { body: { contracts_limit_fp: '150.00' } });
    return socket.ofType('order_group_updates')[0];
  },
  'ws_lifecycle_created.json': life(
    (driver) =>
      void driver.sim.addMarket({
        ticker: 'INXD-1-B',
        eventTicker: 'INXD-1',
        closeMicros: driver.inHours(1),
        strikeType: 'greater',
        floorStrike: 4_487,
      }),
  ),
  'ws_lifecycle_deactivated.json': life((driver) => driver.sim.lifecycle.pause(TICKER)),
  'ws_lifecycle_activated.json': life((driver) => driver.sim.lifecycle.activate(TICKER)),
  'ws_lifecycle_close_date_updated.json': life((driver) => driver.sim.lifecycle.closeEarly(TICKER)),
  'ws_lifecycle_determined.json': () => lastOf((driver) => driver.sim.lifecycle.determine(TICKER, { result: 'yes' })),
  'ws_lifecycle_determined_scalar.json': () =>
    lastOf((driver) => driver.sim.lifecycle.determine(TICKER, { result: 'scalar', valueE4: priceE4(5_300) })),
  'ws_lifecycle_settled.json': () =>
    lastOf((driver) => {
      driver.sim.lifecycle.determine(TICKER, { result: 'yes' });
      driver.sim.lifecycle.settle(TICKER);
    }),
  'ws_lifecycle_price_level_structure_updated.json': life((driver) => driver.sim.lifecycle.regrid(TICKER, 'deci_cent')),
  'ws_lifecycle_metadata_updated.json': life((driver) =>
    driver.sim.lifecycle.updateMetadata(TICKER, { strikeType: 'between', floorStrike: 1, capStrike: 2 }),
  ),
  'ws_event_lifecycle.json': onChannel(
    'event_lifecycle',
    lifecycle,
    (driver) => void driver.sim.addEvent({ eventTicker: 'KXQ-1', seriesTicker: 'KXQ' }),
  ),
  'ws_event_fee_update.json': onChannel('event_fee_update', lifecycle, (driver) => {
    driver.sim.scheduleEventFee({
      subject: EVENT,
      feeType: 'quadratic',
      feeMultiplier: 1,
      scheduledMicros: micros(driver.clock.wall()),
    });
    driver.clock.advanceBy(1);
  }),
};

function lastOf(run: (driver: SimDriver) => void): Body {
  const driver = venue();
  const socket = driver.subscribe(lifecycle);
  run(driver);
  return socket.frames.at(-1);
}
