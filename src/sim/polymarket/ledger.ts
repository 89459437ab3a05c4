/**
 * Who holds what. Money moves only when a trade is on the chain; until then it is committed: what leaves cannot
 * be spent again and what comes cannot be used yet.
 */
import type { Movement } from './model.ts';

export interface Booking extends Movement {
  readonly atMs: number;
  readonly why: 'trade' | 'reversal' | 'deposit' | 'split' | 'merge' | 'redeem' | 'convert';
}

interface Account {
  cashMicro: number;
  readonly shares: Map<string, number>;
  /** House liquidity never runs dry. */
  isUnlimited: boolean;
  /** Orders from here are refused with a hint to deposit wallets. */
  depositWalletOnly: boolean;
  closedOnly: boolean;
  /** Without approvals a balance is worth nothing to the exchange, and matches never settle. */
  isApproved: boolean;
}

export interface AccountView {
  readonly wallet: string;
  readonly cashMicro: number;
  readonly shares: Readonly<Record<string, number>>;
  readonly committedMicro: number;
}

export class Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #bookings: Booking[] = [];
  readonly #pending = new Set<readonly Movement[]>();

  account(wallet: string): Account {
    const key = wallet.toLowerCase();
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = {
        cashMicro: 0,
        shares: new Map(),
        isUnlimited: false,
        depositWalletOnly: false,
        closedOnly: false,
        isApproved: true,
      };
      this.#accounts.set(key, account);
    }
    return account;
  }

  book(movement: Movement, about: { readonly atMs: number; readonly why: Booking['why'] }): void {
    const account = this.account(movement.wallet);
    account.cashMicro += movement.cashMicro;
    if (movement.sharesE6 !== 0)
      account.shares.set(movement.tokenId, (account.shares.get(movement.tokenId) ?? 0) + movement.sharesE6);
    this.#bookings.push({ ...movement, ...about });
  }

  /** From the match until the trade is booked or has failed. */
  commit(movements: readonly Movement[]): void {
    this.#pending.add(movements);
  }

  release(movements: readonly Movement[]): void {
    this.#pending.delete(movements);
  }

  cash(wallet: string): number {
    return this.account(wallet).cashMicro;
  }

  shares(wallet: string, tokenId: string): number {
    return this.account(wallet).shares.get(tokenId) ?? 0;
  }

  /** On the chain, less what matches on their way will take. */
  uncommittedCash(wallet: string): number {
    return this.cash(wallet) + this.#outgoing(wallet, ({ cashMicro }) => cashMicro);
  }

  uncommittedShares(wallet: string, tokenId: string): number {
    const leaving = (movement: Movement): number => (movement.tokenId === tokenId ? movement.sharesE6 : 0);
    return this.shares(wallet, tokenId) + this.#outgoing(wallet, leaving);
  }

  views(): AccountView[] {
    return [...this.#accounts].map(([wallet, { cashMicro, shares }]) => ({
      wallet,
      cashMicro,
      shares: Object.fromEntries(shares),
      committedMicro: cashMicro - this.uncommittedCash(wallet),
    }));
  }

  bookings(): readonly Booking[] {
    return this.#bookings;
  }

  #outgoing(wallet: string, of: (movement: Movement) => number): number {
    let sum = 0;
    for (const movements of this.#pending)
      for (const movement of movements)
        if (movement.wallet.toLowerCase() === wallet.toLowerCase()) sum += Math.min(0, of(movement));
    return sum;
  }
}
