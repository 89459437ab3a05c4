/** Who hears of what happens. The exchange and the settlement call it; the sockets answer to it. */
import type { LevelChange } from '../matching/engine.ts';
import type { Market, Order, Trade } from './model.ts';

export type OrderEventType = 'PLACEMENT' | 'UPDATE' | 'CANCELLATION';

export interface Publisher {
  /** `tokenId` is the token of the order that caused the change: it stands first in the frames. */
  levelsChanged(
    market: Market,
    change: { readonly tokenId: string; readonly levels: readonly LevelChange<string, string>[] },
  ): void;
  traded(market: Market, trades: readonly Trade[]): void;
  orderChanged(order: Order, change: { readonly type: OrderEventType; readonly text?: string }): void;
  tradeChanged(trade: Trade): void;
  tickChanged(market: Market, oldTickE4: number): void;
  marketAdded(market: Market): void;
  marketResolved(market: Market): void;
}
