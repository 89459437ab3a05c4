/** What venues send, which can wait for a moment while orders are on their way to the disk. */
import type { LegOrder } from '../execution/leg.ts';

export interface Inflow {
  /** From now on messages wait, for some milliseconds at most. */
  hold(): void;
  /** Passes on what waits at each connection, up to the last message that names a market of these orders. */
  catchUp(orders: readonly LegOrder[]): void;
  /** Passes on everything that waits, and does not block the loop with it. */
  release(): void;
}
