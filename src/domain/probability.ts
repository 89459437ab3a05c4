/** The step from an estimated probability to a whole number that may decide something. */
import { invariant } from './invariant.ts';
import { RATE_ONE, type RateE6, rateE6 } from './units.ts';

/** Throws unless `probability` lies within 0..1. NaN does not. */
export function requireProbability(probability: number, what: string): void {
  invariant(probability >= 0 && probability <= 1, () => `${what} must lie within 0..1, found ${probability}`);
}

/** Throws unless the rate is a probability, 0..1,000,000 millionths. */
export function requireProbabilityE6(probability: RateE6, what: string): void {
  invariant(
    probability >= 0 && probability <= RATE_ONE,
    () => `${what} must lie within 0..1000000, found ${probability}`,
  );
}

/** An estimate as whole millionths, rounded down: never more certain than the model is. */
export function floorProbability(probability: number): RateE6 {
  requireProbability(probability, 'a probability');
  return rateE6(Math.floor(probability * RATE_ONE));
}

/** An estimate as whole millionths, rounded up: for the chance of what would hurt us. */
export function ceilProbability(probability: number): RateE6 {
  requireProbability(probability, 'a probability');
  return rateE6(Math.ceil(probability * RATE_ONE));
}
