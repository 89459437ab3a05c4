/**
 * Polymarket US, a separate venue with its own schedule: `θ · C · p(1 − p)` per order, rounded to the
 * cent, half to even (docs.polymarket.us, fees). θ is read per market and has changed three times.
 */
import type { Fraction } from '../fraction.ts';
import type { Level } from '../ports/market-data.ts';
import { CENT, complement, type MicroUsd, notional, type RateE6, rateE6 } from '../units.ts';
import { curveFee, rateProduct, roundToStep, shareOf } from './exact-fee.ts';
import type { Role } from './fee-schedule.ts';

export interface UsCharge {
  readonly raw: Fraction;
  /** What moves, to the cent. */
  readonly roundedMicroUsd: MicroUsd;
}

/** The fee of one taking order. */
export function usTakerFee(theta: RateE6, levels: readonly Level[]): UsCharge {
  const raw = curveFee(rateProduct(theta), levels);
  return { raw, roundedMicroUsd: bankersCent(raw) };
}

/** What a maker gets back. The venue publishes its θ as a negative fee, in signed millionths here. */
export function usMakerRebate(thetaMakerE6: number, levels: readonly Level[]): UsCharge {
  const { numerator, denominator } = curveFee(rateProduct(rateE6(Math.abs(thetaMakerE6))), levels);
  const raw = { numerator: thetaMakerE6 > 0 ? -numerator : numerator, denominator };
  return { raw, roundedMicroUsd: bankersCent(raw) };
}

const LEGACY_TAKER = rateE6(3_000);
const LEGACY_MAKER_REBATE = rateE6(2_000);

/** The schedule of late 2025: 30 bps from takers and 20 bps to makers, of what the side of the fill puts at risk. */
export function usLegacyCharge(fill: Level & { readonly direction: 'buy' | 'sell'; readonly role: Role }): {
  readonly amountMicroUsd: MicroUsd;
  readonly isRebate: boolean;
} {
  const price = fill.direction === 'buy' ? fill.priceE4 : complement(fill.priceE4);
  const rate = fill.role === 'taker' ? LEGACY_TAKER : LEGACY_MAKER_REBATE;
  return {
    amountMicroUsd: bankersCent(shareOf(notional(price, fill.sizeE6), rate)),
    isRebate: fill.role === 'maker',
  };
}

function bankersCent(exact: Fraction): MicroUsd {
  return roundToStep(exact, CENT, 'halfEven');
}
