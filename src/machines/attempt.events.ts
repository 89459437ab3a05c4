/** What an attempt hears, remembers and leaves behind. */
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import type { RepairKind } from '../domain/execution/repair.ts';
import type { VenueName } from '../domain/instrument.ts';
import type { MicroUsd, SizeE6 } from '../domain/units.ts';
import type { ChildLegEvent } from './child-leg.ts';
import type { ChildEnded, EffectFailed } from './effects.ts';

export interface RepairPlanned {
  readonly type: 'repair.planned';
  readonly kind: RepairKind;
  readonly orders: readonly LegOrder[];
  /** What the contracts lose by it at the prices shown. */
  readonly costMicroUsd: MicroUsd;
  /** The same if all of it trades at its limits. */
  readonly worstMicroUsd: MicroUsd;
  readonly atMs: number;
}

export interface ReconciliationRequested {
  readonly type: 'reconciliation.requested';
  readonly reason: string;
  /** Every venue where it is left out. */
  readonly venue?: VenueName;
}

/** Nothing more may be risked: the breaker opened, somebody halts, a venue closed, or the edge is gone. */
export interface EntryRevoked {
  readonly type: 'entry.revoked';
  readonly reason: string;
}

/** A fill of an order whose leg had closed: what its venue said last was not the last word. */
export interface FillSurfaced {
  readonly type: 'fill.surfaced';
  readonly legId: string;
}

export interface ClosingRequested {
  readonly type: 'closing.requested';
  readonly by: string;
  readonly reason: string;
}

export type AttemptEvent =
  | { readonly type: 'look.passed'; readonly orders: readonly LegOrder[] }
  | { readonly type: 'look.failed'; readonly reason: string }
  | { readonly type: 'look.overdue' }
  | { readonly type: 'retry.due' }
  | { readonly type: 'rest.elapsed' }
  | { readonly type: 'hedge.planned'; readonly orders: readonly LegOrder[] }
  /** Too little for the venue so far; it is carried, within the limit of dust. */
  | { readonly type: 'hedge.deferred'; readonly sizeE6: SizeE6; readonly reason: string }
  | { readonly type: 'hedge.impossible'; readonly reason: string }
  | { readonly type: 'hedge.overdue' }
  | { readonly type: 'evidence.noted'; readonly atMs: number }
  | RepairPlanned
  | { readonly type: 'repair.impossible'; readonly reason: string }
  | { readonly type: 'repair.postponed'; readonly reason: string; readonly atMs: number }
  | { readonly type: 'repair.overdue' }
  | { readonly type: 'dust.left'; readonly sizeE6: SizeE6; readonly costMicroUsd: MicroUsd }
  | { readonly type: 'settlementPatience.elapsed' }
  | { readonly type: 'stuckPause.elapsed' }
  | ReconciliationRequested
  | EntryRevoked
  | ClosingRequested
  | FillSurfaced
  | ChildLegEvent
  | ChildEnded
  | EffectFailed;

export interface AttemptInput {
  readonly plan: AttemptPlan;
  /** When it was made: reads for what became of its orders begin there. */
  readonly sinceMicros: number;
  /** An attempt of an earlier life, or one that closed and whose order filled afterwards: nothing is sent for it anew. */
  readonly restored?: RestoredAttempt;
}

export interface RestoredAttempt {
  /** Of every order that was handed over, as it was last known. */
  readonly reports: readonly LegReport[];
  /** Of these, the ones that nothing more can come of. All others are asked for. */
  readonly settled: readonly string[];
}

/** One round of repair orders, and what it may lose. */
export interface Repair {
  readonly kind: RepairKind;
  readonly legIds: readonly string[];
  readonly worstMicroUsd: MicroUsd;
}

export interface AttemptContext {
  readonly plan: AttemptPlan;
  readonly sinceMicros: number;
  readonly isRestored: boolean;
  /** One an order that was handed over, in the order of their making. */
  readonly reports: readonly LegReport[];
  /** Legs of which nothing more can come. */
  readonly settled: readonly string[];
  /** Legs whose actor broke once, and was made anew to ask the venue. */
  readonly faulted: readonly string[];
  /** Legs whose actor broke again: nobody follows them any more. */
  readonly dead: readonly string[];
  /** Opening orders that were tried once more. */
  readonly retries: number;
  /** A gap up to this is too small to be hedged on its own. */
  readonly deferredE6: SizeE6;
  /** A gap up to this is left as dust. */
  readonly dustE6: SizeE6;
  readonly repairs: readonly Repair[];
  /** Repair orders that may be sent in all; each look out of a stuck attempt grants one more. */
  readonly repairOrdersMax: number;
  /** When an asymmetry was first seen, when a venue was first told to do something about it, and when an order was. */
  readonly evidenceAtMs: number | undefined;
  readonly repairAtMs: number | undefined;
  readonly repairOrderAtMs: number | undefined;
  /** Why it ended as it did, or is stuck. */
  readonly reason: string;
}

export interface RepairAsked {
  readonly plan: AttemptPlan;
  readonly reports: readonly LegReport[];
  readonly lostMicroUsd: MicroUsd;
}

/** An order of an attempt that broke, or that a person closed, as it was last known. */
export interface OrphanLeg {
  readonly report: LegReport;
  readonly venueOrderId?: string;
  readonly sinceMicros: number;
}

/** What the attempt came to. Profit is expected until the venues have paid. */
export interface AttemptOutcome {
  readonly attemptId: string;
  readonly opportunityId: string;
  readonly watchId: string;
  /** `refused` sent nothing, `unfilled` bought nothing, `unwound` holds nothing any more, `abandoned` was closed by a person. */
  readonly end: 'refused' | 'unfilled' | 'balanced' | 'unwound' | 'dust' | 'abandoned';
  readonly reason: string;
  readonly setsE6: SizeE6;
  readonly leftoverE6: SizeE6;
  readonly cashMicroUsd: MicroUsd;
  /** The promise of the sets that are held, less the cash that left. What is left over counts nothing. */
  readonly profitMicroUsd: MicroUsd;
  readonly plannedProfitMicroUsd: MicroUsd;
  readonly wasAsymmetric: boolean;
  /**
   * From the evidence of an asymmetry to the first command against it: a repair order, the cancel of our own order that
   * rests in the way of one, or the request that makes what was bought sellable.
   */
  readonly repairStartMs: number | undefined;
  /** From the same evidence to the first repair order, which may have had to wait for a venue. */
  readonly repairOrderMs: number | undefined;
  readonly repairOrders: number;
  /** Orders of which a venue may still say something: none, unless a person closed it. */
  readonly unsettled: readonly OrphanLeg[];
  readonly reports: readonly LegReport[];
}
