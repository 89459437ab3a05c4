/** Kalshi's taker fee of one contract at full rate, before an order is rounded, in dollars. */

import type { KalshiFees } from '../../src/domain/fees/fee-schedule.ts';
import { KALSHI_ORDINARY_ACCOUNT, kalshiRawFee } from '../../src/domain/fees/kalshi-fee.ts';
import { type Fraction, fraction } from '../../src/domain/fraction.ts';
import { CONTRACT, type PriceE4, RATE_ONE, USD } from '../../src/domain/units.ts';

/** A plain series: makers pay nothing, takers the full rate. */
const PLAIN_SERIES: KalshiFees = {
  ...KALSHI_ORDINARY_ACCOUNT,
  venue: 'kalshi',
  feeType: 'quadratic',
  multiplierE6: RATE_ONE,
  makerMultiplierE6: RATE_ONE,
  source: 'assumed by the case',
  readAtMs: 0,
  assumed: true,
};

export function kalshiTakerFee(priceE4: PriceE4): Fraction {
  const micro = kalshiRawFee(PLAIN_SERIES, 'taker', [{ priceE4, sizeE6: CONTRACT }]);
  return fraction(micro.numerator, micro.denominator * BigInt(USD));
}
