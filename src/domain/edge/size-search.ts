/**
 * The best number of sets over several ask ladders, exactly, without trying every number
 * (docs/rules.md §7).
 *
 * Between two sizes at which some price changes (a *stretch*), profit before rounding is a straight
 * line, and rounding moves it by a bounded amount. So a part of a stretch whose ends both lie that
 * much below the best found holds nothing better and is left out; the rest is halved again. What
 * remains to be tried is the few sizes around level boundaries and limits where the cent rounding of
 * fees decides.
 *
 * Every size compared is an exact whole-number profit. Among equals the smaller size wins, so the
 * result is the first maximum of one fixed function on 0..most: lowering `most` can only lower it
 * (docs/invariants.md I23).
 */
import type { OrderFee } from '../fees/fee-schedule.ts';
import { gcd } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import { type MicroUsd, microUsd, RATE_ONE, type RateE6, type SizeE6, sizeE6 } from '../units.ts';
import type { Ladder } from './ladder.ts';
import { payoutOf } from './set-price.ts';

export interface SearchedLeg {
  readonly ladder: Ladder;
  readonly fee: OrderFee;
  /** How far the fee may lie from a straight line while the price stays the same. */
  readonly feeNoiseMicroUsd: MicroUsd;
  /** Cash at the limit price must be whole cents. */
  readonly isWholeCent: boolean;
}

export interface SearchTerms {
  readonly worstPayoffE4: number;
  readonly lotE6: SizeE6;
  /** What the last set must still earn. */
  readonly marginalEdgeMicroUsd: MicroUsd;
  /** What the last dollar of capital must still earn. */
  readonly marginalOfCapitalE6: RateE6;
  /** Paid once for any size above zero: operations on the chain. */
  readonly fixedCostMicroUsd: MicroUsd;
}

/** One size and what it comes to. */
export interface Point {
  readonly lots: number;
  readonly sizeE6: SizeE6;
  readonly costMicroUsd: MicroUsd;
  readonly feesMicroUsd: MicroUsd;
  readonly profitMicroUsd: MicroUsd;
  /** All legs, all fees, and what is paid once. */
  readonly capitalMicroUsd: MicroUsd;
  /** Profit less what its size and capital must earn, in millionths of a micro-dollar. */
  readonly objective: bigint;
}

/** Sizes over which no leg changes its price, in lots: from `first` to `last`. */
interface Stretch {
  readonly first: number;
  readonly last: number;
  /** Sizes that are valid at the limit prices of this stretch: multiples of this many lots. */
  readonly step: number;
  /** Whether one more lot costs less than it pays, before fees. */
  readonly isGainful: boolean;
}

/** What is tried of a stretch within given limits: every `step` from `first` to `last`, and `end`. */
interface Trial {
  readonly first: number;
  readonly last: number;
  /** The last valid size of the stretch, which a limit may have put out of reach. */
  readonly end: number;
  readonly step: number;
}

export interface SizeRange {
  /** The smallest order of every venue, in lots; nothing between 0 and this is tried. */
  readonly least: number;
  readonly most: number;
  /** Whether cash must be whole cents where a leg asks for it. */
  readonly isAligned: boolean;
}

const SCALE = BigInt(RATE_ONE);

/** Sizes of one stretch that may differ by less than the rounding of fees and are still all tried. */
const WINDOW = 2_048;

export class SizeSearch {
  readonly #legs: readonly SearchedLeg[];
  readonly #terms: SearchTerms;
  readonly #points = new Map<number, Point>();
  /** What one micro-dollar less cost adds to the objective. */
  readonly #perMicroUsd: bigint;
  readonly #noise: bigint;
  readonly #slack: bigint;
  /** The last size that some leg can still deliver, in lots. */
  readonly depthLots: number;

  constructor(legs: readonly SearchedLeg[], terms: SearchTerms) {
    invariant(legs.length > 0, 'a basket needs at least one leg, found none');
    invariant(terms.lotE6 > 0, () => `a lot must be positive, found ${terms.lotE6} millionths`);
    this.#legs = legs;
    this.#terms = terms;
    this.depthLots = Math.floor(Math.min(...legs.map((leg) => leg.ladder.totalE6)) / terms.lotE6);
    // Each fill's cost and the payout are rounded to a micro-dollar too: one for each of them.
    this.#perMicroUsd = SCALE + BigInt(terms.marginalOfCapitalE6);
    const levels = legs.reduce((sum, leg) => sum + leg.ladder.depth, legs.length + 1);
    const feeNoise = legs.reduce((sum, leg) => sum + leg.feeNoiseMicroUsd, 0);
    this.#noise = BigInt(feeNoise + legs.length + 1) * this.#perMicroUsd;
    this.#slack = BigInt(levels) * this.#perMicroUsd;
  }

  /** How many sizes were worked out so far. */
  get evaluations(): number {
    return this.#points.size;
  }

  at(lots: number): Point {
    const known = this.#points.get(lots);
    if (known !== undefined) return known;
    const point = this.#compute(lots);
    this.#points.set(lots, point);
    return point;
  }

  #compute(lots: number): Point {
    const { worstPayoffE4, lotE6, marginalEdgeMicroUsd, marginalOfCapitalE6 } = this.#terms;
    const size = sizeE6(lots * lotE6);
    let cost = 0;
    let fees = 0;
    for (const { ladder, fee } of this.#legs) {
      cost += ladder.costOf(size);
      if (lots > 0) fees += fee(ladder.taken(size));
    }
    const capital = cost + fees + (lots > 0 ? this.#terms.fixedCostMicroUsd : 0);
    const profit = payoutOf(worstPayoffE4, size) - capital;
    const required = BigInt(marginalEdgeMicroUsd) * BigInt(size) + BigInt(marginalOfCapitalE6) * BigInt(capital);
    return {
      lots,
      sizeE6: size,
      costMicroUsd: microUsd(cost),
      feesMicroUsd: microUsd(fees),
      profitMicroUsd: microUsd(profit),
      capitalMicroUsd: microUsd(capital),
      objective: BigInt(profit) * SCALE - required,
    };
  }

  /** The first size with the largest objective. Zero lots when no size is worth more than nothing. */
  best(range: SizeRange): Point {
    const hunt = new Hunt(this.at(0), this.#terms.marginalOfCapitalE6 > 0);
    const open: { readonly trial: Trial; readonly bound: bigint }[] = [];
    let feesBefore = 0;
    for (const stretch of this.#stretches(range)) {
      if (stretch.first > range.most) break;
      // Past the peak of the gross profit nothing can grow any more: costs and fees only rise with size.
      if (!stretch.isGainful && !hunt.canBeat(this.at(stretch.first).objective + this.#slack, stretch.first)) break;
      const trial = this.#trial(stretch, range);
      if (trial === undefined) continue;
      const last = this.at(trial.last);
      hunt.offer(last);
      if (trial.end <= range.most) hunt.offer(this.at(trial.end));
      // Before fees the last size earns most, and every size pays at least the fees of the stretches before.
      const feesSince = BigInt(last.feesMicroUsd - feesBefore) * this.#perMicroUsd;
      const bound = stretch.isGainful ? last.objective + feesSince : this.at(stretch.first).objective;
      open.push({ trial, bound: bound + this.#slack });
      feesBefore = last.feesMicroUsd;
    }
    for (const { trial, bound } of open) {
      if (hunt.canBeat(bound, trial.first)) this.#refine(hunt, trial);
    }
    return hunt.best;
  }

  /**
   * The sizes of a stretch that are tried: from its first valid one in steps, and its last one. They
   * follow from the ladders alone and limits only cut them off, which is what keeps I23.
   */
  #trial(stretch: Stretch, range: SizeRange): Trial | undefined {
    const first = Math.ceil(stretch.first / stretch.step) * stretch.step;
    const end = Math.floor(stretch.last / stretch.step) * stretch.step;
    if (first > end || end < range.least || first > range.most) return undefined;
    const step = stretch.step * this.#stride(first, end, stretch.step);
    const from = first + Math.ceil(Math.max(0, range.least - first) / step) * step;
    const last = first + Math.floor((Math.min(end, range.most) - first) / step) * step;
    if (from > last) return end <= range.most ? { first: end, last: end, end, step } : undefined;
    return { first: from, last, end, step };
  }

  /**
   * 1, unless more than `WINDOW` sizes of a stretch earn the same to within the rounding of fees.
   * Then they are tried in larger steps: what is given up is less than that rounding.
   */
  #stride(first: number, end: number, step: number): number {
    const count = (end - first) / step;
    if (count <= WINDOW) return 1;
    const rise = this.at(end).objective - this.at(first).objective;
    const apart = rise < 0n ? -rise : rise;
    let stride = 1;
    while (count > WINDOW * stride && apart * BigInt(WINDOW * stride) < this.#noise * BigInt(count)) stride *= 2;
    return stride;
  }

  /** Halves a stretch until every part is either tried or proven to hold nothing better. */
  #refine(hunt: Hunt, { first, last, step }: Trial): void {
    hunt.offer(this.at(first));
    const parts = [{ first, last }];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const steps = (part.last - part.first) / step;
      if (steps <= 1) continue;
      const [low, high] = [this.at(part.first).objective, this.at(part.last).objective];
      const from = part.first + step;
      if (!hunt.canBeat(low + this.#noise, from) && !hunt.canBeat(high + this.#noise, from)) continue;
      const middle = part.first + Math.floor(steps / 2) * step;
      hunt.offer(this.at(middle));
      const [lower, upper] = [
        { first: part.first, last: middle },
        { first: middle, last: part.last },
      ];
      // The better half is tried first, so that the other is judged by what it found.
      if (low > high) parts.push(upper, lower);
      else parts.push(lower, upper);
    }
  }

  /** The stretches of the common depth up to the one that `most` lies in: they are the same whatever `most` is. */
  *#stretches({ isAligned, most }: SizeRange): Generator<Stretch> {
    const { lotE6 } = this.#terms;
    const ends = new Set<number>();
    for (const { ladder } of this.#legs) {
      for (const boundary of ladder.boundariesE6()) {
        // A lot that straddles a boundary is a stretch of its own.
        ends.add(Math.floor(boundary / lotE6));
        ends.add(Math.ceil(boundary / lotE6));
        if (boundary > most * lotE6) break;
      }
    }
    let first = 1;
    for (const last of [...ends].sort((a, b) => a - b)) {
      if (last < first) continue;
      if (last > this.depthLots) return;
      yield this.#stretch(first, last, isAligned);
      first = last + 1;
    }
  }

  #stretch(first: number, last: number, isAligned: boolean): Stretch {
    const { worstPayoffE4, lotE6, marginalEdgeMicroUsd, marginalOfCapitalE6 } = this.#terms;
    const size = sizeE6(last * lotE6);
    let prices = 0;
    let step = 1;
    for (const { ladder, isWholeCent } of this.#legs) {
      const limit = ladder.limitE4(size);
      prices += limit;
      if (isAligned && isWholeCent) {
        const own = wholeCentStep(limit, lotE6);
        step *= own / gcd(step, own);
      }
    }
    const pays = (worstPayoffE4 * 100 - marginalEdgeMicroUsd) * RATE_ONE;
    return { first, last, step, isGainful: pays > prices * 100 * (RATE_ONE + marginalOfCapitalE6) };
  }
}

/** Keeps the best point so far and knows what could still replace it. */
class Hunt {
  best: Point;
  /** A size that earns exactly what its capital must earn counts: the minimum edge is "at least". */
  readonly #takesEqual: boolean;

  constructor(nothing: Point, takesEqual: boolean) {
    this.best = nothing;
    this.#takesEqual = takesEqual;
  }

  offer(point: Point): void {
    if (this.canBeat(point.objective, point.lots)) this.best = point;
  }

  /** Whether a size of at least `lots` whose objective is at most `bound` could replace the best. */
  canBeat(bound: bigint, lots: number): boolean {
    if (bound !== this.best.objective) return bound > this.best.objective;
    return this.best.lots === 0 ? this.#takesEqual && lots > 0 : lots < this.best.lots;
  }
}

/** Lots that must be taken together so that price × size is a whole number of cents. */
export function wholeCentStep(priceE4: number, lotE6: SizeE6): number {
  const centE10 = 100_000_000;
  const lotCost = priceE4 * lotE6;
  invariant(Number.isSafeInteger(lotCost), () => `a lot must be at most 900000 contracts, found ${lotE6} millionths`);
  return centE10 / gcd(centE10, lotCost % centE10);
}
