import { describe, expect, it } from 'vitest';
import { executableSize, RACE_SEED } from '../../../src/domain/race.ts';
import { seededRandom } from '../../../src/domain/seeded-random.ts';
import { contracts, millis, priceE4, RATE_ONE, rateE6, sizeE6 } from '../../../src/domain/units.ts';
import { checkModel, drawTrip, raceModel, reachedSize, TOUCH, takeable } from '../../../src/venues/paper/fill-model.ts';
import { drawing, level } from './paper-bench.ts';

const lotE6 = sizeE6(10_000);
const levels = [level(52, 100), level(53, 40)];
const buying = (cents: number) => ({ action: 'buy' as const, limitE4: priceE4(cents * 100) });
const trips = [
  { share: 0.5, ms: 200 },
  { share: 1, ms: 800 },
];
const race = raceModel(trips);

describe('the touch model', () => {
  it('lets a taker pay 5 basis points more, rounded against it', () => {
    const displayed = { levels, quietMs: 0, tripMs: 0, lotE6 };
    const bought = takeable(TOUCH, displayed, buying(54), drawing());
    expect(bought).toEqual([
      { priceE4: 5_203, sizeE6: contracts(100) },
      { priceE4: 5_303, sizeE6: contracts(40) },
    ]);
    const sold = takeable(
      TOUCH,
      { ...displayed, levels: [level(48, 9)] },
      { action: 'sell', limitE4: priceE4(4_700) },
      drawing(),
    );
    expect(sold).toEqual([{ priceE4: 4_797, sizeE6: contracts(9) }]);
  });

  it('never fills a taker beyond its limit', () => {
    const displayed = { levels, quietMs: 0, tripMs: 0, lotE6 };
    expect(takeable(TOUCH, displayed, buying(52), drawing())).toEqual([]);
    expect(takeable(TOUCH, displayed, buying(53), drawing())).toHaveLength(1);
  });

  it('fills a maker in seven of ten reaches', () => {
    const random = seededRandom('reaches');
    const through = { levels: [level(40, 5)], quietMs: 0, tripMs: 0, lotE6 };
    const filled = Array.from({ length: 10_000 }, () => reachedSize(TOUCH, through, random)).filter((size) => size > 0);
    expect(filled.length / 10_000).toBeCloseTo(0.7, 1);
    expect(new Set(filled)).toEqual(new Set([contracts(5)]));
  });

  it.each([0, RATE_ONE])('is refused when a maker fills with a chance of %d millionths', (chance) => {
    expect(() => checkModel({ ...TOUCH, makerFillE6: rateE6(chance) })).toThrow('inside 0..1');
  });

  it('is refused when a taker never slips', () => {
    expect(() => checkModel({ ...TOUCH, takerSlipE6: rateE6(0) })).toThrow('slip');
  });
});

describe('the race model', () => {
  it('gives the executable size of the domain on average', () => {
    const random = seededRandom('races');
    const quietMs = 400;
    const displayed = { levels: [level(52, 100)], quietMs, tripMs: 0, lotE6 };
    const runs = 20_000;
    let sum = 0;
    for (let run = 0; run < runs; run++)
      for (const { sizeE6: size } of takeable(race, displayed, buying(52), random)) sum += size;
    const expected = executableSize({ sizeE6: contracts(100), level: 0 }, { ageMs: millis(quietMs), lotE6 }, RACE_SEED);
    expect(Math.abs(sum / runs / expected - 1)).toBeLessThan(0.03);
  });

  it('gives a share of each level and no more, deeper ones a larger share', () => {
    const displayed = { levels, quietMs: 1, tripMs: 0, lotE6 };
    expect(takeable(race, displayed, buying(53), drawing(0))).toEqual([
      { priceE4: 5_200, sizeE6: contracts(60) },
      { priceE4: 5_300, sizeE6: contracts(30) },
    ]);
  });

  it('counts no quote as younger than the order needs to get there', () => {
    const fresh = { levels, quietMs: 0, tripMs: 500, lotE6 };
    // At an age of one half-life half of the races are lost.
    expect(takeable(race, fresh, buying(53), drawing(0.51))).toEqual([]);
    expect(takeable(race, fresh, buying(53), drawing(0.49))).toHaveLength(2);
  });

  it('draws round trips from its quantiles, with logarithms between them', () => {
    expect([0, 0.5, 0.75, 1].map((share) => Math.round(drawTrip(race, drawing(share))))).toEqual([200, 200, 400, 800]);
    expect(drawTrip(TOUCH, drawing(0.5))).toBe(0);
  });

  it.each([
    ['no round trips', []],
    ['a round trip of no time', [{ share: 1, ms: 0 }]],
    [
      'falling times',
      [
        { share: 0.5, ms: 9 },
        { share: 1, ms: 8 },
      ],
    ],
    [
      'falling shares',
      [
        { share: 0.5, ms: 8 },
        { share: 0.5, ms: 9 },
      ],
    ],
  ])('is refused with %s', (_name, roundTrips) => {
    expect(() => checkModel(raceModel(roundTrips))).toThrow(/round trip/);
  });
});
