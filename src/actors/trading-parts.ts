/** What trading is made of, chosen elsewhere: the same actors trade live, on paper and against simulators. */
import type { AnyStateMachine } from 'xstate';
import type { Decision, DetectionPolicy } from '../domain/edge/decide.ts';
import type { WatchedPair } from '../domain/edge/pair-watches.ts';
import type { ExecutionPolicy, RepairLimits } from '../domain/execution/attempt-plan.ts';
import type { FeeModel } from '../domain/fees/fee-schedule.ts';
import type { Instrument, VenueName } from '../domain/instrument.ts';
import type { RiskLimits } from '../domain/limits/risk-limits.ts';
import type { PairTerms } from '../domain/pairs/pair-terms.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Inflow } from '../domain/ports/inflow.ts';
import type { Journal } from '../domain/ports/journal.ts';
import type { Ids, Random } from '../domain/ports/random.ts';
import type { Venue } from '../domain/ports/venue.ts';
import type { BreakerPolicy } from '../domain/risk/breaker-policy.ts';
import type { LossLimits } from '../domain/risk/loss-watch.ts';
import type { RiskGroup } from '../domain/risk/reservation.ts';
import type { AttemptOutcome } from '../machines/attempt.events.ts';
import type { BreakerMemory } from '../machines/circuit-breaker.machine.ts';
import type { Edge } from '../machines/edges.ts';
import type { ModeName } from '../machines/mode.machine.ts';
import type { PositionPatience } from '../machines/position.events.ts';
import type { PositionReport } from '../machines/position-facts.ts';
import type { MarketTerms } from './attempt-desk-markets.ts';
import type { BreakerAlert } from './breaker.actor.ts';
import type { EngineChange } from './engine.actor.ts';
import type { ModeParts } from './mode.actor.ts';
import type { Approval } from './strategy.actor.ts';
import type { VenueDeskParts, VenueNotice } from './venue-desk-parts.ts';

/** A risk profile with everything that it decides. */
export interface TradingProfile {
  readonly name: string;
  /** Its `accountOf` is not used: balances come from the books. */
  readonly detection: DetectionPolicy;
  readonly limits: RiskLimits;
  readonly losses: LossLimits;
  readonly breaker: BreakerPolicy;
  readonly repair: RepairLimits;
  readonly execution: ExecutionPolicy;
  /** Where the first leg rests under `makerThenHedge`. */
  readonly makerVenue: VenueName;
  readonly market: MarketTerms;
  readonly feeModel: FeeModel;
  readonly position: PositionPatience;
}

export interface VenueSeat {
  readonly venue: Venue;
  /** What the desk is given besides what trading itself gives it. */
  readonly desk: Pick<VenueDeskParts, 'settings'> &
    Partial<Pick<VenueDeskParts, 'readBooks' | 'rateStates' | 'standingNow' | 'refreshHeaders' | 'orderBeat'>>;
  /** Makes what was just bought sellable, where the venue has to be told (Polymarket). */
  readonly refresh?: (instruments: readonly Instrument[]) => void;
}

export interface TradedPair extends WatchedPair {
  readonly group: RiskGroup;
  /** What a person approved: a pair is traded only while both venues still say the same. */
  readonly terms: PairTerms;
}

/** Whoever watches: views, alerts, metrics. Nothing here may throw, and nothing waits for it. */
export interface TradingListeners {
  readonly onDecision?: (decision: Decision) => void;
  readonly onApproval?: (decision: Decision, approval: Approval) => void;
  readonly onOutcome?: (outcome: AttemptOutcome) => void;
  readonly onPosition?: (report: PositionReport) => void;
  readonly onAlert?: (alert: BreakerAlert) => void;
  readonly onEngine?: (change: EngineChange) => void;
  /** Where orders go from now on. */
  readonly onMode?: (mode: ModeName, by: string) => void;
  /** A pair may be traded, or may not any more, and why. */
  readonly onPair?: (pairId: string, standing: 'tradable' | 'untradable', reason: string) => void;
  /** The breaker itself broke: nothing is entered until a restart. */
  readonly onBreakerDeath?: (because: string) => void;
  readonly onNotice?: (notice: VenueNotice) => void;
  readonly onEdge?: (machine: string, edge: Edge) => void;
}

export interface TradingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly journal: Journal;
  readonly definitionOf: (machine: AnyStateMachine) => string;
  readonly seats: Readonly<Record<VenueName, VenueSeat>>;
  readonly profile: TradingProfile;
  readonly listeners: TradingListeners;
  /** Where orders may go. Without it they go where the seats lead. */
  readonly mode?: Pick<ModeParts, 'settings' | 'blockers' | 'configHash'>;
  /** Of real connections: what arrives while orders are on their way to the disk waits. */
  readonly inflow?: Inflow;
  /** What the breaker was when the last process ended: no restart closes it (docs/invariants.md I14). */
  readonly breakerMemory?: BreakerMemory;
  /** Pairs that were quarantined when the last process ended, and why. */
  readonly quarantined?: ReadonlyMap<string, string>;
}
