/** What a person approved when a pair was approved, and whether both venues still say the same. */
import type { Listing, ListingStanding } from '../ports/venue.ts';
import { type Micros, type RateE6, rateE6 } from '../units.ts';

/** One market of a pair, as it read when it was approved. */
export interface SideTerms {
  /** Kalshi market ticker; Polymarket condition id or token id. */
  readonly venueKey: string;
  /** SHA-256 of the rules text. Without it nobody can tell whether the rules are still those that were read. */
  readonly rulesHash: string | undefined;
  /** When trading ends; `undefined` where the approval does not say: then what is read first is kept to. */
  readonly closesAt: Micros | undefined;
  readonly strike: string | undefined;
}

export interface PairTerms {
  readonly pairId: string;
  readonly title: string;
  readonly kalshi: SideTerms;
  readonly polymarket: SideTerms;
  /** How alike both are: a million for a pair that a person vouches for. */
  readonly scoreE6: RateE6;
  /** Who read both texts; `undefined` while nobody has. */
  readonly approvedBy: string | undefined;
  /** When the approval lapses. */
  readonly expiresAt: Micros;
}

/** Nothing below is ever traded (REQUIREMENTS M4, docs/invariants.md I12). */
export const SCORE_MIN = rateE6(950_000);
/** Below this a trade is worth a line in the log. */
export const SCORE_QUIET = rateE6(990_000);

export type TermsProblem =
  | {
      readonly kind: 'changed';
      readonly code: 'RULES_CHANGED' | 'CLOSE_TIME_MOVED' | 'STRIKE_CHANGED';
      readonly detail: string;
    }
  /** Cannot be told: not tradable, and no reason to ask a person again. */
  | { readonly kind: 'unproven'; readonly code: 'RULES_UNPINNED' | 'MARKET_NOT_OPEN'; readonly detail: string }
  /** Nothing will be traded here any more. */
  | { readonly kind: 'over'; readonly code: 'MARKET_CLOSED'; readonly detail: string };

const OVER: ReadonlySet<ListingStanding> = new Set(['closed', 'determined', 'settled']);

/** What stands between this side of a pair and trading, the gravest first; `undefined` when nothing does. */
export function sideProblem(terms: SideTerms, listing: Listing): TermsProblem | undefined {
  const at = `${listing.venue}/${terms.venueKey}`;
  if (OVER.has(listing.standing))
    return { kind: 'over', code: 'MARKET_CLOSED', detail: `${at} is ${listing.standing}` };
  if (terms.rulesHash === undefined) {
    return {
      kind: 'unproven',
      code: 'RULES_UNPINNED',
      detail: `${at}: expected the hash of the rules as approved, found none`,
    };
  }
  if (terms.rulesHash !== listing.rulesHash) {
    return changed('RULES_CHANGED', at, terms.rulesHash, listing.rulesHash);
  }
  if (terms.closesAt !== undefined && terms.closesAt !== listing.closesAt) {
    return changed('CLOSE_TIME_MOVED', at, String(terms.closesAt), String(listing.closesAt));
  }
  const strike = strikeText(listing);
  if (terms.strike !== undefined && terms.strike !== strike) return changed('STRIKE_CHANGED', at, terms.strike, strike);
  if (listing.standing === 'open') return undefined;
  return {
    kind: 'unproven',
    code: 'MARKET_NOT_OPEN',
    detail: `${at}: expected an open market, found ${listing.standing}`,
  };
}

/** The terms with what the listing says filled in where the approval left it open: the first reading pins it. */
export function pinned(terms: SideTerms, listing: Listing): SideTerms {
  return { ...terms, closesAt: terms.closesAt ?? listing.closesAt, strike: terms.strike ?? strikeText(listing) };
}

function strikeText({ strike }: Listing): string {
  return strike === undefined ? 'none' : `${strike.type} ${strike.floor ?? '-'}..${strike.cap ?? '-'}`;
}

function changed(
  code: 'RULES_CHANGED' | 'CLOSE_TIME_MOVED' | 'STRIKE_CHANGED',
  at: string,
  was: string,
  is: string,
): TermsProblem {
  return { kind: 'changed', code, detail: `${at}: expected ${was} as approved, found ${is}` };
}

export function isSameTerms(a: PairTerms, b: PairTerms): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Terms of a pair that somebody vouches for as both markets read at this moment: everything about them is pinned. */
export function termsAsRead(given: {
  readonly pairId: string;
  readonly title: string;
  readonly kalshi: Listing;
  readonly polymarket: Listing;
  readonly approvedBy: string;
  readonly expiresAt: Micros;
}): PairTerms {
  const { pairId, title, kalshi, polymarket, approvedBy, expiresAt } = given;
  const side = (listing: Listing): SideTerms => ({
    venueKey: listing.venueKey,
    rulesHash: listing.rulesHash,
    closesAt: listing.closesAt,
    strike: strikeText(listing),
  });
  const scoreE6 = rateE6(1_000_000);
  return { pairId, title, kalshi: side(kalshi), polymarket: side(polymarket), scoreE6, approvedBy, expiresAt };
}
