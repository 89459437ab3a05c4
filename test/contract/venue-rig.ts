/** What the venue contract needs of an implementation beside the port: the other side of the wire, and the truth. */
import type { Instrument } from '../../src/domain/instrument.ts';
import type { Level } from '../../src/domain/ports/market-data.ts';
import type { ListingQuery, Venue } from '../../src/domain/ports/venue.ts';
import type { MicroUsd, PriceE4, SizeE6 } from '../../src/domain/units.ts';
import type { VirtualClock } from '../../src/domain/virtual-clock.ts';
import type { BentServer } from './bent-server.ts';
import type { RigTime } from './rig-wire.ts';

export interface BookSides {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** What goes wrong with one order request. */
export type OrderFault =
  /** the venue acts and no reply comes */
  | 'replyLost'
  /** the venue acts and answers 500 */
  | 'serverError'
  /** the venue acts and the connection is reset */
  | 'connectionDropped'
  /** the venue acts and its reply breaks off */
  | 'replyCut'
  /** the venue acts, and its reply takes longer than our patience */
  | 'replyLate'
  /** the venue acts and answers 2xx with something that is no JSON */
  | 'garbage'
  /** the venue acts and answers 2xx with nothing */
  | 'emptySuccess'
  /** the venue acts, and says that it had this order already */
  | 'duplicate'
  /** the request is lost on its way */
  | 'requestLost'
  /** the connection breaks before the venue has the request */
  | 'resetBefore'
  /** 429, with two seconds to wait; the venue does not act */
  | 'limited';

/** What is on the venue's side, whatever its reads and streams say. */
export interface Truth {
  cash(): MicroUsd;
  /** Signed where the venue nets: YES above zero. */
  yesHeldE6(): number;
  noHeldE6(): number;
  restingIds(): readonly string[];
  fills(): readonly TrueFill[];
  book(): BookSides;
}

export interface TrueFill {
  readonly venueOrderId: string;
  readonly sizeE6: number;
  readonly feeMicroUsd: number;
  readonly role: 'maker' | 'taker';
}

export interface VenueRig {
  readonly venue: Venue;
  readonly clock: VirtualClock;
  readonly time: RigTime;
  readonly server: BentServer;
  /** The market that is listed, warmed and quoted. */
  readonly venueKey: string;
  readonly yes: Instrument;
  readonly no: Instrument;
  /** A second market, listed and quoted, about which the adapter was told nothing. */
  readonly strange: Instrument;
  /** A limit that certainly takes the best ask, or bid, of the house. */
  readonly takes: { readonly ask: PriceE4; readonly bid: PriceE4 };
  readonly tooSmallE6: SizeE6;
  readonly rulesText: string;
  readonly truth: Truth;
  /** Texts that nobody may ever see. */
  readonly secrets: readonly string[];
  /** Puts so many markets there that their list has more than one page. */
  addManyMarkets(): { readonly query: ListingQuery; readonly venueKeys: readonly string[] };
  /** The house quotes exactly this in YES from now on. */
  house(sides: BookSides): Promise<void>;
  /** The house quotes in the second market. */
  houseOfStrange(sides: BookSides): Promise<void>;
  /** Somebody sells (or buys) so much YES at this price, at once. */
  counterparty(action: 'buy' | 'sell', level: Level): Promise<void>;
  /** Somebody sends us a balance of exactly so much. */
  setCash(cash: number): void;
  /** So much time that every match has become money and shares. */
  settled(): Promise<void>;
  /** The venue's clock runs so far from ours. */
  skewClock(ms: number): void;
  enter(mode: 'open' | 'paused' | 'postOnly'): Promise<void>;
  failNextOrder(fault: OrderFault): void;
  /** The next change of the book is lost, or cannot be believed. */
  breakNextBookChange(): void;
  healStreams(): void;
  cutSockets(): void;
  /** Order requests as the venue counted them, those that were lost on their way included. */
  orderRequests(): number;
  /** For a venue whose fills settle later: the next trades fail. */
  failNextSettlement?(): void;
  unplug(): Promise<void>;
  close(): Promise<void>;
}

/** What is known of an implementation before it is made. */
export interface VenueProfile {
  /** Declared by the venue; the suite asserts that it is declared. */
  readonly unsupported: readonly (
    | 'amend'
    | 'reduceOnly'
    | 'goodTillDate'
    | 'postOnly'
    | 'privateStream'
    | 'settlements'
  )[];
  /** Whether orders leave the process at all. */
  readonly hasWire: boolean;
  /** Whether a fill says what it was charged. */
  readonly saysFees: boolean;
  /** Whether matches settle later and may fail. */
  readonly settlesLater: boolean;
  /** Whether the market data stream can be asked for snapshots; otherwise its owner subscribes anew. */
  readonly hasSnapshotRequests: boolean;
  readonly modes: readonly ('paused' | 'postOnly')[];
}

export type MakeVenueRig = () => Promise<VenueRig>;
