/**
 * Kalshi's fee: `c · M · C · P · (1 − P)`, charged on entry and on exit, nothing at settlement or
 * for a cancel (Kalshi's fee schedule, September 2026; docs/rules.md §2). Here are the parameters that
 * apply at an instant and the fee of an order when it is decided; what is then billed fill by fill is
 * in `kalshi-billing.ts`.
 */
import type { Fraction } from '../fraction.ts';
import type { Level } from '../ports/market-data.ts';
import { addUsd, CENT, type MicroUsd, microUsd, RATE_ONE, type RateE6, rateE6 } from '../units.ts';
import { curveFee, rateProduct, roundToStep } from './exact-fee.ts';
import type { FeeResolution, KalshiAccountTerms, KalshiFees, KalshiFeeType, Role } from './fee-schedule.ts';

const TAKER_COEFFICIENT = rateE6(70_000);

/** By fee type. Almost every series charges makers nothing; combos charge them half of the taker's fee. */
const MAKER_COEFFICIENT: Readonly<Record<KalshiFeeType, RateE6>> = {
  quadratic: rateE6(0),
  quadratic_with_maker_fees: rateE6(17_500),
  quadratic_with_combo_maker_fees: rateE6(35_000),
};

/** An ordinary account under the page that its published examples follow: the defaults of docs/rules.md §19. */
export const KALSHI_ORDINARY_ACCOUNT: KalshiAccountTerms = {
  precision: CENT,
  tradeFeeStep: microUsd(100),
  accumulator: { threshold: 'strict', rebateUnit: 'cent', shortfall: 'defer' },
};

/** A self-clearing account under the newer page, which every recorded API account follows. */
export const KALSHI_DIRECT_MEMBER: KalshiAccountTerms = {
  precision: microUsd(100),
  tradeFeeStep: microUsd(1),
  accumulator: { threshold: 'inclusive', rebateUnit: 'precision', shortfall: 'defer' },
};

/** Fee parameters as one place of the venue states them; `undefined` where it says nothing. Zero is a value. */
export interface KalshiFeeFields {
  readonly feeType: string | undefined;
  readonly multiplierE6: RateE6 | undefined;
}

export interface ScheduledFeeChange extends KalshiFeeFields {
  readonly scheduledAtMs: number;
}

/** Everything the venue says about the fee of one market. Instants are milliseconds since 1970. */
export interface KalshiFeeReading {
  readonly series: KalshiFeeFields;
  readonly seriesChanges: readonly ScheduledFeeChange[];
  /** The overrides that the event carried when it was read. */
  readonly event: KalshiFeeFields;
  /** Scheduled changes of those overrides. An absent field clears an override. */
  readonly eventChanges: readonly ScheduledFeeChange[];
  /** The market's fee waiver counts before this instant. */
  readonly waivedUntilMs: number | undefined;
  readonly readAtMs: number;
}

export interface KalshiFeeOptions {
  readonly atMs: number;
  readonly terms: KalshiAccountTerms;
  /** `kalshi.makerMultiplier` of the configuration; `undefined` takes the series value. */
  readonly makerMultiplierE6: RateE6 | undefined;
}

interface Stated<Value> {
  readonly value: Value;
  readonly from: string;
}

/**
 * The parameters in force at an instant, field by field: the event's override, else the latest
 * scheduled change that has come into force, else the series; a waiver then sets the multiplier to 0.
 *
 * Refuses an unsupported or absent type even under a waiver, because a waiver can end before the exit.
 */
export function resolveKalshiFees(reading: KalshiFeeReading, options: KalshiFeeOptions): FeeResolution<KalshiFees> {
  const { atMs, terms, makerMultiplierE6 } = options;
  const feeType = inForce(reading, atMs, (fields) => fields.feeType);
  const multiplier = inForce(reading, atMs, (fields) => fields.multiplierE6);
  if (feeType === undefined || !isSupported(feeType.value)) {
    const found = feeType === undefined ? 'none' : `${JSON.stringify(feeType.value)} from the ${feeType.from}`;
    return {
      kind: 'refused',
      reason: 'UNSUPPORTED_FEE_TYPE',
      detail: `expected a quadratic fee type, found ${found}`,
    };
  }
  if (multiplier === undefined) {
    return { kind: 'refused', reason: 'FEE_UNKNOWN', detail: 'expected a fee multiplier, found none' };
  }
  const waived = reading.waivedUntilMs !== undefined && atMs < reading.waivedUntilMs;
  const effective = waived ? rateE6(0) : multiplier.value;
  return {
    kind: 'known',
    fees: {
      ...terms,
      venue: 'kalshi',
      feeType: feeType.value,
      multiplierE6: effective,
      makerMultiplierE6: waived ? effective : (makerMultiplierE6 ?? effective),
      source: `type from ${feeType.from}, multiplier from ${waived ? 'waiver' : multiplier.from}`,
      readAtMs: reading.readAtMs,
      assumed: makerMultiplierE6 !== undefined,
    },
  };
}

function isSupported(feeType: string): feeType is KalshiFeeType {
  return Object.hasOwn(MAKER_COEFFICIENT, feeType);
}

function inForce<Value>(
  reading: KalshiFeeReading,
  atMs: number,
  pick: (fields: KalshiFeeFields) => Value | undefined,
): Stated<Value> | undefined {
  // The event was read with its earlier changes already applied; only later ones replace what it carried.
  const eventChange = latest(
    reading.eventChanges.filter((change) => change.scheduledAtMs > reading.readAtMs),
    atMs,
  );
  const override = pick(eventChange ?? reading.event);
  if (override !== undefined) return { value: override, from: 'event' };
  const change = latest(
    reading.seriesChanges.filter((candidate) => pick(candidate) !== undefined),
    atMs,
  );
  const scheduled = change && pick(change);
  if (scheduled !== undefined) return { value: scheduled, from: 'scheduled change' };
  const base = pick(reading.series);
  return base === undefined ? undefined : { value: base, from: 'series' };
}

/** The change with the latest instant not after `atMs`; of equal instants, the last one listed. */
function latest(changes: readonly ScheduledFeeChange[], atMs: number): ScheduledFeeChange | undefined {
  let found: ScheduledFeeChange | undefined;
  for (const change of changes) {
    if (change.scheduledAtMs > atMs) continue;
    if (found === undefined || change.scheduledAtMs >= found.scheduledAtMs) found = change;
  }
  return found;
}

/** The fee before rounding, in micro-dollars. */
export function kalshiRawFee(fees: KalshiFees, role: Role, levels: readonly Level[]): Fraction {
  return curveFee(rateProduct(...ratesOf(fees, role)), levels);
}

/**
 * The fee of one order as decided: the exact sum over its levels, rounded up once to the account's
 * precision. Billing rounds fill by fill and gives back; see `kalshiFeeBound` for the worst case.
 */
export function kalshiOrderFee(fees: KalshiFees, role: Role, levels: readonly Level[]): MicroUsd {
  return roundToStep(kalshiRawFee(fees, role, levels), fees.precision, 'ceil');
}

/** What a gate may assume at worst: one unit of the precision more for every fill it expects (docs/rules.md §2). */
export function kalshiFeeBound(fees: KalshiFees, role: Role, levels: readonly Level[], fills: number): MicroUsd {
  return addUsd(kalshiOrderFee(fees, role, levels), microUsd(fees.precision * fills));
}

/** `c · M` as a float: for the screening bound only. */
export function kalshiRateFloat(fees: KalshiFees, role: Role): number {
  const [coefficient, multiplier] = ratesOf(fees, role);
  return (coefficient / RATE_ONE) * (multiplier / RATE_ONE);
}

function ratesOf(fees: KalshiFees, role: Role): readonly [RateE6, RateE6] {
  return role === 'taker'
    ? [TAKER_COEFFICIENT, fees.multiplierE6]
    : [MAKER_COEFFICIENT[fees.feeType], fees.makerMultiplierE6];
}
