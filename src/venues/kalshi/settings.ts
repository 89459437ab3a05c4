/** What an operator may set about the Kalshi adapter. */
import type { KalshiAccountTerms } from '../../domain/fees/fee-schedule.ts';
import type { Millis, RateE6 } from '../../domain/units.ts';
import type { OnLimit } from './classify.ts';
import type { OrderSettings } from './order-body.ts';
import type { HeaderStackTerms } from './signed-headers.ts';

/** Tokens, as the venue states them. */
export interface VenueBucket {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface KalshiSettings {
  /** Believed until the account's own limits were read. */
  readonly limits: { readonly read: VenueBucket; readonly write: VenueBucket };
  /** Of the venue's limits, and of our share what is kept for reducing traffic. */
  readonly shares: {
    readonly read: number;
    readonly write: number;
    readonly readReserve: number;
    readonly writeReserve: number;
  };
  readonly timeouts: { readonly readMs: Millis; readonly orderMs: Millis };
  readonly headers: HeaderStackTerms;
  readonly orders: OrderSettings;
  readonly onLimit: OnLimit;
  /** How the account's fees are rounded. */
  readonly accountTerms: KalshiAccountTerms;
  readonly makerMultiplierE6: RateE6 | undefined;
  /** Sent with every subscription: the venue announced that its default will change. */
  readonly useYesPrice: boolean;
  /** Channels of the market data socket beside the books: `market_lifecycle_v2`, `trade`, `ticker`. */
  readonly marketChannels: readonly MarketChannel[];
  readonly messageBytesMax: number;
}

export type MarketChannel = 'market_lifecycle_v2' | 'trade' | 'ticker';
