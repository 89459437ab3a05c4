/**
 * Where paper orders meet the live book: what is refused, what is filled, what rests. It knows no time but the
 * instant at which it is asked, and nothing of how long an order was on its way.
 */
import type { Book } from '../../domain/book/book.ts';
import type { FeeSchedule, OrderFee, Role } from '../../domain/fees/fee-schedule.ts';
import { type BookId, type Instrument, instrumentId } from '../../domain/instrument.ts';
import type { Level } from '../../domain/ports/market-data.ts';
import type { Random } from '../../domain/ports/random.ts';
import type { Fill, Listing, OrderRefusal, OrderRequest, Refused } from '../../domain/ports/venue.ts';
import {
  addUsd,
  type Micros,
  type MicroUsd,
  microUsd,
  notional,
  type PriceE4,
  type SizeE6,
  sizeE6,
  subtractUsd,
} from '../../domain/units.ts';
import { type FillModel, isWithin, reachedSize, takeable } from './fill-model.ts';
import type { PaperAccount } from './paper-account.ts';
import { endOrder, fillOrder, mayRest, type PaperOrder } from './paper-order.ts';
import { LOT, refused } from './paper-rules.ts';
import { TakenLevels } from './taken-levels.ts';

export interface DeskGiven {
  readonly account: PaperAccount;
  readonly model: FillModel;
  readonly random: Random;
  readonly feeOf: (schedule: FeeSchedule, role: Role) => OrderFee;
  readonly newId: () => string;
}

/** What an order meets when it arrives. */
export interface Arrival {
  readonly request: OrderRequest;
  readonly listing: Listing;
  readonly book: Book | undefined;
  readonly tripMs: number;
  readonly nowMs: number;
  readonly now: Micros;
}

export type Placement =
  | Refused<OrderRefusal>
  | {
      readonly kind: 'placed';
      readonly order: PaperOrder;
      readonly fills: readonly Fill[];
      /** When it was placed; it may be filled before anybody hears of it. */
      readonly restingE6: SizeE6;
    };

interface Match {
  readonly role: Role;
  readonly listing: Listing;
  readonly now: Micros;
}

export class PaperDesk {
  readonly #given: DeskGiven;
  readonly #taken = new TakenLevels();
  readonly #orders = new Map<string, PaperOrder>();

  constructor(given: DeskGiven) {
    this.#given = given;
  }

  orders(): readonly PaperOrder[] {
    return [...this.#orders.values()];
  }

  find(venueOrderId: string): PaperOrder | undefined {
    return this.#orders.get(venueOrderId);
  }

  resting(book?: BookId): readonly PaperOrder[] {
    return this.orders().filter(
      ({ standing, request }) => standing === 'resting' && (book === undefined || request.instrument.book === book),
    );
  }

  place(arrival: Arrival): Placement {
    const { request, listing, book, now } = arrival;
    if (listing.closesAt !== undefined && listing.closesAt <= now) return refused('marketClosed', 'the market closed');
    if (book === undefined || !isTradable(book))
      return refused('venuePaused', `the live book ${request.instrument.book} must be live and uncrossed`);
    const wantedE6 = this.#allowed(request);
    if (wantedE6 === 0) return refused('invalidOrder', `an order that only reduces must find a position, found none`);
    const short = this.#shortage(request, listing, wantedE6);
    if (short !== undefined) return refused('insufficientBalance', short);
    const displayed = this.#displayed(book, request);
    if (request.postOnly && displayed.some((level) => isWithin(level.priceE4, request)))
      return refused('postOnlyWouldCross', `the best opposite price is ${displayed[0]?.priceE4}`);
    const levels = this.#take(arrival, displayed, wantedE6);
    const filled = total(levels);
    if (request.timeInForce === 'fillOrKill' && filled < wantedE6)
      return refused('killed', `expected ${wantedE6} millionths within the limit, found ${filled}`);
    if (!mayRest(request) && filled === 0) return refused('killed', 'nothing could be had within the limit');
    this.#taken.take(request.instrument, sideOf(request), displayedOf(book, request), filled);
    return this.#book(arrival, levels, wantedE6);
  }

  /** Resting orders of a book whose prices may have been reached. */
  look(
    book: Book,
    listing: Listing,
    at: { readonly nowMs: number; readonly now: Micros },
  ): readonly (readonly [PaperOrder, Fill])[] {
    if (!isTradable(book)) return [];
    const filled: (readonly [PaperOrder, Fill])[] = [];
    for (const order of this.resting(book.id)) {
      const { request } = order;
      this.#taken.forgetGone(request.instrument, sideOf(request), displayedOf(book, request));
      const through = this.#displayed(book, request).filter((level) => isWithin(level.priceE4, request));
      const wasReached = order.isReached;
      order.isReached = through.length > 0;
      if (wasReached || !order.isReached) continue;
      const displayed = { levels: through, quietMs: book.quietMs(at.nowMs), tripMs: 0, lotE6: LOT };
      const reachedE6 = reachedSize(this.#given.model, displayed, this.#given.random);
      const size = Math.min(order.restingE6, reachedE6 - (reachedE6 % LOT));
      if (size === 0) continue;
      this.#taken.take(request.instrument, sideOf(request), displayedOf(book, request), size);
      const level = { priceE4: request.limitE4, sizeE6: sizeE6(size) };
      const [fill] = this.#fill(order, [level], { role: 'maker', listing, now: at.now });
      if (fill !== undefined) filled.push([order, fill]);
    }
    return filled;
  }

  /** What was taken off the book, or `undefined` when the order does not rest. */
  cancel(venueOrderId: string): SizeE6 | undefined {
    const order = this.#orders.get(venueOrderId);
    return order?.standing === 'resting' ? endOrder(order) : undefined;
  }

  #book({ request, listing, now }: Arrival, levels: readonly Level[], wantedE6: number): Placement {
    const order: PaperOrder = {
      request,
      venueOrderId: this.#given.newId(),
      createdAt: now,
      filledE6: 0,
      restingE6: wantedE6,
      standing: 'resting',
      isReached: false,
    };
    this.#orders.set(order.venueOrderId, order);
    const fills = this.#fill(order, levels, { role: 'taker', listing, now });
    if (order.restingE6 === 0 || !mayRest(request)) endOrder(order);
    return { kind: 'placed', order, fills, restingE6: sizeE6(order.restingE6) };
  }

  #take({ request, book, tripMs, nowMs }: Arrival, displayed: readonly Level[], wantedE6: number): readonly Level[] {
    const quietMs = book?.quietMs(nowMs) ?? 0;
    const { model, random } = this.#given;
    let left = wantedE6;
    return takeable(model, { levels: displayed, quietMs, tripMs, lotE6: LOT }, request, random).flatMap((level) => {
      const part = Math.min(left, level.sizeE6);
      // The rest of a lot stays where it is: no order takes it.
      const size = part - (part % LOT);
      left -= size;
      return size === 0 ? [] : [{ priceE4: level.priceE4, sizeE6: sizeE6(size) }];
    });
  }

  /** One fill a level. Fees are those of the order as a whole, each fill bearing what it adds. */
  #fill(order: PaperOrder, levels: readonly Level[], { role, listing, now }: Match): readonly Fill[] {
    const { request, venueOrderId } = order;
    const { instrument, action, clientOrderId } = request;
    const fee = this.#fee(listing, role);
    return levels.map((level, at) => {
      const feeMicroUsd = subtractUsd(fee(levels.slice(0, at + 1)), at === 0 ? microUsd(0) : fee(levels.slice(0, at)));
      this.#given.account.apply({ instrument, action, ...level, feeMicroUsd });
      fillOrder(order, level.sizeE6);
      return {
        tradeId: this.#given.newId(),
        venueOrderId,
        clientOrderId,
        instrument,
        action,
        ...level,
        feeMicroUsd,
        role,
        settlement: 'final',
        venueAt: now,
      };
    });
  }

  /** Only what reduces, where an order may do nothing else: a sale of what is held, a purchase against the opposite. */
  #allowed(request: OrderRequest): number {
    const { reduceOnly, action, instrument, sizeE6: size } = request;
    if (!reduceOnly) return size;
    const opposite: Instrument = { book: instrument.book, inverted: !instrument.inverted };
    return Math.min(size, this.#given.account.sizeOf(action === 'sell' ? instrument : opposite));
  }

  /** Why it cannot be paid for, with everything that rests filled at its worst. */
  #shortage(request: OrderRequest, listing: Listing, wantedE6: number): string | undefined {
    const { account } = this.#given;
    if (request.action === 'sell') {
      const promised = this.#sum(
        (order) => isSame(order.request.instrument, request.instrument) && order.request.action === 'sell',
        (order) => order.restingE6,
      );
      const free = account.sizeOf(request.instrument) - promised;
      return free >= wantedE6 ? undefined : `a sale needs ${wantedE6} millionths of a contract, found ${free}`;
    }
    const reserved = this.#sum(
      ({ request: { action } }) => action === 'buy',
      (order) => this.#worstCost(order.request.limitE4, order.restingE6, listing),
    );
    const needed = this.#worstCost(request.limitE4, wantedE6, listing);
    const free = account.cash - reserved;
    return free >= needed ? undefined : `a purchase needs ${needed} micro-dollars, found ${free}`;
  }

  #sum(holds: (order: PaperOrder) => boolean, of: (order: PaperOrder) => number): number {
    return this.resting()
      .filter(holds)
      .reduce((sum, order) => sum + of(order), 0);
  }

  #worstCost(limitE4: PriceE4, size: number, listing: Listing): MicroUsd {
    const level = { priceE4: limitE4, sizeE6: sizeE6(size) };
    return addUsd(notional(limitE4, level.sizeE6), this.#fee(listing, 'taker')([level]));
  }

  #fee({ fees, feeProblem, venueKey }: Listing, role: Role): OrderFee {
    if (fees === undefined) throw new Error(`expected fees of ${venueKey}, found none: ${feeProblem}`);
    return this.#given.feeOf(fees, role);
  }

  #displayed(book: Book, request: OrderRequest): readonly Level[] {
    return this.#taken.left(request.instrument, sideOf(request), displayedOf(book, request));
  }
}

/** As for decisions: a book that is missing something, or that contradicts itself, is not traded on. */
function isTradable(book: Book): boolean {
  return book.standing === 'live' && !book.isCrossed;
}

function sideOf({ action }: OrderRequest): 'bids' | 'asks' {
  return action === 'buy' ? 'asks' : 'bids';
}

function displayedOf(book: Book, { action, instrument }: OrderRequest): readonly Level[] {
  return action === 'buy' ? book.asks(instrument.inverted) : book.bids(instrument.inverted);
}

function isSame(one: Instrument, other: Instrument): boolean {
  return instrumentId(one) === instrumentId(other);
}

function total(levels: readonly Level[]): number {
  return levels.reduce((sum, { sizeE6: size }) => sum + size, 0);
}
