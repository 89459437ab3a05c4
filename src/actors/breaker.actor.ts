/**
 * Gives the circuit breaker its effects and joins it to its gate. Everything that a person asks for is
 * written down before it is done.
 */
import type { Actor } from 'xstate';
import type { VenueName } from '../domain/instrument.ts';
import type { ReportTrigger, Trigger } from '../domain/limits/trigger.ts';
import type { Clock } from '../domain/ports/clock.ts';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { BreakerPolicy } from '../domain/risk/breaker-policy.ts';
import { type Reasons, type StandingCheck, uncleanOf } from '../domain/risk/breaker-reasons.ts';
import { ERROR_SHARE, ErrorShare, type ErrorShareLimit } from '../domain/risk/error-share.ts';
import {
  type BreakerMemory,
  type CircuitBreakerContext,
  type CircuitBreakerEvent,
  circuitBreakerEffects,
  circuitBreakerMachine,
  type HaltScope,
  resumeRefusals,
} from '../machines/circuit-breaker.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { BreakerGate, GateStanding } from './breaker-gate.ts';

export interface BreakerParts {
  readonly runtime: ActorRuntime;
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Clock;
  readonly gate: BreakerGate;
  readonly policy: BreakerPolicy;
  readonly apiErrors?: ErrorShareLimit;
  /** What the breaker was when the last process ended. */
  readonly restored?: BreakerMemory | undefined;
  readonly onAlert: (alert: BreakerAlert) => void;
  /** Asks every venue to cancel everything that rests. Works without the breaker. */
  readonly cancelAll: (reason: string) => void;
}

export type BreakerAlert =
  | { readonly kind: 'opened'; readonly trigger: Trigger; readonly trips: number }
  | { readonly kind: 'closed'; readonly by: string; readonly reason: string }
  | { readonly kind: 'resumeRefused'; readonly by: string; readonly because: readonly string[] };

export interface BreakerView {
  readonly standing: BreakerMemory['standing'] | 'dead';
  /** Why it is dead. */
  readonly death: string | undefined;
  readonly reasons: Reasons;
  /** Reports so far: what a resumption says that it has seen. */
  readonly reports: number;
  readonly trips: number;
  readonly resumes: number;
  readonly probe: string | undefined;
}

export interface ResumeAsked {
  readonly by: string;
  readonly reason: string;
  readonly force: boolean;
  readonly checks: readonly StandingCheck[];
  /** `view().reports` from before the checks. */
  readonly seenReports: number;
}

export type ResumeAnswer =
  | { readonly kind: 'resumed' }
  | { readonly kind: 'refused'; readonly because: readonly string[] };

const BREAKER = 'breaker';

export class Breaker {
  readonly gate: BreakerGate;
  readonly report: ReportTrigger;
  readonly #parts: BreakerParts;
  readonly #actor: Actor<typeof circuitBreakerMachine>;
  readonly #calls = new Map<VenueName, ErrorShare>();

  constructor(parts: BreakerParts) {
    this.#parts = parts;
    this.gate = parts.gate;
    this.report = parts.gate.report;
    const machine = parts.runtime.bind(circuitBreakerMachine, circuitBreakerEffects, {
      requestAlert: (_, { trigger, trips }) => parts.onAlert({ kind: 'opened', trigger, trips }),
      requestCancelAll: (_, { by, reason }) => parts.cancelAll(`${by}: ${reason}`),
      announceClosing: (_, { by, reason }) => this.#closed(by, reason),
      refuseResume: (_, { by, because }) => parts.onAlert({ kind: 'resumeRefused', by, because }),
    });
    const { policy, restored } = parts;
    const input = restored === undefined ? { policy } : { policy, restored };
    this.#actor = parts.runtime.start(machine, { id: BREAKER, input });
    this.gate.attach({
      path: BREAKER,
      standing: () => this.#standing(),
      period: () => this.#context.openings,
      probe: () => this.#context.probe,
      claimProbe: (attemptId) => this.#send({ type: 'probe.started', attemptId }),
      report: (trigger) => this.#report(trigger),
    });
  }

  /** An attempt reached what it wanted. */
  succeeded(attemptId: string): void {
    this.#send({ type: 'execution.succeeded', attemptId });
  }

  /** An attempt ended without what it wanted: a probe of that kind proves nothing, and the next one is the probe. */
  abandoned(attemptId: string): void {
    this.#send({ type: 'execution.abandoned', attemptId });
  }

  /** A call to a venue ended. Counted here, because one failure in a thousand is nobody's event. */
  callEnded(venue: VenueName, hasFailed: boolean): void {
    const calls = this.#callsOf(venue);
    if (!calls.record(hasFailed, this.#parts.clock.nowMs())) return;
    const { calls: all, failures } = calls.within(this.#parts.clock.nowMs());
    calls.clear();
    this.report({ kind: 'API_ERRORS', venue, detail: `${failures} of ${all} calls failed within the window` });
  }

  /** Stops whatever adds risk; `all` also cancels what rests. Works when the breaker does not. */
  halt(asked: { readonly by: string; readonly reason: string; readonly scope: HaltScope }): void {
    const { by, reason, scope } = asked;
    const cause = this.#command(by, 'halt', { reason, scope });
    if (this.#standing() === undefined) {
      // A dead breaker lets no entry pass already; canceling must not depend on it.
      if (scope === 'all') this.#parts.cancelAll(`${by}: ${reason}`);
      return;
    }
    const atMs = this.#parts.clock.nowMs();
    this.#send({ type: 'halt.requested', by, reason, scope, atMs }, cause);
  }

  /** Closes it by hand, with clean checks or by force. What was asked for is on record either way. */
  resume(asked: ResumeAsked): ResumeAnswer {
    const { by, reason, force, checks, seenReports } = asked;
    const unclean = uncleanOf(checks).map(({ name }) => name);
    const cause = this.#command(by, 'resume', { reason, force, unclean, seenReports });
    if (this.#standing() === undefined) {
      return {
        kind: 'refused',
        because: [`expected a living breaker, found a dead one: ${this.gate.death ?? 'ended'}`],
      };
    }
    const event = { type: 'resume.requested', by, reason, force, checks, seenReports } as const;
    const because = resumeRefusals(this.#context, event);
    this.#send(event, cause);
    if (this.#standing() === 'closed') return { kind: 'resumed' };
    return { kind: 'refused', because };
  }

  view(): BreakerView {
    const { reasons, reports, trips, resumes, probe } = this.#context;
    const standing = this.#standing() === undefined ? 'dead' : this.#memoryStanding();
    return { standing, death: this.gate.death, reasons, reports, trips, resumes, probe };
  }

  /** What a restart continues with. */
  memory(): BreakerMemory {
    const { reasons, tallies, trips, resumes } = this.#context;
    return { standing: this.#memoryStanding(), reasons, tallies, trips, resumes };
  }

  get #context(): CircuitBreakerContext {
    return this.#actor.getSnapshot().context;
  }

  #standing(): GateStanding | undefined {
    const { status, value } = this.#actor.getSnapshot();
    if (status !== 'active' || this.gate.death !== undefined) return undefined;
    if (value === 'closed') return 'closed';
    return typeof value === 'object' && 'halfOpen' in value ? 'halfOpen' : 'open';
  }

  #memoryStanding(): BreakerMemory['standing'] {
    const snapshot = this.#actor.getSnapshot();
    if (snapshot.matches('closed')) return 'closed';
    if (snapshot.matches('halfOpen')) return 'halfOpen';
    return snapshot.matches({ open: 'cooling' }) ? 'cooling' : 'latched';
  }

  #report(trigger: Trigger): void {
    const atMs = this.#parts.clock.nowMs();
    this.#send({ type: 'trigger.reported', trigger, atMs });
  }

  #send(event: CircuitBreakerEvent, cause?: number): void {
    this.#parts.runtime.send(this.#actor, event, cause);
  }

  #callsOf(venue: VenueName): ErrorShare {
    const known = this.#calls.get(venue);
    if (known !== undefined) return known;
    const made = new ErrorShare(this.#parts.apiErrors ?? ERROR_SHARE);
    this.#calls.set(venue, made);
    return made;
  }

  #command(by: string, command: string, parameters: JsonObject): number {
    return this.#parts.journal.append({ kind: 'command', by, command, parameters });
  }

  #closed(by: string, reason: string): void {
    for (const calls of this.#calls.values()) calls.clear();
    this.#parts.onAlert({ kind: 'closed', by, reason });
  }
}
