/** What a quote is given, hears, tells and remembers. */
import type { LegOrder } from '../domain/execution/leg.ts';
import type { QuotePlan } from '../domain/execution/quote-plan.ts';
import type { ChildLegEvent, PlacedLeg } from './child-leg.ts';
import type { ChildEnded, EffectFailed } from './effects.ts';

export interface QuoteInput {
  readonly plan: QuotePlan;
  /** Orders of an earlier life: they are taken back, and nothing new is placed. */
  readonly restored?: { readonly placed: readonly PlacedLeg[] };
}

export interface QuoteContext {
  readonly plan: QuotePlan;
  readonly placed: readonly PlacedLeg[];
  /** What the parent was told to be filled. */
  readonly toldE6: number;
  /** Ahead of us in the line, at most and to be expected, while an order rests. */
  readonly queue: { readonly aheadE6: number; readonly aheadE6Max: number } | undefined;
}

export interface QuoteOutput {
  readonly quoteId: string;
  readonly filledE6: number;
}

/** What a quote tells whoever hedges it. Cumulative, so that a hedge is sized by what truly filled. */
export type QuoteNews =
  | { readonly type: 'quote.filled'; readonly quoteId: string; readonly filledE6: number }
  | { readonly type: 'quote.reversed'; readonly quoteId: string; readonly filledE6: number };

export type QuoteEvent =
  /** There is a price one tick better that keeps the edge, and this is the order for it. */
  | { readonly type: 'quote.planned'; readonly order: LegOrder; readonly atMicros: number }
  /** The line moved by so much that somebody would like to know. */
  | { readonly type: 'queue.moved'; readonly aheadE6: number; readonly aheadE6Max: number }
  /** Another price is the right one now. */
  | { readonly type: 'market.moved'; readonly reason: string }
  /** No price is the right one now, or the book may not be believed. */
  | { readonly type: 'edge.gone'; readonly reason: string }
  | { readonly type: 'withdrawal.requested'; readonly reason: string }
  | { readonly type: 'rest.elapsed' }
  | { readonly type: 'pause.over' }
  | ChildLegEvent
  | ChildEnded
  | EffectFailed;
