/** What becomes of a match depends on which reports of it were heard, never on their order. */
import { describe, expect, it } from 'vitest';
import { contracts } from '../../src/domain/units.ts';
import { edgesOf } from '../../src/machines/edges.ts';
import { type TradeSettlement, venueTradeMachine } from '../../src/machines/venue-trade.machine.ts';
import { legUnder, says, takenEdges } from './order-leg-rig.ts';

const ALL: readonly TradeSettlement[] = ['matched', 'mined', 'retrying', 'confirmed', 'failed'];
const TEN = contracts(10);

/** Every sequence of up to three reports: late, twice, out of order and contradicting. */
function sequences(length: number): readonly (readonly TradeSettlement[])[] {
  if (length === 0) return [[]];
  return sequences(length - 1).flatMap((rest) => ALL.map((one) => [...rest, one]));
}

function heard(settlements: readonly TradeSettlement[]) {
  const leg = legUnder({ order: { venue: 'polymarket' } });
  leg.send(says.recorded, says.sent, ...settlements.map((settlement) => says.fill('t1', 10, settlement)));
  return leg;
}

function expected(settlements: readonly TradeSettlement[]): { finalE6: number; provisionalE6: number } {
  const [isConfirmed, hasFailed] = [settlements.includes('confirmed'), settlements.includes('failed')];
  if (isConfirmed === hasFailed) return { finalE6: 0, provisionalE6: TEN };
  return { finalE6: isConfirmed ? TEN : 0, provisionalE6: 0 };
}

describe('a match that settles later', () => {
  it.each([1, 2, 3])('is what the set of its reports says, in every sequence of %d', (length) => {
    for (const settlements of sequences(length))
      expect({ settlements, ...heard(settlements).report() }).toMatchObject({ settlements, ...expected(settlements) });
  });

  it.each([
    [['matched'], undefined],
    [['matched', 'mined'], TEN],
    [['mined', 'matched'], TEN],
    [['mined', 'retrying'], undefined],
    [['mined', 'retrying', 'mined'], TEN],
    [['mined', 'confirmed'], undefined],
    [['mined', 'failed'], undefined],
  ] as const)('of which was heard %j can be sold before it is confirmed: %s', (settlements, minedE6) => {
    expect(heard(settlements).report()?.minedE6).toBe(minedE6);
  });

  it('that is contradicted is reported once, and a person decides', () => {
    const leg = heard(['failed', 'confirmed', 'failed', 'confirmed']);
    expect(leg.effects().filter((name) => name === 'reportContradiction')).toHaveLength(1);
    leg.send({ type: 'trade.reviewed', tradeId: 't1', settlement: 'failed' });
    expect(leg.report()).toMatchObject({ finalE6: 0, provisionalE6: 0 });
    const other = heard(['failed', 'confirmed']);
    other.send({ type: 'trade.reviewed', tradeId: 't1', settlement: 'confirmed' });
    expect(other.report()).toMatchObject({ finalE6: TEN, provisionalE6: 0 });
  });

  it('has no edge but the one for what nobody expects that these tests did not take', () => {
    const missed = edgesOf(venueTradeMachine).flatMap(({ id }) => (takenEdges.has(id) ? [] : [id]));
    expect(missed).toEqual(['venueTrade:*:0']);
  });
});
