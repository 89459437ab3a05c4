/**
 * The taker fee, on this simulator's own arithmetic.
 *
 * fee = shares x rate x (p x (1 - p)) ^ exponent, in dollars on both sides, cut off after five decimals. Checked
 * against fills on the chain of 2026-09-24 to 30; each price level is cut off by itself.
 */
export interface FeeSchedule {
  /** Millionths: 50,000 is 0.05. */
  readonly rateE6: number;
  readonly exponent: number;
  readonly takerOnly: boolean;
}

/** The schedule of sports since July 2026, and of economics, culture and weather. */
export const DEFAULT_FEE: FeeSchedule = { rateE6: 50_000, exponent: 1, takerOnly: true };

const HUNDRED_THOUSANDTH = 10n;

/** Micro-dollars, a multiple of ten. */
export function takerFee(fill: { readonly sizeE6: number; readonly priceE4: number }, fee: FeeSchedule): number {
  const curve = BigInt(fill.priceE4) * BigInt(10_000 - fill.priceE4);
  const exponent = BigInt(fee.exponent);
  const numerator = BigInt(fill.sizeE6) * BigInt(fee.rateE6) * curve ** exponent;
  const divisor = 1_000_000n * (10_000n * 10_000n) ** exponent;
  return Number((numerator / divisor / HUNDRED_THOUSANDTH) * HUNDRED_THOUSANDTH);
}
