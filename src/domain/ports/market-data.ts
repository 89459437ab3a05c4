/**
 * What a venue's market data says, in our words. Adapters produce these events from wire frames;
 * books, streams and charts consume them and never see a venue's own shape.
 */
import type { BookId, TickGrid, VenueName } from '../instrument.ts';
import type { PriceE4, SizeE6 } from '../units.ts';

export type BookSide = 'bid' | 'ask';

export interface Level {
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
}

/**
 * When the venue says it happened. `stamp` is its own text, compared only for equality: frames of
 * one connection that share it are one change of the world (docs/rules.md §17). `venueAtMs`
 * is the same instant in milliseconds since 1970, for lag; `undefined` where the venue gives none.
 */
export interface VenueTime {
  readonly stamp: string | undefined;
  readonly venueAtMs: number | undefined;
}

/** The whole book, replacing what was believed. Sides are in no particular order. Empty sides are empty. */
export interface BookSnapshot extends VenueTime {
  readonly kind: 'book.snapshot';
  readonly book: BookId;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Present when the frame itself carries the price grid. */
  readonly grid: TickGrid | undefined;
  /**
   * The subscription whose every frame in sequence proves this book current, as `<connection>/<sid>`;
   * `undefined` where only the book's own frames do (Polymarket, polled books).
   */
  readonly feed: string | undefined;
}

/** Adds a signed number of millionths to one level (Kalshi). Below zero means a missed frame. */
export interface BookDelta extends VenueTime {
  readonly kind: 'book.delta';
  readonly book: BookId;
  readonly side: BookSide;
  readonly priceE4: PriceE4;
  readonly deltaE6: number;
}

export interface LevelChange {
  readonly book: BookId;
  readonly side: BookSide;
  readonly priceE4: PriceE4;
  /** The new total at this price; 0 removes the level. */
  readonly sizeE6: SizeE6;
}

/** Sets levels of one or more books at once (Polymarket: both tokens of a market). All apply, or none. */
export interface BookLevels extends VenueTime {
  readonly kind: 'book.levels';
  readonly changes: readonly LevelChange[];
}

/** Frames are missing or contradict each other: these books are not tradable until their next snapshot. */
export interface BookGapped {
  readonly kind: 'book.gapped';
  readonly books: readonly BookId[];
  readonly reason: GapReason;
  readonly detail: string;
}

export type GapReason =
  | 'sequence'
  | 'malformed'
  | 'disconnected'
  | 'tickChanged'
  | 'offGrid'
  | 'negativeLevel'
  | 'unsubscribed'
  | 'terminalError';

/** The venue changed the price grid while live. A book that cannot place its prices is gapped with it. */
export interface TickChanged extends VenueTime {
  readonly kind: 'tick.changed';
  readonly book: BookId;
  readonly grid: TickGrid;
}

export interface TradePrinted extends VenueTime {
  readonly kind: 'trade.printed';
  readonly book: BookId;
  readonly priceE4: PriceE4;
  readonly sizeE6: SizeE6;
  readonly tradeId: string | undefined;
}

/** Best quotes as the venue summarises them: evidence for cross-checks, never a source for a book. */
export interface QuoteSeen extends VenueTime {
  readonly kind: 'quote.seen';
  readonly book: BookId;
  readonly bestBidE4: PriceE4 | undefined;
  readonly bestAskE4: PriceE4 | undefined;
}

/** Something about the listing changed: paused, reopened, closing time moved, determined, settled, fees. */
export interface ListingChanged {
  readonly kind: 'listing.changed';
  readonly venue: VenueName;
  /** The venue's own key: a Kalshi market or event ticker, a Polymarket condition id. */
  readonly venueKey: string;
  readonly change: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * Evidence that books are current although nothing of theirs changed: an in-sequence frame, which proves everything of
 * its subscription, or the venue's own books read besides the stream, which prove only themselves.
 */
export interface BooksProven {
  readonly kind: 'books.proven';
  readonly books: readonly BookId[];
  readonly by?: 'reading';
}

/** A frame that did not change any book because it could not be believed. */
export interface FrameFault {
  readonly kind: 'frame.fault';
  readonly venue: VenueName;
  readonly fault: FrameFaultKind;
  /** What was expected and what was found, with ids; never the whole frame. */
  readonly message: string;
  /** The books this frame was about, as far as it could be told. */
  readonly books: readonly BookId[];
}

export type FrameFaultKind =
  /** not JSON, or not the declared shape, or a value outside its range */
  | 'malformed'
  /** a message type, channel, side or event that we do not know */
  | 'unknownKind'
  /** a sequence number that is missing, repeated or out of order */
  | 'sequence'
  /** a well-formed frame about a market that nobody subscribed to */
  | 'unknownMarket'
  /** the venue reports an error */
  | 'venueError';

export type MarketDataEvent =
  | BookSnapshot
  | BookDelta
  | BookLevels
  | BookGapped
  | TickChanged
  | TradePrinted
  | QuoteSeen
  | ListingChanged
  | BooksProven
  | FrameFault;
