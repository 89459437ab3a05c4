/** Builds fee schedules with defaults, so that what a test sets is what it is about. */
import { rateFromText } from '../../src/domain/decimal.ts';
import type { KalshiFees, PolymarketFees } from '../../src/domain/fees/fee-schedule.ts';
import { KALSHI_ORDINARY_ACCOUNT } from '../../src/domain/fees/kalshi-fee.ts';
import { RATE_ONE, rateE6 } from '../../src/domain/units.ts';

/** A plain series at the full rate, on an ordinary account. */
export function kalshiFees(of: Partial<KalshiFees> = {}): KalshiFees {
  return {
    ...KALSHI_ORDINARY_ACCOUNT,
    venue: 'kalshi',
    feeType: 'quadratic',
    multiplierE6: RATE_ONE,
    makerMultiplierE6: of.multiplierE6 ?? RATE_ONE,
    source: 'test',
    readAtMs: 0,
    assumed: false,
    ...of,
  };
}

/** A market at `rate`, such as `'0.04'`, in cash, without a builder code. */
export function polymarketFees(rate: string, of: Partial<PolymarketFees> = {}): PolymarketFees {
  return {
    venue: 'polymarket',
    rateE6: rateFromText(rate),
    exponent: 1,
    takerOnly: true,
    rebateRateE6: undefined,
    builderRateE6: rateE6(0),
    collected: 'cash',
    source: 'test',
    readAtMs: 0,
    assumed: false,
    ...of,
  };
}
