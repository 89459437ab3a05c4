/**
 * What is held of a basket, what its venues have said about its end, and what that is worth.
 *
 * A payout that is known is not a payout that was made: a determined market may still be disputed and flip, and
 * even a paid one may be revised. Every number here keeps the two apart (docs/invariants.md S44, S46).
 */
import type { Instrument, Outcome, VenueName } from '../instrument.ts';
import {
  complement,
  type Micros,
  type MicroUsd,
  microUsd,
  mulDiv,
  PRICE_ONE,
  type PriceE4,
  type SizeE6,
  sizeE6,
} from '../units.ts';

export interface BasketLeg {
  /** Which leg of the basket: what `basketLeg` of an order counts. */
  readonly leg: number;
  readonly venue: VenueName;
  /** Kalshi market ticker; Polymarket condition id. */
  readonly venueKey: string;
  readonly instrument: Instrument;
  /** What is held, in the market's own terms. */
  readonly outcome: Outcome;
  /** The outcome of this market that means YES of the pair; `undefined` where the legs are not one event. */
  readonly eventYes: Outcome | undefined;
  readonly sizeE6: SizeE6;
  readonly costMicroUsd: MicroUsd;
}

/** `settled` is the venue's last word so far, `determined` one that is not paid yet; both may be revised. */
export type MarketStanding = 'trading' | 'closed' | 'determined' | 'disputed' | 'settled' | 'unknown';

/** Evidence of a venue that it paid: a settlement row, or redeemed contracts that are gone. */
export interface Payment {
  /** Names this payout for ever, together with the market. */
  readonly settlementId: string;
  readonly yesPayoutE4: PriceE4;
  /** What the venue says it paid for the whole holding of the market, where it says. */
  readonly paidMicroUsd: MicroUsd | undefined;
  readonly at: Micros;
}

/** One look at one market, as its venue answered. */
export interface LegEvidence {
  readonly leg: number;
  readonly standing: MarketStanding;
  readonly yesPayoutE4: PriceE4 | undefined;
  readonly payment: Payment | undefined;
}

/** Where the end of one leg stands: the venue's word, its money, and our ledger. */
export interface LegSettlement extends LegEvidence {
  /** The payout that the ledger holds. */
  readonly booked: Payment | undefined;
  /** How often a booked payout was taken back. */
  readonly revisions: number;
}

export function unsettled(legs: readonly BasketLeg[]): readonly LegSettlement[] {
  return legs.map(({ leg }) => ({
    leg,
    standing: 'unknown',
    yesPayoutE4: undefined,
    payment: undefined,
    booked: undefined,
    revisions: 0,
  }));
}

/** Takes in what venues answered. A look that learned nothing changes nothing, and money once seen stays seen. */
export function withEvidence(known: readonly LegSettlement[], heard: readonly LegEvidence[]): readonly LegSettlement[] {
  return known.map((before) => {
    const now = heard.find(({ leg }) => leg === before.leg);
    if (now === undefined || now.standing === 'unknown') return before;
    const { standing, yesPayoutE4 } = now;
    const isSamePayout = before.payment?.yesPayoutE4 === yesPayoutE4;
    const payment = now.payment ?? (isSamePayout ? before.payment : undefined);
    return { ...before, standing, yesPayoutE4: payment?.yesPayoutE4 ?? yesPayoutE4, payment };
  });
}

export function withBooked(known: readonly LegSettlement[], leg: number, payment: Payment): readonly LegSettlement[] {
  return known.map((each) => (each.leg === leg ? { ...each, booked: payment } : each));
}

export function withReversed(known: readonly LegSettlement[], leg: number): readonly LegSettlement[] {
  return known.map((each) => (each.leg === leg ? { ...each, booked: undefined, revisions: each.revisions + 1 } : each));
}

/** Legs whose payout is in the ledger while their venue now says another one. */
export function revisedLegs(settlements: readonly LegSettlement[]): readonly LegSettlement[] {
  return settlements.filter(
    ({ booked, yesPayoutE4 }) =>
      booked !== undefined && yesPayoutE4 !== undefined && yesPayoutE4 !== booked.yesPayoutE4,
  );
}

/** Legs that their venue paid and our ledger does not know. */
export function unbookedLegs(settlements: readonly LegSettlement[]): readonly LegSettlement[] {
  return settlements.filter(({ payment, booked }) => payment !== undefined && booked === undefined);
}

/** Every leg that still has contracts is paid and booked. */
export function isAllBooked(legs: readonly BasketLeg[], settlements: readonly LegSettlement[]): boolean {
  return legs.every(
    ({ leg, sizeE6: size }) => size === 0 || settlements.some((each) => each.leg === leg && each.booked !== undefined),
  );
}

/** Neither 1 nor 0: a void, a tie or a fair price. */
function isFraction(payoutE4: PriceE4): boolean {
  return payoutE4 > 0 && payoutE4 < PRICE_ONE;
}

/** What the leg is owed at this payout of YES, rounded down. */
export function dueOf(leg: Pick<BasketLeg, 'outcome' | 'sizeE6'>, yesPayoutE4: PriceE4): MicroUsd {
  return microUsd(mulDiv(leg.sizeE6, payoutOf(leg.outcome, yesPayoutE4), PRICE_ONE, 'floor'));
}

function payoutOf(outcome: Outcome, yesPayoutE4: PriceE4): PriceE4 {
  return outcome === 'yes' ? yesPayoutE4 : complement(yesPayoutE4);
}

export interface BasketWorth {
  /** At cost, until the ledger has its payout: what is locked. */
  readonly lockedMicroUsd: MicroUsd;
  /** Owed by payouts that are known and not in the ledger. */
  readonly dueMicroUsd: MicroUsd;
  /** In the ledger. */
  readonly paidMicroUsd: MicroUsd;
}

export function worthOf(legs: readonly BasketLeg[], settlements: readonly LegSettlement[]): BasketWorth {
  let [locked, due, paid] = [0, 0, 0];
  for (const leg of legs) {
    const settlement = settlements.find((each) => each.leg === leg.leg);
    const payoutE4 = settlement?.booked?.yesPayoutE4 ?? settlement?.yesPayoutE4;
    const owed = payoutE4 === undefined ? 0 : dueOf(leg, payoutE4);
    if (settlement?.booked !== undefined) paid += owed;
    else {
      locked += leg.costMicroUsd;
      due += owed;
    }
  }
  return { lockedMicroUsd: microUsd(locked), dueMicroUsd: microUsd(due), paidMicroUsd: microUsd(paid) };
}

/**
 * How the results contradict each other or the promise, in words; `undefined` while they do not. Whether we gain or
 * lose by it, the legs were not the same event (docs/invariants.md S41 to S45).
 */
export function differenceOf(
  legs: readonly BasketLeg[],
  settlements: readonly LegSettlement[],
  promisedE4: number,
): string | undefined {
  const known = legs.flatMap((leg) => {
    const payoutE4 = settlements.find((each) => each.leg === leg.leg)?.yesPayoutE4;
    return payoutE4 === undefined ? [] : [{ ...leg, payoutE4 }];
  });
  const said = known.flatMap(({ eventYes, payoutE4 }) =>
    eventYes === undefined ? [] : [eventYes === 'yes' ? payoutE4 : complement(payoutE4)],
  );
  if (said.some((each) => each !== said[0])) {
    const parts = known.map(({ venue, venueKey, payoutE4 }) => `${venue} ${venueKey} pays ${payoutE4} for YES`);
    return `one event must end one way, found ${parts.join(', ')}`;
  }
  if (known.length < legs.length) return undefined;
  const payoffE4 = known.reduce((sum, { outcome, payoutE4 }) => sum + payoutOf(outcome, payoutE4), 0);
  return payoffE4 >= promisedE4
    ? undefined
    : `one set must pay at least ${promisedE4} ten-thousandths of a dollar, found ${payoffE4}`;
}

export interface OneSidedness {
  readonly unhedgedE6: SizeE6;
  readonly unhedgedMicroUsd: MicroUsd;
  readonly reason: string;
}

/**
 * What of a basket stands without its partner: a leg that shrank, or one whose partner was voided while its own
 * market goes on (docs/invariants.md S19). `undefined` while it is whole but for the dust that its attempt left
 * within the limit for it, and for a basket of one leg.
 */
export function oneSidedness(
  legs: readonly BasketLeg[],
  settlements: readonly LegSettlement[],
  dustE6 = sizeE6(0),
): OneSidedness | undefined {
  if (legs.length < 2) return undefined;
  const sizes = legs.map((leg) => leg.sizeE6);
  const least = Math.min(...sizes);
  const knownOf = (leg: number) => settlements.find((each) => each.leg === leg)?.yesPayoutE4;
  const voided = legs.find(({ leg }) => {
    const payoutE4 = knownOf(leg);
    return payoutE4 !== undefined && isFraction(payoutE4);
  });
  const open = legs.filter(({ leg }) => knownOf(leg) === undefined);
  if (voided !== undefined && open.length > 0) {
    const reason = `${voided.venue} ${voided.venueKey} pays a fraction while its partner is undecided`;
    return { ...excessOf(open, 0), reason };
  }
  if (Math.max(...sizes) - least <= dustE6 || open.length === 0) return undefined;
  const parts = legs.map(({ venue, sizeE6: size }) => `${size} at ${venue}`);
  return { ...excessOf(open, least), reason: `legs must be equal, found ${parts.join(', ')}` };
}

/** Contracts above what their partners cover, and what those cost, rounded against us. */
function excessOf(
  legs: readonly BasketLeg[],
  coveredE6: number,
): Pick<OneSidedness, 'unhedgedE6' | 'unhedgedMicroUsd'> {
  let [size, cost] = [0, 0];
  for (const leg of legs) {
    const excess = Math.max(0, leg.sizeE6 - coveredE6);
    if (excess === 0) continue;
    size += excess;
    cost += mulDiv(leg.costMicroUsd, excess, leg.sizeE6, 'ceil');
  }
  return { unhedgedE6: sizeE6(size), unhedgedMicroUsd: microUsd(cost) };
}

/** A leg with fewer contracts than before, the rest at the same cost each, rounded against us. */
export function resized(leg: BasketLeg, size: SizeE6): BasketLeg {
  const costMicroUsd =
    leg.sizeE6 === 0 ? leg.costMicroUsd : microUsd(mulDiv(leg.costMicroUsd, size, leg.sizeE6, 'ceil'));
  return { ...leg, sizeE6: size, costMicroUsd };
}
