import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING_PROVEN } from '../../../src/domain/edge/basket.ts';
import { bestBasket, type Candidate, generalBasket } from '../../../src/domain/edge/best-basket.ts';
import type { OrderFee } from '../../../src/domain/fees/fee-schedule.ts';
import { contracts, priceE4 } from '../../../src/domain/units.ts';
import { FREE, KALSHI } from './support.ts';

const states = ['a', 'b', 'c'];

function candidate(label: string, ask: number, payoff: readonly number[], fee: OrderFee = FREE): Candidate {
  return {
    leg: { reference: { kind: 'opaque', name: label }, action: 'buy', label },
    payoff: payoff.map(priceE4),
    askE4: priceE4(ask),
    fee,
  };
}

function chosen(candidates: readonly Candidate[], legsMax = 4): readonly string[] | undefined {
  return bestBasket({ states, candidates, sizeE6: contracts(50), legsMax })?.chosen.map((one) => one.leg.label);
}

describe('bestBasket', () => {
  it('prefers what guarantees most for its cost to what costs least', () => {
    const candidates = [
      candidate('>low', 5_200, [0, 10_000, 10_000]),
      candidate('not >high', 3_600, [10_000, 10_000, 0]),
      candidate('outside', 7_900, [10_000, 0, 10_000]),
    ];
    expect(chosen(candidates, 2)).toEqual(['>low', 'not >high']);
    expect(chosen(candidates)).toEqual(['>low', 'not >high', 'outside']);
  });

  it('lets fees decide between baskets of one cost', () => {
    const even = [
      candidate('even', 5_000, [10_000, 0, 0], KALSHI),
      candidate('not even', 5_100, [0, 10_000, 10_000], KALSHI),
    ];
    const tail = [
      candidate('tail', 1_000, [0, 0, 10_000], KALSHI),
      candidate('not tail', 9_100, [10_000, 10_000, 0], KALSHI),
    ];
    expect(chosen([...even, ...tail], 2)).toEqual(['tail', 'not tail']);
    expect(chosen(even, 2)).toEqual(['even', 'not even']);
  });

  it('finds nothing when some state is not covered', () => {
    expect(chosen([candidate('a', 100, [10_000, 0, 0]), candidate('b', 100, [0, 10_000, 0])])).toBeUndefined();
  });

  it('is at least as good as every basket that pays a dollar everywhere', () => {
    const payout = fc.constantFrom(0, 0, 5_000, 10_000);
    const drawn = fc.array(
      fc.record({ ask: fc.integer({ min: 1, max: 99 }), payoff: fc.tuple(payout, payout, payout) }),
      { minLength: 1, maxLength: 7 },
    );
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 4 }), (some, legsMax) => {
        const candidates = some.map((one, at) => candidate(`${at}`, one.ask * 100, one.payoff, KALSHI));
        const best = bestBasket({ states, candidates, sizeE6: contracts(10), legsMax });
        let expected: number | undefined;
        for (let mask = 1; mask < 2 ** candidates.length; mask++) {
          const legs = candidates.filter((_one, at) => (mask >> at) % 2 === 1);
          const worst = Math.min(
            ...states.map((_state, at) => legs.reduce((sum, one) => sum + (one.payoff[at] ?? 0), 0)),
          );
          if (legs.length > legsMax || worst < 10_000) continue;
          const cost = legs.reduce(
            (sum, one) => sum + one.askE4 * 1_000 + one.fee([{ priceE4: one.askE4, sizeE6: contracts(10) }]),
            0,
          );
          expected = Math.max(expected ?? Number.NEGATIVE_INFINITY, worst * 1_000 - cost);
        }
        expect(best?.profitMicroUsd).toBe(expected);
      }),
    );
  });

  it('becomes a basket only when its contracts are proven to read the same facts', () => {
    const candidates = [candidate('yes', 4_000, [10_000, 0, 0]), candidate('no', 5_000, [0, 10_000, 10_000])];
    const best = bestBasket({ states, candidates, sizeE6: contracts(1), legsMax: 4 });
    if (best === undefined) throw new Error('expected a basket, found none');
    expect(generalBasket({ states }, best, NOTHING_PROVEN)).toMatchObject({ reason: 'OBSERVATION_UNPROVEN' });
    const made = generalBasket({ states }, best, { ...NOTHING_PROVEN, sameObservation: true });
    expect(made).toMatchObject({ kind: 'basket', basket: { family: 'general', worstPayoffE4: 10_000 } });
  });
});
