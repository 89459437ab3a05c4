import { describe, expect, it } from 'vitest';
import { get, tradingWorld } from './kit.ts';

const MINUTE_MS = 60_000;

/** Keeps ten minutes; bought ten shares, and rests with ten more. */
async function traded() {
  const given = await tradingWorld({ keptMs: 10 * MINUTE_MS });
  const { sim, clock, client } = given;
  await client.post({ price: 0.51, size: 10, type: 'FOK' });
  const resting = await client.post({ price: 0.3, size: 10 });
  const later = (minutes: number) => {
    clock.advanceBy(minutes * MINUTE_MS);
    get(sim.clob, '/time');
  };
  const positions = () => get(sim.data, `/positions?user=${client.wallet.address}`).body;
  return { sim, client, restingId: resting.body.orderID as string, later, positions };
}

describe('what is over at the simulated Polymarket', () => {
  it('is remembered for as long as it is kept', async () => {
    const { sim, client, later } = await traded();
    later(9);
    expect(sim.control.trades()).toHaveLength(1);
    expect(client.call('GET', '/data/trades').body.data).toHaveLength(1);
    expect(sim.control.received()).toHaveLength(2);
  });

  it('is forgotten afterwards', async () => {
    const { sim, client, restingId, later } = await traded();
    later(21);
    expect(sim.control.trades()).toEqual([]);
    expect(client.call('GET', '/data/trades').body.data).toEqual([]);
    expect(sim.control.received()).toEqual([]);
    const mine = sim.control.orders().filter(({ wallet }) => wallet === client.wallet.address);
    expect(mine.map(({ id }) => id)).toEqual([restingId]);
  });

  it('leaves what is held and what it cost', async () => {
    const { sim, client, later, positions } = await traded();
    later(1);
    const before = { positions: positions(), account: sim.control.account(client.wallet.address) };
    later(300);
    expect({ positions: positions(), account: sim.control.account(client.wallet.address) }).toEqual(before);
    expect(before.positions).toMatchObject([{ size: 10, initialValue: 5.22495 }]);
  });

  it('keeps a trade that may still fail', async () => {
    const given = await tradingWorld({ keptMs: 10 * MINUTE_MS });
    given.sim.control.scriptSettlement([{ status: 'RETRYING', afterMs: 1_000 }]);
    await given.client.post({ price: 0.51, size: 10, type: 'FOK' });
    given.clock.advanceBy(60 * MINUTE_MS);
    get(given.sim.clob, '/time');
    const [trade] = given.sim.control.trades();
    expect(trade?.status).toBe('RETRYING');
    expect(given.sim.control.orders().map(({ id }) => id)).toContain(trade?.takerOrderId);
  });
});
