/**
 * What of a displayed book a paper order gets. Two models, as plain data, and neither always succeeds:
 * an optimistic simulation that fills at every quoted price teaches nothing (docs/rules.md §12).
 */
import { invariant } from '../../domain/invariant.ts';
import type { Level } from '../../domain/ports/market-data.ts';
import type { Random } from '../../domain/ports/random.ts';
import { executableLadder, pWin, RACE_SEED, type RaceParameters } from '../../domain/race.ts';
import {
  type Millis,
  millis,
  mulDiv,
  PRICE_ONE,
  type PriceE4,
  RATE_ONE,
  type RateE6,
  rateE6,
  type SizeE6,
} from '../../domain/units.ts';

/** A point of a distribution of round trips: this share of them takes at most so long. */
export interface TripQuantile {
  /** Within 0..1, ascending. */
  readonly share: number;
  readonly ms: number;
}

/** Design H's: a resting order fills with a fixed chance when its price is reached, a taking one pays a little more. */
export interface TouchModel {
  readonly kind: 'touch';
  readonly makerFillE6: RateE6;
  readonly takerSlipE6: RateE6;
}

/** The race for a quote: won with a chance that falls with its age, and then only a share of the size is ours. */
export interface RaceModel {
  readonly kind: 'race';
  readonly parameters: RaceParameters;
  readonly roundTrips: readonly TripQuantile[];
}

export type FillModel = TouchModel | RaceModel;

/** Seven in ten, and 5 basis points. */
export const TOUCH: TouchModel = { kind: 'touch', makerFillE6: rateE6(700_000), takerSlipE6: rateE6(500) };

/** The learned model starts from its seed; the round trips are those measured at the venue. */
export function raceModel(roundTrips: readonly TripQuantile[], parameters: RaceParameters = RACE_SEED): RaceModel {
  return { kind: 'race', parameters, roundTrips };
}

/** Throws where a model would always succeed, or could never say how long it takes. */
export function checkModel(model: FillModel): void {
  if (model.kind === 'touch') {
    const { makerFillE6, takerSlipE6 } = model;
    invariant(
      makerFillE6 > 0 && makerFillE6 < RATE_ONE,
      () => `a chance to fill must lie inside 0..1, found ${makerFillE6} millionths`,
    );
    invariant(takerSlipE6 > 0, () => `a taker must slip by something, found ${takerSlipE6} millionths`);
    return;
  }
  let [shareBefore, msBefore] = [-1, 0];
  for (const { share, ms } of model.roundTrips) {
    invariant(
      share > shareBefore && share <= 1 && ms > 0 && ms >= msBefore,
      () => `round trips must rise and take time, found ${ms} ms at ${share} after ${msBefore} ms at ${shareBefore}`,
    );
    [shareBefore, msBefore] = [share, ms];
  }
  invariant(model.roundTrips.length > 0, 'a race needs at least one round trip, found none');
}

/** One round trip. Between two quantiles the logarithm grows evenly; none for `touch`. */
export function drawTrip(model: FillModel, random: Random): Millis {
  if (model.kind === 'touch') return millis(0);
  const share = random.next();
  let below: TripQuantile | undefined;
  for (const at of model.roundTrips) {
    if (share <= at.share) return millis(between(below, at, share));
    below = at;
  }
  return millis(below?.ms ?? 0);
}

function between(below: TripQuantile | undefined, at: TripQuantile, share: number): number {
  if (below === undefined) return at.ms;
  return below.ms * (at.ms / below.ms) ** ((share - below.share) / (at.share - below.share));
}

/** What is displayed to an order when it arrives. */
export interface Displayed {
  /** Best first. */
  readonly levels: readonly Level[];
  /** Since the book last changed. */
  readonly quietMs: number;
  /** What the order needed to get there: nobody sees a quote younger than that. */
  readonly tripMs: number;
  readonly lotE6: SizeE6;
}

interface Taking {
  readonly action: 'buy' | 'sell';
  readonly limitE4: PriceE4;
}

/** The levels that a taking order could be filled at, best first and at the prices it would really get. */
export function takeable(model: FillModel, displayed: Displayed, order: Taking, random: Random): readonly Level[] {
  const reached =
    model.kind === 'touch'
      ? displayed.levels.map((level) => ({ ...level, priceE4: slipped(level.priceE4, order.action, model) }))
      : raced(model, displayed, random);
  return reached.filter(({ priceE4: price }) => isWithin(price, order));
}

/**
 * What a resting order gets when its price is reached by `through`: the opposite levels at or beyond it. One draw
 * decides about all of it.
 */
export function reachedSize(model: FillModel, through: Displayed, random: Random): number {
  const levels = model.kind === 'race' ? raced(model, through, random) : through.levels;
  const isFilled = model.kind === 'race' || random.next() * RATE_ONE < model.makerFillE6;
  return isFilled ? levels.reduce((sum, { sizeE6 }) => sum + sizeE6, 0) : 0;
}

export function isWithin(price: PriceE4, { action, limitE4 }: Taking): boolean {
  return action === 'buy' ? price <= limitE4 : price >= limitE4;
}

/** Against us, and by one step at least. */
function slipped(price: PriceE4, action: Taking['action'], { takerSlipE6 }: TouchModel): PriceE4 {
  const slip = Math.max(1, mulDiv(price, takerSlipE6, RATE_ONE, 'ceil'));
  return Math.min(PRICE_ONE, Math.max(0, action === 'buy' ? price + slip : price - slip)) as PriceE4;
}

/**
 * The race is won or lost as a whole, and what is won is our share of the queue: on average that is
 * `displayed × pWin × pQueue`, the executable size that decisions count on.
 */
function raced({ parameters }: RaceModel, displayed: Displayed, random: Random): readonly Level[] {
  const ageMs = millis(Math.max(displayed.quietMs, displayed.tripMs));
  if (random.next() >= pWin(ageMs, parameters).probability) return [];
  return executableLadder(displayed.levels, { ageMs: millis(0), lotE6: displayed.lotE6 }, parameters).levels;
}
