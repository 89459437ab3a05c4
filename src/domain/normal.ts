/** The standard normal distribution, to the precision of a float. */
import { invariant } from './invariant.ts';

// Hart's rational approximation as published by West, "Better approximations to cumulative normal
// functions" (Wilmott, 2005): absolute error below 1e-15.
const NUMERATOR = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const DENOMINATOR = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];
/** From here on the continued fraction is the better approximation. */
const TAIL_FROM = 7.07106781186547;
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** P(X ≤ x). */
export function normalCdf(x: number): number {
  const distance = Math.abs(x);
  const density = Math.exp((-distance * distance) / 2);
  const tail =
    distance < TAIL_FROM
      ? (density * polynomial(NUMERATOR, distance)) / polynomial(DENOMINATOR, distance)
      : density / (continuedFraction(distance) * ROOT_TWO_PI);
  return x <= 0 ? tail : 1 - tail;
}

function polynomial(coefficients: readonly number[], at: number): number {
  return coefficients.reduce((sum, coefficient) => sum * at + coefficient, 0);
}

function continuedFraction(distance: number): number {
  let sum = distance + 0.65;
  for (const term of [4, 3, 2, 1]) sum = distance + term / sum;
  return sum;
}

/** The x with P(X ≤ x) = p. Throws unless p lies strictly between 0 and 1. */
export function normalQuantile(p: number): number {
  invariant(p > 0 && p < 1, () => `a quantile needs a probability strictly between 0 and 1, found ${p}`);
  if (p > 0.5) return -normalQuantile(1 - p);
  // Abramowitz and Stegun 26.2.23 to start with (error below 4.5e-4), then Halley steps, each of
  // which triples the number of right digits.
  const t = Math.sqrt(-2 * Math.log(p));
  let x =
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t) - t;
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(x) - p) * ROOT_TWO_PI * Math.exp((x * x) / 2);
    x -= error / (1 + (x * error) / 2);
  }
  return x;
}
