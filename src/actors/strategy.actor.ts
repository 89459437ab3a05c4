/**
 * Gives a strategy its effects and its door: an edge that was decided on is planned, its room reserved and its
 * attempt started in one synchronous step, or refused with every reason.
 */
import type { Actor, AnyStateMachine } from 'xstate';
import type { Decision } from '../domain/edge/decide.ts';
import type { AttemptPlan } from '../domain/execution/attempt-plan.ts';
import type { LegOrder, LegReport } from '../domain/execution/leg.ts';
import { openingOrders } from '../domain/execution/policy.ts';
import type { VenueName } from '../domain/instrument.ts';
import type { LimitViolation } from '../domain/limits/risk-limits.ts';
import type { ReportTrigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { Exposures } from '../domain/risk/reservation.ts';
import type { OrphanLeg, RestoredAttempt } from '../machines/attempt.events.ts';
import type { attemptMachine } from '../machines/attempt.machine.ts';
import { actorIdOf } from '../machines/child-leg.ts';
import {
  ATTEMPTS_MAX,
  attemptActor,
  type EdgeRefusal,
  type StrategyEvent,
  strategyEffects,
  strategyMachine,
} from '../machines/strategy.machine.ts';
import type { ActorHandle, ActorRuntime, EffectHandlers } from './actor-runtime.ts';
import type { AttemptPlanner, PlannedAttempt } from './attempt-planner.ts';
import type { OrderDesk } from './order-desk.ts';

export interface StrategyParts {
  readonly runtime: ActorRuntime;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly planner: AttemptPlanner;
  /** Writes the intents of its first orders while an attempt comes to life. */
  readonly orders: Pick<OrderDesk, 'writeAhead'>;
  readonly exposures: Pick<Exposures, 'reserve' | 'report' | 'release'>;
  readonly report: ReportTrigger;
  /** The attempt chart as its desk bound it, and the chart of its orders as theirs did. */
  readonly attempt: typeof attemptMachine;
  readonly orderLeg: AnyStateMachine;
  /** Orders of an attempt whose legs have not closed, as their desk last knew them. */
  readonly openOrdersOf: (attemptId: string) => readonly OrphanLeg[];
  /** Told when an attempt broke, before its orders are taken over. */
  readonly onBroken?: (attemptId: string) => void;
  /** Told when the venues have said their last word about all of those: what they left is nobody's otherwise. */
  readonly onOrphansEnded?: (attemptId: string) => void;
}

export type Approval =
  | { readonly kind: 'started'; readonly plan: AttemptPlan }
  | {
      readonly kind: 'refused';
      readonly reason: EdgeRefusal | 'NOT_PERMITTED' | 'PAIR_NOT_TRADABLE' | 'LIMITS' | PlanRefusal;
      readonly detail: string;
    };

type PlanRefusal = Extract<PlannedAttempt, { kind: 'refused' }>['reason'];

export class Strategy {
  readonly #parts: StrategyParts;
  readonly #actor: Actor<typeof strategyMachine>;
  /** Why the chart refused the plan that is being approved in this very step. */
  #refusal: EdgeRefusal | undefined;

  constructor(strategyId: string, parts: StrategyParts, attemptsMax = ATTEMPTS_MAX) {
    this.#parts = parts;
    const { runtime, attempt, orderLeg } = parts;
    const bound = runtime.bind(strategyMachine, strategyEffects, this.#handlers(), { attempt, orderLeg });
    this.#actor = runtime.start(bound, { id: `strategy/${strategyId}`, input: { strategyId, attemptsMax } });
  }

  /** Plans, reserves and starts, or refuses. Books are those that the decision was made on. */
  approve(decision: Decision, opportunityId: string): Approval {
    const busy = this.#whyNot(decision.watch.id);
    if (busy !== undefined) return { kind: 'refused', reason: busy, detail: `watch ${decision.watch.id}` };
    const { planner, exposures, runtime, clock } = this.#parts;
    const planned = planner.plan(decision, opportunityId);
    if (planned.kind === 'refused') return planned;
    const { plan, request } = planned;
    const reservation = exposures.reserve(request);
    if (reservation.kind === 'refused') {
      return { kind: 'refused', reason: 'LIMITS', detail: reservation.violations.map(violationText).join('; ') };
    }
    this.#refusal = undefined;
    runtime.step(() => {
      const cause = this.#begin(plan);
      runtime.send(this.#actor, { type: 'edge.approved', plan, atMicros: clock.wall() } as StrategyEvent, cause);
    });
    const refusal = this.#refusal as EdgeRefusal | undefined;
    if (refusal !== undefined) return { kind: 'refused', reason: refusal, detail: `watch ${plan.watchId}` };
    return { kind: 'started', plan };
  }

  /** The plan and its first intents are on their way to the disk before any actor of the attempt exists. */
  #begin(plan: AttemptPlan): number {
    const { journal, orders, runtime } = this.#parts;
    const { attemptId, opportunityId } = plan;
    const detail = { attemptId, plan } as unknown as JsonObject;
    const cause = journal.append({
      kind: 'decision',
      opportunity: opportunityId,
      decision: 'approved',
      reason: 'started',
      detail,
    });
    const attempt = `${runtime.pathOf(this.#actor)}/${attemptActor(attemptId)}`;
    const actorOf = ({ legId }: LegOrder): string => `${attempt}/${actorIdOf(legId)}`;
    orders.writeAhead({ orders: openingOrders(plan), actorOf, cause });
    return cause;
  }

  /** Takes up an attempt of an earlier life, or one whose order filled after it had closed. */
  recover(plan: AttemptPlan, sinceMicros: number, restored: RestoredAttempt): void {
    this.#send({ type: 'attempt.recovered', plan, sinceMicros, restored });
  }

  /** Has a live attempt ask again for an order of its that filled after its leg had closed. `false` if it does not live. */
  surfaced({ attemptId, legId }: Pick<LegOrder, 'attemptId' | 'legId'>): boolean {
    const isLive = this.#actor.getSnapshot().context.attempts.some((live) => live.attemptId === attemptId);
    if (isLive) this.#send({ type: 'fill.surfaced', attemptId, legId });
    return isLive;
  }

  /** Takes up an order that nobody decides about any more, to ask what became of it. One that is followed is asked for. */
  follow(attemptId: string, orphan: OrphanLeg): void {
    const { legId } = orphan.report.order;
    const isFollowed = this.#actor
      .getSnapshot()
      .context.orphans.some(
        (known) => known.attemptId === attemptId && known.report.order.legId === legId && !known.isDone,
      );
    if (!isFollowed) this.#send({ type: 'orphans.found', attemptId, orphans: [orphan] });
  }

  /** A private stream was away or has a gap: every live order there asks what became of it (S23). */
  reconcile(reason: string, venue?: VenueName): void {
    this.#send({ type: 'reconciliation.requested', reason, ...(venue === undefined ? {} : { venue }) });
  }

  /** Resting entries are taken off; hedges and repairs go on. */
  breakerOpened(reason: string): void {
    this.#send({ type: 'breaker.opened', reason });
  }

  edgeVanished(watchId: string, reason: string): void {
    this.#send({ type: 'edge.vanished', watchId, reason });
  }

  /** A person takes over what an attempt is stuck with. */
  closeAttempt(attemptId: string, by: string, reason: string): void {
    const parameters = { attemptId, reason };
    const cause = this.#parts.journal.append({ kind: 'command', by, command: 'closeAttempt', parameters });
    this.#send({ type: 'attempt.closing.requested', attemptId, by, reason }, cause);
  }

  drain(reason: string): void {
    this.#send({ type: 'drain.requested', reason });
  }

  resume(): void {
    this.#send({ type: 'resume.requested' });
  }

  get standing(): string {
    return String(this.#actor.getSnapshot().value);
  }

  get liveAttempts(): number {
    return this.#actor.getSnapshot().context.attempts.length;
  }

  get actor(): Actor<typeof strategyMachine> {
    return this.#actor;
  }

  /** Asked before a plan is made, so that a busy watch costs nothing. */
  #whyNot(watchId: string): EdgeRefusal | undefined {
    const { value, context } = this.#actor.getSnapshot();
    if (value !== 'accepting') return 'NOT_ACCEPTING';
    return context.attempts.some((live) => live.watchId === watchId) ? 'WATCH_BUSY' : undefined;
  }

  #send(event: StrategyEvent, cause?: number): void {
    this.#parts.runtime.send(this.#actor, event, cause);
  }

  #handlers(): EffectHandlers<typeof strategyEffects> {
    const { exposures, report, openOrdersOf, onBroken, onOrphansEnded } = this.#parts;
    return {
      refuseEdge: (_actor, { plan, reason }) => {
        this.#refusal = reason;
        exposures.release(plan.attemptId, [], this.#moment());
      },
      requestOrphans: (actor: ActorHandle, { attemptId, unsettled }) => {
        onBroken?.(attemptId);
        const open = openOrdersOf(attemptId);
        // What was withdrawn before it left is open nowhere but in the attempt's own belief: its venue is asked as well.
        const others = unsettled.filter(({ report: { order } }) => !open.some(isOf(order)));
        actor.send({ type: 'orphans.found', attemptId, orphans: [...open, ...others] } as never);
      },
      reportExposure: (_actor, { attemptId, reports }) => exposures.report(attemptId, reports, this.#moment()),
      releaseReservation: (_actor, { attemptId, reports }) => {
        onOrphansEnded?.(attemptId);
        this.#release(attemptId, reports);
      },
      reportTrigger: (_actor, { trigger }) => report(trigger),
    };
  }

  #release(attemptId: string, reports: readonly LegReport[]): void {
    this.#parts.exposures.release(attemptId, reports, this.#moment());
  }

  #moment() {
    const { clock } = this.#parts;
    return { nowMs: clock.nowMs(), wall: clock.wall() };
  }
}

function isOf({ legId }: LegOrder): (orphan: OrphanLeg) => boolean {
  return ({ report }) => report.order.legId === legId;
}

function violationText({ reason, name, limit, value }: LimitViolation): string {
  return `${reason}: ${name} allows ${limit}, found ${value}`;
}
