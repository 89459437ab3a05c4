import { describe, expect, test } from 'vitest';
import { SimDriver } from '../../support/sim-driver.ts';

const MINUTE_MS = 60_000;
const IOC = { time_in_force: 'immediate_or_cancel', count: '10.00', price: '0.5000' };

/** Keeps ten minutes; bought ten contracts, and rests with ten more. */
function traded() {
  const driver = new SimDriver({ keptMs: 10 * MINUTE_MS });
  driver.offer('ask', 50, 10);
  const taken = driver.order({ ...IOC, client_order_id: 'taken' }).body.order_id as string;
  const resting = driver.order({ price: '0.4000' }).body.order_id as string;
  const later = (minutes: number) => {
    driver.clock.advanceBy(minutes * MINUTE_MS);
    driver.get('/exchange/status');
  };
  return { driver, taken, resting, later };
}

describe('what is over at the simulated Kalshi', () => {
  test('is shown by the live endpoints until the cutoff passes it', () => {
    const { driver, taken, later } = traded();
    later(9);
    expect(driver.get(`/portfolio/orders/${taken}`).body.order.status).toBe('executed');
    expect(driver.get('/portfolio/fills').body.fills).toHaveLength(1);
    expect(driver.order({ ...IOC, client_order_id: 'taken' }).status).toBe(409);
  });

  test('is forgotten afterwards, with the client ids that it used up', () => {
    const { driver, taken, later } = traded();
    later(21);
    expect(driver.get(`/portfolio/orders/${taken}`).status).toBe(404);
    expect(driver.get('/portfolio/fills').body.fills).toEqual([]);
    expect(driver.sim.orders('alice').map(({ status }) => status)).toEqual(['resting']);
    expect([driver.sim.fills('alice'), driver.sim.received()]).toEqual([[], []]);
    expect(driver.order({ ...IOC, client_order_id: 'taken' }).status).toBe(201);
  });

  test('leaves what rests, what is held and what there is in cash', () => {
    const { driver, resting, later } = traded();
    const cash = driver.sim.balance('alice');
    later(21);
    expect(driver.get(`/portfolio/orders/${resting}`).body.order.status).toBe('resting');
    expect(driver.get('/portfolio/positions').body.market_positions).toMatchObject([{ position_fp: '10.00' }]);
    expect(driver.get('/portfolio/balance').body.balance_dollars).toBe((cash / 1e6).toFixed(4));
    later(300);
    expect(driver.get('/portfolio/balance').body.balance_dollars).toBe((cash / 1e6).toFixed(4));
  });

  test('is older than what /historical/cutoff says', () => {
    const { driver, later } = traded();
    later(21);
    const { orders_updated_ts: at } = driver.get('/historical/cutoff').body;
    const ageMs = driver.nowMs() - Date.parse(at);
    expect(ageMs).toBeGreaterThanOrEqual(10 * MINUTE_MS);
    expect(ageMs).toBeLessThan(20 * MINUTE_MS);
  });
});
