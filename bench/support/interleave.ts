/**
 * Timing on a machine that others use too: whatever is compared runs in turn, many times over, so that a slow
 * moment slows all of it, and every ratio is taken between neighbours.
 */
import { mean, median, round } from './statistics.ts';

/** Does the whole work once and says how many milliseconds of processor time of it count. */
export type Pass = () => number;

/**
 * Processor time of this process, its collector's threads included: on a machine that others use, wall time mostly
 * tells how busy they were.
 */
export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

export interface Subject {
  readonly name: string;
  readonly pass: Pass;
}

export interface Timing {
  readonly name: string;
  /** Mean of all repetitions, per message. */
  readonly meanMicros: number;
  /** Mean of this over mean of the floor, the first subject. */
  readonly ratioToFloor: number;
  /** Median over the repetitions of the ratio to the floor beside it: what a burst of other work moves least. */
  readonly medianRatioToFloor: number;
}

export interface Plan {
  readonly warmUps: number;
  readonly repetitions: number;
  /** Passes of each subject in one repetition, one of each in turn. */
  readonly passes: number;
  readonly messages: number;
}

/** Runs the subjects in turn; the first one is the floor. */
export function interleave(subjects: readonly Subject[], plan: Plan): Timing[] {
  const micros = subjects.map((): number[] => []);
  for (let repetition = -plan.warmUps; repetition < plan.repetitions; repetition++) {
    const sums = onePass(subjects, plan.passes);
    if (repetition < 0) continue;
    for (const [at, sum] of sums.entries()) micros[at]?.push((sum * 1_000) / plan.passes / plan.messages);
  }
  const floors = micros[0] ?? [];
  return subjects.map(({ name }, at) => {
    const own = micros[at] ?? [];
    return {
      name,
      meanMicros: round(mean(own)),
      ratioToFloor: round(mean(own) / mean(floors)),
      medianRatioToFloor: round(median(own.map((value, repetition) => value / (floors[repetition] ?? Number.NaN)))),
    };
  });
}

function onePass(subjects: readonly Subject[], passes: number): number[] {
  const sums = subjects.map(() => 0);
  for (let pass = 0; pass < passes; pass++) {
    for (const [at, subject] of subjects.entries()) sums[at] = (sums[at] ?? 0) + subject.pass();
  }
  return sums;
}

/** One message at a time, from its start to its end, in microseconds without the cost of looking at the clock. */
export interface Spread {
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly maxMicros: number;
}

const CLOCK_READINGS = 20_000;

/** What two readings of the clock, one right after the other, take at the median, in microseconds. */
export function clockMicros(): number {
  const gaps: number[] = [];
  for (let at = 0; at < CLOCK_READINGS; at++) {
    const before = performance.now();
    gaps.push((performance.now() - before) * 1_000);
  }
  return median(gaps);
}
