/**
 * Where every order asks whether it may leave. Reading is one look at the breaker actor as it is now:
 * a transition that opened it closes the gate before any of its effects run, and an actor that broke,
 * was stopped or never was started lets no entry pass.
 *
 * Orders that can only reduce always pass. Half open, one attempt is the probe and only its entries pass.
 */
import type { Trigger } from '../domain/limits/trigger.ts';
import type { ActorFault } from './actor-runtime.ts';
import type { LivePermit, PermitRefusal, PermitRefused } from './permit.ts';

/** Something else that an entry needs: a running engine, a confirmed mode, the lease of the account. */
export interface EntryCondition {
  readonly reason: PermitRefusal;
  holds(): boolean;
}

export type GateStanding = 'closed' | 'open' | 'halfOpen';

/** The breaker actor, as far as the gate reads it. */
export interface GateView {
  readonly path: string;
  /** `undefined` when the actor has ended, one way or another. */
  standing(): GateStanding | undefined;
  /** Changes whenever it opens: an entry's permit is worth nothing in another period. */
  period(): number;
  /** The attempt that is the probe, while there is one. */
  probe(): string | undefined;
  claimProbe(attemptId: string): void;
  report(trigger: Trigger): void;
}

/** What the gate needs to know of an order: a `LegOrder` has it all. */
export interface PermitRequest {
  readonly isReducing: boolean;
  /** Legs of one attempt share the probe. */
  readonly attemptId: string;
}

const REFUSED: Readonly<Record<PermitRefusal, PermitRefused>> = {
  breakerOpen: { kind: 'refused', reason: 'breakerOpen' },
  breakerProbing: { kind: 'refused', reason: 'breakerProbing' },
  breakerDead: { kind: 'refused', reason: 'breakerDead' },
  engineNotRunning: { kind: 'refused', reason: 'engineNotRunning' },
  modeNotConfirmed: { kind: 'refused', reason: 'modeNotConfirmed' },
  leaseNotHeld: { kind: 'refused', reason: 'leaseNotHeld' },
};

/** More faults than that before the breaker lives are one story, which the journal tells. */
const EARLY_MAX = 100;

export class BreakerGate {
  readonly #conditions: readonly EntryCondition[];
  readonly #onDeath: (because: string) => void;
  readonly #early: Trigger[] = [];
  readonly #reducing = issue('reducing');
  #entry = issue('entry');
  #period = 0;
  #breaker: GateView | undefined;
  #death: string | undefined;

  constructor(parts: {
    readonly conditions?: readonly EntryCondition[];
    /** Called once: nothing that follows opens this gate again, so somebody has to know. */
    readonly onDeath: (because: string) => void;
  }) {
    this.#conditions = parts.conditions ?? [];
    this.#onDeath = parts.onDeath;
  }

  /** Joins the breaker to its gate, and hands over what was reported before. */
  attach(breaker: GateView): void {
    this.#breaker = breaker;
    this.#period = breaker.period();
    for (const trigger of this.#early.splice(0)) this.report(trigger);
  }

  /** Why the breaker is dead; `undefined` while it lives or has not been started. */
  get death(): string | undefined {
    return this.#death;
  }

  /** Whether this order may leave now. Allocates nothing, but for the first entry after a trip. */
  permit(order: PermitRequest): LivePermit | PermitRefused {
    if (order.isReducing) return this.#reducing;
    const refusal = this.refusalOf(order.attemptId);
    if (refusal !== undefined) return REFUSED[refusal];
    const breaker = this.#breaker;
    if (breaker === undefined) return REFUSED.breakerDead;
    if (breaker.standing() === 'halfOpen' && breaker.probe() === undefined) breaker.claimProbe(order.attemptId);
    this.#renew(breaker.period());
    return this.#entry;
  }

  /** Why an entry of this attempt would be refused now; asking claims nothing. */
  refusalOf(attemptId: string): PermitRefusal | undefined {
    const standing = this.#death === undefined ? this.#breaker?.standing() : undefined;
    if (standing === undefined) return 'breakerDead';
    if (standing === 'open') return 'breakerOpen';
    if (standing === 'halfOpen') {
      const probe = this.#breaker?.probe();
      if (probe !== undefined && probe !== attemptId) return 'breakerProbing';
    }
    for (const condition of this.#conditions) if (!condition.holds()) return condition.reason;
    return undefined;
  }

  /** Checked again where the permit is used: an entry's ends with the period in which it was given. */
  honours(permit: LivePermit, order: PermitRequest): boolean {
    if (permit === this.#reducing) return order.isReducing;
    const isCurrent = permit === this.#entry && this.#period === this.#breaker?.period();
    return isCurrent && this.refusalOf(order.attemptId) === undefined;
  }

  /** Delivers a trigger. A breaker that cannot be told is no breaker: nobody enters any more. */
  readonly report = (trigger: Trigger): void => {
    if (this.#death !== undefined) return;
    if (this.#breaker === undefined) {
      if (this.#early.length < EARLY_MAX) this.#early.push(trigger);
      return;
    }
    try {
      this.#breaker.report(trigger);
    } catch (error) {
      this.#die(`${trigger.kind} could not be delivered: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  /** For the runtime: an error in any actor opens the breaker, one in the breaker ends it. */
  readonly onFault = (fault: ActorFault): void => {
    const detail = `${fault.path}: ${fault.message} (${fault.kind})`;
    if (fault.path === this.#breaker?.path) this.#die(detail);
    else this.report({ kind: 'ACTOR_FAULT', detail });
  };

  #die(because: string): void {
    if (this.#death !== undefined) return;
    this.#death = because;
    this.#onDeath(because);
  }

  #renew(period: number): void {
    if (period === this.#period) return;
    this.#period = period;
    this.#entry = issue('entry');
  }
}

/** The one place where a live permit comes from. */
function issue(scope: LivePermit['scope']): LivePermit {
  return Object.freeze({ kind: 'live', scope }) as LivePermit;
}
