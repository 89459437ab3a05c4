/** Fills of one incoming order, made into the venue's trades and into what each wallet gains and loses. */
import type { Random } from '../../domain/ports/random.ts';
import { type FeeSchedule, takerFee } from './fees.ts';
import { hash32, uuid } from './ids.ts';
import { bookPrice } from './mirror.ts';
import type { MakerFill, Market, Movement, Order, Token, Trade } from './model.ts';
import { cashOf, decimalText, priceText } from './numbers.ts';

export interface MatchedFill {
  readonly maker: Order;
  /** On the book's scale, that of the market's first token. */
  readonly bookPriceE4: number;
  readonly sizeE6: number;
}

export interface TradeTerms {
  readonly random: Random;
  readonly nowMs: number;
  readonly fee: FeeSchedule;
  readonly grouping: 'perPrice' | 'perMatch';
  readonly inlineHashes: boolean;
}

export function tradesOf(
  market: Market,
  taker: Order,
  matched: { readonly fills: readonly MatchedFill[]; readonly terms: TradeTerms },
): Trade[] {
  const byPrice = new Map<number, MatchedFill[]>();
  for (const fill of matched.fills) byPrice.set(fill.bookPriceE4, [...(byPrice.get(fill.bookPriceE4) ?? []), fill]);
  const groups = matched.terms.grouping === 'perPrice' ? [...byPrice.values()] : [[...matched.fills]];
  return groups
    .filter((fills) => fills.length > 0)
    .map((fills) => tradeOf(market, taker, { fills, terms: matched.terms }));
}

function tradeOf(
  market: Market,
  taker: Order,
  { fills, terms }: { readonly fills: readonly MatchedFill[]; readonly terms: TradeTerms },
): Trade {
  const parts = fills.map((fill) => fillOf(market, taker, fill));
  const sizeE6 = sum(parts.map((part) => part.maker.sizeE6));
  const cashMicro = sum(parts.map((part) => part.cashMicro));
  const feeMicro = feeOf(parts, terms.fee);
  const sign = taker.side === 'BUY' ? 1 : -1;
  const token = tokenOf(market, taker.tokenId);
  const takerMovement: Movement = {
    wallet: taker.wallet,
    cashMicro: -sign * cashMicro - feeMicro,
    tokenId: taker.tokenId,
    sharesE6: sign * sizeE6,
  };
  return {
    id: uuid(terms.random),
    takerOrderId: taker.id,
    takerOwner: taker.owner,
    takerWallet: taker.wallet,
    conditionId: market.conditionId,
    tokenId: taker.tokenId,
    outcome: token.outcome,
    side: taker.side,
    sizeE6,
    price: priceOfTrade(parts, { cashMicro, sizeE6 }),
    cashMicro,
    feeMicro,
    matchedAtMs: terms.nowMs,
    makers: parts.map(({ maker }) => maker),
    movements: [takerMovement, ...parts.map(({ movement }) => movement)],
    status: 'MATCHED',
    updatedAtMs: terms.nowMs,
    transactionHash: terms.inlineHashes ? hash32(terms.random) : '',
    isBooked: false,
  };
}

interface Part {
  readonly maker: MakerFill;
  readonly takerPriceE4: number;
  readonly cashMicro: number;
  readonly movement: Movement;
}

/**
 * One maker's part. A maker of the other token stands on the same side as the taker: two purchases pay for a new
 * pair, two sales give one back, and the maker's share of the dollar is whatever the taker's is not.
 */
function fillOf(market: Market, taker: Order, fill: MatchedFill): Part {
  const { maker: order, sizeE6 } = fill;
  const takerPriceE4 = bookPrice(market, taker.tokenId, fill.bookPriceE4);
  const cashMicro = cashOf(sizeE6, takerPriceE4);
  const isMirrored = order.tokenId !== taker.tokenId;
  const makerCash = isMirrored ? sizeE6 - cashMicro : cashMicro;
  const sign = order.side === 'BUY' ? 1 : -1;
  return {
    takerPriceE4,
    cashMicro,
    maker: {
      orderId: order.id,
      owner: order.owner,
      wallet: order.wallet,
      tokenId: order.tokenId,
      outcome: tokenOf(market, order.tokenId).outcome,
      side: order.side,
      priceE4: bookPrice(market, order.tokenId, fill.bookPriceE4),
      sizeE6,
    },
    movement: { wallet: order.wallet, cashMicro: -sign * makerCash, tokenId: order.tokenId, sharesE6: sign * sizeE6 },
  };
}

/** Cut off once per price level. */
function feeOf(parts: readonly Part[], fee: FeeSchedule): number {
  const sizes = new Map<number, number>();
  for (const part of parts) sizes.set(part.takerPriceE4, (sizes.get(part.takerPriceE4) ?? 0) + part.maker.sizeE6);
  return sum([...sizes].map(([priceE4, sizeE6]) => takerFee({ priceE4, sizeE6 }, fee)));
}

function priceOfTrade(parts: readonly Part[], whole: { readonly cashMicro: number; readonly sizeE6: number }): string {
  const prices = new Set(parts.map(({ takerPriceE4 }) => takerPriceE4));
  const [only] = prices;
  if (prices.size === 1 && only !== undefined) return priceText(only);
  return decimalText((BigInt(whole.cashMicro) * 1_000_000n) / BigInt(whole.sizeE6), 6);
}

export function tokenOf(market: Market, tokenId: string): Token {
  return market.tokens[0].tokenId === tokenId ? market.tokens[0] : market.tokens[1];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
