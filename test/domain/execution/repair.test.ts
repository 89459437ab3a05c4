import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdingsOf, shortfallE6 } from '../../../src/domain/execution/holdings.ts';
import { type TakingSide, takeUpTo } from '../../../src/domain/execution/order-size.ts';
import { adopted, hedgesDue, isAsymmetric, mayRepeat } from '../../../src/domain/execution/policy.ts';
import { isShut, type LegMarket, planRepair } from '../../../src/domain/execution/repair.ts';
import { contracts, microUsd, priceE4, sizeE6, USD } from '../../../src/domain/units.ts';
import { orderOf, planOf, reportOf, type Said } from '../../machines/attempt-rig.ts';
import { asks, FREE } from '../edge/support.ts';

const PLAN = planOf('together');
const RULES = { minSizeE6: contracts(1), minNotionalMicroUsd: microUsd(0), isWholeCent: false, lotE6: sizeE6(10_000) };
const [K, P] = [PLAN.legs[0] ?? orderOf('1-kalshi'), PLAN.legs[1] ?? orderOf('2-polymarket')];

function side(
  action: 'buy' | 'sell',
  price: number,
  count: number,
  rules: Partial<TakingSide['rules']> = {},
): TakingSide {
  return { action, levels: asks([price, count]), fee: FREE, rules: { ...RULES, ...rules } };
}

/** Ten of Kalshi at 45 cents, none of Polymarket. */
function asked(
  of: {
    complete?: TakingSide;
    unwind?: TakingSide;
    kalshi?: Said;
    settlesLater?: boolean;
    lost?: number;
    shut?: readonly number[];
  } = {},
) {
  const reports = [reportOf(K, of.kalshi ?? { final: 10, end: 'filled' }), reportOf(P, { end: 'killed' })];
  const markets: readonly LegMarket[] = [
    {
      basketLeg: 0,
      venue: 'kalshi',
      complete: undefined,
      unwind: of.unwind,
      settlesLater: of.settlesLater ?? false,
    },
    { basketLeg: 1, venue: 'polymarket', complete: of.complete, unwind: undefined, settlesLater: true },
  ];
  return planRepair({
    plan: PLAN,
    holdings: holdingsOf(PLAN, reports),
    markets,
    lostMicroUsd: microUsd(of.lost ?? 0),
    shut: of.shut ?? [],
  });
}

describe('repair', () => {
  it('completes where that loses less', () => {
    const repair = asked({ complete: side('buy', 5_600, 20), unwind: side('sell', 4_300, 20) });
    expect(repair).toMatchObject({ kind: 'planned', repair: 'completion', costMicroUsd: 100_000 });
  });

  it('takes back what it has where the venue of the other leg would refuse more, also when completing loses less', () => {
    const repair = asked({ complete: side('buy', 5_600, 20), unwind: side('sell', 4_300, 20), shut: [1] });
    expect(repair).toMatchObject({ kind: 'planned', repair: 'unwind' });
  });

  it('waits for what it has to settle rather than ask such a venue again', () => {
    const complete = side('buy', 5_600, 20);
    const kalshi: Said = { provisional: 10, end: 'filled' };
    const repair = asked({ complete, unwind: side('sell', 4_300, 20), shut: [1], settlesLater: true, kalshi });
    expect(repair).toMatchObject({ kind: 'postponed' });
  });

  it('asks such a venue again when there is no other way', () => {
    const repair = asked({ complete: side('buy', 5_600, 20), shut: [1] });
    expect(repair).toMatchObject({ kind: 'planned', repair: 'completion' });
  });

  it.each([
    ['insufficientBalance', true],
    ['killed', false],
  ] as const)('takes a leg that ended as %s for shut: %s', (refusal, isIt) => {
    expect(isShut(PLAN, [reportOf(P, { end: 'refused', refusal })], 1)).toBe(isIt);
  });

  it('takes a leg whose sale was refused for want of tokens for open', () => {
    const sale = reportOf({ ...P, action: 'sell' }, { end: 'refused', refusal: 'insufficientBalance' });
    expect(isShut(PLAN, [sale], 1)).toBe(false);
  });

  it('sells back what is in a block, although it may still be reorganised away', () => {
    const unwind = side('sell', 4_300, 20);
    const report = { ...reportOf(K, { provisional: 10, end: 'filled' }), minedE6: contracts(10) };
    expect(holdingsOf(PLAN, [report])[0]).toMatchObject({ settledE6: contracts(10) });
    expect(asked({ unwind, settlesLater: true, kalshi: { provisional: 10, end: 'filled' } })).toMatchObject({
      kind: 'postponed',
    });
  });

  it('unwinds where that loses less', () => {
    const repair = asked({ complete: side('buy', 5_800, 20), unwind: side('sell', 4_300, 20) });
    expect(repair).toMatchObject({ kind: 'planned', repair: 'unwind', costMicroUsd: 200_000 });
  });

  it('compares both at the size that both can do', () => {
    const repair = asked({ complete: side('buy', 5_800, 20), unwind: side('sell', 4_300, 4) });
    expect(repair).toMatchObject({ repair: 'unwind', orders: [{ taking: { sizeE6: contracts(4) } }] });
  });

  it('counts what was lost before against the limit', () => {
    const repair = asked({ unwind: side('sell', 4_300, 20), lost: 900_000 });
    expect(repair).toMatchObject({ kind: 'planned', orders: [{ taking: { sizeE6: contracts(5) } }] });
  });

  it('says that there is no way when both are too dear', () => {
    const repair = asked({ complete: side('buy', 9_900, 20), unwind: side('sell', 100, 20), lost: USD });
    expect(repair).toEqual({ kind: 'impossible', reason: 'completion tooDear, unwind tooDear' });
  });

  it('says that a venue takes nothing now', () => {
    expect(asked()).toEqual({ kind: 'impossible', reason: 'completion unavailable, unwind unavailable' });
  });

  it('waits for what has not settled instead of selling it (S15)', () => {
    const kalshi = { provisional: 10, end: 'filled' } as const;
    expect(asked({ unwind: side('sell', 4_300, 20), settlesLater: true, kalshi })).toMatchObject({ kind: 'postponed' });
  });

  it('calls dust what is below the smallest order, within its limit (S13)', () => {
    const kalshi = { final: 0.5, end: 'canceled' } as const;
    const repair = asked({ complete: side('buy', 5_000, 20), unwind: side('sell', 4_300, 20), kalshi });
    expect(repair).toEqual({ kind: 'dust', sizeE6: 500_000, costMicroUsd: 225_000 });
  });

  it('never takes more than is missing, nor loses more than its limit at the worst price', () => {
    const cents = fc.integer({ min: 1, max: 99 }).map((cent) => cent * 100);
    const count = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(cents, count, cents, count, fc.integer({ min: 0, max: USD }), (buy, deep, sell, depth, lost) => {
        const repair = asked({ complete: side('buy', buy, deep), unwind: side('sell', sell, depth), lost });
        if (repair.kind !== 'planned') return true;
        const size = repair.orders[0]?.taking.sizeE6 ?? 0;
        return size <= contracts(10) && repair.worstMicroUsd <= USD - lost;
      }),
    );
  });
});

describe('order that takes', () => {
  it('is a whole cent where the venue wants one', () => {
    const taking = takeUpTo(side('buy', 4_850, 20, { isWholeCent: true }), sizeE6(3_330_000), () => true);
    expect(taking).toMatchObject({ sizeE6: contracts(3), limitE4: 4_900 });
  });

  it('is none below the smallest cash of the venue', () => {
    const rules = { minNotionalMicroUsd: microUsd(USD) };
    expect(takeUpTo(side('buy', 4_800, 20, rules), contracts(2), () => true)).toBe('tooSmall');
  });

  it('goes as deep as it may cost', () => {
    const deep: TakingSide = { action: 'buy', levels: asks([4_500, 3], [4_700, 5]), fee: FREE, rules: RULES };
    const taking = takeUpTo(deep, contracts(10), ({ limitE4 }) => limitE4 <= priceE4(4_600));
    expect(taking).toMatchObject({ sizeE6: contracts(3), limitE4: 4_500 });
  });
});

describe('policy', () => {
  it('owes the others what the first has filled in all, less what they have and have ordered (S12)', () => {
    const plan = planOf('sequential');
    const reports = [reportOf(K, { final: 6, open: 4 }), reportOf(P, { final: 1, open: 2, standing: 'working' })];
    expect(hedgesDue(plan, reports)).toEqual([{ basketLeg: 1, sizeE6: contracts(3) }]);
  });

  it('finds no shortfall while an unresolved order could still supply it', () => {
    const reports = [reportOf(K, { final: 10, end: 'filled' }), reportOf(P, { standing: 'unresolved', open: 10 })];
    expect([shortfallE6(holdingsOf(PLAN, reports)), isAsymmetric(PLAN, reports)]).toEqual([0, false]);
  });

  it('counts open reversals as done, so that nothing is sold twice', () => {
    const sale = orderOf('3-kalshi', { action: 'sell', role: 'unwind' });
    const reports = [
      reportOf(K, { final: 10, end: 'filled' }),
      reportOf(P, { end: 'killed' }),
      reportOf(sale, { standing: 'unresolved', open: 10 }),
    ];
    expect(shortfallE6(holdingsOf(PLAN, reports))).toBe(0);
  });

  it('replaces what was known of an order and adds one that was not', () => {
    const first = reportOf(K, { final: 1, open: 9 });
    const all = adopted(adopted([first], reportOf(K, { final: 2, open: 8 })), reportOf(P, {}));
    expect(all.map(({ order, finalE6 }) => [order.legId, finalE6])).toEqual([
      ['1-kalshi', 2_000_000],
      ['2-polymarket', 0],
    ]);
  });

  it('repeats only when every order was refused for a reason that may pass', () => {
    const refused = reportOf(K, { end: 'refused', refusal: 'venuePaused' });
    const killed = reportOf(P, { end: 'killed', refusal: 'killed' });
    expect([mayRepeat([refused]), mayRepeat([refused, killed]), mayRepeat([])]).toEqual([true, false, false]);
  });
});
