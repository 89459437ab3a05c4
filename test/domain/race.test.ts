import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  executableLadder,
  executableSize,
  firstLeg,
  makerHedgeValue,
  pQueue,
  pWin,
  RACE_SEED,
  takerTakerValue,
} from '../../src/domain/race.ts';
import { CONTRACT, contracts, microUsd, millis, priceE4, rateE6, sizeE6 } from '../../src/domain/units.ts';
import { levels } from '../support/books.ts';

const ages = fc.integer({ min: -1_000, max: 100_000 }).map(millis);
const sizes = fc.integer({ min: 0, max: 900_000_000_000 }).map(sizeE6);
const lots = fc.constantFrom(CONTRACT, sizeE6(10_000), sizeE6(1));
const rates = fc.integer({ min: 0, max: 1_000_000 }).map(rateE6);
const money = fc.integer({ min: 0, max: 1_000_000_000 }).map(microUsd);

describe('pWin', () => {
  it('halves with each half-life', () => {
    expect(pWin(millis(500), RACE_SEED).probability).toBe(0.5);
    expect(pWin(millis(1_500), RACE_SEED).probability).toBe(0.125);
  });

  it('never falls below the floor', () => {
    expect(pWin(millis(1_000_000), RACE_SEED).probability).toBe(0.1);
  });

  it('takes a quote from the future for a fresh one and reports the clocks', () => {
    expect(pWin(millis(-20), RACE_SEED)).toEqual({ probability: 1, isClockSkewed: true });
    expect(pWin(millis(0), RACE_SEED).isClockSkewed).toBe(false);
  });

  it('does not rise with age', () => {
    fc.assert(
      fc.property(ages, fc.nat(10_000), (age, more) => {
        const later = pWin(millis(age + more), RACE_SEED).probability;
        expect(later).toBeLessThanOrEqual(pWin(age, RACE_SEED).probability);
      }),
    );
  });
});

describe('pQueue', () => {
  it('uses the last entry for every deeper level', () => {
    expect([0, 1, 2, 3, 4, 5, 40].map((level) => pQueue(level, RACE_SEED.queueTable))).toEqual([
      600_000, 750_000, 850_000, 920_000, 950_000, 950_000, 950_000,
    ]);
  });

  it('refuses an empty table', () => {
    expect(() => pQueue(0, [])).toThrow('at least one entry');
  });
});

describe('executable size', () => {
  const fresh = { ageMs: millis(0), lotE6: CONTRACT };

  it('is exact where the product is whole', () => {
    expect(executableSize({ sizeE6: contracts(200), level: 0 }, fresh, RACE_SEED)).toBe(contracts(120));
    const floored = { ageMs: millis(60_000), lotE6: CONTRACT };
    expect(executableSize({ sizeE6: contracts(50), level: 0 }, floored, RACE_SEED)).toBe(contracts(3));
  });

  it('is floored to the lot of the venue', () => {
    const displayed = { sizeE6: sizeE6(3_990_000), level: 0 };
    expect(executableSize(displayed, fresh, RACE_SEED)).toBe(contracts(2));
    expect(executableSize(displayed, { ...fresh, lotE6: sizeE6(10_000) }, RACE_SEED)).toBe(2_390_000);
  });

  it('is a whole number of lots, never above what is displayed, and does not rise with age', () => {
    fc.assert(
      fc.property(sizes, lots, ages, fc.nat(6), fc.nat(5_000), (size, lotE6, ageMs, level, more) => {
        const now = executableSize({ sizeE6: size, level }, { ageMs, lotE6 }, RACE_SEED);
        const later = executableSize({ sizeE6: size, level }, { ageMs: millis(ageMs + more), lotE6 }, RACE_SEED);
        expect(now % lotE6).toBe(0);
        expect(now).toBeLessThanOrEqual(size);
        expect(later).toBeLessThanOrEqual(now);
      }),
    );
  });
});

describe('executable ladder', () => {
  const situation = { ageMs: millis(0), lotE6: CONTRACT };

  it('counts the queue share by displayed level, also past a level that shrinks to nothing', () => {
    const ladder = executableLadder(levels({ '0.40': '1', '0.41': '100', '0.42': '100' }), situation, RACE_SEED);
    expect(ladder.levels).toEqual(levels({ '0.41': '75', '0.42': '85' }));
  });

  it('agrees with the executable size of each level', () => {
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 8 }), ages, lots, (displayed, ageMs, lotE6) => {
        const ladder = displayed.map((size, at) => ({ priceE4: priceE4(1_000 + at), sizeE6: size }));
        const expected = ladder
          .map((level, at) => ({
            priceE4: level.priceE4,
            sizeE6: executableSize({ sizeE6: level.sizeE6, level: at }, { ageMs, lotE6 }, RACE_SEED),
          }))
          .filter((level) => level.sizeE6 > 0);
        const actual = executableLadder(ladder, { ageMs, lotE6 }, RACE_SEED);
        expect(actual).toEqual({ levels: expected, isClockSkewed: ageMs < 0 });
      }),
    );
  });
});

describe('taker-taker value', () => {
  const attempt = { profit: microUsd(1_000_000), unwindA: microUsd(1_500_000), unwindB: microUsd(1_500_000) };

  it('is the whole profit when both legs are certain', () => {
    const value = takerTakerValue({ ...attempt, fillA: rateE6(1_000_000), fillB: rateE6(1_000_000) });
    expect(value.microUsd).toBe(1_000_000);
  });

  it('declines an attempt that only breaks even', () => {
    const even = { profit: microUsd(1_000_000), unwindA: microUsd(500_000), unwindB: microUsd(500_000) };
    const value = takerTakerValue({ ...even, fillA: rateE6(500_000), fillB: rateE6(500_000) });
    expect(value).toMatchObject({ microUsd: 0, shouldAttempt: false });
  });

  it('declines what is positive by less than a millionth of a dollar', () => {
    const tiny = { profit: microUsd(1), unwindA: microUsd(0), unwindB: microUsd(0) };
    expect(takerTakerValue({ ...tiny, fillA: rateE6(500_000), fillB: rateE6(1_000_000) }).shouldAttempt).toBe(false);
  });

  it('does not care which leg is called A', () => {
    fc.assert(
      fc.property(rates, rates, money, money, money, (fillA, fillB, profit, unwindA, unwindB) => {
        const one = takerTakerValue({ fillA, fillB, profit, unwindA, unwindB });
        const other = takerTakerValue({ fillA: fillB, fillB: fillA, profit, unwindA: unwindB, unwindB: unwindA });
        expect(other).toEqual(one);
      }),
    );
  });

  it('never exceeds the profit', () => {
    fc.assert(
      fc.property(rates, rates, money, money, money, (fillA, fillB, profit, unwindA, unwindB) => {
        expect(takerTakerValue({ fillA, fillB, profit, unwindA, unwindB }).microUsd).toBeLessThanOrEqual(profit);
      }),
    );
  });
});

describe('maker-hedge value', () => {
  const quote = { makerFill: rateE6(300_000), profit: microUsd(1_200_000), unwind: microUsd(800_000) };

  it('turns negative when whoever fills us knows enough', () => {
    const kind = makerHedgeValue({ ...quote, hedgeGivenFill: rateE6(900_000), adverse: microUsd(200_000) });
    const toxic = makerHedgeValue({ ...quote, hedgeGivenFill: rateE6(400_000), adverse: microUsd(200_000) });
    expect(kind).toMatchObject({ microUsd: 240_000, shouldAttempt: true });
    expect(toxic.shouldAttempt).toBe(false);
  });
});

describe('first leg', () => {
  it('is the less certain one, A when both are alike', () => {
    expect(firstLeg({ fillA: rateE6(900_000), fillB: rateE6(600_000) })).toBe('b');
    expect(firstLeg({ fillA: rateE6(600_000), fillB: rateE6(900_000) })).toBe('a');
    expect(firstLeg({ fillA: rateE6(600_000), fillB: rateE6(600_000) })).toBe('a');
  });
});
