/**
 * What venues say about the end of markets, and what counts as proof that they paid. Plain code behind the position
 * chart: it reads when it is asked, and never concludes from what is missing.
 */
import type { BasketLeg, LegEvidence, MarketStanding, Payment } from '../domain/execution/held-basket.ts';
import { dueOf } from '../domain/execution/held-basket.ts';
import { instrumentId, type VenueName } from '../domain/instrument.ts';
import { unreachable } from '../domain/invariant.ts';
import type { Ledger } from '../domain/ledger/ledger.ts';
import type { Listing, Position, Reading, Settlement, Venue } from '../domain/ports/venue.ts';
import type { Micros, PriceE4 } from '../domain/units.ts';

/** The part of a venue that is read for it. */
export type SettlementVenue = Pick<Venue, 'name' | 'unsupported' | 'listings' | 'settlements' | 'positions'>;

export type SettlementCheck =
  | { readonly kind: 'checked'; readonly evidence: readonly LegEvidence[] }
  | { readonly kind: 'failed'; readonly detail: string };

/** Reads in a row without the contracts before they count as redeemed: the positions of a venue lag (S27). */
const ABSENCES_MIN = 2;
/** A settlement row knows whole cents; its listing knows the payout exactly. */
const CENT_E4 = 100;

/** What was seen of contracts that a venue pays out only when they are handed back. */
interface Redemption {
  /** Held at the venue in a read of ours, and not paid for since. */
  readonly wasSeen: boolean;
  readonly absences: number;
  readonly payment: Payment | undefined;
}

const NOTHING_SEEN: Redemption = { wasSeen: false, absences: 0, payment: undefined };

export class SettlementWatch {
  readonly #venues: ReadonlyMap<VenueName, SettlementVenue>;
  /** Rows older than this are not ours to find. */
  readonly #since: Micros;
  readonly #ledger: Pick<Ledger, 'isProvisional'>;
  readonly #redemptions = new Map<string, Redemption>();

  constructor(venues: Iterable<SettlementVenue>, since: Micros, ledger: Pick<Ledger, 'isProvisional'>) {
    this.#venues = new Map([...venues].map((venue) => [venue.name, venue]));
    this.#since = since;
    this.#ledger = ledger;
  }

  /** Asks every venue of the basket. Fails only when none of them answered. */
  async check(legs: readonly BasketLeg[]): Promise<SettlementCheck> {
    const names = [...new Set(legs.map(({ venue }) => venue))];
    const read = await Promise.all(
      names.map((name) =>
        this.#checkVenue(
          name,
          legs.filter(({ venue }) => venue === name),
        ),
      ),
    );
    const evidence = read.flatMap((each) => (typeof each === 'string' ? [] : each));
    const faults = read.filter((each) => typeof each === 'string');
    return evidence.length === 0 ? { kind: 'failed', detail: faults.join('; ') } : { kind: 'checked', evidence };
  }

  async #checkVenue(name: VenueName, legs: readonly BasketLeg[]): Promise<readonly LegEvidence[] | string> {
    const venue = this.#venues.get(name);
    if (venue === undefined) return `nobody reads ${name}`;
    const venueKeys = [...new Set(legs.map(({ venueKey }) => venueKey))];
    const listings = await venue.listings({ venueKeys });
    if (listings.kind === 'failed') return faultOf(name, listings);
    const found = legs.map((leg) => ({ leg, listing: listings.value.find((each) => each.venueKey === leg.venueKey) }));
    if (venue.unsupported.has('settlements')) {
      const held = await venue.positions();
      if (held.kind === 'failed') return faultOf(name, held);
      return found.map(({ leg, listing }) => evidenceOf(leg, listing, this.#redeemed(leg, listing, held)));
    }
    // Rows are read only where one may be: they are a second request on every look.
    if (!found.some(({ listing }) => listing?.standing === 'settled' || listing?.standing === 'determined'))
      return found.map(({ leg, listing }) => evidenceOf(leg, listing, undefined));
    const rows = await venue.settlements(this.#since);
    if (rows.kind === 'failed') return faultOf(name, rows);
    return found.map(({ leg, listing }) => evidenceOf(leg, listing, paymentOf(leg, listing, rows.value)));
  }

  /**
   * Where contracts are paid when they are handed back, the proof is that they were there and are not any more. One
   * read without them proves nothing, and contracts that were never seen may be anywhere.
   */
  #redeemed(
    leg: BasketLeg,
    listing: Listing | undefined,
    held: Extract<Reading<readonly Position[]>, { kind: 'read' }>,
  ): Payment | undefined {
    const key = instrumentId(leg.instrument);
    const before = this.#redemptions.get(key) ?? NOTHING_SEEN;
    const after = redemptionAfter(before, {
      leg,
      payoutE4: listing?.standing === 'settled' && listing.isDisputed !== true ? listing.yesPayoutE4 : undefined,
      isHeld: held.value.some(({ instrument, sizeE6 }) => sizeE6 > 0 && instrumentId(instrument) === key),
      mayReturn: this.#ledger.isProvisional({ venue: leg.venue, market: leg.venueKey }),
      at: held.receivedAt,
    });
    this.#redemptions.set(key, after);
    return after.payment;
  }
}

interface Look {
  readonly leg: BasketLeg;
  /** Of YES, once it is the venue's last word. */
  readonly payoutE4: PriceE4 | undefined;
  readonly isHeld: boolean;
  /** A trade of the market may still fail: contracts that it took are back then. */
  readonly mayReturn: boolean;
  readonly at: Micros;
}

function redemptionAfter(before: Redemption, { leg, payoutE4, isHeld, mayReturn, at }: Look): Redemption {
  if (mayReturn) return { ...before, wasSeen: before.wasSeen || isHeld, absences: 0 };
  const isPaid = payoutE4 !== undefined && before.payment?.yesPayoutE4 === payoutE4;
  // Contracts that are worth nothing are never handed back, and nothing is owed for them. A leg without contracts says
  // nothing about those that others hold.
  const owesNothing = payoutE4 !== undefined && leg.sizeE6 > 0 && dueOf(leg, payoutE4) === 0;
  if (owesNothing) return isPaid ? before : { ...before, payment: paymentAt(payoutE4, at) };
  if (isHeld) return { wasSeen: true, absences: 0, payment: undefined };
  if (payoutE4 === undefined) return { ...before, absences: 0 };
  // Another payout than the one that was made is a new debt: the old proof says nothing about it.
  if (isPaid) return before;
  const absences = before.wasSeen ? before.absences + 1 : 0;
  if (absences < ABSENCES_MIN) return { ...before, absences, payment: undefined };
  return { wasSeen: false, absences: 0, payment: paymentAt(payoutE4, at) };
}

function paymentAt(yesPayoutE4: PriceE4, at: Micros): Payment {
  return { settlementId: `payout-${yesPayoutE4}`, yesPayoutE4, paidMicroUsd: undefined, at };
}

/** The latest row of the market; its payout as the listing has it, where both are the same to the cent. */
function paymentOf(leg: BasketLeg, listing: Listing | undefined, rows: readonly Settlement[]): Payment | undefined {
  const ours = rows.filter(({ venueKey }) => venueKey === leg.venueKey);
  const [latest] = ours.sort((a, b) => b.settledAt - a.settledAt);
  if (latest === undefined) return undefined;
  const exact = listing?.yesPayoutE4;
  const isSame = exact !== undefined && Math.abs(exact - latest.yesPayoutE4) < CENT_E4;
  return {
    settlementId: String(latest.settledAt),
    yesPayoutE4: isSame ? exact : latest.yesPayoutE4,
    paidMicroUsd: latest.paidMicroUsd,
    at: latest.settledAt,
  };
}

function evidenceOf({ leg }: BasketLeg, listing: Listing | undefined, payment: Payment | undefined): LegEvidence {
  // A market that the venue does not list is one of which nothing was learned.
  if (listing === undefined) return { leg, standing: 'unknown', yesPayoutE4: undefined, payment: undefined };
  const standing = standingOf(listing);
  const isKnown = standing === 'determined' || standing === 'settled' || standing === 'disputed';
  const isContradicted = payment !== undefined && listing.yesPayoutE4 !== payment.yesPayoutE4;
  return {
    leg,
    standing,
    yesPayoutE4: isKnown ? listing.yesPayoutE4 : undefined,
    payment: isContradicted || standing === 'disputed' ? undefined : payment,
  };
}

function standingOf({ standing, isDisputed }: Listing): MarketStanding {
  if (isDisputed === true) return 'disputed';
  switch (standing) {
    case 'unopened':
    case 'open':
    case 'paused':
      return 'trading';
    case 'closed':
    case 'determined':
    case 'settled':
    case 'unknown':
      return standing;
    default:
      return unreachable(standing, 'the standing of a listing');
  }
}

function faultOf(name: VenueName, failed: { readonly fault: string; readonly detail: string }): string {
  return `${name}: ${failed.fault}: ${failed.detail}`;
}
