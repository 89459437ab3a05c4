/** Other people's orders: the house that keeps levels in a book, counterparties, and a book that follows a twin. */
import type { Clock } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import { type PlainOrder, plainOrder } from './desk.ts';
import { type Exchange, HOUSE, isOpen, type Placement } from './exchange.ts';
import { hash32, hex, uuid } from './ids.ts';
import type { Ledger } from './ledger.ts';
import type { Market, Order } from './model.ts';
import type { Store } from './store.ts';

export interface BookLevel {
  readonly priceE4: number;
  readonly sizeE6: number;
}

export interface BookSides {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export interface FlowParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly exchange: Exchange;
  readonly nowMs: () => number;
}

/** How a book follows the book of the same event elsewhere. */
export interface Twin {
  readonly conditionId: string;
  readonly lagMs: number;
  /** Added to both sides; negative makes this venue cheaper. */
  readonly offsetE4: number;
  /** Taken from the bids and added to the asks, half each. */
  readonly spreadE4: number;
  /** Share of the twin's size; 1 is all of it. */
  readonly depthShare: number;
}

export interface Counterparty {
  readonly owner: string;
  readonly wallet: string;
  order(order: Omit<PlainOrder, 'owner' | 'wallet'>): { readonly id: string; readonly placement: Placement };
  cancel(orderId: string): boolean;
}

export class Flow {
  readonly #parts: FlowParts;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    parts.ledger.account(HOUSE.wallet).isUnlimited = true;
  }

  /**
   * What the house quotes in this token from now on; the other token shows the mirror image. Levels that stay keep
   * their orders, so only what differs is told.
   */
  setLevels(tokenId: string, sides: BookSides): void {
    const market = this.#marketOf(tokenId);
    const wanted = [
      ...sides.bids.map((level) => ({ ...level, side: 'BUY' as const })),
      ...sides.asks.map((level) => ({ ...level, side: 'SELL' as const })),
    ];
    const resting = [...this.#parts.store.orders.values()].filter(
      (order) => order.owner === HOUSE.owner && order.conditionId === market.conditionId && isOpen(order),
    );
    const isKept = (order: Order, level: (typeof wanted)[number]): boolean =>
      order.tokenId === tokenId &&
      order.side === level.side &&
      order.priceE4 === level.priceE4 &&
      order.sizeE6 - order.matchedE6 === level.sizeE6;
    for (const order of resting) {
      if (wanted.some((level) => isKept(order, level))) continue;
      this.#parts.exchange.cancel(order.id, { status: 'CANCELED', reason: 'house' });
      // Quotes come and go by the million in a long run, and nobody asks for those that are gone.
      this.#parts.store.orders.delete(order.id);
    }
    const fresh = wanted.filter((level) => level.sizeE6 > 0 && !resting.some((order) => isKept(order, level)));
    for (const level of fresh) this.place(market, { tokenId, ...level });
  }

  place(market: Market, order: PlainOrder): { readonly id: string; readonly placement: Placement } {
    const { random, nowMs, exchange } = this.#parts;
    const id = hash32(random);
    return { id, placement: exchange.place(plainOrder(market, order, { id, nowMs: nowMs() })) };
  }

  /** Somebody with an API key's id and a wallet, who needs no signature. Without money given, never without money. */
  counterparty(given: { readonly cashMicro?: number } = {}): Counterparty {
    const { random, ledger, nowMs, exchange } = this.#parts;
    const owner = uuid(random);
    const wallet = `0x${hex(random, 20)}`;
    const account = ledger.account(wallet);
    account.isUnlimited = given.cashMicro === undefined;
    const cashMicro = given.cashMicro ?? 0;
    ledger.book({ wallet, cashMicro, tokenId: '', sharesE6: 0 }, { atMs: nowMs(), why: 'deposit' });
    return {
      owner,
      wallet,
      order: (order) => this.place(this.#marketOf(order.tokenId), { ...order, owner, wallet }),
      cancel: (orderId) => exchange.cancel(orderId, { status: 'CANCELED', reason: 'canceled' }),
    };
  }

  /** Feed it the twin's book on the first token's scale; it quotes what it makes of it, later. */
  deriveFrom(twin: Twin): (levels: BookSides) => void {
    const market = this.#parts.store.market(twin.conditionId);
    return (levels) => {
      const follow = (): void => {
        if (!market.closed) this.setLevels(market.tokens[0].tokenId, derived(levels, twin, market.tickE4));
      };
      if (twin.lagMs <= 0) follow();
      else this.#parts.clock.setTimeout(follow, twin.lagMs);
    };
  }

  #marketOf(tokenId: string): Market {
    const market = this.#parts.store.ofToken(tokenId)?.market;
    if (market === undefined) throw new Error(`no market has the token ${tokenId}`);
    return market;
  }
}

/** Bids are rounded down to the tick and asks up, so that a derived book never crosses itself. */
function derived({ bids, asks }: BookSides, twin: Twin, tickE4: number): BookSides {
  const half = Math.floor(twin.spreadE4 / 2);
  const side = (levels: readonly BookLevel[], shift: number, round: (ticks: number) => number): BookLevel[] => {
    const sums = new Map<number, number>();
    for (const { priceE4, sizeE6 } of levels) {
      const price = round((priceE4 + shift) / tickE4) * tickE4;
      const size = Math.floor((sizeE6 * twin.depthShare) / 10_000) * 10_000;
      if (price >= tickE4 && price <= 10_000 - tickE4 && size > 0) sums.set(price, (sums.get(price) ?? 0) + size);
    }
    return [...sums].map(([priceE4, sizeE6]) => ({ priceE4, sizeE6 }));
  };
  return {
    bids: side(bids, twin.offsetE4 - half, Math.floor),
    asks: side(asks, twin.offsetE4 + (twin.spreadE4 - half), Math.ceil),
  };
}
