import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparator } from '../../../src/domain/edge/atoms.ts';
import { type BasketProof, type BasketResult, NOTHING_PROVEN, referenceText } from '../../../src/domain/edge/basket.ts';
import {
  boxAgainstHeld,
  complementSet,
  crossVenueBoxes,
  estimatedEdge,
  type ListedPair,
  type OutcomeSet,
  sumOfNo,
  sumOfYes,
} from '../../../src/domain/edge/families.ts';
import { negRiskConversion } from '../../../src/domain/edge/neg-risk.ts';
import { basketPayoffs } from '../../../src/domain/edge/payoff-table.ts';
import {
  bucketIdentity,
  bucketIdentityReverse,
  calendar,
  ladder,
  nestedRange,
  strikePairs,
} from '../../../src/domain/edge/strike-families.ts';
import { bookId } from '../../../src/domain/instrument.ts';
import { priceE4 } from '../../../src/domain/units.ts';
import { listing } from './support.ts';

const PROVEN: BasketProof = {
  exclusive: true,
  exhaustive: true,
  equivalent: true,
  sameObservation: true,
  cumulativeDeadline: true,
  convertible: true,
};

/** Payoffs of a basket, or the reason why it was refused. */
function verdict(result: BasketResult | undefined): readonly number[] | string | undefined {
  return result?.kind === 'basket' ? basketPayoffs(result.basket.table) : result?.reason;
}

function labels(result: BasketResult | undefined): readonly string[] {
  return result?.kind === 'basket' ? result.basket.legs.map((leg) => leg.label) : [];
}

function pair(of: Partial<ListedPair> = {}): ListedPair {
  return { a: listing('A'), b: listing('B'), isInverted: false, special: [], proof: PROVEN, ...of };
}

function outcomes(count: number, of: Partial<OutcomeSet> = {}): OutcomeSet {
  const names = Array.from({ length: count }, (_outcome, at) => listing(`o${at}`));
  return { outcomes: names, special: [], proof: PROVEN, ...of };
}

const without = (claim: keyof BasketProof): BasketProof => ({ ...PROVEN, [claim]: false });
const strikes = (label: string, ...bounds: readonly (readonly [Comparator, number])[]) => ({
  listing: listing(label),
  bounds: bounds.map(([comparator, strike]) => ({ comparator, strike })),
});

describe('cross-venue box', () => {
  it('buys opposite sides both ways round', () => {
    expect(crossVenueBoxes(pair()).map(labels)).toEqual([
      ['YES A', 'NO B'],
      ['NO A', 'YES B'],
    ]);
  });

  it('buys the same side of an inverted pair', () => {
    expect(crossVenueBoxes(pair({ isInverted: true })).map(labels)).toEqual([
      ['YES A', 'YES B'],
      ['NO A', 'NO B'],
    ]);
  });

  it('pays exactly 1 in every state, voids that agree included', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.integer({ min: 0, max: 10_000 }), (isInverted, payout) => {
        const b = isInverted ? 10_000 - payout : payout;
        const special = [{ name: 'void', yesPayouts: [priceE4(payout), priceE4(b)] }];
        const held = (['a', 'b'] as const).flatMap((venue) =>
          (['yes', 'no'] as const).map((side) => boxAgainstHeld(pair({ isInverted, special }), { venue, side })),
        );
        for (const box of [...crossVenueBoxes(pair({ isInverted, special })), ...held]) {
          expect(verdict(box)).toEqual([10_000, 10_000, 10_000]);
        }
      }),
    );
  });

  it('is refused in the direction in which the venues void differently to our loss', () => {
    const special = [{ name: 'void', yesPayouts: [priceE4(2_000), priceE4(5_000)] }];
    expect(crossVenueBoxes(pair({ special })).map(verdict)).toEqual([
      'PAYOFF_NOT_GUARANTEED',
      [10_000, 10_000, 13_000],
    ]);
  });

  it('is refused unless the pair is proven equivalent', () => {
    const refused = crossVenueBoxes(pair({ proof: without('equivalent') }));
    expect(refused.map(verdict)).toEqual(['EQUIVALENCE_UNPROVEN', 'EQUIVALENCE_UNPROVEN']);
  });
});

describe('box against what is held', () => {
  it('sells what is held and buys the same claim at the other venue', () => {
    const box = boxAgainstHeld(pair(), { venue: 'a', side: 'yes' });
    expect(labels(box)).toEqual(['sell YES A', 'YES B']);
    expect(box.kind === 'basket' && box.basket.legs.map((leg) => leg.action)).toEqual(['sell', 'buy']);
  });

  it('keeps the order of the pair when the second venue holds it', () => {
    expect(labels(boxAgainstHeld(pair(), { venue: 'b', side: 'no' }))).toEqual(['NO A', 'sell NO B']);
  });

  it('buys the other side where the pair is inverted', () => {
    expect(labels(boxAgainstHeld(pair({ isInverted: true }), { venue: 'a', side: 'yes' }))).toEqual([
      'sell YES A',
      'NO B',
    ]);
  });
});

describe('sum of YES', () => {
  it('pays 1 whichever outcome happens', () => {
    expect(verdict(sumOfYes(outcomes(3)))).toEqual([10_000, 10_000, 10_000]);
  });

  it('is refused unless the set is proven exclusive and exhaustive', () => {
    expect(verdict(sumOfYes(outcomes(3, { proof: without('exhaustive') })))).toBe('EXHAUSTIVENESS_UNPROVEN');
    expect(verdict(sumOfYes(outcomes(3, { proof: without('exclusive') })))).toBe('EXCLUSIVITY_UNPROVEN');
  });

  it('is refused when the rules foresee a void that pays nothing', () => {
    const special = [{ name: 'void', yesPayouts: [priceE4(0), priceE4(0)] }];
    expect(verdict(sumOfYes(outcomes(2, { special })))).toBe('PAYOFF_NOT_GUARANTEED');
  });

  it('accepts a tie that pays half to each of two', () => {
    const special = [{ name: 'tie', yesPayouts: [priceE4(5_000), priceE4(5_000)] }];
    expect(verdict(sumOfYes(outcomes(2, { special })))).toEqual([10_000, 10_000, 10_000]);
  });
});

describe('sum of NO', () => {
  it('pays n − 1, and n when none of them happens', () => {
    expect(verdict(sumOfNo(outcomes(3, { proof: without('exhaustive') })))).toEqual([20_000, 20_000, 20_000, 30_000]);
  });

  it('is refused unless the set is proven exclusive', () => {
    expect(verdict(sumOfNo(outcomes(3, { proof: without('exclusive') })))).toBe('EXCLUSIVITY_UNPROVEN');
  });
});

describe('neg-risk conversion', () => {
  it('sells the YES of every other outcome and then pays like all NO', () => {
    const result = negRiskConversion(outcomes(4), { converted: [1, 2], adapterFeeBips: 0, yes: 'sell' });
    expect(labels(result)).toEqual(['sell YES o0', 'NO o1', 'NO o2', 'sell YES o3']);
    expect(verdict(result)).toEqual([30_000, 30_000, 30_000, 30_000]);
  });

  it('guarantees k − 1 when the YES is held', () => {
    const result = negRiskConversion(outcomes(4), { converted: [1, 2], adapterFeeBips: 0, yes: 'hold' });
    expect(result.kind === 'basket' && result.basket.worstPayoffE4).toBe(10_000);
  });

  it('lowers the guarantee by what the adapter keeps', () => {
    const result = negRiskConversion(outcomes(3), { converted: [0, 1, 2], adapterFeeBips: 200, yes: 'hold' });
    expect(result.kind === 'basket' && result.basket.worstPayoffE4).toBe(19_600);
  });

  it('is refused where the venue has no converter', () => {
    const set = outcomes(3, { proof: without('convertible') });
    expect(verdict(negRiskConversion(set, { converted: [0], adapterFeeBips: 0, yes: 'sell' }))).toBe(
      'CONVERSION_UNPROVEN',
    );
  });
});

describe('ladder', () => {
  const given = { proof: PROVEN };

  it('pays 1 outside and 2 between the strikes', () => {
    const legs = { low: strikes('>88', ['greater', 88]), high: strikes('>92', ['greater', 92]) };
    expect(verdict(ladder(legs, given))).toEqual([10_000, 20_000, 10_000]);
    expect(labels(ladder(legs, given))).toEqual(['YES >88', 'NO >92']);
  });

  it('is refused with the strikes the wrong way round', () => {
    const legs = { low: strikes('>92', ['greater', 92]), high: strikes('>88', ['greater', 88]) };
    expect(verdict(ladder(legs, given))).toBe('PAYOFF_NOT_GUARANTEED');
  });

  it('is refused at one strike whose inclusivity differs against us', () => {
    const legs = { low: strikes('>88', ['greater', 88]), high: strikes('≥88', ['greater_or_equal', 88]) };
    expect(verdict(ladder(legs, given))).toBe('PAYOFF_NOT_GUARANTEED');
  });

  it('is refused unless both legs are proven to read the same observation', () => {
    const legs = { low: strikes('>88', ['greater', 88]), high: strikes('>92', ['greater', 92]) };
    expect(verdict(ladder(legs, { proof: without('sameObservation') }))).toBe('OBSERVATION_UNPROVEN');
  });
});

describe('bucket identity', () => {
  const given = { proof: PROVEN };
  const low = strikes('>88', ['greater', 88]);
  const high = strikes('>90', ['greater', 90]);
  const bucket = strikes('89-90', ['greater', 88], ['less_or_equal', 90]);

  it('pays exactly 1, and its reverse exactly 2', () => {
    expect(verdict(bucketIdentity({ low, bucket, high }, given))).toEqual([10_000, 10_000, 10_000]);
    expect(verdict(bucketIdentityReverse({ low, bucket, high }, given))).toEqual([20_000, 20_000, 20_000]);
  });

  it('accepts the same bucket in whole degrees', () => {
    const whole = strikes('89-90', ['greater_or_equal', 89], ['less_or_equal', 90]);
    expect(verdict(bucketIdentity({ low, bucket: whole, high }, { proof: PROVEN, granularity: 1 }))).toEqual([
      10_000, 10_000, 10_000,
    ]);
    expect(verdict(bucketIdentity({ low, bucket: whole, high }, given))).toBe('PAYOFF_NOT_GUARANTEED');
  });

  it('is refused when the bucket leaves its upper strike out', () => {
    const open = strikes('88-90', ['greater', 88], ['less', 90]);
    expect(verdict(bucketIdentity({ low, bucket: open, high }, given))).toBe('PAYOFF_NOT_GUARANTEED');
    expect(verdict(bucketIdentityReverse({ low, bucket: open, high }, given))).toEqual([
      20_000, 20_000, 30_000, 20_000,
    ]);
  });
});

describe('nested range', () => {
  const given = { proof: PROVEN };
  const outer = strikes('outer', ['greater', 1], ['less_or_equal', 9]);

  it('pays 1, and 2 between the ranges', () => {
    const inner = strikes('inner', ['greater', 3], ['less_or_equal', 5]);
    expect(verdict(nestedRange({ outer, inner }, given))).toEqual([10_000, 20_000, 10_000, 20_000, 10_000]);
  });

  it('is refused when the inner range reaches out of the outer one', () => {
    const inner = strikes('inner', ['greater', 3], ['less_or_equal', 10]);
    expect(verdict(nestedRange({ outer, inner }, given))).toBe('PAYOFF_NOT_GUARANTEED');
  });
});

describe('calendar', () => {
  const earlier = { listing: listing('by June'), deadline: 6 };
  const later = { listing: listing('by December'), deadline: 12 };

  it('pays 1, and 2 when it happens in between', () => {
    expect(verdict(calendar({ earlier, later }, { proof: PROVEN }))).toEqual([10_000, 20_000, 10_000]);
  });

  it('is refused with the deadlines the wrong way round', () => {
    expect(verdict(calendar({ earlier: later, later: earlier }, { proof: PROVEN }))).toBe('PAYOFF_NOT_GUARANTEED');
  });

  it('is refused unless the deadlines are proven to accumulate', () => {
    expect(verdict(calendar({ earlier, later }, { proof: without('cumulativeDeadline') }))).toBe('CUMULATIVE_UNPROVEN');
  });

  it('accepts a lower level by a later deadline and refuses a higher one', () => {
    const reaches = (strike: number) => ({ strike, comparator: 'greater_or_equal' }) as const;
    const given = { proof: PROVEN };
    const high = { ...earlier, reaches: reaches(100) };
    expect(verdict(calendar({ earlier: high, later: { ...later, reaches: reaches(90) } }, given))).not.toBeTypeOf(
      'string',
    );
    expect(verdict(calendar({ earlier: high, later: { ...later, reaches: reaches(110) } }, given))).toBe(
      'PAYOFF_NOT_GUARANTEED',
    );
  });
});

describe('strike pairs across venues', () => {
  it('are safe one way round and refused the other', () => {
    const venues = { a: strikes('>100k', ['greater', 100]), b: strikes('>101k', ['greater', 101]) };
    expect(strikePairs(venues, { proof: PROVEN }).map(verdict)).toEqual([
      [10_000, 20_000, 10_000],
      'PAYOFF_NOT_GUARANTEED',
    ]);
  });

  it('are safe both ways round at the same strike', () => {
    const venues = { a: strikes('A', ['greater', 100]), b: strikes('B', ['greater', 100]) };
    expect(strikePairs(venues, { proof: PROVEN }).map(verdict)).toEqual([
      [10_000, 10_000],
      [10_000, 10_000],
    ]);
  });
});

describe('complement', () => {
  it('carries a data alarm', () => {
    const result = complementSet(listing('rain'));
    expect(verdict(result)).toEqual([10_000, 10_000]);
    expect(result.kind === 'basket' && result.basket.isDataAlarm).toBe(true);
  });
});

describe('estimated edge', () => {
  const probability = { lowE4: priceE4(5_200), estimateE4: priceE4(5_500), highE4: priceE4(6_000) };

  it('is worth the end of the interval that is against us', () => {
    const worst = (side: 'yes' | 'no') => {
      const result = estimatedEdge({ family: 'sportsbook', listing: listing('home'), side, probability });
      return result.kind === 'basket' && { worst: result.basket.worstPayoffE4, isEstimate: result.basket.isEstimate };
    };
    expect(worst('yes')).toEqual({ worst: 5_200, isEstimate: true });
    expect(worst('no')).toEqual({ worst: 4_000, isEstimate: true });
  });

  it('refuses an estimate outside its interval', () => {
    const wrong = { ...probability, estimateE4: priceE4(7_000) };
    expect(() => estimatedEdge({ family: 'model', listing: listing('x'), side: 'yes', probability: wrong })).toThrow(
      'within its interval',
    );
  });
});

describe('any basket', () => {
  it('is refused with nothing proven, whatever its prices, except one that needs no proof', () => {
    const given = { proof: NOTHING_PROVEN };
    const [low, high] = [strikes('>1', ['greater', 1]), strikes('>2', ['greater', 2])];
    const made = [
      ...crossVenueBoxes(pair(given)),
      boxAgainstHeld(pair(given), { venue: 'a', side: 'yes' }),
      sumOfYes(outcomes(2, given)),
      sumOfNo(outcomes(2, given)),
      negRiskConversion(outcomes(2, given), { converted: [0], adapterFeeBips: 0, yes: 'sell' }),
      ladder({ low, high }, given),
      ...strikePairs({ a: low, b: high }, given),
    ];
    expect(made.map((result) => result.kind)).toEqual(made.map(() => 'refused'));
  });

  it('names its legs by instrument', () => {
    const book = bookId('kalshi', 'FED-26DEC');
    expect(referenceText({ kind: 'instrument', instrument: { book, inverted: true } })).toBe(
      'kalshi/FED-26DEC/inverse',
    );
    expect(referenceText({ kind: 'opaque', name: 'A/yes' })).toBe('A/yes');
  });
});
