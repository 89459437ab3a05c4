/**
 * How likely a wrong match of two contracts may be before an edge is not worth taking (docs/rules.md §6).
 *
 * A box pays 1 unless the venues decide differently *and* against us; then it pays 0. When they
 * differ in our favour it would pay 2, for which no credit is taken.
 */
import { type Fraction, fraction, isPositive } from './fraction.ts';
import { requireProbabilityE6 } from './probability.ts';
import { type MicroUsd, RATE_ONE, type RateE6, USD } from './units.ts';

export interface MismatchRisk {
  /** Net edge of one pair of contracts, after all fees. */
  readonly edge: MicroUsd;
  /** Probability that the two contracts are not decided alike. */
  readonly mismatch: RateE6;
  /** The share of such cases that goes against us. */
  readonly adverse: RateE6;
}

export interface MismatchTolerance {
  /** Dollars a pair: `edge − mismatch × adverse`. */
  readonly expectedNet: Fraction;
  /** The mismatch probability at which nothing is left, or `undefined` when no mismatch can hurt. */
  readonly breakeven: Fraction | undefined;
  readonly isAccepted: boolean;
}

export function mismatchTolerance(risk: MismatchRisk): MismatchTolerance {
  requireProbabilityE6(risk.mismatch, 'mismatch');
  requireProbabilityE6(risk.adverse, 'adverse');
  const one = BigInt(RATE_ONE);
  const expectedNet = fraction(
    BigInt(risk.edge) * one - BigInt(risk.mismatch) * BigInt(risk.adverse),
    BigInt(USD) * one,
  );
  return {
    expectedNet,
    breakeven: risk.adverse > 0 ? fraction(risk.edge, risk.adverse) : undefined,
    isAccepted: isPositive(expectedNet),
  };
}

/** Whether the edge still earns something on average. Breaking even is not enough. */
export function acceptsMismatch(risk: MismatchRisk): boolean {
  return mismatchTolerance(risk).isAccepted;
}
