/** What the venue keeps. Records that change are replaced or are fields of one owner; times are microseconds. */
import type { Micros, PriceE4 } from '../../domain/units.ts';
import type { SelfTrade, Side, TimeInForce } from '../matching/engine.ts';
import type { PriceRange } from './grid.ts';
import type { JsonObject } from './json.ts';

export interface SeriesRecord {
  readonly ticker: string;
  readonly title: string;
  readonly frequency: string;
  readonly category: string;
  readonly tags: readonly string[];
  readonly settlementSources: readonly SettlementSource[];
  readonly feeType: string;
  readonly feeMultiplier: number;
  readonly exchangeIndex: number;
  readonly updatedMicros: number;
}

export interface SettlementSource {
  readonly name: string;
  readonly url: string;
}

export type CollateralReturn = 'MECNET' | 'DIRECNET' | '';

export interface EventRecord {
  readonly eventTicker: string;
  readonly seriesTicker: string;
  readonly title: string;
  readonly subTitle: string;
  readonly category: string;
  readonly mutuallyExclusive: boolean;
  readonly collateralReturnType: CollateralReturn;
  readonly feeTypeOverride: string | null;
  readonly feeMultiplierOverride: number | null;
  readonly strikeDate: string | null;
  readonly strikePeriod: string | null;
  readonly settlementSources: readonly SettlementSource[];
  readonly exchangeIndex: number;
  readonly updatedMicros: number;
}

export type MarketStatus =
  | 'initialized'
  | 'active'
  | 'inactive'
  | 'closed'
  | 'determined'
  | 'disputed'
  | 'amended'
  | 'finalized';

export type MarketResult = 'yes' | 'no' | 'scalar' | '';

/** One market. The catalog replaces it on every change; nobody else does. */
export interface Market {
  readonly ticker: string;
  readonly eventTicker: string;
  readonly marketId: string;
  readonly marketType: 'binary' | 'scalar';
  readonly title: string;
  readonly yesSubTitle: string;
  readonly noSubTitle: string;
  readonly createdMicros: number;
  readonly updatedMicros: number;
  readonly openMicros: number;
  readonly closeMicros: number;
  readonly expectedExpirationMicros: number;
  readonly latestExpirationMicros: number;
  readonly occurrenceMicros: number | undefined;
  readonly settlementTimerSeconds: number;
  readonly canCloseEarly: boolean;
  readonly earlyCloseCondition: string;
  readonly status: MarketStatus;
  readonly result: MarketResult;
  readonly settlementValueE4: PriceE4 | undefined;
  readonly settledMicros: number | undefined;
  readonly expirationValue: string;
  readonly strikeType: string | undefined;
  readonly floorStrike: number | undefined;
  readonly capStrike: number | undefined;
  readonly customStrike: JsonObject | undefined;
  readonly rulesPrimary: string;
  readonly rulesSecondary: string;
  readonly priceLevelStructure: string;
  readonly priceRanges: readonly PriceRange[];
  readonly feeWaiverExpirationMicros: number | undefined;
  readonly mveCollectionTicker: string | undefined;
  readonly mveSelectedLegs: readonly JsonObject[] | undefined;
  readonly isProvisional: boolean;
  readonly exchangeIndex: number;
  readonly lastPriceE4: number;
  readonly lastSizeE6: number;
  readonly volumeE6: number;
  readonly openInterestE6: number;
  /** Dollars that have changed hands, in millionths. */
  readonly dollarVolumeMicro: number;
}

export interface FeeChange {
  readonly id: string;
  /** Series or event ticker. */
  readonly subject: string;
  readonly feeType: string | null;
  readonly feeMultiplier: number | null;
  readonly scheduledMicros: number;
}

export interface TradeRecord {
  readonly tradeId: string;
  readonly ticker: string;
  readonly priceE4: number;
  readonly sizeE6: number;
  readonly takerSide: Side;
  readonly atMicros: number;
}

export type OrderStatus = 'resting' | 'canceled' | 'executed';

export type UpdateReason =
  | 'Decrease'
  | 'Amend'
  | 'MarginCancel'
  | 'SelfTradeCancel'
  | 'ExpiryCancel'
  | 'CloseCancel'
  | 'HaltCancel'
  | 'Trade'
  | 'PostOnlyCrossCancel'
  | 'ReduceOnlyCancel';

export interface OrderRecord {
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly accountId: string;
  readonly subaccount: number;
  readonly exchangeIndex: number;
  readonly ticker: string;
  readonly side: Side;
  readonly priceE4: PriceE4;
  readonly timeInForce: TimeInForce;
  readonly expirationMicros: Micros | undefined;
  readonly selfTrade: SelfTrade;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly cancelOnPause: boolean;
  readonly groupId: string | undefined;
  readonly createdMicros: number;
  readonly updatedMicros: number;
  readonly status: OrderStatus;
  readonly initialE6: number;
  readonly filledE6: number;
  readonly remainingE6: number;
  readonly takerCostMicro: number;
  readonly makerCostMicro: number;
  readonly takerFeesMicro: number;
  readonly makerFeesMicro: number;
  /** Price times size on the YES scale, for the average in the create response. */
  readonly yesNotionalMicro: number;
  readonly feeAccumulatorMicro: number;
  readonly lastUpdateReason: UpdateReason | undefined;
}

export interface FillRecord {
  readonly tradeId: string;
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly accountId: string;
  readonly subaccount: number;
  readonly exchangeIndex: number;
  readonly ticker: string;
  readonly side: Side;
  readonly priceE4: number;
  readonly sizeE6: number;
  readonly isTaker: boolean;
  readonly feeMicro: number;
  readonly postPositionE6: number;
  readonly atMicros: number;
}

export interface SettlementRecord {
  readonly accountId: string;
  readonly subaccount: number;
  readonly exchangeIndex: number;
  readonly ticker: string;
  readonly eventTicker: string;
  readonly result: MarketResult;
  readonly yesE6: number;
  readonly noE6: number;
  readonly costMicro: number;
  readonly revenueMicro: number;
  readonly feeMicro: number;
  readonly valueE4: number;
  readonly atMicros: number;
}

/** Every value a thing had, with when: so that reads can lag behind writes. */
export class History<T> {
  #values: { readonly atMs: number; readonly value: T }[] = [];

  push(atMs: number, value: T): void {
    this.#values.push({ atMs, value });
  }

  /** What was true at that instant is kept, and what was true before it is not. */
  forgetBefore(ms: number): void {
    const from = this.#values.findLastIndex(({ atMs }) => atMs <= ms);
    if (from > 0) this.#values = this.#values.slice(from);
  }

  latest(): T | undefined {
    return this.#values.at(-1)?.value;
  }

  /** What was true at that instant; `undefined` when there was nothing yet. */
  at(ms: number): T | undefined {
    for (let index = this.#values.length - 1; index >= 0; index--) {
      const entry = this.#values[index];
      if (entry !== undefined && entry.atMs <= ms) return entry.value;
    }
    return undefined;
  }
}
