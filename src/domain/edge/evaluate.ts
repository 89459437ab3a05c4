/**
 * The one evaluator: a basket, its books as they are read now, the fees and the limits go in; an edge
 * or the reason for declining comes out (docs/rules.md §8).
 *
 * It is asked at the decision and again at the last look, with the same rules and nothing remembered
 * in between. A correct system mostly declines, so the causes are looked for from the cheapest to the
 * dearest and the figures known by then go with the answer.
 */
import type { OrderFee } from '../fees/fee-schedule.ts';
import type { Fraction } from '../fraction.ts';
import { invariant, unreachable } from '../invariant.ts';
import type { Level } from '../ports/market-data.ts';
import { roi } from '../return.ts';
import { type MicroUsd, microUsd, mulDiv, PRICE_ONE, RATE_ONE, type RateE6, rateE6, type SizeE6 } from '../units.ts';
import { type Basket, referenceText } from './basket.ts';
import type { BookRefusal, DeclineReason } from './decline.ts';
import { type DepthWalk, type WalkAccount, type WalkLeg, type WalkLimits, walkDepth } from './depth-walk.ts';

/** What a book's owner says about it now. `live` is current, uncrossed and without a gap. */
export type BookCondition = 'live' | 'awaited' | 'gapped' | 'stale' | 'crossed' | 'empty' | 'closed' | 'lagged';

/** One leg as its book reads now. */
export interface LegNow {
  readonly condition: BookCondition;
  /** Executable levels, best first: asks, or the mirrored bids of a sale, after the race haircut. */
  readonly asks: readonly Level[];
  /** `undefined` when the venue's fee for this instrument is not known: then nothing is traded. */
  readonly fee: OrderFee | undefined;
  readonly account: WalkAccount | undefined;
  readonly minSizeE6?: SizeE6;
  readonly minNotionalMicroUsd?: MicroUsd;
  readonly maxSizeE6?: SizeE6;
  readonly isWholeCent?: boolean;
  readonly feeNoiseMicroUsd?: MicroUsd;
}

export interface EdgeThresholds {
  /** Profit over capital, at least: both legs and all fees are the capital (docs/rules.md §9). */
  readonly minEdgeOfCapitalE6: RateE6;
  /** What the last set must still earn, besides earning the minimum edge on its own capital. */
  readonly marginalEdgeMicroUsd: MicroUsd;
  readonly minProfitMicroUsd: MicroUsd;
  readonly minTradeValueMicroUsd: MicroUsd;
  /** A gross gap above this goes to a person: it is nearly always a wrong match (docs/rules.md §8). */
  readonly reviewGrossEdgeE4: number;
  /** The most that operations on the chain may cost, of the capital (design C). */
  readonly gasOfCapitalMaxE6: RateE6;
}

/** Design C's profile: 3 % of capital, $0.10, $5, gas at most 2 %; review above 8 cents (docs/rules.md §8). */
export const CONSERVATIVE_THRESHOLDS: EdgeThresholds = {
  minEdgeOfCapitalE6: rateE6(30_000),
  marginalEdgeMicroUsd: microUsd(0),
  minProfitMicroUsd: microUsd(100_000),
  minTradeValueMicroUsd: microUsd(5_000_000),
  reviewGrossEdgeE4: 800,
  gasOfCapitalMaxE6: rateE6(20_000),
};

export interface EvaluationRequest {
  readonly basket: Basket;
  /** One a leg of the basket, in its order. */
  readonly legs: readonly LegNow[];
  readonly limits: WalkLimits;
  readonly thresholds: EdgeThresholds;
  /** Whether the pair behind the basket may be traded now. `true` for baskets without a pair. */
  readonly isPairTradable: boolean;
  /** A snapshot fetched after the alarm shows the same prices: what a complement needs (docs/rules.md §6). */
  readonly isConfirmedBySnapshot: boolean;
  readonly lotE6?: SizeE6;
  /** Operations on the chain that this basket takes, whatever its size. */
  readonly gasMicroUsd?: MicroUsd;
}

/** Ratios of an edge, exact. */
export interface EdgeReturns {
  /** Profit over both legs plus fees: what thresholds and ranking use. */
  readonly ofCapital: Fraction;
  /** Profit over the cost of the first leg alone: design C's "3 % of the buy price", for comparison only. */
  readonly ofBuyPrice: Fraction;
}

export interface Edge {
  readonly kind: 'edge';
  /** Payoff less best asks, per set, in ten-thousandths of a dollar. */
  readonly grossEdgeE4: number;
  readonly walk: DepthWalk;
  readonly returns: EdgeReturns;
}

export interface Declined {
  readonly kind: 'declined';
  readonly reason: DeclineReason;
  /** What was expected and what was found, with the leg it is about. */
  readonly detail: string;
  /** As far as it was known when declining. */
  readonly grossEdgeE4: number | undefined;
  readonly walk: DepthWalk | undefined;
  readonly returns: EdgeReturns | undefined;
}

export type Evaluation = Edge | Declined;

/** Whether this basket is an edge now, at which size and for how much. */
export function evaluate(request: EvaluationRequest): Evaluation {
  const { basket, legs } = request;
  invariant(
    legs.length === basket.legs.length,
    () => `expected ${basket.legs.length} legs as read now, found ${legs.length} (${basket.family})`,
  );
  if (!request.isPairTradable) return declined('PAIR_NOT_TRADABLE', 'expected a tradable pair, found a suspended one');
  const fault = bookFault(basket, legs);
  if (fault !== undefined) return fault;
  const grossEdgeE4 = screenGross(
    legs.map((leg) => leg.asks.find((level) => level.sizeE6 > 0)?.priceE4 ?? -1),
    basket.worstPayoffE4,
  );
  if (grossEdgeE4 === Number.NEGATIVE_INFINITY) return declined('NO_ASKS', 'expected asks for every leg, found none');
  const doubt = doubtAbout(request, grossEdgeE4);
  if (doubt !== undefined) return doubt;
  const walkLegs: WalkLeg[] = [];
  for (const [at, { fee, ...leg }] of legs.entries()) {
    if (fee === undefined) {
      return declined('FEE_UNKNOWN', `expected a fee schedule, found none (${legText(basket, at)})`, { grossEdgeE4 });
    }
    walkLegs.push({ ...leg, fee });
  }
  return judged(request, grossEdgeE4, walkDepth(walkLegs, termsOf(request), request.limits));
}

/**
 * The gross edge of one set at the best asks, in ten-thousandths of a dollar: the check that every
 * book change can afford. Negative infinity when some leg has no ask (a negative price). Whatever it
 * finds without an edge has none at any size, because deeper levels and fees only cost more.
 */
export function screenGross(asks: readonly number[], worstPayoffE4: number): number {
  let edge = worstPayoffE4;
  for (const ask of asks) {
    if (ask < 0) return Number.NEGATIVE_INFINITY;
    edge -= ask;
  }
  return edge;
}

/**
 * The same after lower bounds of each leg's fee per contract (`feeFloorPerContract`, floats). Zero or
 * less means that no size can earn anything; above zero decides nothing.
 */
export function screenNet(asks: readonly number[], feeFloors: readonly number[], worstPayoffE4: number): number {
  let edge = screenGross(asks, worstPayoffE4);
  for (const floor of feeFloors) edge -= floor;
  return edge;
}

function bookFault(basket: Basket, legs: readonly LegNow[]): Declined | undefined {
  for (const [at, leg] of legs.entries()) {
    const refusal = refusalOf(leg.condition);
    if (refusal !== undefined) {
      return declined(refusal, `expected a live book, found ${leg.condition} (${legText(basket, at)})`);
    }
  }
  for (const [at, leg] of legs.entries()) {
    let best = 1;
    for (const { priceE4, sizeE6 } of leg.asks) {
      if (!(Number.isInteger(priceE4) && priceE4 >= best && priceE4 < PRICE_ONE && sizeE6 >= 0)) {
        const found = `${priceE4} for ${sizeE6} after ${best}`;
        return declined(
          'PRICE_INSANE',
          `expected rising prices within 0..10000, found ${found} (${legText(basket, at)})`,
        );
      }
      best = priceE4;
    }
  }
  return undefined;
}

function refusalOf(condition: BookCondition): BookRefusal | undefined {
  switch (condition) {
    case 'live':
      return undefined;
    case 'awaited':
      return 'BOOK_AWAITED';
    case 'gapped':
      return 'BOOK_GAPPED';
    case 'stale':
      return 'BOOK_STALE';
    case 'crossed':
      return 'BOOK_CROSSED';
    case 'empty':
      return 'BOOK_EMPTY';
    case 'closed':
      return 'BOOK_CLOSED';
    case 'lagged':
      return 'VENUE_LAGGED';
    default:
      return unreachable(condition, 'a book condition');
  }
}

/** What speaks against the prices themselves before fees are looked at. */
function doubtAbout({ basket, thresholds, ...request }: EvaluationRequest, grossEdgeE4: number): Declined | undefined {
  const known = { grossEdgeE4 };
  if (grossEdgeE4 <= 0) {
    return declined(
      'NO_GROSS_EDGE',
      `expected asks below ${basket.worstPayoffE4}, found a gap of ${grossEdgeE4}`,
      known,
    );
  }
  if (basket.isDataAlarm && !request.isConfirmedBySnapshot) {
    return declined(
      'COMPLEMENT_ALARM',
      `expected a fresh snapshot to confirm a gap of ${grossEdgeE4}, found none`,
      known,
    );
  }
  if (grossEdgeE4 > thresholds.reviewGrossEdgeE4) {
    const expected = `expected a gap of at most ${thresholds.reviewGrossEdgeE4}`;
    return declined('GAP_SUSPICIOUS', `${expected}, found ${grossEdgeE4}: a person looks first`, known);
  }
  return undefined;
}

/**
 * The minimum edge on capital is also what every further set must earn on its own. Otherwise a deep
 * book would drag the average below the minimum, and a tighter limit would turn a decline into a trade.
 */
function termsOf({ basket, thresholds, lotE6, gasMicroUsd }: EvaluationRequest): Parameters<typeof walkDepth>[1] {
  return {
    worstPayoffE4: basket.worstPayoffE4,
    marginalEdgeMicroUsd: thresholds.marginalEdgeMicroUsd,
    marginalOfCapitalE6: thresholds.minEdgeOfCapitalE6,
    minProfitMicroUsd: thresholds.minProfitMicroUsd,
    minTradeValueMicroUsd: thresholds.minTradeValueMicroUsd,
    fixedCostMicroUsd: gasMicroUsd ?? microUsd(0),
    ...(lotE6 === undefined ? {} : { lotE6 }),
  };
}

function judged({ thresholds }: EvaluationRequest, grossEdgeE4: number, walk: DepthWalk): Evaluation {
  const returns = returnsOf(walk);
  const known = { grossEdgeE4, walk, returns };
  const { profitMicroUsd: profit, capitalMicroUsd: capital } = walk;
  if (walk.reason !== undefined) {
    const found = `${walk.sizeE6} millionths earning ${profit} on ${capital} micro-dollars`;
    return declined(walk.reason, `expected a size worth trading, found ${found}`, known);
  }
  const gasMax = mulDiv(capital, thresholds.gasOfCapitalMaxE6, RATE_ONE, 'floor');
  if (walk.fixedCostMicroUsd > gasMax) {
    return declined('GAS_TOO_HIGH', `expected gas of at most ${gasMax}, found ${walk.fixedCostMicroUsd}`, known);
  }
  invariant(returns !== undefined, () => `a traded size must have capital, found ${capital}`);
  return { kind: 'edge', grossEdgeE4, walk, returns };
}

function returnsOf(walk: DepthWalk): EdgeReturns | undefined {
  const bought = walk.legs[0]?.costMicroUsd;
  if (bought === undefined || bought <= 0) return undefined;
  const profit = walk.profitMicroUsd;
  return {
    ofCapital: roi({ profit, capital: walk.capitalMicroUsd }),
    ofBuyPrice: roi({ profit, capital: bought }),
  };
}

function declined(
  reason: DeclineReason,
  detail: string,
  known: Partial<Pick<Declined, 'grossEdgeE4' | 'walk' | 'returns'>> = {},
): Declined {
  return {
    kind: 'declined',
    reason,
    detail,
    grossEdgeE4: known.grossEdgeE4,
    walk: known.walk,
    returns: known.returns,
  };
}

function legText(basket: Basket, at: number): string {
  const leg = basket.legs[at];
  return leg === undefined ? `leg ${at}` : `leg ${leg.label}, ${referenceText(leg.reference)}`;
}
