/**
 * The looks before an order leaves: the last look of an attempt, which decides again by the same rules, and the
 * final one, which is read between the intent and the send and costs a few comparisons.
 */
import type { BookStore } from '../domain/book/book-store.ts';
import { type BookSeen, type DetectionPolicy, decide } from '../domain/edge/decide.ts';
import type { WalkAccount } from '../domain/edge/depth-walk.ts';
import type { Watch } from '../domain/edge/watch-list.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { LegOrder } from '../domain/execution/leg.ts';
import { openingOrders } from '../domain/execution/policy.ts';
import type { VenueName } from '../domain/instrument.ts';
import { complement, microUsd, sizeE6 } from '../domain/units.ts';
import { bookProblem, type MarketParts, type MarketTerms } from './attempt-desk-markets.ts';

export type Look =
  | { readonly kind: 'passed'; readonly books: readonly BookSeen[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** The race haircut grows with the age of a book: so much later, the same books still come to the same answer. */
const SAME_MOMENT_MS = 50;

/**
 * Whether the plan would be made again now: every venue takes orders, every book is live and fresh, and the
 * evaluator finds at least the planned size within the planned limits. Books that have not changed since they were
 * decided on, a moment ago, are not evaluated twice.
 */
export function lastLook(
  parts: MarketParts & { readonly policy: DetectionPolicy },
  plan: AttemptPlan,
  watch: Watch | undefined,
  nowMs: number,
): Look {
  if (watch === undefined) return failed('WATCH_GONE');
  const closed = plan.legs.find(({ venue }) => !parts.availability(venue).entries);
  if (closed !== undefined)
    return failed(`VENUE_UNAVAILABLE ${closed.venue}: ${parts.availability(closed.venue).reason}`);
  const look = isSameMoment(parts, plan, nowMs)
    ? ({ kind: 'passed', books: plan.books } as const)
    : evaluated(parts.policy, plan, watch, nowMs);
  const rest = isResting(plan) ? plan.legs[0] : undefined;
  if (look.kind === 'passed' && rest !== undefined && wouldCross(parts.books, rest))
    return failed(`REST_WOULD_CROSS leg ${rest.legId}`);
  return look;
}

function isSameMoment({ books, terms }: MarketParts, plan: AttemptPlan, nowMs: number): boolean {
  return plan.books.every(({ book: id, epoch, version, quietMs }) => {
    const book = books.find(id);
    if (book === undefined || bookProblem(book, terms, nowMs) !== undefined) return false;
    return book.epoch === epoch && book.version === version && book.quietMs(nowMs) - quietMs <= SAME_MOMENT_MS;
  });
}

function evaluated(policy: DetectionPolicy, plan: AttemptPlan, watch: Watch, nowMs: number): Look {
  const limits = { ...policy.limits, maxSizeE6: sizeE6(Math.min(policy.limits.maxSizeE6 ?? plan.sizeE6, plan.sizeE6)) };
  const { verdict } = decide(watch, { ...policy, limits, accountOf: reserved }, nowMs);
  if (verdict.kind === 'declined') return failed(verdict.reason);
  const { walk } = verdict.evaluation;
  if (walk.sizeE6 < plan.sizeE6) return failed(`EDGE_SHRANK to ${walk.sizeE6} of ${plan.sizeE6}`);
  for (const [at, order] of plan.legs.entries()) {
    if (isResting(plan) && at === 0) continue;
    const worst = walk.legs[order.basketLeg]?.limitE4;
    const limit = order.action === 'sell' ? complement(order.limitE4) : order.limitE4;
    if (worst === undefined || worst > limit) return failed(`PRICE_MOVED leg ${order.legId}`);
  }
  return { kind: 'passed', books: verdict.books };
}

/** The cash of the plan was set aside when it was approved: what is free besides says nothing about it. */
function reserved(venue: VenueName): WalkAccount {
  return { id: venue, balanceMicroUsd: microUsd(Number.MAX_SAFE_INTEGER) };
}

function isResting({ policy }: AttemptPlan): boolean {
  return policy === 'makerThenHedge';
}

/**
 * Whether opening orders may still leave on the books that the last look saw, in the moment before the bytes do.
 * A book of another epoch was replaced; one that only changed must still show the whole size within the limit.
 */
export function finalBooksLook(
  books: BookStore,
  terms: MarketTerms,
  {
    plan,
    orders,
    seen,
  }: { readonly plan: AttemptPlan; readonly orders: readonly LegOrder[]; readonly seen: readonly BookSeen[] },
  nowMs: number,
): string | undefined {
  for (const { book: id, epoch, version } of seen) {
    const book = books.find(id);
    const problem = bookProblem(book, terms, nowMs);
    if (problem !== undefined || book === undefined) return `${problem ?? 'BOOK_UNKNOWN'} ${id}`;
    if (book.epoch !== epoch) return `BOOK_REPLACED ${id}`;
    if (book.version === version) continue;
    // The legs that follow are as much part of the wish as those that leave now.
    for (const order of [...orders, ...plan.legs.slice(openingOrders(plan).length)]) {
      if (order.instrument.book === id && !isStillThere(books, order)) return `PRICE_MOVED leg ${order.legId}`;
    }
  }
  return undefined;
}

function isStillThere(books: BookStore, order: LegOrder): boolean {
  if (order.postOnly) return !wouldCross(books, order);
  const book = books.find(order.instrument.book);
  if (book === undefined) return false;
  const { inverted } = order.instrument;
  const isBuy = order.action === 'buy';
  let depth = 0;
  for (const { priceE4, sizeE6: size } of isBuy ? book.asks(inverted) : book.bids(inverted)) {
    if (isBuy ? priceE4 > order.limitE4 : priceE4 < order.limitE4) break;
    depth += size;
    if (depth >= order.sizeE6) return true;
  }
  return false;
}

function wouldCross(books: BookStore, { instrument, limitE4, action }: LegOrder): boolean {
  const book = books.find(instrument.book);
  if (book === undefined) return true;
  if (action === 'sell') return book.bestBidE4(instrument.inverted) >= limitE4;
  const ask = book.bestAskE4(instrument.inverted);
  return ask >= 0 && ask <= limitE4;
}

function failed(reason: string): Look {
  return { kind: 'failed', reason };
}
