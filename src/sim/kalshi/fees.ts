/**
 * What a fill costs. Exact: rates, counts and prices are multiplied as whole numbers and divided once.
 *
 * Kalshi's fee schedule (effective 2026-02-05) and its page on fee rounding, of which two versions exist; the
 * newer counts in millionths and gives back whole units of the account's precision, the older in hundredths of
 * a cent and gives back whole cents once more than one is collected.
 */
import type { EventRecord, FeeChange, Market, SeriesRecord } from './model.ts';

export type FeeRounding = 'sixDecimals' | 'fourDecimals';

export interface FeeRates {
  readonly feeType: string;
  /** Millionths. */
  readonly multiplierE6: number;
}

/** Dollars per contract at P(1-P) = 1, in ten-thousandths. */
const TAKER_E4 = 700n;
const MAKER_E4: Readonly<Record<string, bigint>> = {
  quadratic: 0n,
  quadratic_with_maker_fees: 175n,
  quadratic_with_combo_maker_fees: 350n,
};

export interface FeePoint {
  readonly rates: FeeRates;
  readonly isTaker: boolean;
  readonly priceE4: number;
  readonly sizeE6: number;
}

/** The trade fee in micro-dollars: the model rounded up to the unit of the rounding mode. */
export function tradeFeeMicro(point: FeePoint, rounding: FeeRounding): number {
  const maker = MAKER_E4[point.rates.feeType];
  if (maker === undefined) throw new Error(`no fee formula for fee type ${point.rates.feeType}`);
  const rate = (point.isTaker ? TAKER_E4 : maker) * BigInt(point.rates.multiplierE6);
  const price = BigInt(point.priceE4);
  const product = rate * BigInt(point.sizeE6) * price * (10_000n - price);
  // 1e-4 (rate) * 1e-6 (multiplier) * 1e-6 (size) * 1e-8 (two prices) = 1e-24 dollars; 1e18 of them are a micro-dollar.
  const unit = rounding === 'sixDecimals' ? 1n : 100n;
  const step = 10n ** 18n * unit;
  return Number(((product + step - 1n) / step) * unit);
}

export interface FillFee {
  /** Net, as in `fee_cost`. Never negative. */
  readonly feeMicro: number;
  /** What the order has collected in rounding and not given back. */
  readonly accumulatorMicro: number;
}

export interface Charge {
  /** Signed: negative when the fill pays money out. */
  readonly revenueMicro: number;
  readonly tradeFeeMicro: number;
  /** 100 for a direct member, 10,000 for everybody else. */
  readonly precisionMicro: number;
  readonly accumulatorMicro: number;
}

/** Aligns the balance change downward to the account's precision and gives collected roundings back. */
export function chargeFill(charge: Charge, rounding: FeeRounding): FillFee {
  const { revenueMicro, tradeFeeMicro: fee, precisionMicro } = charge;
  const exact = revenueMicro - fee;
  const roundingFee = exact - Math.floor(exact / precisionMicro) * precisionMicro;
  const collected = charge.accumulatorMicro + roundingFee;
  const unit = rounding === 'sixDecimals' ? precisionMicro : 10_000;
  const isDue = rounding === 'sixDecimals' ? collected >= unit : collected > unit;
  const wanted = isDue ? Math.floor(collected / unit) * unit : 0;
  const rebate = Math.min(wanted, Math.floor((fee + roundingFee) / unit) * unit);
  return { feeMicro: fee + roundingFee - rebate, accumulatorMicro: collected - rebate };
}

export interface FeeSources {
  readonly series: SeriesRecord;
  readonly event: EventRecord;
  readonly market: Market;
  readonly seriesChanges: readonly FeeChange[];
  readonly eventChanges: readonly FeeChange[];
  readonly nowMicros: number;
}

/** Event override, then the latest scheduled change that is due, then the series; field by field. A waiver beats all. */
export function resolveRates(sources: FeeSources): FeeRates {
  const { series, event, market, nowMicros } = sources;
  const change = latest(sources.seriesChanges, nowMicros);
  const override = latest(sources.eventChanges, nowMicros) ?? {
    feeType: event.feeTypeOverride,
    feeMultiplier: event.feeMultiplierOverride,
  };
  const multiplier = override.feeMultiplier ?? change?.feeMultiplier ?? series.feeMultiplier;
  const isWaived = market.feeWaiverExpirationMicros !== undefined && nowMicros < market.feeWaiverExpirationMicros;
  return {
    feeType: override.feeType ?? change?.feeType ?? series.feeType,
    multiplierE6: isWaived ? 0 : Math.round(multiplier * 1_000_000),
  };
}

function latest(changes: readonly FeeChange[], nowMicros: number): FeeChange | undefined {
  let found: FeeChange | undefined;
  for (const change of changes)
    if (change.scheduledMicros <= nowMicros && change.scheduledMicros >= (found?.scheduledMicros ?? 0)) found = change;
  return found;
}
