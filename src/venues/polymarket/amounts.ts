/**
 * What an order's two amounts are, in whole millionths: money and shares. The venue rounds by a table that depends
 * on the tick (official client, July 2026), and checks orders that must match at once more strictly.
 */
import { formatDecimal } from '../../domain/decimal.ts';
import { invariant } from '../../domain/invariant.ts';
import { CENT, mulDiv, PRICE_ONE, type PriceE4, type SizeE6, sizeE6 } from '../../domain/units.ts';

/** Whole hundredths of a share: the finest size of an order on every tick. */
export const SIZE_STEP = 10_000;

/** The decimals of the money amount, by tick in ten-thousandths of a dollar. */
const AMOUNT_DECIMALS: ReadonlyMap<number, number> = new Map([
  [1_000, 3],
  [100, 4],
  [50, 5],
  [25, 6],
  [10, 5],
  [1, 6],
]);

/** Both amounts in millionths, as the order carries them. */
export interface OrderAmounts {
  /** What we give: money when buying, shares when selling. */
  readonly maker: number;
  /** What we get. */
  readonly taker: number;
}

export interface AmountTerms {
  readonly action: 'buy' | 'sell';
  readonly priceE4: PriceE4;
  readonly tickE4: number;
}

/** Whether the venue's table knows the tick. */
export function isKnownTick(tickE4: number): boolean {
  return AMOUNT_DECIMALS.has(tickE4);
}

/**
 * The amounts of an order for `size` shares at a limit. The size is cut to hundredths; at a price on the tick the
 * money is then exact, so nothing else is ever rounded.
 */
export function limitAmounts(terms: AmountTerms, size: SizeE6): OrderAmounts {
  checkOnTick(terms);
  const shares = size - (size % SIZE_STEP);
  const money = mulDiv(terms.priceE4, shares, PRICE_ONE, 'floor');
  invariant(
    money * PRICE_ONE === terms.priceE4 * shares || !Number.isSafeInteger(terms.priceE4 * shares),
    () =>
      `hundredths of a share at a price on the tick must cost whole millionths, found ${shares} at ${terms.priceE4}`,
  );
  return terms.action === 'buy' ? { maker: money, taker: shares } : { maker: shares, taker: money };
}

/**
 * The amounts of a market order as the official client builds them: a purchase is a budget in money, a sale a
 * number of shares. Given amounts are cut to hundredths, the other side to the tick's decimals, after rounding up
 * at four decimals more.
 */
export function marketAmounts(terms: AmountTerms, amountE6: number): OrderAmounts {
  checkOnTick(terms);
  const given = amountE6 - (amountE6 % SIZE_STEP);
  if (terms.action === 'sell') return limitAmounts(terms, sizeE6(given));
  const decimals = AMOUNT_DECIMALS.get(terms.tickE4) ?? 0;
  // Shares in 10^-(decimals + 4), rounded up, then cut to `decimals`, then in millionths.
  const scale = BigInt(PRICE_ONE) * 10n ** BigInt(decimals + 4);
  const numerator = BigInt(given) * scale;
  const divisor = BigInt(terms.priceE4) * 1_000_000n;
  const fine = (numerator + divisor - 1n) / divisor;
  const shares = (fine / 10_000n) * 10n ** BigInt(6 - decimals);
  return { maker: given, taker: sizeE6(Number(shares)) };
}

/**
 * Why the venue would refuse these amounts for an order that must match at once, or `undefined`: a purchase pays
 * whole cents; a sale brings at most four decimals of a dollar. On a tick of 0.001 sales with five are accepted
 * (seen by third parties in 2026; the venue's texts say four).
 */
export function immediateProblem(terms: AmountTerms, amounts: OrderAmounts): string | undefined {
  if (terms.action === 'buy') {
    if (amounts.maker % CENT === 0) return undefined;
    return `an order that must match at once pays whole cents, found ${dollars(amounts.maker)}`;
  }
  const step = terms.tickE4 === 10 ? 10 : 100;
  if (amounts.taker % step === 0) return undefined;
  return `a sale that must match at once brings at most ${step === 10 ? 5 : 4} decimals, found ${dollars(amounts.taker)}`;
}

function checkOnTick({ priceE4, tickE4 }: AmountTerms): void {
  invariant(isKnownTick(tickE4), () => `tick must be one of the venue's, found ${tickE4}`);
  invariant(
    priceE4 > 0 && priceE4 < PRICE_ONE && priceE4 % tickE4 === 0,
    () => `price must lie on tick ${tickE4} within 0..10000, found ${priceE4}`,
  );
}

function dollars(micro: number): string {
  return `$${formatDecimal(micro, 6, 2)}`;
}
