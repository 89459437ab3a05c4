/**
 * What a venue charges on one instrument, as read from the venue, and the fee of an order under it.
 *
 * Parameters are per market and change several times a year. A schedule therefore says where each
 * came from and when, and is stored with the fill that paid it; profit and loss is never recomputed
 * with later rates (docs/rules.md §2 to §4). A fee that is unknown is a refusal, never a default.
 */
import { unreachable } from '../invariant.ts';
import type { Level } from '../ports/market-data.ts';
import { type MicroUsd, type PriceE4, RATE_ONE, type RateE6 } from '../units.ts';
import { legacyBuyFloor, legacyBuyOrderFee, stressed, stressedFloor } from './fee-models.ts';
import { kalshiOrderFee, kalshiRateFloat } from './kalshi-fee.ts';
import { POLYMARKET_FEE_STEP, polymarketOrderFee } from './polymarket-fee.ts';

export type Role = 'taker' | 'maker';

/** The fee types that we can price. `flat`, absent and unknown ones are refused. */
export type KalshiFeeType = 'quadratic' | 'quadratic_with_maker_fees' | 'quadratic_with_combo_maker_fees';

/**
 * How Kalshi rounds for one account. Two versions of the venue's page exist, so each choice is
 * configuration, probed at start or reconciled against reported fees (docs/rules.md §19).
 */
export interface KalshiAccountTerms {
  /** Balances stay on this step: a cent for an ordinary account, $0.0001 for a direct member. */
  readonly precision: MicroUsd;
  /** The trade fee of a fill is rounded up to this step: $0.0001, or $0.000001 in the newer page. */
  readonly tradeFeeStep: MicroUsd;
  readonly accumulator: KalshiAccumulatorTerms;
}

export interface KalshiAccumulatorTerms {
  /** Whether exactly one unit of overpayment already comes back. */
  readonly threshold: 'strict' | 'inclusive';
  /** One cent at a time, or every whole unit of the precision. */
  readonly rebateUnit: 'cent' | 'precision';
  /** When a whole unit would make the net fee negative: keep it for a later fill, or give back what the fill paid. */
  readonly shortfall: 'defer' | 'partial';
}

export interface KalshiFees extends KalshiAccountTerms {
  readonly venue: 'kalshi';
  readonly feeType: KalshiFeeType;
  readonly multiplierE6: RateE6;
  /** The multiplier of maker fees. The series value unless configured otherwise (docs/rules.md §19). */
  readonly makerMultiplierE6: RateE6;
  /** Where each parameter came from, in words an operator can check. */
  readonly source: string;
  /** When it was read, in milliseconds since 1970. */
  readonly readAtMs: number;
  /** Some parameter did not come from the venue. */
  readonly assumed: boolean;
}

export interface PolymarketFees {
  readonly venue: 'polymarket';
  readonly rateE6: RateE6;
  /** The power of p(1 − p). A whole number; 1 on every market since 2026-03-30, but read. */
  readonly exponent: number;
  /** Whether makers pay nothing. */
  readonly takerOnly: boolean;
  /** The share of fees that makers get back daily: an estimate, never part of an entry edge. */
  readonly rebateRateE6: RateE6 | undefined;
  /** Extra, of the notional, when our orders carry a builder code; 0 otherwise. */
  readonly builderRateE6: RateE6;
  /** In shares on a BUY only in the first quarter of 2026 (backtests); in cash since. */
  readonly collected: 'cash' | 'sharesOnBuy';
  readonly source: string;
  readonly readAtMs: number;
  readonly assumed: boolean;
}

export type FeeSchedule = KalshiFees | PolymarketFees;

/** `legacy` reproduces design C's published examples and is refused in live mode; `stress` is real × 1.5. */
export type FeeModel = 'real' | 'legacy' | 'stress';

/** The fee of one order that lifts these levels, as known when it is decided. */
export type OrderFee = (levels: readonly Level[]) => MicroUsd;

export type FeeRefusal = 'UNSUPPORTED_FEE_TYPE' | 'UNSUPPORTED_FEE_EXPONENT' | 'FEE_UNKNOWN';

/** The outcome of reading a schedule. A refused instrument is not traded. */
export type FeeResolution<Fees extends FeeSchedule> =
  | { readonly kind: 'known'; readonly fees: Fees }
  | { readonly kind: 'refused'; readonly reason: FeeRefusal; readonly detail: string };

/** The decision-time fee of one taking order that buys these levels. */
export function takerFee(schedule: FeeSchedule, model: FeeModel): OrderFee {
  return orderFee(schedule, { role: 'taker', model });
}

/** The decision-time fee of one resting order that is filled at these levels. */
export function makerFee(schedule: FeeSchedule, model: FeeModel): OrderFee {
  return orderFee(schedule, { role: 'maker', model });
}

function orderFee(schedule: FeeSchedule, { role, model }: { readonly role: Role; readonly model: FeeModel }): OrderFee {
  switch (model) {
    case 'real':
      return realFee(schedule, role);
    case 'stress':
      return stressed(realFee(schedule, role));
    case 'legacy':
      return (levels) => legacyBuyOrderFee(schedule.venue, levels);
    default:
      return unreachable(model, 'fee model');
  }
}

function realFee(schedule: FeeSchedule, role: Role): OrderFee {
  switch (schedule.venue) {
    case 'kalshi':
      return (levels) => kalshiOrderFee(schedule, role, levels);
    case 'polymarket':
      return (levels) => polymarketOrderFee(schedule, role, levels);
    default:
      return unreachable(schedule, 'fee schedule');
  }
}

/** Larger than every rounding error of the handful of float products below, and far below any fee step. */
const FLOAT_SLACK = 1 - 1e-12;

/**
 * A lower bound of the taker fee per contract at a price, as a float that counts ten-thousandths
 * of a dollar: for screening only, never for a decision.
 *
 * It never exceeds the true fee of an order divided by its contracts. Kalshi rounds up, so its raw
 * fee is a bound at any size. Polymarket floors each level to $0.00001, so a level loses less than
 * that much of its raw fee: the bound gives up one step per contract, which covers every level of
 * one contract or more; pass `smallestLevelContracts` when the book has smaller ones to be lifted.
 */
export function feeFloorPerContract(
  schedule: FeeSchedule,
  price: PriceE4,
  model: FeeModel = 'real',
  smallestLevelContracts = 1,
): number {
  if (model === 'legacy') return legacyBuyFloor(schedule.venue, price) * FLOAT_SLACK;
  const floor = realFloor(schedule, price, smallestLevelContracts) * FLOAT_SLACK;
  return model === 'stress' ? stressedFloor(floor) * FLOAT_SLACK : floor;
}

function realFloor(schedule: FeeSchedule, price: PriceE4, smallestLevelContracts: number): number {
  const spread = (price * (10_000 - price)) / 100_000_000;
  if (schedule.venue === 'kalshi') return kalshiRateFloat(schedule, 'taker') * spread * 10_000;
  const raw = (schedule.rateE6 / RATE_ONE) * spread ** schedule.exponent * 10_000;
  const worth = schedule.collected === 'sharesOnBuy' ? (raw * price) / 10_000 : raw;
  const lostToRounding = POLYMARKET_FEE_STEP / 100 / smallestLevelContracts;
  return Math.max(0, worth - lostToRounding) + (schedule.builderRateE6 / RATE_ONE) * price;
}
