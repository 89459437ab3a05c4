import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFloat } from '../../../src/domain/fraction.ts';
import { exitLevels, exitTrigger, type Liquidity, liquidityOf, netOfExit } from '../../../src/domain/sports/exits.ts';
import { contracts, microUsd, millis, priceE4 } from '../../../src/domain/units.ts';
import { kalshiTakerFee } from '../../support/sports-fees.ts';

function levelsAt(entry: number, edgeCents: number, liquidity: Liquidity): (number | undefined)[] {
  const found = exitLevels({ entryE4: priceE4(entry), edge: microUsd(edgeCents * 10_000), liquidity });
  return [found?.takeProfitE4, found?.stopLossE4];
}

describe('exit levels', () => {
  it('are 53 and 43 cents for 48 cents, an edge of 5 and high liquidity', () => {
    expect(levelsAt(4_800, 5, 'HIGH')).toEqual([5_300, 4_300]);
  });

  it('use the largest edge of the table that was reached', () => {
    expect(levelsAt(5_000, 4.9, 'MEDIUM')).toEqual(levelsAt(5_000, 3, 'MEDIUM'));
    expect(levelsAt(5_000, 20, 'MEDIUM')).toEqual([5_700, 4_600]);
  });

  it('do not exist for an edge below one cent', () => {
    expect(levelsAt(5_000, 0.9, 'MEDIUM')).toEqual([undefined, undefined]);
  });

  it('round half a cent up', () => {
    expect(levelsAt(5_000, 1, 'LOW')).toEqual([5_500, 4_800]);
    expect(levelsAt(5_050, 1, 'MEDIUM')).toEqual([5_400, 4_900]);
  });

  it('are clamped to 1..99 cents', () => {
    expect(levelsAt(200, 6, 'HIGH')).toEqual([800, 100]);
    expect(levelsAt(9_800, 6, 'LOW')).toEqual([9_900, 9_500]);
  });

  it('are whole cents with the stop at or below the take profit', () => {
    const liquidities = fc.constantFrom<Liquidity>('HIGH', 'MEDIUM', 'LOW');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 1, max: 30 }),
        liquidities,
        (entry, edge, any) => {
          const [takeProfit = Number.NaN, stopLoss = Number.NaN] = levelsAt(entry, edge, any);
          expect([takeProfit % 100, stopLoss % 100]).toEqual([0, 0]);
          expect(stopLoss).toBeLessThanOrEqual(takeProfit);
        },
      ),
    );
  });

  it('lose 0.49 cents at the take profit of a one-cent edge entered at 50', () => {
    const net = netOfExit({ entryE4: priceE4(5_000), exitE4: priceE4(5_300) }, kalshiTakerFee);
    expect(toFloat(net)).toBeCloseTo(-0.004937, 12);
  });

  it('call a market busy above 10,000 contracts and quiet below 2,000', () => {
    expect([10_001, 10_000, 2_000, 1_999].map((volume) => liquidityOf(contracts(volume)))).toEqual([
      'HIGH',
      'MEDIUM',
      'MEDIUM',
      'LOW',
    ]);
  });
});

describe('exit trigger', () => {
  const orders = { takeProfitE4: priceE4(5_300), stopLossE4: priceE4(4_300), untilSettlementMsMin: millis(60_000) };
  const calm = { bidE4: priceE4(4_800), untilSettlementMs: millis(3_600_000), isRequested: false };

  it.each([
    ['nothing between the levels', calm, undefined],
    ['take profit at its level', { ...calm, bidE4: priceE4(5_300) }, 'takeProfit'],
    ['stop loss at its level', { ...calm, bidE4: priceE4(4_300) }, 'stopLoss'],
    ['settlement when it is near', { ...calm, untilSettlementMs: millis(60_000) }, 'beforeSettlement'],
    ['a person before anything else', { ...calm, bidE4: priceE4(5_300), isRequested: true }, 'manual'],
    ['no price without a bid', { ...calm, bidE4: undefined }, undefined],
  ])('is %s', (_what, situation, expected) => {
    expect(exitTrigger(situation, orders)).toBe(expected);
  });
});
