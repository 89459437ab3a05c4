/** Sportsbook odds as they are quoted, as decimal odds, and as the probability that they imply. */
import { InvariantError, invariant } from '../invariant.ts';

declare const unit: unique symbol;
/** What one staked unit returns in all when it wins: above 1, and finite. */
export type DecimalOdds = number & { readonly [unit]: 'DecimalOdds' };

/** Decimal odds, or `undefined` when a sportsbook sent what cannot be odds (1 or less, not finite). */
export function decimalOdds(quoted: number): DecimalOdds | undefined {
  return isDecimalOdds(quoted) ? quoted : undefined;
}

function isDecimalOdds(quoted: number): quoted is DecimalOdds {
  return Number.isFinite(quoted) && quoted > 1;
}

/** As `decimalOdds`, for numbers that our own configuration or tests must have right. Throws otherwise. */
export function requireDecimalOdds(quoted: number): DecimalOdds {
  const odds = decimalOdds(quoted);
  if (odds === undefined) throw new InvariantError(`expected decimal odds above 1, found ${quoted}`);
  return odds;
}

/**
 * American odds as decimal odds, or `undefined` when they cannot be American odds: they lie at or
 * beyond 100 either way. +130 wins 130 on a stake of 100, so it returns 2.30; −150 asks a stake of 150
 * to win 100, so it returns 1.6667. Never average American odds: they jump from −100 to +100.
 */
export function americanToDecimal(american: number): DecimalOdds | undefined {
  if (!Number.isFinite(american) || Math.abs(american) < 100) return undefined;
  return decimalOdds(american > 0 ? (american + 100) / 100 : (100 - american) / -american);
}

/** The probability that the odds imply, the sportsbook's margin included. */
export function impliedProbability(odds: DecimalOdds): number {
  return 1 / odds;
}

/** The probability American odds imply: `100 ÷ (a + 100)` above 0, else `−a ÷ (−a + 100)` (docs/rules.md §13.1). */
export function americanToImplied(american: number): number | undefined {
  const odds = americanToDecimal(american);
  return odds === undefined ? undefined : impliedProbability(odds);
}

/** Sum of implied probabilities over all outcomes: 1 plus the margin. Throws below two outcomes. */
export function bookSum(odds: readonly DecimalOdds[]): number {
  invariant(odds.length >= 2, () => `expected odds of at least two outcomes, found ${odds.length}`);
  return odds.reduce((sum, one) => sum + impliedProbability(one), 0);
}
