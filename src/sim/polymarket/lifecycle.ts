/** The life of a market: listed, paused, its tick changed, its book cleared, decided, disputed, paid. */
import type { Clock } from '../../domain/ports/clock.ts';
import { type FaultRack, faultNumber } from '../faults.ts';
import { type Exchange, isOpen } from './exchange.ts';
import type { EventSpec, Market, MarketSpec, OrderStatus } from './model.ts';
import type { Publisher } from './publisher.ts';
import type { Store } from './store.ts';

export interface LifecycleParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly exchange: Exchange;
  readonly faults: FaultRack;
  readonly publisher: Publisher;
  readonly nowMs: () => number;
}

/** Micro-dollars per share of each token. */
export type Payouts = readonly [number, number];

const HALVES: Payouts = [500_000, 500_000];

export class Lifecycle {
  readonly #parts: LifecycleParts;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  addEvent(event: EventSpec): EventSpec {
    this.#parts.store.events.set(event.id, event);
    return event;
  }

  addMarket(spec: MarketSpec): Market {
    const market = this.#parts.store.addMarket(spec, this.#parts.nowMs());
    this.#parts.publisher.marketAdded(market);
    return market;
  }

  setTick(conditionId: string, tickE4: number): void {
    const market = this.#parts.store.market(conditionId);
    const oldTickE4 = market.tickE4;
    if (oldTickE4 === tickE4) return;
    market.tickE4 = tickE4;
    market.bookChangedAtMs = this.#parts.nowMs();
    this.#parts.publisher.tickChanged(market, oldTickE4);
  }

  setAccepting(conditionId: string, accepts: boolean): void {
    this.#parts.store.market(conditionId).acceptingOrders = accepts;
  }

  /** Sports books are cleared when the game starts. */
  clearBook(conditionId: string): void {
    this.#cancelAll(conditionId, 'CANCELED');
  }

  /** Trading ends and what rests is cancelled; money moves only by redemption. */
  resolve(conditionId: string, payouts: Payouts): void {
    const { store, faults, clock } = this.#parts;
    const market = store.market(conditionId);
    const place = { market: conditionId, step: 'resolve' };
    const opposite: Payouts = [payouts[1], payouts[0]];
    const isOpposite = faults.strike('C6', place) !== undefined;
    const decided = faults.strike('C7', place) !== undefined ? HALVES : isOpposite ? opposite : payouts;
    this.close(conditionId);
    const disputed = faults.strike('C5', place);
    if (disputed === undefined) {
      this.#decide(market, decided);
      return;
    }
    market.resolution = 'disputed';
    clock.setTimeout(() => this.#decide(market, decided), faultNumber(disputed, 'durationMs', 172_800_000));
  }

  /** Reversed or voided after the fact. */
  revise(conditionId: string, payouts: Payouts): void {
    this.#decide(this.#parts.store.market(conditionId), payouts);
  }

  close(conditionId: string): void {
    const market = this.#parts.store.market(conditionId);
    this.#cancelAll(conditionId, 'CANCELED_MARKET_RESOLVED');
    market.closed = true;
    market.acceptingOrders = false;
    market.closedAtMs = this.#parts.nowMs();
    market.resolution = 'proposed';
  }

  #decide(market: Market, payouts: Payouts): void {
    market.payouts = payouts;
    market.resolution = 'resolved';
    this.#parts.publisher.marketResolved(market);
  }

  #cancelAll(conditionId: string, status: OrderStatus): void {
    const { store, exchange } = this.#parts;
    for (const order of store.orders.values())
      if (order.conditionId === conditionId && isOpen(order)) exchange.cancel(order.id, { status, reason: 'market' });
  }
}
