/** A simulated Kalshi with faults, and what one order becomes at it. */
import type { Fault } from '../../../src/sim/faults.ts';
import { orderBody, SimDriver, type TestSocket, TICKER } from '../../support/sim-driver.ts';

export const ORDERS = '/portfolio/events/orders';
export const IOC = { time_in_force: 'immediate_or_cancel' };
export const FOK = { time_in_force: 'fill_or_kill' };

export type FaultWish = Partial<Fault> & { id: string };

export function broken(...faults: FaultWish[]): SimDriver {
  const driver = new SimDriver();
  driver.sim.setFaults(faults.map((fault) => ({ venue: 'kalshi' as const, ...fault })));
  return driver;
}

/** An order sent to a faulty venue; what became of the answer, and of the order in truth. */
export function send(driver: SimDriver, changes: Record<string, unknown> = {}) {
  const holder = driver.ask(driver.request('POST', ORDERS, { body: orderBody(changes) }));
  const truth = (): string[] => driver.sim.orders('alice').map(({ status }) => status);
  const status = (): number | string | undefined =>
    holder.answer?.kind === 'reply' ? holder.answer.reply.status : holder.answer?.kind;
  return { truth, status, holder };
}

export function watching(driver: SimDriver, channels = ['orderbook_delta'], socket = driver.connect()): TestSocket {
  driver.subscribe({ channels, market_tickers: [TICKER] }, socket);
  socket.take();
  return socket;
}
