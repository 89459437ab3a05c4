/**
 * A place that takes orders, in our words. Adapters implement it over a wire, the paper venue over
 * live books; actors know nothing else.
 *
 * Commands end done, refused or unknown, and a timeout is unknown. An adapter never sends an order
 * twice. Reads are tried again by the adapter where that is harmless, and end read or failed.
 */

import type { FeeSchedule } from '../fees/fee-schedule.ts';
import type { BookId, Instrument, TickGrid, VenueName } from '../instrument.ts';
import type { Micros, MicroUsd, Millis, PriceE4, SizeE6 } from '../units.ts';
import type { BookSnapshot, MarketDataEvent } from './market-data.ts';
import type { SocketEnd } from './socket.ts';

export type TimeInForce = 'fillOrKill' | 'immediateOrCancel' | 'goodTillCanceled' | 'goodTillDate';

export interface OrderRequest {
  /** Ours, a fresh UUID per leg, never used again. */
  readonly clientOrderId: string;
  readonly instrument: Instrument;
  readonly action: 'buy' | 'sell';
  /** Worst price per contract of this outcome. */
  readonly limitE4: PriceE4;
  readonly sizeE6: SizeE6;
  readonly timeInForce: TimeInForce;
  /** For `goodTillDate`: when the venue drops it. */
  readonly expiresAt: Micros | undefined;
  /** Rest or be refused. */
  readonly postOnly: boolean;
  /** Never open or enlarge a position. */
  readonly reduceOnly: boolean;
  /** Counts against the budget that is kept for hedges and unwinds. */
  readonly isReducing: boolean;
}

/**
 * An order ready to leave: built, and described so that its fate can be asked for when
 * no reply comes. `body` is what the journal keeps; it holds no secret.
 */
export interface PreparedOrder {
  readonly request: OrderRequest;
  readonly venue: VenueName;
  /** Known before sending where the venue's id is a hash of the order (Polymarket). */
  readonly venueOrderId: string | undefined;
  /** The body without its signature: the same body can be rebuilt from it. */
  readonly body: string;
}

export type OrderRefusal =
  /** the venue would not fill it at once; a fill-or-kill or the rest of an immediate-or-cancel */
  | 'killed'
  | 'insufficientBalance'
  | 'invalidOrder'
  | 'postOnlyWouldCross'
  | 'marketClosed'
  | 'venuePaused'
  | 'postOnlyMode'
  | 'cancelOnlyMode'
  | 'tradingDisabled'
  | 'rateLimited'
  | 'unauthenticated'
  | 'forbidden'
  /** our own budget is used up: nothing was sent */
  | 'budgetExhausted'
  /** the adapter cannot express it: nothing was sent */
  | 'unsupported'
  /** the request certainly never left us */
  | 'notSent';

export interface OrderDone {
  readonly kind: 'done';
  readonly venueOrderId: string;
  readonly filledE6: SizeE6;
  /** What still rests. */
  readonly restingE6: SizeE6;
  /** Average per contract of this outcome, where the venue says; for display and checks, never for the ledger. */
  readonly averageE4: number | undefined;
  /** A match that settles later and may still fail (Polymarket). */
  readonly isProvisional: boolean;
  readonly tradeIds: readonly string[];
}

export interface Refused<Reason extends string> {
  readonly kind: 'refused';
  readonly reason: Reason;
  readonly detail: string;
  /** How long the venue asks us to wait. */
  readonly retryAfterMs: Millis | undefined;
}

/** Neither done nor refused: the venue may be holding this order. Ask, adopt, and never send it again. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly detail: string;
  /** Proof that an order with this id reached the venue (a duplicate was refused). */
  readonly hasLanded: boolean;
  /** The venue's id, if it is known. */
  readonly venueOrderId: string | undefined;
}

export type OrderOutcome = OrderDone | Refused<OrderRefusal> | Unknown;

export interface CancelDone {
  readonly kind: 'done';
  /** Taken off the book, where the venue says how much. */
  readonly canceledE6: SizeE6 | undefined;
}

export type CancelRefusal =
  | 'marketClosed'
  | 'venuePaused'
  | 'rateLimited'
  | 'unauthenticated'
  | 'forbidden'
  | 'budgetExhausted'
  | 'notSent';

/** "Not found" is unknown: canceled, executed and never existed look alike. */
export type CancelOutcome = CancelDone | Refused<CancelRefusal> | Unknown;

export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T; readonly receivedAt: Micros }
  | { readonly kind: 'failed'; readonly fault: ReadFault; readonly detail: string };

export type ReadFault =
  | 'unreachable'
  | 'rateLimited'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'malformed'
  | 'venueError'
  | 'unsupported';

export interface OrderState {
  readonly venueOrderId: string;
  readonly clientOrderId: string | undefined;
  readonly instrument: Instrument;
  readonly action: 'buy' | 'sell';
  readonly limitE4: PriceE4;
  readonly originalE6: SizeE6 | undefined;
  readonly filledE6: SizeE6;
  readonly restingE6: SizeE6;
  readonly standing: 'resting' | 'filled' | 'canceled' | 'unknown';
  readonly createdAt: Micros | undefined;
}

/** How sure a fill is. On Kalshi every fill is final; on Polymarket it passes through a chain. */
export type FillSettlement = 'final' | 'matched' | 'mined' | 'retrying' | 'confirmed' | 'failed';

export interface Fill {
  /** Names the match; applied once. */
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string | undefined;
  readonly instrument: Instrument;
  readonly action: 'buy' | 'sell';
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
  /**
   * Cash of the match before fees, exactly, where one match spans several prices (Polymarket, as taker):
   * `priceE4` is then their average, rounded against us. Absent where price times size says it.
   */
  readonly notionalMicroUsd?: MicroUsd;
  /** As the venue charged it; `undefined` where it does not say. */
  readonly feeMicroUsd: MicroUsd | undefined;
  readonly role: 'maker' | 'taker';
  readonly settlement: FillSettlement;
  readonly venueAt: Micros | undefined;
}

export interface Balance {
  readonly availableMicroUsd: MicroUsd;
  /** By the venue's own compartments, where it has any (Kalshi shards). */
  readonly compartments: Readonly<Record<string, MicroUsd>>;
}

export interface Position {
  readonly instrument: Instrument;
  /** Contracts of this outcome held. */
  readonly sizeE6: SizeE6;
}

export interface Settlement {
  readonly venueKey: string;
  readonly yesPayoutE4: PriceE4;
  readonly paidMicroUsd: MicroUsd;
  readonly settledAt: Micros;
}

export type VenueStanding = 'open' | 'postOnly' | 'cancelOnly' | 'paused' | 'closed';

export interface VenueStatus {
  readonly standing: VenueStanding;
  /** Whether cancels are taken now. */
  readonly acceptsCancels: boolean;
  readonly detail: string;
}

export type ListingStanding = 'unopened' | 'open' | 'paused' | 'closed' | 'determined' | 'settled' | 'unknown';

/** One binary market at one venue, with everything that trading and matching need to know of it. */
export interface Listing {
  readonly venue: VenueName;
  /** Kalshi market ticker; Polymarket condition id. */
  readonly venueKey: string;
  readonly eventKey: string | undefined;
  readonly seriesKey: string | undefined;
  readonly title: string;
  /** Both sides as they can be bought. */
  readonly yes: Instrument;
  readonly no: Instrument;
  readonly outcomeNames: readonly [yes: string, no: string];
  readonly standing: ListingStanding;
  readonly grid: TickGrid | undefined;
  readonly minSizeE6: SizeE6;
  readonly fees: FeeSchedule | undefined;
  /** Why `fees` is missing. */
  readonly feeProblem: string | undefined;
  readonly rulesText: string;
  /** SHA-256 of the rules text, `sha256:…`. */
  readonly rulesHash: string;
  readonly closesAt: Micros | undefined;
  readonly expectedResolutionAt: Micros | undefined;
  /** At most one market of the event pays, as the venue's metadata says. */
  readonly isExclusive: boolean;
  readonly strike:
    | { readonly type: string; readonly floor: number | undefined; readonly cap: number | undefined }
    | undefined;
  /** The payout of YES once it is decided. */
  readonly yesPayoutE4: PriceE4 | undefined;
  /** Its result is contested: whatever payout is shown may flip. Absent where it is not, or the venue does not say. */
  readonly isDisputed?: true;
  readonly canCloseEarly: boolean;
  /** The venue's compartment that trades it (Kalshi exchange index). */
  readonly compartment: string | undefined;
  /** Orders wait this long before they may match (Polymarket taker delay). */
  readonly takerDelayMs: Millis;
  readonly readAt: Micros;
}

export interface ListingQuery {
  readonly seriesKey?: string;
  readonly eventKey?: string;
  readonly venueKeys?: readonly string[];
  readonly onlyOpen?: boolean;
}

/** What a venue says about us while we watch. */
export type PrivateEvent =
  | { readonly kind: 'order.reported'; readonly order: OrderState; readonly reason: string | undefined }
  | { readonly kind: 'fill.reported'; readonly fill: Fill }
  | { readonly kind: 'private.fault'; readonly message: string };

export interface StreamListener<Event> {
  onOpen(): void;
  /** Any frame at all, a heartbeat included: the transport lives. */
  onAlive(): void;
  onEvent(event: Event): void;
  onEnd(end: SocketEnd): void;
}

/** One open stream. It does not reconnect and keeps no timer: its owner calls `heartbeat` when one is due. */
export interface Stream {
  subscribe(books: readonly BookId[]): void;
  unsubscribe(books: readonly BookId[]): void;
  /** Asks for fresh snapshots where the venue can; otherwise the owner resubscribes. */
  requestSnapshots(books: readonly BookId[]): boolean;
  heartbeat(): void;
  close(): void;
}

export interface Venue {
  readonly name: VenueName;
  /** What this venue cannot do, so that a contract test can say so instead of skipping. */
  readonly unsupported: ReadonlySet<
    'amend' | 'reduceOnly' | 'goodTillDate' | 'postOnly' | 'privateStream' | 'settlements'
  >;

  listings(query: ListingQuery): Promise<Reading<readonly Listing[]>>;
  book(instrument: Instrument): Promise<Reading<BookSnapshot>>;
  status(): Promise<Reading<VenueStatus>>;
  /** The venue's clock less ours, from a read made for it. */
  clockOffsetMs(): Promise<Reading<Millis>>;

  /** Fetches what an order on these listings needs, so that preparing one reads nothing. */
  warm(listings: readonly Listing[]): Promise<Reading<void>>;
  /** Builds, synchronously, and knows the order's id where that is a hash. Refused when the adapter cannot express the order. */
  prepare(request: OrderRequest): PreparedOrder | Refused<'unsupported' | 'invalidOrder'>;
  /** Signs ahead what `submit` would otherwise sign: for the time while the intent is on its way to disk. Sends nothing. */
  seal(order: PreparedOrder): void;
  /** Sends once. `onSent` is called when the last byte was handed to the socket. */
  submit(order: PreparedOrder, onOutcome: (outcome: OrderOutcome) => void, onSent?: () => void): void;
  cancel(venueOrderId: string, instrument: Instrument, onOutcome: (outcome: CancelOutcome) => void): void;
  /** Everything we have resting at the venue. */
  cancelAll(onOutcome: (outcome: CancelOutcome) => void): void;

  order(venueOrderId: string): Promise<Reading<OrderState>>;
  openOrders(): Promise<Reading<readonly OrderState[]>>;
  /**
   * Finds an order whose reply was lost: by hash, or by listing the instrument's orders since then
   * and matching the client id. `undefined` only after a complete, successful read.
   */
  findOrder(order: PreparedOrder, since: Micros): Promise<Reading<OrderState | undefined>>;
  fills(since: Micros, instrument?: Instrument): Promise<Reading<readonly Fill[]>>;
  balance(): Promise<Reading<Balance>>;
  positions(): Promise<Reading<readonly Position[]>>;
  settlements(since: Micros): Promise<Reading<readonly Settlement[]>>;

  openMarketData(listener: StreamListener<MarketDataEvent>): Stream;
  openPrivate(listener: StreamListener<PrivateEvent>): Stream;
  close(): Promise<void>;
}
