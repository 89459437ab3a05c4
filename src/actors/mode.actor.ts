/** Gives the mode chart its challenges. A challenge is made here, shown once, and spent by any answer. */
import type { Actor } from 'xstate';
import type { Journal, JsonObject } from '../domain/ports/journal.ts';
import type { Ids } from '../domain/ports/random.ts';
import {
  armingRefusals,
  type Challenge,
  confirmationRefusals,
  type LiveRequested,
  type ModeEvent,
  type ModeInput,
  type ModeName,
  modeEffects,
  modeMachine,
} from '../machines/mode.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';
import type { EntryCondition } from './breaker-gate.ts';

export interface ModeParts {
  readonly runtime: ActorRuntime;
  readonly journal: Pick<Journal, 'append'>;
  readonly ids: Ids;
  readonly settings: ModeInput;
  /** The gates that nobody can bypass, as they stand now: which do not hold, in words. */
  readonly blockers: () => readonly string[];
  readonly configHash: () => string;
  readonly onMode: (mode: ModeName, by: string) => void;
}

export type LiveAnswer =
  | { readonly kind: 'challenged'; readonly challenge: Challenge; readonly expiresInMs: number }
  | { readonly kind: 'refused'; readonly because: readonly string[] }
  | { readonly kind: 'live' };

interface Asked {
  readonly by: string;
  readonly from: LiveRequested['from'];
}

export class Mode implements EntryCondition {
  readonly reason = 'modeNotConfirmed';
  readonly #parts: ModeParts;
  readonly #actor: Actor<typeof modeMachine>;

  constructor(parts: ModeParts) {
    this.#parts = parts;
    const machine = parts.runtime.bind(modeMachine, modeEffects, {
      // The answer to whoever asked carries the challenge; the journal has it from the transition.
      presentChallenge: () => undefined,
      refuseLive: () => undefined,
      announceMode: (_, { mode, by }) => parts.onMode(mode, by),
    });
    this.#actor = parts.runtime.start(machine, { id: 'mode', input: parts.settings });
  }

  /** Whether entries may go where this mode sends them. A dry run sends nothing, and nobody enters half armed. */
  holds(): boolean {
    const { status, value } = this.#actor.getSnapshot();
    return status === 'active' && (value === 'live' || value === 'paper' || value === 'fixed');
  }

  /** The mode that is shown wherever a person looks; while arming, the one that it comes from. */
  get name(): ModeName {
    const { value, context } = this.#actor.getSnapshot();
    if (value === 'fixed') return context.mode;
    return value === 'live' ? 'live' : context.origin;
  }

  /** In the words of its chart. */
  get standing(): string {
    const { status, value } = this.#actor.getSnapshot();
    return status === 'active' ? String(value) : 'dead';
  }

  get isLive(): boolean {
    const { status, value } = this.#actor.getSnapshot();
    return status === 'active' && value === 'live';
  }

  /** The first step: everything that stands in the way, or a challenge. */
  requestLive({ by, from, phrase }: Asked & { readonly phrase: string }): LiveAnswer {
    const challenge = { id: this.#parts.ids.uuid(), phrase, configHash: this.#parts.configHash() };
    const event = { type: 'live.requested', by, from, challenge, blockers: this.#parts.blockers() } as const;
    this.#send(event, this.#command(by, 'requestLive', { from, blockers: event.blockers }));
    const { value, context } = this.#actor.getSnapshot();
    if (value === 'arming' && context.challenge?.id === challenge.id) {
      return { kind: 'challenged', challenge, expiresInMs: context.challengeMs };
    }
    const because = armingRefusals(event);
    return { kind: 'refused', because: because.length > 0 ? because : [`not possible while ${String(value)}`] };
  }

  /** The second step. Any answer, right or wrong, spends the challenge. */
  confirmLive({ by, from, id, phrase }: Asked & { readonly id: string; readonly phrase: string }): LiveAnswer {
    const challenge = { id, phrase, configHash: this.#parts.configHash() };
    const event = { type: 'confirmation.received', by, from, challenge, blockers: this.#parts.blockers() } as const;
    const because = confirmationRefusals(this.#actor.getSnapshot().context, event);
    const wasLive = this.isLive;
    this.#send(event, this.#command(by, 'confirmLive', { from, blockers: event.blockers }));
    return this.isLive && !wasLive ? { kind: 'live' } : { kind: 'refused', because };
  }

  /** Always allowed: it makes nothing riskier. */
  set(mode: 'paper' | 'dryRun', by: string): void {
    this.#send({ type: 'mode.requested', by, mode }, this.#command(by, 'setMode', { mode }));
  }

  #send(event: ModeEvent, cause?: number): void {
    this.#parts.runtime.send(this.#actor, event, cause);
  }

  #command(by: string, command: string, parameters: JsonObject): number {
    return this.#parts.journal.append({ kind: 'command', by, command, parameters });
  }
}
