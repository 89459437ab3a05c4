/**
 * How much of a displayed size we can expect to get, and what an attempt is worth (docs/rules.md §11).
 *
 * Probabilities are estimates. They become whole numbers here: a size is floored to whole lots and
 * an expected value to whole micro-dollars before anything is decided on them.
 */
import { type Fraction, fraction, roundTo } from './fraction.ts';
import { invariant } from './invariant.ts';
import type { Level } from './ports/market-data.ts';
import { requireProbabilityE6 } from './probability.ts';
import {
  divideExact,
  type MicroUsd,
  type Millis,
  microUsd,
  millis,
  RATE_ONE,
  type RateE6,
  rateE6,
  type SizeE6,
  sizeE6,
  toSafeNumber,
  USD,
} from './units.ts';

export interface RaceParameters {
  /** The age at which half of the races for a quote are lost. */
  readonly halfLifeMs: Millis;
  /** No quote is believed to be less winnable than this. */
  readonly winFloor: RateE6;
  /** Share of a level that is ours, from the top of the book; the last entry serves all deeper levels. */
  readonly queueTable: readonly RateE6[];
}

/** Design P's parameters: priors until the attempt log has taught us better. */
export const RACE_SEED: RaceParameters = {
  halfLifeMs: millis(500),
  winFloor: rateE6(100_000),
  queueTable: [rateE6(600_000), rateE6(750_000), rateE6(850_000), rateE6(920_000), rateE6(950_000)],
};

export interface WinEstimate {
  readonly probability: number;
  /** The quote claims to be from the future: our clocks disagree, and somebody should be told. */
  readonly isClockSkewed: boolean;
}

/** `max(floor, 2^(−age ÷ half-life))`. A negative age counts as 0. */
export function pWin(ageMs: Millis, parameters: RaceParameters): WinEstimate {
  const { halfLifeMs, winFloor } = parameters;
  invariant(halfLifeMs > 0, () => `halfLifeMs must be positive, found ${halfLifeMs}`);
  requireProbabilityE6(winFloor, 'winFloor');
  const decayed = 2 ** (-Math.max(0, ageMs) / halfLifeMs);
  return { probability: Math.max(winFloor / RATE_ONE, decayed), isClockSkewed: ageMs < 0 };
}

/** The queue share of a level counted from the top, 0 being the best price. */
export function pQueue(level: number, queueTable: readonly RateE6[]): RateE6 {
  invariant(Number.isInteger(level) && level >= 0, () => `level must be a whole number, 0 or more, found ${level}`);
  const share = queueTable[Math.min(level, queueTable.length - 1)];
  invariant(share !== undefined, 'queueTable must have at least one entry, found none');
  requireProbabilityE6(share, `queueTable entry ${level}`);
  return share;
}

/** The smallest size that the venue trades, and the age of the quotes. */
export interface RaceSituation {
  readonly ageMs: Millis;
  readonly lotE6: SizeE6;
}

/** `floor(displayed × pWin × pQueue)` to whole lots, for one level counted from the top. */
export function executableSize(
  displayed: { readonly sizeE6: SizeE6; readonly level: number },
  situation: RaceSituation,
  parameters: RaceParameters,
): SizeE6 {
  const haircut = winE12(situation.ageMs, parameters) * BigInt(pQueue(displayed.level, parameters.queueTable));
  return reduced(displayed.sizeE6, haircut, situation.lotE6);
}

export interface ExecutableLadder {
  /** Best first, as given. Levels that shrank to nothing are left out. */
  readonly levels: readonly Level[];
  readonly isClockSkewed: boolean;
}

/** A displayed ladder, best first, reduced level by level to what we may count on. */
export function executableLadder(
  displayed: readonly Level[],
  situation: RaceSituation,
  parameters: RaceParameters,
): ExecutableLadder {
  const win = winE12(situation.ageMs, parameters);
  const levels: Level[] = [];
  for (const [at, level] of displayed.entries()) {
    const haircut = win * BigInt(pQueue(at, parameters.queueTable));
    const size = reduced(level.sizeE6, haircut, situation.lotE6);
    if (size > 0) levels.push({ priceE4: level.priceE4, sizeE6: size });
  }
  return { levels, isClockSkewed: situation.ageMs < 0 };
}

const WIN_SCALE = 1_000_000_000_000;
const HAIRCUT_SCALE = BigInt(WIN_SCALE) * BigInt(RATE_ONE);

/**
 * The win probability in millionths of a millionth. To the nearest, which keeps halves, quarters
 * and the floor exact; the size that follows is the one number that is rounded, down.
 */
function winE12(ageMs: Millis, parameters: RaceParameters): bigint {
  return BigInt(Math.round(pWin(ageMs, parameters).probability * WIN_SCALE));
}

function reduced(size: SizeE6, haircut: bigint, lot: SizeE6): SizeE6 {
  invariant(lot > 0, () => `a lot must be positive, found ${lot} millionths`);
  const expected = toSafeNumber(divideExact(BigInt(size) * haircut, HAIRCUT_SCALE, 'floor'));
  return sizeE6(expected - (expected % lot));
}

export interface TakerTakerInput {
  readonly fillA: RateE6;
  readonly fillB: RateE6;
  /** Earned when both legs fill. */
  readonly profit: MicroUsd;
  /** Cost of getting rid of leg A alone, from its book before sending. */
  readonly unwindA: MicroUsd;
  readonly unwindB: MicroUsd;
}

export interface ExpectedValue {
  readonly exact: Fraction;
  /** Rounded down. */
  readonly microUsd: MicroUsd;
  readonly shouldAttempt: boolean;
}

export interface TakerTakerValue extends ExpectedValue {
  readonly bothFill: Fraction;
  readonly oneFills: Fraction;
}

/**
 * `pA·pB·π − pA(1−pB)·uA − (1−pA)pB·uB`: two fill-or-kill legs sent at once, filled independently
 * of each other. Worth attempting only when positive.
 */
export function takerTakerValue(input: TakerTakerInput): TakerTakerValue {
  requireProbabilityE6(input.fillA, 'fillA');
  requireProbabilityE6(input.fillB, 'fillB');
  const [a, b, one] = [BigInt(input.fillA), BigInt(input.fillB), BigInt(RATE_ONE)];
  const [both, onlyA, onlyB] = [a * b, a * (one - b), (one - a) * b];
  const value = both * BigInt(input.profit) - onlyA * BigInt(input.unwindA) - onlyB * BigInt(input.unwindB);
  return {
    bothFill: fraction(both, one * one),
    oneFills: fraction(onlyA + onlyB, one * one),
    ...decided(fraction(value, one * one * BigInt(USD))),
  };
}

export interface MakerHedgeInput {
  readonly makerFill: RateE6;
  /** P(hedge | maker filled). Whoever fills us knows something, so this is below the unconditional rate. */
  readonly hedgeGivenFill: RateE6;
  readonly profit: MicroUsd;
  readonly unwind: MicroUsd;
  /** What the price moves against us, on average, when we are filled. */
  readonly adverse: MicroUsd;
}

/** `pFill · (pHedge·π − (1−pHedge)·u − adverse)`: rest on one venue, hedge on the other when filled. */
export function makerHedgeValue(input: MakerHedgeInput): ExpectedValue {
  requireProbabilityE6(input.makerFill, 'makerFill');
  requireProbabilityE6(input.hedgeGivenFill, 'hedgeGivenFill');
  const [fill, hedge, one] = [BigInt(input.makerFill), BigInt(input.hedgeGivenFill), BigInt(RATE_ONE)];
  const whenFilled = hedge * BigInt(input.profit) - (one - hedge) * BigInt(input.unwind) - one * BigInt(input.adverse);
  return decided(fraction(fill * whenFilled, one * one * BigInt(USD)));
}

function decided(exact: Fraction): ExpectedValue {
  const value = microUsd(roundTo(exact, USD, 'floor'));
  return { exact, microUsd: value, shouldAttempt: value > 0 };
}

/**
 * Which leg goes first when legs are sent one after the other: the less certain one, so that the
 * second is sized to a confirmed fill. A tie goes to A.
 */
export function firstLeg(fill: { readonly fillA: RateE6; readonly fillB: RateE6 }): 'a' | 'b' {
  return fill.fillB < fill.fillA ? 'b' : 'a';
}
