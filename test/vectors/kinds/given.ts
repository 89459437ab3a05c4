/** Reads the numbers of worked cases, which come as text or as plain numbers, into our units. */
import { requireDecimal } from '../../../src/domain/decimal.ts';
import {
  type MicroUsd,
  type Millis,
  microUsd,
  millis,
  type PriceE4,
  priceE4,
  type RateE6,
  rateE6,
  type SizeE6,
  sizeE6,
} from '../../../src/domain/units.ts';
import { type Ratio, ratio } from '../vector-file.ts';

export type Given = string | number;

export function givenUsd(value: Given): MicroUsd {
  return microUsd(requireDecimal(String(value), 6));
}

export function givenRate(value: Given): RateE6 {
  return rateE6(requireDecimal(String(value), 6));
}

export function givenSize(value: Given): SizeE6 {
  return sizeE6(requireDecimal(String(value), 6));
}

export function givenPrice(value: Given): PriceE4 {
  return priceE4(requireDecimal(String(value), 4));
}

/** Cents as dollars. */
export function givenCents(value: Given): MicroUsd {
  return microUsd(requireDecimal(String(value), 4));
}

/** Cents as a price. */
export function givenPriceCents(value: Given): PriceE4 {
  return priceE4(requireDecimal(String(value), 2));
}

export function givenMillis(value: Given, unitMs = 1): Millis {
  return millis(Number(value) * unitMs);
}

/** A float below 2^60 as a quotient, so that it is held against exactly as many digits as are expected. */
export function asRatio(value: number): Ratio {
  return ratio(BigInt(Math.round(value * 2 ** 60)), 2n ** 60n);
}
