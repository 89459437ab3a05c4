/** Gives the pair chart its effects, and reads its state for whoever asks whether it may be traded. */
import type { Actor } from 'xstate';
import { type PairEvent, type PairInput, pairEffects, pairMachine } from '../machines/pair.machine.ts';
import type { ActorRuntime } from './actor-runtime.ts';

export interface PairListeners {
  /** Fresh readings of both listings are wanted. */
  readonly onListingsWanted: (pairId: string) => void;
  readonly onTradable: (pairId: string, isBelowQuiet: boolean) => void;
  readonly onUntradable: (pairId: string, reason: string) => void;
  readonly onApprovalRefused: (pairId: string, by: string, because: string) => void;
  /** The venues decided one event differently. */
  readonly onDifference: (pairId: string, detail: string) => void;
}

export type PairStanding = 'proposed' | 'approved' | 'tradable' | 'suspended' | 'quarantined' | 'expired' | 'dead';

export class Pair {
  readonly #runtime: ActorRuntime;
  readonly #actor: Actor<typeof pairMachine>;

  constructor(runtime: ActorRuntime, machine: typeof pairMachine, input: PairInput) {
    this.#runtime = runtime;
    this.#actor = runtime.start(machine, { id: `pair/${input.pairId}`, input });
  }

  get standing(): PairStanding {
    const snapshot = this.#actor.getSnapshot();
    if (snapshot.status !== 'active') return 'dead';
    if (snapshot.matches({ vouched: 'tradable' })) return 'tradable';
    return snapshot.matches('vouched') ? 'approved' : (snapshot.value as PairStanding);
  }

  get reason(): string {
    return this.#actor.getSnapshot().context.reason;
  }

  send(event: PairEvent, cause?: number): void {
    this.#runtime.send(this.#actor, event, cause);
  }

  stop(): void {
    this.#runtime.stop(this.#actor);
  }
}

/** Bound once for all pairs. */
export function bindPair(runtime: ActorRuntime, listeners: PairListeners): typeof pairMachine {
  return runtime.bind(pairMachine, pairEffects, {
    announceTradable: (_, { pairId, isBelowQuiet }) => listeners.onTradable(pairId, isBelowQuiet),
    announceUntradable: (_, { pairId, reason }) => listeners.onUntradable(pairId, reason),
    refuseApproval: (_, { pairId, by, because }) => listeners.onApprovalRefused(pairId, by, because),
    requestListings: (_, { pairId }) => listeners.onListingsWanted(pairId),
    reportDifference: (_, { pairId, detail }) => listeners.onDifference(pairId, detail),
  });
}
