/** Orders meet here: taker delay, matching, what becomes of what is left, and what everybody is told. */
import type { Clock, Timer } from '../../domain/ports/clock.ts';
import type { Random } from '../../domain/ports/random.ts';
import { type Fault, type FaultPlace, type FaultRack, faultNumber } from '../faults.ts';
import type { BookEvent, CancelReason, Outcome, ProposedFill, Submission } from '../matching/engine.ts';
import { takerFee } from './fees.ts';
import { hash32 } from './ids.ts';
import type { Ledger } from './ledger.ts';
import { bookPrice, MirrorBooks } from './mirror.ts';
import type { Market, Order, OrderStatus, Trade } from './model.ts';
import { cashOf } from './numbers.ts';
import type { PolymarketSettings } from './options.ts';
import type { Publisher } from './publisher.ts';
import type { Settlement } from './settlement.ts';
import type { Store } from './store.ts';
import { isMarketType } from './terms.ts';
import { type MatchedFill, tradesOf } from './trades.ts';

export interface ExchangeParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly settlement: Settlement;
  readonly faults: FaultRack;
  readonly settings: PolymarketSettings;
  readonly publisher: Publisher;
  readonly nowMs: () => number;
}

const FOK_KILLED = "order couldn't be fully filled. FOK orders are fully filled or killed.";
const FAK_KILLED =
  'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.';

export type Placement =
  | { readonly kind: 'live' | 'delayed' }
  | { readonly kind: 'matched'; readonly trades: readonly Trade[] }
  | { readonly kind: 'killed'; readonly text: string };

const EXPIRY_MARGIN_S = 60;
const DAY_MS = 86_400_000;
/** Wider than the price limits where a rich order becomes 0.001 (seen live at 0.96 and 0.04). */
const EDGES_E4 = { low: 400, high: 9_600, coarse: 100, fine: 10 } as const;

export class Exchange {
  readonly books: MirrorBooks;
  readonly #parts: ExchangeParts;
  readonly #waiting = new Map<string, Timer>();

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.books = new MirrorBooks({
      selfTrade: parts.settings.selfTrade,
      hooks: { permit: (proposed) => this.#permit(proposed) },
    });
  }

  /** The order has passed every check. */
  place(order: Order): Placement {
    const market = this.#parts.store.market(order.conditionId);
    const context = this.#contextOf(order);
    this.#parts.store.orders.set(order.id, order);
    const fees = this.#parts.faults.strike('O22', context);
    if (fees !== undefined) market.fee = { ...market.fee, rateE6: faultNumber(fees, 'rateE6', 0) };
    const delay = this.#parts.faults.strike('O19', context);
    const waitMs = delay === undefined ? market.takerDelayMs : faultNumber(delay, 'delayMs', 3_000);
    if (order.expiration > 0) this.#expireLater(order);
    if (waitMs > 0 && this.isMarketable(market, order)) return this.#delay(order, waitMs);
    return this.#execute(market, order);
  }

  /** The venue lets go a minute before the stamp, and reports it as a cancellation. */
  #expireLater(order: Order): void {
    if (order.status !== 'LIVE' && order.status !== 'DELAYED') return;
    const { clock, nowMs, settings } = this.#parts;
    const inMs = (order.expiration - EXPIRY_MARGIN_S) * 1000 - nowMs() + settings.expirySweepLagMs;
    // Timers of a real clock hold 24 days at most; an expiration may lie years ahead.
    clock.setTimeout(
      () => {
        if (inMs > DAY_MS) this.#expireLater(order);
        else this.cancel(order.id, { status: 'CANCELED', reason: 'expired' });
      },
      Math.min(Math.max(0, inMs), DAY_MS),
    );
  }

  isMarketable(market: Market, order: Pick<Order, 'tokenId' | 'side' | 'priceE4' | 'type'>): boolean {
    return isMarketType(order.type) || this.books.wouldCross(market, order);
  }

  /** False when there is nothing left to cancel. */
  cancel(orderId: string, why: { readonly status: OrderStatus; readonly reason: CancelReason }): boolean {
    const order = this.#parts.store.orders.get(orderId);
    if (order === undefined || !isOpen(order)) return false;
    const market = this.#parts.store.market(order.conditionId);
    const waiting = this.#waiting.get(orderId);
    if (waiting !== undefined) {
      this.#parts.clock.clearTimeout(waiting);
      this.#waiting.delete(orderId);
    }
    const late = this.#parts.faults.strike('O11', this.#contextOf(order));
    const outcome = late === undefined ? this.books.cancel(market, orderId, why.reason) : undefined;
    order.status = why.status;
    if (outcome !== undefined) this.#announceLevels(market, order.tokenId, outcome);
    this.#parts.publisher.orderChanged(order, { type: 'CANCELLATION' });
    if (late !== undefined) this.#fillLater(market, order, late);
    return true;
  }

  /** Dollars, or shares of the token, that resting orders of a wallet hold back. */
  reserved(wallet: string, what: { readonly tokenId?: string }): number {
    let sum = 0;
    for (const order of this.#parts.store.orders.values()) {
      if (!isOpen(order) || order.wallet.toLowerCase() !== wallet.toLowerCase()) continue;
      const left = Math.max(0, order.sizeE6 - order.matchedE6);
      if (what.tokenId === undefined && order.side === 'BUY')
        sum += order.budgetMicro ?? left - cashOf(left, 10_000 - order.priceE4);
      if (order.side === 'SELL' && order.tokenId === what.tokenId) sum += left;
    }
    return sum;
  }

  #delay(order: Order, waitMs: number): Placement {
    order.status = 'DELAYED';
    const timer = this.#parts.clock.setTimeout(() => {
      this.#waiting.delete(order.id);
      const market = this.#parts.store.market(order.conditionId);
      if (market.closed) return;
      order.status = 'LIVE';
      this.#execute(market, order, { wasDelayed: true });
    }, waitMs);
    this.#waiting.set(order.id, timer);
    this.#parts.publisher.orderChanged(order, { type: 'PLACEMENT' });
    return { kind: 'delayed' };
  }

  #execute(market: Market, order: Order, { wasDelayed = false } = {}): Placement {
    const wanted = this.#wanted(market, order);
    if (wanted === undefined || wanted.sizeE6 === 0) return this.#kill(order, wasDelayed);
    const isPartial = wanted.sizeE6 !== order.sizeE6 && order.budgetMicro === undefined;
    const submission = this.books.submit(
      market,
      order,
      wanted.sizeE6,
      isPartial && order.type === 'FOK' ? 'immediateOrCancel' : undefined,
    );
    if (submission.filledE6 === 0 && submission.restingE6 === 0) {
      this.#settleMakers(submission);
      this.#announceLevels(market, order.tokenId, submission);
      return this.#kill(order, wasDelayed);
    }
    return this.#carryOut(market, order, submission);
  }

  /** Undefined: a FOK that cannot be filled whole. Faults of the catalogue bend the size here. */
  #wanted(market: Market, order: Order): { readonly sizeE6: number } | undefined {
    const { faults } = this.#parts;
    const context = this.#contextOf(order);
    if (faults.strike('O6', context) !== undefined || faults.strike('O7', context) !== undefined) return undefined;
    let sizeE6 = order.sizeE6;
    if (order.budgetMicro !== undefined) {
      const bought = this.books.budget(market, order, order.budgetMicro);
      if (order.type === 'FOK' && bought.unspentMicro > 0) return undefined;
      sizeE6 = bought.sizeE6;
    }
    const partial = faults.strike('O8', context);
    if (partial !== undefined) sizeE6 = Math.floor(sizeE6 * faultNumber(partial, 'share', 0.5));
    const fraction = faults.strike('O16', context);
    if (fraction !== undefined) sizeE6 = Math.max(1, sizeE6 - faultNumber(fraction, 'missingE6', 2_286));
    const over = faults.strike('O17', context);
    if (over !== undefined) sizeE6 = Math.ceil(sizeE6 * faultNumber(over, 'share', 1.1));
    return { sizeE6 };
  }

  #carryOut(market: Market, order: Order, submission: Submission<string, string>): Placement {
    const trades = this.#trade(market, order, submission);
    order.matchedE6 += submission.filledE6;
    order.tradeIds.push(...trades.map(({ id }) => id));
    const rests = submission.restingE6 > 0;
    order.status = rests ? 'LIVE' : submission.filledE6 > 0 ? 'MATCHED' : 'CANCELED';
    if (rests) this.#parts.publisher.orderChanged(order, { type: 'PLACEMENT' });
    else if (trades.length > 0) this.#parts.publisher.orderChanged(order, { type: 'UPDATE' });
    this.#settleMakers(submission, trades);
    this.#announceLevels(market, order.tokenId, submission);
    if (trades.length === 0) return { kind: 'live' };
    for (const trade of trades) this.#parts.publisher.tradeChanged(trade);
    this.#parts.publisher.traded(market, trades);
    for (const trade of trades) this.#parts.settlement.start(trade);
    this.#moveTick(market);
    return { kind: 'matched', trades };
  }

  #trade(market: Market, order: Order, submission: Submission<string, string>): Trade[] {
    const { store, random, settings, faults, nowMs } = this.#parts;
    const fills = submission.events.flatMap((event): MatchedFill[] => {
      if (event.kind !== 'filled') return [];
      const maker = store.orders.get(event.maker.id);
      return maker === undefined ? [] : [{ maker, bookPriceE4: event.priceE4, sizeE6: event.sizeE6 }];
    });
    const bent = fills.length === 0 ? undefined : faults.strike('O15', this.#contextOf(order));
    const better = bent === undefined ? 0 : faultNumber(bent, 'improvementE4', 0);
    const rateE6 = bent === undefined ? market.fee.rateE6 : faultNumber(bent, 'rateE6', market.fee.rateE6);
    const fee = { ...market.fee, rateE6 };
    const isFirst = market.tokens[0].tokenId === order.tokenId;
    const shift = (order.side === 'BUY') === isFirst ? -better : better;
    const trades = tradesOf(market, order, {
      fills: fills.map((fill) => ({ ...fill, bookPriceE4: Math.min(9_999, Math.max(1, fill.bookPriceE4 + shift)) })),
      terms: { random, nowMs: nowMs(), fee, grouping: settings.tradeGrouping, inlineHashes: settings.inlineHashes },
    });
    for (const trade of trades) store.trades.set(trade.id, trade);
    const last = fills.at(-1);
    if (last !== undefined) {
      market.lastTradeE4 = last.bookPriceE4;
      market.lastTradeAtMs = nowMs();
    }
    return trades;
  }

  /** Makers that were filled, or that the book took out on the way. */
  #settleMakers(submission: Submission<string, string>, trades: readonly Trade[] = []): void {
    for (const event of submission.events) {
      const maker = makerOf(event, submission);
      const order = maker === undefined ? undefined : this.#parts.store.orders.get(maker.id);
      if (maker === undefined || order === undefined) continue;
      if (event.kind === 'filled') this.#fillMaker(order, event.sizeE6, trades);
      else {
        order.status = maker.reason === 'balance' ? 'INVALID' : 'CANCELED';
        this.#parts.publisher.orderChanged(order, { type: 'CANCELLATION' });
      }
    }
  }

  #fillMaker(order: Order, sizeE6: number, trades: readonly Trade[]): void {
    order.matchedE6 += sizeE6;
    if (order.matchedE6 >= order.sizeE6 && order.status === 'LIVE') order.status = 'MATCHED';
    const own = trades.filter(({ makers }) => makers.some(({ orderId }) => orderId === order.id));
    for (const { id } of own) if (!order.tradeIds.includes(id)) order.tradeIds.push(id);
    this.#parts.publisher.orderChanged(order, { type: 'UPDATE' });
    if (order.owner === HOUSE.owner && !isOpen(order)) this.#parts.store.orders.delete(order.id);
  }

  /** FOK and FAK without a fill, and delayed orders that found nobody: the words stand in the status, as seen in 2026. */
  #kill(order: Order, wasDelayed: boolean): Placement {
    const text = order.type === 'FAK' ? FAK_KILLED : FOK_KILLED;
    order.status = wasDelayed ? 'UNMATCHED' : 'CANCELED';
    this.#parts.publisher.orderChanged(order, { type: 'CANCELLATION', ...(wasDelayed ? {} : { text }) });
    return { kind: 'killed', text };
  }

  /** A maker whose money has gone meanwhile is dropped instead of filled. */
  #permit({ maker, sizeE6, priceE4, earlier }: ProposedFill<string, string>): {
    readonly sizeE6: typeof sizeE6;
    readonly cancel?: { readonly party: 'maker'; readonly reason: CancelReason };
  } {
    const { ledger, store } = this.#parts;
    const order = store.orders.get(maker.id);
    if (order === undefined || ledger.account(order.wallet).isUnlimited) return { sizeE6 };
    const market = store.market(order.conditionId);
    const costs = (fill: { readonly sizeE6: number; readonly priceE4: number }): number =>
      order.side === 'BUY' ? cashOf(fill.sizeE6, bookPrice(market, order.tokenId, fill.priceE4)) : fill.sizeE6;
    const isLike = (id: string): boolean => {
      const other = store.orders.get(id);
      return other?.side === order.side && other.tokenId === order.tokenId;
    };
    const same = earlier.filter((fill) => fill.maker.owner === maker.owner && isLike(fill.maker.id));
    const held =
      order.side === 'BUY'
        ? ledger.uncommittedCash(order.wallet)
        : ledger.uncommittedShares(order.wallet, order.tokenId);
    const has = held - same.reduce((sum, fill) => sum + costs(fill), 0);
    const needs = costs({ sizeE6, priceE4 });
    const none = 0 as typeof sizeE6;
    return has >= needs ? { sizeE6 } : { sizeE6: none, cancel: { party: 'maker', reason: 'balance' } };
  }

  #announceLevels(market: Market, tokenId: string, { levels }: Outcome<string, string>): void {
    if (levels.length === 0) return;
    market.bookChangedAtMs = this.#parts.nowMs();
    this.#parts.publisher.levelsChanged(market, { tokenId, levels });
  }

  #moveTick(market: Market): void {
    const last = market.lastTradeE4 ?? 5_000;
    if (market.tickE4 !== EDGES_E4.coarse || (last <= EDGES_E4.high && last >= EDGES_E4.low)) return;
    market.tickE4 = EDGES_E4.fine;
    this.#parts.publisher.tickChanged(market, EDGES_E4.coarse);
  }

  /** The cancel was acknowledged, and yet the order is filled a moment later. */
  #fillLater(market: Market, order: Order, fault: Fault): void {
    const { clock, random, nowMs } = this.#parts;
    clock.setTimeout(
      () => {
        const left = this.books.remainingE6(market, order.id);
        if (left === 0) return;
        const sizeE6 = Math.min(left, faultNumber(fault, 'sizeE6', left));
        this.place({
          id: hash32(random),
          owner: HOUSE.owner,
          wallet: HOUSE.wallet,
          conditionId: order.conditionId,
          tokenId: order.tokenId,
          side: order.side === 'BUY' ? 'SELL' : 'BUY',
          type: 'FAK',
          postOnly: false,
          priceE4: order.priceE4,
          sizeE6,
          budgetMicro: undefined,
          expiration: 0,
          createdAtMs: nowMs(),
          matchedE6: 0,
          status: 'LIVE',
          tradeIds: [],
        });
        const rest = this.books.cancel(market, order.id, 'late');
        if (rest !== undefined) this.#announceLevels(market, order.tokenId, rest);
      },
      faultNumber(fault, 'delayMs', 200),
    );
  }

  #contextOf(order: Order): FaultPlace {
    return placeOf(order);
  }
}

/** Whoever gives the market its depth: never without money or shares. */
export const HOUSE = {
  owner: '99999999-0000-4000-8000-000000000002',
  wallet: '0x9999999999999999999999999999999999999999',
} as const;

export function isOpen(order: Order): boolean {
  return order.status === 'LIVE' || order.status === 'DELAYED';
}

/** Where a fault finds an order: its type, its side as the step, its wallet as the account. */
export function placeOf(order: Pick<Order, 'conditionId' | 'type' | 'side' | 'wallet'>): FaultPlace {
  return { market: order.conditionId, type: order.type, step: order.side, account: order.wallet };
}

/** The most a marketable order could pay on top of its amount. */
export function feeAtMost(market: Market, order: Pick<Order, 'sizeE6' | 'priceE4'>): number {
  return takerFee(order, market.fee);
}

function makerOf(
  event: BookEvent<string, string>,
  submission: Submission<string, string>,
): { readonly id: string; readonly reason?: CancelReason } | undefined {
  if (event.kind === 'filled') return { id: event.maker.id };
  const taker = submission.events.find(({ kind }) => kind === 'accepted');
  const takerId = taker?.kind === 'accepted' ? taker.order.id : undefined;
  return event.kind === 'canceled' && event.order.id !== takerId
    ? { id: event.order.id, reason: event.reason }
    : undefined;
}
