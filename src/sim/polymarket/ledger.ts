/**
 * Who holds what. Money moves only when a trade is on the chain; until then it is committed: what leaves cannot
 * be spent again and what comes cannot be used yet.
 */
import type { Movement } from './model.ts';

export interface Booking extends Movement {
  readonly atMs: number;
  readonly why: 'trade' | 'reversal' | 'deposit' | 'split' | 'merge' | 'redeem' | 'convert';
}

/** What a wallet has of one token. */
export interface Holding {
  readonly shares: number;
  /** What the shares that are left cost, and what all cost that were ever bought. */
  readonly costMicro: number;
  readonly boughtE6: number;
  readonly realizedMicro: number;
}

const NOTHING: Holding = { shares: 0, costMicro: 0, boughtE6: 0, realizedMicro: 0 };

interface Account {
  cashMicro: number;
  readonly shares: Map<string, number>;
  /** By token, as of the oldest booking that is remembered. */
  readonly folded: Map<string, Holding>;
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
  #bookings: Booking[] = [];
  readonly #pending = new Set<readonly Movement[]>();

  account(wallet: string): Account {
    const key = wallet.toLowerCase();
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = {
        cashMicro: 0,
        shares: new Map(),
        folded: new Map(),
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

  /** By token, what the bookings said at that instant. */
  holdingsAt(wallet: string, ms: number): ReadonlyMap<string, Holding> {
    const held = new Map(this.account(wallet).folded);
    for (const booking of this.#bookings)
      if (booking.atMs <= ms && booking.wallet.toLowerCase() === wallet.toLowerCase()) addTo(held, booking);
    return held;
  }

  /** Bookings from before are remembered only by what they came to. */
  fold(beforeMs: number): void {
    for (const booking of this.#bookings)
      if (booking.atMs < beforeMs) addTo(this.account(booking.wallet).folded, booking);
    this.#bookings = this.#bookings.filter(({ atMs }) => atMs >= beforeMs);
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

function addTo(held: Map<string, Holding>, booking: Booking): void {
  if (booking.sharesE6 === 0) return;
  held.set(booking.tokenId, added(held.get(booking.tokenId) ?? NOTHING, booking));
}

function added(holding: Holding, { sharesE6, cashMicro }: Booking): Holding {
  if (sharesE6 > 0)
    return {
      ...holding,
      shares: holding.shares + sharesE6,
      boughtE6: holding.boughtE6 + sharesE6,
      costMicro: holding.costMicro - cashMicro,
    };
  const part = holding.shares === 0 ? 0 : Math.round((holding.costMicro * -sharesE6) / holding.shares);
  return {
    ...holding,
    shares: holding.shares + sharesE6,
    costMicro: holding.costMicro - part,
    realizedMicro: holding.realizedMicro + cashMicro - part,
  };
}
