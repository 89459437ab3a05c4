/** How much of a book one order may take: within a venue's smallest order, its lots, its whole cents and a loss. */
import type { OrderRules } from '../edge/decide.ts';
import type { OrderFee } from '../fees/fee-schedule.ts';
import { gcd } from '../instrument.ts';
import type { Level } from '../ports/market-data.ts';
import { addUsd, type MicroUsd, microUsd, notional, type PriceE4, priceE4, type SizeE6, sizeE6 } from '../units.ts';

/** Size times price is a whole cent when it divides by this: a cent is 10,000 micro-dollars, a price counts 1/10,000. */
const WHOLE_CENT = 100_000_000;
const WHOLE_CENT_PRICE = 100;

export interface TakingRules extends OrderRules {
  /** Sizes are whole multiples of it. */
  readonly lotE6: SizeE6;
}

export interface TakingSide {
  readonly action: 'buy' | 'sell';
  /** What the order would meet, best first, in prices of its own outcome. */
  readonly levels: readonly Level[];
  readonly fee: OrderFee;
  readonly rules: TakingRules;
}

/** An order that takes at once, and what it moves if all of it fills at its limit. */
export interface Taking {
  readonly sizeE6: SizeE6;
  readonly limitE4: PriceE4;
  /** At the prices that are shown, the fee rounded as the venue does: positive leaves us. */
  readonly cashMicroUsd: MicroUsd;
  /** At the limit: what it may cost at worst. */
  readonly worstMicroUsd: MicroUsd;
}

export type TakingProblem =
  /** below the venue's smallest order, whatever the book shows */
  | 'tooSmall'
  /** nobody to trade with */
  | 'noDepth'
  /** somebody, beyond what it may cost */
  | 'tooDear';

/**
 * The largest order of at most `wanted` that the side takes and `isAffordable` allows. The bound is asked
 * about the limit price, because any part of the order may fill there.
 */
export function takeUpTo(
  side: TakingSide,
  wanted: SizeE6,
  isAffordable: (taking: Taking) => boolean,
): Taking | TakingProblem {
  if (wanted < Math.max(side.rules.minSizeE6, side.rules.lotE6)) return 'tooSmall';
  let [best, depth]: [Taking | undefined, number] = [undefined, 0];
  let isSmall = false;
  for (const level of side.levels) {
    depth += level.sizeE6;
    for (const limit of limitsAt(side, level.priceE4)) {
      const size = wholeSize(side.rules, Math.min(wanted, depth), limit);
      if (size === 0 || isBelowLeast(side.rules, size, limit)) {
        isSmall ||= depth >= wanted;
        continue;
      }
      const taking = largestAffordable(side, size, limit, isAffordable);
      if (taking !== undefined && taking.sizeE6 > (best?.sizeE6 ?? 0)) best = taking;
    }
    if (depth >= wanted) break;
  }
  if (best !== undefined) return best;
  if (side.levels.length === 0) return 'noDepth';
  return isSmall ? 'tooSmall' : 'tooDear';
}

/** Halving between what is affordable and what is not: a larger order at one limit never loses less. */
function largestAffordable(
  side: TakingSide,
  size: SizeE6,
  limit: PriceE4,
  isAffordable: (taking: Taking) => boolean,
): Taking | undefined {
  const whole = takingOf(side, size, limit);
  if (isAffordable(whole)) return whole;
  const step = stepOf(side.rules, limit);
  let [low, high, best] = [0, size / step, undefined as Taking | undefined];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const taking = takingOf(side, sizeE6(middle * step), limit);
    if (isAffordable(taking)) [low, best] = [middle, taking];
    else high = middle;
  }
  return best === undefined || isBelowLeast(side.rules, best.sizeE6, limit) ? undefined : best;
}

/** The level's own price, and where only whole cents fit, the next cent beyond it: coarser prices fit more sizes. */
function limitsAt({ action, rules }: TakingSide, price: PriceE4): readonly PriceE4[] {
  if (!rules.isWholeCent || price % WHOLE_CENT_PRICE === 0) return [price];
  const below = price - (price % WHOLE_CENT_PRICE);
  const beyond = action === 'buy' ? below + WHOLE_CENT_PRICE : below;
  return beyond > 0 && beyond < 10_000 ? [price, priceE4(beyond)] : [price];
}

function wholeSize(rules: TakingRules, size: number, limit: PriceE4): SizeE6 {
  return sizeE6(size - (size % stepOf(rules, limit)));
}

function stepOf({ lotE6, isWholeCent }: TakingRules, limit: PriceE4): number {
  return isWholeCent ? leastMultiple(lotE6, WHOLE_CENT / gcd(WHOLE_CENT, limit)) : lotE6;
}

function leastMultiple(a: number, b: number): number {
  return (a / gcd(a, b)) * b;
}

function isBelowLeast(rules: TakingRules, size: SizeE6, limit: PriceE4): boolean {
  return size < rules.minSizeE6 || notional(limit, size, 'floor') < rules.minNotionalMicroUsd;
}

function takingOf(side: TakingSide, size: SizeE6, limit: PriceE4): Taking {
  const taken = levelsFor(side.levels, size);
  const atLimit = [{ priceE4: limit, sizeE6: size }];
  const fee = side.fee(taken);
  return {
    sizeE6: size,
    limitE4: limit,
    cashMicroUsd: cashOf(side.action, taken, fee),
    worstMicroUsd: cashOf(side.action, atLimit, microUsd(Math.max(fee, side.fee(atLimit)))),
  };
}

/** The levels that an order of this size takes, the last one in part. */
export function levelsFor(levels: readonly Level[], size: SizeE6): readonly Level[] {
  const taken: Level[] = [];
  let left: number = size;
  for (const level of levels) {
    if (left <= 0) break;
    const part = Math.min(left, level.sizeE6);
    taken.push({ priceE4: level.priceE4, sizeE6: sizeE6(part) });
    left -= part;
  }
  return taken;
}

function cashOf(action: 'buy' | 'sell', levels: readonly Level[], fee: MicroUsd): MicroUsd {
  const rounding = action === 'buy' ? 'ceil' : 'floor';
  const traded = addUsd(...levels.map(({ priceE4: price, sizeE6: size }) => notional(price, size, rounding)));
  return microUsd((action === 'buy' ? traded : 0 - traded) + fee);
}
