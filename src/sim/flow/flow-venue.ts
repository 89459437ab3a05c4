/** What the flow may do at a venue, for one market. Everything is on the scale of YES; the venue's words stay there. */

export interface FlowLevel {
  readonly priceE4: number;
  readonly sizeE6: number;
}

/** Best first, both. */
export interface FlowBook {
  readonly bids: readonly FlowLevel[];
  readonly asks: readonly FlowLevel[];
}

export type FlowVenueName = 'kalshi' | 'polymarket';
export type BookSide = 'bid' | 'ask';

export interface FlowVenue {
  /** Whether anything may be quoted now: a market that is paused or closed moves no more. */
  readonly isOpen: boolean;
  /** The house's levels become exactly these. */
  quote(book: FlowBook): void;
  /** Somebody hits bids or lifts asks up to a price; what finds nobody is gone. */
  take(order: { readonly takes: BookSide; readonly priceE4: number; readonly sizeE6: number }): void;
}

/** A venue that tells every single change of a level. */
export interface LevelVenue extends FlowVenue {
  /** The house adds at one price, or takes away (below zero) as far as it has. */
  change(side: BookSide, change: { readonly priceE4: number; readonly deltaE6: number }): void;
}

/** One line of the flow's log: the same seed writes the same lines. */
export interface FlowEvent {
  readonly atMs: number;
  readonly pair: string;
  readonly kind: 'delta' | 'move' | 'refresh' | 'taker' | 'gap.opened' | 'gap.closed' | 'gap.gone' | 'frame' | 'follow';
  readonly detail: Readonly<Record<string, number | string>>;
}
