/**
 * A venue that trades on paper: real books, simulated money. Market data, listings and status come from the live
 * venue's public half; an order never leaves this process, and nothing here could send one.
 */
import type { Book } from '../../domain/book/book.ts';
import type { FeeSchedule, OrderFee, Role } from '../../domain/fees/fee-schedule.ts';
import { type BookId, type Instrument, instrumentId, type VenueName } from '../../domain/instrument.ts';
import { InvariantError, invariant } from '../../domain/invariant.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { BookSnapshot, MarketDataEvent } from '../../domain/ports/market-data.ts';
import type { Random } from '../../domain/ports/random.ts';
import type {
  Balance,
  CancelOutcome,
  Fill,
  Listing,
  ListingQuery,
  OrderOutcome,
  OrderRequest,
  OrderState,
  Position,
  PreparedOrder,
  PrivateEvent,
  Reading,
  Refused,
  Settlement,
  Stream,
  StreamListener,
  Unknown,
  Venue,
  VenueStatus,
} from '../../domain/ports/venue.ts';
import { randomIds } from '../../domain/seeded-random.ts';
import {
  addUsd,
  complement,
  type Micros,
  type MicroUsd,
  type Millis,
  type PriceE4,
  sizeE6,
} from '../../domain/units.ts';
import { checkModel, drawTrip, type FillModel } from './fill-model.ts';
import { PaperAccount } from './paper-account.ts';
import { PaperDesk, type Placement } from './paper-desk.ts';
import { type PaperOrder, stateOf } from './paper-order.ts';
import { prepareRefusal } from './paper-rules.ts';
import { PaperStreams } from './paper-stream.ts';

/** The half of a live venue that only reads and only what is public. */
export type PublicVenue = Pick<Venue, 'name' | 'listings' | 'book' | 'status' | 'clockOffsetMs' | 'openMarketData'>;

/** The books that the live stream keeps current. */
export interface BookReader {
  find(id: BookId): Book | undefined;
}

export interface PaperVenueGiven {
  readonly live: PublicVenue;
  readonly books: BookReader;
  readonly clock: Clock;
  readonly random: Random;
  readonly model: FillModel;
  readonly feeOf: (schedule: FeeSchedule, role: Role) => OrderFee;
  readonly cash: MicroUsd;
}

const MICROS_PER_MILLI = 1_000;

export class PaperVenue implements Venue {
  readonly name: VenueName;
  readonly unsupported: Venue['unsupported'] = new Set(['amend']);
  readonly #given: PaperVenueGiven;
  readonly #account: PaperAccount;
  readonly #desk: PaperDesk;
  readonly #streams: PaperStreams;
  readonly #listings = new Map<string, Listing>();
  readonly #clientIds = new Set<string>();
  readonly #fills: Fill[] = [];
  readonly #settlements: Settlement[] = [];

  constructor(given: PaperVenueGiven) {
    const { live, clock, random, model, feeOf, cash } = given;
    checkModel(model);
    this.name = live.name;
    this.#given = given;
    this.#account = new PaperAccount(cash);
    const ids = randomIds(random);
    const newId = (): string => `paper-${ids.uuid()}`;
    this.#desk = new PaperDesk({ account: this.#account, model, random, feeOf, newId });
    this.#streams = new PaperStreams(clock);
  }

  listings(query: ListingQuery): Promise<Reading<readonly Listing[]>> {
    return this.#given.live.listings(query);
  }

  book(instrument: Instrument): Promise<Reading<BookSnapshot>> {
    return this.#given.live.book(instrument);
  }

  status(): Promise<Reading<VenueStatus>> {
    return this.#given.live.status();
  }

  clockOffsetMs(): Promise<Reading<Millis>> {
    return this.#given.live.clockOffsetMs();
  }

  openMarketData(listener: StreamListener<MarketDataEvent>): Stream {
    return this.#given.live.openMarketData(listener);
  }

  openPrivate(listener: StreamListener<PrivateEvent>): Stream {
    return this.#streams.open(listener);
  }

  warm(listings: readonly Listing[]): Promise<Reading<void>> {
    for (const listing of listings)
      for (const instrument of [listing.yes, listing.no]) this.#listings.set(instrumentId(instrument), listing);
    return this.#read(undefined);
  }

  prepare(request: OrderRequest): PreparedOrder | Refused<'unsupported' | 'invalidOrder'> {
    const refusal = prepareRefusal(request, this.#listingOf(request.instrument), this.#given.clock.wall());
    return refusal ?? { request, venue: this.name, venueOrderId: undefined, body: JSON.stringify(request) };
  }

  seal(): void {
    // Nothing is signed.
  }

  submit(order: PreparedOrder, onOutcome: (outcome: OrderOutcome) => void, onSent?: () => void): void {
    const { request } = order;
    if (this.#clientIds.has(request.clientOrderId)) {
      onOutcome(unknown(`client id ${request.clientOrderId} was submitted before: an order is sent once`, undefined));
      return;
    }
    this.#clientIds.add(request.clientOrderId);
    onSent?.();
    this.#travel((tripMs, back) => {
      const placement = this.#place(request, tripMs);
      if (placement.kind === 'refused') back(() => onOutcome(placement));
      else back(() => this.#tellPlaced(placement, onOutcome));
    });
  }

  cancel(venueOrderId: string, _instrument: Instrument, onOutcome: (outcome: CancelOutcome) => void): void {
    this.#travel((_tripMs, back) => {
      const canceledE6 = this.#desk.cancel(venueOrderId);
      const order = this.#desk.find(venueOrderId);
      back(() => {
        if (canceledE6 === undefined || order === undefined)
          onOutcome(unknown(`order ${venueOrderId} does not rest`, venueOrderId));
        else {
          this.#tellOrder(order, 'canceled');
          onOutcome({ kind: 'done', canceledE6 });
        }
      });
    });
  }

  cancelAll(onOutcome: (outcome: CancelOutcome) => void): void {
    this.#travel((_tripMs, back) => {
      const canceled = this.#desk.resting();
      for (const { venueOrderId } of canceled) this.#desk.cancel(venueOrderId);
      back(() => {
        for (const order of canceled) this.#tellOrder(order, 'canceled');
        onOutcome({ kind: 'done', canceledE6: undefined });
      });
    });
  }

  order(venueOrderId: string): Promise<Reading<OrderState>> {
    const order = this.#desk.find(venueOrderId);
    if (order !== undefined) return this.#read(stateOf(order));
    return Promise.resolve({ kind: 'failed', fault: 'notFound', detail: `no order ${venueOrderId} on paper` });
  }

  openOrders(): Promise<Reading<readonly OrderState[]>> {
    return this.#read(this.#desk.resting().map(stateOf));
  }

  findOrder({ request }: PreparedOrder): Promise<Reading<OrderState | undefined>> {
    const order = this.#desk.orders().find((each) => each.request.clientOrderId === request.clientOrderId);
    return this.#read(order === undefined ? undefined : stateOf(order));
  }

  fills(since: Micros, instrument?: Instrument): Promise<Reading<readonly Fill[]>> {
    const wanted = instrument === undefined ? undefined : instrumentId(instrument);
    return this.#read(
      this.#fills.filter(
        (fill) => (fill.venueAt ?? 0) >= since && (wanted === undefined || instrumentId(fill.instrument) === wanted),
      ),
    );
  }

  /** What rests is not taken out of it, as at both live venues. */
  balance(): Promise<Reading<Balance>> {
    return this.#read({ availableMicroUsd: this.#account.cash, compartments: {} });
  }

  positions(): Promise<Reading<readonly Position[]>> {
    return this.#read(this.#account.positions());
  }

  settlements(since: Micros): Promise<Reading<readonly Settlement[]>> {
    return this.#read(this.#settlements.filter(({ settledAt }) => settledAt >= since));
  }

  /** The live book changed: whoever applies market data says so, after the books are right. */
  booksChanged(books: readonly BookId[]): void {
    const { clock } = this.#given;
    for (const id of books) {
      const book = this.#given.books.find(id);
      const listing = this.#listingOf({ book: id, inverted: false });
      if (book === undefined || listing === undefined) continue;
      for (const [order, fill] of this.#desk.look(book, listing, { nowMs: clock.nowMs(), now: clock.wall() })) {
        this.#fills.push(fill);
        this.#travelBack(() => {
          this.#streams.tell({ kind: 'fill.reported', fill });
          this.#tellOrder(order, undefined);
        });
      }
    }
  }

  /** Simulated money comes; below zero it goes. */
  deposit(amount: MicroUsd): void {
    this.#account.deposit(amount);
  }

  /** The live venue has decided: what rests is canceled, and every contract is paid. */
  settle(decided: { readonly venueKey: string; readonly yesPayoutE4: PriceE4 }): void {
    const { venueKey, yesPayoutE4 } = decided;
    const listing = [...this.#listings.values()].find((each) => each.venueKey === venueKey);
    if (listing === undefined) throw new InvariantError(`expected a warmed listing of ${venueKey}, found none`);
    const books = new Set([listing.yes.book, listing.no.book]);
    for (const book of books)
      for (const order of this.#desk.resting(book)) {
        this.#desk.cancel(order.venueOrderId);
        this.#tellOrder(order, 'settled');
      }
    const held = this.#account.sizeOf(listing.yes) + this.#account.sizeOf(listing.no);
    if (held === 0) return;
    const paidMicroUsd = addUsd(
      this.#account.settle(listing.yes, yesPayoutE4),
      this.#account.settle(listing.no, complement(yesPayoutE4)),
    );
    this.#settlements.push({ venueKey, yesPayoutE4, paidMicroUsd, settledAt: this.#given.clock.wall() });
  }

  /** The live half belongs to whoever gave it. */
  close(): Promise<void> {
    this.#streams.close();
    return Promise.resolve();
  }

  #place(request: OrderRequest, tripMs: number): Placement {
    const { clock, books } = this.#given;
    const listing = this.#listingOf(request.instrument);
    invariant(listing !== undefined, () => `expected the listing of a prepared order, found none`);
    const book = books.find(request.instrument.book);
    const placement = this.#desk.place({ request, listing, book, tripMs, nowMs: clock.nowMs(), now: clock.wall() });
    if (placement.kind === 'placed') {
      this.#fills.push(...placement.fills);
      this.#expireLater(placement.order);
    }
    return placement;
  }

  #tellPlaced(placement: Extract<Placement, { kind: 'placed' }>, onOutcome: (outcome: OrderOutcome) => void): void {
    const { order, fills, restingE6 } = placement;
    const filledE6 = sizeE6(fills.reduce((sum, fill) => sum + fill.sizeE6, 0));
    const cash = fills.reduce((sum, fill) => sum + fill.priceE4 * fill.sizeE6, 0);
    for (const fill of fills) this.#streams.tell({ kind: 'fill.reported', fill });
    this.#tellOrder(order, undefined);
    onOutcome({
      kind: 'done',
      venueOrderId: order.venueOrderId,
      filledE6,
      restingE6,
      averageE4: filledE6 === 0 ? undefined : cash / filledE6,
      isProvisional: false,
      tradeIds: fills.map(({ tradeId }) => tradeId),
    });
  }

  #expireLater(order: PaperOrder): void {
    const { expiresAt } = order.request;
    if (expiresAt === undefined || order.standing !== 'resting') return;
    const { clock } = this.#given;
    clock.setTimeout(
      () => {
        if (this.#desk.cancel(order.venueOrderId) !== undefined) this.#tellOrder(order, 'expired');
      },
      (expiresAt - clock.wall()) / MICROS_PER_MILLI,
    );
  }

  #tellOrder(order: PaperOrder, reason: string | undefined): void {
    this.#streams.tell({ kind: 'order.reported', order: stateOf(order), reason });
  }

  /** Half of a round trip there, and half of it back. Never within the caller's own step. */
  #travel(arrive: (tripMs: number, back: (tell: () => void) => void) => void): void {
    const { clock, model, random } = this.#given;
    const halfMs = drawTrip(model, random) / 2;
    clock.setTimeout(() => arrive(halfMs, (tell) => clock.setTimeout(tell, halfMs)), halfMs);
  }

  #travelBack(tell: () => void): void {
    const { clock, model, random } = this.#given;
    clock.setTimeout(tell, drawTrip(model, random) / 2);
  }

  #listingOf(instrument: Instrument): Listing | undefined {
    return this.#listings.get(instrumentId(instrument));
  }

  #read<T>(value: T): Promise<Reading<T>> {
    return Promise.resolve({ kind: 'read', value, receivedAt: this.#given.clock.wall() });
  }
}

function unknown(detail: string, venueOrderId: string | undefined): Unknown {
  return { kind: 'unknown', detail, hasLanded: venueOrderId === undefined, venueOrderId };
}
