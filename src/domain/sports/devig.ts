/**
 * Taking the sportsbook's margin out of its odds (docs/rules.md §13.1), in six ways.
 *
 * The ways disagree most on long shots, by 2 cents at 1.10 / 8.0, and none of them is right: their
 * spread is an uncertainty to be shown beside an edge. Results sum to 1 and keep the order of the odds.
 */
import { invariant, unreachable } from '../invariant.ts';
import { normalCdf, normalQuantile } from '../normal.ts';
import { bookSum, type DecimalOdds, impliedProbability } from './odds.ts';

export type DevigMethod = 'multiplicative' | 'additive' | 'power' | 'shin' | 'probit' | 'oddsRatio';

export const DEVIG_METHODS: readonly DevigMethod[] = [
  'multiplicative',
  'additive',
  'power',
  'shin',
  'probit',
  'oddsRatio',
];

export interface FairOdds {
  /** The method that was asked for. */
  readonly method: DevigMethod;
  /** In the order of the odds. They sum to 1. */
  readonly probabilities: readonly number[];
  /** What was solved for: power k, Shin z, probit λ or odds ratio c. */
  readonly parameter: number | undefined;
  /** The method has no answer here, and the multiplicative one stands in for it. */
  readonly hasFallenBack: boolean;
}

/** Power for two outcomes, Shin for more. */
export function defaultDevigMethod(outcomes: number): DevigMethod {
  return outcomes <= 2 ? 'power' : 'shin';
}

/** Probabilities without margin. Throws below two outcomes. */
export function devig(odds: readonly DecimalOdds[], method: DevigMethod = defaultDevigMethod(odds.length)): FairOdds {
  const sum = bookSum(odds);
  const implied = odds.map(impliedProbability);
  switch (method) {
    case 'multiplicative':
      return fair(method, proportional(implied, sum));
    case 'additive':
      return additive(implied, sum);
    case 'power':
      return solved(method, implied, { of: (pi, k) => pi ** k, from: 1, bracket: 'positive' });
    case 'shin':
      return shin(implied, sum);
    case 'probit':
      return probit(implied);
    case 'oddsRatio':
      return solved(method, implied, { of: (pi, c) => pi / (c + pi - c * pi), from: 1, bracket: 'positive' });
    default:
      return unreachable(method, 'a method of taking out the margin');
  }
}

export interface MethodSpread {
  readonly methods: readonly FairOdds[];
  /** Per outcome, the highest less the lowest probability that any method gives: the uncertainty to show. */
  readonly spread: readonly number[];
}

export function devigByAllMethods(odds: readonly DecimalOdds[]): MethodSpread {
  const methods = DEVIG_METHODS.map((method) => devig(odds, method));
  const spread = odds.map((_, outcome) => {
    const answers = methods.map((one) => probabilityOf(one, outcome));
    return Math.max(...answers) - Math.min(...answers);
  });
  return { methods, spread };
}

/** The probability of one outcome, by its place among the odds. Throws when there is no such place. */
export function probabilityOf(fairOdds: FairOdds, outcome: number): number {
  const probability = fairOdds.probabilities[outcome];
  invariant(
    probability !== undefined,
    () => `outcome must lie within 0..${fairOdds.probabilities.length - 1}, found ${outcome}`,
  );
  return probability;
}

function fair(method: DevigMethod, probabilities: readonly number[], parameter?: number): FairOdds {
  return { method, probabilities, parameter, hasFallenBack: false };
}

function proportional(implied: readonly number[], sum: number): number[] {
  return implied.map((pi) => pi / sum);
}

/** Takes the same off every outcome, which can leave a long shot with nothing or less: then it falls back. */
function additive(implied: readonly number[], sum: number): FairOdds {
  const excess = (sum - 1) / implied.length;
  const probabilities = implied.map((pi) => pi - excess);
  if (probabilities.every((p) => p > 0 && p < 1)) return fair('additive', probabilities);
  return { method: 'additive', probabilities: proportional(implied, sum), parameter: undefined, hasFallenBack: true };
}

/**
 * Shin: a share z of the money knows the outcome, and the margin protects the book against it. The
 * published form `(√(z² + 4(1 − z)π²/S) − z) ÷ (2(1 − z))` is multiplied through by its conjugate, which
 * neither cancels at small z nor divides by zero at z = 1. Without a margin nobody is informed: z is
 * 0 and the rest is proportional.
 */
function shin(implied: readonly number[], sum: number): FairOdds {
  if (sum <= 1) return fair('shin', proportional(implied, sum), 0);
  const of = (pi: number, z: number): number =>
    (2 * pi * pi) / sum / (Math.sqrt(z * z + (4 * (1 - z) * pi * pi) / sum) + z);
  const z = rootOfFalling((at) => total(implied, at, of) - 1, { low: 0, high: 1 });
  return fair(
    'shin',
    implied.map((pi) => of(pi, z)),
    z,
  );
}

function probit(implied: readonly number[]): FairOdds {
  const quantiles = implied.map(normalQuantile);
  return solved('probit', quantiles, {
    of: (quantile, lambda) => normalCdf(quantile - lambda),
    from: 0,
    bracket: 'any',
  });
}

interface Family {
  /** The probability of one outcome; falls as the parameter rises. */
  readonly of: (outcome: number, parameter: number) => number;
  /** The parameter at which nothing is taken out. */
  readonly from: number;
  readonly bracket: 'positive' | 'any';
}

/** Solves Σp = 1 for the one parameter of a family. */
function solved(method: DevigMethod, outcomes: readonly number[], family: Family): FairOdds {
  const excess = (parameter: number): number => total(outcomes, parameter, family.of) - 1;
  const parameter = rootOfFalling(excess, bracketOf(excess, family));
  return fair(
    method,
    outcomes.map((outcome) => family.of(outcome, parameter)),
    parameter,
  );
}

function total(outcomes: readonly number[], parameter: number, of: Family['of']): number {
  return outcomes.reduce((sum, outcome) => sum + of(outcome, parameter), 0);
}

interface Bracket {
  readonly low: number;
  readonly high: number;
}

/** Doubles (or halves) away from where nothing is taken out, until the excess changes its sign. */
function bracketOf(excess: (parameter: number) => number, family: Family): Bracket {
  const isHigh = excess(family.from) > 0;
  let near = family.from;
  for (let step = 1; step < 1_000; step++) {
    const distance = 2 ** step * (isHigh ? 1 : -1);
    const far = family.bracket === 'any' ? family.from + distance : 2 ** (isHigh ? step : -step);
    if (excess(far) > 0 !== isHigh) return isHigh ? { low: near, high: far } : { low: far, high: near };
    near = far;
  }
  return { low: near, high: near };
}

/** Bisects until no float lies between the ends, so that it ends for any falling function. */
function rootOfFalling(excess: (at: number) => number, bracket: Bracket): number {
  let { low, high } = bracket;
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return Math.abs(excess(low)) <= Math.abs(excess(high)) ? low : high;
}
