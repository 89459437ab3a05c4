/**
 * One order book that matches by price, then by time, on whole numbers. Shared by the simulated venues,
 * which add what is theirs: accounts, collateral, fees, ids and words.
 *
 * How a venue uses it: one `MatchingBook` per market, on one price scale. A venue whose buyers of the
 * opposite outcome meet in the same book translates them to this scale itself (a buy of NO at q is an
 * `ask` at 1 - q). Every call returns what happened, in order, and changes nothing afterwards: no
 * callbacks, no clock, no randomness. Equal calls give equal results.
 *
 * A trade happens at the price of the order that rested. `hooks.permit` is asked before each fill and may
 * make it smaller and cancel one party: collateral, reduce-only makers and order groups live there.
 */
import type { PriceE4, SizeE6 } from '../../domain/units.ts';
import { Ladder, sizeOf } from './ladder.ts';
import { planSweep, type Sweep } from './sweep.ts';

export type Side = 'bid' | 'ask';

export type TimeInForce = 'fillOrKill' | 'immediateOrCancel' | 'goodTillCanceled' | 'goodTillDate';

/**
 * When an order meets one of its own owner: `takerAtCross` ends the incoming order there and keeps what it
 * filled before; `maker` cancels the resting order and goes on; `skip` passes over it, and the remainder may
 * then rest across it (for replayed books, which cross for moments).
 */
export type SelfTrade = 'takerAtCross' | 'maker' | 'skip';

/** The engine gives the first four; a caller may add words of its own in `cancel` and in `permit`. */
export type CancelReason = 'immediateOrCancel' | 'selfTrade' | 'expired' | 'reduceOnly' | (string & {});

export interface NewOrder<Owner, Id> {
  /** Never used before in this book. */
  readonly id: Id;
  readonly owner: Owner;
  readonly side: Side;
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
  readonly timeInForce: TimeInForce;
  /** For `goodTillDate`: `expire` cancels it from this instant on, on whatever scale the caller counts. */
  readonly expiresAt?: number | undefined;
  /** Rests or is refused. */
  readonly postOnly?: boolean | undefined;
  /** `takerAtCross` unless said otherwise. */
  readonly selfTrade?: SelfTrade | undefined;
  /**
   * The most that this order may take in all; what exceeds it is canceled as `reduceOnly` on arrival, and
   * fill-or-kill then means all of the rest.
   */
  readonly reduceOnlyCapE6?: SizeE6 | undefined;
  /** Carried for the caller's order groups; the engine itself only shows it. */
  readonly group?: string | undefined;
}

/** An order in the book. A view: it is replaced, never changed. */
export interface RestingOrder<Owner, Id> extends NewOrder<Owner, Id> {
  /** What is still open. `sizeE6` is what it was placed, or last amended, with. */
  readonly remainingE6: SizeE6;
  /** Grows with every order; lower is earlier. */
  readonly sequence: number;
}

export interface Fill<Owner, Id> {
  readonly maker: RestingOrder<Owner, Id>;
  readonly taker: NewOrder<Owner, Id>;
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
}

export interface ProposedFill<Owner, Id> extends Fill<Owner, Id> {
  /** Fills of the same incoming order that are decided but not applied yet. */
  readonly earlier: readonly Fill<Owner, Id>[];
}

/** At most the proposed size. Less than that must name who is canceled for it, or nothing could go on. */
export interface FillPermit {
  readonly sizeE6: SizeE6;
  readonly cancel?: { readonly party: 'maker' | 'taker'; readonly reason: CancelReason } | undefined;
}

export interface BookHooks<Owner, Id> {
  /** Pure: nothing it permits has happened yet, and a killed order's permits never happen. */
  permit?(proposed: ProposedFill<Owner, Id>): FillPermit;
}

export type BookEvent<Owner, Id> =
  /** first event of every order that is neither `killed` nor `refused` */
  | { readonly kind: 'accepted'; readonly order: NewOrder<Owner, Id> }
  | ({ readonly kind: 'filled' } & Fill<Owner, Id>)
  /** `sizeE6` is what was taken away; the order is gone unless `remainingE6` is left */
  | {
      readonly kind: 'canceled';
      readonly order: NewOrder<Owner, Id>;
      readonly sizeE6: SizeE6;
      readonly remainingE6: SizeE6;
      readonly reason: CancelReason;
    }
  /** fill-or-kill without enough volume: nothing at all has changed */
  | { readonly kind: 'killed'; readonly order: NewOrder<Owner, Id> }
  /** post-only that would cross: nothing at all has changed */
  | { readonly kind: 'refused'; readonly order: NewOrder<Owner, Id>; readonly reason: 'postOnlyWouldCross' }
  /** fills of the amended order follow */
  | { readonly kind: 'amended'; readonly order: RestingOrder<Owner, Id>; readonly keptPriority: boolean };

/** One change of one level, for feeds that publish changes. In order; several may concern one level. */
export interface LevelChange<Owner, Id> {
  readonly side: Side;
  readonly priceE4: PriceE4;
  /** Signed millionths of a contract. */
  readonly deltaE6: number;
  /** The new total at this price; 0 when the level is gone. */
  readonly sizeE6: SizeE6;
  /** Whose order caused it. */
  readonly owner: Owner;
  readonly id: Id;
}

export interface Level {
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
}

export interface Outcome<Owner, Id> {
  readonly events: readonly BookEvent<Owner, Id>[];
  readonly levels: readonly LevelChange<Owner, Id>[];
}

/** What became of the order itself. Both are 0 for one that was killed or refused. */
export interface Submission<Owner, Id> extends Outcome<Owner, Id> {
  readonly filledE6: SizeE6;
  readonly restingE6: SizeE6;
}

export interface Amendment {
  readonly priceE4: PriceE4;
  /** What shall be open afterwards; 0 cancels. */
  readonly remainingE6: SizeE6;
  /** Replaces the post-only wish of the order where given. */
  readonly postOnly?: boolean | undefined;
}

export class MatchingBook<Owner, Id> {
  readonly #hooks: BookHooks<Owner, Id>;
  readonly #sides: Readonly<Record<Side, Ladder<Owner, Id>>> = {
    bid: new Ladder<Owner, Id>('bid'),
    ask: new Ladder<Owner, Id>('ask'),
  };
  readonly #resting = new Map<Id, RestingOrder<Owner, Id>>();
  #sequence = 0;

  constructor(hooks: BookHooks<Owner, Id> = {}) {
    this.#hooks = hooks;
  }

  /** Matches, and rests or cancels what is left. Throws on an id that is in the book, and on a size or price of 0. */
  submit(order: NewOrder<Owner, Id>): Submission<Owner, Id> {
    if (this.#resting.has(order.id)) throw new Error(`order id ${String(order.id)} is already in the book`);
    if (!(order.sizeE6 > 0 && order.priceE4 > 0))
      throw new Error(`an order needs a size and a price, found ${order.sizeE6} at ${order.priceE4}`);
    const log = new Log<Owner, Id>();
    const capped = Math.min(order.sizeE6, order.reduceOnlyCapE6 ?? order.sizeE6);
    if (order.postOnly === true && this.wouldCross(order)) {
      log.events.push({ kind: 'refused', order, reason: 'postOnlyWouldCross' });
      return log.done(0, 0);
    }
    const sweep = planSweep(this.#opposite(order.side).inOrder(), order, capped, this.#hooks);
    if (order.timeInForce === 'fillOrKill' && sweep.filledE6 < capped) {
      log.events.push({ kind: 'killed', order });
      return log.done(0, 0);
    }
    log.events.push({ kind: 'accepted', order });
    if (capped < order.sizeE6) log.cancel(order, order.sizeE6 - capped, capped, 'reduceOnly');
    return this.#carryOut(order, capped, sweep, log);
  }

  /**
   * Keeps its place in the queue only when the price stays and the size does not grow. Anything else takes the
   * order out and brings it in again as new: it may cross and fill. Throws on an unknown id.
   */
  amend(id: Id, change: Amendment): Submission<Owner, Id> {
    const order = this.#require(id);
    if (change.remainingE6 <= 0) return { ...this.cancel(id, 'amended'), filledE6: sizeOf(0), restingE6: sizeOf(0) };
    const log = new Log<Owner, Id>();
    if (change.priceE4 === order.priceE4 && change.remainingE6 <= order.remainingE6) {
      const kept = { ...order, sizeE6: change.remainingE6, remainingE6: change.remainingE6 };
      this.#replace(order, kept, log);
      log.events.push({ kind: 'amended', order: kept, keptPriority: true });
      return log.done(0, kept.remainingE6);
    }
    const again: NewOrder<Owner, Id> = {
      ...order,
      priceE4: change.priceE4,
      sizeE6: change.remainingE6,
      postOnly: change.postOnly ?? order.postOnly,
    };
    if (again.postOnly === true && this.wouldCross(again)) {
      log.events.push({ kind: 'refused', order: again, reason: 'postOnlyWouldCross' });
      return log.done(0, order.remainingE6);
    }
    this.#remove(order, log);
    const moved = { ...again, remainingE6: again.sizeE6, sequence: this.#sequence + 1 };
    log.events.push({ kind: 'amended', order: moved, keptPriority: false });
    const sweep = planSweep(this.#opposite(again.side).inOrder(), again, again.sizeE6, this.#hooks);
    return this.#carryOut(again, again.sizeE6, sweep, log);
  }

  /** Takes `sizeE6` (all of it unless said) out of an order; its place in the queue stays. Throws on an unknown id. */
  cancel(id: Id, reason: CancelReason, sizeE6?: SizeE6): Outcome<Owner, Id> {
    const order = this.#require(id);
    const log = new Log<Owner, Id>();
    this.#takeOut(order, Math.min(sizeE6 ?? order.remainingE6, order.remainingE6), reason, log);
    return log.done(0, 0);
  }

  /** In the order in which they arrived. */
  cancelWhere(holds: (order: RestingOrder<Owner, Id>) => boolean, reason: CancelReason): Outcome<Owner, Id> {
    const log = new Log<Owner, Id>();
    for (const order of this.orders()) if (holds(order)) this.#takeOut(order, order.remainingE6, reason, log);
    return log.done(0, 0);
  }

  /** Cancels good-till-date orders whose instant has come. Until this is called they trade on. */
  expire(now: number): Outcome<Owner, Id> {
    return this.cancelWhere(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now, 'expired');
  }

  get(id: Id): RestingOrder<Owner, Id> | undefined {
    return this.#resting.get(id);
  }

  /** Every resting order, earliest first. */
  orders(): RestingOrder<Owner, Id>[] {
    return [...this.#resting.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** Best first. */
  levels(side: Side): readonly Level[] {
    return this.#sides[side].levels();
  }

  /** The queue at one price, first to last. */
  queue(side: Side, priceE4: PriceE4): readonly RestingOrder<Owner, Id>[] {
    return this.#sides[side].queue(priceE4);
  }

  best(side: Side): Level | undefined {
    return this.#sides[side].best();
  }

  /** Contracts that trade before this order does: better prices, and earlier orders at its own. */
  aheadE6(id: Id): SizeE6 | undefined {
    const order = this.#resting.get(id);
    return order === undefined ? undefined : this.#sides[order.side].aheadE6(order);
  }

  /** Whether an order at this price would meet any resting order, of whoever. */
  wouldCross(order: Pick<NewOrder<Owner, Id>, 'side' | 'priceE4'>): boolean {
    const best = this.#opposite(order.side).best();
    if (best === undefined) return false;
    return order.side === 'bid' ? best.priceE4 <= order.priceE4 : best.priceE4 >= order.priceE4;
  }

  #opposite(side: Side): Ladder<Owner, Id> {
    return this.#sides[side === 'bid' ? 'ask' : 'bid'];
  }

  #carryOut(
    order: NewOrder<Owner, Id>,
    wanted: number,
    sweep: Sweep<Owner, Id>,
    log: Log<Owner, Id>,
  ): Submission<Owner, Id> {
    for (const step of sweep.steps) {
      const maker = this.#require(step.maker.id);
      if (step.kind === 'cancelMaker') {
        this.#takeOut(maker, maker.remainingE6, step.reason, log);
        continue;
      }
      log.events.push({ kind: 'filled', maker, taker: order, priceE4: maker.priceE4, sizeE6: step.sizeE6 });
      this.#replace(maker, { ...maker, remainingE6: sizeOf(maker.remainingE6 - step.sizeE6) }, log);
    }
    const left = wanted - sweep.filledE6;
    if (left === 0) return log.done(sweep.filledE6, 0);
    const rests = order.timeInForce === 'goodTillCanceled' || order.timeInForce === 'goodTillDate';
    if (sweep.stopped !== undefined || !rests) {
      log.cancel(order, left, 0, sweep.stopped ?? 'immediateOrCancel');
      return log.done(sweep.filledE6, 0);
    }
    this.#rest({ ...order, remainingE6: sizeOf(left), sequence: ++this.#sequence }, log);
    return log.done(sweep.filledE6, left);
  }

  #require(id: Id): RestingOrder<Owner, Id> {
    const order = this.#resting.get(id);
    if (order === undefined) throw new Error(`order ${String(id)} is not in the book`);
    return order;
  }

  #rest(order: RestingOrder<Owner, Id>, log: Log<Owner, Id>): void {
    this.#resting.set(order.id, order);
    log.level(order, order.remainingE6, this.#sides[order.side].add(order));
  }

  #takeOut(order: RestingOrder<Owner, Id>, sizeE6: number, reason: CancelReason, log: Log<Owner, Id>): void {
    const left = order.remainingE6 - sizeE6;
    log.cancel(order, sizeE6, left, reason);
    this.#replace(order, { ...order, remainingE6: sizeOf(left) }, log);
  }

  #remove(order: RestingOrder<Owner, Id>, log: Log<Owner, Id>): void {
    this.#replace(order, { ...order, remainingE6: sizeOf(0) }, log);
  }

  /** The same order with another remainder; one without a remainder leaves. */
  #replace(from: RestingOrder<Owner, Id>, to: RestingOrder<Owner, Id>, log: Log<Owner, Id>): void {
    if (to.remainingE6 > 0) this.#resting.set(to.id, to);
    else this.#resting.delete(to.id);
    const total = this.#sides[from.side].replace(from, to);
    log.level(from, to.remainingE6 - from.remainingE6, total);
  }
}

/** What happened during one call. */
class Log<Owner, Id> {
  readonly events: BookEvent<Owner, Id>[] = [];
  readonly levels: LevelChange<Owner, Id>[] = [];

  cancel(order: NewOrder<Owner, Id>, size: number, remaining: number, reason: CancelReason): void {
    this.events.push({ kind: 'canceled', order, sizeE6: sizeOf(size), remainingE6: sizeOf(remaining), reason });
  }

  level(order: RestingOrder<Owner, Id>, deltaE6: number, total: SizeE6): void {
    if (deltaE6 === 0) return;
    const { side, priceE4, owner, id } = order;
    this.levels.push({ side, priceE4, deltaE6, sizeE6: total, owner, id });
  }

  done(filled: number, resting: number): Submission<Owner, Id> {
    return { events: this.events, levels: this.levels, filledE6: sizeOf(filled), restingE6: sizeOf(resting) };
  }
}
