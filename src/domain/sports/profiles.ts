/**
 * When a sportsbook edge is traded (docs/rules.md §13.3): design S's six profiles exactly, its four
 * unnumbered bounds as configuration that somebody has to write down, and our own rule on top: what
 * is left after fees must be positive.
 */
import type { OrderFee } from '../fees/fee-schedule.ts';
import { type Fraction, fraction, isPositive, subtract } from '../fraction.ts';
import type { Outcome } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import { ceilProbability, floorProbability } from '../probability.ts';
import {
  type MicroUsd,
  type Millis,
  microUsd,
  mulDiv,
  PRICE_ONE,
  type PriceE4,
  priceE4,
  type RateE6,
  rateE6,
  type SizeE6,
  USD,
} from '../units.ts';

export type SportsProfileName = 'CONSERVATIVE' | 'STANDARD' | 'AGGRESSIVE' | 'VERY_AGGRESSIVE' | 'ANY_EDGE' | 'SCALP';

export interface SportsProfile {
  /** Per contract. */
  readonly edgeUsdMin: MicroUsd;
  readonly booksMin: number;
  /** Per contract: how far apart the books may be. */
  readonly bookSpreadUsdMax: MicroUsd;
  readonly kellyFraction: RateE6;
}

export const SPORTS_PROFILES: Readonly<Record<SportsProfileName, SportsProfile>> = {
  CONSERVATIVE: profile({ edgeUsdMin: 60_000, booksMin: 3, bookSpreadUsdMax: 25_000, kellyFraction: 150_000 }),
  STANDARD: profile({ edgeUsdMin: 50_000, booksMin: 3, bookSpreadUsdMax: 30_000, kellyFraction: 250_000 }),
  AGGRESSIVE: profile({ edgeUsdMin: 30_000, booksMin: 3, bookSpreadUsdMax: 40_000, kellyFraction: 350_000 }),
  VERY_AGGRESSIVE: profile({ edgeUsdMin: 20_000, booksMin: 2, bookSpreadUsdMax: 50_000, kellyFraction: 500_000 }),
  ANY_EDGE: profile({ edgeUsdMin: 10_000, booksMin: 2, bookSpreadUsdMax: 100_000, kellyFraction: 500_000 }),
  SCALP: profile({ edgeUsdMin: 10_000, booksMin: 3, bookSpreadUsdMax: 20_000, kellyFraction: 750_000 }),
};

function profile(counts: Readonly<Record<keyof SportsProfile, number>>): SportsProfile {
  return {
    edgeUsdMin: microUsd(counts.edgeUsdMin),
    booksMin: counts.booksMin,
    bookSpreadUsdMax: microUsd(counts.bookSpreadUsdMax),
    kellyFraction: rateE6(counts.kellyFraction),
  };
}

/** The bounds that design S names without a number. There is no default: configuration states all of them. */
export interface EntryBounds {
  readonly venueSpreadUsdMax: MicroUsd;
  readonly volumeE6Min: SizeE6;
  readonly untilEventMsMin: Millis;
  readonly untilEventMsMax: Millis;
  readonly priceE4Min: PriceE4;
  readonly priceE4Max: PriceE4;
}

/** What YES and NO are worth per contract, each rounded down, so that neither edge gains from rounding. */
export interface FairValue {
  readonly yes: MicroUsd;
  readonly no: MicroUsd;
}

export function fairValue(probabilityOfYes: number): FairValue {
  return {
    yes: microUsd(floorProbability(probabilityOfYes)),
    no: microUsd(USD - ceilProbability(probabilityOfYes)),
  };
}

/** A book spread as money per contract, rounded up: disagreement is never made smaller. */
export function bookSpreadUsd(spread: number): MicroUsd {
  return microUsd(ceilProbability(spread));
}

/** The best executable asks. A side that nobody offers cannot be bought. */
export interface Asks {
  readonly yes: PriceE4 | undefined;
  readonly no: PriceE4 | undefined;
}

export interface SideEdge {
  readonly side: Outcome;
  readonly askE4: PriceE4;
  readonly fair: MicroUsd;
  /** Fair value less ask, per contract, before fees. Negative when the ask is dear. */
  readonly grossEdge: MicroUsd;
}

export interface SportsEdge {
  readonly yes: SideEdge | undefined;
  readonly no: SideEdge | undefined;
  /** The side with the larger edge; YES when they are equal, `undefined` when nothing is offered. */
  readonly better: SideEdge | undefined;
}

export function sportsEdge(fair: FairValue, asks: Asks): SportsEdge {
  const yes = sideEdge('yes', fair.yes, asks.yes);
  const no = sideEdge('no', fair.no, asks.no);
  const better = yes === undefined || (no !== undefined && no.grossEdge > yes.grossEdge) ? no : yes;
  return { yes, no, better };
}

function sideEdge(side: Outcome, fair: MicroUsd, askE4: PriceE4 | undefined): SideEdge | undefined {
  if (askE4 === undefined) return undefined;
  return { side, askE4, fair, grossEdge: microUsd(fair - dollarsOf(askE4)) };
}

/** Edge as a percentage of the ask, for display. Throws at an ask of 0. */
export function edgePercent(edge: SideEdge): Fraction {
  return fraction(BigInt(edge.grossEdge) * 100n, dollarsOf(edge.askE4));
}

/** Dollars of fee that one contract traded at a price bears. */
export type FeePerContract = (priceE4: PriceE4) => Fraction;

/** The share of an order's rounded fee that one contract bears, for an order of `size` at one price. */
export function feePerContractOf(orderFee: OrderFee, size: SizeE6): FeePerContract {
  invariant(size > 0, () => `an order must have a size, found ${size} millionths`);
  return (price) => fraction(orderFee([{ priceE4: price, sizeE6: size }]), size);
}

export interface NetEdge {
  /** Dollars per contract, held to settlement: only the entry is charged. */
  readonly atSettlement: Fraction;
  /** Dollars per contract, sold at fair value (rounded down to a price): both trades are charged. */
  readonly roundTrip: Fraction;
}

export function netEdge(edge: SideEdge, fee: FeePerContract): NetEdge {
  const atSettlement = subtract(fraction(edge.grossEdge, USD), fee(edge.askE4));
  const exitE4 = priceE4(mulDiv(edge.fair, PRICE_ONE, USD, 'floor'));
  return { atSettlement, roundTrip: subtract(atSettlement, fee(exitE4)) };
}

/** What the books say, beside the consensus itself. */
export interface BookEvidence {
  readonly books: number;
  readonly bookSpread: MicroUsd;
}

/** What the venue and the calendar say. */
export interface MarketSituation {
  readonly venueSpread: MicroUsd;
  readonly volumeE6: SizeE6;
  readonly untilEventMs: Millis;
}

export type ProfileCheck = 'edge' | 'books' | 'bookSpread';
export type EntryCheck = ProfileCheck | 'netEdge' | 'venueSpread' | 'volume' | 'untilEvent' | 'price';

/** The three checks that design S gives numbers for. A limit that is just met is met. */
export function profileChecks(
  edge: SideEdge,
  evidence: BookEvidence,
  limits: SportsProfile,
): Readonly<Record<ProfileCheck, boolean>> {
  return {
    edge: edge.grossEdge >= limits.edgeUsdMin,
    books: evidence.books >= limits.booksMin,
    bookSpread: evidence.bookSpread <= limits.bookSpreadUsdMax,
  };
}

export interface EntryCase {
  readonly edge: SideEdge;
  readonly evidence: BookEvidence;
  readonly market: MarketSituation;
  readonly fee: FeePerContract;
}

export interface EntryVerdict {
  readonly checks: Readonly<Record<EntryCheck, boolean>>;
  readonly failed: readonly EntryCheck[];
  readonly net: NetEdge;
  readonly isApproved: boolean;
}

/** Every check of the profile, the bounds, and a positive edge after fees. All must hold. */
export function judgeEntry(entry: EntryCase, limits: SportsProfile, bounds: EntryBounds): EntryVerdict {
  const { edge, market } = entry;
  const net = netEdge(edge, entry.fee);
  const checks: Record<EntryCheck, boolean> = {
    ...profileChecks(edge, entry.evidence, limits),
    netEdge: isPositive(net.atSettlement),
    venueSpread: market.venueSpread <= bounds.venueSpreadUsdMax,
    volume: market.volumeE6 >= bounds.volumeE6Min,
    untilEvent: market.untilEventMs >= bounds.untilEventMsMin && market.untilEventMs <= bounds.untilEventMsMax,
    price: edge.askE4 >= bounds.priceE4Min && edge.askE4 <= bounds.priceE4Max,
  };
  const failed = ENTRY_CHECKS.filter((check) => !checks[check]);
  return { checks, failed, net, isApproved: failed.length === 0 };
}

const ENTRY_CHECKS: readonly EntryCheck[] = [
  'edge',
  'books',
  'bookSpread',
  'netEdge',
  'venueSpread',
  'volume',
  'untilEvent',
  'price',
];

function dollarsOf(price: PriceE4): MicroUsd {
  return microUsd(mulDiv(price, USD, PRICE_ONE, 'ceil'));
}
