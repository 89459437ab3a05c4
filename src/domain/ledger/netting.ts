/** How one trade moves a position, in postings. Average cost; every division leaves its remainder in the position. */
import type { Outcome, VenueName } from '../instrument.ts';
import { addUsd, type MicroUsd, microUsd, mulDiv, subtractUsd } from '../units.ts';
import type { Holding } from './ledger.ts';
import type { HoldingKey, MoneyAccount, Posting } from './posting.ts';

export function otherOutcome(outcome: Outcome): Outcome {
  return outcome === 'yes' ? 'no' : 'yes';
}

/** What `count` contracts pay at $1 each: a contract and a dollar both count a million. */
export function atOneDollar(countE6: number): MicroUsd {
  return microUsd(countE6);
}

export function money(account: MoneyAccount, venue: VenueName, amountMicroUsd: MicroUsd): Posting {
  return { account, venue, amountMicroUsd };
}

export function position(key: HoldingKey, change: { readonly sizeE6: number; readonly cost: MicroUsd }): Posting {
  const { venue, market, outcome } = key;
  return { account: 'position', venue, market, outcome, sizeE6: change.sizeE6, amountMicroUsd: change.cost };
}

export function negated(amount: MicroUsd): MicroUsd {
  return microUsd(0 - amount);
}

/** The cost that leaves with part of a holding. The last contract takes everything that is left. */
export function costOfPart(holding: Holding, partE6: number): MicroUsd {
  const size = Math.abs(holding.sizeE6);
  return partE6 === size ? holding.costMicroUsd : microUsd(mulDiv(holding.costMicroUsd, partE6, size, 'floor'));
}

/**
 * Buys (`sizeE6` > 0) or sells against a holding that may have either sign, for `value` in all.
 * The part that closes realises its gain; the rest opens at its price. Fees are not included.
 */
export function tradePostings(
  holding: Holding,
  trade: { readonly sizeE6: number; readonly valueMicroUsd: MicroUsd },
): Posting[] {
  const { sizeE6, valueMicroUsd } = trade;
  const isClosing = Math.sign(holding.sizeE6) === -Math.sign(sizeE6);
  const closedE6 = isClosing ? Math.min(Math.abs(sizeE6), Math.abs(holding.sizeE6)) : 0;
  // Cash, and the cost of what opens, have the sign of what is received for it.
  const cash = sizeE6 > 0 ? negated(valueMicroUsd) : valueMicroUsd;
  const cashOfClosed = microUsd(mulDiv(cash, closedE6, Math.abs(sizeE6), 'floor'));
  const costOut = closedE6 === 0 ? microUsd(0) : costOfPart(holding, closedE6);
  const opened = subtractUsd(cash, cashOfClosed);
  const gain = subtractUsd(cashOfClosed, costOut);
  return [
    money('cash', holding.venue, cash),
    position(holding, { sizeE6, cost: negated(addUsd(costOut, opened)) }),
    money('realised', holding.venue, negated(gain)),
  ];
}

/**
 * Brings one Kalshi market to the single signed number that the venue keeps (Kalshi changelog, May 2026):
 * pairs of YES and NO are closed at once for $1 each, and a short outcome, which only a reversal
 * can leave, becomes its opposite with the dollar taken back.
 */
export function nettingPostings(yes: Holding, no: Holding): Posting[] {
  const [short, other] = yes.sizeE6 < 0 ? [yes, no] : [no, yes];
  if (short.sizeE6 < 0) return shortPostings(short, other);
  const pairsE6 = Math.min(yes.sizeE6, no.sizeE6);
  if (pairsE6 === 0) return [];
  const [yesCost, noCost] = [costOfPart(yes, pairsE6), costOfPart(no, pairsE6)];
  const payout = atOneDollar(pairsE6);
  return [
    money('cash', yes.venue, payout),
    position(yes, { sizeE6: -pairsE6, cost: negated(yesCost) }),
    position(no, { sizeE6: -pairsE6, cost: negated(noCost) }),
    money('realised', yes.venue, negated(subtractUsd(payout, addUsd(yesCost, noCost)))),
  ];
}

function shortPostings(short: Holding, other: Holding): Posting[] {
  const countE6 = -short.sizeE6;
  const cost = negated(short.costMicroUsd);
  return [
    money('cash', short.venue, negated(atOneDollar(countE6))),
    position(short, { sizeE6: countE6, cost }),
    position(other, { sizeE6: countE6, cost: subtractUsd(atOneDollar(countE6), cost) }),
  ];
}
