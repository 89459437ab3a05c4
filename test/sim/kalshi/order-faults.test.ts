import { describe, expect, test } from 'vitest';
import { type SimDriver, TICKER } from '../../support/sim-driver.ts';
import { broken, type FaultWish, FOK, IOC, ORDERS, send, watching } from './broken-venue.ts';

describe('simulated Kalshi under faults of orders', () => {
  const withBook = (...faults: FaultWish[]): SimDriver => {
    const driver = broken(...faults);
    driver.offer('ask', 50, 100);
    return driver;
  };

  test('O6 kills a fill-or-kill that could be filled, and burns its id', () => {
    const driver = withBook({ id: 'O6', times: 1 });
    expect(driver.order({ ...FOK, client_order_id: 'x' }).body.error.code).toBe(
      'fill_or_kill_insufficient_resting_volume',
    );
    expect(driver.order({ ...FOK, client_order_id: 'x' }).body.error.code).toBe('order_already_exists');
  });

  test('O8 fills part of a fill-or-kill', () => {
    expect(withBook({ id: 'O8' }).order(FOK).body.fill_count).toBe('5.00');
  });

  test('O9 lets the fill overtake the answer', () => {
    const driver = withBook({ id: 'O9' });
    const socket = watching(driver, ['fill']);
    const sent = send(driver, IOC);
    expect([sent.status(), socket.ofType('fill').length]).toEqual([undefined, 1]);
    driver.clock.advanceBy(500);
    expect(sent.status()).toBe(201);
  });

  test('O10 tells one fill twice', () => {
    const driver = withBook({ id: 'O10' });
    const socket = watching(driver, ['fill']);
    driver.order(IOC);
    expect([socket.frames.length, socket.frames[0].msg.trade_id === socket.frames[1].msg.trade_id]).toEqual([2, true]);
    expect(driver.sim.fills('alice')).toHaveLength(1);
  });

  test('O11 fills after the cancel was acknowledged', () => {
    const driver = broken({ id: 'O11' });
    const { body } = driver.order();
    expect(driver.call('DELETE', `${ORDERS}/${body.order_id}`).status).toBe(200);
    expect(driver.sim.fills('alice')).toEqual([]);
    driver.clock.advanceBy(500);
    expect(driver.sim.position('alice', TICKER).sizeE6).toBe(10_000_000);
    expect(driver.get(`/portfolio/orders/${body.order_id}`).body.order).toMatchObject({
      status: 'canceled',
      fill_count_fp: '10.00',
    });
  });

  test('O12 loses a cancel in silence, or acknowledges it and does nothing', () => {
    const silent = broken({ id: 'O12' });
    const path = `${ORDERS}/${silent.order().body.order_id}`;
    expect(silent.ask(silent.request('DELETE', path)).answer?.kind).toBe('silence');
    const lying = broken({ id: 'O12', parameters: { acknowledged: true } });
    const { body } = lying.order();
    expect(lying.call('DELETE', `${ORDERS}/${body.order_id}`).body.reduced_by).toBe('10.00');
    expect(lying.sim.orders('alice')[0]?.status).toBe('resting');
  });

  test('O14 places an order long after it was given up', () => {
    const driver = broken({ id: 'O14', parameters: { delayMs: 5_000 } });
    const sent = send(driver);
    expect([sent.status(), sent.truth()]).toEqual(['silence', []]);
    driver.clock.advanceBy(5_000);
    expect(sent.truth()).toEqual(['resting']);
    expect(driver.sim.received()[0]?.wasTaken).toBe(false);
  });

  test('O15 fills at a better price than anybody showed', () => {
    expect(withBook({ id: 'O15' }).order(IOC).body.average_fill_price).toBe('0.4900');
  });

  test('O16 fills hundredths of contracts', () => {
    expect(withBook({ id: 'O16' }).order({ ...IOC, count: '1.00' }).body.fill_count).toBe('0.37');
  });

  test('O17 fills more than was asked for', () => {
    const driver = withBook({ id: 'O17' });
    driver.order(IOC);
    expect(driver.sim.position('alice', TICKER).sizeE6).toBe(11_000_000);
  });

  test('O21 triggers the group just before its order', () => {
    const driver = broken({ id: 'O21' });
    const { body } = driver.call('POST', '/portfolio/order_groups/create', { body: { contracts_limit_fp: '5.00' } });
    expect(driver.order({ order_group_id: body.order_group_id }).status).toBe(400);
  });

  test('O22 changes the fee between check and fill', () => {
    const driver = withBook({ id: 'O22' });
    driver.order(IOC);
    expect(driver.sim.fills('alice')[0]?.feeMicro).toBe(350_000);
  });

  test('V3 tells the fill before the trade', () => {
    const order = (driver: SimDriver): string[] => {
      const socket = watching(driver, ['trade', 'fill']);
      driver.order(IOC);
      return socket.frames.map(({ type }) => type);
    };
    expect([order(withBook()), order(withBook({ id: 'V3' }))]).toEqual([
      ['trade', 'fill'],
      ['fill', 'trade'],
    ]);
  });
});
