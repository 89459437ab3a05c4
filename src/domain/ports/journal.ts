/**
 * The journal: an append-only chain of records from which everything else is derived. What a record
 * holds is chosen field by field, so that a secret has no way in.
 */
import type { Micros } from '../units.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

interface RecordBase {
  /** Sequence number of the record that led to this one. */
  readonly cause?: number | undefined;
  /** When the venue says it happened. */
  readonly venueAt?: Micros | undefined;
}

/** An actor started or ended. Names are ours and stable: `attempt/e9/leg/kalshi`. */
export interface LifeRecord extends RecordBase {
  readonly kind: 'spawn' | 'stop';
  readonly actor: string;
  readonly machine: string;
  readonly definition: string;
  readonly state: string;
  readonly context: JsonObject;
}

/** A statechart moved, or stayed and acted. */
export interface TransitionRecord extends RecordBase {
  readonly kind: 'transition';
  readonly actor: string;
  readonly machine: string;
  readonly definition: string;
  readonly event: JsonObject;
  readonly source?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly edges: readonly string[];
  /** The top-level fields that changed, as they are now. */
  readonly context: JsonObject;
  readonly effects: readonly string[];
}

/** An event that the actor's chart did not accept in its state, or that came when the actor had ended in it. */
export interface IgnoredRecord extends RecordBase {
  readonly kind: 'ignored';
  readonly actor: string;
  readonly machine: string;
  readonly event: JsonObject;
  readonly state: string;
}

/** Written and on disk before the first byte of the order leaves. */
export interface IntentRecord extends RecordBase {
  readonly kind: 'intent';
  readonly actor: string;
  readonly attempt: string;
  readonly leg: string;
  readonly venue: string;
  readonly clientOrderId: string;
  /** Known before sending where it is a hash of the order. */
  readonly venueOrderId: string | undefined;
  /** Unsigned: the same body can be rebuilt from it. */
  readonly body: string;
  readonly order: JsonObject;
}

/** An intent that was written and then not sent. */
export interface WithdrawnRecord extends RecordBase {
  readonly kind: 'withdrawal';
  readonly actor: string;
  readonly clientOrderId: string;
  readonly reason: string;
}

/** An opportunity was approved, rejected or left to expire. */
export interface DecisionRecord extends RecordBase {
  readonly kind: 'decision';
  readonly opportunity: string;
  readonly decision: 'approved' | 'rejected' | 'expired';
  readonly reason: string;
  readonly detail: JsonObject;
}

/** Somebody asked for something: who, what and why. Written before it is done. */
export interface CommandRecord extends RecordBase {
  readonly kind: 'command';
  readonly by: string;
  readonly command: string;
  readonly parameters: JsonObject;
}

export interface LedgerRecord extends RecordBase {
  readonly kind: 'ledger';
  readonly transaction: JsonObject;
}

/** A frame or reply that mattered. */
export interface VenueRecord extends RecordBase {
  readonly kind: 'venueIn' | 'venueOut';
  readonly venue: string;
  readonly about: string;
  readonly detail: JsonObject;
}

export interface ErrorRecord extends RecordBase {
  readonly kind: 'error';
  readonly actor: string;
  readonly message: string;
}

export interface CheckpointRecord extends RecordBase {
  readonly kind: 'checkpoint';
  readonly actors: JsonObject;
}

export interface SealRecord extends RecordBase {
  readonly kind: 'seal';
  readonly reason: 'rotation' | 'end';
}

export interface RecoveredRecord extends RecordBase {
  readonly kind: 'recovered';
  readonly what: 'tornTail' | 'review';
  readonly detail: JsonObject;
}

/** The first of a run: binds its manifest, and with it the versions and definitions, into the chain. */
export interface RunRecord extends RecordBase {
  readonly kind: 'run';
  readonly mode: string;
  /** `sha256:…` of the manifest as it lies in the run's folder. */
  readonly manifest: string;
}

export type JournalRecord =
  | RunRecord
  | LifeRecord
  | TransitionRecord
  | IgnoredRecord
  | IntentRecord
  | WithdrawnRecord
  | DecisionRecord
  | CommandRecord
  | LedgerRecord
  | VenueRecord
  | ErrorRecord
  | CheckpointRecord
  | SealRecord
  | RecoveredRecord;

/** A record as it stands in the journal, one a line. `hash` is over everything else, `prev` included. */
export type WrittenRecord = JournalRecord & {
  readonly seq: number;
  readonly run: string;
  readonly receivedAt: string;
  /** Monotonic nanoseconds, as text. */
  readonly mono: string;
  readonly prev: string;
  readonly hash: string;
};

export interface JournalFault {
  /** What was expected and what happened, with the file and what to do. */
  readonly message: string;
  readonly cause: unknown;
}

export interface Journal {
  /**
   * Takes a record and gives its sequence number, without waiting. It reaches the disk with the next
   * group commit, or with the next `sync`. After a fault records are taken and lost: the fault says so once.
   */
  append(record: JournalRecord): number;
  /**
   * Ends, once, when everything appended so far is on disk (`undefined`) or never certainly will be. Calls
   * that arrive while a sync runs share the next one. Never ends synchronously.
   */
  sync(onEnd: (fault: JournalFault | undefined) => void): void;
  /** Seals and closes. Nothing is appended afterwards. */
  close(): Promise<void>;
}
