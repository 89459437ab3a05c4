/**
 * How good predicted probabilities turned out, and whether a new model replaces the current one
 * (docs/rules.md §12). Only attempts that were not used in the fit are judged, and paper never judges live.
 */
import { invariant } from './invariant.ts';
import { requireProbability } from './probability.ts';

/** What was predicted and what happened. */
export interface Prediction {
  readonly probability: number;
  readonly happened: boolean;
}

/** One row of a reliability table: a bin of predictions, and how they turned out on average. */
export interface ReliabilityBin {
  readonly index: number;
  readonly count: number;
  readonly meanProbability: number;
  readonly meanOutcome: number;
}

export interface PredictionScores {
  readonly brier: number;
  /** Natural logarithm, probabilities clipped to 1e-15 from either end. */
  readonly logLoss: number;
  /** Expected calibration error: mean distance of prediction from outcome over bins, by count. */
  readonly ece: number;
  /** `1 − Brier ÷ Brier of always saying the base rate`; `undefined` when all outcomes are alike. */
  readonly skillOverBaseRate: number | undefined;
  /** Bins that hold at least one prediction, in order. */
  readonly bins: readonly ReliabilityBin[];
}

const SCORE_BINS = 10;
const LOG_CLIP = 1e-15;

/** Scores over `binCount` bins of equal width, closed on the left; the last is closed on both sides. */
export function predictionScores(predictions: readonly Prediction[], binCount: number = SCORE_BINS): PredictionScores {
  invariant(predictions.length > 0, 'expected at least one prediction, found none');
  for (const { probability } of predictions) requireProbability(probability, 'a prediction');
  const brier = brierScore(predictions);
  const baseRate = mean(predictions.map(outcomeOf));
  const baseBrier = mean(predictions.map((one) => (baseRate - outcomeOf(one)) ** 2));
  const bins = reliabilityBins(predictions, binCount);
  return {
    brier,
    logLoss: mean(predictions.map(logLossOf)),
    ece: bins.reduce(
      (sum, bin) => sum + (bin.count / predictions.length) * Math.abs(bin.meanProbability - bin.meanOutcome),
      0,
    ),
    skillOverBaseRate: baseBrier > 0 ? 1 - brier / baseBrier : undefined,
    bins,
  };
}

/** Mean squared distance of prediction from outcome. */
function brierScore(predictions: readonly Prediction[]): number {
  return mean(predictions.map((one) => (one.probability - outcomeOf(one)) ** 2));
}

function outcomeOf(prediction: Prediction): number {
  return prediction.happened ? 1 : 0;
}

function logLossOf({ probability, happened }: Prediction): number {
  const clipped = Math.min(1 - LOG_CLIP, Math.max(LOG_CLIP, probability));
  return -Math.log(happened ? clipped : 1 - clipped);
}

function reliabilityBins(predictions: readonly Prediction[], binCount: number): ReliabilityBin[] {
  invariant(Number.isInteger(binCount) && binCount > 0, () => `expected at least one bin, found ${binCount}`);
  const binned = new Map<number, Prediction[]>();
  for (const prediction of predictions) {
    const index = binOf(prediction.probability, binCount);
    const members = binned.get(index);
    if (members === undefined) binned.set(index, [prediction]);
    else members.push(prediction);
  }
  return [...binned.entries()]
    .sort(([a], [b]) => a - b)
    .map(([index, members]) => ({
      index,
      count: members.length,
      meanProbability: mean(members.map((one) => one.probability)),
      meanOutcome: mean(members.map(outcomeOf)),
    }));
}

/** The product alone can fall on the wrong side of an edge (0.29 × 100 is 28.999…), so edges are compared. */
function binOf(probability: number, binCount: number): number {
  let index = Math.min(binCount - 1, Math.floor(probability * binCount));
  if (index + 1 < binCount && probability >= (index + 1) / binCount) index++;
  if (probability < index / binCount) index--;
  return index;
}

/** One attempt that neither model was fitted on, with what both say about it. */
export interface HeldOutAttempt {
  /** UTC date of the attempt, `2026-11-20`: attempts of one day share its weather. */
  readonly day: string;
  readonly source: 'live' | 'paper';
  readonly current: number;
  readonly candidate: number;
  readonly happened: boolean;
}

export interface AdoptionRule {
  readonly resamples: number;
  /** The candidate must win in all but this share of resamples. */
  readonly tail: number;
  readonly daysMin: number;
}

const ADOPTION_SEED: AdoptionRule = { resamples: 1_000, tail: 0.05, daysMin: 5 };

export type AdoptionVerdict =
  | { readonly kind: 'adopted'; readonly skill: number; readonly skillE6AtTail: number }
  | {
      readonly kind: 'kept';
      readonly reason: 'TOO_FEW_DAYS' | 'NO_SKILL' | 'SKILL_UNCERTAIN';
      readonly skill: number | undefined;
    };

/**
 * Whether the candidate replaces the current model of *live* fills: only if its Brier skill against
 * the current model, `1 − Brier(candidate) ÷ Brier(current)`, is positive, and still is at the lower
 * tail when whole days are drawn again with replacement. Paper attempts are left out. `random` gives
 * numbers in 0..1, 1 excluded.
 */
export function judgeAdoption(
  attempts: readonly HeldOutAttempt[],
  random: () => number,
  rule: AdoptionRule = ADOPTION_SEED,
): AdoptionVerdict {
  invariant(
    rule.resamples > 0 && rule.tail >= 0 && rule.tail < 1,
    () => `expected resamples and a tail within 0..1, found ${rule.resamples}, ${rule.tail}`,
  );
  const days = dailyErrors(attempts.filter((attempt) => attempt.source === 'live'));
  const skill = skillOf(days);
  if (days.length < rule.daysMin || days.length === 0) return { kind: 'kept', reason: 'TOO_FEW_DAYS', skill };
  if (skill === undefined || toE6(skill) <= 0) return { kind: 'kept', reason: 'NO_SKILL', skill };
  const resampled = Array.from({ length: rule.resamples }, () => skillE6(drawn(days, random))).sort((a, b) => a - b);
  const skillE6AtTail = resampled[Math.floor(rule.tail * rule.resamples)] ?? Number.NEGATIVE_INFINITY;
  return skillE6AtTail > 0
    ? { kind: 'adopted', skill, skillE6AtTail }
    : { kind: 'kept', reason: 'SKILL_UNCERTAIN', skill };
}

/** Sums of squared errors of one day: enough to score any collection of days. */
interface DayErrors {
  readonly current: number;
  readonly candidate: number;
}

function dailyErrors(attempts: readonly HeldOutAttempt[]): DayErrors[] {
  const days = new Map<string, DayErrors>();
  for (const attempt of attempts) {
    requireProbability(attempt.current, `the current model's prediction of ${attempt.day}`);
    requireProbability(attempt.candidate, `the candidate's prediction of ${attempt.day}`);
    const outcome = attempt.happened ? 1 : 0;
    const before = days.get(attempt.day) ?? { current: 0, candidate: 0 };
    days.set(attempt.day, {
      current: before.current + (attempt.current - outcome) ** 2,
      candidate: before.candidate + (attempt.candidate - outcome) ** 2,
    });
  }
  return [...days.values()];
}

function drawn(days: readonly DayErrors[], random: () => number): DayErrors[] {
  return days.map(() => {
    const day = days[Math.floor(random() * days.length)];
    invariant(day !== undefined, 'a random number must lie within 0..1, 1 excluded');
    return day;
  });
}

/** `undefined` where the current model made no error at all: nothing can improve on it. */
function skillOf(days: readonly DayErrors[]): number | undefined {
  const current = days.reduce((sum, day) => sum + day.current, 0);
  const candidate = days.reduce((sum, day) => sum + day.candidate, 0);
  return current > 0 ? 1 - candidate / current : undefined;
}

function skillE6(days: readonly DayErrors[]): number {
  const skill = skillOf(days);
  return skill === undefined ? 0 : toE6(skill);
}

/** Rounded down to millionths, and that number decides. */
function toE6(skill: number): number {
  return Math.floor(skill * 1_000_000);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
