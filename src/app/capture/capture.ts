/**
 * What a capture holds, whatever wrote it. Each recorder has its own wrapper around the venue's
 * frames or polls; a reader takes the wrapper off and yields steps that the replay understands.
 */
import type { BookId, Instrument, VenueName } from '../../domain/instrument.ts';
import type { MarketDataEvent } from '../../domain/ports/market-data.ts';

/** A frame as the venue sent it, for the venue's own parser. */
export interface FrameStep {
  readonly kind: 'frame';
  readonly venue: VenueName;
  readonly text: string;
  readonly receivedAtMs: number;
}

/** A new connection: sequence numbers start again and every book waits for its snapshot. */
export interface ConnectedStep {
  readonly kind: 'connected';
  readonly venue: VenueName;
  readonly receivedAtMs: number;
}

/** What a poll of one or both venues showed at one moment, already in our words. */
export interface PollStep {
  readonly kind: 'poll';
  readonly events: readonly MarketDataEvent[];
  readonly receivedAtMs: number;
}

/** Which outcomes the recorder says belong together. It is a claim of the recorder, not a proof. */
export interface RelationStep {
  readonly kind: 'relation';
  readonly relation: Relation;
}

/** A record that cannot be what the format says. Nothing of it was used. */
export interface FaultStep {
  readonly kind: 'fault';
  readonly message: string;
}

export type CaptureStep = FrameStep | ConnectedStep | PollStep | RelationStep | FaultStep;

/** Two instruments, one at each venue, that the recorder paired by hand: both pay when the event happens. */
export interface PairRelation {
  readonly kind: 'pair';
  readonly pairId: string;
  readonly yes: { readonly kalshi: Instrument; readonly polymarket: Instrument };
}

/** Markets of one Kalshi event with the strikes that its metadata states. */
export interface EventRelation {
  readonly kind: 'event';
  readonly eventId: string;
  readonly strikes: readonly Strike[];
}

export interface Strike {
  readonly book: BookId;
  readonly type: 'greater' | 'greater_or_equal' | 'less' | 'less_or_equal' | 'between' | 'unknown';
  readonly floor: number | undefined;
  readonly cap: number | undefined;
}

/** Both tokens of one Polymarket market, each with a book of its own: exactly one of them pays. */
export interface TokensRelation {
  readonly kind: 'tokens';
  readonly marketId: string;
  readonly yes: BookId;
  readonly no: BookId;
}

export type Relation = PairRelation | EventRelation | TokensRelation;

/** Takes one recorder's wrapper off. Stateful readers are made anew for each file. */
export interface CaptureReader {
  /** One line, or for `document` captures the whole text. Never throws on bad content. */
  read(text: string): readonly CaptureStep[];
}

export interface CaptureFormat {
  readonly name: string;
  /** What a person reads, e.g. `Kalshi WebSocket recording`. */
  readonly label: string;
  readonly unit: 'line' | 'document';
  /**
   * `stream`: every change was recorded. `polled`: books were looked at now and then, so what
   * happened in between is unknown. `quotes`: polled best prices only, shown as one-level books.
   */
  readonly coverage: 'stream' | 'polled' | 'quotes';
  /** False where the recorder kept no sizes: an edge is then gross and declined as `SIZE_UNKNOWN`. */
  readonly hasSizes: boolean;
  /** Whether the first line (or the whole document) is of this format. */
  recognises(first: unknown, text: string): boolean;
  open(): CaptureReader;
}
