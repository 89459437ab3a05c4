/** Builds ladders and legs of the depth walk, plain and random. */
import fc from 'fast-check';
import type { WalkLeg } from '../../../src/domain/edge/depth-walk.ts';
import type { Listing } from '../../../src/domain/edge/families.ts';
import { type OrderFee, takerFee } from '../../../src/domain/fees/fee-schedule.ts';
import { KALSHI_DIRECT_MEMBER } from '../../../src/domain/fees/kalshi-fee.ts';
import type { Level } from '../../../src/domain/ports/market-data.ts';
import { CONTRACT, type MicroUsd, microUsd, priceE4, rateE6, sizeE6 } from '../../../src/domain/units.ts';
import { kalshiFees, polymarketFees } from '../../support/fee-schedules.ts';

export const FREE: OrderFee = () => microUsd(0);
export const KALSHI: OrderFee = takerFee(kalshiFees(), 'real');
export const POLITICS: OrderFee = takerFee(polymarketFees('0.04'), 'real');

/** Levels from pairs of a price in ten-thousandths and whole contracts. */
export function asks(...levels: readonly (readonly [price: number, contracts: number])[]): Level[] {
  return levels.map(([price, count]) => ({ priceE4: priceE4(price), sizeE6: sizeE6(count * CONTRACT) }));
}

export function leg(levels: readonly Level[], fee: OrderFee = FREE, of: Partial<WalkLeg> = {}): WalkLeg {
  return { asks: levels, fee, account: undefined, ...of };
}

export function paidFrom(id: string, balance: number): Pick<WalkLeg, 'account'> {
  return { account: { id, balanceMicroUsd: microUsd(balance) } };
}

export function listing(label: string): Listing {
  return { label, yes: { kind: 'opaque', name: `${label}/yes` }, no: { kind: 'opaque', name: `${label}/no` } };
}

/** Every kind of rounding that an order's fee goes through: none, cents, $0.0001, $0.00001 a level, × 1.5. */
const orderFees: fc.Arbitrary<OrderFee> = fc.oneof(
  fc.constant(FREE),
  fc
    .constantFrom(1_000_000, 500_000, 0)
    .map((multiplier) => takerFee(kalshiFees({ multiplierE6: rateE6(multiplier) }), 'real')),
  fc.constant(takerFee(kalshiFees({ ...KALSHI_DIRECT_MEMBER }), 'real')),
  fc.constant(takerFee(kalshiFees(), 'stress')),
  fc.constantFrom('0', '0.03', '0.04', '0.05', '0.07').map((rate) => takerFee(polymarketFees(rate), 'real')),
  fc.constant(takerFee(polymarketFees('0.05', { builderRateE6: rateE6(1_000) }), 'real')),
);

/** Rising asks around `centre`, on whole cents or tenths of them, in whole contracts or finer. */
export function ladders(centre: number, contractsMax = 40): fc.Arbitrary<Level[]> {
  const step = fc.constantFrom(100, 10, 25);
  const size = fc.oneof(
    fc.integer({ min: 1, max: contractsMax }).map((count) => count * CONTRACT),
    fc.integer({ min: 10_000, max: contractsMax * CONTRACT }),
  );
  const rungs = fc.array(fc.record({ ticks: fc.integer({ min: 0, max: 3 }), size }), { minLength: 1, maxLength: 5 });
  return fc.record({ start: fc.integer({ min: -6, max: 3 }), step, rungs }).map(({ start, step: tick, rungs: all }) => {
    let price = Math.max(tick, Math.floor(centre / tick) * tick + start * tick);
    return all.map((rung, at) => {
      price = Math.min(9_990, price + (at === 0 ? 0 : rung.ticks * tick));
      return { priceE4: priceE4(price), sizeE6: sizeE6(rung.size) };
    });
  });
}

/** One to four legs whose prices add up to roughly what a set pays. */
export const walks: fc.Arbitrary<{ readonly legs: readonly WalkLeg[]; readonly worstPayoffE4: number }> = fc
  .record({
    count: fc.integer({ min: 1, max: 4 }),
    pays: fc.constantFrom(1, 1, 1, 2, 3),
    skew: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  })
  .chain(({ count, pays, skew }) => {
    const worstPayoffE4 = Math.min(pays, count) * 10_000 - (pays > count ? 500 : 0);
    const first = count === 1 ? worstPayoffE4 : Math.min(9_000, Math.max(500, worstPayoffE4 * skew));
    const rest = count === 1 ? [] : new Array<number>(count - 1).fill((worstPayoffE4 - first) / (count - 1));
    const centres = [first, ...rest].map((centre) => Math.min(9_700, Math.max(300, centre)));
    const each = centres.map((centre) =>
      fc.record({ asks: ladders(centre), fee: orderFees }).map((made) => leg(made.asks, made.fee)),
    );
    return fc.record({ legs: fc.tuple(...each), worstPayoffE4: fc.constant(worstPayoffE4) });
  });

/** The profit of every whole number of contracts, computed the slow way. */
export function everyProfit(legs: readonly WalkLeg[], worstPayoffE4: number, countMax: number): readonly MicroUsd[] {
  return Array.from({ length: countMax + 1 }, (_value, count) => {
    let profit = Math.floor(count * worstPayoffE4 * 100);
    for (const { asks: levels, fee } of legs) {
      const taken: Level[] = [];
      let missing = count * CONTRACT;
      for (const level of levels) {
        const size = Math.min(missing, level.sizeE6);
        if (size > 0) taken.push({ priceE4: level.priceE4, sizeE6: sizeE6(size) });
        missing -= size;
      }
      if (missing > 0) throw new Error(`expected depth for ${count} contracts`);
      for (const level of taken) profit -= Number((BigInt(level.priceE4) * BigInt(level.sizeE6) + 9_999n) / 10_000n);
      if (count > 0) profit -= fee(taken);
    }
    return microUsd(profit);
  });
}

/** The first place of the largest entry. */
export function firstMaximum(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value > (values[best] ?? Number.NEGATIVE_INFINITY) ? at : best), 0);
}
