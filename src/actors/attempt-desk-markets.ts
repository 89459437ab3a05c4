/** What the legs of a basket can be traded for now, for whoever hedges or repairs: live books and open venues only. */
import type { Book } from '../domain/book/book.ts';
import type { BookStore } from '../domain/book/book-store.ts';
import type { Watch } from '../domain/edge/watch-list.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import { entryOf } from '../domain/execution/holdings.ts';
import type { LegOrder } from '../domain/execution/leg.ts';
import type { TakingRules, TakingSide } from '../domain/execution/order-size.ts';
import type { LegMarket } from '../domain/execution/repair.ts';
import type { OrderFee } from '../domain/fees/fee-schedule.ts';
import type { VenueName } from '../domain/instrument.ts';
import type { Millis } from '../domain/units.ts';

export interface MarketTerms {
  readonly rules: Readonly<Record<VenueName, TakingRules>>;
  /** A book without proof for longer than this is not traded on. */
  readonly staleAfterMs: Readonly<Record<VenueName, Millis>>;
  /** Matches become money later there, and can fail. */
  readonly settlesLater: Readonly<Record<VenueName, boolean>>;
  /** Levels read of each side. */
  readonly depth: number;
}

/** What a venue takes now, as its supervisor knows it. */
export interface VenueAvailability {
  readonly entries: boolean;
  readonly reducing: boolean;
  readonly reason: string;
}

export interface MarketParts {
  readonly books: BookStore;
  readonly terms: MarketTerms;
  readonly availability: (venue: VenueName) => VenueAvailability;
}

/** Why nothing may be decided on this book now, or `undefined`. */
export function bookProblem(book: Book | undefined, terms: MarketTerms, nowMs: number): string | undefined {
  if (book === undefined) return 'BOOK_UNKNOWN';
  if (book.standing !== 'live') return book.standing === 'gapped' ? 'BOOK_GAPPED' : 'BOOK_AWAITED';
  if (book.isCrossed) return 'BOOK_CROSSED';
  if (book.market.closedBecause !== undefined) return 'BOOK_CLOSED';
  return book.unprovenMs(nowMs) > terms.staleAfterMs[book.venue] ? 'BOOK_STALE' : undefined;
}

/** The side that an order of this kind would meet; `undefined` while it may not be believed, or the venue takes nothing. */
function sideOf(
  parts: MarketParts,
  order: Pick<LegOrder, 'instrument' | 'action' | 'venue'>,
  fee: OrderFee,
  nowMs: number,
): TakingSide | undefined {
  const { books, terms, availability } = parts;
  const book = books.find(order.instrument.book);
  if (book === undefined || bookProblem(book, terms, nowMs) !== undefined) return undefined;
  if (!availability(order.venue).reducing) return undefined;
  const { inverted } = order.instrument;
  const levels = order.action === 'buy' ? book.asks(inverted, terms.depth) : book.bids(inverted, terms.depth);
  return { action: order.action, levels, fee, rules: terms.rules[order.venue] };
}

/** Both ways out of each leg of the plan. A leg whose fee nobody knows has none. */
export function marketsOf(
  parts: MarketParts,
  plan: AttemptPlan,
  watch: Watch | undefined,
  nowMs: number,
): readonly LegMarket[] {
  return plan.legs.map(({ basketLeg }) => {
    const entry = entryOf(plan, basketLeg);
    const fee = watch?.legs[basketLeg]?.fee;
    const { venue } = entry;
    const reversed = entry.action === 'buy' ? 'sell' : 'buy';
    return {
      basketLeg,
      venue,
      complete: fee === undefined ? undefined : sideOf(parts, entry, fee, nowMs),
      unwind: fee === undefined ? undefined : sideOf(parts, { ...entry, action: reversed }, fee, nowMs),
      settlesLater: parts.terms.settlesLater[venue],
    };
  });
}
