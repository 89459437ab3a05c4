/**
 * What is over is forgotten after a while, so that a venue that runs for weeks keeps no more than that much of its
 * past. What anybody holds, and what it cost, stays.
 */
import { isOpen } from './exchange.ts';
import type { Front } from './front.ts';
import type { Ledger } from './ledger.ts';
import type { PolymarketSettings } from './options.ts';
import type { Store } from './store.ts';

export interface RetentionParts {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly front: Front;
  readonly settings: PolymarketSettings;
  readonly nowMs: () => number;
}

const DAY_MS = 86_400_000;

export class Retention {
  readonly #parts: RetentionParts;
  #passedMs = 0;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Once a day, and more often where less than a day is kept. Cheap in between: asked with every request. */
  moveOn(): void {
    const { store, ledger, front, settings, nowMs } = this.#parts;
    const stepMs = Math.min(DAY_MS, settings.keptMs);
    const beforeMs = Math.floor((nowMs() - settings.keptMs) / stepMs) * stepMs;
    if (beforeMs <= this.#passedMs) return;
    this.#passedMs = beforeMs;
    for (const [id, trade] of store.trades)
      if ((trade.status === 'CONFIRMED' || trade.status === 'FAILED') && trade.updatedAtMs < beforeMs)
        store.trades.delete(id);
    // Of trades that may still change, the orders are asked about.
    for (const [id, order] of store.orders)
      if (!isOpen(order) && order.createdAtMs < beforeMs && !order.tradeIds.some((trade) => store.trades.has(trade)))
        store.orders.delete(id);
    ledger.fold(beforeMs);
    front.forgetBefore(beforeMs);
  }
}
