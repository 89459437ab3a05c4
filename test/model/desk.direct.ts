/** One actor of a real desk over a scripted venue: what the models of its charts have in common where no venue is simulated. */
import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import { type Applied, type Driver, unrealisable } from './harness/driver.ts';
import type { ModelEvent, ModelState } from './harness/model.ts';
import type { VenueWorld } from './venue-world.ts';

export abstract class DirectDesk<Machine extends AnyStateMachine, Event extends EventObject>
  implements Driver<Machine>
{
  protected readonly world: VenueWorld;
  /** Of the actor, in the journal. */
  readonly #path: string;
  /** It stays the same one after its end. */
  #ref: AnyActorRef | undefined;

  constructor(world: VenueWorld, path: string) {
    this.world = world;
    this.#path = path;
  }

  protected abstract begin(): AnyActorRef;

  /** Why the world cannot do it; `undefined` where it did. */
  protected abstract bring(event: Event): Promise<string | undefined> | string | undefined;

  abstract check(model: ModelState<Machine>): void;

  start(): void {
    this.#ref = this.begin();
    this.world.heard(this.#path);
  }

  async apply(event: ModelEvent<Machine>): Promise<Applied<Machine>> {
    const problem = await this.bring(event as unknown as Event);
    await this.world.settle();
    const took = this.world.heard(this.#path);
    if (problem !== undefined && took.length === 0) return unrealisable(problem);
    return { took: took as unknown as readonly ModelEvent<Machine>[] };
  }

  state(): string {
    return this.#ref === undefined ? '' : this.world.text(this.#ref);
  }

  stop(): void {
    this.world.stop();
  }

  protected get ref(): AnyActorRef {
    if (this.#ref === undefined) throw new Error('expected a started actor, found none');
    return this.#ref;
  }
}
