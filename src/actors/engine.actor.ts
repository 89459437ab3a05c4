/** Gives the engine chart its effects: checks, drains and kills are done by what was passed in. */
import type { Actor } from 'xstate';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { StandingCheck } from '../domain/risk/breaker-reasons.ts';
import { type EngineEvent, type EngineInput, engineEffects, engineMachine } from '../machines/engine.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { EntryCondition } from './breaker-gate.ts';

export interface EngineParts {
  readonly runtime: ActorRuntime;
  readonly journal: Pick<Journal, 'append'>;
  readonly settings: EngineInput;
  /** Asks both venues and our own books; answers once, whatever it found. A throw is an answer that is missing. */
  readonly runChecks: (answer: (checks: readonly StandingCheck[]) => void) => void;
  /** Starts nothing new, finishes and hedges what is open, takes maker orders off the book; says when nothing is open. */
  readonly drain: (reason: string, ended: () => void) => void;
  readonly cancelAll: (reason: string) => void;
  readonly onChange: (change: EngineChange) => void;
}

export type EngineChange =
  | { readonly kind: 'running' | 'stopped' | 'leftovers' }
  | { readonly kind: 'review'; readonly unclean: readonly StandingCheck[] }
  | { readonly kind: 'reducing'; readonly by: string; readonly reason: string };

export type EngineStanding =
  | 'starting'
  | 'heldBack'
  | 'checking'
  | 'awaitingReview'
  | 'running'
  | 'reducing'
  | 'draining'
  | 'stopped'
  /** The actor broke: nothing is entered, and only a new process changes that. */
  | 'dead';

interface Asked {
  readonly by: string;
  readonly reason: string;
}

export class Engine implements EntryCondition {
  readonly reason = 'engineNotRunning';
  readonly #parts: EngineParts;
  readonly #actor: Actor<typeof engineMachine>;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    const { onChange } = parts;
    const machine = parts.runtime.bind(engineMachine, engineEffects, {
      requestChecks: (actor, { round }) =>
        parts.runChecks((checks) => actor.send({ type: 'checks.completed', round, checks } as EngineEvent)),
      announceReview: (_, { unclean }) => onChange({ kind: 'review', unclean }),
      announceRunning: () => onChange({ kind: 'running' }),
      announceReducing: (_, { by, reason }) => onChange({ kind: 'reducing', by, reason }),
      requestCancelAll: (_, { by, reason }) => parts.cancelAll(`${by}: ${reason}`),
      requestDrain: (actor, { by, reason }) =>
        parts.drain(`${by}: ${reason}`, () => actor.send({ type: 'work.ended' })),
      reportLeftovers: () => onChange({ kind: 'leftovers' }),
      announceStopped: () => onChange({ kind: 'stopped' }),
    });
    this.#actor = parts.runtime.start(machine, { id: 'engine', input: parts.settings });
  }

  /** Whether entries may be sent, as far as the engine has a say. */
  holds(): boolean {
    const { status, value } = this.#actor.getSnapshot();
    return status === 'active' && value === 'running';
  }

  get standing(): EngineStanding {
    const { status, value } = this.#actor.getSnapshot();
    return status === 'active' ? (value as EngineStanding) : 'dead';
  }

  /** Of the last round. */
  get checks(): readonly StandingCheck[] {
    return this.#actor.getSnapshot().context.checks;
  }

  startupCompleted(): void {
    this.#send({ type: 'startup.completed' });
  }

  startupFailed(detail: string): void {
    this.#send({ type: 'startup.failed', detail });
  }

  check(by: string): void {
    this.#send({ type: 'checks.requested', by }, this.#command(by, 'checks', {}));
  }

  /** `--force`: a person answers for what the checks found. Without a reason nothing is accepted. */
  acceptReview({ by, reason }: Asked): 'accepted' | 'refused' {
    const { round, checks } = this.#actor.getSnapshot().context;
    const unclean = checks.filter(({ isClean }) => !isClean).map(({ name }) => name);
    const cause = this.#command(by, 'acceptReview', { reason, round, unclean });
    this.#send({ type: 'review.accepted', by, reason, round }, cause);
    return this.holds() ? 'accepted' : 'refused';
  }

  reduce({ by, reason }: Asked): void {
    this.#send({ type: 'reduction.requested', by, reason }, this.#command(by, 'reduce', { reason }));
  }

  /** Stops new orders and cancels what rests, also when the engine's own actor is dead. */
  kill({ by, reason }: Asked): void {
    const cause = this.#command(by, 'kill', { reason });
    if (this.standing === 'dead') this.#parts.cancelAll(`${by}: ${reason}`);
    else this.#send({ type: 'kill.requested', by, reason }, cause);
  }

  drain({ by, reason }: Asked): void {
    this.#send({ type: 'drain.requested', by, reason }, this.#command(by, 'drain', { reason }));
  }

  #send(event: EngineEvent, cause?: number): void {
    this.#parts.runtime.send(this.#actor, event, cause);
  }

  #command(by: string, command: string, parameters: JsonObject): number {
    return this.#parts.journal.append({ kind: 'command', by, command, parameters });
  }
}
