/** What the models of a venue, of its connections and of its books have in common: one actor of a real desk there. */
import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { ModelPath } from './harness/paths.ts';
import type { LinkedVenue } from './linked-venue.ts';

/** Why the world cannot do it; `undefined` where it did. */
export type Problem = string | undefined;

export interface Begun {
  readonly world: LinkedVenue;
  /** It stays the same one after its end. */
  readonly ref: AnyActorRef | undefined;
}

export abstract class LinkedDriver<Machine extends AnyStateMachine, Event extends EventObject>
  implements Driver<Machine>
{
  #begun: Begun | undefined;

  /** Of the actor, in the journal. */
  protected abstract get path(): string;

  protected abstract begin(path: ModelPath): Promise<Begun>;

  protected abstract bring(event: Event): Promise<Problem> | Problem;

  abstract check(model: ModelState<Machine>): void;

  abstract checkEnd(model: ModelState<Machine>): Promise<void>;

  async start(path: ModelPath): Promise<void> {
    this.#begun = await this.begin(path);
    this.world.heard(this.path);
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    const problem = await this.bring(event as unknown as Event);
    this.world.heal();
    const took = this.world.heard(this.path);
    if (took.length === 0 && problem !== undefined) return unrealisable(problem);
    return { took: took as unknown as readonly ModelEvent<Machine>[] };
  }

  state(): string {
    const ref = this.#begun?.ref;
    return ref === undefined ? '' : this.world.text(ref);
  }

  async stop(): Promise<void> {
    await this.#begun?.world.close();
  }

  protected get world(): LinkedVenue {
    if (this.#begun === undefined) throw new Error('expected a started desk, found none');
    return this.#begun.world;
  }

  /** What it asks for breaks, the next time that it does. */
  protected async breaks({ effect }: { readonly effect: string }, forMs: number): Promise<Problem> {
    this.world.breaking = { path: this.path, effect };
    const problem = await this.hears('effect.failed', forMs);
    this.world.breaking = undefined;
    return problem;
  }

  /** Time passes until the actor has heard it. */
  protected async hears(type: string, forMs: number): Promise<Problem> {
    const isHeard = (): boolean => this.world.hasHeard(this.path, type);
    return (await this.world.until(isHeard, forMs)) ? undefined : `no ${type} comes`;
  }
}
