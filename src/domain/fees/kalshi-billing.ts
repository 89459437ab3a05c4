/**
 * What Kalshi bills, fill by fill (the venue's page on fee rounding, autumn 2026; docs/rules.md §2).
 *
 * A balance never leaves the account's precision. Each fill pays the trade fee and a rounding fee
 * that brings the balance back to the precision; an accumulator per order, across its taker and
 * maker fills, sums the rounding fees and gives whole units back. The ledger books the fee that the
 * venue reports; this predicts it, for paper fills and to notice a drift.
 */
import { invariant } from '../invariant.ts';
import type { Level } from '../ports/market-data.ts';
import {
  addUsd,
  CENT,
  divideExact,
  type MicroUsd,
  microUsd,
  notional,
  type PriceE4,
  type RateE6,
  type SizeE6,
  subtractUsd,
  toSafeNumber,
} from '../units.ts';
import { curveFee, rateProduct, roundToStep } from './exact-fee.ts';
import type { KalshiAccountTerms, KalshiFees, Role } from './fee-schedule.ts';
import { kalshiRawFee } from './kalshi-fee.ts';

export interface BillableFill {
  /** Whether cash leaves for contracts or comes back for them. */
  readonly direction: 'buy' | 'sell';
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
  readonly tradeFeeMicroUsd: MicroUsd;
}

export interface FillBill {
  readonly tradeFeeMicroUsd: MicroUsd;
  readonly roundingFeeMicroUsd: MicroUsd;
  /** The overpayment of the order so far, before this fill's rebate. */
  readonly accumulatorMicroUsd: MicroUsd;
  readonly rebateMicroUsd: MicroUsd;
  readonly netFeeMicroUsd: MicroUsd;
  /** The change of balance on the account's precision, before the rebate. */
  readonly alignedMicroUsd: MicroUsd;
}

export interface OrderBill {
  readonly fills: readonly FillBill[];
  readonly netFeeMicroUsd: MicroUsd;
  readonly balanceChangeMicroUsd: MicroUsd;
}

const ZERO = microUsd(0);

/** The trade fee of one fill: the model fee, rounded up to the account's step. */
export function kalshiTradeFee(fees: KalshiFees, role: Role, fill: Level): MicroUsd {
  return roundToStep(kalshiRawFee(fees, role, [fill]), fees.tradeFeeStep, 'ceil');
}

/** As `kalshiTradeFee`, where coefficient and multiplier are known only as their product. */
export function tradeFeeAtRate(rate: RateE6, fill: Level, step: MicroUsd): MicroUsd {
  return roundToStep(curveFee(rateProduct(rate), [fill]), step, 'ceil');
}

/** Bills the fills of one order in the order they happened. */
export function billOrder(terms: KalshiAccountTerms, fills: readonly BillableFill[]): OrderBill {
  const bills: FillBill[] = [];
  let accumulated = ZERO;
  let balanceChange = ZERO;
  for (const fill of fills) {
    const bill = billFill(terms, fill, accumulated);
    bills.push(bill);
    accumulated = subtractUsd(bill.accumulatorMicroUsd, bill.rebateMicroUsd);
    balanceChange = addUsd(balanceChange, bill.alignedMicroUsd, bill.rebateMicroUsd);
  }
  return {
    fills: bills,
    netFeeMicroUsd: addUsd(...bills.map((bill) => bill.netFeeMicroUsd)),
    balanceChangeMicroUsd: balanceChange,
  };
}

/** Bills one fill, given what the earlier fills of its order have left in the accumulator. */
function billFill(terms: KalshiAccountTerms, fill: BillableFill, accumulated: MicroUsd): FillBill {
  const exact = subtractUsd(revenueOf(fill), fill.tradeFeeMicroUsd);
  const aligned = wholeUnits(exact, terms.precision);
  const roundingFee = subtractUsd(exact, aligned);
  const accumulator = addUsd(accumulated, roundingFee);
  const charged = addUsd(fill.tradeFeeMicroUsd, roundingFee);
  const rebate = rebateOf(terms, accumulator, charged);
  const netFee = subtractUsd(charged, rebate);
  invariant(netFee >= 0, () => `the net fee of a fill must not be negative, found ${netFee} of ${charged}`);
  return {
    tradeFeeMicroUsd: fill.tradeFeeMicroUsd,
    roundingFeeMicroUsd: roundingFee,
    accumulatorMicroUsd: accumulator,
    rebateMicroUsd: rebate,
    netFeeMicroUsd: netFee,
    alignedMicroUsd: aligned,
  };
}

function revenueOf(fill: BillableFill): MicroUsd {
  return fill.direction === 'buy'
    ? microUsd(0 - notional(fill.priceE4, fill.sizeE6, 'ceil'))
    : notional(fill.priceE4, fill.sizeE6, 'floor');
}

function rebateOf(terms: KalshiAccountTerms, accumulator: MicroUsd, charged: MicroUsd): MicroUsd {
  const { threshold, rebateUnit, shortfall } = terms.accumulator;
  const unit = rebateUnit === 'cent' ? CENT : terms.precision;
  const isDue = threshold === 'strict' ? accumulator > unit : accumulator >= unit;
  if (!isDue) return ZERO;
  // The cent version gives one cent per fill; the precision version gives every whole unit.
  const due = rebateUnit === 'cent' ? unit : wholeUnits(accumulator, unit);
  if (due <= charged) return due;
  return shortfall === 'partial' ? charged : wholeUnits(charged, unit);
}

/** Toward −∞, to whole units: money that leaves us grows, money that comes shrinks. */
function wholeUnits(amount: MicroUsd, unit: MicroUsd): MicroUsd {
  return microUsd(toSafeNumber(divideExact(BigInt(amount), BigInt(unit), 'floor') * BigInt(unit)));
}

/** A charged fee that differs from the predicted one by more than this, per order, is a drift (docs/rules.md §2). */
const FEE_DRIFT_MAX: MicroUsd = CENT;

/** Whether the venue charged an order something else than we predicted: raises `FEE_DRIFT`. */
export function isFeeDrift(order: { readonly predicted: MicroUsd; readonly charged: MicroUsd }): boolean {
  return Math.abs(order.charged - order.predicted) > FEE_DRIFT_MAX;
}
