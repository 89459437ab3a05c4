/**
 * Baskets over strikes and deadlines (docs/rules.md §6): ladder, bucket identity and its reverse, nested
 * range, calendar, and strikes that differ between venues.
 *
 * None of them knows which order of strikes is safe. The payoff table over atoms decides, with the
 * comparators as the venue states them, and `makeBasket` refuses what does not pay in every atom.
 */
import { PRICE_ONE } from '../units.ts';
import { type Bound, type Claim, claimTable, type StateSpace } from './atoms.ts';
import { type BasketProof, type BasketResult, type Family, makeBasket } from './basket.ts';
import { buy, type Listing, type Side } from './families.ts';

/** A contract on a value: above or below one strike, or within a range when it has two bounds. */
export interface StrikeListing {
  readonly listing: Listing;
  readonly bounds: readonly Bound[];
}

/** A contract on when something happens, or a level is reached. */
export interface DeadlineListing {
  readonly listing: Listing;
  readonly deadline: number;
  readonly reaches?: Bound;
}

export interface Circumstances extends StateSpace {
  readonly proof: BasketProof;
}

/** YES above the low strike with NO above the high one: pays 1, and 2 in between. */
export function ladder(
  strikes: { readonly low: StrikeListing; readonly high: StrikeListing },
  given: Circumstances,
): BasketResult {
  return overClaims('ladder', [side(strikes.low, 'yes'), side(strikes.high, 'no')], PRICE_ONE, given);
}

export interface Bucket {
  /** Above the low strike. */
  readonly low: StrikeListing;
  /** From the low strike to the high one. */
  readonly bucket: StrikeListing;
  /** Above the high strike. */
  readonly high: StrikeListing;
}

/** YES(>H) + YES(L,H] + NO(>L): pays exactly 1 when the strikes meet with the same inclusivity. */
export function bucketIdentity({ low, bucket, high }: Bucket, given: Circumstances): BasketResult {
  const legs = [side(high, 'yes'), side(bucket, 'yes'), side(low, 'no')];
  return overClaims('bucketIdentity', legs, PRICE_ONE, given);
}

/** YES(>L) + NO(>H) + NO(L,H]: pays exactly 2 under the same conditions. */
export function bucketIdentityReverse({ low, bucket, high }: Bucket, given: Circumstances): BasketResult {
  const legs = [side(low, 'yes'), side(high, 'no'), side(bucket, 'no')];
  return overClaims('bucketIdentityReverse', legs, 2 * PRICE_ONE, given);
}

/** YES of the outer range with NO of the inner one: pays 1, and 2 between them. */
export function nestedRange(
  ranges: { readonly outer: StrikeListing; readonly inner: StrikeListing },
  given: Circumstances,
): BasketResult {
  return overClaims('nestedRange', [side(ranges.outer, 'yes'), side(ranges.inner, 'no')], PRICE_ONE, given);
}

/**
 * Strikes of two venues that need not be equal: both ways round, each with the verdict of its
 * payoff table. One order is safe and the other can lose everything.
 */
export function strikePairs(
  venues: { readonly a: StrikeListing; readonly b: StrikeListing },
  given: Circumstances,
): readonly BasketResult[] {
  const { a, b } = venues;
  return [
    overClaims('strikePair', [side(a, 'yes'), side(b, 'no')], PRICE_ONE, given),
    overClaims('strikePair', [side(a, 'no'), side(b, 'yes')], PRICE_ONE, given),
  ];
}

/** YES by the later deadline with NO by the earlier one: pays 1, and 2 when it happens in between. */
export function calendar(
  deadlines: { readonly earlier: DeadlineListing; readonly later: DeadlineListing },
  given: Circumstances,
): BasketResult {
  const { earlier, later } = deadlines;
  const legs = [
    { listing: later.listing, claim: by(later), side: 'yes' },
    { listing: earlier.listing, claim: by(earlier), side: 'no' },
  ] as const;
  return overClaims('calendar', legs, PRICE_ONE, given);
}

interface ClaimedListing {
  readonly listing: Listing;
  readonly claim: Claim;
  readonly side: Side;
}

function side(strike: StrikeListing, chosen: Side): ClaimedListing {
  return { listing: strike.listing, claim: { kind: 'value', bounds: strike.bounds }, side: chosen };
}

function by({ deadline, reaches }: DeadlineListing): Claim {
  return reaches === undefined ? { kind: 'by', deadline } : { kind: 'by', deadline, reaches };
}

function overClaims(
  family: Family,
  legs: readonly ClaimedListing[],
  promisedE4: number,
  given: Circumstances,
): BasketResult {
  return makeBasket({
    family,
    legs: legs.map((leg) => buy(leg.listing, leg.side)),
    table: claimTable(legs, given),
    proof: given.proof,
    promisedE4,
  });
}
