/** Fees and amounts as the worked cases of edges state them. */
import { formatDecimal } from '../../../src/domain/decimal.ts';
import { curveFee, rateProduct, roundToStep } from '../../../src/domain/fees/exact-fee.ts';
import { type OrderFee, takerFee } from '../../../src/domain/fees/fee-schedule.ts';
import { kalshiRawFee } from '../../../src/domain/fees/kalshi-fee.ts';
import type { Fraction } from '../../../src/domain/fraction.ts';
import type { VenueName } from '../../../src/domain/instrument.ts';
import type { Level } from '../../../src/domain/ports/market-data.ts';
import { CENT, type MicroUsd, type SizeE6 } from '../../../src/domain/units.ts';
import { kalshiFees, polymarketFees } from '../../support/fee-schedules.ts';
import { type Given, givenRate } from './given.ts';

export interface FeeTerms {
  readonly venue: VenueName;
  /** The coefficient of p(1 − p), where the case states it. */
  readonly rate?: Given | undefined;
  readonly multiplier?: Given | undefined;
}

export interface Fees {
  readonly order: OrderFee;
  readonly raw: (levels: readonly Level[]) => Fraction;
}

export function feesOf({ venue, rate, multiplier }: FeeTerms): Fees {
  if (venue === 'polymarket') {
    const schedule = polymarketFees(String(rate ?? 0));
    return { order: takerFee(schedule, 'real'), raw: (levels) => curveFee(rateProduct(schedule.rateE6), levels) };
  }
  if (rate !== undefined) {
    const raw = (levels: readonly Level[]): Fraction => curveFee(rateProduct(givenRate(rate)), levels);
    return { order: (levels) => roundToStep(raw(levels), CENT, 'ceil'), raw };
  }
  const schedule = kalshiFees({ multiplierE6: givenRate(multiplier ?? 1) });
  return { order: takerFee(schedule, 'real'), raw: (levels) => kalshiRawFee(schedule, 'taker', levels) };
}

export function usd(value: MicroUsd): string {
  return formatDecimal(value, 6);
}

export function quantity(size: SizeE6): string {
  return formatDecimal(size, 6);
}
