/** One side of a book: levels from best to worst, each a queue from first to last. */
import { type PriceE4, type SizeE6, sizeE6 } from '../../domain/units.ts';
import type { Level, RestingOrder, Side } from './engine.ts';

/** A size from plain arithmetic. Throws when negative or fractional: the arithmetic was wrong. */
export const sizeOf: (count: number) => SizeE6 = sizeE6;

interface Queue<Owner, Id> {
  readonly priceE4: PriceE4;
  orders: RestingOrder<Owner, Id>[];
  total: number;
}

export class Ladder<Owner, Id> {
  readonly #side: Side;
  readonly #queues: Queue<Owner, Id>[] = [];

  constructor(side: Side) {
    this.#side = side;
  }

  /** To the end of the queue at its price. Returns the level's new total. */
  add(order: RestingOrder<Owner, Id>): SizeE6 {
    const at = this.#indexOf(order.priceE4);
    let queue = this.#queues[at];
    if (queue?.priceE4 !== order.priceE4) {
      queue = { priceE4: order.priceE4, orders: [], total: 0 };
      this.#queues.splice(at, 0, queue);
    }
    queue.orders.push(order);
    queue.total += order.remainingE6;
    return sizeOf(queue.total);
  }

  /** Puts the later view of an order in the place of the earlier one; without a remainder it leaves. */
  replace(from: RestingOrder<Owner, Id>, to: RestingOrder<Owner, Id>): SizeE6 {
    const at = this.#indexOf(from.priceE4);
    const queue = this.#queues[at];
    const place = queue === undefined ? -1 : queue.orders.findIndex(({ id }) => id === from.id);
    if (queue === undefined || place < 0) throw new Error(`order ${String(from.id)} is not at ${from.priceE4}`);
    if (to.remainingE6 > 0) queue.orders[place] = to;
    else queue.orders.splice(place, 1);
    queue.total += to.remainingE6 - from.remainingE6;
    if (queue.orders.length === 0) this.#queues.splice(at, 1);
    return sizeOf(queue.total);
  }

  queue(priceE4: PriceE4): readonly RestingOrder<Owner, Id>[] {
    const queue = this.#queues[this.#indexOf(priceE4)];
    return queue?.priceE4 === priceE4 ? [...queue.orders] : [];
  }

  best(): Level | undefined {
    const queue = this.#queues[0];
    return queue === undefined ? undefined : { priceE4: queue.priceE4, sizeE6: sizeOf(queue.total) };
  }

  levels(): Level[] {
    return this.#queues.map(({ priceE4, total }) => ({ priceE4, sizeE6: sizeOf(total) }));
  }

  /** By price, then by time. */
  *inOrder(): Generator<RestingOrder<Owner, Id>> {
    for (const queue of this.#queues) yield* queue.orders;
  }

  aheadE6(order: RestingOrder<Owner, Id>): SizeE6 {
    let ahead = 0;
    for (const other of this.inOrder()) {
      if (other.id === order.id) break;
      ahead += other.remainingE6;
    }
    return sizeOf(ahead);
  }

  /** Where this price is, or belongs. */
  #indexOf(priceE4: PriceE4): number {
    let low = 0;
    let high = this.#queues.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const price = this.#queues[middle]?.priceE4 ?? priceE4;
      const isBetter = this.#side === 'bid' ? price > priceE4 : price < priceE4;
      if (isBetter) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
