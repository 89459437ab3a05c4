import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Basket, BasketResult } from '../../../src/domain/edge/basket.ts';
import { NOTHING_PROVEN } from '../../../src/domain/edge/basket.ts';
import { walkDepth } from '../../../src/domain/edge/depth-walk.ts';
import {
  type BookCondition,
  CONSERVATIVE_THRESHOLDS,
  type EvaluationRequest,
  evaluate,
  type LegNow,
  screenGross,
  screenNet,
} from '../../../src/domain/edge/evaluate.ts';
import { complementSet, crossVenueBoxes, sumOfNo } from '../../../src/domain/edge/families.ts';
import { type FeeSchedule, feeFloorPerContract, takerFee } from '../../../src/domain/fees/fee-schedule.ts';
import { contracts, microUsd, priceE4, rateE6, sizeE6 } from '../../../src/domain/units.ts';
import { kalshiFees, polymarketFees } from '../../support/fee-schedules.ts';
import { asks, FREE, KALSHI, ladders, leg, listing, POLITICS, paidFrom, walks } from './support.ts';

function made(result: BasketResult | undefined): Basket {
  if (result?.kind !== 'basket') throw new Error(`expected a basket, found ${JSON.stringify(result)}`);
  return result.basket;
}

const BOX = made(
  crossVenueBoxes({
    a: listing('A'),
    b: listing('B'),
    isInverted: false,
    special: [],
    proof: { ...NOTHING_PROVEN, equivalent: true },
  })[0],
);

function legNow(of: Partial<LegNow> = {}): LegNow {
  return { condition: 'live', asks: asks([4_500, 200]), fee: POLITICS, account: undefined, ...of };
}

const KALSHI_LEG = legNow({ asks: asks([4_800, 200]), fee: KALSHI });

function request(of: Partial<EvaluationRequest> = {}): EvaluationRequest {
  return {
    basket: BOX,
    legs: [legNow(), KALSHI_LEG],
    limits: { maxSizeE6: contracts(50), maxCapitalMicroUsd: microUsd(100_000_000) },
    thresholds: CONSERVATIVE_THRESHOLDS,
    isPairTradable: true,
    isConfirmedBySnapshot: false,
    ...of,
  };
}

function reasonOf(of: Partial<EvaluationRequest>): string {
  const evaluation = evaluate(request(of));
  return evaluation.kind === 'declined' ? evaluation.reason : evaluation.kind;
}

describe('evaluate', () => {
  it('finds the edge of design C and both of its ratios', () => {
    const edge = evaluate(request());
    expect(edge).toMatchObject({
      kind: 'edge',
      grossEdgeE4: 700,
      walk: { sizeE6: contracts(50), profitMicroUsd: 2_125_000, capitalMicroUsd: 47_875_000 },
    });
    expect(edge.returns).toEqual({
      ofCapital: { numerator: 2_125_000n, denominator: 47_875_000n },
      ofBuyPrice: { numerator: 2_125_000n, denominator: 22_500_000n },
    });
  });

  it('declines with the condition of the book', () => {
    const conditions: readonly BookCondition[] = ['awaited', 'gapped', 'stale', 'crossed', 'empty', 'closed', 'lagged'];
    const reasons = conditions.map((condition) => reasonOf({ legs: [legNow(), { ...KALSHI_LEG, condition }] }));
    expect(reasons).toEqual([
      'BOOK_AWAITED',
      'BOOK_GAPPED',
      'BOOK_STALE',
      'BOOK_CROSSED',
      'BOOK_EMPTY',
      'BOOK_CLOSED',
      'VENUE_LAGGED',
    ]);
  });

  it('declines a pair that is not tradable before it looks at anything else', () => {
    expect(reasonOf({ isPairTradable: false, legs: [legNow({ condition: 'stale' }), KALSHI_LEG] })).toBe(
      'PAIR_NOT_TRADABLE',
    );
  });

  it('reports the gross edge although a fee is unknown', () => {
    const declined = evaluate(request({ legs: [legNow(), { ...KALSHI_LEG, fee: undefined }] }));
    expect(declined).toMatchObject({ kind: 'declined', reason: 'FEE_UNKNOWN', grossEdgeE4: 700, walk: undefined });
    expect(declined.kind === 'declined' && declined.detail).toContain('NO B');
  });

  it('sends a gap above the review limit to a person, and not one at the limit', () => {
    const withGap = (ask: number) => reasonOf({ legs: [legNow({ asks: asks([ask, 200]) }), KALSHI_LEG] });
    expect(withGap(4_399)).toBe('GAP_SUSPICIOUS');
    expect(withGap(4_400)).toBe('edge');
  });

  it('takes a complement for an alarm until a fresh snapshot confirms it', () => {
    const legs = [legNow({ asks: asks([4_600, 50]), fee: FREE }), legNow({ asks: asks([5_000, 50]), fee: FREE })];
    const basket = made(complementSet(listing('rain')));
    expect(reasonOf({ basket, legs })).toBe('COMPLEMENT_ALARM');
    expect(reasonOf({ basket, legs, isConfirmedBySnapshot: true })).toBe('edge');
  });

  it('declines prices that cannot be', () => {
    const odd = [
      asks([4_500, 1], [4_400, 1]),
      asks([0, 1]),
      asks([10_000, 1]),
      [{ priceE4: Number.NaN as never, sizeE6: sizeE6(1) }],
    ];
    expect(odd.map((levels) => reasonOf({ legs: [legNow({ asks: levels }), KALSHI_LEG] }))).toEqual(
      odd.map(() => 'PRICE_INSANE'),
    );
  });

  it('names what is missing on the way from asks to dollars', () => {
    const at = (ask: number, of: Partial<EvaluationRequest> = {}) =>
      reasonOf({ legs: [legNow({ asks: asks([ask, 200]) }), KALSHI_LEG], ...of });
    expect(reasonOf({ legs: [legNow({ asks: [] }), KALSHI_LEG] })).toBe('NO_ASKS');
    expect(at(5_200)).toBe('NO_GROSS_EDGE');
    expect(at(5_000)).toBe('NO_NET_EDGE');
    expect(at(4_800)).toBe('BELOW_MIN_EDGE');
    expect(at(4_500, { limits: { maxSizeE6: contracts(2) } })).toBe('BELOW_MIN_PROFIT');
    expect(at(4_500, { limits: { maxSizeE6: contracts(5) } })).toBe('BELOW_MIN_TRADE_VALUE');
    expect(at(4_500, { limits: { maxCapitalMicroUsd: microUsd(0) } })).toBe('LIMIT_EXPOSURE');
    expect(reasonOf({ legs: [legNow(paidFrom('polymarket', 100_000)), KALSHI_LEG] })).toBe('INSUFFICIENT_BALANCE');
    expect(reasonOf({ legs: [legNow({ minSizeE6: contracts(500) }), KALSHI_LEG] })).toBe('BELOW_MIN_ORDER');
  });

  it('declines operations on the chain that cost more than their share', () => {
    const thresholds = { ...CONSERVATIVE_THRESHOLDS, minEdgeOfCapitalE6: rateE6(1_000) };
    expect(reasonOf({ thresholds, gasMicroUsd: microUsd(1_000_000) })).toBe('GAS_TOO_HIGH');
    expect(reasonOf({ thresholds, gasMicroUsd: microUsd(900_000) })).toBe('edge');
  });

  it('accepts exactly the minimum edge on capital', () => {
    const legs = [legNow({ asks: asks([5_000, 100]), fee: FREE }), legNow({ asks: asks([4_615, 100]), fee: FREE })];
    const capital = 9_615;
    const exactly = Math.floor((385 * 1_000_000) / capital);
    const thresholds = (rate: number) => ({ ...CONSERVATIVE_THRESHOLDS, minEdgeOfCapitalE6: rateE6(rate) });
    expect(reasonOf({ legs, thresholds: thresholds(exactly) })).toBe('edge');
    expect(reasonOf({ legs, thresholds: thresholds(exactly + 1) })).toBe('BELOW_MIN_EDGE');
    const round = [legNow({ asks: asks([5_000, 100]), fee: FREE }), legNow({ asks: asks([4_600, 100]), fee: FREE })];
    expect(reasonOf({ legs: round, thresholds: thresholds(41_666) })).toBe('edge');
  });

  it('leaves deeper levels that would drag the edge below its minimum', () => {
    const legs = [legNow({ asks: asks([4_500, 30], [4_790, 500]) }), legNow({ asks: asks([4_800, 600]), fee: KALSHI })];
    const edge = evaluate(request({ legs, limits: {} }));
    expect(edge).toMatchObject({ kind: 'edge', walk: { sizeE6: contracts(30) } });
  });

  it('serves sets that pay more than a dollar', () => {
    const basket = made(
      sumOfNo({
        outcomes: [listing('a'), listing('b'), listing('c')],
        special: [],
        proof: { ...NOTHING_PROVEN, exclusive: true },
      }),
    );
    const legs = [6_200, 6_700, 6_300].map((ask) => legNow({ asks: asks([ask, 50]), fee: KALSHI }));
    const thresholds = { ...CONSERVATIVE_THRESHOLDS, minEdgeOfCapitalE6: rateE6(10_000) };
    expect(evaluate(request({ basket, legs, thresholds, limits: {} }))).toMatchObject({
      kind: 'edge',
      grossEdgeE4: 800,
      walk: { payoffMicroUsd: 100_000_000 },
    });
  });

  it('never orders more when a limit falls, whatever the thresholds (I23)', () => {
    const setting = fc.record({
      first: ladders(4_500),
      second: ladders(4_900),
      most: fc.integer({ min: 0, max: 120 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      minEdge: fc.constantFrom(0, 5_000, 10_000, 30_000),
      minProfit: fc.constantFrom(0, 20_000, 100_000),
      minValue: fc.constantFrom(0, 1_000_000, 5_000_000),
    });
    fc.assert(
      fc.property(setting, ({ first, second, most, share, minEdge, minProfit, minValue }) => {
        const thresholds = {
          ...CONSERVATIVE_THRESHOLDS,
          minEdgeOfCapitalE6: rateE6(minEdge),
          minProfitMicroUsd: microUsd(minProfit),
          minTradeValueMicroUsd: microUsd(minValue),
          reviewGrossEdgeE4: 10_000,
        };
        const ordered = (count: number): number => {
          const legs = [legNow({ asks: first }), legNow({ asks: second, fee: KALSHI })];
          const evaluation = evaluate(request({ legs, thresholds, limits: { maxSizeE6: contracts(count) } }));
          return evaluation.kind === 'edge' ? evaluation.walk.sizeE6 : 0;
        };
        expect(ordered(Math.floor(most * share))).toBeLessThanOrEqual(ordered(most));
      }),
      { numRuns: 500 },
    );
  });
});

describe('screens', () => {
  it('is the payoff less the best asks', () => {
    expect(screenGross([4_500, 4_800], 10_000)).toBe(700);
    expect(screenGross([6_600, 6_900, 5_900], 20_000)).toBe(600);
  });

  it('has no edge where nobody offers a leg', () => {
    expect(screenGross([4_500, -1], 10_000)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('declines on gross prices only what no size would earn anything on', () => {
    fc.assert(
      fc.property(walks, ({ legs, worstPayoffE4 }) => {
        const best = legs.map((one) => one.asks[0]?.priceE4 ?? -1);
        fc.pre(screenGross(best, worstPayoffE4) <= 0);
        expect(walkDepth(legs, { worstPayoffE4 }, {}).sizeE6).toBe(0);
      }),
    );
  });

  it('declines after fee floors only what no size would earn anything on', () => {
    const schedules: fc.Arbitrary<FeeSchedule> = fc.oneof(
      fc.constantFrom(1_000_000, 500_000, 0).map((multiplier) => kalshiFees({ multiplierE6: rateE6(multiplier) })),
      fc.constantFrom('0', '0.03', '0.04', '0.05', '0.07').map((rate) => polymarketFees(rate)),
    );
    const priced = fc.record({
      price: fc.integer({ min: 1, max: 9_999 }),
      schedule: schedules,
      count: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(
        fc.array(priced, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: -300, max: 600 }),
        (some, gap) => {
          const worstPayoffE4 = Math.max(
            1,
            some.reduce((sum, one) => sum + one.price, gap),
          );
          const floors = some.map((one) => feeFloorPerContract(one.schedule, priceE4(one.price)));
          fc.pre(
            screenNet(
              some.map((one) => one.price),
              floors,
              worstPayoffE4,
            ) <= 0,
          );
          const legs = some.map((one) => leg(asks([one.price, one.count]), takerFee(one.schedule, 'real')));
          expect(walkDepth(legs, { worstPayoffE4 }, {}).sizeE6).toBe(0);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
