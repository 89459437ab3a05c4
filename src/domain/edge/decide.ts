/**
 * What to do about a basket now: reads every book of it in the same synchronous pass, screens what
 * cannot be an edge for the price of a few additions, and asks the evaluator about the rest.
 */
import type { Book } from '../book/book.ts';
import type { BookId, VenueName } from '../instrument.ts';
import { executableLadder, type RaceParameters } from '../race.ts';
import { CONTRACT, type MicroUsd, type Millis, microUsd, millis, rateE6, type SizeE6 } from '../units.ts';
import type { DeclineReason } from './decline.ts';
import type { DepthWalk, WalkAccount, WalkLimits } from './depth-walk.ts';
import { type BookCondition, type EdgeThresholds, type Evaluation, evaluate, type LegNow } from './evaluate.ts';
import type { Watch, WatchedLeg } from './watch-list.ts';

/** The least that a venue takes, and the grid of its cash. */
export interface OrderRules {
  readonly minSizeE6: SizeE6;
  readonly minNotionalMicroUsd: MicroUsd;
  /** Size times limit price must be whole cents (Polymarket, fill-or-kill and fill-and-kill). */
  readonly isWholeCent: boolean;
}

export interface DetectionPolicy {
  /** A book without proof for longer than this is stale (design P: 2 s, H: 5 s; docs/rules.md §17). */
  readonly staleAfterMs: Readonly<Record<VenueName, Millis>>;
  /**
   * A book whose newest change was older than this when it came, by the venue's own clock, is late: not traded on.
   * Needs `venueNowMs`; a recording is not late.
   */
  readonly venueLagMsMax?: Millis;
  /** The venue's clock now, in milliseconds since 1970, as far as its distance from ours was measured. */
  readonly venueNowMs?: (venue: VenueName) => number;
  /** Each book is looked at once per interval at most; 0 looks at every change (design S asks for 100 ms). */
  readonly detectionIntervalMs: Millis;
  /** Levels read of each leg. */
  readonly depth: number;
  readonly race: RaceParameters;
  readonly thresholds: EdgeThresholds;
  readonly limits: WalkLimits;
  /** What each venue takes in a taking order. */
  readonly orderRules: Readonly<Record<VenueName, OrderRules>>;
  /** Cash at a venue, as known now. */
  readonly accountOf: (venue: VenueName) => WalkAccount;
}

/** A book as it was when it was decided on. */
export interface BookSeen {
  readonly book: BookId;
  readonly epoch: number;
  readonly version: number;
  readonly quietMs: number;
  readonly unprovenMs: number;
}

export interface Decision {
  readonly watch: Watch;
  /** Monotonic instant in milliseconds. */
  readonly atMs: number;
  readonly verdict: Verdict;
}

export type Verdict =
  | {
      readonly kind: 'edge';
      readonly grossEdgeE4: number;
      readonly evaluation: Evaluation & { readonly kind: 'edge' };
      readonly books: readonly BookSeen[];
    }
  | {
      readonly kind: 'declined';
      readonly reason: DeclineReason;
      readonly detail: string;
      /** Payoff less best asks, per set; `undefined` where a book could not be read. */
      readonly grossEdgeE4: number | undefined;
      /** The most profitable size before any minimum, where fees and sizes are known. */
      readonly best: DepthWalk | undefined;
      readonly books: readonly BookSeen[];
    };

const UNREAD: readonly BookSeen[] = [];

/** Decides on one basket. Only a verdict with a gross edge carries a detail and the books seen. */
export function decide(watch: Watch, policy: DetectionPolicy, nowMs: number): Decision {
  for (const leg of watch.legs) {
    const reason = refusalOf(leg.book, policy, nowMs);
    if (reason !== undefined) return declined(watch, nowMs, { reason, detail: leg.book.id });
  }
  let grossEdgeE4 = watch.promisedE4;
  for (const leg of watch.legs) {
    const ask = leg.book.bestAskE4(leg.inverted);
    if (ask < 0) return declined(watch, nowMs, { reason: 'NO_ASKS', detail: leg.label });
    grossEdgeE4 -= ask;
  }
  if (grossEdgeE4 <= 0) return { watch, atMs: nowMs, verdict: noGap(grossEdgeE4) };
  return decideOnGap(watch, policy, nowMs, grossEdgeE4);
}

/** By far the most frequent verdict: made in one step, because this is where a book change ends. */
function noGap(grossEdgeE4: number): Verdict {
  return { kind: 'declined', reason: 'NO_GROSS_EDGE', detail: '', grossEdgeE4, best: undefined, books: UNREAD };
}

/** The rare path: the best asks together cost less than the basket pays. */
function decideOnGap(watch: Watch, policy: DetectionPolicy, nowMs: number, grossEdgeE4: number): Decision {
  const books = watch.legs.map((leg) => seen(leg.book, nowMs));
  const known = { grossEdgeE4, books };
  if (watch.result.kind === 'refused') {
    return declined(watch, nowMs, { reason: watch.result.reason, detail: watch.result.detail, ...known });
  }
  const { basket } = watch.result;
  const contradiction = contradictionOf(watch);
  if (contradiction !== undefined)
    return declined(watch, nowMs, { reason: 'COMPLEMENT_ALARM', detail: contradiction, ...known });
  const legs = watch.legs.map((leg) => readNow(leg, policy, nowMs, watch.hasSizes));
  const request = { basket, legs, limits: policy.limits, isPairTradable: true, isConfirmedBySnapshot: false };
  const evaluation = evaluate({ ...request, thresholds: policy.thresholds });
  const isDoubted = evaluation.kind === 'declined' && DOUBTS.has(evaluation.reason);
  if (!watch.hasSizes && !isDoubted) {
    return declined(watch, nowMs, { reason: 'SIZE_UNKNOWN', detail: 'only prices were recorded', ...known });
  }
  if (evaluation.kind === 'edge') return { watch, atMs: nowMs, verdict: { kind: 'edge', evaluation, ...known } };
  const hasFees = watch.legs.every((leg) => leg.fee !== undefined);
  const best = watch.hasSizes && hasFees ? evaluate({ ...request, thresholds: NO_MINIMUM }).walk : undefined;
  return declined(watch, nowMs, { reason: evaluation.reason, detail: evaluation.detail, ...known, best });
}

/** Causes that stand before any sizing, so that a missing size changes nothing about them. */
const DOUBTS: ReadonlySet<DeclineReason> = new Set([
  'BOOK_CLOSED',
  'VENUE_LAGGED',
  'FEE_UNKNOWN',
  'COMPLEMENT_ALARM',
  'GAP_SUSPICIOUS',
  'PRICE_INSANE',
]);

/** What a gap comes to when nothing but the books, the fees and the limits has a say. */
const NO_MINIMUM: EdgeThresholds = {
  minEdgeOfCapitalE6: rateE6(0),
  marginalEdgeMicroUsd: microUsd(0),
  minProfitMicroUsd: microUsd(0),
  minTradeValueMicroUsd: microUsd(0),
  reviewGrossEdgeE4: Number.POSITIVE_INFINITY,
  gasOfCapitalMaxE6: rateE6(1_000_000),
};

function refusalOf(book: Book, policy: DetectionPolicy, nowMs: number): DeclineReason | undefined {
  if (book.standing !== 'live') return book.standing === 'gapped' ? 'BOOK_GAPPED' : 'BOOK_AWAITED';
  if (book.isCrossed) return 'BOOK_CROSSED';
  if (book.unprovenMs(nowMs) > staleAfterMs(book, policy)) return 'BOOK_STALE';
  return book.isEmpty ? 'BOOK_EMPTY' : undefined;
}

/** By name: a lookup by a key that is only known at run time costs as much as the rest of a screening. */
function staleAfterMs({ venue }: Book, { staleAfterMs }: DetectionPolicy): Millis {
  return venue === 'kalshi' ? staleAfterMs.kalshi : staleAfterMs.polymarket;
}

/**
 * Books of a basket that are too old to decide on, or whose market was closed when it was last heard of, while the
 * best asks as last seen would be a gap: what is worth asking the venue about. None where anything else speaks
 * against it.
 */
export function worthProving(watch: Watch, policy: DetectionPolicy, nowMs: number): readonly Book[] {
  const doubted: Book[] = [];
  let grossEdgeE4 = watch.promisedE4;
  for (const { book, inverted } of watch.legs) {
    const reason = refusalOf(book, policy, nowMs);
    if (reason !== undefined && reason !== 'BOOK_STALE') return [];
    const condition = conditionOf(book, policy, nowMs);
    if (book.isEmpty || (reason === undefined && condition === 'lagged')) return [];
    if (reason === 'BOOK_STALE' || condition === 'closed') doubted.push(book);
    const ask = book.bestAskE4(inverted);
    if (ask < 0) return [];
    grossEdgeE4 -= ask;
  }
  return grossEdgeE4 > 0 && watch.result.kind === 'basket' ? doubted : [];
}

/** What a book that is live as a book may still hide: looked for only where a gap is. */
function conditionOf(book: Book, policy: DetectionPolicy, nowMs: number): BookCondition {
  const { venueNowMs, venueLagMsMax } = policy;
  if (book.market.closedBecause !== undefined) return 'closed';
  if (venueNowMs === undefined) return 'live';
  const venueMs = venueNowMs(book.venue);
  if (venueMs >= book.market.closesAtMs) return 'closed';
  return venueLagMsMax !== undefined && book.lagMs(nowMs, venueMs) > venueLagMsMax ? 'lagged' : 'live';
}

/** The books of a market's two outcomes are one book in truth: where they differ, one of them is wrong. */
function contradictionOf({ legs }: Watch): string | undefined {
  for (const { book } of legs) {
    const gapE4 = book.complementGapE4();
    if (gapE4 <= book.tickE4) continue;
    const { complement } = book.market;
    return `expected ${complement?.id} to mirror ${book.id} within ${book.tickE4}, found them ${gapE4} apart`;
  }
  return undefined;
}

function readNow(leg: WatchedLeg, policy: DetectionPolicy, nowMs: number, hasSizes: boolean): LegNow {
  const displayed = leg.book.asks(leg.inverted, policy.depth);
  const situation = { ageMs: millis(leg.book.quietMs(nowMs)), lotE6: CONTRACT };
  const asks = hasSizes ? executableLadder(displayed, situation, policy.race).levels : displayed;
  const { venue } = leg.book;
  const condition = conditionOf(leg.book, policy, nowMs);
  return { condition, asks, fee: leg.fee, account: policy.accountOf(venue), ...policy.orderRules[venue] };
}

function seen(book: Book, nowMs: number): BookSeen {
  return {
    book: book.id,
    epoch: book.epoch,
    version: book.version,
    quietMs: book.quietMs(nowMs),
    unprovenMs: book.unprovenMs(nowMs),
  };
}

function declined(
  watch: Watch,
  atMs: number,
  why: {
    readonly reason: DeclineReason;
    readonly detail: string;
    readonly grossEdgeE4?: number;
    readonly best?: DepthWalk | undefined;
    readonly books?: readonly BookSeen[];
  },
): Decision {
  const { reason, detail, grossEdgeE4, best, books } = why;
  return { watch, atMs, verdict: { kind: 'declined', reason, detail, grossEdgeE4, best, books: books ?? UNREAD } };
}

/** Profit of the best size before any minimum, or of the edge: what is left after fees. */
export function netProfit(verdict: Verdict): MicroUsd | undefined {
  return verdict.kind === 'edge' ? verdict.evaluation.walk.profitMicroUsd : verdict.best?.profitMicroUsd;
}
