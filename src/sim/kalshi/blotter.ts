/** Every order and fill the venue knows, with what each order looked like before. */
import { type FillRecord, History, type OrderRecord, type SettlementRecord } from './model.ts';

export class Blotter {
  readonly #orders = new Map<string, History<OrderRecord>>();
  fills: FillRecord[] = [];
  settlements: SettlementRecord[] = [];

  put(order: OrderRecord, nowMs: number): OrderRecord {
    const history = this.#orders.get(order.orderId) ?? new History<OrderRecord>();
    this.#orders.set(order.orderId, history);
    history.push(nowMs, order);
    return order;
  }

  change(orderId: string, change: Partial<OrderRecord>, nowMicros: number): OrderRecord {
    const order = { ...this.known(orderId), ...change, updatedMicros: nowMicros };
    return this.put(order, Math.floor(nowMicros / 1_000));
  }

  /** A killed order was never one. */
  forget(orderId: string): void {
    this.#orders.delete(orderId);
  }

  /** Orders that are over and rows that are older; what rests stays. */
  forgetBefore(ms: number): void {
    const isKept = ({ atMicros }: { readonly atMicros: number }): boolean => atMicros >= ms * 1_000;
    this.fills = this.fills.filter(isKept);
    this.settlements = this.settlements.filter(isKept);
    for (const [orderId, history] of this.#orders) {
      const order = history.latest();
      if (order !== undefined && order.status !== 'resting' && order.updatedMicros < ms * 1_000)
        this.#orders.delete(orderId);
    }
  }

  find(orderId: string): OrderRecord | undefined {
    return this.#orders.get(orderId)?.latest();
  }

  /** For an order that must exist. */
  known(orderId: string): OrderRecord {
    const order = this.find(orderId);
    if (order === undefined) throw new Error(`no order ${orderId}`);
    return order;
  }

  /** What a reader whose view ends at that instant sees. */
  seenAt(orderId: string, ms: number): OrderRecord | undefined {
    return this.#orders.get(orderId)?.at(ms);
  }

  /** Earliest first. */
  orders(): readonly OrderRecord[] {
    return this.#all((history) => history.latest());
  }

  ordersSeenAt(ms: number): readonly OrderRecord[] {
    return this.#all((history) => history.at(ms));
  }

  #all(view: (history: History<OrderRecord>) => OrderRecord | undefined): readonly OrderRecord[] {
    return [...this.#orders.values()].flatMap((history) => view(history) ?? []);
  }
}
