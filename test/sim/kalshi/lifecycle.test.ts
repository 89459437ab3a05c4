import { describe, expect, test } from 'vitest';
import { micros, priceE4 } from '../../../src/domain/units.ts';
import { VirtualClock } from '../../../src/domain/virtual-clock.ts';
import { SimDriver, TICKER } from '../../support/sim-driver.ts';

const ORDERS = '/portfolio/events/orders';
const IOC = { time_in_force: 'immediate_or_cancel' };

function listening(driver: SimDriver) {
  const socket = driver.subscribe({ channels: ['market_lifecycle_v2', 'user_orders'] });
  const events = (): string[] => socket.ofType('market_lifecycle_v2').map(({ msg }) => msg.event_type);
  const reasons = (): string[] => socket.ofType('user_order').flatMap(({ msg }) => msg.last_update_reason ?? []);
  return { events, reasons, socket };
}

describe('simulated Kalshi lifecycle', () => {
  test('opens and closes markets by the clock, without a word', () => {
    const driver = new SimDriver();
    driver.sim.addMarket({
      ticker: 'KXNEW-1-A',
      eventTicker: 'KXNEW-1',
      openMicros: driver.inHours(1),
      closeMicros: driver.inHours(2),
    });
    const { events } = listening(driver);
    expect(driver.order({ ticker: 'KXNEW-1-A' }).status).toBe(400);
    driver.clock.advanceBy(3_600_000);
    expect(driver.order({ ticker: 'KXNEW-1-A' }).status).toBe(201);
    driver.clock.advanceBy(3_600_000);
    expect(driver.sim.market('KXNEW-1-A').status).toBe('closed');
    expect(events()).toEqual([]);
  });

  test('refuses everything after the close, cancel included, and sweeps a moment later', () => {
    const driver = new SimDriver();
    const { body } = driver.order();
    const { reasons, socket } = listening(driver);
    const book = driver.subscribe({ channels: ['orderbook_delta'], market_tickers: [TICKER] });
    driver.clock.advanceBy(24 * 3_600_000);
    expect(driver.call('DELETE', `${ORDERS}/${body.order_id}`).body.error.code).toBe('market_inactive');
    expect(driver.order().body.error.code).toBe('market_inactive');
    driver.clock.advanceBy(1_000);
    expect(reasons()).toEqual(['CloseCancel']);
    expect(Object.keys(book.frames.at(-1).msg)).toEqual(['market_ticker', 'market_id']);
    expect(socket.end).toBe('open');
  });

  test('pauses one market with 409 and cancels all its orders when it comes back', () => {
    const driver = new SimDriver();
    driver.order();
    const { events, reasons } = listening(driver);
    driver.sim.lifecycle.pause(TICKER);
    expect(driver.order().body.error.code).toBe('trading_is_paused');
    expect(driver.sim.book(TICKER).orders()).toHaveLength(1);
    driver.sim.lifecycle.activate(TICKER);
    expect(driver.sim.book(TICKER).orders()).toEqual([]);
    expect([events(), reasons()]).toEqual([['deactivated', 'activated'], ['HaltCancel']]);
  });

  test('closes early with an event and trades again when the close moves out', () => {
    const driver = new SimDriver();
    const { events } = listening(driver);
    driver.sim.lifecycle.closeEarly(TICKER);
    expect(driver.order().status).toBe(400);
    driver.sim.lifecycle.moveClose(TICKER, driver.inHours(1));
    expect(driver.order().status).toBe(201);
    expect(events()).toEqual(['close_date_updated', 'close_date_updated', 'activated']);
    driver.clock.advanceBy(3_600_000);
    expect(driver.sim.market(TICKER).status).toBe('closed');
  });

  test('keeps resting orders when the grid changes under them', () => {
    const driver = new SimDriver();
    driver.order();
    const { events } = listening(driver);
    expect(driver.order({ price: '0.5010' }).status).toBe(400);
    driver.sim.lifecycle.regrid(TICKER, 'deci_cent');
    expect(driver.order({ price: '0.5010' }).status).toBe(201);
    expect(driver.sim.book(TICKER).orders()).toHaveLength(2);
    expect(events()).toEqual(['price_level_structure_updated']);
  });

  test('pays only after the settlement timer, YES in full and NO nothing', () => {
    const driver = new SimDriver();
    driver.offer('ask', 50, 3);
    driver.order({ ...IOC, count: '3.00' });
    const before = driver.sim.balance('alice');
    driver.sim.lifecycle.determine(TICKER, { result: 'yes' });
    driver.clock.advanceBy(59_999);
    expect(driver.sim.balance('alice')).toBe(before);
    driver.clock.advanceBy(1);
    expect(driver.sim.balance('alice')).toBe(before + 3_000_000);
    expect(driver.get('/portfolio/settlements').body.settlements).toMatchObject([
      { market_result: 'yes', revenue: 300, value: 100, yes_count_fp: '3.00', no_count_fp: '0.00' },
    ]);
    expect(driver.get(`/markets/${TICKER}`).body.market).toMatchObject({
      status: 'finalized',
      settlement_value_dollars: '1.0000',
    });
  });

  test('settles what was called off at a fair price, in whole cents with the rest as a fee', () => {
    const driver = new SimDriver();
    driver.offer('bid', 50, 3);
    driver.order({ ...IOC, side: 'ask', count: '1.50' });
    const before = driver.sim.balance('alice');
    driver.sim.lifecycle.determine(TICKER, { result: 'scalar', valueE4: priceE4(5_350) });
    driver.clock.advanceBy(60_000);
    expect(driver.sim.balance('alice') - before).toBe(690_000);
    expect(driver.sim.settlements('alice')).toMatchObject([
      { result: 'scalar', noE6: 1_500_000, revenueMicro: 690_000 },
    ]);
  });

  test('may flip a result in a dispute, and the timer starts anew', () => {
    const driver = new SimDriver();
    driver.offer('ask', 50, 3);
    driver.order({ ...IOC, count: '3.00' });
    const before = driver.sim.balance('alice');
    driver.sim.lifecycle.determine(TICKER, { result: 'yes' });
    driver.sim.lifecycle.dispute(TICKER);
    driver.clock.advanceBy(600_000);
    expect(driver.sim.market(TICKER).status).toBe('disputed');
    driver.sim.lifecycle.amendResult(TICKER, { result: 'no' });
    driver.clock.advanceBy(60_000);
    expect([driver.sim.market(TICKER).status, driver.sim.balance('alice')]).toEqual(['finalized', before]);
  });

  test('lets orders be canceled in a trading pause and not in an exchange pause', () => {
    const driver = new SimDriver();
    const [first, second] = [driver.order().body.order_id, driver.order().body.order_id];
    const keeps = driver.order({ cancel_order_on_pause: true }).body.order_id;
    driver.sim.standing.pauseTrading();
    expect(driver.get(`/portfolio/orders/${keeps}`).body.order.status).toBe('canceled');
    expect(driver.order().body.error.code).toBe('trading_is_paused');
    expect(driver.call('DELETE', `${ORDERS}/${first}`).status).toBe(200);
    driver.sim.standing.resume();
    driver.sim.standing.pauseExchange();
    expect(driver.order().body.error.code).toBe('exchange_is_paused');
    expect(driver.call('DELETE', `${ORDERS}/${second}`).body.error.code).toBe('exchange_is_paused');
    expect(driver.get('/exchange/status').body).toMatchObject({ exchange_active: false, trading_active: false });
  });

  test('takes one shard down without the others', () => {
    const driver = new SimDriver();
    driver.sim.standing.setShard(2, { isExchangeActive: false });
    expect(driver.order().status).toBe(201);
    driver.sim.standing.setShard(0, { isTradingActive: false });
    expect(driver.order().body.error.code).toBe('trading_is_paused');
    expect(driver.get('/exchange/status').body.exchange_index_statuses).toMatchObject([
      { trading_active: false },
      {},
      { exchange_active: false },
      {},
    ]);
  });

  test('pauses every Thursday from three to five in New York', () => {
    // 2026-01-01 is a Thursday; New York is five hours behind, so the pause begins at 08:00 UTC.
    const driver = new SimDriver({ weeklyPause: true });
    const isOpen = (): boolean => driver.get('/exchange/status').body.trading_active;
    const seen: boolean[] = [];
    for (const hours of [7, 2, 2, 7 * 24 - 3, 2]) {
      driver.clock.advanceBy(hours * 3_600_000);
      seen.push(isOpen());
    }
    expect(seen).toEqual([true, false, true, false, true]);
  });

  test('waits for a close that is months away without waking early', () => {
    const clock = new VirtualClock();
    const driver = new SimDriver({ clock });
    const far = micros(clock.wall() + 100 * 86_400_000_000);
    driver.sim.addMarket({ ticker: 'KXFAR-1-A', eventTicker: 'KXFAR-1', closeMicros: far });
    clock.advanceBy(99 * 86_400_000);
    expect(driver.sim.market('KXFAR-1-A').status).toBe('active');
    clock.advanceBy(86_400_000);
    expect(driver.sim.market('KXFAR-1-A').status).toBe('closed');
  });
});
