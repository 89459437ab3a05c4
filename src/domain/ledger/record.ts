/**
 * What may be told to the ledger: fills, confirmations, failures, settlements, merges and cash.
 *
 * Each function turns one fact into one transaction, posts it and returns it for the journal. Facts
 * arrive late, twice and out of order; each changes the ledger once (docs/invariants.md I7, I9, I10).
 */
import type { Outcome, VenueName } from '../instrument.ts';
import { invariant } from '../invariant.ts';
import {
  addUsd,
  CENT,
  complement,
  type Micros,
  type MicroUsd,
  microUsd,
  mulDiv,
  PRICE_ONE,
  type PriceE4,
  type SizeE6,
  subtractUsd,
} from '../units.ts';
import { changed, type Holding, holdingKey, type Ledger, type TradeEntry } from './ledger.ts';
import {
  atOneDollar,
  costOfPart,
  money,
  negated,
  nettingPostings,
  otherOutcome,
  position,
  tradePostings,
} from './netting.ts';
import {
  type HoldingKey,
  type LedgerTransaction,
  type MarketKey,
  type MoneyAccount,
  type Posting,
  requireBalanced,
  type TradeMark,
} from './posting.ts';

/** One match as the venue reports it. Fee and notional are the venue's own numbers, never recomputed. */
export interface LedgerFill extends HoldingKey {
  readonly tradeId: string;
  readonly direction: 'buy' | 'sell';
  readonly sizeE6: SizeE6;
  /** Cash for the contracts, before the fee, never negative. */
  readonly notionalMicroUsd: MicroUsd;
  /** Negative when the venue pays us. */
  readonly feeMicroUsd: MicroUsd;
  readonly standing: 'provisional' | 'final';
  readonly at: Micros;
}

export interface TradeRef extends MarketKey {
  readonly tradeId: string;
  readonly at: Micros;
}

export type LedgerOutcome =
  | { readonly kind: 'posted'; readonly transaction: LedgerTransaction }
  /** Already applied, or already known to have failed. Nothing changed. */
  | { readonly kind: 'duplicate'; readonly id: string }
  /** A report contradicts an earlier one under the same id, or is of a closed market. Nothing changed; ask the venue. */
  | { readonly kind: 'conflict'; readonly id: string; readonly known: string; readonly found: string };

/** Applies a fill once per venue and trade id. A final report of a provisional trade confirms it. */
export function recordFill(ledger: Ledger, fill: LedgerFill): LedgerOutcome {
  requireFill(fill);
  const key = tradeKey(fill);
  const terms = termsOf(fill);
  const known = ledger.trade(key);
  if (known !== undefined) return repeatedFill(ledger, known, { fill, terms });
  const before = ledger.holding(fill);
  const gross = fill.venue === 'kalshi' ? kalshiPostings(ledger, fill) : tradePostings(before, signedTrade(fill));
  const postings = [
    ...gross,
    money('cash', fill.venue, negated(fill.feeMicroUsd)),
    money('fees', fill.venue, fill.feeMicroUsd),
  ];
  return post(ledger, {
    id: `fill/${key}`,
    kind: 'fill',
    at: fill.at,
    market: marketOf(fill),
    postings,
    trade: { key, standing: fill.standing, terms },
  });
}

function repeatedFill(
  ledger: Ledger,
  known: TradeEntry,
  { fill, terms }: { readonly fill: LedgerFill; readonly terms: string },
): LedgerOutcome {
  // A failure can be heard before its match; its terms are then unknown, and the match is never applied.
  if (known.standing === 'failed') return { kind: 'duplicate', id: known.key };
  if (known.terms !== terms) return { kind: 'conflict', id: known.key, known: known.terms, found: terms };
  if (known.standing === 'provisional' && fill.standing === 'final') return recordConfirmation(ledger, fill);
  return { kind: 'duplicate', id: known.key };
}

/** A provisional match is confirmed on chain: it can no longer be reversed. Moves no money. */
export function recordConfirmation(ledger: Ledger, trade: TradeRef): LedgerOutcome {
  const key = tradeKey(trade);
  const known = ledger.trade(key);
  if (known === undefined) return { kind: 'conflict', id: key, known: 'no such trade', found: 'confirmed' };
  if (known.standing === 'failed') return { kind: 'conflict', id: key, known: 'failed', found: 'confirmed' };
  if (known.standing === 'final') return { kind: 'duplicate', id: key };
  const mark: TradeMark = { key, standing: 'final', terms: known.terms };
  const about = { kind: 'confirmation', at: trade.at, market: marketOf(trade) } as const;
  return post(ledger, { id: `confirmation/${key}`, ...about, postings: [], trade: mark });
}

/**
 * A provisional match failed on chain: a new transaction takes back all that its own moved.
 *
 * A failure of a trade that was never reported is remembered, so that a late match changes nothing.
 */
export function recordFailure(ledger: Ledger, trade: TradeRef): LedgerOutcome {
  const key = tradeKey(trade);
  const known = ledger.trade(key);
  if (known?.standing === 'failed') return { kind: 'duplicate', id: key };
  if (known?.standing === 'final') return { kind: 'conflict', id: key, known: 'final', found: 'failed' };
  const postings = known?.provisional === undefined ? [] : inverseOf(known.provisional);
  const terms = known?.terms ?? 'never reported';
  return postReversal(ledger, { key, at: trade.at, market: marketOf(trade), terms, postings });
}

/** A venue takes back a final trade (a Kalshi bust). `original` is its fill transaction, from the journal. */
export function recordBust(ledger: Ledger, original: LedgerTransaction, at: Micros): LedgerOutcome {
  const { trade: mark, market } = original;
  invariant(mark !== undefined, () => `only the transaction of a trade can be busted, found ${original.id}`);
  if (ledger.trade(mark.key)?.standing === 'failed') return { kind: 'duplicate', id: mark.key };
  return postReversal(ledger, { key: mark.key, at, market, terms: mark.terms, postings: inverseOf(original) });
}

export interface Settlement {
  /** Names this payout for ever: the venue's own id, or market and settlement instant. */
  readonly id: string;
  readonly venue: VenueName;
  readonly market: string;
  /** What one YES pays: 1 or 0, or a fraction in a void, a tie or a scalar result. One NO pays the rest. */
  readonly yesPayoutE4: PriceE4;
  readonly at: Micros;
}

/**
 * The venue pays out a decided market. Kalshi rounds a payout down to the cent and calls the rest a
 * fee (its page on settlement, September 2026); Polymarket pays to the micro-dollar.
 */
export function recordSettlement(ledger: Ledger, settlement: Settlement): LedgerOutcome {
  const { venue, market, yesPayoutE4 } = settlement;
  const postings = bothOutcomes.flatMap((outcome) => {
    const holding = ledger.holding({ venue, market, outcome });
    const payoutE4 = outcome === 'yes' ? yesPayoutE4 : complement(yesPayoutE4);
    return holding.sizeE6 === 0 ? [] : settlementPostings(holding, payoutE4);
  });
  const id = `settlement/${venue}/${market}/${settlement.id}`;
  const about = { kind: 'settlement', at: settlement.at, market: { venue, market } } as const;
  return post(ledger, { id, ...about, postings, trade: undefined });
}

/** A venue takes a payout back, or says another one: the holding returns at its cost, and the cash is gone again. */
export function recordSettlementReversal(ledger: Ledger, original: LedgerTransaction, at: Micros): LedgerOutcome {
  invariant(original.kind === 'settlement', () => `only a settlement can be taken back, found ${original.id}`);
  const id = `reversal/${original.id}`;
  const { market } = original;
  return post(ledger, { id, kind: 'reversal', at, market, postings: inverseOf(original), trade: undefined });
}

function settlementPostings(holding: Holding, payoutE4: PriceE4): Posting[] {
  const { venue, costMicroUsd } = holding;
  const due = microUsd(mulDiv(holding.sizeE6, payoutE4, PRICE_ONE, 'floor'));
  const step = venue === 'kalshi' ? CENT : microUsd(1);
  const paid = microUsd(mulDiv(due, 1, step, 'floor') * step);
  return [
    money('cash', venue, paid),
    money('fees', venue, subtractUsd(due, paid)),
    position(holding, { sizeE6: 0 - holding.sizeE6, cost: negated(costMicroUsd) }),
    money('realised', venue, subtractUsd(costMicroUsd, due)),
  ];
}

export interface Merge {
  readonly id: string;
  readonly venue: VenueName;
  readonly market: string;
  readonly sizeE6: SizeE6;
  readonly at: Micros;
}

/** Pairs of YES and NO are handed back for $1 each (Polymarket). Throws when fewer pairs are held. */
export function recordMerge(ledger: Ledger, merge: Merge): LedgerOutcome {
  const { venue, market, sizeE6 } = merge;
  const id = `merge/${venue}/${market}/${merge.id}`;
  if (ledger.hasPosted(id)) return { kind: 'duplicate', id };
  const costs: MicroUsd[] = [];
  const positions = bothOutcomes.map((outcome) => {
    const holding = ledger.holding({ venue, market, outcome });
    invariant(
      sizeE6 > 0 && holding.sizeE6 >= sizeE6,
      () => `a merge needs 1 to ${holding.sizeE6} millionths of ${outcome}, found ${sizeE6} (${id})`,
    );
    const cost = costOfPart(holding, sizeE6);
    costs.push(cost);
    return position(holding, { sizeE6: -sizeE6, cost: negated(cost) });
  });
  const payout = atOneDollar(sizeE6);
  const realised = money('realised', venue, subtractUsd(addUsd(...costs), payout));
  const postings = [money('cash', venue, payout), ...positions, realised];
  return post(ledger, { id, kind: 'merge', at: merge.at, market: { venue, market }, postings, trade: undefined });
}

export interface CashMovement {
  readonly id: string;
  readonly venue: VenueName;
  /** Why: a deposit or withdrawal, gas and other charges, rebates and rewards, or nobody knows. */
  readonly account: Exclude<MoneyAccount, 'cash' | 'realised'>;
  /** Positive when cash comes in. */
  readonly cashMicroUsd: MicroUsd;
  readonly at: Micros;
}

/** Cash that moves without a trade. */
export function recordCash(ledger: Ledger, movement: CashMovement): LedgerOutcome {
  const { venue, account, cashMicroUsd } = movement;
  const postings = [money('cash', venue, cashMicroUsd), money(account, venue, negated(cashMicroUsd))];
  const id = `cash/${venue}/${movement.id}`;
  return post(ledger, { id, kind: 'cash', at: movement.at, market: undefined, postings, trade: undefined });
}

const bothOutcomes: readonly Outcome[] = ['yes', 'no'];

function post(ledger: Ledger, draft: LedgerTransaction): LedgerOutcome {
  const postings = draft.postings.filter((posting) => !isNothing(posting));
  const transaction = requireBalanced({ ...draft, postings });
  switch (ledger.post(transaction)) {
    case 'posted':
      return { kind: 'posted', transaction };
    case 'duplicate':
      return { kind: 'duplicate', id: transaction.id };
    case 'closed':
      return {
        kind: 'conflict',
        id: transaction.id,
        known: 'a market whose books are closed',
        found: transaction.kind,
      };
  }
}

function isNothing(posting: Posting): boolean {
  return posting.amountMicroUsd === 0 && (posting.account !== 'position' || posting.sizeE6 === 0);
}

function postReversal(
  ledger: Ledger,
  reversal: {
    readonly key: string;
    readonly at: Micros;
    readonly market: MarketKey | undefined;
    readonly terms: string;
    readonly postings: readonly Posting[];
  },
): LedgerOutcome {
  const { key, at, market, terms } = reversal;
  const netted = [...reversal.postings, ...renetting(ledger, reversal.postings)];
  const postings = [...netted, ...residuePostings(ledger, netted)];
  return post(ledger, {
    id: `reversal/${key}`,
    kind: 'reversal',
    at,
    market,
    postings,
    trade: { key, standing: 'failed', terms },
  });
}

/**
 * A reversal takes contracts back at what they cost, while sales since then took the average. What
 * this leaves on a holding of nothing is a gain or a loss, and is realised.
 */
function residuePostings(ledger: Ledger, postings: readonly Posting[]): Posting[] {
  const touched = new Map<string, HoldingKey>();
  for (const posting of postings) {
    if (posting.account === 'position') touched.set(holdingKey(posting), posting);
  }
  return [...touched.values()].flatMap((key) => {
    const holding = after(ledger.holding(key), postings);
    if (holding.sizeE6 !== 0 || holding.costMicroUsd === 0) return [];
    return [
      position(key, { sizeE6: 0, cost: negated(holding.costMicroUsd) }),
      money('realised', key.venue, holding.costMicroUsd),
    ];
  });
}

function inverseOf(transaction: LedgerTransaction): Posting[] {
  return transaction.postings.map((posting) =>
    posting.account === 'position'
      ? position(posting, { sizeE6: 0 - posting.sizeE6, cost: negated(posting.amountMicroUsd) })
      : money(posting.account, posting.venue, negated(posting.amountMicroUsd)),
  );
}

/** What Kalshi nets again once these postings have changed its markets. */
function renetting(ledger: Ledger, postings: readonly Posting[]): Posting[] {
  const markets = new Set<string>();
  for (const posting of postings) {
    if (posting.account === 'position' && posting.venue === 'kalshi') markets.add(posting.market);
  }
  return [...markets].flatMap((market) => {
    const [yes, no] = bothOutcomes.map((outcome) =>
      after(ledger.holding({ venue: 'kalshi', market, outcome }), postings),
    );
    return yes === undefined || no === undefined ? [] : netUntilStill(yes, no);
  });
}

/** A short that becomes its opposite can meet more of the same, so netting runs until nothing moves. */
function netUntilStill(yes: Holding, no: Holding): Posting[] {
  const postings = nettingPostings(yes, no);
  return postings.length === 0 ? [] : [...postings, ...netUntilStill(after(yes, postings), after(no, postings))];
}

function after(holding: Holding, postings: readonly Posting[]): Holding {
  const key = holdingKey(holding);
  return postings.reduce(
    (held, posting) => (posting.account === 'position' && holdingKey(posting) === key ? changed(held, posting) : held),
    holding,
  );
}

/**
 * Kalshi has one book a market: selling YES at p is buying NO at 1 − p, and whatever was held of the
 * opposite outcome is paired off at once. So every fill is a purchase here, and then nets.
 */
function kalshiPostings(ledger: Ledger, fill: LedgerFill): Posting[] {
  const isBuy = fill.direction === 'buy';
  const outcome = isBuy ? fill.outcome : otherOutcome(fill.outcome);
  const cost = isBuy ? fill.notionalMicroUsd : subtractUsd(atOneDollar(fill.sizeE6), fill.notionalMicroUsd);
  const bought = position({ ...fill, outcome }, { sizeE6: fill.sizeE6, cost });
  const purchase = [money('cash', fill.venue, negated(cost)), bought];
  return [...purchase, ...renetting(ledger, purchase)];
}

function signedTrade(fill: LedgerFill): { readonly sizeE6: number; readonly valueMicroUsd: MicroUsd } {
  return { sizeE6: fill.direction === 'buy' ? fill.sizeE6 : -fill.sizeE6, valueMicroUsd: fill.notionalMicroUsd };
}

function requireFill(fill: LedgerFill): void {
  invariant(
    fill.sizeE6 > 0 && fill.notionalMicroUsd >= 0 && fill.notionalMicroUsd <= fill.sizeE6,
    () =>
      `a fill must have a size and cost 0 to $1 a contract, found ${fill.sizeE6} for ${fill.notionalMicroUsd} (trade ${tradeKey(fill)})`,
  );
}

function marketOf({ venue, market }: MarketKey): MarketKey {
  return { venue, market };
}

function tradeKey(trade: { readonly venue: VenueName; readonly tradeId: string }): string {
  return `${trade.venue}/${trade.tradeId}`;
}

function termsOf(fill: LedgerFill): string {
  return `${fill.direction} ${fill.sizeE6} ${fill.market}/${fill.outcome} for ${fill.notionalMicroUsd} fee ${fill.feeMicroUsd}`;
}
