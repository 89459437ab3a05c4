/** Kalshi as a venue: the port's promises over its REST interface and its sockets. */
import { type BookId, type Instrument, type VenueName, venueOf } from '../../domain/instrument.ts';
import { invariant } from '../../domain/invariant.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { HttpTransport } from '../../domain/ports/http.ts';
import type { BookSnapshot, MarketDataEvent } from '../../domain/ports/market-data.ts';
import type { SocketTransport } from '../../domain/ports/socket.ts';
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
  Venue,
  VenueStatus,
} from '../../domain/ports/venue.ts';
import type { RateState } from '../../domain/rate-limit.ts';
import type { Micros, Millis } from '../../domain/units.ts';
import { KalshiAccount } from './account.ts';
import { adoptAccountLimits } from './account-limits.ts';
import { failed, unknown } from './classify.ts';
import { tickerOf } from './direction.ts';
import { readListings } from './discovery.ts';
import { findOrder } from './find-order.ts';
import { type MarketFacts, orderBodyOf } from './order-body.ts';
import { OrderGroups } from './order-groups.ts';
import { OrderMemory } from './order-memory.ts';
import { KalshiOrders } from './orders.ts';
import { fillFactsOf, fillOf, orderFactsOf, orderStateOf, positionOf, settlementOf } from './portfolio.ts';
import type { KalshiHosts } from './presets.ts';
import { PrivateStream } from './private-socket.ts';
import { Reader } from './reader.ts';
import { KalshiRest, mapped } from './rest.ts';
import type { KalshiSettings } from './settings.ts';
import type { KalshiSigner } from './sign.ts';
import { MarketStream } from './socket.ts';
import { statusOf } from './status.ts';
import { WireAccess } from './wire-access.ts';

export interface KalshiVenueGiven {
  readonly hosts: KalshiHosts;
  readonly settings: KalshiSettings;
  readonly keyId: string;
  readonly signer: KalshiSigner;
  readonly http: HttpTransport;
  readonly sockets: SocketTransport;
  readonly clock: Clock;
  /** Orders that are remembered at most. */
  readonly ordersMax?: number;
}

export class KalshiVenue implements Venue {
  readonly name: VenueName = 'kalshi';
  readonly unsupported: Venue['unsupported'] = new Set<never>();
  /** The venue's own words, for what the port has no name for: fee changes, schedule, region, books in bulk. */
  readonly rest: KalshiRest;
  readonly account: KalshiAccount;
  readonly orders: KalshiOrders;
  readonly groups: OrderGroups;

  readonly #given: KalshiVenueGiven;
  readonly #access: WireAccess;
  readonly #reader: Reader;
  readonly #memory: OrderMemory;
  readonly #markets = new Map<string, MarketFacts>();
  #hasReadLimits = false;
  #connections = 0;

  constructor(given: KalshiVenueGiven) {
    const { hosts, settings, keyId, signer, http, clock, ordersMax } = given;
    this.#given = given;
    this.#memory = new OrderMemory(ordersMax);
    this.#access = new WireAccess({ http, clock, signer, keyId, restUrl: hosts.restUrl, settings });
    this.#reader = new Reader(this.#access);
    this.rest = new KalshiRest(this.#reader);
    this.account = new KalshiAccount(this.#reader, { subaccount: settings.orders.subaccount });
    this.orders = new KalshiOrders(this.#access);
    this.groups = new OrderGroups(this.#access);
  }

  /** How much of our budgets is used, for alerts. */
  rateStates(): { readonly read: RateState; readonly write: RateState } {
    const nowMs = this.#given.clock.nowMs();
    return { read: this.#access.reads.state(nowMs), write: this.#access.writes.state(nowMs) };
  }

  /** Signs ahead of the next orders and cancels. Due every 250 to 500 ms; there is no timer in here. */
  refreshHeaders(): Promise<void> {
    return this.orders.refreshHeaders();
  }

  listings(query: ListingQuery): Promise<Reading<readonly Listing[]>> {
    const { accountTerms: terms, makerMultiplierE6 } = this.#given.settings;
    return readListings(this.rest, query, { terms, makerMultiplierE6 });
  }

  async book(instrument: Instrument): Promise<Reading<BookSnapshot>> {
    const ticker = tickerOf(instrument);
    if (ticker === undefined) return failed('unsupported', `expected a Kalshi book, found ${instrument.book}`);
    return mapped(await this.rest.orderbook(ticker), ({ bids, asks }) => ({
      kind: 'book.snapshot',
      book: instrument.book,
      bids,
      asks,
      grid: undefined,
      // A book of REST has neither a sequence nor a time.
      feed: undefined,
      stamp: undefined,
      venueAtMs: undefined,
    }));
  }

  /** Of the whole exchange, and of the engines that trade the markets we warmed. */
  async status(): Promise<Reading<VenueStatus>> {
    const engines = new Set([...this.#markets.values()].map((market) => market.exchangeIndex));
    return mapped(await this.rest.exchangeStatus(), (reply) => statusOf(reply, engines));
  }

  clockOffsetMs(): Promise<Reading<Millis>> {
    return this.rest.clockOffset();
  }

  /** Remembers grids and engines, reads the account's limits once, and signs ahead. */
  async warm(listings: readonly Listing[]): Promise<Reading<void>> {
    for (const { venueKey, grid, compartment, venue } of listings) {
      if (venue !== 'kalshi') continue;
      const exchangeIndex = compartment === undefined ? undefined : Number(compartment);
      this.#markets.set(venueKey, { grid, exchangeIndex });
    }
    if (!this.#hasReadLimits) {
      const failure = await adoptAccountLimits(this.account, this.#access);
      if (failure !== undefined) return failure;
      this.#hasReadLimits = true;
    }
    await this.refreshHeaders();
    return { kind: 'read', value: undefined, receivedAt: this.#given.clock.wall() };
  }

  prepare(request: OrderRequest): PreparedOrder | Refused<'unsupported' | 'invalidOrder'> {
    const market = this.#marketOf(request.instrument);
    const body = orderBodyOf(request, market, this.#given.settings.orders, this.#given.clock.wall());
    if (body.kind === 'refused') return body;
    // The body is not signed here, its headers are made when it leaves: they are good for seconds only, and
    // the intent is written down in between.
    return { request, venue: 'kalshi', venueOrderId: undefined, body: body.text };
  }

  seal(): void {
    // Headers are signed ahead for all orders alike, and an order's body not at all.
  }

  /**
   * A client id leaves once in the life of this adapter. Asked again, nothing is sent and the fate of the
   * first is what is unknown.
   */
  submit(order: PreparedOrder, onOutcome: (outcome: OrderOutcome) => void, onSent?: () => void): void {
    const { request } = order;
    invariant(order.venue === 'kalshi', () => `expected an order for kalshi, found one for ${order.venue}`);
    const earlier = this.#memory.remember(request);
    if (earlier !== undefined) {
      const { hasLanded, venueOrderId } = earlier;
      const detail = `client id ${request.clientOrderId} was submitted before: an order is sent once`;
      onOutcome({ ...unknown(detail, venueOrderId), hasLanded });
      return;
    }
    const settle = (outcome: OrderOutcome): void => {
      this.#memory.note(request.clientOrderId, outcome);
      onOutcome(outcome);
    };
    this.orders.create(order.body, request, settle, onSent);
  }

  cancel(venueOrderId: string, instrument: Instrument, onOutcome: (outcome: CancelOutcome) => void): void {
    const ticker = tickerOf(instrument);
    invariant(ticker !== undefined, () => `expected a Kalshi book to cancel in, found ${instrument.book}`);
    this.orders.cancel({ venueOrderId, ticker, market: this.#marketOf(instrument) }, onOutcome);
  }

  cancelAll(onOutcome: (outcome: CancelOutcome) => void): void {
    this.orders.cancelAll(onOutcome);
  }

  async order(venueOrderId: string): Promise<Reading<OrderState>> {
    return mapped(await this.account.order(venueOrderId), (row) => this.#known(row));
  }

  async openOrders(): Promise<Reading<readonly OrderState[]>> {
    return mapped(await this.account.orders({ status: 'resting' }), (rows) => rows.map((row) => this.#known(row)));
  }

  async findOrder(order: PreparedOrder, since: Micros): Promise<Reading<OrderState | undefined>> {
    // After a restart the memory is empty, and the order that is asked for still knows its words.
    const found = await findOrder(this.account, order, since, () => order.request);
    if (found.kind === 'read' && found.value !== undefined) this.#memory.adopt(order.request, found.value.venueOrderId);
    return found;
  }

  async fills(since: Micros, instrument?: Instrument): Promise<Reading<readonly Fill[]>> {
    const ticker = instrument === undefined ? undefined : tickerOf(instrument);
    if (instrument !== undefined && ticker === undefined)
      return failed('unsupported', `expected a Kalshi book, found ${instrument.book}`);
    return mapped(await this.account.fills({ since, ticker }), (rows) =>
      rows.map((row) => fillOf(fillFactsOf(row), this.#memory.requestOf)),
    );
  }

  async balance(): Promise<Reading<Balance>> {
    return mapped(await this.account.balance(), ({ balance_dollars, balance_breakdown = [] }) => ({
      availableMicroUsd: balance_dollars,
      // Cash lies on the engines separately: the sum does not say that an order is affordable.
      compartments: Object.fromEntries(balance_breakdown.map((row) => [String(row.exchange_index), row.balance])),
    }));
  }

  async positions(): Promise<Reading<readonly Position[]>> {
    return mapped(await this.account.positions(), (rows) =>
      rows.map(positionOf).filter((position) => position !== undefined),
    );
  }

  async settlements(since: Micros): Promise<Reading<readonly Settlement[]>> {
    const reading = await this.account.settlements(since);
    if (reading.kind === 'failed') return reading;
    const settlements: Settlement[] = [];
    for (const row of reading.value) {
      const settlement = settlementOf(row);
      if (typeof settlement === 'string') return failed('malformed', settlement);
      settlements.push(settlement);
    }
    return { ...reading, value: settlements };
  }

  openMarketData(listener: StreamListener<MarketDataEvent>): Stream {
    const { useYesPrice, marketChannels: channels } = this.#given.settings;
    this.#connections++;
    const connection = `kalshi-${this.#connections}`;
    return new MarketStream(
      this.#socketGiven(),
      { connection, useYesPrice, channels },
      {
        onOpen: () => listener.onOpen(),
        onAlive: () => listener.onAlive(),
        onEnd: (end) => listener.onEnd(end),
        onEvent: (event) => {
          this.#followGrid(event);
          listener.onEvent(event);
        },
      },
    );
  }

  openPrivate(listener: StreamListener<PrivateEvent>): Stream {
    return new PrivateStream(this.#socketGiven(), this.#memory.requestOf, {
      onOpen: () => listener.onOpen(),
      onAlive: () => listener.onAlive(),
      onEnd: (end) => listener.onEnd(end),
      onEvent: (event) => {
        if (event.kind === 'order.reported') this.#followStanding(event.order);
        listener.onEvent(event);
      },
    });
  }

  /** Ends what waits. The transports belong to whoever gave them. */
  close(): Promise<void> {
    this.#reader.close();
    return Promise.resolve();
  }

  #marketOf(instrument: Instrument): MarketFacts | undefined {
    return this.#markets.get(tickerOf(instrument) ?? '');
  }

  #known(row: Parameters<typeof orderFactsOf>[0]): OrderState {
    return orderStateOf(orderFactsOf(row), this.#memory.requestOf);
  }

  /** A market can get another grid while it trades; one that we cannot read takes no order. */
  #followGrid(event: MarketDataEvent): void {
    if (event.kind === 'tick.changed') this.#setGrid(event.book, event.grid);
    if (event.kind === 'book.gapped' && event.reason === 'tickChanged')
      for (const book of event.books) this.#setGrid(book, undefined);
  }

  #setGrid(book: BookId, grid: MarketFacts['grid']): void {
    if (venueOf(book) !== 'kalshi') return;
    const ticker = tickerOf({ book, inverted: false }) ?? '';
    const market = this.#markets.get(ticker);
    if (market !== undefined) this.#markets.set(ticker, { ...market, grid });
  }

  #followStanding(order: OrderState): void {
    if (order.standing === 'resting') this.orders.learnResting(order.venueOrderId);
    else this.orders.forgetResting(order.venueOrderId);
  }

  #socketGiven() {
    const { sockets, hosts, settings } = this.#given;
    return {
      sockets,
      signer: this.#access.signer,
      url: hosts.socketUrl,
      messageBytesMax: settings.messageBytesMax,
    };
  }
}
