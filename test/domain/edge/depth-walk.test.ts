import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commonDepth,
  priceAtSize,
  type WalkLeg,
  type WalkLimits,
  type WalkTerms,
  walkDepth,
} from '../../../src/domain/edge/depth-walk.ts';
import { Ladder } from '../../../src/domain/edge/ladder.ts';
import { marginalStop } from '../../../src/domain/edge/marginal-stop.ts';
import { SizeSearch, wholeCentStep } from '../../../src/domain/edge/size-search.ts';
import { takerFee } from '../../../src/domain/fees/fee-schedule.ts';
import { kalshiRawFee } from '../../../src/domain/fees/kalshi-fee.ts';
import { polymarketRawFee } from '../../../src/domain/fees/polymarket-fee.ts';
import { add, ZERO } from '../../../src/domain/fraction.ts';
import { CONTRACT, contracts, microUsd, priceE4, rateE6, sizeE6 } from '../../../src/domain/units.ts';
import { kalshiFees, polymarketFees } from '../../support/fee-schedules.ts';
import { asks, everyProfit, FREE, firstMaximum, KALSHI, leg, POLITICS, paidFrom, walks } from './support.ts';

const ONE: WalkTerms = { worstPayoffE4: 10_000 };
const MUCH = 1_000_000_000_000;

function countOf(walk: { readonly sizeE6: number }): number {
  return walk.sizeE6 / CONTRACT;
}

function depthOf(legs: readonly WalkLeg[]): number {
  return Math.floor(commonDepth(legs, 'all') / CONTRACT);
}

describe('walkDepth, against every size', () => {
  it('finds the smallest of the most profitable sizes', () => {
    fc.assert(
      fc.property(walks, ({ legs, worstPayoffE4 }) => {
        const profits = everyProfit(legs, worstPayoffE4, depthOf(legs));
        const walk = walkDepth(legs, { worstPayoffE4 }, {});
        expect(countOf(walk)).toBe(firstMaximum(profits));
        expect(walk.profitMicroUsd).toBe(profits[countOf(walk)]);
      }),
      { numRuns: 1_500 },
    );
  });

  it('maximises what is left after the marginal edge and after what is paid once', () => {
    const extras = fc.record({
      marginal: fc.integer({ min: 0, max: 30_000 }),
      gas: fc.integer({ min: 0, max: 400_000 }),
    });
    fc.assert(
      fc.property(walks, extras, ({ legs, worstPayoffE4 }, { marginal, gas }) => {
        const profits = everyProfit(legs, worstPayoffE4, depthOf(legs));
        const kept = profits.map((profit, count) => profit - marginal * count - (count > 0 ? gas : 0));
        const terms = { worstPayoffE4, marginalEdgeMicroUsd: microUsd(marginal), fixedCostMicroUsd: microUsd(gas) };
        expect(countOf(walkDepth(legs, terms, {}))).toBe(firstMaximum(kept));
      }),
      { numRuns: 500 },
    );
  });

  it('takes a set only when it earns its share of capital, equality included', () => {
    const rates = fc.constantFrom(1_000, 5_000, 10_000, 30_000);
    fc.assert(
      fc.property(walks, rates, ({ legs, worstPayoffE4 }, rate) => {
        const profits = everyProfit(legs, worstPayoffE4, depthOf(legs));
        const objectives = profits.map((profit, count) => {
          const capital = count * worstPayoffE4 * 100 - profit;
          return count === 0 ? -1 : profit * 1_000_000 - rate * capital;
        });
        const first = firstMaximum(objectives);
        const walk = walkDepth(legs, { worstPayoffE4, marginalOfCapitalE6: rateE6(rate) }, {});
        expect(countOf(walk)).toBe((objectives[first] ?? -1) >= 0 ? first : 0);
      }),
      { numRuns: 500 },
    );
  });

  it('finds the best size within every limit at once', () => {
    const bounds = fc.record({
      most: fc.integer({ min: 0, max: 120 }),
      capital: fc.integer({ min: 0, max: 80_000_000 }),
      balances: fc.array(fc.integer({ min: 0, max: 40_000_000 }), { minLength: 4, maxLength: 4 }),
      least: fc.integer({ min: 0, max: 8 }),
      isShared: fc.boolean(),
    });
    fc.assert(
      fc.property(walks, bounds, ({ legs: plain, worstPayoffE4 }, { most, capital, balances, least, isShared }) => {
        const legs = plain.map((one, at) => ({
          ...one,
          ...paidFrom(isShared ? 'shared' : `account ${at}`, balances[isShared ? 0 : at] ?? 0),
          minSizeE6: contracts(least),
        }));
        const profits = everyProfit(legs, worstPayoffE4, depthOf(legs));
        const allowed = profits.map((profit, count) => {
          if (count === 0) return 0;
          const priced = priceAtSize(legs, { worstPayoffE4 }, contracts(count));
          const spent = priced.legs.map((one) => one.costMicroUsd + one.feeMicroUsd);
          const isPaid = isShared
            ? spent.reduce((sum, one) => sum + one, 0) <= (balances[0] ?? 0)
            : spent.every((one, at) => one <= (balances[at] ?? 0));
          const fits = count <= most && count >= least && priced.capitalMicroUsd <= capital;
          return fits && isPaid ? profit : Number.NEGATIVE_INFINITY;
        });
        const limits = { maxSizeE6: contracts(most), maxCapitalMicroUsd: microUsd(capital) };
        expect(countOf(walkDepth(legs, { worstPayoffE4 }, limits))).toBe(firstMaximum(allowed));
      }),
      { numRuns: 700 },
    );
  });

  it('finds the best size whose cash is whole cents at the limit price', () => {
    fc.assert(
      fc.property(walks, fc.integer({ min: 1, max: 200 }), ({ legs: plain, worstPayoffE4 }, most) => {
        const legs = plain.map((one, at) => ({ ...one, isWholeCent: at === 0 }));
        const profits = everyProfit(legs, worstPayoffE4, depthOf(legs));
        const allowed = profits.map((profit, count) => {
          if (count === 0) return 0;
          const limit = new Ladder(legs[0]?.asks ?? []).limitE4(contracts(count));
          return (count * limit) % 100 === 0 && count <= most ? profit : Number.NEGATIVE_INFINITY;
        });
        const walk = walkDepth(legs, { worstPayoffE4 }, { maxSizeE6: contracts(most) });
        expect(countOf(walk)).toBe(firstMaximum(allowed));
      }),
      { numRuns: 500 },
    );
  });

  it('is exact at the cent sawtooth of a long flat level', () => {
    const rates = fc.constantFrom('0.05018', '0.0502', '0.05', '0.051', '0.0495');
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 2_000 }), (rate, count) => {
        const legs = [
          leg(asks([4_700, count]), takerFee(polymarketFees(rate), 'real')),
          leg(asks([5_000, count]), KALSHI),
        ];
        expect(countOf(walkDepth(legs, ONE, {}))).toBe(firstMaximum(everyProfit(legs, 10_000, count)));
      }),
      { numRuns: 60 },
    );
  });
});

describe('walkDepth, monotone (I23)', () => {
  const limitsOf = fc.record({
    maxSizeE6: fc.integer({ min: 0, max: 150 }).map(contracts),
    maxCapitalMicroUsd: fc.integer({ min: 0, max: 120_000_000 }).map(microUsd),
    reservesAtLimit: fc.boolean(),
  });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const shares = fc.tuple(share, share, share, share);

  it('never raises the size when any limit falls', () => {
    const setting = fc.record({ limits: limitsOf, shares, balance: fc.integer({ min: 0, max: 90_000_000 }) });
    const rates = fc.constantFrom(0, 10_000, 30_000);
    fc.assert(
      fc.property(
        walks,
        setting,
        rates,
        fc.boolean(),
        ({ legs, worstPayoffE4 }, { limits, shares: cut, balance }, rate, isWholeCent) => {
          const [bySize, byCapital, byBalance, byDepth] = cut;
          const funded = (share: number): readonly WalkLeg[] =>
            legs.map((one) => ({ ...one, ...paidFrom('venue', Math.floor(balance * share)), isWholeCent }));
          const terms = { worstPayoffE4, marginalOfCapitalE6: rateE6(rate) };
          const before = walkDepth(funded(1), terms, limits);
          const held = sizeE6(Math.floor(before.sizeE6 * byDepth));
          const lower = [
            walkDepth(funded(1), terms, { ...limits, maxSizeE6: sizeE6(Math.floor(limits.maxSizeE6 * bySize)) }),
            walkDepth(funded(1), terms, {
              ...limits,
              maxCapitalMicroUsd: microUsd(Math.floor(limits.maxCapitalMicroUsd * byCapital)),
            }),
            walkDepth(funded(byBalance), terms, limits),
            walkDepth(funded(1), terms, { ...limits, reservesAtLimit: true }),
            walkDepth(
              funded(1).map((one) => ({ ...one, maxSizeE6: held })),
              terms,
              limits,
            ),
          ];
          for (const after of lower) expect(after.sizeE6).toBeLessThanOrEqual(before.sizeE6);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('holds also on a level so long and flat that it is tried in steps', () => {
    const flat = [
      leg(asks([4_600, 500], [4_700, 90_000]), takerFee(polymarketFees('0.05018'), 'real')),
      leg(asks([5_000, 90_500]), KALSHI),
    ];
    const sizeUnder = (count: number): number => walkDepth(flat, ONE, { maxSizeE6: contracts(count) }).sizeE6;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 90_500 }), fc.integer({ min: 0, max: 90_500 }), (a, b) => {
        expect(sizeUnder(Math.min(a, b))).toBeLessThanOrEqual(sizeUnder(Math.max(a, b)));
      }),
      { numRuns: 40 },
    );
  });
});

describe('walkDepth, worked by hand', () => {
  const trap = [leg(asks([4_000, 10], [4_700, 500]), POLITICS), leg(asks([4_800, 10], [5_100, 500]), KALSHI)];

  it('stops on the marginal contract, not on the average price', () => {
    const walk = walkDepth(trap, ONE, {});
    expect(countOf(walk)).toBe(10);
    expect(walk.profitMicroUsd).toBe(924_000);
    expect(priceAtSize(trap, ONE, contracts(510)).profitMicroUsd).toBe(-2_808_000);
  });

  it('reports cost, fee and worst level of each leg, and all of it as capital', () => {
    const walk = walkDepth(trap, ONE, {});
    expect(walk.legs).toEqual([
      { costMicroUsd: 4_000_000, feeMicroUsd: 96_000, limitE4: 4_000, taken: asks([4_000, 10]) },
      { costMicroUsd: 4_800_000, feeMicroUsd: 180_000, limitE4: 4_800, taken: asks([4_800, 10]) },
    ]);
    expect(walk.capitalMicroUsd).toBe(9_076_000);
    expect(walk.payoffMicroUsd).toBe(10_000_000);
    expect(walk.trade).toBe(true);
  });

  it('serves a basket that pays more than a dollar', () => {
    const legs = [6_600, 6_900, 5_900].map((price) => leg(asks([price, 50]), KALSHI));
    const walk = walkDepth(legs, { worstPayoffE4: 20_000 }, {});
    expect(countOf(walk)).toBe(50);
    expect(walk.profitMicroUsd).toBe(610_000);
  });

  it('counts the fee as rounded against the balance', () => {
    const legs = [leg(asks([4_500, 200]), POLITICS), leg(asks([4_800, 200]), KALSHI, paidFrom('kalshi', 9_000_000))];
    expect(countOf(walkDepth(legs, ONE, {}))).toBe(18);
  });

  it('keeps what the venue reserves at the limit price within the balance', () => {
    const legs = [leg(asks([3_000, 10], [4_000, 10]), FREE, paidFrom('kalshi', 7_000_000)), leg(asks([5_000, 20]))];
    expect(countOf(walkDepth(legs, ONE, {}))).toBe(20);
    expect(countOf(walkDepth(legs, ONE, { reservesAtLimit: true }))).toBe(17);
  });

  it('lets legs of one account share its balance', () => {
    const legs = [
      leg(asks([4_000, 50]), FREE, paidFrom('kalshi', 9_000_000)),
      leg(asks([5_000, 50]), FREE, paidFrom('kalshi', 9_000_000)),
    ];
    expect(countOf(walkDepth(legs, ONE, {}))).toBe(10);
  });

  it('asks no cash for the sale of what is held, and sells no more than that', () => {
    const legs = [
      leg(asks([4_800, 50]), KALSHI, { maxSizeE6: contracts(12) }),
      leg(asks([4_500, 50]), POLITICS, paidFrom('polymarket', MUCH)),
    ];
    expect(countOf(walkDepth(legs, ONE, {}))).toBe(12);
  });

  it('chooses whole cents at a fine tick and reports the contracts it had to leave', () => {
    const legs = [leg(asks([570, 19]), FREE, { isWholeCent: true }), leg(asks([9_000, 100]))];
    const walk = walkDepth(legs, ONE, {});
    expect(countOf(walk)).toBe(10);
    expect(walk.dustE6).toBe(9 * CONTRACT);
  });

  it('takes part of two levels when a lot straddles them', () => {
    const halves = [{ priceE4: priceE4(4_000), sizeE6: sizeE6(500_000) }, ...asks([4_200, 3])];
    const walk = walkDepth([leg(halves), leg(asks([5_000, 1]))], ONE, {});
    expect(walk.legs[0]?.costMicroUsd).toBe(410_000);
    expect(walk.legs[0]?.limitE4).toBe(4_200);
  });
});

describe('walkDepth, reasons', () => {
  const good = [leg(asks([4_500, 20]), POLITICS), leg(asks([4_800, 20]), KALSHI)];
  const reasonOf = (legs: readonly WalkLeg[], terms: Partial<WalkTerms> = {}, limits: WalkLimits = {}) => {
    const walk = walkDepth(legs, { ...ONE, ...terms }, limits);
    return { reason: walk.reason, trade: walk.trade, count: countOf(walk) };
  };

  it('names each cause when nothing is bought', () => {
    const none = (reason: string) => ({ reason, trade: false, count: 0 });
    expect(reasonOf([leg([]), leg(asks([4_800, 20]))])).toEqual(none('NO_ASKS'));
    expect(reasonOf([leg(asks([5_200, 20])), leg(asks([4_800, 20]))])).toEqual(none('NO_GROSS_EDGE'));
    expect(reasonOf([leg(asks([5_000, 20]), POLITICS), leg(asks([4_800, 20]), KALSHI)])).toEqual(none('NO_NET_EDGE'));
    expect(reasonOf(good, { marginalOfCapitalE6: rateE6(50_000) })).toEqual(none('BELOW_MIN_EDGE'));
    expect(reasonOf(good.map((one) => ({ ...one, minSizeE6: contracts(21) })))).toEqual(none('BELOW_MIN_ORDER'));
    expect(reasonOf(good.map((one) => ({ ...one, minNotionalMicroUsd: microUsd(10_000_000) })))).toEqual(
      none('BELOW_MIN_ORDER'),
    );
    const fine = [leg(asks([571, 19]), FREE, { isWholeCent: true }), leg(asks([9_000, 100]))];
    expect(reasonOf(fine)).toEqual(none('NO_VALID_SIZE'));
    expect(reasonOf(good, {}, { maxCapitalMicroUsd: microUsd(0) })).toEqual(none('LIMIT_EXPOSURE'));
    expect(reasonOf(good.map((one) => ({ ...one, ...paidFrom('a', 100_000) })))).toEqual(none('INSUFFICIENT_BALANCE'));
  });

  it('reports the size of a trade that is too small to make', () => {
    expect(reasonOf(good, { minProfitMicroUsd: microUsd(5_000_000) })).toEqual({
      reason: 'BELOW_MIN_PROFIT',
      trade: false,
      count: 20,
    });
    expect(reasonOf(good, { minTradeValueMicroUsd: microUsd(50_000_000) })).toEqual({
      reason: 'BELOW_MIN_TRADE_VALUE',
      trade: false,
      count: 20,
    });
  });

  it('refuses asks that are not best first', () => {
    expect(() => walkDepth([leg(asks([4_500, 1], [4_400, 1]))], ONE, {})).toThrow('best first');
  });
});

describe('SizeSearch', () => {
  it('tries few of 100,000 sizes over 50 levels a leg', () => {
    const deep = (start: number) =>
      new Ladder(asks(...Array.from({ length: 50 }, (_level, at) => [start + at * 10, 2_000] as const)));
    const free = { feeNoiseMicroUsd: microUsd(15_001), isWholeCent: false };
    const search = new SizeSearch(
      [
        { ladder: deep(4_300), fee: POLITICS, ...free },
        { ladder: deep(4_800), fee: KALSHI, ...free },
      ],
      {
        worstPayoffE4: 10_000,
        lotE6: CONTRACT,
        marginalEdgeMicroUsd: microUsd(0),
        marginalOfCapitalE6: rateE6(0),
        fixedCostMicroUsd: microUsd(0),
      },
    );
    expect(search.depthLots).toBe(100_000);
    expect(search.best({ least: 1, most: 100_000, isAligned: false }).lots).toBeGreaterThan(10_000);
    expect(search.evaluations).toBeLessThan(300);
  });
});

describe('wholeCentStep', () => {
  it('is the number of contracts whose cash is whole cents', () => {
    expect([5_700, 570, 571, 5_125, 25].map((price) => wholeCentStep(price, CONTRACT))).toEqual([1, 10, 100, 4, 4]);
  });
});

describe('marginalStop', () => {
  const kalshi = kalshiFees();
  const politics = polymarketFees('0.04');
  const legs = [
    { asks: asks([4_500, 40], [4_600, 60], [4_800, 100]), rawFee: polymarketRaw },
    { asks: asks([4_800, 30], [4_900, 50], [5_100, 200]), rawFee: kalshiRaw },
  ];
  function polymarketRaw(levels: Parameters<typeof POLITICS>[0]) {
    return levels.map((level) => polymarketRawFee(politics, level)).reduce(add, ZERO);
  }
  function kalshiRaw(levels: Parameters<typeof POLITICS>[0]) {
    return kalshiRawFee(kalshi, 'taker', levels);
  }

  it('is the last size whose marginal set still earns something before rounding', () => {
    expect(marginalStop(legs, { ...ONE, marginalEdgeMicroUsd: microUsd(0) })).toBe(contracts(100));
  });

  it('comes earlier when the last set must earn more', () => {
    expect(marginalStop(legs, { ...ONE, marginalEdgeMicroUsd: microUsd(30_000) })).toBe(contracts(40));
  });

  it('counts a set that earns nothing at all as not worth taking', () => {
    const even = [
      { asks: asks([4_000, 5]), rawFee: () => ZERO },
      { asks: asks([6_000, 5]), rawFee: () => ZERO },
    ];
    expect(marginalStop(even, { ...ONE, marginalEdgeMicroUsd: microUsd(0) })).toBe(0);
  });
});
