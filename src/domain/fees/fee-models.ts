/**
 * The two fee models that are not the venue's own: what design C published, kept to reproduce its
 * examples, and a stressed copy of the real one (docs/rules.md §4).
 */
import type { VenueName } from '../instrument.ts';
import type { Level } from '../ports/market-data.ts';
import {
  addUsd,
  complement,
  type MicroUsd,
  microUsd,
  mulDiv,
  notional,
  PRICE_ONE,
  type PriceE4,
  RATE_ONE,
  type RateE6,
  rateE6,
  subtractUsd,
} from '../units.ts';
import type { OrderFee } from './fee-schedule.ts';

const STRESS = rateE6(1_500_000);

/** Real × 1.5, rounded against us. */
export function stressed(real: OrderFee): OrderFee {
  return (levels) => microUsd(mulDiv(real(levels), STRESS, RATE_ONE, 'ceil'));
}

export function stressedFloor(real: number): number {
  return (real * STRESS) / RATE_ONE;
}

const LEGACY_POLYMARKET = rateE6(20_000);
const LEGACY_KALSHI_SALE = rateE6(70_000);
const LEGACY_KALSHI_SALE_MAX = microUsd(70_000);

/** Design C: 2 % of what a purchase on Polymarket costs; a purchase on Kalshi is free. */
export function legacyBuyOrderFee(venue: VenueName, levels: readonly Level[]): MicroUsd {
  if (venue === 'kalshi') return microUsd(0);
  const cost = addUsd(...levels.map((level) => notional(level.priceE4, level.sizeE6)));
  return microUsd(mulDiv(cost, LEGACY_POLYMARKET, RATE_ONE, 'ceil'));
}

/** The same per contract, as a float that counts ten-thousandths of a dollar. */
export function legacyBuyFloor(venue: VenueName, price: PriceE4): number {
  return venue === 'kalshi' ? 0 : (price * LEGACY_POLYMARKET) / RATE_ONE;
}

export interface LegacyTrade {
  readonly buyVenue: VenueName;
  readonly sellVenue: VenueName;
  readonly buyPriceE4: PriceE4;
  readonly sellPriceE4: PriceE4;
}

/**
 * Design C's fees of buying one contract at one venue and selling it at another, and what is left.
 * On the sale Polymarket takes 2 % and Kalshi 7 %, at most 7 cents, of 1 − price.
 */
export function legacyPerContract(trade: LegacyTrade): {
  readonly feeMicroUsd: MicroUsd;
  readonly netMicroUsd: MicroUsd;
} {
  const upside = complement(trade.sellPriceE4);
  const bought = trade.buyVenue === 'kalshi' ? microUsd(0) : perContract(trade.buyPriceE4, LEGACY_POLYMARKET);
  const sold =
    trade.sellVenue === 'kalshi'
      ? microUsd(Math.min(perContract(upside, LEGACY_KALSHI_SALE), LEGACY_KALSHI_SALE_MAX))
      : perContract(upside, LEGACY_POLYMARKET);
  const feeMicroUsd = addUsd(bought, sold);
  const gross = microUsd((trade.sellPriceE4 - trade.buyPriceE4) * 100);
  return { feeMicroUsd, netMicroUsd: subtractUsd(gross, feeMicroUsd) };
}

function perContract(price: PriceE4, rate: RateE6): MicroUsd {
  return microUsd(mulDiv(price, rate, PRICE_ONE, 'ceil'));
}
