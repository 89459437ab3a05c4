/** Matches that settle later, at the simulated Polymarket. */
import { describe, expect, it } from 'vitest';
import { contracts } from '../../src/domain/units.ts';
import { type LegDesk, legDesk, orderOn } from '../support/two-venues-legs.ts';

const TEN = contracts(10);

async function matched(desk: LegDesk) {
  const [leg] = desk.plan([orderOn(desk, 'polymarket')]);
  if (leg === undefined) throw new Error('expected a leg');
  await desk.time.advance(100);
  const trade = desk.polymarket.trades()[0];
  if (trade === undefined) throw new Error('expected a trade');
  return { leg, tradeId: trade.id };
}

describe('a match that settles later', () => {
  it('that fails is taken back, told, and leaves nothing in the books', async () => {
    const desk = await legDesk();
    desk.polymarket.setFaults({ id: 'C1', times: 1 });
    const { leg, tradeId } = await matched(desk);
    expect(leg.report()).toMatchObject({ end: 'filled', provisionalE6: TEN });
    await desk.time.advance(20_000);
    expect(leg.report()).toMatchObject({ finalE6: 0, provisionalE6: 0, openE6: 0, cashMicroUsd: 0, isAccounted: true });
    expect(desk.words.filter(({ type }) => type === 'leg.reversed')).toEqual([
      { type: 'leg.reversed', legId: leg.order.legId, tradeId, sizeE6: TEN },
    ]);
    expect(leg.state()).toBe('gone');
    expect(desk.accounts.ledger.holdings()).toEqual([]);
    expect(desk.polymarket.truth.heldE6(desk.polymarket.yes)).toBe(0);
    await desk.close();
  });

  it('that is mined, reorganised and mined again stays possible until it is confirmed', async () => {
    const desk = await legDesk();
    desk.polymarket.setFaults({ id: 'C3', times: 1 });
    const { leg } = await matched(desk);
    await desk.time.advance(15_000);
    expect(leg.report()).toMatchObject({ finalE6: 0, provisionalE6: TEN });
    await desk.time.advance(60_000);
    expect(leg.report()).toMatchObject({ finalE6: TEN, provisionalE6: 0 });
    expect(leg.state()).toBe('gone');
    await desk.close();
  });

  it('said to have failed and to be confirmed is put aside, and the breaker is told', async () => {
    const desk = await legDesk();
    desk.polymarket.sim.control.scriptSettlement([]);
    const { leg, tradeId } = await matched(desk);
    desk.polymarket.sim.control.tellTrade(tradeId, 'FAILED');
    await desk.time.advance(50);
    desk.polymarket.sim.control.tellTrade(tradeId, 'CONFIRMED');
    await desk.time.advance(50);
    expect(leg.report()).toMatchObject({ finalE6: 0, provisionalE6: TEN });
    expect(desk.triggers.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['LATE_FILL', 'LEDGER_DIFFERS']));
    await desk.time.advance(60_000);
    expect(leg.state()).toBe('ended.filled');
    await desk.close();
  });

  it.each([
    [['MINED', 'MATCHED', 'CONFIRMED', 'CONFIRMED'] as const, TEN],
    [['CONFIRMED', 'MINED', 'MATCHED'] as const, TEN],
    [['RETRYING', 'MINED', 'FAILED', 'MATCHED', 'FAILED'] as const, 0],
  ])('told as %j ends with %d', async (statuses, finalE6) => {
    const desk = await legDesk();
    desk.polymarket.sim.control.scriptSettlement([]);
    const { leg, tradeId } = await matched(desk);
    for (const status of statuses) {
      desk.polymarket.sim.control.tellTrade(tradeId, status);
      await desk.time.advance(50);
    }
    expect(leg.report()).toMatchObject({ finalE6, provisionalE6: 0 });
    expect(desk.triggers).toEqual([]);
    await desk.close();
  });

  it('short by dust is whole', async () => {
    const desk = await legDesk();
    desk.polymarket.setFaults({ id: 'O16', times: 1 });
    const { leg } = await matched(desk);
    await desk.time.advance(20_000);
    expect(leg.report()).toMatchObject({ end: 'filled', finalE6: TEN - 2_286, openE6: 0 });
    expect(leg.state()).toBe('gone');
    await desk.close();
  });
});
