/**
 * What we hold and what it cost, as the sum of all transactions. Reading the journal and posting
 * every transaction again gives the same ledger; posting one twice changes nothing.
 */
import type { VenueName } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import { addUsd, type MicroUsd, microUsd } from '../units.ts';
import {
  type HoldingKey,
  type LedgerTransaction,
  type MarketKey,
  type MoneyAccount,
  type PositionPosting,
  requireBalanced,
  type TradeMark,
} from './posting.ts';

/** Contracts held of one outcome. Negative only while a sale is known and its purchase is not (or has failed). */
export interface Holding extends HoldingKey {
  readonly sizeE6: number;
  readonly costMicroUsd: MicroUsd;
}

/** A trade as last heard of. The transaction is kept while it may still have to be reversed. */
export interface TradeEntry extends TradeMark {
  readonly market: string;
  readonly provisional: LedgerTransaction | undefined;
}

const ZERO = microUsd(0);

export class Ledger {
  readonly #balances = new Map<string, MicroUsd>();
  readonly #holdings = new Map<string, Holding>();
  readonly #trades = new Map<string, TradeEntry>();
  /** Ids of transactions, with the market of each. */
  readonly #posted = new Map<string, string>();
  readonly #closed = new Set<string>();

  /** Applies a transaction once, wholly or, when it throws, not at all. Throws unless it sums to zero. */
  post(transaction: LedgerTransaction): 'posted' | 'duplicate' | 'closed' {
    if (this.#posted.has(transaction.id)) return 'duplicate';
    if (transaction.market !== undefined && this.isClosed(transaction.market)) return 'closed';
    requireBalanced(transaction);
    const balances = new Map<string, MicroUsd>();
    const holdings = new Map<string, Holding>();
    for (const posting of transaction.postings) {
      if (posting.account === 'position') {
        const key = holdingKey(posting);
        holdings.set(key, changed(holdings.get(key) ?? this.holding(posting), posting));
      } else {
        const key = balanceKey(posting.account, posting.venue);
        const before = balances.get(key) ?? this.balance(posting.account, posting.venue);
        balances.set(key, addUsd(before, posting.amountMicroUsd));
      }
    }
    for (const holding of holdings.values()) requireSound(holding, transaction);
    this.#commit(transaction, balances, holdings);
    return 'posted';
  }

  /**
   * Forgets the trades of a market of which nothing can change any more. From then on nothing is posted to it: a trade
   * that is told again could not be told from a new one, and neither may count.
   */
  close(market: MarketKey): void {
    const key = marketKey(market);
    const held = this.holdings().find((holding) => marketKey(holding) === key);
    invariant(
      held === undefined && !this.isProvisional(market),
      () => `only a market of which nothing is held or provisional can be closed, found ${held?.sizeE6 ?? 0} (${key})`,
    );
    for (const [id, of] of this.#posted) if (of === key) this.#posted.delete(id);
    for (const [id, trade] of this.#trades) if (trade.market === key) this.#trades.delete(id);
    this.#closed.add(key);
  }

  isClosed(market: MarketKey): boolean {
    return this.#closed.has(marketKey(market));
  }

  /** Trades that would be recognised if they were told again. */
  get tradesKnown(): number {
    return this.#trades.size;
  }

  hasPosted(id: string): boolean {
    return this.#posted.has(id);
  }

  trade(key: string): TradeEntry | undefined {
    return this.#trades.get(key);
  }

  /** The balance of an account, by the sign rule of `posting.ts`: cash and fees positive, gains negative. */
  balance(account: MoneyAccount, venue: VenueName): MicroUsd {
    return this.#balances.get(balanceKey(account, venue)) ?? ZERO;
  }

  cash(venue: VenueName): MicroUsd {
    return this.balance('cash', venue);
  }

  holding(key: HoldingKey): Holding {
    const { venue, market, outcome } = key;
    return this.#holdings.get(holdingKey(key)) ?? { venue, market, outcome, sizeE6: 0, costMicroUsd: ZERO };
  }

  /** Everything that is held, or short, in no particular order. */
  holdings(): readonly Holding[] {
    return [...this.#holdings.values()];
  }

  /** Whether a trade in this market may still be reversed. */
  isProvisional(market: MarketKey): boolean {
    const key = marketKey(market);
    for (const trade of this.#trades.values()) if (trade.provisional !== undefined && trade.market === key) return true;
    return false;
  }

  /** The transactions of trades that may still be reversed, oldest first. */
  provisionalTrades(): readonly LedgerTransaction[] {
    return [...this.#trades.values()].flatMap(({ provisional }) => (provisional === undefined ? [] : [provisional]));
  }

  /** Profit and loss of what is closed: gains and income less all fees, of one venue. */
  settledPnl(venue: VenueName): MicroUsd {
    const owed = addUsd(this.balance('realised', venue), this.balance('income', venue), this.balance('fees', venue));
    return microUsd(0 - owed);
  }

  /** The sum over all accounts. Anything but zero is our bug (docs/invariants.md I7). */
  sum(): bigint {
    let sum = 0n;
    for (const balance of this.#balances.values()) sum += BigInt(balance);
    for (const holding of this.#holdings.values()) sum += BigInt(holding.costMicroUsd);
    return sum;
  }

  #commit(
    transaction: LedgerTransaction,
    balances: ReadonlyMap<string, MicroUsd>,
    holdings: ReadonlyMap<string, Holding>,
  ): void {
    const market = transaction.market === undefined ? '' : marketKey(transaction.market);
    this.#posted.set(transaction.id, market);
    for (const [key, balance] of balances) this.#balances.set(key, balance);
    for (const [key, holding] of holdings) {
      if (holding.sizeE6 === 0) this.#holdings.delete(key);
      else this.#holdings.set(key, holding);
    }
    const { trade } = transaction;
    if (trade === undefined) return;
    const provisional = trade.standing === 'provisional' ? transaction : undefined;
    this.#trades.set(trade.key, { ...trade, market, provisional });
  }
}

/** A holding after a posting on it. Between two postings of a transaction it may look absurd. */
export function changed(holding: Holding, posting: PositionPosting): Holding {
  return {
    ...holding,
    sizeE6: holding.sizeE6 + posting.sizeE6,
    costMicroUsd: addUsd(holding.costMicroUsd, posting.amountMicroUsd),
  };
}

function requireSound(holding: Holding, transaction: LedgerTransaction): void {
  const { sizeE6, costMicroUsd } = holding;
  invariant(
    Number.isSafeInteger(sizeE6),
    () => `a holding must stay within 2^53, found ${sizeE6} (${holdingKey(holding)}, ${transaction.id})`,
  );
  invariant(
    sizeE6 !== 0 || costMicroUsd === 0,
    () => `a holding of nothing must cost nothing, found ${costMicroUsd} (${holdingKey(holding)}, ${transaction.id})`,
  );
}

function balanceKey(account: MoneyAccount, venue: VenueName): string {
  return `${venue}/${account}`;
}

function marketKey({ venue, market }: MarketKey): string {
  return `${venue}/${market}`;
}

/** Stable text of a holding, for keys and messages. */
export function holdingKey({ venue, market, outcome }: HoldingKey): string {
  return `${venue}/${market}/${outcome}`;
}
