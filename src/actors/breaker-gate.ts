/**
 * Where every order asks whether it may leave. Reading is one look at the breaker actor as it is now:
 * a transition that opened it closes the gate before any of its effects run, and an actor that broke,
 * was stopped or never was started lets no entry pass.
 *
 * Orders that can only reduce always pass. Half open, one attempt is the probe and only its entries pass.
 */
import type { Trigger } from '../domain/limits/trigger.ts';
import type { LivePermit, PermitRefusal, PermitRefused } from './permit.ts';

/** Something else that an entry needs: a running engine, a confirmed mode, the lease of the account. */
export interface EntryCondition {
  readonly reason: PermitRefusal;
  holds(): boolean;
}

/** The breaker actor, as far as the gate reads it. `undefined` is a breaker that nobody started. */
export interface GateView {
  /** `undefined` when the actor has ended, one way or another. */
  standing(): GateStanding | undefined;
  /** The attempt that is the probe, while there is one. */
  probe(): string | undefined;
  /** Tells the breaker that this attempt is the probe now. */
  claimProbe(attemptId: string): void;
  report(trigger: Trigger): void;
}

export type GateStanding = 'closed' | 'open' | 'halfOpen';

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

const ENTRY = Object.freeze({ kind: 'live', scope: 'entry' }) as unknown as LivePermit;
const REDUCING = Object.freeze({ kind: 'live', scope: 'reducing' }) as unknown as LivePermit;

export class BreakerGate {
  readonly #conditions: readonly EntryCondition[];
  #breaker: GateView | undefined;
  #isDead = false;

  constructor(conditions: readonly EntryCondition[] = []) {
    this.#conditions = conditions;
  }

  /** Joins the breaker to its gate; before that, and after its death, no entry passes. */
  attach(breaker: GateView): void {
    this.#breaker = breaker;
  }

  /** Called once, when the breaker itself broke. Only a new process has a gate that opens again. */
  die(): void {
    this.#isDead = true;
  }

  /** Whether this order may leave now. Allocates nothing. */
  permit(order: PermitRequest): LivePermit | PermitRefused {
    if (order.isReducing) return REDUCING;
    const refusal = this.refusalOf(order.attemptId);
    if (refusal !== undefined) return REFUSED[refusal];
    if (this.#breaker?.standing() === 'halfOpen') this.#claim(this.#breaker, order.attemptId);
    return ENTRY;
  }

  /** Why an entry of this attempt would be refused now; asking claims nothing. */
  refusalOf(attemptId: string): PermitRefusal | undefined {
    const standing = this.#standing();
    if (standing === undefined) return 'breakerDead';
    if (standing === 'open') return 'breakerOpen';
    if (standing === 'halfOpen') {
      const probe = this.#breaker?.probe();
      if (probe !== undefined && probe !== attemptId) return 'breakerProbing';
    }
    for (const condition of this.#conditions) if (!condition.holds()) return condition.reason;
    return undefined;
  }

  /** Checked again where the permit is used: an entry's stands only as long as the breaker does. */
  honours(permit: LivePermit, attemptId: string): boolean {
    if (permit === REDUCING) return true;
    return permit === ENTRY && this.refusalOf(attemptId) === undefined;
  }

  /** Delivers a trigger. What cannot be delivered leaves the gate shut for ever. */
  readonly report = (trigger: Trigger): void => {
    if (this.#isDead || this.#breaker === undefined) return;
    try {
      this.#breaker.report(trigger);
    } catch {
      // Whatever the reason, a breaker that cannot be told is no breaker: nobody enters any more.
      this.#isDead = true;
    }
  };

  #standing(): GateStanding | undefined {
    return this.#isDead ? undefined : this.#breaker?.standing();
  }

  #claim(breaker: GateView, attemptId: string): void {
    if (breaker.probe() === undefined) breaker.claimProbe(attemptId);
  }
}
