/**
 * The words of the ledger: postings on accounts, and transactions whose postings sum to zero.
 *
 * An amount is positive on what we own or have spent (cash, positions at cost, fees) and negative on
 * where it came from (capital, realised gains, income). The sum over all accounts is therefore
 * always zero: nothing appears and nothing vanishes (docs/invariants.md I7).
 */
import type { Outcome, VenueName } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import type { Micros, MicroUsd } from '../units.ts';

/** Accounts that hold money only. `unexplained` takes what reconciliation adopts without knowing why. */
export type MoneyAccount = 'cash' | 'fees' | 'realised' | 'capital' | 'income' | 'unexplained';

export interface MoneyPosting {
  readonly account: MoneyAccount;
  readonly venue: VenueName;
  readonly amountMicroUsd: MicroUsd;
}

/** Names one holding: an outcome, in the venue's own terms, of a market under the venue's own key. */
export interface HoldingKey {
  readonly venue: VenueName;
  readonly market: string;
  readonly outcome: Outcome;
}

/** The market of a holding, whatever its outcome. */
export type MarketKey = Pick<HoldingKey, 'venue' | 'market'>;

/** Contracts at cost: the amount is cost, the size a signed number of millionths of a contract. */
export interface PositionPosting extends HoldingKey {
  readonly account: 'position';
  readonly amountMicroUsd: MicroUsd;
  readonly sizeE6: number;
}

export type Posting = MoneyPosting | PositionPosting;

/** A Polymarket match is provisional until its chain confirms it; a failed one never comes back. */
export type TradeStanding = 'provisional' | 'final' | 'failed';

/** What a transaction says about the trade that caused it. */
export interface TradeMark {
  /** Venue and trade id. */
  readonly key: string;
  readonly standing: TradeStanding;
  /** What was traded, as text: a second report under the same id must say the same. */
  readonly terms: string;
}

export interface LedgerTransaction {
  /** Unique by cause, so that posting the same cause twice changes nothing. */
  readonly id: string;
  readonly kind: 'fill' | 'confirmation' | 'reversal' | 'settlement' | 'merge' | 'cash';
  /** When it happened at the venue. */
  readonly at: Micros;
  /** The market that it is about; `undefined` for cash that moves without one. */
  readonly market: MarketKey | undefined;
  readonly postings: readonly Posting[];
  readonly trade: TradeMark | undefined;
}

/** Throws unless the postings sum to zero: checked where a transaction is made and again where it is posted. */
export function requireBalanced(transaction: LedgerTransaction): LedgerTransaction {
  let sum = 0n;
  for (const posting of transaction.postings) sum += BigInt(posting.amountMicroUsd);
  invariant(sum === 0n, () => `postings must sum to 0, found ${sum} micro-dollars (transaction ${transaction.id})`);
  return transaction;
}
