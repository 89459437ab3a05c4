/** What a signed pair of amounts means: a price and a size, and whether the venue takes such amounts. */
import type { Market, OrderType, TradeSide } from './model.ts';
import { decimalText, priceText, sizeText } from './numbers.ts';
import type { SignedOrder } from './order-wire.ts';

export interface Terms {
  readonly side: TradeSide;
  readonly priceE4: number;
  /** Exact, for messages: up to six decimals. */
  readonly price: string;
  readonly sizeE6: number;
  readonly cashMicro: number;
}

const HUNDREDTH = 10_000;

export function termsOf(signed: SignedOrder): Terms {
  const isBuy = signed.fields.side === 'BUY';
  const cashMicro = isBuy ? signed.makerAmount : signed.takerAmount;
  const sizeE6 = isBuy ? signed.takerAmount : signed.makerAmount;
  const exactE9 = (BigInt(cashMicro) * 1_000_000_000n + BigInt(sizeE6) / 2n) / BigInt(sizeE6);
  const nearest = (exactE9 + 50_000n) / 100_000n;
  return {
    side: signed.fields.side,
    priceE4: Number(nearest),
    price: decimalText((exactE9 + 500n) / 1000n, 6),
    sizeE6,
    cashMicro,
  };
}

export function isMarketType(type: OrderType): boolean {
  return type === 'FOK' || type === 'FAK';
}

/** The complaint that the venue would make, without its `order <id> is invalid.` */
export function tickComplaint(market: Pick<Market, 'tickE4'>, signed: SignedOrder): string | undefined {
  const terms = termsOf(signed);
  const { tickE4 } = market;
  const isInRange = terms.priceE4 >= tickE4 && terms.priceE4 <= 10_000 - tickE4;
  if (isInRange && terms.priceE4 % tickE4 === 0 && isThatPrice(terms, signed.type)) return undefined;
  return `Price (${terms.price}) breaks minimum tick size rule: ${priceText(tickE4)}`;
}

function isThatPrice({ cashMicro, sizeE6, priceE4 }: Terms, type: OrderType): boolean {
  const offBy = BigInt(cashMicro) * 10_000n - BigInt(sizeE6) * BigInt(priceE4);
  const distance = offBy < 0n ? -offBy : offBy;
  // Below a millionth of a dollar is rounding of the amount; above it the price itself is off the grid. FOK and FAK
  // amounts are cut by the client, so their quotient is the price only nearly.
  return distance < 10_000n || isMarketType(type);
}

/**
 * Dollars of a FOK or FAK must be whole cents on the side that is fixed. The other side may have four decimals by
 * the message, but as many as the tick's amounts have by what was accepted in 2026: five at 0.001, six at 0.0025.
 */
export function amountComplaint(market: Pick<Market, 'tickE4'>, signed: SignedOrder): string | undefined {
  if (!isMarketType(signed.type)) return undefined;
  const taker = 10 ** (6 - Math.max(4, decimalsOfTick(market.tickE4) + 2));
  if (signed.makerAmount % HUNDREDTH === 0 && signed.takerAmount % taker === 0) return undefined;
  const which = signed.fields.side === 'BUY' ? 'market buy' : 'sell';
  return `invalid amounts, the ${which} orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals`;
}

function decimalsOfTick(tickE4: number): number {
  return (priceText(tickE4).split('.')[1] ?? '').length;
}

export function sizeComplaint(market: Market, signed: SignedOrder): string | undefined {
  const { sizeE6 } = termsOf(signed);
  if (isMarketType(signed.type) || sizeE6 >= market.minSizeE6) return undefined;
  return `Size (${sizeText(sizeE6)}) lower than the minimum: ${sizeText(market.minSizeE6)}`;
}

const USD = 1_000_000;

export function minimumComplaint(terms: Terms): string | undefined {
  if (terms.side !== 'BUY' || terms.cashMicro >= USD) return undefined;
  return `invalid amount for a marketable BUY order ($${decimalText(terms.cashMicro, 6)}), min size: $1`;
}
