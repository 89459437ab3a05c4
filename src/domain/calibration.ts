/**
 * Learning the race model from the attempt log (docs/rules.md §12).
 *
 * A learned rate is a Beta-Binomial posterior around the parametric model, forced to fall with age,
 * so that a bucket with few attempts says little and noise cannot claim that old quotes are better.
 * Everything here is an estimate and stays in floats; nothing decides an order.
 */
import { invariant } from './invariant.ts';
import { requireProbability } from './probability.ts';

/** How often we got what we asked for. */
export interface Tally {
  readonly filled: number;
  readonly attempts: number;
}

export interface BetaPrior {
  readonly a: number;
  readonly b: number;
}

export interface Posterior {
  readonly mean: number;
  readonly variance: number;
}

/** The parametric model counts as this many attempts. */
const PRIOR_STRENGTH_SEED = 10;
/** A half-life is fitted from this many attempts on. */
const HALF_LIFE_ATTEMPTS_MIN = 100;

/** A prior whose mean is what the parametric model predicts, worth `strength` attempts. */
export function parametricPrior(model: { readonly mean: number; readonly strength: number }): BetaPrior {
  requireProbability(model.mean, 'the mean of a prior');
  invariant(model.strength > 0, () => `the strength of a prior must be positive, found ${model.strength}`);
  return { a: model.mean * model.strength, b: (1 - model.mean) * model.strength };
}

/** Beta(a + filled, b + unfilled): the conjugate update. */
export function betaPosterior(prior: BetaPrior, tally: Tally): Posterior {
  requireTally(tally);
  const a = prior.a + tally.filled;
  const b = prior.b + tally.attempts - tally.filled;
  const total = a + b;
  invariant(
    prior.a >= 0 && prior.b >= 0 && total > 0,
    () => `a Beta prior must be non-negative and not empty, found ${prior.a}, ${prior.b}`,
  );
  return { mean: a / total, variance: (a * b) / (total * total * (total + 1)) };
}

export interface WeightedValue {
  readonly value: number;
  readonly weight: number;
}

/**
 * The non-increasing sequence nearest to `values` in weighted squares: pool-adjacent-violators.
 *
 * Neighbours in the wrong order become one block with their weighted mean, until none are left. The
 * weighted mean of the whole is unchanged. An entry of weight 0 has no say: where it violates, it
 * takes its neighbour's value.
 */
export function nonIncreasing(values: readonly WeightedValue[]): number[] {
  const blocks: Block[] = [];
  for (const { value, weight } of values) {
    invariant(
      Number.isFinite(value) && weight >= 0,
      () => `expected a finite value of weight 0 or more, found ${value} of ${weight}`,
    );
    let block: Block = { value, weight, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.value < block.value; last = blocks.at(-1)) {
      blocks.pop();
      block = pooled(last, block);
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) => new Array<number>(block.count).fill(block.value));
}

interface Block extends WeightedValue {
  readonly count: number;
}

function pooled(a: Block, b: Block): Block {
  const weight = a.weight + b.weight;
  const value = weight > 0 ? (a.value * a.weight + b.value * b.weight) / weight : (a.value + b.value) / 2;
  return { value, weight, count: a.count + b.count };
}

/** Observed rates from young to old, made non-increasing, weighted by attempts. Each bucket needs an attempt. */
export function monotoneRates(youngToOld: readonly Tally[]): number[] {
  return nonIncreasing(
    youngToOld.map((tally) => {
      requireTally(tally);
      invariant(tally.attempts > 0, 'an observed rate needs at least one attempt, found 0');
      return { value: tally.filled / tally.attempts, weight: tally.attempts };
    }),
  );
}

/** One age bucket of one level, with what the parametric model says about it. */
export interface FillBucket extends Tally {
  readonly modelMean: number;
}

/**
 * Learned fill rates of one level from young to old: posterior means around the parametric model,
 * then non-increasing in age, weighted by attempts. Without attempts this is the model itself.
 */
export function learnedRates(youngToOld: readonly FillBucket[], strength: number = PRIOR_STRENGTH_SEED): number[] {
  return nonIncreasing(
    youngToOld.map((bucket) => ({
      value: betaPosterior(parametricPrior({ mean: bucket.modelMean, strength }), bucket).mean,
      weight: bucket.attempts,
    })),
  );
}

export interface AgeTally extends Tally {
  readonly ageMs: number;
}

export type HalfLifeFit =
  | { readonly kind: 'fitted'; readonly halfLifeMs: number }
  | { readonly kind: 'refused'; readonly reason: 'TOO_FEW_ATTEMPTS' | 'NO_MAXIMUM' };

/** The half-life to use, once there are enough attempts to say. */
export function fitHalfLife(tallies: readonly AgeTally[], attemptsMin: number = HALF_LIFE_ATTEMPTS_MIN): HalfLifeFit {
  const attempts = tallies.reduce((sum, tally) => sum + tally.attempts, 0);
  if (attempts < attemptsMin) return { kind: 'refused', reason: 'TOO_FEW_ATTEMPTS' };
  const halfLifeMs = halfLifeOfMaximumLikelihood(tallies);
  return halfLifeMs === undefined ? { kind: 'refused', reason: 'NO_MAXIMUM' } : { kind: 'fitted', halfLifeMs };
}

/**
 * The half-life that makes the tallies most likely under `p = 2^(−age ÷ h)`, or `undefined` where
 * the likelihood has no inner maximum: everything filled (h is infinite) or nothing did (h is 0).
 *
 * With `λ = ln 2 ÷ h` the log-likelihood `Σ −k·λ·age + (n − k)·ln(1 − e^(−λ·age))` is concave, and its
 * slope `Σ age·((n − k) ÷ (e^(λ·age) − 1) − k)` falls through zero once. Attempts at age 0 fill for
 * every h and say nothing.
 */
export function halfLifeOfMaximumLikelihood(tallies: readonly AgeTally[]): number | undefined {
  for (const tally of tallies) {
    requireTally(tally);
    invariant(tally.ageMs >= 0, () => `ageMs must be 0 or more, found ${tally.ageMs}`);
  }
  const aged = tallies.filter((tally) => tally.ageMs > 0 && tally.attempts > 0);
  if (!aged.some((tally) => tally.filled > 0)) return undefined;
  if (!aged.some((tally) => tally.filled < tally.attempts)) return undefined;
  const slope = (logHalfLife: number): number => {
    const decay = Math.LN2 / Math.exp(logHalfLife);
    return aged.reduce((sum, { ageMs, filled, attempts }) => {
      const unfilled = attempts - filled;
      return sum + ageMs * ((unfilled === 0 ? 0 : unfilled / Math.expm1(decay * ageMs)) - filled);
    }, 0);
  };
  // The slope rises with h: below the answer too few would fill, above it too many. The logarithm
  // of h spans everything a float of milliseconds can mean.
  let [low, high] = [Math.log(1e-9), Math.log(1e15)];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

function requireTally(tally: Tally): void {
  invariant(
    tally.filled >= 0 && tally.filled <= tally.attempts && Number.isFinite(tally.attempts),
    () => `filled must lie within 0..attempts, found ${tally.filled} of ${tally.attempts}`,
  );
}
