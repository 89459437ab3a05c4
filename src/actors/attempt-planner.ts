/** Makes a plan of an edge that was just decided on: fresh ids, the policy of the profile, the room it needs. */
import type { Decision } from '../domain/edge/decide.ts';
import { type Planning, type PlanTerms, planAttempt } from '../domain/execution/plan.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Ids } from '../domain/ports/random.ts';
import type { ReservationRequest, RiskGroup } from '../domain/risk/reservation.ts';

export interface AttemptPlannerParts {
  readonly ids: Ids;
  readonly clock: Clock;
  /** By configuration and by the state of the venues: asked anew for each plan. */
  readonly termsOf: (decision: Decision) => PlanTerms;
  /** What the watch counts towards. */
  readonly groupOf: (watchId: string) => RiskGroup;
}

export type PlannedAttempt =
  | {
      readonly kind: 'planned';
      readonly plan: Extract<Planning, { kind: 'planned' }>['plan'];
      readonly request: ReservationRequest;
    }
  | Extract<Planning, { kind: 'refused' }>;

export class AttemptPlanner {
  readonly #parts: AttemptPlannerParts;

  constructor(parts: AttemptPlannerParts) {
    this.#parts = parts;
  }

  /** In the same synchronous step as the decision: books are read as they are now. */
  plan(decision: Decision, opportunityId: string): PlannedAttempt {
    const { ids, clock, termsOf, groupOf } = this.#parts;
    const planning = planAttempt(decision, termsOf(decision), {
      attemptId: ids.uuid(),
      opportunityId,
      clientOrderId: () => ids.uuid(),
    });
    if (planning.kind === 'refused') return planning;
    const { plan, entry } = planning;
    const request: ReservationRequest = {
      attemptId: plan.attemptId,
      group: groupOf(plan.watchId),
      legs: plan.legs,
      repairMicroUsdMax: plan.repair.repairLossMicroUsdMax,
      entry,
      at: { nowMs: clock.nowMs(), wall: clock.wall() },
    };
    return { kind: 'planned', plan, request };
  }
}
