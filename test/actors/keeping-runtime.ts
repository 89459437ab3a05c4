/** A runtime that keeps the root actors it started, for tests that send what no caller can. */
import type { Actor, AnyActorRef, AnyStateMachine } from 'xstate';
import { ActorRuntime } from '../../src/actors/actor-runtime.ts';

export class KeepingRuntime extends ActorRuntime {
  readonly started = new Map<string, AnyActorRef>();

  override start<Machine extends AnyStateMachine>(
    machine: Machine,
    given: { id: string; input: unknown },
  ): Actor<Machine> {
    const actor = super.start(machine, given);
    this.started.set(given.id, actor);
    return actor;
  }

  /** An event that no chart declares. */
  sendUnknown(id: string): void {
    const actor = this.started.get(id);
    if (actor === undefined) throw new Error(`expected an actor named ${id}, found none`);
    this.send(actor, { type: 'nobody.declared' });
  }
}
