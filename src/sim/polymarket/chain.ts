/** What wallets do on the chain without the order book: deposit, split, merge, redeem, convert. Gas is not charged here. */
import type { Clock } from '../../domain/ports/clock.ts';
import { type FaultRack, faultNumber } from '../faults.ts';
import type { Booking, Ledger } from './ledger.ts';
import type { Market, Movement } from './model.ts';
import type { PolymarketSettings } from './options.ts';
import type { Store } from './store.ts';

export interface ChainParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly faults: FaultRack;
  readonly settings: PolymarketSettings;
  readonly nowMs: () => number;
}

export type ChainResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'pending'; readonly afterMs: number }
  | { readonly kind: 'reverted'; readonly reason: string };

const DONE: ChainResult = { kind: 'done' };

export class Chain {
  readonly #parts: ChainParts;

  constructor(parts: ChainParts) {
    this.#parts = parts;
  }

  deposit(wallet: string, cashMicro: number): void {
    this.#book('deposit', [{ wallet, cashMicro, tokenId: '', sharesE6: 0 }]);
  }

  /** Shares out of nothing, for a test that wants to begin with some. */
  grant(wallet: string, shares: { readonly tokenId: string; readonly sharesE6: number }): void {
    this.#book('deposit', [{ wallet, cashMicro: 0, ...shares }]);
  }

  /** One dollar becomes one share of each token. */
  split(wallet: string, what: { readonly conditionId: string; readonly sizeE6: number }): ChainResult {
    if (this.#parts.ledger.uncommittedCash(wallet) < what.sizeE6)
      return { kind: 'reverted', reason: 'insufficient balance' };
    this.#book('split', pairOf(this.#market(what.conditionId), wallet, what.sizeE6));
    return DONE;
  }

  merge(wallet: string, what: { readonly conditionId: string; readonly sizeE6: number }): ChainResult {
    const market = this.#market(what.conditionId);
    const { ledger } = this.#parts;
    if (market.tokens.some(({ tokenId }) => ledger.uncommittedShares(wallet, tokenId) < what.sizeE6))
      return { kind: 'reverted', reason: 'insufficient balance' };
    this.#book('merge', pairOf(market, wallet, -what.sizeE6));
    return DONE;
  }

  /** Winners pay, losers pay nothing, halves pay half. An explicit transaction, and sometimes a late one. */
  redeem(wallet: string, conditionId: string): ChainResult {
    const market = this.#market(conditionId);
    const { faults, settings, clock } = this.#parts;
    if (market.payouts === undefined || market.resolution !== 'resolved')
      return { kind: 'reverted', reason: 'condition is not resolved' };
    const late = faults.strike('C4', { market: conditionId, account: wallet, step: 'redeem' });
    const afterMs = late === undefined ? settings.redemptionDelayMs : faultNumber(late, 'delayMs', 3_600_000);
    const pay = (): void => this.#pay(market, wallet);
    if (afterMs <= 0) pay();
    else clock.setTimeout(pay, afterMs);
    return afterMs <= 0 ? DONE : { kind: 'pending', afterMs };
  }

  /**
   * NO of k outcomes of one neg-risk event become k - 1 dollars each and a YES of every other outcome, through the
   * adapter.
   */
  convert(wallet: string, what: { readonly conditionIds: readonly string[]; readonly sizeE6: number }): ChainResult {
    const { store, ledger, faults } = this.#parts;
    if (faults.strike('C8', { account: wallet, step: 'convert' }) !== undefined)
      return { kind: 'reverted', reason: 'conversion failed' };
    const given = what.conditionIds.map((conditionId) => store.market(conditionId));
    const eventId = given[0]?.eventId;
    const isOneEvent = eventId !== undefined && given.every((market) => market.negRisk && market.eventId === eventId);
    if (!isOneEvent) return { kind: 'reverted', reason: 'not one neg-risk event' };
    if (given.some(({ tokens }) => ledger.uncommittedShares(wallet, tokens[1].tokenId) < what.sizeE6))
      return { kind: 'reverted', reason: 'insufficient balance' };
    const others = [...store.markets.values()].filter(
      (market) => market.eventId === eventId && !given.includes(market),
    );
    const { sizeE6 } = what;
    this.#book('convert', [
      ...given.map(({ tokens }) => ({ wallet, cashMicro: 0, tokenId: tokens[1].tokenId, sharesE6: -sizeE6 })),
      ...others.map(({ tokens }) => ({ wallet, cashMicro: 0, tokenId: tokens[0].tokenId, sharesE6: sizeE6 })),
      { wallet, cashMicro: (given.length - 1) * sizeE6, tokenId: '', sharesE6: 0 },
    ]);
    return DONE;
  }

  #pay(market: Market, wallet: string): void {
    const { ledger } = this.#parts;
    const [first, second] = market.payouts ?? [0, 0];
    const movements = market.tokens.map(({ tokenId }, index) => {
      const shares = ledger.shares(wallet, tokenId);
      const payout = BigInt(index === 0 ? first : second);
      return { wallet, cashMicro: Number((BigInt(shares) * payout) / 1_000_000n), tokenId, sharesE6: -shares };
    });
    this.#book(
      'redeem',
      movements.filter(({ sharesE6 }) => sharesE6 !== 0),
    );
  }

  #book(why: Booking['why'], movements: readonly Movement[]): void {
    for (const movement of movements) this.#parts.ledger.book(movement, { atMs: this.#parts.nowMs(), why });
  }

  #market(conditionId: string): Market {
    return this.#parts.store.market(conditionId);
  }
}

/** The dollars are split between the two lines, so that each line stands for itself in the history. */
function pairOf(market: Market, wallet: string, sizeE6: number): Movement[] {
  const [first, second] = market.tokens;
  return [
    { wallet, cashMicro: -sizeE6, tokenId: first.tokenId, sharesE6: sizeE6 },
    { wallet, cashMicro: 0, tokenId: second.tokenId, sharesE6: sizeE6 },
  ];
}
